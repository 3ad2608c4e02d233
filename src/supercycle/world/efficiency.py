"""Efficiency: algorithms lower the compute a service needs; jumps arrive with a hazard and spread with a lag.

Whether a jump strands capacity or raises demand is decided by the elasticity of demand, not assumed: compute needed is
spending over (service price x efficiency), and price follows cost with a lag while efficiency is already in use.
"""

from __future__ import annotations

from supercycle.equations.functions import exp, log, where
from supercycle.world.frame import Block, judged, sourced, zero

__all__ = ["block"]

block = Block("efficiency", "Efficiency", "Algorithmic efficiency: a fading trend, jumps, and their spread.", mechanism="judged: progress is a fading trend with jumps; nothing published says how it ends")

sourced(block, "algorithmic_progress", "algorithmic_progress", "Algorithmic efficiency gained in a year", "1", "lognormal",
        low=1.5, reason="lower bound widened to the sceptic's scale-independent 1.5x (Gundlach et al. 2025), the other side of "
        "a contested factor")
judged(block, "algorithmic_fade", "Fade of algorithmic progress", "1/q", 0.027, 0.02, 0.04, "lognormal",
       "rate at which progress fades", "half-life of five to eight years: constant progress to 2035 is 10^4")
sourced(block, "jump_hazard", "jump_hazard", "Arrival rate of an efficiency jump", "1/year", "lognormal")
sourced(block, "jump_size", "jump_size", "Size of an efficiency jump", "1", "lognormal")
judged(block, "jump_adoption", "Speed at which a jump is put to use", "1/q", 0.35, 0.2, 0.5, "triangular",
       "share of the remaining gap closed in a quarter", "DeepSeek's methods were in most stacks within two to four quarters")
judged(block, "imposed_jump_quarter", "Quarter of an imposed jump", "q", 0.0, 0.0, 38.0, "switch", "0 for none, else quarters from 2026Q2",
       "scenario switch")
judged(block, "imposed_jump_size", "Size of an imposed jump", "1", 1.0, 1.0, 20.0, "switch", "factor of an imposed jump", "scenario switch")
block.draw("jump_draw", "uniform", "arrival of an efficiency jump")


@block.initial("1/q")
def algorithmic_growth_open(algorithmic_progress, one_year):
    """Yearly factor as log growth a quarter."""
    return log(algorithmic_progress) / one_year


@block.equation("1/q", opening="algorithmic_growth_open", label="Growth of algorithmic efficiency")
def algorithmic_growth(algorithmic_growth_prev, algorithmic_fade, one_quarter):
    """The trend, fading."""
    return algorithmic_growth_prev * exp(-algorithmic_fade * one_quarter)


@block.equation("1", label="Log of the jump that arrives")
def jump_log(jump_draw, jump_hazard, year_per_quarter, one_quarter, jump_size, t, imposed_jump_quarter, imposed_jump_size):
    """A drawn or imposed jump this quarter."""
    drawn = where(jump_draw < 1 - exp(-jump_hazard * year_per_quarter * one_quarter), log(jump_size), 0)
    imposed = where((t >= imposed_jump_quarter) & (t < imposed_jump_quarter + one_quarter) & (imposed_jump_quarter > 0),
                    log(imposed_jump_size), 0)
    return drawn + imposed


@block.equation("1", opening=zero("1"), label="Log of jumps not yet in use")
def jump_gap_log(jump_gap_log_prev, jump_log, jump_adoption, one_quarter):
    """Arrived jumps less what is in use."""
    return jump_gap_log_prev * (1 - jump_adoption * one_quarter) + jump_log


@block.equation("1", opening=zero("1"), label="Log efficiency in use", report=True)
def efficiency_log(efficiency_log_prev, algorithmic_growth, jump_gap_log_prev, jump_adoption, takeoff_regime,
                   takeoff_growth_boost, one_quarter):
    """Trend, take-off and the spread of jumps; zero at the opening."""
    return (efficiency_log_prev + (algorithmic_growth + takeoff_regime * takeoff_growth_boost) * one_quarter
            + jump_gap_log_prev * jump_adoption * one_quarter)
