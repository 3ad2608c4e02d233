"""What each number of a deal file stands on: its source and tier, or the judgement it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

__all__ = ["sourced"]

NOTES = ("source", "tier", "judgement", "note")


def sourced(text: str) -> list[dict[str, str]]:
    """Every block or number of a YAML text that carries a source or a judgement, with its path and value.

    >>> sourced("rent: {value: 12, judgement: usual}")
    [{'where': 'rent', 'value': '12', 'tier': '', 'stands_on': 'judgement: usual'}]
    """
    from ruamel.yaml import YAML

    yaml: Any = YAML(typ="safe")
    return list(_walk(yaml.load(text), ""))


def _walk(content: Any, path: str) -> Iterator[dict[str, str]]:
    if isinstance(content, list):
        for place, item in enumerate(cast("list[Any]", content)):
            name = cast("Mapping[str, Any]", item).get("name", place) if isinstance(item, dict) else place
            yield from _walk(item, f"{path}.{name}")
    elif isinstance(content, dict):
        block = cast("Mapping[str, Any]", content)
        if "source" in block or "judgement" in block:
            words = [f"{key}: {block[key]}" for key in ("source", "judgement") if key in block]
            yield {
                "where": path, "value": _spelled(block), "tier": str(block.get("tier", "")),
                "stands_on": "; ".join(words).removeprefix("source: "),
            }  # fmt: skip
        for key, inner in block.items():
            if key not in NOTES:
                yield from _walk(inner, f"{path}.{key}" if path else str(key))


def _spelled(block: Mapping[str, Any]) -> str:
    """The number itself, short; a whole block is named by its kind."""
    if "value" in block and not isinstance(block["value"], dict):
        return str(block["value"])
    for form in ("curve", "ramp", "amounts", "spread"):
        if form in block:
            inner = cast("Mapping[Any, Any]", block[form])
            return f"{form}: " + ", ".join(f"{k} {v}" for k, v in inner.items())
    return str(block.get("kind") or block.get("measure") or block.get("type") or "block")
