"""``supercycle update``: what a print changed, in surprises, in parameters, in news, and in the headline.

Surprise is the median error of the figure's log in standard deviations of what was expected before. A parameter counts
as moved when its probabilities leave the prior by more than sampling does (``MOVED`` nats). News are the draws of the
printed quarters: a mean of +1 says the quarter's news was one standard deviation up. The opening stays where the tables
have it; the state after the printed quarter moves with the particles, so every later quarter starts from the print.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from supercycle.core.quarters import Quarter
from supercycle.service.as_known import past_day
from supercycle.skill.calibrate import divergence
from supercycle.skill.nowcast.learn import TOLERANCE, Learnt, errors, learn, paths_of
from supercycle.skill.nowcast.news import News, Opened, news, opened_on
from supercycle.skill.nowcast.particles import Particles
from supercycle.skill.nowcast.words import not_in_a_run, sentences

__all__ = ["PARTICLES", "SEED", "update"]

Floats = NDArray[np.float64]
PARTICLES, SEED = 4096, 1
MOVED = 0.02  # nats, as in a fit; sampling alone gives (20 - 1) / (2 x particles)
FURTHEST = "2030Q4"
ASKED_OF, THRESHOLD = "2027", 900.0  # bn of capex of the five: the question on record
_SHOWN = 12
_OUTPUTS = ("five_firm_capex_usd_bn", "ai_revenue_run_rate", "fleet_it_gw", "ai_debt_usd_bn", "busted")


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the headline: an output, how a path's number is made of its quarters, and its unit."""

    id: str
    label: str
    unit: str
    of: Callable[[Mapping[str, Floats]], Floats]


def update(
    *,
    file: Path | None = None,
    as_of: str | None = None,
    particles: int = PARTICLES,
    seed: int = SEED,
    prior: str = "judged",
    told: Callable[[str, int, int], None] | None = None,
) -> dict[str, Any]:
    """Learn from every figure published since the opening by a day (today); a plain dictionary ready for JSON.

    ``file`` adds figures that are in no table or store yet; ``as_of`` replays a past day with what was known on it.
    Deterministic in its arguments and the figures. Errors: InputError for a day or file that cannot be, ModelError when
    the figures are too far from every path.
    """
    begun = time.process_time()
    day = datetime.now(UTC).date() if as_of is None else past_day(as_of)
    opened = opened_on(day, file, prior)
    found = news(opened)
    out: dict[str, Any] = {
        "schema": "supercycle.update/1",
        "as_of": day.isoformat(),
        "opening": opened.start,
        "prior": opened.prior,
        "model_hash": opened.world.bare_hash,
        "particles": particles,
        "seed": seed,
        "tolerance": TOLERANCE,
        "beside_run": not_in_a_run(opened.start),
        "readings": [],
    }
    if not found:
        return out | {
            "sentences": [f"No figure of a quarter after {opened.start} was published by {day.isoformat()}."],
            "moved": [], "news": [], "headline": [], "sampler": None, "cpu_seconds": time.process_time() - begun,
        }  # fmt: skip
    last = max(FURTHEST if opened.start == opened.world.start else "", _year(opened.start))
    quarters = Quarter.parse(last) - Quarter.parse(opened.start)
    learnt = learn(opened, found, Particles(opened.world, opened.prior, quarters), particles, seed, told)
    readings = _readings(opened, found, learnt)
    moved, quarter_news = _moved(learnt), _news(opened, found, learnt)
    headline = _headline(opened, found, learnt)
    return out | {
        "readings": readings,
        "sentences": sentences(opened.start, readings, moved, quarter_news, headline),
        "moved": moved,
        "news": quarter_news,
        "headline": headline,
        "sampler": {
            "powers": list(learnt.powers),
            "effective": [round(size, 1) for size in learnt.effective],
            "acceptance": round(learnt.acceptance, 3),
            "distinct": learnt.distinct,
        },
        "cpu_seconds": round(time.process_time() - begun, 1),
    }


def _year(start: str) -> str:
    """The last quarter of the year after the one under way at an opening."""
    return f"{(Quarter.parse(start) + 1).year + 1}Q4"


def _readings(opened: Opened, found: Sequence[News], learnt: Learnt) -> list[dict[str, Any]]:
    """Each figure against what was expected before and after it."""
    steps = max(Quarter.parse(one.quarter) - Quarter.parse(opened.start) for one in found)
    targets = [one.target for one in found]
    before, after = (
        paths_of(opened, learnt.particles, z, targets, steps)[0] for z in (learnt.before, learnt.after)
    )
    rows: list[dict[str, Any]] = []
    for one in found:
        place = Quarter.parse(one.quarter) - Quarter.parse(opened.start) - 1
        told = before[one.target.id][place]
        low, middle, high = (float(np.quantile(told, level)) for level in (0.05, 0.5, 0.95))
        error = errors(one.value, told)
        spread = math.sqrt(float(np.var(error)) + TOLERANCE**2)
        rows.append(
            {
                "id": one.id, "entity": one.target.entity, "series": one.target.series, "quarter": one.quarter,
                "known_from": one.known.isoformat(), "unit": one.target.unit, "value": one.value,
                "expected": middle, "q05": low, "q95": high, "inside_90": low <= one.value <= high,
                "below": np.count_nonzero(told < one.value) / len(told),
                "surprise_sd": float(np.median(error)) / spread,
                "after": float(np.median(after[one.target.id][place])),
            }
        )  # fmt: skip
    return rows


def _moved(learnt: Learnt) -> list[dict[str, Any]]:
    """Parameters whose probabilities left the prior's, by how far; shifts in standard deviations of the prior."""
    registry = learnt.particles.world.model.registry
    before, after = learnt.particles.values(learnt.before), learnt.particles.values(learnt.after)
    first, second = learnt.particles.levels(learnt.before), learnt.particles.levels(learnt.after)
    place = {id: row for row, id in enumerate(registry)}
    rows: list[dict[str, Any]] = []
    for id, levels in second.items():
        size = divergence(levels)
        noise = divergence(first[id])
        if size <= MOVED or size <= 3.0 * noise:
            continue
        was, now = before[place[id]], after[place[id]]
        spread = float(was.std())
        rows.append(
            {
                "id": id, "label": registry[id].label, "unit": registry[id].unit, "divergence": size,
                "before": _spread(was), "after": _spread(now),
                "shift_sd": float(now.mean() - was.mean()) / spread if spread > 0.0 else 0.0,
            }
        )  # fmt: skip
    return sorted(rows, key=lambda row: -row["divergence"])[:_SHOWN]


def _news(opened: Opened, found: Sequence[News], learnt: Learnt) -> list[dict[str, Any]]:
    """The draws of the printed quarters whose mean left nothing most."""
    plan, particles = opened.world.plan, learnt.particles
    steps = max(Quarter.parse(one.quarter) - Quarter.parse(opened.start) for one in found)
    whole = learnt.after[len(particles.sampled) :].reshape(particles.quarters, plan.draw_count, -1)[:steps]
    rows: list[dict[str, Any]] = []
    for draw in plan.model.draws.values():
        members: Sequence[str] = tuple(draw.axis.members) if draw.axis else ("",)
        for member, entity in enumerate(members):
            for step in range(steps):
                mean = float(whole[step, plan.draw_slots[draw.name] + member].mean())
                rows.append(
                    {
                        "draw": draw.name, "meaning": draw.meaning, "entity": entity,
                        "quarter": str(Quarter.parse(opened.start) + step + 1), "mean_sd": mean,
                    }
                )  # fmt: skip
    strong = [row for row in rows if abs(row["mean_sd"]) > 4.0 / math.sqrt(learnt.distinct)]
    return sorted(strong, key=lambda row: -abs(row["mean_sd"]))[:_SHOWN]


def _headline(opened: Opened, found: Sequence[News], learnt: Learnt) -> list[dict[str, Any]]:
    """The numbers people ask for, before and after, on the particles of each."""
    firms = list(dict.fromkeys(one.target for one in found if one.target.scored != "nvidia"))
    keys = tuple(dict.fromkeys((*_OUTPUTS, *(target.output for target in firms))))
    names = [str(Quarter.parse(opened.start) + i + 1) for i in range(learnt.particles.quarters)]
    sides: list[dict[str, Floats]] = []
    for z in (learnt.before, learnt.after):
        values, _, fine = learnt.particles.paths(z, keys)
        sides.append({key: paths[:, fine] for key, paths in values.items()})
    rows = _rows(names, [(target.output, f"{target.id}") for target in firms], _year(opened.start)[:4])
    out: list[dict[str, Any]] = []
    for row in rows:
        was, now = (row.of(side) for side in sides)
        share = row.unit == "share of paths"
        out.append(
            {
                "id": row.id, "label": row.label, "unit": row.unit,
                "before": float(was.mean()) if share else _spread(was),
                "after": float(now.mean()) if share else _spread(now),
            }
        )  # fmt: skip
    return out


def _rows(names: Sequence[str], firms: Sequence[tuple[str, str]], year: str) -> list[Row]:
    inside = [i for i, name in enumerate(names) if name.startswith(year)]

    def summed(key: str) -> Callable[[Mapping[str, Floats]], Floats]:
        return lambda values: values[key][inside].sum(axis=0)

    def at(key: str, place: int) -> Callable[[Mapping[str, Floats]], Floats]:
        return lambda values: values[key][place]

    end, last = inside[-1], len(names) - 1
    capex = "five_firm_capex_usd_bn"
    rows = [
        Row(f"capex-{year}", f"Cash capex of the five in {year}", "USD_bn", summed(capex)),
        Row(f"revenue-{names[end]}", f"AI revenue, end of {year}", "USD_bn/year", at("ai_revenue_run_rate", end)),
        Row(f"fleet-{names[last]}", f"AI power in use, {names[last]}", "GW_it", at("fleet_it_gw", last)),
        Row(f"debt-{names[last]}", f"AI debt, {names[last]}", "USD_bn", at("ai_debt_usd_bn", last)),
        Row(f"bust-{names[end]}", f"Chance of a bust by the end of {year}", "share of paths",
            lambda values: values["busted"][end] > 0.0),
    ]  # fmt: skip
    if year == ASKED_OF:
        above = Row(
            f"capex-{year}-above-{THRESHOLD:.0f}", f"Chance that it is above {THRESHOLD:.0f} bn", "share of paths",
            lambda values: values[capex][inside].sum(axis=0) > THRESHOLD,
        )  # fmt: skip
        rows.insert(1, above)
    return rows + [Row(f"{id}-{year}", f"{id}, {year}", "USD_bn", summed(key)) for key, id in firms]


def _spread(values: Floats) -> dict[str, float]:
    low, middle, high = (float(v) for v in np.quantile(values, [0.05, 0.5, 0.95]))
    return {"q05": low, "q50": middle, "q95": high}
