"""What an administrator forbids, and what would only seem to be kept: refused by name, on every way in."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from supercycle.gateway.canon.loss import Untranslatable
from supercycle.gateway.canon.translation import translate
from supercycle.gateway.canon.writing import Way
from tests.gateway_server import ONE, serving

PATHS = {
    "openai.chat": "/v1/chat/completions",
    "openai.responses": "/v1/responses",
    "anthropic.messages": "/v1/messages",
}
MCP: list[tuple[str, dict[str, Any]]] = [
    ("openai.responses", {"input": "hi", "tools": [{"type": "mcp", "server_url": "https://x.y"}]}),
    ("anthropic.messages", {"max_tokens": 9, "messages": [], "mcp_servers": [{"type": "url", "url": "https://x.y"}]}),
    ("anthropic.messages", {"max_tokens": 9, "messages": [], "tools": [{"type": "mcp_toolset"}]}),
    ("openai.chat", {"messages": [], "tools": [{"type": "function", "function": {"name": "f"}}, {"type": "mcp"}]}),
]  # fmt: skip


@pytest.mark.parametrize(("dialect", "body"), MCP)
def test_mcp_is_refused_where_the_policy_says_so(dialect: str, body: dict[str, Any], tmp_path: Path) -> None:
    async def go() -> None:
        async with serving(tmp_path, ONE + "bounds: {mcp: refuse}\n") as served:
            reply = await served.ask(PATHS[dialect], {"model": "mock-small", **body})
            assert reply.status == 403
            assert "bounds.mcp" in reply.json["error"]["message"]
            assert served.mock.calls == 0
            plain = {"model": "mock-small", "messages": [{"role": "user", "content": "mcp"}], "max_tokens": 9}
            assert (await served.ask(body=plain)).status == 200

    asyncio.run(go())


def test_mcp_is_passed_by_default(tmp_path: Path) -> None:
    async def go() -> None:
        async with serving(tmp_path) as served:
            dialect, body = MCP[0]
            assert (await served.ask(PATHS[dialect], {"model": "mock-small", **body})).status == 200

    asyncio.run(go())


def test_a_translated_response_that_is_to_be_kept_is_refused_by_name() -> None:
    way = Way("anthropic.messages", "anthropic", "claude", 1000)
    body: dict[str, Any] = {"model": "m", "input": "hi", "store": True}
    with pytest.raises(
        Untranslatable, match=r"store: true \(a translated Response is kept nowhere\) has no equal"
    ):
        translate("openai.responses", body, way)
    assert translate("openai.responses", body, way, lossy=True).dropped
    for harmless in ({"store": False}, {"store": None}, {}):
        made = translate("openai.responses", {"model": "m", "input": "hi", **harmless}, way)
        assert not made.dropped
        assert "store" not in json.dumps(made.body)


def test_a_limit_on_nobody_is_refused_or_told(tmp_path: Path) -> None:
    async def go() -> None:
        async with serving(tmp_path) as served:
            for account, status in (
                ("provider:oen", 400),
                ("key:nobody", 400),
                ("project:q", 200),
                ("project:p", 200),
            ):
                reply = await served.admin("PUT", "/api/budgets", {"account": account, "limit_usd": "1"})
                assert reply.status == status, reply.body
                if status == 200:
                    assert bool(reply.json["note"]) is (account == "project:q")
            assert {b["account"] for b in await served.ledger.budgets()} == {"project:q", "project:p"}

    asyncio.run(go())
