"""Which assumptions carry an output's variance, and what kind of evidence stands behind them.

Method: ranks of the sampled parameters and of the output (so any monotone response counts, whatever its
curvature); parameters whose Spearman correlation with the output is within sampling noise, 3 / sqrt(paths),
are screened out; among the others, Johnson's relative weights share the explained variance R2 of the rank
regression, which add up to R2 exactly and stay positive when parameters are correlated.

    R = V diag(l) V',  L = V diag(sqrt l) V',  beta = L^-1 r,  share_i = sum_k L_ik^2 beta_k^2

Limits: main effects only. Interactions, responses that turn, and the quarter-by-quarter draws are in
``unexplained = 1 - R2``. With few paths small drivers are screened out; 1,000 paths
see shares from about 0.01.

Source: J. W. Johnson, "A Heuristic Method for Estimating the Relative Weight of Predictor Variables in
Multiple Regression", Multivariate Behavioral Research 35(1), 2000, pp. 1-19; ranks after R. L. Iman and W.
J. Conover, "The Use of the Rank Transform in Regression", Technometrics 21(4), 1979.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from supercycle.core.errors import InputError, UnknownNameError
from supercycle.core.params import EVIDENCE
from supercycle.engine.run import Run

__all__ = ["FEWEST_PATHS", "Attribution", "Drivers", "Share", "drivers"]

Floats = NDArray[np.float64]

FEWEST_PATHS = 100  # with fewer, noise of 3 / sqrt(paths) hides all but the largest drivers
MOST_PATHS = 20_000  # more change no share that is shown
NOISE = 3.0  # standard errors of a rank correlation


@dataclass(frozen=True, slots=True)
class Share:
    """One parameter's share of an output's variance (of ranks) and the sign of its effect."""

    parameter: str
    label: str
    evidence: str
    share: float
    correlation: float


@dataclass(frozen=True, slots=True)
class Drivers:
    """The parameters that carry an output, largest first; ``evidence`` adds their shares up by kind."""

    output: str
    quarter: str
    shares: tuple[Share, ...]
    evidence: dict[str, float]

    @property
    def explained(self) -> float:
        """R2 of the rank regression."""
        return sum(share.share for share in self.shares)

    @property
    def unexplained(self) -> float:
        """What shocks, interactions and turning responses carry."""
        return max(0.0, 1.0 - self.explained)


def drivers(run: Run, outputs: Sequence[str] | None = None, quarter: str | None = None) -> dict[str, Drivers]:
    """The drivers of each output at a quarter (the last one unless given); derived outputs are
    ``name:entity``.

    Limit cases: an output that is the same on every path has no drivers; of a run with more than 20,000 paths with
    numbers the first 20,000 are read, which leaves noise of 0.02 in a correlation.

    Errors: InputError with fewer than 100 paths that have numbers; UnknownNameError for an output or quarter.
    """
    return Attribution(run).drivers(outputs, quarter)


class Attribution:
    """The ranks of a run's parameters, made once for any number of outputs."""

    def __init__(self, run: Run) -> None:
        self.run = run
        known = np.flatnonzero(run.ok)[:MOST_PATHS]
        if len(known) < FEWEST_PATHS:
            raise InputError(
                "too few paths to say what drives an output",
                expected=f"{FEWEST_PATHS} or more",
                got=len(known),
            )
        self.paths = known
        ids = list(run.subject.model.registry)
        params = run.simulation.head(int(known[-1]) + 1).params(ids)
        ranked = np.array([_ranks(row[known]) for row in params])
        varied = np.flatnonzero(ranked.any(axis=1))
        self.ids, self.ranks = [ids[i] for i in varied], ranked[varied]
        self.among = self.ranks @ self.ranks.T

    def drivers(self, outputs: Sequence[str] | None = None, quarter: str | None = None) -> dict[str, Drivers]:
        """See ``drivers``."""
        run, paths = self.run, self.paths
        if quarter is not None and quarter not in run.quarters:
            raise UnknownNameError("quarter", quarter, run.quarters)
        place = len(run.quarters) - 1 if quarter is None else run.quarters.index(quarter)
        derived = {
            f"{d.name}:{e}": (d.name, i) for d in run.subject.derived for i, e in enumerate(d.entities)
        }
        found: dict[str, Drivers] = {}
        for key in run.outputs if outputs is None else outputs:
            if key in derived and derived[key][0] in run.derived:
                name, row = derived[key]
                y, when = run.derived[name][row][paths], key.partition(":")[2]
            else:
                y, when = run.head(key, int(paths[-1]) + 1)[place][paths], run.quarters[place]
            found[key] = _attribute(run, key, when, self.ids, self.ranks, self.among, y)
        return found


def _attribute(
    run: Run, key: str, quarter: str, ids: list[str], x: Floats, among: Floats, y: Floats
) -> Drivers:
    defined = np.isfinite(y)
    if not defined.all():  # a derived output that some paths do not have: only those that do
        if int(defined.sum()) < FEWEST_PATHS:
            return Drivers(key, quarter, (), dict.fromkeys(EVIDENCE, 0.0))
        y = y[defined]
        x = np.array([_ranks(row) for row in x[:, defined]])
        among = x @ x.T
    r = x @ _ranks(y)
    kept = np.flatnonzero(np.abs(r) > NOISE / np.sqrt(len(y)))
    registry, shares = run.subject.model.registry, list[Share]()
    for i, weight in zip(kept, _relative_weights(among[np.ix_(kept, kept)], r[kept]), strict=True):
        param = registry[ids[int(i)]]
        shares.append(Share(param.id, param.label, param.evidence, float(weight), float(r[i])))
    shares.sort(key=lambda share: -share.share)
    evidence = {kind: sum(s.share for s in shares if s.evidence == kind) for kind in EVIDENCE}
    return Drivers(key, quarter, tuple(shares), evidence)


def _ranks(values: Floats) -> Floats:
    """Ranks (ties share their mean), centred and scaled to unit length; zeros when all values are equal."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    mean_rank = ends - (counts - 1) / 2.0
    ranks = mean_rank[inverse.reshape(-1)]
    ranks -= ranks.mean()
    length = float(np.sqrt(ranks @ ranks))
    return ranks / length if len(counts) > 1 else np.zeros_like(ranks)


def _relative_weights(among: Floats, r: Floats) -> Floats:
    """Johnson's weights of correlated predictors; they add up to r' R^-1 r."""
    if len(r) == 0:
        return np.zeros(0)
    values, vectors = np.linalg.eigh(among)
    values = np.maximum(values, 1e-10)  # two names for one number share its weight
    root = (vectors * np.sqrt(values)) @ vectors.T
    beta = (vectors / np.sqrt(values)) @ vectors.T @ r
    return (root**2) @ (beta**2)
