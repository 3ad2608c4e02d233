"""A deal's lease in the lessee's books: the criteria, the label under both standards, and each year's cost.

Everything is computed from the block ``accounting`` and the contract it names; nothing here is a label that was typed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from supercycle.core.errors import InputError
from supercycle.deals.calendar.daycounts import add_months
from supercycle.deals.calendar.periods import Periods
from supercycle.deals.document.schema import Accounting, Contract, Deal
from supercycle.deals.measures.lessee import (
    LIFE_SHARE,
    VALUE_SHARE,
    Classification,
    LeaseBooks,
    classify,
    lease_books,
)

__all__ = ["Lease", "classified", "fixed_payments", "lease_of", "lessee_side", "present_value"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Lease:
    """The contract that the block ``accounting`` names, with what that block says."""

    deal: Deal
    book: Accounting
    contract: Contract

    @property
    def term_years(self) -> float:
        """The accounting term: the initial one and the options that are reasonably certain."""
        return self.contract.term_years + self.book.options_counted * self.contract.option_years

    @property
    def longest_years(self) -> float:
        """The term with every option exercised."""
        return self.contract.term_years + self.contract.options * self.contract.option_years


def lease_of(deal: Deal) -> Lease:
    """The lease of the deal's block ``accounting``; InputError where there is none."""
    if deal.accounting is None:
        raise InputError("the deal has no block accounting", where=deal.where)
    return Lease(deal, deal.accounting, next(c for c in deal.contracts if c.name == deal.accounting.contract))


def fixed_payments(lease: Lease, years: float, *, guarantee: float = 0.0) -> Floats:
    """The rent of each period over the first ``years`` of the lease, and what is owed on the guarantee at their end.

    The lessee pays the whole rent: ``received_share`` says what this borrower gets of it. Rent that follows the
    world is no fixed payment (ASC 842-10-30-5, IFRS 16.27) and is refused.
    """
    contract, months = lease.contract, lease.deal.calendar.months
    count = round(years * 12 / months)
    if contract.kind != "lease" or count < 1:
        raise InputError("the lessee's books need a lease", got=contract.kind, where=lease.book.where)
    if contract.rent.by_path:
        raise InputError("rent that follows the world is no fixed payment", where=contract.rent.where)
    own = Periods(contract.start, count, months)
    grown = (1 + contract.escalator) ** np.floor(np.arange(count) * months / 12 + 1e-9)
    payments = contract.rent.level(own, {}) * grown / own.per_year
    payments[-1] += guarantee
    return payments


def present_value(payments: Floats, rate: float, per_year: int) -> float:
    """What the payments, at period ends, are worth at the start: sum of payment_t (1 + rate)^(-t / per_year).

    >>> round(present_value(np.array([110.0]), 0.1, 1), 9)
    100.0
    """
    return float(payments @ (1 + rate) ** (-np.arange(1, len(payments) + 1) / per_year))


def classified(lease: Lease, years: float, *, with_guarantee: bool) -> tuple[Classification, float]:
    """The label for a term of ``years`` and the present value it was tested on.

    With the guarantee, the whole of it counts in the 90 % test, discounted from the end of the term
    (ASC 842-10-25-2(d)); without, only what the lessee expects to owe.
    """
    book, per_year = lease.book, 12 // lease.deal.calendar.months
    rents = fixed_payments(lease, years)
    owed = max(book.guarantee_maximum, book.guarantee_expected) if with_guarantee else book.guarantee_expected
    worth = present_value(rents, book.borrowing_rate, per_year) + owed * (1 + book.borrowing_rate) ** -years
    shown = classify(
        term_years=years, life_years=book.life_years, present_value=worth, fair_value=book.fair_value,
        title=book.title_transfers, purchase=book.purchase_certain, specialised=book.specialised,
    )  # fmt: skip
    return shown, worth


def lessee_side(deal: Deal) -> dict[str, Any]:
    """The five criteria and both labels, with and without the guarantee; liability, asset and cost by lease year."""
    lease = lease_of(deal)
    per_year, term = 12 // deal.calendar.months, lease.term_years
    payments = fixed_payments(lease, term, guarantee=lease.book.guarantee_expected)
    found: dict[str, Any] = {
        "contract": lease.contract.name,
        "term_years": term,
        "liability_at_start": present_value(payments, lease.book.borrowing_rate, per_year),
        "payments_total": float(payments.sum()),
    }
    for word, counted in (("without_guarantee", False), ("with_guarantee", True)):
        found[word] = _told(*classified(lease, term, with_guarantee=counted))
    for standard, name in (("operating", "us_gaap_operating"), ("finance", "ifrs_and_us_gaap_finance")):
        books = lease_books(payments, lease.book.borrowing_rate, per_year, standard=standard)
        found[name] = _by_year(lease, books, found["liability_at_start"])
    return found


def _told(shown: Classification, worth: float) -> dict[str, Any]:
    """Each of the five tests with what was measured and the level that meets it."""
    tests = {
        "title": {"measured": shown.title, "level": True},
        "purchase option": {"measured": shown.purchase, "level": True},
        "term": {"measured": shown.life_share, "level": LIFE_SHARE},
        "present value": {"measured": shown.value_share, "level": VALUE_SHARE},
        "specialised": {"measured": shown.specialised, "level": True},
    }
    return {
        "us_gaap": shown.us_gaap, "ifrs": shown.ifrs, "met": list(shown.met), "present_value": worth,
        "life_share": shown.life_share, "value_share": shown.value_share,
        "tests": {name: {**said, "met": name in shown.met} for name, said in tests.items()},
    }  # fmt: skip


def _by_year(lease: Lease, books: LeaseBooks, opening: float) -> list[dict[str, Any]]:
    """By year of the lease: what the profit and loss account shows, and the balance sheet at its end."""
    count, per_year = len(books.payments), 12 // lease.deal.calendar.months
    rows: list[dict[str, Any]] = []
    before = {"liability": opening, "asset": opening}
    for year in range(-(-count // per_year)):
        span = slice(year * per_year, min((year + 1) * per_year, count))
        row = {
            "year_from": str(add_months(lease.contract.start, 12 * year)),
            "cost": float(books.cost[span].sum()),
            "interest": float(books.interest[span].sum()),
            "depreciation": float(books.depreciation[span].sum()),
            "payments": float(books.payments[span].sum()),
            "liability_before": before["liability"],
            "asset_before": before["asset"],
            "liability": float(books.liability[span][-1]),
            "asset": float(books.asset[span][-1]),
        }
        before = {"liability": row["liability"], "asset": row["asset"]}
        rows.append(row)
    return rows
