"""The back-test: from three past starts, five series, against their rivals, scored on the log of the figure.

One *case* is a series from a start under a variant; its points are the quarters with an outcome. Scores are means over
points; tallies first mean over a series' points of all starts. The tally of the issue takes chips from the
reconstructed openings and the other four from openings as published.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from supercycle.engine.prior import Prior
from supercycle.engine.run import Progress
from supercycle.service.the_world import subject
from supercycle.skill.guidance import guidance_path
from supercycle.skill.known import LAST, VARIANTS, Known, day_of
from supercycle.skill.past import world_at
from supercycle.skill.predict import Prediction, dressed, missed, predict
from supercycle.skill.rivals import RIVALS, Rival, forecast, guided
from supercycle.skill.scores import crps, inside, quantiles
from supercycle.skill.series import NAMES, STARTS, TITLES, UNITS, VARIANT, history, outcome

__all__ = ["PATHS", "SEED", "backtest"]

Floats = NDArray[np.float64]
PATHS, SEED = 4000, 1
MODEL, FITTED = "supercycle", "supercycle, fitted before"
OURS = (MODEL, FITTED)
FIT_PARTICLES = 4096
TARGETS = {"coverage_90_low": 0.80, "coverage_90_high": 0.97, "series_won": 3}
NO_DATA = {
    "Microsoft": "no series on file",
    "Amazon": "two yearly balances on file (2023Q4, 2024Q4)",
    "Meta": "two yearly balances on file (2023Q4, 2024Q4)",
    "Oracle": "two press totals on file (2025Q3, 2025Q4)",
}


def backtest(
    *,
    paths: int = PATHS,
    seed: int = SEED,
    starts: Sequence[str] = STARTS,
    names: Sequence[str] = NAMES,
    fitted: bool = False,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Predict, score and compare; a plain dictionary ready for JSON.

    ``fitted`` adds the same model with its structural parameters fitted, at each start, to what had come by then from
    the starts before. Earlier starts are always run: their misses dress the later ones. Deterministic in its arguments.
    Errors: those of the openings and of the engine.
    """
    cases: list[dict[str, Any]] = []
    openings: list[dict[str, Any]] = []
    for variant in VARIANTS:
        wanted = tuple(name for name in names if variant == "reconstructed" or name != "chips")
        told: dict[str, list[Prediction]] = {}
        for start in [start for start in STARTS if start <= max(starts)] if wanted else []:
            made = {MODEL: predict(start, variant, wanted, paths=paths, seed=seed, progress=progress)}
            prior = _learned(start, variant, seed, progress) if fitted else None
            if fitted:
                made[FITTED] = predict(
                    start, variant, wanted, paths=paths, seed=seed, structural=prior, progress=progress
                )
            if start in starts:
                openings.append(world_at(start, variant)[1].to_dict())
                for i, name in enumerate(wanted):
                    forecasts = {
                        who: (found[i], told.get(f"{who} {name}", [])) for who, found in made.items()
                    }
                    cases.append(_case(forecasts, variant, seed))
            for who, found in made.items():
                for one in found:
                    told.setdefault(f"{who} {one.name}", []).append(one)
    tallies = {variant: _tally(cases, dict.fromkeys(names, variant)) for variant in VARIANTS}
    tally = _tally(cases, {name: VARIANT[name] for name in names})
    return {
        "schema": "supercycle.backtest/1",
        "paths": paths,
        "seed": seed,
        "model_hash": subject().bare_hash,
        "score": "CRPS of the natural log of the figure, mean over quarters with an outcome",
        "last_quarter": LAST,
        "targets": TARGETS,
        "result": _verdict(tally, whole=set(starts) == set(STARTS) and set(names) == set(NAMES)),
        "tally": tally,
        "by_variant": tallies,
        "cases": cases,
        "openings": openings,
        "no_data": {"debt": NO_DATA},
    }


def _learned(start: str, variant: str, seed: int, progress: Progress | None) -> Prior | None:
    """The structural prior fitted to what had come by a start from the starts before it; None at the first."""
    from supercycle.skill.calibrate import reduced
    from supercycle.skill.smc import temper
    from supercycle.skill.windows import past

    if start == STARTS[0]:
        return None
    data = past(variant, Known(day_of(start), reconstructed=variant == "reconstructed"))
    cloud = temper(data.loglik, data.unknowns, FIT_PARTICLES, seed, moves=6, last_moves=40, told=progress)
    return reduced(data, cloud)[1]


def _case(
    forecasts: Mapping[str, tuple[Prediction, Sequence[Prediction]]], variant: str, seed: int
) -> dict[str, Any]:
    """Score one series from one start: the model, the fitted model if there is one, the rivals."""
    made = forecasts[MODEL][0]
    name, start, ahead = made.name, made.start, len(made.quarters)
    known = history(name, Known(day_of(start), reconstructed=variant == "reconstructed"))
    truth = outcome(name, start)
    rows = [i for i, quarter in enumerate(made.quarters) if quarter in truth]
    actual = np.log([truth[made.quarters[i]] for i in rows])
    shortfalls = {who: missed(earlier, known) for who, (_, earlier) in forecasts.items()}
    values = {who: dressed(one, shortfalls[who], seed) for who, (one, _) in forecasts.items()}
    rivals = _rivals(name, known, start, ahead)
    scored = {who: _scored([np.log(drawn[i]) for i in rows], actual) for who, drawn in values.items()}
    scored |= {rival.name: _scored([rival.sample(i + 1) for i in rows], actual) for rival in rivals}
    return {
        "series": name,
        "title": TITLES[name],
        "unit": UNITS[name],
        "start": start,
        "variant": variant,
        "known_by": day_of(start).isoformat(),
        "scatter": made.scatter,
        "shortfall": shortfalls,
        "history": known,
        "quarters": list(made.quarters),
        "outcome": [truth.get(quarter) for quarter in made.quarters],
        "prediction": quantiles(values[MODEL]),
        "mechanism": quantiles(made.smooth),
        "rivals": {
            rival.name: {"point": np.exp(rival.point).tolist(), "log_spread": rival.spread.tolist()}
            for rival in rivals
        },
        "points": len(rows),
        "scores": scored,
        "scores_undressed": _scored([np.log(made.smooth[i]) for i in rows], actual),
    }


def _rivals(name: str, known: Mapping[str, float], start: str, ahead: int) -> list[Rival]:
    made = [forecast(rival, dict(known), start, ahead) for rival in RIVALS]
    rivals = [rival for rival in made if rival is not None]
    guidance = guidance_path(start) if name == "capex" else None
    if guidance is not None:
        last = next(rival for rival in rivals if rival.name == "last value")
        rivals.append(guided(guidance[0], start, ahead, last.spread))
    return rivals


def _scored(samples: Sequence[Floats], actual: Floats) -> dict[str, float | None]:
    if not len(actual):
        return {"crps": None, "coverage_50": None, "coverage_90": None, "bias": None, "point_error": None}
    pairs = list(zip(samples, actual.tolist(), strict=True))
    middle = np.array([float(np.median(sample)) for sample, _ in pairs]) - actual
    return {
        "crps": float(np.mean([crps(sample, value) for sample, value in pairs])),
        "coverage_50": float(np.mean([inside(sample, value, 0.5) for sample, value in pairs])),
        "coverage_90": float(np.mean([inside(sample, value, 0.9) for sample, value in pairs])),
        "bias": float(middle.mean()),
        "point_error": float(np.abs(middle).mean()),
    }


def _tally(cases: Sequence[Mapping[str, Any]], variant: Mapping[str, str]) -> dict[str, Any]:
    """Per series: mean scores over all points of all starts where every compared forecast exists; then overall."""
    rows: dict[str, Any] = {}
    covered: dict[str, list[tuple[float, int]]] = {"coverage_50": [], "coverage_90": []}
    for name, wanted in variant.items():
        mine = [c for c in cases if c["series"] == name and c["variant"] == wanted and c["points"]]
        for case in mine:
            for key, kept in covered.items():
                kept.append((case["scores"][MODEL][key], case["points"]))
        rivalled = [c for c in mine if set(c["scores"]) - set(OURS)]
        forecasters = [
            f for f in (MODEL, FITTED, *RIVALS) if rivalled and all(f in c["scores"] for c in rivalled)
        ]
        means = {
            f: {
                key: _mean([(c["scores"][f][key], c["points"]) for c in rivalled])
                for key in ("crps", "bias", "coverage_90", "point_error")
            }
            for f in forecasters
        }
        rivals = [f for f in forecasters if f not in OURS]
        best = {
            key: min(rivals, key=lambda f: means[f][key] or 0.0, default=None)
            for key in ("crps", "point_error")
        }
        rows[name] = {
            "variant": wanted,
            "starts": [c["start"] for c in rivalled],
            "points": sum(c["points"] for c in rivalled),
            "forecasters": means,
            "best_rival": best["crps"],
            "best_rival_by_point": best["point_error"],
            "won": _better(means, "crps", best["crps"]),
            "won_by_point": _better(means, "point_error", best["point_error"]),
        }
    return {"series": rows} | {key: _mean(kept) for key, kept in covered.items()}


def _better(means: Mapping[str, Mapping[str, float | None]], key: str, rival: str | None) -> bool:
    """Whether the model's mean is smaller than the rival's; not without a rival."""
    mine, theirs = means.get(MODEL, {}).get(key), means.get(rival or "", {}).get(key)
    return mine is not None and theirs is not None and mine < theirs


def _mean(weighted: Sequence[tuple[float, int]]) -> float | None:
    weight = sum(n for _, n in weighted)
    return sum(value * n for value, n in weighted) / weight if weight else None


def _verdict(tally: Mapping[str, Any], *, whole: bool) -> dict[str, Any]:
    """The targets against the tally, in one sentence; without the word target when only a part was run."""
    won = [name for name, row in tally["series"].items() if row["won"]]
    coverage = tally["coverage_90"]
    low, high = TARGETS["coverage_90_low"], TARGETS["coverage_90_high"]
    inside_band = coverage is not None and low <= coverage <= high
    enough = len(won) >= TARGETS["series_won"]
    told = {True: "reached", False: "not reached"}
    covered = f" (target 80 to 97 %: {told[inside_band]})" if whole else ""
    better = f" (target {TARGETS['series_won']}: {told[enough]})" if whole else ""
    named = f": {', '.join(won)}" if won else ""
    said = f"the 90 % band covers {100 * (coverage or math.nan):.0f} % of outcomes{covered}; "
    said += f"better than the best rival on {len(won)} of {len(tally['series'])} series{named}{better}"
    return {"coverage_reached": inside_band, "series_won": won, "series_reached": enough, "sentence": said}
