# ruff: noqa: RUF009  (key() only makes a dataclass field)
"""The schema supercycle.deal/2: what a deal file may say, as typed objects.

What is declared here is what runs; kinds and steps that reference texts know but the engine does not yet run
are named in NOT_BUILT and refused with that word, never read and dropped.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

from supercycle.deals.calendar.business import BUSINESS_DAYS
from supercycle.deals.calendar.daycounts import add_months, is_month_end
from supercycle.deals.calendar.periods import Periods
from supercycle.deals.document.company import Company
from supercycle.deals.document.document import key
from supercycle.deals.document.numbers import Number
from supercycle.deals.document.schema_debt import (
    AMORTISATIONS,
    FACILITY_KINDS,
    HOLDERS,
    MEASURES,
    ON_DEMAND,
    Amortisation,
    Facility,
    Reserve,
    Stream,
    TakeOut,
    Test,
)
from supercycle.deals.document.schema_owners import (
    Depreciation,
    Promote,
    Support,
    Swap,
    Tax,
    TaxEquity,
    Tier,
)

__all__ = [
    "ACCOUNTS", "AMORTISATIONS", "FACILITY_KINDS", "HOLDERS", "MEASURES", "NOT_BUILT", "ON_DEMAND", "SCHEMA",
    "STEPS", "Accounting", "Amortisation", "Asset", "Contract", "Deal", "Depreciation", "Enforcement", "Equity",
    "Facility", "Funding", "Guarantee", "Party", "Promote", "Reading", "Relet", "Reserve", "Schedule", "Step",
    "Stream", "Support", "Swap", "TakeOut", "Tax", "TaxEquity", "Test", "Tier",
]  # fmt: skip

SCHEMA = "supercycle.deal/2"
STEPS = ("pay", "fund", "trap", "sweep", "release", "distribute")
PAYABLE = ("interest", "principal", "settlement", "additional")
ACCOUNTS = ("collection", "construction")  # every deal has these; reserves add their own
# Known to the reference and refused until they run; docs/deals.md lists them too.
NOT_BUILT: dict[str, tuple[str, ...]] = {"block": ("power_hedges",)}
ZERO = Number("value", 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """The calendar: payment dates from the closing, in equal periods but for stubs at either end."""

    start: datetime.date = key("date", "closing, the first day of the first period")
    periods: int = key("int", "how many periods are run; or say until", 0)
    until: datetime.date | None = key("date", "the last payment date, in place of periods", None)
    months: int = key("int", "months in a period: 1, 3, 6 or 12", 3)
    first: datetime.date | None = key(
        "date", "first payment date, where the first period is a stub; the later ones follow it", None
    )
    stub: str = key(
        "text", "the last period where until is not a whole period on: short or long", "",
        choices=("", "short", "long"),
    )  # fmt: skip
    end_of_month: bool | None = key(
        "flag", "whether payments stay on month ends; to be said where the dates begin on one", None
    )
    business_days: str = key(
        "text", "where a payment date that is no business day moves to", "none", choices=BUSINESS_DAYS
    )
    centres: tuple[str, ...] = key("names", "whose business days: new_york, sifma, london, target", ())
    lag_days: int = key("int", "business days from a payment date until its cash has moved", 0)
    year_ends: int = key("int", "month in which the fiscal year of the tables ends", 12)
    where: str = ""

    def lay(self) -> Periods:
        """The periods; ``checks`` has seen to it that the dates fit."""
        anchor = self.first or self.start
        month_ends = bool(self.end_of_month) and is_month_end(anchor)
        count, last = self.periods, None
        if self.until is not None:
            count = int(self.first is not None)
            while add_months(anchor, self.months * (count + 1 - int(self.first is not None)),
                             end_of_month=month_ends) <= self.until:  # fmt: skip
                count += 1
            whole = add_months(
                anchor, self.months * (count - int(self.first is not None)), end_of_month=month_ends
            )
            if whole != self.until:
                last = self.until
                count += int(self.stub != "long" or count == int(self.first is not None))
        return Periods(
            self.start, count, self.months, self.first, last, month_ends, self.business_days, self.centres,
            self.lag_days,
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """What is built and stands behind the debt."""

    name: str = key("text", "a name")
    spend: Number = key("number", "what it costs, on dates", ZERO, unit="money")
    value: Number = key("number", "what it would fetch on each payment date", ZERO, unit="money")
    volatility: float = key(
        "scalar", "yearly volatility of the value around that level, drawn when many paths are run", 0.0,
        unit="volatility",
    )  # fmt: skip
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Relet:
    """What follows when a lease ends early and its asset is let again in place of being sold."""

    empty_months: int = key("int", "months without a tenant")
    rent: Number = key("number", "market rent a year from then on", unit="money")
    growth: float = key("scalar", "growth of that rent a year, from the day it is let", 0.0, unit="growth")
    cost: Number = key("number", "fitting out and commissions, paid when it is let", ZERO, unit="money")
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """What brings the cash: a lease by the year, or compute sold by the GPU-hour."""

    name: str = key("text", "a name; it is also the revenue stream's")
    kind: str = key("text", "lease or compute", choices=("lease", "compute"))
    start: datetime.date = key("date", "first day of rent")
    term_years: float = key("scalar", "initial term in years, whole months; or say ends", 0.0, unit="years")
    ends: datetime.date | None = key("date", "the day after the initial term, in place of term_years", None)
    option_years: float = key("scalar", "length of one extension option in years", 0.0, unit="years")
    options: int = key("int", "how many extension options there are", 0)
    renewed: Number | None = key(
        "number", "how many of them are exercised; without it, all", None, unit="count"
    )
    renewal_probability: float = key(
        "scalar", "probability that an option is exercised, drawn when many paths are run", 1.0, unit="share"
    )
    renewal_correlation: float = key(
        "scalar", "of that draw with the factor of the asset's value", 0.0, unit="correlation"
    )
    rent: Number = key("number", "rent a year (lease)", ZERO, unit="money")
    escalator: float = key(
        "scalar", "growth of rent or price a year, in yearly steps from the start", 0.0, unit="growth"
    )
    gpus: Number = key("number", "GPUs sold (compute)", ZERO, unit="count")
    usd_per_gpu_hour: Number = key("number", "price of a GPU-hour in USD (compute)", ZERO, unit="price")
    used_share: Number = key("number", "share of hours used (compute)", Number("value", 1.0), unit="share")
    take_or_pay_share: Number = key("number", "share of hours paid at least (compute)", ZERO, unit="share")
    received_share: float = key("scalar", "share of it that this borrower receives", 1.0, unit="share")
    pay_months: int = key("int", "months between rent dates, from the start; 0: paid as it accrues", 0)
    pay: str = key(
        "text", "whether a rent date pays the time before it or to come", "arrears",
        choices=("arrears", "advance"),
    )  # fmt: skip
    pay_days: int = key("int", "days from a rent date until the rent is paid", 0)
    opex: Number = key("number", "running costs a year borne by the borrower", ZERO, unit="money")
    opex_growth: float = key("scalar", "growth of running costs a year", 0.0, unit="growth")
    asset: str = key("text", "the asset it lets", "")
    paid_share: Number = key(
        "number", "share of rent or price that is paid", Number("value", 1.0), unit="share"
    )
    payer: str = key("text", "the party that pays; what it pays ends when it fails", "")
    relet: Relet | None = key(Relet, "the asset is let again when the lease ends early, not sold", None)
    where: str = ""

    def end(self, options: int) -> datetime.date:
        """The day after the last with so many options exercised."""
        first = self.ends or add_months(self.start, round(12 * self.term_years))
        return add_months(first, round(12 * self.option_years) * options)

    @property
    def years(self) -> float:
        """The initial term in years."""
        if self.ends is None:
            return self.term_years
        return Periods(self.start, 1, 12, last=self.ends).years[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A tenant or guarantor that may fail; its fate and an asset's value may share a factor."""

    name: str = key("text", "a name, used as giver or payer")
    default_probability: Number = key(
        "number", "probability of failing, a year, while it lives", unit="share"
    )
    correlation: float = key(
        "scalar", "of what makes it live with the factor of the asset's value", 0.0, unit="correlation"
    )
    asset: str = key("text", "the asset whose factor it shares", "")
    recovery_share: float = key(
        "scalar", "share of its obligations still paid after it failed", 0.0, unit="share"
    )
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guarantee:
    """Who else pays: residual value on a sale, or a backstop of rent or of debt service.

    residual_value: min(cap, max(threshold - value, 0)) once, when the lease ends without renewal (trigger lapse)
    or when lenders sell (trigger sale), until ``until``. backstop: each period what is missing, up to ``cap`` in all.
    """

    name: str = key("text", "a name")
    kind: str = key("text", "the kind", "residual_value", choices=("residual_value", "backstop"))
    giver: str = key("text", "who pays; a party of that name may fail")
    contract: str = key("text", "the lease whose end triggers it, or whose rent is backed", "")
    asset: str = key("text", "the asset it covers (residual_value)", "")
    trigger: str = key("text", "what calls it (residual_value)", "lapse", choices=("lapse", "sale"))
    covers: str = key("text", "what is backed (backstop)", "rent", choices=("rent", "service"))
    until: datetime.date = key("date", "last day on which it can be called")
    threshold: Number | None = key(
        "number",
        "the value that is guaranteed, over time; for rent the money a year, without it the contract's",
        None,
        unit="money",
    )
    cap: Number = key(
        "number",
        "the most that is paid in all, by the date of the call; it may fall",
        unit="money",
        when=True,
    )
    received_share: float = key(
        "scalar", "share of it that this borrower receives (residual_value)", 1.0, unit="share"
    )
    when: tuple[str, ...] = key(
        "names",
        "conditions, as of a step, under which it can be called (backstop of service): recourse that springs",
        (),
    )
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One transfer of the waterfall, in strict order."""

    do: str = key("text", "what is done", choices=STEPS)
    what: str = key("text", "interest, principal or additional interest of a facility, settlement of a swap (pay)", "",
                    choices=("", *PAYABLE))  # fmt: skip
    of: str = key(
        "text", "the facility (pay, sweep), the swap (pay), or the account (fund, trap, release)", ""
    )
    from_: tuple[str, ...] = key(
        "names",
        "what makes up a shortfall, in order: accounts, revolvers, backstops of service, owners (pay)",
        (),
    )
    share: float = key("scalar", "share of what is left (sweep)", 1.0, unit="share", when=True)
    when: tuple[str, ...] = key(
        "names", "conditions that must all hold, as in: locked, not locked, default, completed, after ard", ()
    )
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Equity:
    """One owner; shares add to 1."""

    name: str = key("text", "a name")
    share: float = key("scalar", "share of contributions and distributions", unit="share")
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Enforcement:
    """What lenders do after a default or a lease that ends: sell the assets at value x (1 - cost)."""

    cost: float = key("scalar", "share of value lost in a sale", unit="share")
    months_to_sell: int = key("int", "months from the end of a lease until its asset is sold", 0)
    grace: int = key("int", "payment dates in a row that service may be unpaid before a sale", 1)
    on_default: bool = key("flag", "whether a default leads to a sale, or only to a full sweep", True)
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounting:
    """What the lessee's books need; the lease is the contract named."""

    contract: str = key("text", "the lease")
    life_years: float = key("scalar", "economic life of the asset at commencement", unit="years")
    fair_value: float = key("scalar", "fair value of the leased asset at commencement", unit="money")
    borrowing_rate: float = key("scalar", "incremental borrowing rate a year", unit="rate")
    options_counted: int = key("int", "extension options reasonably certain to be exercised", 0)
    guarantee_expected: float = key(
        "scalar", "guarantee payment the lessee expects to owe", 0.0, unit="money"
    )
    initial_costs: float = key("scalar", "initial direct costs of the lessee", 0.0, unit="money")
    incentives: float = key("scalar", "incentives that the lessee receives at the start", 0.0, unit="money")
    guarantee_maximum: float = key(
        "scalar", "the whole guarantee (ASC 842 counts it in the 90 % test)", 0.0, unit="money"
    )
    title_transfers: bool = key("flag", "title passes at the end", False)
    purchase_certain: bool = key("flag", "a purchase option is reasonably certain", False)
    specialised: bool = key("flag", "of no use to another without major changes", False)
    benefit: float = key(
        "scalar", "what the asset earns the lessee a year before rent, after running costs; 0: unknown", 0.0,
        unit="money",
    )  # fmt: skip
    tax_rate: float = key("scalar", "tax on profit", 0.0, unit="share")
    company: Company | None = key(Company, "the lessee's own figures", None)
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Funding:
    """Who pays for construction: one facility and the owners, in an order, up to a share of all uses."""

    facility: str = key("text", "the facility that is drawn as it is built")
    order: str = key("text", "who pays first", choices=("pro_rata", "equity_first", "debt_first"))
    gearing: float = key("scalar", "share of all uses that debt pays, up to its commitment", unit="share")
    interest: str = key("text", "who pays interest until operations", "debt", choices=("debt", "owners"))
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Another reading of the same documents: some keys set otherwise, run beside the deal as written."""

    name: str = key("text", "a name")
    set: Mapping[str, str] = key("settings", "path: value, as with --set")
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deal:
    """A whole deal."""

    schema: str = key("text", f"always {SCHEMA}")
    name: str = key("text", "a short name")
    money: str = key(
        "text", "the unit of every sum: USD, USD_m or USD_bn", choices=("USD", "USD_m", "USD_bn")
    )
    calendar: Schedule = key(Schedule, "the calendar")
    contracts: tuple[Contract, ...] = key([Contract], "what brings the cash")
    facilities: tuple[Facility, ...] = key([Facility], "the debt")
    waterfall: tuple[Step, ...] = key([Step], "who is paid, in order")
    title: str = key("text", "a line", "")
    rests_on: str = key("text", "what the answer rests on, the first sentence of its report", "")
    notes: tuple[str, ...] = key("names", "what a reader must know", ())
    swaps: tuple[Swap, ...] = key([Swap], "interest rate swaps", ())
    support: Support | None = key(Support, "what owners may add to a shortfall", None)
    assets: tuple[Asset, ...] = key([Asset], "what is built", ())
    reserves: tuple[Reserve, ...] = key([Reserve], "accounts that hold cash back", ())
    tests: tuple[Test, ...] = key([Test], "covenants", ())
    guarantees: tuple[Guarantee, ...] = key([Guarantee], "who else pays", ())
    parties: tuple[Party, ...] = key([Party], "tenants and guarantors that may fail", ())
    cash_rate: Number = key("number", "interest a year on cash held", ZERO, unit="rate", when=True)
    equity: tuple[Equity, ...] = key([Equity], "owners; without it, one named equity", ())
    promote: Promote | None = key(Promote, "distributions among owners in tiers", None)
    tax: Tax | None = key(Tax, "owners' tax on the vehicle's income", None)
    tax_equity: TaxEquity | None = key(TaxEquity, "an investor in the tax results", None)
    enforcement: Enforcement | None = key(Enforcement, "what follows a default", None)
    funding: Funding | None = key(Funding, "who pays for construction, in place of dated draws", None)
    readings: tuple[Reading, ...] = key([Reading], "other readings, run beside this one", ())
    accounting: Accounting | None = key(Accounting, "the lessee's side", None)
    where: str = ""
