"""The theorem of budgets: charges and holds of an account never pass its limit, whatever is asked in whatever shape.

Assumptions, each a sentence of `docs/gateway.md`: a provider bills by its documented rules; a token is at least a byte
of UTF-8; prices are those of the book. The upstream of this test (`tests/readings/adversary.py`) bills the most that
those rules allow, from its own reading of the decoded request.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import adversary
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from supercycle.gateway.prices.bounds import Bound, Capacity, reserve_of
from supercycle.gateway.prices.pricebook import PriceBook, with_entries
from supercycle.gateway.speech.dialects import read_call

sys.path.append(str(Path(__file__).resolve().parents[1]))
kit = importlib.import_module("gateway_server")

PRICE = {"input": "2", "output": "10", "cached": "0.2", "cache_write": "2.5", "web_search": "10"}
BOOK = with_entries(PriceBook(), [("adv", "m", PRICE, "test")])
AT = datetime(2026, 11, 1, tzinfo=UTC)
CAPACITY = Capacity(adversary.CONTEXT, adversary.LONGEST)
DIALECTS = {
    "openai.chat": "/v1/chat/completions",
    "anthropic.messages": "/v1/messages",
    "openai.responses": "/v1/responses",
}

words = st.text(max_size=40)
limits = st.integers(1, 200_000)
pictures = st.sampled_from([
    {"type": "image_url", "image_url": {"url": "https://x.y/a.png"}},
    {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo=", "detail": "low"}},
    {"type": "input_image", "image_url": "https://x.y/a.png"},
    {"type": "input_image", "file_id": "file-1"},
    {"type": "image", "source": {"type": "url", "url": "https://x.y/a.png"}},
    {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="}},
    {"type": "image", "source": {"type": "file", "file_id": "f"}},
])  # fmt: skip
references = st.sampled_from([
    {"type": "document", "source": {"type": "url", "url": "https://x.y/a.pdf"}},
    {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": "JVBERi0="}},
    {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "plain"}},
    {"type": "file", "file": {"file_id": "file-1"}},
    {"type": "input_file", "file_url": "https://x.y/a.pdf"},
    {"type": "container_upload", "file_id": "f"},
    {"type": "video_url", "video_url": {"url": "https://x.y/a.mp4"}},
    {"type": "invented_yesterday", "ref": "x"},
])  # fmt: skip
texts = st.builds(
    lambda kind, text: {"type": kind, "text": text}, st.sampled_from(["text", "input_text"]), words
)
results = st.builds(
    lambda inner: {"type": "tool_result", "tool_use_id": "t", "content": inner},
    st.lists(st.one_of(texts, pictures), max_size=2),
)
content = st.one_of(words, st.lists(st.one_of(texts, texts, pictures, references, results), max_size=4))
messages = st.lists(
    st.builds(lambda role, body: {"role": role, "content": body}, st.sampled_from(["user", "assistant"]), content),
    min_size=1, max_size=3,
)  # fmt: skip
tools = st.lists(
    st.one_of(
        st.builds(lambda d: {"type": "function", "function": {"name": "f", "description": d, "parameters": {}}}, words),
        st.builds(lambda d: {"name": "f", "description": d, "input_schema": {"type": "object"}}, words),
        st.sampled_from([
            {"type": "web_search_20250305", "name": "web_search", "max_uses": 3},
            {"type": "web_search_20250305", "name": "web_search"},
            {"type": "web_fetch_20250910", "name": "web_fetch"},
            {"type": "web_search"},
            {"type": "mcp", "server_url": "https://x.y"},
            {"type": "bash_20250124", "name": "bash"},
        ]),
    ),
    max_size=3,
)  # fmt: skip
extras = st.fixed_dictionaries(
    {},
    optional={
        "max_tokens": limits, "max_completion_tokens": limits, "max_output_tokens": limits, "max_new_tokens": limits,
        "n": st.integers(1, 4), "tools": tools, "max_tool_calls": st.integers(0, 3),
        "previous_response_id": st.just("resp_1"), "conversation": st.just("conv_1"),
        "mcp_servers": st.just([{"url": "https://x.y"}]), "container": st.just("c"),
        "attachments": st.just([{"id": "a"}]), "cached_content": st.just("c/1"),
        "prediction": st.builds(lambda t: {"type": "content", "content": t}, words),
        "temperature": st.floats(0, 1), "cache_control": st.just({"type": "ephemeral"}),
        "metadata": st.dictionaries(words, words, max_size=2),
        "response_format": st.just({"type": "json_object"}),
    },
)  # fmt: skip


@st.composite
def requests(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    dialect = draw(st.sampled_from(sorted(DIALECTS)))
    said = draw(messages)
    body = {"input" if dialect == "openai.responses" else "messages": said}
    return dialect, {"model": "m", **body, **draw(extras)}


def cost(dialect: str, fields: dict[str, Any]) -> int:
    """Pico-USD of the dearest bill: input 2.5 USD a million where it may be written to a cache, else 2; output 10.

    A messages request writes a cache only where it says so.
    """
    billed = adversary.bill(fields)
    writes = dialect != "anthropic.messages" or "cache_control" in str(fields)
    rate = 2_500_000 if writes else 2_000_000
    return billed["input"] * rate + billed["output"] * 10_000_000 + billed["searches"] * 10_000_000_000


@settings(
    max_examples=int(os.environ.get("SUPERCYCLE_FUZZ", "2000")),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(requests(), st.booleans())
def test_a_bound_is_at_least_what_the_most_expensive_reading_costs(
    shape: tuple[str, dict[str, Any]], escaped: bool
) -> None:
    """Where a bound is given, no documented bill is above it; where none is given, there is a reason in words."""
    dialect, fields = shape
    body = json.dumps(fields, ensure_ascii=escaped).encode("utf-8", "surrogatepass")
    call = read_call(dialect, body)
    bound = reserve_of(
        BOOK,
        "adv",
        "m",
        call.bound,
        call.max_output,
        CAPACITY,
        AT,
        tier=call.tier,
        cache_writes=call.writes_cache,
    )
    if isinstance(bound, Bound):
        assert cost(dialect, fields) <= bound.pico
    else:
        assert bound.reason


@pytest.mark.parametrize(
    ("dialect", "fields", "reason"),
    [
        # Every shape by which findings/gateway.md F0 spent more than its budget.
        (
            "anthropic.messages",
            {"messages": [{"role": "user", "content": [{"type": "document", "source": {"type": "url", "url": "u"}}]}]},
            "document by url",
        ),
        (
            "openai.chat",
            {"messages": [{"role": "user", "content": [{"type": "file", "file": {"file_id": "f"}}]}]},
            "part file",
        ),
        (
            "openai.responses",
            {"input": [{"role": "user", "content": [{"type": "input_file", "file_url": "u"}]}]},
            "part input_file",
        ),
        (
            "anthropic.messages",
            {"messages": [], "tools": [{"type": "web_search_20250305", "max_uses": 5}]},
            "tool web_search_20250305",
        ),
        (
            "anthropic.messages",
            {"messages": [], "tools": [{"type": "web_fetch_20250910"}]},
            "tool web_fetch_20250910",
        ),
        ("openai.responses", {"input": "x", "previous_response_id": "r"}, "previous_response_id"),
    ],
)  # fmt: skip
def test_what_is_not_in_the_body_is_named_and_reserves_the_context(
    dialect: str, fields: dict[str, Any], reason: str
) -> None:
    call = read_call(dialect, json.dumps({"model": "m", "max_tokens": 100, **fields}).encode())
    assert call.bound.unbounded[0] == reason
    bound = reserve_of(BOOK, "adv", "m", call.bound, call.max_output, CAPACITY, AT)
    assert isinstance(bound, Bound)
    # The context once, and once more for each hosted call: 200,000 x 2 or 2.5 USD + 100 x 10 USD a million a round.
    rounds = call.bound.rounds
    assert (
        bound.pico == rounds * (200_000 * 2_500_000 + 100 * 10_000_000) + call.bound.searches * 10_000_000_000
    )
    # Without a known context nothing bounds it, and the refusal says what.
    unknown = reserve_of(BOOK, "adv", "m", call.bound, call.max_output, Capacity(), AT)
    assert not isinstance(unknown, Bound)
    assert reason in unknown.reason


def test_sixty_four_at_once_on_every_shape_never_pass_the_limit(tmp_path: Path) -> None:
    """Through the whole server, with an upstream that bills the most: spent and held stay within the limit."""
    from hypothesis import Phase

    shapes: list[tuple[str, dict[str, Any]]] = []

    @settings(
        max_examples=192,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
        database=None,
        derandomize=True,
    )
    @given(requests())
    def collect(shape: tuple[str, dict[str, Any]]) -> None:
        shapes.append(shape)

    collect()
    text = """
providers:
  one: {kind: mock, prices: adv}
models:
  m:
    - {provider: one, model: m, context_tokens: 200000, max_output_tokens: 64000,
       price: {input: "2", output: "10", cached: "0.2", cache_write: "2.5", web_search: "10"}}
"""
    limit = 60 * 10**12  # 60 USD: room for some, not for all

    async def go() -> None:
        async with kit.serving(tmp_path, text, one=Adversary()) as served:
            await served.ledger.set_budget("project:p", limit, "total")
            answered = 0
            for begin in range(0, len(shapes), 64):
                replies = await asyncio.gather(
                    *(served.ask(DIALECTS[dialect], fields) for dialect, fields in shapes[begin : begin + 64])
                )
                answered += sum(r.status == 200 for r in replies)
                for reply in replies:
                    assert reply.status in (200, 400, 429), reply.body
                    assert reply.status == 200 or reply.json["error"]["message"]
                (budget,) = await served.ledger.budgets()
                assert budget["spent"] + budget["reserved"] <= limit
            await served.booked(answered)
            (budget,) = await served.ledger.budgets()
            assert 0 < budget["spent"] <= limit
            assert budget["closed_why"] is None  # no answer passed its reserve
            assert answered > 10

    asyncio.run(go())


class Adversary:
    """The mock's place: answers each dialect with the bill of `adversary.bill`."""

    def __init__(self) -> None:
        self.calls = 0
        self.seen: list[Any] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        body = b""
        while True:
            message = await receive()
            body += message["body"]
            if not message.get("more_body"):
                break
        self.calls += 1
        billed = adversary.bill(json.loads(body))
        used = {"input_tokens": billed["input"], "output_tokens": billed["output"]}
        if scope["path"].endswith("/messages"):
            searches = {"server_tool_use": {"web_search_requests": billed["searches"]}}
            answer: dict[str, Any] = {
                "type": "message",
                "model": "m",
                "content": [],
                "usage": {**used, **searches},
            }
        elif scope["path"].endswith("/responses"):
            found = [{"type": "web_search_call", "action": {"type": "search"}}] * billed["searches"]
            answer = {
                "object": "response",
                "model": "m",
                "status": "completed",
                "output": found,
                "usage": used,
            }
        else:
            named = {"prompt_tokens": billed["input"], "completion_tokens": billed["output"]}
            answer = {"object": "chat.completion", "model": "m", "choices": [], "usage": named}
        reply = json.dumps(answer).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(reply))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": reply})


@pytest.mark.parametrize(
    ("dialect", "fields", "pico"),
    [
        # A search that may be used five times: the context is read six times, and a search costs 0.01 USD.
        (
            "anthropic.messages",
            {"messages": [], "max_tokens": 100, "tools": [{"type": "web_search_20250305", "max_uses": 5}]},
            6 * (200_000 * 2_000_000 + 100 * 10_000_000) + 5 * 10_000_000_000,
        ),
        # Anthropic's own limit is ten rounds more.
        (
            "anthropic.messages",
            {"messages": [], "max_tokens": 100, "mcp_servers": [{"url": "u"}]},
            11 * (200_000 * 2_000_000 + 100 * 10_000_000),
        ),
        # Two of them add up.
        (
            "anthropic.messages",
            {
                "messages": [],
                "max_tokens": 100,
                "container": "c",
                "tools": [{"type": "web_fetch_20250910", "max_uses": 2}],
            },
            13 * (200_000 * 2_000_000 + 100 * 10_000_000),
        ),
        # Text beyond the context is refused by the provider: 300,000 bytes are bounded by 200,000 tokens.
        (
            "openai.chat",
            {"messages": [{"role": "user", "content": "x" * 300_000}], "max_tokens": 100},
            200_000 * 2_500_000 + 100 * 10_000_000,
        ),
        # Four answers of at most 100; no limit is the model's longest answer.
        (
            "openai.chat",
            {"messages": [{"role": "user", "content": "x" * 300_000}], "max_tokens": 100, "n": 4},
            200_000 * 2_500_000 + 4 * 100 * 10_000_000,
        ),
        (
            "openai.chat",
            {"messages": [{"role": "user", "content": "x" * 300_000}]},
            200_000 * 2_500_000 + 64_000 * 10_000_000,
        ),
    ],
)
def test_the_bound_as_arithmetic(dialect: str, fields: dict[str, Any], pico: int) -> None:
    call = read_call(dialect, json.dumps({"model": "m", **fields}).encode())
    bound = reserve_of(
        BOOK, "adv", "m", call.bound, call.max_output, CAPACITY, AT, cache_writes=call.writes_cache
    )
    assert isinstance(bound, Bound)
    assert bound.pico == pico


def test_rejected_tokens_of_a_prediction_are_reserved_beside_the_answer() -> None:
    fields = {
        "model": "m",
        "messages": [],
        "max_tokens": 100,
        "prediction": {"type": "content", "content": "y" * 500},
    }
    body = json.dumps(fields).encode()
    call = read_call("openai.chat", body)
    bound = reserve_of(BOOK, "adv", "m", call.bound, call.max_output, CAPACITY, AT)
    assert isinstance(bound, Bound)
    # Every byte of the body in (and 128 for the template), 100 tokens out and every byte of the body once more.
    assert bound.pico == (len(body) + 128) * 2_500_000 + (100 + len(body)) * 10_000_000
