"""How a deal enters the world's ledger: every movement of cash and every claim, posted between the world's sectors.

The borrower is one of the world's vehicles (sector ``spvs``). A tranche is the claim of the world that its holder and
kind make it: notes, ABS and CMBS, private credit or bank loans of vehicles. The world's own vehicles are an aggregate
that holds such deals already, so a deal is carved out of it (``within``): the world's totals stay, and what is left of
each claim is the other vehicles'. Vendor loans and preferred equity of vehicles are no claims of the world; they are
posted under their own names and counted as outside.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from supercycle.core.errors import BooksError
from supercycle.core.quarters import Quarter
from supercycle.deals.document.schema import Facility
from supercycle.deals.engine.ledger import TOLERANCE
from supercycle.deals.measures.holders import holder_of
from supercycle.deals.run import Run
from supercycle.service.deal_world import World

__all__ = [
    "CLAIMS",
    "DealLedger",
    "Posting",
    "by_quarter",
    "claim_of",
    "ledger_of",
    "postings",
    "sector_of",
    "told",
    "within",
]

Floats = NDArray[np.float64]
BN = {"USD": 1e-9, "USD_m": 1e-3, "USD_bn": 1.0}
BORROWER = "spvs"
# The world's claims on vehicles: (holder, securitised) -> name.
CLAIMS = {
    ("bond_investors", False): "spv_notes_usd_bn",
    ("bond_investors", True): "spv_abs_usd_bn",
    ("private_credit", False): "spv_pc_loans_usd_bn",
    ("private_credit", True): "spv_pc_loans_usd_bn",
    ("banks", False): "spv_bank_loans_usd_bn",
    ("banks", True): "spv_bank_loans_usd_bn",
}
SECURITISED = ("abs_note", "cmbs")
SECTORS = {"vendors": "chip_makers"}  # the world's name for those who lend to their customers
# Who is on the other side of what is no claim. The world's tenants are the hyperscalers, its builders build.
OTHER_SIDE = {
    "revenue": "hyperscalers", "guarantee": "hyperscalers", "cash_interest": "banks", "sale": "rest_of_economy",
    "opex": "rest_of_economy", "spend": "builders", "equity_in": "equity_holders", "equity_out": "equity_holders",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Posting:
    """One flow [period, path] in USD bn: ``kind`` is pay, lend, repay, accrue or write_off, as in the world."""

    flow: str
    kind: str
    payer: str
    payee: str
    claim: str
    at_start: bool  # money drawn or put in moves when it is drawn; the rest on the payment date
    values: Floats


@dataclass(frozen=True, slots=True)
class DealLedger:
    """Stocks after each payment date [period, path] in USD bn."""

    liabilities: dict[str, Floats]  # by claim, the borrower's: the tranches' own balances
    assets: dict[
        str, dict[str, Floats]
    ]  # by claim and holder: what holders lent, less what came back or was lost
    deposits: dict[str, Floats]  # by sector, from postings alone
    residual: float


def claim_of(facility: Facility) -> str:
    """The world's claim that a facility is, or ``outside:kind`` where the world has none."""
    key = (holder_of(facility), facility.kind in SECURITISED)
    return CLAIMS.get(key, f"outside:{facility.kind}")


def sector_of(facility: Facility) -> str:
    """The world's sector that holds a facility."""
    holder = holder_of(facility)
    return SECTORS.get(holder, holder)


def postings(run: Run) -> list[Posting]:
    """Every source and use of the deal, and every change of a claim, once.

    Whatever a run records as a source or a use is posted; a series that has no known other side is paid from or to the
    rest of the economy. What is unpaid at the end of the calendar is written off there.
    """
    deal, scale = run.prepared.deal, BN[run.prepared.deal.money]
    facilities = {f.name: f for f in deal.facilities}
    found: list[Posting] = []
    for name, side in run.books.sides.items():
        if side not in ("source", "use"):
            continue
        tranche, dot, what = name.rpartition(".")
        values = run[name] * scale
        if dot and tranche in facilities:
            holder, claim = sector_of(facilities[tranche]), claim_of(facilities[tranche])
            kind = {"drawn": "lend", "principal": "repay"}.get(what, "pay")
            ends = (holder, BORROWER) if side == "source" else (BORROWER, holder)
            found.append(Posting(name, kind, *ends, claim if kind != "pay" else "", what == "drawn", values))
        else:
            other = OTHER_SIDE.get(name, "rest_of_economy")
            ends = (other, BORROWER) if side == "source" else (BORROWER, other)
            found.append(Posting(name, "pay", *ends, "", name in ("equity_in", "spend"), values))
    for name, facility in facilities.items():
        holder, claim = sector_of(facility), claim_of(facility)
        added = run[f"{name}.added"] * scale
        found.append(Posting(f"{name}.added", "accrue", holder, BORROWER, claim, False, added))
        lost = np.zeros_like(added)
        lost[-1] = run[f"{name}.balance"][-1] * scale
        found.append(Posting(f"{name}.lost", "write_off", BORROWER, holder, claim, False, lost))
    return found


def ledger_of(run: Run) -> DealLedger:
    """The deal's stocks from its postings, tied to the deal's own accounts; BooksError above 1e-9.

    Three ties at every payment date and path, relative to the largest stock of the path: lenders' assets (from what
    they paid and received) = the vehicle's liabilities (the tranches' balances); the vehicle's deposits (from
    postings) = all the deal's cash accounts; and deposits of all sectors add to 0, for cash only moves.
    """
    deal, scale = run.prepared.deal, BN[run.prepared.deal.money]
    entries = postings(run)
    sectors = {name for entry in entries for name in (entry.payer, entry.payee)}
    shape = (run.prepared.periods.count, run.paths)
    deposits = {name: np.zeros(shape) for name in sorted(sectors)}
    assets: dict[str, dict[str, Floats]] = {}
    for entry in entries:
        if entry.kind in ("pay", "lend", "repay"):
            deposits[entry.payer] -= entry.values
            deposits[entry.payee] += entry.values
        if entry.kind != "pay":
            holder = entry.payer if entry.kind in ("lend", "accrue") else entry.payee
            sign = 1.0 if entry.kind in ("lend", "accrue") else -1.0
            held = assets.setdefault(entry.claim, {})
            held[holder] = held.get(holder, np.zeros(shape)) + sign * entry.values
    assets = {c: {h: np.cumsum(x, axis=0) for h, x in held.items()} for c, held in assets.items()}
    deposits = {name: np.cumsum(x, axis=0) for name, x in deposits.items()}
    liabilities: dict[str, Floats] = {}
    for facility in deal.facilities:
        balance = run[f"{facility.name}.balance"] * scale
        balance[-1] = 0.0  # what is unpaid at the end has been written off
        claim = claim_of(facility)
        liabilities[claim] = liabilities.get(claim, np.zeros(shape)) + balance
    held = sum((run[n] for n, side in run.books.sides.items() if side == "cash"), np.zeros(shape)) * scale
    size = np.maximum(sum(np.abs(x) for x in liabilities.values()), np.abs(deposits[BORROWER]))
    size = np.maximum(size.max(axis=0, keepdims=True), 1e-300)
    worst = _tie(deposits[BORROWER] - held, size, "the vehicle's deposits and the deal's accounts")
    worst = max(worst, _tie(sum(deposits.values(), np.zeros(shape)), size, "deposits of all sectors"))
    for claim, owed in liabilities.items():
        gap = sum(assets[claim].values(), np.zeros(shape)) - owed
        worst = max(worst, _tie(gap, size, f"lenders' assets and the vehicle's liabilities in {claim}"))
    return DealLedger(liabilities, assets, deposits, worst)


def _tie(gap: Floats, size: Floats, what: str) -> float:
    worst = float((np.abs(gap) / size).max(initial=0.0))
    if not worst <= TOLERANCE:
        period, path = np.unravel_index(int(np.argmax(np.abs(gap) / size)), gap.shape)
        raise BooksError(
            f"{what} do not agree",
            expected=f"within {TOLERANCE:g}",
            got=f"{worst:.2e} in period {int(period)} on path {int(path)}",
        )
    return worst


def by_quarter(run: Run) -> tuple[tuple[str, ...], dict[str, dict[str, Floats]]]:
    """(quarters, {claim: {lend, accrue, repay, write_off, interest, stock}}), each [quarter, path] in USD bn.

    A flow falls into the calendar quarter of the day on which it moves: draws when drawn, the rest on payment dates.
    stock = the sum of lend + accrue - repay - write_off so far, the stock at the quarter's end.
    """
    periods = run.prepared.periods
    first, last = _quarter(periods.starts[0]), _quarter(periods.ends[-1])
    quarters = [first + k for k in range(last - first + 1)]
    on_pay = [_quarter(e) - first for e in periods.ends]
    plans = {p.facility.name: p for p in run.prepared.plans}
    claims = {f.name: claim_of(f) for f in run.prepared.deal.facilities}
    keys = ("lend", "accrue", "repay", "write_off", "interest")
    found = {
        claim: {key: np.zeros((len(quarters), run.paths)) for key in keys} for claim in set(claims.values())
    }
    for entry in postings(run):
        tranche, _, what = entry.flow.rpartition(".")
        if tranche not in claims:
            continue
        key = "interest" if what == "interest" else entry.kind
        if key == "pay":  # fees, which are income and no claim
            continue
        if entry.at_start:
            flows, when = run.drawn_on(plans[tranche])
            quarter = [_quarter(periods.day(float(x))) - first for x in when]
            np.add.at(found[claims[tranche]][key], quarter, flows * BN[run.prepared.deal.money])
            continue
        np.add.at(found[claims[tranche]][key], on_pay, entry.values)
    for flows in found.values():
        change = flows["lend"] + flows["accrue"] - flows["repay"] - flows["write_off"]
        flows["stock"] = np.cumsum(change, axis=0)
    return tuple(str(q) for q in quarters), found


def _quarter(day: Any) -> Quarter:
    return Quarter(day.year, (day.month + 2) // 3)


def within(run: Run, world: World) -> dict[str, dict[str, Any]]:
    """By claim: the deal's stock, the world's, and what is left to the other vehicles, over the quarters both have.

    Holders' assets and vehicles' liabilities in a claim stay the world's, deal and rest together. Where the deal is
    larger than the world's whole stock it does not fit; the paths are counted, and nothing is clipped. Arrays are
    [quarter, path]; a deal of one path is set against every path of the world.
    """
    quarters, found = by_quarter(run)
    shared = [q for q in quarters if q in world.quarters]
    here = [quarters.index(q) for q in shared]
    there = [world.quarters.index(q) for q in shared]
    told: dict[str, dict[str, Any]] = {}
    for claim, flows in found.items():
        deal = flows["stock"][here]
        if claim not in world.outputs:
            told[claim] = {"quarters": shared, "deal": deal, "world": None, "others": None, "too_large": 0.0}
            continue
        stock = world.outputs[claim][there]
        others = stock - deal
        told[claim] = {
            "quarters": shared, "deal": deal, "world": stock, "others": others,
            "too_large": float((others < 0).any(axis=0).mean()) if others.size else 0.0,
        }  # fmt: skip
    return told


def told(run: Run, world: World | None = None) -> dict[str, Any]:
    """The deal in the ledger for a reader: mean stocks by quarter and claim, beside the world's if known."""
    quarters, claims = by_quarter(run)
    books = ledger_of(run)
    beside = within(run, world) if world is not None else {}
    found: dict[str, Any] = {}
    for claim, flows in claims.items():
        one: dict[str, Any] = {"holders": sorted(books.assets[claim])}
        one["stock_usd_bn"] = [float(x) for x in flows["stock"].mean(axis=1)]
        shared = beside.get(claim, {})
        if shared.get("world") is not None and shared["quarters"]:
            one["world_quarters"] = list(shared["quarters"])
            one["world_usd_bn"] = [float(x) for x in shared["world"].mean(axis=1)]
            one["share_of_paths_too_large"] = shared["too_large"]
        found[claim] = one
    return {"quarters": list(quarters), "residual": books.residual, "claims": found}
