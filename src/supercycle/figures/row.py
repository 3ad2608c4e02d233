"""One row of a typed table: a sourced reading of one point, as printed and as understood.

Eighteen columns. ``value`` is as printed; ``unit`` is canonical (``unit_printed`` only where the print differs);
``kind`` says what sort of number it is, ``tier`` who said it, ``inputs_tier`` the weakest input of a derived row,
``known_from`` the first day on which a back-test may see it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

from supercycle.core.errors import FigureError, UnknownNameError
from supercycle.figures.evidence import EVIDENCE
from supercycle.figures.known_from import latest_day
from supercycle.figures.periods import Period, parse_period
from supercycle.figures.tiers import CALIBRATABLE, TIERS, standing
from supercycle.figures.units import checked

__all__ = ["FIGURE_COLUMNS", "KINDS", "LICENCES", "VINTAGES", "Figure", "figure_of"]

FIGURE_COLUMNS: tuple[str, ...] = (
    "series", "entity", "period", "value", "unit", "unit_printed", "basis", "kind", "tier", "inputs_tier", "evidence",
    "known_from", "vintage", "licence", "source_title", "source_url", "published", "note",
)  # fmt: skip
KINDS: tuple[str, ...] = (
    "flow", "stock", "rate", "price", "ratio", "duration", "guidance", "forecast", "event", "term", "note",
)  # fmt: skip
VINTAGES: tuple[str, ...] = ("as published", "reconstructed")
LICENCES: tuple[str, ...] = (
    "fact", "public domain", "CC BY 4.0", "MIT", "Apache-2.0", "PDDL 1.0", "NCSA",
)  # fmt: skip
_STATEMENTS = frozenset({"guidance", "forecast"})
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][-+]?\d+)?")
_SLUG = re.compile(r"[^A-Za-z0-9.+-]+")
_SLUG_LENGTH = 32
_PRINTED_TIERS = frozenset(TIERS)
_WORDS = {
    "kind": frozenset(KINDS),
    "tier": _PRINTED_TIERS,
    "inputs_tier": frozenset({"", "A", "B", "C", "D"}),
    "evidence": frozenset(EVIDENCE),
    "vintage": frozenset(VINTAGES),
    "licence": frozenset(LICENCES),
}


class Figure(NamedTuple):
    """One sourced reading of one point.

    ``value`` is in ``unit`` (canonical, or a word that does not convert); None when the print is not a
    number, then ``text`` holds it. ``basis`` keeps what changes the meaning ("2005 prices"). ``line`` is
    the line of the table file, for messages; ``id`` depends on the content only, so it survives reordering.
    """

    table: str
    line: int
    series: str
    entity: str
    period: Period
    value: float | None
    text: str
    unit: str
    unit_printed: str
    basis: str
    kind: str
    tier: str
    inputs_tier: str
    evidence: str
    known_from: date
    vintage: str
    licence: str
    source_title: str
    source_url: str
    published: str
    note: str

    @property
    def id(self) -> str:
        """``table:series:entity:period:hash``; the hash is of the printed content and the tier."""
        content = (
            self.table, self.series, self.entity, self.period.printed, self.text, self.unit_printed, self.tier,
            self.source_title, self.source_url, self.published, self.note, self.basis,
        )  # fmt: skip
        digest = blake2b("\x1f".join(content).encode(), digest_size=2).hexdigest()
        period = _slug(self.period.printed) or "undated"
        return f"{self.table}:{self.series}:{_slug(self.entity)}:{period}:{digest}"

    @property
    def where(self) -> str:
        """``file:line`` of the row."""
        return f"{self.table}.csv:{self.line}"

    @property
    def standing(self) -> str:
        """The tier it counts as: its own, and for arithmetic on C or D rows theirs."""
        return standing(self.tier, self.inputs_tier)

    @property
    def settings(self) -> dict[str, str]:
        """What was measured, where ``basis`` says it as ``name=value; name=value``; {} where it does not."""
        pairs = (part.partition("=") for part in self.basis.split("; "))
        return {name: value for name, equals, value in pairs if equals}

    @property
    def is_note(self) -> bool:
        """True when the row cannot be computed with: no plain number, or no date and no term of a contract."""
        return self.value is None or not (self.period.dated or self.kind == "term")

    @property
    def calibratable(self) -> bool:
        """True when the model may be fitted to it: a number with a date, tier A, B or derived from them, no guess."""
        return not self.is_note and self.standing in CALIBRATABLE and self.evidence == "measured"

    @property
    def key(self) -> tuple[str, str, str]:
        """Rows with the same key are readings of the same point.

        Basis is part of it (a chip at another batch size is another point), and so is the day on which a statement
        about the future was made: vintages are a sequence, not rivals.
        """
        period = f"{self.period.key}|{self.basis}" if self.basis else self.period.key
        return self.series, self.entity, f"{period}@{self.published}" if self.kind in _STATEMENTS else period


@lru_cache(maxsize=8192)
def _slug(text: str) -> str:
    return _SLUG.sub("-", text).strip("-")[:_SLUG_LENGTH].rstrip("-")


@lru_cache(maxsize=8192)
def _day(text: str) -> date:
    return date.fromisoformat(text)


@lru_cache(maxsize=1024)
def _words_known(kind: str, tier: str, inputs_tier: str, evidence: str, vintage: str, licence: str) -> bool:
    """True when every word is known and only a derived row names the tier of its inputs."""
    words = {"kind": kind, "tier": tier, "inputs_tier": inputs_tier, "evidence": evidence, "vintage": vintage}
    known = all(word in _WORDS[name] for name, word in words.items()) and licence in _WORDS["licence"]
    return known and (tier == "derived") is bool(inputs_tier)


def figure_of(table: str, line: int, cells: Sequence[str]) -> Figure:
    """One row of cells as a figure; FigureError names ``table.csv:line`` and what is wrong with which cell."""
    if len(cells) != len(FIGURE_COLUMNS):
        raise FigureError(
            "wrong number of cells", expected=len(FIGURE_COLUMNS), got=len(cells), where=f"{table}.csv:{line}"
        )
    (
        series, entity, period, value, unit, unit_printed, basis, kind, tier, inputs_tier, evidence,
        known_from, vintage, licence, source_title, source_url, published, note,
    ) = cells  # fmt: skip
    if not (
        series
        and entity
        and source_title
        and _words_known(kind, tier, inputs_tier, evidence, vintage, licence)
    ):
        raise _refused(table, line, dict(zip(FIGURE_COLUMNS, cells, strict=True)))
    try:
        parsed, known = parse_period(period, entity), _day(known_from)
        if published:
            latest_day(published)
    except ValueError as problem:  # a day such as 2026-02-30
        raise FigureError(
            "no such date", expected="a calendar day", got=str(problem), where=f"{table}.csv:{line}"
        ) from None
    except FigureError as problem:
        raise FigureError(
            problem.message, expected=problem.expected, got=problem.got, where=f"{table}.csv:{line}"
        ) from None
    try:
        checked(unit)
    except FigureError as problem:
        raise FigureError(
            "unit not known", expected="a unit of core.units or a word of figures/units.py", got=repr(unit),
            where=f"{table}.csv:{line}", hint=problem.hint,
        ) from None  # fmt: skip
    return Figure(
        table, line, series, entity, parsed, float(value) if _NUMBER.fullmatch(value) else None, value, unit,
        unit_printed or unit, basis, kind, tier, inputs_tier, evidence, known, vintage, licence, source_title,
        source_url, published, note,
    )  # fmt: skip


def _refused(table: str, line: int, row: dict[str, str]) -> Exception:
    """What is wrong with the words of a row, the first thing first."""
    where = f"{table}.csv:{line}"
    for name in ("series", "entity", "source_title"):
        if not row[name]:
            return FigureError(f"no {name}", expected="a name", got="an empty cell", where=where)
    for name, words in _WORDS.items():
        if row[name] not in words:
            if name in ("tier", "inputs_tier"):
                expected = " or ".join(TIERS if name == "tier" else ("A", "B", "C", "D", "nothing"))
                return FigureError(f"{name} not known", expected=expected, got=repr(row[name]), where=where)
            return UnknownNameError(name, row[name], sorted(words), where=where)
    return FigureError(
        "inputs_tier", expected="the weakest tier of the inputs for a derived row, nothing for any other",
        got=f"tier {row['tier']}, inputs_tier {row['inputs_tier'] or 'nothing'}", where=where,
    )  # fmt: skip
