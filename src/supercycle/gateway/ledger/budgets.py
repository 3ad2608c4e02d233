"""Budgets: how much room an account has in its window, and which marks a payment passes.

A budget is a limit on one account in one period. Its balance in a window is what was spent and what is reserved by
calls under way; a call of at most ``asked`` fits when ``spent + reserved + asked <= limit`` on every account of its
path. An attempt belongs to the window in which it began, whenever it ends.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from supercycle.core.errors import InputError, UnknownNameError

__all__ = [
    "DAY_US",
    "HOUR_US",
    "PERIODS",
    "SHARES",
    "Balance",
    "BalanceKey",
    "Budget",
    "burn_multiple",
    "checked_budget",
    "marks_passed",
    "period_bounds",
]

HOUR_US = 3_600_000_000
DAY_US = 24 * HOUR_US
_FAR_US = 2**62  # the end of a window that has none
PERIODS = ("day", "month", "total")  # what a budget may have; "hour" is kept beside them for the burn rate
SHARES = (0.5, 0.8, 1.0)
LEVELS = ("key", "project", "org", "provider")

BalanceKey = tuple[str, str, int]  # account, period, start of the window


@dataclass(frozen=True, slots=True)
class Budget:
    """A limit of ``limit_pico`` per ``period`` on ``account``, and when to say that it is being used up.

    ``shares`` of the limit raise an alert once per window. ``burn`` is a multiple of the even pace: 2 alerts when the
    last hour, kept up, would spend the whole window's limit in half the window. None: no such alert. ``closed_why``: an
    answer cost more than was reserved for it, so nothing is admitted until the budget is set again.
    """

    account: str
    period: str
    limit_pico: int
    shares: tuple[float, ...] = SHARES
    burn: float | None = None
    created_us: int = 0
    closed_why: str | None = None

    def window_at(self, at_us: int) -> BalanceKey | None:
        """The balance an attempt begun at ``at_us`` counts in; None for windows before the budget existed.

        >>> Budget("key:a", "day", 100, created_us=25 * HOUR_US).window_at(30 * HOUR_US)
        ('key:a', 'day', 86400000000)
        >>> Budget("key:a", "day", 100, created_us=25 * HOUR_US).window_at(23 * HOUR_US) is None
        True
        """
        start, _ = period_bounds(self.period, at_us)
        if start < period_bounds(self.period, self.created_us)[0]:
            return None
        return self.account, self.period, start

    def hours_at(self, at_us: int) -> tuple[BalanceKey, ...]:
        """The balances of that hour and the one before, for the burn rate; none without a burn alert.

        >>> Budget("key:a", "day", 100, burn=2.0).hours_at(5 * HOUR_US)
        (('key:a', 'hour', 18000000000), ('key:a', 'hour', 14400000000))
        """
        if self.burn is None:
            return ()
        hour, _ = period_bounds("hour", at_us)
        return (self.account, "hour", hour), (self.account, "hour", hour - HOUR_US)


@dataclass(slots=True)
class Balance:
    """What was spent and what is reserved in one window of one account."""

    spent_pico: int = 0
    reserved_pico: int = 0

    def lacks(self, limit_pico: int, asked_pico: int) -> bool:
        """Whether a call of at most ``asked_pico`` does not fit.

        >>> Balance(60, 30).lacks(100, 10), Balance(60, 30).lacks(100, 11)
        (False, True)
        """
        return self.spent_pico + self.reserved_pico + asked_pico > limit_pico


def period_bounds(period: str, at_us: int) -> tuple[int, int]:
    """Start and end of the UTC window that holds ``at_us``; "total" has one window, without end.

    >>> [t // HOUR_US for t in period_bounds("day", 25 * HOUR_US)]
    [24, 48]
    >>> [t // HOUR_US // 24 for t in period_bounds("month", 32 * 24 * HOUR_US)]
    [31, 59]
    """
    if period == "hour":
        start = at_us - at_us % HOUR_US
        return start, start + HOUR_US
    if period == "day":
        start = at_us - at_us % DAY_US
        return start, start + DAY_US
    if period == "month":
        return _month_of(at_us // DAY_US)
    if period == "total":
        return 0, _FAR_US
    raise UnknownNameError("budget period", period, PERIODS)


@lru_cache(maxsize=64)
def _month_of(day: int) -> tuple[int, int]:
    when = datetime.fromtimestamp(day * 86_400, UTC)
    first = datetime(when.year, when.month, 1, tzinfo=UTC)
    following = datetime(when.year + when.month // 12, when.month % 12 + 1, 1, tzinfo=UTC)
    return int(first.timestamp()) * 1_000_000, int(following.timestamp()) * 1_000_000


def marks_passed(shares: Iterable[float], limit_pico: int, before_pico: int, after_pico: int) -> list[float]:
    """The shares of a limit that lie between two levels of spending: before < share x limit <= after.

    >>> marks_passed((0.5, 0.8, 1.0), 100, 45, 80)
    [0.5, 0.8]
    """
    marks = [(share, round(share * 1000) * limit_pico) for share in shares]
    return [share for share, mark in marks if before_pico * 1000 < mark <= after_pico * 1000]


def burn_multiple(budget: Budget, at_us: int, this_hour_pico: int, last_hour_pico: int) -> float:
    """How fast the last hour spent, as a multiple of the even pace of the budget's window.

    ``(this hour + last hour x the part of it within 60 minutes) / (limit / hours of the window)``. A budget without
    end has no pace: 0.

    >>> day = Budget("key:a", "day", 24, burn=2.0)
    >>> burn_multiple(day, 10 * HOUR_US + HOUR_US // 2, this_hour_pico=2, last_hour_pico=2)
    3.0
    """
    start, end = period_bounds(budget.period, at_us)
    if budget.period == "total" or budget.limit_pico <= 0:
        return 0.0
    past_share = 1 - at_us % HOUR_US / HOUR_US
    pace = budget.limit_pico * HOUR_US / (end - start)
    return (this_hour_pico + last_hour_pico * past_share) / pace


def checked_budget(
    account: str,
    limit_pico: int,
    period: str,
    shares: Iterable[float] = SHARES,
    burn: float | None = None,
    created_us: int = 0,
) -> Budget:
    """A budget whose parts make sense; raises InputError for an unknown level, a limit below 0, a share outside 0..1.

    >>> checked_budget("key:a", 10, "week")
    Traceback (most recent call last):
    ...
    supercycle.core.errors.UnknownNameError: unknown budget period 'week': expected one of day, month, total
    """
    level, _, name = account.partition(":")
    if level not in LEVELS or not name:
        raise InputError(
            "account", expected="key:, project:, org: or provider: and a name", got=repr(account)
        )
    if period not in PERIODS:
        raise UnknownNameError("budget period", period, PERIODS)
    if limit_pico < 0:
        raise InputError("budget limit", expected="0 or more pico-USD", got=limit_pico, where=account)
    marks = tuple(sorted(shares))
    if any(not 0 < share <= 1 or round(share * 1000) != share * 1000 for share in marks):
        raise InputError(
            "alert shares", expected="shares of the limit above 0, at most 1", got=marks, where=account
        )
    if burn is not None and not burn > 0:
        raise InputError("burn alert", expected="a multiple above 0", got=burn, where=account)
    return Budget(account, period, limit_pico, marks, burn, created_us)
