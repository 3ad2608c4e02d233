"""What the app can do besides running the world: tornado, stress, a deal, a decision."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from supercycle.app.asked import asked, named, scenario_of
from supercycle.app.session import Session
from supercycle.core.errors import InputError
from supercycle.service.strongest import read_as, strongest

if TYPE_CHECKING:
    from supercycle.core.profile import DemandHour, DemandProfile

__all__ = ["deal", "deal_form", "deals", "decide", "decide_template", "scaled", "stress", "tornado"]

STRESS_PATHS = 500
DECIDE_PATHS = 2000
LEAST_LOAD, MOST_LOAD = 0.01, 100.0

COUNTED = (
    "input_tokens",
    "cached_tokens",
    "cache_write_tokens",
    "output_tokens",
    "reasoning_tokens",
    "requests",
)


def tornado(session: Session, body: Mapping[str, Any]) -> dict[str, Any]:
    """The ten strongest levers of an output: the median paired change when each goes to its 5 and its 95 % point."""
    found = read_as(named(body, "output"))
    want = asked(
        {k: v for k, v in body.items() if k != "output"} | {"outputs": list(found.slots), "paths": 1000}
    )
    client, turn = str(body.get("client", "")), int(body.get("turn", 0))
    run = session.simulated(want, client, turn)
    return strongest(found, run, want.scenario, seed=want.seed, between=lambda: session.still(client, turn))


def stress(session: Session, body: Mapping[str, Any]) -> dict[str, Any]:
    """Named shocks, each alone and all together, on the scenario in view."""
    from supercycle.service import stress as service

    scenario = scenario_of(body)
    shocks = body.get("shocks", [])
    if not isinstance(shocks, list) or len(cast("list[object]", shocks)) > 12:
        raise InputError("shocks", expected="at most 12 shocks", got=type(cast("object", shocks)).__name__)
    kernel = "auto" if session.compiled else "numpy"
    return service.stress(
        [str(one) for one in cast("list[object]", shocks)],
        preset=scenario.name,
        set=dict(scenario.added),
        paths=STRESS_PATHS if session.compiled else 100,
        kernel=kernel,
    )


def deals() -> dict[str, Any]:
    """The deals that come with the package, with their text to edit."""
    from supercycle.service.deal import examples_listed
    from supercycle.service.deal_files import examples

    return {"deals": examples_listed(), "texts": examples()}


def deal(body: Mapping[str, Any]) -> dict[str, Any]:
    """Run a deal from its text; the answer is the deal's report. ``preset`` and ``set`` put it on the paths in view.

    Errors: those of the deal, with the ``name`` of the reader's own file.
    """
    from supercycle.service.deal import deal as run_deal
    from supercycle.story.deal import deal_report_data

    preset, paths, levers = body.get("preset"), body.get("paths"), _levers(body)
    with tempfile.TemporaryDirectory(prefix="supercycle-") as folder:
        file = Path(folder) / _file_name(body, "deal.yaml")
        file.write_text(named(body, "text"), encoding="utf-8")
        try:
            found = run_deal(
                str(file),
                preset=str(preset) if preset else None,
                paths=int(paths) if isinstance(paths, int) and paths > 1 else None,
                levers=levers if preset else None,
            )
        except InputError as problem:
            raise InputError(str(problem).replace(f"{folder}/", "")) from None
        return _on_levers(deal_report_data(found), str(preset), levers if preset else {})


def deal_form(body: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a deal's text, each with its unit and place. Errors: InputError with the line."""
    from supercycle.service.deal_form import deal_fields

    return deal_fields(named(body, "text"), _file_name(body, "deal.yaml"))


def decide_template() -> dict[str, Any]:
    """The commented decision file, and what its main fields may be: models, chips, regions with power prices."""
    from supercycle.service.decide_known import known

    return known()


def decide(body: Mapping[str, Any]) -> dict[str, Any]:
    """Own, lease, reserve or call: the decision's report for a decision file's text, at ``load`` times the load."""
    from supercycle.service.decide import case_of, profile_of
    from supercycle.service.decide import decide as decided
    from supercycle.story.decide import decide_report_data

    factor = body.get("load", 1.0)
    if (
        isinstance(factor, bool)
        or not isinstance(factor, int | float)
        or not LEAST_LOAD <= factor <= MOST_LOAD
    ):
        raise InputError("load", expected=f"{LEAST_LOAD:g} to {MOST_LOAD:g} times the load", got=repr(factor))
    with tempfile.TemporaryDirectory(prefix="supercycle-") as folder:
        file = Path(folder) / _file_name(body, "decision.yaml")
        file.write_text(named(body, "text"), encoding="utf-8")
        try:
            # The file's own load, more or less of it; never another in its place.
            profile = None
            if factor != 1.0:
                profile = scaled(profile_of(case_of(file), file, None, None)[0], float(factor))
            preset, levers = named(body, "preset", "base"), _levers(body)
            found = decided(file, preset=preset, levers=levers, paths=DECIDE_PATHS, profile=profile)
        except InputError as problem:
            raise InputError(str(problem).replace(f"{folder}/", "")) from None
        again = {"cli": "supercycle decide run FILE", "python": "supercycle.decide(FILE)"}
        return _on_levers(decide_report_data(found.to_dict(), again), preset, levers)


def _levers(body: Mapping[str, Any]) -> dict[str, float | str]:
    """The parameters the reader has moved, checked as a scenario's. Errors: those of ``scenario_of``."""
    return dict(scenario_of({k: body[k] for k in ("preset", "set") if body.get(k)}).added)


def _file_name(body: Mapping[str, Any], default: str) -> str:
    """The reader's own name of the file, for errors and the report. Errors: InputError for one that is no name."""
    name = named(body, "name", default)
    if (
        Path(name).name != name
        or len(name) > 120
        or not name.endswith((".yaml", ".yml"))
        or not name.isprintable()
    ):
        raise InputError("name", expected="a file's name that ends in .yaml or .yml", got=repr(name)[:140])
    return name


def _on_levers(data: dict[str, Any], preset: str, levers: Mapping[str, float | str]) -> dict[str, Any]:
    """The report, saying on which scenario it stands when levers are moved: its command alone would give another."""
    if levers:
        moved = ", ".join(f"{id} = {value}" for id, value in levers.items())
        note = f"On the scenario {preset} with {moved}; the commands of deals and decisions take a preset, not levers."
        report = data["report"]
        data = {**data, "report": {**report, "notes": [note, *report.get("notes", [])]}}
    return data


def scaled(profile: DemandProfile, factor: float) -> DemandProfile:
    """The same hours with ``factor`` times the traffic; latencies stay as they were measured.

    >>> from supercycle.decisions.inputs.example import example_profile
    >>> one = example_profile()
    >>> scaled(one, 2.0).hours[0].requests == 2 * one.hours[0].requests
    True
    """

    def more(hour: DemandHour) -> DemandHour:
        counts = {name: getattr(hour, name) for name in COUNTED}
        return replace(
            hour,
            **{name: None if n is None else round(n * factor) for name, n in counts.items()},
            concurrency=None if hour.concurrency is None else hour.concurrency * factor,
        )

    return replace(profile, hours=tuple(more(hour) for hour in profile.hours))
