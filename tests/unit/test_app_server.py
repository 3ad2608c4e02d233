"""The app as a process: the address first, a quiet end, a bundle that stays small; a gateway that is away is said."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from supercycle.app.routes import STATIC
from supercycle.app.server import serve
from supercycle.app.spend import Spending
from supercycle.core.errors import EnvironmentProblem, InputError

BUNDLE_BYTES = 240_000  # tests/unit/test_report_build.py says what for


def test_the_bundle_stays_small() -> None:
    sizes = {name: (STATIC / name).stat().st_size for name in ("app.js", "app.css")}
    assert sum(sizes.values()) <= BUNDLE_BYTES, sizes


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_the_address_comes_first_and_the_end_is_quiet() -> None:
    command = [sys.executable, "-m", "supercycle", "app", "--no-browser", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stderr
        try:
            address = process.stdout.readline().strip()
            assert re.fullmatch(r"http://127\.0\.0\.1:\d+/", address)
            with urllib.request.urlopen(address, timeout=60) as page:
                assert b"app.js" in page.read()
            process.send_signal(signal.SIGINT)
            rest, complaints = process.communicate(timeout=60)
        finally:
            process.kill()
    assert (process.returncode, rest, complaints) == (0, "", "")


def test_a_port_that_is_taken_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(EnvironmentProblem, match="is taken"):
            serve(other.getsockname()[1], browser=False)
    with pytest.raises(InputError, match="0 to 65535"):
        serve(70_000, browser=False)


def _told(spending: Spending) -> str:
    async def collect() -> bytes:
        return b"".join([piece async for piece in spending.events()])

    with ThreadPoolExecutor(1) as pool:  # the browser's tests may have a loop running in this thread
        return pool.submit(asyncio.run, collect()).result().decode()


def test_a_gateway_that_is_away_is_said() -> None:
    told = _told(Spending("http://127.0.0.1:9"))
    assert told.startswith("retry: ")
    assert "event: away" in told
    assert "no gateway answers at http://127.0.0.1:9" in told


def test_the_link_of_the_gateway_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUPERCYCLE_GATEWAY_KEY", "from-environment")
    assert Spending("http://127.0.0.1:4001/login?token=abc")._token == "abc"
    assert Spending("http://127.0.0.1:4001")._token == "from-environment"
    assert Spending(None).status() | {"hint": ""} == {"named": False, "address": None, "hint": ""}
    assert Spending("http://127.0.0.1:4001", "the link")._token == "", (
        "typed into the page: no key of the machine's"
    )
    for wrong in ("127.0.0.1:4001", "file:///etc/passwd", "http://"):
        with pytest.raises(InputError, match="--gateway"):
            Spending(wrong)


def test_the_tests_that_the_page_on_the_app_names_are_there() -> None:
    root = Path(__file__).parents[2]
    named = re.findall(r"`([\w/]+\.py)::(\w+)`", (root / "docs" / "app.md").read_text("utf-8"))
    assert len(named) >= 14
    for file, test in named:
        path = root / (file if "/" in file else f"tests/web/{file}")
        assert f"def {test}(" in path.read_text("utf-8"), f"{file}::{test}"


def test_what_is_committed_is_not_the_bundle() -> None:
    ignored = (Path(__file__).parents[2] / ".gitignore").read_text(encoding="utf-8")
    assert "_static" in ignored
