"""The model's file in Firefox, where it is installed: the command's numbers, a lever that moves, no request.

Driven by WebDriver BiDi, which Firefox speaks itself; the socket is the one the gateway's servers already need.
"""

from __future__ import annotations

import itertools
import json
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

FIREFOX = next(filter(None, map(shutil.which, ("firefox", "firefox-esr"))), None)
PATIENCE_S = 240
connect = pytest.importorskip("websockets.sync.client", reason="websockets is not installed").connect


class Fox:
    """A page of Firefox."""

    def __init__(self, socket: Any) -> None:
        self.socket, self.ids = socket, itertools.count(1)
        self.ask("session.new", capabilities={})
        self.context = self.ask("browsingContext.getTree")["contexts"][0]["context"]

    def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """One command and its answer; events between are passed over."""
        mine = next(self.ids)
        self.socket.send(json.dumps({"id": mine, "method": method, "params": params}))
        while (found := json.loads(self.socket.recv(timeout=PATIENCE_S))).get("id") != mine:
            pass
        assert found["type"] == "success", found
        return found["result"]

    def run(self, script: str) -> Any:
        """The value of a script, as JSON."""
        found = self.ask(
            "script.evaluate", expression=f"(async () => JSON.stringify(await (async () => {{{script}}})()))()",
            target={"context": self.context}, awaitPromise=True,
        )  # fmt: skip
        assert found["type"] == "success", found
        return json.loads(found["result"].get("value", "null"))

    def wait(self, condition: str) -> None:
        """Until a condition of the page holds."""
        end = time.monotonic() + PATIENCE_S
        while not self.run(f"return Boolean({condition});"):
            assert time.monotonic() < end, (
                condition,
                self.run("return document.body.innerText.slice(0, 2000);"),
            )
            time.sleep(0.3)


@pytest.fixture(scope="module")
def fox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fox]:
    if FIREFOX is None:
        pytest.skip("Firefox is not installed")
    from supercycle.app.published import published, write_file

    folder = tmp_path_factory.mktemp("firefox")
    file = write_file(published(), folder / "model.html")
    program = subprocess.Popen(
        [FIREFOX, "--headless", "--no-remote", "--profile", str(folder), "--remote-debugging-port=0", "about:blank"],
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert program.stderr is not None
        said = next(line for line in program.stderr if "WebDriver BiDi listening on" in line)
        address = re.search(r"ws://\S+", said)
        assert address
        with connect(f"{address[0]}/session", max_size=None, open_timeout=PATIENCE_S) as socket:
            page = Fox(socket)
            page.ask(
                "browsingContext.navigate",
                context=page.context,
                url=f"{file.as_uri()}#/overview",
                wait="complete",
            )
            page.wait("document.querySelector('.answer[aria-busy=false] .numbers-row')")
            yield page
    finally:
        program.terminate()
        program.wait(30)
        if program.stderr is not None:
            program.stderr.close()


def test_the_numbers_are_the_commands(fox: Fox) -> None:
    import supercycle

    fox.wait(
        "document.querySelector('.answer:not(.stale)') && document.querySelectorAll('svg path.median').length > 2"
    )
    paths, printed = fox.run(
        "const head = document.querySelector('.answer');"
        "return [Number(head.dataset.paths), head.querySelector('.numbers-row button').textContent];"
    )
    run = supercycle.run("base", paths=paths, outputs=["fleet_it_gw"]).run
    middle = np.quantile(run.value("fleet_it_gw")[run.quarters.index("2030Q4"), run.ok], 0.5)
    assert abs(float(printed) - middle) <= 0.5 * 10.0 ** -len(printed.partition(".")[2]) + 1e-9


def test_a_lever_moves_with_its_change_in_print(fox: Fox) -> None:
    fox.run(
        "const box = document.getElementById('lever-search'); box.value = 'lead time, grid';"
        "box.dispatchEvent(new Event('input', {bubbles: true}));"
        "await new Promise((done) => setTimeout(done, 300));"
        "const lever = document.querySelector('.lever input[type=range]'); lever.value = lever.max;"
        "for (const kind of ['input', 'change']) lever.dispatchEvent(new Event(kind, {bubbles: true}));"
    )
    fox.wait("document.querySelector('.answer:not(.stale) .numbers-row .change')")
    assert "grid_lead_months~84" in fox.run("return location.hash;")
    assert re.match(r"[+−±]\d", fox.run("return document.querySelector('.numbers-row .change').textContent;"))


def test_nothing_was_asked_of_anybody(fox: Fox) -> None:
    assert (
        fox.run(
            "return performance.getEntriesByType('resource').filter((one) => !one.name.startsWith('blob:')).length;"
        )
        == 0
    )
