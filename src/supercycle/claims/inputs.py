"""Where a claim's inputs come from: its own words, a row of the figures, a sum of rows, or a stated judgement.

Each maker returns an :class:`Input`. A range that no source prints is half to double of the value.
"""

from __future__ import annotations

from collections.abc import Sequence

from supercycle.claims.entry import Input
from supercycle.core.errors import FigureError
from supercycle.figures.claims import claim
from supercycle.figures.evidence import weakest_evidence
from supercycle.figures.priors import prior
from supercycle.figures.series import bounds, choose, quarterly, total
from supercycle.figures.units import convert

__all__ = ["bound", "claimed", "judged", "printed", "quoted", "solved", "stated", "summed"]

Range = tuple[float, float] | None


def _range(value: float, span: Range) -> tuple[float, float]:
    low, high = span if span is not None else sorted((value / 2, value * 2))
    return min(low, value), max(high, value)


def stated(name: str, value: float, unit: str, source: str, span: Range = None) -> Input:
    """An input in the claim's own words, with the document that prints it."""
    return Input(name, value, unit, *_range(value, span), "published", source)


def judged(name: str, value: float, unit: str, reason: str, span: Range = None) -> Input:
    """An input nobody prints: a judgement with its reason."""
    return Input(name, value, unit, *_range(value, span), "judgement", reason)


def solved(name: str, value: float, unit: str, how: str, span: Range = None) -> Input:
    """An input computed here from other published numbers; a judgement, because nobody prints it."""
    return Input(name, value, unit, *_range(value, span), "judgement", f"solved: {how}")


def claimed(name: str, id: str, span: Range = None, *, scale: float = 1.0, unit: str = "") -> Input:
    """The value of a row of claims.csv, ``scale`` times (0.01 makes a share of percent).

    >>> claimed("capex_usd_bn", "capex_total_low").value
    5000.0
    """
    row = claim(id)
    value = row.value * scale
    source = f"{row.attributed_to}: {row.document}"
    return Input(name, value, unit or row.unit, *_range(value, span), "published", source, id)


def printed(
    name: str,
    series: str,
    entity: str,
    period: str,
    span: Range = None,
    *,
    scale: float = 1.0,
    unit: str = "",
) -> Input:
    """The chosen reading of a series at one point (figures.choose), ``scale`` times.

    >>> printed("capex_usd_bn", "capex_cash", "Meta", "2024FY").value
    37.256
    """
    row = choose(series, entity, period)
    assert row.value is not None, row.id
    value = row.value * scale
    evidence = row.evidence
    return Input(name, value, unit or row.unit, *_range(value, span), evidence, row.source_title, row.id)


def quoted(name: str, series: str, entity: str, period: str, end: int, unit: str) -> Input:
    """One end (0 low, 1 high) of a figure that prints a range or a bound ("3-4", ">10").

    >>> quoted("value", "gas_turbine_lead_time", "new orders (JPM)", "2025-11", 0, "year").value
    3.0
    """
    row = choose(series, entity, period)
    value = bounds(row)[end]
    if value is None:
        raise FigureError(
            f"{series}, {entity}, {period}", expected="a printed bound", got=row.text, where=row.where
        )
    return Input(name, value, unit, value, value, row.evidence, row.source_title, row.id)


def summed(
    name: str,
    series: str,
    who: Sequence[str],
    first: str,
    last: str,
    unit: str,
    span: Range = None,
    *,
    scale: float = 1.0,
) -> Input:
    """A flow summed over companies and calendar quarters, ``scale`` times; the evidence is the weakest used."""
    value = scale * total(series, who, first, last, unit=unit)
    used = [row for one in who for key, row in quarterly(series, one).items() if first <= key <= last]
    source = f"sum of {series} over {', '.join(who)}, {first} to {last}"
    evidence = weakest_evidence(row.evidence for row in used)
    times = "" if scale == 1 else f", times {scale:g}"
    return Input(name, value, unit, *_range(value, span), evidence, source + times, f"series {series}")


def bound(name: str, id: str, which: str, unit: str = "") -> Input:
    """The low, central or high of a prior, converted to ``unit``; its range is the prior's."""
    row = prior(id)
    low, value, high = (
        convert(x, row.unit, unit) if unit else x for x in (row.low, getattr(row, which), row.high)
    )
    return Input(
        name, value, unit or row.unit, low, high, row.evidence, f"{row.source} ({which})", f"prior {id}"
    )
