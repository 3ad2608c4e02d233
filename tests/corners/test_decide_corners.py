"""Every input of decide at the ends of its range, and the edges of a case: finite answers that balance."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import numpy as np
import pytest

from supercycle.core.errors import InputError
from supercycle.decisions.choice.decision import decide
from supercycle.decisions.choice.evaluate import evaluate
from supercycle.decisions.choice.record import record
from supercycle.decisions.choice.setting import placed, prepare
from supercycle.decisions.inputs.assumptions import ITEMS
from supercycle.decisions.inputs.case import build
from supercycle.decisions.money.prices import Background
from supercycle.decisions.money.statements import statements

sys.path.append(str(Path(__file__).resolve().parents[1]))
cases = importlib.import_module("decide_cases")

ENDS = [
    (path, end)
    for path, line in cases.template_case().ledger.items()
    for end in (line.low, line.high)
    if end is not None and path not in ("hardware.gpus_per_server",)
]


@pytest.mark.parametrize("path", sorted({path for path, _ in ENDS}))
def test_both_ends_of_an_input_give_finite_answers_that_balance(path: str) -> None:
    for end in [end for name, end in ENDS if name == path]:
        place = cases.placed(cases.template_case().with_value(path, end), paths=6)
        found = evaluate(place)
        for name, option in found.options.items():
            assert np.isfinite(option.npv).all(), (path, end, name)
            statements(place.frame, option)


@pytest.mark.parametrize("side", ["low", "high"])
def test_all_inputs_at_one_end(side: str) -> None:
    case = cases.template_case()
    for path, line in case.ledger.items():
        end = getattr(line, side)
        if end is not None:
            case = case.with_value(path, end)
    place = cases.placed(case, paths=6, background=Background.still(50))
    for option in evaluate(place).options.values():
        assert np.isfinite(option.npv).all()
        statements(place.frame, option)


@pytest.mark.parametrize("factor", [1e-6, 1e3])
def test_a_tiny_and_a_huge_load(factor: float) -> None:
    case = cases.template_case()
    place = placed(case, prepare(case, cases.profile(), load_factor=factor), cases.STILL, paths=4, seed=1)
    found = evaluate(place)
    assert all(np.isfinite(option.npv).all() for option in found.options.values())
    assert found.best.name in (
        ("api", "api_open") if factor < 1 else ("mix", "own_colo", "on_demand", "own_site")
    )


@pytest.mark.parametrize("months", [12, 120])
def test_the_shortest_and_the_longest_horizon(months: int) -> None:
    given = {path: (line.value, "t") for path, line in cases.template_case().ledger.items() if line.given}
    case = build(given, horizon_months=months, today=cases.TODAY)
    body = record(decide(case, cases.profile(), {"still": Background.still(50)}, paths=400, changes=False))
    assert len(body["statements"]["own_colo"]["balance"]["equipment"]) == months // 12
    assert body["act_or_wait"] is not None


def test_one_path_is_enough_for_a_ranking_and_says_what_it_cannot_do() -> None:
    body = record(
        decide(cases.template_case(), cases.profile(), {"still": cases.STILL}, paths=1, changes=False)
    )
    assert body["act_or_wait"] is None
    assert any("needs 400 paths" in note for note in body["notes"])
    with pytest.raises(InputError, match="paths"):
        cases.placed(cases.case(), paths=0)


def test_free_money_and_no_tax() -> None:
    case = cases.certain(
        finance__discount_rate_per_year=0.0, finance__tax_rate=0.0, workload__growth_per_year=0.0
    )
    place = cases.placed(case, paths=1)
    for option in evaluate(place).options.values():
        cash = option.monthly.sum() + option.capital.sum() - option.proceeds.sum()
        assert option.npv[0] == pytest.approx(cash, rel=1e-9)  # without time and tax, value is cash


def test_every_input_has_a_unit_a_meaning_and_a_reason() -> None:
    for path, item in ITEMS.items():
        assert item.meaning, path
        assert item.unit or item.wordy, path
        if item.quote is None and isinstance(item.default, int | float):
            assert item.source, path
            assert item.low is not None, path
            assert item.low <= item.default <= item.high, path
