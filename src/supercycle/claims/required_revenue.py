"""Revenue a year that a build-out must earn, in every reading the public debate uses.

All take the cost of the build-out and return USD bn a year. They differ in what "a return" means: interest on
capital that never wears out (perpetuity), interest plus repayment within the assets' lives (capital recovery),
repayment alone (straight line), or all costs and a return out of a margin (cover).
"""

from __future__ import annotations

import math

__all__ = [
    "capital_recovery_factor",
    "cover_with_return",
    "owning_cost",
    "payback_years",
    "perpetuity",
    "recovery",
    "server_cost",
    "straight_line",
    "yearly_steps",
]


def capital_recovery_factor(rate: float, life_years: float) -> float:
    """The level payment at year ends that repays 1 with interest over the life.

    ``rate / (1 - (1 + rate)**-life)``; 1 / life at rate 0; the rate itself for an endless life. Negative rates
    above -1 are allowed. Raises ValueError when the life is not positive or the rate is -1 or less.

    >>> capital_recovery_factor(0.0, 5.0), round(capital_recovery_factor(0.10, 1.0), 12)
    (0.2, 1.1)
    """
    if life_years <= 0 or rate <= -1:
        raise ValueError(f"capital recovery needs a life > 0 and a rate > -1: {life_years}, {rate}")
    if rate == 0:
        return 1 / life_years
    if math.isinf(life_years):
        return rate
    return -rate / math.expm1(-life_years * math.log1p(rate))


def perpetuity(capex_usd_bn: float, return_share: float) -> float:
    """Capital that never wears out: capex x return.

    >>> perpetuity(1000, 0.1)
    100.0
    """
    return capex_usd_bn * return_share


def recovery(
    capex_usd_bn: float,
    it_share: float,
    it_life_years: float,
    facility_life_years: float,
    return_share: float,
) -> float:
    """Return and repayment within separate lives of IT and facility, before any operating cost."""
    it = it_share * capital_recovery_factor(return_share, it_life_years)
    facility = (1 - it_share) * capital_recovery_factor(return_share, facility_life_years)
    return capex_usd_bn * (it + facility)


def straight_line(
    capex_usd_bn: float, it_share: float, it_life_years: float, facility_life_years: float
) -> float:
    """Repayment alone: depreciation of IT and facility, no return at all.

    >>> straight_line(100, 0.5, 4, 8)
    18.75
    """
    return capex_usd_bn * (it_share / it_life_years + (1 - it_share) / facility_life_years)


def cover_with_return(
    capex_usd_bn: float,
    it_share: float,
    it_life_years: float,
    facility_life_years: float,
    return_share: float,
    cash_margin_share: float,
) -> float:
    """Revenue whose cash margin covers the capital recovery: recovery / margin."""
    return (
        recovery(capex_usd_bn, it_share, it_life_years, facility_life_years, return_share) / cash_margin_share
    )


def yearly_steps(capex_usd_bn: float, years: float, margin_share: float) -> float:
    """Sequoia's steps on a whole build-out: each year's capex is a cost of that year, and leaves the margin.

    No life enters: spending is treated as consumed in the year, so a build-out that stops needs nothing.

    >>> yearly_steps(1000, 5, 0.5)
    400.0
    """
    return capex_usd_bn / years / (1 - margin_share)


def owning_cost(
    capex_usd_bn: float,
    it_share: float,
    it_life_years: float,
    facility_life_years: float,
    rate: float,
    opex_usd_bn_per_year: float,
) -> float:
    """Annual cost of owning: capital recovery plus operating cost (Epoch's total cost of ownership)."""
    return recovery(capex_usd_bn, it_share, it_life_years, facility_life_years, rate) + opex_usd_bn_per_year


def server_cost(capex_usd_bn: float, server_share: float, it_life_years: float, rate: float) -> float:
    """The servers' part of the annual cost."""
    return capex_usd_bn * server_share * capital_recovery_factor(rate, it_life_years)


def payback_years(
    capex_usd_bn: float, revenue_usd_bn_per_year: float, cash_margin_share: float, life_years: float
) -> float:
    """Years until the cash margin has repaid the capex; infinite when the asset dies first.

    A leap, not a slope: at the revenue that repays exactly in the last year the value jumps from the life to
    infinity, so a solver must substitute its answer back.

    >>> payback_years(100, 50, 0.5, 5), payback_years(100, 30, 0.5, 5)
    (4.0, inf)
    """
    cash = revenue_usd_bn_per_year * cash_margin_share
    return capex_usd_bn / cash if cash > 0 and capex_usd_bn <= cash * life_years else math.inf
