"""Which charts stand on which page: the report's own sections, made again for every answer.

The outputs a section reads are found by drawing it once from a small run and noting what it asked for, so a page asks
the model for nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from supercycle.core.errors import UnknownNameError
from supercycle.service.result import Result
from supercycle.service.scenarios import BASE, Run, ran
from supercycle.story.record import with_record
from supercycle.story.sections import SECTIONS, section_of

__all__ = ["PAGES", "page_charts", "page_outputs", "page_sections", "page_templates"]

# page -> sections of the story on it
PAGES: dict[str, tuple[str, ...]] = {
    "overview": ("capacity", "capex", "revenue", "economy"),
    "build": ("capacity", "capex", "stranded"),
    "financing": ("funding", "losses"),
    "labs": ("revenue",),
    "pays": ("returns", "revenue"),
    "stress": ("losses", "economy"),
    "bust": ("losses", "economy"),
}
OVERVIEW = (
    "fleet",
    "five",
    "revenue",
    "prices",
    "required",
    "bust",
)  # one chart of each kind on the first page
LABS = ("prices", "use", "labs", "ventures", "ladder", "utilisation")
PAYS = ("irr", "required", "revenue", "ladder")
BUST = ("wealth", "credit", "bust", "output")
SHOWN = {"overview": OVERVIEW, "labs": LABS, "pays": PAYS, "bust": BUST}
COCKPIT = {"id": "cockpit", "title": "What comes of it", "lead": ""}
PROBE_PATHS = 32


class _Noted(dict[str, Any]):
    """Outputs that remember what was asked of them."""

    def __init__(self, outputs: Mapping[str, Any]) -> None:
        super().__init__(outputs)
        self.asked: set[str] = set()

    def __contains__(self, key: object) -> bool:
        found = super().__contains__(key)
        if found:
            self.asked.add(str(key))
        return found

    def __getitem__(self, key: str) -> Any:
        self.asked.add(key)
        return super().__getitem__(key)

    def get(self, key: str, default: Any = None) -> Any:
        found = key in self  # notes what is asked for, as dict.get would not
        return self[key] if found else default


@cache
def _probe() -> dict[str, Any]:
    """Every output and derived output of one small run, to see what the sections make of them."""
    run = ran(BASE, paths=PROBE_PATHS, seed=1, kernel="numpy")
    result = Result(run)
    return {"outputs": result.outputs, "derived": result.derived}


@cache
def page_charts() -> dict[str, str]:
    """The page that a chart stands on (the first of several), by the chart's id: what a chart's own address needs."""
    found: dict[str, str] = {}
    for page in PAGES:
        for section in _drawn(page, _probe()):
            for chart in section["charts"]:
                found.setdefault(chart["id"], page)
    return found


@cache
def _needs() -> dict[str, tuple[str, ...]]:
    """Outputs by section, from one small run of everything."""
    body = _probe()
    found: dict[str, tuple[str, ...]] = {}
    for id in SECTIONS:
        noted = _Noted(body["outputs"])
        section = section_of(id, {**body, "outputs": noted})
        drawn = {
            s["key"]
            for c in (section or {"charts": []})["charts"]
            for s in c.get("series", ())
            if s.get("key")
        }
        found[id] = tuple(sorted(noted.asked | drawn))
    return found


def _named(page: str) -> tuple[str, ...]:
    if page not in PAGES:
        raise UnknownNameError("page", page, PAGES)
    return PAGES[page]


@cache
def page_outputs(page: str) -> tuple[str, ...]:
    """The outputs a page reads. Errors: UnknownNameError for a page there is not.

    Those of the charts on it, when its sections come out the same from them alone; all that its sections ask otherwise.
    """
    needs, body = _needs(), _probe()
    everything = tuple(dict.fromkeys(key for section in _named(page) for key in needs.get(section, ())))
    whole = _drawn(page, body)
    series = [one for section in whole for chart in section["charts"] for one in chart.get("series", ())]
    few = tuple(dict.fromkeys(key for one in series for key in (one.get("key"), one.get("mean")) if key))
    alone = _drawn(page, {**body, "outputs": {key: body["outputs"][key] for key in few}})
    return few if repr(alone) == repr(whole) else everything


def page_sections(page: str, run: Run, outputs: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The page's sections with their charts, from the quantiles of its ``outputs``."""
    return with_record(
        _drawn(page, {"outputs": outputs, "derived": Result(run).derived}), run.subject.bare_hash
    )


def page_templates(page: str, described: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The page's sections without a number: for a page with the model in it, which fills them.

    ``described`` says of each output what it is. Charts of derived outputs (returns by vintage) are not among them.
    """
    nothing: list[float] = []
    empty = {
        key: {**one, "quarters": nothing, "mean": nothing, "q50": nothing} for key, one in described.items()
    }
    return _drawn(page, {"outputs": empty, "derived": {}})


def _drawn(page: str, body: Mapping[str, Any]) -> list[dict[str, Any]]:
    shown: Sequence[str] | None = SHOWN.get(page)
    out: list[dict[str, Any]] = []
    if page == "overview":  # one section: the first two charts stand side by side on the first screen
        found = {
            c["id"]: c for id in _named(page) for c in (section_of(id, body) or {"charts": []})["charts"]
        }
        charts = [found[id] for id in OVERVIEW if id in found]
        return [{**COCKPIT, "charts": charts}] if charts else []
    for id in _named(page):
        section = section_of(id, body)
        charts = [c for c in section["charts"] if shown is None or c["id"] in shown] if section else []
        if section and charts:
            out.append({**section, "charts": charts})
    return out
