"""Two coding agents as they are seen on the wire (recorded 2026-11: Claude Code 2.1.332, Codex CLI 0.171).

Fields, headers and endpoints are those they send; they read an answer as strictly as they do, keep the history as they
keep it (opaque slots byte for byte), and answer every call of a tool, every seventh with a picture.
"""

from __future__ import annotations

import json
from typing import Any, ClassVar

from tests.gateway_server import Reply, Served, raw

__all__ = ["ClaudeCode", "Codex", "events"]

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {"path": {"type": "string"}, "n": {"type": "integer"}},
    "required": ["path"],
    "additionalProperties": False,
}
LONG = "mcp__a_server_with_a_very_long_name__and_a_tool_whose_name_is_long_too__read"  # beyond 64 characters


def events(body: bytes) -> list[tuple[str, Any]]:
    """(event, data) of a stream; a comment is none."""
    found: list[tuple[str, Any]] = []
    for block in body.decode().split("\n\n"):
        name, data = "", ""
        for line in block.split("\n"):
            if line.startswith("event: "):
                name = line[7:]
            elif line.startswith("data: "):
                data += line[6:]
        if data:
            found.append((name, json.loads(data)))
    return found


class ClaudeCode:
    """An agent that speaks messages."""

    HEADERS: ClassVar = {
        "anthropic-version": "2023-06-01",
        "anthropic-beta": "claude-code-20250219,interleaved-thinking-2025-05-14,context-management-2025-06-27,"
        "effort-2025-11-24,structured-outputs-2025-12-15,a-beta-of-tomorrow-2027-01-01",
        "x-app": "cli",
        "x-claude-code-session-id": "8a1c",
        "x-stainless-lang": "js",
        "user-agent": "claude-cli/2.1.332 (external, sdk-cli)",
    }

    def __init__(self, served: Served, model: str) -> None:
        self.served = served
        self.model = model
        reminder = "<system-reminder>The date is 2026-12-01.</system-reminder>"
        self.messages: list[dict[str, Any]] = [
            {
                "role": "user",
                "content": [{"type": "text", "text": reminder}, {"type": "text", "text": "Fix it: é漢"}],
            },
            {"role": "system", "content": "Mid-conversation instructions, nine kilobytes of them in truth."},
        ]
        self.usage: list[dict[str, Any]] = []
        self.called = 0

    def body(self, **more: Any) -> dict[str, Any]:
        mark = {"cache_control": {"type": "ephemeral"}}
        tools = [
            {"name": n, "description": f"Tool {n}", "input_schema": SCHEMA} for n in ("Read", "Edit", LONG)
        ]
        tools.append({"type": "web_search_20250305", "name": "web_search", "max_uses": 8})
        return {
            "model": self.model,
            "messages": self.messages,
            "system": [
                {"type": "text", "text": "x-anthropic-billing-header: cc_version=2.1.332; cch=1;"},
                {"type": "text", "text": "You are an agent.", **mark},
                {"type": "text", "text": "Be careful.", **mark},
            ],
            "tools": tools,
            "metadata": {"user_id": '{"device_id":"d","account_uuid":"","session_id":"s"}'},
            "max_tokens": 32_000,
            "thinking": {"type": "adaptive", "display": "updates"},
            "context_management": {"edits": [{"type": "clear_thinking_20251015", "keep": "all"}]},
            "output_config": {"effort": "high"},
            "safeguards": [{"type": "dangerous_tool_use"}],
            "stream": True,
            **more,
        }

    async def post(self, path: str, body: Any) -> Reply:
        shown = {"authorization": f"Bearer {self.served.key}", **self.HEADERS}
        return await raw(self.served.port, path, body, shown)

    async def turn(self) -> list[dict[str, Any]]:
        """One call: its answer's blocks, after they went into the history with the results of tools."""
        reply = await self.post("/v1/messages?beta=true", self.body())
        assert reply.status == 200, reply.body
        blocks = self.read(reply)
        self.messages.append({"role": "assistant", "content": blocks})
        uses = [b for b in blocks if b["type"] == "tool_use"]
        results: list[dict[str, Any]] = []
        for use in uses:
            self.called += 1
            said: Any = [{"type": "text", "text": f"result of {use['name']}"}]
            if self.called % 7 == 0:
                source = {"type": "base64", "media_type": "image/png", "data": PNG}
                said.append({"type": "image", "source": source})
            results.append({"type": "tool_result", "tool_use_id": use["id"], "content": said})
        follow = results or [{"type": "text", "text": "Go on."}]
        follow[-1] = {**follow[-1], "cache_control": {"type": "ephemeral"}}
        self.messages.append({"role": "user", "content": follow})
        return blocks

    def read(self, reply: Reply) -> list[dict[str, Any]]:
        """A stream by the rules: one block open at a time, indexes rising, an end with a reason and usage."""
        found = [(name, data) for name, data in events(reply.body) if name != "ping"]
        assert [name for name, _ in found] == [data["type"] for _, data in found]
        assert found[0][0] == "message_start"
        assert found[0][1]["message"]["usage"]["input_tokens"] > 0
        assert [name for name, _ in found[-2:]] == ["message_delta", "message_stop"]
        blocks: list[dict[str, Any]] = []
        arguments, is_open = "", False
        for name, data in found[1:-2]:
            if name == "content_block_start":
                assert not is_open
                assert data["index"] == len(blocks)
                blocks.append(data["content_block"])
                is_open, arguments = True, ""
            elif name == "content_block_delta":
                assert is_open
                assert data["index"] == len(blocks) - 1
                delta, block = data["delta"], blocks[-1]
                if delta["type"] == "input_json_delta":
                    arguments += delta["partial_json"]
                else:
                    key = delta["type"].removesuffix("_delta")
                    block[key] = block[key] + delta[key]
            else:
                assert name == "content_block_stop"
                is_open = False
                if blocks[-1]["type"] == "tool_use":
                    blocks[-1]["input"] = json.loads(arguments or "{}")
        assert not is_open
        end = found[-2][1]
        self.usage.append(end["usage"])
        calls = any(b["type"] == "tool_use" for b in blocks)
        assert end["delta"]["stop_reason"] == ("tool_use" if calls else "end_turn")
        return blocks

    async def title(self) -> Any:
        """The small call that names a session."""
        asked = {"type": "object", "properties": {"title": {"type": "string"}}, "required": ["title"]}
        body = self.body(
            messages=[{"role": "user", "content": [{"type": "text", "text": "Name this"}]}],
            output_config={
                "format": {"type": "json_schema", "schema": {**asked, "additionalProperties": False}}
            },
        )
        del body["tools"], body["thinking"]
        reply = await self.post("/v1/messages?beta=true", body)
        assert reply.status == 200, reply.body
        (block,) = [b for b in self.read(reply) if b["type"] == "text"]
        return json.loads(block["text"])


class Codex:
    """An agent that speaks Responses."""

    HEADERS: ClassVar = {
        "originator": "codex_exec",
        "user-agent": "codex_exec/0.171.0",
        "session-id": "s",
        "thread-id": "t",
        "x-client-request-id": "r",
        "x-codex-turn-metadata": "{}",
        "x-codex-window-id": "w",
        "x-codex-beta-features": "remote_compaction_v2",
        "accept": "text/event-stream",
    }

    def __init__(self, served: Served, model: str) -> None:
        self.served = served
        self.model = model
        text = [{"type": "input_text", "text": "You are Codex."}]
        asked = [{"type": "input_text", "text": "Fix it: é漢"}]
        self.input: list[dict[str, Any]] = [
            {"type": "message", "role": "developer", "content": text},
            {"type": "message", "role": "user", "content": asked},
        ]
        self.usage: list[dict[str, Any]] = []
        self.called = 0

    def body(self) -> dict[str, Any]:
        def function(name: str) -> dict[str, Any]:
            return {
                "type": "function",
                "name": name,
                "description": name,
                "strict": False,
                "parameters": SCHEMA,
            }

        grammar = {"type": "grammar", "syntax": "lark", "definition": 'start: "*** Begin Patch"'}
        tools = [
            function("exec_command"),
            {"type": "custom", "name": "apply_patch", "description": "Patches", "format": grammar},
            {
                "type": "namespace",
                "name": "multi_agent_v1",
                "description": "",
                "tools": [function("spawn_agent")],
            },
            {"type": "web_search", "external_web_access": False},
        ]
        return {
            "model": self.model,
            "input": self.input,
            "tools": tools,
            "tool_choice": "auto",
            "parallel_tool_calls": True,
            "reasoning": {"effort": "medium", "summary": "auto"},
            "store": False,
            "stream": True,
            "include": ["reasoning.encrypted_content"],
            "prompt_cache_key": "t",
            "text": {"verbosity": "medium"},
            "client_metadata": {"x-codex-installation-id": "i"},
        }

    async def turn(self) -> list[dict[str, Any]]:
        """One call: its items, after they went into the history with the outputs of tools."""
        shown = {"authorization": f"Bearer {self.served.key}", **self.HEADERS}
        reply = await raw(self.served.port, "/v1/responses", self.body(), shown)
        assert reply.status == 200, reply.body
        items = self.read(reply)
        for item in items:
            kept = {k: v for k, v in item.items() if k not in ("id", "status")}
            if item["type"] == "reasoning":
                kept["content"] = None
            self.input.append(kept)
        outputs = 0
        for item in items:
            if item["type"] in ("function_call", "custom_tool_call"):
                self.called += 1
                outputs += 1
                said: Any = f"result of {item['name']}"
                if self.called % 7 == 0:
                    picture = {"type": "input_image", "image_url": f"data:image/png;base64,{PNG}"}
                    said = [{"type": "input_text", "text": "seen"}, picture]
                kind = item["type"] + "_output"
                self.input.append({"type": kind, "call_id": item["call_id"], "output": said})
        if not outputs:
            more = [{"type": "input_text", "text": "Go on."}]
            self.input.append({"type": "message", "role": "user", "content": more})
        return items

    def read(self, reply: Reply) -> list[dict[str, Any]]:
        """A stream by the rules: numbered, a delta only of an item that was added, completed with usage."""
        found = events(reply.body)
        assert [data["sequence_number"] for _, data in found] == list(range(len(found)))
        assert [name for name, _ in found[:2]] == ["response.created", "response.in_progress"]
        assert found[-1][0] == "response.completed", found[-1]
        active: dict[int, str] = {}
        told: dict[int, str] = {}
        items: list[dict[str, Any]] = []
        for name, data in found[2:-1]:
            at = data["output_index"]
            if name == "response.output_item.added":
                active[at], told[at] = data["item"]["id"], ""
            elif name == "response.output_item.done":
                assert active.pop(at) == data["item"]["id"]
                items.append(data["item"])
                if data["item"]["type"] == "function_call":
                    assert told[at] == data["item"]["arguments"]
                elif data["item"]["type"] == "message":
                    assert told[at] == data["item"]["content"][0]["text"]
            else:
                assert active[at] == data["item_id"], name
                if name.endswith(".delta"):
                    told[at] += data["delta"]
        final = found[-1][1]["response"]
        assert final["output"] == items
        self.usage.append(final["usage"])
        return items
