"""Files and batches: every line bounded, reserved and settled on its output; ids belong to one key."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import openai
import pytest
from aiohttp import web

from supercycle.gateway.door.problem import Problem
from supercycle.gateway.door.shelf import Shelf
from supercycle.gateway.door.stored import follow
from supercycle.gateway.door.stored import lines as lines_module
from supercycle.gateway.door.stored.upload import FormReader, boundary_of
from tests.gateway_server import Served, raw, serving

CONFIG = """
providers:
  far: {{kind: openai, base_url: "{base}", auth: none, prices: far}}
models:
  small:
    - provider: far
      model: gpt-x
      context_tokens: 8000
      max_output_tokens: 1000
      price:
        - {{input: "2", cached: "1", output: "8"}}
        - {{tier: batch, input: "1", cached: "0.5", output: "4"}}
"""


class Provider:
    """A server that takes files and batches, and imports nothing of the gateway."""

    def __init__(self, mode: str = "") -> None:
        self.mode = mode
        self.files: dict[str, bytes] = {}
        self.asked = 0
        self.used: dict[str, tuple[int, int, int]] = {}

    async def upload(self, request: web.Request) -> web.Response:
        form = await request.post()
        assert form["purpose"] == "batch"
        name = f"up-{len(self.files)}"
        self.files[name] = form["file"].file.read()  # type: ignore[union-attr]
        return web.json_response({"id": name, "object": "file"})

    async def begin(self, request: web.Request) -> web.Response:
        body = await request.json()
        assert body["input_file_id"] in self.files
        if self.mode == "refuses":
            return web.json_response({"error": {"message": "no"}}, status=400)
        if self.mode == "vanishes":
            assert request.transport is not None
            request.transport.close()
            raise ConnectionResetError
        return web.json_response({"id": "b-1", "status": "validating"})

    async def state(self, request: web.Request) -> web.Response:
        self.asked += 1
        if self.asked < 3:
            return web.json_response({"id": "b-1", "status": "in_progress"})
        lines = [json.loads(line) for line in self.files["up-0"].splitlines()]
        out, bad = [], []
        for at, line in enumerate(lines):
            assert line["body"]["model"] == "gpt-x"
            if at == 1:
                answer: Any = {"status_code": 500, "body": {"error": {"message": "x"}}}
                bad.append({"custom_id": line["custom_id"], "response": answer})
            elif at != 2:  # the third is never answered
                used = (100 + at, 7 * at, 11 + at)
                self.used[line["custom_id"]] = used
                usage = {"prompt_tokens": used[0] + used[1], "completion_tokens": used[2],
                         "prompt_tokens_details": {"cached_tokens": used[1]}}  # fmt: skip
                answer = {
                    "status_code": 200,
                    "request_id": f"r{at}",
                    "body": {"model": "gpt-x", "choices": [], "usage": usage},
                }
                out.append({"id": "x", "custom_id": line["custom_id"], "response": answer})
        self.files["out"] = b"".join(json.dumps(o).encode() + b"\n" for o in out)
        self.files["bad"] = b"".join(json.dumps(o).encode() + b"\n" for o in bad)
        counts = {"total": len(lines), "completed": len(out), "failed": len(bad)}
        over = {"id": "b-1", "status": "completed", "output_file_id": "out", "error_file_id": "bad"}
        return web.json_response({**over, "request_counts": counts})

    async def content(self, request: web.Request) -> web.Response:
        return web.Response(body=self.files[request.match_info["name"]])


@asynccontextmanager
async def gateway(folder: Path, mode: str = "") -> AsyncIterator[tuple[Served, Provider]]:
    provider = Provider(mode)
    app = web.Application()
    app.router.add_post("/v1/files", provider.upload)
    app.router.add_get("/v1/files/{name}/content", provider.content)
    app.router.add_post("/v1/batches", provider.begin)
    app.router.add_get("/v1/batches/{name}", provider.state)
    app.router.add_post("/v1/batches/{name}/cancel", provider.state)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        async with serving(
            folder, CONFIG.format(base=f"http://127.0.0.1:{runner.addresses[0][1]}/v1")
        ) as served:
            yield served, provider
    finally:
        await runner.cleanup()


def lines(count: int = 5, **more: Any) -> bytes:
    found = []
    for n in range(count):
        body = {
            "model": "small",
            "messages": [{"role": "user", "content": f"é {n}"}],
            "max_tokens": 50,
            **more,
        }
        found.append({"custom_id": f"c{n}", "method": "POST", "url": "/v1/chat/completions", "body": body})
    return b"\n".join(json.dumps(line).encode() for line in found)


def client(served: Served, key: str | None = None) -> openai.AsyncOpenAI:
    return openai.AsyncOpenAI(api_key=key or served.key, base_url=served.base_url, max_retries=0)


async def begun(one: openai.AsyncOpenAI, text: bytes) -> Any:
    file = await one.files.create(file=("in.jsonl", text), purpose="batch")
    return await one.batches.create(
        input_file_id=file.id, endpoint="/v1/chat/completions", completion_window="24h"
    )


def test_a_batch_is_reserved_by_line_and_settled_on_its_output(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow, "FIRST_S", 0.02)

    async def go() -> None:
        async with gateway(tmp_path) as (served, provider), client(served) as one:
            await served.ledger.set_budget("project:p", 10**12, "total")
            text = lines()
            batch = await begun(one, text)
            (budget,) = await served.ledger.budgets()
            # Each line: its bytes and the template at 2 USD, 50 tokens of output at 8, the dearer of the two tiers.
            sizes = [len(json.dumps(json.loads(line)["body"], separators=(",", ":"), ensure_ascii=False).encode())
                     for line in text.splitlines()]  # fmt: skip
            assert budget["reserved"] == sum((size + 128) * 2_000_000 + 50 * 8_000_000 for size in sizes)
            while (batch := await one.batches.retrieve(batch.id)).status != "completed":
                await asyncio.sleep(0.02)
            assert (batch.request_counts.completed, batch.request_counts.failed) == (3, 1)
            attempts = await served.attempts(5)
            states = sorted(a["state"] for a in attempts)
            assert states == ["settled"] * 3 + ["void"] * 2
            want = sorted(a * 1_000_000 + b * 500_000 + c * 4_000_000 for a, b, c in provider.used.values())
            assert sorted(a["cost_pico"] for a in attempts if a["state"] == "settled") == want
            (budget,) = await served.ledger.budgets()
            assert (budget["spent"], budget["reserved"]) == (sum(want), 0)
            output = await one.files.content(batch.output_file_id)
            assert output.content == provider.files["out"]
            assert (await one.files.content(batch.error_file_id)).content == provider.files["bad"]
            listed = [b.id async for b in one.batches.list()]
            assert listed == [batch.id]
            # Another key's ids are not found, whatever is asked of them.
            _, other = await served.ledger.keys.issue("other", models=("*",))
            shown = {"authorization": f"Bearer {other}"}
            for method, path in (
                ("GET", f"/v1/files/{batch.output_file_id}"), ("GET", f"/v1/files/{batch.input_file_id}/content"),
                ("DELETE", f"/v1/files/{batch.input_file_id}"), ("GET", f"/v1/batches/{batch.id}"),
                ("POST", f"/v1/batches/{batch.id}/cancel"),
            ):  # fmt: skip
                assert (await raw(served.port, path, None, shown, method=method)).status == 404
            asked = {"input_file_id": batch.input_file_id, "endpoint": "/v1/chat/completions"}
            assert (await raw(served.port, "/v1/batches", asked, shown)).status == 404
            # Ids outlive the process; a deleted file does not.
            assert Shelf(tmp_path / "ledger" / "files").get(batch.id, served.key_id) is not None
            await one.files.delete(batch.input_file_id)
            with pytest.raises(openai.NotFoundError):
                await one.files.retrieve(batch.input_file_id)

    asyncio.run(go())


@pytest.mark.parametrize(
    ("mode", "state", "held"), [("refuses", "void", False), ("vanishes", "estimated", True)]
)
def test_a_batch_that_does_not_begin(
    mode: str, state: str, held: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Refused, it costs nothing; where nobody knows whether it runs, its reserve is held."""
    monkeypatch.setattr(follow, "FIRST_S", 0.02)
    monkeypatch.setattr(follow, "LOOK_S", -10.0)

    async def go() -> None:
        async with gateway(tmp_path, mode) as (served, _), client(served) as one:
            await served.ledger.set_budget("project:p", 10**12, "total")
            with pytest.raises(openai.APIStatusError, match="did not take the batch"):
                await begun(one, lines(2))
            assert {a["state"] for a in await served.attempts(2)} == {state}
            (budget,) = await served.ledger.budgets()
            assert (budget["spent"] + budget["reserved"] + budget.get("held", 0) > 0) is held
            listed = [(b.status, b.errors.data[0].code) async for b in one.batches.list() if b.errors]  # type: ignore[index]
            assert listed == ([("failed", "lost")] if held else [])
            assert {f.suffix for f in (tmp_path / "ledger" / "files").glob("batch-*")} == (
                {".json"} if held else set()
            )

    asyncio.run(go())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (lines(2) + b"\n{", "line 3 of the batch: it is no JSON"),
        (lines(1) + b"\n" + lines(1), "line 2 of the batch: custom_id 'c0' stands twice"),
        (lines(1, stream=True), "line 1 of the batch: stream"),
        (lines(1, model="nobody"), "line 1 of the batch: no model 'nobody'"),
        (
            lines(1).replace(b"completions", b"others"),
            "line 1 of the batch: expected POST /v1/chat/completions",
        ),
        (lines(3, max_tokens=900), "line 2 of the batch: the budget of project:p"),
        (b"\n", "has no lines"),
    ],
)
def test_a_line_that_is_wrong_is_named_and_nothing_is_sent_or_kept(
    text: bytes, message: str, tmp_path: Path
) -> None:
    async def go() -> None:
        async with gateway(tmp_path) as (served, provider), client(served) as one:
            await served.ledger.set_budget("project:p", 12 * 10**9, "total")  # room for one line
            with pytest.raises(openai.APIStatusError, match=message):
                await begun(one, text)
            assert not provider.files
            for _ in range(50):
                (budget,) = await served.ledger.budgets()
                if not budget["reserved"]:
                    break
                await asyncio.sleep(0.02)
            assert (budget["spent"], budget["reserved"]) == (0, 0)

    asyncio.run(go())


def test_lines_of_a_batch_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines_module, "LINES", 5)

    async def go() -> None:
        async with gateway(tmp_path) as (served, provider), client(served) as one:
            with pytest.raises(
                openai.BadRequestError, match="line 6 of the batch: a batch has at most 5 lines"
            ):
                await begun(one, lines(6))
            assert not provider.files
            await begun(one, lines(5))

    asyncio.run(go())


def test_a_form_is_read_the_same_however_it_is_cut(tmp_path: Path) -> None:
    content = b"a\r\n--bound\r\n-\r\n\r\n--boundar" + bytes(range(256)) + b"\r\n"
    form = b'--boundary\r\ncontent-disposition: form-data; name="purpose"\r\n\r\nbatch\r\n'
    form += b'--boundary\r\nContent-Disposition: form-data; name="file"; filename="in.jsonl"\r\n'
    form += b"Content-Type: x/y\r\n\r\n"
    form += content + b"\r\n--boundary--\r\n"
    assert boundary_of(b'multipart/form-data; boundary="boundary"') == b"boundary"
    draw = random.Random(1)
    for n in range(60):
        cuts = (
            list(range(1, len(form)))
            if n == 0
            else sorted(draw.sample(range(1, len(form)), draw.randint(0, 9)))
        )
        path = tmp_path / f"{n}"
        reader = FormReader(b"boundary", path, 10_000)
        for begin, end in zip([0, *cuts], [*cuts, len(form)], strict=True):
            reader.feed(form[begin:end])
        assert reader.close() == ((("purpose", "batch"),), "in.jsonl", len(content))
        assert path.read_bytes() == content
    small = FormReader(b"boundary", tmp_path / "small", len(content) - 1)
    with pytest.raises(Problem, match="larger than"):
        small.feed(form)
    small.abandon()
    early = FormReader(b"boundary", tmp_path / "early", 10_000)
    early.feed(form[:-8])
    with pytest.raises(Problem, match="ended before"):
        early.close()


def test_an_empty_file_and_other_purposes(tmp_path: Path) -> None:
    async def go() -> None:
        async with gateway(tmp_path) as (served, _), client(served) as one:
            file = await one.files.create(file=("in.jsonl", b""), purpose="batch")
            assert file.bytes == 0
            with pytest.raises(openai.BadRequestError, match="purpose: expected one of batch"):
                await one.files.create(file=("in.jsonl", b"x"), purpose="assistants")
            assert [f.id async for f in one.files.list()] == [file.id]
            assert (
                len(list((tmp_path / "ledger" / "files").glob("file-*"))) == 1 + 1
            )  # its content, its object

    asyncio.run(go())
