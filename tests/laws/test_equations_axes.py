"""Axes from data, two axes, sums in expressions, long lags, dated series: each equal to what is written out by hand."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supercycle.core.errors import InputError, ModelError, UnknownNameError, UsageError
from supercycle.equations import emit_numpy
from supercycle.equations.dimensions import check
from supercycle.equations.explain import evidence, explain
from supercycle.equations.functions import exp, halved, mean, positive, share, total, where
from supercycle.equations.graph import Plan, plan
from supercycle.equations.machine import store, targets
from supercycle.equations.spec import Axis, Block, Model
from supercycle.equations.variable import zero

ROUTE = Axis.of(
    "route", [{"name": "grid", "lead": 5.0}, {"name": "gas", "lead": 3.5}, {"name": "solar", "lead": 4.0}]
)
STAGES = 3


def simulated(model: Model, quarters: int = 12, seed: int = 0, paths: int = 9) -> tuple[Plan, np.ndarray]:
    ready = plan(model)
    rng = np.random.default_rng(seed)
    registry = model.registry
    low, high = (np.array([getattr(registry[k], end) for k in registry])[:, None] for end in ("low", "high"))
    params = low + (high - low) * rng.uniform(size=(len(registry), paths))
    draws = rng.uniform(size=(ready.draw_count, quarters, paths))
    record = np.arange(ready.slot_count)
    out, residual = emit_numpy.simulate(ready, params, draws, record)
    assert np.isfinite(residual).all()
    for kind in targets.fitting():
        compiled, _ = store.compiled(ready, target=kind).kernel(params, draws, record)
        np.testing.assert_allclose(compiled, out, rtol=1e-11, atol=1e-11)
    return ready, out


def queues() -> Model:
    """Three routes, each an Erlang pipeline: a route is a row."""
    power = Block("power", "Power", "Queues.")
    for route, lead in zip(ROUTE.members, ROUTE.column("lead"), strict=True):
        power.param(
            f"lead:{route}", "Lead", "q", lead, lead - 0.5, lead + 1.0, "uniform", "mean time", reason="toy"
        )
        power.param(
            f"weight:{route}", "Weight", "1", 0.3, 0.1, 0.9, "uniform", "share of requests", reason="toy"
        )
    power.family("lead", ROUTE)
    power.family("weight", ROUTE)
    power.param("asked", "Requests", "GW_it/q", 2.0, 1.0, 3.0, "uniform", "per quarter", reason="toy")

    @power.equation("GW_it/q", axis=ROUTE, opening=lambda asked, weight: asked * weight)
    def requests(asked, weight, queue_total_prev, one_quarter):
        return asked * weight / total(weight) + 0 * queue_total_prev / one_quarter

    power.pipeline(
        "queue",
        inflow="requests",
        lead="lead",
        unit="GW_it",
        flow_unit="GW_it/q",
        stages=STAGES,
        axis=ROUTE,
        meaning="in the queue",
        opening=lambda asked, weight, lead, position, queue_stages: (
            asked * weight * lead / queue_stages * exp(-position / queue_stages)
        ),
    )

    @power.equation("GW_it/q", report=True)
    def connected(queue_due):
        return total(queue_due)

    @power.equation("GW_it")
    def waiting(queue):
        return total(queue)

    @power.equation("GW_it")
    def grid_front(queue__grid__stage_3, queue__grid__stage_3_prev):
        return queue__grid__stage_3 + queue__grid__stage_3_prev

    return Model("axes").include(power)


def queues_by_hand() -> Model:
    """The same, one route after the other, without a second axis or a sum in an expression."""
    power = Block("power", "Power", "Queues.")
    for route, lead in zip(ROUTE.members, ROUTE.column("lead"), strict=True):
        power.param(
            f"lead:{route}", "Lead", "q", lead, lead - 0.5, lead + 1.0, "uniform", "mean time", reason="toy"
        )
        power.param(
            f"weight:{route}", "Weight", "1", 0.3, 0.1, 0.9, "uniform", "share of requests", reason="toy"
        )
    power.family("lead", ROUTE)
    power.family("weight", ROUTE)
    power.param("asked", "Requests", "GW_it/q", 2.0, 1.0, 3.0, "uniform", "per quarter", reason="toy")

    def requested(asked, own, weight__grid, weight__gas, weight__solar):
        return asked * own / (weight__grid + weight__gas + weight__solar)

    def content(asked, own, own_lead, position, stages):
        return asked * own * own_lead / stages * exp(-position / stages)

    for route in ROUTE.members:
        own = {"own": f"weight__{route}"}
        power.equation("GW_it/q", name=f"requests_{route}", reads=own)(requested)
        names = own | {"own_lead": f"lead__{route}"}
        power.initial("q", name=f"lead_{route}", reads={"own_lead": f"lead__{route}"})(
            lambda own_lead: own_lead
        )
        power.pipeline(
            f"queue_{route}",
            inflow=f"requests_{route}",
            lead=f"lead_{route}",
            unit="GW_it",
            flow_unit="GW_it/q",
            stages=STAGES,
            meaning="in the queue",
            opening=content,
            reads=names | {"stages": f"queue_{route}_stages"},
        )
    return Model("by hand").include(power)


@settings(max_examples=4, deadline=None)
@given(st.integers(0, 2**31))
def test_a_route_as_a_row_equals_the_route_written_out(seed: int) -> None:
    ready, out = simulated(queues(), seed=seed)
    other, hand = simulated(queues_by_hand(), seed=seed)
    for route in ROUTE.members:
        for stage in range(1, STAGES + 1):
            a = out[ready.slot(f"queue:{route}:stage {stage}")]
            b = hand[other.slot(f"queue_{route}:stage {stage}")]
            np.testing.assert_allclose(a, b, rtol=1e-13)
        np.testing.assert_allclose(
            out[ready.slot(f"queue_due:{route}")], hand[other.slot(f"queue_{route}_due")]
        )
    np.testing.assert_allclose(
        out[ready.slot("connected")], sum(hand[other.slot(f"queue_{r}_due")] for r in ROUTE.members)
    )
    np.testing.assert_allclose(
        out[ready.slot("waiting"), 1:], sum(hand[other.slot(f"queue_{r}_total"), 1:] for r in ROUTE.members)
    )
    front = out[ready.slot("queue:grid:stage 3")]
    np.testing.assert_allclose(out[ready.slot("grid_front"), 1:], front[1:] + front[:-1])


def test_a_member_is_a_row_of_data_and_a_total_is_called_alone_with_numbers() -> None:
    model = queues()
    assert model.equation("requests")(
        asked=6.0, weight=[1.0, 2.0, 3.0], queue_total_prev=0.0, one_quarter=1.0
    ).tolist() == [6.0 * 1 / 6, 6.0 * 2 / 6, 6.0 * 3 / 6]
    assert model.equation("connected")(queue_due=[1.0, 2.0, 4.0]) == 1.0 + 2.0 + 4.0
    assert model.blocks["power"].connected(queue_due={"grid": 1.0, "gas": 2.0, "solar": 4.0}) == 7.0
    with pytest.raises(UnknownNameError, match="queue_due"):
        model.equation("connected")(queue_do=[1.0])
    with pytest.raises(ModelError, match="also reads weight, queue_total_prev, one_quarter"):
        model.equation("requests")(asked=1.0)
    with pytest.raises(UsageError, match="one value per member"):
        model.equation("connected")(queue_due=1.0)
    with pytest.raises(AttributeError, match="connected"):
        _ = model.blocks["power"].conected


def test_every_equation_of_a_template_has_a_file_a_line_units_and_evidence() -> None:
    model = queues()
    check(model)
    ready = plan(model)
    for name in model.variables:
        answer = explain(ready, name)
        assert "<generated>" not in answer["where"], name
        assert not answer["where"].endswith(":0"), name
    told = explain(ready, "connected")
    assert "total(queue_due)" in told["equation"]
    assert [i["name"] for i in told["inputs"]] == ["queue_due"]
    assert evidence(ready, "connected")["weakest"] == "judgement"
    assert "queue" in explain(ready, "queue_stages")["used_by"]


def one_block(declare: Callable[[Block], object]) -> Model:
    block = Block("only", "Only", "A block.")
    block.param("rate", "Rate", "1/q", 0.1, 0.0, 0.3, "uniform", "growth", reason="toy")
    block.param("start", "Start", "USD_bn/q", 5.0, 1.0, 9.0, "uniform", "first", reason="toy")
    declare(block)
    return Model("one").include(block)


def test_a_lag_of_four_quarters_reads_the_past_before_the_opening() -> None:
    def declare(block: Block) -> None:
        @block.equation(
            "USD_bn/q",
            opening=lambda start: start,
            past=lambda start, rate, ago: start * (1 - rate * ago),
        )
        def spend(spend_prev, rate, one_quarter):
            return spend_prev * (1 + rate * one_quarter)

        @block.equation("USD_bn/q")
        def on_a_year_ago(spend, spend_prev4, spend_prev2):
            return spend - spend_prev4 + 0 * spend_prev2

    model = one_block(declare)
    ready, out = simulated(model, quarters=9)
    spend, rise = out[ready.slot("spend")], out[ready.slot("on_a_year_ago")]
    np.testing.assert_allclose(rise[4:], spend[4:] - spend[:-4], rtol=1e-12)
    registry = model.registry
    rng = np.random.default_rng(0).uniform(size=(2, 9))
    rate, start = 0.3 * rng[list(registry).index("rate")], 1 + 8 * rng[list(registry).index("start")]
    for quarter in (1, 2, 3):
        before = start * (1 - rate * (4 - quarter))
        np.testing.assert_allclose(rise[quarter], spend[quarter] - before, rtol=1e-12)
    assert explain(ready, "on_a_year_ago")["equation"].count("spend_prev4") >= 1


def test_a_lag_without_a_past_is_refused() -> None:
    def declare(block: Block) -> None:
        @block.equation("USD_bn/q", opening="start")
        def spend(spend_prev4):
            return spend_prev4

    with pytest.raises(ModelError, match="spend 4 quarters ago, but spend does not say what it was"):
        plan(one_block(declare))


def test_a_dated_series_holds_from_its_date_and_says_what_follows() -> None:
    def declare(block: Block) -> None:
        values = {"2026Q1": 1.0, "2026Q4": 3.0, "2027Q2": 2.0}
        block.series("held", "1/year", values, "a rate", start="2026Q2", after="hold", reason="toy")
        block.series("ended", "1/year", values, "a rate", start="2026Q2", after="end", reason="toy")

    ready = plan(one_block(declare))
    check(one_block(declare))
    params = np.array([[ready.model.registry[name].default] for name in ready.param_slots])
    out, residual = emit_numpy.simulate(
        ready, params, np.zeros((0, 6, 1)), np.array([ready.slot("held"), ready.slot("ended")])
    )
    assert out[0, :, 0].tolist() == [1.0, 1.0, 3.0, 3.0, 2.0, 2.0, 2.0]  # 2026Q2, Q3, Q4, 2027Q1, Q2, Q3, Q4
    assert out[1, :5, 0].tolist() == [1.0, 1.0, 3.0, 3.0, 2.0]
    assert np.isnan(residual).all()  # a run beyond the last date is reported, not held on in silence
    assert evidence(ready, "held")["counts"]["judgement"] == 3


def test_bad_series_are_refused() -> None:
    with pytest.raises(InputError, match="out of order"):
        one_block(
            lambda b: b.series(
                "x", "1", {"2027Q1": 1.0, "2026Q1": 2.0}, "x", start="2026Q2", after="hold", reason="toy"
            )
        )
    with pytest.raises(InputError, match="2026Q3"):
        one_block(
            lambda b: b.series("x", "1", {"2026-3": 1.0}, "x", start="2026Q2", after="hold", reason="toy")
        )
    with pytest.raises(UsageError, match="after="):
        one_block(lambda b: b.series("x", "1", {"2026Q3": 1.0}, "x", start="2026Q2", after="", reason="toy"))


def test_a_sum_in_an_expression_with_locals_position_and_a_solve() -> None:
    """Stein's contest, for any number of rivals: X with sum of max(0, 1 - X / v) equal to one."""
    firm = Axis.of("firm", [{"name": n} for n in "ABCDE"])

    model = one_block(lambda b: _contest(b, firm))
    check(model)
    ready, out = simulated(model, quarters=2)
    prizes = np.array([out[ready.slot(f"value:{m}"), 1] for m in firm.members])
    effort = out[ready.slot("effort"), 1]
    np.testing.assert_allclose(np.maximum(0, 1 - effort / prizes).sum(axis=0), 1.0, rtol=1e-9)
    np.testing.assert_allclose(out[ready.slot("first_two"), 1], prizes[0] + 2 * prizes[1], rtol=1e-13)
    np.testing.assert_allclose(out[ready.slot("part:C"), 1], prizes[2] / prizes.sum(axis=0), rtol=1e-13)


def _contest(block: Block, firm: Axis) -> None:
    for i, name in enumerate(firm.members):
        block.param(f"prize:{name}", "Prize", "USD_bn", 5.0 + i, 4.0, 12.0, "uniform", "value", reason="toy")
    block.family("prize", firm)

    @block.equation("USD_bn", axis=firm)
    def value(prize):
        return prize

    @block.equation("USD_bn")
    def bound(prize):
        return total(prize)

    @block.solve("USD_bn", between=(zero("USD_bn"), "bound"), iterations=45)
    def effort(effort, prize, bound):
        win = positive(1 - share(effort, prize, 1))
        return where(bound > 0, 1 - total(win), 0)

    @block.equation("USD_bn")
    def first_two(prize, position):
        scaled = prize * (1 + position)
        early = (position < 2) & (position >= 0)
        return total(where(early, scaled, 0))

    @block.equation("1", axis=firm)
    def part(value):
        return value / total(value)


def test_totals_that_mean_nothing_or_two_things_are_refused() -> None:
    def nothing(block: Block) -> None:
        @block.equation("USD_bn/q")
        def x(start):
            return total(start)

    with pytest.raises(ModelError, match="nothing to add up"):
        plan(one_block(nothing))

    def two_things(block: Block) -> None:
        @block.equation("USD_bn/q", axis=(ROUTE, Axis("half", ("first", "second"))))
        def x(start):
            return start

        @block.equation("USD_bn/q", axis=ROUTE)
        def y(x):
            return total(x)

    with pytest.raises(ModelError, match="may mean two sums"):
        plan(one_block(two_things))

    def outside(block: Block) -> None:
        @block.equation("USD_bn/q", axis=ROUTE)
        def x(start):
            return start

        @block.equation("USD_bn/q")
        def y(x):
            return x

    with pytest.raises(ModelError, match=r"total\(x\)"):
        plan(one_block(outside))


def test_nothing_has_a_unit() -> None:
    def wrong(block: Block) -> None:
        @block.equation("USD_bn/q", opening=zero("USD_bn"))
        def x(x_prev):
            return x_prev

    with pytest.raises(ModelError, match="nothing in another unit"):
        one_block(wrong)


def test_a_name_that_no_argument_of_a_template_has_is_refused() -> None:
    def wrong(block: Block) -> None:
        block.equation("USD_bn/q", name="x", reads={"begin": "start"})(lambda start: start)

    with pytest.raises(UnknownNameError, match="start"):
        one_block(wrong)


def test_rows_without_a_name_or_with_the_same_are_refused() -> None:
    with pytest.raises(ModelError, match="twice"):
        Axis.of("lab", [{"name": "A b"}, {"name": "a-b"}])
    with pytest.raises(ModelError, match="row 2 without"):
        Axis.of("lab", [{"name": "A"}, {"label": "B"}])
    with pytest.raises(UnknownNameError, match="lead"):
        ROUTE.column("leed")


def test_counts_places_spans_means_and_half_lives_are_words() -> None:
    def declare(block: Block) -> None:
        block.count("routes", ROUTE, "how many")
        block.place("second", ROUTE, "gas", "from 0")
        block.span("since", "2025Q4", "2026Q2", "half a year")

        @block.equation("1")
        def counted(routes, second):
            return routes + 0 * second

        @block.equation("USD_bn/q", opening="start")
        def spend(spend_prev, since, one_quarter):
            return mean(spend_prev, spend_prev * halved(since / one_quarter))

    model = one_block(declare)
    check(model)
    ready, out = simulated(model, quarters=1)
    start = out[ready.slot("spend"), 0]
    np.testing.assert_allclose(out[ready.slot("spend"), 1], (start + start * 0.5**2) / 2, rtol=1e-15)
    assert (out[ready.slot("counted"), 1] == 3).all()
    assert [model.constants[n].value for n in ("routes", "second", "since")] == [3.0, 1.0, 2.0]
    told = evidence(ready, "spend")
    assert told["equations"] == {"sourced": 0, "identity": 0, "judged": 0, "": 1}
    assert told["constants"] == 2


def test_equations_and_constants_count_in_the_evidence() -> None:
    def declare(block: Block) -> None:
        block.param("known", "Known", "1", 1.0, 1.0, 1.0, "fixed", "x", source="a table", evidence="measured")

        @block.equation("1", source="a paper")
        def read(known):
            return exp(known)

        @block.equation("1", mechanism="judged: somebody must decide")
        def decided(read):
            return exp(read)

        @block.equation("1")
        def added(read, known_too):
            return read + known_too

        block.initial("1", source="a paper", name="known_too", reads={"it": "known"})(lambda it: it)

    ready = plan(one_block(declare))
    assert evidence(ready, "read")["weakest"] == "published"
    assert evidence(ready, "decided")["weakest"] == "judgement"  # of measured inputs, by a judged mechanism
    told = evidence(ready, "added")
    assert (told["weakest"], told["equations"]) == ("published", {"sourced": 2, "identity": 1, "judged": 0})
    assert explain(ready, "added")["standing"] == "identity"
