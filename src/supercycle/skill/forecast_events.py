"""Events on record: a question, the rule that resolves it, the day it closes, the model's odds and a base rate.

The rule is fixed with the record. What the tables can answer they answer; the rest is answered by whoever scores, by
the rule and its source, and "no" only once the question has closed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from supercycle.core.errors import InputError, UnknownNameError
from supercycle.core.quarters import Quarter
from supercycle.skill.forecast_targets import TARGETS

if TYPE_CHECKING:
    from supercycle.service import Result

__all__ = ["EVENTS", "Event", "answers", "closed"]

Bools = NDArray[np.bool_]
A_YEAR = 0.05  # base rate of a crash and of a lab's failure, judged, as in the back-test
A_TEST = (1 + 1) / (4 + 2)  # rule of succession: one test put off in four years on file (figures deal_terms)
_LABS = ("lab_failed:OpenAI", "lab_failed:Anthropic", "lab_failed:xAI")
_FIRST = "2026Q4"  # questions begin with this quarter: what came before is known


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens by the end of a quarter or not."""

    id: str
    question: str
    by: str
    closes: date
    rule: str
    odds: Callable[[Result, int], Bools]
    base_rate: float | None
    figures: tuple[int, float] | None = None  # year and level of the five's capex, where the tables answer

    def told(self, result: Result) -> dict[str, Any] | None:
        """The event as it is recorded; None when the run ends before its quarter."""
        quarters = list(result.run.quarters)
        if self.by not in quarters:
            return None
        happened = self.odds(result, quarters.index(self.by))[result.run.ok]
        return {
            "id": self.id, "question": self.question, "by": self.by, "closes": self.closes.isoformat(),
            "rule": self.rule, "probability": float((happened.sum() + 1) / (len(happened) + 2)),
            "base_rate": self.base_rate,
        }  # fmt: skip

    def happened(self) -> bool | None:
        """The answer of the figures; None while a quarter is missing, or when the figures cannot say."""
        if self.figures is None:
            return None
        year, level = self.figures
        capex = [target for target in TARGETS if target.series == "capex_cash"]
        spent = [target.figure(str(Quarter(year, q))) for target in capex for q in (1, 2, 3, 4)]
        known = [value for value in spent if value is not None]
        return sum(known) > level if len(known) == len(spent) else None


def _since(values: NDArray[np.float64], quarters: list[str], place: int) -> Bools:
    """Whether a state that stays once entered is entered between the first quarter asked about and ``place``."""
    first = quarters.index(_FIRST)
    before = values[first - 1] > 0 if first else np.zeros(values.shape[1], dtype=np.bool_)
    return (values[place] > 0) & ~before


def _bust(result: Result, place: int) -> Bools:
    return _since(result.value("busted"), list(result.run.quarters), place)


def _lab(result: Result, place: int) -> Bools:
    quarters = list(result.run.quarters)
    found = [_since(result.value(lab), quarters, place) for lab in _LABS]
    return np.logical_or.reduce(found, axis=0)


def _covenant(result: Result, place: int) -> Bools:
    cover = result.value("neocloud_cash_cover")
    asked = result.run.params[list(result.run.subject.model.registry).index("covenant_cover")]
    first = list(result.run.quarters).index(_FIRST)
    return np.logical_or.reduce(cover[first : place + 1] < asked, axis=0)


def _spent(year: int, level: float) -> Callable[[Result, int], Bools]:
    def odds(result: Result, place: int) -> Bools:
        rows = [i for i, quarter in enumerate(result.run.quarters) if quarter.startswith(str(year))]
        if len(rows) != 4:
            raise InputError(
                "the year is not whole in the run", expected=f"four quarters of {year}", got=len(rows)
            )
        return np.asarray(result.value("five_firm_capex_usd_bn")[rows].sum(axis=0) > level, dtype=np.bool_)

    return odds


def _within(by: str) -> float:
    return 1.0 - (1.0 - A_YEAR) ** ((Quarter.parse(by) - Quarter.parse(_FIRST) + 1) / 4.0)


EVENTS: tuple[Event, ...] = (
    *(
        Event(
            f"bust-{year}", f"AI equity falls by 40 % from its peak by the end of {year}", f"{year}Q4",
            date(year, 12, 31),
            "Yes if the PHLX Semiconductor Index, as published by its owner, closes on any day from 2026-12-02 to the "
            "day of closing at 60 % or less of its highest close since 2024-12-02. Answered by whoever scores.",
            _bust, _within(f"{year}Q4"),
        )
        for year in (2027, 2028, 2030)
    ),
    Event(
        "lab-2027", "OpenAI, Anthropic or xAI fails by the end of 2027", "2027Q4", date(2027, 12, 31),
        "Yes if one of them enters insolvency, fails to pay a compute contract or bond as reported by the creditor, or "
        "is sold for less than its last round raised. Answered by whoever scores, naming the filing or report.",
        _lab, _within("2027Q4"),
    ),
    Event(
        "covenant-2027", "A lender puts off, waives or sees broken a test of a neocloud's loan by the end of 2027",
        "2027Q4", date(2027, 12, 31),
        "Yes if a filing dated from 2026-12-02 to the day of closing says that a debt-service, liquidity or contract "
        "test of a GPU-backed loan of a listed neocloud was waived, put off, amended or broken. Answered by whoever "
        "scores, naming the filing.",
        _covenant, 1.0 - (1.0 - A_TEST) ** ((Quarter.parse("2027Q4") - Quarter.parse(_FIRST) + 1) / 4.0),
    ),
    *(
        Event(
            f"capex-{year}-above-{level:.0f}", f"Cash capex of the five in {year} is above {level:,.0f} bn USD",
            f"{year}Q4", date(year + 1, 3, 31),
            "The sum of the four quarters' cash capex of Microsoft, Alphabet, Amazon, Meta and Oracle in the tables "
            "(figures capex_cash), by calendar quarter as docs/figures.md maps fiscal ones.",
            _spent(year, level), None, (year, level),
        )
        for year, level in ((2027, 900.0), (2027, 1100.0), (2028, 900.0))
    ),
)  # fmt: skip


def answers(words: Iterable[str], known: Iterable[str]) -> dict[str, bool]:
    """Read ``event=yes`` or ``event=no``; InputError or UnknownNameError otherwise.

    >>> answers(["bust-2027=yes"], ["bust-2027"])
    {'bust-2027': True}
    """
    out: dict[str, bool] = {}
    for word in words:
        name, _, said = word.partition("=")
        if said not in ("yes", "no"):
            raise InputError("cannot read an answer", expected="event=yes or event=no", got=repr(word))
        if name not in (names := list(known)):
            raise UnknownNameError("event", name, names)
        out[name] = said == "yes"
    return out


def closed(event: Mapping[str, Any], said: bool, on: date) -> None:
    """Refuse a "no" before the question has closed. Errors: InputError."""
    if not said and on <= date.fromisoformat(str(event["closes"])):
        raise InputError(
            f"{event['id']} has not closed",
            expected=f"no after {event['closes']}, or yes",
            got=f"no on {on.isoformat()}",
        )
