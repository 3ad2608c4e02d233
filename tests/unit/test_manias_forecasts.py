"""Forecasts on record: written once, refused when changed, scored by figures that arrive."""

from __future__ import annotations

import dataclasses
import json
import math
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from supercycle import service
from supercycle.cli import main
from supercycle.core.errors import EnvironmentProblem, InputError, UnknownNameError
from supercycle.skill import forecast_targets, forecasts
from supercycle.skill.forecast_events import EVENTS, answers
from supercycle.skill.forecast_scores import brier, crps_quantiles, score, score_folder
from supercycle.skill.forecast_targets import LEVELS, target_named

MADE = datetime(2026, 12, 1, 12, tzinfo=UTC)
AFTER = date(2028, 1, 1)


@pytest.fixture(autouse=True)
def no_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The figures of the package alone, whatever the user has refreshed."""
    monkeypatch.setenv("SUPERCYCLE_DATA", str(tmp_path / "data"))


@pytest.fixture(scope="module")
def result() -> service.Result:
    return service.run("base", paths=64, seed=3, until="2028Q4", kernel="numpy")


@pytest.fixture(scope="module")
def made(result: service.Result, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SUPERCYCLE_DATA", str(tmp_path_factory.mktemp("data")))
        return forecasts.record(result, tmp_path_factory.mktemp("made"), made=MADE, note="a test")[1]


@pytest.fixture
def kept(made: dict[str, Any], tmp_path: Path) -> tuple[Path, dict[str, Any]]:
    return forecasts.write(made, tmp_path / "forecasts"), made


def test_a_record_reads_back_as_it_was_written(kept: tuple[Path, dict[str, Any]]) -> None:
    path, content = kept
    assert forecasts.read(path) == content
    assert path.name == f"2026-12-01_base_{content['sha256'][:10]}.json"
    assert content["made"] == "2026-12-01T12:00:00+00:00"


def test_the_models_quantiles_are_those_of_the_paths(
    kept: tuple[Path, dict[str, Any]], result: service.Result
) -> None:
    one = next(row for row in kept[1]["targets"] if row["target"] == "capex-Meta")
    place = list(result.run.quarters).index(one["quarter"])
    paths = np.log(result.value("firm_capex_usd_bn:Meta")[place][result.run.ok])
    low, high = np.quantile(paths, [0.05, 0.95])
    told = dict(zip(one["levels"], one["log_values"]["model"], strict=True))
    assert told[0.05] == pytest.approx(low, abs=0.1)
    assert told[0.95] == pytest.approx(high, abs=0.1)
    assert told[0.5] == pytest.approx(np.median(paths), abs=0.02)


def test_model_pool_and_rules_are_kept_and_published_is_half_of_each(
    kept: tuple[Path, dict[str, Any]],
) -> None:
    for row in kept[1]["targets"]:
        told = row["log_values"]
        assert {"published", "model"} <= set(told)
        if row["scored_so_far_ahead"]:
            assert {"pool of rules", "last value", "drift", "exponential trend", "last six months"} <= set(
                told
            )
            for i in (8, 11, 14):  # a pool's quantile lies between its members'
                low, high = sorted((told["model"][i], told["pool of rules"][i]))
                assert low - 0.02 <= told["published"][i] <= high + 0.02
        else:  # no rule was scored that far ahead
            assert told["published"] == told["model"]
        assert all(values == sorted(values) for values in told.values())


def test_a_quarter_that_is_due_is_no_forecast_even_where_the_tables_lack_it(
    kept: tuple[Path, dict[str, Any]],
) -> None:
    for row in kept[1]["targets"]:
        assert date.fromisoformat(row["due"]) > MADE.date()
        assert target_named(row["target"]).figure(row["quarter"], MADE.date()) is None
    left = {row["id"] for row in kept[1]["left_out"]}
    assert "capex-Microsoft@2026Q3" in left  # printed at the end of October; the tables end before
    assert target_named("capex-Microsoft").figure("2026Q3") is None


def test_a_record_of_a_printed_quarter_is_refused(result: service.Result, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"2026Q3 is no forecast any more.*capex-Oracle@2026Q3"):
        forecasts.record(result, tmp_path / "f", made=MADE, first="2026Q3")
    assert not (tmp_path / "f").exists()
    path, content = forecasts.record(result, tmp_path / "f", made=MADE, first="2026Q4", last="2027Q1")
    assert {row["quarter"] for row in content["targets"]} == {"2026Q4", "2027Q1"}
    late = datetime(2027, 2, 20, tzinfo=UTC)  # every firm has printed the quarter by then
    with pytest.raises(InputError, match="2026Q4 is no forecast any more"):
        forecasts.record(result, path.parent, made=late, first="2026Q4")


def test_events_carry_a_rule_a_day_and_odds(kept: tuple[Path, dict[str, Any]]) -> None:
    events = {row["id"]: row for row in kept[1]["events"]}
    assert {"bust-2027", "lab-2027", "covenant-2027", "capex-2027-above-900"} <= set(events)
    for row in events.values():
        assert len(row["rule"]) > 60
        assert date.fromisoformat(row["closes"]) > MADE.date()
        assert 0.0 < row["probability"] < 1.0
    assert {event.id for event in EVENTS} - set(events) == {"bust-2030"}  # the run ends in 2028


def test_a_record_is_never_overwritten(kept: tuple[Path, dict[str, Any]], result: service.Result) -> None:
    path, _ = kept
    before = path.read_bytes()
    with pytest.raises(InputError, match="on record already"):
        forecasts.write(kept[1], path.parent)
    with pytest.raises(InputError, match="younger than the one before"):
        forecasts.record(result, path.parent, made=MADE, note="a test")
    assert path.read_bytes() == before
    assert sorted(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("what", ["value", "probability", "date", "hash", "name"])
def test_a_changed_file_is_refused(kept: tuple[Path, dict[str, Any]], what: str) -> None:
    path, _ = kept
    content = json.loads(path.read_text())
    if what == "value":
        content["targets"][0]["log_values"]["model"][3] += 1e-9
    elif what == "probability":
        content["events"][0]["probability"] = 0.5
    elif what == "date":
        content["made"] = "2020-01-01T00:00:00+00:00"
    elif what == "hash":
        content["sha256"] = "0" * 64
    else:
        content["note"] = "another"
        content["sha256"] = forecasts.digest(content)  # a new hash does not fit the old name
    path.write_text(json.dumps(content))
    with pytest.raises(InputError, match="changed after it was written"):
        forecasts.read(path)
    with pytest.raises(InputError, match="changed after it was written"):
        score_folder(path.parent)
    assert forecasts.list_records(path.parent)[0]["state"] == "the record was changed after it was written"


@pytest.mark.parametrize(
    ("text", "match"), [("{", "not readable"), ("[]", "not a forecast"), ("{}", "not a forecast")]
)
def test_other_files_are_refused(tmp_path: Path, text: str, match: str) -> None:
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(InputError, match=match):
        forecasts.read(tmp_path / "x.json")


def test_a_folder_that_cannot_be_written_is_the_machines_fault(
    result: service.Result, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EnvironmentProblem, match="cannot be written"):
        forecasts.record(result, tmp_path / "file" / "in")


def arrived(monkeypatch: pytest.MonkeyPatch, quarter: str, value: float, known: date) -> None:
    """Meta's capex of a quarter, published on a day."""
    real = forecast_targets._quarters

    def with_one_more(series: str, entity: str, on: Any) -> Any:
        found = dict(real(series, entity, on))
        if (series, entity, on) == ("capex_cash", "Meta", None):
            found[quarter] = dataclasses.replace(found["2026Q1"], value=value, known_from=known)
        return found

    monkeypatch.setattr(forecast_targets, "_quarters", with_one_more)


def test_scores_wait_for_figures(kept: tuple[Path, dict[str, Any]], monkeypatch: pytest.MonkeyPatch) -> None:
    content = kept[1]
    assert score(content)["scored"] == 0
    arrived(monkeypatch, "2026Q4", 40.0, date(2027, 1, 28))
    found = score(content, {"bust-2027": True})
    (row,) = found["targets"]
    assert (row["id"], row["actual"], found["refused"]) == ("capex-Meta@2026Q4", 40.0, [])
    target = next(t for t in content["targets"] if t["id"] == row["id"])
    for who, values in target["log_values"].items():
        assert row["crps"][who] == pytest.approx(crps_quantiles(target["levels"], values, math.log(40.0)))
    assert found["crps"]["published"] == row["crps"]["published"]
    bust = next(row for row in found["events"] if row["id"] == "bust-2027")
    assert found["brier"] == pytest.approx((bust["probability"] - 1.0) ** 2)


@pytest.mark.parametrize("days", [-80, 0])
def test_a_figure_older_than_its_record_is_not_scored(
    kept: tuple[Path, dict[str, Any]], monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    arrived(monkeypatch, "2026Q4", 40.0, MADE.date() + timedelta(days=days))
    found = score(kept[1])
    assert (found["scored"], found["crps"]) == (0, {})
    assert [row["id"] for row in found["refused"]] == ["capex-Meta@2026Q4"]
    assert "the record is of 2026-12-01" in found["refused"][0]["why"]


def test_a_refresh_brings_the_figure(result: service.Result, tmp_path: Path) -> None:
    from supercycle.figures.refresh.run import refresh_file

    august = datetime(
        2026, 8, 10, tzinfo=UTC
    )  # no firm had printed 2026Q3, and the store takes no print of tomorrow
    content = forecasts.record(result, tmp_path / "forecasts", made=august, first="2026Q3", last="2026Q3")[1]
    path = tmp_path / "meta.csv"
    path.write_text(
        "series,entity,period,value,unit,tier,source_title,source_url,published,note\n"
        "capex_cash,Meta,2026Q3,41,USD_bn,A,10-Q,,2026-10-29,\n"
    )
    before = {row["id"] for row in score(content)["targets"]}
    assert before == {"capex-Oracle@2026Q3", "operating-cash-Oracle@2026Q3"}  # printed on 10 September
    refresh_file(path)
    found = {row["id"]: row["actual"] for row in score(content)["targets"]}
    assert found.keys() - before == {"capex-Meta@2026Q3"}
    assert found["capex-Meta@2026Q3"] == 41.0


def test_records_are_chained(kept: tuple[Path, dict[str, Any]], result: service.Result) -> None:
    path, first = kept
    assert first["previous"] is None
    later = MADE + timedelta(days=1)
    other, second = forecasts.record(result, path.parent, made=later)
    assert second["previous"] == first["sha256"]
    third = forecasts.record(result, path.parent, made=later + timedelta(days=1))[1]
    assert [row["state"] for row in forecasts.list_records(path.parent)] == ["intact"] * 3
    with pytest.raises(InputError, match="younger than the one before"):
        forecasts.record(result, path.parent, made=MADE)
    other.unlink()  # a forecast that turned out badly is taken away
    states = [row["state"] for row in forecasts.list_records(path.parent)]
    assert states[0] == "intact"
    assert "the chain is broken" in states[1]
    with pytest.raises(InputError, match="chain is broken"):
        score_folder(path.parent)
    with pytest.raises(InputError, match="chain of records is broken"):
        forecasts.record(result, path.parent, made=later + timedelta(days=2))
    assert third["previous"] == second["sha256"]


def test_no_is_no_answer_before_the_question_has_closed(kept: tuple[Path, dict[str, Any]]) -> None:
    with pytest.raises(InputError, match="bust-2027 has not closed"):
        score(kept[1], {"bust-2027": False}, MADE.date())
    assert score(kept[1], {"bust-2027": False}, AFTER)["brier"] is not None
    assert score(kept[1], {"bust-2027": True}, MADE.date())["brier"] is not None


def test_answers_are_read_or_refused() -> None:
    with pytest.raises(InputError, match="event=yes or event=no"):
        answers(["bust-2027=perhaps"], ["bust-2027"])
    with pytest.raises(UnknownNameError, match="did you mean"):
        answers(["bust-2026=no"], ["bust-2027"])


def test_crps_of_quantiles_nears_that_of_the_normal() -> None:
    """Closed form: sigma (z (2 F(z) - 1) + 2 f(z) - 1 / sqrt(pi)) (Gneiting and Raftery 2007)."""
    values = norm.ppf(LEVELS, loc=10.0, scale=2.0).tolist()
    for actual in (6.0, 10.0, 11.5):
        z = (actual - 10.0) / 2.0
        exact = 2.0 * (z * (2 * norm.cdf(z) - 1) + 2 * norm.pdf(z) - 1 / math.sqrt(math.pi))
        assert crps_quantiles(LEVELS, values, actual) == pytest.approx(exact, rel=0.02)


@given(
    st.lists(st.floats(-1e3, 1e3), min_size=3, max_size=3).map(sorted),
    st.floats(-1e3, 1e3),
    st.floats(-50, 50),
)
def test_crps_is_never_negative_and_moves_with_the_scale(
    values: list[float], actual: float, shift: float
) -> None:
    levels = (0.1, 0.5, 0.9)
    found = crps_quantiles(levels, values, actual)
    assert found >= 0.0
    moved = crps_quantiles(levels, [v + shift for v in values], actual + shift)
    assert moved == pytest.approx(found, abs=1e-6)


@pytest.mark.parametrize(("levels", "values"), [((0.5, 0.1), (1.0, 2.0)), ((0.1, 0.9), (2.0, 1.0)), ((), ())])
def test_quantiles_that_make_no_sense_are_refused(levels: Any, values: Any) -> None:
    with pytest.raises(InputError):
        crps_quantiles(levels, values, 1.0)


def test_brier_refuses_what_is_no_probability() -> None:
    with pytest.raises(InputError, match="between 0 and 1"):
        brier(1.2, True)


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as stop:
        main(list(words))
    told = capsys.readouterr()
    return int(stop.value.code or 0), told.out, told.err


def test_the_command_lists_scores_and_refuses(
    kept: tuple[Path, dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    path, content = kept
    folder = str(path.parent)
    code, out, _ = run(capsys, "forecast", "list", "--folder", folder, "--json")
    assert (code, json.loads(out)["intact"]) == (0, True)
    code, out, _ = run(capsys, "forecast", "score", "--folder", folder, "--answer", "bust-2028=yes", "--json")
    scored = json.loads(out)["forecasts"][0]
    assert (code, scored["waiting"], scored["crps"]) == (0, len(content["targets"]), {})
    path.write_text(path.read_text().replace('"a test"', '"b test"'))
    assert run(capsys, "forecast", "list", "--folder", folder)[0] == 3
    code, _, err = run(capsys, "forecast", "score", "--folder", folder)
    assert (code, err.count("\n")) == (3, 1)
    assert "changed after it was written" in err
    assert run(capsys, "forecast", "score", "--folder", f"{folder}/none")[0] == 3


def test_the_manias_command(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "manias", "telecom", "--paths", "200", "--json")
    assert code == 0
    assert json.loads(out)["verdict"].endswith("of 9 inside the band")
    assert run(capsys, "manias", "--paths", "200")[0] == 0
    assert run(capsys, "manias", "railway")[0] == 3
    assert run(capsys, "manias", "--paths", "5")[0] == 2
