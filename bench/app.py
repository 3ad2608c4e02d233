"""From the slider to the paint, in a real browser: a drag of 60 moves at 1,000 paths, and the first paint.

A move is an input event; it is answered when a frame has been painted with its value or a later one (the latest value
wins). Budgets on two idle cores: p90 of the moves 100 ms, first paint 1 s, bundle 200 kB.
Run: python bench/app.py [page]
"""

from __future__ import annotations

import os
import shutil
import statistics
import sys
import threading
import time
from pathlib import Path
from typing import Any

import uvicorn
from _results import machine
from playwright.sync_api import sync_playwright

from supercycle.app.routes import STATIC
from supercycle.app.server import application
from supercycle.app.session import Session

MOVES = 60
APART_MS = 50  # twenty moves a second: a hand that drags for three seconds
LEVER = "Required return on new capacity"
BUDGET_MS, FIRST_MS, BUNDLE_BYTES = 100.0, 1000.0, 240_000
TABLE = Path(__file__).with_name("RESULTS-app.md")
OTHERS = "\n## "  # the heading of the next measurement
PATIENCE_MS = 180_000

# Notes when each answer has been painted: the value it was asked for, and the end of the frame after it came.
WATCH = """(() => {
  window.painted = [];
  window.asked = [];
  const original = window.fetch;
  window.fetch = async (path, init) => {
    const answer = await original(path, init);
    if (path !== '/api/run') return answer;
    const value = Object.values(JSON.parse(init.body).set)[0];
    window.asked.push(value);
    const json = answer.json.bind(answer);
    answer.json = async () => {
      const body = await json();
      if (!body.superseded)
        requestAnimationFrame(() => setTimeout(() =>
          window.painted.push([value, performance.now(), body.seconds * 1000])));
      return body;
    };
    return answer;
  };
})()"""

DRAG = """async ([id, moves, apart]) => {
  const slider = document.getElementById(id);
  const [low, high] = [Number(slider.min), Number(slider.max)];
  const told = [];
  window.painted.length = window.asked.length = 0;
  for (let i = 0; i < moves; i++) {
    slider.value = String(low + (high - low) * (0.1 + 0.8 * i / moves));
    told.push([Number(Number(slider.value).toPrecision(6)), performance.now()]);
    slider.dispatchEvent(new Event('input', {bubbles: true}));
    await new Promise((resolve) => setTimeout(resolve, apart));
  }
  const last = told[told.length - 1][0];
  while (!window.painted.some(([value]) => value === last)) await new Promise((resolve) => setTimeout(resolve, 10));
  return {told, painted: window.painted, asked: window.asked.length};
}"""


def latencies(told: list[list[float]], painted: list[list[float]]) -> list[float]:
    """Milliseconds from each move to the first frame that shows it or a later one; values rise along the drag.

    >>> latencies([[0.1, 0.0], [0.2, 50.0]], [[0.2, 120.0, 9.0]])
    [120.0, 70.0]
    """
    return [
        min(at for value, at, _ in painted if value >= moved and at >= when) - when for moved, when in told
    ]


def at_rest(page: Any) -> None:
    """Ten thousand paths are drawn, and the strongest levers of this scenario are found."""
    page.locator(".run-line", has_text="10,000 paths").wait_for()
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(1000)


def measured(page_name: str) -> dict[str, Any]:
    """Serve the app, open a page, drag."""
    session = Session()
    session._compile()
    app: Any = application(session)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", access_log=False, lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    address = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1440, "height": 1000})
        page.set_default_timeout(PATIENCE_MS)
        page.add_init_script(WATCH)
        page.goto(f"{address}/#/{page_name}")
        page.locator("[aria-busy=false] figure").first.wait_for()
        charts_ms = page.evaluate("performance.now()")
        first_ms = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
        page.get_by_role("searchbox", name="Search levers").fill(LEVER.lower())
        slider = page.get_by_role("slider", name=LEVER)
        slider.wait_for()
        at_rest(page)
        load = os.getloadavg()[0]
        id = slider.get_attribute("id")
        page.evaluate(DRAG, [id, 12, APART_MS])  # the browser compiles its scripts too
        at_rest(page)
        begun = time.process_time()
        found = page.evaluate(DRAG, [id, MOVES, APART_MS])
        busy = time.process_time() - begun
        browser.close()
    app.state.answers.close()
    server.should_exit = True
    thread.join(10)
    return {
        "latencies_ms": latencies(found["told"], found["painted"]),
        "server_ms": [one[2] for one in found["painted"]],
        "asked": found["asked"],
        "painted": len(found["painted"]),
        "processor_ms_per_answer": 1000 * busy / max(1, len(found["painted"])),
        "first_paint_ms": first_ms,
        "charts_ms": charts_ms,
        "load": load,
    }


def main() -> None:
    """Measure, print, write the table."""
    page_name = sys.argv[1] if len(sys.argv) > 1 else "build"
    found, here = measured(page_name), machine()
    size = sum((STATIC / name).stat().st_size for name in ("app.js", "app.css"))
    times = sorted(found["latencies_ms"])
    p50, p90 = times[len(times) // 2], times[int(0.9 * len(times))]
    rows = [
        ("slider to paint, p50", f"{p50:.0f} ms", ""),
        ("slider to paint, p90", f"{p90:.0f} ms", f"{BUDGET_MS:.0f} ms"),
        ("of it in the server, median", f"{statistics.median(found['server_ms']):.0f} ms", ""),
        ("processor time of the server an answer", f"{found['processor_ms_per_answer']:.0f} ms", ""),
        ("answers painted of moves", f"{found['painted']} of {MOVES}", "latest value wins"),
        ("first paint", f"{found['first_paint_ms']:.0f} ms", f"{FIRST_MS:.0f} ms"),
        ("first charts, model warm", f"{found['charts_ms']:.0f} ms", ""),
        ("script and style", f"{size / 1000:.0f} kB", f"{BUNDLE_BYTES / 1000:.0f} kB"),
    ]
    lines = [
        "# The app under the hand",
        "",
        f"Written by `python bench/app.py {page_name}` on {here['date']}: Chromium, 1,000 paths, {MOVES} moves.",
        f"The moves are {APART_MS} ms apart. Processor family {here['processor']}, {here['cores']} cores,",
        f"load {found['load']:.1f}: what is above the number of cores waits in line; budgets are for an idle machine.",
        "",
        "| what | measured | budget |",
        "|---|---|---|",
        *(f"| {a} | {b} | {c} |" for a, b, c in rows),
        "",
    ]
    print("\n".join(lines))
    rest = TABLE.read_text(encoding="utf-8").partition(OTHERS)  # what other measurements wrote below stays
    TABLE.write_text("\n".join(lines) + "".join(rest[1:]), encoding="utf-8")


if __name__ == "__main__":
    main()
