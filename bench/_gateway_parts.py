"""The processes of the gateway's benchmark: ``_gateway_parts.py upstream|bare|gateway …``, each on its own core."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "src"))

import orjson
import uvloop

from supercycle.gateway.config.config import Listen, config_of
from supercycle.gateway.config.yaml_lines import read_yaml
from supercycle.gateway.door.listener import Listener, bind
from supercycle.gateway.door.mock import Behaviour, Mock
from supercycle.gateway.door.mock_answers import answer_of, body_of, events_of

CHAT = "openai.chat"


def pin(core: int) -> None:
    """Keep to one core where the system lets us say so."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {core})


class Upstream(Mock):
    """The mock provider with answers made once: what is measured is the gateway."""

    def __init__(self, tokens: int, tokens_per_s: float) -> None:
        super().__init__()
        self.tokens = tokens
        self.how = Behaviour(tokens_per_s=tokens_per_s)
        self.made: dict[bytes, Any] = {}

    async def _answer(self, dialect: str, body: bytes, receive: Any, send: Any) -> None:
        made = self.made.get(body)
        if made is None:
            asked = orjson.loads(body)
            answer = answer_of(CHAT, asked, tokens=self.tokens)
            if asked.get("stream"):
                usage = bool((asked.get("stream_options") or {}).get("include_usage"))
                made = list(events_of(CHAT, answer, usage=usage))
            else:
                said = orjson.dumps(body_of(CHAT, answer))
                head = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(said))]
                made = (
                    {"type": "http.response.start", "status": 200, "headers": head},
                    {"type": "http.response.body", "body": said},
                )
            self.made[body] = made
        if isinstance(made, list):
            await self._stream(made, self.how, receive, send)
        else:
            for message in made:
                await send(message)


def upstream(port: int, tokens: int, tokens_per_s: float) -> None:
    """Answers of so many tokens, at once or at a pace."""
    pin(1)
    uvloop.run(
        Listener(Upstream(tokens, tokens_per_s), bind(Listen("127.0.0.1", port)), "", 10_000, 1).listen()
    )


def bare(port: int, upstream_port: int) -> None:
    """The least there can be: the same server and client library, no key, no ledger, no reading."""
    import aiohttp

    session: list[aiohttp.ClientSession] = []
    url = f"http://127.0.0.1:{upstream_port}/v1/chat/completions"

    async def relay(scope: Any, receive: Any, send: Any) -> None:
        if not session:
            session.append(
                aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), auto_decompress=False)
            )
        body = (await receive())["body"]
        answer = await session[0].post(url, data=body, headers={"content-type": "application/json"})
        head = [(b"content-type", answer.headers["content-type"].encode())]
        await send({"type": "http.response.start", "status": answer.status, "headers": head})
        while chunk := await answer.content.readany():
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
        answer.release()

    pin(0)
    uvloop.run(Listener(relay, bind(Listen("127.0.0.1", port)), "", 10_000, 1).listen())


def gateway(port: int, upstream_port: int, store: str) -> None:
    """The gateway with one provider and a budget on the caller's organisation; prints a key when it serves."""
    from supercycle.gateway.door import server

    text = f"""
listen: 127.0.0.1:{port}
admin: 127.0.0.1:{port + 1}
store: {store}
providers:
  one: {{kind: mock, base_url: "http://127.0.0.1:{upstream_port}/v1"}}
models:
  mock-small: [{{provider: one, model: mock-small, max_output_tokens: 4096}}]
"""
    tasks: list[asyncio.Future[None]] = []

    def ready(running: server.Running) -> None:
        async def issue() -> None:
            _, secret = await running.gateway.ledger.keys.issue("bench", org="bench")
            await running.gateway.ledger.set_budget("org:bench", 10**18, "month")
            print(secret, flush=True)

        tasks.append(asyncio.ensure_future(issue()))

    pin(0)
    server.run(config_of(read_yaml(text, "bench.yaml"), Path(store) / "bench.yaml"), on_ready=ready)


if __name__ == "__main__":
    logging.getLogger("uvicorn").setLevel(logging.CRITICAL)
    part, *rest = sys.argv[1:]
    if part == "upstream":
        upstream(int(rest[0]), int(rest[1]), float(rest[2]))
    elif part == "bare":
        bare(int(rest[0]), int(rest[1]))
    else:
        gateway(int(rest[0]), int(rest[1]), rest[2])
