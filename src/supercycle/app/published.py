"""The model as one HTML file: module, facts, charts and words beside the app's own front end, and nothing to fetch.

Everything a reader can do in the file is computed in the file: the same equations, draws and quantiles as the command
line's. What takes Python stays out and is named: returns by vintage, flows, who loses in a bust, stress, deals,
decisions, spend, claims, figures. Nothing of the publisher's goes in unless it is named.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from supercycle import __version__
from supercycle.app import gauges, knowledge
from supercycle.app.answers import NUMBERS, READ_AT
from supercycle.app.pages import page_templates
from supercycle.core.errors import InputError
from supercycle.core.files import whole_file
from supercycle.report import page_of
from supercycle.service import scenarios as of_world
from supercycle.service.browser_engine import Engine, engine, laws_beside
from supercycle.service.foundations import source_rows
from supercycle.service.page_facts import ends_of, quarters, variables
from supercycle.service.scenarios import BASE, Scenario
from supercycle.service.the_world import subject

__all__ = ["MOST_BYTES", "Published", "packed_page", "published", "write_file"]

MOST_BYTES = 1_200_000
RUN_PAGES = ("overview", "build", "financing", "labs", "pays")
WORD_PAGES = ("compare", "assumptions", "glossary", "about")
LEFT_OUT = (
    "returns by vintage", "flow diagrams", "who loses in a bust", "stress", "deals", "decisions", "spend", "claims",
    "figures", "notes", "own files that were not named",
)  # fmt: skip
# The sentence of world/headline.py without the returns, which are not in the file; a test compares the two.
CLAUSES = (
    {"at": READ_AT, "text": "By {when} {fleet_it_gw.q50} GW of AI IT power is energised "
                            "({fleet_it_gw.q05}-{fleet_it_gw.q95})"},
    {"at": READ_AT, "text": "end customers pay {$ai_revenue_run_rate.q50} a year where {$required_user_cost.q50} "
                            "would carry the whole fleet at the required return"},
    {"at": "", "text": "a bust comes by {when} on {%busted.mean} % of paths"},
)  # fmt: skip


@dataclass(frozen=True)
class Published:
    """What a page holds, and in the words a publisher should read before sending it."""

    data: dict[str, Any]
    module: bytes
    contents: tuple[str, ...]
    left_out: tuple[str, ...]

    @cached_property
    def page(self) -> str:
        """The model alone as one HTML page. Errors: those of ``packed_page``."""
        return packed_page(
            self, None, "supercycle: the model in one file", "An open model of the AI capital cycle."
        )

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return len(self.page.encode())


def published(scenarios: Sequence[str] = (), *, own: Sequence[Scenario] = ()) -> Published:
    """The model in a page; ``scenarios`` are the publisher's own scenario files, named one by one, ``own`` ones read.

    Errors: EnvironmentProblem when the module or the front end is not built; those of a scenario file; InputError when
    two scenarios have one name or the file would be larger than ``MOST_BYTES``.
    """
    world, made = subject(), engine()
    own = [*own, *map(of_world.of_file, scenarios)]
    shipped = [of_world.named(name) for name in of_world.names()]
    names = [scenario.name for scenario in (*shipped, *own)]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise InputError(
            f"two scenarios are called {min(twice)!r}", hint="Give the file's scenario another name."
        )
    data = _data(made, shipped, own)
    slots, rows = len(made.facts["slots"]), len(data["sources"])
    contents = (
        f"the model {world.model_hash[:12]} as a program of {len(made.module):,} bytes, all {slots:,} outputs",
        f"{len(data['schema']['parameters'])} assumptions with ranges and sources, {rows} sourced figures",
        f"{len(shipped)} presets: {', '.join(scenario.name for scenario in shipped)}",
        *(
            f"your scenario {one.name!r} from {Path(one.origin).name}, with its title and story"
            for one in own
        ),
        f"pages: {', '.join((*RUN_PAGES, *WORD_PAGES))}",
    )
    data["contents"], data["left_out"] = list(contents), list(LEFT_OUT)
    return Published(data, made.module, contents, LEFT_OUT)


def packed_page(found: Published, report: Mapping[str, Any] | None, title: str, headline: str) -> str:
    """The page of a model, with the report on a run before its other pages when there is one.

    Errors: InputError when the page would be larger than ``MOST_BYTES``; those of ``page_of``.
    """
    packed = {"facts": _packed(_json(found.data)), "module": _packed(found.module)}
    if report is not None:
        packed["report"] = _packed(_json(report))
    page = page_of("model", title, headline, packed)
    if len(page.encode()) > MOST_BYTES:
        raise InputError(
            "the file is too large", expected=f"at most {MOST_BYTES:,} bytes", got=f"{len(page.encode()):,}"
        )
    return page


def write_file(found: Published, path: Path) -> Path:
    """Write the page; a reader never sees half of it."""
    with whole_file(path, "the model's page") as temporary:
        temporary.write_text(found.page, encoding="utf-8", newline="\n")
    return path


def _json(data: Mapping[str, Any]) -> bytes:
    return json.dumps(data, allow_nan=False, ensure_ascii=False).encode()


def _packed(content: bytes) -> str:
    return base64.b64encode(gzip.compress(content, 9, mtime=0)).decode()


def _data(made: Engine, shipped: Sequence[Scenario], own: Sequence[Scenario]) -> dict[str, Any]:
    world, schema = subject(), knowledge.schema()
    described = {key: _described(key) for key in world.reported}
    templates = {page: page_templates(page, described) for page in RUN_PAGES}
    drawn = [id for id, law in made.facts["laws"].items() if law[0] != made.facts["constant"]]
    rows = {id for one in schema["parameters"] for id in one["rows"]}
    return {
        "version": __version__,
        "engine": made.facts,
        "quarters": quarters(),
        "scenarios": {s.name: _ruled(s, made, drawn) for s in (*shipped, *own)},
        "ends": {id: ends_of(BASE, id) for id in drawn},
        "templates": templates,
        "described": described,
        "numbers": NUMBERS, "read_at": READ_AT, "gauges": gauges.as_data(),
        "more": gauges.MORE,
        "noted": gauges.NOTED, "clauses": CLAUSES,
        "variables": variables(),
        "sources": source_rows(rows),
        "schema": {
            **{k: schema[k] for k in ("parameters", "blocks", "glossary", "model_hash", "start", "about")},
            "presets": [*schema["presets"], *map(_told, own)],
            "pages": {page: [] for page in RUN_PAGES},
            "charts": {
                chart["id"]: page
                for page in reversed(RUN_PAGES)
                for section in templates[page]
                for chart in section["charts"]
            },
            "shown": [*RUN_PAGES, *WORD_PAGES],
        },
    }  # fmt: skip


def _described(key: str) -> dict[str, Any]:
    name, _, entity = key.partition(":")
    v = subject().model.variables[name]
    label = v.label or v.meaning or name
    return {"label": label, "unit": v.unit, "block": v.block, "meaning": v.meaning, "entity": entity or None}


def _ruled(scenario: Scenario, made: Engine, drawn: Sequence[str]) -> dict[str, Any]:
    last = quarters()[-1]
    if (scenario.until or last) != last:
        raise InputError(
            f"the scenario {scenario.name!r} ends elsewhere", expected=f"until {last}", got=scenario.until
        )
    ranged = [id for id in scenario.ranges if id in drawn]
    return {
        "set": dict(scenario.set),
        "laws": laws_beside(subject(), scenario, made.facts),
        "ends": {id: ends_of(scenario, id) for id in ranged},
    }


def _told(scenario: Scenario) -> dict[str, Any]:
    """A scenario of the publisher's as the front end lists presets."""
    registry = subject().model.registry
    moved = [
        {"parameter": id, "value": value, "default": registry[id].default}
        for id, value in scenario.set.items()
    ]
    title = scenario.title or scenario.name
    return {"name": scenario.name, "title": title, "story": scenario.story, "answers": [], "set": moved}
