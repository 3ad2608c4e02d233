"""The handful of operations the waterfall is written in, for many paths (arrays) and for one (plain floats).

One path in plain floats is an order of magnitude quicker than arrays of length one, and is the same text.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["ARRAYS", "SCALARS", "Arithmetic", "is_nil"]


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """Smaller, larger, either-or, and whether any path meets a condition."""

    low: Callable[[Any, Any], Any]
    high: Callable[[Any, Any], Any]
    pick: Callable[[Any, Any, Any], Any]
    some: Callable[[Any], bool]
    scalar: bool

    def rows(self, values: NDArray[np.float64]) -> list[Any]:
        """[period] or [period, path] as a list by period; plain floats where paths do not differ."""
        if values.ndim == 1:
            return values.tolist()
        return values[:, 0].tolist() if self.scalar else list(values)


def is_nil(value: Any) -> bool:
    """Whether a value is a plain 0.0 on every path, so that nothing need be done with it.

    >>> is_nil(0.0), is_nil(np.zeros(2))  # an array is not looked into
    (True, False)
    """
    return type(value) is float and value == 0.0


def _low(a: float, b: float) -> float:
    return a if a < b else b


def _high(a: float, b: float) -> float:
    return a if a > b else b


def _pick(condition: bool, a: float, b: float) -> float:
    return a if condition else b


def _any(condition: Any) -> bool:
    return bool(condition.any()) if isinstance(condition, np.ndarray) else bool(condition)


ARRAYS = Arithmetic(np.minimum, np.maximum, np.where, _any, False)
SCALARS = Arithmetic(_low, _high, _pick, bool, True)
