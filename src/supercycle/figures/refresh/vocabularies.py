"""The vocabularies: which concept of which filer means which series, as data beside this file.

``filers.csv`` names the filers and their fiscal years, ``concepts.csv`` what each tags as what (``use``,
``fallback`` where the first is missing, ``refuse`` with the reason), ``rules.csv`` what series of one entity must
hold among themselves, ``fred.csv`` the series of FRED.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

from supercycle.core.errors import FigureError, UnknownNameError
from supercycle.figures import load

__all__ = [
    "Concept",
    "Filer",
    "FredSeries",
    "Rule",
    "concepts",
    "filers",
    "fred_series",
    "is_flow",
    "rules",
]

KINDS, SIGNS, USES = ("flow", "stock"), ("positive", "any"), ("use", "fallback", "refuse")


@dataclass(frozen=True, slots=True)
class Filer:
    """A company that files with the SEC; ``cik`` is its number there.

    ``registrant`` is the part of its registered name that an answer must carry: a wrong number is another company.
    """

    entity: str
    cik: int
    fiscal_year_end_month: int
    currency: str
    registrant: str
    source: str
    note: str


@dataclass(frozen=True, slots=True)
class Concept:
    """What a filer's tag means: a flow or a stock, its sign, and whether it is used or refused.

    ``since`` and ``until`` bound the period ends for which it means that (ISO days, empty for open): a series whose tag
    was renamed has one row a name.
    """

    entity: str
    series: str
    concept: str
    kind: str
    sign: str
    use: str
    since: str
    until: str
    note: str

    def covers(self, end: date) -> bool:
        """True when the tag means this for a period that ends on the day."""
        return (not self.since or end.isoformat() >= self.since) and (
            not self.until or end.isoformat() <= self.until
        )

    @property
    def tag(self) -> tuple[str, str]:
        """Taxonomy and name."""
        taxonomy, _, name = self.concept.partition(":")
        return taxonomy, name


@dataclass(frozen=True, slots=True)
class Rule:
    """A relation between two series of one entity."""

    rule: str
    entity: str
    series: str
    other: str
    note: str


@dataclass(frozen=True, slots=True)
class FredSeries:
    """A series of FRED and what it is called here; frequency d, m, q or a."""

    id: str
    series: str
    entity: str
    unit: str
    frequency: str


def _rows(name: str) -> list[dict[str, str]]:
    text = files("supercycle.figures.refresh").joinpath("vocabulary", name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@cache
def filers() -> dict[str, Filer]:
    """Every filer by entity.

    >>> filers()["Oracle"].fiscal_year_end_month
    5
    """
    return {
        row["entity"]: Filer(
            row["entity"],
            int(row["cik"]),
            int(row["fiscal_year_end_month"]),
            row["currency"],
            row["registrant"],
            row["source"],
            row["note"],
        )
        for row in _rows("filers.csv")
    }


@cache
def concepts(entity: str) -> tuple[Concept, ...]:
    """What a filer's tags mean, its own rows before those of everybody; UnknownNameError for an unknown filer.

    >>> [c.concept.split(":")[1] for c in concepts("Amazon") if c.series == "capex_cash" and c.use == "use"]
    ['PaymentsToAcquireProductiveAssets']
    """
    if entity not in filers():
        raise UnknownNameError("filer", entity, filers())
    found = [
        Concept(
            entity,
            row["series"],
            row["concept"],
            row["kind"],
            row["sign"],
            row["use"],
            row["from"],
            row["until"],
            row["note"],
        )
        for row in _rows("concepts.csv")
        if row["entity"] in (entity, "*")
    ]
    return check_concepts(found)


def check_concepts(found: Iterable[Concept]) -> tuple[Concept, ...]:
    """The same rows; FigureError when a word is not known or one concept is used for two things."""
    rows = tuple(found)
    used: dict[str, str] = {}
    for row in rows:
        for name, value, known in (
            ("kind", row.kind, KINDS),
            ("sign", row.sign, SIGNS),
            ("use", row.use, USES),
        ):
            if value not in known:
                raise UnknownNameError(f"{name} of a concept", value, known, where="concepts.csv")
        if row.use != "refuse" and used.setdefault(row.concept, row.series) != row.series:
            raise FigureError(
                f"{row.concept} of {row.entity} stands for two things", expected=used[row.concept], got=row.series,
                where="concepts.csv",
            )  # fmt: skip
    return rows


@cache
def is_flow(series: str) -> bool:
    """Say whether a series is an amount over a period: by the tables' ``kind``, else by the vocabulary's.

    >>> is_flow("capex_cash"), is_flow("debt_total")
    (True, False)
    """
    return load.is_flow(series) or any(
        row["series"] == series and row["kind"] == "flow" for row in _rows("concepts.csv")
    )


@cache
def rules() -> tuple[Rule, ...]:
    """Relations that readings of one entity must hold."""
    return tuple(Rule(**row) for row in _rows("rules.csv"))


@cache
def fred_series() -> tuple[FredSeries, ...]:
    """The series of FRED that are refreshed."""
    return tuple(
        FredSeries(row["id"], row["series"], row["entity"], row["unit"], row["frequency"])
        for row in _rows("fred.csv")
    )
