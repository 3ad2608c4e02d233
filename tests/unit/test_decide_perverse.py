"""Three hundred perverse inputs: each ends in an answer of finite numbers or in one line, never in a traceback."""

from __future__ import annotations

import importlib
import math
import random
import sys
from pathlib import Path

import pytest

from supercycle.core.errors import SupercycleError
from supercycle.decisions.choice.decision import decide
from supercycle.decisions.inputs.assumptions import ITEMS
from supercycle.decisions.inputs.example import example_profile
from supercycle.service.decide import case_of, profile_of

sys.path.append(str(Path(__file__).resolve().parents[1]))
cases = importlib.import_module("decide_cases")

STRANGE = [
    "-1", "0", "1e-300", "1e300", "nan", "inf", "-inf", "", "ten", "50 %", "-0", "1,000", "null", "[1]", "{a: 1}",
]  # fmt: skip
GOOD = (
    "schema: 2\nusage: example\nsla: {tokens_per_s_user: 30, ttft_p95_s: 2}\n"
    "model: {accepted_quality_gap: 60, quality_gap: 9, precision: fp4}\nhardware: {gpu: B200}\n"
)
FILES = [
    "", "schema: 2", "- a list", "schema: two\n", "a: [", "\t", "load: 5\n" + GOOD,
    "load: {}\n" + GOOD.replace("usage: example\n", ""),
    GOOD + "horizon_months: 13\n", GOOD + "horizon_months: 0\n", GOOD + "today: tomorrow\n", GOOD + "start: 1999Q1\n",
    GOOD + "finance: [1]\n", GOOD + "finance: {tax_rate: {value: 0.2, sauce: x}}\n", GOOD + "sites: {pue: 1}\n",
    GOOD.replace("B200", "B2OO"), GOOD.replace("fp4", "fp3"), GOOD.replace("usage: example", "usage: nowhere.csv"),
    GOOD + "risk: {level: 1}\n", GOOD + "workload: {growth_per_year: 50}\n",
]  # fmt: skip
LOADS = [
    "users: 1e9, requests_per_user_day: 1e9", "users: 0, requests_per_user_day: 5", "requests_per_day: -1",
    "requests_per_day: 1e-9", "usd_per_month: 0", "users: 5",
    "output_tokens_per_month: 1, input_tokens_per_month: 1e12",
]  # fmt: skip


def attempts() -> list[tuple[str, dict[str, str]]]:
    rng = random.Random(300)
    found: list[tuple[str, dict[str, str]]] = [(text, {}) for text in FILES]
    for amount in LOADS:
        load = f"load: {{{amount}, model: gpt-5-mini, input_tokens: 900, output_tokens: 90, shape: flat}}\n"
        found.append((GOOD.replace("usage: example\n", load), {}))
    while len(found) < 300:
        path = rng.choice(sorted(ITEMS))
        found.append((GOOD, {path: rng.choice(STRANGE)}))
    return found


@pytest.mark.parametrize("block", range(10))
def test_a_perverse_input_is_one_line_or_a_finite_answer(block: int, tmp_path: Path) -> None:
    said: list[str] = []
    for text, settings in attempts()[block * 30 : block * 30 + 30]:
        file = tmp_path / "d.yaml"
        file.write_text(text)
        try:
            case = case_of(file, settings)
            profile = example_profile() if case.usage == "example" else profile_of(case, file, None, None)[0]
            found = decide(case, profile, {"calm": cases.STILL}, paths=3, changes=False)
        except SupercycleError as problem:
            said.append(str(problem))
            continue
        for one in found.found.ranking:
            assert math.isfinite(one.mean), (settings, one.name)
            assert math.isfinite(one.levelised_usd_per_mtok), (settings, one.name)
        assert found.headline
    assert all("\n" not in line and len(line) < 1000 for line in said)
