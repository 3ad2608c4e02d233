"""What `kill -9` in mid-stream is booked at: near what the provider had written by then, and the rest is held."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import statistics
import sys
from pathlib import Path
from typing import Any

from supercycle.gateway.ledger.invariants import check
from supercycle.gateway.ledger.ledger import open_ledger

CRASH = Path(__file__).resolve().parents[1] / "gateway_crash.py"
STREAMS = 16
WORDS = [
    "a",
    "the",
    "of",
    "model",
    "compute",
    " power",
    "ing",
    " price",
    " we",
    " capital",
    "s",
    " cycle",
    ".",
    " is",
]
READ = 600  # tokens of each question, as the upstream counts them


class Slow:
    """An upstream that streams a token every few milliseconds and remembers how many it has written for whom."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.written: dict[str, int] = {}

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                size = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
                asked = json.loads(await reader.readexactly(size))
                await self._answer(asked, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _answer(self, asked: dict[str, Any], writer: asyncio.StreamWriter) -> None:
        name = asked["messages"][0]["content"].split()[0]
        tokens = 20 if name.startswith("warm") else 10_000
        writer.write(
            b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
        )
        pause = self.rng.uniform(0.003, 0.012)
        for n in range(tokens):
            part = {"index": 0, "delta": {"content": self.rng.choice(WORDS)}, "finish_reason": None}
            self._event(writer, {"id": "x", "model": "mock-small", "choices": [part]})
            await writer.drain()
            self.written[name] = n + 1
            await asyncio.sleep(pause)
        last = {"index": 0, "delta": {}, "finish_reason": "stop"}
        usage = {"prompt_tokens": READ, "completion_tokens": tokens}
        self._event(writer, {"id": "x", "model": "mock-small", "choices": [last]})
        self._event(writer, {"id": "x", "model": "mock-small", "choices": [], "usage": usage})
        writer.write(b"e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n")
        await writer.drain()

    @staticmethod
    def _event(writer: asyncio.StreamWriter, event: dict[str, Any]) -> None:
        raw = b"data: " + json.dumps(event, separators=(",", ":")).encode() + b"\n\n"
        writer.write(b"%x\r\n%s\r\n" % (len(raw), raw))


async def _ask(url: str, key: str, name: str, rng: random.Random) -> None:
    import aiohttp

    text = name + " " + "".join(rng.choice(WORDS) for _ in range(READ))
    body = {"model": "mock-small", "stream": True, "messages": [{"role": "user", "content": text}]}
    try:
        async with (
            aiohttp.ClientSession(headers={"Authorization": f"Bearer {key}"}) as session,
            session.post(f"{url}/v1/chat/completions", json=body) as answer,
        ):
            await answer.read()
    except aiohttp.ClientError:
        pass


def test_a_killed_stream_is_booked_within_a_tenth_of_the_truth_in_the_median(tmp_path: Path) -> None:
    async def go() -> None:
        rng = random.Random(7)
        slow = Slow(rng)
        server = await asyncio.start_server(slow, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        child = await asyncio.create_subprocess_exec(
            sys.executable, str(CRASH), "server", str(tmp_path), str(tmp_path), str(port), "1",
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, "SUPERCYCLE_DATA": str(tmp_path), "PYTHONPATH": str(CRASH.parents[1] / "src")},
        )  # fmt: skip
        assert child.stdout is not None
        url, key = (await asyncio.wait_for(child.stdout.readline(), 60)).decode().split()
        for n in range(20):  # so that it knows how many tokens such a question is
            await _ask(url, key, f"warm{n}", rng)
        calls = [asyncio.create_task(_ask(url, key, f"call{n}", rng)) for n in range(STREAMS)]
        while sum(n >= 300 for name, n in slow.written.items() if name.startswith("call")) < STREAMS:
            await asyncio.sleep(0.01)
        truth = {name: n for name, n in slow.written.items() if name.startswith("call")}
        child.send_signal(signal.SIGKILL)
        await child.communicate()
        await asyncio.gather(*calls)
        server.close()
        ledger = await open_ledger(str(tmp_path), folder=tmp_path)
        rows = await ledger.store.fetch(
            "SELECT cost_pico FROM outcome WHERE state = 'orphaned' ORDER BY cost_pico"
        )
        booked = [row["cost_pico"] for row in rows]
        assert len(booked) == STREAMS
        # 0.1 USD a million tokens read, 0.4 written.
        true = sorted(READ * 100_000 + n * 400_000 for n in truth.values())
        errors = [abs(b - t) / t for b, t in zip(booked, true, strict=True)]
        print(f"median error {statistics.median(errors):.3f}, largest {max(errors):.3f}")
        assert statistics.median(errors) <= 0.1, (booked, true)
        (budget,) = await ledger.budgets()
        reserves = await ledger.store.fetch(
            "SELECT SUM(a.reserve_pico) AS r FROM attempt a JOIN outcome o ON o.request_id = a.request_id"
            " AND o.n = a.n WHERE o.state = 'orphaned'"
        )
        assert budget["held"] == reserves[0]["r"] - sum(booked)  # charge and hold are the reserve together
        assert await check(ledger.store) == []
        await ledger.close()

    asyncio.run(go())
