"""Rewrites a deal of the first schema for the second, and tells every change of meaning.

Comments and the order of keys stay. What needs a decision (a comma in a number, a term of 9.9 years) is named and left
as it is; the reader refuses it until it is decided.
"""

from __future__ import annotations

import datetime
import io
import re
from typing import Any, cast

from supercycle.core.errors import InputError
from supercycle.deals.document.document import Reader
from supercycle.deals.document.read import FIRST_SCHEMA, read_deal
from supercycle.deals.document.schema import SCHEMA

__all__ = ["upgrade"]

WIDE = 4096
GENERAL = (
    "rent, prices, running costs and rates that change within a period now count by days, not by the first day's level",
    "a value, a target or a threshold is now that of the payment date; the first schema took the period's first day",
    "money that owners put in is now dated by the day on which it is paid",
    "the undrawn fee now runs on the average daily undrawn amount, and ends with the last day of drawing",
    "an asset is now sold on the payment date on which its lease ends, not one period later",
)


def upgrade(text: str, *, origin: str = "deal") -> tuple[str, list[str]]:
    """(the text under the second schema, what changed and what is left to decide).

    Errors: InputError where the text is no deal, or is not of the first schema.
    """
    from ruamel.yaml import YAML

    reader = Reader(origin)
    content = reader.parse(text)
    if content.get("schema") != FIRST_SCHEMA:
        raise InputError(
            "not a deal of the first schema", expected=FIRST_SCHEMA, got=content.get("schema"),
            where=reader.line(content, "schema"),
        )  # fmt: skip
    told: list[str] = []
    content["schema"] = SCHEMA
    told.append(f"schema: {FIRST_SCHEMA} is now {SCHEMA}")
    _reserves(reader, content, told)
    _numbers(reader, content, told)
    _payments(reader, content, told)
    told += GENERAL
    yaml: Any = YAML(typ="rt")
    yaml.width, yaml.preserve_quotes = WIDE, True
    yaml.indent(mapping=2, sequence=4, offset=2)
    stream = io.StringIO()
    yaml.dump(content, stream)
    new = stream.getvalue()
    try:
        read_deal(new, origin=origin)
    except InputError as error:
        told.append(f"left to decide: {error}")
    return new, told


def _reserves(reader: Reader, content: Any, told: list[str]) -> None:
    reserves: list[Any] = content.get("reserves") or []
    for reserve in reserves:
        if "funded_at_close" not in reserve:
            continue
        where = reader.line(reserve, "funded_at_close")
        at = list(reserve).index("funded_at_close")
        if reserve.pop("funded_at_close"):
            reserve.insert(at, "funded", "closing")
            told.append(
                f"{where}: funded_at_close is now funded: closing; it holds the service of the first months in "
                "operation (the first schema: of the months after closing); there is also funded: completion"
            )
        else:
            told.append(f"{where}: funded_at_close: false is left out; that is what funded: cash means")


def _numbers(reader: Reader, node: Any, told: list[str]) -> None:
    """Numbers that the second schema does not take, wherever they are."""
    held: Any = node
    items = list(held.items()) if isinstance(node, dict) else list(enumerate(cast(list[Any], node)))
    for name, value in items:
        if isinstance(value, dict | list):
            _numbers(reader, value, told)
        elif isinstance(value, str) and re.fullmatch(r"[-+]?[\d_]*,[\d_,.]*\s*(%|bp|)", value.strip()):
            told.append(
                f"{reader.line(node, name)}: {value!r} was read as {value.replace(',', '')}; a comma is refused now: "
                "write what is meant"
            )


def _payments(reader: Reader, content: Any, told: list[str]) -> None:
    """Principal on dates now falls on them; the first schema paid it one period late."""
    facilities: list[Any] = content.get("facilities") or []
    for facility in facilities:
        rule: Any = facility.get("amortisation") or {}
        for name in ("payments", "target"):
            number: Any = rule.get(name)
            for form in ("amounts", "curve"):
                dates: list[Any] = cast("Any", number).get(form) or [] if isinstance(number, dict) else []
                for date in dates:
                    if isinstance(date, datetime.date):
                        told.append(
                            f"{reader.line(dates, date)}: {name} of {facility.get('name')!r} on {date} falls on it; "
                            "the first schema paid it one period later"
                        )
