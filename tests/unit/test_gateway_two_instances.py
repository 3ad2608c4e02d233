"""Two gateways on one PostgreSQL, one budget, sixty-four calls at a time: spent and held stay within the limit."""

from __future__ import annotations

import asyncio
import importlib
import json
import random
import sys
from pathlib import Path
from typing import Any

import adversary
import pytest

sys.path.append(str(Path(__file__).resolve().parents[1]))
kit = importlib.import_module("gateway_server")

TEXT = """
providers: {one: {kind: mock, prices: adv}}
models:
  m:
    - {provider: one, model: m, context_tokens: 200000, max_output_tokens: 64000,
       price: {input: "2", output: "10", cached: "0.2", cache_write: "2.5", web_search: "10"}}
"""
LIMIT = 40 * 10**12
PATHS = ("/v1/chat/completions", "/v1/messages")
PARTS = (
    {"type": "text", "text": "plain"},
    {"type": "document", "source": {"type": "url", "url": "https://x.y/a.pdf"}},
    {"type": "image_url", "image_url": {"url": "https://x.y/a.png"}},
    {"type": "image", "source": {"type": "url", "url": "https://x.y/a.png"}},
    {"type": "file", "file": {"file_id": "file-1"}},
)


class Adversary:
    """Answers each dialect with the most that `adversary.bill` allows, after a moment."""

    def __init__(self) -> None:
        self.calls = 0
        self.seen: list[Any] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message["body"], message.get("more_body", False)
        self.calls += 1
        await asyncio.sleep(0.02)
        billed = adversary.bill(json.loads(body))
        names = (
            ("input_tokens", "output_tokens")
            if "messages" in scope["path"]
            else ("prompt_tokens", "completion_tokens")
        )
        usage = dict(zip(names, (billed["input"], billed["output"]), strict=True))
        answer = {"type": "message", "model": "m", "content": [], "choices": [], "usage": usage}
        reply = json.dumps(answer).encode()
        head = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(reply))]
        await send({"type": "http.response.start", "status": 200, "headers": head})
        await send({"type": "http.response.body", "body": reply})


def shapes(rng: random.Random) -> tuple[str, dict[str, Any]]:
    content = [rng.choice(PARTS) for _ in range(rng.randrange(1, 3))]
    body = {
        "model": "m",
        "messages": [{"role": "user", "content": content}],
        "max_tokens": rng.randrange(1, 90_000),
    }
    if rng.random() < 0.3:
        body["max_completion_tokens"] = 1
    path = rng.choice(PATHS)
    if path == PATHS[1]:
        body.pop("max_completion_tokens", None)
    return path, body


def test_sixty_four_at_once_on_two_instances_stay_within_one_budget(
    postgres: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUPERCYCLE_DATA", str(tmp_path))
    head = f"listen: 127.0.0.1:0\nadmin: 127.0.0.1:0\nstore: '{postgres}'\n"

    async def go() -> None:
        rng = random.Random(20261201)
        async with (
            kit.serving(tmp_path, TEXT, head, one=Adversary()) as first,
            kit.serving(tmp_path, TEXT, head, one=Adversary()) as second,
        ):
            await first.ledger.set_budget("project:p", LIMIT, "total")
            answered = 0
            for _ in range(4):
                asks = [(served, *shapes(rng)) for _ in range(32) for served in (first, second)]
                replies = await asyncio.gather(*(served.ask(path, body) for served, path, body in asks))
                assert {reply.status for reply in replies} <= {200, 429}
                answered += sum(reply.status == 200 for reply in replies)
                (budget,) = await second.ledger.budgets()
                assert budget["spent"] + budget["reserved"] <= LIMIT
            await first.booked(answered)
            (budget,) = await first.ledger.budgets()
            assert LIMIT // 2 < budget["spent"] <= LIMIT
            assert budget["closed_why"] is None
            from supercycle.gateway.ledger.invariants import check

            assert await check(first.ledger.store) == []

    asyncio.run(go())
