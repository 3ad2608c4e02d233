"""Capacity above the load: waiting (Erlang C, square-root staffing), bursts, and servers that are down.

Benchmark throughput is what a full server gives; demand comes at random, in bursts and while something is broken.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from supercycle.core.errors import InputError

__all__ = ["erlang_c", "halfin_whitt", "servers_for_wait", "spares", "square_root_servers", "wait_tail"]

_LARGE = 150.0  # erlangs above which square-root staffing stands in for Erlang C: they agree to 1 %


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


def servers_for_wait(offered: float, patience: float, share: float) -> int:
    """The fewest servers with ``P(wait > patience) <= share``; the answer is checked from both sides.

    Above 150 erlangs by square-root staffing, which agrees to 1 %. Limit: offered + beta sqrt(offered).
    Errors: InputError for a share outside (0, 1).

    >>> servers_for_wait(1.0, 0.0, 0.34), servers_for_wait(1.0, 0.0, 0.33)
    (2, 3)
    """
    if not 0 < share < 1:
        raise InputError("share of waits", expected="between 0 and 1", got=share)
    if offered > _LARGE:
        return math.ceil(_root(offered, patience, share))
    low, high = max(math.ceil(offered), 1), max(math.ceil(offered), 1)
    while wait_tail(high, offered, patience) > share:
        low, high = high + 1, 2 * high
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if wait_tail(middle, offered, patience) <= share else (middle + 1, high)
    return high


def halfin_whitt(beta: float) -> float:
    """The limit of the waiting probability with n = offered + beta sqrt(offered): ``1 / (1 + beta Phi(beta) /
    phi(beta))``.

    Limit: beta 0 gives 1. Source: Halfin and Whitt, Heavy-traffic limits for queues with many exponential servers,
    Operations Research 29(3), 1981.
    """
    density = math.exp(-(beta**2) / 2) / math.sqrt(2 * math.pi)
    below = 0.5 * math.erfc(-beta / math.sqrt(2))
    return 1 / (1 + beta * below / density)


def square_root_servers(offered: float, share: float) -> float:
    """``offered + beta sqrt(offered)`` with the beta whose Halfin-Whitt limit is ``share``.

    Errors: InputError for a share outside (0, 1).
    """
    if not 0 < share < 1:
        raise InputError("share of waits", expected="between 0 and 1", got=share)
    return _root(offered, 0.0, share)


def _root(offered: float, patience: float, share: float) -> float:
    """Bisection on beta of ``halfin_whitt(beta) exp(-beta sqrt(offered) patience) = share``."""
    low, high, root = 0.0, 8.0, math.sqrt(offered)  # beta 8 waits less than once in 10^15
    for _ in range(48):
        middle = (low + high) / 2
        waits = halfin_whitt(middle) * math.exp(-middle * root * patience)
        low, high = (middle, high) if waits > share else (low, middle)
    return offered + high * root


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
    if units == 0:
        return 0
    from scipy.stats import binom  # on demand: a tenth of a second

    k = np.arange(units + 65)
    up: NDArray[np.float64] = binom.cdf(k, units + k, down_share)  # pyright: ignore[reportUnknownMemberType]
    enough = np.flatnonzero(up >= availability - 1e-12)
    if enough.size:
        return int(enough[0])
    raise InputError(
        "no number of spares reaches the availability", expected=f"{availability:g}", got=f"{up[-1]:g}"
    )
