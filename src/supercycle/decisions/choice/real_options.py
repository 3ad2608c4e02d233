"""The value of waiting in closed form: McDonald-Siegel, falling cost, Margrabe.

Waiting is worth something because the outlay can be put off; it costs the savings forgone. When the outlay falls
at g a year, waiting pays even without uncertainty, as if the discount rate were r + g.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from supercycle.core.errors import InputError

__all__ = ["Trigger", "margrabe", "mcdonald_siegel"]


@dataclass(frozen=True, slots=True)
class Trigger:
    """Invest when benefit / cost reaches ``ratio``; ``beta`` the root, ``option`` the option's value over cost
    now.
    """

    ratio: float
    beta: float
    option: float


def mcdonald_siegel(
    benefit: float, cost: float, *, discount_rate: float, payout: float, sd: float, deflation: float = 0.0
) -> Trigger:
    """When to invest, for a benefit that moves as a geometric Brownian motion and pays ``payout`` a year when held.

    With the outlay falling at g, the ratio of benefit to outlay is the perpetual American call at rate r + g and
    yield
    ``payout``: ``beta`` is the root above 1 of ``sd ** 2 / 2 beta (beta - 1) + (r + g - payout) beta - (r + g) =
    0`` and
    ``ratio = beta / (beta - 1)``.
    Limits: no uncertainty gives max((r + g) / payout, 1); a payout of 0 means never (infinity).
    Errors: InputError for a negative sd, payout or rate.
    Source: McDonald and Siegel, The value of waiting to invest, QJE 101(4), 1986; Dixit and Pindyck, Investment under
    Uncertainty, 1994, chapter 5 (r = payout = 0.04, sd = 0.2: beta = 2, ratio 2).

    >>> round(mcdonald_siegel(1.0, 1.0, discount_rate=0.04, payout=0.04, sd=0.2).ratio, 12)
    2.0
    >>> mcdonald_siegel(1.0, 1.0, discount_rate=0.08, payout=0.04, sd=0.0).ratio
    2.0
    """
    if not (sd >= 0 and payout >= 0 and discount_rate >= 0 and discount_rate + deflation > 0 and cost > 0):
        raise InputError(
            "option to wait",
            expected="sd, payout and rate of 0 or more, cost above 0",
            got=f"sd {sd:g}, payout {payout:g}, rate {discount_rate:g}, cost {cost:g}",
        )
    rate, paid = discount_rate + deflation, payout
    now = benefit / cost
    if sd == 0:
        beta = rate / (rate - paid) if rate > paid else math.inf
        ratio = max(rate / paid, 1.0) if paid > 0 else math.inf
    elif paid <= 0:
        beta, ratio = 1.0, math.inf
    else:
        drift = (rate - paid) / sd**2
        beta = 0.5 - drift + math.sqrt((drift - 0.5) ** 2 + 2 * rate / sd**2)
        ratio = beta / (beta - 1)
    if math.isinf(ratio):
        return Trigger(ratio, beta, now)  # never exercised: worth the benefit itself
    option = now - 1 if now >= ratio else (ratio - 1) * (now / ratio) ** beta
    return Trigger(ratio, beta, option)


def margrabe(
    first: float,
    second: float,
    *,
    years: float,
    sd_first: float,
    sd_second: float,
    correlation: float,
    yield_first: float = 0.0,
    yield_second: float = 0.0,
) -> float:
    """The value of a right to exchange ``second`` for ``first`` once, after ``years``.

    ``first e^(-q1 T) Phi(d1) - second e^(-q2 T) Phi(d2)``, sd^2 = sd1^2 + sd2^2 - 2 rho sd1 sd2. No rate enters.
    Limits: no relative uncertainty or no time gives max(difference, 0); a fixed ``second`` K e^(-rT) is
    Black-Scholes.
    Errors: InputError for a negative value, time or sd, or a correlation outside -1..1.
    Source: Margrabe, The value of an option to exchange one asset for another, Journal of Finance 33(1), 1978.

    >>> margrabe(110.0, 100.0, years=1.0, sd_first=0.3, sd_second=0.3, correlation=1.0)
    10.0
    """
    if min(first, second, years, sd_first, sd_second) < 0 or not -1 <= correlation <= 1:
        raise InputError("exchange option", expected="values, time and sds of 0 or more, correlation -1 to 1")
    grown, given = first * math.exp(-yield_first * years), second * math.exp(-yield_second * years)
    variance = (sd_first**2 + sd_second**2 - 2 * correlation * sd_first * sd_second) * years
    if variance <= 1e-18 or grown == 0 or given == 0:
        return max(grown - given, 0.0)
    sd = math.sqrt(variance)
    d1 = math.log(grown / given) / sd + sd / 2
    return grown * _below(d1) - given * _below(d1 - sd)


def _below(z: float) -> float:
    return 0.5 * math.erfc(-z / math.sqrt(2))
