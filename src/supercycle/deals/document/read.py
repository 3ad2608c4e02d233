"""Reads a deal from text, and refuses what would not run: with the line, the expected and the found."""

from __future__ import annotations

import bisect
from collections.abc import Mapping
from typing import Any, cast

from supercycle.core.errors import InputError, UnknownNameError
from supercycle.deals.document.cases import resolved
from supercycle.deals.document.checks import check_deal
from supercycle.deals.document.checks_calendar import check_calendar
from supercycle.deals.document.checks_cases import has_cases
from supercycle.deals.document.document import Reader
from supercycle.deals.document.schema import NOT_BUILT, SCHEMA, Deal

__all__ = ["FIRST_SCHEMA", "read_deal"]

FIRST_SCHEMA = "supercycle.deal/1"


def read_deal(text: str, *, origin: str = "deal", settings: Mapping[str, str] | None = None) -> Deal:
    """The deal in a YAML text, with settings laid over it ("facilities.notes.rate" -> "7 %").

    Raises InputError (UnknownNameError for names) whose message begins with ``origin``:line.
    """
    reader = Reader(origin)
    content = reader.parse(text)
    if content.get("schema") == FIRST_SCHEMA:
        raise InputError(
            "a deal of the first schema, in which dates and bare numbers meant something else", expected=SCHEMA,
            got=FIRST_SCHEMA, where=reader.line(content, "schema"),
            hint=f"Rewrite it and see what changes: supercycle deal upgrade {origin}",
        )  # fmt: skip
    for path, value in (settings or {}).items():
        _lay(content, path, value)
    for name in content:
        if name in NOT_BUILT["block"]:
            raise InputError(
                f"block {name!r} is not built yet",
                where=reader.line(content, name),
                hint="See docs/deals.md.",
            )
    _Links(reader, content).resolve(content)
    deal = reader.block(Deal, content, "deal", f"{origin}:1")
    deal = _with_conditions(deal)
    check_deal(deal)
    return deal


def _with_conditions(deal: Deal) -> Deal:
    """The deal with the conditions of its numbers read; completion is the first period that has a contract running."""
    if not has_cases(deal) or not deal.contracts:
        return deal
    check_calendar(deal.calendar)
    periods = deal.calendar.lay()
    first = bisect.bisect_right(periods.ends, min(c.start for c in deal.contracts))
    completion = periods.starts[first] if first < periods.count else periods.ends[-1]
    ards = {f.name: f.amortisation.date for f in deal.facilities if f.amortisation.date is not None}
    return resolved(deal, tuple(t.name for t in deal.tests if t.trap), ards, completion)


def _lay(content: Any, path: str, value: str) -> None:
    """Set one key of the document: names of blocks stand for their place in a list."""
    from ruamel.yaml import YAML

    parsed: Any = cast(Any, YAML(typ="safe")).load(value)
    *heads, last = path.split(".")
    at = _inside(content, heads, f"--set {path}")
    if not isinstance(at, dict):
        raise InputError("nothing to set here", expected="block.name.key=value", where=f"--set {path}")
    at[last] = parsed


def _inside(content: Any, names: list[str], where: str) -> Any:
    """What a path of keys and names of blocks leads to."""
    at: Any = content
    for head in names:
        if isinstance(at, list):
            items = cast(list[Any], at)
            known = [
                str(cast(Any, i).get("name", k)) if isinstance(i, dict) else str(k)
                for k, i in enumerate(items)
            ]
            if head not in known:
                raise UnknownNameError("block", head, known, where=where)
            at = items[known.index(head)]
        elif isinstance(at, dict) and head in at:
            at = cast(Any, at)[head]
        else:
            keys = [str(k) for k in cast(Any, at)] if isinstance(at, dict) else []
            raise UnknownNameError("key", head, keys, where=where)
    return at


class _Links:
    """References within the file: ``$deal.facilities.notes.amount`` stands for what is written there."""

    def __init__(self, reader: Reader, content: Any) -> None:
        self._reader, self._content, self._done = reader, content, set[int]()

    def resolve(self, node: Any) -> None:
        """Put what they stand for in place of all references of a block; circular ones are refused."""
        if not isinstance(node, dict | list) or id(cast(Any, node)) in self._done:
            return  # an anchor's block is visited once, however often it is named
        held: Any = cast(Any, node)
        self._done.add(id(held))
        names: Any = list(held) if isinstance(node, dict) else range(len(held))
        for name in names:
            value: Any = held[name]
            where = self._reader.line(node, name)
            if isinstance(value, str) and value.startswith("$deal."):
                held[name] = self._follow(value, where, (value,))
            else:
                self.resolve(value)

    def _follow(self, link: str, where: str, seen: tuple[str, ...]) -> Any:
        found = _inside(self._content, link.split(".")[1:], where)
        if isinstance(found, dict) and "value" in found:
            found = cast(Any, found)["value"]
        if isinstance(found, dict | list):
            raise InputError(
                "a reference leads to a number, date or name", expected="$deal.block.name.key", got=link,
                where=where,
            )  # fmt: skip
        if isinstance(found, str) and found.startswith("$deal."):
            if found in seen:
                raise InputError("circular reference", got=" -> ".join((*seen, found)), where=where)
            return self._follow(found, where, (*seen, found))
        return cast(Any, found)
