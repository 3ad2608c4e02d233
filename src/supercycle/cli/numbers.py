"""Numbers as they are typed on the command line: read exactly and within bounds, or refused as usage."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

__all__ = ["MOST_PATHS", "MOST_SEED", "whole"]

# The engine's own limit, checked against it in the tests: importing the engine here would slow --help.
MOST_PATHS = 10_000_000
MOST_SEED = 2**63 - 1  # what the generator of random numbers takes
_WHOLE = re.compile(r"[+-]?[0-9]+(_[0-9]{3})*")


def whole(low: int, high: int) -> Callable[[Any, Sequence[Any]], int]:
    """A converter for a whole number in [low, high], ``10000`` or ``10_000``; 1.5 is refused and never rounded.

    >>> from types import SimpleNamespace
    >>> paths = whole(1, 1_000_000)
    >>> paths(int, [SimpleNamespace(value="10_000")])
    10000
    >>> paths(int, [SimpleNamespace(value="1.5")])
    Traceback (most recent call last):
    ...
    ValueError: expected a whole number from 1 to 1000000, got '1.5'
    """

    def read(type_: Any, tokens: Sequence[Any]) -> int:
        text = str(tokens[0].value).strip()
        number = int(text.replace("_", "")) if _WHOLE.fullmatch(text) and len(text) < 40 else None
        if number is None or not low <= number <= high:
            raise ValueError(f"expected a whole number from {low} to {high}, got {text!r}")
        return number

    return read
