"""Upstreams that speak Gemini, DeepSeek's chat, Converse and vLLM's chat: strict, stateful, and none of the gateway's.

They import nothing of the gateway. Each decodes the request by itself, refuses what the real one documents to refuse,
counts tokens from the decoded words, and plays the same part: a model that thinks, says something, calls tools (two at
a time in every third answer, interleaved where the dialect can), and insists on getting its own state back.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from struct import pack
from typing import Any
from zlib import crc32

from aiohttp import web

__all__ = ["UPSTREAMS", "Part", "Upstream", "upstream_of"]

NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass
class Part:
    """What the model does in one answer."""

    thought: str
    text: str
    calls: list[tuple[str, str, dict[str, Any]]]  # id, name, arguments


@dataclass
class Billed:
    """What an answer says it used."""

    fresh: int
    cached: int
    output: int
    reasoning: int


@dataclass
class Upstream:
    """One server. ``billed`` is what it said it used, call by call; ``states`` what it gave away and wants back."""

    billed: list[Billed] = field(default_factory=list)
    bodies: list[Any] = field(default_factory=list)
    pictures: int = 0
    states: dict[str, str] = field(default_factory=dict)
    returned: int = 0  # states that came back and were right
    problem: str = ""

    def play(self, turn: int, tools: list[str], *, schema: bool = False) -> Part:
        """The part of the n-th answer of a conversation."""
        if schema:
            return Part("", '{"title":"A title"}', [])
        calls = []
        if tools and turn % 3 != 2:
            count = 2 if turn % 3 == 1 else 1
            for n in range(count):
                calls.append(
                    (f"call_{turn}_{n}", tools[(turn + n) % len(tools)], {"path": f"/f{turn}", "n": n})
                )
        return Part(f"I think of turn {turn}.", f"Turn {turn} says é漢.", calls)

    def bill(self, words: str, part: Part) -> Billed:
        """Tokens from the decoded words: a fifth of the prompt was cached."""
        prompt = len(words.encode()) // 4 + 3
        thought = len(part.thought) // 4
        out = thought + len(part.text.encode()) // 4 + sum(len(json.dumps(c)) // 4 for c in part.calls) + 1
        found = Billed(prompt - prompt // 5, prompt // 5, out, thought)
        self.billed.append(found)
        return found

    def refuse(self, why: str) -> web.Response:
        self.problem = why
        return web.json_response(self.error(why), status=400)

    def error(self, why: str) -> Any:
        return {"error": {"message": why, "type": "invalid_request_error", "code": None}}


def texts(value: Any) -> str:
    """All words in a decoded request."""
    if isinstance(value, str):
        return value + " "
    if isinstance(value, dict):
        return "".join(k + " " + texts(v) for k, v in value.items())
    if isinstance(value, list):
        return "".join(texts(v) for v in value)
    return ""


async def sse(request: web.Request, events: list[Any], *, done: bool) -> web.StreamResponse:
    response = web.StreamResponse(headers={"content-type": "text/event-stream"})
    await response.prepare(request)
    raw = b"".join(b"data: " + json.dumps(e, ensure_ascii=False).encode() + b"\r\n\r\n" for e in events)
    raw += b"data: [DONE]\r\n\r\n" if done else b""
    for at in range(0, len(raw), 97):  # cut anywhere
        await response.write(raw[at : at + 97])
    await response.write_eof()
    return response


class Chat(Upstream):
    """A server of open models: one system message at the beginning, calls answered at once, names in bounds."""

    reasoning = "reasoning_content"
    wants_state = False

    def fault(self, body: dict[str, Any]) -> str:
        known = {
            "model", "messages", "stream", "stream_options", "max_tokens", "temperature", "top_p", "tools",
            "tool_choice", "parallel_tool_calls", "response_format", "reasoning_effort", "user", "stop",
        }  # fmt: skip
        if set(body) - known:
            return f"unknown fields {set(body) - known}"
        waiting: list[str] = []
        for at, message in enumerate(body["messages"]):
            if message["role"] == "system" and at:
                return "System message must be at the beginning."
            if message["role"] == "tool":
                if message["tool_call_id"] not in waiting:
                    return f"result {message['tool_call_id']} of no call"
                waiting.remove(message["tool_call_id"])
                continue
            if waiting:
                return f"calls {waiting} were not answered"
            for part in message["content"] if isinstance(message["content"], list) else ():
                if part["type"] == "image_url":
                    self.pictures += part["image_url"]["url"].startswith("data:image/png;base64,")
            waiting = [call["id"] for call in message.get("tool_calls") or []]
            if any(
                not isinstance(json.loads(c["function"]["arguments"]), dict)
                for c in message.get("tool_calls") or []
            ):
                return "arguments are no object"
            if self.wants_state and waiting:
                if message.get("reasoning_content") is None:
                    return "The `reasoning_content` in the thinking mode must be passed back to the API."
                self.returned += message["reasoning_content"] == self.states[waiting[0]]
        if any(not NAME.fullmatch(t["function"]["name"]) for t in body.get("tools") or []):
            return "a name of a tool is out of bounds"
        return ""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.bodies.append(body)
        why = self.fault(body)
        if why:
            return self.refuse(why)
        forced = isinstance(body.get("tool_choice"), dict)
        schema = (body.get("response_format") or {}).get("type") == "json_schema"
        turn = sum(m["role"] == "assistant" for m in body["messages"])
        tools = [] if forced else [t["function"]["name"] for t in body.get("tools") or []]
        part = self.play(turn, tools, schema=schema or forced)
        if forced:
            part = Part("", "", [("call_f", body["tool_choice"]["function"]["name"], {"title": "A title"})])
        for call_id, _, _ in part.calls:
            self.states[call_id] = part.thought
        bill = self.bill(texts(body["messages"]) + texts(body.get("tools")), part)
        usage = {
            "prompt_tokens": bill.fresh + bill.cached, "completion_tokens": bill.output,
            "total_tokens": bill.fresh + bill.cached + bill.output,
            "prompt_tokens_details": {"cached_tokens": bill.cached},
            "completion_tokens_details": {"reasoning_tokens": bill.reasoning},
        }  # fmt: skip
        head = {"id": f"chat-{turn}", "object": "chat.completion", "created": 1, "model": body["model"]}
        finish = "tool_calls" if part.calls and not forced else "stop"
        if not body.get("stream"):
            message = {
                "role": "assistant",
                "content": part.text or None,
                self.reasoning: part.thought or None,
            }
            if part.calls:
                message["tool_calls"] = [
                    {"id": i, "type": "function", "function": {"name": n, "arguments": json.dumps(a)}}
                    for i, n, a in part.calls
                ]
            choice = {"index": 0, "message": message, "finish_reason": finish}
            return web.json_response({**head, "choices": [choice], "usage": usage})
        head["object"] = "chat.completion.chunk"
        deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
        deltas += [{self.reasoning: piece} for piece in re.findall(r"\S+\s*", part.thought)]
        deltas += [{"content": piece} for piece in re.findall(r"\S+\s*", part.text)]
        for at, (call_id, name, _) in enumerate(part.calls):
            function = {"name": name, "arguments": ""}
            deltas.append(
                {"tool_calls": [{"index": at, "id": call_id, "type": "function", "function": function}]}
            )
        # The arguments of all calls come interleaved, character by character.
        written = [json.dumps(a) for _, _, a in part.calls]
        for n in range(max(map(len, written), default=0)):
            for at, text in enumerate(written):
                if n < len(text):
                    deltas.append({"tool_calls": [{"index": at, "function": {"arguments": text[n]}}]})
        chunks: list[Any] = [
            {**head, "choices": [{"index": 0, "delta": d, "finish_reason": None}]} for d in deltas
        ]
        chunks.append({**head, "choices": [{"index": 0, "delta": {}, "finish_reason": finish}]})
        chunks.append({**head, "choices": [], "usage": usage})
        return await sse(request, chunks, done=True)


class Vllm(Chat):
    """vLLM: newer servers call it ``reasoning``, and nothing has to come back."""

    reasoning = "reasoning"


class DeepSeek(Chat):
    """DeepSeek: texts only, no json_schema, and its reasoning back beside every call."""

    wants_state = True

    def fault(self, body: dict[str, Any]) -> str:
        thinking = body.pop("thinking", None)
        if (body.get("response_format") or {}).get("type") == "json_schema":
            return "This response_format type is unavailable now"
        if thinking is not None and "reasoning_effort" in body:
            return "disabled beside any effort"
        if isinstance(body.get("tool_choice"), dict) and (thinking or {}).get("type") != "disabled":
            return "a thinking model cannot be made to call"
        for message in body["messages"]:
            if isinstance(message["content"], list) and all(p["type"] == "text" for p in message["content"]):
                return "content must be a string"
        return super().fault(body)


class Gemini(Upstream):
    """Gemini 3: whole calls, thoughts beside the answer, a signature on the first call of each step."""

    def error(self, why: str) -> Any:
        return {"error": {"code": 400, "message": why, "status": "INVALID_ARGUMENT"}}

    def fault(self, body: dict[str, Any]) -> str:
        known = {"contents", "systemInstruction", "tools", "toolConfig", "generationConfig"}
        if set(body) - known:
            return f"Unknown name {set(body) - known}"
        config = {
            "maxOutputTokens", "temperature", "topP", "topK", "stopSequences", "responseMimeType",
            "responseJsonSchema", "thinkingConfig", "seed",
        }  # fmt: skip
        if set(body.get("generationConfig") or {}) - config:
            return f"Unknown name {set(body['generationConfig']) - config}"
        role, waiting = "model", []
        for content in body["contents"]:
            if content["role"] == role or not content["parts"]:
                return f"two turns of {role}, or an empty one"
            role = content["role"]
            results = [p["functionResponse"] for p in content["parts"] if "functionResponse" in p]
            if len(results) != len(waiting) or [r["name"] for r in results] != [c["name"] for c in waiting]:
                return "the number of function response parts is not that of function call parts"
            for result in results:
                self.pictures += sum("inlineData" in p for p in result.get("parts") or [])
            self.pictures += sum("inlineData" in p for p in content["parts"])
            calls = [p for p in content["parts"] if "functionCall" in p]
            waiting = [p["functionCall"] for p in calls]
            if calls:
                signature = calls[0].get("thoughtSignature")
                if signature is None:
                    return "Function call is missing a thought_signature"
                self.returned += signature == self.states.get(json.dumps(waiting[0]["args"], sort_keys=True))
        for tool in body.get("tools") or []:
            if any("parametersJsonSchema" not in one for one in tool["functionDeclarations"]):
                return "no schema"
        return ""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.bodies.append(body)
        why = self.fault(body)
        if why:
            return self.refuse(why)
        turn = sum(c["role"] == "model" for c in body["contents"])
        tools = [d["name"] for t in body.get("tools") or [] for d in t["functionDeclarations"]]
        config = body.get("generationConfig") or {}
        part = self.play(turn, tools, schema="responseJsonSchema" in config)
        bill = self.bill(texts(body["contents"]) + texts(body.get("tools")), part)
        usage = {
            "promptTokenCount": bill.fresh + bill.cached, "cachedContentTokenCount": bill.cached,
            "candidatesTokenCount": bill.output - bill.reasoning, "thoughtsTokenCount": bill.reasoning,
            "totalTokenCount": bill.fresh + bill.cached + bill.output,
        }  # fmt: skip
        parts: list[Any] = []
        if (config.get("thinkingConfig") or {}).get("includeThoughts"):
            parts.append({"text": part.thought, "thought": True})
        parts.append({"text": part.text})
        for at, (_, name, given) in enumerate(part.calls):
            one: dict[str, Any] = {"functionCall": {"name": name, "args": given}}
            if at == 0:
                one["thoughtSignature"] = f"sig+{turn}/=="
                self.states[json.dumps(given, sort_keys=True)] = one["thoughtSignature"]
            parts.append(one)
        head = {"responseId": f"resp-{turn}", "modelVersion": "gemini-3-flash"}

        def chunk(found: list[Any], finish: str | None, used: Any) -> Any:
            candidate: dict[str, Any] = {"content": {"role": "model", "parts": found}, "index": 0}
            return {
                **head,
                "candidates": [candidate | ({"finishReason": finish} if finish else {})],
                "usageMetadata": used,
            }

        if "stream" not in request.path:
            return web.json_response(chunk(parts, "STOP", usage))
        early = {
            **usage,
            "candidatesTokenCount": 0,
            "thoughtsTokenCount": 0,
            "totalTokenCount": usage["promptTokenCount"],
        }
        chunks = [chunk([p], None, early) for p in parts]
        return await sse(request, [*chunks, chunk([], "STOP", usage)], done=False)


class Bedrock(Upstream):
    """Converse: binary frames, turns in turn, signatures of reasoning checked."""

    def error(self, why: str) -> Any:
        return {"message": why}

    def fault(self, body: dict[str, Any]) -> str:
        known = {
            "messages", "system", "toolConfig", "inferenceConfig", "additionalModelRequestFields", "outputConfig",
        }  # fmt: skip
        if set(body) - known:
            return f"unknown fields {set(body) - known}"
        role, waiting = "assistant", []
        for message in body["messages"]:
            if message["role"] == role or not message["content"]:
                return f"two turns of {role}, or an empty one"
            role = message["role"]
            found = [b["toolResult"]["toolUseId"] for b in message["content"] if "toolResult" in b]
            if sorted(found) != sorted(waiting):
                return f"toolResult blocks {found} for {waiting}"
            for block in message["content"]:
                if not block.get("text", "x").strip():
                    return "The text field in the ContentBlock object is blank."
                self.pictures += "image" in block
                self.pictures += sum(
                    "image" in b for b in (block.get("toolResult") or {}).get("content") or []
                )
            thoughts = [
                b["reasoningContent"]["reasoningText"] for b in message["content"] if "reasoningContent" in b
            ]
            for thought in thoughts:
                if self.states.get(thought["signature"]) != thought["text"]:
                    return "Invalid `signature` in `thinking` block"
                self.returned += 1
            waiting = [b["toolUse"]["toolUseId"] for b in message["content"] if "toolUse" in b]
            if (waiting or found) and "toolConfig" not in body:
                return (
                    "The toolConfig field must be defined when using toolUse and toolResult content blocks."
                )
        return ""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.bodies.append(body)
        why = self.fault(body)
        if why:
            return self.refuse(why)
        turn = sum(m["role"] == "assistant" for m in body["messages"])
        tools = [
            t["toolSpec"]["name"]
            for t in (body.get("toolConfig") or {}).get("tools") or []
            if "toolSpec" in t
        ]
        part = self.play(turn, tools, schema="textFormat" in (body.get("outputConfig") or {}))
        bill = self.bill(texts(body["messages"]) + texts(body.get("toolConfig")), part)
        written = bill.fresh // 3
        usage = {
            "inputTokens": bill.fresh - written, "cacheReadInputTokens": bill.cached, "cacheWriteInputTokens": written,
            "outputTokens": bill.output, "totalTokens": bill.fresh + bill.cached + bill.output,
        }  # fmt: skip
        bill.fresh -= written
        bill.reasoning = -written  # so the test knows what was written to the cache
        signature = f"sealed-{turn}"
        self.states[signature] = part.thought
        stop = "tool_use" if part.calls else "end_turn"
        blocks: list[Any] = []
        if part.thought:
            blocks.append(
                {"reasoningContent": {"reasoningText": {"text": part.thought, "signature": signature}}}
            )
        blocks.append({"text": part.text})
        blocks += [{"toolUse": {"toolUseId": i, "name": n, "input": a}} for i, n, a in part.calls]
        if not request.path.endswith("stream"):
            message = {"message": {"role": "assistant", "content": blocks}}
            return web.json_response(
                {"output": message, "stopReason": stop, "usage": usage, "metrics": {"latencyMs": 1}}
            )
        events: list[tuple[str, Any]] = [("messageStart", {"role": "assistant"})]
        for at, block in enumerate(blocks):
            place = {"contentBlockIndex": at}
            use, thought = block.get("toolUse"), block.get("reasoningContent")
            if use:
                start = {"toolUse": {"toolUseId": use["toolUseId"], "name": use["name"]}}
                events.append(("contentBlockStart", {**place, "start": start}))
                given = json.dumps(use["input"])
                pieces: list[Any] = [
                    {"toolUse": {"input": given[n : n + 5]}} for n in range(0, len(given), 5)
                ]
            elif thought:
                pieces = [{"reasoningContent": {"text": w}} for w in re.findall(r"\S+\s*", part.thought)]
                pieces.append({"reasoningContent": {"signature": signature}})
            else:
                pieces = [{"text": w} for w in re.findall(r"\S+\s*", block["text"])]
            events += [("contentBlockDelta", {**place, "delta": p}) for p in pieces]
            events.append(("contentBlockStop", place))
        events += [
            ("messageStop", {"stopReason": stop}),
            ("metadata", {"usage": usage, "metrics": {"latencyMs": 1}}),
        ]
        response = web.StreamResponse(headers={"content-type": "application/vnd.amazon.eventstream"})
        await response.prepare(request)
        raw = b"".join(frame(name, payload) for name, payload in events)
        for at in range(0, len(raw), 61):
            await response.write(raw[at : at + 61])
        await response.write_eof()
        return response


def frame(name: str, payload: Any, kind: str = "event") -> bytes:
    """One frame of Amazon's event stream."""
    which = ":event-type" if kind == "event" else ":exception-type"
    head = b""
    for key, value in ((which, name), (":content-type", "application/json"), (":message-type", kind)):
        head += bytes([len(key)]) + key.encode() + b"\x07" + pack(">H", len(value)) + value.encode()
    body = json.dumps(payload, ensure_ascii=False).encode()
    start = pack(">II", 16 + len(head) + len(body), len(head))
    start += pack(">I", crc32(start))
    whole = start + head + body
    return whole + pack(">I", crc32(whole))


# How the gateway's configuration names each, and where its answers are.
UPSTREAMS: dict[str, tuple[type[Any], str, str, str]] = {
    "gemini": (Gemini, "gemini", "/v1beta", "gemini-3-flash"),
    "deepseek": (DeepSeek, "deepseek", "/v1", "deepseek-v4"),
    "bedrock": (Bedrock, "bedrock", "", "us.anthropic.claude-sonnet-4-6-v1:0"),
    "vllm": (Vllm, "vllm", "/v1", "qwen3"),
}


@asynccontextmanager
async def upstream_of(name: str) -> AsyncIterator[tuple[Any, str]]:
    """A running server and its base address."""
    kind, _, base, _ = UPSTREAMS[name]
    server = kind()
    app = web.Application(client_max_size=2**26)
    app.router.add_post("/{path:.*}", server.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        port = runner.addresses[0][1]
        yield server, f"http://127.0.0.1:{port}{base}"
    finally:
        await runner.cleanup()
