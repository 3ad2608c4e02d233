"""How a target is chosen, without a network: each filter, each sort, what the score weighs, and the replay."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supercycle.core.errors import InputError
from supercycle.gateway.ledger.entries import Principal
from supercycle.gateway.prices.pricebook import PriceBook, with_entries
from supercycle.gateway.routes.circuit import LONGEST_PAUSE_S, OPEN_BODIES, PAUSE_S, Health
from supercycle.gateway.routes.limits import Limits
from supercycle.gateway.routes.order import order_of
from supercycle.gateway.routes.providers import ModelEntry, Target, provider_of
from supercycle.gateway.routes.route import Policy, Router
from supercycle.gateway.speech.dialects import read_call

AT = datetime(2026, 11, 1, tzinfo=UTC)
PRICES = {"cheap": ("0.10", "0.40"), "fair": ("0.50", "2.00"), "dear": ("5.00", "25.00")}
BOOK = with_entries(
    PriceBook(),
    [
        (name, "m", {"input": i, "output": o, "cached": str(float(i) / 10)}, "test")
        for name, (i, o) in PRICES.items()
    ],
)


def target(name: str, provider: Any = None, **more: Any) -> Target:
    changed = {"base_url": "http://127.0.0.1:9/v1", **(provider or {})}
    return Target(provider_of(name, "vllm", **{"prices": name, **changed}), "m", **more)


def entry(*targets: Target, floor: float | None = None) -> ModelEntry:
    return ModelEntry("x", targets, floor)


def choose(given: ModelEntry, router: Router | None = None, **asked: Any) -> list[str]:
    body = {"model": "x", "messages": [{"role": "user", "content": "Hello"}], "max_tokens": 100, **asked}
    router = router or Router(BOOK, Policy(), lambda: 0.0)
    call = read_call("openai.chat", json.dumps(body).encode())
    decision = router.decide(call, given, "k", AT, [t.provider.name for t in given.targets])
    assert order_of(orjson.loads(orjson.dumps(decision.record)))[: len(decision.targets)] == [
        t.id for t in decision.targets
    ]
    return [t.provider.name for t in decision.targets]


ALL = entry(target("dear", quality=90), target("fair", quality=70), target("cheap", quality=50))


@pytest.mark.parametrize(
    ("asked", "order"),
    [
        ({}, ["cheap", "fair", "dear"]),
        ({"provider": {"order": ["dear"]}}, ["dear", "cheap", "fair"]),
        ({"provider": {"order": ["dear", "fair"], "allow_fallbacks": False}}, ["dear"]),
        ({"provider": {"only": ["fair", "dear"]}}, ["fair", "dear"]),
        ({"provider": {"ignore": ["cheap"]}}, ["fair", "dear"]),
        ({"provider": {"sort": "price"}}, ["cheap", "fair", "dear"]),
        ({"provider": {"max_price": {"prompt": 1, "completion": 3}}}, ["cheap", "fair"]),
        ({"provider": {"max_price": {"completion": 0.4}}}, ["cheap"]),
        ({"provider": {"min_quality": 60}}, ["fair", "dear"]),
        ({"provider": {"min_quality": 99}}, []),
    ],
)
def test_the_callers_preferences(asked: dict[str, Any], order: list[str]) -> None:
    assert choose(ALL, **asked) == order


def test_filters() -> None:
    assert choose(entry(*ALL.targets, floor=70)) == ["fair", "dear"]
    # What nobody rated passes no floor; without a floor it may serve.
    unrated = (target("cheap", quality=None), target("fair", quality=70))
    assert choose(entry(*unrated, floor=60)) == ["fair"]
    assert choose(entry(*unrated)) == ["cheap", "fair"]
    able = entry(
        target("cheap", capabilities=frozenset()), target("fair", capabilities=frozenset({"tools", "vision"}))
    )
    assert choose(able) == ["cheap", "fair"]
    assert choose(able, tools=[{"type": "function"}]) == ["fair"]
    picture = [{"type": "image_url", "image_url": {"url": "https://x"}}]
    assert choose(able, messages=[{"role": "user", "content": picture}]) == ["fair"]
    small = entry(target("cheap", context_tokens=1000), target("fair"))
    assert choose(small, max_tokens=2000) == ["fair"]
    private = entry(target("cheap"), target("fair", {"data": frozenset({"no-training"})}))
    assert choose(private, provider={"data_collection": "deny"}) == ["fair"]
    assert choose(private, provider={"data": ["eu"]}) == []
    mute = entry(target("cheap", {"paths": {"openai.embeddings": "/e"}}), target("fair"))
    assert choose(mute) == ["fair"]
    # A provider of the other dialect can serve a chat through the translation.
    assert choose(entry(target("cheap", {"paths": {"anthropic.messages": "/m"}}))) == ["cheap"]


@pytest.mark.parametrize(
    ("preference", "message"),
    [
        ({"ordr": []}, "did you mean 'order'"),
        ({"order": ["chep"]}, "did you mean 'cheap'"),
        ({"only": "cheap"}, "list of words"),
        ({"sort": "prize"}, "did you mean 'price'"),
        ({"max_price": {"prompt": "free"}}, "expected a number"),
        ({"max_price": {"prompt": float("1e400")}}, "0 or more"),
        ({"data": 1}, "list of words"),
    ],
)
def test_a_preference_that_cannot_be_read(preference: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        Router(BOOK, Policy(), lambda: 0.0).decide(
            _call(preference), ALL, "k", AT, [t.provider.name for t in ALL.targets]
        )


def _call(preference: Any) -> Any:
    call = read_call("openai.chat", b'{"model":"x","messages":[]}')
    call.preference = preference
    return call


def _saw(router: Router, target: Target, calls: int, seconds: float, *, failed: bool = False) -> None:
    health = router.health(target)
    for n in range(calls):
        health.begin(0.0)
        if failed:
            health.failed(0.0, f"caller {n}", f"body {n}", certain=True)
        else:
            health.answered(0.0, seconds / 4, seconds)


def test_waiting_is_weighed_against_price_by_the_stated_rate() -> None:
    two = entry(target("cheap"), target("fair"))

    def first(value_of_second_usd: float) -> str:
        router = Router(BOOK, Policy(value_of_second_usd, retry_usd=0.0, explore_share=0.0), lambda: 0.0)
        _saw(router, two.targets[0], 98, 30.0)  # (2 x 2 + 98 x 30) / 100 = 29.44 s
        _saw(router, two.targets[1], 98, 2.0)
        return choose(two, router)[0]

    # The question is 17 bytes / 4 and its frame: 29 tokens in, 100 out. The cheap one costs 0.1 x 29 + 0.4 x 100 =
    # 42.9 uUSD, the fair one 0.5 x 29 + 2 x 100 = 214.5: 171.6 uUSD for 27.44 s, so 6.25 uUSD a second is the turn
    # (with a failure in a hundred each, 1.010 times as much waiting).
    assert [first(v) for v in (0.0, 5.5e-6, 7e-6, 0.001)] == ["cheap", "cheap", "fair", "fair"]
    # The default value of a second is what a call that costs 0.0001 USD can bear for five seconds.
    assert Policy().value_of_second_usd * 5 == pytest.approx(0.0001)


def test_a_sort_is_what_it_says_whatever_was_measured() -> None:
    two = entry(target("cheap"), target("fair"))
    router = Router(BOOK, Policy(), lambda: 0.0)
    _saw(router, two.targets[0], 50, 60.0)
    for _ in range(40):  # short answers, which only the fair one gave
        router.lengths.add("x", 15, 0.0)
    _saw(router, two.targets[1], 40, 0.1)
    assert choose(two, router, provider={"sort": "price"}) == ["cheap", "fair"]
    assert choose(two, router, provider={"sort": "latency"}) == ["fair", "cheap"]
    assert choose(two, router, provider={"sort": "throughput"}) == ["fair", "cheap"]


def test_failures_fade_by_the_clock_without_any_call() -> None:
    clock = [0.0]
    two = entry(target("cheap"), target("fair"))
    router = Router(
        BOOK, Policy(value_of_second_usd=0.0, retry_usd=0.0002, explore_share=0.0), lambda: clock[0]
    )
    for n in range(4):
        router.health(two.targets[0]).begin(0.0)
        router.health(two.targets[0]).failed(0.0, "one caller", f"body {n}")
    # (2 x 0.01 + 4 x 1) / 6 = 0.67 fail: 0.67 / 0.33 x 200 uUSD = 406 against 172 uUSD of price. Not now.
    assert choose(two, router) == ["fair", "cheap"]
    # After t minutes 4 / 2^t of evidence: at 2 minutes (0.02 + 1) / 3 = 0.34, 0.34 / 0.66 x 200 = 103 < 172.
    clock[0] = 120.0
    assert choose(two, router) == ["cheap", "fair"]


def test_a_burst_of_429s_is_a_rest_and_not_a_failure() -> None:
    clock = [0.0]
    two = entry(target("cheap"), target("fair"))
    router = Router(BOOK, Policy(explore_share=0.0), lambda: clock[0])
    for _ in range(8):
        router.health(two.targets[0]).begin(0.0)
    for _ in range(8):
        router.health(two.targets[0]).overloaded(0.0, 1.0)
    assert choose(two, router) == ["fair", "cheap"]
    clock[0] = 1.0
    assert choose(two, router) == ["cheap", "fair"]
    assert router.health(two.targets[0]).failure_share(1.0) == 0.01


def test_finding_out_costs_at_most_its_share_of_all_spending() -> None:
    """The fair target is not seen for a while: it is asked again when its excess fits into a hundredth of the rest."""
    clock = [0.0]
    two = entry(target("cheap"), target("fair"))
    router = Router(BOOK, Policy(), lambda: clock[0])
    excess = 0
    firsts = []
    for n in range(4000):
        clock[0] = n * 1.0
        decision = router.decide(_chat(), two, "k", AT, ["cheap", "fair"])
        rows = {row["target"]: row["cost_usd"] for row in decision.record["candidates"]}
        name = decision.targets[0].provider.name
        firsts.append(name)
        if name == "fair":
            assert decision.record["explored"] == "fair/m"
            excess += round((rows["fair/m"] - rows["cheap/m"]) * 1e12)
        router.paid(round(rows[f"{name}/m"] * 1e12))
        health = router.health(decision.targets[0])
        health.begin(clock[0])
        health.answered(clock[0], 0.1, 0.2)
    assert 0 < excess <= 0.01 * router.exploration.paid_pico
    # 171.6 uUSD more each, and 42.9 x 0.01 = 0.43 earned a call: at most one call in 400.
    assert 5 <= firsts.count("fair") <= 10


def test_a_cheaper_target_that_was_left_is_asked_again_at_no_excess() -> None:
    clock = [1000.0]
    two = entry(target("cheap"), target("fair"))
    router = Router(BOOK, Policy(retry_usd=0.001), lambda: clock[0])
    for n in range(4):
        router.health(two.targets[0]).begin(1000.0)
        router.health(two.targets[0]).failed(1000.0, "c", f"{n}")
    _saw(router, two.targets[1], 5, 0.5)
    clock[0] = 1031.0  # half a minute later, its failures still weigh 70 %
    drawn = [router.decide(_chat(), two, "k", AT, ["cheap", "fair"]) for _ in range(40)]
    asked = [d for d in drawn if d.record.get("explored") == "cheap/m"]
    assert len(asked) == 1  # once, then again after half a minute
    assert asked[0].record["explored_excess_usd"] == 0
    assert router.exploration.excess_pico == 0


def test_what_was_learnt_survives_a_restart_and_ages_meanwhile() -> None:
    clock = [50.0]
    two = entry(target("cheap"), target("fair"))
    router = Router(BOOK, Policy(), lambda: clock[0])
    _saw(router, two.targets[0], 8, 3.0)
    router.lengths.add("x", 40, 50.0)
    router.paid(10**12)
    fresh = Router(BOOK, Policy(), lambda: 7.0)
    fresh.restore(orjson.loads(orjson.dumps(router.saved())), away_s=300.0)
    # Eight calls of 3 s, seen at 0 of a clock that stood at 50: 350 s ago, 8 x 2^(-350/300) of them are left.
    weight = 8 * 0.5 ** (350 / 300)
    assert fresh.health(two.targets[0]).seconds(7.0) == pytest.approx((2 * 2.0 + weight * 3.0) / (2 + weight))
    assert fresh.exploration.paid_pico == 10**12


def test_strategies_of_a_model() -> None:
    from dataclasses import replace

    chain = replace(entry(target("dear"), target("cheap"), target("fair")), strategy="chain")
    assert choose(chain) == ["dear", "cheap", "fair"]
    router = Router(BOOK, Policy(), lambda: 0.0)
    router.health(chain.targets[0]).begin(0.0)
    router.health(chain.targets[0]).overloaded(0.0, 9.0)
    assert choose(chain, router) == ["cheap", "fair", "dear"]  # it asked for time
    weights = replace(entry(target("dear", weight=3.0), target("cheap", weight=1.0)), strategy="weights")
    router = Router(BOOK, Policy(), lambda: 0.0)
    router._random.seed(1)
    drawn = [choose(weights, router)[0] for _ in range(400)]
    assert abs(drawn.count("dear") - 300) < 4 * (400 * 0.75 * 0.25) ** 0.5
    # A canary: one key in twenty, and always the same keys.
    canary = replace(entry(target("dear", weight=1.0), target("cheap", weight=19.0)), strategy="split")
    router = Router(BOOK, Policy(), lambda: 0.0)

    def where(key: str) -> str:
        return router.decide(_chat(), canary, key, AT, ["dear", "cheap"]).targets[0].provider.name

    keys = [f"key {n}" for n in range(400)]
    first = [where(key) for key in keys]
    assert first == [where(key) for key in keys]
    assert abs(first.count("dear") - 20) < 4 * (400 * 0.05 * 0.95) ** 0.5
    assert choose(weights, provider={"sort": "price"})[0] == "cheap"  # the caller's own wish comes first


def _chat() -> Any:
    body = {"model": "x", "messages": [{"role": "user", "content": "Hello"}], "max_tokens": 100}
    return read_call("openai.chat", json.dumps(body).encode())


def test_equal_targets_share_the_load() -> None:
    book = with_entries(
        PriceBook(), [(n, "m", {"input": "1", "output": "1"}, "test") for n in ("a", "b", "c")]
    )
    router = Router(book, Policy(), lambda: 0.0)
    three = entry(target("a"), target("b"), target("c"))
    for _ in range(30):
        name = choose(three, router)[0]
        router.health(next(t for t in three.targets if t.provider.name == name)).begin(0)
    assert {router.health(t).in_flight for t in three.targets} == {10}


def test_a_warm_prompt_cache_keeps_its_provider_until_it_cools() -> None:
    clock = [0.0]
    router = Router(BOOK, Policy(value_of_second_usd=0.0), lambda: clock[0])
    two = entry(target("cheap"), target("fair"))
    long = "words " * 4000  # about 6,000 tokens: 0.0006 USD at the cheap one, 0.0003 cached at the fair one
    body = {"model": "x", "messages": [{"role": "user", "content": long}], "max_tokens": 10}
    assert choose(two, router, **body) == ["cheap", "fair"]
    call = read_call("openai.chat", json.dumps(body).encode())
    router.warmed(call, two.targets[1], "k", 6000)
    assert choose(two, router, **body) == ["fair", "cheap"]
    other = {**body, "messages": [{"role": "user", "content": "Other " + long}]}
    assert choose(two, router, **other) == ["cheap", "fair"]
    clock[0] = 301.0
    assert choose(two, router, **body) == ["cheap", "fair"]


def test_a_target_that_asked_for_time_comes_last_but_is_not_left_out() -> None:
    router = Router(BOOK, Policy(), lambda: 10.0)
    two = entry(target("cheap"), target("fair"))
    health = router.health(two.targets[0])
    health.begin(10.0)
    health.overloaded(10.0, 5.0)
    assert choose(two, router) == ["fair", "cheap"]
    assert choose(entry(two.targets[0]), router) == ["cheap"]


def test_a_circuit() -> None:
    health = Health()

    def fail(at: float, caller: str, body: str) -> None:
        health.begin(at)
        health.failed(at, caller, body)

    for n in range(20):  # one caller, however many bodies
        fail(float(n), "a", f"body {n}")
        assert health.state(float(n)) == "closed"
    health = Health()
    for n in range(20):  # two callers with one body
        fail(float(n), "ab"[n % 2], "body")
    assert health.state(19.0) == "closed"
    health = Health()
    for n in range(OPEN_BODIES):
        assert health.state(0) == "closed"
        fail(float(n), "ab"[n % 2], f"body {n}")
    opened = float(OPEN_BODIES - 1)
    assert health.state(opened + PAUSE_S - 0.01) == "open"
    assert health.state(opened + PAUSE_S) == "half-open"
    health.begin(opened + PAUSE_S)
    assert health.state(opened + PAUSE_S) == "open"  # one probe at a time
    health.failed(opened + PAUSE_S, "a", "probe")
    assert health.state(opened + 2 * PAUSE_S) == "open"  # the pause has doubled
    health.begin(100)
    health.answered(100, 0.1, 0.2)
    assert (health.state(100), health.pause_s, health.in_flight) == ("closed", PAUSE_S, 0)
    for n in range(30):  # no connection: no request is the cause of that
        health.begin(n)
        health.failed(float(n), "a", "body", certain=True)
    assert health.pause_s == LONGEST_PAUSE_S


@settings(max_examples=50, deadline=None)
@given(st.permutations(["cheap", "fair", "dear"]))
def test_the_order_of_the_file_does_not_matter(names: list[str]) -> None:
    by_name = {t.provider.name: t for t in ALL.targets}
    assert choose(entry(*(by_name[n] for n in names))) == ["cheap", "fair", "dear"]


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 50), st.lists(st.floats(0, 5), min_size=1, max_size=200))
def test_requests_a_minute_hold_over_any_minute(limit: int, gaps: list[float]) -> None:
    clock = [0.0]
    limits = Limits(lambda: clock[0])
    who = Principal("k", "k", ("key:k",), rpm=limit)
    let: list[float] = []
    for gap in gaps:
        clock[0] += gap
        if limits.enter(who, 0) is None:
            let.append(clock[0])
            limits.leave(who, 0, 0)
    # A full minute's worth at once, and what refills meanwhile.
    for start in let:
        assert sum(start <= t < start + 60 for t in let) <= 2 * limit


def test_what_is_read_of_a_request() -> None:
    def read(dialect: str, **asked: Any) -> Any:
        return read_call(dialect, json.dumps({"model": "m", **asked}).encode())

    call = read("openai.chat", max_tokens=5, n=3)
    assert (call.max_output, call.bound.choices) == (5, 3)
    # A provider may read either limit, so the larger counts.
    assert read("openai.chat", max_completion_tokens=7, max_tokens=5).max_output == 7
    assert read("openai.chat", max_completion_tokens=1, max_tokens=100_000).max_output == 100_000
    assert read("openai.embeddings", input="x").max_output == 0
    assert read("openai.chat").max_output is None
    # Earlier turns are not in the body.
    assert read("openai.responses", previous_response_id="r").bound.unbounded == ("previous_response_id",)
    call = read("openai.chat", messages=[{"content": [{"type": "image_url", "image_url": {"url": "u"}}]}])
    # By address at its model's cap: gpt-4o's tiles 85 + 8 x 170, and 128 for the template.
    assert call.bound.tokens("gpt-4o") == len(call.body) + 128 + 85 + 8 * 170
    assert read("openai.chat", service_tier="flex").tier == "flex"
    assert read("anthropic.messages", speed="fast").tier == "fast"
    assert (
        read("anthropic.messages", tools=[{"type": "web_search_20250305", "max_uses": 3}]).bound.searches == 3
    )
    assert not read("anthropic.messages").writes_cache
    for bad in (
        b"",
        b"[]",
        b"{",
        b'{"model":1}',
        b'{"model":""}',
        b'{"model":"a\\u0000"}',
        b'{"model":"%s"}' % (b"x" * 300),
    ):
        with pytest.raises(InputError):
            read_call("openai.chat", bad)
    for more in (
        {"max_tokens": 0},
        {"max_tokens": "5"},
        {"max_tokens": True},
        {"max_tokens": 5, "n": 0},
        {"provider": 1},
    ):
        with pytest.raises(InputError):
            read("openai.chat", **more)
