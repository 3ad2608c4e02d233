"""Killing a process that books at random moments, and looking at what is left.

The process is either the ledger alone, calling "upstream" as fast as it can (`CHILD`), or a whole gateway that serves
clients of this process (`SERVER`). Upstream is a socket of this process, which writes down what it saw before it
answers. The process is killed with SIGKILL, which no handler sees, and the ledger is opened again.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sys
from collections import Counter
from pathlib import Path
from typing import Any

CLIENTS = 12  # calls under way at a time
BUDGET = 10**15
FAILS = 0.15  # of the answers are errors, so that there are retries and fallbacks
CHILD, SERVER = "child", "server"


class Upstream:
    """A provider that remembers the calls it saw, in the order they came."""

    def __init__(self, rng: random.Random) -> None:
        self.seen: list[tuple[str, Any]] = []
        self.rng = rng
        self._waiting: list[tuple[int, asyncio.Event]] = []

    async def start(self, kind: str) -> int:
        serve = self._lines if kind == CHILD else self._http
        self._server = await asyncio.start_server(serve, "127.0.0.1", 0)
        return self._server.sockets[0].getsockname()[1]

    async def reached(self, calls: int) -> None:
        """Return once that many calls were seen."""
        event = asyncio.Event()
        self._waiting.append((calls, event))
        await event.wait()

    async def stop(self) -> None:
        self._server.close()

    async def _saw(self, call: tuple[str, Any]) -> bool:
        """Note a call, take a moment; whether it goes well."""
        self.seen.append(call)
        for calls, event in self._waiting:
            if len(self.seen) >= calls:
                event.set()
        await asyncio.sleep(self.rng.choice((0, 0, 0.001, 0.004)))
        return self.rng.random() >= FAILS

    async def _lines(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """The ledger alone says ``request n``; the answer is a status."""
        try:
            while line := await reader.readline():
                request_id, n = line.decode().split()
                writer.write(b"200\n" if await self._saw((request_id, int(n))) else b"500\n")
        except ConnectionError:
            pass
        finally:
            writer.close()

    async def _http(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """A gateway sends chats, the call's name in the message; answers are whole or streamed."""
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                provider = head.split(b" ", 2)[1].split(b"/")[1].decode()
                length = next(
                    int(h[15:]) for h in head.lower().split(b"\r\n") if h.startswith(b"content-length:")
                )
                asked = json.loads(await reader.readexactly(length))
                if not await self._saw((asked["messages"][0]["content"], provider)):
                    writer.write(_response(b"503 Service Unavailable", b'{"error":{"message":"later"}}'))
                elif asked.get("stream"):
                    writer.write(_STREAM)
                    for event in _EVENTS:
                        writer.write(b"%x\r\n%s\r\n" % (len(event), event))
                        await asyncio.sleep(self.rng.choice((0, 0.002)))
                    writer.write(b"0\r\n\r\n")
                else:
                    writer.write(_response(b"200 OK", _ANSWER))
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


def _response(status: bytes, body: bytes) -> bytes:
    return b"HTTP/1.1 %s\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s" % (
        status,
        len(body),
        body,
    )


_STREAM = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
_USAGE = {"prompt_tokens": 12, "completion_tokens": 7, "total_tokens": 19}
_SAID = {"index": 0, "message": {"role": "assistant", "content": "yes"}, "finish_reason": "stop"}
_FRAME = {"id": "x", "object": "chat.completion", "created": 1, "model": "mock-small"}
_WHOLE = {**_FRAME, "choices": [_SAID], "usage": _USAGE}
_PART = {**_WHOLE, "object": "chat.completion.chunk", "usage": None}
_PARTS = [{**_PART, "choices": [{"index": 0, "delta": {"content": "y"}, "finish_reason": None}]}] * 5
_PARTS += [{**_PART, "choices": [], "usage": _USAGE}]
_ANSWER = json.dumps(_WHOLE).encode()
_EVENTS = [b"data: " + json.dumps(part).encode() + b"\n\n" for part in _PARTS] + [b"data: [DONE]\n\n"]


async def trial(place: Any, rng: random.Random, kind: str) -> tuple[int, int]:
    """Start a process, kill it at a random moment, open the ledger twice: (calls upstream saw, how many cut off)."""
    upstream = Upstream(rng)
    port = await upstream.start(kind)
    named = (kind, place.target, str(place.folder), str(port), str(rng.randrange(2**31)))
    child = await asyncio.create_subprocess_exec(
        sys.executable, str(Path(__file__)), *named,
        stdout=asyncio.subprocess.PIPE,
        env={
            **os.environ, "SUPERCYCLE_DATA": str(place.folder),
            "PYTHONPATH": str(Path(__file__).parents[1] / "src"),
        },
    )  # fmt: skip
    clients: list[asyncio.Task[None]] = []
    try:
        if kind == SERVER:
            assert child.stdout is not None
            said = await asyncio.wait_for(child.stdout.readline(), 60)
            assert said, "the gateway did not start"
            url, key = said.decode().split()
            clients = [asyncio.create_task(_client(url, key, rng.randrange(2**31))) for _ in range(CLIENTS)]
        await asyncio.wait_for(upstream.reached(rng.randrange(1, 80)), 60)
        await asyncio.sleep(rng.random() * 0.02)
    finally:
        child.send_signal(signal.SIGKILL)
        await child.communicate()
        await asyncio.gather(*clients, return_exceptions=True)
        await upstream.stop()
    async with place.open() as ledger:  # recovers
        orphaned = await _check(place, ledger, upstream.seen, kind)
        before = await place.dump(ledger)
    async with place.open() as ledger:
        assert await place.dump(ledger) == before, "a second restart changed something"
    return len(upstream.seen), orphaned


async def _check(place: Any, ledger: Any, seen: list[tuple[str, Any]], kind: str) -> int:
    """Each call upstream saw has exactly one attempt, nothing is reserved, and the books are sound.

    A booked attempt that upstream did not see is one that the kill cut off before it was sent.
    """
    name = "a.request_id, a.n" if kind == CHILD else "r.idempotency_key, a.provider"
    rows = await ledger.store.fetch(
        f"SELECT {name}, o.state FROM attempt a JOIN request r ON r.request_id = a.request_id"
        " LEFT JOIN outcome o ON o.request_id = a.request_id AND o.n = a.n"
    )
    called = Counter(seen)
    booked: Counter[Any] = Counter()
    orphaned: Counter[Any] = Counter()
    for *call, state in (tuple(row.values()) for row in rows):
        booked[tuple(call)] += 1
        orphaned[tuple(call)] += state == "orphaned"
    unbooked = [call for call, times in called.items() if booked[call] < times]
    assert unbooked == [], f"{len(unbooked)} calls of {len(seen)} are not in the ledger"
    twice = [call for call, times in called.items() if booked[call] - orphaned[call] > times]
    assert twice == [], f"{len(twice)} calls have more attempts than upstream saw"
    assert await ledger.reads.in_flight() == {"attempts": 0, "reserved": 0}
    for budget in await ledger.budgets():
        assert budget["reserved"] == budget["held"]
    await place.sound(ledger)
    return sum(orphaned[call] for call in called)


async def _client(url: str, key: str, seed: int) -> None:
    """Chats, whole and streamed, one after another until the gateway is gone; some clients leave early."""
    import aiohttp

    rng = random.Random(seed)
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {key}"}) as session:
        while True:
            name = f"call {rng.getrandbits(60)}"
            body = {
                "model": "mock-small", "stream": rng.random() < 0.5, "max_tokens": 20,
                "messages": [{"role": "user", "content": name}],
            }  # fmt: skip
            try:
                async with session.post(
                    f"{url}/v1/chat/completions", json=body, headers={"Idempotency-Key": name}
                ) as answer:
                    if rng.random() > 0.1:
                        await answer.read()
            except aiohttp.ClientError:
                return


# --- the processes that are killed


async def _ledger_alone(target: str, folder: str, port: int, seed: int) -> None:
    from supercycle.gateway.ledger.entries import Ask, Attempt, Begin, new_request_id
    from supercycle.gateway.ledger.ledger import open_ledger

    sys.path.insert(0, str(Path(__file__).parent))
    import gateway_place as kit

    rng = random.Random(seed)
    ledger = await open_ledger(target, folder=Path(folder), price=kit.price)
    who = await kit.Place.caller(ledger, project="p")
    if not await ledger.budgets():
        await ledger.set_budget("project:p", BUDGET, "total")

    async def client() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)

        async def send(attempt: Attempt) -> int:
            writer.write(f"{attempt.request_id} {attempt.n}\n".encode())
            return int(await reader.readline())

        while True:
            ask = Ask(new_request_id(), who, "/v1/chat/completions", "m", tags={"team": rng.choice("ab")})
            attempt = await ledger.admit_and_begin(ask, Begin("mock", "m", rng.randrange(200, 2000)))
            while isinstance(attempt, Attempt):
                status = await send(attempt)
                if rng.random() < 0.3:
                    ledger.sent(attempt)
                if status == 200:
                    tokens = rng.randrange(1, 100)
                    settled = ledger.settle(
                        attempt, kit.charge(tokens), kit.usage(tokens), "settled", 200, 1.0, 2.0
                    )
                    if rng.random() < 0.5:
                        await settled
                    break
                last = attempt.n == 3
                ledger.settle(attempt, None, None, "void", status, final=last)
                if last:
                    break
                attempt = await ledger.begin(
                    ask, attempt.n + 1, Begin("other", "m", rng.randrange(200, 2000))
                )

    await asyncio.gather(*(client() for _ in range(CLIENTS)))


def _gateway(target: str, folder: str, port: int) -> None:
    from supercycle.gateway.config.config import config_of
    from supercycle.gateway.config.yaml_lines import read_yaml
    from supercycle.gateway.door.server import Running, run

    names = ("one", "two")
    providers = "".join(f'\n  {n}: {{kind: mock, base_url: "http://127.0.0.1:{port}/{n}/v1"}}' for n in names)
    targets = ", ".join(f"{{provider: {n}, model: mock-small, max_output_tokens: 100}}" for n in names)
    text = (
        f'listen: 127.0.0.1:0\nadmin: 127.0.0.1:0\nstore: "{target}"\nproviders:{providers}\n'
        f"models:\n  mock-small: [{targets}]\n"
    )
    tasks: list[Any] = []

    def ready(running: Running) -> None:
        async def issue() -> None:
            ledger = running.gateway.ledger
            _, secret = await ledger.keys.issue("crash", project="p")
            if not await ledger.budgets():
                await ledger.set_budget("project:p", BUDGET, "total")
            print(running.public_url, secret, flush=True)

        tasks.append(asyncio.ensure_future(issue()))

    run(config_of(read_yaml(text, "crash.yaml"), Path(folder) / "crash.yaml"), on_ready=ready)


if __name__ == "__main__":
    _, kind, target_, folder_, port_, seed_ = sys.argv
    if kind == CHILD:
        asyncio.run(_ledger_alone(target_, folder_, int(port_), int(seed_)))
    else:
        _gateway(target_, folder_, int(port_))
