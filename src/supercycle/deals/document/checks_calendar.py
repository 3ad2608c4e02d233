"""What dates must be: a calendar that says which stub and month end it means, terms in whole months, known rates."""

from __future__ import annotations

import datetime
from typing import Any

from supercycle.core.errors import InputError, UnknownNameError
from supercycle.deals.calendar.business import CENTRES
from supercycle.deals.calendar.daycounts import add_months, is_month_end
from supercycle.deals.document.conditions import DATED
from supercycle.deals.document.document import Place
from supercycle.deals.document.numbers import Number
from supercycle.deals.document.schema import Contract, Deal, Facility, Schedule

__all__ = ["check_calendar", "check_contracts", "check_dates"]

MONTHS = (1, 3, 6, 12)
MOST_PERIODS, MOST_YEARS = 1200, 150
LONGEST_MONTH = 31


def check_calendar(calendar: Schedule) -> None:
    """Refuse a calendar whose payment dates are not clear."""
    if calendar.months not in MONTHS:
        raise InputError(
            "bad calendar",
            expected="months 1, 3, 6 or 12",
            got=calendar.months,
            where=_at(calendar, "months"),
        )
    if bool(calendar.periods) == bool(calendar.until):
        raise InputError("a calendar has periods or until, one of them", where=calendar.where)
    if calendar.until is None and not 1 <= calendar.periods <= MOST_PERIODS:
        raise InputError("bad calendar", expected=f"1 to {MOST_PERIODS} periods", got=calendar.periods,
                         where=_at(calendar, "periods"))  # fmt: skip
    if calendar.periods * calendar.months > 12 * MOST_YEARS:
        raise InputError("bad calendar", expected=f"{MOST_YEARS} years or less", got=f"{calendar.periods} periods",
                         where=_at(calendar, "periods"))  # fmt: skip
    anchor, name = (calendar.start, "start") if calendar.first is None else (calendar.first, "first")
    if calendar.first is not None and not calendar.start < calendar.first <= add_months(
        calendar.start, 2 * calendar.months
    ):
        raise InputError(
            "the first payment date", expected=f"after {calendar.start}, within two periods", got=calendar.first,
            where=_at(calendar, "first"),
        )  # fmt: skip
    if is_month_end(anchor) and anchor.day < LONGEST_MONTH and calendar.end_of_month is None:
        raise InputError(
            f"{anchor} is the last day of its month: later dates could be month ends or the {anchor.day}th",
            expected="end_of_month: true or false", where=_at(calendar, name),
        )  # fmt: skip
    if calendar.end_of_month and not is_month_end(anchor):
        raise InputError("end_of_month does nothing: the dates are not month ends", got=anchor,
                         where=_at(calendar, "end_of_month"))  # fmt: skip
    if calendar.until is not None:
        if calendar.until <= anchor:
            raise InputError(
                "the calendar ends before it begins", got=calendar.until, where=_at(calendar, "until")
            )
        laid = calendar.lay()
        if laid.last is not None and not calendar.stub:
            raise InputError(
                "until is not a whole period after the payment date before", expected="stub: short or long",
                got=calendar.until, where=_at(calendar, "until"),
            )  # fmt: skip
        if laid.last is None and calendar.stub:
            raise InputError("stub does nothing: the last period is whole", where=_at(calendar, "stub"))
        if laid.count > MOST_PERIODS:
            raise InputError(
                "bad calendar",
                expected=f"{MOST_PERIODS} periods or less",
                got=laid.count,
                where=calendar.where,
            )
    elif calendar.stub:
        raise InputError("stub goes with until", where=_at(calendar, "stub"))
    for centre in calendar.centres:
        if centre not in CENTRES:
            raise UnknownNameError("centre", centre, CENTRES, where=_at(calendar, "centres"))
    moves = calendar.business_days != "none"
    if moves != bool(calendar.centres) or (calendar.lag_days and not moves):
        raise InputError(
            "business days need centres, centres and a lag need business days", expected=", ".join(CENTRES),
            where=calendar.where,
        )  # fmt: skip
    if not 0 <= calendar.lag_days <= 30 or not 1 <= calendar.year_ends <= 12:
        raise InputError("bad calendar", expected="lag_days 0 to 30, year_ends 1 to 12", where=calendar.where)


def check_contracts(deal: Deal) -> None:
    """Terms in whole months, options with a length, names that exist."""
    for contract in deal.contracts:
        _check_terms(deal, contract)
        if contract.asset:
            _known("asset", contract, "asset", tuple(a.name for a in deal.assets))
        if contract.renewal_correlation and not contract.asset:
            raise InputError("renewal_correlation is with the asset: say which", where=contract.where)
        if contract.renewal_probability != 1 and (contract.renewed is not None or not contract.options):
            raise InputError(
                "renewal_probability is for options without 'renewed'",
                where=_at(contract, "renewal_probability"),
            )
        if contract.payer:
            _known("party", contract, "payer", tuple(p.name for p in deal.parties))
        if contract.relet is not None:
            if not contract.options:
                raise InputError(
                    "relet does nothing: a lease without options does not end early",
                    where=contract.relet.where,
                )
            if not 0 <= contract.relet.empty_months <= 240:
                raise InputError("bad empty_months", expected="0 to 240", got=contract.relet.empty_months,
                                 where=contract.relet.where)  # fmt: skip
            if contract.relet.cost.kind != "value" or contract.relet.cost.by_path:
                raise InputError("the cost of letting again is one sum", where=contract.relet.where)
        idle = (
            ("gpus", "usd_per_gpu_hour", "used_share", "take_or_pay_share")
            if contract.kind == "lease"
            else ("rent",)
        )
        written: dict[str, str] = (
            getattr(contract.where, "keys", {}) if isinstance(contract.where, Place) else {}
        )
        for name in idle:
            if name in written:
                raise InputError(f"{name!r} does nothing in a {contract.kind}", where=_at(contract, name))


def _check_terms(deal: Deal, contract: Contract) -> None:
    if bool(contract.term_years) == bool(contract.ends):
        raise InputError(
            f"contract {contract.name!r} has term_years or ends, one of them", where=contract.where
        )
    for name in ("term_years", "option_years"):
        months = 12 * getattr(contract, name)
        if abs(months - round(months)) > 1e-6:
            raise InputError(
                f"{name} is not whole months", expected=f"{int(months)} or {int(months) + 1} months, or ends: a date",
                got=f"{getattr(contract, name):g} years, {months:g} months", where=_at(contract, name),
                hint="Terms are taken exactly as written, never rounded.",
            )  # fmt: skip
    if contract.ends is not None and contract.ends <= contract.start:
        raise InputError("a contract ends after it starts", got=contract.ends, where=_at(contract, "ends"))
    if contract.options < 0 or contract.options > 100:
        raise InputError(
            "bad options", expected="0 to 100", got=contract.options, where=_at(contract, "options")
        )
    if bool(contract.options) != bool(contract.option_years):
        raise InputError("options and option_years go together", where=contract.where)
    if contract.end(contract.options) <= deal.calendar.start:
        raise InputError(
            "the contract is over before the closing",
            got=contract.end(contract.options),
            where=contract.where,
        )
    if contract.start >= deal.calendar.lay().ends[-1]:
        raise InputError(
            "the contract starts after the calendar ends", got=contract.start, where=_at(contract, "start")
        )
    if contract.pay_months < 0 or contract.pay_months > 120 or not 0 <= contract.pay_days <= 366:
        raise InputError(
            "bad rent dates", expected="pay_months 0 to 120, pay_days 0 to 366", where=contract.where
        )
    if not contract.pay_months and (contract.pay != "arrears" or contract.pay_days):
        raise InputError("rent in advance or late needs rent dates: pay_months", where=contract.where)


def check_dates(deal: Deal, facility: Facility) -> None:
    """A facility's own dates, and rates that are known from the closing on."""
    if facility.available_until and not facility.on_demand and not facility.undrawn_fee:
        raise InputError(f"'available_until' does nothing in a {facility.kind} without undrawn_fee",
                         where=_at(facility, "available_until"))  # fmt: skip
    if facility.undrawn_fee and not facility.on_demand and facility.draws is None:
        raise InputError(
            "undrawn_fee does nothing: all is drawn at closing", where=_at(facility, "undrawn_fee")
        )
    if facility.accrual == "adjusted" and deal.calendar.business_days == "none":
        raise InputError(
            "no payment date is adjusted: the calendar has no business_days", where=_at(facility, "accrual")
        )
    grid = deal.calendar.months
    for name in ("interest_months", "principal_months"):
        months = getattr(facility, name)
        if months and (months % grid or months <= 0):
            raise InputError(
                f"bad {name}", expected=f"a multiple of {grid}", got=months, where=_at(facility, name)
            )
        if months and (facility.on_demand or facility.preferred):
            raise InputError(f"{name!r} does nothing in a {facility.kind}", where=_at(facility, name))
    rule, interest = facility.amortisation.type, facility.interest_months or grid
    principal = facility.principal_months or interest
    if principal != interest and rule in ("level_payment", "sculpted"):
        raise InputError(f"{rule} pays principal with interest", expected=f"principal_months {interest}", got=principal,
                         where=_at(facility, "principal_months"))  # fmt: skip
    if facility.pik_until and facility.amortisation.sized and interest != grid:
        raise InputError(
            "a sized debt that is added to pays interest on every date",
            where=_at(facility, "interest_months"),
        )
    for number, what, start in _rates(facility, deal.calendar.start):
        if number.kind == "curve" and number.points[0][0] > start:
            raise InputError(
                f"{what} has no level before {number.points[0][0]}", expected=f"a level on {start}",
                where=number.where or _at(facility, "rate"), hint="Write the level of the closing first.",
            )  # fmt: skip


def _rates(facility: Facility, closing: datetime.date) -> list[tuple[Number, str, datetime.date]]:
    """Each number of a rate, what it is, and the day from which it may count."""
    found: list[tuple[Number, str, datetime.date]] = []
    todo = [(facility.rate, "the rate", closing)]
    while todo:
        rate, what, start = todo.pop(0)
        for case in rate.cases:
            begins = [
                c.date for c in case.conditions if c.kind in DATED and not c.negated and c.date is not None
            ]
            todo.append((case.number, what, max([start, *begins])))
        if rate.floating is not None:
            assert rate.floating.base is not None
            todo += [
                (rate.floating.base, "the base rate", start),
                (rate.floating.margin, "the margin", start),
            ]
        elif not rate.cases:
            found.append((rate, what, start))
    return found


def _at(block: Any, name: str) -> str:
    place: str = block.where
    return place.of(name) if isinstance(place, Place) else place


def _known(kind: str, block: Any, name: str, known: tuple[str, ...]) -> None:
    if getattr(block, name) not in known:
        raise UnknownNameError(kind, getattr(block, name), known, where=_at(block, name))
