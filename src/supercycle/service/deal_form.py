"""The fields of a deal for a form: from the deal's own schema, each with its place in the text.

The text stays the truth. A field is a value written in it; the form replaces those letters and no others, so comments,
order and sources stay. Curves, ramps and dated amounts are not fields: they are listed with their line.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any, cast

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

from supercycle.deals.document.document import Reader
from supercycle.deals.document.scalars import UNITS
from supercycle.deals.document.schema import Deal

__all__ = ["deal_fields"]

SIMPLE = ("text", "date", "int", "flag", "scalar", "number")
NEVER = frozenset(("schema", "rests_on", "name"))  # what the file is, not what it says
MONEY = "money"


def deal_fields(text: str, origin: str) -> dict[str, Any]:
    r"""Groups of fields in the order of the text.

    A field has ``path``, ``label``, ``unit`` in words, ``kind``, ``choices``, ``value`` as meant, and ``written``,
    ``begin`` and ``end``, its letters in the text. Errors: InputError when the text is no YAML, with the line.

    >>> found = deal_fields("money: USD_m\ncash_rate: {value: 4 %, judgement: bills}\n", "deal.yaml")
    >>> [(one["path"], one["value"], one["unit"]) for group in found["groups"] for one in group["fields"]]
    [('money', 'USD_m', ''), ('cash_rate', '4 %', 'a rate a year: 5 %, 50 bp or 0.05')]
    """
    Reader(origin).parse(text)  # tells the line of what is no YAML
    yaml = cast(Any, YAML())
    root: Any = yaml.compose(text)
    found = list(_block(root, Deal, "", text))
    money = next((one["value"] for one in found if one["path"] == MONEY), "")
    groups: dict[str, dict[str, Any]] = {}
    for one in found:
        one["unit"] = one["unit"].replace(UNITS[MONEY].word, money.replace("_", " ") or UNITS[MONEY].word)
        kind, _, rest = one["path"].partition(".")
        name = rest.partition(".")[0] if rest and one.pop("listed") else ""
        one.pop("listed", None)
        head = f"{kind}: {name}" if name else (kind if rest else "The deal")
        groups.setdefault(head, {"title": head.replace("_", " "), "fields": []})["fields"].append(one)
    return {"groups": list(groups.values())}


def _block(node: Any, cls: type[Any], path: str, text: str, listed: bool = False) -> Iterator[dict[str, Any]]:
    """The fields of one block as it is written."""
    known = {f.name.rstrip("_"): f for f in dataclasses.fields(cls) if "kind" in f.metadata}
    for key, value in _pairs(node):
        name = str(key.value)
        field = known.get(name)
        if field is None or name in NEVER:
            continue
        kind, here = field.metadata["kind"], f"{path}.{name}" if path else name
        if isinstance(kind, list):
            inner = cast("list[type[Any]]", kind)[0]
            items = cast("list[Any]", cast("Any", value).value) if isinstance(value, SequenceNode) else []
            for place, item in enumerate(items):
                yield from _block(item, inner, f"{here}.{_named(item, place)}", text, listed=not path)
        elif isinstance(kind, type):
            yield from _block(value, kind, here, text, listed)
        elif kind in SIMPLE:
            yield {**_field(field, value, here, text), "listed": listed}


def _pairs(node: Any) -> list[tuple[Any, Any]]:
    """Keys and values of a mapping as they are written; of anything else, none."""
    return cast("list[tuple[Any, Any]]", cast("Any", node).value) if isinstance(node, MappingNode) else []


def _named(item: Any, place: int) -> str:
    """A list's item by its name, or by its place."""
    for key, value in _pairs(item):
        if key.value == "name" and isinstance(value, ScalarNode):
            return str(cast("Any", value).value).replace(".", " ")
    return str(place + 1)


def _field(field: Any, node: Any, path: str, text: str) -> dict[str, Any]:
    data = field.metadata
    unit = "" if data["kind"] not in ("scalar", "number") else _words(data["unit"])
    shown = {
        "path": path, "label": data["doc"], "unit": unit, "kind": data["kind"], "choices": list(data["choices"]),
        "line": node.start_mark.line + 1,
    }  # fmt: skip
    inner = _value(node)
    if inner is None:
        return {**shown, "value": "", "written": "", "begin": -1, "end": -1}
    begin = inner.start_mark.index
    written = text[begin : inner.end_mark.index].rstrip()
    return {
        **shown, "value": str(inner.value) if data["kind"] == "text" else written, "written": written,
        "begin": _units(text[:begin]), "end": _units(text[:begin]) + _units(written),
    }  # fmt: skip


def _units(text: str) -> int:
    """Letters as a browser counts them: two for those outside the basic plane."""
    return len(text.encode("utf-16-le")) // 2


def _value(node: Any) -> Any:
    """The scalar of a value, bare or with its source beside it; None for a curve and what moves by date."""
    if isinstance(node, ScalarNode):
        return node
    for key, value in _pairs(node):
        if key.value == "value" and isinstance(value, ScalarNode):
            return value
    return None


def _words(unit: str) -> str:
    kind = UNITS[unit]
    if "%" in kind.signs and unit:
        return f"{kind.word}: 5 %, 50 bp or 0.05"
    return f"{kind.word}: 1.3x or 1.3" if "x" in kind.signs and unit else (kind.word if unit else "")
