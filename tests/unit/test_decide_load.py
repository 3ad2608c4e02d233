"""The load as people say it: typed, exported by five providers, with gaps told; and no answer without one."""

from __future__ import annotations

import importlib
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supercycle.core.errors import InputError
from supercycle.core.profile import DemandHour, DemandProfile
from supercycle.decisions.inputs.exports import profile_from_export
from supercycle.decisions.inputs.shape import parse_shape
from supercycle.decisions.inputs.typed_load import profile_from_text, read_load
from supercycle.decisions.inputs.workload import load_of
from supercycle.service.decide import case_of, decide, profile_of

sys.path.append(str(Path(__file__).resolve().parents[1]))
cases = importlib.import_module("decide_cases")

OFFICE = "9-17 mon-fri UTC x1.5"
SAID = {"provider": "openai", "model": "gpt-5-mini", "input_tokens": 3000.0, "output_tokens": 300.0}


def typed(**more: object) -> DemandProfile:
    return profile_from_text(read_load({**SAID, **more}, "test"), cases.TODAY)


@given(
    st.sampled_from([OFFICE, "flat", "22-6 sun-thu Asia/Tokyo", "0-1 mon UTC", "8-20 Europe/Zurich x2"]),
    st.floats(1, 1e6),
)
def test_the_hours_sum_to_what_was_said(shape: str, requests: float) -> None:
    """Four weeks of working days, to the request and the token."""
    profile = typed(requests_per_day=requests, shape=shape)
    days = 4 * len(parse_shape(shape).days)
    total = sum(row.requests or 0 for row in profile.hours)
    assert total == pytest.approx(requests * days, abs=1)
    tokens = sum(row.output_tokens or 0 for row in profile.hours)
    assert tokens == pytest.approx(300 * requests * days, abs=1)
    assert (profile.hours[-1].hour - profile.hours[0].hour) == timedelta(hours=4 * 168 - 1)


def test_users_requests_tokens_and_dollars_say_the_same_load() -> None:
    """60 users x 80 requests on 20 working days of four weeks are 96,000 requests in 672 hours."""
    by_users = typed(users=60, requests_per_user_day=80, shape=OFFICE)
    requests = 60 * 80 * 20
    month = requests / 672 * 730
    load = load_of(by_users, cases.case())
    assert load.requests_per_month == pytest.approx(month, rel=1e-6)
    price = 3000 * 0.25 / 1e6 + 300 * 2.0 / 1e6  # USD a request at gpt-5-mini's list
    assert load.api_usd_per_month == pytest.approx(month * price, rel=1e-6)
    for more in (
        {"requests_per_day": 60 * 80},
        {"requests_per_month": month},
        {"output_tokens_per_month": month * 300},
        {"usd_per_month": month * price},
    ):
        same = load_of(typed(shape=OFFICE, **more), cases.case())
        assert same.mtok_per_month == pytest.approx(load.mtok_per_month, rel=1e-4), more


def test_a_shape_has_its_hours_days_zone_and_peak() -> None:
    shape = parse_shape("9-18 mon-fri Europe/Zurich x1.3")
    noon, night = (
        datetime(2026, 7, 6, 11, tzinfo=UTC),
        datetime(2026, 7, 6, 20, tzinfo=UTC),
    )  # 13:00 and 22:00 there
    assert shape.weight(noon) > 1 > shape.weight(datetime(2026, 7, 6, 7, tzinfo=UTC)) > 0
    assert shape.weight(night) == shape.weight(datetime(2026, 7, 5, 11, tzinfo=UTC)) == 0.0
    for bad in ("", "9", "9-9", "25-26", "monday", "9-18 Mars/Olympus", "9-18 x3"):
        with pytest.raises(InputError):
            parse_shape(bad)


OFFICE_SHAPE = parse_shape("9-18 mon-fri UTC")
EXPORTS = {
    "openai": (
        "start_time_iso,end_time_iso,project_id,num_model_requests,model,batch,input_tokens,output_tokens,"
        "input_cached_tokens\n"
        "2026-11-02T00:00:00+00:00,2026-11-03T00:00:00+00:00,p,2400,gpt-5-mini-2025-08-07,false,7200000,720000,2400000\n"
        "2026-11-03T00:00:00+00:00,2026-11-04T00:00:00+00:00,p,2400,gpt-5-mini-2025-08-07,false,7200000,720000,2400000\n"
    ),
    "anthropic": (
        "usage_date_utc,model_version,api_key,workspace,usage_type,usage_input_tokens_no_cache,"
        "usage_input_tokens_cache_write_5m,usage_input_tokens_cache_write_1h,usage_input_tokens_cache_read,"
        "usage_output_tokens,web_search_count\n"
        "2026-11-02,claude-sonnet-4-5,k,w,standard,4800000,0,0,2400000,720000,0\n"
        "2026-11-03,claude-sonnet-4-5,k,w,standard,4800000,0,0,2400000,720000,0\n"
    ),
    "litellm": (
        "date,model,custom_llm_provider,prompt_tokens,cache_read_input_tokens,completion_tokens,api_requests,spend\n"
        "2026-11-02,gpt-5-mini,openai,7200000,2400000,720000,2400,3.1\n"
        "2026-11-03,gpt-5-mini,openai,7200000,2400000,720000,2400,3.1\n"
    ),
    "azure": (
        "Date,MeterCategory,MeterName,Quantity,UnitOfMeasure,CostInBillingCurrency\n"
        "11/02/2026,Foundry Models,gpt-5-mini Inp glbl Tokens,4800,1K,1.2\n"
        "11/02/2026,Foundry Models,gpt-5-mini cchd Inp glbl Tokens,2400,1K,0.1\n"
        "11/02/2026,Foundry Models,gpt-5-mini Outp glbl Tokens,720,1K,1.4\n"
        "11/03/2026,Foundry Models,gpt-5-mini Inp glbl Tokens,4800,1K,1.2\n"
        "11/03/2026,Foundry Models,gpt-5-mini cchd Inp glbl Tokens,2400,1K,0.1\n"
        "11/03/2026,Foundry Models,gpt-5-mini Outp glbl Tokens,720,1K,1.4\n"
    ),
    "aws": (
        "lineItem/UsageStartDate,lineItem/UsageType,lineItem/UsageAmount,pricing/unit,lineItem/UnblendedCost\n"
        "2026-11-02T00:00:00Z,USE1-Claude4.5Sonnet-input-tokens,4800,1K tokens,14\n"
        "2026-11-02T00:00:00Z,USE1-Claude4.5Sonnet-cache-read-input-token-count,2400,1K tokens,1\n"
        "2026-11-02T00:00:00Z,USE1-Claude4.5Sonnet-output-tokens,720,1K tokens,10\n"
        "2026-11-03T00:00:00Z,USE1-Claude4.5Sonnet-input-tokens,4800,1K tokens,14\n"
        "2026-11-03T00:00:00Z,USE1-Claude4.5Sonnet-cache-read-input-token-count,2400,1K tokens,1\n"
        "2026-11-03T00:00:00Z,USE1-Claude4.5Sonnet-output-tokens,720,1K tokens,10\n"
    ),
}


@pytest.mark.parametrize("name", EXPORTS)
def test_an_export_of_days_is_spread_by_the_stated_shape_and_never_read_as_spikes(name: str) -> None:
    where = f"{name}.csv"
    with pytest.raises(InputError, match="one row for each day"):
        profile_from_export(EXPORTS[name], where=where, shape=None, tokens_per_request=300)
    profile, notes = profile_from_export(
        EXPORTS[name], where=where, shape=parse_shape("8-16 mon-fri UTC x1.0"), tokens_per_request=300
    )
    busy = [row for row in profile.hours if row.output_tokens]
    assert len(busy) == 16  # eight hours on two days, all alike
    assert {row.output_tokens for row in busy} == {90_000}
    assert {row.input_tokens for row in busy} == {600_000}
    assert {row.cached_tokens for row in busy} == {300_000}
    assert {row.requests for row in busy} == {300}
    assert "spread by the stated shape" in notes[0]


def test_a_profile_with_one_row_a_day_is_refused_until_a_shape_is_stated(tmp_path: Path) -> None:
    """The findings' case: 22 times the mean and 87 GPUs, without a word."""
    rows = [
        DemandHour(
            datetime(2026, 11, day, tzinfo=UTC),
            "openai",
            "gpt-5-mini",
            4_800_000,
            0,
            0,
            720_000,
            0,
            2400,
            1.0,
        )
        for day in range(2, 23)
    ]
    daily = DemandProfile(tuple(rows), source="daily")
    with pytest.raises(InputError, match="one row for each day"):
        load_of(daily, cases.case())
    (tmp_path / "d.csv").write_text(daily.to_csv())
    case = case_of(None)
    profile, notes = profile_of(case, None, tmp_path / "d.csv", None, shape=OFFICE)
    load = load_of(profile, cases.case())
    assert load.output.max() / load.output.mean() < 7
    assert sum(row.output_tokens or 0 for row in profile.hours) == 21 * 720_000
    assert any("6 totals lie on days that the shape says do not work" in note for note in notes)


def test_days_without_a_row_are_unknown_and_told_and_two_days_a_year_apart_are_refused() -> None:
    head = "date,model,prompt_tokens,completion_tokens,api_requests\n"
    days = [
        f"2026-11-{day:02d},gpt-5-mini,2400000,240000,2400\n" for day in range(2, 30) if day not in (10, 11)
    ]
    shape = parse_shape("flat")
    profile, notes = profile_from_export(head + "".join(days), where="x.csv", shape=shape)
    assert any("2 days between the first and the last have no row" in note for note in notes)
    assert load_of(profile, cases.case()).missing_hours == 48
    far = head + "2026-01-05,gpt-5-mini,2400000,240000,2400\n2026-11-01,gpt-5-mini,2400000,240000,2400\n"
    lonely, _ = profile_from_export(far, where="x.csv", shape=shape)
    with pytest.raises(InputError, match="too many hours are missing"):
        load_of(lonely, cases.case())


def test_an_hourly_profile_with_a_long_silence_is_not_a_quiet_load() -> None:
    def hour(n: int) -> DemandHour:
        return DemandHour(
            datetime(2026, 1, 5, tzinfo=UTC) + timedelta(hours=n),
            "openai",
            "gpt-5-mini",
            9000,
            0,
            0,
            900,
            0,
            3,
            0.1,
        )

    two_days = DemandProfile(tuple(hour(n) for n in (*range(24), *range(7200, 7224))))
    with pytest.raises(InputError, match="too many hours are missing"):
        load_of(two_days, cases.case())


def test_no_load_no_answer_and_an_example_only_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no load, no answer"):
        decide(paths=2, scenarios=(), changes=False)
    file = tmp_path / "d.yaml"
    file.write_text(
        "sla: {tokens_per_s_user: 30, ttft_p95_s: 2}\nmodel: {accepted_quality_gap: 60, quality_gap: 9}\n"
    )
    with pytest.raises(InputError, match="no load, no answer"):
        decide(file, paths=2, scenarios=(), changes=False)
    named = decide(file, usage="example", paths=2, scenarios=(), changes=False)
    assert named.headline.startswith("EXAMPLE LOAD")
    assert named.notes[0].startswith("EXAMPLE LOAD")


def test_a_file_with_its_load_typed_runs_and_says_whose_load_it_is(tmp_path: Path) -> None:
    file = tmp_path / "d.yaml"
    file.write_text(
        "schema: 2\nload: {provider: openai, model: gpt-5-mini, users: 60, requests_per_user_day: 80,\n"
        "  input_tokens: 6000, output_tokens: 400, cached_share: 50 %, shape: 9-18 mon-fri Europe/Zurich}\n"
        "sla: {tokens_per_s_user: 30, ttft_p95_s: 5}\nmodel: {accepted_quality_gap: 60, quality_gap: 9}\n"
    )
    found = decide(file, paths=2, scenarios=(), changes=False)
    assert "EXAMPLE" not in found.headline
    assert found.place.load.source.startswith("stated: 60 users, 80 requests a user and working day")
    for wrong in (
        "users: 60",
        "schema: 2\nload: {user: 60}",
        "schema: 3",
        "load: {users: -1}",
        "load: {users: 1, requests_per_day: 2}",
    ):
        file.write_text(
            f"{wrong}\nsla: {{tokens_per_s_user: 30, ttft_p95_s: 5}}\nmodel: {{accepted_quality_gap: 60}}\n"
        )
        with pytest.raises(InputError):
            decide(file, paths=2, scenarios=(), changes=False)


def test_growth_is_what_people_mean_and_old_files_are_converted_with_a_word(tmp_path: Path) -> None:
    """50 % is 50 % a year; the log of a file of version 1 is 65 %, and the notes say so."""
    body = (
        "sla: {tokens_per_s_user: 30, ttft_p95_s: 2}\nmodel: {accepted_quality_gap: 60}\n"
        "workload: {growth_per_year: 50 %}\n"
    )
    (tmp_path / "new.yaml").write_text("schema: 2\n" + body)
    (tmp_path / "old.yaml").write_text(body + "rental: {autoscale_slack: 0.15}\n")
    new, old = case_of(tmp_path / "new.yaml"), case_of(tmp_path / "old.yaml")
    assert new.number("workload.growth_per_year") == 0.5
    assert old.number("workload.growth_per_year") == pytest.approx(0.6487, abs=1e-4)
    assert any("read as a log" in note for note in old.notes)
    assert any("autoscale_slack" in note for note in old.notes)
    assert new.notes == ()


HEAD = "date,model,prompt_tokens,completion_tokens,api_requests,spend\n"
DAY = "2026-11-{:02d},gpt-5-mini,7200000,720000,2400,3.24\n"
METERS = "Date,MeterName,Quantity,UnitOfMeasure\n"
_DAYS = HEAD + "".join(DAY.format(day) for day in range(2, 7))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (_DAYS + DAY.format(2), "a day's row twice"),
        (HEAD + DAY.format(1), "a total of the day or of the month"),
        (_DAYS.replace("7200000,720000", "7200,720"), "tokens of a mean request"),
        (_DAYS.replace("7200000,720000", "7.2,0.72"), "expected a whole number"),
        (_DAYS.replace("7200000", '"7200,5"'), "a comma in prompt_tokens"),
        (_DAYS.replace("7200000", '"7,200"'), "a comma in prompt_tokens"),
        (_DAYS.replace(",720000,", ",,"), "without output tokens: .* an empty cell"),
        (_DAYS.replace("prompt_tokens", "tokens_in"), "without prompt tokens: .* no such column"),
        (HEAD + "".join(DAY.format(day) for day in (2, 9, 16)), "rows 7 days apart"),
        (HEAD + "".join(f"2026-11-02T{h:02d}:00:00Z,gpt-5-mini,7200,720,9,0\n" for h in (0, 6, 12)), "rows 6 hours"),
        (HEAD + "2026-11,gpt-5-mini,7200000,720000,2400,3\n", "the last month is not over"),
        (METERS + "11/02/2026,gpt-5-mini Outp glbl Tokens,,1K\n", "a meter without a quantity"),
        (METERS + "11/02/2026,gpt-5-mini Outp glbl Tokens,5,1 Hour\n", "unit of a meter"),
        (METERS + "".join(f"{d:02d}/11/2026,gpt-5-mini Outp glbl Tokens,720,1K\n" for d in range(2, 7)), "month first"),
    ],
)  # fmt: skip
def test_what_an_export_may_mean_in_two_ways_is_refused(text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        profile_from_export(
            text, where="x.csv", shape=OFFICE_SHAPE, tokens_per_request=300, today=date(2026, 11, 21)
        )


def test_totals_of_local_days_across_a_change_of_clocks_are_still_days() -> None:
    """They begin at 22:00 and at 23:00 UTC, and were read as hours: a spike a day."""
    rows = ("24T00:00:00+02:00", "25T00:00:00+02:00", "26T00:00:00+01:00")
    text = HEAD + "".join(f"2026-10-{row},gpt-5-mini,7200000,720000,2400,3\n" for row in rows)
    with pytest.raises(InputError, match="one row for each day"):
        profile_from_export(text, where="x.csv", shape=None)


def test_a_unit_of_plain_tokens_is_not_a_thousand() -> None:
    text = METERS + "11/02/2026,gpt-5-mini Outp glbl Tokens,720000,Tokens\n"
    profile, _ = profile_from_export(text, where="x.csv", shape=OFFICE_SHAPE, tokens_per_request=300)
    assert sum(row.output_tokens or 0 for row in profile.hours) == 720_000


def test_what_an_export_leaves_out_is_said() -> None:
    text = METERS + (
        "11/02/2026,gpt-5-mini Outp glbl Tokens,720,1K\n11/02/2026,Provisioned Managed Unit,24,1 Hour\n"
        "11/02/2026,gpt-5-mini Batch Outp glbl Tokens,720,1K\n"
    )
    _, notes = profile_from_export(text, where="x.csv", shape=OFFICE_SHAPE, tokens_per_request=300)
    assert any("Provisioned Managed Unit" in note for note in notes)
    assert any("batch work" in note for note in notes)
    _, notes = profile_from_export(_DAYS, where="x.csv", shape=OFFICE_SHAPE)
    assert any("no column of cached tokens" in note for note in notes)


def test_the_bill_of_an_export_is_held_against_its_tokens(tmp_path: Path) -> None:
    """A column in thousands shows at once: ten times apart is refused, a fifth apart is said."""
    place = tmp_path / "u.csv"
    case = case_of(None)
    for spend, said in (
        ("3.24", ""),
        ("2.0", "says that this work cost 10.00 USD"),
        ("3240", "do not agree"),
    ):
        place.write_text(_DAYS.replace("3.24", spend))
        if said == "do not agree":
            with pytest.raises(InputError, match=said):
                profile_of(case, None, place, None, shape=OFFICE)
            continue
        _, notes = profile_of(case, None, place, None, shape=OFFICE)
        assert any(said in note for note in notes) if said else not any("work cost" in n for n in notes)
