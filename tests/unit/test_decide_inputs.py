"""Wrong input first: every mistake is told in one line with place, expectation and next step; nothing becomes a
silent zero.
"""

from __future__ import annotations

import csv
import importlib
import json
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from supercycle.cli import main
from supercycle.core.errors import InputError, UnknownNameError
from supercycle.core.ownership import Ownership
from supercycle.core.profile import DemandHour, DemandProfile
from supercycle.decisions.choice.decision import decide
from supercycle.decisions.choice.record import record
from supercycle.decisions.inputs.file import read_case
from supercycle.decisions.inputs.template import template
from supercycle.decisions.inputs.workload import load_of, shape_of
from supercycle.decisions.money.prices import Background

sys.path.append(str(Path(__file__).resolve().parents[1]))
cases = importlib.import_module("decide_cases")

GOOD = "sla: {tokens_per_s_user: 30, ttft_p95_s: 2}\nmodel: {accepted_quality_gap: 60}\n"


def read(text: str) -> object:
    return read_case(text, origin="mine.yaml", today=cases.TODAY)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("model: {accepted_quality_gap: 60}", "sla.tokens_per_s_user is missing"),
        ("sla: {tokens_per_s_user: 30, ttft_p95_s: 2}", "accepted_quality_gap is missing"),
        (GOOD + "hardware: {gpu: H1000}", "unknown GPU 'H1000': did you mean 'H100'"),
        (GOOD.replace("60}", "60, open_weights: gpt-oss-12b}"), "did you mean 'gpt-oss-120b'"),
        (GOOD + "rentals: {x: 1}", "unknown section 'rentals': did you mean 'rental'"),
        (GOOD + "rental:\n  on_demand: 3", "mine.yaml:4: unknown input 'rental.on_demand': did you mean"),
        (GOOD + "workload:\n  burst_ratio: 0.5", "mine.yaml:4: workload.burst_ratio is impossible"),
        (GOOD + "finance: {tax_rate: 1.5}", "expected 0 to 1"),
        (GOOD + "finance: {depreciation: macr}", "did you mean 'macrs'"),
        (GOOD + "api: {deflator: constant}", "did you mean 'constant_quality'"),
        (GOOD + "hardware: {life_years: 4.5}", "not whole"),
        (GOOD + "workload: {growth_per_year: fast}", "not a number"),
        (GOOD + "horizon_months: 30", "whole years"),
        (GOOD + "workload: 3", "workload is not a section"),
        ("", "empty"),
        ("- a", "mapping"),
        ("a: [", "not YAML"),
    ],
)
def test_a_wrong_file_is_told_with_its_line(text: str, told: str) -> None:
    with pytest.raises(InputError) as error:
        read(text)
    assert told in str(error.value)
    assert "\n" not in str(error.value)


def test_the_template_reads_and_states_what_it_must() -> None:
    case = read_case(template(), origin="t.yaml", today=cases.TODAY)
    assert case.number("sla.tokens_per_s_user") == 30
    assert case.word("hardware.gpu") == "B200"
    assert case.start == "2026Q4"
    given = {path for path, line in case.ledger.items() if line.given}
    assert {"sla.ttft_p95_s", "model.accepted_quality_gap"} <= given
    assert all(line.source for line in case.ledger.values())


def test_a_number_may_carry_its_source_and_a_unit() -> None:
    case = read(
        GOOD
        + 'rental:\n  on_demand_usd_per_gpu_hour: {value: 3.1, source: "quote of 3 November"}\n'
        + "finance: {tax_rate: 21 %}"
    )
    line = case.ledger["rental.on_demand_usd_per_gpu_hour"]
    assert (line.value, line.evidence, line.stale) == (3.1, "given", False)
    assert "quote of 3 November" in line.source
    assert case.number("finance.tax_rate") == pytest.approx(0.21)


def test_old_prices_are_flagged_and_ones_own_are_not() -> None:
    stale = {path for path, line in read(GOOD).ledger.items() if line.stale}
    assert "site.electricity_usd_per_kwh" in stale  # April 2025
    assert "rental.on_demand_usd_per_gpu_hour" not in stale  # October 2026
    later = read_case(GOOD, origin="mine.yaml", today=cases.TODAY.replace(year=2027))
    assert later.ledger["rental.on_demand_usd_per_gpu_hour"].stale
    own = later.with_value("rental.on_demand_usd_per_gpu_hour", 3.0)
    assert not own.ledger["rental.on_demand_usd_per_gpu_hour"].stale


def hours(
    count: int, lost: tuple[int, ...] = (), skipped: tuple[int, ...] = (), requests: int = 1000
) -> DemandProfile:
    start = datetime(2026, 11, 2, tzinfo=UTC)
    rows = []
    for n in range(count):
        if n in skipped:
            continue
        when = start + timedelta(hours=n)
        if n in lost:
            rows.append(
                DemandHour(
                    when, "openai", "gpt-5-mini", None, None, None, None, None, None, None, missing=True
                )
            )
        else:
            rows.append(
                DemandHour(
                    when, "openai", "gpt-5-mini", 1000 * requests, 0, 0, 100 * requests, 0, requests, 1.0
                )
            )
    return DemandProfile(tuple(rows))


def test_gaps_follow_the_stated_rules() -> None:
    """A missing hour is unknown and left out; an hour without a row had no traffic."""
    case = cases.case()
    whole, lost, quiet = (
        load_of(p, case) for p in (hours(48), hours(48, lost=(5, 6)), hours(48, skipped=(5, 6)))
    )
    assert lost.missing_hours == 2
    assert lost.api_usd_per_month == pytest.approx(whole.api_usd_per_month)
    assert "2 of 48 hours are missing" in lost.notes[0]
    assert quiet.missing_hours == 0
    assert quiet.api_usd_per_month == pytest.approx(whole.api_usd_per_month * 46 / 48)
    assert "less than a week" in whole.notes[-1]


@pytest.mark.parametrize(
    ("profile", "told"),
    [
        (DemandProfile(()), "empty"),
        (hours(48, lost=tuple(range(10, 30))), "too many hours are missing"),
        (hours(12), "short"),
        (hours(48, requests=0), "no answers"),
    ],
)
def test_a_load_that_says_too_little_is_refused(profile: DemandProfile, told: str) -> None:
    with pytest.raises(InputError, match=told):
        load_of(profile, cases.case())


def test_negative_loads_are_refused() -> None:
    with pytest.raises(InputError, match="0 or more"):
        replace(hours(24).hours[0], output_tokens=-1)
    with pytest.raises(InputError, match="a negative load"):
        shape_of(np.array([1.0, -0.1]), 0.0)


def test_a_model_without_a_price_is_refused_with_the_nearest() -> None:
    rows = tuple(replace(row, model="gpt-5-minni") for row in hours(48).hours)
    with pytest.raises(UnknownNameError, match="did you mean 'gpt-5-mini'"):
        load_of(DemandProfile(rows), cases.case())
    own = cases.case(api__input_usd_per_mtok=1.0, api__output_usd_per_mtok=4.0)
    load = load_of(DemandProfile(rows), own)
    assert float(load.api_usd.sum()) == pytest.approx(48 * 1000 * (1000 * 1.0 + 100 * 4.0) / 1e6)
    with pytest.raises(InputError, match="both"):
        load_of(hours(48), cases.case(api__input_usd_per_mtok=1.0))


def test_an_sla_nothing_keeps_says_what_could_be_kept_and_ranks_the_apis() -> None:
    """The findings' 300,000-token prompts on H100: self-hosting cannot, the APIs can."""
    case = cases.case(sla__tokens_per_s_user=5000.0)
    found = decide(case, cases.profile(), {"calm": cases.STILL}, paths=20, changes=False)
    assert {m.name for m in found.found.ranking} == {"api", "api_open"}
    assert any("keeps the SLA" in note and "at best" in note for note in found.notes)
    assert found.break_even is None
    body = record(found)
    assert body["break_even"] is None


def cases_gpu(name: str) -> object:
    from supercycle.decisions.inputs.hardware import gpu

    return gpu(name)


def test_a_world_that_ends_too_early_or_is_not_finite_is_refused() -> None:
    with pytest.raises(InputError, match="ends before the horizon"):
        cases.placed(cases.case(), background=Background.still(10))
    bad = np.full((25, 1), np.nan)
    with pytest.raises(InputError, match="finite"):
        Background("bad", bad, bad, bad, 0.0)


def test_ownership_refuses_the_impossible() -> None:
    for field, value in (
        ("pue", 0.9),
        ("used_share", 0.0),
        ("life_years", 0.0),
        ("residual_share", 1.2),
        ("capital_usd", -1.0),
    ):
        with pytest.raises(InputError, match=field):
            Ownership(**{field: value})


def test_the_example_says_that_it_is_synthetic() -> None:
    assert "synthetic" in cases.profile().source
    assert cases.profile() == DemandProfile.from_json(cases.profile().to_json())


def command(*words: str) -> int:
    with pytest.raises(SystemExit) as left:
        main(["decide", *words])
    return int(str(left.value.code))


def test_the_command_line_tells_wrong_input_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bad.yaml").write_text(GOOD + "hardware: {gpu: H1000}")
    (tmp_path / "bad.parquet").write_text("no")
    for words, code in (
        (("run", "bad.yaml"), 3),
        (("run", "none.yaml"), 3),
        (("run", "--usage", "none.parquet"), 3),
        (("run", "--usage", "bad.parquet"), 3),
        (("run", "--usage", "bad.txt"), 3),
        (("run", "--set", "workload.growth=1"), 3),
        (("run", "--gateway", "ftp://x"), 3),
        (("run", "--gateway", "http://127.0.0.1:9"), 5),
        (("run", "--preset", "nowhere"), 3),
        (("throughput", "--model", "llama-3.1-70b", "--gpu", "H100", "--slo", "fast"), 2),
        (("walk",), 2),
    ):
        assert command(*words) == code, words
        told = capsys.readouterr().err
        assert told.startswith("error: ")
        assert told.count("\n") == 1, told


def test_init_writes_a_file_once_and_throughput_answers_in_json(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert command("init", "d.yaml") == 0
    assert command("init", "d.yaml") == 5
    capsys.readouterr()
    assert command("throughput", "--model", "llama-3.3-70b", "--gpu", "h200", "--slo", "30,3", "--json") == 0
    body = json.loads(capsys.readouterr().out)
    assert body["method"] == "table"
    assert body["output_tok_s_gpu"] == pytest.approx(
        2277, rel=0.10
    )  # figures buyers: measured_output_throughput; the surface reads between that point and its neighbours


def test_run_prints_tables_and_one_json_object(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert command("init") == 0
    capsys.readouterr()
    assert command("run", "decision.yaml", "--paths", "400", "--quick", "--world", "crunch-2027") == 0
    shown = capsys.readouterr().out
    for part in (
        "EXAMPLE LOAD",
        "Buy 8 B200 now",
        "Break-even of owning",
        "Act or wait",
        "crunch-2027",
        "Stale prices",
    ):
        assert part in shown
    last = ("--json", "--report", "d.html", "--xlsx", "d.xlsx", "--csv", "d.csv", "--world", "base")
    assert command("run", "decision.yaml", *last, "--paths", "50", "--quick") == 0
    body = json.loads(capsys.readouterr().out)
    assert body["schema"] == "supercycle.decide/2"
    rows = list(csv.DictReader((tmp_path / "d.csv").read_text().splitlines()))
    best = [row for row in rows if row["table"] == "ranking" and row["option"] == body["ranking"][0]["name"]]
    assert float(next(row["value"] for row in best if row["line"] == "mean")) == body["ranking"][0]["mean"]
    assert {row["table"] for row in rows} == {"ranking", "cash", "profit", "balance", "kpis", "assumption"}
    assert {"d.html", "d.xlsx"} <= {place.name for place in tmp_path.iterdir()}
    assert not list(tmp_path.glob(".*"))


SHEETS = """
schema: 2
usage: example
sla: {tokens_per_s_user: 30, ttft_p95_s: 2}
gpu_sheet: {name: X1, memory_gb: 288, bandwidth_tb_s: 13, tflops_bf16: 5000, tflops_fp8: 10000, tflops_fp4: 20000,
  tdp_kw: 1.8, server_kw: 2.5, sold_in: 8}
model_sheet: {name: house-model, total_bn: 100, active_bn: 8, layers: 40, hidden: 4096, cache_values_per_token: 40960,
  experts: 64, chosen: 4, expert_width: 2048, expert_layers: 40}
hardware: {gpu: X1, capital_usd_per_gpu: 60000}
model: {open_weights: house-model, precision: fp8, accepted_quality_gap: 10, quality_gap: 2}
rental: {on_demand_usd_per_gpu_hour: 9}
"""


def test_a_gpu_and_a_model_of_one_s_own_are_decided_from_their_sheets() -> None:
    case = read_case(SHEETS, origin="own.yaml", today=cases.TODAY)
    assert (case.part.memory_gb, case.model.family) == (288.0, "moe")
    assert case.number("hardware.server_kw") == 2.5
    found = decide(case, cases.profile(), {"calm": cases.STILL}, paths=20, changes=False)
    assert "on_demand" in found.found.options
    assert any("no point of house-model on X1" in note for note in found.notes)
    for wrong, word in (
        ("memory_gb: 288, ", "not complete"),
        ("capital_usd_per_gpu: 60000", "no purchase price for X1"),
        ("on_demand_usd_per_gpu_hour: 9", "no rental quote for X1"),
        ("expert_width: 2048, ", "mixture of experts"),
    ):
        with pytest.raises(InputError, match=word):
            read_case(
                SHEETS.replace(wrong, "").replace("rental: {}", ""), origin="own.yaml", today=cases.TODAY
            )
    with pytest.raises(UnknownNameError, match="tflops_fp8"):
        read_case(SHEETS.replace("tflops_fp8", "tflop_fp8"), origin="own.yaml", today=cases.TODAY)
    with pytest.raises(InputError, match="more experts"):
        read_case(SHEETS.replace("experts: 64", "experts: 6400"), origin="own.yaml", today=cases.TODAY)
