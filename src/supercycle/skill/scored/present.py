"""The published forecast from the present opening: model, rules' pool and half of each, series by series.

The same rule as in the back-test (``scored/members.py``) as far as it was scored, eight quarters after a series' last
figure; beyond, no rule knows of power, money or customers and none was scored: there the model is published alone, and
said to be unscored. Rules start from the last figure known on the day, each series from its own.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from supercycle.core.quarters import Quarter
from supercycle.figures.known_from import CLOSED
from supercycle.skill.forecast_targets import TARGETS, Target
from supercycle.skill.known import Known, log_growth
from supercycle.skill.predict import chips_over_opening
from supercycle.skill.scored.members import HALF, MODEL, PUBLISHED, RULES, pool, rules_after
from supercycle.skill.scored.mixture import Mixture, mix, of_sample
from supercycle.skill.scored.points import HORIZONS

if TYPE_CHECKING:
    from supercycle.service import Result

__all__ = ["FURTHEST", "Forecast", "forecasts"]

Floats = NDArray[np.float64]
FURTHEST = max(HORIZONS)
_LEAST = 0.01  # of the median path, as in the back-test


@dataclass(frozen=True, slots=True)
class Forecast:
    """One quarter of one target: mixtures of the figure's log by forecaster; ``ahead`` of the last figure known."""

    target: Target
    quarter: str
    last: str
    ahead: int
    by: Mapping[str, Mixture]

    @property
    def scored(self) -> bool:
        """Whether the back-test scores forecasts this far ahead."""
        return 0 < self.ahead <= FURTHEST

    def to_dict(self) -> dict[str, Any]:
        """Median and 90 % band of what is published, the model and the pool of rules (None where there is none)."""
        told: dict[str, Any] = {
            "target": self.target.id, "quarter": self.quarter, "unit": self.target.unit, "last": self.last,
            "ahead": self.ahead, "scored": self.scored,
        }  # fmt: skip
        for who in (PUBLISHED, MODEL, RULES):
            found = self.by.get(who)
            low, middle, high = np.exp(found.quantiles([0.05, 0.5, 0.95])).tolist() if found else (None,) * 3
            told[who] = None if found is None else {"q05": low, "q50": middle, "q95": high}
        return told


def forecasts(result: Result, on: date) -> Iterator[Forecast]:
    """Every target and quarter of a run that has no figure yet on a day; the store's figures count as known.

    Errors: those of reading the run's outputs and the figures.
    """
    nvidia = TARGETS[-1].history(on)
    known = Known(min(on, CLOSED))
    for target in TARGETS:
        past = target.history(on)
        last = max(past)
        ahead = Quarter.parse(result.run.quarters[-1]) - Quarter.parse(last)
        ruled = rules_after(target.scored, past, known, last, max(ahead, 1))
        values = _paths(result, target, nvidia)
        first = (
            Quarter.parse(last) - Quarter.parse(result.run.quarters[0]) + 1
        )  # the place of the first quarter ahead
        models = [
            of_sample(np.log(np.maximum(row, _LEAST * float(np.median(row)))))
            for row in values[max(first, 0) :]
        ]
        skipped = max(-first, 0)  # quarters ahead of the last figure that lie before the run
        pooled = pool(None, ruled, min(FURTHEST, ahead)) if ruled else {}
        for place, model in enumerate(models):
            step = place + 1 + skipped
            by = {who: mixtures[step - 1] for who, mixtures in pooled.items()} if step <= FURTHEST else {}
            by |= {MODEL: model, PUBLISHED: mix([model, by[RULES]], HALF) if RULES in by else model}
            yield Forecast(target, result.run.quarters[max(first, 0) + place], last, step, by)


def _paths(result: Result, target: Target, nvidia: Mapping[str, float]) -> Floats:
    """The target's paths [quarter, path]: an output, or for NVIDIA its sales of the opening times chip spending."""
    ok = result.run.ok
    if target.scored != "nvidia":
        return result.value(target.output)[:, ok]
    params = dict(zip(result.run.subject.model.registry, result.run.params[:, ok], strict=True))
    opening = Quarter.parse(result.run.quarters[0]) - 1
    last = max(quarter for quarter in nvidia if quarter <= str(opening))
    behind = opening - Quarter.parse(
        last
    )  # not printed yet: grown at half its recent rate, as in the back-test
    level = nvidia[last] * math.exp(
        0.5 * behind * log_growth({q: v for q, v in nvidia.items() if q <= last}, 2)
    )
    return level * chips_over_opening(result.value(target.output)[:, ok], params)
