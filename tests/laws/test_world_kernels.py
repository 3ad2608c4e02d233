"""One world, three answers: NumPy and both compiled kernels agree on hundreds of draws (a thousand in soak) and on
every corner.

The rule: |a - b| <= 1e-11 max(|a|, |b|, scale of the series). Crossing a threshold turns a last bit into a whole event,
so a path on which any event is decided within 1e-9 is counted apart (fewer than 1 in 1,000) and must still be finite.
"""

from __future__ import annotations

import importlib
import os
import sys
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from supercycle.engine.kernels import SHIPPED
from supercycle.equations import emit_numpy
from supercycle.equations.machine import shipped, store, targets

sys.path.append(str(Path(__file__).resolve().parents[1]))
runs = importlib.import_module("world_runs")

PATHS = 1000 if os.environ.get("HYPOTHESIS_PROFILE") == "soak" else 300
TOLERANCE = 1e-11
CHUNK = 256


@pytest.fixture(scope="module", autouse=True)
def cache_of_kernels(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SUPERCYCLE_CACHE", str(tmp_path_factory.mktemp("kernels")))
        yield


@cache
def cases() -> Any:
    """Accepted draws, then every parameter at its least and greatest: [parameter, path] and random
    numbers.
    """
    registry = runs.world().model.registry
    corners = runs.defaults(2 * len(registry))
    for i, param in enumerate(registry.values()):
        corners[i, 2 * i], corners[i, 2 * i + 1] = param.low, param.high
    params = np.concatenate([runs.sampled(PATHS).params, corners], axis=1)
    return params, runs.drawn(params.shape[1])


def simulate(params: Any, draws: Any) -> Any:
    plan = runs.world().plan
    return emit_numpy.simulate(plan, params, draws, np.arange(plan.slot_count))


def kernel_for(kind: str) -> Any:
    """The code that was shipped for a target, or else compiled now."""
    plan, code = runs.world().plan, runs.world().model.code
    ready = shipped.load(SHIPPED, code, targets.target(kind)) if code else None
    return ready.ordered(plan.slot_names) if ready else store.compiled(plan, target=kind).kernel


def test_kernels_equal_numpy() -> None:
    plan = runs.world().plan
    params, draws = cases()
    noise = [plan.slot(k) for name in runs.world().model.residuals for k in plan.keys(name)]
    kernels = {kind: kernel_for(kind) for kind in targets.fitting()}
    near = dict.fromkeys(kernels, 0)
    for start in range(0, params.shape[1], CHUNK):
        here = slice(start, start + CHUNK)
        given, random = np.ascontiguousarray(params[:, here]), np.ascontiguousarray(draws[:, :, here])
        out, residual = simulate(given, random)
        assert np.isfinite(residual).all()
        # Of the series, over quarters and paths: a difference of like numbers has their rounding, not its
        # own.
        size = np.maximum(np.abs(out), np.abs(out).max(axis=(1, 2), keepdims=True))
        size[noise] = 1.0  # already relative to the quarter's gross flows
        for kind, kernel in kernels.items():
            found, gap = kernel(given, random, np.arange(plan.slot_count))
            assert np.abs(gap - residual).max() <= 1e-10
            off = np.abs(found - out) > TOLERANCE * size
            for path in np.flatnonzero(off.any(axis=(0, 1))):
                first = plan.slot_names[int(np.argwhere(off[:, :, path])[0][0])]
                assert decided_by_a_hair(out[:, 1:, path], random[:, :, path]), (
                    f"{kind}: path {start + path}, {first}"
                )
                near[kind] += 1
    for kind, count in near.items():
        assert count <= params.shape[1] // 1000, (
            f"{kind}: {count} paths have an event within 1e-9 of its threshold"
        )


def decided_by_a_hair(out: Any, draws: Any) -> bool:
    """Whether a random event or a bottleneck of this path was within 1e-9 of going the other way."""
    plan = runs.world().plan

    def at(key: str) -> Any:
        return out[plan.slot(key)]

    def at_param(id: str) -> float:
        return runs.world().model.registry[id].default

    hazard = draws[plan.draw_slots["crash_draw"]] - at("crash_hazard")
    inputs = (
        ("free_power", "free_shells"),
        ("free_power", "chips_at_hand"),
        ("free_shells", "chips_at_hand"),
    )
    fall = at("ai_price") - at("ai_price_peak") - np.log(1.0 - at_param("bust_fall"))
    episode = [at("runup") - np.log(edge) for edge in (1.5, 1.2)]
    return bool(
        min(np.abs(x).min() for x in (hazard, fall, *episode, *(at(a) - at(b) for a, b in inputs))) < 1e-9
    )


def test_outputs_vary_across_paths() -> None:
    """A kernel that computed one path for all would agree with itself: every reported output differs between
    draws.
    """
    plan, constant = runs.world().plan, []
    params, draws = cases()
    out = simulate(params[:, :CHUNK], np.ascontiguousarray(draws[:, :, :CHUNK]))[0]
    rare = {
        "lab_failed_share",
        "equity_loss_usd_bn",
        "credit_open",
        "firm_orphan_usd_bn",
        "policy_cut",
        "backstop_usd_bn",
    }  # no lab fails, no stop is imposed on these paths
    for name, variable in runs.world().model.variables.items():
        if variable.reported and name not in rare:
            spread = np.ptp(out[[plan.slot(k) for k in plan.keys(name)], 1:], axis=2)
            if not (spread > 0.0).any():
                constant.append(name)
    assert constant == []
    for key in ("fleet_it_gw", "spot_price", "five_firm_capex_usd_bn", "ai_revenue_run_rate"):
        assert len(np.unique(out[plan.slot(key), -1])) == CHUNK, key
