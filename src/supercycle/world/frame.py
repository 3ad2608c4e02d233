"""The frame every block is written in: its axes, its conversions, and how a parameter cites its evidence."""

from __future__ import annotations

from supercycle.equations.spec import Axis, Block, Constant
from supercycle.figures.priors import prior

__all__ = ["CONVERSIONS", "FIRM", "START", "VINTAGE", "Block", "by_firm", "judged", "measured", "sourced"]

START = "2026Q2"
FIRM = Axis("firm", ("Microsoft", "Alphabet", "Amazon", "Meta", "Oracle"))
VINTAGE = Axis("vintage", ("to 2023", "2024", "2025", "2026H1", "2026H2", "2027", "2028", "2029", "2030", "2031", "2032",
                           "2033", "2034", "2035"))

CONVERSIONS = (  # what every block may read
    Constant("one_year", 4.0, "q", "quarters in a year"),
    Constant("hours_per_quarter", 2191.5, "h/q", "8,766 hours in a year of 365.25 days, over four"),
    Constant("hours_per_year", 8766.0, "h/year", "hours in a year of 365.25 days"),
    Constant("usd_bn_per_usd_m", 1e-3, "USD_bn/USD_m", "a thousandth"),
    Constant("usd_m_per_usd_bn", 1e3, "USD_m/USD_bn", "a thousand"),
    Constant("zero", 0.0, "1", "nothing"),
    Constant("zero_rate", 0.0, "1/year", "no rate"),
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
        source=f"{row.source} (prior {from_prior})", evidence=row.evidence,
        reason=reason or ((row.note or row.source) if row.evidence == "judgement" else ""))


def judged(block: Block, id: str, label: str, unit: str, default: float, low: float, high: float, distribution: str,
           meaning: str, reason: str) -> None:
    """Register a judgement: no source was seen; the reason says where the range comes from."""
    block.param(id, label, unit, default, low, high, distribution, meaning, evidence="judgement", reason=reason)


def measured(block: Block, id: str, label: str, unit: str, value: float, meaning: str, source: str, *,
             low: float | None = None, high: float | None = None, distribution: str = "fixed",
             evidence: str = "measured", reason: str = "") -> None:
    """Register a figure the opening is built from; fixed unless a range is given."""
    block.param(id, label, unit, value, value if low is None else low, value if high is None else high, distribution,
                meaning, source=source, evidence=evidence, reason=reason)


def by_firm(block: Block, id: str, label: str, unit: str, values: tuple[float, ...], meaning: str, source: str, *,
            evidence: str = "measured", reason: str = "", spread: float = 0.0) -> None:
    """Register one parameter per firm, and the family that equations read as ``id``."""
    for firm, value in zip(FIRM.members, values, strict=True):
        low, high = sorted((value * (1.0 - spread), value * (1.0 + spread)))
        block.param(f"{id}:{firm}", f"{label}, {firm}", unit, value, low, high, "normal" if spread else "fixed", meaning,
                    source=source, evidence=evidence, reason=reason)
    block.family(id, FIRM)
