"""Laws across deals: calendars agree, sculpting keeps its cover, leases close, guarantees fall with value."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from supercycle.deals.document.read import read_deal
from supercycle.deals.measures.lessee import lease_books
from supercycle.deals.run import Run, run

several = settings(  # half of what the profile draws; a soak draws many more
    max_examples=settings().max_examples // 2,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)

CALENDAR = """schema: supercycle.deal/2
name: calendars
money: USD_m
calendar: {{start: 2026-01-01, periods: {periods}, months: {months}}}
contracts:
  - {{name: rent, kind: lease, start: 2026-01-01, term_years: 6, rent: {{curve: {{{rent}}}}}, opex: {opex}}}
facilities:
  - {{name: loan, kind: term, amount: 100, rate: {rate}, maturity: 2032-01-01, upfront_fee: 1 %,
     amortisation: {{type: {rule}}}}}
tests:
  - {{name: cover, measure: dscr, window: {window}, trap: 0.1, cure: 1}}
reserves:
  - {{name: held, kind: trap}}
waterfall:
  - {{do: pay, what: interest, of: loan, from: held}}
  - {{do: pay, what: principal, of: loan, from: held}}
  - {{do: trap, of: held}}
  - {{do: release, of: held}}
  - {{do: distribute}}
"""


def on(months: int, rent: list[float], opex: float, rate: float, rule: str) -> Run:
    curve = ", ".join(f"{2026 + k}-01-01: {v}" for k, v in enumerate(rent))
    return run(
        read_deal(CALENDAR.format(periods=72 // months, months=months, rent=curve, opex=opex, rate=rate, rule=rule,
                                  window=12 // months))
    )  # fmt: skip


rates = st.one_of(st.just(0.0), st.floats(0.001, 0.12))
yearly = st.lists(st.floats(30, 400), min_size=5, max_size=5).map(
    lambda v: [*v, 2000.0]
)  # the bullet is repaid


@several
@given(yearly, st.floats(0, 10), rates)
def test_monthly_quarterly_and_yearly_agree_on_a_bullet(rent: Any, opex: float, rate: float) -> None:
    """Interest is simple within a year, so a bullet's yearly interest, cash, cover and what owners get are the same."""
    runs = {m: on(m, rent, opex, rate, "bullet") for m in (1, 3, 6, 12)}
    for name in ("revenue", "opex", "loan.interest", "cfads", "equity_out"):
        sums = [found[name][:, 0].reshape(6, -1).sum(axis=1) for found in runs.values()]
        for other in sums[1:]:
            assert other == pytest.approx(sums[0], rel=1e-9, abs=1e-9), name
    covers = [found["test.cover"][:, 0].reshape(6, -1)[:, -1] for found in runs.values()]
    for other in covers[1:]:
        assert np.allclose(other, covers[0], rtol=1e-9, equal_nan=True)


@several
@given(yearly, st.floats(0.001, 0.12), st.sampled_from(["level_payment", "level_principal"]))
def test_who_pays_sooner_pays_less_interest(rent: Any, rate: float, rule: str) -> None:
    """Repaid in part each month, less is owed within the year; the difference is below a year's interest."""
    paid = [float(on(m, rent, 0.0, rate, rule)["loan.interest"].sum()) for m in (1, 3, 6, 12)]
    assert paid == sorted(paid)
    assert paid[3] - paid[0] <= 100 * rate


@several
@given(
    st.lists(st.tuples(st.floats(20, 300), st.floats(0, 80)), min_size=6, max_size=6),
    rates, st.floats(1.05, 2), st.floats(1.05, 4),
)  # fmt: skip
def test_sculpted_service_is_each_streams_cash_over_its_cover(
    cash: Any, rate: float, one: float, two: float
) -> None:
    first, second = ([pair[k] for pair in cash] for k in (0, 1))
    curves = [", ".join(f"{2026 + k}-01-01: {v}" for k, v in enumerate(c)) for c in (first, second)]
    text = CALENDAR.format(periods=6, months=12, rent=curves[0], opex=0, rate=rate, rule="bullet", window=1)
    text = text.replace("facilities:", f"  - {{name: other, kind: lease, start: 2026-01-01, term_years: 6, "
                        f"rent: {{curve: {{{curves[1]}}}}}}}\nfacilities:", 1)  # fmt: skip
    text = text.replace("amount: 100, ", "").replace("{type: bullet}", "{type: sculpted, streams: "
                        f"[{{contract: rent, dscr: {one}}}, {{contract: other, dscr: {two}}}]}}")  # fmt: skip
    found = run(read_deal(text))
    service = np.asarray(first) / one + np.asarray(second) / two
    worth = service @ (1 + rate) ** -np.arange(1.0, 7.0)
    assert found.prepared.plans[0].amount == pytest.approx(worth, rel=1e-9)
    assume(
        (found["loan.principal"] > 0).all()
    )  # where interest exceeds it, there is no negative amortisation
    assert found["service"][:, 0] == pytest.approx(service, rel=1e-7)
    assert found["loan.balance"][-1, 0] == pytest.approx(0, abs=1e-7)
    low, high = sorted((one, two))
    assert found["test.cover"].min() >= low - 1e-6
    assert found["test.cover"].max() <= high + 1e-6


@several
@given(
    st.lists(st.floats(0, 500), min_size=1, max_size=60), st.floats(0, 0.2), st.sampled_from([1, 2, 4, 12])
)
def test_a_lease_closes_at_nothing_and_costs_what_is_paid(paid: Any, rate: float, per_year: int) -> None:
    assume(sum(paid) > 1)
    for standard in ("operating", "finance"):
        books = lease_books(paid, rate, per_year, standard=standard)
        assert abs(books.liability[-1]) <= 1e-9 * sum(paid)
        assert abs(books.asset[-1]) <= 1e-9 * sum(paid)
        assert books.cost.sum() == pytest.approx(sum(paid), rel=1e-9)


CALL = """schema: supercycle.deal/2
name: call
money: USD_m
calendar: {{start: 2026-01-01, periods: 4, months: 12}}
assets:
  - {{name: hall, value: $world.value}}
contracts:
  - {{name: rent, kind: lease, start: 2026-01-01, term_years: 2, option_years: 2, options: 1, renewed: 0, asset: hall,
     rent: 20}}
facilities:
  - {{name: loan, kind: term, amount: 100, rate: 5 %, maturity: 2030-01-01, amortisation: {{type: bullet}}}}
guarantees:
  - {{name: rvg, giver: tenant, contract: rent, asset: hall, until: {until}, threshold: {threshold}, cap: {cap}}}
enforcement: {{cost: 10 %}}
waterfall:
  - {{do: pay, what: interest, of: loan}}
  - {{do: pay, what: principal, of: loan}}
  - {{do: distribute}}
"""


@several
@given(
    st.floats(0, 200),
    st.floats(0, 150),
    st.lists(st.floats(-50, 300), min_size=2, max_size=30),
    st.booleans(),
)
def test_a_guarantee_falls_with_value_and_stays_in_its_cap_and_term(
    threshold: float, cap: float, values: Any, late: bool
) -> None:
    text = CALL.format(until="2027-12-31" if late else "2029-01-01", threshold=threshold, cap=cap)
    worth = np.sort(np.asarray(values))
    paid = run(read_deal(text), {"value": np.tile(np.maximum(worth, 0), (4, 1))})["guarantee"].sum(axis=0)
    assert (np.diff(paid) <= 1e-12).all()
    assert paid.max() <= cap
    assert paid.min() >= 0
    assert (paid == 0).all() if late else True
    assert paid[-1] == pytest.approx(0 if late else min(cap, max(threshold - max(worth[-1], 0), 0)))
