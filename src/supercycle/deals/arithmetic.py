"""The handful of operations the waterfall is written in, for many paths (arrays) and for one (plain floats).

One path in plain floats is an order of magnitude quicker than arrays of length one, and is the same text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["ARRAYS", "SCALARS", "Arithmetic"]


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """Smaller, larger and either-or, by path."""

    low: Any
    high: Any
    pick: Any

    def rows(self, values: NDArray[np.float64]) -> Any:
        """[period] or [period, path] as something indexed by period; floats when there is one path."""
        if self is SCALARS:
            return (values[:, 0] if values.ndim == 2 else values).tolist()
        return values


def _low(a: float, b: float) -> float:
    return min(b, a)


def _high(a: float, b: float) -> float:
    return max(b, a)


def _pick(condition: bool, a: float, b: float) -> float:
    return a if condition else b


ARRAYS = Arithmetic(np.minimum, np.maximum, np.where)
SCALARS = Arithmetic(_low, _high, _pick)
