"""Which assumptions move the odds of an event: its frequency where a parameter is low and where it is high.

For an output that is 0 or 1 on each path the variance of ranks says little. Each sampled parameter's draws are cut
into fifths; ``p_k`` is the event's frequency in fifth k, ``p`` over all paths:

    spread = p_5 - p_1
    share  = max(0, sum_k n_k (p_k - p)^2 / (n p (1 - p)) - 4 / (n - 1))       (4 of 5 means are free)
    z      = r sqrt(n - 1), r the correlation of the parameter's ranks with the event

A parameter is named only when |z| is beyond what the largest of all sampled parameters reaches by chance once in
twenty (Bonferroni); the others are counted and not ranked. Limits: fifths see a response that turns, the test does
not; correlated parameters share what they carry, so shares can overlap. What is left over is chance within the paths
and interactions.

Source: O. J. Dunn, "Multiple Comparisons among Means", Journal of the American Statistical Association 56, 1961
(Bonferroni's bound); K. Pearson's correlation ratio for the shares.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from supercycle.core.errors import InputError
from supercycle.core.normal import normal_quantile
from supercycle.engine.run import Run

__all__ = ["FEWEST_PATHS", "Odds", "OddsRow", "is_event", "odds"]

Floats = NDArray[np.float64]

FIFTHS = 5
FEWEST_PATHS = 200
CHANCE = 0.05  # of naming any parameter that does nothing


@dataclass(frozen=True, slots=True)
class OddsRow:
    """One parameter: the event's frequency in its lowest and highest fifth, the share of variance between fifths."""

    parameter: str
    low: float
    high: float
    share: float
    z: float


@dataclass(frozen=True, slots=True)
class Odds:
    """The event's frequency, the parameters that move it beyond chance, and how many were looked at."""

    frequency: float
    rows: tuple[OddsRow, ...]
    tested: int
    threshold: float
    paths: int

    @property
    def unexplained(self) -> float:
        """What chance within the paths and interactions carry."""
        return max(0.0, 1.0 - sum(row.share for row in self.rows))


def is_event(values: Floats) -> bool:
    """Whether every finite value is 0 or 1.

    >>> is_event(np.array([0.0, 1.0, np.nan])), is_event(np.array([0.0, 0.4]))
    (True, False)
    """
    finite = values[np.isfinite(values)]
    return bool(len(finite)) and bool(np.isin(finite, (0.0, 1.0)).all())


def odds(run: Run, event: Floats) -> Odds:
    """The parameters whose draws move the frequency of ``event`` [path], the widest spread first.

    Limit cases: an event on no path or on all of them has no odds to move, and no rows. Errors: InputError with fewer
    than 200 paths that have numbers.
    """
    known = run.ok & np.isfinite(event)
    happened = event[known]
    n = len(happened)
    if n < FEWEST_PATHS:
        raise InputError(
            "too few paths to say what moves the odds", expected=f"{FEWEST_PATHS} or more", got=n
        )
    ids = list(run.subject.model.registry)
    drawn = [(id, row[known]) for id, row in zip(ids, run.params, strict=True) if np.ptp(row[known]) > 0]
    frequency = float(happened.mean())
    threshold = float(normal_quantile(np.array([1 - CHANCE / 2 / max(len(drawn), 1)]))[0])
    rows: list[OddsRow] = []
    if 0 < frequency < 1:
        for id, values in drawn:
            row = _row(id, values, happened, frequency)
            if abs(row.z) > threshold:
                rows.append(row)
    rows.sort(key=lambda row: -abs(row.high - row.low))
    return Odds(frequency, tuple(rows), len(drawn), threshold, n)


def _row(id: str, values: Floats, happened: Floats, frequency: float) -> OddsRow:
    n = len(values)
    ranks = np.empty(n)
    ranks[np.argsort(values, kind="stable")] = np.arange(n)
    fifth = (ranks * FIFTHS // n).astype(int)
    counts = np.bincount(fifth, minlength=FIFTHS)
    means = np.bincount(fifth, weights=happened, minlength=FIFTHS) / counts
    between = float((counts * (means - frequency) ** 2).sum() / (n * frequency * (1 - frequency)))
    z = float(np.corrcoef(ranks, happened)[0, 1] * np.sqrt(n - 1))
    return OddsRow(id, float(means[0]), float(means[-1]), max(0.0, between - (FIFTHS - 1) / (n - 1)), z)
