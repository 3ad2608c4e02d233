"""Chat and messages: each request, answer and stream beside its translation, written out by hand."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from supercycle.gateway.door.mock_answers import answer_of, body_of, events_of
from supercycle.gateway.speech.sse import Splitter, data_of, event
from supercycle.gateway.speech.translate import (
    FINISH_OF_STOP,
    STOP_OF_FINISH,
    Untranslatable,
    answer_to_chat,
    answer_to_messages,
    error_body,
    request_to_chat,
    request_to_messages,
    usage_to_chat,
    usage_to_messages,
)
from supercycle.gateway.speech.translate_stream import ChatToMessages, MessagesToChat

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
    "seed": 7,
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
    assert request_to_messages(CHAT, 4096) == MESSAGES


def test_a_messages_request_as_chat() -> None:
    back = request_to_chat(MESSAGES)
    want = {k: v for k, v in CHAT.items() if k not in ("max_tokens", "seed", "n")} | {
        "max_completion_tokens": 50
    }
    assert back == want


def test_a_request_that_says_little() -> None:
    plain = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
    there = request_to_messages(plain, 4096)
    assert there == {
        "model": "m", "max_tokens": 4096, "messages": [{"role": "user", "content": [{"type": "text", "text": "Hi"}]}],
    }  # fmt: skip
    streamed = request_to_chat(
        {**plain, "max_tokens": 5, "stream": True, "system": "S", "thinking": {"type": "disabled"}}
    )
    assert streamed == {
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
        ("response_format", {"type": "json_object"}, "response_format has no equal"),
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
    with pytest.raises(Untranslatable, match=message):
        request_to_messages({**CHAT, field: value}, 4096)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("top_k", 5, "top_k has no equal in chat"),
        ("thinking", {"type": "enabled", "budget_tokens": 5}, "thinking"),
        ("tools", [{"type": "bash_20250124", "name": "bash"}], "bash_20250124"),
        ("messages", [{"role": "user", "content": [{"type": "document"}]}], "document"),
    ],
)
def test_a_messages_request_that_has_no_equal_is_refused(field: str, value: Any, message: str) -> None:
    with pytest.raises(Untranslatable, match=message):
        request_to_chat({**MESSAGES, field: value})


def test_what_says_nothing_is_left_out() -> None:
    silent = {
        "n": 1,
        "logprobs": False,
        "frequency_penalty": 0,
        "logit_bias": {},
        "response_format": {"type": "text"},
    }
    assert request_to_messages({**CHAT, **silent}, 1) == MESSAGES


def test_usage_both_ways() -> None:
    messages = {
        "input_tokens": 10,
        "cache_read_input_tokens": 30,
        "cache_creation_input_tokens": 5,
        "output_tokens": 7,
    }
    chat = usage_to_chat(messages)
    assert (chat["prompt_tokens"], chat["completion_tokens"], chat["total_tokens"]) == (
        10 + 30 + 5,
        7,
        10 + 30 + 5 + 7,
    )
    assert usage_to_messages(chat) == messages


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
    chat = answer_to_chat(body, 99)
    (choice,) = chat["choices"]
    call = {"id": "c1", "type": "function", "function": {"name": "look", "arguments": '{"city":"Oslo"}'}}
    assert choice == {
        "index": 0,
        "message": {"role": "assistant", "content": "Let me look.", "refusal": None, "tool_calls": [call]},
        "logprobs": None,
        "finish_reason": "tool_calls",
    }
    back = answer_to_messages(chat)
    assert back["content"] == body["content"][1:]
    assert (back["stop_reason"], back["id"], back["model"]) == ("tool_use", "msg_1", "m")


def test_how_an_answer_ended() -> None:
    for stop, finish in FINISH_OF_STOP.items():
        if stop in STOP_OF_FINISH.values():
            assert FINISH_OF_STOP[STOP_OF_FINISH[finish]] == finish


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
        translator = MessagesToChat(5, usage=False)
        out = b"".join([translator.feed(stream[i : i + size]) for i in range(0, len(stream), size)])
        *chunks, done = [data_of(raw) for raw in Splitter().feed(out)]
        assert [orjson.loads(data) for data in chunks] == want
        assert done == b"[DONE]"
    asked = MessagesToChat(5, usage=True).feed(stream)
    last = orjson.loads(data_of(Splitter().feed(asked)[-2]))
    assert last["choices"] == []
    assert (last["usage"]["prompt_tokens"], last["usage"]["completion_tokens"]) == (9, 5)


def test_a_chat_stream_as_messages() -> None:
    asked = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
    answer = answer_of("openai.chat", asked, tokens=3)
    stream = b"".join(events_of("openai.chat", answer, usage=True))
    out = ChatToMessages().feed(stream)
    told = [orjson.loads(data_of(raw)) for raw in Splitter().feed(out)]
    assert [e["type"] for e in told] == [
        "message_start", "content_block_start", *["content_block_delta"] * 3, "content_block_stop", "message_delta",
        "message_stop",
    ]  # fmt: skip
    assert "".join(e["delta"]["text"] for e in told if e["type"] == "content_block_delta") == "".join(
        answer.pieces
    )
    assert told[-2]["delta"]["stop_reason"] == "end_turn"
    assert told[-2]["usage"] == {
        "input_tokens": answer.input_tokens, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0,
        "output_tokens": 3,
    }  # fmt: skip
    # A whole answer says the same.
    whole = answer_to_messages(body_of("openai.chat", answer))
    assert whole["content"] == [{"type": "text", "text": "".join(answer.pieces)}]
    assert whole["usage"] == told[-2]["usage"]


def test_two_tool_calls_in_a_chat_stream_are_two_blocks() -> None:
    def call(index: int, **function: Any) -> bytes:
        calls = [{"index": index, "id": f"c{index}", "function": function}]
        return event({"id": "1", "model": "m", "choices": [{"delta": {"tool_calls": calls}}]})

    stream = call(0, name="a", arguments="") + call(0, arguments="{}") + call(1, name="b", arguments="{}")
    end = event({"choices": [{"delta": {}, "finish_reason": "tool_calls"}]}) + b"data: [DONE]\n\n"
    told = [orjson.loads(data_of(raw)) for raw in Splitter().feed(ChatToMessages().feed(stream + end))]
    assert [(e["type"], e.get("index")) for e in told[1:-2]] == [
        ("content_block_start", 0), ("content_block_delta", 0), ("content_block_stop", 0),
        ("content_block_start", 1), ("content_block_delta", 1), ("content_block_stop", 1),
    ]  # fmt: skip
    assert told[-2]["delta"]["stop_reason"] == "tool_use"


def test_an_error_in_a_stream_is_told_in_the_others_words() -> None:
    overloaded = event({"type": "error", "error": {"type": "overloaded_error", "message": "busy"}}, "error")
    assert b'"message":"busy"' in MessagesToChat(0, usage=False).feed(overloaded)
    assert ChatToMessages().feed(event({"error": {"message": "busy"}})).startswith(b"event: error\n")


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
