"""Real clients on models of other vendors, and what they are told when something has no equal or goes wrong."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import anthropic
import openai
import pytest
from aiohttp import web
from langchain_openai import ChatOpenAI

from tests.gateway_foreign import UPSTREAMS, frame, upstream_of
from tests.gateway_server import CHAT, question, serving
from tests.unit.test_gateway_agents import books, config

ASK: Any = [{"role": "user", "content": "What is the weather in Oslo?"}]
SCHEMA: dict[str, Any] = {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]}
MODEL = "claude-cheap"


@pytest.mark.parametrize("name", UPSTREAMS)
def test_real_clients_of_every_dialect(name: str, tmp_path: Path) -> None:
    """Whole and streamed, with and without tools: each client's own parser finds the same answer."""

    async def go() -> None:
        # A Responses client of vLLM reaches its chat, as does everybody else here.
        text = config(name, "BASE").replace(
            "auth: none", "auth: none, speaks: {openai.chat: /chat/completions}"
        )
        text = text if name == "vllm" else config(name, "BASE")
        async with (
            upstream_of(name) as (server, base),
            serving(tmp_path, text.replace("BASE", base)) as served,
        ):
            one = openai.AsyncOpenAI(api_key=served.key, base_url=served.base_url, max_retries=0)
            two = anthropic.AsyncAnthropic(
                api_key=served.key, base_url=served.running.public_url, max_retries=0
            )
            async with one, two:
                await chat(one)
                await responses(one)
                await messages(two)
            lang = ChatOpenAI(model=MODEL, api_key=served.key, base_url=served.base_url, max_retries=0)
            found = await lang.ainvoke("Hi")
            assert found.content == "Turn 0 says é漢."
            assert found.usage_metadata["output_tokens"] == server.billed[-1].output
            structured = lang.with_structured_output(
                {"title": "Named", "type": "object", "properties": {"title": {"type": "string"}}, "required": ["title"],
                 "additionalProperties": False}, method="json_schema",
            )  # fmt: skip
            assert await structured.ainvoke("Name it") == {"title": "A title"}
            assert not server.problem
            await books(served, server)

    asyncio.run(go())


async def chat(client: openai.AsyncOpenAI) -> None:
    tool: Any = {"type": "function", "function": {"name": "read", "parameters": SCHEMA}}
    whole = await client.chat.completions.create(model=MODEL, messages=ASK, tools=[tool])
    said = whole.choices[0]
    assert said.message.content == "Turn 0 says é漢."
    (call,) = said.message.tool_calls or []
    assert json.loads(call.function.arguments) == {"path": "/f0", "n": 0}
    assert said.finish_reason == "tool_calls"
    async with client.chat.completions.stream(
        model=MODEL, messages=ASK, tools=[tool], stream_options={"include_usage": True}
    ) as stream:
        final = await stream.get_final_completion()
    assert final.choices[0].message.content == said.message.content
    (streamed,) = final.choices[0].message.tool_calls or []
    assert json.loads(streamed.function.arguments) == json.loads(call.function.arguments)
    assert final.usage.completion_tokens == whole.usage.completion_tokens
    follow: Any = [
        *ASK,
        said.message.model_dump(exclude_none=True),
        {"role": "tool", "tool_call_id": call.id, "content": "rain"},
    ]
    more = await client.chat.completions.create(
        model=MODEL, messages=follow, tools=[tool], reasoning_effort="high"
    )
    assert more.choices[0].message.content == "Turn 1 says é漢."
    assert len(more.choices[0].message.tool_calls or []) == 1 + 1


async def responses(client: openai.AsyncOpenAI) -> None:
    tool: Any = {"type": "function", "name": "read", "parameters": SCHEMA, "strict": False}
    whole = await client.responses.create(model=MODEL, input="Hi", tools=[tool])
    assert whole.output_text == "Turn 0 says é漢."
    (call,) = [item for item in whole.output if item.type == "function_call"]
    async with client.responses.stream(model=MODEL, input="Hi", tools=[tool]) as stream:
        final = await stream.get_final_response()
    assert final.output_text == whole.output_text
    assert [i.type for i in final.output] == [i.type for i in whole.output]
    assert final.usage.output_tokens == whole.usage.output_tokens
    result: Any = {"type": "function_call_output", "call_id": call.call_id, "output": "rain"}
    history: Any = [
        {"role": "user", "content": "Hi"},
        *[i.model_dump(exclude_none=True) for i in whole.output],
        result,
    ]
    more = await client.responses.create(model=MODEL, input=history, tools=[tool], store=False)
    assert more.output_text == "Turn 1 says é漢."


async def messages(client: anthropic.AsyncAnthropic) -> None:
    tool: Any = {"name": "read", "input_schema": SCHEMA}
    whole = await client.messages.create(model=MODEL, max_tokens=500, messages=ASK, tools=[tool])
    assert [b.text for b in whole.content if b.type == "text"] == ["Turn 0 says é漢."]
    (use,) = [b for b in whole.content if b.type == "tool_use"]
    assert use.input == {"path": "/f0", "n": 0}
    async with client.messages.stream(model=MODEL, max_tokens=500, messages=ASK, tools=[tool]) as stream:
        final = await stream.get_final_message()
    assert [b.type for b in final.content] == [b.type for b in whole.content]
    assert final.usage.output_tokens == whole.usage.output_tokens
    result = {"type": "tool_result", "tool_use_id": use.id, "content": "rain", "is_error": True}
    said = [b.model_dump(exclude_none=True) for b in whole.content]
    follow: Any = [*ASK, {"role": "assistant", "content": said}, {"role": "user", "content": [result]}]
    more = await client.messages.create(model=MODEL, max_tokens=500, messages=follow, tools=[tool])
    assert [b.text for b in more.content if b.type == "text"] == ["Turn 1 says é漢."]
    bare = await client.messages.create(model=MODEL, max_tokens=500, messages=ASK)
    assert [b.type for b in bare.content] == ["text"]  # who asked for no thinking is shown none
    count = await client.messages.count_tokens(model=MODEL, messages=ASK)
    assert count.input_tokens > 0
    assert (await client.models.retrieve(MODEL)).id == MODEL


def test_what_has_no_equal_is_refused_or_dropped_by_the_keys_policy(tmp_path: Path) -> None:
    async def go() -> None:
        async with (
            upstream_of("bedrock") as (server, base),
            serving(tmp_path, config("bedrock", base)) as served,
        ):
            body = question(model=MODEL, seed=7, temperature=1.5, max_tokens=20)
            refused = await served.ask(CHAT, body)
            assert refused.status == 400
            assert "has no equal in Converse" in refused.json["error"]["message"]
            assert not server.bodies
            _, lossy = await served.ledger.keys.issue("lossy", models=("*",), scopes=("call", "lossy"))
            allowed = await served.ask(CHAT, body, key=lossy)
            assert allowed.status == 200
            assert allowed.headers["x-supercycle-dropped"] == "a temperature of 1.5 (above 1); seed"
            assert "temperature" not in json.dumps(server.bodies)
            assert len(await served.booked(1)) == 1
            facts = await served.ledger.store.fetch("SELECT name, text FROM fact WHERE name = 'left_out'")
            assert [row["text"] for row in facts] == ["a temperature of 1.5 (above 1); seed"]
            # What only its own provider can look up is refused whatever the policy.
            for field in ("previous_response_id", "background", "conversation"):
                state = await served.ask(
                    "/v1/responses", {"model": MODEL, "input": "Hi", field: "x"}, key=lossy
                )
                assert state.status == 400
                assert field in state.json["error"]["message"]
            assert len(server.bodies) == 1

    asyncio.run(go())


TWO = """
providers:
  far: {{kind: bedrock, base_url: "{base}", auth: none}}
  one: {{kind: mock}}
models:
  m:
    strategy: chain
    targets:
      - {{provider: far, model: amazon.nova-lite-v1:0, max_output_tokens: 100}}
      - {{provider: one, model: mock-small, max_output_tokens: 100}}
  alone: [{{provider: far, model: amazon.nova-lite-v1:0, max_output_tokens: 100}}]
"""


SLOW = frame("throttlingException", {"message": "slow"}, "exception")


@pytest.mark.parametrize(
    ("status", "kind", "raw", "moves_on"),
    [
        (200, "application/vnd.amazon.eventstream", b"no frames at all" * 8, True),
        (
            200,
            "application/vnd.amazon.eventstream",
            frame("throttlingException", {"message": "slow"}, "exception"),
            True,
        ),
        (200, "application/json", b'{"output": []}', True),
        (429, "application/json", b'{"message": "Too many requests"}', True),
        (400, "application/json", b'{"message": "Input is too long for requested model."}', False),
    ],
)
def test_faults_of_a_translated_upstream(
    status: int, kind: str, raw: bytes, moves_on: bool, tmp_path: Path
) -> None:
    """Before the first byte another target answers; an error that is the caller's comes in the caller's words."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=status, body=raw, content_type=kind)

    async def go() -> None:
        app = web.Application()
        app.router.add_post("/{path:.*}", answer)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        base = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            async with serving(tmp_path, TWO.format(base=base)) as served:
                body = {"model": "m", "max_tokens": 20, "messages": ASK, "stream": True}
                reply = await served.ask("/v1/messages", body)
                assert reply.status == (200 if moves_on else 400), reply.body
                if moves_on:
                    assert reply.headers["x-supercycle-target"] == "one/mock-small"
                    assert b"message_stop" in reply.body
                    return
                assert reply.json["error"]["message"].startswith("prompt is too long: ")
                said = await served.ask("/v1/responses", {"model": "alone", "input": "Hi"})
                assert said.json["error"]["code"] == "context_length_exceeded"
        finally:
            await runner.cleanup()

    asyncio.run(go())


def test_a_stream_that_breaks_in_the_middle_is_told_and_booked(tmp_path: Path) -> None:
    begun = frame("messageStart", {"role": "assistant"})
    begun += frame("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": "Hello there"}})

    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"content-type": "application/vnd.amazon.eventstream"})
        await response.prepare(request)
        await response.write(begun)
        await asyncio.sleep(0.05)
        await response.write(frame("modelStreamErrorException", {"message": "it broke"}, "exception"))
        return response

    async def go() -> None:
        app = web.Application()
        app.router.add_post("/{path:.*}", answer)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        base = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            async with serving(tmp_path, TWO.format(base=base)) as served:
                body = {"model": "alone", "max_tokens": 20, "messages": ASK, "stream": True}
                reply = await served.ask("/v1/messages", body)
                assert b"Hello there" in reply.body
                assert b"event: error" in reply.body
                assert b"it broke" in reply.body
                assert b"message_stop" not in reply.body
                (row,) = await served.attempts(1)
                assert row["state"] == "estimated"
        finally:
            await runner.cleanup()

    asyncio.run(go())
