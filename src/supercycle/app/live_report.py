"""The report on a run as the model's own file: what the run said, and the model that said it, in one page.

The page opens on the report, whose numbers are those of the run (its paths, its seed). Its other pages are those of
``supercycle publish``: levers, presets, A and B, computed in the reader's browser, from the run's scenario on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from supercycle.app.published import packed_page, published
from supercycle.core.errors import EnvironmentProblem, InputError
from supercycle.report import render
from supercycle.report import write as write_page
from supercycle.service.page_facts import quarters
from supercycle.service.scenarios import Run, Scenario, names
from supercycle.service.the_world import subject

__all__ = ["render_live", "write_live"]

SEED = 1  # what the live pages draw with
LEFT = ("evidence", "derived", "events", "status_counts")  # of a result: on no page of the report


def write_live(data: Mapping[str, Any], run: Run, path: Path) -> Path:
    """Write the report on a run of the world, with the live model where it can be.

    Errors: those of ``supercycle.report.write``.
    """
    if cannot(run):
        return write_page(_without(data, cannot(run)), path)
    page = render_live(data, run)
    from supercycle.core.files import whole_file

    with whole_file(path, "the report") as temporary:
        temporary.write_text(page, encoding="utf-8", newline="\n")
    return path


def cannot(run: Run) -> str:
    """Why the live model cannot stand beside this run; empty when it can."""
    if run.subject is not subject():
        return "the run is of another opening or another model than the one that is compiled"
    if run.scenario.prior != "judged":
        return f"the run draws from the prior {run.scenario.prior!r}; the file's model has the judged one"
    return ""


def render_live(data: Mapping[str, Any], run: Run) -> str:
    """The page. Without the compiled module it is the report alone, and a note on it says so."""
    try:
        start, own = _start(run.scenario)
        found = published((), own=() if own is None else (own,))
    except EnvironmentProblem as problem:
        return render(_without(data, str(problem)))
    body = _trimmed(data, found.data["schema"]["parameters"])
    report = {**cast("dict[str, Any]", body["report"]), "live": start}
    title = str(report.get("title", "supercycle"))
    return packed_page(found, {**body, "report": report}, title, str(data.get("headline", "")))


def _without(data: Mapping[str, Any], why: str) -> dict[str, Any]:
    report = cast("dict[str, Any]", data["report"])
    note = f"The live model is not in this file: {why.rstrip('.')}."
    return {**data, "report": {**report, "notes": [*report.get("notes", []), note]}}


def _start(scenario: Scenario) -> tuple[dict[str, Any], Scenario | None]:
    """Where the live pages begin, and the scenario that goes in when it is no shipped preset with levers moved.

    The reader named the scenario when he asked for its report: it belongs in the file.
    """
    until = scenario.until or quarters()[-1]
    later = "" if until == quarters()[-1] else f"; they run to {quarters()[-1]}"
    inside = scenario.origin == "preset" and scenario.name in names()
    if inside and not scenario.ranges and not scenario.beyond and not later:
        return {"preset": scenario.name, "set": dict(scenario.added), "said": later}, None
    shipped = names()
    name = scenario.name if scenario.name not in shipped else f"{scenario.name}-of-this-report"
    own = replace(scenario, name=name, until=None, added={}, title=scenario.title or scenario.name)
    return {"preset": name, "set": {}, "said": later}, own


def _trimmed(data: Mapping[str, Any], parameters: list[dict[str, Any]]) -> dict[str, Any]:
    """What the report shows and nothing else; of an assumption what the model's own list does not say already."""
    report = dict(cast("dict[str, Any]", data["report"]))
    known = {one["id"]: one for one in parameters}
    charts = [chart for section in report.get("sections", ()) for chart in section["charts"]]
    keys = {series.get("key") for chart in charts for series in chart.get("series", ())}
    keys |= {one["output"] for one in report.get("judgements", ())}
    report["assumptions"] = [
        {"id": row["id"], **{k: v for k, v in row.items() if known.get(row["id"], {}).get(k) != v}}
        for row in report.get("assumptions", ())
    ]
    outputs = {key: one for key, one in data["outputs"].items() if key in keys}
    if not outputs and keys - {None}:
        raise InputError(
            "the report shows outputs that the run does not hold", got=", ".join(sorted(map(str, keys)))
        )
    return {**{k: v for k, v in data.items() if k not in LEFT}, "outputs": outputs, "report": report}
