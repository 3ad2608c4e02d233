"""What would change the answer: where the ranking flips, how far each input moves it, and a map over two inputs.

The ranking here is of the single ways; the mix is made of them and would hide which of them wins. All comparisons
are on the same draws. A threshold is put back into the whole computation, and what is left of the difference is
told; a ranking that jumps there (a whole server more) says so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from supercycle.core.errors import InputError
from supercycle.core.profile import DemandProfile
from supercycle.decisions.choice.evaluate import PURE, Evaluated, evaluate
from supercycle.decisions.choice.setting import Prepared, placed, prepare
from supercycle.decisions.inputs.assumptions import ITEMS
from supercycle.decisions.inputs.case import Case
from supercycle.decisions.money.prices import Background

__all__ = ["KNOBS", "Bar", "Flip", "Lever", "Map", "Trial", "flips", "levers_of", "tornado", "two_way"]

_SCAN = 7
_STEPS = 22
_CLOSE = 1e-4  # of the cost: how near a substituted threshold must bring the two options


@dataclass(frozen=True, slots=True)
class Lever:
    """Something that can be moved from ``low`` to ``high``; ``log`` ones in equal ratios."""

    name: str
    label: str
    unit: str
    now: float
    low: float
    high: float
    log: bool = False

    def grid(self, count: int) -> list[float]:
        """Equal steps from low to high."""
        if self.log:
            return np.geomspace(self.low, self.high, count).tolist()
        return np.linspace(self.low, self.high, count).tolist()

    def middle(self, a: float, b: float) -> float:
        """Halfway between two values."""
        return float((a * b) ** 0.5) if self.log else (a + b) / 2


@dataclass(frozen=True, slots=True)
class Flip:
    """The nearest value of a lever at which another option becomes best; None when none does in the range."""

    lever: Lever
    value: float | None
    best: str
    becomes: str | None
    residual: float | None
    status: str


@dataclass(frozen=True, slots=True)
class Bar:
    """Saving of the best option over a reference at a lever's ends, USD after tax."""

    lever: Lever
    at_low: float
    at_high: float
    best_at_low: str
    best_at_high: str


@dataclass(frozen=True, slots=True)
class Map:
    """The best option [row, column] over two levers."""

    across: Lever
    down: Lever
    columns: tuple[float, ...]
    rows: tuple[float, ...]
    best: tuple[tuple[str, ...], ...]


_SHAPING = (
    *(path for path in ITEMS if path.startswith(("sla.", "model.", "performance.", "api."))),
    "workload.movable_share",
    "workload.deferrable_share",
    "hardware.gpu",
)

# Levers that are no input: the whole load, and the price of the API in use.
KNOBS = ("load", "api price")


class Trial:
    """Evaluates a case with levers moved, on the same draws; what a lever does not touch is computed once."""

    def __init__(
        self, case: Case, profile: DemandProfile, background: Background, *, paths: int, seed: int
    ) -> None:
        self.case, self.profile, self.background = case, profile, background
        self.paths, self.seed = paths, seed
        self._ready: dict[tuple[object, ...], Prepared] = {}

    def __call__(self, **moved: float) -> Evaluated:
        """All options with levers set: an input's path with '.' as '__', ``load`` or ``api_price`` as factors."""
        case = self.case
        for name, value in moved.items():
            if name not in ("load", "api_price"):
                case = case.with_value(name.replace("__", "."), value)
        ready = self._prepared(case, moved.get("load", 1.0), moved.get("api_price", 1.0))
        return evaluate(placed(case, ready, self.background, paths=self.paths, seed=self.seed), PURE)

    def _prepared(self, case: Case, load: float, api_price: float) -> Prepared:
        # Prices, finance, sites and growth leave load, throughput and sizes alone.
        key = (*(case.ledger[path].value for path in _SHAPING), load)
        if key not in self._ready:
            self._ready[key] = prepare(case, self.profile, load_factor=load)
        ready = self._ready[key]
        if api_price == 1.0:
            return ready
        return replace(
            ready, load=replace(ready.load, api_usd=ready.load.api_usd * api_price), tables=ready.tables
        )


def _set(trial: Trial, lever: Lever, value: float) -> Evaluated:
    return trial(**{lever.name.replace(".", "__").replace(" ", "_"): value})


def flips(
    trial: Trial, levers: Sequence[Lever], told: Callable[[int, int], None] | None = None
) -> list[Flip]:
    """For each lever, the value nearest to today's at which the ranking's head changes, solved and put back.

    Scan the range, then bisect between the two neighbours with different winners. ``residual`` is the score
    difference of the two options at the value, over the best's score.
    """
    found: list[Flip] = []
    for done, lever in enumerate(levers):
        if told is not None:
            told(done, len(levers))
        found.append(_flip(trial, lever))
    return found


def _flip(trial: Trial, lever: Lever) -> Flip:
    best = _set(trial, lever, lever.now).best.name
    grid = sorted({*lever.grid(_SCAN), lever.now})
    winners = [_set(trial, lever, value).best.name for value in grid]
    here = grid.index(lever.now)
    pairs = [
        (abs(k - here + (0 if k >= here else 1)), k)
        for k in range(len(grid) - 1)
        if winners[k] != winners[k + 1]
    ]
    near = [k for _, k in sorted(pairs) if best in (winners[k], winners[k + 1])]
    if not near:
        return Flip(lever, None, best, None, None, "no flip in the range")
    k = near[0]
    inside, outside = (grid[k], grid[k + 1]) if winners[k] == best else (grid[k + 1], grid[k])
    for _ in range(_STEPS):
        middle = lever.middle(inside, outside)
        if _set(trial, lever, middle).best.name == best:
            inside = middle
        else:
            outside = middle
    after = _set(trial, lever, outside)
    rival = after.best.name
    gap = abs(after.of(best).score - after.of(rival).score) / abs(after.best.score)
    status = "solved" if gap <= _CLOSE else "jumps: a whole server or another tier more"
    return Flip(lever, outside, best, rival, gap, status)


def tornado(trial: Trial, levers: Sequence[Lever], best: str, reference: str) -> list[Bar]:
    """Saving of ``best`` over ``reference`` at both ends of each lever, the widest first.

    Errors: InputError when the two are the same option.
    """
    if best == reference:
        raise InputError("a tornado needs two options", expected="best and a rival", got=best)
    bars: list[Bar] = []
    for lever in levers:
        low, high = _set(trial, lever, lever.low), _set(trial, lever, lever.high)
        bars.append(
            Bar(
                lever,
                low.of(reference).mean - low.of(best).mean,
                high.of(reference).mean - high.of(best).mean,
                low.best.name,
                high.best.name,
            )
        )
    return sorted(bars, key=lambda bar: -abs(bar.at_high - bar.at_low))


def two_way(trial: Trial, across: Lever, down: Lever, count: int = 7) -> Map:
    """The best option over two levers."""
    columns, rows = across.grid(count), down.grid(count)
    names = (across.name.replace(".", "__").replace(" ", "_"), down.name.replace(".", "__").replace(" ", "_"))
    best = tuple(tuple(trial(**{names[0]: x, names[1]: y}).best.name for x in columns) for y in rows)
    return Map(across, down, tuple(columns), tuple(rows), best)


def levers_of(case: Case) -> list[Lever]:
    """The levers of a case: load and API price by factors of ten, then each numeric input with a range around it."""
    found = [
        Lever("load", "load", "x today", 1.0, 0.02, 20.0, log=True),
        Lever("api price", "price of the API in use", "x today", 1.0, 0.02, 5.0, log=True),
    ]
    for path in _INPUTS:
        line = case.ledger[path]
        if line.low is None or line.high is None or not isinstance(line.value, float):
            continue
        low, high = min(line.low, line.value), max(line.high, line.value)
        if high > low:
            found.append(Lever(path, line.meaning, line.unit, line.value, low, high))
    return found


_INPUTS = (
    "rental.on_demand_usd_per_gpu_hour",
    "hardware.capital_usd_per_gpu",
    "rental.start_stop_minutes",
    "workload.growth_per_year",
    "performance.achieved_share",
    "model.rework_share",
    "people.usd_per_engineer_year",
    "site.electricity_usd_per_kwh",
    "site.colocation_usd_per_kw_month",
    "finance.discount_rate_per_year",
    "finance.tax_rate",
)
