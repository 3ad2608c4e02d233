"""One source, three answers: NumPy, the scalar kernel and the tile kernel agree on any model."""

from __future__ import annotations

import math
from decimal import Decimal, localcontext

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from supercycle.equations import emit_numpy
from supercycle.equations.functions import exp, minimum, positive, share
from supercycle.equations.grammar import WORDS
from supercycle.equations.graph import Plan, plan
from supercycle.equations.machine import store, targets
from supercycle.equations.machine.program import write_program
from supercycle.equations.spec import Axis, Model, generated

KINDS = tuple(targets.fitting())
PATHS = 71  # two tiles and a padded third
CORNERS = [0.0, 1.0, -1.0, 0.5, 1e-300, -1e-300, 1e300, -1e300, 1e-12, 1e12, 3.0, -7.25, 709.0, -745.0, 1e15]


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SUPERCYCLE_CACHE", str(tmp_path_factory.mktemp("kernels")))
        yield


def of_expressions(expressions: list[str]) -> Plan:
    model = Model("random")
    block = model.block("only", "Only", "A block.")
    model.draw("a", "uniform", "a"), model.draw("b", "uniform", "b"), model.draw("c", "uniform", "c")
    for i, text in enumerate(expressions):
        args = [
            x
            for x in "abct"
            if x
            in text.replace("exp", "")
            .replace("share", "")
            .replace("sqrt", "")
            .replace("positive", "")
            .replace("within", "")
            .replace("maximum", "")
            .replace("minimum", "")
            .replace("where", "")
            .replace("power", "")
            .replace("log", "")
        ]
        block.equation("1")(generated(f"x{i}", args, text, "random"))
    return plan(model)


def three_inputs(seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    smooth = rng.uniform(-3, 3, (3, 2, PATHS))
    corner = rng.choice(CORNERS, (3, 2, PATHS))
    return np.where(rng.random((3, 2, PATHS)) < 0.5, smooth, corner)


def agree(ready: Plan, params: np.ndarray, draws: np.ndarray, tolerance: float) -> np.ndarray:
    """Check both kernels against NumPy; the answer is the share of paths that stayed finite."""
    record = np.arange(ready.slot_count)
    out, residual = emit_numpy.simulate(ready, params, draws, record)
    fine = np.isfinite(residual)
    scale = np.abs(out[:, :, fine]).max(axis=(1, 2), initial=0.0)[:, None, None]
    for kind in KINDS:
        found, gap = store.compiled(ready, target=kind).kernel(params, draws, record)
        assert np.array_equal(np.isfinite(gap), fine), f"{kind}: other paths fail"
        assert np.abs(gap[fine] - residual[fine]).max(initial=0.0) <= 1e-12
        x, y = out[:, :, fine], found[:, :, fine]
        assert (np.abs(x - y) <= tolerance * np.maximum(np.maximum(np.abs(x), np.abs(y)), scale)).all(), kind
    return fine.mean()


leaves = st.one_of(st.sampled_from(["a", "b", "c", "t"]), st.sampled_from(["0", "0.5", "2", "1e-3", "3.25"]))


def grow(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    two = st.tuples(inner, inner)
    relations, names = st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), st.sampled_from("abct")
    truth = st.tuples(names, inner, relations, inner).map(lambda p: f"({p[0]} * {p[1]} {p[2]} {p[3]})")
    logic = st.one_of(
        truth,
        st.tuples(truth, st.sampled_from(["&", "|"]), truth).map(lambda p: f"({' '.join(p)})"),
        truth.map(lambda p: f"(~{p})"),
    )
    return st.one_of(
        st.tuples(inner, st.sampled_from("+-*"), inner).map(lambda p: f"({p[0]} {p[1]} {p[2]})"),
        two.map(lambda p: f"({p[0]} / (1.5 + {p[1]} * {p[1]}))"),
        st.tuples(st.sampled_from(["minimum", "maximum"]), inner, inner).map(
            lambda p: f"{p[0]}({p[1]}, {p[2]})"
        ),
        st.tuples(st.sampled_from(["share", "within"]), inner, inner, inner).map(
            lambda p: f"{p[0]}({p[1]}, {p[2]}, {p[3]})"
        ),
        inner.map(lambda p: f"positive({p})"),
        inner.map(lambda p: f"(-{p})"),
        inner.map(lambda p: f"sqrt({p} * {p})"),
        st.tuples(logic, inner, inner).map(lambda p: f"where({p[0]}, {p[1]}, {p[2]})"),
        st.tuples(logic, inner).map(lambda p: f"({p[0]} * {p[1]})"),
    )


exact = st.recursive(leaves, grow, max_leaves=10)
smooth = st.one_of(
    exact.map(lambda p: f"exp(within({p}, -30, 30))"),
    exact.map(lambda p: f"log(1 + {p} * {p})"),
    st.tuples(exact, exact).map(lambda p: f"power(1e-9 + positive({p[0]}), within({p[1]}, -3, 3))"),
    st.tuples(exact, exact).map(lambda p: f"exp(-positive({p[0]})) * log(2 + positive({p[1]}))"),
)


@settings(max_examples=6, phases=[Phase.generate, Phase.reuse])
@given(st.lists(exact, min_size=14, max_size=20), st.integers(0, 2**31))
def test_arithmetic_is_the_same_to_the_last_bit(expressions, seed):
    agree(of_expressions(expressions), np.zeros((0, PATHS)), three_inputs(seed), 0.0)


@settings(max_examples=5, phases=[Phase.generate, Phase.reuse])
@given(st.lists(smooth, min_size=10, max_size=16), st.integers(0, 2**31))
def test_exponentials_agree_to_rounding(expressions, seed):
    agree(of_expressions(expressions), np.zeros((0, PATHS)), three_inputs(seed), 1e-11)


FIRM = Axis("firm", ("Alpha", "Beta Co", "Gamma"))


def structured() -> Plan:
    """Everything a model may hold: families, draws, lags, neighbours, members, totals, solves, pipelines, openings."""
    model = Model("structured")
    block = model.block("only", "Only", "A block.")
    for name, low, high in (
        ("lead", 3.0, 9.0),
        ("growth", -0.05, 0.1),
        ("base:Alpha", 0.5, 2.0),
        ("base:Beta Co", 0.5, 2.0),
        ("base:Gamma", 0.5, 2.0),
        ("hold", 0.0, 0.3),
    ):
        block.param(name, name, "1", (low + high) / 2, low, high, "uniform", name, reason="toy")
    model.family("base", FIRM)
    model.draw("shock", "normal", "by firm", FIRM)
    model.draw("common", "uniform", "for all")

    def start(base__beta_co, lead):
        return base__beta_co * lead

    def spread(start_all, position):
        return start_all / (1.0 + position)

    @block.initial("1")
    def start_all(base__alpha, base__gamma):
        return base__alpha + base__gamma

    @block.equation("1")
    def trend(growth, t, one_quarter):
        scale = growth * t
        return exp(scale) * one_quarter

    @block.equation("1", axis=FIRM, opening=spread)
    def ordered(base, trend, shock, common, is_first, is_last, position, ordered_left_prev, ordered_prev):
        tilt = 1 + 0.01 * position + is_first * (common - 0.5) + 0.1 * is_last
        late = ordered_left_prev > ordered_prev
        return positive(base * trend * (1 + 0.1 * shock) * tilt) + 0.1 * ordered_left_prev * late

    @block.equation("1", axis=FIRM)
    def behind(ordered_left, ordered, shock):
        return minimum(ordered_left, ordered + shock)

    @block.equation("1", axis=FIRM)
    def beside(behind__beta_co, behind):
        return behind__beta_co - behind

    block.total("ordered_total", of="ordered", unit="1", meaning="sum", opening=True)
    block.pipeline(
        "build",
        inflow="ordered_total",
        lead="lead",
        unit="1",
        flow_unit="1",
        stages=3,
        meaning="building",
        opening=spread,
        hold="hold",
    )

    @block.equation("1")
    def clock(t):
        return (t > 4) * 2.0

    @block.equation("1", axis=FIRM, opening=start)
    def held(held_prev, ordered, ordered_total_prev):
        return 0.9 * held_prev + share(ordered, ordered_total_prev, 0.0)

    @block.equation("1", axis=FIRM)
    def ceiling(held):
        return 3 + held * held

    @block.equation("1", axis=FIRM)
    def floor(clock, position):
        return -1 - position * clock

    @block.solve("1", between=("floor", "ceiling"), iterations=60, axis=FIRM)
    def root(root, held, common):
        steep = 0.1
        steep = exp(steep * root)
        return root + steep - held * common - 1

    @block.equation("1")
    def gap(root__gamma, build_due):
        return 1e-13 * (root__gamma + build_due)

    model.residuals.append("gap")
    return plan(model)


@settings(max_examples=5, phases=[Phase.generate, Phase.reuse])
@given(st.integers(0, 2**31), st.integers(1, 70))
def test_a_model_with_every_construction_agrees(seed, paths):
    ready = structured()
    rng = np.random.default_rng(seed)
    entries = [ready.model.registry[k] for k in ready.model.registry]
    low, high = np.array([[p.low, p.high] for p in entries]).T[:, :, None]
    params = low + (high - low) * rng.uniform(0, 1, (len(low), paths))
    assert agree(ready, params, rng.uniform(-1, 1, (ready.draw_count, 9, paths)), 1e-11) == 1.0


def test_a_failed_path_is_flagged_in_both_kernels_and_spoils_no_neighbour():
    model = Model("failing")
    block = model.block("only", "Only", "A block.")
    model.draw("a", "uniform", "a")

    def one():
        return 1.0

    @block.equation("1", opening=one)
    def hidden(a):
        """Not finite where a is 0, and masked in what reads it."""
        return minimum(0 / a, 1)

    @block.equation("1")
    def shown(hidden, t):
        return positive(hidden) * 0 + t

    ready = plan(model)
    draws = np.ones((1, 3, 40))
    draws[0, 1, [0, 7, 39]] = 0.0
    record = np.array([ready.slot("shown")])
    for simulate in (
        lambda *x: emit_numpy.simulate(ready, *x),
        *(store.compiled(ready, target=k).kernel for k in KINDS),
    ):
        _, residual = simulate(np.zeros((0, 40)), draws, record)
        assert np.flatnonzero(np.isnan(residual)).tolist() == [0, 7, 39]
        assert np.nanmax(residual) == 0.0


def test_more_parts_than_one_and_recorded_slots_in_any_order():
    expressions = [f"a * {i} + b" for i in range(95)]
    ready = of_expressions(expressions)
    draws, record = three_inputs(3), np.array([94, 0, 41, 41])
    assert len(write_program(ready, 8).modules) == 3 + 2, (
        "three parts of a quarter, their order, and the driver"
    )
    out, _ = emit_numpy.simulate(ready, np.zeros((0, PATHS)), draws, record)
    for kind in KINDS:
        found, _ = store.compiled(ready, target=kind).kernel(np.zeros((0, PATHS)), draws, record)
        assert np.array_equal(found, out)


def words() -> Plan:
    return of_expressions(["exp(a)", "log(a)", "sqrt(a)", "power(a, b)"])


def evaluate(kind: str, a: np.ndarray, b: np.ndarray) -> dict[str, np.ndarray]:
    ready = words()
    draws = np.stack([a, b, a])[:, None]
    out, _ = store.compiled(ready, target=kind).kernel(np.zeros((0, len(a))), draws, np.arange(4))
    return dict(zip(("exp", "log", "sqrt", "power"), out[:, 1], strict=True))


def units_in_the_last_place(found: np.ndarray, exactly: list[float]) -> float:
    truth = np.array(exactly)
    return float(np.max(np.abs(found - truth) / np.spacing(np.abs(truth))))


@pytest.mark.parametrize("kind", KINDS)
def test_exp_and_log_to_two_units_over_the_whole_range(kind):
    rng = np.random.default_rng(5)
    x = np.concatenate(
        [
            rng.uniform(-745, 709.7, 20000),
            rng.uniform(-1, 1, 5000),
            rng.normal(size=500) * 1e-12,
            [700.0, -700.0, 709.782712893384, -708.4, -745.13, 0.0],
        ]
    )
    assert units_in_the_last_place(evaluate(kind, x, x)["exp"], [math.exp(v) for v in x]) <= 2
    y = np.concatenate(
        [
            np.exp(rng.uniform(-740, 709, 20000)),
            1 + rng.normal(size=5000) * 1e-3,
            1 + rng.normal(size=500) * 1e-12,
            [5e-324, 1e-310, 2.2250738585072014e-308, 1.7e308],
        ]
    )
    found = evaluate(kind, y, y)
    assert units_in_the_last_place(found["log"], [math.log(v) for v in y]) <= 2
    assert np.array_equal(found["sqrt"], np.sqrt(y))


@pytest.mark.parametrize("kind", KINDS)
def test_power_to_1e_15_where_the_exponent_magnifies_the_logarithm(kind):
    rng = np.random.default_rng(6)
    x = np.concatenate(
        [np.exp(rng.uniform(-50, 50, 400)), 1 + rng.normal(size=300) * 1e-3, [1e-310, 2.0, 10.0]]
    )
    y = np.concatenate([rng.uniform(-13, 13, 400), rng.uniform(-1e5, 1e5, 300), [0.5, 1023.0, -300.0]])
    with localcontext() as precise:
        precise.prec = 50
        truth = [float((Decimal(float(q)) * Decimal(float(p)).ln()).exp()) for p, q in zip(x, y, strict=True)]
    assert np.max(np.abs(evaluate(kind, x, y)["power"] / truth - 1)) <= 1e-15


def test_every_word_is_exercised_here():
    with open(__file__, encoding="utf-8") as file:
        text = file.read()
    assert all(f"{word}(" in text for word in WORDS)
