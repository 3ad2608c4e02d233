"""The frame every block is written in: its axes, its conversions, and how a parameter cites its evidence."""

from __future__ import annotations

import re
from collections.abc import Sequence

from supercycle.core.errors import FigureError
from supercycle.core.units import parse_unit
from supercycle.equations.spec import Axis, Block, Constant
from supercycle.equations.variable import zero
from supercycle.figures.evidence import weakest_evidence
from supercycle.figures.members import members
from supercycle.figures.priors import prior
from supercycle.figures.value import FigureValue, figure

__all__ = [
    "CONVERSIONS", "FIRM", "START", "VINTAGE", "Block", "FigureValue", "by_firm", "figure", "in_unit", "judged", "measured", "sourced", "zero",
]

START = "2026Q2"
_QUARTER = re.compile(r"[0-9]{4}Q[1-4]")  # a printed quarter; months and years are other spans
_LONGEST_QUARTER = 92  # days between the ends of two quarters
FIRM = Axis.of("firm", members("firm"))
VINTAGE = Axis("vintage", ("to 2023", "2024", "2025", "2026H1", "2026H2", "2027", "2028", "2029", "2030", "2031", "2032",
                           "2033", "2034", "2035"))

CONVERSIONS = (  # what every block may read
    Constant("one_year", 4.0, "q", "quarters in a year"),
    Constant("hours_per_quarter", 2191.5, "h/q", "8,766 hours in a year of 365.25 days, over four"),
    Constant("hours_per_year", 8766.0, "h/year", "hours in a year of 365.25 days"),
    Constant("usd_bn_per_usd_m", 1e-3, "USD_bn/USD_m", "a thousandth"),
    Constant("usd_m_per_usd_bn", 1e3, "USD_m/USD_bn", "a thousand"),
    Constant("year_per_quarter", 0.25, "year/q", "a quarter of a year"),
)


def sourced(block: Block, id: str, from_prior: str, label: str, unit: str, distribution: str, *, default: float | None = None,
            low: float | None = None, high: float | None = None, scale: float = 1.0, reason: str = "") -> None:
    """Register a parameter from a row of the priors table; a departure from the row needs its reason."""
    row = prior(from_prior)
    departs = not (default is None and low is None and high is None)
    if departs and not reason:
        raise ValueError(f"{id} departs from prior {from_prior} without a reason")
    block.param(
        id, label, unit, row.central * scale if default is None else default, row.low * scale if low is None else low,
        row.high * scale if high is None else high, distribution, row.meaning,
        source=f"{row.source} (prior {from_prior})", evidence=row.evidence, rows=(from_prior,),
        reason=reason or ((row.note or row.source) if row.evidence == "judgement" else ""))


def judged(block: Block, id: str, label: str, unit: str, default: float, low: float, high: float, distribution: str,
           meaning: str, reason: str) -> None:
    """Register a judgement: no source was seen; the reason says where the range comes from."""
    block.param(id, label, unit, default, low, high, distribution, meaning, evidence="judgement", reason=reason)


def measured(block: Block, id: str, label: str, unit: str, value: float | FigureValue, meaning: str, source: str = "", *,
             low: float | None = None, high: float | None = None, distribution: str = "fixed",
             evidence: str = "measured", reason: str = "") -> None:
    """Register a figure the opening is built from; fixed unless a range is given.

    A ``figure(...)`` is the road: the value is read from its rows in the parameter's unit, its source and evidence are theirs
    (never better than ``evidence``), and a changed row changes the next run. ``source`` then adds what was done with them.
    """
    rows: tuple[str, ...] = ()
    if isinstance(value, FigureValue):
        source = "; ".join(part for part in (_cited(value), source) if part)
        rows, evidence, value = value.ids, weakest_evidence((evidence, value.evidence)), in_unit(value, unit, id)
        reason = reason or ("a guess among its rows" if evidence == "judgement" else "")
    block.param(id, label, unit, value, value if low is None else low, value if high is None else high, distribution,
                meaning, source=source, evidence=evidence, reason=reason, rows=rows)


def by_firm(block: Block, id: str, label: str, unit: str, values: Sequence[float | FigureValue], meaning: str, source: str = "",
            *, evidence: str = "measured", reason: str = "", spread: float = 0.0) -> None:
    """Register one parameter per firm, and the family that equations read as ``id``; values as in ``measured``."""
    for firm, value in zip(FIRM.members, values, strict=True):
        number = in_unit(value, unit, id) if isinstance(value, FigureValue) else value
        low, high = sorted((number * (1.0 - spread), number * (1.0 + spread)))
        measured(block, f"{id}:{firm}", f"{label}, {firm}", unit, value, meaning, source, low=low, high=high,
                 distribution="normal" if spread else "fixed", evidence=evidence, reason=reason)
    block.family(id, FIRM)


def in_unit(value: FigureValue, unit: str, id: str) -> float:
    """The figure's number in a parameter's unit; a flow printed for a quarter is an amount per quarter.

    Errors: UnitError when it does not convert; FigureError when an amount of another span would be read as a quarter's.
    """
    if not unit.endswith("/q") or parse_unit(value.unit).dims == parse_unit(unit).dims:
        return value.to(unit).value
    long = [row for row in value.rows if row.kind == "flow" and not _QUARTER.fullmatch(row.period.printed)]
    if long:
        raise FigureError(f"{id}: a flow of another span", expected="a quarter", got=long[0].period.printed)
    ends = [row.period.end for row in value.rows if row.kind == "stock" and row.period.end]
    if ends and (max(ends) - min(ends)).days > _LONGEST_QUARTER:
        raise FigureError(f"{id}: stocks too far apart", expected="two ends of a quarter", got=f"{min(ends)} to {max(ends)}")
    return value.to(unit.removesuffix("/q")).value


def _cited(value: FigureValue) -> str:
    """Titles and periods of the rows, each once."""
    return "; ".join(dict.fromkeys(f"{row.source_title} ({row.period.printed})" for row in value.rows))
