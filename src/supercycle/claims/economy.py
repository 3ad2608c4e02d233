"""Claims about the economy, the unwind and prices: GDP, industrial capacity, the bubble's fall, 280 times."""

from __future__ import annotations

from supercycle.claims.arithmetic import (
    annualised_factor,
    factor,
    fall_in_window,
    industry_percent,
    percent_above,
    percent_of,
    ratio_of,
    same,
    sum_of_two,
    trough_fall,
    weighted_fall,
)
from supercycle.claims.entry import Entry, Reading
from supercycle.claims.inputs import claimed, judged, printed, stated
from supercycle.claims.of_row import of_row

__all__ = ["entries"]

_ESSAY = "essay on the level of AI capital investment, untitled copy, 2025"
_TBOATS = "tboats index of four cohorts"
_INDEX = "Stanford HAI, AI Index 2025, chapter 1"


def entries() -> tuple[Entry, ...]:
    """Every claim of this topic."""
    return (*_gdp(), _telecom(), _capacity(), *_unwind(), *_prices(), *_reseller())


def _gdp() -> tuple[Entry, ...]:
    parts = (
        printed("first", "gdp_contrib_ipe", "US information processing equipment", "2025Q2"),
        printed("second", "gdp_contrib_ipp", "US intellectual property products", "2025Q2"),
    )
    net = printed("value", "gdp_contrib_ai", "US net of imports, JPM", "2025H1")
    return (
        of_row(
            "gdp_contribution",
            "data",
            "Information equipment and intellectual property together, all purposes and gross "
            "of imports, added 1.0 point; "
            "net of imports AI added about 0.5 in the half year.",
            digit=0.1,
            formula=sum_of_two,
            inputs=parts,
            readings=(Reading("net of imports (JPM, 2025H1)", same, (net,), "pp"),),
        ),
        Entry(
            "gdp_contribution_share",
            "macro",
            "AI capex's part of the quarter's growth",
            "Paul Kedrosky",
            "2025Q2",
            _ESSAY,
            40,
            "percent",
            10,
            "inputs",
            "1.3 over 3.0.",
            (claimed("part", "gdp_contribution"), claimed("whole", "gdp_growth")),
            percent_of,
        ),
        of_row(
            "gdp_growth",
            "vintage",
            "3.0 was the advance estimate of 30 July 2025, the one in print when the claim was made; the "
            "quarter was revised "
            "to 3.8 in September.",
            digit=0.1,
            formula=same,
            inputs=(
                stated("value", 3.0, "percent", "BEA, advance estimate of 2025Q2, 30 July 2025", (2.0, 4.0)),
            ),
            readings=(
                Reading(
                    "as revised (third estimate)",
                    same,
                    (printed("value", "real_gdp_growth", "US", "2025Q2"),),
                    "percent",
                ),
            ),
        ),
    )


def _telecom() -> Entry:
    now = printed("part", "ai_investment_share_gdp", "US estimates", "2025")
    then = printed("whole", "digital_infrastructure_share_gdp", "US", "2000")
    share = printed("part", "hyperscaler_capex_share_gdp", "Big Tech", "2025")
    return of_row(
        "telecom_equivalence",
        "data",
        "1.3 % of US GDP in 2025 against 1.26 % for communications and computing structures and equipment in 2000.",
        digit=0.1,
        formula=ratio_of,
        inputs=(now, then),
        reading=(
            "estimates of AI investment in 2025 over BEA's digital infrastructure of 2000, both in percent of US GDP"
        ),
        readings=(Reading("all capex of Big Tech in 2025", ratio_of, (share, then), "ratio"),),
    )


def _capacity() -> Entry:
    amount = claimed("amount_usd_bn", "capex_total_high", (1000, 10_000))
    gdp = printed("gdp_usd_bn", "gdp_nominal", "World", "2023", (90_000, 120_000))
    everything = judged(
        "industry_share", 1.0, "share", "reading the whole of GDP as productive capacity", (0.15, 1.0)
    )
    industry = judged(
        "industry_share",
        0.27,
        "share",
        "industry's part of world value added, about a quarter; not in the tables",
        (0.15, 1.0),
    )
    at_once = judged("years", 1.0, "years", "all in one year", (1, 10))
    spread = judged("years", 5.0, "years", "the years 2026 to 2030 of the amount", (1, 10))
    return of_row(
        "world_capacity_share",
        "assertion",
        "Neither the amount ('trillions') nor the measure of capacity is stated. Nearest: the "
        "build-out's upper bound of "
        "7 trillion over world GDP of 2023, all in one year; over five years of industry's output it is less.",
        digit=1,
        formula=industry_percent,
        inputs=(amount, at_once, gdp, everything),
        readings=(
            Reading(
                "five years, industry alone", industry_percent, (amount, spread, gdp, industry), "percent"
            ),
        ),
    )


def _unwind() -> tuple[Entry, ...]:
    nasdaq = printed(
        "trough_over_peak",
        "nasdaq_trough_over_peak",
        "NASDAQ Composite close, 2002-10-09 over 2000-03-10",
        "2002-10-09",
        (0.02, 1),
    )
    railways = printed("trough_over_peak", "price_trough_vs_peak", "UK railway shares", "1850", (0.02, 1))
    falls, weights = (-86.5, -46.9, -42.7, -25.3), (14.0, 25.0, 4.5, 56.5)
    cohorts = tuple(
        stated(f"fall_{i}", fall, "percent", f"{_TBOATS}: cohort {i}", (-100, 0))
        for i, fall in enumerate(falls, 1)
    ) + tuple(
        stated(f"weight_{i}", weight, "percent", f"{_TBOATS}: weight of cohort {i}", (0, 100))
        for i, weight in enumerate(weights, 1)
    )
    peak = (
        "The date has not come, and a date is not computed from figures; `supercycle run "
        "--preset crunch-2027` shows such a path."
    )
    return (
        of_row("bubble_peak_start", "forecast", peak, digit=0.1),
        of_row("bubble_peak_end", "forecast", peak, digit=0.01),
        of_row(
            "bubble_fall",
            "forecast",
            "The date has not come. Nearest: the NASDAQ Composite lost 78 % from 2000 to 2002, "
            "in 31 months, not twelve.",
            digit=10,
            formula=trough_fall,
            inputs=(nasdaq,),
            readings=(Reading("UK railway shares to 1850", trough_fall, (railways,), "percent"),),
        ),
        Entry(
            "tboats_index",
            "unwind",
            "Change of the index of four cohorts",
            "tboats",
            "undated",
            _TBOATS,
            -40.05,
            "percent",
            0.01,
            "inputs",
            "The cohorts' falls by weight.",
            cohorts,
            weighted_fall,
        ),
    )


def _prices() -> tuple[Entry, ...]:
    before = printed("before", "api_price_decline", "GPT-3.5-level (MMLU 64.8)", "2022-11")
    after = printed("after", "api_price_decline", "GPT-3.5-level (MMLU 64.8) Gemini-1.5-Flash-8B", "2024-10")
    window = stated("window_months", 23, "months", f"{_INDEX}: November 2022 to October 2024", (12, 36))
    asked = stated(
        "asked_months", 18, "months", "note, Capex vs. Opex in AI, 2026: '280x in 18 months'", (6, 36)
    )
    return (
        of_row(
            "api_price_fall",
            "data",
            "The fall is real (20.00 to 0.07 per Mtok), the window is not: it took 23 months, "
            "so 18 months hold 83x. A year holds 19x.",
            digit=10,
            formula=fall_in_window,
            inputs=(before, after, window, asked),
            readings=(
                Reading("over the real window of 23 months", factor, (before, after), "ratio"),
                Reading("a year", annualised_factor, (before, after, window), "ratio"),
            ),
        ),
        Entry(
            "api_price_fall_ratio",
            "decide",
            "Price of GPT-3.5-level answers fell more than",
            "Stanford AI Index",
            "2022-11 to 2024-10",
            _INDEX,
            280,
            "ratio",
            10,
            "data",
            "20.00 over 0.07.",
            (before, after),
            factor,
            ">=",
        ),
        Entry(
            "api_price_fall_per_year",
            "decide",
            "The same a year",
            "supercycle (our own comparison)",
            "2022-11 to 2024-10",
            "docs/claims.md",
            19,
            "ratio",
            1,
            "data",
            "285.7 to the power 12/23.",
            (before, after, window),
            annualised_factor,
        ),
    )


def _reseller() -> tuple[Entry, ...]:
    page = "GPT Proto, AI Capex Boom: J.P. Morgan's $7 Trillion Roadmap, 2026-02-03: price list at its end"
    resold, official = (
        stated(name, value, "USD", f"{page}, fast video model")
        for name, value in (("part", 0.215), ("whole", 0.2365))
    )
    full_resold, full_official = (
        stated(name, value, "USD", f"{page}, full video model")
        for name, value in (("part", 0.269), ("whole", 0.2959))
    )
    return (
        of_row(
            "reseller_price",
            "inputs",
            "Contradicted by its own page: the two pairs of prices it prints are 91 % of the official ones.",
            digit=10,
            formula=percent_of,
            inputs=(resold, official),
            readings=(Reading("the full model's pair", percent_of, (full_resold, full_official), "percent"),),
        ),
        of_row(
            "reseller_discount_fast",
            "inputs",
            "0.2365 over 0.215 on its own page.",
            digit=1,
            formula=percent_above,
            inputs=(resold, official),
        ),
        of_row(
            "reseller_discount_full",
            "inputs",
            "0.2959 over 0.269 on its own page.",
            digit=1,
            formula=percent_above,
            inputs=(full_resold, full_official),
        ),
    )
