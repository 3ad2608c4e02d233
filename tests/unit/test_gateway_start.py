"""The first minute: no configuration, no account; and what a start must not cost."""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.append(str(Path(__file__).resolve().parents[1]))
kit = importlib.import_module("gateway_server")

HEAVY = (
    "numpy",
    "polars",
    "numba",
    "scipy",
    "genai_prices",
    "rich",
    "ruamel",
    "starlette.testclient",
    "openai",
)


def test_a_start_without_a_configuration(tmp_path: Path) -> None:
    from supercycle.gateway import mock_config, start
    from supercycle.gateway.config.config import Listen

    free = Listen("127.0.0.1", 0)

    async def go() -> list[str]:
        keys: list[str] = []
        for _ in range(2):
            running = await start(mock_config(str(tmp_path), free, free), quick=True)
            try:
                keys.append(str(running.key))
                # The line that is printed, as a shell would read it.
                line = shlex.split(running.curl)
                assert line[0] == "curl"
                headers = dict(line[i + 1].split(": ", 1) for i, word in enumerate(line) if word == "-H")
                port, _, path = line[1].removeprefix("http://127.0.0.1:").partition("/")
                reply = await kit.raw(int(port), "/" + path, json.loads(line[line.index("-d") + 1]), headers)
                assert reply.status == 200
                assert "mock provider" in reply.json["choices"][0]["message"]["content"]
                assert running.dashboard_url.startswith(running.admin_url + "/login?token=")
            finally:
                await running.stop()
        return keys

    first, second = asyncio.run(go())
    assert first != second


def test_what_a_start_loads_and_costs() -> None:
    code = f"""
import sys
from supercycle.gateway import mock_config
from supercycle.gateway.door import server
import supercycle.gateway.door.admin, supercycle.gateway.door.core, supercycle.gateway.door.listener
import supercycle.gateway.ledger.ledger
import supercycle.gateway.door.dashboard
found = [name for name in {HEAVY!r} if name in sys.modules]
import pathlib
status = pathlib.Path("/proc/self/status")
print(found, status.read_text().split("VmRSS:")[1].split()[0] if status.exists() else 0)
"""
    source = Path(__file__).resolve().parents[2] / "src"
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": str(source)}, capture_output=True, text=True,
        timeout=60, check=True,
    )  # fmt: skip
    found, size = done.stdout.rsplit(" ", 1)
    assert found == "[]"
    assert int(size) / 2**10 < 80


def test_public_names() -> None:
    from supercycle import gateway

    for name in gateway.__all__:
        assert getattr(gateway, name) is not None
    with pytest.raises(AttributeError, match="it has Config"):
        gateway.nothing  # noqa: B018


@pytest.mark.parametrize("version", ["1.28", "1.37"])
def test_spans(tmp_path: Path, version: str) -> None:
    async def go() -> None:
        text = kit.ONE + f'telemetry: {{gen_ai: "{version}", spans: spans.jsonl}}\n'
        async with kit.serving(tmp_path, text) as served:
            await served.ask(kit.CHAT, kit.question("a secret question", stream=True))
            served.mock.usual = kit.Behaviour(status=400)
            await served.ask()

    asyncio.run(go())
    file = tmp_path / "spans.jsonl"
    well, badly = [json.loads(line) for line in file.read_text().splitlines()]
    assert (well["status"], badly["status"]) == ("OK", "ERROR")
    found: dict[str, Any] = well["attributes"]
    assert found["gen_ai.system" if version == "1.28" else "gen_ai.provider.name"] == "mock"
    assert (found["gen_ai.operation.name"], found["gen_ai.usage.output_tokens"]) == ("chat", 16)
    assert "secret" not in file.read_text()
    assert file.stat().st_mode & 0o077 == 0
