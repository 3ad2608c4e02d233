"""What a stream of cash is worth: IRR with every root, XIRR, NPV, MOIC, WAL, price, yield, duration.

All are scale-free and vectorised: flows are [time, path], path last; times are in years.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from supercycle.core.errors import InputError, ModelError
from supercycle.core.roots import exponential_roots

__all__ = [
    "STATUSES", "Irr", "duration", "irr", "moic", "npv", "price_at_yield", "wal", "xirr", "yield_at_price",
]  # fmt: skip

Floats = NDArray[np.float64]
STATUSES = ("unique", "multiple", "none", "no_sign_change", "undefined", "unsure")
LOWEST, HIGHEST = -0.99, 1000.0  # the range in which roots are sought: -99 % to 100,000 % a year
CHUNK = 8192  # paths at a time, so that the working arrays stay small
TOLERANCE = 1e-9  # of the sum of absolute present values, when a root is put back


@dataclass(frozen=True, slots=True)
class Irr:
    """Rates of return by path: ``rate`` where the root is unique (else nan), all ``roots`` [path, k], ``status``."""

    rate: Floats
    roots: Floats
    status: NDArray[np.int8]

    def words(self) -> list[str]:
        """The status of each path in words."""
        return [STATUSES[int(code)] for code in self.status]


def irr(flows: ArrayLike, times: ArrayLike | None = None) -> Irr:
    """Every rate r in [-99 %, 100,000 %] with sum_t flow_t (1 + r)^-t = 0, and how many there are.

    ``times`` in years (default 0, 1, 2, ...); flows at the same time are added. Limits: flows of one sign have no
    rate (no_sign_change); flows that are all zero are worth nothing at every rate (undefined); a root of even order
    counts once; roots so close that rounding cannot count them are given with the status unsure. No root is missed
    otherwise (core/roots.py). Roots are substituted back before they are returned (ModelError otherwise).
    Source: Brealey, Myers, Allen, Principles of Corporate Finance, chapter 5 (several rates of return).

    >>> found = irr([-100.0, 60.0, 60.0])
    >>> round(float(found.rate[0]), 6), found.words()
    (0.130662, ['unique'])
    >>> [round(float(r), 9) for r in irr([-100.0, 230.0, -132.0]).roots[0]]  # (1.1)(1.2) = 1.32
    [0.1, 0.2]
    >>> irr([0.0, 0.0, 0.0]).words()
    ['undefined']
    """
    cash = np.asarray(flows, dtype=np.float64)
    cash = cash[:, None] if cash.ndim == 1 else cash
    when = np.arange(cash.shape[0], dtype=np.float64) if times is None else np.asarray(times, np.float64)
    if when.shape != cash.shape[:1]:
        raise InputError("times do not fit flows", expected=f"{cash.shape[0]} times", got=when.shape)
    if not (np.isfinite(cash).all() and np.isfinite(when).all()):
        raise InputError("flows and times must be finite numbers", got="nan or infinity")
    parts = [_irr_chunk(cash[:, at : at + CHUNK], when) for at in range(0, cash.shape[1], CHUNK)]
    width = max((roots.shape[1] for roots, _ in parts), default=0)
    padded = [np.pad(r, ((0, 0), (0, width - r.shape[1])), constant_values=np.nan) for r, _ in parts]
    roots = np.concatenate(padded) if padded else np.empty((0, 0))
    status = np.concatenate([s for _, s in parts]) if parts else np.empty(0, np.int8)
    first = roots[:, 0] if width else np.full(len(status), np.nan)
    return Irr(np.where(status == 0, first, np.nan), roots, status)


def xirr(flows: ArrayLike, dates: Sequence[datetime.date]) -> Irr:
    """IRR on dated flows, years counted ACT/365F from the first date.

    >>> d = datetime.date
    >>> round(float(xirr([-100.0, 110.0], [d(2025, 1, 1), d(2026, 1, 1)]).rate[0]), 9)
    0.1
    """
    return irr(flows, [(date - dates[0]).days / 365 for date in dates])


def npv(flows: ArrayLike, rate: ArrayLike, times: ArrayLike) -> Floats:
    """Present value sum_t flow_t (1 + rate)^-t by path; ``rate`` a scalar or one per path.

    >>> abs(float(npv([-100.0, 110.0], 0.1, [0, 1])[0])) < 1e-12
    True
    """
    cash = np.asarray(flows, np.float64)
    cash = cash[:, None] if cash.ndim == 1 else cash
    growth = 1 + np.atleast_1d(np.asarray(rate, np.float64))
    when = np.asarray(times, np.float64)[:, None]
    return np.asarray((cash * growth[None, :] ** -when).sum(axis=0), np.float64)


def moic(flows: ArrayLike) -> Floats:
    """Money out over money in by path; nan where nothing went in.

    >>> moic([-100.0, 60.0, 60.0]).tolist()
    [1.2]
    """
    cash = np.asarray(flows, np.float64)
    cash = cash[:, None] if cash.ndim == 1 else cash
    put, got = -np.minimum(cash, 0).sum(axis=0), np.maximum(cash, 0).sum(axis=0)
    return np.divide(got, put, out=np.full_like(got, np.nan), where=put > 0)


def wal(principal: ArrayLike, times: ArrayLike) -> Floats:
    """Weighted average life: sum_t t principal_t / sum_t principal_t; nan where nothing is repaid.

    >>> wal([0.0, 50.0, 50.0], [0, 1, 2]).tolist()
    [1.5]
    """
    paid = np.asarray(principal, np.float64)
    paid = paid[:, None] if paid.ndim == 1 else paid
    total = paid.sum(axis=0)
    years = (paid * np.asarray(times, np.float64)[:, None]).sum(axis=0)
    return np.divide(years, total, out=np.full_like(total, np.nan), where=total != 0)


def price_at_yield(flows: ArrayLike, annual_yield: float, times: ArrayLike) -> Floats:
    """Price at a street yield: sum_t flow_t (1 + y/2)^(-2 t).

    >>> round(float(price_at_yield([5.0, 105.0], 0.10, [0.5, 1.0])[0]), 9)  # a 10 % coupon at 10 % is par
    100.0
    """
    _check_yield(annual_yield)
    return npv(flows, (1 + annual_yield / 2) ** 2 - 1, times)


def yield_at_price(flows: ArrayLike, price: ArrayLike, times: ArrayLike) -> Irr:
    """Street yield, y/2 twice a year, at which the flows are worth the price; all roots as in ``irr``.

    >>> round(float(yield_at_price([5.0, 105.0], 100.0, [0.5, 1.0]).rate[0]), 9)
    0.1
    """
    cash = np.asarray(flows, np.float64)
    cash = cash[:, None] if cash.ndim == 1 else cash
    paid = np.broadcast_to(-np.asarray(price, np.float64), cash.shape[1:])[None, :]
    found = irr(np.concatenate([paid, cash]), np.concatenate([[0.0], np.asarray(times, np.float64)]))
    return Irr(2 * (np.sqrt(1 + found.rate) - 1), 2 * (np.sqrt(1 + found.roots) - 1), found.status)


def duration(flows: ArrayLike, annual_yield: float, times: ArrayLike) -> tuple[Floats, Floats]:
    """Macaulay and modified duration in years at a street yield: sum t PV_t / sum PV_t, and over (1 + y/2).

    >>> [round(float(x[0]), 6) for x in duration([0.0, 100.0], 0.08, [1.0, 5.0])]  # a zero lasts its term
    [5.0, 4.807692]
    """
    _check_yield(annual_yield)
    when = np.asarray(times, np.float64)
    cash = np.asarray(flows, np.float64)
    cash = cash[:, None] if cash.ndim == 1 else cash
    worth = price_at_yield(cash, annual_yield, when)
    moment = price_at_yield(cash * when[:, None], annual_yield, when)
    macaulay = np.divide(moment, worth, out=np.full_like(worth, np.nan), where=worth != 0)
    return macaulay, macaulay / (1 + annual_yield / 2)


def _check_yield(annual_yield: float) -> None:
    if not annual_yield > -2:
        raise InputError("yield out of range", expected="above -200 % (1 + y/2 > 0)", got=annual_yield)


def _irr_chunk(cash: Floats, when: Floats) -> tuple[Floats, NDArray[np.int8]]:
    times, at = np.unique(when, return_inverse=True)
    merged = np.zeros((len(times), cash.shape[1]))
    np.add.at(merged, at, cash)
    scale = np.abs(merged).max(axis=0, initial=0.0)
    merged = merged / np.where(scale > 0, scale, 1.0)
    # Discounted to the middle of the life: the sign is the same, and neither end of the range overflows.
    times = times - (times[0] + times[-1]) / 2 if len(times) else times
    x, sure = exponential_roots(merged, times, float(np.log1p(LOWEST)), float(np.log1p(HIGHEST)))
    path, column = np.nonzero(np.isfinite(x))
    _put_back(merged[:, path], times, x[path, column])
    counts = np.isfinite(x).sum(axis=1)
    mixed = (merged > 0).any(axis=0) & (merged < 0).any(axis=0)
    names = np.select(
        [(merged == 0).all(axis=0), ~mixed, ~sure, counts == 0, counts == 1],
        [STATUSES.index(name) for name in ("undefined", "no_sign_change", "unsure", "none", "unique")],
        default=STATUSES.index("multiple"),
    )
    return np.expm1(x), names.astype(np.int8)


def _put_back(cash: Floats, when: Floats, x: Floats) -> None:
    worth = cash * np.exp(-when[:, None] * x[None, :])
    off = np.abs(worth.sum(axis=0)) > TOLERANCE * np.abs(worth).sum(axis=0)
    if off.any():
        raise ModelError("a rate of return does not bring the value to zero", got=f"{int(off.sum())} roots")
