"""Laws of every facility kind and of sales, on random deals: revolver, funding note, preferred equity, guarantees.

The deals of test_deals_laws are plain debt; these add what draws on demand, what is owed without being debt, what ends
a deal early, and interest on what is late or held.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from deals_decimal import reference_run
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from supercycle.deals.document.read import read_deal
from supercycle.deals.engine.waterfall import CODE
from supercycle.deals.run import Run, prepare, run

QUARTERS = 16
several = settings(  # half of what the profile draws; a soak draws many more
    max_examples=settings().max_examples // 2,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)

# A second test of each measure; its level is its last number.
SECOND = {
    "measure: ltv, trap: 80 %": 0.8,
    "measure: llcr, trap: 1.2": 1.2,
    "measure: plcr, debt: total, trap: 1.4": 1.4,
    "measure: debt_yield, window: 2, trap: 15 %": 0.15,
    "measure: dscr, side: forward, window: 2, debt: total, trap: 1.2": 1.2,
    "measure: dscr, window: 3, debt: total, trap: 1.05": 1.05,
}

deals = st.fixed_dictionaries(
    {
        "rate": st.one_of(st.just(0.0), st.floats(0.001, 0.15)),
        "rule": st.sampled_from(["bullet", "level_payment", "level_principal"]),
        "line": st.floats(1, 80),
        "base": st.floats(0, 150),
        "note": st.floats(10, 200),
        "spend": st.floats(0, 300),
        "advance": st.sampled_from([0.5, 1.0]),
        "preferred": st.floats(5, 60),
        "compounds": st.sampled_from(["true", "false"]),
        "late": st.sampled_from([0.0, 0.1]),
        "held": st.sampled_from([0.0, 0.03]),
        "default": st.sampled_from([0.0, 0.6]),
        "sale": st.booleans(),
        "value": st.floats(0, 300),
        "renewed": st.sampled_from([0, 1]),
        "backstop": st.floats(0, 60),
        "springs": st.sampled_from(["", ", when: broken cover"]),
        "toggle": st.sampled_from(["", "pik_when: not completed, ", "pik_when: locked, "]),
        "defers": st.sampled_from(["", "deferrable: true, "]),
        "additional": st.sampled_from([0.0, 0.05]),
        "steps": st.sampled_from(["", "late", "state", "dates"]),
        "second": st.sampled_from(["", *SECOND]),
        "apart": st.sampled_from(["", "interest_months: 6, "]),
    }
)
lumps = st.one_of(st.floats(-200, 400), st.just(0.0), st.floats(500, 2000), st.floats(100, 300))
flows = st.lists(lumps, min_size=QUARTERS, max_size=QUARTERS)


# Numbers that are one of several under conditions, in three manners.
PLAIN = {"held": "{}", "rate": "{}", "late": "{}", "target": "", "trap": "1.1", "cap": "{}", "share": ""}
LISTS: dict[str, dict[str, str]] = {
    "": PLAIN,
    "late": PLAIN | {
        "late": "[{{value: 12 %, when: default}}, {}]", "share": ", share: [{value: 40 %, when: locked}, 1]",
    },
    "state": PLAIN | {
        "rate": "[{{value: 11 %, when: broken cover for 2}}, {{value: 9 %, when: [not locked, completed]}}, {}]",
        "held": "[{{value: 5 %, when: locked}}, {}]",
        "target": ", target: [{{value: {}, when: broken cover}}, "
        "{{value: {}, when: [not default, from 2028-01-01]}}, {}]",
        "trap": "[{value: 1.3, when: locked}, {value: 1.15, when: after ard of junior}, 1.1]",
        "cap": "[{{value: {1}, when: not locked}}, {0}]",
    },
    "dates": PLAIN | {
        "rate": "[{{value: 9 %, when: [from 2027-01-01, before 2028-01-01]}}, {{value: 4 %, when: not completed}}, {}]",
        "held": "[{{value: 5 %, when: after ard of junior}}, {}]",
        "target": ", target: [{{value: {}, when: before 2027-07-01}}, {}]",
        "trap": "[{value: 1.2, when: from 2028-01-01}, 1.1]",
        "cap": "[{{value: {1}, when: completed}}, {0}]",
        "late": "[{{value: 3 %, when: completed}}, {}]",
    },
}  # fmt: skip


def text(d: dict[str, Any], scale: float = 1.0) -> str:
    """A term loan, a borrowing-base note that funds the spend, a revolver, preferred equity and a backstop."""
    default = f"default: {d['default']}, " if d["default"] else ""
    n = LISTS[d["steps"]]
    return f"""schema: supercycle.deal/2
name: kinds
money: USD_m
calendar: {{start: 2026-01-01, periods: {QUARTERS}}}
cash_rate: {n["held"].format(d["held"])}
assets:
  - {{name: hall, value: {d["value"] * scale}, spend: {{amounts: {{2026-01-01: {d["spend"] * scale},
     2026-07-01: {d["spend"] * scale / 2}}}}}}}
contracts:
  - {{name: rent, kind: lease, start: 2026-07-01, term_years: 2, option_years: 4, options: 1, asset: hall,
     renewed: {d["renewed"]}, rent: $world.rent}}
facilities:
  - {{name: term, kind: term, amount: {100 * scale}, rate: {n["rate"].format(d["rate"])}, maturity: 2029-01-01,
     late_rate: {n["late"].format(d["late"])},
     upfront_fee: 1 %, {d["toggle"]} amortisation: {{type: {d["rule"]}}}}}
  - {{name: note, kind: variable_funding_note, amount: {d["note"] * scale}, advance: {d["advance"]},
     rate: {d["rate"]}, maturity: 2028-07-01, available_until: 2027-01-01, undrawn_fee: 1 %,
     amortisation: {{type: borrowing_base, supported: {{ramp: {{from: 2026-01-01, to: 2028-07-01,
     start: {d["base"] * scale}, end: 0}}}}, depreciated_cost: {120 * scale}}}}}
  - {{name: line, kind: revolver, amount: {d["line"] * scale}, rate: {d["rate"]}, maturity: 2029-04-01,
     undrawn_fee: 0.5 %, amortisation: {{type: bullet}}}}
  - {{name: junior, kind: abs_note, amount: {15 * scale}, rate: {d["rate"]}, maturity: 2029-10-01, senior: false,
     {d["defers"]}{d["apart"]}
     {f"additional_rate: {d['additional']}, " if d["additional"] else ""}amortisation: {{type: ard,
     date: 2027-10-01}}}}
  - {{name: pref, kind: preferred_equity, amount: {d["preferred"] * scale}, rate: 12 %, maturity: 2029-10-01,
     compounds: {d["compounds"]}, amortisation: {{type: bullet}}}}
reserves:
  - {{name: dsra, months: 3{n["target"].format(5 * scale, 9 * scale, scale)}}}
  - {{name: held, kind: trap}}
tests:
  - {{name: cover, measure: dscr, window: 2, trap: {n["trap"]}, {default}cure: 1, from: 2027-01-01}}
  - {{name: second, {d["second"] or "measure: plcr"}, cure: 2}}
guarantees:
  - {{name: rvg, giver: tenant, contract: rent, asset: hall, until: 2029-01-01, threshold: {200 * scale},
     cap: {80 * scale}}}
  - {{name: backstop, kind: backstop, covers: service, giver: vendor, until: 2028-01-01,
     cap: {n["cap"].format(d["backstop"] * scale, d["backstop"] * scale / 2)}{d["springs"]}}}
enforcement: {{cost: 10 %, on_default: {str(d["sale"]).lower()}}}
waterfall:
  - {{do: pay, what: interest, of: term, from: [construction, held, dsra, line, backstop]}}
  - {{do: pay, what: interest, of: note, from: [construction, held, dsra, line, backstop]}}
  - {{do: pay, what: principal, of: term, from: [construction, held, dsra, line, backstop]}}
  - {{do: pay, what: interest, of: line, from: [construction, held]}}
  - {{do: pay, what: principal, of: note, from: [construction, held, dsra]}}
  - {{do: pay, what: principal, of: line}}
  - {{do: pay, what: interest, of: junior}}
  - {{do: pay, what: principal, of: junior}}
  - {{do: fund, of: dsra}}
  - {{do: trap, of: held}}
  - {{do: release, of: dsra}}
  - {{do: release, of: held}}
  - {{do: sweep, of: line{n["share"]}}}
  - {{do: sweep, of: junior}}
{"  - {do: pay, what: additional, of: junior}" if d["additional"] else ""}
  - {{do: pay, what: interest, of: pref}}
  - {{do: pay, what: principal, of: pref}}
  - {{do: distribute}}
"""


def ran(d: dict[str, Any], rent: Any, **named: Any) -> Run:
    return run(read_deal(text(d, **named)), {"rent": np.asarray(rent, float)})


DEBT = ("term", "note", "line", "junior")


@several
@given(deals, flows)
def test_books_lines_and_accounts_hold(d: Any, rent: Any) -> None:
    found = ran(d, rent)
    assert found.residual <= 1e-9
    sides = found.books.sides
    moved = {s: sum(found[n] for n, side in sides.items() if side == s) for s in ("source", "use", "cash")}
    change = np.diff(moved["cash"], axis=0, prepend=0.0)
    size = max(1.0, float(np.abs(moved["source"]).max()))
    assert np.abs(moved["source"] - moved["use"] - change).max() <= 1e-9 * size
    for name in (*DEBT, "pref"):
        drawn, added, paid = (found[f"{name}.{x}"].sum() for x in ("drawn", "added", "principal"))
        assert paid + found[f"{name}.balance"][-1, 0] == pytest.approx(drawn + added, rel=1e-9, abs=1e-7)
        assert found[f"{name}.balance"].min() >= -1e-7
    for name in ("collection", "construction", "account.dsra", "account.held"):
        assert found[name].min() >= -1e-7
    # In a lock nothing is released, so that a target that falls leaves more in the reserve.
    free = found["state"] != CODE["trap"]
    assert (found["account.dsra"] <= found["target.dsra"] + 1e-7)[free].all()


@several
@given(deals, flows)
def test_lines_stay_within_commitment_base_and_time(d: Any, rent: Any) -> None:
    found = ran(d, rent)
    for plan in found.prepared.plans:
        if plan.facility.on_demand:
            name = plan.facility.name
            drawn, balance = found[f"{name}.drawn"][:, 0], found[f"{name}.balance"][:, 0]
            assert balance.max() <= plan.amount * (1 + 1e-12)
            assert drawn[plan.available == 0].max(initial=0.0) == 0
            opened = np.concatenate([[0.0], balance[:-1]])
            assert (opened + drawn <= np.maximum(opened, np.minimum(plan.amount, plan.ceiling)) + 1e-9).all()
    # The note draws a share of the spend; owners and dated draws bring the rest.
    assert (
        found["note.drawn"][:, 0] <= d["advance"] * (found["spend"] + found["term.fees"])[:, 0] + 1e-9
    ).all()


def test_a_sale_during_construction_gives_lenders_the_money_for_building() -> None:
    """What was lent lies unspent when the first interest is missed: owners get none of it before debt is repaid."""
    d = {
        "rate": 0.125, "rule": "bullet", "line": 1.0, "base": 0.0, "note": 10.0, "spend": 0.0, "advance": 0.5,
        "preferred": 5.0, "compounds": "true", "late": 0.0, "held": 0.0, "default": 0.0, "sale": True, "value": 0.0,
        "renewed": 0, "backstop": 0.0, "springs": "", "toggle": "", "defers": "", "additional": 0.0, "steps": "",
        "second": "", "apart": "",
    }  # fmt: skip
    found = ran(d, [0.0] * QUARTERS)
    assert found["state"][0, 0] == CODE["accelerated"]
    assert found["construction"][0, 0] == 0.0
    assert found["equity_out"].sum() <= 1e-9
    repaid = sum(found[f"{n}.principal"].sum() for n in DEBT)
    assert repaid == pytest.approx(115.0, abs=1e-9)  # term loan and junior notes, in full
    spent = found["term.fees"].sum() + sum(found[f"{n}.interest"].sum() for n in DEBT)
    preferred = found["pref.interest"].sum() + found["pref.principal"].sum()
    assert preferred == pytest.approx(120.0 - repaid - spent, abs=1e-9)  # the rest of what came in


@several
@given(deals, flows)
def test_preferred_comes_after_debt_and_before_owners(d: Any, rent: Any) -> None:
    found = ran(d, rent)
    debt = sum(found[f"{n}.balance"][:, 0] for n in DEBT)
    paid = (found["pref.interest"] + found["pref.principal"])[:, 0]
    locked = (found["state"][:, 0] >= CODE["trap"]) & (debt > 1e-6)
    assert paid[locked].max(initial=0.0) <= 1e-9
    held = [n for n in DEBT if n != "junior" or not d["defers"]]  # interest that may be deferred stops nobody
    short = sum(found[f"{n}.unpaid"][:, 0] for n in held) > 1e-6
    assert paid[short].max(initial=0.0) <= 1e-9
    # Owners get nothing while preferred is owed a return or a redemption that is due.
    owed = found["pref.unpaid"][:, 0] > 1e-6
    assert found["equity_out"][owed, 0].max(initial=0.0) <= 1e-9
    if d["compounds"] == "true":
        return_due = 0.12 * 0.25 * np.concatenate([[d["preferred"]], found["pref.balance"][:-1, 0]])
        lives = np.cumsum(found["sale"][:, 0] + found["guarantee.rvg"][:, 0]) == 0
        ended = (found["state"][:, 0] == CODE["accelerated"]) | (np.cumsum(found.prepared.cash.lapsed) > 0)
        both = found["pref.interest"][:, 0] + found["pref.added"][:, 0]
        assert both[lives & ~ended] == pytest.approx(return_due[lives & ~ended], abs=1e-7)


@several
@given(deals, flows)
def test_guarantees_pay_within_cap_and_time(d: Any, rent: Any) -> None:
    found = ran(d, rent)
    ends = np.array([e.toordinal() for e in found.prepared.periods.ends])
    for guarantee in found.prepared.deal.guarantees:
        paid = found[f"guarantee.{guarantee.name}"][:, 0]
        cap = max([guarantee.cap.value, *(c.number.value for c in guarantee.cap.cases)])
        assert 0 <= paid.sum() <= cap + 1e-9
        assert paid[ends > guarantee.until.toordinal()].max(initial=0.0) == 0
        assert (paid >= 0).all()
    both = found["guarantee.rvg"] + found["guarantee.backstop"]
    assert np.allclose(both, found["guarantee"], atol=1e-9)


@several
@given(deals, flows, st.floats(0, 100))
def test_residual_guarantee_falls_with_value(d: Any, rent: Any, more: float) -> None:
    d = {**d, "renewed": 0, "sale": False, "default": 0.0}
    low, high = ran(d, rent), ran({**d, "value": d["value"] + more}, rent)
    assert high["guarantee.rvg"].sum() <= low["guarantee.rvg"].sum() + 1e-9


@several
@given(deals, flows)
def test_one_path_is_a_column_of_many(d: Any, rent: Any) -> None:
    deal, level = read_deal(text(d)), np.asarray(rent, float)
    one = run(deal, {"rent": level})
    wide = run(deal, {"rent": np.stack([level * 2 + 10, level, -level], axis=1)})
    _far_from_thresholds(one)
    size = 600 + np.abs(level).max()
    for name in one.books.sides:
        assert np.allclose(wide[name][:, 1], one[name][:, 0], rtol=1e-9, atol=1e-9 * size, equal_nan=True), (
            name
        )


@several
@given(deals, flows)
def test_decimal_agrees(d: Any, rent: Any) -> None:
    ready = prepare(read_deal(text(d)), {"rent": np.asarray(rent, float)})
    one, exact = run(ready), reference_run(ready)
    _far_from_thresholds(one)
    size = 600 + np.abs(rent).max()
    assert len(exact) > 15
    for name, values in exact.items():
        assert np.allclose([float(v) for v in values], one[name][:, 0], rtol=1e-9, atol=1e-9 * size), name


def _far_from_thresholds(found: Run) -> None:
    """Where a test sits on its level, rounding may decide: such draws are not compared."""
    cover = found["test.cover"][:, 0]
    for level in (1.1, 1.15, 1.2, 1.3, 0.6):
        assume(np.nanmin(np.abs(cover - level), initial=1.0) > 1e-9)
    second = found["test.second"][:, 0]
    for level in SECOND.values():
        assume(np.nanmin(np.abs(second - level), initial=1.0) > 1e-9)


@several
@given(deals, flows)
def test_a_billion_times_the_money_changes_no_ratio(d: Any, rent: Any) -> None:
    # Half of the smallest number a machine holds is nothing: no ratio of such money survives in any arithmetic.
    drawn = [abs(float(v)) for v in (*d.values(), *np.ravel(rent)) if isinstance(v, (int, float))]
    assume(all(v == 0.0 or v > 1e-200 for v in drawn))
    small, large = ran(d, rent), run(
        read_deal(text(d, scale=1e9)), {"rent": np.asarray(rent, float) * 1e9}
    )  # fmt: skip
    _far_from_thresholds(small)
    assert small["state"].tolist() == large["state"].tolist()
    assert np.allclose(small["test.cover"], large["test.cover"], rtol=1e-9, equal_nan=True)
    for name in (*DEBT, "pref"):
        assert small.loss(name) == pytest.approx(large.loss(name), abs=1e-9)
    ours, theirs = small.rate_of_return("equity"), large.rate_of_return("equity")
    assert ours.words() == theirs.words()
    assert np.allclose(ours.roots, theirs.roots, rtol=1e-6, atol=1e-9, equal_nan=True)


@several
@given(deals, flows)
def test_lenders_hold_what_the_borrower_owes(d: Any, rent: Any) -> None:
    """Each lender's claim, from its own cash flows, is the borrower's liability, before losses are written off."""
    found = ran(d, rent)
    for name in (*DEBT, "pref"):
        claim = np.cumsum(
            found[f"{name}.drawn"] + found[f"{name}.added"] - found[f"{name}.principal"], axis=0
        )
        assert np.allclose(claim, found[f"{name}.balance"], atol=1e-7)
