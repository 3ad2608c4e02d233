"""Expectations: of the shift of compute demand at constant price, extrapolative, fading with the horizon.

What matters for orders is the growth of compute demanded at constant price (realised growth plus elasticity times the
price change), not revenue, which also holds efficiency and price tiers. The opening expectation is solved so that the
first chip orders equal the order flow that guidance implies; its ratio to realised growth is reported as exuberance.
"""

from __future__ import annotations

from supercycle.equations.functions import exp, log, positive, within
from supercycle.world.frame import Block, judged, sourced

__all__ = ["block"]

block = Block("expectations", "Expectations", "Extrapolative expectations of the shift of compute demand.", mechanism="judged: adaptive expectations that over-weight news have the form of Bordalo, Gennaioli and Shleifer 2018 (Journal of Finance 73); how fast they move is set so that first orders equal guidance")

sourced(block, "expectation_gain", "expectation_gain_per_quarter", "Weight of the latest quarter in expected growth", "1/q",
        "normal")
sourced(block, "diagnostic_theta", "diagnostic_theta", "Over-weight put on news", "1", "normal")
judged(block, "expectation_fade", "Fade of expected growth with the horizon", "1/q", 0.14, 0.08, 0.25, "lognormal",
       "rate at which planners let today's growth fade over the horizon",
       "half-life of three to nine quarters: guidance is given one year ahead, leases for seven to fifteen")
judged(block, "expectation_cap", "Cap on expected log growth a quarter", "1/q", 0.5, 0.3, 0.7, "fixed",
       "largest growth a planner believes", "0.5 a quarter is 7.4x a year, above every observed series")
judged(block, "opening_shift_growth", "Growth of compute demand at constant price at the opening", "1/q", 0.2, 0.17, 0.25,
       "normal", "log growth a quarter of compute demanded at constant price in 2026H1",
       "a moment, not a prior: the fleet grew 2.2x a year (0.197 a quarter) in H100e and rentals rose 15-40 % in 2026H1")


@block.equation("1/q", opening="opening_shift_growth", label="Realised growth of compute demand at constant price")
def realised_shift_growth(desired_compute_mh100e, desired_compute_mh100e_prev, contract_price_change_prev,
                          demand_elasticity_prev, one_quarter):
    """Realised growth of demanded compute with the price effect taken out."""
    growth = log(desired_compute_mh100e / desired_compute_mh100e_prev) / one_quarter
    return growth - demand_elasticity_prev * contract_price_change_prev


@block.equation("1/q", opening="opening_expected_growth", label="Believed growth before news")
def believed_growth(believed_growth_prev, realised_shift_growth_prev, expectation_gain, one_quarter):
    """Adaptive belief: moves towards what was realised last quarter."""
    return believed_growth_prev + expectation_gain * one_quarter * (realised_shift_growth_prev - believed_growth_prev)


@block.equation("1/q", opening="opening_expected_growth", label="Expected growth of compute demand", report=True)
def expected_growth(believed_growth, realised_shift_growth_prev, believed_growth_prev, expectation_gain, diagnostic_theta,
                    expectation_cap, one_quarter):
    """Belief plus the diagnostic over-weight on news, bounded because nobody plans on more than the cap."""
    news = expectation_gain * one_quarter * (realised_shift_growth_prev - believed_growth_prev)
    return within(believed_growth + diagnostic_theta * news, -expectation_cap, expectation_cap)


@block.initial("1/q", label="Expected growth that the opening orders imply")
def opening_expected_growth(opening_growth_over_lead, expectation_fade, chip_lead_open, one_quarter, expectation_cap):
    """g solved from G(L) = g (1 - exp(-fade L)) / fade at the chip horizon, so that first orders equal guidance."""
    horizon = chip_lead_open + one_quarter
    return within(opening_growth_over_lead * expectation_fade / (1 - exp(-expectation_fade * horizon)),
                  -expectation_cap, expectation_cap)


@block.initial("1", label="Implied exuberance of the opening", report=True)
def implied_exuberance(opening_expected_growth, opening_shift_growth):
    """Expected over realised growth at the opening: above one, orders run ahead of what has been seen."""
    return opening_expected_growth / opening_shift_growth


@block.equation("1/q", label="Exuberance left")
def exuberance_ahead(expected_growth, realised_shift_growth_prev):
    """Expected less realised growth, where expectations run ahead."""
    return positive(expected_growth - realised_shift_growth_prev)
