"""Numbers as they are typed on the command line: read exactly and within bounds, or refused as usage."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from typing import Any

__all__ = ["MOST_PATHS", "MOST_SEED", "real", "whole"]

# The engine's own limit, checked against it in the tests: importing the engine here would slow --help.
MOST_PATHS = 10_000_000
MOST_SEED = 2**63 - 1  # what the generator of random numbers takes
_REAL = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_WHOLE = re.compile(r"[+-]?[0-9]+(_[0-9]{3})*")


def real(type_: Any, tokens: Sequence[Any]) -> float:
    """A finite number with a decimal point, ``1200``, ``-0.5`` or ``1e3``; nan, infinity and commas are refused.

    >>> from types import SimpleNamespace
    >>> real(float, [SimpleNamespace(value="-0.5")])
    -0.5
    >>> real(float, [SimpleNamespace(value="nan")])
    Traceback (most recent call last):
    ...
    ValueError: expected a number such as 1200 or -0.5, got 'nan'
    """
    text = str(tokens[0].value).strip()
    if not _REAL.fullmatch(text) or not math.isfinite(float(text)):
        raise ValueError(f"expected a number such as 1200 or -0.5, got {text!r}")
    return float(text)


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
