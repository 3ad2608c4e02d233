"""What the app knows without running the model: parameters, presets, claims, figures, the words of the field."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from functools import cache
from typing import Any, cast

from supercycle import __version__, service
from supercycle import claims as claims_of
from supercycle.app.asked import MOST_OUTPUTS, Asked
from supercycle.app.glossary import GLOSSARY
from supercycle.app.pages import PAGES, page_charts, page_outputs
from supercycle.core.errors import InputError
from supercycle.service import figures as tables
from supercycle.service import stress as stress_of
from supercycle.service.scenarios import Scenario
from supercycle.service.the_world import subject
from supercycle.skill.past_bands import recorded_bands

TITLES = {
    "all": "All series", "capex": "Capex of single firms", "cash flow": "Operating cash flow of single firms",
    "debt": "Long-term notes of single firms", "nvidia": "NVIDIA's data-centre revenue",
    "labs": "The labs' run rates", "chips": "AI chips shipped",
}  # fmt: skip

__all__ = [
    "about",
    "claim",
    "claims",
    "explain",
    "figure",
    "figures",
    "reproduce",
    "reproduce_pair",
    "schema",
    "shocks",
    "sources",
]


@cache
def schema() -> dict[str, Any]:
    """Parameters, outputs, blocks, presets, pages and glossary: everything a page is made of besides numbers."""
    return {
        **service.schema(),
        "pages": {page: list(page_outputs(page)) for page in PAGES},
        "charts": page_charts(),
        "about": about(),
        "glossary": [{"term": term, "meaning": meaning} for term, meaning in GLOSSARY.items()],
    }


@cache
def about() -> dict[str, Any]:
    """Who made it, which version, how new its figures are, under which licence, and how much of it is judged."""
    registry = subject().model.registry.values()
    return {
        "authors": "The supercycle authors",
        "version": __version__,
        "data_known": tables.known_until(),
        "licence": "Apache-2.0 (code), CC BY 4.0 (tables)",
        "judged": sum(param.evidence == "judgement" for param in registry),
        "record": [
            {
                "what": TITLES.get(row["series"], row["series"]), "points": row["points"],
                "inside_50": row["inside_50"], "inside_90": row["inside_90"],
                "of_this_model": row["model"] == subject().bare_hash[:12],
            }
            for row in recorded_bands().values() if row["horizon"] == "all"
        ],
    }  # fmt: skip


def explain(name: str) -> dict[str, Any]:
    """Equation, unit, inputs, sources of an output; range, evidence, readers of a parameter."""
    return service.explain(name.partition(":")[0] if name.partition(":")[0] in _outputs() else name)


@cache
def _outputs() -> frozenset[str]:
    return frozenset(subject().model.variables)


def sources(body: Mapping[str, Any]) -> dict[str, Any]:
    """Figures with grade and licence, and judgements, under some outputs."""
    names = body.get("outputs", [])
    if not isinstance(names, list) or len(cast("list[object]", names)) > MOST_OUTPUTS:
        raise InputError(
            "outputs",
            expected=f"a list of at most {MOST_OUTPUTS} names",
            got=type(cast("object", names)).__name__,
        )
    return service.sources_of([str(name) for name in cast("list[object]", names)])


@cache
def claims() -> dict[str, Any]:
    """Every claim with its verdict."""
    return claims_of.list_claims()


def claim(body: Mapping[str, Any]) -> dict[str, Any]:
    """One claim with its inputs changed as asked."""
    settings = body.get("set", {})
    if not isinstance(settings, dict):
        raise InputError("set", expected="values by input", got=type(settings).__name__)
    return claims_of.describe(
        str(body.get("id", "")), [f"{k}={v}" for k, v in cast("dict[str, Any]", settings).items()]
    )


def figures(body: Mapping[str, Any]) -> dict[str, Any]:
    """The series of the sourced tables, all or those whose name contains ``match``."""
    return tables.list_series(match=str(body["match"]) if body.get("match") else None)


def figure(series: str) -> dict[str, Any]:
    """Every reading of one series with its source."""
    return tables.show(series)


@cache
def shocks() -> dict[str, Any]:
    """The shocks that come with the model."""
    return {"shocks": stress_of.shocks()}


def reproduce(scenario: Scenario, asked: Asked) -> dict[str, str]:
    """The command and the Python that give these numbers again."""
    words = [
        "supercycle",
        "run",
        "--preset",
        scenario.name,
        "--paths",
        str(asked.paths),
        "--seed",
        str(asked.seed),
    ]
    for id, value in scenario.added.items():
        words += ["--set", f"{id}={value:g}"]
    settings = f", set={dict(scenario.added)!r}" if scenario.added else ""
    python = f"import supercycle\nsupercycle.run({scenario.name!r}{settings}, paths={asked.paths}, seed={asked.seed})"
    return {"cli": shlex.join(words), "python": python}


def reproduce_pair(a: Scenario, b: Scenario, asked: Asked) -> dict[str, str]:
    """The commands and the Python that give the paired difference b - a again.

    Two presets are compared by name; with levers moved each side is run into a folder, as ``compare --set`` moves both.
    """
    one, other = reproduce(a, asked), reproduce(b, asked)
    call_a, call_b = (side["python"].partition("\n")[2] for side in (one, other))
    if a.added or b.added:
        cli = f"{one['cli']} --out a\n{other['cli']} --out b\nsupercycle compare a b"
    else:
        words = [
            "supercycle",
            "compare",
            a.name,
            b.name,
            "--paths",
            str(asked.paths),
            "--seed",
            str(asked.seed),
        ]
        cli = shlex.join(words)
    python = f"import supercycle\na = {call_a}\nb = {call_b}\n"
    return {"cli": cli, "python": f'{python}b.value("fleet_it_gw") - a.value("fleet_it_gw")  # path by path'}
