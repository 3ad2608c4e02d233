"""Chat and messages: each request, answer and stream beside its translation, written out by hand."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from supercycle.core.errors import InputError
from supercycle.gateway.canon.errors import error_body
from supercycle.gateway.canon.gathered import Broken
from supercycle.gateway.canon.loss import Untranslatable
from supercycle.gateway.canon.telling import Told
from supercycle.gateway.canon.to_chat import FINISHES, chat_usage
from supercycle.gateway.canon.to_messages import STOPS, messages_usage
from supercycle.gateway.canon.translation import Streamed, Translation, translate
from supercycle.gateway.canon.writing import Way
from supercycle.gateway.door.mock_answers import answer_of, body_of, events_of
from supercycle.gateway.speech.sse import Splitter, data_of, event
from supercycle.gateway.speech.usage import Usage, UsageTally, read_usage

HI: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 9}


def to_messages(fields: dict[str, Any], most: int | None = None) -> Translation:
    return translate("openai.chat", fields, Way("anthropic.messages", "anthropic", "m", most))


def to_chat(fields: dict[str, Any]) -> Translation:
    return translate("anthropic.messages", fields, Way("openai.chat", "compatible", "m"))


def told(dialect: str, body: dict[str, Any] | None = None, created: int = 0) -> Told:
    usage = read_usage(dialect, body) if body is not None else None
    return Told("id", "m", created, f"{dialect}:m", lambda: usage or Usage({}), thinks=False)


def streamed(
    made: Translation, stream: bytes, size: int = 0, *, usage: bool = False, created: int = 0
) -> bytes:
    """A stream translated, read in pieces of ``size``; what was used is read from it as the gateway does."""
    tally = UsageTally(made.way.dialect)
    for raw in Splitter().feed(stream):
        data = data_of(raw)
        tally.feed(orjson.loads(data) if data.startswith(b"{") else None)
    reader: Streamed = made.stream(
        told("", created=created)._replace(usage=lambda: tally.usage() or Usage({})), usage=usage
    )
    step = size or len(stream)
    return b"".join([reader.feed(stream[i : i + step]) for i in range(0, len(stream), step)]) + reader.end()


SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}}
CHAT: dict[str, Any] = {
    "model": "m",
    "messages": [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": [
            {"type": "text", "text": "What is this?"},
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}},
        ]},
        {"role": "assistant", "content": "Let me look.", "tool_calls": [
            {"id": "c1", "type": "function", "function": {"name": "look", "arguments": '{"city":"Oslo"}'}},
            {"id": "c2", "type": "function", "function": {"name": "look", "arguments": "{}"}},
        ]},
        {"role": "tool", "tool_call_id": "c1", "content": "a map"},
        {"role": "tool", "tool_call_id": "c2", "content": "nothing"},
        {"role": "user", "content": "So?"},
    ],
    "max_tokens": 50,
    "temperature": 0.5,
    "top_p": 0.9,
    "stop": ["END"],
    "user": "u1",
    "tools": [{"type": "function", "function": {"name": "look", "description": "Looks", "parameters": SCHEMA}}],
    "tool_choice": "required",
    "parallel_tool_calls": False,
    "n": 1,
}  # fmt: skip
MESSAGES: dict[str, Any] = {
    "model": "m",
    "system": [{"type": "text", "text": "Be brief."}],
    "messages": [
        {"role": "user", "content": [
            {"type": "text", "text": "What is this?"},
            {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AAAA"}},
        ]},
        {"role": "assistant", "content": [
            {"type": "text", "text": "Let me look."},
            {"type": "tool_use", "id": "c1", "name": "look", "input": {"city": "Oslo"}},
            {"type": "tool_use", "id": "c2", "name": "look", "input": {}},
        ]},
        {"role": "user", "content": [
            {"type": "tool_result", "tool_use_id": "c1", "content": [{"type": "text", "text": "a map"}]},
            {"type": "tool_result", "tool_use_id": "c2", "content": [{"type": "text", "text": "nothing"}]},
            {"type": "text", "text": "So?"},
        ]},
    ],
    "max_tokens": 50,
    "temperature": 0.5,
    "top_p": 0.9,
    "stop_sequences": ["END"],
    "metadata": {"user_id": "u1"},
    "tools": [{"name": "look", "description": "Looks", "input_schema": SCHEMA}],
    "tool_choice": {"type": "any", "disable_parallel_tool_use": True},
}  # fmt: skip


def test_a_chat_request_as_messages() -> None:
    assert to_messages(CHAT).body == MESSAGES


def test_a_messages_request_as_chat() -> None:
    back = to_chat(MESSAGES).body
    want = {k: v for k, v in CHAT.items() if k not in ("max_tokens", "n")} | {"max_completion_tokens": 50}
    assert back == want


def test_a_request_that_says_little() -> None:
    plain = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
    there = to_messages(plain).body
    assert there == {
        "model": "m", "max_tokens": 4096, "messages": [{"role": "user", "content": [{"type": "text", "text": "Hi"}]}],
    }  # fmt: skip
    asked = to_chat(
        {**plain, "max_tokens": 5, "stream": True, "system": "S", "thinking": {"type": "disabled"}}
    ).body
    assert asked == {
        "model": "m",
        "messages": [{"role": "system", "content": "S"}, {"role": "user", "content": "Hi"}],
        "max_completion_tokens": 5,
        "stream": True,
        "stream_options": {"include_usage": True},
    }


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("n", 2, "n has no equal in messages"),
        ("logprobs", True, "logprobs has no equal"),
        ("seed", 7, "seed has no equal in messages"),
        ("logit_bias", {"5": 1}, "logit_bias"),
        ("response_format", {"type": "json_object"}, "a shape of the answer beside tools has no equal"),
        ("temperature", 1.5, r"temperature of 1.5 \(above 1\)"),
        ("frequency_penalty", 0.5, "frequency_penalty"),
        ("audio", {}, "audio"),
        ("messages", [{"role": "function", "content": "x"}], "role 'function'"),
        ("messages", [{"role": "user", "content": [{"type": "input_audio"}]}], "input_audio"),
        ("messages", "Hi", "expected a list"),
        ("tools", [{"type": "web_search"}], "tool of type 'web_search'"),
    ],
)
def test_a_chat_request_that_has_no_equal_is_refused(field: str, value: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        to_messages({**CHAT, field: value})


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("top_k", 5, "top_k has no equal in chat"),
        ("inference_geo", "us", "inference_geo us"),
        ("mcp_servers", [{}], "mcp_servers has no equal"),
        ("tools", [{"type": "bash_20250124", "name": "bash"}], "bash_20250124"),
        ("messages", [{"role": "user", "content": [{"type": "document"}]}], "document"),
    ],
)
def test_a_messages_request_that_has_no_equal_is_refused(field: str, value: Any, message: str) -> None:
    with pytest.raises(Untranslatable, match=message):
        to_chat({**MESSAGES, field: value})


def test_what_says_nothing_is_left_out() -> None:
    silent = {
        "n": 1,
        "logprobs": False,
        "frequency_penalty": 0,
        "logit_bias": {},
        "response_format": {"type": "text"},
    }
    assert to_messages({**CHAT, **silent}, 4096).body == MESSAGES


def test_usage_both_ways() -> None:
    messages = {
        "input_tokens": 10,
        "cache_read_input_tokens": 30,
        "cache_creation_input_tokens": 5,
        "output_tokens": 7,
    }
    read = read_usage("anthropic.messages", {"usage": messages})
    assert read is not None
    chat = chat_usage(read)
    assert (chat["prompt_tokens"], chat["completion_tokens"], chat["total_tokens"]) == (
        10 + 30 + 5,
        7,
        10 + 30 + 5 + 7,
    )
    again = read_usage("openai.chat", {"usage": chat})
    assert again is not None
    assert messages_usage(again) == messages


def test_usage_of_gemini_and_converse() -> None:
    """Gemini's thoughts stand beside the candidates and its tools' prompts beside the prompt; Converse says lives."""
    gemini = {"promptTokenCount": 100, "toolUsePromptTokenCount": 7, "cachedContentTokenCount": 40,
              "candidatesTokenCount": 10, "thoughtsTokenCount": 25}  # fmt: skip
    read = read_usage("google.generate", {"usageMetadata": gemini})
    assert read is not None
    assert dict(read.counts) == {"input": 67, "cached": 40, "output": 35, "reasoning": 25, "request": 1}
    hidden = read_usage("google.generate", {"usageMetadata": {**gemini, "totalTokenCount": 200}})
    assert hidden is not None
    assert hidden.of("output") == 93
    lives = [{"ttl": "1h", "inputTokens": 3}, {"ttl": "5m", "inputTokens": 5}]
    converse = {"inputTokens": 10, "outputTokens": 7, "cacheReadInputTokens": 30, "cacheWriteInputTokens": 8,
                "cacheDetails": lives, "totalTokens": 55}  # fmt: skip
    found = read_usage("bedrock.converse", {"metadata": {"usage": converse, "serviceTier": {"type": "flex"}}})
    assert found is not None
    assert found.tier == "flex"
    assert dict(found.counts) == {
        "input": 10, "cached": 30, "cache_write_5m": 5, "cache_write_1h": 3, "output": 7, "request": 1,
    }  # fmt: skip


def test_an_answer_with_tools() -> None:
    body = {
        "id": "msg_1", "type": "message", "role": "assistant", "model": "m", "stop_reason": "tool_use",
        "stop_sequence": None,
        "content": [
            {"type": "thinking", "thinking": "hm"},
            {"type": "text", "text": "Let me look."},
            {"type": "tool_use", "id": "c1", "name": "look", "input": {"city": "Oslo"}},
        ],
        "usage": {"input_tokens": 3, "output_tokens": 4},
    }  # fmt: skip
    chat = to_messages(CHAT).whole(body, told("anthropic.messages", body, 99))
    (choice,) = chat["choices"]
    call = {"id": "c1", "type": "function", "function": {"name": "look", "arguments": '{"city":"Oslo"}'}}
    assert choice == {
        "index": 0,
        "message": {"role": "assistant", "content": "Let me look.", "refusal": None, "tool_calls": [call]},
        "logprobs": None,
        "finish_reason": "tool_calls",
    }
    back = to_chat(MESSAGES).whole(chat, told("openai.chat", chat))
    assert back["content"] == body["content"][1:]
    assert (back["stop_reason"], back["id"], back["model"]) == ("tool_use", "msg_1", "m")


def test_how_an_answer_ended() -> None:
    assert set(FINISHES) == set(STOPS)
    for finish, reason in (("stop", "end_turn"), ("length", "max_tokens"), ("content_filter", "refusal")):
        body = {"choices": [{"message": {"content": "x"}, "finish_reason": finish}]}
        assert to_chat(HI).whole(body, told("openai.chat", body))["stop_reason"] == reason
        there = {"content": [{"type": "text", "text": "x"}], "stop_reason": reason}
        back = to_messages(CHAT).whole(there, told("anthropic.messages", there))
        assert back["choices"][0]["finish_reason"] == finish
    with pytest.raises(Broken, match="no more"):
        to_chat(HI).whole({"error": {"message": "no more"}}, told("openai.chat"))


TEXT_STREAM = [
    ("message_start", {"type": "message_start", "message": {
        "id": "msg_1", "model": "m", "usage": {"input_tokens": 9, "output_tokens": 1}}}),
    ("content_block_start", {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}),
    ("ping", {"type": "ping"}),
    ("content_block_delta", {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hi"}}),
    ("content_block_stop", {"type": "content_block_stop", "index": 0}),
    ("content_block_start", {"type": "content_block_start", "index": 1, "content_block": {
        "type": "tool_use", "id": "c1", "name": "look", "input": {}}}),
    ("content_block_delta", {"type": "content_block_delta", "index": 1, "delta": {
        "type": "input_json_delta", "partial_json": '{"a":1}'}}),
    ("content_block_stop", {"type": "content_block_stop", "index": 1}),
    ("message_delta", {"type": "message_delta", "delta": {"stop_reason": "tool_use"}, "usage": {"output_tokens": 5}}),
    ("message_stop", {"type": "message_stop"}),
]  # fmt: skip


def test_a_messages_stream_as_chat() -> None:
    stream = b"".join(event(data, name) for name, data in TEXT_STREAM)
    head = {"id": "msg_1", "object": "chat.completion.chunk", "created": 5, "model": "m"}

    def chunk(delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return {**head, "choices": [choice]}

    function = {"name": "look", "arguments": ""}
    want = [
        chunk({"role": "assistant", "content": ""}),
        chunk({"content": "Hi"}),
        chunk({"tool_calls": [{"index": 0, "id": "c1", "type": "function", "function": function}]}),
        chunk({"tool_calls": [{"index": 0, "function": {"arguments": '{"a":1}'}}]}),
        chunk({}, "tool_calls"),
    ]
    for size in (1, 50, len(stream)):
        out = streamed(to_messages(CHAT), stream, size, created=5)
        *chunks, done = [data_of(raw) for raw in Splitter().feed(out)]
        assert [orjson.loads(data) for data in chunks] == want
        assert done == b"[DONE]"
    asked = streamed(to_messages(CHAT), stream, usage=True)
    last = orjson.loads(data_of(Splitter().feed(asked)[-2]))
    assert last["choices"] == []
    assert (last["usage"]["prompt_tokens"], last["usage"]["completion_tokens"]) == (9, 5)


def test_a_chat_stream_as_messages() -> None:
    asked = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
    answer = answer_of("openai.chat", asked, tokens=3)
    stream = b"".join(events_of("openai.chat", answer, usage=True))
    out = streamed(to_chat(HI), stream)
    said = [orjson.loads(data_of(raw)) for raw in Splitter().feed(out)]
    assert [e["type"] for e in said] == [
        "message_start", "content_block_start", *["content_block_delta"] * 3, "content_block_stop", "message_delta",
        "message_stop",
    ]  # fmt: skip
    assert "".join(e["delta"]["text"] for e in said if e["type"] == "content_block_delta") == "".join(
        answer.pieces
    )
    assert said[-2]["delta"]["stop_reason"] == "end_turn"
    assert said[-2]["usage"] == {
        "input_tokens": answer.input_tokens, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0,
        "output_tokens": 3,
    }  # fmt: skip
    # A whole answer says the same.
    body = body_of("openai.chat", answer)
    whole = to_chat(HI).whole(body, told("openai.chat", body))
    assert whole["content"] == [{"type": "text", "text": "".join(answer.pieces)}]
    assert whole["usage"] == said[-2]["usage"]


def test_two_tool_calls_in_a_chat_stream_are_two_blocks() -> None:
    def call(index: int, **function: Any) -> bytes:
        calls = [{"index": index, "id": f"c{index}", "function": function}]
        return event({"id": "1", "model": "m", "choices": [{"delta": {"tool_calls": calls}}]})

    stream = (
        call(0, name="a", arguments="")
        + call(1, name="b", arguments='{"b"')
        + call(0, arguments='{"a":1}')
        + call(1, arguments=":2}")
    )
    end = event({"choices": [{"delta": {}, "finish_reason": "tool_calls"}]}) + b"data: [DONE]\n\n"
    said = [orjson.loads(data_of(raw)) for raw in Splitter().feed(streamed(to_chat(HI), stream + end))]
    assert [(e["type"], e.get("index")) for e in said[1:-2]] == [
        ("content_block_start", 0), ("content_block_delta", 0), ("content_block_stop", 0),
        ("content_block_start", 1), *[("content_block_delta", 1)] * 2, ("content_block_stop", 1),
    ]  # fmt: skip
    assert "".join(e["delta"]["partial_json"] for e in said[5:7]) == '{"b":2}'
    assert said[-2]["delta"]["stop_reason"] == "tool_use"


def test_an_error_in_a_stream_is_told_in_the_others_words() -> None:
    overloaded = event({"type": "error", "error": {"type": "overloaded_error", "message": "busy"}}, "error")
    assert b'"message":"busy"' in streamed(to_messages(CHAT), overloaded)
    assert streamed(to_chat(HI), event({"error": {"message": "busy"}})).startswith(b"event: error\n")


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, "invalid_request_error"), (401, "authentication_error"), (404, "not_found_error"), (429, "rate_limit_error"),
     (500, "api_error"), (529, "overloaded_error")],
)  # fmt: skip
def test_error_types(status: int, kind: str) -> None:
    assert error_body("anthropic.messages", status, "x")["error"] == {"type": kind, "message": "x"}
    assert error_body("openai.chat", status, "x", code="c")["error"] == {
        "message": "x", "type": kind, "param": None, "code": "c",
    }  # fmt: skip


NOVA = Way("bedrock.converse", "bedrock", "amazon.nova-lite-v1:0")


def test_the_small_print_of_requests() -> None:
    """What is easily lost without a word: each is carried, refused by name, or noted."""
    ask = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
    # One is Claude's own temperature, but not every model's.
    assert translate("openai.chat", {**ask, "temperature": 1}, NOVA).body["inferenceConfig"] == {
        "temperature": 1
    }
    claude = Way("anthropic.messages", "anthropic", "claude-opus-4-7")
    assert "temperature" not in translate("openai.chat", {**ask, "temperature": 1}, claude).body
    with pytest.raises(Untranslatable, match=r"temperature \(claude-opus-4-7 sets its own\) has no equal"):
        translate("openai.chat", {**ask, "temperature": 0.5}, claude)
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    with pytest.raises(Untranslatable, match="what the system says beside text"):
        to_messages({**ask, "messages": [{"role": "system", "content": [picture]}, *ask["messages"]]})
    with pytest.raises(Untranslatable, match="name of a message"):
        to_messages({**ask, "messages": [{"role": "user", "name": "ann", "content": "Hi"}]})
    with pytest.raises(Untranslatable, match=r"include message\.output_text\.logprobs"):
        translate(
            "openai.responses",
            {"model": "m", "input": "Hi", "include": ["message.output_text.logprobs"]},
            NOVA,
        )
    long = to_chat({**HI, "metadata": {"user_id": "u" * 65}})
    assert len(long.body["user"]) == 32
    assert long.notes == ("user told as its hash",)
    hard = {**HI, "output_config": {"effort": "xhigh"}, "thinking": {"type": "adaptive"}}
    asked = to_chat(hard)
    assert (asked.body["reasoning_effort"], asked.notes) == ("high", ("effort xhigh told as high",))
    # A call that was never answered, and a result nobody asked for.
    call = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{bad"}}
    turns = [{"role": "assistant", "content": None, "tool_calls": [call]}, {"role": "user", "content": "So?"}]
    stray = [{"role": "tool", "tool_call_id": "c9", "content": "late"}]
    made = to_messages({**ask, "messages": [*ask["messages"], *turns, *stray]})
    assert made.body["messages"][1]["content"][0]["input"] == {"_raw": "{bad"}
    assert made.body["messages"][2]["content"] == [
        {"type": "tool_result", "tool_use_id": "c1", "content": [{"type": "text", "text": "[no result: interrupted]"}]},
        {"type": "text", "text": "So?"}, {"type": "text", "text": "[result of c9]"}, {"type": "text", "text": "late"},
    ]  # fmt: skip
    assert made.notes == (
        "a result without its call told as text",
        "a call without a result told as interrupted",
    )
    # Claude Code's offer of tools that are sent later: refused in the words on which it sends all.
    deferred = {**HI, "tools": [{"name": "a", "input_schema": {"type": "object"}, "defer_loading": True}]}
    with pytest.raises(Untranslatable, match=r"^tools.0.defer_loading: Extra inputs are not permitted$"):
        translate("anthropic.messages", deferred, NOVA, lossy=True)
