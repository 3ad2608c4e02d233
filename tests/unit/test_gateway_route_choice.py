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
from supercycle.gateway.routes.circuit import LONGEST_PAUSE_S, OPEN_AFTER, PAUSE_S, Health
from supercycle.gateway.routes.limits import Limits
from supercycle.gateway.routes.providers import ModelEntry, Target, provider_of
from supercycle.gateway.routes.route import Policy, Router, order_of
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
    assert choose(entry(target("fair", quality=None), target("cheap", quality=50), floor=60)) == [
        "fair"
    ]  # not said
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


def test_waiting_and_failing_are_weighed_against_price() -> None:
    clock = [0.0]
    router = Router(BOOK, Policy(), lambda: clock[0])
    two = entry(target("cheap"), target("fair"))
    assert choose(two, router) == ["cheap", "fair"]
    slow = router.health(two.targets[0])
    for _ in range(50):
        slow.begin(0)
        slow.answered(5, 30, 100)
    # 100 tokens out cost 0.0002 USD more at the fair one; 28 s more at 0.001 USD cost 0.028.
    assert choose(two, router) == ["fair", "cheap"]
    assert choose(two, router, provider={"sort": "price"}) == ["cheap", "fair"]
    assert choose(two, router, provider={"sort": "latency"}) == ["fair", "cheap"]
    patient = Router(BOOK, Policy(value_of_second_usd=0.0), lambda: 0.0)
    patient._health = router._health
    assert choose(two, patient) == ["cheap", "fair"]
    failing = Router(BOOK, Policy(), lambda: 0.0)
    failing.health(two.targets[0]).failure_share = 0.5
    assert choose(two, failing) == ["fair", "cheap"]


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
    for n in range(OPEN_AFTER):
        assert health.state(0) == "closed"
        health.begin(0)
        health.failed(float(n))
    opened = float(OPEN_AFTER - 1)
    assert health.state(opened + PAUSE_S - 0.01) == "open"
    assert health.state(opened + PAUSE_S) == "half-open"
    health.begin(opened + PAUSE_S)
    assert health.state(opened + PAUSE_S) == "open"  # one probe at a time
    health.failed(opened + PAUSE_S)
    assert health.state(opened + 2 * PAUSE_S) == "open"  # the pause has doubled
    health.begin(100)
    health.answered(0.1, 0.2, 5)
    assert (health.state(100), health.pause_s, health.in_flight) == ("closed", PAUSE_S, 0)
    for n in range(30):
        health.begin(n)
        health.failed(float(n))
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
    assert read("openai.responses", previous_response_id="r").bound.unbounded == ["previous_response_id"]
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
