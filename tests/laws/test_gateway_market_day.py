"""A day of a moving market: what the router pays, beside the cheapest host that was well at each moment.

Prices move through the price book, failures and refusals through the router's own evidence; the value of waiting is 0,
so nothing but price and failures counts. Failed attempts that a provider may bill are not part of this market: its
errors are refusals, as the gateway books them.
"""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime
from typing import Any

import market_day
import pytest

from supercycle.gateway.prices.pricebook import PriceBook, with_entries
from supercycle.gateway.routes.providers import ModelEntry, Target, provider_of
from supercycle.gateway.routes.route import Policy, Router
from supercycle.gateway.speech.dialects import read_call
from supercycle.gateway.speech.usage import Usage

AT = datetime(2026, 11, 1, tzinfo=UTC)
CALLS = 8_000


def play(seed: int) -> tuple[float, float, dict[str, int]]:
    """USD paid, USD at the cheapest healthy host, and calls by host, over a day."""
    market, rng = market_day.Market(seed), random.Random(seed + 1)
    hosts = {host.name: host for host in market.hosts}
    targets = tuple(
        Target(provider_of(name, "vllm", base_url="http://x/v1", prices=name, warm_s=0.0), "m")
        for name in hosts
    )
    clock = [0.0]
    router = Router(PriceBook(), Policy(value_of_second_usd=0.0), lambda: clock[0])
    router._random.seed(seed)
    entry = ModelEntry("m", targets)
    prices: dict[str, Any] = {}
    paid = cheapest = 0.0
    served: dict[str, int] = {}
    for n in range(CALLS):
        clock[0] = n * market_day.DAY_S / CALLS
        now = {name: host.price(clock[0]) for name, host in hosts.items()}
        if now != prices:  # a poll of the hosts' prices
            prices = now
            rows = [
                (name, "m", {"input": f"{i:.6f}", "output": f"{o:.6f}"}, "t") for name, (i, o) in now.items()
            ]
            router.book = with_entries(PriceBook(), rows)
        wrote = max(1, round(rng.lognormvariate(5.0, 0.8)))
        call = read_call("openai.chat", json.dumps({
            "model": "m", "messages": [{"role": "user", "content": "x" * rng.randrange(50, 8000)}],
        }).encode())  # fmt: skip
        read = call.input_expected
        body = str(n)
        for target in router.decide(call, entry, "k", AT, hosts).targets[:3]:
            host, health = hosts[target.provider.name], router.health(target)
            health.begin(clock[0])
            status = host.outcome(clock[0], rng)
            if status == 429:
                health.overloaded(clock[0], 20.0)
            elif status != 200:
                health.failed(clock[0], f"caller {n % 5}", body)
            else:
                into, out = host.price(clock[0])
                cost = (read * into + wrote * out) / 1e6
                router.answered(call, "m", target, 0.2, host.seconds, Usage({"input": read, "output": wrote}))
                router.paid(round(cost * 1e12))
                paid += cost
                cheapest += market.cheapest_healthy(clock[0], read, wrote)
                served[host.name] = served.get(host.name, 0) + 1
                break
    return paid, cheapest, served


@pytest.mark.parametrize("seed", range(3))
def test_a_day_of_twelve_hosts_costs_at_most_three_percent_above_the_cheapest_healthy_one(seed: int) -> None:
    paid, cheapest, served = play(seed)
    assert sum(served.values()) > 0.99 * CALLS  # nearly every call was answered within three attempts
    assert 1.0 <= paid / cheapest <= 1.03
