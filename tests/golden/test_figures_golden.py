"""Numbers the product starts from, as their sources print them; each is checked to the printed digit."""

from __future__ import annotations

import pytest

from supercycle.figures.load import figures
from supercycle.figures.series import bounds, choose, entities, latest, total
from supercycle.figures.tiers import CALIBRATABLE
from supercycle.figures.units import convert

FIVE = ("Microsoft", "Alphabet", "Amazon", "Meta", "Oracle")


@pytest.mark.parametrize(
    ("first", "last", "printed"),
    [("2026Q1", "2026Q1", 148.4), ("2026Q2", "2026Q2", 181.5), ("2025Q1", "2025Q4", 411.5)],
)
def test_cash_capex_of_five_firms(first: str, last: str, printed: float) -> None:
    amount = total("capex_cash", FIVE, first, last, unit="USD_bn", tiers=CALIBRATABLE)
    assert round(amount, 1) == printed


def test_cash_capex_of_2026q2_firm_by_firm() -> None:
    # 10-K/10-Q and their copies: 35.802 + 44.924 + 54.208 + 30.116 + 16.493
    values = [choose("capex_cash", firm, "2026Q2").value for firm in FIVE]
    assert values == [35.802, 44.924, 54.208, 30.116, 16.493]


def test_cumulative_chip_tdp_shipped_at_the_end_of_2025() -> None:
    # Epoch chip counts: 8,562 + 2,223 + 840 + 762 MW of chip TDP, not IT power
    makers = entities("ai_chips_cumulative_tdp")
    assert makers == ("AMD", "Amazon Trainium", "Google TPU", "Nvidia")
    rows = [choose("ai_chips_cumulative_tdp", maker, "2025-12-31") for maker in makers]
    assert {row.vintage for row in rows} == {"reconstructed"}
    gigawatts = sum(convert(row.value or 0.0, row.unit, "GW_tdp") for row in rows)
    assert round(gigawatts, 1) == 12.4


def test_end_customer_revenue_over_twelve_months_and_at_run_rate() -> None:
    world = "World ex China, end-customer, de-duplicated"
    months = choose("genai_revenue_total_ttm", world, "2025-07 to 2026-06")
    rate = choose("genai_run_rate_total", world, "2026-06")
    assert (months.value, months.unit) == (110.0, "USD_bn")
    assert (rate.value, rate.unit) == (175.0, "USD_bn/year")
    assert months.series != rate.series


@pytest.mark.parametrize(
    ("lab", "period", "run_rate"), [("OpenAI", "2026-08-13", 40.0), ("Anthropic", "2026-07-31", 65.0)]
)
def test_latest_run_rates_are_dated(lab: str, period: str, run_rate: float) -> None:
    row = latest("run_rate_revenue_epoch", lab)
    assert (row.period.printed, row.value, row.unit, row.tier) == (period, run_rate, "USD_bn/year", "B")
    assert row.known_from.isoformat() == "2026-08-17"


def test_recognised_revenue_is_kept_apart_from_run_rates() -> None:
    openai = {
        row.period.printed: row.value
        for row in figures()
        if (row.series, row.entity) == ("revenue", "OpenAI")
    }
    assert openai == {"2024FY": 3.7, "2025FY": 13.07, "2026Q1": 5.7}
    anthropic = {name: choose("revenue", "Anthropic", name).value for name in ("2025FY", "2026Q1", "2026Q2")}
    assert anthropic == {"2025FY": 4.6, "2026Q1": 4.8, "2026Q2": 11.5}
    assert {
        row.unit for row in figures() if row.series == "revenue" and row.entity in ("OpenAI", "Anthropic")
    } == {"USD_bn"}


@pytest.mark.parametrize(
    ("firm", "period", "low", "high"),
    [
        ("Amazon", "2026FY", 220.0, 220.0),
        ("Alphabet", "2026FY", 195.0, 205.0),
        ("Meta", "2026FY", 130.0, 145.0),
        ("Microsoft", "2026CY", 175.0, 175.0),
    ],
)
def test_guidance_for_2026(firm: str, period: str, low: float, high: float) -> None:
    row = choose("capex_guidance", firm, period)
    assert bounds(row) == (low, high)
    assert row.tier == "B"  # the filings as a research note gives them; the filings themselves were not read
    assert row.known_from.isoformat().startswith("2026-07-")


def test_oracles_fourth_quarter_is_the_year_less_nine_months() -> None:
    # FY2026 55.663 less quarters to August, November and February: 8.502, 12.033, 18.635
    year = choose("capex_cash", "Oracle", "2026FY").value or 0.0
    assert (
        round(year - 8.502 - 12.033 - 18.635, 3) == choose("capex_cash", "Oracle", "2026Q2").value == 16.493
    )
