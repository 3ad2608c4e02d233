"""Conditions under which a step of the waterfall is taken: ``when: [not locked, completed]``.

::

    locked, default, completed          # the state of the deal; each may follow ``not``
    after ard of NAME                   # on payment dates after the anticipated repayment date
    from 2030-01-01, before 2030-01-01  # on payment dates from, or before, a date
    broken NAME, broken NAME for 3      # the test is below its trap level, on so many dates in a row

``locked`` and ``broken`` are as of the tests last taken: for pay and fund steps on the payment date before.
"""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass

from supercycle.core.errors import InputError, UnknownNameError

__all__ = ["DATED", "Condition", "read_condition"]

STATES = ("locked", "default", "completed")
DATED = ("date", "completed", "ard")  # known before the deal runs
_FORM = re.compile(
    r"(?P<no>not )?(?:(?P<state>locked|default|completed)|after ard of (?P<ard>\S+)"
    r"|(?P<side>from|before) (?P<date>\d{4}-\d\d-\d\d)|broken (?P<test>\S+)(?: for (?P<times>\d+))?)"
)


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition: ``kind`` with what it is about."""

    kind: str
    negated: bool
    name: str = ""
    date: datetime.date | None = None
    times: int = 1


def read_condition(text: str, tests: tuple[str, ...], facilities: tuple[str, ...], where: str) -> Condition:
    """The condition in a text; InputError with the forms there are.

    >>> read_condition("not locked", (), (), "deal:1").negated
    True
    >>> read_condition("broken cover for 2", ("cover",), (), "deal:1").times
    2
    """
    found = _FORM.fullmatch(" ".join(text.split()))
    if found is None:
        raise InputError(
            "unknown condition", expected="locked, default, completed, after ard of NAME, from or before a date, "
            "broken NAME [for N], each also with not", got=text, where=where,
        )  # fmt: skip
    negated = bool(found["no"])
    if found["ard"]:
        if found["ard"] not in facilities:
            raise UnknownNameError("facility with an ard", found["ard"], facilities, where=where)
        return Condition("ard", negated, found["ard"])
    if found["test"]:
        if found["test"] not in tests:
            raise UnknownNameError("test with a trap level", found["test"], tests, where=where)
        times = int(found["times"] or 1)
        if times < 1:
            raise InputError("a test is broken at least once", got=times, where=where)
        return Condition("broken", negated, found["test"], times=times)
    if found["date"]:
        try:
            date = datetime.date.fromisoformat(found["date"])
        except ValueError:
            raise InputError("no such date", got=found["date"], where=where) from None
        return Condition("date", negated != (found["side"] == "before"), date=date)
    return Condition(found["state"], negated)
