"""A model becomes a plan, or is refused with a reason."""

from __future__ import annotations

import numpy as np
import pytest

from supercycle.core.errors import LoopError, ModelError, UnknownNameError
from supercycle.equations import emit_numpy
from supercycle.equations.functions import positive
from supercycle.equations.graph import plan
from supercycle.equations.spec import Axis, Model

FIRM = Axis("firm", ("Alpha", "Beta Co"))


def zero():
    return 0.0


def empty() -> tuple[Model, object]:
    model = Model("toy")
    block = model.block("only", "Only", "A block.")
    block.param("growth", "growth", "1", 0.1, 0.0, 1.0, "uniform", "growth", reason="toy")
    return model, block


def run(model: Model, quarters: int = 3) -> dict[str, np.ndarray]:
    ready = plan(model)
    params = np.array([[model.registry[k].default] for k in model.registry])
    draws = np.zeros((ready.draw_count, quarters, 1))
    out, _ = emit_numpy.simulate(ready, params, draws, np.arange(ready.slot_count))
    return {key: out[i, :, 0] for i, key in enumerate(ready.slot_names)}


def test_a_loop_is_refused_with_its_path():
    model, block = empty()

    @block.equation("1")
    def first(third):
        return third

    @block.equation("1")
    def second(first):
        return first

    @block.equation("1")
    def third(second):
        return second

    with pytest.raises(LoopError, match="first -> third -> second -> first"):
        plan(model)


def test_a_lag_breaks_the_loop():
    model, block = empty()

    @block.equation("1", opening=zero)
    def first(second_prev):
        return second_prev + 1

    @block.equation("1", opening=zero)
    def second(first):
        return 2 * first

    assert run(model)["second"].tolist() == [0.0, 2.0, 6.0, 14.0]


def test_the_order_does_not_depend_on_the_order_of_declaration():
    model, block = empty()

    @block.equation("1")
    def last(middle):
        return middle + 1

    @block.equation("1")
    def middle(growth):
        return growth

    assert plan(model).step_order == ("middle", "last")


def test_an_unknown_name_suggests_the_nearest():
    model, block = empty()

    @block.equation("1")
    def level(growht):
        return growht

    with pytest.raises(UnknownNameError, match="did you mean 'growth'"):
        plan(model)


def test_a_lag_needs_an_opening():
    model, block = empty()

    @block.equation("1")
    def level(level_prev):
        return level_prev

    with pytest.raises(
        ModelError, match=r"test_equations_graph.py:\d+.*level_prev, but level has no opening"
    ):
        plan(model)


def test_an_opening_may_not_read_the_past_or_a_draw():
    model, block = empty()
    model.draw("shock", "uniform", "noise")

    def start(shock):
        return shock

    @block.equation("1", opening=start)
    def level(level_prev):
        return level_prev

    with pytest.raises(ModelError, match="may not read shock"):
        plan(model)


def test_axes_do_not_mix_without_a_total_or_a_member():
    model, block = empty()

    @block.equation("1", axis=FIRM)
    def size(growth, position):
        return growth + position

    @block.equation("1")
    def whole(size):
        return size

    with pytest.raises(ModelError, match="size__alpha"):
        plan(model)


def test_totals_members_and_neighbours():
    model, block = empty()

    @block.equation("1", axis=FIRM, opening=zero)
    def size(size_prev, size_left_prev, position, is_first, is_last, t):
        return size_prev + size_left_prev + 10 * is_first + 100 * is_last + position + t

    block.total("whole", of="size", unit="1", meaning="sum")

    @block.equation("1")
    def second(size__beta_co):
        return size__beta_co

    found = run(model, 2)
    # first: 0 + 0 + 10 + 0 + 1 = 11, then 11 + 10 + 2 = 23; second: 100 + 1 + 1 = 102, then 102 + 11 + 100 + 1 + 2
    assert found["size:Alpha"].tolist() == [0.0, 11.0, 23.0]
    assert found["size:Beta Co"].tolist() == [0.0, 102.0, 216.0]
    assert found["whole"].tolist() == [0.0, 113.0, 239.0]
    assert found["second"][1:].tolist() == [102.0, 216.0]


def test_a_name_is_declared_once():
    _, block = empty()

    @block.equation("1")
    def level(growth):
        return growth

    with pytest.raises(ModelError, match="level is declared twice"):
        block.equation("1")(level)


def test_reserved_endings_are_refused():
    _, block = empty()
    with pytest.raises(ModelError, match="reserved"):

        @block.equation("1")
        def level_prev(growth):
            return growth


def test_a_solve_finds_its_root_and_reports_a_bracket_without_one():
    model, block = empty()

    @block.equation("1")
    def low(growth):
        return 0 * growth

    @block.equation("1")
    def high(growth):
        return 4 + 0 * growth

    @block.solve("1", between=("low", "high"), iterations=52)
    def root(root):
        return root * root - 2

    @block.solve("1", between=("low", "high"), iterations=52)
    def outside(outside):
        return positive(outside) - 5

    found = run(model, 1)
    assert found["root"][1] == pytest.approx(2**0.5, rel=1e-15)
    ready = plan(model)
    _, residual = emit_numpy.simulate(ready, np.array([[0.1]]), np.zeros((0, 1, 1)), np.array([0]))
    assert residual[0] == pytest.approx(
        1 / 5
    )  # |4 - 5| at the end nearest to the root, over |0 - 5| at the other


def test_unknown_outputs_suggest_the_nearest():
    model, block = empty()

    @block.equation("1")
    def level(growth):
        return growth

    with pytest.raises(UnknownNameError, match="level"):
        plan(model).slot("levle")
