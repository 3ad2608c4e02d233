"""The mistakes that published comparisons make, one test each: the answer here does not make them."""

from __future__ import annotations

import importlib
import math
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from supercycle.core.errors import InputError
from supercycle.core.profile import DemandProfile
from supercycle.decisions.capacity.throughput import throughput
from supercycle.decisions.choice import waiting as waiting_module
from supercycle.decisions.choice.evaluate import evaluate
from supercycle.decisions.choice.setting import placed as placed_ready
from supercycle.decisions.choice.setting import prepare
from supercycle.decisions.inputs.hardware import gpu
from supercycle.decisions.inputs.promise import Sla
from supercycle.decisions.inputs.quotes import api_price, rental_on_demand
from supercycle.decisions.inputs.weights import weights
from supercycle.decisions.inputs.workload import load_of
from supercycle.decisions.money.prices import DRIFT, Background, deflator_log
from supercycle.decisions.money.statements import statements
from supercycle.figures.load import figures

sys.path.append(str(Path(__file__).resolve().parents[1]))
cases = importlib.import_module("decide_cases")


def scaled(profile: DemandProfile, **factors: float) -> DemandProfile:
    """The profile with counts multiplied."""
    rows = []
    for row in profile.hours:
        if row.missing:
            rows.append(row)
            continue
        rows.append(
            replace(row, **{name: round(factor * getattr(row, name)) for name, factor in factors.items()})
        )
    return DemandProfile(tuple(rows), source="test")


def test_input_tokens_count_on_both_sides() -> None:
    """Trap: comparisons that omit input tokens."""
    case = cases.case()
    base = prepare(case, cases.profile())
    more = prepare(case, scaled(cases.profile(), input_tokens=3.0, cached_tokens=3.0))
    assert more.load.api_usd_per_month > 1.2 * base.load.api_usd_per_month
    assert more.busy[0] > 1.5 * base.busy[0]
    rate = base.rate
    parts = rate.isl * rate.gpu_s_per_input_token + rate.osl * rate.gpu_s_per_output_token
    assert parts == pytest.approx(rate.request_gpu_s, rel=1e-12)


def test_cached_input_has_its_own_rate_and_reasoning_is_not_charged_twice() -> None:
    """Trap: cached, batch and reasoning rates. 1,560 plain, 840 cached and 420 output tokens at 0.25, 0.025 and
    2.00.
    """
    case = cases.case()
    load = load_of(cases.profile(), case)
    price = api_price("openai", "gpt-5-mini", cases.TODAY)
    assert (price.input, price.cached, price.output) == (0.25, 0.025, 2.0)
    by_hand = (1560 * 0.25 + 840 * 0.025 + 420 * 2.0) / 1e6 * load.requests
    assert float(load.api_usd.sum()) == pytest.approx(by_hand, rel=1e-4)
    thinking = DemandProfile(
        tuple(
            row if row.missing else replace(row, reasoning_tokens=row.output_tokens // 2)
            for row in cases.profile().hours
        )
    )
    assert load_of(thinking, case).api_usd.sum() == load.api_usd.sum()


def test_batch_rates_apply_to_the_deferrable_share_and_flatten_the_servers_load() -> None:
    none, all_ = (
        prepare(cases.case(workload__deferrable_share=share), cases.profile()) for share in (0.0, 1.0)
    )
    assert all_.load.api_usd_per_month == pytest.approx(0.5 * none.load.api_usd_per_month)
    assert all_.shapes[0].load == pytest.approx(np.ones(len(all_.shapes[0].load)))
    assert none.shapes[0].peak > 2


@pytest.mark.parametrize("deflator", ["constant_quality", "cheapest", "same_model"])
def test_deflation_is_applied_to_both_sides(deflator: str) -> None:
    """Trap: deflation on one side only. With a full share and still compute prices, API price and own need fall
    alike.
    """
    case = cases.certain(
        api__deflator=deflator,
        prices__own_gain_share=1.0,
        api__floor_usd_per_mtok=0.0,
        workload__growth_per_year=0.0,
    )
    place = cases.placed(case, paths=1, background=Background.still(25))
    assert place.frame.paths.api[-1, 0] == pytest.approx(math.exp(DRIFT[deflator] * 59 / 12), rel=1e-9)
    assert place.frame.paths.api[:, 0] == pytest.approx(
        np.exp(-place.frame.paths.own_gain_log[:, 0]), rel=1e-9
    )
    half = cases.placed(
        case.with_value("prices.own_gain_share", 0.5), paths=1, background=Background.still(25)
    )
    assert half.frame.paths.own_gain_log[-1, 0] == pytest.approx(place.frame.paths.own_gain_log[-1, 0] / 2)


def test_an_efficiency_jump_of_the_world_reaches_both_sides() -> None:
    jump = np.where(np.arange(25)[:, None] >= 4, 1.0, 0.0)
    world = Background("jump", 0 * jump, -jump, jump, 0.0)
    case = cases.certain(
        api__deflator="constant_quality", prices__own_gain_share=1.0, api__floor_usd_per_mtok=0.0
    )
    hit, still = (cases.placed(case, paths=1, background=b) for b in (world, Background.still(25)))
    assert math.log(hit.frame.paths.api[-1, 0] / still.frame.paths.api[-1, 0]) == pytest.approx(-1.0)
    assert hit.frame.paths.own_gain_log[-1, 0] - still.frame.paths.own_gain_log[-1, 0] == pytest.approx(1.0)


def test_benchmark_throughput_is_not_demand() -> None:
    """Trap: benchmark throughput against real demand. Three utilisations are three inputs, each moving the need
    alone.
    """
    case = cases.case()
    base = prepare(case, cases.profile())
    achieved = prepare(case.with_value("performance.achieved_share", 0.35), cases.profile())
    assert achieved.busy[0] == pytest.approx(2 * base.busy[0])
    ideal = (
        base.load.output.mean() / 3600 / base.rate.output_tok_s_gpu
    )  # a benchmark's division: GPUs that never wait
    machine = cases.placed(case, paths=1).machines[0]
    peak = machine.gpus_per_lump * float(machine.lumps(np.array([machine.mean_busy * machine.shape.peak]))[0])
    assert peak > 3 * ideal
    # GPUs out of service do not lower the need: the hours they are away are bought elsewhere.
    place, half = (
        cases.placed(cases.certain(performance__allocated_share=share), paths=1) for share in (1.0, 0.5)
    )
    whole, part = (evaluate(p, ("own_colo",)).options["own_colo"] for p in (place, half))
    assert part.gpus.tolist() == whole.gpus.tolist()
    assert part.npv[0] > whole.npv[0]
    own = case.with_value("performance.output_tok_s_gpu", base.rate.output_tok_s_gpu)
    with pytest.raises(InputError, match="needs its machine"):
        prepare(own, cases.profile())
    own = own.with_value("performance.measured_gpus", 2.0).with_value(
        "performance.measured_concurrency", 64.0
    )
    measured = prepare(own, cases.profile())
    assert (measured.rate.method, measured.rate.gpus_per_replica) == ("measured", 2)
    # what was measured is not marked down again; the split of the time between prompts and answers is the roofline's
    assert measured.busy[0] == pytest.approx(0.7 * base.busy[-1], rel=0.1)


def test_servers_come_whole() -> None:
    """Trap: node lumpiness."""
    found = evaluate(cases.placed(cases.case(), paths=50))
    for name in ("own_colo", "own_site", "reserved_1y", "reserved_3y"):
        assert np.all(found.options[name].gpus % 8 == 0), name
    assert found.options["mix"].choice["owned GPUs"] % 8 == 0
    for spare, servers in (("overflow", 1), ("servers", 2)):
        case = cases.case(sla__spare=spare)
        ready = prepare(case, cases.profile(), load_factor=0.001)
        tiny = placed_ready(case, ready, cases.STILL, paths=8, seed=1)
        own = evaluate(tiny, ("api", "own_colo")).options["own_colo"]
        assert own.gpus[0].tolist() == [8.0 * servers] * 8  # a spare only where the promise rests on servers


def test_all_options_are_discounted_at_one_rate() -> None:
    """Trap: mixed discount rates. An untaxed, constant API bill has the annuity's value; the debt rate moves no
    option.
    """
    case = cases.certain(workload__growth_per_year=0.0, finance__tax_rate=0.0, api__floor_usd_per_mtok=100.0)
    place = cases.placed(case, paths=1)
    bill = place.load.api_usd_per_month
    factors = [1.1 ** (-(m + 1) / 12) for m in range(60)]
    assert evaluate(place, ("api",)).options["api"].npv[0] == pytest.approx(bill * sum(factors), rel=1e-9)
    other = evaluate(cases.placed(case.with_value("finance.debt_rate_per_year", 0.2), paths=1))
    for name, option in evaluate(place).options.items():
        assert other.options[name].npv == pytest.approx(option.npv), name


def test_the_book_life_does_not_move_cash_and_the_tax_rule_does() -> None:
    """Trap: book life used for tax."""
    place = cases.placed(cases.template_case())
    long = cases.placed(cases.template_case().with_value("hardware.book_life_years", 10.0))
    macrs = cases.placed(cases.template_case().with_value("finance.depreciation", "macrs"))
    own, same, slower = (evaluate(p, ("own_colo",)).options["own_colo"] for p in (place, long, macrs))
    assert same.npv == pytest.approx(own.npv)
    assert statements(place.frame, own).profit["depreciation"][0] == pytest.approx(
        2 * statements(long.frame, same).profit["depreciation"][0], rel=1e-6
    )
    assert slower.npv.mean() > own.npv.mean()  # deductions later


def test_280_times_took_23_months() -> None:
    """Trap: 280x read as 18 months. 20.00 (Nov 2022) to 0.07 (Oct 2024) is 285.7x in 23 months, 19x a year."""
    rows = {r.period.printed: r for r in figures() if r.series == "api_price_decline" and r.value is not None}
    start, end = rows["2022-11"], rows["2024-10"]
    months = 12 * (2024 - 2022) + (10 - 11)
    assert months == 23
    yearly = (start.value / end.value) ** (12 / months)
    assert yearly == pytest.approx(19.1, abs=0.1)
    assert (start.value / end.value) ** (12 / 18) > 43  # what the mistake would say
    published = {r.entity: r.value for r in figures() if r.series == "api_price_log_change"}
    assert DRIFT["same_model"] == published["matched-model index"]
    assert DRIFT["constant_quality"] == published["quality-adjusted index"]
    assert float(deflator_log("constant_quality", 2.0)) == pytest.approx(-1.46)


def test_list_prices_of_large_clouds_are_not_the_market() -> None:
    """Trap: the list price of a p5 instance as market."""
    quote = rental_on_demand("H100")
    lists = [
        r.value
        for r in figures()
        if r.series == "rental_on_demand" and "p5" in r.entity and "H100" in r.entity
    ]
    assert min(lists) > 6
    assert quote.value < 5
    assert quote.high < min(lists)
    assert quote.day is not None
    assert quote.day.year == 2026  # and not the 8 USD of the launch


def test_act_or_wait_fits_and_values_on_different_paths(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trap: least-squares Monte Carlo fitted and valued on the same paths."""
    seen: dict[str, list[np.ndarray]] = {"fit": [], "value": []}
    fit, value = waiting_module.fit_rule, waiting_module._best_rule
    monkeypatch.setattr(waiting_module, "fit_rule", lambda s, p: seen["fit"].append(p) or fit(s, p))
    monkeypatch.setattr(
        waiting_module, "_best_rule", lambda g, m, d: seen["value"].append(g) or value(g, m, d)
    )
    found = waiting_module.waiting(cases.evaluated())
    fitted, valued = seen["fit"][0], seen["value"][0]
    assert fitted.shape[-1] + valued.shape[-1] == 400
    assert not set(fitted[-1].tolist()) & set(valued[-1].tolist())
    assert found.act_now.value <= found.rule.value <= found.upper.value


def test_the_latency_target_moves_cost_several_times() -> None:
    """Published cost per token on one GPU varies eightfold with the latency target: the SLA has no default."""
    part, model = gpu("B200"), weights("gpt-oss-120b")
    rates = [
        throughput(model, part, Sla(speed, 5.0), isl=1024, osl=1024, precision="fp4").output_tok_s_gpu
        for speed in (20, 60, 260)
    ]
    assert rates[0] > rates[1] > rates[2]
    assert rates[0] > 3 * rates[2]
