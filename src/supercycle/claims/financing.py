"""Claims about who pays: cash flow, bonds, leases, private credit, loan to cost."""

from __future__ import annotations

from supercycle.claims.arithmetic import (
    last_of_linear_path,
    leases_grown,
    linear_trend,
    loan_to_cost,
    part_of,
    remaining,
    same,
    sum_of_five,
    sum_of_two,
)
from supercycle.claims.build_out import FIVE
from supercycle.claims.entry import Entry, Reading
from supercycle.claims.inputs import claimed, judged, printed, stated, summed
from supercycle.claims.of_row import of_row

__all__ = ["entries"]

_MS = "Morgan Stanley, Bridging a $1.5tn data center financing gap, 2025"
_JPM_2026 = "J.P. Morgan, June 2026, as reported"


def entries() -> tuple[Entry, ...]:
    """Every claim of this topic."""
    return (*_jpm(), *_economist(), *_morgan_stanley(), _loan_to_cost())


def _jpm() -> tuple[Entry, ...]:
    path = (
        claimed("total_usd_bn", "capex_total_low", (5000, 7000)),
        printed("first_usd_bn_per_year", "dc_funding_need", "World, JPM", "2026", (500, 1000)),
        judged("years", 5, "years", "2026 to 2030", (4, 6)),
    )
    six = (*FIVE, "NVIDIA")
    share = (
        printed("early", "ai_share_ig_index", "JPM JULI", "2020"),
        printed("late", "ai_share_ig_index", "JPM JULI, 75 companies", "2025-10"),
        judged("years_between", 5, "years", "2020 to October 2025", (4, 6)),
        judged("years_ahead", 5, "years", "October 2025 to 2030", (4, 6)),
    )
    powder = (
        printed("whole", "private_credit_size", "World, Preqin", "2023-06"),
        stated(
            "share", 0.30, "share", "Preqin via the note of that row: about 30 % is dry powder", (0.1, 0.5)
        ),
    )
    spv = printed("value", "spv_debt", "Meta Hyperion / Beignet Investor", "2025-10")
    equity = printed("second", "spv_equity", "Meta Hyperion / Beignet Investor", "2025-10")
    debt = printed("first", "spv_debt", "Meta Hyperion / Beignet Investor", "2025-10")
    return (
        of_row(
            "funding_2030",
            "forecast",
            "2030 has not come. Nearest: the last year of a straight path from JPM's own 700 "
            "in 2026 that adds up to 5 trillion.",
            digit=100,
            formula=last_of_linear_path,
            inputs=path,
        ),
        of_row(
            "hyperscaler_ocf",
            "data",
            "The claim names Alphabet and Meta, who are far below; the sum over six companies is above 700 in 2025.",
            digit=100,
            formula=same,
            inputs=(summed("value", "operating_cash_flow", six, "2025Q1", "2025Q4", "USD_bn"),),
            reading=(
                "six companies (five hyperscalers and NVIDIA), calendar 2025; Apple and "
                "Tesla are not in the tables"
            ),
            readings=(
                Reading(
                    "Alphabet and Meta alone, as the text says",
                    same,
                    (
                        summed(
                            "value", "operating_cash_flow", ("Alphabet", "Meta"), "2025Q1", "2025Q4", "USD_bn"
                        ),
                    ),
                    "USD_bn/year",
                ),
            ),
        ),
        of_row(
            "ig_issuance_next_year",
            "assertion",
            "No inputs, and no series of AI-related high-grade issuance in the tables. "
            "Nearest: JPM's forecast for technology.",
            digit=100,
            formula=same,
            inputs=(printed("value", "tech_ig_issuance_forecast", "US, JPMorgan", "2026"),),
        ),
        of_row(
            "ig_index_share",
            "forecast",
            "2030 has not come. Nearest: the straight line through 2020 and October 2025.",
            digit=1,
            formula=linear_trend,
            inputs=share,
        ),
        of_row(
            "private_credit_dry_powder",
            "assertion",
            "No inputs. Nearest: Preqin's 1,710 in 2023, about 30 % of it dry powder.",
            digit=1,
            formula=part_of,
            inputs=powder,
        ),
        of_row(
            "beignet_size",
            "data",
            "The debt of the vehicle; Meta's and Blue Owl's equity comes on top.",
            digit=0.1,
            formula=same,
            inputs=(spv,),
            reading="the vehicle's debt alone",
            readings=(Reading("debt and equity", sum_of_two, (debt, equity), "USD_bn"),),
        ),
    )


def _economist() -> tuple[Entry, ...]:
    leases = "leases_not_yet_commenced"
    before = printed("early", leases, "Microsoft", "2024Q2")
    after = printed("late", leases, "Microsoft", "2025Q4")
    between = (
        before,
        after,
        judged("years_between", 1.5, "years", "June 2024 to December 2025", (1, 2)),
        judged("years_ahead", -0.5, "years", "back to June 2025", (-1.5, 0)),
    )
    return (
        of_row(
            "ig_borrowing_growth",
            "assertion",
            "No inputs, and the tables hold single bond issues, not half-year totals of the "
            "sector: nothing comparable.",
            digit=10,
        ),
        of_row(
            "msft_finance_leases",
            "data",
            "Balance at 30 June 2025.",
            digit=1,
            formula=same,
            inputs=(printed("value", "finance_lease_liabilities", "Microsoft", "2025Q2"),),
        ),
        of_row(
            "msft_leases_uncommenced",
            "assertion",
            "No filing of June 2025 in the tables; the neighbours (108 in June 2024, 155 in "
            "December 2025) are both higher. "
            "Nearest: the straight line between them.",
            digit=1,
            formula=linear_trend,
            inputs=between,
        ),
        of_row(
            "dc_securitised",
            "data",
            "Cumulative issuance of 88 deals, 2018 to May 2025.",
            digit=10,
            formula=same,
            inputs=(printed("value", "datacentre_abs_cmbs_cumulative", "USA", "2018-2025-05"),),
            reading="cumulative issuance in the US taken for the amount outstanding",
        ),
        of_row(
            "xai_debt_raised",
            "data",
            "Secured notes and term loans of 30 June 2025 (Reuters).",
            digit=1,
            formula=same,
            inputs=(printed("value", "debt_raised", "xAI", "2025-06-30"),),
        ),
        of_row(
            "msft_leases_growth",
            "data",
            "46.2 in June 2025; the balance of June 2023 is reckoned back from June 2024 (27.1 less 11.6 added "
            "plus 1.3 repaid).",
            digit=1,
            formula=leases_grown,
            inputs=(
                printed("now_usd_bn", "finance_lease_liabilities", "Microsoft", "2025Q2"),
                printed("before_usd_bn", "finance_lease_liabilities", "Microsoft", "2024Q2"),
                printed("added_usd_bn", "finance_lease_additions", "Microsoft", "2024FY"),
                printed("repaid_usd_bn", "finance_lease_principal_payments", "Microsoft", "2024FY"),
            ),
            reading="since June 2023, the end of the fiscal year",
        ),
        of_row(
            "meta_private_credit",
            "data",
            "The talks became the Beignet vehicle of October 2025: 27.3 of debt and 2.5 of equity.",
            digit=10,
            formula=sum_of_two,
            inputs=(
                printed("first", "spv_debt", "Meta Hyperion / Beignet Investor", "2025-10"),
                printed("second", "spv_equity", "Meta Hyperion / Beignet Investor", "2025-10"),
            ),
            reading="what was borrowed and put in when the deal closed, two months later",
        ),
        of_row(
            "xai_debt_sought",
            "assertion",
            "No inputs. Nearest: the chip vehicle closed later in 2025, of 20 in all and up to 12.5 of debt.",
            digit=1,
            formula=same,
            inputs=(
                stated(
                    "value",
                    12.5,
                    "USD_bn",
                    "note of the figure spv_financing, xAI chip SPV (Valor), 2025-12: up to 12.5 debt",
                ),
            ),
        ),
    )


def _morgan_stanley() -> tuple[Entry, ...]:
    chips = (
        stated("first", 1.6, "USD_tn", f"{_MS}: hardware"),
        stated("second", 1.3, "USD_tn", f"{_MS}: buildings and power"),
    )
    sources = (
        stated("first", 1.4, "USD_tn", f"{_MS}: hyperscalers' cash flow"),
        stated("second", 0.8, "USD_tn", f"{_MS}: private credit"),
        stated("third", 0.35, "USD_tn", f"{_MS}: other capital"),
        stated("fourth", 0.2, "USD_tn", f"{_MS}: corporate debt"),
        stated("fifth", 0.15, "USD_tn", f"{_MS}: securitised"),
    )
    gap = (
        stated("total", 2.9, "USD_tn", _MS),
        stated("covered", 1.4, "USD_tn", f"{_MS}: hyperscalers' cash flow"),
    )
    common = ("Morgan Stanley", "2025-2028", _MS)
    return (
        Entry(
            "morgan_stanley_uses",
            "financing",
            "Data-centre spending 2025-28",
            *common,
            2.9,
            "USD_tn",
            0.1,
            "inputs",
            "1.6 + 1.3.",
            chips,
            sum_of_two,
        ),
        Entry(
            "morgan_stanley_sources",
            "financing",
            "The same by source of money",
            *common,
            2.9,
            "USD_tn",
            0.1,
            "inputs",
            "Five sources add up to the uses.",
            sources,
            sum_of_five,
        ),
        Entry(
            "morgan_stanley_gap",
            "financing",
            "Financing gap",
            *common,
            1.5,
            "USD_tn",
            0.1,
            "inputs",
            "2.9 less 1.4 of cash.",
            gap,
            remaining,
        ),
    )


def _loan_to_cost() -> Entry:
    return Entry(
        "jpm_loan_to_cost",
        "financing",
        "Loan to cost of AI projects above",
        "J.P. Morgan",
        "2026-06",
        _JPM_2026,
        85,
        "percent",
        1,
        "inputs",
        "Its own totals give 75 %: debt of 4.1 over capex of 5.5 trillion. The bases differ "
        "(projects against all capex, "
        "part of it paid from cash); the share of projects is not published.",
        (
            printed("debt_usd_bn", "ai_debt_financing_forecast", "World, JPMorgan", "to 2030", (3000, 5500)),
            printed(
                "cost_usd_bn",
                "ai_capex_cumulative_forecast",
                "World, JPMorgan (raised from 5.1tn)",
                "to 2030",
                (4000, 7000),
            ),
        ),
        loan_to_cost,
        ">=",
    )
