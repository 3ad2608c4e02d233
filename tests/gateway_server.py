"""A whole gateway for tests: its listeners and mock upstreams on loopback, its ledger in a temporary folder.

`raw` speaks HTTP by hand, so that a test sees the very bytes of a body, in the reads it chooses.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from supercycle.gateway.config.config import config_of
from supercycle.gateway.config.yaml_lines import read_yaml
from supercycle.gateway.door.mock import Behaviour, Mock
from supercycle.gateway.door.server import Running, start

__all__ = ["CHAT", "Behaviour", "Mock", "Reply", "Served", "raw", "serving", "upstream"]

CHAT = "/v1/chat/completions"
HEAD = """
listen: 127.0.0.1:0
admin: 127.0.0.1:0
store: ledger
"""
ONE = """
providers:
  one: {kind: mock}
models:
  mock-small: [{provider: one, model: mock-small, max_output_tokens: 100}]
  mock-large: [{provider: one, model: mock-large, max_output_tokens: 100}]
  mock-embed: [{provider: one, model: mock-embed}]
"""


@dataclass
class Reply:
    """What came back: ``whole`` is False when the connection broke before the body was complete."""

    status: int
    headers: dict[str, str]
    body: bytes
    whole: bool = True

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        return self.json["error"]["code"]


@dataclass
class Served:
    """A running gateway with the key and id of one caller."""

    running: Running
    key: str
    key_id: str

    @property
    def ledger(self) -> Any:
        return self.running.gateway.ledger

    @property
    def mock(self) -> Mock:
        return self.running.mocks["one"]

    @property
    def port(self) -> int:
        return int(self.running.public_url.rsplit(":", 1)[1])

    @property
    def admin_port(self) -> int:
        return int(self.running.admin_url.rsplit(":", 1)[1])

    @property
    def base_url(self) -> str:
        return self.running.public_url + "/v1"

    async def ask(
        self, path: str = CHAT, body: Any = None, *, key: str | None = None, **headers: str
    ) -> Reply:
        """A POST with the caller's key; the default body is one short question."""
        asked = question() if body is None else body
        shown = {"authorization": f"Bearer {self.key if key is None else key}", **dashed(headers)}
        return await raw(self.port, path, asked, shown)

    async def admin(self, method: str, path: str, body: Any = None, token: str | None = None) -> Reply:
        shown = {"authorization": f"Bearer {self.running.admin_token if token is None else token}"}
        return await raw(self.admin_port, path, body, shown, method=method)

    async def booked(self, requests: int) -> list[dict[str, Any]]:
        """The requests of the ledger, oldest first, once as many are over."""
        for _ in range(200):
            rows = await self.ledger.reads.requests(1000)
            over = [
                r for r in rows if r["attempts"] and r["attempts"][-1]["state"] not in ("open", "sent", None)
            ]
            over += [r for r in rows if not r["attempts"]]
            if len(rows) == requests and len(over) == requests:
                return sorted(rows, key=lambda r: r["request_id"])
            await asyncio.sleep(0.02)
        raise AssertionError(f"{len(rows)} requests, {len(over)} of them over; expected {requests}")

    async def attempts(self, requests: int = 1) -> list[dict[str, Any]]:
        """All attempts of so many requests, in order."""
        return [a for r in await self.booked(requests) for a in r["attempts"]]


def dashed(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


def question(text: str = "Hello", model: str = "mock-small", **more: Any) -> dict[str, Any]:
    return {"model": model, "messages": [{"role": "user", "content": text}], **more}


@asynccontextmanager
async def serving(folder: Path, text: str = ONE, head: str = HEAD, **mocks: Mock) -> AsyncIterator[Served]:
    """A gateway by a configuration's text; every mock provider in it is in ``running.mocks``."""
    config = config_of(read_yaml(head + text, "gateway.yaml"), folder / "gateway.yaml")
    running = await start(config, mocks=mocks)
    try:
        key_id, secret = await running.gateway.ledger.keys.issue("test", project="p", org="o", models=("*",))
        yield Served(running, secret, key_id)
    finally:
        assert await running.stop() == 0


async def raw(
    port: int,
    path: str,
    body: Any = None,
    headers: dict[str, str] | None = None,
    *,
    method: str = "POST",
    leave_after: int | None = None,
    host: str | None = None,
) -> Reply:
    """One request over one connection. ``leave_after`` closes it after so many bytes of the reply's body."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        sent = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        shown = {"host": host or f"127.0.0.1:{port}", "content-length": str(len(sent)), "connection": "close"}
        shown |= headers or {}
        lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in shown.items()), "", ""]
        writer.write("\r\n".join(lines).encode("latin-1") + sent)
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        fields = dict(line.lower().split(": ", 1) for line in head[1:] if line)
        values = {line.split(": ", 1)[0].lower(): line.split(": ", 1)[1] for line in head[1:] if line}
        reply = Reply(int(head[0].split()[1]), values, b"")
        try:
            if fields.get("transfer-encoding") == "chunked":
                while size := int(await reader.readline(), 16):
                    reply.body += (await reader.readexactly(size + 2))[:-2]
                    if leave_after is not None and len(reply.body) >= leave_after:
                        return reply
                await reader.readexactly(2)
            else:
                reply.body = await reader.readexactly(int(fields["content-length"]))
        except (asyncio.IncompleteReadError, ConnectionError, ValueError):
            reply.whole = False
        return reply
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


@asynccontextmanager
async def upstream(answer: Any) -> AsyncIterator[int]:
    """A server that reads one request and lets ``answer(writer)`` write whatever bytes, in whatever pieces."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            size = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            await answer(json.loads(await reader.readexactly(size)), writer)
            await writer.drain()
        finally:
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
