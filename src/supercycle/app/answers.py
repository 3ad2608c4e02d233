"""A run in the shape a page draws: quantiles by output, some single paths, the sentence, the lights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from supercycle.app.gauges import GAUGES, NOTED
from supercycle.engine.drivers import FEWEST_PATHS, drivers
from supercycle.engine.quantiles import LEVELS, quantiles
from supercycle.engine.run import Run
from supercycle.service.result import Result

__all__ = [
    "LIGHTS",
    "SENTENCE",
    "answered",
    "described",
    "differences",
    "headline",
    "lights",
    "parts",
    "plain",
    "series",
    "spread_by_evidence",
]

Floats = NDArray[np.float64]

LIGHTS = tuple(gauge.key for gauge in GAUGES)
SENTENCE = ("fleet_it_gw", "ai_revenue_run_rate", "required_user_cost", "busted")
NAMES = tuple(f"q{round(100 * level):02d}" for level in LEVELS)
NUMBERS = {
    "fleet_it_gw": "AI power energised",
    "ai_revenue_run_rate": "AI revenue",
    "required_user_cost": "Revenue that would carry the fleet",
    "busted": "Paths with a bust by",
}
READ_AT = "2030Q4"
TOLERANCE = 1e-9  # of the quarter's gross flows: above it a run raises


def answered(run: Run, keys: Sequence[str], samples: int = 0) -> dict[str, Any]:
    """Quantiles of ``keys`` as 32-bit numbers (seven digits: what a screen can show), NaN for what is not known."""
    return {key: series(run.value(key), run.ok, samples) for key in keys}


def series(values: Floats, ok: NDArray[np.bool_], samples: int = 0) -> dict[str, Any]:
    """One output: quantiles by name, its mean, and the first single paths."""
    kept = values if bool(ok.all()) else values[:, ok]
    found: dict[str, Any] = {
        name: row.astype(np.float32) for name, row in zip(NAMES, quantiles(kept), strict=True)
    }
    found["mean"] = kept.mean(axis=1).astype(np.float32)
    if samples:
        found["samples"] = np.ascontiguousarray(kept[:, :samples].T).astype(np.float32)
    return found


def described(run: Run, key: str) -> dict[str, Any]:
    """What an output is, besides its numbers."""
    name, _, entity = key.partition(":")
    variable = run.subject.model.variables[name]
    return {
        "label": variable.label or variable.meaning or name,
        "unit": variable.unit,
        "block": variable.block,
        "meaning": variable.meaning,
        "entity": entity or None,
    }


def differences(a: Run, b: Run, keys: Sequence[str]) -> dict[str, Any]:
    """Quantiles of the paired difference b - a, path by path."""
    both = a.ok & b.ok
    return {
        key: series(b.value(key)[:, both] - a.value(key)[:, both], np.ones(int(both.sum()), dtype=bool))
        for key in keys
    }


def lights(run: Run, base: Run | None = None) -> list[dict[str, Any]]:
    """Whether the answer may be trusted and what presses: books, power, covenants, funding, busts.

    Beside the ``base`` case what presses there too is a note, not a warning; without one this is the base case.
    """
    quarters, ok = list(run.quarters), run.ok
    total = int(ok.sum())
    found: list[dict[str, Any]] = [
        _light("books", "Books close", "good" if run.residual_max <= TOLERANCE else "bad",
               f"residual {run.residual_max:.1e} of gross flows in {run.checked:,} checks"),
        _light("paths", "Every path has numbers", "good" if total == run.paths else "warn",
               f"{total:,} of {run.paths:,}"),
    ]  # fmt: skip
    for gauge in GAUGES:
        if gauge.key in run.outputs:
            share = gauge.share(run.value(gauge.key)[:, ok], quarters)
            has = base is not None and gauge.key in base.outputs
            usual = gauge.share(base.value(gauge.key)[:, base.ok], quarters) if base and has else share
            state = gauge.state(share, usual)
            detail = gauge.detail.format(share=f"{100 * share:.0f} %", until=quarters[-1])
            if state == "note":
                detail += f"; {NOTED if base else 'so by design'}"
            found.append(_light(gauge.id, gauge.title, state, detail, gauge.key))
    return found


def headline(run: Run, found: Mapping[str, Any]) -> str:
    """The sentence, from the quantiles already ``found``."""
    say = run.subject.headline
    if say is None:
        return ""
    outputs = {key: {**found[key], "quarters": list(run.quarters)} for key in SENTENCE if key in found}
    return say({"outputs": outputs, "derived": Result(run).derived if run.derived else {}})


def parts(run: Run, found: Mapping[str, Any], base: Run | None = None) -> list[dict[str, Any]]:
    """The numbers of the sentence one by one, each with the output it opens into.

    With the ``base`` case on the same paths each has its ``change``: the paired difference, median and 5 to 95 % band
    (of a share, the difference of the shares).
    """
    quarters = list(run.quarters)
    at = _until(quarters, READ_AT) - 1
    made: list[dict[str, Any]] = []
    for key, label in NUMBERS.items():
        if key not in found:
            continue
        one, unit = found[key], run.subject.model.variables[key].unit
        if key == "busted":
            made.append(_part(key, f"{label} {quarters[-1]}", one["mean"][-1], "share", None))
            made[-1]["change"] = _change(run, base, key, len(quarters) - 1, share=True)
        else:
            ends = (float(one["q05"][at]), float(one["q95"][at]))
            made.append(_part(key, f"{label}, {quarters[at]}", one["q50"][at], unit, ends))
            made[-1]["change"] = _change(run, base, key, at, share=False)
    return made


def _change(run: Run, base: Run | None, key: str, at: int, *, share: bool) -> dict[str, Any] | None:
    """The paired difference from the base case in one quarter; None where there is nothing beside it."""
    if base is None or key not in base.outputs or at >= len(base.quarters):
        return None
    both = run.ok & base.ok
    away = run.value(key)[at, both] - base.value(key)[at, both]
    if not len(away):
        return None
    if share:
        return {"value": float(away.mean()), "ends": None}
    low, middle, high = (float(v[0]) for v in quantiles(away[None, :], (0.05, 0.5, 0.95)))
    return {"value": middle, "ends": [low, high]}


def spread_by_evidence(run: Run, key: str, quarter: str) -> dict[str, float] | None:
    """Shares of an output's variance by kind of evidence of its inputs, the rest unexplained; None when it is fixed."""
    if int(run.ok.sum()) < FEWEST_PATHS:
        return None
    found = drivers(run, [key], quarter)[key]
    if not found.shares:
        return None
    return {**found.evidence, "unexplained": found.unexplained}


def _part(key: str, label: str, value: float, unit: str, ends: tuple[float, float] | None) -> dict[str, Any]:
    return {"key": key, "label": label, "value": float(value), "unit": unit, "ends": ends}


def _until(quarters: Sequence[str], last: str) -> int:
    return sum(quarter <= last for quarter in quarters)


def _light(id: str, title: str, state: str, detail: str, explain: str | None = None) -> dict[str, Any]:
    """``explain`` is the output the light reads; books and numeric failures are checks, not outputs."""
    return {"id": id, "title": title, "state": state, "detail": detail, "explain": explain}


def plain(answer: Mapping[str, Any]) -> bytes:
    """JSON; arrays are written as they are, NaN as null."""
    import orjson

    return orjson.dumps(answer, option=orjson.OPT_SERIALIZE_NUMPY)
