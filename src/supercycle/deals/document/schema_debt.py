# ruff: noqa: RUF009  (key() only makes a dataclass field)
"""The lenders' side of a deal file: facilities, how they are repaid, reserves and cover tests."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from supercycle.deals.calendar.daycounts import DAY_COUNTS
from supercycle.deals.document.document import key
from supercycle.deals.document.numbers import Number

__all__ = [
    "AMORTISATIONS", "FACILITY_KINDS", "HOLDERS", "MEASURES", "ON_DEMAND", "Amortisation", "Facility", "Reserve",
    "Stream", "TakeOut", "Test",
]  # fmt: skip

FACILITY_KINDS = (
    "term", "delayed_draw", "revolver", "variable_funding_note", "abs_note", "cmbs", "vendor_loan",
    "preferred_equity", "refinancing",
)  # fmt: skip
HOLDERS = ("bond_investors", "private_credit", "banks", "vendors")
ON_DEMAND = ("revolver", "variable_funding_note", "refinancing")  # drawn when cash is short, not on dates
AMORTISATIONS = (
    "bullet", "level_payment", "level_principal", "schedule", "sculpted", "target_balance", "borrowing_base",
    "ard",
)  # fmt: skip
MEASURES = ("dscr", "llcr", "plcr", "ltv", "debt_yield")
ZERO = Number("value", 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """The cover that one contract's cash must give (sculpted)."""

    contract: str = key("text", "the contract")
    dscr: float = key("scalar", "cover to which its cash is lent against", unit="cover")
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Amortisation:
    """How a facility is repaid when all goes well."""

    type: str = key("text", "the rule", choices=AMORTISATIONS)
    from_: datetime.date | None = key("date", "first repayment is on the first payment date after this", None)
    payments: Number | None = key(
        "number", "principal on payment dates (schedule); the rest falls due at maturity", None, unit="money"
    )
    target: Number | None = key("number", "balance after each payment (target_balance)", None, unit="money")
    supported: Number | None = key(
        "number", "debt the contracts support (borrowing_base)", None, unit="money"
    )
    contract: str = key("text", "instead: the contract whose cash to come supports it (borrowing_base)", "")
    advance: float = key(
        "scalar", "share of that cash which is lent (borrowing_base with contract)", 0.0, unit="share"
    )
    discount: float = key(
        "scalar", "yearly rate at which it is discounted (borrowing_base with contract)", 0.0, unit="rate"
    )
    depreciated_cost: Number | None = key(
        "number", "cost less depreciation (borrowing_base)", None, unit="money"
    )
    asset: str = key("text", "instead: the asset whose cost is depreciated (borrowing_base)", "")
    life_years: float = key(
        "scalar", "straight-line life of that asset (borrowing_base with asset)", 0.0, unit="years"
    )
    cfads: Number | None = key(
        "number", "cash a year that shapes it (sculpted); without it, the contracts'", None, unit="money"
    )
    dscr: float = key(
        "scalar",
        "cover to which debt is sized (sculpted); without any, cash sets the shape",
        0.0,
        unit="cover",
    )
    streams: tuple[Stream, ...] = key([Stream], "a cover for each contract, instead of dscr (sculpted)", ())
    gearing: float = key("scalar", "largest share of cost (sculpted with a cover)", 0.0, unit="share")
    ltv: float = key(
        "scalar", "largest share of value at completion (sculpted with a cover)", 0.0, unit="ratio"
    )
    date: datetime.date | None = key(
        "date", "anticipated repayment date, after which all is swept (ard)", None
    )
    where: str = ""

    @property
    def sized(self) -> bool:
        """Whether a cover sets the amount."""
        return self.type == "sculpted" and bool(self.dscr or self.streams)


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeOut:
    """New debt that repays old debt on a date, as large as the least of its limits."""

    of: tuple[str, ...] = key("names", "the facilities that it repays, in order")
    on: datetime.date = key("date", "the payment date on which it is drawn")
    dscr: float = key(
        "scalar", "least cover of its own service by the cash to come; 0: none", 0.0, unit="cover"
    )
    ltv: float = key("scalar", "largest share of the value on the date; 0: none", 0.0, unit="ratio")
    debt_yield: float = key(
        "scalar", "least cash of the next twelve months over debt; 0: none", 0.0, unit="rate"
    )
    probability: float = key(
        "scalar", "that the market is open on the date, drawn when many paths are run", 1.0, unit="share"
    )
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facility:
    """One tranche of debt, or of preferred equity; its holder's name is its own."""

    name: str = key("text", "a name")
    kind: str = key("text", "the kind", choices=FACILITY_KINDS)
    amount: float = key(
        "scalar",
        "commitment, which caps what a cover may size; without it, as much as the other limits allow",
        0.0,
        unit="money",
    )
    draws: Number | None = key("number", "draws on dates; without it, all at closing", None, unit="money")
    available_until: datetime.date | None = key(
        "date",
        "last day of drawing, after which no undrawn fee runs; without it, the last draw or maturity",
        None,
    )
    advance: float = key("scalar", "share of spend that is drawn (variable_funding_note)", 1.0, unit="share")
    holder: str = key("text", "who holds it; without it, by kind", "", choices=("", *HOLDERS))
    rate: Number = key("number", "interest a year", unit="rate", when=True)
    accrual: str = key(
        "text", "whether interest runs between payment dates as written or as moved", "unadjusted",
        choices=("unadjusted", "adjusted"),
    )  # fmt: skip
    interest_months: int = key("int", "months between interest dates, back from maturity; 0: every date", 0)
    principal_months: int = key(
        "int", "months between principal dates, back from maturity; 0: as interest", 0
    )
    day_count: str = key("text", "day count of interest", "30/360", choices=tuple(DAY_COUNTS))
    maturity: datetime.date = key("date", "final maturity")
    upfront_fee: float = key("scalar", "share of the commitment, paid at closing", 0.0, unit="fee")
    undrawn_fee: float = key(
        "scalar", "a year, on the average daily undrawn while it can be drawn", 0.0, unit="fee"
    )
    amortisation: Amortisation = key(Amortisation, "how it is repaid")
    takes_out: TakeOut | None = key(TakeOut, "what it repays and how large it may be (refinancing)", None)
    pik_until: datetime.date | None = key("date", "interest is added to the balance until then", None)
    pik_when: tuple[str, ...] = key(
        "names", "conditions, as of a step, under which interest is added to the balance in place of paid", ()
    )
    late_rate: float = key("scalar", "interest a year on interest that is late", 0.0, unit="rate", when=True)
    deferrable: bool = key(
        "flag", "whether interest that is not paid is owed on, and no default before maturity", False
    )
    additional_rate: float = key(
        "scalar",
        "interest a year that runs beside it after an ARD, paid where a step pays additional",
        0.0,
        unit="rate",
    )
    compounds: bool = key(
        "flag", "whether a return not paid is added to the balance (preferred_equity)", True
    )
    senior: bool = key("flag", "whether its service counts in cover tests", True)
    where: str = ""

    @property
    def preferred(self) -> bool:
        """Preferred equity: paid after the debt, its omission no default."""
        return self.kind == "preferred_equity"

    @property
    def on_demand(self) -> bool:
        """Drawn when cash is short."""
        return self.kind in ON_DEMAND

    @property
    def tested(self) -> bool:
        """Whether it is senior debt, on which cover is measured."""
        return self.senior and not self.preferred


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserve:
    """An account that holds cash back: a reserve with a target, or the account of trapped cash."""

    name: str = key("text", "a name")
    kind: str = key("text", "reserve or trap", "reserve", choices=("reserve", "trap"))
    months: int = key(
        "int", "target in months of senior debt service to come; while building, of the first in operation", 0
    )
    target: Number = key("number", "target as a level after each payment date", ZERO, unit="money", when=True)
    funded: str = key(
        "text", "when it is first filled from the construction account: at closing, at completion, or only from cash",
        "cash", choices=("cash", "closing", "completion"),
    )  # fmt: skip
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Test:
    """A covenant, measured on senior debt: below the levels (above, for ltv) cash is trapped, or it defaults."""

    name: str = key("text", "a name")
    measure: str = key("text", "what is measured", choices=MEASURES)
    window: int = key(
        "int", "periods of operation over which cash and service are summed (dscr, debt_yield)", 1
    )
    side: str = key(
        "text",
        "over the periods before or after the date (dscr)",
        "backward",
        choices=("backward", "forward"),
    )
    debt: str = key("text", "whose service and balance", "senior", choices=("senior", "total"))
    trap: float = key("scalar", "level at which cash is trapped; 0: none", 0.0, unit="level", when=True)
    default: float = key("scalar", "level at which it defaults; 0: none", 0.0, unit="level", when=True)
    cure: int = key(
        "int", "periods in a row that must pass to lift a trap, or that may fail before default", 1
    )
    from_: datetime.date | None = key("date", "first test date", None)
    until: datetime.date | None = key("date", "last test date", None)
    where: str = ""
