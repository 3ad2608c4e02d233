"""A toy world for the engine's tests: two firms, a shock, books that close unless a switch breaks them."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from supercycle.engine.scenario import Scenario
from supercycle.engine.subject import Subject
from supercycle.equations.functions import exp, log, positive
from supercycle.equations.spec import Axis, Model

FIRM = Axis("firm", ("Alpha", "Beta Co"))
JUDGED = {"evidence": "judgement", "reason": "a toy"}


def toy_model() -> Model:
    model = Model("toy")
    block = model.block("toy", "Toy", "everything")
    block.param("growth", "Growth", "1/year", 0.10, 0.02, 0.18, "normal", "growth of capex", **JUDGED)
    block.param(
        "price",
        "Price",
        "USD_bn/q",
        10.0,
        5.0,
        20.0,
        "lognormal",
        "level",
        source="a paper",
        evidence="published",
    )
    block.param(
        "noise",
        "Noise",
        "1",
        0.02,
        0.0,
        0.05,
        "uniform",
        "size of shocks",
        source="data",
        evidence="measured",
    )
    block.param("idle", "Idle", "1", 0.5, 0.0, 1.0, "uniform", "moves nothing", **JUDGED)
    block.param("years", "Years", "year", 2.0, 1.0, 3.0, "fixed", "never sampled", **JUDGED)
    block.param("leak", "Leak", "1", 0.0, 0.0, 1.0, "switch", "breaks the books when 1", **JUDGED)
    block.param("floor", "Floor", "1", 1.0, -1.0, 1.0, "switch", "log of it: no number below 0", **JUDGED)
    for member, default in zip(FIRM.members, (0.6, 0.4), strict=True):
        block.param(
            f"weight:{member}", f"Weight of {member}", "1", default, 0.1, 0.9, "triangular", "share", **JUDGED
        )
    model.family("weight", FIRM)
    model.constant("quarter_in_years", 0.25, "year", "a quarter")
    model.draw("shock", "normal", "noise of the quarter", FIRM)

    def start(price: Any, weight: Any) -> Any:
        return price * weight

    @block.equation("USD_bn/q", axis=FIRM, opening=start, label="Capex by firm", report=True)
    def capex(capex_prev: Any, growth: Any, noise: Any, shock: Any, quarter_in_years: Any) -> Any:
        """Capex of a firm."""
        return capex_prev * exp(growth * quarter_in_years + noise * shock)

    block.total("capex_all", of="capex", unit="USD_bn/q", meaning="Capex of all", label="Capex", report=True)

    @block.equation("1", label="Log of the floor", report=True)
    def depth(floor: Any) -> Any:
        """A quantity without a value when the floor is negative."""
        return log(floor)

    @block.equation("1")
    def books_leak(leak: Any, t: Any) -> Any:
        """Residual: zero unless the switch leaks, from the third quarter on."""
        return leak * positive(t - 2.0)

    model.residuals.append("books_leak")
    return model


def accept(capex__alpha: Any, capex__beta_co: Any) -> Any:
    """Openings that are not too large are believed; about one draw in five is not."""
    return (capex__alpha + capex__beta_co) < 13.0


PEAK = SimpleNamespace(
    name="peak", unit="USD_bn/q", label="Peak capex", meaning="largest capex", entities=("all",),
    inputs=("capex_all",), compute=lambda values, params: values["capex_all"].max(axis=0)[None, :],
)  # fmt: skip

PRESET = """\
schema: supercycle.preset/1
name: {name}
title: {title}
story: A toy.
answers: ["Does it run?"]
set: {set}
"""


def write_presets(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "base.yaml").write_text(PRESET.format(name="base", title="Base case", set="{}"))
    (folder / "fast.yaml").write_text(PRESET.format(name="fast", title="Fast growth", set="{growth: 0.15}"))
    return folder


def toy_subject(folder: Path, **changes: Any) -> Subject:
    given: dict[str, Any] = {
        "model": toy_model(), "start": "2026Q2", "presets": write_presets(folder), "accept": accept,
        "pairs": (("growth", "price", 0.6),), "derived": (PEAK,), "headline": lambda result: "Capex grows.",
        "tables": "none",
    }  # fmt: skip
    return Subject(**{**given, **changes})


BASE = Scenario("base")


def same(a: Any, b: Any) -> bool:
    """Equal bit for bit, NaN included."""
    return bool(np.array_equal(np.asarray(a).view(np.uint64), np.asarray(b).view(np.uint64)))
