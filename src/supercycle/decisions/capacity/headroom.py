"""Capacity above the load: waiting (Erlang C, square-root staffing), bursts, and servers that are down.

Benchmark throughput is what a full server gives; demand comes at random, in bursts and while something is broken.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from supercycle.core.errors import InputError
from supercycle.core.normal import normal_cdf

__all__ = ["carried", "erlang_c", "halfin_whitt", "spares", "wait_tail"]

Floats = NDArray[np.float64]
_LARGE = 150.0  # slots above which the limit stands in for Erlang C: they agree to 1 %


def erlang_c(servers: int, offered: float) -> float:
    """The probability that an arrival waits in M/M/n, ``offered`` = arrival rate x service time (erlangs).

    ``C = B / (1 - rho (1 - B))`` with Erlang's B by its recursion. Limits: one server gives rho; no load gives 0;
    a load of n or more gives 1. Errors: InputError for no server or a negative load.
    Source: Erlang 1917; Cooper, Introduction to Queueing Theory, 1981, chapter 3.

    >>> erlang_c(1, 0.5), round(erlang_c(2, 1.0), 6) == round(1 / 3, 6)
    (0.5, True)
    """
    if servers < 1 or not offered >= 0:
        raise InputError(
            "queue", expected="1 server or more, 0 erlangs or more", got=f"{servers}, {offered:g}"
        )
    if offered >= servers:
        return 1.0
    blocked = 1.0
    for n in range(1, servers + 1):
        blocked = offered * blocked / (n + offered * blocked)
    rho = offered / servers
    return blocked / (1 - rho * (1 - blocked))


def wait_tail(servers: int, offered: float, patience: float) -> float:
    """The probability of waiting longer than ``patience`` service times: ``C exp(-(n - offered) patience)``.

    Limits: patience 0 gives erlang_c. Errors: those of erlang_c.
    """
    return erlang_c(servers, offered) * math.exp(-max(servers - offered, 0.0) * patience)


def carried(slots: Floats, patience: float, share: float) -> Floats:
    """The largest load [erlang] that ``slots`` carry with ``P(wait > patience) <= share``.

    Bisection on the load. Up to 150 slots by Erlang C, above by the limit of Halfin and Whitt with
    ``beta = (slots - load) / sqrt(load)``; the two agree to 1 %. Limits: no patience and a share near 1 carries
    nearly all slots; more slots never carry less.
    Errors: InputError for a share outside (0, 1) or less than one slot.

    >>> two, three = carried(np.array([2.0, 3.0]), 0.0, 1 / 3).tolist()
    >>> abs(two - 1) < 1e-9, three > 1.5
    (True, True)
    """
    if not 0 < share < 1 or float(np.min(slots)) < 1:
        raise InputError("load carried", expected="a share in (0, 1) and 1 slot or more", got=f"{share:g}")
    low, high = np.zeros_like(slots), slots.astype(np.float64).copy()
    whole = np.floor(slots)
    exact = whole <= _LARGE
    for _ in range(50):
        middle = (low + high) / 2
        waits = _limit_tail(whole, middle, patience)
        if exact.any():
            waits[exact] = _exact_tail(whole[exact], middle[exact], patience)
        keeps = waits <= share
        low, high = np.where(keeps, middle, low), np.where(keeps, high, middle)
    return np.maximum.accumulate(low)


def _exact_tail(slots: Floats, offered: Floats, patience: float) -> Floats:
    blocked = np.ones_like(offered)
    found = np.ones_like(offered)
    for n in range(1, int(slots.max()) + 1):
        blocked = offered * blocked / (n + offered * blocked)
        found = np.where(slots == n, blocked, found)
    rho = offered / slots
    waits = found / np.maximum(1 - rho * (1 - found), 1e-300)
    return np.minimum(waits, 1.0) * np.exp(-(slots - offered) * patience)


def _limit_tail(slots: Floats, offered: Floats, patience: float) -> Floats:
    beta = (slots - offered) / np.sqrt(np.maximum(offered, 1e-300))
    density = np.exp(-(np.minimum(beta, 38.0) ** 2) / 2) / math.sqrt(2 * math.pi)
    with np.errstate(over="ignore"):  # far below the load nobody waits
        waits = 1 / (1 + beta * normal_cdf(beta) / np.maximum(density, 1e-320))
    return waits * np.exp(-(slots - offered) * patience)


def halfin_whitt(beta: float) -> float:
    """The limit of the waiting probability with n = offered + beta sqrt(offered): ``1 / (1 + beta Phi(beta) /
    phi(beta))``.

    Limit: beta 0 gives 1. Source: Halfin and Whitt, Heavy-traffic limits for queues with many exponential servers,
    Operations Research 29(3), 1981.
    """
    density = math.exp(-(beta**2) / 2) / math.sqrt(2 * math.pi)
    below = 0.5 * math.erfc(-beta / math.sqrt(2))
    return 1 / (1 + beta * below / density)


def spares(units: int, down_share: float, availability: float) -> int:
    """The fewest spare units k with ``P(Binomial(units + k, down) <= k) >= availability``.

    ``down_share`` is failures a year x repair time. Limits: nothing fails, no spare; availability 0, no spare.
    Errors: InputError for shares outside [0, 1), or an availability that no number of spares reaches within as many
    spares as units plus 64.

    >>> spares(10, 0.0, 0.999), spares(1, 0.01, 0.99), spares(1, 0.01, 0.999)
    (0, 0, 1)
    """
    if not 0 <= down_share < 1 or not 0 <= availability < 1 or units < 0:
        raise InputError("spares", expected="shares of 0 to below 1", got=f"{down_share:g}, {availability:g}")
    if units == 0 or down_share == 0:
        return 0
    low, high, most = 0, 1, units + 64
    while _binomial_cdf(min(high, most), units + min(high, most), down_share) < availability - 1e-12:
        if high >= most:
            raise InputError(
                "no number of spares reaches the availability",
                expected=f"{availability:g}",
                got=f"with {most} spares",
            )
        low, high = high, 2 * high
    while low < high:  # more spares never lower the chance
        middle = (low + high) // 2
        enough = _binomial_cdf(middle, units + middle, down_share) >= availability - 1e-12
        low, high = (low, middle) if enough else (middle + 1, high)
    return high


def _binomial_cdf(k: int, n: int, p: float) -> float:
    """P(Binomial(n, p) <= k), summed in logs so that neither end under- or overflows."""
    down, up = math.log(p), math.log1p(-p)
    logs = (
        math.lgamma(n + 1) - math.lgamma(i + 1) - math.lgamma(n - i + 1) + i * down + (n - i) * up
        for i in range(k + 1)
    )
    return min(math.fsum(math.exp(value) for value in logs), 1.0)
