"""The world at the ends of every assumption: books close, numbers stay finite, nothing physical turns negative.

All corners are paths of one run. A corner that contradicts the opening (the joint truncation would refuse it)
is run all the same: a user who sets a parameter gets an answer or a refusal, never nonsense.
"""

from __future__ import annotations

import importlib
import itertools
import os
import sys
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supercycle.engine.sample import sample_draws

sys.path.append(str(Path(__file__).resolve().parents[1]))
runs = importlib.import_module("world_runs")

REGISTRY = runs.world().model.registry
SOAK = os.environ.get("HYPOTHESIS_PROFILE") == "soak"

# By share of variance of capex, fleet, price, revenue, debt and utilisation in 2035 (1,024 paths).
INFLUENTIAL = (
    "spend_share",
    "h100e_per_watt_growth",
    "elasticity_long_run",
    "captive_payoff",
    "it_economic_depreciation",
    "price_response",
    "payout_ratio",
    "target_utilisation",
    "captive_elasticity",
    "density_fade",
    "takeoff_regime_hazard",
    "it_cost_fade",
    "resale_decay",
    "task_exposure",
    "intensity_fade",
    "core_growth_open",
    "captive_growth_open",
    "physical_life_q",
    "expectation_gain",
    "chip_lead_q",
)

# What banks owe to everybody else; what is left for owners, a difference of stocks; tax put off, which turns;
# profits since the opening.
MAY_BE_NEGATIVE = {
    "banks_position_usd_bn",
    "banks_deposits_usd_bn",
    "firm_equity_usd_bn",
    "firm_other_assets_usd_bn",
    "neocloud_equity_book_usd_bn",
    "spv_equity_book_usd_bn",
    "firm_deferred_tax_usd_bn",
    "lab_retained_usd_bn",
    "venture_earned_usd_bn",
    "estate_net_it_gw",  # a flow: halls drawn into AI less halls given back to ordinary cloud
    "books_opening_imbalance_usd_bn",  # what judgements of the openings do not agree on, of either sign
}
STOCK_UNITS = (
    "GW_it",
    "GW_facility",
    "MH100e",
    "USD_bn",
    "user_bn",
    "GW_it/q",
    "GW_facility/q",
    "USD/H100e/h",
)
SHARES = (
    "utilisation",
    "external_share",
    "lab_share",
    "headroom",
    "funded_share",
    "neocloud_funded_share",
    "firm_funded_share",
    "vintage_retire_share",
    "lab_failed_share",
    "training_funded",
    "resale_index",
    "bust_state",
    "busted",
    "index_room",
    "impaired_share",
    "crunch_share",
    "hyperscaler_share",
    "spv_build_share",
    "ai_index_share",
    "binds_power",
    "binds_shells",
    "binds_slots",
    "binds_chips",
    "binds_demand",
    "enterprise_adoption",
    "crash_hazard",
    "credit_open",
    "crash_depth",
    "own_generation_share",
    "power_met_share",
)


@cache
def ends() -> tuple[Any, tuple[str, ...]]:
    """Each parameter at its least and greatest, the others at their defaults; then all of them at once."""
    names = [f"{id} {end}" for id in REGISTRY for end in ("least", "greatest")]
    params = runs.defaults(len(names) + 2)
    for i, param in enumerate(REGISTRY.values()):
        params[i, 2 * i], params[i, 2 * i + 1] = param.low, param.high
    params[:, -2], params[:, -1] = ([getattr(p, end) for p in REGISTRY.values()] for end in ("low", "high"))
    for i, param in enumerate(REGISTRY.values()):
        if param.distribution == "switch":  # scenario switches at once would be one strange scenario
            params[i, -2:] = param.default
    return params, (*names, "all least", "all greatest")


@cache
def pairs() -> tuple[Any, tuple[str, ...]]:
    """The four corners of each pair of the influential parameters."""
    slots, made, names = runs.world().plan.param_slots, [], []
    for a, b in itertools.combinations(INFLUENTIAL, 2):
        for x, y in itertools.product(("low", "high"), repeat=2):
            made.append((slots[a], getattr(REGISTRY[a], x), slots[b], getattr(REGISTRY[b], y)))
            names.append(f"{a} {x}, {b} {y}")
    params = runs.defaults(len(made))
    for path, (i, x, j, y) in enumerate(made):
        params[i, path], params[j, path] = x, y
    return params, tuple(names)


@cache
def shocked() -> tuple[Any, tuple[str, ...]]:
    """The ends again, each in a world with a crash, a jump and both regimes on the way."""
    params, names = ends()
    return runs.changed(
        params, imposed_crash_quarter=5.0, imposed_jump_quarter=9.0, imposed_jump_size=10.0
    ), names


def with_regimes(paths: int) -> Any:
    """Random numbers with which both regimes arrive and nothing else happens."""
    draws, plan = runs.calm(paths), runs.world().plan
    for draw, quarter in (("network_draw", 3), ("takeoff_draw", 14)):
        draws[plan.draw_slots[draw], quarter] = 1e-12
    return draws


@pytest.fixture(scope="module", params=["ends", "pairs", "shocked"])
def answer(request: pytest.FixtureRequest) -> Any:
    """Result, names and acceptance of a set of corners; one set is held at a time."""
    params, names = {"ends": ends, "pairs": pairs, "shocked": shocked}[request.param]()
    draws = with_regimes(params.shape[1]) if request.param == "shocked" else runs.calm(params.shape[1])
    return runs.run(params, draws), names, runs.accepted(params)


def said(names: tuple[str, ...], paths: Any) -> str:
    found = np.flatnonzero(paths)
    return f"{len(found)} corners, first {[names[i] for i in found[:5]]}"


def test_every_corner_has_numbers_and_books_that_close(answer: Any) -> None:
    found, names, _ = answer
    broken = ~np.isfinite(found.out).all(axis=(0, 1))
    assert not broken.any(), said(names, broken)
    assert not (found.residual > 1e-9).any(), said(names, found.residual > 1e-9)


def test_no_stock_is_negative_in_any_corner(answer: Any) -> None:
    found, names, _ = answer
    wrong = {}
    for name, v in runs.world().model.variables.items():
        if v.unit not in STOCK_UNITS or name in MAY_BE_NEGATIVE:
            continue
        below = (found.all(name) < -1e-9).any(axis=(0, 1))
        if below.any():
            wrong[name] = said(names, below)
    assert wrong == {}


def test_shares_stay_shares_in_every_corner(answer: Any) -> None:
    """Everything at once may leave the builders' shares, but then the joint truncation refuses it."""
    found, names, accepted = answer
    wrong = {}
    possible = accepted | np.array([not n.startswith("all ") for n in names])
    for name in SHARES:
        x = found.all(name)[:, 1:]
        out = ((x < -1e-9) | (x > 1.0 + 1e-9)).any(axis=(0, 1)) & possible
        if out.any():
            wrong[name] = said(names, out)
    assert wrong == {}


def test_exactly_one_thing_binds(answer: Any) -> None:
    """Power, shells, chips or demand: one of the four each quarter, also at the corners."""
    found, _, _ = answer
    parts = sum(found[f"binds_{k}"][1:] for k in ("power", "shells", "slots", "chips", "demand"))
    assert (parts == 1.0).all()


def test_compute_in_use_never_exceeds_what_is_there(answer: Any) -> None:
    found, _, _ = answer
    assert (found["fleet_mh100e"] > 0.0).all()
    assert (found["fleet_facility_gw"] <= found["connected_facility_gw"] * (1 + 1e-9)).all(), (
        "powered by what is connected"
    )
    assert (found["fleet_it_gw"] <= found["shell_capacity_it_gw"] * (1 + 1e-9)).all(), (
        "housed in what is built"
    )


def test_every_parameter_does_something_at_one_of_its_ends() -> None:
    """An assumption that moves no reported output is either information (named in its meaning) or dead."""
    params = shocked()[0]
    middle = runs.changed(
        runs.defaults(1), imposed_crash_quarter=5.0, imposed_jump_quarter=9.0, imposed_jump_size=10.0
    )
    reported = np.array([runs.world().plan.slot(k) for k in runs.world().reported])
    plain = runs.run(middle, with_regimes(1)).out[reported]
    read = {a for v in runs.world().model.variables.values() for a in (*v.args, *v.opening_args)}
    idle, tried = set(), 0
    for start in range(0, 2 * len(REGISTRY), 128):
        found = runs.run(params[:, start : start + 128], with_regimes(min(128, params.shape[1] - start))).out[
            reported
        ]
        moves = (found != plain).any(axis=(0, 1))
        for i, param in list(enumerate(REGISTRY.values()))[start // 2 : start // 2 + 64]:
            if (
                param.low == param.high
                or param.id.partition(":")[0] not in read
                or param.id.startswith("imposed_")
            ):
                continue
            tried += 1
            if not moves[2 * i - start : 2 * i - start + 2].any():
                idle.add(param.id)
    assert tried > 200
    assert idle <= MOVES_ELSEWHERE, sorted(idle - MOVES_ELSEWHERE)


# Hazards below what the calm draws (1 - 1e-12) could let happen, and what only a failed lab reads.
MOVES_ELSEWHERE = {
    "jump_hazard",
    "jump_size",
    "network_regime_hazard",
    "takeoff_regime_hazard",
    "crash_after_doubling",
    "runup_slope",
    "hazard_base",
    "shortfall_slope",
    "cash_slope",
    "mood_sd",
    "rate_shock_sd",
    "rate_reversion",
    "firm_relet_q",
    "crash_size",
    "crash_switch",
    "lab_concentration",
    "lab_recapture",
    "ceiling_truncation",
}


@settings(max_examples=200 if SOAK else 4)
@given(st.integers(0, 2**32 - 1))
def test_books_close_anywhere_in_the_box(seed: int) -> None:
    """Uniform over the whole box, corners and faces as likely as the inside; draws that the opening refuses are
    left out (with a ceiling a hair above today's revenue the logistic step overshoots to 1e18 bn).
    """
    rng = np.random.default_rng(seed)
    low, high, default = (
        np.array([getattr(p, k) for p in REGISTRY.values()])[:, None] for k in ("low", "high", "default")
    )
    u = rng.random((len(REGISTRY), 128))
    u = np.where(rng.random(u.shape) < 0.3, np.round(u), u)
    switch = np.array([p.distribution == "switch" for p in REGISTRY.values()])[:, None]
    params = np.where(switch & (rng.random(u.shape) < 0.9), default, low + u * (high - low))
    params = params[:, runs.accepted(params)]
    draws = sample_draws(runs.world(), seed, np.arange(params.shape[1], dtype=np.int64), runs.QUARTERS)
    found = runs.run(params, draws)
    assert params.shape[1] > 5, "the box is nearly all refused"
    assert np.isfinite(found.residual).all()
    assert found.residual.max() <= 1e-9
    assert (found["fleet_it_gw"] >= 0.0).all()
    assert (found["utilisation"][1:] <= 1.0).all()
    assert (found["spot_price"] > 0.0).all()
