"""The commands stress, stress list, stress reverse, sensitivity and diff --paths on the world."""

from __future__ import annotations

import json
from typing import Any

import pytest

from supercycle import cli


@pytest.fixture
def call(capfd: pytest.CaptureFixture[str], tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.chdir(tmp_path)

    def of(*words: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            cli.main(words)
        out, err = capfd.readouterr()
        return int(left.value.code or 0), out, err

    return of


FEW = ("--paths", "64")


def test_a_single_shock_is_told_in_full(call: Any) -> None:
    code, out, err = call("stress", "valuation-fall@2028Q1:0.6", *FEW)
    assert (code, err) == (0, "")
    assert "Losses of insurers and pensions" in out
    assert "100.0 % with it" in out
    assert "again: supercycle stress valuation-fall@2028Q1:0.6 --preset base --paths 64 --seed 1" in out


def test_the_printed_command_and_python_repeat_the_stress(call: Any) -> None:
    first = json.loads(call("stress", "price-war", *FEW, "--set", "pue=1.3", "--json")[1])
    words = first["manifest"]["command"].split()[1:]
    assert json.loads(call(*words, "--json")[1])["shocks"] == first["shocks"]
    import supercycle.service.stress

    bare = json.loads(call("stress", "price-war", *FEW, "--json")[1])
    again = eval(bare["manifest"]["python"], {"supercycle": supercycle})
    assert again["shocks"] == bare["shocks"]


def test_several_shocks_are_a_line_each_and_one_together(call: Any) -> None:
    _, out, _ = call("stress", "price-war", "rates-up", *FEW)
    assert "Change against base" in out
    body = json.loads(call("stress", "price-war", "rates-up", *FEW, "--json")[1])
    assert [s["name"] for s in body["shocks"]] == ["price-war", "rates-up", "price-war + rates-up"]


def test_the_list_names_every_shock(call: Any) -> None:
    code, out, _ = call("stress", "list")
    assert code == 0
    names = [s["name"] for s in json.loads(call("stress", "list", "--json")[1])["shocks"]]
    assert "valuation-fall" in names
    assert all(name in out for name in names)


def test_reverse_says_what_it_found_and_what_it_did_not(call: Any) -> None:
    words = ("stress", "reverse", "--lever", "spend_share", "--output", "ai_revenue_run_rate:2030Q4")
    _, out, _ = call(*words, "--target", "1200", *FEW)
    assert "run again and confirmed" in out
    _, out, _ = call(*words, "--target", "1e6", *FEW)
    assert out.startswith("Nothing in 0.01 to 0.12 1")


@pytest.mark.parametrize(
    ("method", "paths", "said"),
    [
        ("drivers", "400", "correlation"),
        ("tornado", "32", "swing q95"),
        ("morris", "4", "mu star"),
        ("sobol", "32", "total q05"),
    ],
)
def test_sensitivity_tells_numbers_and_evidence(call: Any, method: str, paths: str, said: str) -> None:
    code, out, err = call("sensitivity", "contract_price:2030Q4", "--method", method, "--paths", paths)
    assert (code, err) == (0, "")
    assert said in out
    assert "evidence: measured" in out


def test_diff_with_paths_says_what_moves(call: Any) -> None:
    _, out, _ = call("diff", "base", "power-wall", *FEW)
    assert "parameters differ" in out
    assert "Power due and late" in out
    assert "moves" not in json.loads(call("diff", "base", "power-wall", "--json")[1])


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("stress", "valution-fall"), 3, "unknown shock 'valution-fall': did you mean 'valuation-fall'?"),
        (("stress", "power-delay", "chip-shortage", "soft-landing"), 3, "unknown shock 'soft-landing'"),
        (("stress", "reverse", "--lever", "pue"), 2, "--output"),
        (("sensitivity", "bustd"), 3, "did you mean 'busted'"),
        (("sensitivity", "busted", "--method", "guess"), 2, "guess"),
    ],
)
def test_what_cannot_be_done_is_one_line(call: Any, words: tuple[str, ...], code: int, said: str) -> None:
    got, out, err = call(*words)
    assert (got, out) == (code, "")
    assert said in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("valuation-fall@",), 3, "no quarter after '@'"),
        (("valuation-fall:",), 3, "no size after ':'"),
        (("valuation-fall@2028Q1:",), 3, "no size after ':'"),
        (("valuation-fall", "valuation-fall"), 3, "named twice"),
        (("reverse", "--lever", "spend_share", "--output", "busted", "--target", "nan"), 2, "got 'nan'"),
        (("reverse", "--lever", "spend_share", "--output", "busted", "--target", "inf"), 2, "got 'inf'"),
        (("reverse", "--lever", "spend_share", "--output", "busted", "--target", "1e999"), 2, "got '1e999'"),
    ],
)
def test_half_written_shocks_and_targets_that_are_no_numbers_are_refused(
    words: tuple[str, ...], code: int, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    from supercycle.cli import main

    with pytest.raises(SystemExit) as stopped:
        main(["stress", *words])
    err = capsys.readouterr().err
    assert stopped.value.code == code
    assert told in err
    assert err.count("\n") == 1
