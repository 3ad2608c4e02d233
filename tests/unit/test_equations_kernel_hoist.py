"""What is fixed is computed once, what hides a failure is watched, and no bit of an answer changes by either."""

from __future__ import annotations

import ast

import numpy as np
import pytest

from supercycle.core.errors import ModelError
from supercycle.equations import emit_numpy
from supercycle.equations.functions import maximum, minimum, positive, share, where
from supercycle.equations.graph import Plan, plan
from supercycle.equations.machine import store, targets
from supercycle.equations.machine.finite import watched
from supercycle.equations.machine.hoist import hoist
from supercycle.equations.machine.program import write_program
from supercycle.equations.spec import Axis, Model

FIRM = Axis("firm", ("A", "B", "C"))
PATHS = 37


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SUPERCYCLE_CACHE", str(tmp_path_factory.mktemp("kernels")))
        yield


def mixed() -> Plan:
    """Fixed and moving parts in every construction that may hold both; arithmetic only, so that bits can be equal."""
    model = Model("mixed")
    block = model.block("only", "Only", "A block.")
    for name in ("p", "q", "r", "base:A", "base:B", "base:C"):
        block.param(name, name, "1", 1.0, 0.5, 2.0, "uniform", name, reason="toy")
    model.family("base", FIRM)
    model.draw("noise", "uniform", "noise")

    def begin(p, q):
        return p + q

    def begin_all(position, base):
        return base * (1 + position)

    @block.initial("1")
    def opened(p, r):
        return p / (r + 3)

    @block.equation("1")
    def rate(p, q, opened):
        """Fixed: a variable of fixed names."""
        return p / q + opened

    block.equation("1", opening=begin)(kept)
    block.equation("1", opening=begin)(moving)
    block.equation("1", axis=FIRM, opening=begin_all)(each)
    block.total("all_of_it", of="each", unit="1", meaning="sum", opening=True)

    @block.equation("1")
    def low(p, q):
        return -10 - p / q

    @block.equation("1")
    def high(rate, moving):
        return 10 + rate * rate + positive(moving)

    @block.solve("1", between=("low", "high"), iterations=50)
    def root(root, p, q, moving, one_quarter):
        weight = p / (p + q) * one_quarter
        return root * weight + share(root, q / p, 0.0) - minimum(moving, 2)

    return plan(model)


def kept(p, r):
    """Reads only fixed names, but ``moving`` reads its last value, which is first the opening."""
    return p / r


def moving(kept_prev, moving_prev, p, q, r, rate, noise, t):
    steep = 0.25
    ratio = q / (p + r)
    is_large = p > q
    twice = ratio + ratio / steep
    ratio = ratio * noise
    return (
        0.5 * moving_prev
        + where(is_large, twice, ratio) * kept_prev / (1 + t)
        + rate * (is_large & (noise > p / q))
    )


def each(each_prev, each_left_prev, base, p, q, position, is_first, moving):
    tilt = base / (1 + position) * (p - q)
    return 0.5 * each_prev + 0.1 * each_left_prev * tilt + maximum(moving, tilt) * is_first * (p - q)


def drawn(ready: Plan, paths: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(11)
    return rng.uniform(0.5, 2.0, (len(ready.param_slots), paths)), rng.uniform(
        0, 1, (ready.draw_count, 6, paths)
    )


@pytest.mark.parametrize("kind", list(targets.fitting()))
def test_no_bit_changes(kind):
    ready = mixed()
    inputs = (*drawn(ready, PATHS), np.arange(ready.slot_count))
    out, residual = emit_numpy.simulate(ready, *inputs)
    found, gap = store.compiled(ready, target=kind).kernel(*inputs)
    assert np.ptp(out[ready.slot("each:C"), -1]) > 0.1
    assert np.array_equal(found, out)
    assert np.array_equal(gap, residual)
    assert residual.max() < 1e-12


def test_what_is_fixed_is_found_once():
    ready = hoist(mixed())
    assert {"rate", "low"} <= set(ready.once)
    assert "kept" in ready.each, "its opening is read as its last value"
    assert not set(ready.once) & set(ready.each)
    assert set(ready.each) <= set(mixed().step_order)
    texts = [ast.unparse(body.result) for body in ready.bodies.values()]
    assert sum("base / (1 + position) * (p - q)" in text for text in texts) == 1
    assert sum("p / (p + q) * one_quarter" in text for text in texts) == 1, "not in the solve itself"


def test_equal_fixed_expressions_are_one_and_cheap_ones_stay():
    model = Model("two")
    block = model.block("only", "Only", "A block.")
    for name in ("p", "q"):
        block.param(name, name, "1", 1.0, 0.5, 2.0, "uniform", name, reason="toy")
    model.draw("noise", "uniform", "noise")

    @block.equation("1")
    def first(p, q, noise):
        return noise * (p / q)

    @block.equation("1")
    def second(p, q, noise):
        return noise - p / q + (1 - p) * noise

    ready = hoist(plan(model))
    assert ready.once == ("first_fixed_1",)
    assert set(ready.plan.model.variables["second"].args) == {"first_fixed_1", "noise", "p"}


def test_an_opening_that_is_not_finite_is_flagged_and_what_has_none_opens_at_zero():
    model = Model("failing")
    block = model.block("only", "Only", "A block.")
    block.param("p", "p", "1", 1.0, 0.0, 2.0, "uniform", "p", reason="toy")

    @block.initial("1")
    def hidden(p):
        return 1 / p

    @block.equation("1")
    def shown(hidden, t):
        return minimum(hidden, 1) + t

    ready, params = plan(model), np.ones((1, 40))
    params[0, [3, 39]] = 0.0
    record = np.array([ready.slot("shown"), ready.slot("hidden")])
    kernels = [store.compiled(ready, target=kind).kernel for kind in targets.fitting()]
    for simulate in (lambda *x: emit_numpy.simulate(ready, *x), *kernels):
        out, residual = simulate(params, np.zeros((0, 2, 40)), record)
        assert np.flatnonzero(np.isnan(residual)).tolist() == [3, 39]
        assert out[0, 0].tolist() == [0.0] * 40
        assert out[0, 1].tolist() == [2.0] * 40
        assert np.isinf(out[1, :, 3]).all()
        _, without = simulate(params, np.zeros((0, 0, 40)), record)
        assert without.tolist() == [0.0] * 40


def test_only_what_may_hide_a_failure_is_watched():
    model = Model("watching")
    block = model.block("only", "Only", "A block.")
    model.draw("noise", "uniform", "noise")

    @block.equation("1", axis=FIRM)
    def summed(noise, position):
        return noise / position

    block.total("total", of="summed", unit="1", meaning="sum")

    @block.equation("1")
    def bounded(total):
        doubled = 2 * total
        return minimum(doubled, 1)

    @block.equation("1")
    def divisor(noise, bounded):
        return bounded - noise

    @block.equation("1")
    def last(divisor, noise):
        return noise / divisor

    assert watched(hoist(plan(model))) == {"total", "divisor", "last"}


def test_an_opening_outside_the_language_is_refused_with_its_place():
    model = Model("loose")
    block = model.block("only", "Only", "A block.")

    def begin():
        return 2.0**0.5

    @block.equation("1", opening=begin)
    def x(x_prev):
        return x_prev

    with pytest.raises(ModelError, match="not in the language"):
        write_program(plan(model), 8)
