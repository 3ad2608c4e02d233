"""Every claim: our value written as arithmetic on the printed numbers, and the verdict that follows from it."""

from __future__ import annotations

import math

import pytest

from supercycle.claims import catalogue, entry
from supercycle.claims.arithmetic import same
from supercycle.claims.entry import ADDS_UP as SUM
from supercycle.claims.entry import ADDS_UP_READING as SUM_READ
from supercycle.claims.entry import AGREES as YES
from supercycle.claims.entry import AGREES_READING as READ
from supercycle.claims.entry import ATTRIBUTED as SAID
from supercycle.claims.entry import CONTRADICTED as NO
from supercycle.claims.entry import DOES_NOT_ADD_UP as OFF
from supercycle.claims.entry import FORECAST as LATER
from supercycle.claims.entry import NOT_REPRODUCIBLE as NOT
from supercycle.claims.entry import REVISED as THEN
from supercycle.claims.entry import VERDICTS, agrees, verdict
from supercycle.claims.inputs import printed
from supercycle.figures.claims import claims


def level_payment(rate: float, years: int) -> float:
    """Of 1, at year ends: the reciprocal of the discounted ones (the code has the closed form)."""
    return 1 / sum((1 + rate) ** -year for year in range(1, years + 1))


AT_10 = 0.65 * level_payment(0.10, 5) + 0.35 * level_payment(0.10, 14)
FALL = 20.0 / 0.07
CAPEX_2026Q2 = 181.543  # five companies, cash; the first quarter of 2026 was 148.385
CAPEX_2025H2 = 236.438

EXPECTED: dict[str, tuple[float | None, str]] = {
    "capex_total_low": (122 * 38, LATER),
    "capex_total_high": (122 * 57, LATER),
    "capacity_installed_before": (60, NOT),
    "capacity_2030_base": (50 + 122, NO),
    "capacity_2028_orders": (50 + 144, NO),
    "campus_old_low": (53, NOT),
    "campus_old_high": (57, NOT),
    "turbine_lead_low": (3, SAID),
    "turbine_lead_high": (4, SAID),
    "nuclear_lead": (10, SAID),
    "funding_2030": (2 * 5000 / 5 - 700, LATER),
    "hyperscaler_ocf": (705.547, READ),
    "ig_issuance_next_year": (252, NOT),
    "ig_index_share": (14 + (14 - 11.5), LATER),
    "private_credit_dry_powder": (0.3 * 1710, NOT),
    "beignet_size": (27.3, READ),
    "required_revenue": (0.10 * 5000, OFF),
    "required_revenue_gdp": (100 * 650 / math.sqrt(106940 * 117170), READ),
    "reseller_price": (100 * 0.215 / 0.2365, OFF),
    "gdp_contribution": (0.22 + 0.78, NO),
    "gdp_growth": (3.0, THEN),
    "world_capacity_share": (100 * 7000 / 105435, NOT),
    "venture_2023_cost": (0.2 / 2, SUM),
    "venture_2023_revenue": (0.1 * 2, SUM),
    "venture_2024_cost": (0.1 * 10, SUM),
    "venture_2024_revenue": (1 * 2, SUM),
    "venture_2025_cost": (1 * 10, SUM),
    "generation_cost_ratio": (8.15, READ),
    "commoditisation_low": (3.5, NO),
    "commoditisation_high": (3.5, NO),
    "anthropic_arr_2022": (0.087 / 10, NOT),
    "anthropic_arr_2023": (0.087, YES),
    "anthropic_arr_2024": (1, YES),
    "anthropic_arr_2025": (5, NO),
    "ig_borrowing_growth": (None, NOT),
    "msft_finance_leases": (46.172, YES),
    "msft_leases_uncommenced": (155 - (155 - 108.4) / 3, NOT),
    "dc_securitised": (48.69, READ),
    "xai_debt_raised": (5, YES),
    "xai_debt_sought": (12.5, NOT),
    "bubble_peak_start": (None, LATER),
    "bubble_peak_end": (None, LATER),
    "bubble_fall": (100 - 22.07, LATER),
    "capex_annual_approach": (CAPEX_2025H2 + 148.385 + CAPEX_2026Q2, READ),
    "saas_capex_low": (None, NOT),
    "saas_capex_high": (None, NOT),
    "cloud_capex_low": (100 * 13.427 / 232.887, NOT),
    "cloud_capex_high": (100 * 25.139 / 136.819, NOT),
    "amazon_revenue": (574.785, READ),
    "amazon_capex": (75, THEN),
    "microsoft_revenue": (245.122, READ),
    "microsoft_capex": (44.477 + 11.633, READ),
    "alphabet_revenue": (307.394, READ),
    "alphabet_capex": (52.535, READ),
    "meta_revenue": (134.902, READ),
    "meta_capex": (37.256, READ),
    "oracle_revenue": (52.961, READ),
    "oracle_capex": (8.695, READ),
    "capex_goldman": (980.543, READ),
    "revenue_gap": (150 * 2 / (1 - 0.5), SUM_READ),
    "openai_month_revenue": (3.6 / 12, SAID),
    "openai_loss_2024": (5, YES),
    "openai_revenue_2024": (3.7, YES),
    "openai_valuation_2024": (157 - 6.6, READ),
    "capex_2026": (220 + 200 + 175 + 137.5, READ),
    "api_price_fall": (FALL ** (18 / 23), NO),
    "campus_new_min": (1.244, YES),
    "build_years": (2028 - 2025, SUM),
    "reseller_discount_fast": (100 * (0.2365 / 0.215 - 1), SUM),
    "reseller_discount_full": (100 * (0.2959 / 0.269 - 1), SUM),
    "model_margin": (100 * (0.2 - 0.1) / 0.2, SUM),
    "anthropic_growth": ((8 / 0.01) ** (1 / 3), SUM),
    "telecom_equivalence": (1.3 / 1.264, READ),
    "msft_leases_growth": (46.172 / (27.145 - 11.633 + 1.286), READ),
    "meta_private_credit": (27.3 + 2.5, READ),
    "leader_intensity_low": (100 * 91.447 / 402.836, READ),
    "leader_intensity_high": (100 * 64.551 / 281.724, READ),
    "seat_price": (30, READ),
    "openai_growth": (100 * (12 * 0.3 / 0.2 - 1), YES),
    "ai_investment_2026q1": (148.385, NOT),
    "mckinsey_total": (5.2 + 1.5, SUM),
    "mckinsey_accelerated": (7, LATER),
    "mckinsey_constrained": (7, LATER),
    "morgan_stanley_uses": (1.6 + 1.3, SUM),
    "morgan_stanley_sources": (1.4 + 0.8 + 0.35 + 0.2 + 0.15, SUM),
    "morgan_stanley_gap": (2.9 - 1.4, SUM),
    "jpm_loan_to_cost": (100 * 4.1 / 5.5, OFF),
    "required_revenue_share": (100 * 650 / 5000, SUM),
    "required_revenue_recovery": (5000 * AT_10, SUM_READ),
    "sequoia_200": (50 * 2 / (1 - 0.5), SUM),
    "sequoia_gap_500": (600 - 100, SUM),
    "epoch_tco": (38 * AT_10 + 0.9, OFF),
    "epoch_tco_3y": (11.8902, SUM_READ),
    "epoch_tco_7y": (7.0588, SUM_READ),
    "epoch_servers": (0.6 * 8.5, SUM),
    "epoch_energy": (1.2 * 8.766 * 0.079, NOT),
    "amodei_company_2023": (-0.1, SUM),
    "amodei_company_2024": (0.2 - 1, SUM),
    "amodei_company_2025": (2 - 10, SUM),
    "amodei_venture_2023": (0.2 - 0.1, SUM),
    "amodei_venture_2024": (2 - 1, SUM),
    "gdp_contribution_share": (100 * 1.3 / 3.0, SUM),
    "tboats_index": (-(0.14 * 86.5 + 0.25 * 46.9 + 0.045 * 42.7 + 0.565 * 25.3), SUM),
    "api_price_fall_ratio": (FALL, YES),
    "api_price_fall_per_year": (FALL ** (12 / 23), YES),
    "amazon_intensity": (100 * 75 / 575, SUM_READ),
    "microsoft_intensity": (100 * 55 / 245, SUM_READ),
    "alphabet_intensity": (100 * 52 / 307, SUM_READ),
    "meta_intensity": (100 * 37 / 134, SUM_READ),
    "oracle_intensity": (100 * 9 / 53, SUM_READ),
}
TO_FOUR_DIGITS = ("epoch_tco_3y", "epoch_tco_7y")  # at a solved rate; test_the_solved_rate checks the rate


@pytest.mark.parametrize("name", EXPECTED)
def test_value_and_verdict(name: str) -> None:
    value, expected = EXPECTED[name]
    item = entry(name)
    assert verdict(item) == expected
    if value is None:
        assert item.value() is None
    else:
        assert item.value() == pytest.approx(value, rel=1e-4 if name in TO_FOUR_DIGITS else 1e-9)


def test_every_claim_is_tested_and_every_row_has_an_entry() -> None:
    assert set(EXPECTED) == set(catalogue())
    assert list(claims()) == list(catalogue())[: len(claims())]


@pytest.mark.parametrize("name", EXPECTED)
def test_what_agrees_is_within_half_of_the_last_printed_digit(name: str) -> None:
    item = entry(name)
    ours = item.value()
    if verdict(item) in (YES, READ, SUM, SUM_READ, SAID, THEN) and item.relation == "=":
        assert ours is not None
        assert abs(ours - item.published) <= item.digit / 2 * (1 + 1e-9)
    if verdict(item) in (YES, READ, SUM, SUM_READ) and item.relation == ">=":
        assert ours is not None
        assert ours >= item.published
    if verdict(item) in (READ, SUM_READ):
        assert item.reading
    assert verdict(item) in VERDICTS
    assert item.why


@pytest.mark.parametrize("name", EXPECTED)
def test_no_number_is_typed_to_match(name: str) -> None:
    """No claim is its own input, and what is passed through unchanged is a sourced figure or shown as nearest."""
    item = entry(name)
    assert name not in {one.figure for one in item.inputs}
    if item.formula is same and verdict(item) in (YES, READ, NO):
        assert all(one.figure for one in item.inputs)
    for one in item.inputs:
        assert one.low <= one.value <= one.high
        assert one.source
        assert one.evidence in ("measured", "published", "judgement")


def test_the_solved_rate_gives_back_epochs_five_year_cost() -> None:
    """Substituted by hand into the sums of discounted payments, not into the closed form that was solved."""
    rate = next(one.value for one in entry("epoch_tco_3y").inputs if one.name == "rate")
    it, facility = 0.65 * 38, 0.35 * 38
    assert it * level_payment(rate, 5) + facility * level_payment(rate, 14) + 0.9 == pytest.approx(
        8.5, abs=1e-8
    )
    three = it * level_payment(rate, 3) + facility * level_payment(rate, 14) + 0.9
    assert entry("epoch_tco_3y").value() == pytest.approx(three, rel=1e-9)


def test_the_edge_of_rounding() -> None:
    assert agrees(1.0, 0.1, "=", 1.05)
    assert not agrees(1.0, 0.1, "=", 1.0501)
    assert not agrees(1.0, 0.1, "=", math.inf)
    assert not agrees(100, 10, ">=", 99.9)
    assert agrees(100, 10, "<=", 99.9)
    # a tilde is five per cent, or half a digit where that is more; "nearly" is at most a tenth short
    assert agrees(134, 1, "~", 134 * 1.05)
    assert not agrees(134, 1, "~", 134 * 1.051)
    assert agrees(1, 1, "~", 1.5)
    assert agrees(3, 1, "nearly", 2.7)
    assert not agrees(3, 1, "nearly", 3.01)
    assert not agrees(3, 1, "nearly", 2.69)
    assert agrees(20, 1, "range", 30.5, (20, 30))
    assert not agrees(20, 1, "range", 30.6, (20, 30))


def test_readings_of_required_revenue() -> None:
    found = {one.label.split(":")[0]: one.value() for one in entry("required_revenue").readings}
    assert found["perpetuity on the upper bound of 7 trillion"] == pytest.approx(700)
    assert found["capital recovery"] == pytest.approx(5000 * AT_10)
    assert found["straight line"] == pytest.approx(5000 * (0.65 / 5 + 0.35 / 14))
    assert found["cover with return"] == pytest.approx(5000 * AT_10 / 0.5)
    assert found["Sequoia's steps"] == pytest.approx(5000 / 5 / (1 - 0.5))
    assert found["payback of 5 trillion at 650 a year"] == math.inf


def test_inputs_come_from_the_tables() -> None:
    assert printed("x", "capex_cash", "Meta", "2024FY").figure.startswith("companies:capex_cash:Meta:2024FY")
