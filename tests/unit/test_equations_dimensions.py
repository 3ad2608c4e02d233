"""The unit check refuses what cannot be added, and says where."""

from __future__ import annotations

import pytest

from supercycle.core.errors import DimensionError
from supercycle.equations.dimensions import check, faults
from supercycle.equations.functions import (
    exp,
    log,
    maximum,
    minimum,
    positive,
    power,
    share,
    sqrt,
    where,
    within,
)
from supercycle.equations.spec import Axis, Model


@pytest.fixture
def toy() -> tuple[Model, object]:
    model = Model("toy")
    block = model.block("only", "Only", "A block.")
    for name, unit in (
        ("power_gw", "GW_it"),
        ("cost", "USD_bn"),
        ("price", "USD_bn/GW_it"),
        ("rate", "1/q"),
        ("annual", "USD_bn/year"),
        ("quarterly", "USD_bn/q"),
        ("part", "share"),
        ("margin", "percent"),
    ):
        block.param(name, name, unit, 0.5, 0.0, 1.0, "uniform", name, reason="toy")
    return model, block


def test_the_message_names_units_file_line_variable_and_expression(toy):
    model, block = toy

    @block.equation("USD_bn")
    def total_cost(power_gw, cost):
        unused = 2 * cost
        return unused + (cost + power_gw)

    with pytest.raises(DimensionError) as caught:
        check(model)
    text = str(caught.value)
    assert "cannot add GW_it to USD_bn (cost + power_gw) in unit/test_equations_dimensions.py:" in text
    assert text.endswith("total_cost")
    line = int(text.split(".py:")[1].split(maxsplit=1)[0])
    with open(__file__, encoding="utf-8") as file:
        assert "(cost + power_gw)" in file.readlines()[line - 1]


def refused(toy, unit, function, expected):
    model, block = toy
    block.equation(unit)(function)
    with pytest.raises(DimensionError, match=expected):
        check(model)


def test_scales_must_agree(toy):
    def wrong(annual, quarterly):
        return annual + quarterly

    refused(toy, "USD_bn/q", wrong, "scales differ")


def test_the_declared_unit_must_be_right(toy):
    def wrong(power_gw, price):
        return power_gw * price

    refused(toy, "USD_m", wrong, "expected USD_m, got USD_bn")


def test_percent_is_not_a_share(toy):
    def wrong(margin):
        return 1 - margin

    refused(toy, "share", wrong, "cannot subtract percent from 1")


@pytest.mark.parametrize("word", [exp, log, lambda x: power(x, 2.0), lambda x: power(2.0, x)])
def test_exponentials_need_pure_numbers(toy, word):
    def wrong(rate):
        return word(rate)

    refused(toy, "1", wrong, "needs a pure number, got 1/q")


@pytest.mark.parametrize(
    "word",
    [
        minimum,
        maximum,
        lambda x, y: within(x, 0, y),
        lambda x, y: x < y,
        lambda x, y: x == y,
        lambda x, y: where(x > 0, x, y),
        lambda x, y: share(x, x, y),
        lambda x, y: where(x, y, y),
        lambda x, y: x - y,
    ],
)
def test_comparisons_need_like_quantities(toy, word):
    def wrong(power_gw, cost):
        return word(power_gw, cost)

    refused(toy, "USD_bn", wrong, r"cannot|pure number")


def test_a_literal_is_a_pure_number_unless_zero(toy):
    def wrong(cost):
        return cost + 1.0

    refused(toy, "USD_bn", wrong, "cannot add 1 to USD_bn")


def test_branching_is_refused(toy):
    def wrong(cost, power_gw):
        return cost if power_gw > 0 else 0.0

    refused(toy, "USD_bn", wrong, "use where")


def test_an_opening_has_the_variables_unit(toy):
    model, block = toy

    def start(power_gw):
        return power_gw

    @block.equation("USD_bn", opening=start)
    def level(level_prev):
        return level_prev

    with pytest.raises(DimensionError, match="the opening of level"):
        check(model)


def test_templates_are_checked_too_and_have_a_file_and_a_line(toy):
    model, block = toy

    def start():
        return 0.0

    block.pipeline(
        "build",
        inflow="quarterly",
        lead="rate",
        unit="USD_bn",
        flow_unit="USD_bn/q",
        stages=2,
        meaning="money on its way",
        opening=start,
    )
    assert any("equations/pipeline.py:" in str(fault) and " build" in str(fault) for fault in faults(model))


def test_every_fault_is_listed(toy):
    model, block = toy
    for i in range(3):

        def wrong(cost, power_gw):
            return cost + power_gw

        wrong.__name__ = f"wrong_{i}"
        block.equation("USD_bn")(wrong)
    assert len(faults(model)) == 3
    with pytest.raises(DimensionError, match=r"2 more equation\(s\)"):
        check(model)


def test_a_family_has_one_unit(toy):
    model, block = toy
    firm = Axis("firm", ("A", "B"))
    block.param("size:A", "size", "GW_it", 0.5, 0.0, 1.0, "uniform", "size", reason="toy")
    block.param("size:B", "size", "MW_it", 0.5, 0.0, 1.0, "uniform", "size", reason="toy")
    model.family("size", firm)

    @block.equation("GW_it", axis=firm)
    def doubled(size):
        return 2 * size

    with pytest.raises(DimensionError, match="family size mixes units"):
        check(model)


def test_what_is_right_passes(toy):
    model, block = toy

    @block.equation("USD_bn")
    def everything(power_gw, price, cost, rate, t, part, quarterly, one_quarter):
        spent = power_gw * price
        grown = spent * exp(-rate * t) * power(1 - part, 0.5) * log(1 + part)
        kept = within(positive(grown - cost), 0, maximum(cost, spent))
        bound = minimum(kept, quarterly * one_quarter) + sqrt(cost * spent)
        choice = where((cost > 0) & ~(part >= 1) | (spent == cost), bound, 0)
        return choice * share(cost, spent, 0) + 0 + (+cost) - -cost

    check(model)
