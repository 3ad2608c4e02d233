"""What two dialects can both say survives the way between them, and streams mean the same however they are cut."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from supercycle.gateway.canon.effort import BUDGETS, LADDER, budget_of, effort_of
from supercycle.gateway.canon.form import (
    Call,
    Choice,
    Contract,
    Media,
    Name,
    Request,
    Result,
    Text,
    Tool,
    Turn,
    merged,
)
from supercycle.gateway.canon.frames import Unframe
from supercycle.gateway.canon.loss import Loss, Untranslatable
from supercycle.gateway.canon.telling import Told
from supercycle.gateway.canon.translation import READERS, translate
from supercycle.gateway.canon.write_chat import write_chat
from supercycle.gateway.canon.write_converse import write_converse
from supercycle.gateway.canon.write_gemini import write_gemini
from supercycle.gateway.canon.write_messages import write_messages
from supercycle.gateway.canon.write_responses import write_responses
from supercycle.gateway.canon.writing import Way
from supercycle.gateway.speech.usage import Usage
from tests.gateway_foreign import frame
from tests.gateway_native import read_converse, read_gemini

WAYS: dict[str, tuple[Way, Any, Any]] = {
    "chat": (Way("openai.chat", "openai", "m"), write_chat, READERS["openai.chat"]),
    "responses": (Way("openai.responses", "openai", "m"), write_responses, READERS["openai.responses"]),
    "messages": (
        Way("anthropic.messages", "anthropic", "claude-opus-4-6"),
        write_messages,
        READERS["anthropic.messages"],
    ),
    "gemini": (Way("google.generate", "gemini", "gemini-3-pro"), write_gemini, read_gemini),
    "converse": (
        Way("bedrock.converse", "bedrock", "anthropic.claude-opus-4-6"),
        write_converse,
        read_converse,
    ),
}
# What a dialect has no words for is not generated for it.
NO: dict[str, set[str]] = {
    "chat": {"is_error", "cache", "result_pictures", "custom"},
    "responses": {"is_error", "cache", "stop"},
    "messages": {"detail", "contract_name", "above_1", "custom", "strict_contract"},

      "gemini": {"detail", "stream", "user", "cache", "urls", "contract_name", "file_name", "strict", "parallel",
               "custom", "strict_contract"},
    "converse": {"detail", "stream", "user", "urls", "above_1", "parallel", "none", "custom", "strict_contract"},
}  # fmt: skip
words = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), min_size=1, max_size=12).filter(
    lambda text: text.strip() != ""
)
names = st.from_regex(r"[A-Za-z][A-Za-z0-9_-]{0,20}", fullmatch=True)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | words, lambda v: st.lists(v, max_size=2)
)
objects = st.dictionaries(names, values, max_size=3)


def dumped(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


@st.composite
def requests(draw: Any, dialect: str) -> Request:
    no = NO[dialect]

    def maybe(strategy: Any, nothing: Any, *unless: str) -> Any:
        return nothing if set(unless) & no else draw(st.just(nothing) | strategy)

    def media() -> Media:
        if draw(st.booleans()):
            detail = maybe(st.sampled_from(("low", "high")), "", "detail")
            if "urls" not in no and draw(st.booleans()):
                return Media("image", url="https://x.y/z.png", detail=detail)
            return Media("image", "image/png", "AAAA", detail=detail)
        return Media("file", "application/pdf", "BBBB", name="" if "file_name" in no else "a b")

    marks = st.sampled_from(("5m", "1h"))
    tools = []
    for name in draw(st.lists(names, max_size=3, unique=True)):
        custom = maybe(st.just(True), False, "custom")
        tools.append(
            Tool(
                Name(name, custom=custom),
                maybe(words, ""),
                "" if custom else dumped({"type": "object", "properties": draw(objects)}),
                strict=None if custom else maybe(st.booleans(), None, "strict"),
                grammar=dumped({"type": "grammar", "definition": "x"})
                if custom and draw(st.booleans())
                else "",
                cache=maybe(marks, "", "cache"),
            )
        )
    turns: list[Turn] = []
    if draw(st.booleans()):
        turns.append(Turn("system", (Text(draw(words), maybe(marks, "", "cache")),)))
    parts: list[Any] = [Text(draw(words))]
    count = 0
    for _ in range(draw(st.integers(0, 3))):
        parts += [Text(draw(words), maybe(marks, "", "cache")) for _ in range(draw(st.integers(0, 2)))]
        parts += [media() for _ in range(draw(st.integers(0, 1)))]
        turns.append(Turn("user", tuple(parts)))
        said: list[Any] = [Text(draw(words))]
        calls = []
        for tool in draw(st.lists(st.sampled_from(tools), max_size=3)) if tools else []:
            count += 1
            given_text = draw(words) if tool.tool.custom else dumped(draw(objects))
            calls.append(Call(f"call_{count}", tool.tool, given_text))
        turns.append(Turn("assistant", (*said, *calls)))
        parts = []
        for call in calls:
            inner: list[Any] = [Text(draw(words))]
            if "result_pictures" not in no and draw(st.booleans()):
                inner.append(Media("image", "image/png", "CCCC"))
            error = maybe(st.just(True), False, "is_error")
            parts.append(Result(call.id, tuple(inner), error, custom=call.tool.custom))
        if not parts:
            parts = [Text(draw(words))]
    turns.append(Turn("user", tuple(parts)))
    choice = Choice()
    if tools:
        modes = ["auto", "required", "tool"] + (["none"] if "none" not in no else [])
        mode = draw(st.sampled_from(modes))
        choice = Choice(mode, draw(st.sampled_from(tools)).tool) if mode == "tool" else Choice(mode)
    contract = None
    if not tools or dialect not in ("messages", "converse"):
        schema = dumped({"type": "object", "properties": draw(objects)})
        name = "answer" if "contract_name" in no else draw(names)
        strict = maybe(st.booleans(), None, "strict_contract")
        contract = maybe(st.just(Contract(schema, name, strict)), None)
    effort = maybe(st.sampled_from(("low", "medium", "high")), "")
    thinks = dialect in ("messages", "converse") and effort != ""
    if thinks and choice.mode in ("required", "tool"):
        choice = Choice("auto")
    top = 1 if "above_1" in no else 2
    return Request(
        "m", tuple(turns), tuple(tools), choice,
        parallel=maybe(st.booleans(), None, "parallel") if tools and choice.mode != "none" else None,
        contract=contract, effort=effort,
        max_output=draw(st.integers(1, 9999)) if dialect == "messages" else maybe(st.integers(1, 9999), None),
        stop=tuple(maybe(st.lists(words, max_size=4), [], "stop")),
        temperature=None if thinks else maybe(st.floats(0, top, exclude_max=True), None),
        top_p=maybe(st.floats(0.1, 0.9), None), stream=maybe(st.just(True), False, "stream"),
        user=maybe(words, "", "user"),
    )  # fmt: skip


def plain_part(part: Any) -> Any:
    if isinstance(part, Call) and not part.tool.custom:
        return replace(part, arguments=dumped(json.loads(part.arguments)))
    return part


def plain(request: Request) -> Request:
    """What is the same said another way: neighbours of one role as one, JSON without its spaces, ids of the model."""
    turns = []
    for turn in merged(request.turns):
        turns.append(replace(turn, parts=tuple(map(plain_part, turn.parts))))
    tools = tuple(replace(t, schema=dumped(json.loads(t.schema)) if t.schema else "") for t in request.tools)
    contract = request.contract
    if contract is not None and contract.schema:
        contract = replace(contract, schema=dumped(json.loads(contract.schema)))
    return replace(
        request, model="m", turns=tuple(turns), tools=tools, contract=contract, budget=None, thoughts=None
    )


@pytest.mark.parametrize("dialect", WAYS)
@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_request_comes_back_from_every_dialect_as_it_was(dialect: str, data: st.DataObject) -> None:
    way, write, read = WAYS[dialect]
    request = data.draw(requests(dialect))
    loss = Loss(way.dialect)
    body = json.loads(json.dumps(write(request, way, loss, own=False).body))
    again = read(body, Loss("canonical"))
    want = request
    if dialect == "responses":  # not said is false there, for a schema of somebody else's
        want = replace(
            want, tools=tuple(t if t.tool.custom else replace(t, strict=bool(t.strict)) for t in want.tools)
        )
    if dialect == "messages" and want.parallel is True:
        want = replace(want, parallel=None)  # which is what messages do unless told
    if (
        dialect in ("messages", "converse")
        and want.tools
        and want.choice.mode == ""
        and request.parallel is False
    ):
        want = replace(want, choice=Choice("auto"))
    assert plain(again) == plain(want)


@pytest.mark.parametrize("client", READERS)
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_what_is_not_carried_is_told(client: str, data: st.DataObject) -> None:
    """Each setting that can change the answer is in what is sent, refused by name, or dropped and listed."""
    knob, value = data.draw(
        st.sampled_from(
            [("seed", 7), ("frequency_penalty", 0.5), ("presence_penalty", 0.5), ("logit_bias", {"5": 1}), ("top_k", 5),
             ("n", 2), ("logprobs", True), ("min_p", 0.1), ("temperature", 1.7), ("what_is_new", {"a": 1})]
        )
    )  # fmt: skip
    way = data.draw(st.sampled_from([row[0] for row in WAYS.values() if row[0].dialect != client]))
    said = "input" if client == "openai.responses" else "messages"
    fields = {"model": "m", said: [{"role": "user", "content": "Hi"}], knob: value}
    sent = ("topK", "frequencyPenalty", "presencePenalty", "seed", "top_k", "temperature", "logit_bias",
            "frequency_penalty", "presence_penalty")  # fmt: skip
    refused = ""
    try:
        translate(client, fields, way)
    except Untranslatable as error:
        refused = str(error)
    made = translate(client, fields, way, lossy=True)
    body = json.dumps(made.body)
    if refused:
        assert knob in refused
        assert any(knob in dropped for dropped in made.dropped)
        assert not any(f'"{name}": {json.dumps(value)}' in body for name in (*sent, knob))
    else:
        assert not made.dropped
        assert any(f'"{name}": {json.dumps(value)}' in body for name in sent)


def test_effort_survives_a_way_through_budgets() -> None:
    assert [effort_of(budget_of(word)) for word in LADDER] == list(LADDER)
    assert sorted(BUDGETS.values()) == list(BUDGETS.values())


def sse(events: list[Any], end: bytes = b"\n\n") -> bytes:
    return b"".join(b"data: " + json.dumps(e, ensure_ascii=False).encode() + end for e in events)


def call(index: int, **function: Any) -> Any:
    calls = [{"index": index, "id": f"c{index}", "function": function}]
    return {"id": "1", "model": "m", "choices": [{"index": 0, "delta": {"tool_calls": calls}}]}


def said(**delta: Any) -> Any:
    return {"id": "1", "model": "m", "choices": [{"index": 0, "delta": delta}]}


def part(**one: Any) -> Any:
    return {"responseId": "r", "candidates": [{"content": {"parts": [one]}}]}


STREAMS: dict[str, tuple[Way, bytes]] = {
    "chat": (
        Way("openai.chat", "vllm", "m"),
        sse([
            said(reasoning="hm "), said(reasoning="é漢"), said(content="Hi"), call(0, name="a", arguments=""),
            call(1, name="b", arguments='{"x"'),
            call(0, arguments='{"y":'), call(1, arguments=":1}"), call(0, arguments="2}"),
            {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
        ], b"\r\n\r\n") + b": a comment\r\n\r\ndata: [DONE]\r\n\r\n",
    ),
    "gemini": (
        Way("google.generate", "gemini", "gemini-3-pro"),
        sse([
            part(text="hm é漢", thought=True), part(text="Hi"),
            part(functionCall={"name": "a", "args": {"y": 2}}, thoughtSignature="s=="),
            part(functionCall={"name": "b", "args": {"x": 1}}),
            {"candidates": [{"finishReason": "STOP"}]},
        ]),
    ),
    "converse": (
        Way("bedrock.converse", "bedrock", "anthropic.claude-opus-4-6"),
        b"".join(frame(name, held) for name, held in [
            ("messageStart", {"role": "assistant"}),
            ("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"reasoningContent": {"text": "hm é漢"}}}),
            ("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"reasoningContent": {"signature": "s=="}}}),
            ("contentBlockStop", {"contentBlockIndex": 0}),
            ("contentBlockDelta", {"contentBlockIndex": 1, "delta": {"text": "Hi"}}),
            ("contentBlockStop", {"contentBlockIndex": 1}),
            ("contentBlockStart", {"contentBlockIndex": 2, "start": {"toolUse": {"toolUseId": "c0", "name": "a"}}}),
            ("contentBlockDelta", {"contentBlockIndex": 2, "delta": {"toolUse": {"input": '{"y":2}'}}}),
            ("contentBlockStop", {"contentBlockIndex": 2}), ("messageStop", {"stopReason": "tool_use"}),
            ("metadata", {"usage": {}}),
        ]),
    ),
}  # fmt: skip


@pytest.mark.parametrize("client", READERS)
@pytest.mark.parametrize("name", STREAMS)
def test_a_stream_means_the_same_however_it_is_cut(name: str, client: str) -> None:
    way, raw = STREAMS[name]
    said = "input" if client == "openai.responses" else "messages"
    function = {"parameters": {"type": "object"}, "input_schema": {"type": "object"}}
    tools = [{"name": n, **function} for n in "ab"]
    if client != "anthropic.messages":
        tools = [{"type": "function", "function": t, **t} for t in tools]
    fields = {"model": "m", said: [{"role": "user", "content": "Hi"}], "tools": tools, "stream": True}
    fields |= {"reasoning_effort": "low"} if client == "openai.chat" else {}
    made = translate(client, fields, way)
    told = Told("id", "m", 1, way.origin, lambda: Usage({"input": 3, "output": 4}), 3, thinks=True)

    def read(cuts: list[int]) -> bytes:
        stream, unframe = made.stream(told, usage=True), Unframe()
        out = b""
        for begin, end in zip([0, *cuts], [*cuts, len(raw)], strict=True):
            piece = raw[begin:end]
            out += stream.feed(unframe(piece) if name == "converse" else piece)
        return out + stream.end()

    whole = read([])
    assert "hm " in whole.decode()
    assert "Hi" in whole.decode()
    assert whole.count(b'"a"') >= 1
    draw = random.Random(1)
    assert read(list(range(1, len(raw)))) == whole
    for _ in range(20):
        assert read(sorted(draw.sample(range(1, len(raw)), draw.randint(1, 9)))) == whole
