from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import supercycle
from supercycle.core.errors import InputError, UnitError, UnknownNameError
from supercycle.core.params import DISTRIBUTIONS, Param, Registry, parse_value, quantile

FIELDS: dict[str, Any] = {
    "id": "capex_growth",
    "label": "Capex growth",
    "unit": "1/year",
    "default": 0.2,
    "low": 0.05,
    "high": 0.8,
    "distribution": "lognormal",
    "meaning": "growth of planned capex",
    "source": "a filing",
    "evidence": "published",
    "block": "orders",
}


def param(**changes: Any) -> Param:
    return Param(**{**FIELDS, **changes})


def tariff() -> Param:
    return param(id="tariff", unit="USD/MWh", default=80.0, low=20.0, high=200.0, distribution="triangular")


@pytest.mark.parametrize(
    ("changes", "kind", "told"),
    [
        ({"low": 0.3}, InputError, "parameter capex_growth: the range is out of order: expected low <= def"),
        ({"high": 0.1}, InputError, "out of order"),
        ({"low": 0.0}, InputError, "expected low > 0, got low = 0"),
        ({"high": float("inf")}, InputError, "finite"),
        ({"default": float("nan")}, InputError, "finite"),
        ({"evidence": "guess"}, UnknownNameError, "expected one of measured, published, judgement"),
        ({"evidence": "mesured"}, UnknownNameError, "did you mean 'measured'"),
        ({"evidence": "judgement"}, InputError, "judgement evidence needs a reason"),
        ({"source": " "}, InputError, "published evidence needs a source"),
        ({"unit": "1/yeer"}, UnitError, "parameter capex_growth: unknown unit 'yeer'"),
        ({"distribution": "log-normal"}, UnknownNameError, "did you mean 'lognormal'"),
        ({"id": ""}, InputError, "needs an id"),
        ({"id": "a=b"}, InputError, "needs an id"),
    ],
)
def test_a_parameter_that_breaks_a_rule_does_not_exist(
    changes: dict[str, Any], kind: type[InputError], told: str
) -> None:
    with pytest.raises(kind) as caught:
        param(**changes)
    assert told in str(caught.value)


def test_a_judgement_with_a_reason_needs_no_source() -> None:
    assert param(evidence="judgement", source="", reason="no estimate exists").reason


def test_a_description_is_json_with_every_field() -> None:
    described = json.loads(json.dumps(param(tier="first").describe()))
    assert described == {**FIELDS, "tier": "first", "reason": "", "rows": []}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("120", 120.0),
        ("+1.2e2", 120.0),
        ("0.05USD/kWh", 50.0),
        (" 0.05 [USD/kWh] ", 50.0),
        ("0.2USD/kWh", 200.0),
        ("20", 20.0),
    ],
)
def test_values_are_read_with_or_without_a_unit(text: str, value: float) -> None:
    assert parse_value(text, tariff()) == value


def test_percent_of_a_share_lands_exactly_on_the_end_of_its_range() -> None:
    share = param(unit="share", default=0.1, low=0.0, high=0.35, distribution="uniform")
    assert 35 * 0.01 > 0.35  # the rounding this guards against
    assert parse_value("35%", share) == 0.35


@pytest.mark.parametrize(
    ("text", "kind", "told"),
    [
        ("abc", InputError, "cannot read a value for tariff"),
        ("", InputError, "such as USD/MWh"),
        ("nan", InputError, "cannot read a value"),
        ("1.2.3", InputError, "two numbers in the value of tariff"),
        ("120 0.5", InputError, "two numbers"),
        ("1 000", InputError, "two numbers"),
        ("100 USD*2/MWh", InputError, "two numbers"),
        ("250", InputError, "tariff is out of range: expected 20 to 200 USD/MWh, got 250 USD/MWh"),
        ("1USD/kWh", InputError, "got 1000 USD/MWh"),
        ("80USD/MW", UnitError, "tariff: unknown unit 'MW' in 'USD/MW'. Say which power"),
        ("80USD", UnitError, "cannot turn USD into USD/MWh"),
    ],
)
def test_a_value_that_cannot_be_used_says_why(text: str, kind: type[InputError], told: str) -> None:
    with pytest.raises(kind) as caught:
        parse_value(text, tariff())
    assert told in str(caught.value)


def test_the_registry_keeps_order_and_refuses_a_second_declaration() -> None:
    registry = Registry([tariff(), param()])
    assert list(registry) == ["tariff", "capex_growth"]
    assert len(registry) == 2
    assert [d["id"] for d in registry.describe()] == list(registry)
    with pytest.raises(InputError, match="declared twice"):
        registry.add(param(block="elsewhere"))


def test_the_registry_names_the_nearest_parameter() -> None:
    registry = Registry([tariff(), param()])
    assert "nothing" not in registry
    with pytest.raises(UnknownNameError, match="did you mean 'capex_growth'"):
        registry["capex_grwth"]
    with pytest.raises(UnknownNameError, match="did you mean 'tariff'"):
        registry.assign("tarif=3")


def test_an_assignment_reads_a_family_member_by_its_full_name() -> None:
    registry = Registry(
        [param(id="lead_time:Behind-the-meter gas", unit="q", default=8.0, low=4.0, high=20.0)]
    )
    assert registry.assign("lead_time:Behind-the-meter gas=18 month") == (
        "lead_time:Behind-the-meter gas",
        6.0,
    )
    with pytest.raises(InputError, match=r"expected id=value or id=value\[unit\]"):
        registry.assign("lead_time")


def test_normal_and_lognormal_have_their_median_at_the_default_and_end_at_the_range() -> None:
    u = np.array([0.0, 0.5, 1.0])
    for distribution in ("normal", "lognormal"):
        drawn = quantile(param(distribution=distribution), u)
        np.testing.assert_allclose(drawn, [0.05, 0.2, 0.8], rtol=1e-14)


def test_a_two_piece_normal_has_a_quarter_of_its_mass_where_the_cut_normal_has() -> None:
    # Phi^-1(0.05 + 0.9 / 4) = Phi^-1(0.275) = -0.59776; over 1.64485 that is 0.363412 of the lower side.
    drawn = quantile(param(distribution="normal"), np.array([0.25, 0.75]))
    np.testing.assert_allclose(drawn, [0.2 - 0.363412 * 0.15, 0.2 + 0.363412 * 0.6], rtol=1e-6)


def test_the_triangle_has_its_textbook_mean_and_mode() -> None:
    u = (np.arange(100_000) + 0.5) / 100_000
    drawn = quantile(tariff(), u)
    assert drawn.mean() == pytest.approx((20 + 80 + 200) / 3, rel=1e-6)
    # Below the mode lies (mode - low) / (high - low) of the mass.
    assert (drawn < 80).mean() == pytest.approx(60 / 180, abs=2e-5)


def test_the_uniform_is_the_line_between_its_ends() -> None:
    drawn = quantile(param(distribution="uniform"), np.array([0.0, 0.5, 1.0]))
    np.testing.assert_allclose(drawn, [0.05, 0.425, 0.8], rtol=1e-15)


@pytest.mark.parametrize("distribution", ["fixed", "switch"])
def test_what_is_not_drawn_stays_at_its_default(distribution: str) -> None:
    assert (quantile(param(distribution=distribution), np.array([0.0, 0.3, 1.0])) == 0.2).all()


@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_a_range_of_one_point_is_that_point(distribution: str) -> None:
    point = param(low=0.2, high=0.2, distribution=distribution)
    assert quantile(point, np.array([[0.1, 0.9]])).tolist() == [[0.2, 0.2]]


def test_names_and_units_load_without_numpy() -> None:
    program = (
        "import sys, supercycle.core.params, supercycle.core.quarters;"
        "print([m for m in ('numpy', 'scipy') if m in sys.modules])"
    )
    source = str(Path(supercycle.__file__).parents[1])
    environment = {**os.environ, "PYTHONPATH": source}
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment
    )
    assert ran.stdout.strip() == "[]"


RATE = Param("rate", "Rate", "1/year", 0.10, 0.05, 0.2, "uniform", "a rate", "Fed", "measured", "money")
LEAD = Param("lead", "Lead", "month", 60, 36, 84, "uniform", "a lead", "a queue", "measured", "power")
FEE = Param("fee", "Fee", "1/q", 0.01, 0.0, 0.05, "uniform", "a fee", "a term sheet", "measured", "money")
PART = Param("part_share", "Part", "share", 0.3, 0.1, 0.6, "lognormal", "a part", "a report", "measured", "x")


@pytest.mark.parametrize(
    ("param", "text", "expected"),
    [
        (RATE, "12%", 0.12),
        (RATE, "12 percent", 0.12),
        (RATE, "1200bp", 1200 / 10_000),
        (RATE, "12%/year", 0.12),
        (RATE, "3%/q", 3 / 100 * 4),
        (LEAD, "5 years", 5 * 12),
        (LEAD, "5years", 5 * 12),
        (LEAD, "18 quarters", 18 * 3),
        (LEAD, "60 months", 60),
        (FEE, "4%/year", 0.04 / 4),
    ],
)
def test_values_as_people_write_them(param: Param, text: str, expected: float) -> None:
    assert parse_value(text, param) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("param", "text", "told"),
    [
        (
            FEE,
            "4%",
            "expected 4%/year or %/q|expected %/year or %/q",
        ),  # a quarter's or a year's: four times apart
        (RATE, "12", "Did you mean 12%?"),
        (LEAD, "6,5", "a comma"),
        (LEAD, "1,270", "a comma"),
        (LEAD, "\uff16\uff10", "cannot read"),  # full-width digits
        (LEAD, "\u0666\u0660", "cannot read"),  # Arabic-Indic digits
        (LEAD, "nan", "cannot read"),
        (LEAD, "1e999", "out of range"),
        (LEAD, "96", "--beyond"),
    ],
)
def test_values_that_could_be_misread_are_refused(param: Param, text: str, told: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_value(text, param)
    assert any(part in str(caught.value) for part in told.split("|"))


def test_beyond_the_evidence_a_value_must_still_mean_something() -> None:
    assert parse_value("96 months", LEAD, beyond=True) == 96
    assert parse_value("40%", RATE, beyond=True) == pytest.approx(0.40)
    for param, text in ((LEAD, "-3"), (LEAD, "1e999"), (PART, "150%"), (PART, "0"), (RATE, "-5%")):
        with pytest.raises(InputError, match="has no such value"):
            parse_value(text, param, beyond=True)
    assert LEAD.covers(84 * (1 + 1e-14))
    assert not LEAD.covers(84.1)
