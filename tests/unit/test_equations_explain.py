"""A number opens into its equation, inputs and evidence."""

from __future__ import annotations

import json

import pytest

from supercycle.core.errors import UnknownNameError
from supercycle.equations.examples import pc_model
from supercycle.equations.explain import documentation, evidence, explain
from supercycle.equations.graph import Plan, plan
from supercycle.equations.spec import Axis, Model


@pytest.fixture(scope="module")
def toy() -> Plan:
    model = Model("toy")
    block = model.block("power", "Power", "Who gets power.")
    firm = Axis("firm", ("Alpha", "Beta Co"))
    for name, source, kind in (("measured_size", "Meter", "measured"), ("told_size", "Report", "published")):
        block.param(name, "size", "GW_it", 1.0, 0.0, 2.0, "uniform", "a size", source=source, evidence=kind)
    for m in firm.members:
        block.param(f"guess:{m}", "guess", "1", 1.0, 0.0, 2.0, "uniform", "a guess", reason="nobody | knows")
    model.family("guess", firm)
    model.draw("shock", "normal", "noise")

    def start(told_size):
        return told_size

    @block.equation("GW_it", opening=start, source="A book")
    def level(level_prev, measured_size, one_quarter, t):
        """The level of power."""
        return level_prev + measured_size * t / t * one_quarter / one_quarter

    @block.equation("GW_it", axis=firm)
    def guessed(level, guess, is_first):
        """Level times guess."""
        return level * guess * is_first

    @block.equation("GW_it")
    def alone(guessed__beta_co, guess__alpha, shock):
        """One member."""
        return guessed__beta_co * guess__alpha * shock

    @block.equation("GW_it")
    def sure(measured_size):
        """Measured."""
        return measured_size

    return plan(model)


def test_a_variable(toy):
    found = explain(toy, "level")
    assert found["kind"] == "equation"
    assert (found["block"], found["unit"], found["meaning"]) == ("power", "GW_it", "The level of power.")
    assert "return level_prev + measured_size" in found["equation"]
    assert "return told_size" in found["opening"]
    assert [i["argument"] for i in found["inputs"]] == ["level_prev", "measured_size", "one_quarter", "t"]
    size = found["inputs"][1]
    assert (size["kind"], size["unit"], size["evidence"], size["source"]) == (
        "param",
        "GW_it",
        "measured",
        "Meter",
    )
    assert found["inputs"][0]["lag"] is True
    assert found["used_by"] == ["level", "guessed"]
    json.dumps(found, allow_nan=False)


def test_evidence_degrades_to_the_weakest_upstream_input(toy):
    sure, alone = evidence(toy, "sure"), evidence(toy, "alone")
    assert sure["weakest"] == "measured"
    assert sure["counts"] == {"measured": 1, "published": 0, "judgement": 0}
    assert evidence(toy, "level")["weakest"] == "published"  # through its opening
    assert alone["weakest"] == "judgement"
    assert alone["counts"] == {"measured": 1, "published": 1, "judgement": 2}


def test_members_parameters_families_constants_and_draws(toy):
    assert explain(toy, "guessed:Alpha")["members"] == ["Alpha", "Beta Co"]
    assert explain(toy, "guess:Alpha")["used_by"] == ["guessed", "alone"]
    assert explain(toy, "guess:Beta Co")["used_by"] == ["guessed"]
    assert [p["id"] for p in explain(toy, "guess")["parameters"]] == ["guess:Alpha", "guess:Beta Co"]
    assert explain(toy, "one_quarter")["value"] == 1.0
    assert explain(toy, "shock")["used_by"] == ["alone"]
    assert explain(toy, "alone")["inputs"][0]["member"] == "Beta Co"


def test_every_name_of_a_real_model_can_be_opened():
    ready = plan(pc_model()[0])
    for name in (*ready.model.variables, *ready.model.registry, *ready.model.constants):
        shown = json.loads(json.dumps(explain(ready, name), allow_nan=False))
        assert shown["name"] == name
        assert shown["kind"] in ("constant", "parameter") or shown["equation"] or shown["opening"]


def test_unknown_names(toy):
    with pytest.raises(UnknownNameError, match="level"):
        explain(toy, "lvel")
    with pytest.raises(UnknownNameError, match="power"):
        documentation(toy, "powr")


def test_documentation_holds_equations_and_evidence(toy):
    page = documentation(toy, "power")
    assert page.startswith("# 1. Power\n\nWho gets power.\n")
    assert "def guessed(level, guess, is_first):" in page
    assert "Rests on: judgement." in page
    assert "nobody \\| knows" in page
    assert "Source: A book" in page
    assert page.count("\n### ") == 4
