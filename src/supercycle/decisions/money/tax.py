"""Depreciation for tax and for the books, losses carried forward, and the value after tax.

Tax and book lives are different things: the tax schedule decides cash, the book life decides reported profit, and the
difference is deferred tax. The tax rule alone can turn a decision.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from supercycle.core.errors import InputError, UnknownNameError

__all__ = ["MACRS_5", "RULES", "after_tax_npv", "straight_line", "tax_schedule", "taxes_with_losses"]

Floats = NDArray[np.float64]

# 5-year property, 200 % declining balance, half-year convention: IRS Publication 946, table A-1.
MACRS_5 = (0.20, 0.32, 0.192, 0.1152, 0.1152, 0.0576)
RULES = ("bonus", "macrs", "straight_line")
_LOSS_LIMIT = 0.80  # 26 U.S.C. 172(a)(2): a carried loss may offset at most 80 % of a year's taxable income


def straight_line(life_years: int) -> Floats:
    """Equal shares over a life. Limit: a life of 1 year is expensing. Errors: InputError for less than a year."""
    if life_years < 1:
        raise InputError("depreciation life", expected="1 year or more", got=life_years)
    return np.full(life_years, 1.0 / life_years)


def tax_schedule(rule: str, life_years: int = 5) -> Floats:
    """Share of cost deducted in each tax year: bonus (all in year 1), macrs (5-year table) or straight_line.

    100 % bonus holds for US property acquired after 19 January 2025 (Public Law 119-21). Every schedule sums to 1.
    Errors: UnknownNameError for another rule.

    >>> tax_schedule("bonus").tolist(), round(float(tax_schedule("macrs").sum()), 12)
    ([1.0], 1.0)
    """
    if rule == "bonus":
        return np.ones(1)
    if rule == "macrs":
        return np.array(MACRS_5)
    if rule == "straight_line":
        return straight_line(life_years)
    raise UnknownNameError("depreciation rule", rule, RULES)


def taxes_with_losses(deductions: Floats, rate: float, other_income: float | None) -> Floats:
    """Tax saved in each year [year, path] by ``deductions`` [year, path] against other income of the same owner.

    ``other_income`` a year; None means always enough, so that a deduction saves rate x deduction at once. Else
    losses are carried forward without end and offset at most 80 % of a later year's income. A negative deduction
    (a gain) is income.
    Limits: no income, no saving; enough income, the same as None.
    Errors: InputError for a rate outside 0..1 or a negative income.

    >>> taxes_with_losses(np.array([[100.0], [0.0]]), 0.25, 80.0).ravel().tolist()
    [20.0, 5.0]
    """
    if not 0 <= rate < 1:
        raise InputError("tax rate", expected="0 to below 1", got=rate)
    if other_income is None:
        return rate * deductions
    if not other_income >= 0:
        raise InputError("taxable income", expected="0 USD a year or more", got=other_income)
    saved = np.zeros_like(deductions)
    carried = np.zeros(deductions.shape[1:])
    for year, deduction in enumerate(deductions):
        income = other_income - deduction
        loss = np.maximum(-income, 0.0)
        used = np.minimum(carried, _LOSS_LIMIT * np.maximum(income, 0.0))
        saved[year] = rate * (other_income - (np.maximum(income, 0.0) - used))
        carried = carried + loss - used
    return saved


def after_tax_npv(
    capital: float,
    yearly_cash: Floats,
    *,
    tax_rate: float,
    discount_rate: float,
    rule: str,
    salvage: float = 0.0,
    tax_life_years: int = 5,
) -> float:
    """NPV after tax of paying ``capital`` now for ``yearly_cash`` [year] before tax, sold at the end for ``salvage``.

    ``-capital + sum(((cash - dep) (1 - tax) + dep) / (1 + r) ** year) + (salvage - tax (salvage - basis)) / (1 +
    r) ** n``. A deduction after the last year is not lost: what is left of the basis is deducted from the sale.
    Limits: tax 0 makes every rule equal; with bonus and salvage 0 capital costs (1 - tax / (1 + r)) of itself.
    Source: Brealey, Myers and Allen, Principles of Corporate Finance, chapter 6.

    >>> cash = np.array([121.0])
    >>> round(after_tax_npv(100.0, cash, tax_rate=0.0, discount_rate=0.10, rule="bonus"), 9)
    10.0
    """
    years = len(yearly_cash)
    schedule = np.zeros(years)
    full = tax_schedule(rule, tax_life_years)[:years]
    schedule[: len(full)] = full
    deducted = capital * schedule
    basis = capital - deducted.sum()
    flows = (yearly_cash - deducted) * (1 - tax_rate) + deducted
    flows[-1] += salvage - tax_rate * (salvage - basis)
    factors = (1 + discount_rate) ** -np.arange(1, years + 1, dtype=np.float64)
    return float(flows @ factors - capital)
