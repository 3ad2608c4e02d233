"""Larger trials of the world than its tests run, with what they found kept beside them.

    python bench/soak_world.py [--paths 10000] [--boxes 40]

Opening: each identity between priors and starting state with its residual. Draws: share that the opening refuses,
first-quarter moves, price impulse. Box: uniform draws with many faces and corners, books and stocks. Kernels: scalar
and tile against NumPy. Writes bench/results/world_soak.json; the exit code is 1 when a law is broken.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from supercycle.equations.machine import store, targets

sys.path.append(str(Path(__file__).resolve().parents[1] / "tests"))
runs = importlib.import_module("world_runs")

RESULTS = Path(__file__).parent / "results" / "world_soak.json"
PIECE = 256  # paths held at once: every slot of every quarter is kept
QUANTILES = (0.05, 0.5, 0.95)


def opening() -> dict[str, Any]:
    """Each item: the model's value at the defaults, and the range it should lie in."""
    registry = runs.world().model.registry
    first = runs.run(runs.defaults(), quarters=4)

    def at(key: str, quarter: int = 0) -> float:
        return float(first[key][quarter, 0])

    rows = {
        "captive share of compute in use": (1 - at("external_share"), 0.54, 0.59),
        "IT power shipped, GW": (at("fleet_it_gw") + at("dark_it_gw"), 27, 34),
        "log growth of end demand a year": (4 * registry["opening_revenue_growth"].default, 0.99, 1.03),
        "user cost, bn a GW-year": (at("user_cost", 1), 9.3, 11.6),
        "break-even price, USD an H100e-hour": (at("breakeven_price"), 1.23, 1.57),
        "contract over spot": (at("contract_price") / at("spot_price"), 0.5, 0.65),
        "end-customer revenue per GW": (registry["opening_ai_revenue"].default / at("fleet_it_gw"), 5.0, 6.5),
        "grid power expected, GW IT": (at("grid_expected_all") / registry["pue"].default, 55, 100),
        "performance per USD, first year": (
            at("density", 4) / at("density") / (at("it_cost", 4) / at("it_cost")), 1.05, 1.25),
        "enterprise ceiling, bn a year": (at("opening_enterprise_ceiling"), 500, 900),
        "implied exuberance": (at("implied_exuberance"), 0.8, 2.0),
    }  # fmt: skip
    return {
        name: {"value": value, "low": low, "high": high, "outside": max(low - value, value - high, 0.0)}
        for name, (value, low, high) in rows.items()
    }


def draws(paths: int) -> dict[str, Any]:
    """How often the opening refuses, and where the first simulated quarter lies relative to 2026Q2."""
    sample = runs.sampled(paths)
    moved = {}
    for key in (
        "five_firm_capex_usd_bn",
        "chip_spend_usd_bn",
        "energised_it_gw",
        "chip_orders",
        "spot_price",
    ):
        found = []
        for start in range(0, paths, PIECE):
            one = runs.run(sample.params[:, start : start + PIECE], quarters=1)[key]
            found.append(one[1] / one[0])
        moved[key] = [round(float(x), 4) for x in np.quantile(np.concatenate(found), QUANTILES)]
    refused = int(sample.refused.sum())
    return {
        "paths": paths,
        "refused_share": refused / (refused + paths),
        "most_refusals_of_a_path": int(sample.refused.max()),
        "first_quarter_over_opening_5_50_95": moved,
    }


def box(boxes: int) -> dict[str, Any]:
    """Uniform draws over the whole box, a third of the values at an end; only those the opening accepts."""
    registry = runs.world().model.registry
    low, high = (np.array([getattr(p, k) for p in registry.values()])[:, None] for k in ("low", "high"))
    fixed = np.array([p.distribution == "switch" for p in registry.values()])
    worst, accepted, lost, negative = 0.0, 0, 0, {}
    for seed in range(boxes):
        rng = np.random.default_rng(seed)
        u = rng.random((len(registry), PIECE))
        u = np.where(rng.random(u.shape) < 0.3, np.round(u), u)
        params = low + u * (high - low)
        params[fixed] = runs.defaults(PIECE)[fixed]
        params = params[:, runs.accepted(params)]
        shocks = rng.random((runs.world().plan.draw_count, runs.QUARTERS, params.shape[1]))
        found = runs.run(params, shocks)
        accepted += params.shape[1]
        lost += int((~np.isfinite(found.residual)).sum())
        worst = max(worst, float(np.nanmax(found.residual)))
        for name, v in runs.world().model.variables.items():
            if v.unit in ("GW_it", "GW_facility", "MH100e") or name.endswith("_deposits_usd_bn"):
                least = float(found.all(name).min())
                if least < -1e-9 and name != "banks_deposits_usd_bn":
                    negative[name] = min(least, negative.get(name, 0.0))
    return {"paths": accepted, "without_numbers": lost, "worst_residual": worst, "negative": negative}


def kernels(paths: int) -> dict[str, Any]:
    """Largest difference to NumPy, relative to the size of the series, and how many paths differ by more than 1e-11."""
    plan, params = runs.world().plan, runs.sampled(paths).params
    random = runs.drawn(paths)
    noise = [plan.slot(k) for name in runs.world().model.residuals for k in plan.keys(name)]
    answer = {}
    for kind in targets.fitting():
        kernel, largest, differ = store.compiled(plan, target=kind).kernel, 0.0, 0
        for start in range(0, paths, PIECE):
            given = np.ascontiguousarray(params[:, start : start + PIECE])
            shocks = np.ascontiguousarray(random[:, :, start : start + PIECE])
            out = runs.run(given, shocks).out
            size = np.maximum(np.abs(out).max(axis=(1, 2), keepdims=True), 1e-300)
            size[noise] = 1.0
            off = (np.abs(kernel(given, shocks, np.arange(plan.slot_count))[0] - out) / size).max(axis=(0, 1))
            largest, differ = max(largest, float(off.max())), differ + int((off > 1e-11).sum())
        answer[kind] = {"paths": paths, "largest": largest, "paths_over_1e-11": differ}
    return answer


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--paths", type=int, default=10_000)
    parser.add_argument("--boxes", type=int, default=40)
    asked = parser.parse_args()
    parts: dict[str, Callable[[], dict[str, Any]]] = {
        "opening": opening,
        "draws": lambda: draws(asked.paths),
        "box": lambda: box(asked.boxes),
        "kernels": lambda: kernels(min(asked.paths, 4096)),
    }
    result: dict[str, Any] = {"model": runs.world().model_hash, "seconds": {}}
    for name, part in parts.items():
        begun = time.perf_counter()
        result[name] = part()
        result["seconds"][name] = round(time.perf_counter() - begun, 1)
        print(name, json.dumps(result[name], indent=1), flush=True)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    broken = [
        result["draws"]["refused_share"] >= 0.30,
        result["box"]["worst_residual"] > 1e-9,
        result["box"]["without_numbers"] > 0,
        bool(result["box"]["negative"]),
        *(k["paths_over_1e-11"] >= k["paths"] / 1000 for k in result["kernels"].values()),
    ]
    return int(any(broken))


if __name__ == "__main__":
    sys.exit(main())
