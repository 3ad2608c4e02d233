"""Sums and products of what is the same on every path, [period], with what is not, [period, path]."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["plus", "same", "times"]

Floats = NDArray[np.float64]


def same(a: Floats, b: Floats) -> tuple[Floats, Floats]:
    """Both with as many axes.

    >>> [x.shape for x in same(np.zeros(2), np.zeros((2, 5)))]
    [(2, 1), (2, 5)]
    """
    if a.ndim == b.ndim:
        return a, b
    return (a[:, None], b) if a.ndim == 1 else (a, b[:, None])


def plus(a: Floats, b: Floats) -> Floats:
    """a + b by period and path.

    >>> plus(np.array([1.0, 2.0]), np.array([[10.0], [20.0]])).tolist()
    [[11.0], [22.0]]
    """
    x, y = same(a, b)
    return x + y


def times(a: Floats, b: Floats) -> Floats:
    """a x b by period and path.

    >>> times(np.array([1.0, 2.0]), np.array([[10.0], [20.0]])).tolist()
    [[10.0], [40.0]]
    """
    x, y = same(a, b)
    return x * y
