"""The back-test: from every quarter the world can be opened at, every series on file, at four fixed horizons.

At a start everyone sees what was known sixty days after it: the opening, the rules, guidance. Nothing is learnt from a
score: the pool's weights are one half for everything, and each start's forecast is made before its outcomes
(``scored/members.py``). The model's forecast is the world's own fan, as any run prints it. Points are scored one by one
(``points.py``) and summed with intervals that resample whole starts (``summary.py``); events stand beside them
(``events.py``).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from supercycle.engine.prior import Prior
from supercycle.engine.run import Progress
from supercycle.service.the_world import subject
from supercycle.skill.known import LAST, VARIANTS, Known, day_of
from supercycle.skill.opening import Opening
from supercycle.skill.origins import JUDGED, OPENED, ORIGINS
from supercycle.skill.past import world_at
from supercycle.skill.scored.events import Odds, after_a_doubling, bust_summary, manias, odds_of, scored
from supercycle.skill.scored.members import MODEL, PUBLISHED, RULES, Told, paths_at, told
from supercycle.skill.scored.points import HORIZONS, Point, points_of, points_of_rules, unscored
from supercycle.skill.scored.summary import by, row, summarised
from supercycle.skill.series import SCORED, VARIANT, history, kind_of, outcome, title, unit

__all__ = ["HORIZONS", "PATHS", "SEED", "SHOWN", "backtest"]

PATHS, SEED = 4000, 1
FIT_PARTICLES = 4096
DOUBLING_PATHS = 8000  # of the base: one path in thirty doubles, and the odds need hundreds
SHOWN = (
    "capex",
    "nvidia",
    "labs",
    "debt:Alphabet",
    "chips",
)  # drawn; the five's capex is a sum and no point of its own
LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)


def backtest(
    *,
    paths: int = PATHS,
    seed: int = SEED,
    starts: Sequence[str] = OPENED,
    names: Sequence[str] = SCORED,
    fitted: bool = False,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Predict, score and compare; a plain dictionary ready for JSON.

    ``fitted`` draws the structural parameters, at each start, from a fit to what had come by then. Deterministic in its
    arguments.
    Errors: those of the openings and of the engine.
    """
    points: list[Point] = []
    cases: list[dict[str, Any]] = []
    odds: list[Odds] = []
    openings: list[dict[str, Any]] = []
    fits: dict[tuple[str, str], Prior | None] = {}
    for variant in VARIANTS:
        wanted = [name for name in names if VARIANT.get(name, "published") == variant]
        shown = [name for name in SHOWN if VARIANT.get(name, "published") == variant and _asked(name, names)]
        for start in starts if wanted else ():
            structural = _learned(start, variant, seed, fits, progress) if fitted else None
            made = paths_at(start, variant, paths=paths, seed=seed, structural=structural, progress=progress)
            series = tuple(dict.fromkeys((*wanted, *shown)))
            found = made.predictions(series)
            all_told = {name: told(found[name], variant) for name in series}
            points += [point for name in wanted for point in points_of(all_told[name])]
            openings.append(_counted(world_at(start, variant)[1]))
            if start in JUDGED:
                cases += [_case(all_told[name], variant) for name in shown]
            if variant == "published":
                odds += odds_of(made)
    return {
        "schema": "supercycle.backtest/2",
        "paths": paths,
        "seed": seed,
        "prior": "fitted at each start to what had come by then" if fitted else "judged",
        "model_hash": subject().bare_hash,
        "score": "CRPS of the natural log of the figure, mean over points",
        "pool": "published = half model, half rules' pool; rules' pool = equal mixture of the rules there are",
        "horizons": list(HORIZONS),
        "last_quarter": LAST,
        **_scores(points, odds, names, starts, seed),
        "cases": cases,
        "openings": openings,
    }


def _counted(opening: Opening) -> dict[str, Any]:
    """How many parameters of an opening rest on what; ``--opening`` shows them one by one."""
    basis = [entry.basis for entry in opening.entries]
    return {
        "start": opening.start,
        "variant": opening.variant,
        "known_by": opening.day,
        **{name: basis.count(name) for name in ("figure", "rule", "scaled", "judgement")},
        "rows": len({row for entry in opening.entries for row in entry.rows}),
    }


def _asked(name: str, names: Sequence[str]) -> bool:
    return name in names or any(kind_of(one) == name for one in names)


def _scores(
    points: Sequence[Point], odds: Sequence[Odds], names: Sequence[str], starts: Sequence[str], seed: int
) -> dict[str, Any]:  # fmt: skip
    summary = summarised(points)
    events: dict[str, Any] = {}
    if odds:
        doubled, count = after_a_doubling(paths=DOUBLING_PATHS, seed=seed)
        events = {
            "by_event": scored(odds),
            "manias": {"odds_after_a_doubling": doubled, "paths_that_doubled": count, **manias(doubled)},
            "questions": [one.to_dict() for one in odds],
        }
        summary |= bust_summary(odds, doubled)
    whole = set(starts) == set(OPENED) and set(names) == set(SCORED)
    before = [
        point
        for name in names
        for start in ORIGINS
        if whole and start not in OPENED
        for point in points_of_rules(name, start, VARIANT.get(name, "published"))
    ]
    return {
        "summary": summary,
        "by_horizon": by(points, lambda p: str(p.horizon)),
        "by_series": by(points, lambda p: p.series),
        "by_kind": by(points, lambda p: kind_of(p.series)),
        "by_kind_and_horizon": by(points, lambda p: f"{kind_of(p.series)}, {p.horizon}"),
        "by_start": by(points, lambda p: p.start),
        "rules_before": row(before) if before else None,
        "events": events,
        "not_scored": unscored(names, points) if whole else [],
        "points": [point.to_dict() for point in points],
    }


def _learned(
    start: str, variant: str, seed: int, fits: dict[tuple[str, str], Prior | None], progress: Progress | None
) -> Prior | None:
    """The structural prior fitted to what had come by the last year's end at or before a start; None at the first."""
    from supercycle.skill.calibrate import reduced
    from supercycle.skill.smc import temper
    from supercycle.skill.windows import past

    end = max(day for day in JUDGED if day <= start)
    if end == JUDGED[0]:
        return None
    if (end, variant) not in fits:
        data = past(variant, Known(day_of(end), reconstructed=variant == "reconstructed"))
        cloud = temper(data.loglik, data.unknowns, FIT_PARTICLES, seed, moves=6, last_moves=40, told=progress)
        fits[end, variant] = reduced(data, cloud)[1]
    return fits[end, variant]


def _case(told: Told, variant: str) -> dict[str, Any]:
    """One picture: history, outcome, and bands of the published forecast, the model and the rules."""
    known = Known(day_of(told.start), reconstructed=variant == "reconstructed")
    truth = outcome(told.name, told.start)
    actual = [truth.get(quarter) for quarter in told.quarters]
    logs = [(i, math.log(value)) for i, value in enumerate(actual) if value is not None and value > 0.0]
    scores = [told.by[MODEL][i].crps(log) for i, log in logs]
    held = [told.by[MODEL][i].inside(log, 0.9) for i, log in logs]
    return {
        "series": told.name,
        "title": title(told.name),
        "unit": unit(told.name),
        "start": told.start,
        "variant": variant,
        "known_by": day_of(told.start).isoformat(),
        "history": history(told.name, known),
        "quarters": list(told.quarters),
        "outcome": actual,
        "prediction": _bands(told.by[PUBLISHED]),
        "model": _bands(told.by[MODEL]),
        "rules": _bands(told.by[RULES]) if RULES in told.by else None,
        "crps_model": float(np.mean(scores)) if scores else None,
        "coverage_90_model": float(np.mean(held)) if held else None,
    }


def _bands(mixtures: Sequence[Any]) -> dict[str, list[float]]:
    return {
        f"q{round(100 * level):02d}": [float(np.exp(mixture.quantile(level))) for mixture in mixtures]
        for level in LEVELS
    }
