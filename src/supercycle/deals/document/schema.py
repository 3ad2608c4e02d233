# ruff: noqa: RUF009  (key() only makes a dataclass field)
"""The schema supercycle.deal/1: what a deal file may say, as typed objects.

What is declared here is what runs; kinds and steps that reference texts know but the engine does not yet run
are named in NOT_BUILT and refused with that word, never read and dropped.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from supercycle.deals.calendar.daycounts import DAY_COUNTS
from supercycle.deals.document.company import Company
from supercycle.deals.document.document import key
from supercycle.deals.document.numbers import Number

__all__ = [
    "ACCOUNTS", "AMORTISATIONS", "FACILITY_KINDS", "HOLDERS", "MEASURES", "NOT_BUILT", "ON_DEMAND", "SCHEMA", "STEPS",
    "Accounting", "Amortisation", "Asset", "Contract", "Deal", "Enforcement", "Equity", "Facility", "Guarantee",
    "Party", "Reserve", "Schedule", "Step", "Stream", "Test",
]  # fmt: skip

SCHEMA = "supercycle.deal/1"
FACILITY_KINDS = (
    "term", "delayed_draw", "revolver", "variable_funding_note", "abs_note", "cmbs", "vendor_loan",
    "preferred_equity",
)  # fmt: skip
HOLDERS = ("bond_investors", "private_credit", "banks", "vendors")
ON_DEMAND = ("revolver", "variable_funding_note")  # drawn when cash is short, not on dates
AMORTISATIONS = (
    "bullet", "level_payment", "level_principal", "schedule", "sculpted", "target_balance", "borrowing_base",
    "ard",
)  # fmt: skip
MEASURES = ("dscr", "llcr", "plcr", "ltv", "debt_yield")
STEPS = ("pay", "fund", "trap", "sweep", "release", "distribute")
PAYABLE = ("interest", "principal")
ACCOUNTS = ("collection", "construction")  # every deal has these; reserves add their own
# Known to the reference and refused until they run; docs/deals.md lists them too.
NOT_BUILT: dict[str, tuple[str, ...]] = {"block": ("hedges",)}
ZERO = Number("value", 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """The calendar: equal periods from the closing."""

    start: datetime.date = key("date", "closing, the first day of the first period")
    periods: int = key("int", "how many periods are run")
    months: int = key("int", "months in a period: 1, 3, 6 or 12", 3)
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """What is built and stands behind the debt."""

    name: str = key("text", "a name")
    spend: Number = key("number", "what it costs, on dates", ZERO)
    value: Number = key("number", "what it would fetch, as a level over time", ZERO)
    volatility: float = key(
        "scalar", "yearly volatility of the value around that level, drawn when many paths are run", 0.0
    )
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """What brings the cash: a lease by the year, or compute sold by the GPU-hour."""

    name: str = key("text", "a name; it is also the revenue stream's")
    kind: str = key("text", "lease or compute", choices=("lease", "compute"))
    start: datetime.date = key("date", "first day of rent")
    term_years: float = key("scalar", "initial term in years")
    option_years: float = key("scalar", "length of one extension option in years", 0.0)
    options: int = key("int", "how many extension options there are", 0)
    renewed: Number | None = key("number", "how many of them are exercised; without it, all", None)
    renewal_probability: float = key(
        "scalar", "probability that an option is exercised, drawn when many paths are run", 1.0
    )
    renewal_correlation: float = key("scalar", "of that draw with the factor of the asset's value", 0.0)
    rent: Number = key("number", "rent a year (lease)", ZERO)
    escalator: float = key("scalar", "growth of rent or price a year, in yearly steps from the start", 0.0)
    gpus: Number = key("number", "GPUs sold (compute)", ZERO)
    usd_per_gpu_hour: Number = key("number", "price of a GPU-hour in USD (compute)", ZERO)
    used_share: Number = key("number", "share of hours used (compute)", Number("value", 1.0))
    take_or_pay_share: Number = key("number", "share of hours paid at least (compute)", ZERO)
    received_share: float = key("scalar", "share of it that this borrower receives", 1.0)
    opex: Number = key("number", "running costs a year borne by the borrower", ZERO)
    opex_growth: float = key("scalar", "growth of running costs a year", 0.0)
    asset: str = key("text", "the asset it lets", "")
    paid_share: Number = key("number", "share of rent or price that is paid", Number("value", 1.0))
    payer: str = key("text", "the party that pays; what it pays ends when it fails", "")
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A tenant or guarantor that may fail; its fate and an asset's value may share a factor."""

    name: str = key("text", "a name, used as giver or payer")
    default_probability: Number = key("number", "probability of failing, a year, while it lives")
    correlation: float = key("scalar", "of what makes it live with the factor of the asset's value", 0.0)
    asset: str = key("text", "the asset whose factor it shares", "")
    recovery_share: float = key("scalar", "share of its obligations still paid after it failed", 0.0)
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """The cover that one contract's cash must give (sculpted)."""

    contract: str = key("text", "the contract")
    dscr: float = key("scalar", "cover to which its cash is lent against")
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Amortisation:
    """How a facility is repaid when all goes well."""

    type: str = key("text", "the rule", choices=AMORTISATIONS)
    from_: datetime.date | None = key("date", "first repayment is on the first payment date after this", None)
    payments: Number | None = key(
        "number", "principal on dates (schedule); the rest falls due at maturity", None
    )
    target: Number | None = key("number", "balance after each payment (target_balance)", None)
    supported: Number | None = key("number", "debt the contracts support (borrowing_base)", None)
    contract: str = key("text", "instead: the contract whose cash to come supports it (borrowing_base)", "")
    advance: float = key("scalar", "share of that cash which is lent (borrowing_base with contract)", 0.0)
    discount: float = key(
        "scalar", "yearly rate at which it is discounted (borrowing_base with contract)", 0.0
    )
    depreciated_cost: Number | None = key("number", "cost less depreciation (borrowing_base)", None)
    asset: str = key("text", "instead: the asset whose cost is depreciated (borrowing_base)", "")
    life_years: float = key("scalar", "straight-line life of that asset (borrowing_base with asset)", 0.0)
    cfads: Number | None = key(
        "number", "cash a year that shapes it (sculpted); without it, the contracts'", None
    )
    dscr: float = key(
        "scalar", "cover to which debt is sized (sculpted); without any, cash sets the shape", 0.0
    )
    streams: tuple[Stream, ...] = key([Stream], "a cover for each contract, instead of dscr (sculpted)", ())
    gearing: float = key("scalar", "largest share of cost (sculpted with a cover)", 0.0)
    ltv: float = key("scalar", "largest share of value at completion (sculpted with a cover)", 0.0)
    date: datetime.date | None = key(
        "date", "anticipated repayment date, after which all is swept (ard)", None
    )
    where: str = ""

    @property
    def sized(self) -> bool:
        """Whether a cover sets the amount."""
        return self.type == "sculpted" and bool(self.dscr or self.streams)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facility:
    """One tranche of debt, or of preferred equity; its holder's name is its own."""

    name: str = key("text", "a name")
    kind: str = key("text", "the kind", choices=FACILITY_KINDS)
    amount: float = key(
        "scalar", "commitment; 0 with a sculpted dscr means: as much as the limits allow", 0.0
    )
    draws: Number | None = key("number", "draws on dates; without it, all at closing", None)
    available_until: datetime.date | None = key(
        "date", "last day of drawing on demand (revolver, variable_funding_note); without it, maturity", None
    )
    advance: float = key("scalar", "share of spend that is drawn (variable_funding_note)", 1.0)
    holder: str = key("text", "who holds it; without it, by kind", "", choices=("", *HOLDERS))
    rate: Number = key("number", "interest a year")
    day_count: str = key("text", "day count of interest", "30/360", choices=tuple(DAY_COUNTS))
    maturity: datetime.date = key("date", "final maturity")
    upfront_fee: float = key("scalar", "share of the commitment, paid at closing", 0.0)
    undrawn_fee: float = key("scalar", "a year, on what is not drawn yet", 0.0)
    amortisation: Amortisation = key(Amortisation, "how it is repaid")
    pik_until: datetime.date | None = key("date", "interest is added to the balance until then", None)
    late_rate: float = key("scalar", "interest a year on interest that is late", 0.0)
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
    months: int = key("int", "target in months of senior debt service to come", 0)
    target: Number = key("number", "target as a level", ZERO)
    funded_at_close: bool = key("flag", "filled at closing from the construction account", False)
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Test:
    """A covenant, measured on senior debt: below the levels (above, for ltv) cash is trapped, or it defaults."""

    name: str = key("text", "a name")
    measure: str = key("text", "what is measured", choices=MEASURES)
    window: int = key("int", "periods over which cash and service are summed (dscr, debt_yield)", 1)
    trap: float = key("scalar", "level at which cash is trapped; 0: none", 0.0)
    default: float = key("scalar", "level at which it defaults; 0: none", 0.0)
    cure: int = key("int", "periods in a row that must pass to lift a trap, or that may fail before default")
    from_: datetime.date | None = key("date", "first test date", None)
    until: datetime.date | None = key("date", "last test date", None)
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
    )
    cap: float = key("scalar", "the most that is ever paid")
    received_share: float = key("scalar", "share of it that this borrower receives (residual_value)", 1.0)
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One transfer of the waterfall, in strict order."""

    do: str = key("text", "what is done", choices=STEPS)
    what: str = key("text", "interest or principal (pay)", "", choices=("", *PAYABLE))
    of: str = key("text", "the facility (pay, sweep), or the account (fund, trap, release)", "")
    from_: tuple[str, ...] = key(
        "names", "what makes up a shortfall, in order: accounts, revolvers, backstops of service (pay)", ()
    )
    share: float = key("scalar", "share of what is left (sweep)", 1.0)
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Equity:
    """One owner; shares add to 1."""

    name: str = key("text", "a name")
    share: float = key("scalar", "share of contributions and distributions")
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Enforcement:
    """What lenders do after a default or a lease that ends: sell the assets at value x (1 - cost)."""

    cost: float = key("scalar", "share of value lost in a sale")
    grace: int = key("int", "payment dates in a row that service may be unpaid before a sale", 1)
    on_default: bool = key("flag", "whether a default leads to a sale, or only to a full sweep", True)
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounting:
    """What the lessee's books need; the lease is the contract named."""

    contract: str = key("text", "the lease")
    life_years: float = key("scalar", "economic life of the asset at commencement")
    fair_value: float = key("scalar", "fair value of the leased asset at commencement")
    borrowing_rate: float = key("scalar", "incremental borrowing rate a year")
    options_counted: int = key("int", "extension options reasonably certain to be exercised", 0)
    guarantee_expected: float = key("scalar", "guarantee payment the lessee expects to owe", 0.0)
    guarantee_maximum: float = key("scalar", "the whole guarantee (ASC 842 counts it in the 90 % test)", 0.0)
    title_transfers: bool = key("flag", "title passes at the end", False)
    purchase_certain: bool = key("flag", "a purchase option is reasonably certain", False)
    specialised: bool = key("flag", "of no use to another without major changes", False)
    benefit: float = key(
        "scalar", "what the asset earns the lessee a year before rent, after running costs; 0: unknown", 0.0
    )
    tax_rate: float = key("scalar", "tax on profit", 0.0)
    company: Company | None = key(Company, "the lessee's own figures", None)
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
    notes: tuple[str, ...] = key("names", "what a reader must know", ())
    assets: tuple[Asset, ...] = key([Asset], "what is built", ())
    reserves: tuple[Reserve, ...] = key([Reserve], "accounts that hold cash back", ())
    tests: tuple[Test, ...] = key([Test], "covenants", ())
    guarantees: tuple[Guarantee, ...] = key([Guarantee], "who else pays", ())
    parties: tuple[Party, ...] = key([Party], "tenants and guarantors that may fail", ())
    cash_rate: Number = key("number", "interest a year on cash held", ZERO)
    equity: tuple[Equity, ...] = key([Equity], "owners; without it, one named equity", ())
    enforcement: Enforcement | None = key(Enforcement, "what follows a default", None)
    accounting: Accounting | None = key(Accounting, "the lessee's side", None)
    where: str = ""
