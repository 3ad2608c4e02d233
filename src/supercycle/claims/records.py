"""What ``supercycle claims`` prints, as plain dictionaries ready for JSON."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from typing import Any

from supercycle.claims.bridge import bridge, steps_table
from supercycle.claims.catalogue import catalogue, entry
from supercycle.claims.entry import VERDICTS, Entry, Input, agrees, verdict
from supercycle.claims.what_it_takes import Change, changes, formula_text, parse_settings
from supercycle.figures.evidence import weakest_evidence

__all__ = ["describe", "list_claims"]

Json = dict[str, Any]


def list_claims() -> Json:
    """Every claim with its printed value, ours and the verdict; and how many have which verdict.

    >>> found = list_claims()
    >>> found["count"] == sum(found["verdicts"].values()) == len(found["claims"])
    True
    """
    everything = catalogue().values()
    counted = Counter(verdict(item) for item in everything)
    return {
        "count": len(everything),
        "verdicts": {name: counted[name] for name in VERDICTS},
        "claims": [_row(item) for item in everything],
    }


def _row(item: Entry) -> Json:
    return {
        "id": item.id,
        "topic": item.topic,
        "statement": item.statement,
        "who": item.who,
        "when": item.when,
        "published": item.published,
        "printed": item.printed,
        "relation": item.relation,
        "unit": item.unit,
        "ours": _number(item.value()),
        "verdict": verdict(item),
        "evidence": weakest_evidence(one.evidence for one in item.inputs) if item.inputs else None,
    }


def describe(name: str, settings: Iterable[str] = ()) -> Json:
    """One claim in full; with ``settings`` (input=value[unit]) recomputed, and what it would take to hold.

    ``ours`` and ``verdict`` are the claim's own; ``changed`` has the value under the settings and whether it
    agrees with the printed one. Other readings are recomputed with the settings that are their inputs.

    >>> described = describe("required_revenue", ["return_share=0.13"])
    >>> described["ours"], described["changed"]["value"], described["changed"]["holds"]
    (500.0, 650.0, True)
    """
    item = entry(name)
    chosen = parse_settings(item, settings)
    solved = changes(item, chosen)
    return {
        **_row(item),
        "document": item.document,
        "last_printed_digit": item.digit,
        "span": list(item.span) if item.span else None,
        "basis": item.basis,
        "reading": item.reading,
        "why": item.why,
        "formula": None if item.formula is None else formula_text(item.formula),
        "inputs": [_input(one, chosen.get(one.name)) for one in item.inputs],
        "bridge": steps_table(bridge()) if item.id == "required_revenue" else None,
        "changed": None if not chosen else _changed(item, chosen),
        "what_it_takes": [_change(one) for one in solved],
        "readings": [
            {
                "label": one.label,
                "value": _number(one.value(chosen)),
                "unit": one.unit,
                "formula": formula_text(one.formula),
                "inputs": [_input(each, chosen.get(each.name)) for each in one.inputs],
                "what_it_takes": [_change(each) for each in changes(item, chosen, one)],
            }
            for one in item.readings
        ],
    }


def _changed(item: Entry, chosen: dict[str, float]) -> Json:
    value = item.value(chosen)
    holds = value is not None and agrees(item.published, item.digit, item.relation, value, item.span)
    return {"set": chosen, "value": _number(value), "holds": holds}


def _input(item: Input, set_to: float | None = None) -> Json:
    return {
        "name": item.name,
        "value": item.value if set_to is None else set_to,
        "unit": item.unit,
        "low": item.low,
        "high": item.high,
        "evidence": item.evidence if set_to is None else "set",
        "source": item.source,
        "figure": item.figure,
    }


def _change(change: Change) -> Json:
    found = change.solution
    return {
        "input": change.item.name,
        "unit": change.item.unit,
        "now": change.now,
        "low": change.item.low,
        "high": change.item.high,
        "answers": list(found.answers),
        "leaps": list(found.jumps),
        "nearest": found.nearest,
        "nearest_value": _number(found.nearest_value),
        "sentence": change.sentence,
    }


def _number(value: float | None) -> float | None:
    """JSON has no infinity: a payback that never happens is null."""
    return None if value is None or not math.isfinite(value) else value
