"""Generations: each model generation is a venture; the company is all ventures less the next one.

A generation is trained in the year before its release and sold from then on. Sales are shared among the generations on offer by
weight: one while a generation is at the frontier, then falling with the revenue life. What a generation earns is its share of the
labs' gross profit; what it cost is the training of its year. Summed over generations the ventures are the company before other
costs: the two views differ only in when a cost is counted (the identity is checked).
"""

from __future__ import annotations

from supercycle.equations.functions import exp, positive, share, where
from supercycle.equations.spec import Axis
from supercycle.world.frame import Block, sourced, zero

__all__ = ["GENERATION", "block"]

block = Block("generations", "Generations", "Model generations as ventures, which add up to the labs.", mechanism="judged: sales are shared among generations by age; the weights follow the prices of models that were overtaken")

GENERATION = Axis("generation", ("before", "2026", "2027", "2028", "2029", "2030", "2031", "2032", "2033", "2034", "2035"))

sourced(block, "revenue_life_months", "model_revenue_life", "Months a generation keeps most of its revenue", "month", "lognormal",
        reason="the row is the window in which a model keeps most of its peak; what is left then falls at the same pace")
sourced(block, "frontier_months", "commoditisation_lag", "Months until a level is matched by open weights", "month", "lognormal")

for _i, _member in enumerate(GENERATION.members):
    # released in the first quarter of its year (2026Q2 is 0, so 2027Q1 is 3); the newest at the opening came out in 2026Q1
    _release = -5.0 if _i == 0 else -1.0 + 4.0 * (_i - 1)
    block.param(f"generation_release:{_member}", f"Release of generation {_member}", "q", _release, _release, _release, "fixed",
                "quarter of release, counted from 2026Q2 = 0", source="calendar", evidence="measured")
block.family("generation_release", GENERATION)


@block.equation("1", axis=GENERATION, label="Weight of the generation in sales")
def generation_weight(t, generation_release, frontier_months, revenue_life_months, months_per_quarter, one_quarter):
    """One at the frontier; from the lag at which open weights match it, falling with the revenue life."""
    age = t - generation_release
    stale = positive(age * months_per_quarter - frontier_months)
    return where(age >= 0 * one_quarter, exp(-stale / revenue_life_months), 0)


block.total("generation_weights", of="generation_weight", unit="1", meaning="weights of all generations on offer")


@block.equation("USD_bn/q", axis=GENERATION, label="Revenue of the generation")
def generation_revenue_usd_bn(lab_revenue_usd_bn, generation_weight, generation_weights):
    """Labs' revenue by weight."""
    return lab_revenue_usd_bn * share(generation_weight, generation_weights, 0)


@block.equation("1", axis=GENERATION, label="The generation is being trained")
def generation_in_training(t, generation_release, one_year):
    """One in the four quarters before release."""
    return where((t >= generation_release - one_year) & (t < generation_release), 1, 0)


@block.equation("USD_bn/q", axis=GENERATION, label="Cash of the venture", report=True)
def venture_cash_usd_bn(generation_revenue_usd_bn, lab_revenue_usd_bn, lab_inference_usd_bn, generation_in_training, training_usd_bn):
    """Its share of gross profit less its training."""
    served = generation_revenue_usd_bn - lab_inference_usd_bn * share(generation_revenue_usd_bn, lab_revenue_usd_bn, 0)
    return served - generation_in_training * training_usd_bn


@block.equation("USD_bn", axis=GENERATION, opening=zero("USD_bn"), label="Gross profit of the generation so far", report=True)
def venture_earned_usd_bn(venture_earned_usd_bn_prev, venture_cash_usd_bn, generation_in_training, training_usd_bn, one_quarter):
    """What sales have brought since the opening, after inference."""
    return venture_earned_usd_bn_prev + (venture_cash_usd_bn + generation_in_training * training_usd_bn) * one_quarter


@block.equation("USD_bn", axis=GENERATION, opening=zero("USD_bn"), label="Training of the generation so far", report=True)
def venture_trained_usd_bn(venture_trained_usd_bn_prev, generation_in_training, training_usd_bn, one_quarter):
    """What it has cost since the opening."""
    return venture_trained_usd_bn_prev + generation_in_training * training_usd_bn * one_quarter


@block.equation("1", axis=GENERATION, label="Gross profit over training cost of the generation", report=True)
def venture_multiple(venture_earned_usd_bn, venture_trained_usd_bn):
    """Above one the generation has paid for itself; zero before it was trained inside the run."""
    return share(venture_earned_usd_bn, venture_trained_usd_bn, 0)


block.total("venture_cash_all_usd_bn", of="venture_cash_usd_bn", unit="USD_bn/q", meaning="cash of all ventures")


@block.equation("USD_bn/q", label="Training of generations after the horizon")
def training_beyond_usd_bn(training_usd_bn, generations_in_training):
    """Training in a quarter in which no listed generation is trained."""
    return training_usd_bn * (1 - generations_in_training)


block.total("generations_in_training", of="generation_in_training", unit="1", meaning="generations in training")


@block.equation("1", label="Ventures do not add up to the company by")
def venture_gap(venture_cash_all_usd_bn, training_beyond_usd_bn, lab_other_usd_bn, lab_topups_usd_bn, lab_profit_usd_bn, lab_revenue_usd_bn):
    """Ventures less other costs less the company's profit, over revenue: zero."""
    return (venture_cash_all_usd_bn - training_beyond_usd_bn - lab_other_usd_bn - lab_topups_usd_bn - lab_profit_usd_bn) / lab_revenue_usd_bn


block.residual("venture_gap")
