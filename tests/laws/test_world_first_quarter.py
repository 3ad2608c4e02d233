"""The first simulated quarter continues 2026Q2: nothing may jump that the figures do not make jump."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import numpy as np
import pytest

from supercycle.figures.series import total
from supercycle.world.frame import FIRM

sys.path.append(str(Path(__file__).resolve().parents[1]))
runs = importlib.import_module("world_runs")


@pytest.fixture(scope="module")
def central() -> runs.Result:
    return runs.run(runs.defaults(), quarters=2)


@pytest.mark.parametrize(
    "key",
    [
        "shell_spend_usd_bn",
        "power_spend_usd_bn",
        "spot_price",
        "contract_price",
        "book_price",
        "utilisation",
        "pressure",
        "breakeven_price",
        "hurdle_rate",
        "funded_share",
        "external_share",
        "lab_share",
        "firm_revenue_usd_bn:Microsoft",
        "firm_ocf_usd_bn:Microsoft",
        "firm_ocf_usd_bn:Alphabet",
        "firm_ocf_usd_bn:Amazon",
        "firm_ocf_usd_bn:Meta",
        "firm_interest_usd_bn:Oracle",
        "firm_opex_usd_bn:Meta",
    ],
)
def test_within_a_tenth_of_the_opening(central: runs.Result, key: str) -> None:
    assert central[key][1, 0] == pytest.approx(central[key][0, 0], rel=0.10)


@pytest.mark.parametrize(
    ("key", "low", "high"),
    [
        # Guidance adds to about 772 bn for 2026: 442 in the second half, growth of 14 % a quarter from 181.5.
        ("five_firm_capex_usd_bn", 1.05, 1.20),
        # The five's AI part is three quarters of that, so its growth is a third larger; chips carry most of
        # it.
        ("world_ai_capex_usd_bn", 1.08, 1.25),
        # Deliveries on order grow 14 % and their cost per gigawatt 6 to 8 % a quarter.
        ("chip_spend_usd_bn", 1.10, 1.30),
        # Deliveries, and half of what stood dark, meet power that was free.
        ("energised_it_gw", 1.05, 1.25),
        # 1.01 a year in logs is 29 % a quarter of the run rate; the quarter's mean is half of it later.
        # ... since then labs grew faster: 0.32 in logs is 38 % a quarter.
        ("ai_revenue_run_rate", 1.25, 1.42),
        ("ai_revenue_usd_bn", 1.08, 1.22),
        # Demand at constant price grew 0.2 in logs a quarter in 2026H1.
        ("captive_mh100e", 1.15, 1.27),
        ("desired_compute_mh100e", 1.15, 1.27),
        # Belief opens at realised growth: nothing is solved for.
        ("expected_growth", 0.9, 1.1),
        # Labs' purchases move to who they have signed with: 300 bn of OpenAI's are Oracle's. It reported 14.6 in
        # 2026Q2; the opening is the mean of two quarters, 10.9.
        ("firm_ocf_usd_bn:Oracle", 1.0, 14.643 / 10.897),
        # Known break: the slots due (power 5.3, shells 5.0 GW) hold fewer chips than the 7.2 GW on order per
        # quarter.
        ("chip_orders", 0.70, 1.10),
        # Known break: the opening queue of power and shells is large, so starts and inquiries pause.
        ("shell_starts", 0.40, 1.10),
        ("power_requests", 0.35, 1.10),
    ],
)
def test_what_moves_more_and_why(central: runs.Result, key: str, low: float, high: float) -> None:
    """Above a tenth only where orders already placed or reported growth say so, or where a break is known."""
    assert low <= central[key][1, 0] / central[key][0, 0] <= high


def test_the_five_spend_what_they_guide_to(central: runs.Result) -> None:
    """148.4 + 181.5 reported and two simulated quarters: 750-830 bn in 2026 at central values."""
    first = total("capex_cash", FIRM.members, "2026Q1", "2026Q1", unit="USD_bn")
    assert 730 <= first + central["five_firm_capex_usd_bn"][:, 0].sum() <= 830


def test_what_fell_due_is_what_flowed(central: runs.Result) -> None:
    """The opening queues hand on what they handed on last quarter: power and shells within a sixth, slips
    included.
    """
    assert central["power_met"][1, 0] == pytest.approx(central["opening_power_flow"][0, 0], rel=1 / 6)
    assert central["shell_pipeline_due"][1, 0] == pytest.approx(central["opening_chip_flow"][0, 0], rel=1 / 6)
    assert central["chip_pipeline_due"][1, 0] == pytest.approx(
        central["opening_chip_flow"][0, 0] * np.exp(0.14), rel=1 / 6
    )


def test_the_next_quarter_is_known_within_a_tenth() -> None:
    """Orders in transit decide it: nine of ten draws lie within a tenth of the middle."""
    many = runs.run(runs.sampled(512).params, quarters=1)
    low, middle, high = np.quantile(many["five_firm_capex_usd_bn"][1], [0.05, 0.5, 0.95])
    assert low >= 0.9 * middle
    assert high <= 1.1 * middle
