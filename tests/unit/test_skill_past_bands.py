"""What bands held in the past is a number that is made, names its model, and stands beside the bands."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from supercycle import service
from supercycle.core.errors import InputError
from supercycle.service.the_world import subject
from supercycle.skill import both_priors, past_bands
from supercycle.story import report_data
from supercycle.story.record import with_record

MODEL = subject().bare_hash


def test_the_record_is_of_this_model_and_is_found_again() -> None:
    """Three starts again with fewer paths; the whole record: python -m supercycle.skill.past_bands."""
    recorded = past_bands.recorded_bands()
    assert {row["model"] for row in recorded.values()} == {MODEL[:12]}, (
        "the model has changed: make the record again"
    )
    starts = ("2022Q4", "2023Q4", "2024Q4")
    found = {(row["series"], row["horizon"]): row for row in past_bands.past_bands(paths=400, starts=starts)}
    assert found["all", "all"]["points"] < recorded["all", "all"]["points"]
    again = {key: row for key, row in recorded.items() if key in found}
    assert again.keys() == found.keys()
    # A share of all starts lies near that of three of them, within what thirteen dependent starts allow.
    assert found["all", "all"]["inside_90"] == pytest.approx(recorded["all", "all"]["inside_90"], abs=0.12)
    for horizon in ("1", "2", "4", "8"):
        whole = [row["points"] for (kind, h), row in recorded.items() if h == horizon and kind != "all"]
        assert sum(whole) == recorded["all", horizon]["points"]


def test_a_run_says_it_beside_its_bands(capsys: pytest.CaptureFixture[str]) -> None:
    from supercycle import cli

    with pytest.raises(SystemExit):
        cli.main(["run", "--paths", "32", "--until", "2027Q4"])
    said = " ".join(capsys.readouterr().out.split())
    assert past_bands.told_of(MODEL) in said
    row = past_bands.recorded_bands()["all", "all"]
    assert f"held {100 * row['inside_90']:.0f} % of {row['points']} outcomes" in said


def test_the_report_says_it_under_what_is_scored() -> None:
    result = service.run("base", paths=128)
    report = report_data(result.to_dict(), result)["report"]
    charts = {chart["id"]: chart for section in report["sections"] for chart in section["charts"]}
    assert past_bands.told_of(MODEL, "five_firm_capex_usd_bn") in charts["five"]["note"]
    assert past_bands.told_of(MODEL, "ai_revenue_run_rate") in charts["revenue"]["note"]
    assert "capex of single firms" in charts["five"]["note"]
    assert any(past_bands.told_of(MODEL) in note for note in report["notes"])


def test_another_model_s_bands_have_no_record() -> None:
    told = past_bands.told_of("0" * 64)
    assert "nobody knows" in told
    assert "held" not in told
    assert past_bands.told_of(MODEL, "hurdle_rate") == ""


def test_a_damaged_record_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "past_bands.csv"
    file.write_text("series,inside\nall,0.9\n", encoding="utf-8")
    monkeypatch.setattr(past_bands, "RECORD", file)
    with pytest.raises(InputError, match="not a record of past bands"):
        past_bands.recorded_bands.__wrapped__()


def test_both_medians_stand_under_a_fan_of_the_model_that_was_fitted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = {"output": "fleet_it_gw", "year": "2030", "judged": {"q50": 107.6}, "posterior": {"q50": 111.4}}
    file = tmp_path / "posterior.json"
    file.write_text(json.dumps({"manifest": {"model_hash": MODEL}, "base": [row]}), encoding="utf-8")
    monkeypatch.setattr(both_priors, "FILE", file)
    both_priors._kept.cache_clear()
    chart = {"id": "a", "kind": "fan", "series": [{"key": "fleet_it_gw"}], "note": "Note."}
    (section,) = with_record([{"id": "s", "charts": [chart]}], MODEL)
    assert section["charts"][0]["note"].endswith("fitted to the past: 2030 111 (judged 108).")
    assert both_priors.told_beside("0" * 64, "fleet_it_gw") == ""
    both_priors._kept.cache_clear()


def test_the_medians_that_are_kept_are_the_base_case_s() -> None:
    """Of the stored fit, if it is of this model: the judged medians are found again."""
    rows = {(row["output"], row["year"]): row for row in both_priors.beside(MODEL)}
    if rows:
        run = service.run("base", paths=2000).run
        fleet = np.median(run.value("fleet_it_gw")[list(run.quarters).index("2030Q4"), run.ok])
        assert rows["fleet_it_gw", "2030"]["judged"]["q50"] == pytest.approx(fleet, rel=0.02)
