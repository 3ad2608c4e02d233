"""The famous statements, one figure a row: what, by whom, for when. Claims are tested, never used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from supercycle.core.errors import FigureError, UnknownNameError
from supercycle.figures.load import read_rows, table_text
from supercycle.figures.periods import Period, parse_period
from supercycle.figures.units import checked

__all__ = ["RELATIONS", "Claim", "claim", "claims", "parse_claims"]

# How the printed number stands to the truth: exact to its last digit, "~" about, more than, less than, "nearly"
# (just under), or one end of a printed range.
RELATIONS: tuple[str, ...] = ("=", "~", ">=", "<=", "nearly", "range")


@dataclass(frozen=True, slots=True)
class Claim:
    """One statement: ``value`` in ``unit`` for ``period``, by ``attributed_to``, read in ``document``.

    ``printed`` is the number as said ("~$134B", "3-4 years"), ``relation`` one of RELATIONS; ``low`` and ``high``
    are the ends of a printed range, of which ``value`` is one.
    """

    id: str
    line: int
    topic: str
    statement: str
    value: float
    unit: str
    unit_printed: str
    printed: str
    relation: str
    low: float | None
    high: float | None
    period: Period
    attributed_to: str
    document: str
    note: str


def number(row: Mapping[str, str], column: str, where: str) -> float:
    """A cell that must be a number; FigureError names file, line and what came."""
    try:
        return float(row[column])
    except ValueError:
        raise FigureError(
            f"{column} is not a number", expected="a number", got=repr(row[column]), where=where
        ) from None


def parse_claims(text: str) -> dict[str, Claim]:
    """Read claims.csv; refuses a repeated id, a value that is no number and an unknown unit."""
    out: dict[str, Claim] = {}
    for line, row in read_rows("claims", text):
        where = f"claims.csv:{line}"
        name = row["id"]
        if not name or name in out:
            raise FigureError("claim id", expected="a new, non-empty id", got=repr(name), where=where)
        out[name] = Claim(
            id=name,
            line=line,
            topic=row["topic"],
            statement=row["statement"],
            value=number(row, "value", where),
            unit=checked(row["unit"], where),
            unit_printed=row["unit_printed"] or row["unit"],
            printed=row["printed"],
            relation=_relation(row, where),
            low=number(row, "low", where) if row["low"] else None,
            high=number(row, "high", where) if row["high"] else None,
            period=parse_period(row["period"], row["attributed_to"]),
            attributed_to=row["attributed_to"],
            document=row["document"],
            note=row["notes"],
        )
    return out


def _relation(row: Mapping[str, str], where: str) -> str:
    """The relation; refused when unknown, and when a range lacks its ends or the value is neither of them."""
    if row["relation"] not in RELATIONS:
        raise UnknownNameError("relation", row["relation"], RELATIONS, where=where)
    ends = {float(row[name]) for name in ("low", "high") if row[name]}
    if (
        bool(row["low"]) != bool(row["high"])
        or (row["relation"] == "range") is not (len(ends) == 2)
        or (ends and number(row, "value", where) not in ends)
    ):
        raise FigureError(
            "a range", expected="two ends, and the value one of them", got=f"{row['low']} to {row['high']}",
            where=where,
        )  # fmt: skip
    return row["relation"]


@cache
def claims() -> dict[str, Claim]:
    """Every claim by id, in the order of the table."""
    return parse_claims(table_text("claims"))


def claim(name: str) -> Claim:
    """One claim; UnknownNameError suggests the nearest id.

    >>> claim("required_revenue").value, claim("required_revenue").unit
    (650.0, 'USD_bn/year')
    """
    known = claims()
    if name not in known:
        raise UnknownNameError("claim", name, known)
    return known[name]
