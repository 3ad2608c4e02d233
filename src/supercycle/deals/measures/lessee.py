"""The lessee's side: is it a finance or an operating lease, what is owed, what does each year cost.

ASC 842-10-25-2 (five criteria; 75 % and 90 % as 842-10-55-2 suggests) and IFRS 16.22-46 (one model for lessees).
The label is computed from the facts of the deal, never entered.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from supercycle.core.errors import InputError, ModelError

__all__ = ["Classification", "LeaseBooks", "classify", "lease_books"]

Floats = NDArray[np.float64]
LIFE_SHARE, VALUE_SHARE = 0.75, 0.90  # ASC 842-10-55-2: one reasonable approach
SHORT_TERM_YEARS = 1.0  # IFRS 16.5 and ASC 842-20-25-2: a lessee may leave such leases off the balance sheet
CLOSES = 1e-9


@dataclass(frozen=True, slots=True)
class Classification:
    """The five criteria of ASC 842 and the labels under both standards."""

    title: bool
    purchase: bool
    life_share: float
    value_share: float
    specialised: bool
    us_gaap: str
    ifrs: str
    met: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LeaseBooks:
    """By period: liability and asset after payment; the year's cost is by calendar of the lease's own years."""

    liability: Floats
    asset: Floats
    interest: Floats
    depreciation: Floats
    cost: Floats
    payments: Floats


def classify(
    *, term_years: float, life_years: float, present_value: float, fair_value: float, title: bool = False,
    purchase: bool = False, specialised: bool = False,
) -> Classification:  # fmt: skip
    """Finance when any criterion is met: title, purchase, term >= 75 % of life, PV >= 90 % of value, specialised.

    ``present_value`` includes what the lessee guarantees in full (842-10-25-2(d) counts the residual guaranteed
    by the lessee), not only what it expects to pay. Under IFRS 16 every lease is a right of use, unless it is
    short (12 months or less without a purchase option).

    >>> classify(term_years=4, life_years=25, present_value=30, fair_value=100).us_gaap
    'operating'
    >>> classify(term_years=4, life_years=25, present_value=95, fair_value=100).met
    ('present value',)
    """
    if life_years <= 0 or fair_value <= 0:
        raise InputError("life and fair value are above 0", got=(life_years, fair_value))
    life, value = term_years / life_years, present_value / fair_value
    met = {
        "title": title,
        "purchase option": purchase,
        "term": life >= LIFE_SHARE,
        "present value": value >= VALUE_SHARE,
        "specialised": specialised,
    }
    names = tuple(name for name, holds in met.items() if holds)
    label = "finance" if names else "operating"
    short = term_years <= SHORT_TERM_YEARS and not purchase
    ifrs = "short-term exemption" if short else "right of use"
    return Classification(title, purchase, life, value, specialised, label, ifrs, names)


def lease_books(
    payments: ArrayLike, rate: float, periods_per_year: int, *, standard: str, prepaid: float = 0.0,
    initial_costs: float = 0.0, incentives: float = 0.0,
) -> LeaseBooks:  # fmt: skip
    """Liability, right-of-use asset and cost of each period, payments at period ends, ``prepaid`` on the first day.

    liability_t = liability_t-1 (1 + i) - payment_t with (1 + i)^n = 1 + rate; asset at the start = liability + prepaid
    + initial direct costs - incentives (ASC 842-20-30-5, IFRS 16.24). "finance" (and IFRS 16): interest plus
    straight-line depreciation. "operating": one straight-line cost, the asset taking the difference. Rent in advance is
    the first payment as ``prepaid`` and the rest one period earlier. Limits: rate 0 makes the liability the sum of
    what is still to pay. Closes at 0, and total cost = total payments and costs less incentives (ModelError otherwise).

    >>> lease_books([100.0, 100.0], 0.0, 1, standard="operating").liability.tolist()
    [100.0, 0.0]
    >>> lease_books([100.0, 0.0], 0.0, 1, standard="finance", prepaid=100.0).depreciation.tolist()  # in advance
    [100.0, 100.0]
    """
    paid = np.asarray(payments, np.float64)
    if rate <= -1 or paid.ndim != 1 or not len(paid):
        raise InputError("a lease has payments and a rate above -100 %", got=rate)
    if standard not in ("operating", "finance"):
        raise InputError("unknown model of the lessee's books", expected="operating or finance", got=standard)
    i = (1 + rate) ** (1 / periods_per_year) - 1
    count = len(paid)
    factors = (1 + i) ** -np.arange(1, count + 1)
    owed = float(paid @ factors)
    opening = owed + prepaid + initial_costs - incentives
    total = float(paid.sum()) + prepaid + initial_costs - incentives
    liability, interest = np.zeros(count), np.zeros(count)
    for t in range(count):
        interest[t] = owed * i
        owed = owed + interest[t] - paid[t]
        liability[t] = owed
    if standard == "finance":
        depreciation = np.full(count, opening / count)
        cost = interest + depreciation
    else:
        cost = np.full(count, total / count)
        depreciation = cost - interest
    asset = opening - np.cumsum(depreciation)
    scale = max(float(np.abs(paid).sum()) + abs(prepaid) + initial_costs + incentives, 1e-300)
    if max(abs(liability[-1]), abs(asset[-1]), abs(float(cost.sum()) - total)) > CLOSES * scale:
        raise ModelError("the lease does not close at zero", got=f"{liability[-1]:.3e} of {scale:g}")
    return LeaseBooks(liability, asset, interest, depreciation, cost, paid)
