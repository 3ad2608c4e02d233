"""Prices as they are billed: by the hour, by the length of the prompt, one host's list at a time, quotes of one day."""

from __future__ import annotations

import importlib
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from supercycle.core.errors import InputError, UnknownNameError
from supercycle.core.profile import DemandHour, DemandProfile
from supercycle.decisions.choice.decision import crossover_month, decide
from supercycle.decisions.choice.evaluate import evaluate
from supercycle.decisions.choice.plan import Plan, plan_costs
from supercycle.decisions.choice.record import record
from supercycle.decisions.inputs.hosts import host_lists, host_price
from supercycle.decisions.inputs.quotes import api_price, context_tiers
from supercycle.decisions.inputs.weights import weights
from supercycle.decisions.inputs.workload import load_of
from supercycle.decisions.money.commitments import forward_price
from supercycle.decisions.money.statements import statements

sys.path.append(str(Path(__file__).resolve().parents[1]))
cases = importlib.import_module("decide_cases")


def week(provider: str, model: str, hours: list[int], prompt: int = 1000) -> DemandProfile:
    """A week with 100 requests in some hours of each day, answers of 100 tokens."""
    monday = datetime(2026, 11, 9, tzinfo=UTC)
    rows = []
    for hour in range(168):
        requests = 100 if hour % 24 in hours else 0
        rows.append(
            DemandHour(
                monday + timedelta(hours=hour), provider, model,
                requests * prompt, 0, 0, requests * 100, 0, requests, 0.0,
            )
        )  # fmt: skip
    return DemandProfile(tuple(rows))


def test_hours_with_their_own_price_are_billed_at_it() -> None:
    """DeepSeek V4 Pro: twice the price 01-04 and 06-10 UTC on working days. A week at 08 UTC: five days of seven."""
    case = cases.case(model__quality_gap=0.0)
    day, night = (load_of(week("deepseek", "deepseek-v4-pro", [h]), case).api_usd.sum() for h in (8, 12))
    assert float(day) == pytest.approx(float(night) * (5 * 2 + 2 * 1) / 7)
    assert api_price("deepseek", "deepseek-v4-pro", cases.TODAY, 8, 2).input == pytest.approx(2 * 0.66)
    assert api_price("deepseek", "deepseek-v4-pro", cases.TODAY, 8, 6).input == pytest.approx(0.66)


def test_prompts_above_a_context_tier_are_repriced_whole_and_near_ones_are_told() -> None:
    (start, *_) = context_tiers("google", "gemini-2.5-pro", cases.TODAY)
    assert start == 200_000
    case = cases.case()
    short, long = (
        load_of(week("google", "gemini-2.5-pro", [9], n), case) for n in (start // 2, start + 1000)
    )
    per_token = [
        float(one.api_usd.sum() / (one.uncached.sum() + 100 * one.requests)) for one in (short, long)
    ]
    assert per_token[1] > 1.8 * per_token[0]
    assert any("some requests may be above" in note for note in short.notes)
    assert any("billed at that tier" in note for note in long.notes)


def test_a_host_s_list_is_one_host_s_and_of_these_weights() -> None:
    """The findings' case: DeepSeek-R1 was a median over distillations and other versions."""
    lists = host_lists(weights("deepseek-r1"))
    assert len(lists) > 3
    assert {one.model for one in lists} == {"deepseek-r1"}
    price, note = host_price(weights("deepseek-r1"), "", 1e6, 0.0, 1e6)
    assert price is not None
    by_hand = min(one.input + one.output for one in lists)
    assert price.input + price.output == pytest.approx(by_hand)
    assert price.provider in note
    assert "hosts' lists the middle one costs" in note
    named, _ = host_price(weights("deepseek-r1"), lists[-1].host, 1e6, 0.0, 1e6)
    assert named is not None
    assert named.provider == lists[-1].host
    with pytest.raises(UnknownNameError):
        host_price(weights("deepseek-r1"), "nobody", 1e6, 0.0, 1e6)
    other, _ = host_price(weights("deepseek-v3.1"), "", 1e6, 0.0, 1e6)
    assert other is not None
    assert other.model == "deepseek-v3.1"  # an alias of shape is not an alias of price


@given(st.floats(0.5, 10), st.floats(0.4, 1.0), st.floats(0, 0.3))
def test_forward_prices_put_back_give_the_three_year_quote(one: float, ratio: float, rate: float) -> None:
    three = one * ratio
    month = (1 + rate) ** (-1 / 12)
    first, all_ = (sum(month**n for n in range(1, count + 1)) for count in (12, 36))
    if three * all_ < one * first:
        with pytest.raises(InputError, match="contradict"):
            forward_price(one, three, rate)
        return
    ahead = forward_price(one, three, rate)
    assert one * first + ahead * (all_ - first) == pytest.approx(three * all_)
    assert forward_price(one, one, rate) == pytest.approx(one)


def test_reservations_are_asked_for_and_quotes_of_two_kinds_refused() -> None:
    given_ = {k: v for k, v in cases.STATED.items() if not k.startswith("rental.reserved")}
    none = evaluate(cases.placed(cases.build(given_, today=cases.TODAY), paths=10))
    assert not {"reserved_1y", "reserved_3y"} & set(none.options)
    usd = {**given_, "rental.reserved_1y_usd_per_gpu_hour": (4.0, "quote of 3 November")}
    some = evaluate(cases.placed(cases.build(usd, today=cases.TODAY), paths=10))
    assert "reserved_1y" in some.options
    assert "reserved_3y" not in some.options
    both = cases.case(rental__reserved_1y_usd_per_gpu_hour=4.0)
    with pytest.raises(InputError, match="a ratio or a price"):
        both.reserved_ratio(1)
    dear = cases.build({**given_, "rental.reserved_3y_usd_per_gpu_hour": (99.0, "t")}, today=cases.TODAY)
    with pytest.raises(InputError, match="at most the price on demand"):
        dear.reserved_ratio(3)


def test_an_api_that_falls_at_a_constant_rate_crosses_at_the_month_of_the_logs() -> None:
    """At -0.73 a year in logs and no floor, a price of 4 is that of a constant 1 after ln 4 / 0.73 x 12 months."""
    import math

    case = cases.certain(
        api__deflator="constant_quality", api__floor_usd_per_mtok=0.0, workload__growth_per_year=0.0
    )
    for more, rate in (
        ({}, 0.73),
        ({"api__fall_per_year": 0.5}, math.log(2)),
    ):  # a deflator, and a typed fall
        typed = cases.certain(
            api__deflator="constant_quality",
            api__floor_usd_per_mtok=0.0,
            workload__growth_per_year=0.0,
            **more,
        )
        bill = plan_costs(cases.placed(typed, paths=1), Plan("api")).monthly[:, 0]
        month = next(n for n, usd in enumerate(bill) if usd < bill[0] / 4 * (1 - 1e-9))
        assert month in (math.ceil(math.log(4) / rate * 12), math.ceil(math.log(4) / rate * 12) + 1)
    evaluated = evaluate(cases.placed(case, paths=1))
    month = crossover_month(evaluated)
    api, best = (evaluated.options[n].monthly[:, 0] for n in ("api", evaluated.best.name))
    assert month is None or (
        api[month - 1] < best[month - 1] and (api[: month - 1] >= best[: month - 1]).all()
    )


def test_a_typed_alias_keeps_its_own_name() -> None:
    assert weights("llama-3.3-70b-instruct").name == "llama-3.3-70b"
    assert weights("deepseek-v3.1").measured_as == "deepseek-r1"
    assert cases.case(model__open_weights="deepseek-v3.1").word("model.open_weights") == "deepseek-v3.1"


def test_spot_is_an_option_only_with_a_quote_and_its_hour_counts_what_it_lacks() -> None:
    """8 of 10 hours at half the price, an interruption a day of half an hour: .8 x .5 x (1 + .5/24) + .2."""
    none = evaluate(cases.placed(cases.case(), paths=5))
    assert "spot" not in none.options
    rent = cases.case().number("rental.on_demand_usd_per_gpu_hour")
    case = cases.certain(rental__spot_usd_per_gpu_hour=rent / 2, rental__spot_available_share=0.8)
    place = cases.placed(case, paths=1)
    spot, plain = (plan_costs(place, Plan(top)).parts for top in ("spot", "on_demand"))
    ratio = 0.8 * 0.5 * (1 + 0.5 / 24) + 0.2
    assert spot["rent spot"].sum() == pytest.approx(ratio * plain["rent on demand"].sum())


def test_a_profile_of_two_models_is_billed_model_by_model() -> None:
    one = week("openai", "gpt-5-mini", [9])
    two = DemandProfile((*one.hours, *(replace(row, model="gpt-5") for row in one.hours)))
    case = cases.case()
    apart = sum(
        float(load_of(DemandProfile(tuple(r for r in two.hours if r.model == name)), case).api_usd.sum())
        for name in ("gpt-5-mini", "gpt-5")
    )
    assert float(load_of(two, case).api_usd.sum()) == pytest.approx(apart)


def test_slow_processing_is_billed_at_its_discount_and_not_on_what_goes_by_batch() -> None:
    plain, slow = (
        cases.placed(cases.case(**given), paths=1).load for given in ({}, {"api__flex_share": 0.4})
    )
    assert slow.api_usd_per_month == pytest.approx(plain.api_usd_per_month * (1 - 0.4 * 0.5))
    assert slow.mtok_per_month == plain.mtok_per_month
    with pytest.raises(InputError, match="not by both"):
        cases.placed(cases.case(api__flex_share=0.6, workload__deferrable_share=0.5), paths=1)


def test_a_plan_by_the_seat_costs_its_seats_and_what_its_limits_do_not_hold() -> None:
    given = {"seats__users": 60.0, "seats__usd_per_month": 25.0, "seats__covered_share": 0.8}
    found = evaluate(cases.placed(cases.certain(**given), paths=1))
    seats, api = (found.options[name] for name in ("seats", "api"))
    months = np.ceil(60 * found.place.frame.paths.demand[:12, 0])
    assert months[0] == 60
    assert seats.parts["seats"][0, 0] == pytest.approx(25 * months.sum())
    assert seats.parts["api"] == pytest.approx(0.2 * api.parts["api"])
    assert not found.of("seats").barred
    statements(found.place.frame, seats)  # raises when they do not balance
    free = evaluate(cases.placed(cases.certain(**{**given, "seats__covered_share": 0.0}), paths=1))
    assert free.of("seats").mean > free.of("api").mean
    with pytest.raises(InputError, match="users, usd_per_month and covered_share together"):
        evaluate(cases.placed(cases.certain(seats__users=60.0), paths=1))


def test_a_cheap_seat_is_the_answer_in_a_sentence() -> None:
    given = {"seats__users": 60.0, "seats__usd_per_month": 1.0, "seats__covered_share": 0.99}
    answer = decide(cases.case(**given), cases.profile(), {"calm": cases.STILL}, paths=3, changes=False)
    assert "Buy 60 seats of the plan, and pay the other 1 % of the load at the API in use" in answer.headline
    assert record(answer)["plan"]["seats"] == 60
