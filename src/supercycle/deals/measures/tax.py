"""Owners' tax on a vehicle that pays none itself: income as cash moves, depreciation by tax year, losses and credits.

    income_y = revenue + guarantees + interest on cash + sales + swaps - running costs - interest and fees
               - depreciation_y - cost not yet depreciated of what is sold
    tax_y = rate x (income_y - losses carried into it) - credits_y

Interest and fees before operations are part of the cost. Debt that is never repaid is no income here.
"""

from __future__ import annotations

import dataclasses
import datetime
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from supercycle.deals.document.schema import Depreciation
from supercycle.deals.engine.waterfall import CODE
from supercycle.deals.measures.tables import fiscal_year
from supercycle.deals.run import Run

__all__ = ["MACRS", "TaxResult", "deductions", "owners_tax", "tax_years"]

Floats = NDArray[np.float64]
# Percent of cost by year of recovery. Source: IRS Publication 946, table A-1 (half-year convention).
MACRS: dict[str, tuple[float, ...]] = {
    "macrs_5": (20, 32, 19.2, 11.52, 11.52, 5.76),
    "macrs_7": (14.29, 24.49, 17.49, 12.49, 8.93, 8.92, 8.93, 4.46),
    "macrs_15": (5, 9.5, 8.55, 7.7, 6.93, 6.23, 5.9, 5.9, 5.91, 5.9, 5.91, 5.9, 5.91, 5.9, 5.91, 2.95),
}
CREDIT_IN_BASIS = (
    0.5  # Source: 26 USC 50(c)(3): the basis is reduced by half of an investment credit on energy property
)


@dataclass(frozen=True, slots=True)
class TaxResult:
    """By tax year, [year, path]; ``paid`` is by period. Tax below 0 is what owners save on other income."""

    years: tuple[int, ...]
    before: Floats  # income before depreciation
    depreciation: Floats  # of the year, and what is left of what was sold
    income: Floats
    carried: Floats  # losses carried into the next year
    credits: Floats  # used
    tax: Floats
    paid: Floats  # [period, path], on the last payment date of each tax year


def tax_years(run: Run) -> list[int]:
    """The tax year of each period: that of its last day."""
    deal, day = run.prepared.deal, datetime.timedelta(days=1)
    return [fiscal_year(e - day, deal.calendar.year_ends) for e in run.prepared.periods.ends]


def deductions(
    cost: float, one: Depreciation, service: datetime.date, years: range, year_ends: int
) -> list[float]:
    """What of a cost is deducted in each tax year, for an asset in service from a date.

    >>> plant = Depreciation(asset="a", method="macrs_5")
    >>> deductions(100.0, plant, datetime.date(2026, 5, 1), range(2026, 2029), 12)
    [20.0, 32.0, 19.2]
    """
    basis = cost * one.share * (1 - CREDIT_IN_BASIS * one.credit)
    first = fiscal_year(service, year_ends)
    at_once, left = basis * one.bonus, basis * (1 - one.bonus)
    found: list[float] = []
    for year in years:
        if one.method == "straight_line":
            share = _days_in(year, service, one.life_years, year_ends)
        else:
            table = MACRS[one.method]
            share = table[year - first] / 100 if 0 <= year - first < len(table) else 0.0
        found.append(left * share + (at_once if year == first else 0.0))
    return found


def _days_in(year: int, start: datetime.date, life: float, year_ends: int) -> float:
    """The share of a life, counted in days from its start, that lies in a tax year."""
    month = year_ends % 12 + 1
    opens = datetime.date(year - (month != 1), month, 1).toordinal()
    closes = datetime.date(year + (month == 1), month, 1).toordinal()
    days = 365.25 * life
    begin = start.toordinal()
    return max(min(begin + days, closes) - max(begin, opens), 0.0) / days


def owners_tax(run: Run) -> TaxResult | None:
    """Tax by year and path; None without a block tax."""
    ready, deal = run.prepared, run.prepared.deal
    rule = deal.tax
    if rule is None:
        return None
    labels = tax_years(run)
    years = range(labels[0], labels[-1] + 1)
    at = np.array([label - years[0] for label in labels])

    def by_year(rows: Floats) -> Floats:
        total = np.zeros((len(years), run.paths))
        np.add.at(total, at, rows)
        return total

    before = by_year(_income(run))
    depreciation, credits = _deducted(run, years, at)
    made = rule.production_credit.mean(ready.periods, ready.values) * ready.periods.years
    begun = np.arange(ready.periods.count) >= ready.cash.completion
    going = 1.0 - np.concatenate([np.zeros((1, run.paths)), _ended(run)[:-1]])
    credits = credits + by_year((made * begun)[:, None] * going)
    income = before - depreciation
    carried, used, tax = (np.zeros_like(income) for _ in range(3))
    losses: Any = np.zeros(run.paths)
    waiting: Any = np.zeros(run.paths)
    for y in range(len(years)):
        if rule.losses == "used":
            used[y] = credits[y]
            tax[y] = rule.rate * income[y] - credits[y]
            continue
        gain = np.maximum(income[y], 0.0)
        offset = np.minimum(losses, rule.carried_share * gain)
        losses = losses - offset + np.maximum(-income[y], 0.0)
        due = rule.rate * (gain - offset)
        waiting = waiting + credits[y]
        used[y] = np.minimum(waiting, due)
        waiting = waiting - used[y]
        carried[y], tax[y] = losses, due - used[y]
    paid = np.zeros((ready.periods.count, run.paths))
    last = {label: t for t, label in enumerate(labels)}
    for y, year in enumerate(years):
        # A year without a payment date of its own is settled on the next one.
        t = last[year] if year in last else next(t for t, label in enumerate(labels) if label > year)
        paid[t] += tax[y]
    return TaxResult(tuple(years), before, depreciation, income, carried, used, tax, paid)


def _income(run: Run) -> Floats:
    """Income before depreciation by period: as cash moves, from the first period of operations."""
    deal = run.prepared.deal
    total = run["revenue"] + run["guarantee"] + run["cash_interest"] + run["sale"] - run["opex"]
    for swap in deal.swaps:
        total = total + run[f"{swap.name}.received"] - run[f"{swap.name}.paid"]
    return total - _interest(run) * (np.arange(len(total)) >= run.prepared.cash.completion)[:, None]


def _interest(run: Run) -> Floats:
    total = np.zeros((run.prepared.periods.count, run.paths))
    for facility in run.prepared.deal.facilities:
        if not facility.preferred:
            total = total + sum(run[f"{facility.name}.{w}"] for w in ("interest", "added", "fees"))
    return total


def _ended(run: Run) -> Floats:
    """1 from the date on which everything was sold."""
    lapsed = np.asarray(run.prepared.cash.lapsed) > 0
    wide = lapsed[:, None] if lapsed.ndim == 1 else lapsed
    return np.maximum.accumulate(wide | (run["state"] == CODE["accelerated"]), axis=0).astype(float)


def _deducted(run: Run, years: range, at: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """(depreciation by year and path with what is left of what is sold, investment credits by year and path)."""
    ready, deal, rule = run.prepared, run.prepared.deal, run.prepared.deal.tax
    assert rule is not None
    periods, ends = ready.periods, deal.calendar.year_ends
    building = (np.arange(periods.count) < ready.cash.completion)[:, None]
    added = (_interest(run) * building).sum(axis=0)  # by path
    spent = float(ready.cash.spend.sum())
    service = periods.starts[min(ready.cash.completion, periods.count - 1)]
    ended = _ended(run)
    total, credits = (np.zeros((len(years), run.paths)) for _ in range(2))
    for one in rule.depreciation:
        asset = next(a for a in deal.assets if a.name == one.asset)
        unit, cost, credit = np.zeros(len(years)), 0.0, np.zeros(len(years))
        for date, amount in asset.spend.events(periods):
            day = max(date, service)
            unit += deductions(amount, one, day, years, ends)
            cost += amount
            credit[fiscal_year(day, ends) - years[0]] += amount * one.share * one.credit
        # Interest while building is part of the cost, spread over assets as their spend is; it earns no credit.
        own = np.array(deductions(1.0, _plain(one), service, years, ends))
        extra = added * (cost / spent if spent else 0.0)
        rows = unit[:, None] + own[:, None] * extra
        # What is not depreciated, as land, is deducted when it is sold.
        basis = cost * (1 - one.share * CREDIT_IN_BASIS * one.credit) + extra
        sold = np.asarray(ready.cash.sold[one.asset])
        gone = np.maximum(
            ended, np.minimum(np.cumsum(sold[:, None] if sold.ndim == 1 else sold, axis=0), 1.0)
        )
        total = total + _until_sold(rows, basis, gone, at)
        # Credits are of the first year; a sale before it leaves none.
        credits = credits + credit[:, None]
    return total, credits


def _plain(one: Depreciation) -> Depreciation:
    return dataclasses.replace(one, credit=0.0)


def _until_sold(rows: Floats, basis: Floats, gone: Floats, at: NDArray[np.int64]) -> Floats:
    """Depreciation up to the year of the sale, in which all that is left is deducted, and nothing after it."""
    sold_in = np.full(rows.shape[1], len(rows))
    for t in range(len(at) - 1, -1, -1):
        sold_in = np.where(gone[t] > 0, at[t], sold_in)
    index = np.arange(len(rows))[:, None]
    kept = np.where(index < sold_in, rows, 0.0)
    rest = basis - kept.sum(axis=0)
    return np.where(index == sold_in, rest, kept)
