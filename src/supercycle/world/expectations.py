"""Expectations: how far and how long planners think compute demand will grow.

What matters for orders is the growth of compute demanded at constant price (realised growth plus elasticity times the
price change), not revenue, which also holds efficiency and price tiers. Believed growth follows what is seen; over a horizon h it
fades in proportion to itself, dg/dh = -c g^2, so that expected log growth is G(h) = log(1 + c g h) / c: fast growth is expected to
slow soon, slow growth to last. Nothing at the opening is solved for: first orders come from plans (block 3).
"""

from __future__ import annotations

from supercycle.equations.functions import log, positive, within
from supercycle.world.frame import Block, judged, sourced

__all__ = ["block"]

block = Block("expectations", "Expectations", "Extrapolative expectations of the shift of compute demand.", mechanism="judged: adaptive expectations that over-weight news have the form of Bordalo, Gennaioli and Shleifer 2018 (Journal of Finance 73); how fast they move is set so that first orders equal guidance")

sourced(block, "expectation_gain", "expectation_gain_per_quarter", "Weight of the latest quarter in expected growth", "1/q",
        "normal")
sourced(block, "diagnostic_theta", "diagnostic_theta", "Over-weight put on news", "1", "normal")
judged(block, "expectation_curve", "How fast expected growth fades by its own size", "1", 2.0, 1.3, 2.5, "triangular",
       "c in G(h) = log(1 + c g h) / c",
       "a fixed point, not a fit to history (history 2023-26 only accelerates): with it planners' own errors at nine and sixteen quarters are small on the model's "
       "median path without a bust (docs/base-case.md); a prototype's was 1.5")
judged(block, "expectation_cap", "Cap on expected log growth a quarter", "1/q", 0.5, 0.3, 0.7, "fixed",
       "largest growth a planner believes", "0.5 a quarter is 7.4x a year, above every observed series")
judged(block, "opening_shift_growth", "Growth of compute demand at constant price at the opening", "1/q", 0.2, 0.17, 0.25,
       "normal", "log growth a quarter of compute demanded at constant price in 2026H1",
       "a moment, not a prior: the fleet grew 2.2x a year (0.197 a quarter) in H100e and rentals rose 15-40 % in 2026H1")


@block.equation("1/q", opening="opening_shift_growth", label="Realised growth of compute demand at constant price")
def realised_shift_growth(desired_compute_mh100e, desired_compute_mh100e_prev, inference_mh100e_prev, training_mh100e_prev, captive_mh100e_prev, demand_elasticity,
                          service_price_log, service_price_log_prev, efficiency_log, efficiency_log_prev, book_price_prev, book_price_prev2, captive_price, captive_price_prev,
                          one_quarter):
    """Growth of demanded compute with the effect of compute prices taken out as each use pays them: services for customers at their price net of
    efficiency, training budgets at the book, owners at their own cost. A price that is felt later is taken out later, so it is not read as growth.
    """
    growth = log(desired_compute_mh100e / desired_compute_mh100e_prev)
    services = demand_elasticity * (service_price_log - service_price_log_prev + efficiency_log - efficiency_log_prev) * inference_mh100e_prev
    budgets = log(book_price_prev / book_price_prev2) * training_mh100e_prev + log(captive_price / captive_price_prev) * captive_mh100e_prev
    return (growth - (services - budgets) / desired_compute_mh100e_prev) / one_quarter


@block.equation("1/q", opening="opening_shift_growth", label="Believed growth before news")
def believed_growth(believed_growth_prev, realised_shift_growth_prev, expectation_gain, one_quarter):
    """Adaptive belief: moves towards what was realised last quarter."""
    return believed_growth_prev + expectation_gain * one_quarter * (realised_shift_growth_prev - believed_growth_prev)


@block.equation("1/q", opening="opening_shift_growth", label="Expected growth of compute demand", report=True)
def expected_growth(believed_growth, realised_shift_growth_prev, believed_growth_prev, expectation_gain, diagnostic_theta,
                    expectation_cap, one_quarter, expected_growth_floor):
    """Belief plus the diagnostic over-weight on news, between a slow fall and the cap because nobody plans beyond either."""
    news = expectation_gain * one_quarter * (realised_shift_growth_prev - believed_growth_prev)
    return within(believed_growth + diagnostic_theta * news, expected_growth_floor, expectation_cap)


judged(block, "expected_growth_floor", "Largest fall of demand that planners extrapolate", "1/q", -0.018, -0.019, -0.01, "fixed",
       "log growth a quarter", "G(h) needs 1 + c g h above zero over the longest horizon, twenty quarters: c = 2.5 allows -0.019; nobody plans on "
       "a fall of a tenth a year to go on for years")


@block.equation("1/q", label="Exuberance left")
def exuberance_ahead(expected_growth, realised_shift_growth_prev):
    """Expected less realised growth, where expectations run ahead."""
    return positive(expected_growth - realised_shift_growth_prev)
