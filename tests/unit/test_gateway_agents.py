"""Claude Code and Codex, as they are on the wire, on models of four vendors: 30 turns, and a ledger that is exact."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from tests.gateway_agents import LONG, ClaudeCode, Codex
from tests.gateway_foreign import UPSTREAMS, upstream_of
from tests.gateway_server import raw, serving

PRICE = {
    "input": 1_230_000,
    "cached": 123_000,
    "output": 4_560_000,
    "cache_write_5m": 1_537_500,
}  # pico-USD a token
CONFIG = """
providers:
  far: {{kind: {kind}, base_url: "{base}", auth: none}}
models:
  claude-cheap:
    - provider: far
      model: {model}
      context_tokens: 1000000
      max_output_tokens: 8192
      price: {{input: "1.23", cached: "0.123", output: "4.56", cache_write_5m: "1.5375"}}
"""
TURNS = 30


def config(name: str, base: str) -> str:
    _, kind, _, model = UPSTREAMS[name]
    return CONFIG.format(kind=kind, base=base, model=model)


def cost(bill: Any) -> int:
    written = -bill.reasoning if bill.reasoning < 0 else 0
    return (
        bill.fresh * PRICE["input"]
        + bill.cached * PRICE["cached"]
        + written * PRICE["cache_write_5m"]
        + bill.output * PRICE["output"]
    )


async def books(served: Any, server: Any) -> None:
    """Every answer is settled, each at the very price of what the upstream itself says it used."""
    attempts = await served.attempts(len(server.billed))
    assert {a["state"] for a in attempts} == {"settled"}
    assert [a["cost_pico"] for a in attempts] == [cost(bill) for bill in server.billed]


@pytest.mark.parametrize("name", UPSTREAMS)
def test_claude_code_on_another_vendors_model(name: str, tmp_path: Path) -> None:
    asyncio.run(claude_code(name, tmp_path))


async def claude_code(name: str, tmp_path: Path) -> None:
    async with upstream_of(name) as (server, base), serving(tmp_path, config(name, base)) as served:
        await served.ledger.set_budget(f"key:{served.key_id}", 50 * 10**12, "total")
        shown = {"authorization": f"Bearer {served.key}", "anthropic-version": "2023-06-01"}
        assert (await raw(served.port, "/api/hello", method="HEAD")).status == 200
        listed = await raw(served.port, "/v1/models?limit=1000", None, shown, method="GET")
        assert [m["id"] for m in listed.json["data"]] == ["claude-cheap"]
        agent = ClaudeCode(served, "claude-cheap")
        counted = await agent.post(
            "/v1/messages/count_tokens", {"model": "claude-cheap", "messages": agent.messages}
        )
        assert counted.json["input_tokens"] > 5
        assert await agent.title() == {"title": "A title"}
        kinds: set[str] = set()
        names: set[str] = set()
        for turn in range(TURNS):
            blocks = await agent.turn()
            assert not server.problem, server.problem
            kinds |= {b["type"] for b in blocks}
            uses = [b for b in blocks if b["type"] == "tool_use"]
            assert len(uses) == (1, 2, 0)[turn % 3]
            assert [u["input"] for u in uses] == [{"path": f"/f{turn}", "n": n} for n in range(len(uses))]
            names |= {u["name"] for u in uses}
            assert [b["text"] for b in blocks if b["type"] == "text"] == [f"Turn {turn} says é漢."]
            # Gemini seals its calls, not its thoughts: a second block carries that.
            thoughts = [b for b in blocks if b["type"] == "thinking"]
            assert len(thoughts) == 1 + (name == "gemini" and bool(uses))
            assert thoughts[0]["thinking"] == f"I think of turn {turn}."
        assert kinds == {"thinking", "text", "tool_use"}
        assert names == {"Read", "Edit", LONG}
        assert server.pictures > 0
        if name != "vllm":
            assert server.returned > TURNS  # each call's own state, at every later turn
        sent = json.dumps(server.bodies)
        for habit in ("billing-header", "context_management", "safeguards", "web_search", "ephemeral"):
            assert habit not in sent, habit
        assert [u["output_tokens"] for u in agent.usage] == [bill.output for bill in server.billed]
        assert [u["cache_read_input_tokens"] for u in agent.usage] == [bill.cached for bill in server.billed]
        assert [u["input_tokens"] for u in agent.usage] == [bill.fresh for bill in server.billed]
        await books(served, server)


@pytest.mark.parametrize("name", UPSTREAMS)
def test_codex_on_another_vendors_model(name: str, tmp_path: Path) -> None:
    asyncio.run(codex(name, tmp_path))


async def codex(name: str, tmp_path: Path) -> None:
    text = config(name, "BASE")
    if name == "vllm":  # one that speaks chat only
        text = text.replace("auth: none", 'auth: none, speaks: {openai.chat: "/chat/completions"}')
    async with upstream_of(name) as (server, base), serving(tmp_path, text.replace("BASE", base)) as served:
        shown = {"authorization": f"Bearer {served.key}", "upgrade": "websocket", "connection": "upgrade"}
        assert (await raw(served.port, "/v1/responses", None, shown, method="GET")).status == 426
        agent = Codex(served, "claude-cheap")
        names: set[tuple[str, str, str]] = set()
        for turn in range(TURNS):
            items = await agent.turn()
            assert not server.problem, server.problem
            calls = [i for i in items if i["type"].endswith("_call")]
            assert len(calls) == (1, 2, 0)[turn % 3]
            names |= {(i["type"], i.get("namespace", ""), i["name"]) for i in calls}
            for n, item in enumerate(calls):
                given = {"path": f"/f{turn}", "n": n}
                if item["type"] == "function_call":
                    assert json.loads(item["arguments"]) == given
                else:  # what the model gave is not the one text that was asked for: it is passed on whole
                    assert json.loads(item["input"]) == given
        assert names == {
            ("function_call", "", "exec_command"),
            ("custom_tool_call", "", "apply_patch"),
            ("function_call", "multi_agent_v1", "spawn_agent"),
        }
        assert server.pictures > 0
        if name != "vllm":
            assert server.returned > TURNS
        assert [u["output_tokens"] for u in agent.usage] == [bill.output for bill in server.billed]
        await books(served, server)
