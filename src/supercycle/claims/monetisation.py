"""Claims about the revenue a build-out needs: JPM's 650, Sequoia's 600, the readings between them."""

from __future__ import annotations

from supercycle.claims.arithmetic import (
    four_steps,
    over_years,
    percent_of,
    percent_of_middle_year,
    remaining,
    same,
)
from supercycle.claims.entry import Entry, Input, Reading
from supercycle.claims.inputs import claimed, judged, printed, stated, summed
from supercycle.claims.of_row import of_row
from supercycle.claims.required_revenue import (
    cover_with_return,
    payback_years,
    perpetuity,
    recovery,
    straight_line,
    yearly_steps,
)

__all__ = ["entries", "lives"]

_JPM = "GPT Proto, AI Capex Boom: J.P. Morgan's $7 Trillion Roadmap, 2026-02-03"
_CAHN_2023 = "David Cahn, Sequoia Capital, AI's $200B Question, 2023-09"
_CAHN_2024 = "David Cahn, Sequoia Capital, AI's $600B Question, 2024-06"
_EPOCH = "Epoch AI / GovAI, cost of 1 GW of AI data centre, 2026-05-14"
_NO_SPLIT = (
    "no study prints the split; IT near two thirds of an AI site (mechanical and electrical about one third)"
)


def entries() -> tuple[Entry, ...]:
    """Every claim of this topic."""
    return (*_jpm(), *_sequoia(), _seat())


def _seat() -> Entry:
    """What a user pays a month."""
    others = tuple(
        Reading(name, same, (printed("value", "list_price_seat", entity, period),), "USD per user per month")
        for name, entity, period in (
            ("GitHub Copilot Business", "GitHub Copilot Business", "2026-06"),
            ("ChatGPT Business, monthly", "ChatGPT Business, monthly", "2026-04"),
            ("the dearest tier: ChatGPT Pro", "ChatGPT Pro top tier", "2026-09-29"),
        )
    )
    return of_row(
        "seat_price",
        "data",
        "List prices of assistants lie between 10 and 39 a month; single tiers cost 100 to 500.",
        digit=1,
        formula=same,
        inputs=(printed("value", "list_price_seat", "Microsoft 365 Copilot", "2026-01"),),
        reading="the list price of Microsoft 365 Copilot",
        readings=others,
    )


def lives() -> tuple[Input, ...]:
    """Share of IT and the lives of IT and facility, as every capital-recovery reading takes them."""
    return (
        judged("it_share", 0.65, "share", _NO_SPLIT, (0.4, 0.8)),
        printed("it_life_years", "useful_life_assumed", "IT equipment", "2026-05", (3, 8)),
        printed("facility_life_years", "useful_life_assumed", "facility", "2026-05", (10, 30)),
    )


def _jpm() -> tuple[Entry, ...]:
    capex = claimed("capex_usd_bn", "capex_total_low", (5000, 7000))
    high = claimed("capex_usd_bn", "capex_total_high", (5000, 7000))
    ten = stated("return_share", 0.10, "share", f"J.P. Morgan: {_JPM}", (0, 0.2))
    margin = judged(
        "cash_margin_share",
        0.5,
        "share",
        "no margin is published; half of revenue left after running cost",
        (0.2, 0.9),
    )
    revenue = claimed("revenue_usd_bn_per_year", "required_revenue")
    life = printed("life_years", "useful_life_assumed", "IT equipment", "2026-05", (3, 14))
    both_lives = lives()
    readings = (
        Reading("perpetuity on the upper bound of 7 trillion", perpetuity, (high, ten), "USD_bn/year"),
        Reading(
            "capital recovery: IT and facility repaid within their lives",
            recovery,
            (capex, *both_lives, ten),
            "USD_bn/year",
        ),
        Reading(
            "straight line: repayment alone, no return", straight_line, (capex, *both_lives), "USD_bn/year"
        ),
        Reading(
            "cover with return: capital recovery out of a cash margin",
            cover_with_return,
            (capex, *both_lives, ten, margin),
            "USD_bn/year",
        ),
        Reading(
            "Sequoia's steps: a year's share of the capex, doubled for the margin",
            yearly_steps,
            (
                capex,
                judged("years", 5.0, "years", "2026 to 2030", (4, 7)),
                stated("margin_share", 0.5, "share", f"{_CAHN_2024}: the buyer's gross margin", (0, 0.8)),
            ),
            "USD_bn/year",
        ),
        Reading(
            "payback of 5 trillion at 650 a year", payback_years, (capex, revenue, margin, life), "years"
        ),
    )
    gdp = (
        printed("before", "gdp_nominal_imf", "World", "2023", (95_000, 120_000)),
        printed("after", "gdp_nominal_imf", "World", "2025", (95_000, 160_000)),
    )
    bank = printed("whole", "gdp_nominal", "World", "2023", (95_000, 160_000))
    trend = Reading(
        "world GDP of 2030 at 4 % nominal growth",
        over_years,
        (
            printed("amount", "gdp_nominal", "World", "2023"),
            judged("growth_share_per_year", 0.04, "1/year", "near the mean of 2010-2023", (0, 0.08)),
            judged("years", 7, "years", "2023 to 2030", (0, 10)),
        ),
        "USD_bn",
    )
    return (
        of_row(
            "required_revenue",
            "inputs",
            "10 % of 5 trillion is 500, of 7 trillion 700; 650 is 13 % of 5 trillion. Neither lives nor a margin are "
            "published: within finite lives the same build-out needs about 1.1 trillion a year before operating cost.",
            digit=10,
            formula=perpetuity,
            inputs=(capex, ten),
            readings=readings,
        ),
        Entry(
            "required_revenue_share",
            "monetisation",
            "The 650 a year as a share of 5 trillion of capex",
            "J.P. Morgan",
            "2030",
            _JPM,
            13,
            "percent",
            1,
            "inputs",
            "650 over 5,000.",
            (claimed("part", "required_revenue"), claimed("whole", "capex_total_low", (5000, 7000))),
            percent_of,
        ),
        Entry(
            "required_revenue_recovery",
            "monetisation",
            "With finite lives the same 5 trillion need about 1.1 trillion a year before operating cost",
            "supercycle (our own comparison)",
            "2030",
            "docs/claims.md",
            1100,
            "USD_bn/year",
            100,
            "inputs",
            "Capital recovery at 10 %: IT at 5 years, facility at 14; the split is a judgement.",
            (capex, *both_lives, ten),
            recovery,
            "=",
            "65 % of the cost is IT",
        ),
        of_row(
            "required_revenue_gdp",
            "data",
            "Today's GDP beside revenue of 2030: 112 trillion is world GDP of 2024, between the IMF's 106.9 of "
            "2023 and 117.2 of "
            "2025 (October 2025). On the GDP of 2030 it would be less.",
            digit=0.01,
            formula=percent_of_middle_year,
            inputs=(claimed("part", "required_revenue"), *gdp),
            reading="world GDP of 2024, at constant growth between the IMF's 2023 and 2025",
            readings=(
                Reading(
                    "on the World Bank's 2023",
                    percent_of,
                    (claimed("part", "required_revenue"), bank),
                    "percent",
                ),
                trend,
            ),
        ),
    )


def _sequoia() -> tuple[Entry, ...]:
    def steps(chips: float, source: str) -> tuple[Input, ...]:
        return (
            stated("chips_usd_bn", chips, "USD_bn/year", source),
            stated("chip_share_of_cost", 0.5, "share", f"{source}: GPUs are half of the cost", (0.2, 1)),
            stated("margin_share", 0.5, "share", f"{source}: the buyer's gross margin", (0, 0.8)),
        )

    who = "David Cahn (Sequoia Capital)"
    chips = summed(
        "chips_usd_bn", "nvidia_data_center_revenue", ("NVIDIA",), "2024Q2", "2024Q2", "USD_bn", scale=4
    )
    at_print = Reading(
        "on NVIDIA's data-centre revenue of 2024Q2 times four",
        four_steps,
        (chips, *steps(150, _CAHN_2024)[1:]),
        "USD_bn/year",
    )
    gap = (
        stated("total", 600, "USD_bn/year", _CAHN_2024),
        stated("covered", 100, "USD_bn/year", f"{_CAHN_2024}: generous AI revenue", (0, 600)),
    )
    return (
        of_row(
            "revenue_gap",
            "inputs",
            "600 is the revenue the build-out needs, not the gap: after his generous 100 of "
            "actual revenue the gap is 500.",
            digit=100,
            formula=four_steps,
            inputs=steps(150, _CAHN_2024),
            reading="the 600 is required revenue before any is subtracted",
            readings=(at_print, Reading("the gap itself", remaining, gap, "USD_bn/year")),
        ),
        Entry(
            "sequoia_200",
            "monetisation",
            "Revenue needed to pay back GPU spending of 2023",
            who,
            "2023",
            _CAHN_2023,
            200,
            "USD_bn/year",
            100,
            "inputs",
            "50 x 2 / (1 - 0.5).",
            steps(50, _CAHN_2023),
            four_steps,
        ),
        Entry(
            "sequoia_gap_500",
            "monetisation",
            "Gap after generous AI revenue",
            who,
            "2024",
            _CAHN_2024,
            500,
            "USD_bn/year",
            100,
            "inputs",
            "600 less 100.",
            gap,
            remaining,
        ),
    )
