# ruff: noqa: RUF009  (key() only makes a dataclass field)
"""What stands beside the debt in a deal file: swaps, owners' support, their tax, tax equity and promote."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from supercycle.deals.document.document import key
from supercycle.deals.document.numbers import Number

__all__ = ["METHODS", "Depreciation", "Promote", "Support", "Swap", "Tax", "TaxEquity", "Tier"]

METHODS = ("straight_line", "macrs_5", "macrs_7", "macrs_15")


@dataclass(frozen=True, slots=True, kw_only=True)
class Swap:
    """The borrower pays a fixed rate and receives the base rate of a floating facility, on a notional.

    Both legs use the facility's interest dates, day count and reset; they are settled net.
    """

    name: str = key("text", "a name")
    of: str = key("text", "the floating facility whose base rate it swaps")
    share: float = key(
        "scalar", "notional as a share of the facility's planned balance, day by day; or say notional", 0.0,
        unit="share",
    )  # fmt: skip
    notional: Number | None = key(
        "number",
        "notional of each period, which may step on payment dates, in place of share",
        None,
        unit="money",
    )
    fixed: Number | None = key(
        "number", "fixed rate a year; without it, the rate at which the swap is worth nothing at closing", None,
        unit="base_rate",
    )  # fmt: skip
    charge: float = key("scalar", "what the bank adds to that rate", 0.0, unit="fee")
    from_: datetime.date | None = key("date", "first day of the swap; without it, the closing", None)
    until: datetime.date | None = key(
        "date", "its last payment date; without it, the facility's maturity", None
    )
    floored: bool = key("flag", "whether the floating leg has the floor of the facility's rate", False)
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Support:
    """Owners fund deficits: the source ``owners`` of pay steps, and running costs, up to a sum in all."""

    cap: Number = key(
        "number", "the most that owners add in all, by the date; it may fall", unit="money", when=True
    )
    until: datetime.date | None = key("date", "last payment date on which they add; without it, no end", None)
    costs: bool = key("flag", "whether they also pay running costs that cash does not", False)
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Depreciation:
    """How the cost of one asset is deducted from income, and the credit given for it."""

    asset: str = key("text", "the asset")
    method: str = key(
        "text", "straight line by days, or MACRS with the half-year convention", choices=METHODS
    )
    life_years: float = key("scalar", "life (straight_line)", 0.0, unit="years")
    share: float = key("scalar", "share of cost that may be depreciated; the rest is land", 1.0, unit="share")
    bonus: float = key("scalar", "share of it that is deducted in the first year", 0.0, unit="share")
    credit: float = key(
        "scalar", "investment credit as a share of it; half of the credit is taken off what is depreciated", 0.0,
        unit="share",
    )  # fmt: skip
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tax:
    """Tax of owners on the income of a vehicle that pays none itself: by tax year, as cash moves."""

    rate: float = key("scalar", "tax on income", unit="share")
    depreciation: tuple[Depreciation, ...] = key([Depreciation], "how each asset is depreciated", ())
    losses: str = key(
        "text",
        "whether a loss is used at once against other income, or carried forward",
        choices=("used", "carried"),
    )
    carried_share: float = key(
        "scalar",
        "share of a year's income that losses carried forward may offset (carried)",
        1.0,
        unit="share",
    )
    production_credit: Number = key(
        "number", "credits for what is produced, a year", Number("value", 0.0), unit="money"
    )
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxEquity:
    """An investor who pays owners a sum for most of the tax results, and some cash, until the flip."""

    name: str = key("text", "who it is")
    amount: float = key("scalar", "what it pays the owners", unit="money")
    on: datetime.date = key("date", "the closing or the payment date on which it pays")
    tax_share: float = key("scalar", "its share of income, losses and credits until the flip", unit="share")
    cash_share: float = key("scalar", "its share of distributions until the flip", unit="share")
    flip_irr: float = key(
        "scalar", "its return after tax at which shares flip; or say flip_on", 0.0, unit="rate"
    )
    flip_on: datetime.date | None = key(
        "date", "the payment date on which shares flip, in place of flip_irr", None
    )
    tax_share_after: float = key("scalar", "its share of tax results after the flip", 0.05, unit="share")
    cash_share_after: float = key("scalar", "its share of distributions after the flip", 0.05, unit="share")
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """Until capital has earned a rate, a share of distributions goes to the promoted owner, the rest to capital."""

    until_irr: float = key("scalar", "return of capital at which the tier is full; without it, the last tier", 0.0,
                           unit="rate")  # fmt: skip
    share: float = key("scalar", "share of the tier's distributions that is promote", unit="share")
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Promote:
    """Distributions among owners in tiers by the return of capital, before tax, in place of plain shares."""

    to: str = key("text", "the owner who receives the promote, beside its share of capital")
    tiers: tuple[Tier, ...] = key([Tier], "tiers in order of their rates; the last has none")
    where: str = ""
