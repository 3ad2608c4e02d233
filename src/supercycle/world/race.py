"""Race: over-investment out of fear of missing out as the equilibrium of a contest, not a dial.

Firms compete for a platform prize: the winner's share of the rents of a model generation. In a Tullock contest with
exponent r and n equal rivals each spends r (n - 1) / n^2 of the prize; with unequal prizes and r = 1 total effort X solves
sum_i max(0, 1 - X / v_i) = 1. Effort is a flow over the generation's life. Part of it is new capacity: it joins the wish that plans are pulled to.
"""

from __future__ import annotations

from supercycle.equations.functions import exp, log, mean, positive, share, total, where
from supercycle.world.frame import FIRM, Block, judged, sourced, zero

__all__ = ["block"]

block = Block("race", "Race", "A contest for the platform prize lowers the return firms ask for.", mechanism="judged: a Tullock contest for the rents of a model generation; that hyperscalers see the prize so is a reading of their statements, not a measurement")
block.count("rivals", FIRM, "number of hyperscalers in the contest")

sourced(block, "tullock_exponent", "tullock_exponent_r", "Decisiveness of spending in the contest", "1", "triangular",
        high=1.25, reason="a pure-strategy equilibrium needs r <= n / (n - 1) = 1.25 for five rivals; above it the mixed "
        "solution has the same total effort as r = 1.25 at most (full dissipation)")
sourced(block, "winner_takes_share", "winner_takes_share", "Share of the prize kept by the first firm", "1", "triangular")
judged(block, "generation_life_q", "Life of a model generation", "q", 10.0, 8.0, 12.0, "uniform",
       "quarters over which a platform generation earns its rents", "two to three years between platform generations")
sourced(block, "network_regime_hazard", "network_effect_regime_hazard", "Arrival rate of a network-effects regime", "1/year",
        "normal")
sourced(block, "takeoff_regime_hazard", "takeoff_regime_hazard", "Arrival rate of self-improvement", "1/year", "normal")
judged(block, "network_prize_factor", "Effect of network effects on prize and ceilings", "1", 1.5, 1.2, 2.0, "triangular",
       "factor on the winner's share and on monetisation ceilings once lock-in has arrived",
       "search and social platforms monetise two to three times their open-market rivals")
judged(block, "takeoff_growth_boost", "Effect of self-improvement on growth", "1/q", 0.1, 0.04, 0.2, "triangular",
       "extra log growth a quarter of algorithmic efficiency and of monetisation ceilings",
       "half of today's algorithmic pace again; no estimate exists")
block.draw("network_draw", "uniform", "arrival of the network-effects regime")
block.draw("takeoff_draw", "uniform", "arrival of the self-improvement regime")


@block.equation("1", opening=zero("1"), label="Network-effects regime")
def network_regime(network_regime_prev, network_draw, network_regime_hazard, year_per_quarter, one_quarter):
    """One once the regime has arrived; it does not leave."""
    arrives = network_draw < network_regime_hazard * year_per_quarter * one_quarter
    return where(arrives, 1.0, network_regime_prev)


@block.equation("1", opening=zero("1"), label="Self-improvement regime")
def takeoff_regime(takeoff_regime_prev, takeoff_draw, takeoff_regime_hazard, year_per_quarter, one_quarter):
    """One once the regime has arrived; it does not leave."""
    arrives = takeoff_draw < takeoff_regime_hazard * year_per_quarter * one_quarter
    return where(arrives, 1.0, takeoff_regime_prev)


@block.equation("USD_bn", label="Platform prize")
def platform_prize_usd_bn(winner_takes_share, network_regime, network_prize_factor, ai_gross_profit_usd_bn_prev,
                          generation_life_q, expectation_curve, expected_growth):
    """The winner's share of a generation's rents: last quarter's gross profit, grown as expected to the middle of the generation's life."""
    lock_in = 1 + network_regime * (network_prize_factor - 1)
    grown = exp(log(1 + expectation_curve * expected_growth * mean(0, generation_life_q)) / expectation_curve)
    return winner_takes_share * lock_in * positive(ai_gross_profit_usd_bn_prev) * grown * generation_life_q


@block.equation("USD_bn/q", label="Contest effort, equal rivals", source="Tullock 1980, Efficient rent seeking")
def race_effort_symmetric(tullock_exponent, rivals, platform_prize_usd_bn, generation_life_q):
    """Total effort of n equal rivals, r (n - 1) / n of the prize, as a flow over the generation's life."""
    return tullock_exponent * (rivals - 1) / rivals * platform_prize_usd_bn / generation_life_q


@block.equation("USD_bn", axis=FIRM, label="Prize as each firm values it")
def firm_prize_usd_bn(platform_prize_usd_bn, firm_build_weight, rivals):
    """A firm values the prize in proportion to its weight in the build-out (equal weights: everyone values it whole)."""
    return platform_prize_usd_bn * firm_build_weight * rivals


@block.equation("USD_bn", label="Upper bound of effort")
def race_effort_bound(firm_prize_usd_bn):
    """Total effort never exceeds the sum of the prizes."""
    return total(firm_prize_usd_bn)


@block.solve("USD_bn", between=(zero("USD_bn"), "race_effort_bound"), iterations=45,
             label="Contest effort, unequal rivals (r = 1)", source="Stein 2002, Asymmetric rent-seeking with more than two contestants, Public Choice 113")
def race_effort_asymmetric(race_effort_asymmetric, firm_prize_usd_bn, race_effort_bound):
    """X with sum of max(0, 1 - X / v_i) equal to one (Stein 2002, asymmetric rent-seeking with more than two
    rivals); no prize, no effort.
    """
    win = positive(1 - share(race_effort_asymmetric, firm_prize_usd_bn, 1))
    return where(race_effort_bound > 0, 1 - total(win), 0)


@block.equation("USD_bn/q", label="Contest effort", report=True)
def race_effort_usd_bn(race_effort_asymmetric, tullock_exponent, generation_life_q):
    """Effort of unequal rivals scaled by the exponent, as a flow over the generation's life."""
    return tullock_exponent * race_effort_asymmetric / generation_life_q


judged(block, "race_new_capacity", "Part of the race's effort that is new capacity", "1", 1.0, 0.7, 1.0, "triangular",
       "share of contest spending that goes beyond what compute earns",
       "the rest is spent on what is built anyway, on people and on prices; not identified: shown as a lever")


@block.equation("GW_it/q", label="Over-investment by the race", report=True)
def race_overinvestment_it_gw(race_effort_usd_bn, race_new_capacity, it_cost_prev, facility_cost_prev):
    """Gigawatts a quarter that the race wishes for on top of what compute earns."""
    return race_effort_usd_bn * race_new_capacity / (it_cost_prev + facility_cost_prev)
