"""Signs: what each shock and policy must do, path by path, whatever its size."""

from __future__ import annotations

import importlib
import sys
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from supercycle.world.derived import DERIVED

sys.path.append(str(Path(__file__).resolve().parents[1]))
runs = importlib.import_module("world_runs")

# With 96 one path is two points of the half on which spending rises; the share is measured as 0.82 of 384.
PATHS = 192
WHEN = 6
SLOTS = runs.world().plan.param_slots


@cache
def params() -> Any:
    return runs.changed(runs.sampled(512).params[:, :PATHS], crash_switch=0.0, jump_hazard=0.0)


@cache
def base() -> runs.Result:
    return runs.run(params())


@lru_cache(maxsize=4)
def with_settings(*named: tuple[str, float]) -> runs.Result:
    return runs.run(runs.changed(params(), dict(named)))


def returns(result: runs.Result, given: Any) -> Any:
    by_id = dict(zip(runs.world().model.registry, given, strict=True))
    imputed = next(d for d in DERIVED if d.name == "vintage_irr_imputed")
    return imputed.compute({key: result[key][1:] for key in imputed.inputs}, by_id)


def jumped(elasticity: float) -> Any:
    """Compute behind end-customer revenue with a threefold jump over that without, at one long-run
    elasticity.
    """
    calm = with_settings(("elasticity_long_run", elasticity))
    hit = with_settings(
        ("elasticity_long_run", elasticity), ("imposed_jump_quarter", WHEN), ("imposed_jump_size", 3.0)
    )
    return hit["inference_mh100e"] / calm["inference_mh100e"]


def test_an_efficiency_jump_strands_compute_where_demand_is_inelastic() -> None:
    """At -0.6 less compute serves the same customers: at once, and still two years later on the middle path. Two
    years later
    the fall of compute prices that the stranded compute caused has been passed on, and builders have answered with
    fewer
    halls (before plans were a state they did not), so single paths may be back.
    """
    ratio = jumped(-0.6)
    assert np.allclose(ratio[:WHEN], 1.0)
    assert (ratio[WHEN + 1 : WHEN + 5] < 0.95).all()
    assert (ratio[WHEN + 6] < 1.0).mean() > 0.9
    assert np.median(ratio[WHEN + 8]) < 0.99


def spent(elasticity: float) -> Any:
    """Spending on compute behind end-customer revenue with a threefold jump over that without."""
    calm = with_settings(("elasticity_long_run", elasticity))
    hit = with_settings(
        ("elasticity_long_run", elasticity), ("imposed_jump_quarter", WHEN), ("imposed_jump_size", 3.0)
    )
    spending = [run["inference_mh100e"] * run["book_price"] for run in (hit, calm)]
    return spending[0] / spending[1]


def test_an_efficiency_jump_raises_spending_where_demand_is_elastic() -> None:
    """At -2.5 it frees compute until prices have followed (two to four quarters) and raises spending on compute two
    to four years later: more compute, at a price that is higher than it would have been.
    """
    assert (jumped(-2.5)[WHEN + 1] < 1.0).all()
    later = spent(-2.5)[WHEN + 12 : WHEN + 17].mean(axis=0)
    roomy = base()["headroom"][WHEN + 12] > np.median(
        base()["headroom"][WHEN + 12]
    )  # at the ceiling e is near -1
    # Eight of ten before plans were revised: now what is scarce is also built sooner, so price is back on more paths.
    assert (later[roomy] > 1.0).mean() > 0.6
    assert np.median(later[roomy]) > 1.01
    assert (later > spent(-0.6)[WHEN + 12 : WHEN + 17].mean(axis=0)).mean() > 0.95
    assert jumped(-2.5)[WHEN + 2].min() > jumped(-0.6)[WHEN + 2].min()


def test_revenue_follows_the_elasticity() -> None:
    """A lower service price cuts spending below unit elasticity, leaves it at one, raises it above."""
    change = {}
    for e in (-0.6, -1.0, -2.5):
        calm = with_settings(("elasticity_long_run", e))
        hit = with_settings(
            ("elasticity_long_run", e), ("imposed_jump_quarter", WHEN), ("imposed_jump_size", 3.0)
        )
        change[e] = hit["ai_revenue_run_rate"][WHEN + 6] / calm["ai_revenue_run_rate"][WHEN + 6]
    assert (change[-0.6] < 1.0).all()
    assert np.allclose(change[-1.0], 1.0, atol=1e-9)
    assert (change[-2.5] > 1.0).all()


@pytest.mark.parametrize("lead", ["grid_lead_months", "gas_lead_months", "shell_lead_months", "chip_lead_q"])
def test_longer_leads_do_not_raise_the_opening_pipeline(lead: str) -> None:
    param = runs.world().model.registry[lead]
    ends = runs.changed(runs.defaults(2), {lead: np.array([param.low, param.high])})
    found = runs.run(ends, quarters=1)
    power = [
        f"{r}_{s}_all"
        for r in ("grid", "gas", "engines", "nuclear", "renewables")
        for s in ("contracted", "building")
    ]
    for stock in (*power, "shell_pipeline_total", "chip_pipeline_total"):
        content = found[stock][0]
        assert content[0] == content[1], stock


def test_a_shorter_book_life_lowers_earnings_and_not_cash() -> None:
    """Depreciation is policy: profit and return on capital fall in the first years, no cash flow and no GW
    moves.
    """
    short = with_settings(("book_life_years", 3.0))
    assert (short.all("firm_net_income_usd_bn")[:, 1:9] < base().all("firm_net_income_usd_bn")[:, 1:9]).all()
    for name in (
        "firm_ocf_usd_bn",
        "firm_tax_usd_bn",
        "firm_capex_usd_bn",
        "firm_cash_usd_bn",
        "fleet_it_gw",
        "spot_price",
        "ai_debt_usd_bn",
    ):
        assert np.array_equal(short.all(name), base().all(name)), name


def test_denser_chips_lower_the_return_of_old_ones() -> None:
    """More H100e per watt from now on: every older vintage competes with more compute per scarce gigawatt."""
    low, high = (
        runs.world().model.registry["h100e_per_watt_growth"].low,
        runs.world().model.registry["h100e_per_watt_growth"].high,
    )
    slow, fast = with_settings(("h100e_per_watt_growth", low)), with_settings(("h100e_per_watt_growth", high))
    change = returns(fast, params())[0] - returns(slow, params())[0]  # chips of 2026H2
    assert (change < 0.0).mean() > 0.95
    assert (fast["contract_price"][20] < slow["contract_price"][20]).mean() > 0.95


def test_a_crash_raises_the_hurdle_and_cuts_orders_budgets_and_equity() -> None:
    hit = with_settings(("imposed_crash_quarter", WHEN))
    assert (hit["hurdle_rate"][WHEN] > base()["hurdle_rate"][WHEN] + 0.02).all()
    bill = "other_captive_bill_usd_bn"  # owners' budgets grow less at once
    assert (
        hit[bill][WHEN + 1] < base()[bill][WHEN + 1]
    ).mean() > 0.95  # not where growth is at its floor already
    shut = hit["bust_state"][WHEN] >= 1.0  # rounds of labs that nobody stands behind close the quarter after
    alone = hit["lab_round_usd_bn:OpenAI"][WHEN + 1] + hit["lab_round_usd_bn:Anthropic"][WHEN + 1]
    assert shut.any()
    assert np.abs(alone[shut]).max() <= 1e-12
    orders = (hit["chip_orders"] - base()["chip_orders"])[WHEN + 1 : WHEN + 5].sum(axis=0)
    assert (orders < 0.0).mean() > 0.95
    capex = (hit["world_ai_capex_usd_bn"] - base()["world_ai_capex_usd_bn"])[WHEN + 2 : WHEN + 12].sum(axis=0)
    assert (capex < 0.0).mean() > 0.95
    assert (hit["credit_loss_usd_bn"][WHEN + 1] > base()["credit_loss_usd_bn"][WHEN + 1]).all()
    assert (hit["busted"][WHEN:] == 1.0).all()


def test_nothing_moves_before_a_crash() -> None:
    hit = with_settings(("imposed_crash_quarter", WHEN))
    for name in (
        "fleet_it_gw",
        "world_ai_capex_usd_bn",
        "spot_price",
        "hurdle_rate",
        "ai_revenue_run_rate",
        "lab_cash",
    ):
        assert np.array_equal(hit[name][:WHEN], base()[name][:WHEN]), name


def test_a_lab_failure_takes_training_and_revenue_in_the_same_quarter() -> None:
    """Training is gone with the lab; of its sales the part that nobody takes over is lost to the market, all
    to labs.
    """
    fail = with_settings(("imposed_lab_failure_quarter", float(WHEN)))
    assert (fail["lab_failed:OpenAI"][WHEN:] == 1.0).all()
    assert np.abs(fail["lab_rd_wanted_usd_bn:OpenAI"][WHEN:]).max() == 0.0
    assert np.abs(fail["lab_sales_usd_bn:OpenAI"][WHEN:]).max() == 0.0
    others = ("Anthropic", "xAI", "Other labs")
    for lab in others:  # the others want what they wanted
        key = f"lab_rd_wanted_usd_bn:{lab}"
        assert np.allclose(fail[key][WHEN], base()[key][WHEN], rtol=1e-12)
    assert (fail["training_wanted"][WHEN] < base()["training_wanted"][WHEN]).all()
    assert (fail["training_usd_bn"][WHEN] < base()["training_usd_bn"][WHEN]).all()
    assert (fail["training_mh100e"][WHEN] < base()["training_mh100e"][WHEN]).all()
    assert (fail["ai_revenue_run_rate"][WHEN] < base()["ai_revenue_run_rate"][WHEN]).all()
    assert (fail["lab_revenue_usd_bn"][WHEN] < base()["lab_revenue_usd_bn"][WHEN]).all()
    assert (fail["lab_equity_loss_usd_bn"][WHEN] > 0.0).all()
    assert (fail["spot_price"][WHEN + 2] < base()["spot_price"][WHEN + 2]).all()
    assert fail.residual.max() < 1e-9


def test_labs_that_open_without_cash_can_fail_in_a_crash() -> None:
    """The trigger fires where it should: equity closed in the first quarter, a month of cash, and never with
    cash at hand.
    """
    crash = {"imposed_crash_quarter": 1.0, "imposed_crash_size": 0.95}
    poor = runs.run(runs.changed(params(), {**crash, "opening_lab_cash": 8.0}))
    rich = runs.run(runs.changed(params(), {**crash, "opening_lab_cash": 190.0}))
    soon = slice(0, 7)  # rich labs can still fail years later, on their own books
    assert (poor["lab_failed_share"][soon][-1] > 0.0).any()
    assert (rich["lab_failed_share"][soon][-1] == 0.0).mean() > 0.95
