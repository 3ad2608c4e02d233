"""What a lease adds to its lessee's debt, under each reading: the accounts, a look through, a rating agency.

A reading is a switch of five things it counts; the label (counted, left out) is computed from what it adds. The two
agencies are readings of their published positions in the deal press, not their methodologies.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from supercycle.deals.measures.lessee import lease_books
from supercycle.deals.measures.lessee_side import (
    MONTHS,
    Lease,
    classified,
    fixed_payments,
    lease_of,
    present_value,
)
from supercycle.deals.run import Run

__all__ = ["READINGS", "Reading", "additions", "leverage"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Reading:
    """What counts as the lessee's debt."""

    label: str
    basis: str
    finance: bool = False  # the liability of a finance lease
    operating: bool = False  # the liability of an operating lease
    signed: bool = False  # leases signed and not begun, at present value
    guarantee: bool = False  # the whole guarantee, discounted from the end of the running term
    vehicle: bool = False  # the vehicle's own debt, in place of the lease


READINGS: Mapping[str, Reading] = {
    "us_gaap": Reading("as reported, US GAAP", "debt and finance leases; operating leases stand apart", finance=True),
    "ifrs": Reading("as reported, IFRS", "IFRS 16: every lease is a liability", finance=True, operating=True),
    "look_through": Reading("look-through", "the vehicle's debt as if it were the lessee's", vehicle=True),
    "sp": Reading("S&P's reading", "leases that have begun; the notes were left out (press on Hyperion)",
                  finance=True, operating=True),
    "moodys": Reading("Moody's reading", "also leases not begun, and guarantees imputed (IFR, 2026-02)",
                      finance=True, operating=True, signed=True, guarantee=True),
}  # fmt: skip


def additions(run: Run, *, with_guarantee: bool = False) -> dict[str, Floats]:
    """What each reading adds to the lessee's debt at every payment date of the run's first path [period].

    ``with_guarantee`` is how the accounts classify: whether the 90 % test counts the whole guarantee. After the
    accounting term each option is recognised when it is exercised, as a term of its own; the balance on the day
    a term ends is that of the next. Limit: with no lease begun and none signed, all are 0 but the look-through.
    """
    lease = lease_of(run.prepared.deal)
    owed, signed, guaranteed, finance = _balances(run, lease, with_guarantee)
    vehicle = sum(
        (run[f"{f.name}.balance"][:, 0] for f in lease.deal.facilities if not f.preferred),
        np.zeros(len(owed)),
    )
    found: dict[str, Floats] = {}
    for name, reading in READINGS.items():
        counted = np.where(finance, float(reading.finance), float(reading.operating))
        found[name] = (
            owed * counted
            + signed * float(reading.signed)
            + guaranteed * float(reading.guarantee)
            + vehicle * float(reading.vehicle)
        )
    return found


def leverage(run: Run, *, with_guarantee: bool = False) -> dict[str, Any]:
    """Additions by calendar year, the label of each reading, and the lessee's debt over EBITDA where it is given.

    EBITDA is the company's own in every reading, so that only debt differs.
    """
    lease, ends = lease_of(run.prepared.deal), run.prepared.periods.ends
    last = {e.year: t for t, e in enumerate(ends)}
    found = additions(run, with_guarantee=with_guarantee)
    begun = np.array([e >= lease.contract.start for e in ends])
    company = lease.book.company
    said: dict[str, Any] = {
        "years": list(last),
        "readings": {},
        "company": company.name if company else None,
        "ebitda": company.ebitda if company else None,
    }
    for name, reading in READINGS.items():
        path = found[name]
        peak = float(path.max(initial=0.0))
        row: dict[str, Any] = {
            "label": reading.label,
            "basis": reading.basis,
            "added": [float(path[t]) for t in last.values()],
            "largest": peak,
            "while_built": "counted" if bool((path[~begun] > 0).any()) else "left out",
            "in_operation": "counted" if bool((path[begun] > 0).any()) else "left out",
            "debt_over_ebitda_before": None,
            "debt_over_ebitda_at_largest": None,
        }
        if company is not None:
            own = company.debt + company.finance_leases
            own += company.operating_leases * reading.operating
            own += company.uncommenced_leases * reading.signed
            row["debt_before"] = own
            row["debt_over_ebitda_before"] = own / company.ebitda
            row["debt_over_ebitda_at_largest"] = (own + peak) / company.ebitda
        said["readings"][name] = row
    return said


def _balances(
    run: Run, lease: Lease, with_guarantee: bool
) -> tuple[Floats, Floats, Floats, NDArray[np.bool_]]:
    """By payment date: lease liability, signed and not begun, guarantee discounted, and whether the term is finance."""
    deal, book, contract = lease.deal, lease.book, lease.contract
    periods, rate = run.prepared.periods, book.borrowing_rate
    count = periods.count
    owed, signed, guaranteed = np.zeros(count), np.zeros(count), np.zeros(count)
    finance = np.zeros(count, np.bool_)
    limit = max((g.until for g in deal.guarantees if g.contract == contract.name), default=None)
    first = [
        (e.year - contract.start.year) * MONTHS + e.month - contract.start.month for e in periods.ends
    ]  # months since the lease began, on each payment date
    lasts = round(_exercised_years(run, lease) * MONTHS)
    at, length = 0, round(lease.term_years * MONTHS)
    opening = present_value(fixed_payments(lease, lease.term_years, guarantee=book.guarantee_expected), rate)
    prepaid, rents = fixed_payments(lease, lasts / MONTHS)
    whole = np.concatenate([[prepaid], rents])
    while at < lasts:
        paid = whole[at + 1 : at + length + 1].copy()
        if contract.pay != "arrears" and at + length < lasts:
            paid[-1] = 0.0  # rent in advance for the next term is that term's
        paid[-1] += book.guarantee_expected if at == 0 else 0.0
        years = len(paid) / MONTHS
        label, _ = classified(lease, years, with_guarantee=with_guarantee)
        books = lease_books(paid, rate, MONTHS, standard="finance")
        balance = np.concatenate([[present_value((0.0, paid), rate)], books.liability])
        for t, elapsed in enumerate(first):
            k = elapsed - at
            if 0 <= k < len(paid):
                owed[t], finance[t] = balance[k], label.us_gaap == "finance"
                if limit is not None and periods.ends[t] <= limit:
                    guaranteed[t] = book.guarantee_maximum * (1 + rate) ** -(years - k / MONTHS)
        at, length = at + len(paid), round(contract.option_years * MONTHS)
        if not length:
            break
    for t, elapsed in enumerate(first):
        if elapsed < 0:  # signed at closing, not begun
            signed[t] = opening * (1 + rate) ** (elapsed / 12)
            far = lease.term_years - elapsed / 12
            if limit is not None:
                guaranteed[t] = book.guarantee_maximum * (1 + rate) ** -far
    return owed, signed, guaranteed, finance


def _exercised_years(run: Run, lease: Lease) -> float:
    """How long the lease lasts on the run's first path."""
    contract = lease.contract
    if contract.renewed is None:
        return lease.longest_years
    count = float(np.ravel(contract.renewed.mean(run.prepared.periods, run.prepared.values)[0])[0])
    return max(contract.years + count * contract.option_years, lease.term_years)
