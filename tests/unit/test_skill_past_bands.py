"""What bands held in the past is a number that is made, names its model, and stands beside the bands."""

from __future__ import annotations

from pathlib import Path

import pytest

from supercycle import service
from supercycle.core.errors import InputError
from supercycle.service.the_world import subject
from supercycle.skill import past_bands
from supercycle.story import report_data

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
