"""Cases of decide that several tests share: the template's inputs, the synthetic load, a world without surprises."""

from __future__ import annotations

from datetime import date
from functools import cache

from supercycle.core.profile import DemandProfile
from supercycle.decisions.choice.evaluate import Evaluated, evaluate
from supercycle.decisions.choice.setting import Setting, setting
from supercycle.decisions.inputs.case import Case, build
from supercycle.decisions.inputs.example import example_profile
from supercycle.decisions.inputs.file import read_case
from supercycle.decisions.inputs.template import template
from supercycle.decisions.money.prices import Background

TODAY = date(2026, 11, 21)
STATED: dict[str, tuple[float | str, str]] = {
    "sla.tokens_per_s_user": (30.0, "test"),
    "sla.ttft_p95_s": (2.0, "test"),
    "model.accepted_quality_gap": (60.0, "test"),
    "model.quality_gap": (40.0, "test"),
    "model.precision": ("fp4", "test"),
    "hardware.gpu": ("B200", "test"),
    "rental.reserved_1y_ratio": (0.70, "test"),
    "rental.reserved_3y_ratio": (0.55, "test"),
}
STILL = Background.still(25, -0.13)


def case(**given: float | str) -> Case:
    """The template's inputs with some changed; '__' stands for the dot."""
    changed = {name.replace("__", "."): (value, "test") for name, value in given.items()}
    return build({**STATED, **changed}, today=TODAY)


def certain(**given: float | str) -> Case:
    """The same without anything random."""
    still: dict[str, float | str] = {
        "workload__growth_sd": 0.0,
        "workload__monthly_sd": 0.0,
        "prices__sd_per_year": 0.0,
        "prices__jumps_per_year": 0.0,
        "prices__jump_log": 0.0,
        "prices__jump_sd": 0.0,
        "performance__sd_log": 0.0,
    }
    return case(**{**still, **given})


@cache
def profile() -> DemandProfile:
    return example_profile()


@cache
def template_case() -> Case:
    return read_case(template(), origin="template", today=TODAY)


def placed(one: Case, *, paths: int = 200, background: Background = STILL, seed: int = 1) -> Setting:
    return setting(one, profile(), background, paths=paths, seed=seed)


@cache
def evaluated(paths: int = 400) -> Evaluated:
    return evaluate(placed(template_case(), paths=paths))
