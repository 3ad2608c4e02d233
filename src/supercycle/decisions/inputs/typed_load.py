"""A load as people say it: users or requests a day, tokens of a request, working hours, tokens or dollars a month.

Four weeks of hours are written from it, so that everything downstream reads one kind of load; the sum of the hours
is what was said.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from supercycle.core.errors import InputError, UnknownNameError
from supercycle.core.ownership import HOURS_PER_MONTH
from supercycle.core.profile import DemandHour, DemandProfile
from supercycle.decisions.inputs.quotes import api_price
from supercycle.decisions.inputs.shape import Shape, parse_shape

__all__ = ["FIELDS", "TypedLoad", "profile_from_text", "read_load"]

_HOURS = 4 * 168
_MONDAY = datetime(2026, 11, 2, tzinfo=UTC)  # any Monday: the shape of a week is what counts
_DAYS_PER_MONTH = HOURS_PER_MONTH / 24
_AMOUNTS = ("users", "requests_per_day", "requests_per_month", "output_tokens_per_month", "usd_per_month")
FIELDS = (
    "provider", "model", "users", "requests_per_user_day", "requests_per_day", "requests_per_month",
    "input_tokens_per_month", "output_tokens_per_month", "usd_per_month",
    "input_tokens", "output_tokens", "cached_share", "shape",
)  # fmt: skip
_MOST_TOKENS_PER_DAY = 1e16  # a hundred times what all large services process a day (figures demand)
_WORDS = ("provider", "model", "shape")
_HINT = "For example: users: 60, requests_per_user_day: 80, input_tokens: 6000, output_tokens: 400."


@dataclass(frozen=True, slots=True)
class TypedLoad:
    """The section ``load`` of a decision file: words and numbers by field, and where they were written."""

    values: Mapping[str, float | str]
    where: str

    def number(self, name: str) -> float | None:
        """A number of the section, or None."""
        value = self.values.get(name)
        return None if value is None else float(value)

    def word(self, name: str) -> str:
        """A word of the section, or nothing."""
        return str(self.values.get(name, ""))

    @property
    def shape(self) -> Shape | None:
        """The stated shape."""
        return parse_shape(self.word("shape"), self.where) if self.word("shape") else None

    @property
    def amount(self) -> str:
        """Which of the ways to say how much is used; nothing when none is."""
        said = [name for name in _AMOUNTS if name in self.values]
        if len(said) > 1:
            raise InputError("load", expected="the amount once", got=" and ".join(said), where=self.where)
        return said[0] if said else ""


def read_load(values: Mapping[str, object], where: str) -> TypedLoad:
    """The section, checked. Errors: UnknownNameError for another field; InputError for a value that cannot be.

    >>> read_load({"users": 60, "shape": "9-18 mon-fri UTC"}, "x").amount
    'users'
    """
    read: dict[str, float | str] = {}
    for name, value in values.items():
        if name not in FIELDS:
            raise UnknownNameError("field of load", name, FIELDS, where=where)
        if name in _WORDS:
            read[name] = str(value)
            continue
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e18:
            raise InputError(f"load.{name}", expected="a number of 0 or more", got=repr(value), where=where)
        if name == "cached_share" and value >= 1:
            raise InputError("load.cached_share", expected="0 to below 1", got=value, where=where)
        read[name] = float(value)
    found = TypedLoad(read, where)
    _ = found.shape, found.amount  # both are checked now, not when they are first used
    return found


def profile_from_text(load: TypedLoad, today: date) -> DemandProfile:
    """Four weeks of hours from what was said; the mean month is the amount to the token.

    Errors: InputError for what is missing: model, tokens of a request, shape.

    >>> said = read_load({"provider": "openai", "model": "gpt-5-mini", "requests_per_day": 2400,
    ...     "input_tokens": 1000, "output_tokens": 100, "shape": "flat"}, "x")
    >>> profile = profile_from_text(said, date(2026, 11, 21))
    >>> sum(row.requests for row in profile.hours), profile.hours[0].output_tokens
    (67200, 10000)
    """
    shape = load.shape
    for field, missing in (
        ("model", not load.word("model")),
        ("input_tokens", load.number("input_tokens") is None),
        ("output_tokens", not load.number("output_tokens")),
        ("shape", shape is None),
    ):
        if missing:
            raise InputError(
                f"load.{field} is missing", expected=_MEANING[field], where=load.where, hint=_HINT
            )
    assert shape is not None
    into, out = load.number("input_tokens") or 0.0, load.number("output_tokens") or 0.0
    cached = load.number("cached_share") or 0.0
    per_day = _requests_per_day(load, shape, today, into, out, cached)
    if not per_day > 0:
        raise InputError("load", expected="more than 0 requests a day", got=per_day, where=load.where)
    if per_day * (into + out) > _MOST_TOKENS_PER_DAY:
        raise InputError(
            "load", expected=f"at most {_MOST_TOKENS_PER_DAY:.0e} tokens a day", got=f"{per_day * (into + out):.3g}",
            where=load.where, hint="Is a number a month's that should be a day's?",
        )  # fmt: skip
    weights = [shape.weight(_MONDAY + timedelta(hours=hour)) for hour in range(_HOURS)]
    # Each hour takes what is due so far less what was given: rounding never loses a request or a token.
    scale = per_day * _HOURS / 24 / sum(weights)
    rows: list[DemandHour] = []
    due = 0.0
    for hour, weight in enumerate(weights):
        before, due = due, due + scale * weight
        if not weight:
            continue
        requests = round(due) - round(before)
        prompt, held = (round(due * n) - round(before * n) for n in (into, into * cached))
        rows.append(
            DemandHour(
                _MONDAY + timedelta(hours=hour),
                load.word("provider"),
                load.word("model"),
                prompt - held,
                held,
                0,
                round(due * out) - round(before * out),
                0,
                requests,
                0.0,
            )
        )
    last = _MONDAY + timedelta(hours=_HOURS - 1)
    if rows[-1].hour != last or rows[0].hour != _MONDAY:  # the weeks are whole, nights and weekends included
        empty = DemandHour(last, load.word("provider"), load.word("model"), 0, 0, 0, 0, 0, 0, 0.0)
        edges = [replace(empty, hour=_MONDAY)] if rows[0].hour != _MONDAY else []
        edges += [empty] if rows[-1].hour != last else []
        rows += edges
    return DemandProfile(tuple(rows), source=f"stated: {describe(load)}")


_MEANING = {
    "model": "the API model in use, such as gpt-5-mini",
    "input_tokens": "prompt tokens of a mean request",
    "output_tokens": "answer tokens of a mean request, more than 0",
    "shape": "flat, or hours, days and zone such as '9-18 mon-fri Europe/Zurich'",
}


def describe(load: TypedLoad) -> str:
    """The load in words, as every output shows it.

    >>> describe(read_load({"users": 60, "requests_per_user_day": 80, "shape": "flat"}, "x"))
    '60 users, 80 requests a user and working day, flat'
    """
    said = {
        "users": "users", "requests_per_user_day": "requests a user and working day",
        "requests_per_day": "requests a working day", "requests_per_month": "requests a month",
        "input_tokens_per_month": "input tokens a month", "output_tokens_per_month": "output tokens a month",
        "usd_per_month": "USD a month at the API", "input_tokens": "tokens in", "output_tokens": "tokens out a request",
    }  # fmt: skip
    parts = [f"{load.values[key]:,.10g} {words}" for key, words in said.items() if key in load.values]
    if load.number("cached_share"):
        parts.append(f"{100 * (load.number('cached_share') or 0):.3g} % of prompts cached")
    return ", ".join([*parts, *([load.word("shape")] if load.word("shape") else [])])


def _requests_per_day(
    load: TypedLoad, shape: Shape, today: date, into: float, out: float, cached: float
) -> float:
    """Requests of a mean calendar day."""
    amount = load.amount
    if amount == "users":
        each = load.number("requests_per_user_day")
        if each is None:
            raise InputError(
                "load.requests_per_user_day is missing",
                expected="requests of a user on a working day",
                where=load.where,
                hint=_HINT,
            )
        return (load.number("users") or 0.0) * each * len(shape.days) / 7
    if amount == "requests_per_day":
        return (load.number("requests_per_day") or 0.0) * len(shape.days) / 7  # of a day that works
    if amount == "requests_per_month":
        return (load.number("requests_per_month") or 0.0) / _DAYS_PER_MONTH
    if amount == "output_tokens_per_month":
        said = load.number("input_tokens_per_month")
        requests = (load.number("output_tokens_per_month") or 0.0) / out
        if said is not None and abs(said - requests * into) > 0.05 * said:
            raise InputError(
                "load: tokens a month and tokens a request do not agree",
                expected=f"{requests * into:,.0f} input tokens a month ({requests:,.0f} requests of {into:,.0f})",
                got=f"{said:,.0f}",
                where=load.where,
            )
        return requests / _DAYS_PER_MONTH
    if amount == "usd_per_month":
        price = api_price(load.word("provider"), load.word("model"), today)
        request = into * (1 - cached) * price.rate("input") + into * cached * price.rate("cached")
        request = (request + out * price.rate("output")) / 1e6
        return (load.number("usd_per_month") or 0.0) / request / _DAYS_PER_MONTH
    raise InputError(
        "load: how much is missing", expected=" or ".join(_AMOUNTS), where=load.where, hint=_HINT
    )
