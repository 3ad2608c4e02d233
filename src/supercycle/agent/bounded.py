"""An answer that fits a conversation: long lists are cut, and what was cut is said where it was."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any, cast

__all__ = ["LARGEST", "bounded", "size"]

LARGEST = 24_000  # characters of JSON; about 8,000 tokens
LENGTHS = (200, 60, 20, 8, 3)  # of lists and mappings, tried in turn
LONGEST_TEXT = 600


def size(answer: Any) -> int:
    """Characters of the answer as JSON."""
    return len(json.dumps(answer, ensure_ascii=False, allow_nan=False))


def bounded(answer: Mapping[str, Any], largest: int = LARGEST) -> dict[str, Any]:
    """The answer with its lists cut until it fits; ``cut`` in it says from how many entries, and where.

    Numbers are kept to six digits and those that are not finite become null. A short answer passes unchanged.

    >>> answer = bounded({"rows": list(range(1000))}, largest=500)
    >>> answer["rows"][:3], len(answer["rows"]), answer["cut"]
    ([0, 1, 2], 60, ['rows: 60 of 1000'])
    """
    plain = cast("dict[str, Any]", _plain(answer))
    if size(plain) <= largest:
        return plain
    shorter = plain
    for length in LENGTHS:
        cut: list[str] = []
        shorter = cast("dict[str, Any]", _cut(plain, length, "", cut))
        shorter["cut"] = cut[:40]
        if size(shorter) <= largest:
            return shorter
    return {
        "error": "the answer is too long",
        "hint": "Ask for one output, one name or one id.",
        "keys": list(plain),
    }


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in cast("Mapping[Any, Any]", value).items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in cast("list[Any]", value)]
    if isinstance(value, bool) or value is None or isinstance(value, int | str):
        return value
    number = float(value)
    return float(f"{number:.6g}") if math.isfinite(number) else None


def _cut(value: Any, length: int, where: str, cut: list[str]) -> Any:
    if isinstance(value, dict):
        items = list(cast("dict[str, Any]", value).items())
        if len(items) > length and where:
            cut.append(f"{where}: {length} of {len(items)}")
            items = items[:length]
        return {k: _cut(v, length, f"{where}.{k}" if where else k, cut) for k, v in items}
    if isinstance(value, list):
        entries = cast("list[Any]", value)
        if len(entries) > length:
            cut.append(f"{where}: {length} of {len(entries)}")
        return [_cut(v, length, f"{where}[{i}]", cut) for i, v in enumerate(entries[:length])]
    if isinstance(value, str) and len(value) > LONGEST_TEXT:
        return value[:LONGEST_TEXT] + " ..."
    return value
