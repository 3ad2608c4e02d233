"""The verdicts that were wrong or unfair, each with the row that corrects it; the documents walked to the last
figure."""

from __future__ import annotations

from typing import Any

import pytest

from supercycle.claims import describe, entry
from supercycle.claims import scenario as on_the_world
from supercycle.claims.bridge import bridge, steps_table
from supercycle.claims.catalogue import catalogue
from supercycle.claims.documents import DOCUMENTS, documents_table, parse_documents, printed_figures
from supercycle.claims.entry import VERDICTS, verdict
from supercycle.core.errors import FigureError, UnknownNameError
from supercycle.figures.claims import claims, parse_claims
from supercycle.figures.load import table_text

# claim -> verdict, and the figure among its inputs or readings that decides it
CORRECTED = {
    "microsoft_capex": (
        "agrees with data under a stated reading",
        "prints_2026q3:capex_incl_finance_leases:Microsoft",
    ),
    "microsoft_intensity": (
        "adds up under a stated reading",
        "prints_2026q3:capex_incl_finance_leases:Microsoft",
    ),
    "amazon_capex": ("right when said, revised since", "prints_2026q3:capex_guidance:Amazon:2024FY"),
    "required_revenue_gdp": (
        "agrees with data under a stated reading",
        "macro:gdp_nominal_imf:World:2025",
    ),
    "turbine_lead_low": ("as attributed", "macro:gas_turbine_lead_time:new-orders-JPM"),
    "turbine_lead_high": ("as attributed", "macro:gas_turbine_lead_time:new-orders-JPM"),
    "nuclear_lead": ("as attributed", "macro:nuclear_build_time:history-JPM"),
    "gdp_growth": ("right when said, revised since", "macro:real_gdp_growth:US:2025Q2"),
    "anthropic_arr_2025": ("contradicted by data", "demand:run_rate_revenue_epoch:Anthropic:2025-07-29"),
    "generation_cost_ratio": (
        "agrees with data under a stated reading",
        "labs:generation_compute_ratio:GPT-3.5",
    ),
    "meta_revenue": ("agrees with data under a stated reading", "companies:revenue:Meta:2023FY"),
    "alphabet_capex": ("agrees with data under a stated reading", "companies:capex_cash:Alphabet:2024FY"),
    "capacity_installed_before": ("not reproducible", "macro:dc_capacity_demand:World-McKinsey"),
    "reseller_price": ("does not add up", ""),
    "openai_valuation_2024": (
        "agrees with data under a stated reading",
        "labs:valuation_post:OpenAI:2024-10-02",
    ),
    "xai_debt_raised": ("agrees with data", "prints_2026q3:debt_raised:xAI:2025-06-30"),
    "openai_month_revenue": ("as attributed", "demand:run_rate_revenue_epoch:OpenAI:2024-08-15"),
    "msft_leases_uncommenced": ("not reproducible", "companies:leases_not_yet_commenced:Microsoft"),
}


@pytest.mark.parametrize("name", CORRECTED)
def test_a_corrected_verdict_rests_on_its_row(name: str) -> None:
    expected, figure = CORRECTED[name]
    item = entry(name)
    assert verdict(item) == expected
    used = [one.figure for one in (*item.inputs, *(i for reading in item.readings for i in reading.inputs))]
    assert not figure or any(id.startswith(figure) for id in used), used


def test_tildes_and_ranges_are_kept_as_said() -> None:
    said = {row.id: (row.printed, row.relation) for row in claims().values()}
    assert said["meta_revenue"] == ("~$134B", "~")
    assert said["turbine_lead_low"] == ("3-4 years", "range")
    assert all(printed for printed, _ in said.values())
    assert (claims()["cloud_capex_low"].low, claims()["cloud_capex_low"].high) == (10.0, 15.0)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (",~,,,", ",about,,,", "unknown relation 'about'"),
        (",range,3,4,", ",range,3,,", "a range"),
        (",range,3,4,", ",range,5,4,", "a range"),
        (",range,3,4,", ",=,3,4,", "a range"),
        (",range,3,4,", ",=,3,,", "a range"),
    ],
)
def test_a_claim_printed_in_no_known_way_is_refused(old: str, new: str, says: str) -> None:
    with pytest.raises((FigureError, UnknownNameError), match=says):
        parse_claims(table_text("claims").replace(old, new, 1))


def test_two_labels_say_two_things() -> None:
    for item in catalogue().values():
        told = verdict(item)
        if told.startswith("adds up"):
            assert item.basis == "inputs", item.id
        if told.startswith("agrees with data"):
            assert item.basis == "data", item.id
    assert "reproduced" not in VERDICTS


def test_every_figure_of_the_documents_is_walked() -> None:
    walked = {name for figure in printed_figures() for name in figure.claims}
    assert set(claims()) <= walked  # no row of claims.csv that no document prints
    assert {figure.document for figure in printed_figures()} == set(DOCUMENTS)
    table = documents_table()
    assert all(figure.printed in table for figure in printed_figures())
    assert all(figure.claims or figure.note for figure in printed_figures())


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("roadmap,1 GW,,", "a figure without a claim"),
        ("roadmap,1 GW,capex_totl_low,", "did you mean 'capex_total_low'"),
        ("memo,1 GW,capex_total_low,", "unknown document 'memo'"),
    ],
)
def test_a_figure_that_is_not_tested_says_why(row: str, says: str) -> None:
    with pytest.raises((FigureError, UnknownNameError), match=says):
        parse_documents(f"document,printed,claims,note\n{row}\n")


def test_the_steps_of_the_required_revenue_add_up() -> None:
    # 10 % of 5,000; the print; annuities at 10 % of 65 % over 5 and 35 % over 14 years
    public = bridge()
    assert [step.value for step in public[:2]] == [500.0, 650.0]
    it, facility = 0.1 / (1 - 1.1**-5), 0.1 / (1 - 1.1**-14)
    assert public[2].value == pytest.approx(5000 * (0.65 * it + 0.35 * facility))
    rows = steps_table(public)
    assert sum(row["adds"] for row in rows) == pytest.approx(rows[-1]["value"])
    assert describe("required_revenue")["bridge"] == rows
    assert describe("capex_total_low")["bridge"] is None


def test_the_models_own_steps_have_a_band_and_the_external_part_is_the_smaller() -> None:
    from supercycle.claims.bridge import model_steps

    external, whole = model_steps(paths=40)
    for step in (external, whole):
        assert step.low is not None
        assert step.high is not None
        assert step.low <= step.value <= step.high
    assert 0.0 < external.value < whole.value


def test_three_numbers_of_one_claim(capsys: pytest.CaptureFixture[str]) -> None:
    import json

    from supercycle import cli

    with pytest.raises(SystemExit) as stop:
        cli.main(["claims", "required_revenue", "--run", "--paths", "20", "--json"])
    assert stop.value.code == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert found["three"]["published"] == 650.0
    assert found["three"]["recomputed"] == 500.0
    model = found["three"]["model"]
    assert model["q05"] <= model["q50"] <= model["q95"]
    assert len(found["bridge"]) == 5
    assert set(on_the_world.SCENARIOS) <= set(catalogue())
