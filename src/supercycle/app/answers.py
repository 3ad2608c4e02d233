"""A run in the shape a page draws: quantiles by output, some single paths, the sentence, the lights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from supercycle.app.gauges import GAUGES, NOTED
from supercycle.service.result import Result
from supercycle.service.scenarios import Run
from supercycle.service.summary import change

__all__ = ["LIGHTS", "SENTENCE", "headline", "lights", "parts", "plain"]

LIGHTS = tuple(gauge.key for gauge in GAUGES)
SENTENCE = ("fleet_it_gw", "ai_revenue_run_rate", "required_user_cost", "busted")
NUMBERS = {
    "fleet_it_gw": "AI power energised",
    "ai_revenue_run_rate": "AI revenue",
    "required_user_cost": "Revenue that would carry the fleet",
    "busted": "Paths with a bust by",
}
READ_AT = "2030Q4"
TOLERANCE = 1e-9  # of the quarter's gross flows: above it a run raises


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
            made[-1]["change"] = change(run, base, key, len(quarters) - 1, share=True)
        else:
            ends = (float(one["q05"][at]), float(one["q95"][at]))
            made.append(_part(key, f"{label}, {quarters[at]}", one["q50"][at], unit, ends))
            made[-1]["change"] = change(run, base, key, at, share=False)
    return made


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
