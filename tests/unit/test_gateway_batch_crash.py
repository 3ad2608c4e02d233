"""`kill -9` while a batch is under way, at each step of it: every line is reserved, then settled exactly once."""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import aiohttp
import pytest

sys.path.append(str(Path(__file__).resolve().parents[1]))
kit = importlib.import_module("gateway_batches")

LIMIT = 10**12
COUNT = 40


def lines() -> bytes:
    body = {"model": "small", "messages": [{"role": "user", "content": "hello"}], "max_tokens": 50}
    each = (
        {"custom_id": f"c{n}", "method": "POST", "url": "/v1/chat/completions", "body": body}
        for n in range(COUNT)
    )
    return b"\n".join(json.dumps(one).encode() for one in each)


class Child:
    """A gateway in a process of its own."""

    def __init__(self, place: Any, port: int) -> None:
        self.place, self.port = place, port

    async def __aenter__(self) -> Child:
        script = Path(__file__).resolve().parents[1] / "gateway_batches.py"
        source = Path(__file__).resolve().parents[2] / "src"
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, str(script), self.place.target, str(self.place.folder), str(self.port),
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, "SUPERCYCLE_DATA": str(self.place.folder), "PYTHONPATH": str(source)},
        )  # fmt: skip
        assert self.process.stdout is not None
        said = await asyncio.wait_for(self.process.stdout.readline(), 60)
        assert said, "the gateway did not start"
        self.url = said.decode().strip()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.kill()

    async def kill(self) -> None:
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGKILL)
        await self.process.communicate()

    async def post_batch(self, key: str) -> Any:
        shown = {"authorization": f"Bearer {key}"}
        async with aiohttp.ClientSession(headers=shown) as session:
            form = aiohttp.FormData()
            form.add_field("purpose", "batch")
            form.add_field("file", lines(), filename="in.jsonl")
            async with session.post(f"{self.url}/v1/files", data=form) as answer:
                file = await answer.json()
            asked = {"input_file_id": file["id"], "endpoint": "/v1/chat/completions"}
            async with session.post(f"{self.url}/v1/batches", json=asked) as answer:
                return await answer.json()

    async def batches(self, key: str) -> list[Any]:
        async with (
            aiohttp.ClientSession(headers={"authorization": f"Bearer {key}"}) as session,
            session.get(f"{self.url}/v1/batches") as answer,
        ):
            return (await answer.json())["data"]


async def prepared(place: Any) -> str:
    async with place.open() as ledger:
        _, secret = await ledger.keys.issue("batch", project="p")
        await ledger.set_budget("project:p", LIMIT, "total")
    return secret


async def states(place: Any) -> tuple[dict[str, int], Any]:
    """How the lines stand in the books, and the budget; looked at without the server's lock."""
    async with place.open(server=False) as ledger:
        rows = await ledger.reads.requests(1000)
        found = [a["state"] for r in rows for a in r["attempts"]]
        (budget,) = await ledger.budgets()
        return {state: found.count(state) for state in set(found)}, budget


# Where the first process is killed; the last comes back from the same step a second time.
STEPS = ("uploaded", "begun", "asked", "fetched", "fetched twice")


@pytest.mark.parametrize("step", STEPS)
def test_a_batch_outlives_a_kill_at_each_step(place: Any, step: str) -> None:
    async def go() -> None:
        provider = kit.BatchProvider()
        port = await provider.start()
        key = await prepared(place)
        at, _, twice = step.partition(" ")
        provider.gates[at] = asyncio.Event()
        provider.done = at == "fetched"
        ids = [f"c{n}" for n in range(COUNT)]
        answered = sum(kit.kind(one) == "answered" for one in ids)
        try:
            for _ in range(2 if twice else 1):
                async with Child(place, port) as child:
                    posting = None
                    if not provider.batches:
                        posting = asyncio.ensure_future(child.post_batch(key))
                    await asyncio.wait_for(provider.until(at), 30)
                    await child.kill()
                    if posting is not None:
                        await asyncio.gather(posting, return_exceptions=True)
                provider.reached.clear()
            found, budget = await states(place)
            assert found == {"open": COUNT}
            reserved = budget["reserved"]
            assert 0 < reserved <= LIMIT
            provider.gates[at].set()
            provider.done = False
            async with Child(place, port) as child:
                if step == "uploaded":  # the provider was never asked to begin: nothing is owed
                    for _ in range(400):
                        if not (await child.batches(key)):
                            break
                        await asyncio.sleep(0.05)
                    want = {"void": COUNT}
                else:
                    await asyncio.wait_for(provider.until("asked"), 30)
                    found, budget = await states(place)
                    # Still reserved to the pico, neither orphaned nor reserved again.
                    assert found == {"open": COUNT}
                    assert (budget["spent"], budget["reserved"]) == (0, reserved)
                    provider.done = True
                    for _ in range(400):
                        (batch,) = await child.batches(key)
                        if batch["status"] == "completed":
                            break
                        await asyncio.sleep(0.05)
                    want = {"settled": answered, "void": COUNT - answered}
                found, budget = await states(place)
                assert found == want
                spent = 0 if step == "uploaded" else kit.bill(ids)
                assert (budget["spent"], budget["reserved"]) == (spent, 0)
            async with place.open() as ledger:  # a further start finds nothing to do
                await place.sound(ledger)
                (budget,) = await ledger.budgets()
                assert (budget["spent"], budget["reserved"]) == (spent, 0)
            assert len(provider.batches) == (0 if step == "uploaded" else 1)
        finally:
            await provider.stop()

    asyncio.run(go())


def test_what_another_instance_took_for_lost_is_put_right(place: Any) -> None:
    """On a shared ledger another instance orphans the lines; who has the batch's files still books what it cost."""

    async def go() -> None:
        provider = kit.BatchProvider()
        port = await provider.start()
        key = await prepared(place)
        try:
            async with Child(place, port) as child:
                await child.post_batch(key)
            async with place.open() as ledger:
                (budget,) = await ledger.budgets()
                assert budget["held"] > 0
                assert budget["spent"] + budget["reserved"] <= LIMIT
            assert (await states(place))[0] == {"orphaned": COUNT}
            provider.done = True
            async with Child(place, port) as child:
                while (await child.batches(key))[0]["status"] != "completed":
                    await asyncio.sleep(0.05)
                _, budget = await states(place)
            assert (budget["spent"], budget["reserved"]) == (kit.bill([f"c{n}" for n in range(COUNT)]), 0)
            async with place.open() as ledger:
                await place.sound(ledger)
        finally:
            await provider.stop()

    asyncio.run(go())
