"""Where a back-test may start: which quarters, which the world can be opened at, and what is carried to them.

Rules need a series' history only and start from 2019Q4. The world needs figures of AI: before the end of 2022 no run
rate of a lab, no chip maker's quarter and no chip count was on file, so it is opened from 2022Q4 on and nothing is
made up before. Judgements were written for the ends of 2022, 2023 and 2024; a quarter takes those of the last of these
ends before it, never of one after it. A judged amount that grows with the boom is carried in proportion to a figure
known on both days; shares, prices and spreads are carried as they are.
"""

from __future__ import annotations

from supercycle.core.errors import UnknownNameError
from supercycle.core.quarters import Quarter

__all__ = ["FOLLOWS", "JUDGED", "OPENED", "ORIGINS", "judged_at", "quarters_since"]


def _span(first: str, last: str) -> tuple[str, ...]:
    return tuple(str(quarter) for quarter in Quarter.parse(first).until(Quarter.parse(last)))


ORIGINS = _span("2019Q4", "2025Q4")
OPENED = _span("2022Q4", "2025Q4")
JUDGED = ("2022Q4", "2023Q4", "2024Q4")  # starts of tables/openings.csv
# Judged amounts and the figure they are carried with: the chip maker's sales a quarter, or the labs' run rate.
FOLLOWS = {
    "neocloud_debt_open": "nvidia",
    "spv_debt_open": "nvidia",
    "leases_open": "nvidia",
    "users_open": "labs",
    "opening_training_spend": "labs",
    "lab_other_cost_open": "labs",
    "opening_lab_cash": "labs",
    "lab_commitments_open": "labs",
}


def judged_at(start: str) -> str:
    """The end of a year whose judgements a start takes: the last one not after it.

    >>> judged_at("2024Q3"), judged_at("2024Q4")
    ('2023Q4', '2024Q4')
    """
    if start not in OPENED:
        raise UnknownNameError("start of a back-test", start, OPENED)
    return max(end for end in JUDGED if end <= start)


def quarters_since(start: str) -> int:
    """Quarters from that year's end to the start.

    >>> quarters_since("2024Q3"), quarters_since("2025Q4")
    (3, 4)
    """
    return Quarter.parse(start) - Quarter.parse(judged_at(start))
