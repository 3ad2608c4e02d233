"""``supercycle claims``: the table, one claim, settings, refusals, and the page that is made from it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from supercycle import cli
from supercycle.claims import catalogue, describe, list_claims
from supercycle.claims.page import refreshed

PAGE = Path(__file__).parents[2] / "docs" / "claims.md"


def called(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as stop:
        cli.main(["claims", *words])
    said = capsys.readouterr()
    return int(stop.value.code or 0), said.out, said.err


def test_the_table_lists_every_claim(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = called(capsys)
    assert code == 0
    assert all(name in out for name in catalogue())
    code, out, _ = called(capsys, "--json")
    assert json.loads(out) == list_claims()


def test_one_claim_in_full(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = called(capsys, "required_revenue")
    assert code == 0
    for part in ("capex_usd_bn * return_share", "does not add up", "return_share = 0.13", "1,095"):
        assert part in out


def test_settings_recompute_and_leave_the_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = called(capsys, "required_revenue", "--set", "return_share=13percent", "--json")
    found = json.loads(out)
    assert (code, found["ours"], found["verdict"]) == (0, 500.0, "does not add up")
    assert found["changed"] == {"set": {"return_share": 0.13}, "value": 650.0, "holds": True}
    assert [one["evidence"] for one in found["inputs"]] == ["published", "set"]


def test_several_settings_and_an_infinite_value_is_null(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = called(
        capsys, "required_revenue_recovery", "--set", "return_share=0", "--set", "it_share=0.5", "--json"
    )
    found = json.loads(out)
    assert code == 0
    assert found["changed"]["value"] == pytest.approx(5000 * (0.5 / 5 + 0.5 / 14))
    payback = describe("required_revenue")["readings"][-1]
    assert payback["value"] is None


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("required_revenu",), "required_revenue"),
        (("required_revenue", "--set", "return=0.1"), "return_share"),
        (("required_revenue", "--set", "return_share"), "input=value"),
        (("required_revenue", "--set", "return_share=0.9"), "0 to 0.2"),
        (("required_revenue", "--set", "return_share=5USD_bn"), "USD_bn"),
    ],
)
def test_refusals(capsys: pytest.CaptureFixture[str], words: tuple[str, ...], told: str) -> None:
    code, out, err = called(capsys, *words)
    assert (code, out) == (3, "")
    assert told in err
    assert err.count("\n") == 1


def test_a_setting_needs_a_claim(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = called(capsys, "--set", "return_share=0.1")
    assert code == 2
    assert "needs a claim" in err


def test_nothing_in_the_range_says_so() -> None:
    sentences = {one["input"]: one["sentence"] for one in describe("epoch_tco")["what_it_takes"]}
    assert "no value in 10 to 30 year gives 8.5; nearest 30 gives" in sentences["facility_life_years"]


def test_the_page_is_current() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert refreshed(text) == text, "run: python -m supercycle.claims.page docs/claims.md"
    assert all(f"`{name}`" in text for name in catalogue())
    assert refreshed(text.replace("| 500 |", "| 501 |", 1)) == text


def test_the_examples_of_the_help_run(capsys: pytest.CaptureFixture[str]) -> None:
    for line in cli.COMMANDS["claims"][2]:
        words = line.split()[2:]
        code, out, _ = called(capsys, *words, *(("--paths", "20") if "--run" in words else ()))
        assert code == 0
        assert out


def test_the_evidence_is_that_of_the_weakest_input() -> None:
    found = {row["id"]: row["evidence"] for row in list_claims()["claims"]}
    assert found["epoch_tco"] == "judgement"
    assert found["required_revenue"] == "published"
    assert found["meta_capex"] == "measured"
    assert found["bubble_peak_start"] is None


def test_a_setting_reaches_the_readings_that_have_the_input() -> None:
    before, after = describe("required_revenue"), describe("required_revenue", ["cash_margin_share=0.25"])
    assert after["changed"] == {"set": {"cash_margin_share": 0.25}, "value": 500.0, "holds": False}
    values = {one["label"].split(":")[0]: one["value"] for one in after["readings"]}
    assert values["cover with return"] == pytest.approx(values["capital recovery"] / 0.25)
    assert (
        values["straight line"]
        == {one["label"].split(":")[0]: one["value"] for one in before["readings"]}["straight line"]
    )


def test_a_reading_in_the_claims_unit_says_what_it_would_take() -> None:
    found = {one["label"].split(":")[0]: one for one in describe("required_revenue")["readings"]}
    rates = [
        one["answers"] for one in found["capital recovery"]["what_it_takes"] if one["input"] == "return_share"
    ]
    assert rates == [[]], "even with no return the build-out needs 775 a year"
    assert found["payback of 5 trillion at 650 a year"]["what_it_takes"] == []
