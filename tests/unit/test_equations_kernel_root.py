"""A compiled solve skips what an increasing function cannot change: every bit of the bisection's answer stays."""

from __future__ import annotations

import numpy as np
import pytest

from supercycle.equations import emit_numpy
from supercycle.equations.functions import positive, share, where
from supercycle.equations.graph import plan
from supercycle.equations.machine import store, targets
from supercycle.equations.spec import Model

KINDS = list(targets.fitting())
PATHS = 400


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SUPERCYCLE_CACHE", str(tmp_path_factory.mktemp("kernels")))
        yield


def contest():
    """Effort in a contest of four unequal prizes (a kinked function), a cubic, a step and a flat function."""
    model = Model("contest")
    block = model.block("only", "Only", "A block.")
    for name in ("a", "b", "c", "d", "low", "high"):
        model.draw(name, "uniform", name)

    @block.equation("1")
    def floor(low):
        return low

    @block.equation("1")
    def ceiling(high):
        return high

    @block.solve("1", between=("floor", "ceiling"), iterations=45)
    def effort(effort, a, b, c, d):
        win = positive(1 - share(effort, a, 0.0)) + positive(1 - share(effort, b, 0.0))
        return 1 - win - positive(1 - share(effort, c, 0.0)) - positive(1 - share(effort, d, 0.0))

    @block.solve("1", between=("floor", "ceiling"), iterations=60)
    def cubic(cubic, a, b):
        return cubic * cubic * cubic + a * cubic - b

    @block.solve("1", between=("floor", "ceiling"), iterations=30)
    def step(step, c):
        return where(step > c, 1.0, -1.0)

    @block.solve("1", between=("floor", "ceiling"), iterations=5)
    def flat(flat, d):
        return 0 * flat * d

    return plan(model)


def inputs(case: str) -> np.ndarray:
    """[draw, quarter, path]: prizes a to d, and the bracket."""
    rng = np.random.default_rng(8)
    draws = rng.uniform(0.01, 5.0, (6, 3, PATHS))
    draws[4], draws[5] = 0.0, draws[:4].sum(axis=0)
    if case == "corners":  # no prize, equal ones, tiny and huge; a bracket beside the root, reversed or empty
        draws[:4] = rng.choice([0.0, 1.0, 1.0, 1e-9, 1e9, 2.5], (4, 3, PATHS))
        draws[4:] = rng.choice([0.0, -1.0, 0.5, 1.0], (2, 3, PATHS)) * rng.choice(
            [1.0, 4.0, 1e9], (2, 3, PATHS)
        )
    if case == "not finite":
        failed = rng.choice([np.nan, np.inf, -np.inf], 120)
        draws[rng.integers(0, 6, 120), rng.integers(0, 3, 120), np.arange(120)] = failed
    return draws


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("case", ["ordinary", "corners", "not finite"])
def test_the_answer_is_the_bisections_to_the_last_bit(kind, case):
    ready, draws = contest(), inputs(case)
    record = np.arange(ready.slot_count)
    out, residual = emit_numpy.simulate(ready, np.zeros((0, PATHS)), draws, record)
    found, gap = store.compiled(ready, target=kind).kernel(np.zeros((0, PATHS)), draws, record)
    assert np.array_equal(found, out, equal_nan=True)
    assert np.array_equal(gap, residual, equal_nan=True)
    assert np.ptp(out[ready.slot("effort"), 1, np.isfinite(residual)]) > 0.1
    assert np.isnan(residual).any() == (case == "not finite")
