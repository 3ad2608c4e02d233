"""The schema of a deal file as JSON Schema (draft 2020-12), from the same declarations the reader uses."""

from __future__ import annotations

import dataclasses
from typing import Any, cast

from supercycle.deals.document.document import NOTES, RESETS
from supercycle.deals.document.numbers import FACTORS
from supercycle.deals.document.scalars import ABOVE
from supercycle.deals.document.schema import SCHEMA, Deal

__all__ = ["json_schema"]

SCALAR: dict[str, Any] = {
    "anyOf": [
        {"type": "number"},
        {"type": "string", "pattern": r"^[-+]?[0-9][0-9_.eE+-]*\s*(%|bp|x)?$"},
        {"type": "string", "pattern": r"^\$deal\."},
    ]
}
DATES: dict[str, Any] = {
    "type": "object",
    "minProperties": 1,
    "additionalProperties": {"$ref": "#/$defs/scalar"},
}


def json_schema() -> dict[str, Any]:
    """The whole schema; every block refuses keys it does not name.

    >>> json_schema()["properties"]["schema"]
    {'description': 'always supercycle.deal/2', 'type': 'string', 'const': 'supercycle.deal/2'}
    """
    notes = {name: {"type": "string"} for name in NOTES}
    ramp = {"from": _date(), "to": _date(), "start": _scalar(), "end": _scalar()}
    spread = {"from": _date(), "to": _date(), "total": _scalar()}
    flag = {"type": "boolean"}
    base = {"base": {"type": ["string", "object", "number"]}, "margin": {"$ref": "#/$defs/number"},
            "reset": {"enum": list(RESETS)}, "floor": _scalar(), "cap": _scalar()}  # fmt: skip
    forms = {"value": {"anyOf": [_scalar(), {"type": "string", "pattern": r"^\$world\."}]}, "curve": DATES,
             "ramp": _closed(ramp), "amounts": DATES, "spread": _closed(spread)}  # fmt: skip
    world = {"type": "string", "pattern": r"^\$world\.[A-Za-z_]\w*(:.+)?$"}
    extra = {name: world for name in FACTORS} | notes | {ABOVE: flag}
    number = {
        "anyOf": [_scalar(), world]
        + [_closed({name: form} | extra, required=[name]) for name, form in forms.items()]
        + [_closed({**base, **notes}, required=["base", "margin", "reset"])]
    }
    when = {"when": {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}}
    cased = [_closed({name: form} | extra | when, required=[name, "when"]) for name, form in forms.items()]
    cased.append(_closed({**base, **notes, **when}, required=["base", "margin", "reset", "when"]))
    several = {"type": "array", "minItems": 2, "items": {"anyOf": [*number["anyOf"], *cased]}}
    number = {"anyOf": [*number["anyOf"], several]}
    definitions: dict[str, Any] = {"scalar": SCALAR, "number": number, "numbers": several}
    top = _block(Deal, definitions, notes)
    top["properties"]["schema"]["const"] = SCHEMA
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": SCHEMA,
        **top,
        "$defs": definitions,
    }


def _date() -> dict[str, Any]:
    return {"type": "string", "format": "date"}


def _scalar() -> dict[str, Any]:
    return {"$ref": "#/$defs/scalar"}


def _closed(properties: dict[str, Any], required: list[str] | None = None) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "additionalProperties": False,
            "required": list(properties) if required is None else required}  # fmt: skip


def _block(cls: type[Any], definitions: dict[str, Any], notes: dict[str, Any]) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    required: list[str] = []
    for field in dataclasses.fields(cls):
        if "kind" not in field.metadata:
            continue
        name = field.name.rstrip("_")
        properties[name] = {"description": field.metadata["doc"]} | _kind(field, definitions, notes)
        if field.default is dataclasses.MISSING:
            required.append(name)
    return _closed(properties | notes, required)


def _kind(field: Any, definitions: dict[str, Any], notes: dict[str, Any]) -> dict[str, Any]:
    kind = field.metadata["kind"]
    if isinstance(kind, list):
        return {"type": "array", "items": _named(cast(list[type[Any]], kind)[0], definitions, notes)}
    if isinstance(kind, type):
        return _named(cast(type[Any], kind), definitions, notes)
    if kind == "scalar":
        return {
            "anyOf": [
                _scalar(),
                _closed({"value": _scalar(), ABOVE: {"type": "boolean"}} | notes, required=["value"]),
                *([{"$ref": "#/$defs/numbers"}] if field.metadata["when"] else []),
            ]
        }
    simple: dict[str, dict[str, Any]] = {
        "text": {"type": "string"}, "int": {"type": "integer"}, "flag": {"type": "boolean"}, "date": _date(),
        "number": {"$ref": "#/$defs/number"},
        "settings": {"type": "object", "additionalProperties": {"type": ["string", "number"]}},
        "names": {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]},
    }  # fmt: skip
    choices = list(field.metadata["choices"])
    return simple[kind] | ({"enum": choices} if choices else {})


def _named(cls: type[Any], definitions: dict[str, Any], notes: dict[str, Any]) -> dict[str, Any]:
    name = cls.__name__.lower()
    if name not in definitions:
        definitions[name] = {}
        definitions[name] = _block(cls, definitions, notes)
    return {"$ref": f"#/$defs/{name}"}
