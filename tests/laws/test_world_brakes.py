"""What holds the world together: the return condition, the price loop, and levers that still move after the opening.

All comparisons are of the same paths with and without a change, crashes off, so that a difference is an effect.
"""

from __future__ import annotations

import importlib
import sys
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from supercycle.engine.sample import ATTEMPTS
from supercycle.equations.functions import exp, maximum
from supercycle.world.derived import DERIVED

sys.path.append(str(Path(__file__).resolve().parents[1]))
runs = importlib.import_module("world_runs")

PATHS = 128
SLOTS = runs.world().plan.param_slots


def returns(result: runs.Result, params: Any) -> Any:
    """Yearly return by vintage and path, captive use at contract prices."""
    imputed = next(d for d in DERIVED if d.name == "vintage_irr_imputed")
    by_id = dict(zip(runs.world().model.registry, params, strict=True))
    return imputed.compute({key: result[key][1:] for key in imputed.inputs}, by_id)


def spent(result: runs.Result) -> Any:
    """World AI capex over the whole horizon, path by path."""
    return result["world_ai_capex_usd_bn"][1:].sum(axis=0)


@cache
def params() -> Any:
    return runs.changed(runs.sampled(512).params[:, :PATHS], crash_switch=0.0)


@cache
def base() -> runs.Result:
    return runs.run(params())


@lru_cache(maxsize=1)
def changed(*named: tuple[str, float]) -> runs.Result:
    return runs.run(runs.changed(params(), dict(named)))


# the return condition


def no_hurdle(hurdle_base: Any) -> Any:
    """Planners ask for no return, and do not even want the chips' wear back."""
    return hurdle_base - (0.10 + 0.17)


def test_without_a_hurdle_capex_rises_and_returns_collapse() -> None:
    """The brake works: take it off and the plan is implausible, with more capex and late vintages far below any cost of
    capital. Supply, slots and funding stay, which is why capex rises by tens of percent and not tenfold.
    """
    free = runs.run(params(), plan=runs.variant(hurdle_rate=no_hurdle))
    ratio = spent(free) / spent(base())
    assert np.median(ratio) > 1.2
    assert (ratio > 1.0).mean() > 0.9
    with_it, without = returns(base(), params()), returns(free, params())
    # The first years' chips are in the pipelines whatever the hurdle, and owners who reckon with no cost of capital use
    # what there is, which holds contract prices up for a while: what is built late earns nothing.
    late = slice(6, 8)  # 2032 and 2033
    # Power bounds what is built, and since core cash flow errs for years firms' means bound it more often, so the turn
    # comes later than in the first builds: what taking the brake off gives falls from vintage to vintage, 5 points for
    # 2028's, 1.2 for 2032's, 0.7 for 2033's (paired medians of 128 paths; with the old noise 2033 was -0.9); the
    # median return of the last vintage is lower without the brake (-4.7 against -3.9 %).
    apart = np.nanmedian(without - with_it, axis=1)
    assert apart[-1] < 0.01, "the last vintage gains next to nothing, path by path"
    assert np.nanmedian(without[-1]) < np.nanmedian(with_it[-1]), "and its median earns less"
    assert (np.diff(apart[3:]) < 0.0).all(), "what taking the brake off gives is used up, vintage by vintage"
    assert np.nanmedian(without[late]) < 0.0, "far below the 10 % that everybody asks for"
    # With the brake late vintages earned twice the hurdle while price stood at 1.37 of break-even; now price comes to
    # break-even, use stays under the target while prices fall, and they earn less than was asked for
    # (docs/base-case.md).
    assert (np.nanmedian(with_it[late], axis=1) > -0.05).all()


def test_a_higher_hurdle_builds_less_and_earns_more() -> None:
    dear = changed(("hurdle_base", 0.13))
    assert np.median(spent(dear) / spent(base())) < 0.99
    assert np.nanmedian(returns(dear, params()) - returns(base(), params())) > 0.0


# levers after the inversion


def moved(result: runs.Result, key: str = "world_ai_capex_usd_bn") -> float:
    """Median over paths of the largest relative change of an output."""
    change = np.abs(result[key][1:] / base()[key][1:] - 1.0)
    return float(np.median(change.max(axis=0)))


@pytest.mark.parametrize(
    ("lever", "direction"),
    [
        ((("race_new_capacity", 1.0),), +1),
        ((("winner_takes_share", 0.0),), -1),
        ((("leverage_cap", 0.6),), -1),
        ((("payout_ratio", 0.0),), +1),
    ],
)
def test_race_and_funding_move_the_build(lever: Any, direction: int) -> None:
    """They move cumulative capex the right way on the middle path."""
    result = changed(*lever)
    assert direction * (np.median(spent(result) / spent(base())) - 1.0) > 0.0
    # Payouts give way before purchases do, so their ratio moves less than while a bank line paid for both (0.5 %).
    assert moved(result) > (0.002 if lever[0][0] == "payout_ratio" else 0.005)


@pytest.mark.parametrize(("lead", "more"), [("grid_lead_months", 24.0), ("shell_lead_months", 12.0)])
def test_longer_leads_delay_the_build(lead: str, more: float) -> None:
    late = runs.run(runs.changed(params(), {lead: params()[SLOTS[lead]] + more}))
    assert np.quantile(late["fleet_it_gw"][6] / base()["fleet_it_gw"][6], 0.95) <= 1.001
    assert np.median(late["fleet_it_gw"][6] / base()["fleet_it_gw"][6]) < 0.99
    assert np.median(late["contract_price"][10] / base()["contract_price"][10]) > 1.0, (
        "scarcer compute is dearer"
    )


# the price loop


def impulse(
    spot_price_prev: Any,
    price_response: Any,
    pressure: Any,
    target_utilisation: Any,
    points_per_ten: Any,
    one_quarter: Any,
    price_floor: Any,
    density: Any,
    opening_density: Any,
    t: Any,
) -> Any:
    """The world's spot price, a tenth higher in the second quarter only."""
    moved = spot_price_prev * exp(
        price_response * points_per_ten * (pressure - target_utilisation) * one_quarter
    )
    return maximum(moved, price_floor * opening_density / density) * np.where(t == 2.0, 1.1, 1.0)


@cache
def response() -> Any:
    """Log difference of the spot price to the base, from the quarter of the impulse on."""
    pushed = runs.run(params(), plan=runs.variant(spot_price=impulse))
    return np.log(pushed["spot_price"] / base()["spot_price"])[2:]


def test_an_impulse_to_the_price_starts_to_decay_at_once() -> None:
    """A quarter later it is smaller and of the same sign on at least 95 % of draws: the loop itself does not
    overshoot.
    """
    after = response()
    assert after[0] == pytest.approx(np.log(1.1), rel=0.02)
    assert ((after[1] > 0.0) & (after[1] < after[0])).mean() >= 0.95


def test_no_change_of_sign_before_orders_answer() -> None:
    """For two quarters, in which no order placed on the higher price has arrived, nine of ten draws keep the sign
    (measured 92 %; 95 % before half of service cost followed the new contract price, which makes demand answer faster).
    """
    assert (response()[:3] > 0.0).all(axis=0).mean() >= 0.90


def test_the_echo_is_smaller_than_the_impulse() -> None:
    """From a year later on: below half of it on the middle draw, below itself on nine of ten (measured 0.22
    and 0.6 at 95 %).
    """
    echo = np.abs(response()[4:]).max(axis=0) / np.log(1.1)
    assert np.median(echo) < 0.5
    assert np.quantile(echo, 0.85) < 1.0


@cache
def response_at_given_capacity() -> Any:
    """The same with capacity as in the base: what is left is price and demand."""
    given = base()

    def energised(t: Any) -> Any:
        return given["energised_it_gw"][int(np.ravel(t)[0])]

    def leaving(t: Any) -> Any:
        return given.all("vintage_retire_share")[:, int(np.ravel(t)[0])]

    plan = runs.variant(spot_price=impulse, energised_it_gw=energised, vintage_retire_share=leaving)
    return np.log(runs.run(params(), plan=plan)["spot_price"] / given["spot_price"])[2:]


def test_the_price_loop_returns_with_hardly_a_dip() -> None:
    """At given capacity the price comes back and falls below its path by less than a half of the impulse on 95 % of
    draws, a quarter on the middle one. A dip there must be: the contract book has risen meanwhile and keeps demand low
    after spot is back. It was a fifth when owners' use answered the contract price in full at once; half of it now
    answers
    user cost, which a dearer spot market does not move.
    """
    back = response_at_given_capacity() / np.log(1.1)
    assert np.quantile(-back.min(axis=0), 0.95) < 0.5
    assert np.median(-back.min(axis=0)) < 0.25
    # On a path on which a borrower or a lab fails in one run and not in the other the two stay apart.
    assert np.quantile(np.abs(back[-1]), 0.9) < 0.06


# the opening as a filter of draws


def test_joint_rejection_is_below_a_third() -> None:
    """Below 30 % of prior draws contradict the opening, and no path runs out of attempts."""
    refused = runs.sampled(4096).refused
    rate = refused.sum() / (refused.sum() + len(refused))
    assert rate < 0.30, f"{rate:.1%} of draws are refused"
    assert rate > 0.01, "a truncation that never binds is not one"
    assert refused.max() < ATTEMPTS / 2


def test_accepted_draws_pass_the_test_they_were_accepted_by() -> None:
    assert runs.accepted(runs.sampled(512).params).all()
