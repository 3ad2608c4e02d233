"""A deal in the world's ledger: for any deal and cash, lenders' assets are the vehicle's debts; cash only moves."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supercycle.core.errors import BooksError
from supercycle.deals.document.read import read_deal
from supercycle.deals.run import Run, run
from supercycle.service.deal_claims import by_quarter, claim_of, ledger_of, postings, within
from supercycle.service.deal_world import World
from supercycle.world.books import ledger as world_ledger

PERIODS = 12
KINDS = {
    "term": "bond_investors", "abs_note": "bond_investors", "cmbs": "bond_investors",
    "delayed_draw": "private_credit", "vendor_loan": "vendors",
}  # fmt: skip


def text(tranches: list[dict[str, Any]], months: int) -> str:
    """Tranches of any kind and holder on cash that is supplied, some of it in kind, some drawn late."""
    facilities = pays = ""
    for k, x in enumerate(tranches):
        holder = f"holder: {x['holder']}, " if x["holder"] else ""
        draws = (
            f"draws: {{amounts: {{2026-01-01: {x['amount'] / 4}, 2026-08-15: {x['amount'] / 2}}}}}, "
            if x["late"] else ""
        )  # fmt: skip
        kind = "pik_until: 2026-07-01, " if x["pik"] else ""
        facilities += (
            f"  - {{name: t{k}, kind: {x['kind']}, {holder}{draws}{kind}amount: {x['amount']}, rate: {x['rate']}, "
            f"upfront_fee: 0.01, maturity: 2029-01-01, amortisation: {{type: {x['rule']}}}}}\n"
        )
        pays += f"  - {{do: pay, what: interest, of: t{k}}}\n  - {{do: pay, what: principal, of: t{k}}}\n"
    return f"""schema: supercycle.deal/2
name: claims
money: USD_m
calendar: {{start: 2026-01-01, periods: {PERIODS}, months: {months}}}
contracts:
  - {{name: cash, kind: lease, start: 2026-01-01, term_years: 20, rent: $world.rent, opex: 10}}
facilities:
{facilities}reserves:
  - {{name: dsra, target: 15}}
waterfall:
{pays}  - {{do: fund, of: dsra}}
  - {{do: release, of: dsra}}
  - {{do: distribute}}
"""


tranche = st.fixed_dictionaries({
    "amount": st.floats(10, 400),
    "rate": st.floats(0.0, 0.15),
    "rule": st.sampled_from(["bullet", "level_payment", "level_principal"]),
    "kind": st.sampled_from(sorted(KINDS)),
    "holder": st.sampled_from(["", "bond_investors", "private_credit", "banks", "vendors"]),
    "pik": st.booleans(),
    "late": st.booleans(),
})  # fmt: skip
rents = st.lists(st.floats(-100, 900), min_size=PERIODS, max_size=PERIODS)


def ran(drawn: list[dict[str, Any]], rent: Any, months: int) -> Run:
    paths = np.array([rent, [2 * r for r in rent], [0.0] * PERIODS]).T
    return run(read_deal(text(drawn, months)), {"rent": paths})


@settings(max_examples=30)
@given(st.lists(tranche, min_size=1, max_size=3), rents, st.sampled_from([3, 6]))
def test_lenders_assets_are_the_vehicles_liabilities(drawn: Any, rent: Any, months: int) -> None:
    found = ran(drawn, rent, months)
    books = ledger_of(found)
    assert books.residual <= 1e-9
    size = max(sum(x["amount"] for x in drawn) * 1e-3, 1e-9)
    for claim, owed in books.liabilities.items():
        held = sum(books.assets[claim].values())
        assert np.abs(held - owed).max() <= 1e-9 * 10 * size
    # What is owed before the last date is what the tranches owe, in billions.
    balances = sum(found[f"t{k}.balance"] for k in range(len(drawn))) * 1e-3
    assert np.asarray(sum(books.liabilities.values()))[:-1] == pytest.approx(balances[:-1], abs=1e-12)
    assert np.abs(sum(books.deposits.values())).max() <= 1e-9 * np.abs(books.deposits["spvs"]).max() + 1e-9


@settings(max_examples=20)
@given(st.lists(tranche, min_size=1, max_size=3), rents, st.sampled_from([3, 6]))
def test_quarters_carry_the_same_money(drawn: Any, rent: Any, months: int) -> None:
    found = ran(drawn, rent, months)
    quarters, claims = by_quarter(found)
    assert len(quarters) >= PERIODS * months // 3
    lent = sum(flows["lend"].sum(axis=0) for flows in claims.values())
    assert lent == pytest.approx(sum(found[f"t{k}.drawn"].sum(axis=0) for k in range(len(drawn))) * 1e-3)
    back = sum(f["repay"].sum(axis=0) + f["write_off"].sum(axis=0) for f in claims.values())
    grown = sum(f["accrue"].sum(axis=0) for f in claims.values())
    assert back == pytest.approx(lent + grown, abs=1e-9)  # in the end all is repaid or written off
    for flows in claims.values():
        assert flows["stock"][-1] == pytest.approx(0, abs=1e-9)
        assert flows["stock"].min() >= -1e-9


def test_the_names_are_those_of_the_worlds_ledger() -> None:
    """Every claim and sector a deal is posted to exists in the world, with the same holder and the same issuer."""
    deal = read_deal(text([
        {"amount": 10, "rate": 0.05, "rule": "bullet", "kind": kind, "holder": holder, "pik": False, "late": False}
        for kind in sorted(KINDS) for holder in ("bond_investors", "private_credit", "banks")
    ], 3))  # fmt: skip
    seen = set()
    for facility in deal.facilities:
        claim = world_ledger.claims[claim_of(facility)]
        assert (claim.holder, claim.issuer) == (facility.holder, "spvs")
        seen.add(claim.name)
    assert seen == {n for n, c in world_ledger.claims.items() if c.issuer == "spvs"}
    lent = [{"amount": 10, "rate": 0.05, "rule": "bullet", "kind": "vendor_loan", "holder": "", "pik": False,
             "late": False}]  # fmt: skip
    assert claim_of(read_deal(text(lent, 3)).facilities[0]) == "outside:vendor_loan"
    found = ran(lent, [100.0] * PERIODS, 3)
    sectors = {s for entry in postings(found) for s in (entry.payer, entry.payee)}
    assert sectors <= set(world_ledger.sectors)


def test_a_posting_left_out_is_found() -> None:
    drawn = [{"amount": 100, "rate": 0.1, "rule": "level_payment", "kind": "term", "holder": "", "pik": False,
              "late": False}]  # fmt: skip
    found = ran(drawn, [60.0] * PERIODS, 3)
    broken = found.series.copy()
    broken[found.books.index()["t0.principal"], 3] *= 0.5
    with pytest.raises(BooksError, match=r"lenders' assets|accounts"):
        ledger_of(dataclasses.replace(found, series=broken))


def test_the_deal_is_carved_out_of_the_worlds_claim_and_too_large_is_counted() -> None:
    drawn = [{"amount": 4000, "rate": 0.0, "rule": "bullet", "kind": "term", "holder": "", "pik": False,
              "late": False}]  # fmt: skip
    found = ran(drawn, [0.0] * PERIODS, 3)
    quarters = ("2026Q3", "2026Q4")
    stock = np.array([[10.0, 3.0, 5.0], [10.0, 10.0, 5.0]])
    told = within(found, World({}, quarters, {"spv_notes_usd_bn": stock}, 3, 0))["spv_notes_usd_bn"]
    assert told["quarters"] == list(quarters)
    assert told["others"] == pytest.approx(stock - 4.0)  # 4,000m are 4bn until the end
    assert told["others"] + told["deal"] == pytest.approx(told["world"])
    assert told["too_large"] == pytest.approx(1 / 3)  # the second path's 3bn cannot hold it


KINDS_TEXT = """schema: supercycle.deal/2
name: kinds
money: USD_m
calendar: {start: 2026-01-01, periods: 12, months: 3}
cash_rate: 3 %
assets:
  - {name: hall, spend: {spread: {total: 300, from: 2026-01-01, to: 2026-10-01}}, value: {value: 250}}
contracts:
  - {name: cash, kind: lease, start: 2026-10-01, term_years: 5, rent: $world.rent}
facilities:
  - {name: note, kind: variable_funding_note, advance: 0.5, amount: 120, rate: 8 %, undrawn_fee: 1 %,
     maturity: 2029-01-01, amortisation: {type: bullet}}
  - {name: term, kind: cmbs, amount: 100, rate: 6 %, maturity: 2029-01-01,
     amortisation: {type: level_payment, from: 2026-10-01}}
  - {name: line, kind: revolver, amount: 30, rate: 7 %, undrawn_fee: 1 %, maturity: 2028-10-01,
     amortisation: {type: bullet}}
  - {name: pref, kind: preferred_equity, amount: 50, rate: 12 %, maturity: 2029-01-01, senior: false,
     amortisation: {type: bullet}}
reserves:
  - {name: dsra, target: 10}
waterfall:
  - {do: pay, what: interest, of: line, from: [construction]}
  - {do: pay, what: interest, of: note, from: [construction, line]}
  - {do: pay, what: interest, of: term, from: [construction, line]}
  - {do: pay, what: principal, of: term, from: line}
  - {do: pay, what: principal, of: note}
  - {do: pay, what: principal, of: line}
  - {do: fund, of: dsra}
  - {do: pay, what: interest, of: pref}
  - {do: pay, what: principal, of: pref}
  - {do: release, of: dsra}
  - {do: distribute}
"""


@settings(max_examples=10)
@given(st.lists(st.floats(0, 200), min_size=PERIODS, max_size=PERIODS))
def test_lines_drawn_on_demand_and_preferred_equity_are_posted_too(rent: Any) -> None:
    found = run(read_deal(KINDS_TEXT), {"rent": np.array([rent, rent[::-1]]).T})
    books = ledger_of(found)
    assert books.residual <= 1e-9
    assert set(books.assets["spv_bank_loans_usd_bn"]) == {"banks"}  # the note and the line
    assert set(books.assets["spv_abs_usd_bn"]) == {"bond_investors"}
    assert set(books.assets["outside:preferred_equity"]) == {"equity_holders"}
    _, claims = by_quarter(found)
    lent = sum(flows["lend"].sum(axis=0) for flows in claims.values())
    assert lent == pytest.approx(
        sum(found[f"{n}.drawn"].sum(axis=0) for n in ("note", "term", "line", "pref")) * 1e-3
    )
