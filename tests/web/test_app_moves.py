"""Two hundred moves of levers, presets, A and B, undo and pages in random order: every frame is of one scenario and one
sample, and what stood on the screen is what its address gives when it is computed anew.
"""

from __future__ import annotations

import json
import random
import re
from functools import cache
from typing import Any

import numpy as np
import pytest
from app_visit import SLOW_MS, settled

import supercycle

MOVES = 200
LEVERS = ("grid lead", "hurdle", "wage bill", "price elasticity")
PRESETS = ("base", "power-wall", "crunch-2027", "soft-landing", "debt-shift")
PAGES = ("Overview", "Build-out and power", "Financing", "Labs and prices", "Does it pay")
ANEW = {256: 24, 1000: 10, 10_000: 4}  # screens computed again, by the paths they are of

# At each frame: what is not greyed, of which scenario and how many paths; each screen's numbers and lines once.
WATCH = """
window.frames_seen = [];
window.screens = {};
const text = (e, what) => e.querySelector(what)?.textContent ?? '';
const fan = (box) => {
  const plot = box.querySelector('figure .plot-focus');
  const line = box.querySelector('figure svg .fan path.median')?.getAttribute('d');
  if (!plot || !line) return null;
  const ticks = [...box.querySelectorAll('figure svg .axis-value g')].map((g) =>
    [Number(/,([-\\d.e]+)\\)/.exec(g.getAttribute('transform'))[1]), text(g, 'text')]);
  return {id: box.querySelector('figure').id, said: plot.getAttribute('aria-label'), against: box.dataset.against ?? '',
    end: Number(/([-\\d.e]+)$/.exec(line)[1]), ticks};
};
const look = () => {
  const fresh = (e) => e.dataset.scenario && !e.closest('.stale');
  const live = [...document.querySelectorAll('.answer, .chart-box')].filter(fresh);
  const head = live.find((e) => e.classList.contains('answer'));
  const charts = live.filter((e) => e.classList.contains('chart-box'));
  window.frames_seen.push({
    scenarios: [...new Set([...document.querySelectorAll('[data-scenario]')].filter(fresh)
      .map((e) => e.dataset.scenario))],
    paths: [...new Set(live.filter((e) => !e.dataset.against).map((e) => e.dataset.paths))],
    against: [...new Set(charts.map((e) => `${e.dataset.against ?? ''} ${e.dataset.paths}`))],
    noted: document.querySelector('.difference-note')?.textContent.includes('pairs') ?? false,
    hash: location.hash,
    moving: document.querySelector('.run-line')?.textContent.includes('while the lever moves') ?? true,
    marked: !head || Number(head.dataset.paths) > 999 || text(document, '.run-line').startsWith('256 paths'),
  });
  if (head) {
    const screen = {
      scenario: head.dataset.scenario, paths: Number(head.dataset.paths),
      numbers: [...head.querySelectorAll('.numbers-row > div')].map(
        (e) => [text(e, 'dt'), text(e, 'button'), text(e, '.change')]),
      charts: charts.map((e) => [Number(e.dataset.paths), fan(e)]).filter(([, one]) => one),
    };
    window.screens[JSON.stringify(screen)] = screen;
  }
  requestAnimationFrame(look);
};
requestAnimationFrame(look);
"""


def number(text: str) -> tuple[float, float]:
    """A printed number and half of its last digit."""
    found = re.search(r"([−+-]?)\$?([\d,]+)(\.\d+)?", text)
    assert found, text
    raised = re.search(r"× 10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)", text)
    power = 10.0 ** int(raised[1].translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789"))) if raised else 1.0
    value = float(found[2].replace(",", "") + (found[3] or "")) * power
    return (-value if found[1] in ("−", "-") else value), 0.5 * power * 10.0 ** -len((found[3] or ".")[1:])


def agrees(printed: str, value: float, what: object) -> None:
    """Three significant digits are printed; numbers of six or more digits before the point keep them all."""
    if printed == "–":
        assert not np.isfinite(value), what
        return
    shown, half = number(printed)
    value *= 100 if "%" in printed or "points" in printed else 1
    assert abs(abs(shown) - abs(value)) <= half * 1.01 + 2e-6 * abs(value), (what, printed, value)


@cache
def computed(scenario: str, paths: int, outputs: tuple[str, ...]) -> Any:
    preset, settings = json.loads(scenario)
    return supercycle.run(preset, set=dict(settings), paths=paths, outputs=list(outputs)).run


def test_two_hundred_moves(visit: Any, served: Any) -> None:
    page = visit.open("#/overview")
    settled(page)
    keys = fan_keys(visit)
    page.evaluate(WATCH)
    draw, moves = random.Random(23), 0
    search = page.get_by_role("searchbox", name="Search levers")
    while moves < MOVES:
        kind = draw.choice(
            ("drag", "drag", "drag", "preset", "page", "A", "swap", "difference", "undo", "redo")
        )
        if kind == "drag":
            search.fill(draw.choice(LEVERS))
            box = page.locator(".lever input[type=range]").first.bounding_box()
            across = [box["x"] + 8 + draw.random() * (box["width"] - 16) for _ in range(12)]
            page.mouse.move(across[0], box["y"] + box["height"] / 2)
            page.mouse.down()
            for x in across[1:]:
                page.mouse.move(x, box["y"] + box["height"] / 2)
                page.wait_for_timeout(draw.choice((0, 16, 60, 120)))
            page.mouse.up()
            moves += len(across)
        elif kind == "preset":
            page.get_by_label("Preset").select_option(draw.choice(PRESETS))
        elif kind == "page":
            page.get_by_role("navigation", name="Pages").get_by_role("link", name=draw.choice(PAGES)).click()
        else:
            names = {
                "A": "Keep as A",
                "swap": "Swap A and B",
                "difference": "Difference",
                "undo": "Undo",
                "redo": "Redo",
            }
            button = page.get_by_role("button", name=names[kind], exact=True)
            if button.is_enabled():
                button.click()
        moves += kind != "drag"
        page.wait_for_timeout(draw.choice((0, 30, 250, 900)))
    settled(page)
    frames = page.evaluate("window.frames_seen")
    screens = list(page.evaluate("window.screens").values())
    assert len(frames) > MOVES
    one_scenario(frames)
    assert visit.complaints == []
    looked = {paths: 0 for paths in ANEW}
    draw.shuffle(screens)
    for screen in screens:
        if looked[screen["paths"]] < ANEW[screen["paths"]]:
            looked[screen["paths"]] += 1
            computed_anew(screen, keys)
    assert min(looked.values()) > 0, looked


def one_scenario(frames: list[dict[str, Any]]) -> None:
    """No two scenarios and no two samples in a frame; a drag's 256 paths are called so; the address is the screen's."""
    for frame in frames:
        assert len(frame["scenarios"]) <= 1, frame
        assert len(frame["paths"]) <= 1, frame
        assert len(frame["against"]) <= 1, frame
        assert frame["noted"] or not any(one.strip().startswith("[") for one in frame["against"]), frame
        assert frame["marked"], frame
        if not frame["moving"] and frame["scenarios"]:
            assert json.loads(frame["scenarios"][0]) == addressed(frame["hash"]), frame


def addressed(address: str) -> list[Any]:
    """The scenario of an address, as the page writes it beside what it draws."""
    preset = re.search(r"b\.preset=([^&]+)", address)
    settings = re.search(r"b\.set=([^&]+)", address)
    pairs = sorted(pair.split("~") for pair in settings[1].split(",") if pair) if settings else []
    return [preset[1] if preset else "base", [[name, float(value)] for name, value in pairs]]


def fan_keys(visit: Any) -> dict[str, str]:
    """The output of each fan chart, from what the server says of every page."""
    found: dict[str, str] = {}
    for name in ("overview", "build", "financing", "labs", "pays"):
        answer = visit.context.request.post(
            f"{visit.address}/api/page", data={"page": name, "paths": 16}, timeout=3 * SLOW_MS
        ).json()
        for section in answer["sections"]:
            found |= {c["id"]: c["series"][0]["key"] for c in section["charts"] if c["kind"] == "fan"}
    return found


def computed_anew(screen: dict[str, Any], keys: dict[str, str]) -> None:
    """The headline's numbers, their change, and the end of every fan on the screen."""
    scenario, paths = screen["scenario"], screen["paths"]
    heads = ("fleet_it_gw", "ai_revenue_run_rate", "required_user_cost", "busted")
    outputs = (*heads, *sorted(set(keys.values()) - set(heads)))
    run, base = computed(scenario, paths, outputs), computed('["base",[]]', paths, outputs)
    both = run.ok & base.ok
    assert screen["numbers"][0][0].startswith("AI power energised")
    for key, (label, value, change) in zip(heads, screen["numbers"], strict=True):
        at = len(run.quarters) - 1 if key == "busted" else run.quarters.index("2030Q4")
        row, away = run.value(key)[at, run.ok], (run.value(key) - base.value(key))[at, both]
        share = key == "busted"
        agrees(
            value, float(row.mean() if share else np.quantile(row, 0.5)), (screen["scenario"], paths, label)
        )
        if change and "no change" not in change:
            agrees(change.split(" from ")[0], float(away.mean() if share else np.quantile(away, 0.5)), label)
        elif change:
            assert away.mean() == 0 if share else not away.any(), (label, change)
    for paths, chart in screen["charts"]:
        key, run = keys[chart["id"]], computed(scenario, paths, outputs)
        values = run.value(key)[:, run.ok]
        if chart["against"]:
            other = computed(chart["against"], paths, outputs)
            both = run.ok & other.ok
            values = run.value(key)[:, both] - other.value(key)[:, both]
        middle = np.quantile(values, 0.5, axis=1)
        said = re.search(r"Median from (\S+)(?: \w+)? in Q.*? to (\S+)(?: \w+)? in Q\d \d{4}", chart["said"])
        assert said, chart["said"]
        agrees(said[1], float(middle[0]), (scenario, paths, chart["said"]))
        agrees(said[2], float(middle[-1]), (scenario, paths, chart["said"]))
        drawn_there(chart, float(middle[-1]))


def drawn_there(chart: dict[str, Any], value: float) -> None:
    """The end of the line stands where its axis puts the number, to a pixel."""
    ticks = [(y, number(text)[0] / (100 if "%" in text else 1)) for y, text in chart["ticks"]
             if re.fullmatch(r"−?[\d,]+(\.\d+)?%?", text)]  # fmt: skip
    if len(ticks) < 3 or ("%" in chart["said"] and "%" not in chart["ticks"][0][1]):
        return
    (y0, v0), (y1, v1) = ticks[0], ticks[-1]
    middle = ticks[len(ticks) // 2]
    if abs((middle[1] - v0) / (v1 - v0) - (middle[0] - y0) / (y1 - y0)) > 1e-3:
        return  # a logarithmic axis
    assert chart["end"] == pytest.approx(y0 + (value - v0) / (v1 - v0) * (y1 - y0), abs=1.0), chart
