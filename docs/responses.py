"""A picture a block: what its first lever does to its output, over time. Run by hand (`python docs/responses.py`).

Both ends of the lever on the same 512 paths: equal parameters and events besides the lever, no crash unless one is
imposed.
Each picture names its model, so that a test can tell that it is of today's.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from svg_chart import BLUE, RED, Chart

import supercycle
from supercycle.service.the_world import subject
from supercycle.world.levers import LEVERS, Lever

PATHS = 512
QUARTER = re.compile(r":(?:sum|\d{4}Q[1-4])$")
# Blocks without a lever of their own: what shows them at work.
SHOWN: Mapping[str, Lever] = {
    "shocks": Lever(
        "shocks", "noise of growth, budgets, deliveries and prices", {"shock_switch": (0.0, 1.0)},
        "five_firm_capex_usd_bn:2028Q4", 0, given={"crash_switch": 0.0},
    ),
    "returns": Lever(
        "returns", "more spending by users earns the build of 2027 more", {"spend_share": (0.045, 0.09)},
        "vintage_external_usd_bn:2027:2030Q4", 1,
    ),
}  # fmt: skip
# Where another lever than a block's first shows more.
CLEARER: Mapping[str, str] = {"macro": "gdp_contribution_net:2026Q3"}


def chosen(block: str) -> Lever | None:
    """The lever whose picture stands on a block's page: the first that must move something, or a clearer one."""
    levers = [one for one in LEVERS if one.block == block and one.sign]
    return next((one for one in levers if one.output == CLEARER.get(block)), [*levers, SHOWN.get(block)][0])


def caption(lever: Lever) -> str:
    """What the two colours are."""
    (first, second), more = _ends(lever)
    return f"{first} (blue) against {second} (red){more}"


def _ends(lever: Lever) -> tuple[tuple[str, str], str]:
    registry = subject().model.registry
    id, pair = next(iter(lever.moves.items()))
    low, high = pair or (registry[id].low, registry[id].high)
    others = len(lever.moves) - 1
    more = f", and {others} more settings with it" if others else ""
    return (f"`{id}` = {low:g}", f"{high:g}"), more


def settings(lever: Lever, end: int) -> dict[str, float]:
    """What one end of a lever sets."""
    registry = subject().model.registry
    moved = {id: (pair or (registry[id].low, registry[id].high))[end] for id, pair in lever.moves.items()}
    return {**lever.given, **moved}


def picture(lever: Lever) -> str:
    """Median and 50 % band of the lever's output at both ends."""
    series = QUARTER.sub("", lever.output)
    sides = [
        supercycle.run(
            paths=PATHS, seed=1, outputs=[series], set={k: f"{v!r}" for k, v in settings(lever, end).items()}
        )[series]
        for end in (0, 1)
    ]
    low, high, step = scale([v for side in sides for key in ("q25", "q75", "q50") for v in side[key]])
    quarters = sides[0]["quarters"]
    across = list(range(len(quarters)))
    entity = f", {sides[0]['entity']}" if sides[0].get("entity") else ""
    model = subject().model_hash[:12]
    chart = Chart(f"{sides[0]['label']}{entity}", sides[0]["unit"], (0, across[-1]), (low, high))
    chart.parts.append(f"<desc>model {model}, {PATHS} paths, seed 1</desc>")
    ticks = [low + i * step for i in range(round((high - low) / step) + 1)]
    years = [(i, quarter[:4]) for i, quarter in enumerate(quarters) if quarter.endswith("Q4")]
    chart.axes(years, [0.0 if abs(tick) < step / 1e6 else float(f"{tick:.6g}") for tick in ticks])
    for side, colour in zip(sides, (BLUE, RED), strict=True):
        chart.band(across, side["q25"], side["q75"], 0.15, colour)
        chart.line(across, side["q50"], colour)
    id, pair = next(iter(lever.moves.items()))
    ends = pair or (subject().model.registry[id].low, subject().model.registry[id].high)
    chart.legend([(BLUE, "", f"{id} {ends[0]:g}"), (RED, "", f"{ends[1]:g}")])
    return chart.text()


def scale(values: Sequence[float]) -> tuple[float, float, float]:
    """Round ends of an axis that holds all values, and the step of its four to eight ticks.

    >>> scale([1.0, 9.5])
    (0.0, 10.0, 2.0)
    """
    low, high = min(values), max(values)
    if 0 < low < 0.4 * high:
        low = 0.0
    span = (high - low) or abs(high) or 1.0
    rough = span / 5
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * m for m in (1, 2, 2.5, 5, 10) if power * m >= rough)
    return math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step, step


def pictures() -> dict[str, str]:
    """File name to text, for every block that has something to show."""
    names: dict[str, Any] = {name: chosen(name) for name in subject().model.blocks}
    return {f"response-{name}.svg": picture(lever) for name, lever in names.items() if lever}


if __name__ == "__main__":
    from svg_chart import FOLDER

    made = pictures()  # before anything is deleted
    for old in set(FOLDER.glob("response-*.svg")) - {FOLDER / file for file in made}:
        old.unlink()
    for file, text in made.items():
        (FOLDER / file).write_text(text, encoding="utf-8")
    print(f"wrote {len(made)} pictures")
