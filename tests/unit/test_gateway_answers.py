"""What an answer costs when it is odd: hidden thinking, zeros, floats, another model, a stated price, garbage."""

from __future__ import annotations

import asyncio
import importlib
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from supercycle.gateway.ledger.invariants import check
from supercycle.gateway.speech.usage import UsageTally, read_usage

sys.path.append(str(Path(__file__).resolve().parents[1]))
kit = importlib.import_module("gateway_server")
Behaviour, CHAT, Mock, question, serving = kit.Behaviour, kit.CHAT, kit.Mock, kit.question, kit.serving


def counts(dialect: str, *events: dict[str, Any]) -> dict[str, int]:
    tally = UsageTally(dialect)
    for event in events:
        tally.feed(event)
    usage = tally.usage()
    assert usage is not None, tally.problem
    return {kind: n for kind, n in usage.counts.items() if kind != "request"}


def chat(**usage: Any) -> dict[str, Any]:
    return {"usage": usage}


@pytest.mark.parametrize(
    ("events", "found"),
    [
        # Gemini over its OpenAI dialect: thinking is in the total alone. 200 - 100 = 100 written.
        ([chat(prompt_tokens=100, completion_tokens=10, total_tokens=200)], {"input": 100, "output": 100}),
        # xAI: reasoning stands beside the completion. 10 + 90 = 100 written.
        (
            [
                chat(
                    prompt_tokens=100,
                    completion_tokens=10,
                    total_tokens=200,
                    completion_tokens_details={"reasoning_tokens": 90},
                )
            ],
            {"input": 100, "output": 100, "reasoning": 90},
        ),
        # A total below its parts is no reason to book less.
        ([chat(prompt_tokens=100, completion_tokens=10, total_tokens=50)], {"input": 100, "output": 10}),
        # A second usage of zeros is no update, within details neither.
        (
            [
                chat(prompt_tokens=100, completion_tokens=10, prompt_tokens_details={"cached_tokens": 60}),
                chat(prompt_tokens=0, completion_tokens=0, prompt_tokens_details={"cached_tokens": 0}),
            ],
            {"input": 40, "cached": 60, "output": 10},
        ),
        # Several: the last that counts something.
        (
            [chat(prompt_tokens=100, completion_tokens=n) for n in (1, 5, 9)],
            {"input": 100, "output": 9},
        ),
        # Some servers write counts as floats.
        ([chat(prompt_tokens=10.0, completion_tokens=5.0)], {"input": 10, "output": 5}),
    ],
)
def test_chat_counts(events: list[dict[str, Any]], found: dict[str, int]) -> None:
    assert counts("openai.chat", *events) == found


@pytest.mark.parametrize(
    ("start", "delta", "found"),
    [
        # 1,500 at the start and 0 at the end are 1,500.
        ({"input_tokens": 1500}, {"input_tokens": 0, "output_tokens": 20}, {"input": 1500, "output": 20}),
        ({"input_tokens": 0}, {"input_tokens": 1500, "output_tokens": 20}, {"input": 1500, "output": 20}),
        ({"input_tokens": 1200}, {"input_tokens": 1500, "output_tokens": 20}, {"input": 1500, "output": 20}),
        ({"input_tokens": 1500}, {"input_tokens": 1200, "output_tokens": 20}, {"input": 1500, "output": 20}),
        # The end says what part was cached: its split counts, not the start's whole.
        (
            {"input_tokens": 1500},
            {"input_tokens": 200, "cache_read_input_tokens": 1300, "output_tokens": 20},
            {"input": 200, "cached": 1300, "output": 20},
        ),
    ],
)
def test_messages_counts(start: dict[str, int], delta: dict[str, int], found: dict[str, int]) -> None:
    events = (
        {"type": "message_start", "message": {"usage": start}},
        {"type": "message_delta", "usage": delta},
    )
    assert counts("anthropic.messages", *events) == found


def test_what_a_provider_states() -> None:
    def stated(usage: dict[str, Any]) -> float | None:
        tally = UsageTally("openai.chat")
        tally.feed({"usage": {"prompt_tokens": 1, "completion_tokens": 1, **usage}})
        return tally.stated_usd

    assert stated({"cost": 0.0123}) == 0.0123
    assert stated({"cost_in_usd_ticks": 123_000_000}) == 0.0123
    assert stated({"cost": {"total_cost": 0.006}}) == 0.006
    # With one's own key at OpenRouter its fee is the cost, and the upstream's comes on top.
    byok = {"cost": 0.001, "is_byok": True, "cost_details": {"upstream_inference_cost": 0.02}}
    assert stated(byok) == pytest.approx(0.021)
    assert [stated({"cost": odd}) for odd in (None, "0.1", True, -1, float("nan"))] == [None] * 5
    assert read_usage("openai.chat", {"usage": None}) is None


def body(model: str = "mock-small", **usage: Any) -> bytes:
    used = usage or {"prompt_tokens": 100, "completion_tokens": 10}
    said = {"role": "assistant", "content": "x" * 40}
    return json.dumps({"model": model, "choices": [{"index": 0, "message": said}], "usage": used}).encode()


async def one(served: Any, said: bytes, **more: Any) -> dict[str, Any]:
    served.mock.behave(Behaviour(body=said, **more))
    before = len(await served.ledger.reads.requests(1000))
    assert (await served.ask()).status == 200
    return (await served.booked(before + 1))[-1]["attempts"][-1]


def test_the_price_is_that_of_the_model_that_answered(tmp_path: Path) -> None:
    async def go() -> None:
        async with serving(tmp_path) as served:
            # Asked for the small one, answered by the large one: 100 x 2.5 + 10 x 10 USD a million.
            row = await one(served, body("mock-large"))
            assert row["cost_pico"] == 100 * 2_500_000 + 10 * 10_000_000
            facts = await served.ledger.store.fetch("SELECT name, text FROM fact ORDER BY name")
            assert facts == [{"name": "answered_model", "text": "mock-large"}]
            # A name with a day is the same model; one nobody knows is noted, and charged as the one asked for.
            assert (await one(served, body("mock-small-2026-01-01")))[
                "cost_pico"
            ] == 100 * 100_000 + 10 * 400_000
            assert (await one(served, body("unheard-of")))["cost_pico"] == 100 * 100_000 + 10 * 400_000
            assert await check(served.ledger.store) == []

    asyncio.run(go())


def test_a_stated_cost_is_kept_and_where_it_is_the_bill_booked(tmp_path: Path) -> None:
    text = """
providers:
  one: {kind: mock}
  router: {kind: openrouter, base_url: "http://127.0.0.1:0/v1", auth: none, prices: mock}
models: {mock-small: [{provider: one, model: mock-small}]}
"""

    async def go() -> None:
        used = {"prompt_tokens": 100, "completion_tokens": 10, "cost": 0.0123}
        async with serving(tmp_path, text) as served:
            own = await one(served, body(**used))
            assert (own["cost_pico"], own["adjusted_pico"]) == (14_000_000, 0)
            (fact,) = await served.ledger.store.fetch("SELECT * FROM fact WHERE name = 'stated_cost'")
            assert (fact["pico"], fact["text"]) == (12_300_000_000, "differs from usage x price")
        config = served.running.gateway.config
        assert config.providers["router"].kind == "openrouter"
        # The same answer of a provider that bills what it states: the difference is a posting of its own.
        mock = text.replace("one: {kind: mock}", "one: {kind: mock, base_url: 'http://127.0.0.1:0/v1'}")
        async with serving(tmp_path / "b", mock) as served:
            context = served.running.gateway.context
            target = context.config.models["mock-small"].targets[0]
            object.__setattr__(target.provider, "kind", "openrouter")
            row = await one(served, body(**used))
            assert (row["cost_pico"], row["adjusted_pico"]) == (12_300_000_000, 12_300_000_000 - 14_000_000)
            agrees = await one(served, body(**{**used, "cost": 0.000014}))
            assert (agrees["cost_pico"], agrees["adjusted_pico"]) == (14_000_000, 0)
            assert await check(served.ledger.store) == []

    asyncio.run(go())


@pytest.mark.parametrize(
    "garbage",
    [
        b"",
        b"<html><body>Bad gateway</body></html>",
        b'{"choices": [{"message": {"content": "cut of',
        b"[]",
        b'{"error": {"message": "quota"}}',
        b'{"status": "ok"}',
    ],
)
def test_garbage_with_status_200_goes_to_the_next_and_counts_as_a_failure(
    tmp_path: Path, garbage: bytes
) -> None:
    text = """
providers: {one: {kind: mock}, two: {kind: mock}}
models:
  both:
    - {provider: one, model: mock-small, max_output_tokens: 100}
    - {provider: two, model: mock-large, max_output_tokens: 100}
"""

    async def go() -> None:
        async with serving(tmp_path, text) as served:
            served.mock.behave(Behaviour(body=garbage))
            reply = await served.ask(CHAT, question(model="both"))
            assert reply.headers["x-supercycle-target"] == "two/mock-large"
            rows = await served.attempts()
            assert [r["state"] for r in rows] == ["estimated", "settled"]
            # What was sent may have been read: the input is estimated, nothing was written.
            assert {u["kind"] for u in rows[0]["usage"]} == {"input", "request"}
            health = served.running.gateway.router.states()["one/mock-small"]
            assert len(health.bodies) == 1

    asyncio.run(go())


def test_a_whole_answer_without_usage_is_estimated_by_its_text(tmp_path: Path) -> None:
    said = json.dumps({
        "id": "chatcmpl-" + "0" * 500,
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "x" * 40}, "logprobs": None}],
    }).encode()  # fmt: skip

    async def go() -> None:
        async with serving(tmp_path) as served:
            row = await one(served, said)
            assert row["state"] == "estimated"
            assert {u["kind"]: u["count"] for u in row["usage"]}["output"] == 10  # 40 bytes of text / 4

    asyncio.run(go())


def test_a_stream_that_ends_before_its_last_event_ends_the_clients_too(tmp_path: Path) -> None:
    part = b'data: {"choices":[{"index":0,"delta":{"content":"four"},"finish_reason":null}]}\n\n'

    async def go() -> None:
        async with serving(tmp_path) as served:
            served.mock.behave(Behaviour(events=(part,) * 5))
            cut = await served.ask(CHAT, question(stream=True))
            assert (cut.whole, cut.body) == (False, part * 5)
            # With a finish_reason it is an end, although no [DONE] came.
            last = part.replace(b"null", b'"stop"')
            served.mock.behave(Behaviour(events=(*(part,) * 5, last)))
            whole = await served.ask(CHAT, question(stream=True))
            assert (whole.whole, whole.body) == (True, part * 5 + last)
            rows = await served.attempts(2)
            assert [{u["kind"]: u["count"] for u in r["usage"]}["output"] for r in rows] == [5, 6]

    asyncio.run(go())
