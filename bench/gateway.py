"""Times the gateway against a mock upstream: CPU, latency, paced streams, memory, start, and a soak.

``python bench/gateway.py [--soak]``. The gateway has core 0 to itself, the upstream and the load
core 1. Writes bench/RESULTS-gateway.md (the part between its marks) and bench/results/gateway.json.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "src"))

from _results import FOLDER, machine

PARTS = Path(__file__).with_name("_gateway_parts.py")
TABLE = Path(__file__).with_name("RESULTS-gateway.md")
MARKS = ("<!-- server -->", "<!-- /server -->")
UPSTREAM, PACED, GATEWAY, BARE = 9301, 9302, 9303, 9306
TOKENS = 32
PACE = 50.0
PACED_TOKENS = 256
STREAMS = 300
ROUNDS = 8


def cpu_s(pid: int) -> float:
    """CPU seconds of a process, all threads, user and system, to the nanosecond where Linux keeps them so."""
    tasks = Path(f"/proc/{pid}/task")
    try:
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks.iterdir()) / 1e9
    except FileNotFoundError:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def rss_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    raise AssertionError("no VmRSS")


def request(key: str, *, stream: bool) -> bytes:
    asked: dict[str, Any] = {
        "model": "mock-small",
        "messages": [{"role": "user", "content": "Hello, how are you?"}],
    }
    asked |= {"max_tokens": 4096, "stream": True} if stream else {"max_tokens": 4096}
    body = json.dumps(asked, separators=(",", ":")).encode()
    head = f"POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {key}\r\n"
    return f"{head}content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body


class Client(asyncio.Protocol):
    """One connection, one request at a time; as little work as possible, for it shares a core with the upstream."""

    def __init__(self) -> None:
        self.done: asyncio.Future[None] | None = None
        self.buffer = b""
        self.length = -1
        self.gaps: list[float] | None = None
        self.last = 0.0

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    async def ask(self, raw: bytes) -> None:
        self.buffer, self.length = b"", -1
        self.done = asyncio.get_running_loop().create_future()
        self.transport.write(raw)
        await self.done

    def data_received(self, data: bytes) -> None:
        if self.gaps is not None:
            now = time.perf_counter()
            if self.last:
                self.gaps.append(now - self.last)
            self.last = now
        self.buffer += data
        if self.length < 0:
            end = self.buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            head = self.buffer[:end].lower()
            if b" 200 " not in head[:20]:
                self.done.set_exception(AssertionError(self.buffer[:500]))
                return
            at = head.find(b"content-length: ")
            self.length = int(head[at + 16 :].split(b"\r\n")[0]) if at >= 0 else 0
            self.buffer = self.buffer[end + 4 :]
        if len(self.buffer) >= self.length > 0 or (self.length == 0 and self.buffer.endswith(b"0\r\n\r\n")):
            if not self.done.done():
                self.done.set_result(None)
        elif self.length == 0:
            self.buffer = self.buffer[-16:]

    def connection_lost(self, error: Exception | None) -> None:
        if self.done is not None and not self.done.done():
            self.done.set_exception(AssertionError("the connection was lost"))


async def load(port: int, raw: bytes, count: int, at_once: int) -> list[float]:
    """So many requests over so many connections; the time of each, sorted."""
    times: list[float] = []

    async def worker(share: int) -> None:
        transport, client = await asyncio.get_running_loop().create_connection(Client, "127.0.0.1", port)
        for _ in range(share):
            begun = time.perf_counter()
            await client.ask(raw)
            times.append(time.perf_counter() - begun)
        transport.close()

    await asyncio.gather(*(worker(count // at_once) for _ in range(at_once)))
    return sorted(times)


async def paced(port: int, raw: bytes, streams: int) -> list[float]:
    """So many streams at once; the gaps between reads of all of them, sorted."""
    clients: list[Client] = []
    for _ in range(streams):
        _, client = await asyncio.get_running_loop().create_connection(Client, "127.0.0.1", port)
        client.gaps = []
        clients.append(client)

    async def one(n: int) -> None:
        await asyncio.sleep(n / streams)
        await clients[n].ask(raw)

    await asyncio.gather(*(one(n) for n in range(streams)))
    for client in clients:
        client.transport.close()
    return sorted(gap for client in clients for gap in client.gaps or [])


@contextmanager
def process(*arguments: object) -> Iterator[subprocess.Popen[str]]:
    child = subprocess.Popen([sys.executable, PARTS, *map(str, arguments)], stdout=subprocess.PIPE, text=True)
    try:
        yield child
    finally:
        child.terminate()
        try:
            child.wait(40)
        except subprocess.TimeoutExpired:
            child.kill()


async def up(port: int) -> None:
    for _ in range(500):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.02)
        else:
            writer.close()
            return
    raise AssertionError(f"nothing listens on {port}")


def commit_ms(folder: str) -> float:
    """The median time this disk takes to make 4 KiB durable: below it no durable admission can be."""
    times: list[float] = []
    with (Path(folder) / "probe").open("wb", buffering=0) as file:
        for _ in range(60):
            file.write(b"x" * 4096)
            begun = time.perf_counter()
            os.fdatasync(file.fileno())
            times.append(time.perf_counter() - begun)
    return statistics.median(times) * 1000


async def cost(pid: int, port: int, raw: bytes, count: int, at_once: int, rounds: int) -> float:
    """CPU milliseconds a request: the least of a few rounds, for other work on the machine only adds."""
    found: list[float] = []
    for _ in range(rounds):
        before = cpu_s(pid)
        await load(port, raw, count, at_once)
        found.append((cpu_s(pid) - before) / count * 1000)
    return min(found)


async def measure(*, soak: bool, memory_disk: bool) -> dict[str, Any]:
    found: dict[str, Any] = {"load_average": os.getloadavg()[0]}
    where = "/dev/shm" if memory_disk and Path("/dev/shm").is_dir() else None
    with (
        tempfile.TemporaryDirectory(dir=where) as folder,
        process("upstream", UPSTREAM, TOKENS, 0),
        process("upstream", PACED, PACED_TOKENS, PACE),
        process("bare", BARE, UPSTREAM) as bare,
    ):
        for port in (UPSTREAM, PACED, BARE):
            await up(port)
        found["commit_ms"] = commit_ms(folder)
        begun = time.perf_counter()
        with process("gateway", GATEWAY, UPSTREAM, folder) as child:
            key = child.stdout.readline().strip()
            found["start_s"] = time.perf_counter() - begun
            found["rest_mb"] = rss_mb(child.pid)
            plain, stream = request(key, stream=False), request(key, stream=True)
            await load(GATEWAY, plain, 320, 16)
            await load(BARE, plain, 320, 16)
            for name, raw, count in (("plain", plain, 1280), ("stream", stream, 320)):
                for at_once in (16, 64):
                    found[f"{name}_{at_once}_ms"] = await cost(
                        child.pid, GATEWAY, raw, count, at_once, ROUNDS
                    )
                found[f"{name}_bare_ms"] = await cost(bare.pid, BARE, raw, count, 16, ROUNDS)
            direct = [await load(UPSTREAM, plain, 200, 1) for _ in range(4)]
            through = [await load(GATEWAY, plain, 200, 1) for _ in range(6)]
            found["direct_p50_ms"] = min(statistics.median(t) for t in direct) * 1000
            found["through_p50_ms"] = min(statistics.median(t) for t in through) * 1000
            found["added_p50_ms"] = found["through_p50_ms"] - found["direct_p50_ms"]
            if soak:
                found["soak_before_mb"] = rss_mb(child.pid)
                begun = time.perf_counter()
                for part in range(10):
                    await load(GATEWAY, stream if part % 5 == 4 else plain, 10_000, 50)
                found["soak_s"] = time.perf_counter() - begun
                found["soak_after_mb"] = rss_mb(child.pid)
        found["ledger"] = await books(folder)
        with process("gateway", GATEWAY, PACED, folder) as child:
            key = child.stdout.readline().strip()
            await load(GATEWAY, request(key, stream=False), 8, 8)
            before, begun = cpu_s(child.pid), time.perf_counter()
            gaps = await paced(GATEWAY, request(key, stream=True), STREAMS)
            seconds = time.perf_counter() - begun
            used = cpu_s(child.pid) - before
            found["paced_core_share"] = used / seconds
            found["paced_reads_a_token"] = len(gaps) / (STREAMS * PACED_TOKENS)
            found["paced_p99_gap_ms"] = gaps[int(len(gaps) * 0.99)] * 1000
            found["paced_mb"] = rss_mb(child.pid)
    found["load_average_end"] = os.getloadavg()[0]
    return found


async def books(folder: str) -> dict[str, Any]:
    """What the ledger has after it all: as many calls as were made, none open, the invariants kept."""
    from supercycle.gateway.ledger.invariants import check
    from supercycle.gateway.ledger.ledger import now_us, open_ledger

    ledger = await open_ledger(Path(folder), server=False)
    totals = await ledger.reads.totals(0, now_us())
    wrong = await check(ledger.store)
    left = await ledger.reads.in_flight()
    await ledger.close()
    return {
        "requests": totals["requests"],
        "attempts": totals["attempts"],
        "open": left["attempts"],
        "wrong": wrong,
    }


def rows(found: dict[str, Any], in_memory: dict[str, Any] | None) -> list[tuple[str, str, str]]:
    paced_share = found["paced_core_share"]
    stream_s = max(found["stream_16_ms"], found["stream_64_ms"]) / 1000

    def bare(kind: str) -> tuple[str, str, str]:
        least = min(found[f"{kind}_16_ms"], found[f"{kind}_64_ms"])
        base = found[f"{kind}_bare_ms"]
        return (
            "a relay without key, ledger or reading, same run; ratio",
            f"{base:.3f} ms; {least / base:.1f}",
            "",
        )

    out = [
        ("CPU per plain request, 16 at a time", f"{found['plain_16_ms']:.3f} ms", "0.35 ms"),
        ("CPU per plain request, 64 at a time", f"{found['plain_64_ms']:.3f} ms", "0.35 ms"),
        bare("plain"),
        (f"CPU per {TOKENS}-token stream, 16 at a time", f"{found['stream_16_ms']:.3f} ms", "0.8 ms"),
        (f"CPU per {TOKENS}-token stream, 64 at a time", f"{found['stream_64_ms']:.3f} ms", "0.8 ms"),
        bare("stream"),
        ("added p50 at concurrency 1, FULL durability", f"{found['added_p50_ms']:.2f} ms", "1 ms"),
        (
            "one commit of this disk when the run began (fdatasync of 4 KiB)",
            f"{found['commit_ms']:.2f} ms",
            "",
        ),
    ]
    if in_memory:
        out.append(("added p50 with the ledger on a memory disk", f"{in_memory['added_p50_ms']:.2f} ms", ""))
    out += [
        (f"{STREAMS} streams at {PACE:g} tokens/s: share of a core", f"{paced_share:.2f}", "1"),
        ("reads per token of those (1: none came together)", f"{found['paced_reads_a_token']:.2f}", ""),
        ("streams a core carries by the CPU per token above", f"{TOKENS / PACE / stream_s:.0f}", "300"),
        ("99th percentile gap between reads (paced at 20 ms)", f"{found['paced_p99_gap_ms']:.0f} ms", ""),
        ("memory at rest", f"{found['rest_mb']:.0f} MB", "80 MB"),
        ("start to a key that works", f"{found['start_s']:.2f} s", "1 s"),
    ]
    if "soak_s" in found:
        out.append((
            "soak (make soak): 100,000 requests (a fifth streams), 50 at a time",
            f"{found['soak_s']:.0f} s, {found['soak_before_mb']:.0f} MB before, {found['soak_after_mb']:.0f} MB after",
            "",
        ))  # fmt: skip
    books = found["ledger"]
    state = "invariants kept" if not books["wrong"] else f"wrong: {books['wrong']}"
    out.append(
        ("the ledger after this run", f"{books['requests']:,} requests, {books['open']} open, {state}", "")
    )
    return out


def write(found: dict[str, Any], in_memory: dict[str, Any] | None) -> None:
    here = machine()
    lines = [
        MARKS[0],
        "## Server",
        "",
        f"Written by `python bench/gateway.py` on {here['date']}, Python {here['python']}.",
        f"Processor family {here['processor']} ({here['architecture']}), {here['cores']} cores.",
        "The gateway has one core, the mock upstream and the load the other. CPU is user and system time of all its",
        "threads, the least of eight rounds. Each token of a stream is a read of its own. The machine was shared: load",
        f"average {found['load_average']:.1f} when it began, {found['load_average_end']:.1f} at its end, on two",
        "cores; so the ratios mean more than the times.",
        "",
        "| what | measured | budget |",
        "|---|---|---|",
        *(f"| {a} | {b} | {c} |" for a, b, c in rows(found, in_memory)),
        MARKS[1],
    ]
    text = (
        TABLE.read_text(encoding="utf-8")
        if TABLE.exists()
        else "# Measured: gateway\n\n" + "\n".join(MARKS) + "\n"
    )
    if MARKS[0] not in text:
        text += "\n" + "\n".join(MARKS) + "\n"
    before, _, rest = text.partition(MARKS[0])
    TABLE.write_text(before + "\n".join(lines) + rest.partition(MARKS[1])[2], encoding="utf-8")
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / "gateway.json").write_text(
        json.dumps({**here, **found, "memory_disk": in_memory}, indent=1) + "\n"
    )
    print("\n".join(lines))


def kept_soak() -> dict[str, Any]:
    """The soak of an earlier run, which takes minutes and is not repeated each time."""
    file = FOLDER / "gateway.json"
    before = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return {name: value for name, value in before.items() if name.startswith("soak")}


def main() -> None:
    import uvloop

    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {1})
    found = uvloop.run(measure(soak="--soak" in sys.argv, memory_disk=False))
    in_memory = uvloop.run(measure(soak=False, memory_disk=True)) if Path("/dev/shm").is_dir() else None
    write(found if "--soak" in sys.argv else {**found, **kept_soak()}, in_memory)


if __name__ == "__main__":
    main()
