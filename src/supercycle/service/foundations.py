"""What a number rests on in the end: rows of figures, published priors, and judgements, each with its parameters."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from supercycle.core.params import Param
from supercycle.engine.subject import Subject
from supercycle.equations.explain import upstream
from supercycle.figures.load import figures
from supercycle.figures.priors import priors
from supercycle.figures.records import citation
from supercycle.figures.row import Figure
from supercycle.figures.tiers import TIERS

__all__ = ["foundations", "source_rows", "sources_of"]


def foundations(subject: Subject, name: str) -> dict[str, Any]:
    """Rows by tier, priors and judgements under an output or a parameter.

    A parameter that carries figures stands on their rows, one that carries a prior on its published range, any other on
    the reason that it gives. A row's ``id`` can be given to ``figures cite``; its ``value`` is the one the run read.
    ``uncited`` are parameters with a source in words whose row is not tied to them yet.
    """
    parameters = _parameters(subject, name)
    known = {row.id: row for row in figures()} if any(p.rows for p in parameters) else {}
    feeds: dict[str, list[str]] = {}
    for param in parameters:
        for id in param.rows:
            feeds.setdefault(id, []).append(param.id)
    by_tier: dict[str, list[dict[str, Any]]] = {tier: [] for tier in TIERS}
    ranges: list[dict[str, Any]] = []
    for id, ids in feeds.items():
        if id in known:
            by_tier[known[id].tier].append(_row(known[id], ids))
        else:
            prior = priors()[id]
            ranges.append({"id": id, "meaning": prior.meaning, "source": prior.source, "feeds": ids})
    judged = [p for p in parameters if p.evidence == "judgement" and not p.rows]
    return {
        "rows": sum(len(rows) for rows in by_tier.values()),
        "by_tier": {tier: rows for tier, rows in by_tier.items() if rows},
        "priors": ranges,
        "judgements": [{"id": p.id, "label": p.label, "reason": p.reason} for p in judged],
        "uncited": [
            {"id": p.id, "label": p.label, "source": p.source}
            for p in parameters
            if p.evidence != "judgement" and not p.rows
        ],
    }


def sources_of(subject: Subject, names: Iterable[str]) -> dict[str, Any]:
    """What some outputs rest on together: ``rows`` with grade and licence, ``judgements`` by label, ``assumptions``."""
    found: dict[str, Param] = {}
    for name in names:
        found |= {param.id: param for param in _parameters(subject, name)}
    rows = source_rows({id for param in found.values() for id in param.rows})
    judged = [param.label for param in found.values() if param.evidence == "judgement" and not param.rows]
    return {"rows": list(rows.values()), "judgements": judged, "assumptions": len(found)}


def source_rows(ids: Iterable[str]) -> dict[str, dict[str, Any]]:
    """The sources of parameters' rows by id: figures with tier, licence and address; priors with their source.

    Errors: KeyError for a row that is neither; a test of the registry finds it first.
    """
    known = {row.id: row for row in figures()}
    found: dict[str, dict[str, Any]] = {}
    for id in sorted(ids):
        row = known.get(id)
        if row is None:
            prior = priors()[id]
            found[id] = {"what": prior.meaning, "tier": "", "title": prior.source, "url": "", "licence": ""}
            continue
        what = ", ".join(filter(None, (row.series, row.entity, row.period.printed)))
        found[id] = {"what": what, "value": row.value, "unit": row.unit, "tier": row.standing,
                     "title": row.source_title, "url": row.source_url, "licence": row.licence,
                     "published": row.published}  # fmt: skip
    return found


def _parameters(subject: Subject, name: str) -> list[Param]:
    model, stem = subject.model, name.partition(":")[0]
    if name in model.registry:
        return [model.registry[name]]
    if stem in model.variables:
        return list(upstream(subject.plan, stem).values())
    if stem in model.families:
        return [model.registry[f"{stem}:{member}"] for member in model.families[stem].members]
    for output in subject.derived:
        if output.name == stem:
            found: dict[str, Param] = {}
            for variable in dict.fromkeys(one.partition(":")[0] for one in output.inputs):
                found |= upstream(subject.plan, variable)
            return list(found.values())
    return []


def _row(row: Figure, feeds: list[str]) -> dict[str, Any]:
    return {
        "id": row.id,
        "series": row.series,
        "entity": row.entity,
        "period": row.period.printed,
        "value": row.value,
        "unit": row.unit,
        "citation": citation(row),
        "feeds": feeds,
    }
