"""The return on the capital a lessee shows for one asset, in three views: owned, short lease, all options counted.

The same asset earns the same; only what is called capital differs.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from supercycle.deals.document.schema import Deal
from supercycle.deals.measures.lessee import lease_books
from supercycle.deals.measures.lessee_side import MONTHS, classified, fixed_payments, lease_of, present_value

__all__ = ["VIEWS", "returns_on_capital"]

Floats = NDArray[np.float64]
VIEWS = ("owned", "short_lease", "all_options")


def returns_on_capital(deal: Deal) -> dict[str, Any]:
    """ROIC = (benefit - depreciation) (1 - tax) / mean capital of the year, for each year of the initial term.

    ``benefit`` is what the asset earns before rent, growing as the rent does. Owned: the fair value, straight line
    over the life. Short lease: the right-of-use asset of the initial term. All options: that of the longest term.
    Interest is no cost in any of them. Without ``benefit`` in the block accounting there is no ROIC and ``status``
    says so. Limit: a lease for the whole life whose rent is worth the fair value has the owned ROIC.
    """
    lease = lease_of(deal)
    book, contract, per_year = lease.book, lease.contract, MONTHS
    years = int(contract.years)
    if not book.benefit or years < 1:
        return {"status": "unknown: the block accounting gives no benefit", "views": None}
    passed: Floats = np.arange(years + 1.0)
    benefit: Floats = np.asarray(book.benefit * (1 + contract.escalator) ** passed[:-1], np.float64)
    owned = book.fair_value / book.life_years
    start: Floats = book.fair_value - owned * passed
    views = {"owned": _view(benefit, np.full(years, owned), start, book.tax_rate)}
    views["owned"] |= {"term_years": book.life_years, "us_gaap": "owned"}
    for name, term in (("short_lease", contract.years), ("all_options", lease.longest_years)):
        payments = fixed_payments(lease, term)
        books = lease_books(
            payments[1], book.borrowing_rate, per_year, standard="finance", prepaid=payments[0]
        )
        opening = present_value(payments, book.borrowing_rate)
        depreciation = books.depreciation[: years * per_year].reshape(years, per_year).sum(axis=1)
        capital = np.concatenate([[opening], books.asset[per_year - 1 : years * per_year : per_year]])
        views[name] = _view(benefit, depreciation, capital, book.tax_rate)
        label, _ = classified(lease, term, with_guarantee=False)
        views[name] |= {"term_years": term, "us_gaap": label.us_gaap}
    return {
        "status": "ok",
        "benefit_first_year": float(benefit[0]),
        "tax_rate": book.tax_rate,
        "views": views,
    }


def _view(benefit: Floats, depreciation: Floats, capital: Floats, tax: float) -> dict[str, Any]:
    profit = (benefit - depreciation) * (1 - tax)
    mean = (capital[:-1] + capital[1:]) / 2
    return {
        "capital_at_start": float(capital[0]),
        "profit": [float(p) for p in profit],
        "capital": [float(c) for c in mean],
        "roic": [float(p / c) for p, c in zip(profit, mean, strict=True)],
        "roic_mean": float(profit.sum() / mean.sum()),
    }
