"""Four statements of an option, in whole cents: cash, profit and loss, balance sheet, key figures.

The option is a unit without income of its own: its group pays what it needs (contributed), so its cash is nil at
year's end. They are of the mean over paths. Levels (net book value, tax basis, losses carried) are computed first
and flows are their differences, so nothing is balanced by a plug; the balance is checked to the cent and
BooksError raised otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from supercycle.core.errors import BooksError
from supercycle.decisions.money.costs import Costs, Ledgered
from supercycle.decisions.money.frame import Frame

__all__ = ["Statements", "statements"]

Floats = NDArray[np.float64]
Cents = list[int]


@dataclass(frozen=True, slots=True)
class Statements:
    """Rows by name, one value per year, in cents (``kpis`` in their own units). Costs are negative."""

    cash: dict[str, Cents]
    profit: dict[str, Cents]
    balance: dict[str, Cents]
    kpis: dict[str, list[float | None]]


def statements(frame: Frame, option: Costs) -> Statements:
    """The statements of an option.

    Identities checked every year: change in cash = operating + investing + financing = 0; assets = liabilities +
    equity; tax expense = current + deferred = tax rate x result before tax.
    Errors: BooksError when one of them fails by a cent (tax: a cent for rounding).
    """
    years, rate = frame.case.years, frame.case.number("finance.tax_rate")
    bills = {name: _cents(-values.mean(axis=1)) for name, values in option.parts.items()}
    book = [_cents(np.array(level)) for level in _levels(option.assets, years, "book")]
    tax_basis = _levels(option.assets, years, "tax")
    before_sale, after_sale = book
    capital = _cents(option.capital.mean(axis=1))
    proceeds = _cents(option.proceeds.mean(axis=1))
    saved = _cents(option.tax_saved.mean(axis=1))
    opening = [0, *after_sale[:-1]]
    depreciation = [before_sale[y] - opening[y] - capital[y] for y in range(years)]
    written_off = [before_sale[y] - after_sale[y] for y in range(years)]
    gain = [proceeds[y] - written_off[y] for y in range(years)]
    deferred_level = _cents(
        _deferred(option, rate, np.array(_levels(option.assets, years, "book")[1]), np.array(tax_basis[1]))
    )
    deferred = np.diff([0, *deferred_level]).tolist()
    before_tax = [sum(row[y] for row in bills.values()) + depreciation[y] + gain[y] for y in range(years)]
    tax_expense = [saved[y] - deferred[y] for y in range(years)]  # income when positive
    result = [before_tax[y] + tax_expense[y] for y in range(years)]
    operating = [sum(row[y] for row in bills.values()) + saved[y] for y in range(years)]
    investing = [proceeds[y] - capital[y] for y in range(years)]
    contributed = [-(operating[y] + investing[y]) for y in range(years)]
    made = Statements(
        cash={
            **{f"paid: {name}": row for name, row in bills.items()},
            "tax saved": saved,
            "operating": operating,
            "capital": [-c for c in capital],
            "sales": proceeds,
            "investing": investing,
            "contributed": contributed,
            "change in cash": [operating[y] + investing[y] + contributed[y] for y in range(years)],
        },
        profit={
            **bills,
            "depreciation": depreciation,
            "gain on sale": gain,
            "result before tax": before_tax,
            "current tax": saved,
            "deferred tax": [-d for d in deferred],
            "result": result,
        },
        balance={
            "equipment": after_sale,
            "cash": [0] * years,
            "assets": list(after_sale),
            "deferred tax liability": deferred_level,
            "contributed": np.cumsum(contributed).tolist(),
            "results carried": np.cumsum(result).tolist(),
            "liabilities and equity": [
                int(deferred_level[y] + sum(contributed[: y + 1]) + sum(result[: y + 1]))
                for y in range(years)
            ],
        },
        kpis=_kpis(frame, option, bills, before_tax),
    )
    _check(option.name, made, rate, before_tax, tax_expense)
    return made


def _cents(amounts: Floats) -> Cents:
    return [round(100 * float(amount)) for amount in amounts]


def _levels(assets: tuple[Ledgered, ...], years: int, which: str) -> tuple[list[float], list[float]]:
    """Mean value left at each year's end before and after that year's sales, by the book or the tax schedule."""
    before, after = [0.0] * years, [0.0] * years
    for asset in assets:
        schedule = asset.book if which == "book" else asset.tax
        cost = float(asset.cost.mean())
        for year in range(asset.year, min(asset.sold_year, years - 1) + 1):
            left = cost * max(1 - float(schedule[: year - asset.year + 1].sum()), 0.0)
            before[year] += left
            after[year] += left if year < asset.sold_year else 0.0
    return before, after


def _deferred(option: Costs, rate: float, book: Floats, basis: Floats) -> Floats:
    """Deferred tax: rate x (book value - tax basis), less tax that losses carried forward will save."""
    deductions = np.zeros(len(book))
    for values in option.parts.values():
        deductions += values.mean(axis=1)
    for asset in option.assets:
        cost = float(asset.cost.mean())
        kept = asset.tax[: asset.sold_year - asset.year + 1]
        for age, share in enumerate(kept):
            deductions[asset.year + age] += share * cost
        deductions[asset.sold_year] += (1 - float(kept.sum())) * cost - float(asset.proceeds.mean())
    carried = np.cumsum(rate * deductions - option.tax_saved.mean(axis=1))
    return rate * (book - basis) - carried


def _kpis(
    frame: Frame, option: Costs, bills: dict[str, Cents], before_tax: Cents
) -> dict[str, list[float | None]]:
    mtok = frame.by_year(frame.mtok).mean(axis=1)
    gpus = option.gpus.mean(axis=1)
    busy = option.busy
    spent = [-sum(row[y] for row in bills.values()) / 100 for y in range(frame.case.years)]
    energy = None if option.energy_kwh is None else option.energy_kwh.mean(axis=1)
    return {
        "Mtok": [float(v) for v in mtok],
        "USD per Mtok, bills": [s / float(m) for s, m in zip(spent, mtok, strict=True)],
        "USD per Mtok, with depreciation": [
            -b / 100 / float(m) for b, m in zip(before_tax, mtok, strict=True)
        ],
        "GPUs owned or reserved": [float(v) for v in gpus],
        "busy GPUs of them": [float(v) for v in busy],
        "busy over owned or reserved": [
            float(b / g) if g > 0 else None for b, g in zip(busy, gpus, strict=True)
        ],
        "energy, MWh": [
            None if energy is None else float(v) / 1000 for v in (mtok if energy is None else energy)
        ],
    }


def _check(name: str, made: Statements, rate: float, before_tax: Cents, tax_income: Cents) -> None:
    for year, (assets, claims) in enumerate(
        zip(made.balance["assets"], made.balance["liabilities and equity"], strict=True)
    ):
        if made.cash["change in cash"][year]:
            raise BooksError(
                f"{name}: cash does not close", expected="0", got=made.cash["change in cash"][year]
            )
        if assets != claims:
            raise BooksError(
                f"{name}, year {year + 1}: the balance sheet",
                expected=f"{assets} cents",
                got=f"{claims} cents",
            )
        # Two roundings of levels and one of the expense.
        if abs(tax_income[year] + rate * before_tax[year]) > 3:
            raise BooksError(
                f"{name}, year {year + 1}: tax",
                expected=f"{-rate * before_tax[year]:.1f} cents",
                got=f"{tax_income[year]}",
            )
