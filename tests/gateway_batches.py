"""A provider of batches, and a whole gateway in a process of its own, which a test kills while a batch is under way.

    python tests/gateway_batches.py STORE FOLDER PROVIDER_PORT

The provider imports nothing of the gateway. It draws what each line used from the line itself, so that its bill is the
same whenever it is asked.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any
from zlib import crc32

from aiohttp import web

RATES = (1_000_000, 500_000, 4_000_000)  # pico-USD a token in the tier batch: input, cached, output
TEXT = """
listen: 127.0.0.1:0
admin: 127.0.0.1:0
store: "{store}"
providers:
  far: {{kind: openai, base_url: "http://127.0.0.1:{port}/v1", auth: none, prices: far}}
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


def used(custom_id: str) -> tuple[int, int, int]:
    """Input, cached and output tokens of a line, within what it was reserved for."""
    drawn = crc32(custom_id.encode())
    return 20 + drawn % 50, drawn // 50 % 40, 1 + drawn // 2000 % 50


def kind(custom_id: str) -> str:
    """Most lines are answered; some are errors, and some are never answered."""
    return ("answered", "answered", "answered", "error", "silent")[crc32(custom_id.encode()) % 5]


def bill(custom_ids: list[str]) -> int:
    return sum(
        sum(count * rate for count, rate in zip(used(one), RATES, strict=True))
        for one in custom_ids
        if kind(one) == "answered"
    )


class BatchProvider:
    """Files and batches in memory. ``gates`` are steps that wait until they are opened, ``reached`` those asked for."""

    def __init__(self, lists: bool = True) -> None:
        self.files: dict[str, bytes] = {}
        self.batches: dict[str, str] = {}
        self.gates: dict[str, asyncio.Event] = {}
        self.reached: dict[str, asyncio.Event] = {}
        self.done = False
        self.lists = lists

    async def _step(self, name: str) -> None:
        self.reached.setdefault(name, asyncio.Event()).set()
        if name in self.gates:
            await self.gates[name].wait()

    async def until(self, name: str) -> None:
        await self.reached.setdefault(name, asyncio.Event()).wait()

    async def _upload(self, request: web.Request) -> web.Response:
        form = await request.post()
        name = f"up-{len(self.files)}"
        self.files[name] = form["file"].file.read()  # type: ignore[union-attr]
        await self._step("uploaded")
        return web.json_response({"id": name, "object": "file"})

    async def _begin(self, request: web.Request) -> web.Response:
        body = await request.json()
        name = f"b-{len(self.batches)}"
        self.batches[name] = body["input_file_id"]
        await self._step("begun")
        return web.json_response({"id": name, "status": "validating"})

    async def _list(self, _: web.Request) -> web.Response:
        if not self.lists:
            raise web.HTTPNotFound
        found = [{"id": name, "input_file_id": file} for name, file in self.batches.items()]
        return web.json_response({"object": "list", "data": found})

    async def _state(self, request: web.Request) -> web.Response:
        await self._step("asked")
        name = request.match_info["name"]
        if not self.done:
            return web.json_response({"id": name, "status": "in_progress"})
        lines = [json.loads(line) for line in self.files[self.batches[name]].splitlines()]
        out: list[Any] = []
        for line in lines:
            one = line["custom_id"]
            fresh, cached, output = used(one)
            usage = {"prompt_tokens": fresh + cached, "completion_tokens": output,
                     "prompt_tokens_details": {"cached_tokens": cached}}  # fmt: skip
            body = {"model": "gpt-x", "choices": [], "usage": usage}
            if kind(one) == "answered":
                out.append(
                    {"custom_id": one, "response": {"status_code": 200, "request_id": one, "body": body}}
                )
            elif kind(one) == "error":
                out.append({"custom_id": one, "response": {"status_code": 500, "body": {"error": {}}}})
        self.files["out"] = b"".join(json.dumps(one).encode() + b"\n" for one in out)
        return web.json_response({"id": name, "status": "completed", "output_file_id": "out"})

    async def _content(self, request: web.Request) -> web.Response:
        await self._step("fetched")
        return web.Response(body=self.files[request.match_info["name"]])

    async def start(self) -> int:
        app = web.Application()
        app.router.add_post("/v1/files", self._upload)
        app.router.add_get("/v1/files/{name}/content", self._content)
        app.router.add_post("/v1/batches", self._begin)
        app.router.add_get("/v1/batches", self._list)
        app.router.add_get("/v1/batches/{name}", self._state)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        await self._runner.cleanup()


def _gateway(store: str, folder: str, port: str) -> None:
    from supercycle.gateway.config.config import config_of
    from supercycle.gateway.config.yaml_lines import read_yaml
    from supercycle.gateway.door.server import Running, run
    from supercycle.gateway.door.stored import follow

    follow.FIRST_S = 0.05  # pyright: ignore[reportConstantRedefinition]

    def ready(running: Running) -> None:
        print(running.public_url, flush=True)

    text = TEXT.format(store=store, port=port)
    run(config_of(read_yaml(text, "batches.yaml"), Path(folder) / "batches.yaml"), on_ready=ready)


if __name__ == "__main__":
    _gateway(*sys.argv[1:])
