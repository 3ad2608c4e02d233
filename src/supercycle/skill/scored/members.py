"""What competes at one start: the model, the rules, their equal pool, and what is published.

Fixed before any score was seen, for every series, start and horizon alike:

    rules' pool = equal mixture of the rules that exist (last value, drift, exponential trend, last six months, and for
                  capex of a firm that guides, guidance x drift)
    published   = half model, half rules' pool

Cash flow has seasons (taxes, bonuses, customers' years): its rules work on the history without them and put them back.
A series without a known history has no rules and is published as the model alone; nothing is learnt from scores. The
model's sample is the world's paths, whose noise is inside them: nothing is added.

Scores are on logs. A quarter in which a firm's cash flow was not positive is no point and leaves the history of the
rules; a path whose value is below a hundredth of the median path's counts as that hundredth, below any outcome on file.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from supercycle.core.quarters import Quarter
from supercycle.engine.prior import Prior
from supercycle.engine.run import Progress, simulate
from supercycle.skill.chips import nvidia_now
from supercycle.skill.known import FIVE, LAST, Known, day_of, log_growth
from supercycle.skill.past import scenario_at, world_at, world_with
from supercycle.skill.predict import OUTPUTS, Prediction, mapped
from supercycle.skill.rivals import RIVALS, Rival, forecast, with_seasons
from supercycle.skill.scored.guided import guided_capex
from supercycle.skill.scored.mixture import Mixture, mix, of_sample
from supercycle.skill.series import history

__all__ = [
    "EVENT_OUTPUTS", "FIRM_OUTPUTS", "HALF", "MODEL", "PUBLISHED", "RULES", "Paths", "Told", "known_positive",
    "levels_at", "paths_at", "pool", "rules", "rules_after", "told",
]  # fmt: skip

Floats = NDArray[np.float64]
MODEL, RULES, PUBLISHED = "model", "pool of rules", "published"
HALF = (0.5, 0.5)  # model, rules' pool
FIRM_OUTPUTS = {
    "capex": "firm_capex_usd_bn",
    "cash flow": "firm_ocf_usd_bn",
    "debt": "firm_bonds_usd_bn",
}
EVENT_OUTPUTS = (
    "busted", "lab_failed:OpenAI", "lab_failed:Anthropic", "lab_failed:xAI", "neocloud_cash_cover", "crash_hazard",
)  # fmt: skip
_LEAST = 0.01  # of the median path
_QUANTILES = 199  # of a rule's distribution that stand for it


@dataclass(frozen=True, slots=True)
class Told:
    """One series from one start: mixtures of the log of the figure by forecaster, quarter by quarter."""

    name: str
    start: str
    quarters: tuple[str, ...]
    by: Mapping[str, tuple[Mixture, ...]]


def levels_at(start: str, known: Known) -> tuple[float, float | None]:
    """NVIDIA's quarter and the labs' run rate at the opening: known, or the last known grown at half its recent rate.

    The second is None where no run rate was known.
    """
    labs = history("labs", known)
    if not labs:
        return nvidia_now(start, known), None
    last = max(labs)
    behind = _quarters_between(last, start)
    growth = log_growth(labs, min(2, len(labs) - 1)) if behind > 0 and len(labs) > 1 else 0.0
    return nvidia_now(start, known), labs[last] * math.exp(max(behind, 0) * 0.5 * growth)


def _quarters_between(first: str, last: str) -> int:
    return Quarter.parse(last) - Quarter.parse(first)


@dataclass(frozen=True, eq=False)
class Paths:
    """The world's paths from one start: outputs [quarter, path], parameters [path]; one run for all that is scored."""

    start: str
    variant: str
    quarters: tuple[str, ...]
    values: Mapping[str, Floats]
    params: Mapping[str, Floats]

    def predictions(self, names: Sequence[str]) -> dict[str, Prediction]:
        """The paths as each series reads them."""
        known = Known(day_of(self.start), reconstructed=self.variant == "reconstructed")
        shared = mapped(self.values, self.params, *levels_at(self.start, known))
        found: dict[str, Prediction] = {}
        for name in names:
            smooth = self.values[_FIRMS[name]] if name in _FIRMS else shared[name]
            least = _LEAST * np.median(smooth, axis=1, keepdims=True)
            found[name] = Prediction(name, self.start, self.quarters, np.maximum(smooth, least))
        return found


_FIRMS = {f"{kind}:{firm}": f"{key}:{firm}" for kind, key in FIRM_OUTPUTS.items() for firm in FIVE}


def paths_at(
    start: str, variant: str, *, paths: int, seed: int, structural: Prior | None = None,
    progress: Progress | None = None,
) -> Paths:  # fmt: skip
    """The world run from a start to 2026Q2. Errors: those of the opening (nothing later is used) and of the engine."""
    world = world_at(start, variant)[0] if structural is None else world_with(start, variant, structural)
    outputs = tuple(dict.fromkeys((*OUTPUTS, *_FIRMS.values(), *EVENT_OUTPUTS)))
    run = simulate(
        world, scenario_at(start, variant), paths=paths, seed=seed, until=LAST, outputs=outputs, progress=progress
    )  # fmt: skip
    values = {key: run.value(key)[:, run.ok] for key in outputs}
    params = dict(zip(world.model.registry, run.params[:, run.ok], strict=True))
    return Paths(start, variant, run.quarters, values, params)


def known_positive(name: str, known: Known) -> dict[str, float]:
    """A series' known history where it is positive: what a log can be taken of."""
    return {quarter: value for quarter, value in history(name, known).items() if value > 0.0}


def rules(name: str, known: Known, start: str, ahead: int) -> list[Rival]:
    """The rules that exist for a series at a start; none without a known history."""
    return rules_after(name, known_positive(name, known), known, start, ahead)


def rules_after(name: str, past: Mapping[str, float], known: Known, start: str, ahead: int) -> list[Rival]:
    """The same from a given history: what it holds up to the start is carried on; ``known`` holds the guidance."""
    kept = {quarter: value for quarter, value in past.items() if quarter <= start and value > 0.0}
    one = with_seasons if name.startswith("cash flow") else forecast
    made = [one(rule, kept, start, ahead) for rule in RIVALS]
    found = [rule for rule in made if rule is not None]
    kind, _, firm = name.partition(":")
    if kind == "capex" and firm and found:
        guided = guided_capex(firm, known, start, ahead, found[0].spread)
        found += [guided] if guided is not None else []
    return found


def pool(
    model: Sequence[Mixture] | None, ruled: Sequence[Rival], ahead: int
) -> dict[str, tuple[Mixture, ...]]:
    """Every forecaster's mixtures by quarter ahead, the rules' pool and the published one among them."""
    levels = (np.arange(_QUANTILES) + 0.5) / _QUANTILES
    by: dict[str, tuple[Mixture, ...]] = {}
    for rule in ruled:
        by[rule.name] = tuple(of_sample(rule.at(levels, h)) for h in range(1, ahead + 1))
    if ruled:
        by[RULES] = tuple(mix([by[rule.name][h] for rule in ruled]) for h in range(ahead))
    if model is not None:
        by[MODEL] = tuple(model)
        by[PUBLISHED] = (
            tuple(mix([model[h], by[RULES][h]], HALF) for h in range(ahead)) if ruled else tuple(model)
        )
    return by


def told(made: Prediction, variant: str) -> Told:
    """All forecasts of one series from one start; the model's is the world's paths, as in any run."""
    known = Known(day_of(made.start), reconstructed=variant == "reconstructed")
    ahead = len(made.quarters)
    model = tuple(of_sample(np.log(made.paths[i])) for i in range(ahead))
    return Told(
        made.name,
        made.start,
        made.quarters,
        pool(model, rules(made.name, known, made.start, ahead), ahead),
    )
