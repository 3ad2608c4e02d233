"""The identities of the answer on random cases, and the mix against brute force in a second reading."""

from __future__ import annotations

import importlib
import os
import random
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from supercycle.core.profile import DemandHour, DemandProfile
from supercycle.decisions.choice.evaluate import evaluate
from supercycle.decisions.choice.plan import Plan, plan_costs
from supercycle.decisions.choice.search import space
from supercycle.decisions.choice.setting import Setting, placed, prepare
from supercycle.decisions.choice.waiting import waiting
from supercycle.decisions.inputs.case import Case, build
from supercycle.decisions.money.prices import Background
from supercycle.decisions.money.statements import statements

sys.path.append(str(Path(__file__).resolve().parents[1]))
cases = importlib.import_module("decide_cases")
slow = importlib.import_module("decide_slow")
wait = importlib.import_module("decide_wait")

CENT = 0.01
THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "soak"
# All of them in `make soak`, whose results bench/RESULTS-decide.md records; a part of them in every suite.
BRUTE, READ, EACH = (
    (200, 50, 200) if THOROUGH else (36, 12, 4)
)  # EACH of ten blocks: 2,000 cases of identities
MONDAY = datetime(2026, 11, 2, tzinfo=UTC)


def profile(rng: random.Random, hours: int, mean: float) -> DemandProfile:
    """Hours of traffic with quiet ones and spikes, ``mean`` requests an hour."""
    weights = [rng.choice([0.0, 0.2, 1.0, 1.0, 2.0, 5.0]) * rng.uniform(0.5, 1.5) for _ in range(hours)]
    weights[0], weights[-1] = 1.0, 0.4
    scale = mean * hours / sum(weights)
    into, out, cached = rng.choice([400, 2000, 6000]), rng.choice([100, 400, 1000]), rng.choice([0.0, 0.4])
    rows = []
    for hour, weight in enumerate(weights):
        requests = round(scale * weight)
        prompt = requests * into
        held = round(prompt * cached)
        rows.append(
            DemandHour(
                MONDAY + timedelta(hours=hour), "openai", "gpt-5-mini", prompt - held, held, 0, requests * out, 0,
                requests, 0.0,
            )
        )  # fmt: skip
    return DemandProfile(tuple(rows), source="random")


def inputs(rng: random.Random, *, months: int, quotes: str) -> Case:
    """Random inputs around what decides between the ways."""
    given: dict[str, float | str] = {
        "sla.tokens_per_s_user": rng.choice([20.0, 30.0, 60.0]),
        "sla.ttft_p95_s": rng.choice([2.0, 5.0, 10.0]),
        "model.accepted_quality_gap": 60.0,
        "model.quality_gap": 10.0,
        "model.precision": "fp4",
        "hardware.gpu": "B200",
        "model.rework_share": rng.choice([0.0, 0.05, 0.2]),
        "rental.on_demand_usd_per_gpu_hour": rng.uniform(2.0, 14.0),
        "hardware.capital_usd_per_gpu": rng.uniform(15_000.0, 80_000.0),
        "people.usd_per_engineer_year": rng.choice([0.0, 0.0, 20_000.0, 200_000.0]),
        "api.input_usd_per_mtok": rng.uniform(0.01, 0.5),
        "api.output_usd_per_mtok": rng.uniform(0.05, 2.5),
        "api.host": rng.choice(
            ["none", "none", "none", "together"]
        ),  # a host's list is often below everything
        "workload.growth_per_year": rng.choice([0.0, 0.42, 1.5]),
        "workload.growth_sd": rng.choice([0.0, 0.25, 0.5]),
        "finance.tax_rate": rng.choice([0.0, 0.25]),
    }
    if "blocks" in quotes:
        price = float(given["rental.on_demand_usd_per_gpu_hour"])
        given |= {"rental.block_usd_per_gpu_hour": price * rng.uniform(0.4, 1.0)}
        given |= {"rental.block_days": rng.choice([1.0, 1.0, 2.0])}
    if "savings" in quotes:
        one = rng.uniform(0.5, 0.95)
        given |= {"rental.savings_1y_ratio": one, "rental.savings_3y_ratio": one * rng.uniform(0.6, 1.0)}
    if "reserved" in quotes:
        one = rng.uniform(0.5, 0.9)
        given |= {"rental.reserved_1y_ratio": one, "rental.reserved_3y_ratio": one * rng.uniform(0.6, 1.0)}
    return build({k: (v, "random") for k, v in given.items()}, horizon_months=months, today=cases.TODAY)


def world(months: int) -> Background:
    return Background.still(months // 3 + 2, -0.13)


# What somebody has quoted in a case, by its number: committed capacity of every kind, some together.
QUOTES = ("", "reserved", "blocks savings", "reserved", "blocks", "savings")


def quotes_of(seed: int) -> str:
    return QUOTES[seed % len(QUOTES)]


def place(
    seed: int, *, months: int = 24, hours: int = 24, paths: int = 2, quotes: str = "reserved"
) -> Setting:
    rng = random.Random(seed)
    case = inputs(rng, months=months, quotes=quotes)
    load = profile(rng, hours, rng.choice([3e4, 1e5, 1e5, 2e5]))
    return placed(case, prepare(case, load), world(months), paths=paths, seed=seed)


def quoted(quotes: str) -> tuple[bool, bool, bool, tuple[int, ...]]:
    reserved = "reserved" in quotes
    return reserved, reserved, "blocks" in quotes, (1, 3) if "savings" in quotes else ()


def test_the_mix_is_the_least_of_all_plans_counted_again_by_brute_force() -> None:
    """200 small cases (36 in every suite): every plan of the set, hour by hour in plain Python; to the cent. In at
    least a quarter of them the mixture is strictly cheaper than every single way.
    """
    strictly = tried = seed = 0
    while tried < BRUTE:
        seed += 1
        quotes = quotes_of(seed)
        here = place(seed, quotes=quotes, hours=48 if "blocks" in quotes else 24)
        reading = slow.Slow(here)
        peaks = [m.lumps(np.array([m.mean_busy * m.shape.peak * here.growth[0]])) for m in here.machines]
        if max(float(n[0]) for n in peaks) > 4:
            continue  # a larger fleet's heights are refined beyond the set
        hosted = here.ready.open_price is not None
        tops = ["api", *(["api_open"] if hosted else []), "on_demand"]
        try:
            costs = {
                tuple(sorted(plan.items())): reading.cost(SimpleNamespace(**plan))
                for plan in slow.plans(tops, len(here.machines), quoted=quoted(quotes))
            }
        except ValueError:
            continue  # more than the reading's 32 replicas
        tried += 1
        found = evaluate(here)
        least = min(found.ranking, key=lambda one: one.score)
        assert least.mean == pytest.approx(min(costs.values()), abs=CENT), seed
        singles = [m.mean for m in found.ranking if m.name != "mix"]
        strictly += least.name == "mix" and least.mean < min(singles) - CENT
    assert strictly >= BRUTE / 4


def without(case: Case, quote: str) -> Case:
    """The same case with nobody's quote for a kind of commitment."""
    kinds = {"blocks": "rental.block_usd", "savings": "rental.savings_", "reserved": "rental.reserved_"}
    given: dict[str, tuple[float | str, str]] = {
        path: (line.value, line.source)
        for path, line in case.ledger.items()
        if line.given and line.value is not None and not path.startswith(kinds[quote])
    }
    return build(given, horizon_months=case.horizon_months, today=case.today)


def test_after_tax_cost_and_hourly_sizing_in_a_second_reading() -> None:
    """50 cases (12 in every suite), three years, every way and eight stacks drawn from the set: cost to the cent,
    servers to the GPU.
    """
    tried = seed = 0
    while tried < READ:
        seed += 1
        quotes = "reserved blocks savings" if seed % 2 else "reserved"
        here = place(10_000 + seed, months=36, hours=60 if seed % 2 else 30, paths=2, quotes=quotes)
        reading = slow.Slow(here)
        found = evaluate(here)
        try:
            drawn = random.Random(seed).sample(space(here), 8)
            for name, plan in [*found.plans.items(), *((p.way, p) for p in drawn)]:
                option = plan_costs(here, plan, name)
                for path in range(2):
                    assert option.npv[path] == pytest.approx(reading.cost_on(plan, path), abs=CENT), (
                        seed,
                        name,
                    )
                    held = reading.servers(plan, path)
                    gpus = [8.0 * (owned + long + short) for owned, _, long, short in held]
                    assert option.gpus[:, path].tolist() == gpus, (seed, name)
        except ValueError:
            continue
        tried += 1


def cheapest(here: Setting) -> float:
    return min(one.score for one in evaluate(here).ranking)


@pytest.mark.parametrize("block", range(10))
def test_the_identities_on_random_cases(block: int) -> None:
    for seed in range(block * 200, block * 200 + EACH):
        _identities(20_000 + seed)


def _identities(seed: int) -> None:
    rng = random.Random(seed)
    case = inputs(rng, months=12, quotes=quotes_of(seed))
    load = profile(rng, 24, rng.choice([30.0, 3e3, 3e4, 3e5]))
    ready = prepare(case, load)
    here = placed(case, ready, world(12), paths=6, seed=seed)
    found = evaluate(here)
    least = cheapest(here)
    by_way = {name: float(option.npv.mean()) for name, option in found.options.items()}
    # The mix is never dearer than a way, and a plan of one tier is that tier to the cent.
    assert all(least <= cost + CENT for cost in by_way.values()), seed
    for top in ("api", "api_open", "on_demand"):
        if top in by_way:
            same = float(plan_costs(here, Plan(top, machine=found.plans[top].machine)).npv.mean())
            assert same == pytest.approx(by_way[top], abs=CENT), seed
    _hours_sum_to_the_load(here)
    for name, option in found.options.items():
        statements(here.frame, option)  # raises when they do not balance
        assert np.isfinite(option.npv).all(), (seed, name)
    # More load, a tighter promise and one option less never cost less.
    slack = CENT
    more = placed(case, prepare(case, load, load_factor=1.5), world(12), paths=6, seed=seed)
    assert cheapest(more) >= least - slack, seed
    for path, factor in (("sla.tokens_per_s_user", 1.3), ("sla.ttft_p95_s", 0.8)):
        tight = case.with_value(path, case.number(path) * factor)
        other = placed(tight, prepare(tight, load), world(12), paths=6, seed=seed)
        assert cheapest(other) >= least - slack, (seed, path)
    for quote in ("blocks", "savings", "reserved"):
        if quote in quotes_of(seed):
            other = without(case, quote)
            assert cheapest(placed(other, ready, world(12), paths=6, seed=seed)) >= least - CENT, (
                seed,
                quote,
            )
    fewer = [plan for plan in space(here) if plan.top != "on_demand"]
    assert min(float(plan_costs(here, plan).npv.mean()) for plan in fewer) >= least - CENT, seed


def _hours_sum_to_the_load(here: Setting) -> None:
    """What capacity serves and what goes to the top are the load, at every level and rung."""
    for machine in here.machines:
        tables = machine.tables
        assert tables.work_over[:, 0] == pytest.approx(1.0, abs=1e-9)
        assert tables.api_over[:, 0] == pytest.approx(1.0, abs=1e-9)
        steps = np.diff(tables.work_over, axis=1)
        assert (steps <= 1e-12).all()  # more capacity, less above it
        row = -tables.first
        loads = machine.shape.load * machine.mean_busy
        for rung, carries in enumerate(tables.ladder.carries[:6]):
            served = np.minimum(loads, carries).sum()
            over = float(tables.work_over[row, rung]) * loads.sum()
            assert served + over == pytest.approx(loads.sum(), rel=1e-9)


@pytest.mark.parametrize("block", range(10))
def test_act_or_wait_in_a_second_reading_and_as_a_bound(block: int) -> None:
    """50 cases in `make soak`, 20 in every suite: the rule within 1 % of the cheapest cost of a reading by cells on the
    same paths; never below acting now, never below nothing, and the bound above it.
    """
    for seed in range(5 * block, 5 * block + (5 if THOROUGH else 2)):
        rng = random.Random(seed)
        case = inputs(rng, months=36, quotes="")
        load = profile(rng, 24, rng.choice([3e4, 3e5]))
        found = evaluate(placed(case, prepare(case, load), world(36), paths=1200, seed=seed))
        answer: Any = waiting(found)
        assert answer.rule.value >= answer.act_now.value
        assert answer.rule.value >= 0.0
        assert answer.upper.value >= answer.rule.value
        if answer.verdict == "act now":
            assert answer.rule == answer.act_now
        assert answer.boundary[0].acting_share in (0.0, 1.0)  # today is one state
        again, now, error = wait.value(found.place, answer.flexible, answer.buying)
        cost = min(one.mean for one in found.ranking)
        # The reading has no control variates: its own sampling error comes on top of the one per cent.
        assert answer.act_now.value == pytest.approx(now, abs=0.01 * cost + 3 * error), seed
        assert answer.rule.value == pytest.approx(again, abs=0.01 * cost + 3 * error), seed
