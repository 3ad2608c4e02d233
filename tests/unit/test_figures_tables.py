"""The tables as they are shipped: rows, units, kinds, licences; what hosts charge and how long they answer."""

from __future__ import annotations

from collections import Counter

import pytest
from typed_tables.__main__ import typed
from typed_tables.kinds import kind_of
from typed_tables.licences import licence_of
from typed_tables.spellings import unit_of

from supercycle.core.errors import FigureError, UnknownNameError
from supercycle.figures.load import TABLES, figures, table_text
from supercycle.figures.model_hosts import OutputLimit, hosts_of, model_hosts, output_limit, parse_model_hosts
from supercycle.figures.series import choose, latest

# Rows of the source tables less those whose licence is not known: none may be lost in silence.
ROWS = {
    "companies": 2166, "demand": 848, "macro": 1934 - 5, "buyers": 331 - 20, "network": 80, "history": 1481,
    "prints_2026q3": 61, "plans": 387, "borrowers": 426, "power_regions": 531, "labs": 800, "deal_terms": 704 - 11,
    "hardware": 1034 - 18, "open_models": 3041,
}  # fmt: skip


@pytest.mark.parametrize("table", TABLES)
def test_no_row_is_lost(table: str) -> None:
    assert len(figures(table)) == ROWS[table]


def test_every_source_is_an_address_or_says_that_it_was_not_kept() -> None:
    bare = [row.id for row in figures() if not row.source_url]
    assert bare == []


def test_a_lost_address_is_tier_d_and_derived_rows_stand_where_their_inputs_do() -> None:
    for row in figures():
        if "address not kept" in f"{row.source_title} {row.source_url}":
            assert row.standing == "D", row.id
        if row.tier == "derived":
            assert row.inputs_tier, row.id
        assert (row.evidence == "measured") <= (row.standing in ("A", "B", "derived")), row.id


def test_units_mean_what_their_table_means() -> None:
    assert unit_of("open_models", "params_total", "billion", "") == ("count_bn", "parameters")
    assert unit_of("demand", "consumer_ai_users", "billion", "") == ("user_bn", "")
    assert unit_of("hardware", "all_in_power_per_gpu", "kW", "") == ("kW_facility", "per GPU")
    assert unit_of("power_regions", "dc_queue", "GW", "") == ("GW_facility", "")
    assert unit_of("power_regions", "nuclear_deal", "MW", "") == ("MW_gen", "")
    with pytest.raises(FigureError, match="unit not known"):
        unit_of("labs", "x", "furlongs", "labs.csv:9")


def test_the_kinds_that_decide_what_may_be_summed() -> None:
    kinds = {row.series: row.kind for row in figures() if row.kind != "note"}
    expected = {
        "capex_cash": "flow", "depreciation_ppe": "flow", "debt_total": "stock", "rpo": "stock",
        "run_rate_revenue": "rate", "free_cash_flow_ttm_reported": "rate", "rental_on_demand": "price",
        "capex_guidance_low": "guidance", "capex_consensus": "forecast", "bond_issue": "event", "maturity": "term",
        "grid_connection_lead_time_low": "duration", "gross_margin": "ratio", "cloud_commitment": "stock",
        "ai_chips_cumulative_tdp": "stock",
    }  # fmt: skip
    assert {name: kinds[name] for name in expected} == expected
    assert kind_of("deal_terms", "day_count", "text", number=False, dated=False) == "term"


def test_what_a_throughput_point_was_measured_at_is_part_of_the_point() -> None:
    rows = [
        row for row in figures("hardware") if row.series == "throughput_point" and row.settings.get("isl")
    ]
    assert len(rows) > 200
    assert all({"model", "gpu", "isl", "osl", "concurrency"} <= set(row.settings) for row in rows[:50])
    assert len({row.key for row in rows}) > 0.98 * len(rows)


def test_a_standard_term_has_no_date_and_computes_all_the_same() -> None:
    terms = [row for row in figures("deal_terms") if row.period.printed == "standard"]
    assert len(terms) == 52
    assert all(row.kind == "term" for row in terms)
    assert not any(row.is_note for row in terms if row.value is not None)


def test_newest_prints_are_there_with_the_day_they_came() -> None:
    # Oracle's quarter to 31 August 2026, printed on 10 September: 23.103 of cash flow against 28.499 of capex
    capex, cash = choose("capex_cash", "Oracle", "2026Q3"), choose("operating_cash_flow", "Oracle", "2026Q3")
    assert (capex.value, cash.value) == (28.499, 23.103)
    assert capex.known_from.isoformat() == "2026-09-10"
    assert capex.tier == "B"  # read in notes, the filing itself not
    assert latest("nvidia_data_center_revenue", "NVIDIA").value == 89.0


def test_unknown_licences_are_not_shipped() -> None:
    assert licence_of("compute-screener gpu_providers_latest.csv", "") == "unknown"
    assert licence_of("SEC 10-K", "") == "public domain"
    titles = Counter(row.source_title for row in figures())
    assert not [title for title in titles if "compute-screener" in title or "SpotWire" in title]
    assert Counter(row.licence for row in figures())["unknown"] == 0


def test_an_untyped_row_becomes_a_typed_one() -> None:
    raw = {
        "series": "capex_cash", "entity": "Oracle", "period": "2026Q3", "value": "28.499", "unit": "USD bn",
        "tier": "A", "source_title": "Oracle 8-K Ex. 99.1 (as copied in research notes)", "source_url": "https://example.org",
        "published": "2026-09-10", "note": "quarter ended 2026-08-31",
    }  # fmt: skip
    row = typed("prints_2026q3", raw, "new.csv:2")
    assert (row["unit"], row["unit_printed"], row["kind"], row["tier"]) == ("USD_bn", "USD bn", "flow", "B")
    assert (row["known_from"], row["evidence"]) == ("2026-09-10", "measured")


def test_hosts_are_kept_reading_by_reading() -> None:
    assert len(model_hosts()) == 2683
    assert {row.host for row in hosts_of("gpt-4o") if not row.reseller} == {"azure-openai", "gmi", "openai"}
    keys = Counter(row.key for row in model_hosts())
    assert sum(n > 1 for n in keys.values()) == 202  # readings of one offer that differ: all stay
    assert Counter(row.standing for row in model_hosts()) == {"current": 2472, "older": 195, "outlier": 16}
    small = [
        row for row in hosts_of("deepseek-v4-pro") if row.host == "deepseek" and row.cached_read_usd_per_mtok
    ]
    assert 0.003625 in {row.cached_read_usd_per_mtok for row in small}  # 1e-4 would have moved it by 0.7 %


def test_an_answer_is_bounded_by_its_maker_then_its_host_then_the_context() -> None:
    assert output_limit("gpt-4.1") == OutputLimit(32768, "maker")
    assert output_limit("deepseek-v4-pro") == OutputLimit(
        393216, "maker"
    )  # 384,000 or 393,216: the larger bounds
    assert output_limit("llama-3.3-70b-instruct", "venice") == OutputLimit(4096, "host")
    with pytest.raises(UnknownNameError, match="did you mean"):
        output_limit("gpt-4.1-min")
    with pytest.raises(UnknownNameError, match="host of llama"):
        output_limit("llama-3.3-70b-instruct", "nowhere")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (",no,", ",maybe,", r"model_hosts.csv:2.*unknown reseller 'maybe'"),
        (",current,", ",fresh,", r"model_hosts.csv:2.*unknown standing"),
        (",USD/Mtok,", ",USD/tok,", r"model_hosts.csv:2.*unknown unit"),
    ],
)
def test_a_bad_host_row_is_refused_with_its_line(old: str, new: str, says: str) -> None:
    text = table_text("model_hosts")
    with pytest.raises(UnknownNameError, match=says):
        parse_model_hosts(text.replace(old, new, 1))
