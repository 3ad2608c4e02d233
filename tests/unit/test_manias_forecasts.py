"""Forecasts on record: written once, refused when changed, scored by figures that arrive."""

from __future__ import annotations

import dataclasses
import json
import math
from datetime import UTC, datetime
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
from supercycle.skill.forecast_scores import brier, crps_quantiles, score, score_folder
from supercycle.skill.forecast_targets import LEVELS, TARGETS

MADE = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def no_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The figures of the package alone, whatever the user has refreshed."""
    monkeypatch.setenv("SUPERCYCLE_DATA", str(tmp_path / "data"))


@pytest.fixture(scope="module")
def result() -> service.Result:
    return service.run("base", paths=64, seed=3, until="2028Q4", kernel="numpy")


@pytest.fixture
def kept(result: service.Result, tmp_path: Path) -> tuple[Path, dict[str, Any]]:
    return forecasts.record(result, tmp_path / "forecasts", made=MADE, note="a test")


def test_a_record_reads_back_as_it_was_written(kept: tuple[Path, dict[str, Any]]) -> None:
    path, content = kept
    assert forecasts.read(path) == content
    assert path.name == f"2026-11-21_base_{content['sha256'][:10]}.json"
    assert content["made"] == "2026-11-21T12:00:00+00:00"


def test_quantiles_are_those_of_the_paths(kept: tuple[Path, dict[str, Any]], result: service.Result) -> None:
    first = next(row for row in kept[1]["targets"] if row["target"] == "five-firm-capex")
    place = list(result.run.quarters).index(first["quarter"])
    paths = result.value("five_firm_capex_usd_bn")[place][result.run.ok]
    assert first["values"] == pytest.approx(np.quantile(paths, LEVELS).tolist())


def test_what_is_known_on_the_day_is_no_forecast(kept: tuple[Path, dict[str, Any]]) -> None:
    for row in kept[1]["targets"]:
        target = forecasts.target_named(row["target"])
        assert target.figure(row["quarter"], MADE.date()) is None
    earlier = [target.figure("2026Q1", MADE.date()) for target in TARGETS]
    assert None not in earlier


def test_a_record_is_never_overwritten(kept: tuple[Path, dict[str, Any]], result: service.Result) -> None:
    path, _ = kept
    before = path.read_bytes()
    with pytest.raises(InputError, match="on record already"):
        forecasts.record(result, path.parent, made=MADE, note="a test")
    assert path.read_bytes() == before
    assert sorted(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("what", ["value", "probability", "date", "hash", "name"])
def test_a_changed_file_is_refused(kept: tuple[Path, dict[str, Any]], what: str) -> None:
    path, _ = kept
    content = json.loads(path.read_text())
    if what == "value":
        content["targets"][0]["values"][3] += 1e-9
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


def test_scores_wait_for_figures(kept: tuple[Path, dict[str, Any]], monkeypatch: pytest.MonkeyPatch) -> None:
    content = kept[1]
    assert score(content)["scored"] == 0
    quarter = content["targets"][0]["quarter"]
    arrived = {"Microsoft": 30.0, "Alphabet": 40.0, "Amazon": 50.0, "Meta": 60.0, "Oracle": 20.0}
    real = forecast_targets._quarters

    def with_one_more(series: str, entity: str, on: Any) -> Any:
        found = dict(real(series, entity, on))
        if series == "capex_cash" and on is None:
            last = found["2026Q1"]
            found[quarter] = dataclasses.replace(last, value=arrived[entity])
        return found

    monkeypatch.setattr(forecast_targets, "_quarters", with_one_more)
    found = score(content, {"bust-2027": True})
    by = {row["id"]: row for row in found["targets"]}
    # The five together and each that had not reported when the record was made: Oracle's quarter was known by then.
    waiting = [t for t in TARGETS if t.series == "capex_cash" and not t.known(quarter, MADE.date())]
    assert [t.id for t in waiting if t.id != "five-firm-capex"] == [
        f"capex-{firm}" for firm in arrived if firm != "Oracle"
    ]
    assert found["scored"] == len(waiting) == 5
    assert by[f"five-firm-capex@{quarter}"]["actual"] == sum(arrived.values())
    bust = next(row for row in found["events"] if row["id"] == "bust-2027")
    assert found["brier"] == pytest.approx((bust["probability"] - 1.0) ** 2)


def test_a_refresh_brings_the_figure(kept: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    from supercycle.figures.refresh.run import refresh_file

    quarter = kept[1]["targets"][0]["quarter"]
    path = tmp_path / "meta.csv"
    path.write_text(
        "series,entity,period,value,unit,tier,source_title,source_url,published,note\n"
        f"capex_cash,Meta,{quarter},41,USD_bn,A,10-Q,,2026-11-05,\n"
    )
    assert score(kept[1])["scored"] == 0
    refresh_file(path)
    found = score(kept[1])
    assert [(row["id"], row["actual"]) for row in found["targets"]] == [(f"capex-Meta@{quarter}", 41.0)]


def test_answers_are_read_or_refused() -> None:
    with pytest.raises(InputError, match="event=yes or event=no"):
        forecasts.answers(["bust-2027=perhaps"], ["bust-2027"])
    with pytest.raises(UnknownNameError, match="did you mean"):
        forecasts.answers(["bust-2026=no"], ["bust-2027"])


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
    code, out, _ = run(capsys, "forecast", "score", "--folder", folder, "--answer", "bust-2028=no", "--json")
    scored = json.loads(out)["forecasts"][0]
    assert (code, scored["waiting"], scored["crps"]) == (0, len(content["targets"]), None)
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
