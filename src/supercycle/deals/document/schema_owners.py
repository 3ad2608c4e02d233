# ruff: noqa: RUF009  (key() only makes a dataclass field)
"""What stands beside the debt in a deal file: interest rate swaps, and what owners may add to a shortfall."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from supercycle.deals.document.document import key
from supercycle.deals.document.numbers import Number

__all__ = ["Support", "Swap"]


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

    cap: Number = key("number", "the most that owners add in all, by the date; it may fall", unit="money")
    until: datetime.date | None = key("date", "last payment date on which they add; without it, no end", None)
    costs: bool = key("flag", "whether they also pay running costs that cash does not", False)
    where: str = ""
