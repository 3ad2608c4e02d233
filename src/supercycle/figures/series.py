"""Series: all readings of a point, the rule that chooses one, and calendar quarters.

Choosing, in this order: a number before a note; tier A, B, derived, C, D (a derived row stands where its weakest
input does); the later ``published``; the id, so that the choice is the same on every machine. Guidance: the later
``published`` before the tier. Nothing is dropped: ``rivals`` returns every reading, best
first.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache

from supercycle.core.errors import FigureError, UnknownNameError
from supercycle.core.quarters import Quarter
from supercycle.figures.evidence import weakest_evidence, weakest_tier
from supercycle.figures.fiscal import fiscal_quarters, remaining_quarter
from supercycle.figures.known_from import published_by
from supercycle.figures.load import Figure, all_series, is_flow, rows_of
from supercycle.figures.periods import parse_period
from supercycle.figures.tiers import rank
from supercycle.figures.units import convert

__all__ = [
    "QuarterReading",
    "bounds",
    "choose",
    "entities",
    "latest",
    "latest_of",
    "quarter_of",
    "quarterly",
    "ranking",
    "readings",
    "rivals",
    "series_names",
    "total",
]


@dataclass(frozen=True, slots=True)
class QuarterReading:
    """One calendar quarter of a series: printed (one id) or a fiscal year less nine months (four ids)."""

    quarter: str
    value: float
    unit: str
    tier: str
    evidence: str
    how: str
    ids: tuple[str, ...]
    known_from: date
    vintage: str


def series_names() -> tuple[str, ...]:
    """Every series name, sorted."""
    return tuple(sorted(all_series()))


@cache
def _by_entity(series: str) -> dict[str, tuple[Figure, ...]]:
    rows = rows_of(series)
    if not rows:
        raise UnknownNameError("series", series, all_series())
    gathered: dict[str, list[Figure]] = {}
    for row in rows:
        gathered.setdefault(row.entity, []).append(row)
    return {who: tuple(found) for who, found in gathered.items()}


def entities(series: str) -> tuple[str, ...]:
    """Entities a series is printed for; UnknownNameError suggests the nearest series.

    >>> "Meta" in entities("capex_cash")
    True
    """
    return tuple(sorted(_by_entity(series)))


def readings(series: str, entity: str) -> tuple[Figure, ...]:
    """Every row of a series and entity, over all tables; UnknownNameError suggests the nearest name."""
    known = _by_entity(series)
    if entity not in known:
        raise UnknownNameError(f"entity of {series}", entity, sorted(known))
    return known[entity]


def ranking(row: Figure) -> tuple[bool, int, int, str]:
    """Sort key of the choosing rule, best first (an unprinted ``published`` counts as the oldest).

    Guidance is a sequence of statements: the latest comes first whatever its tier.
    """
    appeared = -published_by(row.published, row.where).toordinal() if row.published else 0
    place = rank(row.standing)
    first, second = (appeared, place) if row.kind == "guidance" else (place, appeared)
    return row.value is None, first, second, row.id


def rivals(
    series: str,
    entity: str,
    period: str,
    *,
    as_of: date | None = None,
    tiers: Collection[str] | None = None,
) -> tuple[Figure, ...]:
    """Every reading of one point, best first; ``as_of`` keeps what was known then, ``tiers`` what may be
    used.

    Raises UnknownNameError when the series has no such period at all; returns () when the filters leave
    nothing.

    >>> [row.value for row in rivals("run_rate_revenue", "OpenAI", "2025-12")]
    [21.4, 20.0]
    """
    rows = readings(series, entity)
    key = parse_period(period, entity).key
    found = [row for row in rows if row.period.key == key]
    if not found:
        raise UnknownNameError(f"period of {series}, {entity}", period, [row.period.printed for row in rows])
    return tuple(sorted(_filtered(found, as_of, tiers), key=ranking))


def choose(
    series: str,
    entity: str,
    period: str,
    *,
    as_of: date | None = None,
    tiers: Collection[str] | None = None,
) -> Figure:
    """The best-ranked reading of one point; FigureError when the filters leave none.

    >>> choose("capex_cash", "Meta", "2026Q1").value
    18.997
    """
    found = rivals(series, entity, period, as_of=as_of, tiers=tiers)
    if not found:
        raise FigureError(
            f"no reading of {series}, {entity}, {period} passes",
            expected=f"known by {as_of or 'any day'}, tier {' or '.join(sorted(tiers)) if tiers else 'any'}",
            got="none",
            hint="Widen the tiers or the date.",
        )
    return found[0]


def latest(
    series: str, entity: str, *, as_of: date | None = None, tiers: Collection[str] | None = None
) -> Figure:
    """The chosen reading of the latest period that has a number; FigureError when the filters leave none.

    >>> latest("run_rate_revenue_epoch", "OpenAI").period.printed
    '2026-08-13'
    """
    rows = [row for row in _filtered(readings(series, entity), as_of, tiers) if row.value is not None]
    dated = [row for row in rows if row.period.end is not None]
    if not dated:
        raise FigureError(f"no dated reading of {series}, {entity}", expected="at least one", got="none")
    end = max(row.period.end for row in dated if row.period.end is not None)
    return min((row for row in dated if row.period.end == end), key=ranking)


def latest_of(series: str, entity: str) -> Figure | None:
    """As ``latest``, but None where no reading has a number and a date."""
    try:
        return latest(series, entity)
    except FigureError:
        return None


def _filtered(rows: Iterable[Figure], as_of: date | None, tiers: Collection[str] | None) -> list[Figure]:
    """Rows known by a day and of the given tiers; a self-declared guess passes only where D does."""
    return [
        row
        for row in rows
        if (as_of is None or row.known_from <= as_of)
        and (tiers is None or (row.standing in tiers and (row.evidence != "judgement" or "D" in tiers)))
    ]


def quarter_of(row: Figure) -> str | None:
    """Calendar quarter a row stands for: a quarter, or a balance printed for a quarter's last day."""
    end = row.period.end
    if end is None or row.value is None or row.period.qualifier:
        return None
    quarter = Quarter.of(end)
    balance = row.period.kind == "day" and end == quarter.last_day and not is_flow(row.series)
    return str(quarter) if row.period.kind == "quarter" or balance else None


def quarterly(
    series: str, entity: str, *, as_of: date | None = None, tiers: Collection[str] | None = None
) -> dict[str, QuarterReading]:
    """Calendar quarters of a series, oldest first; a flow's one missing quarter of a fiscal year is FY - 9M.

    Companies' quarters are already calendar quarters in the tables (figures.fiscal says how); a quarter is
    never interpolated, and a quarter whose readings have different units keeps the best-ranked one.

    >>> quarterly("capex_cash", "Oracle")["2026Q2"].value
    16.493
    """
    rows = _filtered(readings(series, entity), as_of, tiers)
    best: dict[str, Figure] = {}
    for row in sorted(rows, key=ranking, reverse=True):  # the best comes last and stays
        name = quarter_of(row)
        if name is not None:
            best[name] = row
    out = {name: _printed(name, row) for name, row in best.items()}
    if is_flow(series):
        for year in sorted((row for row in rows if row.period.kind == "fiscal_year"), key=ranking):
            name, reading = _differenced(entity, year, best)
            if reading is not None:
                out.setdefault(name, reading)
    return dict(sorted(out.items()))


def _printed(name: str, row: Figure) -> QuarterReading:
    assert row.value is not None
    return QuarterReading(
        name, row.value, row.unit, row.standing, row.evidence, "printed", (row.id,),
        row.known_from, row.vintage,
    )  # fmt: skip


def _differenced(entity: str, year: Figure, best: dict[str, Figure]) -> tuple[str, QuarterReading | None]:
    """The fourth of a fiscal year's quarters when exactly three are printed in the year's unit."""
    assert year.period.end is not None
    if year.value is None:
        return "", None
    names = fiscal_quarters(entity, year.period.end.year)
    missing = [name for name in names if name not in best]
    parts = [best[name] for name in names if name in best]
    if len(missing) != 1 or any(part.unit != year.unit or part.basis != year.basis for part in parts):
        return "", None
    inputs = [year, *parts]
    first, second, third = (part.value or 0.0 for part in parts)
    return missing[0], QuarterReading(
        quarter=missing[0],
        value=remaining_quarter(year.value, (first, second, third)),
        unit=year.unit,
        tier=weakest_tier(row.standing for row in inputs),
        evidence=weakest_evidence(row.evidence for row in inputs),
        how="FY - 9M",
        ids=tuple(row.id for row in inputs),
        known_from=max(row.known_from for row in inputs),
        vintage="reconstructed" if any(row.vintage == "reconstructed" for row in inputs) else "as published",
    )


def total(
    series: str,
    who: Iterable[str],
    first: str,
    last: str | None = None,
    *,
    unit: str,
    as_of: date | None = None,
    tiers: Collection[str] | None = None,
) -> float:
    """Sum of a flow over entities and calendar quarters ``first`` .. ``last``; a missing quarter is an error.

    >>> five = ["Microsoft", "Alphabet", "Amazon", "Meta", "Oracle"]
    >>> round(total("capex_cash", five, "2026Q1", unit="USD_bn"), 1)
    148.4
    """
    if not is_flow(series):
        raise FigureError(
            f"{series} is not a flow", expected="an amount over a period", got="a balance or a rate"
        )
    amount = 0.0
    for entity in who:
        quarters = quarterly(series, entity, as_of=as_of, tiers=tiers)
        for name in map(str, Quarter.parse(first).until(Quarter.parse(last or first))):
            if name not in quarters:
                have = f"{min(quarters)} to {max(quarters)}" if quarters else "no quarter"
                raise FigureError(f"{series}, {entity} has no {name}", expected="every quarter", got=have)
            amount += convert(quarters[name].value, quarters[name].unit, unit)
    return amount


_RANGE = re.compile(r"(-?\d+(?:\.\d+)?)-(\d+(?:\.\d+)?)\b")
_BOUND = re.compile(r"([<>])\s*(-?\d+(?:\.\d+)?)")


def bounds(row: Figure) -> tuple[float | None, float | None]:
    """Low and high a row prints: a range ("195-205" in the text or opening the note), a bound ("> 85"), or
    its value.

    A range in the note counts only when the value lies inside it. (None, None) when nothing can be read.

    >>> bounds(choose("capex_guidance", "Alphabet", "2026FY"))
    (195.0, 205.0)
    """
    if row.value is None:
        bound, span = _BOUND.fullmatch(row.text), _RANGE.fullmatch(row.text)
        if span:
            return float(span[1]), float(span[2])
        if bound:
            return (float(bound[2]), None) if bound[1] == ">" else (None, float(bound[2]))
        return None, None
    span = _RANGE.match(row.note)
    if span and float(span[1]) <= row.value <= float(span[2]):
        return float(span[1]), float(span[2])
    return row.value, row.value
