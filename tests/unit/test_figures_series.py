"""Choosing among rivals, quarters, totals, and what the commands are given."""

from __future__ import annotations

import json
from datetime import date
from types import ModuleType

import pytest

from supercycle import figures as face
from supercycle.core.errors import FigureError, UnknownNameError
from supercycle.figures import conflicts as conflict_rules
from supercycle.figures.load import COLUMNS, figures, parse_table
from supercycle.figures.prices import model_prices
from supercycle.figures.priors import parse_priors, priors
from supercycle.figures.series import bounds, choose, latest, quarterly, rivals, total
from supercycle.figures.tiers import CALIBRATABLE


def test_a_later_page_wins_within_a_tier_and_the_tier_comes_first() -> None:
    assert [(row.value, row.tier) for row in rivals("inference_compute_cost", "OpenAI", "2024FY")] == [
        (1.8, "B"),
        (3.767, "D"),
    ]
    assert choose("capex_guidance_high", "CoreWeave", "2025FY").value == 14.0  # November after May, both C


def test_as_of_hides_what_was_not_known() -> None:
    before = rivals("capex_guidance_high", "CoreWeave", "2025FY", as_of=date(2025, 6, 1))
    assert [row.value for row in before] == [23.0]
    with pytest.raises(FigureError, match="no reading of capex_cash, Meta, 2025Q3 passes"):
        choose("capex_cash", "Meta", "2025Q3", as_of=date(2025, 10, 1))


def test_calendar_and_fiscal_year_are_one_point_only_for_calendar_firms() -> None:
    assert (
        choose("capex_guidance", "Alphabet", "2026CY").id == choose("capex_guidance", "Alphabet", "2026FY").id
    )
    with pytest.raises(UnknownNameError, match="did you mean '2026CY'"):
        choose("capex_guidance", "Microsoft", "2026FY")


def test_a_missing_quarter_is_the_year_less_nine_months() -> None:
    reading = quarterly("revenue", "Microsoft")["2017Q3"]
    year = choose("revenue", "Microsoft", "2018FY").value or 0.0
    rest = sum(quarterly("revenue", "Microsoft")[name].value for name in ("2017Q4", "2018Q1", "2018Q2"))
    assert reading.how == "FY - 9M"
    assert reading.value == pytest.approx(year - rest)
    assert reading.tier == "derived"
    assert len(reading.ids) == 4


def test_the_tables_already_hold_the_quarters_of_the_five_firms() -> None:
    for firm in ("Microsoft", "Alphabet", "Amazon", "Meta", "Oracle"):
        printed = quarterly("capex_cash", firm, tiers=CALIBRATABLE)
        recent = [printed[name] for name in ("2025Q1", "2025Q2", "2025Q3", "2025Q4", "2026Q1", "2026Q2")]
        assert all(reading.how == "printed" for reading in recent)
        assert all(reading.tier in ("A", "B") for reading in recent)


def test_balances_are_never_summed() -> None:
    with pytest.raises(FigureError, match="rpo is not a flow"):
        total("rpo", ["Oracle"], "2026Q1", unit="USD_bn")
    with pytest.raises(FigureError, match="NVIDIA has no 2026Q2"):
        total("capex_cash", ["NVIDIA"], "2026Q1", "2026Q2", unit="USD_bn")


def test_bounds_read_ranges_and_never_a_range_that_misses_the_value() -> None:
    assert bounds(choose("capex_guidance", "Meta", "2026FY")) == (130.0, 145.0)
    ranged = next(row for row in figures("macro") if row.text == "171-219")
    above = next(row for row in figures("macro") if row.text == ">85")
    assert bounds(ranged) == (171.0, 219.0)
    assert bounds(above) == (85.0, None)
    assert bounds(choose("capex_cash", "Meta", "2026Q1")) == (18.997, 18.997)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: face.show("capx_cash"), "unknown series 'capx_cash': did you mean 'capex_cash'"),
        (
            lambda: face.show("capex_cash", "Metaa"),
            "unknown entity of capex_cash 'Metaa': did you mean 'Meta'?",
        ),
        (lambda: face.list_series(table="company"), "did you mean 'companies'"),
        (lambda: face.list_series(match="capexx"), "unknown series 'capexx': did you mean"),
        (lambda: face.prior("leadtime_gird"), "did you mean 'leadtime_grid'"),
        (lambda: face.claim("required_revenu"), "did you mean 'required_revenue'"),
        (
            lambda: face.cite("companies:capex_cash:Meta:2026Q1:0000"),
            "did you mean 'companies:capex_cash:Meta:",
        ),
    ],
)
def test_an_unknown_name_suggests_the_nearest(call: object, says: str) -> None:
    assert callable(call)
    with pytest.raises(UnknownNameError) as refused:
        call()
    assert says in str(refused.value)


def test_what_the_commands_get_is_json_without_nan() -> None:
    answers = [
        face.list_series(match="capex"),
        face.show("capex_cash", "Oracle"),
        face.verify(),
        face.coverage(),
    ]
    assert all(json.loads(json.dumps(answer, allow_nan=False)) == answer for answer in answers)


def test_cite_finds_figures_claims_and_priors() -> None:
    row = choose("run_rate_revenue", "OpenAI", "2025-12")
    cited = face.cite(row.id)
    assert cited["chosen"] is True
    assert [rival["value"] for rival in cited["rivals"]] == [20.0]
    assert "tier D" in cited["citation"]
    assert face.cite("capacity_2030_base")["unit"] == "GW_unstated"
    assert face.cite("leadtime_grid")["evidence"] == "published"


def test_show_puts_the_chosen_reading_first_and_keeps_the_rivals() -> None:
    shown = face.show("run_rate_revenue", "OpenAI")["entities"][0]
    point = next(point for point in shown["points"] if point["period"] == "2025-12")
    assert point["chosen"]["value"] == 21.4
    assert [rival["value"] for rival in point["rivals"]] == [20.0]
    days = [point["chosen"]["end"] for point in shown["points"]]
    assert days == sorted(days)


def test_verify_accepts_the_shipped_tables() -> None:
    report = face.verify()
    assert report["problems"] == []
    assert report["ok"] is True
    assert [table["table"] for table in report["tables"]] == list(COLUMNS)
    assert all(table["checksum_ok"] for table in report["tables"])
    assert report["fiscal_years_off"] == []
    assert {note["why"] for note in report["notes"]} >= {"not a plain number: '>85'", "no date: 'peak'"}


def test_verify_reports_a_changed_and_a_broken_table(monkeypatch: pytest.MonkeyPatch) -> None:
    from supercycle.figures import checksums, verification

    whole = verification.table_text

    def broken(name: str) -> str:
        text = whole(name)
        return text + text.splitlines()[1] + "\n" if name == "network" else text

    monkeypatch.setattr(verification, "table_text", broken)
    monkeypatch.setattr(checksums, "table_text", broken)
    report = verification.verify()
    assert report["ok"] is False
    assert report["duplicates_refused"] == 1
    assert any("network.csv: text differs" in problem for problem in report["problems"])
    assert any("network.csv:82: exact duplicate" in problem for problem in report["problems"])


def test_conflicts_need_numbers_that_differ() -> None:
    header = ",".join(COLUMNS["companies"])
    same = "revenue,X,2025Q1,{},USD_bn,,,flow,C,,published,2025-05-31,as published,fact,{},u,2025-05,\n"
    rows = parse_table("companies", header + "\n" + same.format("10.0", "one") + same.format("10.05", "two"))
    assert conflict_rules.conflicts(rows) == ()
    rows = parse_table("companies", header + "\n" + same.format("10", "one") + same.format("12", "two"))
    (found,) = conflict_rules.conflicts(rows)
    assert found.spread == pytest.approx(0.2)


def test_coverage_names_missing_quarters() -> None:
    found = {(row["series"], row["entity"]): row for row in face.coverage()["coverage"]}
    assert "2018Q4" in found["capex_cash", "NVIDIA"]["missing_quarters"]
    assert found["capex_cash", "Meta"]["missing_quarters"] == []
    assert found["capex_cash", "Meta"]["calibratable_share"] == 1.0


def test_priors_are_ordered_sourced_and_reachable() -> None:
    known = priors()
    assert len(known) == 200
    assert all(row.low <= row.central <= row.high and row.source for row in known.values())
    assert {row.block_number for row in known.values()} <= set(range(1, 17))
    assert face.prior("cowos_wafers_per_month_2026").unit == "wafer_k/month"
    header = ",".join(COLUMNS["parameters"])
    row = "1 x,p,m,share,0.5,0.4,0.6,,title,url,2026,measured,"
    with pytest.raises(FigureError, match=r"parameters.csv:2: bounds out of order.*0.5, 0.4, 0.6"):
        parse_priors(f"{header}\n{row}\n")


def test_model_prices_carry_rating_and_evidence() -> None:
    prices = model_prices()
    assert len(prices) == 144
    rated = [price for price in prices if price.arena_rating is not None]
    assert all(price.arena_snapshot == date(2026, 10, 20) for price in rated)
    remembered = [price for price in prices if "remembered" in price.evidence_printed]
    assert remembered
    assert {price.evidence for price in remembered} == {"judgement"}


def test_the_public_face_is_what_all_says() -> None:
    assert sorted(face.__all__) == dir(face)
    assert all(not isinstance(getattr(face, name), ModuleType) for name in face.__all__)  # no shadowing
    assert all(getattr(face, name) is not None for name in face.__all__)
    with pytest.raises(AttributeError, match="nothing_here"):
        face.nothing_here  # noqa: B018


def test_latest_takes_the_latest_period_then_the_best_reading() -> None:
    assert latest("run_rate_revenue", "OpenAI", as_of=date(2026, 1, 31)).value == 20.0
