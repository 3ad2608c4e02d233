"""Money: usage payloads of every dialect, priced by hand. Every expectation is written as count x USD per million."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from supercycle.core.errors import InputError, UnknownNameError
from supercycle.gateway.prices.bounds import upper_bound
from supercycle.gateway.prices.money import pico, rate_per_token, usd, usd_text
from supercycle.gateway.prices.pricebook import PriceBook
from supercycle.gateway.prices.settle import Charge, Unpriced, price_of
from supercycle.gateway.speech.usage import UsageTally, estimated, read_usage

BOOK = PriceBook()
NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def usd_of(*parts: tuple[int, str]) -> int:
    """Pico-USD of count x USD per million tokens, in exact decimals."""
    total = sum((Decimal(count) * Decimal(price) / 10**6 for count, price in parts), Decimal(0))
    return int(total * 10**12)


def charge(dialect: str, provider: str, model: str, payload: dict[str, Any], at: datetime = NOON) -> int:
    usage = read_usage(dialect, payload)
    assert usage is not None
    cost = price_of(BOOK, provider, model, usage, at)
    assert isinstance(cost, Charge), cost
    assert cost.total_pico == sum(line.pico for line in cost.lines)
    assert all(line.pico == line.count * line.rate_pico for line in cost.lines)
    return cost.total_pico


def chat(prompt: int, completion: int, *, cached: int = 0, reasoning: int = 0, **body: Any) -> dict[str, Any]:
    return {
        "usage": {
            "prompt_tokens": prompt,
            "completion_tokens": completion,
            "total_tokens": prompt + completion,
            "prompt_tokens_details": {"cached_tokens": cached, "audio_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": reasoning},
        },
        **body,
    }


def responses(into: int, out: int, *, cached: int = 0, written: int = 0, **body: Any) -> dict[str, Any]:
    details = {"cached_tokens": cached, "cache_write_tokens": written}
    usage = {"input_tokens": into, "output_tokens": out, "input_tokens_details": details}
    return {"usage": {**usage, "output_tokens_details": {"reasoning_tokens": 0}}, **body}


SEARCH = {"type": "web_search_call", "action": {"type": "search", "query": "q"}}
OPENED = {"type": "web_search_call", "action": {"type": "open_page", "url": "u"}}

# dialect, provider, model, payload, expectation as (count, USD per million) parts
TABLE: dict[str, tuple[str, str, str, dict[str, Any], tuple[tuple[int, str], ...]]] = {
    "chat, plain": (
        "openai.chat", "openai", "gpt-5", chat(1000, 200),
        ((1000, "1.25"), (200, "10")),
    ),
    "chat, a dated name of the model": (
        "openai.chat", "openai", "gpt-5-2025-08-07", chat(1000, 200),
        ((1000, "1.25"), (200, "10")),
    ),
    "chat, cached tokens are inside the prompt": (
        "openai.chat", "openai", "gpt-5", chat(1000, 200, cached=768),
        ((1000 - 768, "1.25"), (768, "0.125"), (200, "10")),
    ),
    "chat, reasoning is inside output": (
        "openai.chat", "openai", "gpt-5", chat(1000, 900, reasoning=700),
        ((1000, "1.25"), (900, "10")),
    ),
    "chat, flex": (
        "openai.chat", "openai", "gpt-5", chat(1000, 200, cached=100, service_tier="flex"),
        ((900, "0.625"), (100, "0.0625"), (200, "5")),
    ),
    "chat, priority": (
        "openai.chat", "openai", "gpt-5", chat(1000, 200, cached=100, service_tier="priority"),
        ((900, "2.5"), (100, "0.25"), (200, "20")),
    ),
    "chat, default is the standard tier": (
        "openai.chat", "openai", "gpt-5", chat(10, 20, service_tier="default"),
        ((10, "1.25"), (20, "10")),
    ),
    "chat, batch": (
        "openai.chat", "openai", "gpt-5", chat(1000, 200, service_tier="batch"),
        ((1000, "0.625"), (200, "5")),
    ),
    "chat, a prompt at the long-context threshold": (
        "openai.chat", "openai", "gpt-5.5", chat(272_000, 10),
        ((272_000, "5"), (10, "30")),
    ),
    "chat, one token above it makes the whole request dearer": (
        "openai.chat", "openai", "gpt-5.5", chat(272_001, 10, cached=200_000),
        ((72_001, "10"), (200_000, "1"), (10, "45")),
    ),
    "chat, long context in a tier without long-context prices": (
        "openai.chat", "openai", "gpt-5.5", chat(300_000, 10, service_tier="priority"),
        ((300_000, "12.5"), (10, "75")),
    ),
    "chat, a provider that counts reasoning beside the completion": (
        "openai.chat", "x-ai", "grok-4-0709",
        {"usage": {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 610,
                   "completion_tokens_details": {"reasoning_tokens": 500}}},
        ((100, "3"), (510, "15")),
    ),
    "chat, DeepSeek's own words for the cache, off-peak": (
        "openai.chat", "deepseek", "deepseek-v4-pro",
        {"usage": {"prompt_tokens": 1000, "completion_tokens": 50, "prompt_cache_hit_tokens": 600}},
        ((400, "0.66"), (600, "0.022"), (50, "1.98")),
    ),
    "chat, a cached token without a price of its own is an input token": (
        "openai.chat", "openai", "gpt-4", chat(100, 10, cached=40),
        ((100, "30"), (10, "60")),
    ),
    "responses, cached": (
        "openai.responses", "openai", "gpt-6-sol", responses(1000, 200, cached=300),
        ((700, "2"), (300, "0.2"), (200, "10")),
    ),
    "responses, what is written to the cache is dearer": (
        "openai.responses", "openai", "gpt-6-sol", responses(1000, 200, cached=300, written=500),
        ((200, "2"), (300, "0.2"), (500, "2.5"), (200, "10")),
    ),
    "responses, the event that ends a stream": (
        "openai.responses", "openai", "gpt-6-sol",
        {"type": "response.completed", "response": responses(1000, 200, service_tier="flex")},
        ((1000, "1"), (200, "5")),
    ),
    "responses, two searches at 10 USD a thousand; opening a page is free": (
        "openai.responses", "openai", "gpt-5", responses(1000, 200, output=[SEARCH, OPENED, SEARCH]),
        ((1000, "1.25"), (200, "10"), (2, "10000")),
    ),
    "embeddings": (
        "openai.embeddings", "openai", "text-embedding-3-small",
        {"usage": {"prompt_tokens": 12_345, "total_tokens": 12_345}},
        ((12_345, "0.02"),),
    ),
    "messages, plain": (
        "anthropic.messages", "anthropic", "claude-opus-5-5",
        {"usage": {"input_tokens": 1000, "output_tokens": 200}},
        ((1000, "4"), (200, "20")),
    ),
    "messages, the input count excludes the cache": (
        "anthropic.messages", "anthropic", "claude-opus-5-5",
        {"usage": {"input_tokens": 10, "cache_read_input_tokens": 5000, "cache_creation_input_tokens": 300,
                   "output_tokens": 200}},
        ((10, "4"), (5000, "0.2"), (300, "5"), (200, "20")),
    ),
    "messages, cache writes of 5 minutes and 1 hour": (
        "anthropic.messages", "anthropic", "claude-sonnet-4-5",
        {"usage": {"input_tokens": 10, "cache_creation_input_tokens": 1000, "output_tokens": 5,
                   "cache_creation": {"ephemeral_5m_input_tokens": 400, "ephemeral_1h_input_tokens": 600}}},
        ((10, "3"), (400, "3.75"), (600, "6"), (5, "15")),
    ),
    "messages, long context counts the cache": (
        "anthropic.messages", "anthropic", "claude-haiku-5-5",
        {"usage": {"input_tokens": 1, "cache_read_input_tokens": 100_000, "output_tokens": 10}},
        ((1, "0.5"), (100_000, "0.05"), (10, "2.5")),
    ),
    "messages, batch": (
        "anthropic.messages", "anthropic", "claude-opus-5-5",
        {"usage": {"input_tokens": 1000, "output_tokens": 200, "service_tier": "batch"}},
        ((1000, "2"), (200, "10")),
    ),
    "messages, fast": (
        "anthropic.messages", "anthropic", "claude-opus-5-5",
        {"usage": {"input_tokens": 1000, "output_tokens": 200, "speed": "fast", "service_tier": "standard"}},
        ((1000, "8"), (200, "40")),
    ),
    "messages, thinking is inside output": (
        "anthropic.messages", "anthropic", "claude-opus-5-5",
        {"usage": {"input_tokens": 10, "output_tokens": 900, "output_tokens_details": {"thinking_tokens": 800}}},
        ((10, "4"), (900, "20")),
    ),
    "messages, three web searches at 10 USD a thousand": (
        "anthropic.messages", "anthropic", "claude-opus-5-5",
        {"usage": {"input_tokens": 10, "output_tokens": 20, "server_tool_use": {"web_search_requests": 3}}},
        ((10, "4"), (20, "20"), (3, "10000")),
    ),
    "messages, served in the United States on request: a tenth more on tokens, not on searches": (
        "anthropic.messages", "anthropic", "claude-opus-5-5",
        {"usage": {"input_tokens": 1000, "output_tokens": 200, "inference_geo": "us",
                   "server_tool_use": {"web_search_requests": 1}}},
        ((1000, "4.4"), (200, "22"), (1, "10000")),
    ),
    "messages, a region without a surcharge": (
        "anthropic.messages", "anthropic", "claude-opus-5-5",
        {"usage": {"input_tokens": 1000, "output_tokens": 200, "inference_geo": "global"}},
        ((1000, "4"), (200, "20")),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", TABLE)
def test_a_payload_costs_what_a_hand_computes(case: str) -> None:
    dialect, provider, model, payload, parts = TABLE[case]
    assert charge(dialect, provider, model, payload) == usd_of(*parts)


@pytest.mark.parametrize(
    ("clock", "parts"),
    [
        ((0, 59), ((1000, "0.66"), (100, "1.98"))),
        ((1, 0), ((1000, "1.32"), (100, "3.96"))),  # 01:00-04:00 and 06:00-10:00 UTC are peak
        ((3, 59), ((1000, "1.32"), (100, "3.96"))),
        ((4, 0), ((1000, "0.66"), (100, "1.98"))),
        ((9, 59), ((1000, "1.32"), (100, "3.96"))),
        ((10, 0), ((1000, "0.66"), (100, "1.98"))),
    ],
)
def test_peak_hours_cost_more(clock: tuple[int, int], parts: tuple[tuple[int, str], ...]) -> None:
    at = datetime(2026, 11, 21, *clock, tzinfo=UTC)
    assert charge("openai.chat", "deepseek", "deepseek-v4-pro", chat(1000, 100), at) == usd_of(*parts)


def test_a_scheduled_price_holds_from_its_day() -> None:
    before = datetime(2026, 11, 30, 23, 59, tzinfo=UTC)
    after = datetime(2026, 12, 1, 0, 0, tzinfo=UTC)
    cost = [charge("openai.chat", "google", "gemini-4-argon", chat(1000, 100), at) for at in (before, after)]
    assert cost == [usd_of((1000, "2"), (100, "10")), usd_of((1000, "4"), (100, "20"))]


def test_a_stream_in_two_events_costs_what_the_whole_response_costs() -> None:
    whole = {
        "input_tokens": 25,
        "cache_read_input_tokens": 1000,
        "cache_creation_input_tokens": 64,
        "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 64},
        "output_tokens": 503,
        "service_tier": "standard",
    }
    tally = UsageTally("anthropic.messages")
    tally.feed({"type": "message_start", "message": {"usage": {**whole, "output_tokens": 1}}})
    tally.feed({"type": "content_block_delta", "delta": {"type": "text_delta", "text": "hi"}})
    tally.feed({"type": "message_delta", "delta": {}, "usage": {"output_tokens": 503, "input_tokens": None}})
    usage = tally.usage()
    assert usage == read_usage("anthropic.messages", {"usage": whole})
    assert usage is not None
    cost = price_of(BOOK, "anthropic", "claude-opus-5-5", usage, NOON)
    expected = usd_of((25, "4"), (1000, "0.2"), (64, "8"), (503, "20"))
    assert isinstance(cost, Charge)
    assert cost.total_pico == expected


def test_the_last_usage_of_a_chat_stream_counts() -> None:
    tally = UsageTally("openai.chat")
    tally.feed({"choices": [{"delta": {"content": "a"}}], "usage": None})
    tally.feed(
        {"choices": [{"delta": {"content": "b"}}], "usage": {"prompt_tokens": 7, "completion_tokens": 1}}
    )
    tally.feed({"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 3}, "service_tier": "flex"})
    usage = tally.usage()
    assert usage is not None
    assert (usage.of("input"), usage.of("output"), usage.tier) == (7, 3, "flex")


def test_no_usage_is_not_zero_usage() -> None:
    assert read_usage("openai.chat", {"choices": []}) is None
    assert read_usage("anthropic.messages", {"type": "ping"}) is None
    assert estimated(9, 4).source == "estimated"


@pytest.mark.parametrize(
    "usage",
    [
        {"prompt_tokens": 10, "completion_tokens": -1},
        {"prompt_tokens": 10, "completion_tokens": 1.5},
        {"prompt_tokens": 10, "completion_tokens": True},
        {"prompt_tokens": 10, "completion_tokens": 1, "prompt_tokens_details": {"cached_tokens": 11}},
        {"prompt_tokens": 10, "completion_tokens": 1, "completion_tokens_details": {"reasoning_tokens": 2}},
    ],
)
def test_counts_that_cannot_be_are_not_settled(usage: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        read_usage("openai.chat", {"usage": usage})
    tally = UsageTally("openai.chat")
    tally.feed({"usage": usage})
    assert tally.usage() is None
    assert tally.problem


@pytest.mark.parametrize(
    "event", [None, [], "text", 3, {"usage": "many"}, {"message": None}, {"response": 5}]
)
def test_an_odd_event_is_passed_over(event: object) -> None:
    tally = UsageTally("openai.responses")
    tally.feed(event)
    assert tally.usage() is None


def test_an_unknown_dialect_is_refused() -> None:
    with pytest.raises(UnknownNameError, match=r"openai\.chat"):
        UsageTally("openai.chats")


def unpriced(
    provider: str, model: str, payload: dict[str, Any], at: datetime = NOON, dialect: str = "openai.chat"
) -> str:
    usage = read_usage(dialect, payload)
    assert usage is not None
    cost = price_of(BOOK, provider, model, usage, at)
    assert isinstance(cost, Unpriced), cost
    return cost.reason


def test_what_has_no_price_is_unpriced_never_free() -> None:
    assert "not in the price book" in unpriced("openai", "gpt-99", chat(1, 1))
    assert "not in the price book" in unpriced("nobody", "gpt-5", chat(1, 1))
    assert "not in the price book" in unpriced("../prices/openai", "gpt-5", chat(1, 1))
    assert "no scale price" in unpriced("openai", "gpt-5", chat(1, 1, service_tier="scale"))
    assert "no batch price" in unpriced(
        "openai", "gpt-5", chat(1, 1, service_tier="batch"), datetime(2026, 10, 1, tzinfo=UTC)
    )
    audio = {
        "usage": {"prompt_tokens": 9, "completion_tokens": 1, "prompt_tokens_details": {"audio_tokens": 5}}
    }
    assert "5 audio_input: not metered yet" in unpriced("openai", "gpt-5", audio)
    stored = responses(1, 1, output=[{"type": "file_search_call"}])
    assert "file_search_call" in unpriced("openai", "gpt-5", stored, dialect="openai.responses")
    moon = {"usage": {"input_tokens": 1, "output_tokens": 1, "inference_geo": "moon"}}
    assert "standard in moon" in unpriced("anthropic", "claude-opus-5-5", moon, dialect="anthropic.messages")
    search = {
        "usage": {"prompt_tokens": 1, "completion_tokens": 1, "server_tool_use": {"web_search_requests": 1}}
    }
    assert "no price for web_search" in unpriced("openai", "gpt-4", search)


def test_a_name_that_only_begins_like_a_model_is_not_that_model() -> None:
    for name in ("gpt-5-ultra", "gpt-5-20250807-turbo", "gpt-5mini", "claude-opus-5-5-max", "gpt-5-20"):
        assert BOOK.find("openai", name) is None
        assert BOOK.find("anthropic", name) is None
    found = BOOK.find("anthropic", "Claude-Opus-5-5-20260922")
    assert found is not None
    assert found.name == "claude-opus-5-5"


@pytest.mark.parametrize("case", TABLE)
def test_the_bound_covers_the_charge(case: str) -> None:
    dialect, provider, model, payload, _ = TABLE[case]
    usage = read_usage(dialect, payload)
    assert usage is not None
    tier = usage.tier
    bound = upper_bound(
        BOOK, provider, model, usage.prompt, usage.of("output"), NOON,
        tier=tier, web_searches=usage.of("web_search"),
    )  # fmt: skip
    assert not isinstance(bound, Unpriced)
    assert bound.pico >= charge(dialect, provider, model, payload)
    assert all(BOOK.price(price_id) is not None for price_id in bound.price_ids)


def test_the_bound_by_hand() -> None:
    # 1,000 tokens written to the cache for an hour in the United States, and 100 of output
    bound = upper_bound(BOOK, "anthropic", "claude-opus-5-5", 1000, 100, NOON)
    assert not isinstance(bound, Unpriced)
    assert bound.pico == usd_of((1000, "8.8"), (100, "22"))
    plain = upper_bound(BOOK, "openai", "gpt-5", 1000, 100, NOON)
    assert not isinstance(plain, Unpriced)
    assert plain.pico == usd_of((1000, "1.25"), (100, "10"))


def test_a_bound_that_cannot_be_known_is_not_made_up() -> None:
    assert isinstance(upper_bound(BOOK, "openai", "gpt-99", 10, 10, NOON), Unpriced)
    assert isinstance(upper_bound(BOOK, "openai", "gpt-5", 10, 10, NOON, tier="scale"), Unpriced)
    assert isinstance(upper_bound(BOOK, "openai", "gpt-4", 10, 10, NOON, web_searches=1), Unpriced)
    whole = upper_bound(
        BOOK, "openai", "gpt-5", 10, None, NOON
    )  # of its context of 400,000 it writes 128,000 at most
    assert not isinstance(whole, Unpriced)
    assert whole.pico == usd_of((10, "1.25"), (128_000, "10"))


def test_money_is_exact() -> None:
    assert pico("0.1") + pico("0.2") == pico("0.3")
    assert usd(pico("123456.000000000001")) == Decimal("123456.000000000001")
    assert rate_per_token("0.000001") == 1
    for bad in ("0.0000001", "nan", "inf", "ten"):
        with pytest.raises(InputError):
            rate_per_token(bad)
    assert usd_text(pico("1234.50")) == "1234.5"
    assert usd_text(-pico("0.5")) == "-0.5"


def test_a_charge_shows_its_arithmetic() -> None:
    usage = read_usage("openai.responses", responses(1000, 200, output=[SEARCH]))
    assert usage is not None
    cost = price_of(BOOK, "openai", "gpt-5", usage, NOON)
    assert isinstance(cost, Charge)
    assert cost.formula() == "1,000 input x 1.25/M + 200 output x 10/M + 1 web_search x 10/k = 0.01325 USD"


def test_of_two_tables_the_one_compiled_last_counts(tmp_path: Path) -> None:
    table = {"sources": {"g": "a test"}, "models": {"gpt-5": {"prices": [{"input": "7", "output": "8"}]}}}
    for compiled, price in (("2020-01-01", 1_250_000), ("2099-01-01", 7_000_000)):
        (tmp_path / "openai.json").write_text(json.dumps({"compiled": compiled, **table}))
        model = PriceBook(tmp_path).find("openai", "gpt-5")
        assert model is not None
        rates = model.rates(NOON)
        assert rates is not None
        assert rates["input"].at(1) == price
    (tmp_path / "openai.json").write_text("{")
    with pytest.raises(InputError, match="price table"):
        PriceBook(tmp_path).find("openai", "gpt-5")
