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

__all__ = ["MONTHS", "Lease", "classified", "fixed_payments", "lease_of", "lessee_side", "present_value"]

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
        return self.contract.years + self.book.options_counted * self.contract.option_years

    @property
    def longest_years(self) -> float:
        """The term with every option exercised."""
        return self.contract.years + self.contract.options * self.contract.option_years


def lease_of(deal: Deal) -> Lease:
    """The lease of the deal's block ``accounting``; InputError where there is none."""
    if deal.accounting is None:
        raise InputError("the deal has no block accounting", where=deal.where)
    return Lease(deal, deal.accounting, next(c for c in deal.contracts if c.name == deal.accounting.contract))


MONTHS = 12  # the books are kept by months of the lease, whatever the calendar of the debt


def fixed_payments(lease: Lease, years: float, *, guarantee: float = 0.0) -> tuple[float, Floats]:
    """(rent paid on the first day, rent paid at the end of each month) over the first ``years`` of the lease.

    Rent falls on the lease's own dates: every ``pay_months`` from its start, in arrears or in advance; where the file
    gives none, at the end of each month. The guarantee expected is owed at the end. The lessee pays the whole rent:
    ``received_share`` says what this borrower gets of it. Rent that follows the world is no fixed payment
    (ASC 842-10-30-5, IFRS 16.27) and is refused.
    """
    contract, count = lease.contract, round(years * MONTHS)
    if contract.kind != "lease" or count < 1:
        raise InputError("the lessee's books need a lease", got=contract.kind, where=lease.book.where)
    if contract.rent.by_path:
        raise InputError("rent that follows the world is no fixed payment", where=contract.rent.where)
    own = Periods(contract.start, count, 1)
    grown = (1 + contract.escalator) ** np.floor(np.arange(count) / MONTHS)
    earned = contract.rent.mean(own, {}) * grown / MONTHS
    step = contract.pay_months or 1
    payments = np.zeros(count + 1)
    for k in range(0, count, step):
        last = min(k + step, count)
        payments[k if contract.pay == "advance" else last] += earned[k:last].sum()
    payments[-1] += guarantee
    return float(payments[0]), payments[1:]


def present_value(payments: tuple[float, Floats], rate: float, *, due: bool = True) -> float:
    """What the payments are worth at the start; without ``due`` what is still owed once the first day's is paid.

    >>> round(present_value((10.0, np.array([0.0] * 11 + [110.0])), 0.1), 9)
    110.0
    """
    first, rest = payments
    return first * due + float(rest @ (1 + rate) ** (-np.arange(1, len(rest) + 1) / MONTHS))


def classified(lease: Lease, years: float, *, with_guarantee: bool) -> tuple[Classification, float]:
    """The label for a term of ``years`` and the present value it was tested on.

    With the guarantee, the whole of it counts in the 90 % test, discounted from the end of the term
    (ASC 842-10-25-2(d)); without, only what the lessee expects to owe.
    """
    book = lease.book
    owed = max(book.guarantee_maximum, book.guarantee_expected) if with_guarantee else book.guarantee_expected
    worth = present_value(fixed_payments(lease, years, guarantee=owed), book.borrowing_rate)
    shown = classify(
        term_years=years, life_years=book.life_years, present_value=worth, fair_value=book.fair_value,
        title=book.title_transfers, purchase=book.purchase_certain, specialised=book.specialised,
    )  # fmt: skip
    return shown, worth


def lessee_side(deal: Deal) -> dict[str, Any]:
    """The five criteria and both labels, with and without the guarantee; liability, asset and cost by lease year."""
    lease = lease_of(deal)
    book, term = lease.book, lease.term_years
    payments = fixed_payments(lease, term, guarantee=book.guarantee_expected)
    liability = present_value(payments, book.borrowing_rate, due=False)
    found: dict[str, Any] = {
        "contract": lease.contract.name,
        "term_years": term,
        "rent": f"{lease.contract.pay}, every {lease.contract.pay_months or 1} months",
        "liability_at_start": liability,
        "asset_at_start": liability + payments[0] + book.initial_costs - book.incentives,
        "payments_total": payments[0] + float(payments[1].sum()),
    }
    for word, counted in (("without_guarantee", False), ("with_guarantee", True)):
        found[word] = _told(*classified(lease, term, with_guarantee=counted))
    for standard, name in (("operating", "us_gaap_operating"), ("finance", "ifrs_and_us_gaap_finance")):
        books = lease_books(
            payments[1], book.borrowing_rate, MONTHS, standard=standard, prepaid=payments[0],
            initial_costs=book.initial_costs, incentives=book.incentives,
        )  # fmt: skip
        found[name] = _by_year(
            lease, books, found["liability_at_start"], found["asset_at_start"], payments[0]
        )
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


def _by_year(
    lease: Lease, books: LeaseBooks, liability: float, asset: float, prepaid: float
) -> list[dict[str, Any]]:
    """By year of the lease: what the profit and loss account shows, and the balance sheet at its end."""
    count, per_year = len(books.payments), MONTHS
    rows: list[dict[str, Any]] = []
    before = {"liability": liability, "asset": asset}
    for year in range(-(-count // per_year)):
        span = slice(year * per_year, min((year + 1) * per_year, count))
        row = {
            "year_from": str(add_months(lease.contract.start, 12 * year)),
            "cost": float(books.cost[span].sum()),
            "interest": float(books.interest[span].sum()),
            "depreciation": float(books.depreciation[span].sum()),
            "payments": float(books.payments[span].sum()) + (prepaid if year == 0 else 0.0),
            "liability_before": before["liability"],
            "asset_before": before["asset"],
            "liability": float(books.liability[span][-1]),
            "asset": float(books.asset[span][-1]),
        }
        before = {"liability": row["liability"], "asset": row["asset"]}
        rows.append(row)
    return rows
