"""Predictions of the five series from a past start: the world's paths, dressed with what such paths have missed.

The world has no quarterly noise of its own, and no equation is the truth. A prediction is therefore

    path x exp(s z_q) x exp(k sqrt(h) z)

with s the *scatter* of reported quarters (independent by quarter: the series' log changes around their four-quarter
mean in the two years known at the start, at least 0.03) and k the *shortfall* of the mechanism (one z a path, growing
with the horizon h): the root mean square of what earlier starts had missed by the day of this one beyond their own
spread, per root of the horizon; before any miss is known, the rivals' own 0.15. So the model, like its rivals, carries
the errors it had made by then, and none that came later.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from supercycle.core.quarters import Quarter
from supercycle.core.random import normals
from supercycle.engine.prior import Prior
from supercycle.engine.run import Progress, simulate
from supercycle.skill.chips import nvidia_now
from supercycle.skill.known import LAST, Known, day_of
from supercycle.skill.past import scenario_at, world_at, world_with
from supercycle.skill.rivals import FIRST_SPREAD
from supercycle.skill.series import history

__all__ = ["OUTPUTS", "Prediction", "chips_over_opening", "dressed", "mapped", "missed", "predict", "scatter"]

Floats = NDArray[np.float64]
OUTPUTS = (
    "five_firm_capex_usd_bn", "chip_spend_usd_bn", "ai_revenue_run_rate", "lab_share",
    "firm_bonds_usd_bn:Alphabet", "fleet_mh100e", "dark_it_gw", "density",
)  # fmt: skip
A_YEAR = 4
_LEAST = 0.03  # a reported figure is rarely nearer to its own trend
_UNKNOWN = 0.10  # judged: scatter of a series with fewer than four known changes


@dataclass(frozen=True, slots=True)
class Prediction:
    """One series from one start: ``smooth`` [quarter, path] as the mechanisms have it, for ``quarters``."""

    name: str
    start: str
    quarters: tuple[str, ...]
    smooth: Floats
    scatter: float


def predict(
    start: str, variant: str, names: tuple[str, ...], *, paths: int, seed: int, structural: Prior | None = None,
    progress: Progress | None = None,
) -> list[Prediction]:  # fmt: skip
    """Sampled predictions from the quarter after ``start`` to 2026Q2, under a fitted structural prior if one is given.

    Errors: those of the opening (nothing known later is used) and of the engine.
    """
    world = world_at(start, variant)[0] if structural is None else world_with(start, variant, structural)
    run = simulate(
        world,
        scenario_at(start, variant),
        paths=paths,
        seed=seed,
        until=LAST,
        outputs=OUTPUTS,
        progress=progress,
    )
    values = {key: run.value(key)[:, run.ok] for key in OUTPUTS}
    known = Known(day_of(start), reconstructed=variant == "reconstructed")
    params = dict(zip(world.model.registry, run.params[:, run.ok], strict=True))
    labs = history("labs", known)
    made = mapped(values, params, nvidia_now(start, known), labs[max(labs)] if labs else None)
    return [
        Prediction(name, start, run.quarters, made[name], scatter(history(name, known))) for name in names
    ]


def dressed(made: Prediction, shortfall: float, seed: int) -> Floats:
    """The predictive sample [quarter, path]: scatter by quarter, shortfall growing with the root of the horizon."""
    paths: NDArray[np.int64] = np.arange(made.smooth.shape[1], dtype=np.int64)
    stream = f"{made.start}:{made.name}"
    values = np.empty_like(made.smooth)
    common = shortfall * normals(seed, f"shortfall:{stream}", paths)
    for i in range(len(values)):
        noise = made.scatter * normals(seed, f"scatter:{stream}", paths, i)
        values[i] = made.smooth[i] * np.exp(noise + math.sqrt(i + 1.0) * common)
    return values


def missed(earlier: Sequence[Prediction], known: Mapping[str, float]) -> float:
    """The shortfall k a quarter: what earlier predictions missed, of the outcomes known by now, beyond their spread.

    k^2 is the mean over earlier starts and horizons of (log error of the median)^2 less the spread's variance, not
    below nothing, over the horizon; the rivals' first spread squared counts in it as a year of quarters, and alone
    while nothing is known.
    """
    squares = [FIRST_SPREAD**2] * A_YEAR
    for made in earlier:
        for i, quarter in enumerate(made.quarters):
            if quarter in known:
                logs = np.log(made.smooth[i])
                error = math.log(known[quarter]) - float(np.median(logs))
                own = float(np.var(logs)) + made.scatter**2
                squares.append(max(error * error - own, 0.0) / (i + 1))
    return math.sqrt(sum(squares) / len(squares))


def mapped(
    values: Mapping[str, Floats], params: Mapping[str, Floats], nvidia: float, labs: float | None
) -> dict[str, Floats]:
    """The five series [quarter, path] from the world's outputs, parameters [path] and levels at the opening.

    NVIDIA's revenue is its revenue of the opening quarter times chip spending over the opening's (its share of all
    chip, server and network spending stays what it was); the labs' run rate likewise follows labs' share x AI
    revenue, or is that product itself when no run rate was known. Compute shipped is what is energised and what is
    dark at today's density; the counts do not subtract failures, at most two per cent a year.
    """
    sold = values["ai_revenue_run_rate"] * values["lab_share"]
    if labs is not None:
        sold = labs * sold / (params["opening_ai_revenue"] * params["lab_share_open"])
    return {
        "capex": values["five_firm_capex_usd_bn"],
        "nvidia": nvidia * chips_over_opening(values["chip_spend_usd_bn"], params),
        "labs": sold,
        "debt": values["firm_bonds_usd_bn:Alphabet"],
        "chips": values["fleet_mh100e"] + values["dark_it_gw"] * values["density"],
    }


def chips_over_opening(spent: Floats, params: Mapping[str, Floats]) -> Floats:
    """Chip spending [quarter, path] over that of the opening quarter."""
    flow = params["shipped_tdp_2025q4"] * np.exp(2.0 * params["shipment_growth_open"]) * params["it_per_tdp"]
    return spent / (flow * params["opening_it_cost"])


def scatter(known: dict[str, float]) -> float:
    """Standard deviation of a series around its own trend, in logs, from the last eight known log changes.

    Changes are taken from their mean over the four around them; a change carries the scatter of two quarters, hence
    the root of two.

    >>> round(scatter({f"{2020 + i // 4}Q{i % 4 + 1}": 1.1**i for i in range(12)}), 3)
    0.03
    """
    names = sorted(known)
    steps = [
        math.log(known[b] / known[a])
        for a, b in pairwise(names)
        if Quarter.parse(b) - Quarter.parse(a) == 1 and known[a] > 0
    ][-8:]
    if len(steps) < 4:
        return _UNKNOWN
    residual: list[float] = []
    for i in range(len(steps)):
        around = steps[max(0, min(i - 1, len(steps) - 4)) :][:4]
        residual.append(steps[i] - sum(around) / len(around))
    return max(_LEAST, math.sqrt(sum(r * r for r in residual) / len(residual) / 2.0))
