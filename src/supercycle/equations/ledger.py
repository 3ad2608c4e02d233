"""Double-entry books: one stock per claim, every flow posted once, residuals checked on every path and quarter.

A flow is a variable of the model (money per quarter). Posting it says who pays whom and, if a claim is made, repaid
or written off, which one. From the postings the ledger generates the deposit stock of every sector and the stock of
every claim; behaviour reads those stocks (lagged), so nothing is kept twice.

The deposits of the residual sector are the redundant equation: they accumulate from its own postings *and* must equal
minus the sum of everybody else's net position. Every sector opens with its own deposits, the residual one too: what the
openings do not agree on is ``books_opening_imbalance_usd_bn``, which is reported and carried, never absorbed. ``check`` adds an independent tie-out: a stock that a block found from
its own income and cash-flow statement must equal the ledger's. Both relative to the quarter's gross flows.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import Any

from supercycle.core.errors import ModelError, UnknownNameError
from supercycle.equations.block import Block, Opening
from supercycle.equations.functions import where
from supercycle.equations.spec import Model
from supercycle.equations.variable import Axis, zero
from supercycle.equations.written import Place, declared_at, from_tree, named, signed_sum

__all__ = ["NO_CASH", "STOCKS_OVER_FLOWS", "Claim", "Entry", "Ledger", "Sector"]

STOCKS_OVER_FLOWS = "books_stocks_over_flows"
NO_CASH = ("write_off", "accrue", "revalue")
_UP = ("lend", "accrue", "revalue")  # kinds that make a claim larger
_ADDED = "identity: postings added up"


@dataclass(frozen=True, slots=True)
class Sector:
    """A set of books; with an axis, one set per member."""

    name: str
    label: str
    opening: Opening
    place: Place
    axis: Axis | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """A stock that is the holder's asset and the issuer's liability."""

    name: str
    instrument: str
    holder: str
    issuer: str
    meaning: str
    opening: Opening
    place: Place


@dataclass(frozen=True, slots=True)
class Entry:
    """One posting: ``kind`` is pay, lend, repay, write_off, accrue or revalue."""

    flow: str
    kind: str
    payer: str
    payee: str
    claim: str
    label: str


@dataclass
class Ledger:
    """The books of a model: inert data until ``finish`` turns the postings into stocks and residuals of a model."""

    block: Block
    unit: str = "USD_bn"
    residual_sector: str = "rest_of_economy"
    sectors: dict[str, Sector] = field(default_factory=dict[str, Sector])
    claims: dict[str, Claim] = field(default_factory=dict[str, Claim])
    entries: list[Entry] = field(default_factory=list[Entry])
    checks: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    place: Place = field(default_factory=declared_at)

    def sector(self, name: str, label: str, *, opening: Opening, axis: Axis | None = None) -> None:
        """Open a sector with its opening deposits: a function, the name of what they equal, or ``zero(unit)``."""
        self.sectors[name] = Sector(name, label, opening, declared_at(), axis)

    def claim(self, name: str, *, instrument: str, holder: str, issuer: str, opening: Opening,
              meaning: str) -> None:
        """Open a claim; its variable is ``name`` (on the issuer's axis if it has one)."""
        self._known(holder)
        self._known(issuer)
        if self.sectors[holder].axis is not None:
            raise ModelError(f"claim {name}: the holder {holder} may not have an axis")
        self.claims[name] = Claim(name, instrument, holder, issuer, meaning, opening, declared_at())

    def pay(self, flow: str, *, payer: str, payee: str, label: str) -> None:
        """Post a payment that makes no claim (wages, purchases, interest, taxes, dividends, capital contributions)."""
        self._post(Entry(flow, "pay", payer, payee, "", label))

    def lend(self, flow: str, *, claim: str, label: str) -> None:
        """Post new lending: cash from holder to issuer, the claim rises."""
        c = self._claim(claim)
        self._post(Entry(flow, "lend", c.holder, c.issuer, claim, label))

    def repay(self, flow: str, *, claim: str, label: str) -> None:
        """Post a repayment: cash from issuer to holder, the claim falls."""
        c = self._claim(claim)
        self._post(Entry(flow, "repay", c.issuer, c.holder, claim, label))

    def write_off(self, flow: str, *, claim: str, label: str) -> None:
        """Post a loss: the claim falls on both sides, no cash moves."""
        c = self._claim(claim)
        self._post(Entry(flow, "write_off", c.issuer, c.holder, claim, label))

    def accrue(self, flow: str, *, claim: str, label: str) -> None:
        """Post a rise of a claim without cash (interest paid in kind, purchases on credit)."""
        c = self._claim(claim)
        self._post(Entry(flow, "accrue", c.holder, c.issuer, claim, label))

    def revalue(self, flow: str, *, claim: str, label: str) -> None:
        """Post a revaluation, up where the flow is positive: the claim changes on both sides, no cash moves.

        A bond whose price rises is a gain of its holder and a larger liability, at market value, of its issuer.
        """
        c = self._claim(claim)
        self._post(Entry(flow, "revalue", c.holder, c.issuer, claim, label))

    def check(self, sector: str, stock: str) -> None:
        """Tie a stock that a block found from its own statement to the sector's deposits."""
        self._known(sector)
        self.checks.append((sector, stock))

    def finish(self, model: Model | None = None) -> None:
        """Generate deposits, claims, gross flows and residuals in a model (that of the block if none is given).

        The blocks that declare the posted flows must have been included. The ledger itself does not change.

        Errors: UnknownNameError for a flow that the model does not have; ModelError for one on the wrong axis.
        """
        into = model or self.block.model
        if into is None:
            raise ModelError("a ledger is finished in a model", hint="Call finish(model) after model.include(...)")
        _Closing(self, Block(self.block.name, self.block.title, self.block.meaning, model=into), into).run()

    def deposits_name(self, sector: str) -> str:
        """The variable that holds a sector's deposits."""
        return f"{sector}_deposits_usd_bn"

    def _known(self, sector: str) -> None:
        if sector not in self.sectors:
            raise UnknownNameError("sector", sector, self.sectors)

    def _claim(self, name: str) -> Claim:
        if name not in self.claims:
            raise UnknownNameError("claim", name, self.claims)
        return self.claims[name]

    def _post(self, entry: Entry) -> None:
        self._known(entry.payer)
        self._known(entry.payee)
        self.entries.append(entry)


@dataclass
class _Closing:
    """The books being written into one model."""

    ledger: Ledger
    block: Block
    model: Model

    def run(self) -> None:
        for claim in self.ledger.claims.values():
            self._claim_stock(claim)
        for sector in self.ledger.sectors.values():
            self._deposits(sector)
        self._residuals()

    # postings -> variables

    def _flow_axis(self, name: str) -> Axis | None:
        if name not in self.model.variables:
            raise UnknownNameError("flow in the ledger", name, self.model.variables)
        return self.model.variables[name].axis

    def _summed(self, flow: str) -> str:
        """The name of a flow's sum over its axis, declared when first needed."""
        if self._flow_axis(flow) is None:
            return flow
        name = f"{flow}_all"
        if name not in self.model.variables:
            self.block.total(name, of=flow, unit=self.model.variables[flow].unit,
                             meaning=f"sum over members of: {flow}",
                             opening=self.model.variables[flow].opening is not None)
        return name

    def _seen_by(self, flow: str, axis: Axis | None, sector: str) -> str:
        """The flow as a sector sees it: member by member on its own axis, else the sum."""
        own = self._flow_axis(flow)
        if axis is None:
            return self._summed(flow)
        if own is None or own.name != axis.name:
            raise ModelError(f"flow {flow} must be on axis {axis.name} to be posted to {sector}")
        return flow

    def _claim_stock(self, claim: Claim) -> None:
        axis = self.ledger.sectors[claim.issuer].axis
        terms = [(1, named(f"{claim.name}_prev"))]
        for e in self.ledger.entries:
            if e.claim == claim.name:
                terms.append((1 if e.kind in _UP else -1, _in_a_quarter(self._seen_by(e.flow, axis, claim.issuer))))
        function = from_tree(claim.name, signed_sum(terms), claim.meaning, claim.place)
        self.block.equation(self.ledger.unit, axis=axis, opening=claim.opening, label=claim.meaning,
                            mechanism=_ADDED)(function)
        if axis is not None:
            self.block.total(f"{claim.name}_all", of=claim.name, unit=self.ledger.unit,
                             meaning=f"sum over members of: {claim.meaning}", label=claim.meaning, opening=True)

    def _deposits(self, sector: Sector) -> None:
        name = self.ledger.deposits_name(sector.name)
        terms = [(1, named(f"{name}_prev"))]
        for e in self.ledger.entries:
            if e.kind in NO_CASH or (e.payer == e.payee == sector.name):
                continue
            for side, sign in ((e.payer, -1), (e.payee, 1)):
                if side == sector.name:
                    terms.append((sign, _in_a_quarter(self._seen_by(e.flow, sector.axis, sector.name))))
        meaning = f"deposits of {sector.label}"
        function = from_tree(name, signed_sum(terms), meaning, sector.place)
        self.block.equation(self.ledger.unit, axis=sector.axis, opening=sector.opening, label=meaning,
                            mechanism=_ADDED)(function)

    def _total_deposits(self, sector: Sector) -> str:
        name = self.ledger.deposits_name(sector.name)
        if sector.axis is None:
            return name
        total = f"{name}_all"
        if total not in self.model.variables:
            self.block.total(total, of=name, unit=self.ledger.unit, meaning=f"deposits of all {sector.label}", opening=True)
        return total

    def _residuals(self) -> None:
        place, unit = self.ledger.place, self.ledger.unit
        names = [self._total_deposits(s) for s in self.ledger.sectors.values()]
        everybody = [(1, named(n)) for n in names]
        imbalance = from_tree("books_opening_imbalance_usd_bn", signed_sum(everybody),
                              "What the sectors' opening deposits do not agree on: zero where every deposit has a debtor", place)
        self.block.initial(unit, label="Opening imbalance of the books", report=True, mechanism=_ADDED)(imbalance)
        flows = list(dict.fromkeys(self._summed(e.flow) for e in self.ledger.entries))
        gross = from_tree("books_gross_flows_usd_bn", signed_sum([(1, _size(f)) for f in flows]),
                          "sum of the quarter's absolute flows", place)
        self.block.equation(f"{unit}/q", mechanism=_ADDED)(gross)
        self._sizes(place)
        over = ast.BinOp(named("books_gross_flows_usd_bn"), ast.Mult(), named("one_quarter"))
        apart = signed_sum([*everybody, (-1, named("books_opening_imbalance_usd_bn"))])
        redundant = from_tree(
            "books_redundant", ast.BinOp(apart, ast.Div(), over),
            "the equation that is checked and not used: all net deposit positions sum to what they opened with", place)
        self.block.equation("1", mechanism=_ADDED)(redundant)
        self.block.residual("books_redundant")
        for sector, stock in self.ledger.checks:
            own, name = self.ledger.sectors[sector].axis, f"books_tie_{stock}"
            apart = signed_sum([(1, named(self.ledger.deposits_name(sector))), (-1, named(stock))])
            tie = from_tree(name, ast.BinOp(apart, ast.Div(), over),
                            f"{stock}, found from its own statement, equals the ledger's deposits", place)
            self.block.equation("1", axis=own, mechanism=_ADDED)(tie)
            self.block.residual(name)


    def _sizes(self, place: Place) -> None:
        """All stocks over the flows of the first quarter: books close on a path that explodes too."""
        first = "books_first_flows_usd_bn"
        self.block.equation(f"{self.ledger.unit}/q", opening=zero(f"{self.ledger.unit}/q"), name=first, mechanism=_ADDED,
                            reads={"first": first, "flows": "books_gross_flows_usd_bn"})(_first_flows)
        stocks = [self._total_claim(c) for c in self.ledger.claims.values()]
        stocks += [self._total_deposits(s) for s in self.ledger.sectors.values()]
        ratio = ast.Call(named("share"), [signed_sum([(1, _size(s)) for s in stocks]), named(first), ast.Constant(0.0)], [])
        self.block.equation("q", mechanism=_ADDED)(from_tree(
            STOCKS_OVER_FLOWS, ratio, "All stocks of the books in quarters of the first quarter's flows", place))

    def _total_claim(self, claim: Claim) -> str:
        return claim.name if self.ledger.sectors[claim.issuer].axis is None else f"{claim.name}_all"


def _first_flows(first_prev: Any, flows: Any) -> Any:
    """The flows of the first quarter in which anything flows."""
    return where(first_prev > 0, first_prev, flows)


def _in_a_quarter(flow: str) -> ast.expr:
    return ast.BinOp(named(flow), ast.Mult(), named("one_quarter"))


def _size(flow: str) -> ast.expr:
    return ast.Call(named("maximum"), [named(flow), ast.UnaryOp(ast.USub(), named(flow))], [])
