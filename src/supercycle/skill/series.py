"""The five series that are predicted: what was known of each on a day, and what came.

| series | what is measured | from the world |
|---|---|---|
| capex | cash capex of the five, USD bn a quarter | five_firm_capex_usd_bn |
| nvidia | data-centre revenue, USD bn a quarter | chip spending, scaled to the revenue known at the start |
| labs | run rate of OpenAI and Anthropic at the quarter's end, USD bn a year | labs' share x AI revenue, scaled |
| debt | Alphabet's long-term notes, USD bn | its bonds |
| chips | H100 equivalents shipped, millions (reconstructed by Epoch AI) | energised and dark |

Three of them also by firm, as they are scored: ``capex:Oracle``, ``cash flow:Oracle``, ``debt:Oracle``.

Run rates are dated on single days; quarter ends lie between them on a log line, per company. A company before its
first statement counts as nothing, after its last one the line goes on for at most two quarters.
"""

from __future__ import annotations

import math
from datetime import date

from supercycle.core.errors import UnknownNameError
from supercycle.core.quarters import Quarter
from supercycle.figures.known_from import CLOSED
from supercycle.skill.known import FIVE, LAST, Known

__all__ = [
    "KINDS", "NAMES", "SCORED", "STARTS", "TITLES", "UNITS", "VARIANT", "history", "kind_of", "outcome", "title",
    "unit",
]  # fmt: skip

STARTS = ("2022Q4", "2023Q4", "2024Q4")
NAMES = ("capex", "nvidia", "labs", "debt", "chips")
TITLES = {
    "capex": "Cash capex of the five hyperscalers",
    "nvidia": "NVIDIA data-centre revenue",
    "labs": "Run rate of OpenAI and Anthropic",
    "debt": "Alphabet's long-term notes",
    "chips": "AI chips shipped",
}
UNITS = {
    "capex": "USD bn a quarter",
    "nvidia": "USD bn a quarter",
    "labs": "USD bn a year",
    "debt": "USD bn",
    "chips": "million H100 equivalents",
}
# Which variant of an opening a series is scored in when one is chosen for the tally.
VARIANT = {name: "reconstructed" if name == "chips" else "published" for name in NAMES}
# What is scored: by firm, so that the five's sum is not counted twice.
KINDS = {"capex": "capex_cash", "cash flow": "operating_cash_flow", "debt": "debt_long_term_carrying"}
SCORED = (*(f"{kind}:{firm}" for kind in KINDS for firm in FIVE), "nvidia", "labs", "chips")
MAKERS = ("Nvidia", "Google TPU", "Amazon Trainium", "AMD")
LABS = ("OpenAI", "Anthropic")
CHIPS_TO = "2025Q4"  # 2026Q1 is part of a quarter (docs/figures.md, traps)
_CARRIED = 2  # quarters a run rate's line is drawn on after the last statement
_APART_DAYS = 80  # statements nearer than this do not give a growth rate


def history(name: str, known: Known) -> dict[str, float]:
    """The series by calendar quarter as it was known on a day; empty when nothing was.

    >>> from supercycle.skill.known import day_of
    >>> capex = history("capex", Known(day_of("2024Q4")))
    >>> max(capex), round(capex["2024Q4"], 1)
    ('2024Q4', 76.3)
    """
    kind, _, firm = name.partition(":")
    if firm:
        try:
            return known.quarters(KINDS[kind], firm)
        except UnknownNameError:  # no row of this series on file for the firm, on any day
            return {}
    if name == "capex":
        firms = [known.quarters("capex_cash", firm) for firm in FIVE]
        shared = [quarter for quarter in firms[0] if all(quarter in firm for firm in firms)]
        return {quarter: sum(firm[quarter] for firm in firms) for quarter in shared}
    if name == "nvidia":
        return known.quarters("nvidia_data_center_revenue", "NVIDIA")
    if name == "debt":
        return known.quarters("debt_long_term_carrying", "Alphabet")
    if name == "chips":
        return counted("ai_chips_cumulative_h100e", known, 1e-6)
    lines = [_line(known.dated("run_rate_revenue_epoch", lab), known.day) for lab in LABS]
    everywhere = sorted({quarter for line in lines for quarter in line})
    ends = [max(line) for line in lines if line]
    return {q: sum(line.get(q, 0.0) for line in lines) for q in everywhere if q <= min(ends)}


def outcome(name: str, start: str, known: Known | None = None) -> dict[str, float]:
    """What came after the start, up to 2026Q2 (chip counts: 2025Q4), by quarters that have a figure.

    ``known`` limits it to what had come by a day; without it everything on file counts.

    >>> list(outcome("capex", "2025Q4"))
    ['2026Q1', '2026Q2']
    """
    whole = history(name, known or Known(CLOSED, reconstructed=True))
    if name == "labs":  # from the first quarter in which both have spoken
        whole = {quarter: value for quarter, value in whole.items() if quarter >= "2023Q4"}
    last = CHIPS_TO if name == "chips" else LAST
    return {quarter: value for quarter, value in whole.items() if start < quarter <= last}


def kind_of(name: str) -> str:
    """The kind of a series, without its firm.

    >>> kind_of("capex:Oracle"), kind_of("labs")
    ('capex', 'labs')
    """
    return name.partition(":")[0]


def title(name: str) -> str:
    """What a series measures, for reading.

    >>> title("cash flow:Meta"), title("chips")
    ('Operating cash flow of Meta', 'AI chips shipped')
    """
    kind, _, firm = name.partition(":")
    of_firm = {"capex": "Cash capex", "cash flow": "Operating cash flow", "debt": "Long-term notes"}
    return f"{of_firm[kind]} of {firm}" if firm else TITLES[name]


def unit(name: str) -> str:
    """The unit of a series' figures.

    >>> unit("debt:Meta"), unit("cash flow:Meta")
    ('USD bn', 'USD bn a quarter')
    """
    return UNITS.get(kind_of(name), "USD bn a quarter")


def counted(series: str, known: Known, scale: float) -> dict[str, float]:
    """Cumulative chip counts of all makers at quarter ends; a maker not yet counted is nothing."""
    makers = [known.dated(series, maker) for maker in MAKERS]
    days = sorted(day for day in makers[0] if day == Quarter.of(day).last_day)
    return {str(Quarter.of(day)): scale * sum(maker.get(day, 0.0) for maker in makers) for day in days}


def _line(points: dict[date, float], day: date) -> dict[str, float]:
    """Quarter ends up to a day on the log line through dated points; flat where one point gives no slope."""
    if not points:
        return {}
    days = sorted(points)
    last = days[-1]
    before = [d for d in days if (last - d).days >= _APART_DAYS]
    slope = math.log(points[last] / points[before[-1]]) / (last - before[-1]).days if before else 0.0
    found: dict[str, float] = {}
    first, end = Quarter.of(days[0]), min(Quarter.of(last) + _CARRIED, Quarter.of(day))
    for quarter in first.until(end):
        at = quarter.last_day
        if at > day:
            break
        if at >= last:
            found[str(quarter)] = points[last] * math.exp(slope * (at - last).days)
            continue
        left = max((d for d in days if d <= at), default=days[0])
        right = min(d for d in days if d >= at)
        share = (at - left).days / (right - left).days if right > left else 0.0
        found[str(quarter)] = points[left] * (points[right] / points[left]) ** share
    return found
