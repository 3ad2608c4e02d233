"""Swaps, owners' support and refinancing on random deals: books, one path = a column of many = forty digits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from deals_decimal import reference_run
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from supercycle.deals.document.read import read_deal
from supercycle.deals.run import Run, prepare, run

QUARTERS = 14
several = settings(
    max_examples=settings().max_examples // 2,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)

deals = st.fixed_dictionaries(
    {
        "base": st.lists(st.floats(0, 0.10), min_size=4, max_size=4),
        "fixed": st.floats(0.0, 0.10),
        "share": st.floats(0.05, 1.0),
        "notional": st.lists(st.floats(0, 120), min_size=2, max_size=2),
        "reset": st.sampled_from(["term", "daily_simple", "daily_compounded"]),
        "floor": st.sampled_from([0.0, 0.03]),
        "rule": st.sampled_from(["bullet", "level_payment", "level_principal"]),
        "months": st.sampled_from([3, 6]),
        "support": st.floats(0, 60),
        "costs": st.booleans(),
        "opex": st.floats(0, 20),
        "taken": st.floats(5, 150),
        "value": st.floats(0, 200),
        "sale": st.booleans(),
    }
)
lumps = st.one_of(st.floats(0, 80), st.just(0.0), st.floats(20, 60))
flows = st.lists(lumps, min_size=QUARTERS, max_size=QUARTERS)


def text(d: dict[str, Any], scale: float = 1.0) -> str:
    base = ", ".join(f"{2026 + k}-01-01: {b}" for k, b in enumerate(d["base"]))
    first, second = (scale * x for x in d["notional"])
    return f"""schema: supercycle.deal/2
name: hedged
money: USD_m
calendar: {{start: 2026-01-01, periods: {QUARTERS}}}
assets:
  - {{name: hall, value: {d["value"] * scale}, spend: {{amounts: {{2026-01-01: {130 * scale}}}}}}}
contracts:
  - {{name: rent, kind: lease, start: 2026-04-01, term_years: 3.25, asset: hall, rent: $world.rent,
     opex: {d["opex"] * scale}}}
facilities:
  - {{name: loan, kind: term, amount: {100 * scale}, maturity: 2029-01-01, day_count: ACT/360,
     interest_months: {d["months"]}, amortisation: {{type: {d["rule"]}}},
     rate: {{base: {{curve: {{{base}}}}}, reset: {d["reset"]}, margin: 2 %, floor: {d["floor"]}}}}}
  - {{name: other, kind: term, amount: {20 * scale}, maturity: 2029-07-01, senior: false,
     amortisation: {{type: bullet}}, rate: {{base: {{curve: {{{base}}}}}, reset: term, margin: 4 %}}}}
  - {{name: bond, kind: refinancing, amount: {d["taken"] * scale}, rate: 6 %, maturity: 2029-07-01, upfront_fee: 1 %,
     takes_out: {{of: loan, on: 2028-01-01}}, amortisation: {{type: bullet}}}}
swaps:
  - {{name: hedge, of: loan, share: {d["share"]}, fixed: {d["fixed"]}}}
  - {{name: more, of: other, notional: {{curve: {{2026-01-01: {first}, 2027-07-01: {second}}}}}, until: 2029-04-01,
     fixed: 3 %}}
support: {{cap: {d["support"] * scale}, until: 2028-10-01, costs: {str(d["costs"]).lower()}}}
reserves:
  - {{name: dsra, months: 3, funded: closing}}
  - {{name: held, kind: trap}}
tests:
  - {{name: cover, measure: dscr, window: 2, trap: 1.1, cure: 1}}
enforcement: {{cost: 10 %, on_default: {str(d["sale"]).lower()}}}
waterfall:
  - {{do: pay, what: settlement, of: hedge, from: [construction, held, dsra, owners]}}
  - {{do: pay, what: interest, of: loan, from: [construction, held, dsra, owners]}}
  - {{do: pay, what: interest, of: bond, from: [held, dsra, owners]}}
  - {{do: pay, what: principal, of: loan, from: [held, dsra]}}
  - {{do: pay, what: principal, of: bond, from: [held, dsra]}}
  - {{do: pay, what: settlement, of: more, from: held}}
  - {{do: pay, what: interest, of: other}}
  - {{do: pay, what: principal, of: other}}
  - {{do: fund, of: dsra}}
  - {{do: trap, of: held}}
  - {{do: release, of: dsra}}
  - {{do: release, of: held}}
  - {{do: distribute}}
"""


def ran(d: dict[str, Any], rent: Any, scale: float = 1.0) -> Run:
    return run(read_deal(text(d, scale)), {"rent": np.asarray(rent, float) * scale})


def far_from_levels(found: Run) -> None:
    """Where a test sits on its level, or all is just paid, rounding may decide."""
    assume(np.nanmin(np.abs(found["test.cover"][:, 0] - 1.1), initial=1.0) > 1e-9)


@several
@given(deals, flows)
def test_books_and_swaps_hold(d: Any, rent: Any) -> None:
    found = ran(d, rent)
    assert found.residual <= 1e-9
    for swap in ("hedge", "more"):
        owed = -found[f"{swap}.settled"] - found[f"{swap}.ended"]
        net = found[f"{swap}.paid"] - found[f"{swap}.received"]
        # What is settled and ended is paid, received, or still owed.
        assert np.allclose(np.cumsum(owed - net, axis=0), found[f"{swap}.unpaid"], atol=1e-8)
        assert found[f"{swap}.paid"].min() >= -1e-9
        assert found[f"{swap}.received"].min() >= -1e-9
    # Owners add to shortfalls no more than the cap, and nothing after its end.
    built = found.put.sum()
    completing = found["built_interest"].sum()
    assert found["equity_in"].sum() <= built + completing + d["support"] + 1e-7
    ends = np.array([e.toordinal() for e in found.prepared.periods.ends])
    assert found["equity_in"][ends > ends[10], 0].max(initial=0.0) == 0


@several
@given(deals, flows)
def test_one_path_is_a_column_of_many(d: Any, rent: Any) -> None:
    deal, level = read_deal(text(d)), np.asarray(rent, float)
    one = run(deal, {"rent": level})
    wide = run(deal, {"rent": np.stack([level * 2 + 10, level, level * 0], axis=1)})
    far_from_levels(one)
    for name in one.books.sides:
        assert np.allclose(wide[name][:, 1], one[name][:, 0], rtol=1e-9, atol=1e-6, equal_nan=True), name


@several
@given(deals, flows)
def test_decimal_agrees(d: Any, rent: Any) -> None:
    if d["months"] != 3:
        d = {**d, "months": 3}  # the reading pays on every date
    ready = prepare(read_deal(text(d).replace("interest_months: 3, ", "")), {"rent": np.asarray(rent, float)})
    one, exact = run(ready), reference_run(ready)
    far_from_levels(one)
    assert {"hedge.paid", "hedge.worth", "more.received", "equity_in"} <= set(exact)
    for name, values in exact.items():
        assert np.allclose([float(v) for v in values], one[name][:, 0], rtol=1e-9, atol=1e-6), name


@several
@given(deals, flows)
def test_a_billion_times_the_money_changes_no_state(d: Any, rent: Any) -> None:
    drawn = [
        abs(float(v))
        for v in (*np.ravel(rent), d["support"], d["opex"], d["taken"], *d["notional"], d["value"])
    ]
    assume(all(v == 0.0 or v > 1e-6 for v in drawn))
    small, large = ran(d, rent), ran(d, rent, 1e9)
    far_from_levels(small)
    assert small["state"].tolist() == large["state"].tolist()
    assert np.allclose(small["hedge.paid"] * 1e9, large["hedge.paid"], rtol=1e-9, atol=1.0)


def test_a_rate_of_the_world_is_taken_as_of_the_date_and_never_ahead() -> None:
    """A swap on $world's rate: what it is worth does not know later rates; only what has been settled does."""
    plain = {"base": [0.03] * 4, "fixed": 0.04, "share": 1.0, "notional": [50, 50], "reset": "daily_simple",
             "floor": 0.0, "rule": "bullet", "months": 3, "support": 0, "costs": False, "opex": 1, "taken": 5,
             "value": 100, "sale": False}  # fmt: skip
    source = text(plain)
    start, stop = source.index("base: {curve"), source.index("reset: daily_simple")
    deal = read_deal(source[:start] + "base: $world.sofr, " + source[stop:])
    rates = np.full((QUARTERS, 3), 0.03)
    rates[6:, 1], rates[6:, 2] = 0.08, 0.0
    found = run(deal, {"rent": np.full((QUARTERS, 3), 60.0), "sofr": rates})
    worth = found["hedge.worth"]
    assert np.allclose(worth[:6, 1], worth[:6, 0])
    assert np.allclose(worth[:6, 2], worth[:6, 0])
    assert worth[6, 1] > 0 > worth[6, 0] > worth[6, 2]
    flat = run(read_deal(source), {"rent": np.full(QUARTERS, 60.0)})
    assert worth[:, 0] == pytest.approx(flat["hedge.worth"][:, 0], abs=1e-9)
