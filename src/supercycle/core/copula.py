"""Correlated parameters: a Gaussian copula over the named pairs, which leaves every other draw alone.

Sizes are rank correlations (Spearman), because those survive the map from a normal draw to a parameter's own
distribution. A pair of normals with Pearson correlation r has rank correlation (6 / pi) asin(r / 2), hence

    r = 2 sin(pi / 6 * rank)

A pair that is not named follows from those that are, and from nothing else: given the rest, its two names
are independent (a tied to b by r and b to c by s ties a to c by r * s). Name a pair at 0 to keep it apart.
This is the completion of largest entropy; unlike zeros, it never contradicts the named pairs when these can
hold at all.

Names tied by pairs, directly or through others, form a group; within a group names stand in the order in
which the pairs first mention them, and the draws become ``L z`` with L the lower Cholesky factor. The first
name therefore keeps its draw, and a new name tied to one old name changes nothing but itself.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from supercycle.core.errors import InputError, UnknownNameError

__all__ = ["Pair", "correlate", "correlation_matrix", "loadings"]

Floats = NDArray[np.float64]
Pair = tuple[str, str, float]

_SMALLEST = 1e-10  # eigenvalues are raised to this: far below any tolerance, enough for Cholesky
_LARGEST = 1 - 1e-8  # a perfect correlation is held this far from singular
_SWEEPS = 200
_MET = 1e-10


def correlate(z_by_name: Mapping[str, Floats], pairs: Iterable[Pair]) -> dict[str, Floats]:
    """The same standard normal draws with the wanted rank correlations; draws in no pair stay untouched.

    ``z_by_name`` holds one array per name, all of one shape, independent of each other; ``pairs`` are
    (name, name, rank correlation).

    Limits: no pairs gives the input; a pair of size 1 or -1 makes the second draw the first, or its
    negative, to 2e-4.

    Errors: UnknownNameError for a name without a draw; InputError for a size outside [-1, 1], a name paired
    with itself or a pair given twice.

    Source: R. L. Iman and W. J. Conover, "A Distribution-Free Approach to Inducing Rank Correlation Among
    Input Variables", Communications in Statistics B 11(3), 1982; for the sine, K. Pearson, "On Further
    Methods of Determining Correlation", Drapers' Company Research Memoirs IV, 1907.

    >>> z = {"a": np.array([1.0, -1.0]), "b": np.array([0.5, 2.0]), "c": np.array([3.0, 4.0])}
    >>> both = correlate(z, [("a", "b", -1.0)])
    >>> [round(float(v), 2) for v in both["b"]], both["c"] is z["c"]
    ([-1.0, 1.0], True)
    """
    wanted = list(pairs)
    drawn = dict(z_by_name)
    for a, b, _ in wanted:
        for name in (a, b):
            if name not in drawn:
                raise UnknownNameError("parameter in a correlation", name, drawn)
    for name, terms in loadings(tuple(wanted)).items():
        if len(terms) > 1:  # a group's first name keeps its own draw
            drawn[name] = np.sum([factor * z_by_name[other] for other, factor in terms], axis=0)
    return drawn


@lru_cache(maxsize=64)
def loadings(pairs: tuple[Pair, ...]) -> dict[str, tuple[tuple[str, float], ...]]:
    """For every name in a pair, the independent normal draws whose weighted sum is its correlated one.

    Errors: those of ``correlation_matrix``.

    >>> {name: [(n, round(w, 3)) for n, w in terms] for name, terms in loadings((("a", "b", 0.5),)).items()}
    {'a': [('a', 1.0)], 'b': [('a', 0.518), ('b', 0.856)]}
    """
    found: dict[str, tuple[tuple[str, float], ...]] = {}
    for names in _groups(list(pairs)):
        matrix, _ = correlation_matrix(names, [p for p in pairs if p[0] in names])
        lower = np.linalg.cholesky(matrix)
        for i, name in enumerate(names):
            row = [(names[j], float(lower[i, j])) for j in range(i + 1) if lower[i, j] != 0.0]
            found[name] = tuple(row) if i else ((name, 1.0),)
    return found


def correlation_matrix(names: Sequence[str], pairs: Iterable[Pair]) -> tuple[Floats, float]:
    """The normal correlations of ``names`` in order, and how far a named pair had to move to allow them.

    Pairs that are not named get the completion of largest entropy (A. P. Dempster, "Covariance Selection",
    Biometrics 28(1), 1972), found by fitting one pair after the other. Sizes chosen pair by pair need not
    fit together: three names cannot all be strongly opposed. Then eigenvalues are raised to a small positive
    number and the diagonal is brought back to 1 (R. Rebonato and P. Jackel, "The most general methodology to
    create a valid correlation matrix", Journal of Risk 2(2), 1999), and the second value is the largest move
    of a named pair; it is below 1e-7 when the sizes fit.

    >>> matrix, moved = correlation_matrix(["a", "b", "c"], [("a", "b", 0.5), ("b", "c", 0.5)])
    >>> [round(float(r), 4) for r in matrix[0]], moved < 1e-7  # 2 sin(pi / 12) and its square
    ([1.0, 0.5176, 0.2679], True)
    """
    place = {name: i for i, name in enumerate(names)}
    wish: dict[tuple[int, int], float] = {}
    for a, b, rank in pairs:
        pair = f"correlation of {a} and {b}"
        for name in (a, b):
            if name not in place:
                raise UnknownNameError("parameter in a correlation", name, place)
        if a == b:
            raise InputError(f"{a} is paired with itself", expected="two different names")
        if not -1.0 <= rank <= 1.0:
            raise InputError(f"the {pair} is out of range", expected="-1 to 1", got=f"{rank:g}")
        key = (min(place[a], place[b]), max(place[a], place[b]))
        if key in wish:
            raise InputError(f"the {pair} is given twice", hint="Keep one of them")
        wish[key] = _LARGEST * 2 * math.sin(math.pi / 6 * rank)
    matrix = _possible(_largest_entropy(len(place), wish), wish)
    return matrix, max((abs(float(matrix[key]) - size) for key, size in wish.items()), default=0.0)


def _largest_entropy(size: int, wish: Mapping[tuple[int, int], float]) -> Floats:
    """Give each pair in turn its correlation, leaving the rest as it is given that pair, until all fit."""
    matrix = np.eye(size)
    for _ in range(_SWEEPS):
        worst = 0.0
        for (i, j), r in wish.items():
            pair = np.array([i, j])
            now = matrix[np.ix_(pair, pair)]
            change = np.array([[1.0, r], [r, 1.0]]) - now
            worst = max(worst, float(np.abs(change).max()))
            on_rest = np.linalg.solve(now, matrix[pair])
            matrix = matrix + on_rest.T @ change @ on_rest
        if worst < _MET:
            break
    return matrix


def _possible(matrix: Floats, wish: Mapping[tuple[int, int], float]) -> Floats:
    """The wish written into the matrix; then a correlation matrix near it, when it is not one already."""
    matrix = (matrix + matrix.T) / 2
    for (i, j), r in wish.items():
        matrix[i, j] = matrix[j, i] = r
    np.fill_diagonal(matrix, 1.0)
    values, vectors = np.linalg.eigh(matrix)
    if matrix.size == 0 or values[0] >= _SMALLEST:
        return matrix
    repaired = (vectors * np.maximum(values, _SMALLEST)) @ vectors.T
    scale = 1 / np.sqrt(np.diag(repaired))
    repaired = repaired * scale[:, None] * scale
    np.fill_diagonal(repaired, 1.0)
    return repaired


def _groups(pairs: list[Pair]) -> list[list[str]]:
    """Names tied to each other by pairs, each group in order of first mention."""
    place = {name: i for i, name in enumerate(dict.fromkeys(n for a, b, _ in pairs for n in (a, b)))}
    groups: list[set[str]] = []
    for a, b, _ in pairs:
        tied = {a, b}.union(*(group for group in groups if group & {a, b}))
        groups = [*(group for group in groups if not group & tied), tied]
    return [sorted(group, key=place.__getitem__) for group in groups]
