"""Real clients over loopback: what their users do, and that the books agree with what the clients were told."""

from __future__ import annotations

import asyncio
import importlib
import sys
from pathlib import Path
from typing import Any

import anthropic
import openai
import pytest

sys.path.append(str(Path(__file__).resolve().parents[1]))
kit = importlib.import_module("gateway_server")
Behaviour, serving = kit.Behaviour, kit.serving

ASK: Any = [{"role": "user", "content": "What is the weather in Oslo?"}]
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
TOOL: Any = {"type": "function", "function": {"name": "weather", "description": "Now", "parameters": SCHEMA}}


def openai_client(served: Any, **more: Any) -> openai.AsyncOpenAI:
    return openai.AsyncOpenAI(
        **{"api_key": served.key, "base_url": served.base_url, "max_retries": 0, **more}
    )


def anthropic_client(served: Any, **more: Any) -> anthropic.AsyncAnthropic:
    return anthropic.AsyncAnthropic(
        **{"api_key": served.key, "base_url": served.running.public_url, "max_retries": 0, **more}
    )


def test_openai_chat(tmp_path: Path) -> None:
    async def go() -> None:
        async with serving(tmp_path) as served, openai_client(served) as client:
            plain = await client.chat.completions.create(model="mock-small", messages=ASK)
            text = plain.choices[0].message.content
            assert text
            said = ""
            async for chunk in await client.chat.completions.create(
                model="mock-small", messages=ASK, stream=True
            ):
                assert chunk.usage is None
                assert len(chunk.choices) == 1  # the usage chunk, which has none, was not asked for
                said += chunk.choices[0].delta.content or ""
            assert said == text
            usage = None
            async for chunk in await client.chat.completions.create(
                model="mock-small", messages=ASK, stream=True, stream_options={"include_usage": True}
            ):
                usage = chunk.usage or usage
            assert usage == plain.usage
            rows = await served.attempts(3)
            assert len({row["cost_pico"] for row in rows}) == 1
            listed = [model.id async for model in client.models.list()]
            assert listed == ["mock-small", "mock-large", "mock-embed"]

    asyncio.run(go())


def test_openai_tools(tmp_path: Path) -> None:
    async def go() -> None:
        async with serving(tmp_path) as served, openai_client(served) as client:
            first = await client.chat.completions.create(model="mock-small", messages=ASK, tools=[TOOL])
            (call,) = first.choices[0].message.tool_calls or []
            assert (call.function.name, call.function.arguments) == ("weather", '{"city":"mock"}')
            streamed = {"name": "", "arguments": ""}
            async for chunk in await client.chat.completions.create(
                model="mock-small", messages=ASK, tools=[TOOL], stream=True
            ):
                for part in chunk.choices[0].delta.tool_calls or []:
                    streamed["name"] += part.function.name or ""
                    streamed["arguments"] += part.function.arguments or ""
            assert streamed == {"name": "weather", "arguments": '{"city":"mock"}'}
            result: Any = {"role": "tool", "tool_call_id": call.id, "content": "4 degrees"}
            again: Any = [*ASK, first.choices[0].message.model_dump(), result]
            second = await client.chat.completions.create(model="mock-small", messages=again, tools=[TOOL])
            assert second.choices[0].message.content

    asyncio.run(go())


def test_openai_responses_and_embeddings(tmp_path: Path) -> None:
    async def go() -> None:
        async with serving(tmp_path) as served, openai_client(served) as client:
            whole = await client.responses.create(model="mock-large", input="Hello")
            events = [
                e async for e in await client.responses.create(model="mock-large", input="Hello", stream=True)
            ]
            assert events[-1].type == "response.completed"
            assert events[-1].response.output_text == whole.output_text
            vectors = await client.embeddings.create(model="mock-embed", input=["a", "b", "a"], dimensions=8)
            assert [len(d.embedding) for d in vectors.data] == [8, 8, 8]
            assert vectors.data[0].embedding == vectors.data[2].embedding != vectors.data[1].embedding
            rows = await served.attempts(3)
            assert rows[0]["cost_pico"] == rows[1]["cost_pico"] > 0
            assert rows[2]["cost_pico"] == vectors.usage.prompt_tokens * 20_000  # 0.02 USD per Mtok

    asyncio.run(go())


def test_anthropic_messages(tmp_path: Path) -> None:
    async def go() -> None:
        async with serving(tmp_path) as served, anthropic_client(served) as client:
            served.mock.usual = Behaviour(cached_tokens=2)
            plain = await client.messages.create(
                model="mock-large", max_tokens=20, messages=ASK, system="Be brief."
            )
            async with client.messages.stream(
                model="mock-large", max_tokens=20, messages=ASK, system="Be brief."
            ) as stream:
                said = "".join([text async for text in stream.text_stream])
                final = await stream.get_final_message()
            assert said == plain.content[0].text
            assert final.usage.output_tokens == plain.usage.output_tokens
            tool: Any = {"name": "weather", "input_schema": SCHEMA}
            call = await client.messages.create(model="mock-large", max_tokens=20, messages=ASK, tools=[tool])
            assert (call.stop_reason, call.content[0].input) == ("tool_use", {"city": "mock"})
            first, second, _ = await served.attempts(3)
            counts = {u["kind"]: u["count"] for u in first["usage"]}
            # 2 read from the cache at a tenth of 2.50, the rest at 2.50, 16 written at 10 USD per Mtok
            assert counts["cached"] == 2
            assert first["cost_pico"] == counts["input"] * 2_500_000 + 2 * 250_000 + counts["output"] * 10**7
            assert second["cost_pico"] == first["cost_pico"]

    asyncio.run(go())


def test_either_client_reaches_a_provider_of_the_other_dialect(tmp_path: Path) -> None:
    text = """
providers:
  chats: {kind: mock, speaks: {openai.chat: /chat/completions}}
  talks: {kind: mock, speaks: {anthropic.messages: /messages}}
models:
  by-chat: [chats/mock-small]
  by-messages: [talks/mock-small]
"""

    async def go() -> None:
        async with (
            serving(tmp_path, text) as served,
            openai_client(served) as one,
            anthropic_client(served) as two,
        ):
            plain = await one.chat.completions.create(model="by-messages", messages=ASK, tools=[TOOL])
            assert plain.choices[0].message.tool_calls[0].function.name == "weather"
            said = ""
            usage = None
            async for chunk in await one.chat.completions.create(
                model="by-messages", messages=ASK, stream=True, stream_options={"include_usage": True}
            ):
                usage = chunk.usage or usage
                said += chunk.choices[0].delta.content or "" if chunk.choices else ""
            whole = await one.chat.completions.create(model="by-messages", messages=ASK)
            assert said == whole.choices[0].message.content
            assert usage.completion_tokens == whole.usage.completion_tokens
            message = await two.messages.create(model="by-chat", max_tokens=9, messages=ASK)
            async with two.messages.stream(model="by-chat", max_tokens=9, messages=ASK) as stream:
                final = await stream.get_final_message()
            assert final.content[0].text == message.content[0].text
            assert final.stop_reason == message.stop_reason == "max_tokens"
            tool: Any = {"name": "weather", "input_schema": SCHEMA}
            async with two.messages.stream(
                model="by-chat", max_tokens=9, messages=ASK, tools=[tool]
            ) as stream:
                called = await stream.get_final_message()
            assert (called.stop_reason, called.content[0].input) == ("tool_use", {"city": "mock"})
            with pytest.raises(openai.BadRequestError, match="n has no equal in messages"):
                await one.chat.completions.create(model="by-messages", messages=ASK, n=2)
            rows = await served.attempts(6)
            assert {r["state"] for r in rows} == {"settled"}
            assert rows[1]["cost_pico"] == rows[2]["cost_pico"]
            assert rows[3]["cost_pico"] == rows[4]["cost_pico"]

    asyncio.run(go())


def test_langchain(tmp_path: Path) -> None:
    from langchain_openai import ChatOpenAI, OpenAIEmbeddings

    async def go() -> None:
        async with serving(tmp_path) as served:
            common: Any = {"base_url": served.base_url, "api_key": served.key}
            chat = ChatOpenAI(model="mock-small", max_retries=0, **common)
            answer = await chat.ainvoke("Hello")
            assert answer.content
            assert answer.usage_metadata["output_tokens"] == 16
            said = "".join([part.content async for part in chat.astream("Hello")])
            assert said == answer.content
            bound = chat.bind_tools([TOOL])
            assert (await bound.ainvoke("Hello")).tool_calls[0]["args"] == {"city": "mock"}
            # With the check on, this client downloads a tokenizer first.
            embeddings = OpenAIEmbeddings(model="mock-embed", check_embedding_ctx_length=False, **common)
            assert len(await embeddings.aembed_query("Hello")) == 64
            assert {row["state"] for row in await served.attempts(4)} == {"settled"}
            await chat.root_async_client.close()
            await embeddings.async_client._client.close()

    asyncio.run(go())


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, openai.BadRequestError),
        (404, openai.NotFoundError),
        (429, openai.RateLimitError),
        (500, openai.InternalServerError),
        (401, openai.InternalServerError),  # the gateway's own key is not the caller's business: 502
    ],
)
def test_errors_reach_the_client_as_its_own_kinds(
    tmp_path: Path, status: int, error: type[Exception]
) -> None:
    async def go() -> None:
        async with serving(tmp_path) as served, openai_client(served) as client:
            served.mock.usual = Behaviour(status=status)
            with pytest.raises(error) as raised:
                await client.chat.completions.create(model="mock-small", messages=ASK)
            if status != 401:
                assert raised.value.body["message"] == f"the mock was told to say {status}"
            rows = await served.attempts()
            assert {(r["state"], r["cost_pico"]) for r in rows} == {("void", 0)}
            # A 500 may be this very request's doing: the same target does not get it again, others would.
            assert len(rows) == (3 if status == 401 else 1)

    asyncio.run(go())


def test_errors_in_anthropics_shape(tmp_path: Path) -> None:
    async def go() -> None:
        async with serving(tmp_path) as served, anthropic_client(served) as client:
            ask: Any = {"max_tokens": 5, "messages": ASK}
            served.mock.behave(Behaviour(status=429, headers=((b"retry-after", b"7"),)))
            with pytest.raises(anthropic.RateLimitError) as limited:
                await client.messages.create(model="mock-small", **ask)
            assert limited.value.response.headers["retry-after"] == "7"
            with pytest.raises(anthropic.NotFoundError):
                await client.messages.create(model="none", **ask)
            async with anthropic_client(served, api_key="sc-wrong") as stranger:
                with pytest.raises(anthropic.AuthenticationError):
                    await stranger.messages.create(model="mock-small", **ask)
            await served.ledger.set_budget("org:o", 1, "month")
            with pytest.raises(anthropic.RateLimitError, match="budget of org:o"):
                await client.messages.create(model="mock-small", **ask)

    asyncio.run(go())


def test_timeouts(tmp_path: Path) -> None:
    text = kit.ONE.replace("{kind: mock}", "{kind: mock, first_byte_s: 0.15, disconnect: cancel-estimate}")

    async def go() -> None:
        async with serving(tmp_path, text) as served, openai_client(served) as client:
            # The upstream hangs: it is not asked again, so the caller knows after its patience and not after thrice.
            served.mock.behave(Behaviour(first_token_s=5))
            with pytest.raises(openai.InternalServerError, match=r"no answer within 0\.15 s"):
                await client.chat.completions.create(model="mock-small", messages=ASK)
            assert [r["state"] for r in await served.attempts()] == ["estimated"]
            # The client is the impatient one: it gives up, and so does the upstream call.
            served.mock.behave(Behaviour(tokens_per_s=20))
            async with openai_client(served, timeout=openai.Timeout(5, read=0.03)) as impatient:
                with pytest.raises(openai.APITimeoutError):
                    await impatient.chat.completions.create(model="mock-small", messages=ASK)
            assert (await served.attempts(2))[-1]["state"] == "estimated"

    asyncio.run(go())
