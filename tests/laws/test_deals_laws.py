"""What must hold for any deal and any cash: random tranches, rates, reserves, traps; lumpy and negative cash."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from deals_decimal import reference_run
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from supercycle.core.returns import irr
from supercycle.deals.document.read import read_deal
from supercycle.deals.engine.waterfall import CODE
from supercycle.deals.run import prepare, run

QUARTERS = 16
NAMES = ("alpha", "beta", "gamma")
RULES = ("bullet", "level_payment", "level_principal", "schedule", "target_balance", "ard")


def text(
    tranches: list[dict[str, Any]], *, scale: float = 1.0, reserve: float = 0.0, trap: float = 0.0,
    source: bool = True, extra: str = "",
) -> str:  # fmt: skip
    """A deal whose cash comes from the run; amounts multiplied by ``scale``."""
    facilities, pays, sweeps = "", "", ""
    shortfall = ", from: [held, dsra]" if source else ""
    for name, x in zip(NAMES, tranches, strict=False):
        amount = x["amount"] * scale
        rule = {
            "schedule": "type: schedule, payments: "
            f"{{amounts: {{2026-04-01: {amount / 4}, 2027-01-01: {amount / 3}}}}}",
            "target_balance": "type: target_balance, target: "
            f"{{curve: {{2026-01-01: {amount}, 2027-04-01: {amount / 2}}}}}",
            "ard": "type: ard, date: 2027-07-01",
        }.get(x["rule"], f"type: {x['rule']}")
        grace = "pik_until: 2026-07-01, " if x["pik"] else ""
        facilities += (
            f"  - {{name: {name}, kind: term, amount: {amount}, rate: {x['rate']}, maturity: {x['maturity']}, {grace}"
            f"upfront_fee: {x['fee']}, amortisation: {{{rule}}}}}\n"
        )
        pays += f"  - {{do: pay, what: interest, of: {name}{shortfall}}}\n"
        pays += f"  - {{do: pay, what: principal, of: {name}{shortfall}}}\n"
        sweeps += f"  - {{do: sweep, of: {name}, share: {x['sweep']}}}\n"
    test = f"tests:\n  - {{name: cover, measure: dscr, window: 2, trap: {trap}, cure: 2}}\n" if trap else ""
    return f"""schema: supercycle.deal/2
name: random
money: USD_m
calendar: {{start: 2026-01-01, periods: {QUARTERS}}}
contracts:
  - {{name: cash, kind: lease, start: 2026-01-01, term_years: 10, rent: $world.rent, opex: $world.cost}}
facilities:
{facilities}reserves:
  - {{name: dsra, target: {reserve * scale}}}
  - {{name: held, kind: trap}}
{test}waterfall:
{pays}  - {{do: fund, of: dsra}}
  - {{do: trap, of: held}}
  - {{do: release, of: dsra}}
  - {{do: release, of: held}}
{sweeps}  - {{do: distribute}}
{extra}"""


tranche = st.fixed_dictionaries(
    {
        "amount": st.floats(10, 500),
        "rate": st.one_of(st.just(0.0), st.floats(0.001, 0.2)),
        "rule": st.sampled_from(RULES),
        "maturity": st.sampled_from(["2028-07-01", "2029-01-01", "2030-01-01"]),
        "sweep": st.sampled_from([0.0, 0.5, 1.0]),
        "fee": st.sampled_from([0.0, 0.02]),
        "pik": st.booleans(),
    }
)
tranches = st.lists(tranche, min_size=1, max_size=3)
lumps = st.one_of(st.floats(-200, 600), st.just(0.0), st.floats(2000, 5000))
cash_flows = st.lists(lumps, min_size=QUARTERS, max_size=QUARTERS)
costs = st.lists(st.floats(0, 150), min_size=QUARTERS, max_size=QUARTERS)
several = settings(  # half of what the profile draws; a soak draws many more
    max_examples=settings().max_examples // 2,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


def ran(drawn: list[dict[str, Any]], rent: Any, cost: Any, **named: Any) -> Any:
    deal = read_deal(text(drawn, **named))
    return run(deal, {"rent": np.asarray(rent, float), "cost": np.asarray(cost, float)})


@several
@given(tranches, cash_flows, costs, st.floats(0, 60), st.sampled_from([0.0, 1.2, 2.0]))
def test_accounts_and_balances_hold_on_any_cash(
    d: Any, rent: Any, cost: Any, reserve: float, trap: float
) -> None:
    found = ran(d, rent, cost, reserve=reserve, trap=trap)  # the books are checked in the run
    assert found.residual <= 1e-9
    assert found["account.dsra"].min() >= -1e-9
    assert (found["account.dsra"] <= found["target.dsra"] + 1e-9).all()
    assert found["collection"].min() >= -1e-9
    for f in found.prepared.deal.facilities:
        paid, added = found[f"{f.name}.principal"].sum(), found[f"{f.name}.added"].sum()
        left = found[f"{f.name}.balance"][-1, 0]
        assert paid + left == pytest.approx(found[f"{f.name}.drawn"].sum() + added, rel=1e-9)
        assert found[f"{f.name}.balance"].min() >= -1e-7
        assert found[f"{f.name}.principal"].min() >= -1e-9


@several
@given(tranches, cash_flows, costs, st.sampled_from([1.1, 1.5, 3.0]))
def test_no_equity_while_locked_and_nothing_stays_trapped(d: Any, rent: Any, cost: Any, trap: float) -> None:
    found = ran(d, rent, cost, trap=trap)
    debt = sum(found[f"{f.name}.balance"] for f in found.prepared.deal.facilities)
    total = sum(p.amount for p in found.prepared.plans)
    locked = (found["state"] >= CODE["trap"]) & (debt > 1e-6 * total)
    assert found["equity_out"][locked].max(initial=0.0) == 0.0
    free = debt <= 1e-10 * total
    free[1:] &= free[:-1]  # repaid by the last sweep of a period, the account is emptied in the next
    free[0] = False
    assert found["account.held"][free].max(initial=0.0) <= 1e-9


@several
@given(tranches, cash_flows, costs, st.floats(0, 60), st.sampled_from([0.0, 1.2]))
def test_one_path_many_paths_and_decimal_agree(
    d: Any, rent: Any, cost: Any, reserve: float, trap: float
) -> None:
    deal = read_deal(text(d, reserve=reserve, trap=trap))
    level, pay = np.asarray(rent, float), np.asarray(cost, float)
    ready = prepare(deal, {"rent": level, "cost": pay})
    one, exact = run(ready), reference_run(ready)
    wide = run(deal, {"rent": np.stack([level * 2, level], axis=1), "cost": np.stack([pay, pay], axis=1)})
    scale = sum(p.amount for p in ready.plans) + np.abs(level).max()
    # Where a test or a payment sits on its threshold, rounding may decide: such draws are not compared.
    events = [one["test.cover"][:, 0] - trap] if trap else []
    assume(all(np.nanmin(np.abs(e), initial=1.0) > 1e-9 for e in events))
    for name in one.books.sides:
        assert np.allclose(wide[name][:, 1], one[name][:, 0], rtol=1e-9, atol=1e-9 * scale, equal_nan=True), (
            name
        )
    for name, values in exact.items():
        assert np.allclose([float(v) for v in values], one[name][:, 0], rtol=1e-9, atol=1e-9 * scale), name


@several
@given(tranches, cash_flows, costs, st.sampled_from([0.0, 1.3]))
def test_money_may_be_scaled(d: Any, rent: Any, cost: Any, trap: float) -> None:
    small = ran(d, rent, cost, reserve=20, trap=trap)
    large = ran(d, np.asarray(rent) * 2**30, np.asarray(cost) * 2**30, reserve=20, trap=trap, scale=2**30)
    assert np.allclose(small["state"], large["state"])
    if trap:
        assert np.allclose(small["test.cover"], large["test.cover"], equal_nan=True)
    for f in small.prepared.deal.facilities:
        assert small.loss(f.name) == pytest.approx(large.loss(f.name), abs=1e-9)


@several
@given(tranches, cash_flows, costs, st.lists(st.floats(0, 300), min_size=QUARTERS, max_size=QUARTERS))
def test_more_cash_never_lowers_a_recovery(d: Any, rent: Any, cost: Any, more: Any) -> None:
    """In total and with tests off; what a lender is paid in all, by waterfalls without a sweep of choice."""
    plain = [{**x, "sweep": 0.0} for x in d if x["rule"] != "ard"]
    assume(bool(plain))
    less = ran(plain, rent, cost, source=False)
    richer = ran(plain, np.asarray(rent) + np.asarray(more), cost, source=False)
    for f in less.prepared.deal.facilities:
        scale = 1e-7 * less.prepared.plans[0].amount + 1e-7
        assert richer[f"{f.name}.balance"][-1, 0] <= less[f"{f.name}.balance"][-1, 0] + scale


@several
@given(tranches, cash_flows, costs)
def test_priority_is_strict(d: Any, rent: Any, cost: Any) -> None:
    """A junior lender gets nothing in a period in which a senior one is owed interest it was not paid."""
    found = ran(d, rent, cost, source=False)
    names = [f.name for f in found.prepared.deal.facilities]
    for first, second in itertools.pairwise(names):
        short = found[f"{first}.unpaid"] > 1e-6
        assert found[f"{second}.interest"][short].max(initial=0.0) <= 1e-6
        assert found["equity_out"][short].max(initial=0.0) == 0.0


@several
@given(tranches, st.floats(1e4, 1e5))
def test_a_loan_that_is_served_is_worth_what_was_drawn(d: Any, rent: float) -> None:
    found = ran([{**x, "fee": 0.0} for x in d], np.full(QUARTERS, rent), np.zeros(QUARTERS))
    for plan in found.prepared.plans:
        rate = found.rate_of_return(plan.facility.name)
        assume(plan.facility.rate.value > 1e-6)
        assert rate.words() == ["unique"]
        assert (1 + rate.rate[0]) ** 0.25 - 1 == pytest.approx(plan.facility.rate.value / 4, rel=1e-7)


@several
@given(st.lists(st.floats(5, 500), min_size=4, max_size=QUARTERS), st.floats(0.01, 0.15), st.floats(1.1, 3))
def test_sculpted_debt_has_one_cover_and_llcr_equal_to_it(cash: Any, rate: float, dscr: float) -> None:
    rent = np.resize(np.asarray(cash), QUARTERS)
    level = ", ".join(f"{2026 + q // 4}-{1 + 3 * (q % 4):02d}-01: {v}" for q, v in enumerate(rent))
    body = text(
        [
            {
                "amount": 1,
                "rate": rate,
                "rule": "bullet",
                "maturity": "2030-01-01",
                "sweep": 0,
                "fee": 0,
                "pik": 0,
            }
        ]
    )
    body = body.replace("amount: 1.0, ", "").replace("type: bullet", f"type: sculpted, dscr: {dscr}")
    body = body.replace("rent: $world.rent, opex: $world.cost", f"rent: {{curve: {{{level}}}}}")
    body += "tests:\n  - {name: cover, measure: dscr, trap: 0.1, cure: 1}\n"
    body += "  - {name: life, measure: llcr, trap: 0.1, cure: 1}\n"
    found = run(read_deal(body))
    growth = (1 + rate / 4) ** -np.arange(1, QUARTERS + 1)
    assert found.prepared.plans[0].amount == pytest.approx(rent / 4 @ growth / dscr, rel=1e-9)
    service, cover = found["service"][:, 0], found["test.cover"][:, 0]
    owing = np.concatenate([[1.0], found["alpha.balance"][:-1, 0] / found.prepared.plans[0].amount])
    # Where cash is so small that interest takes it all, no principal is repaid and cover is what it is.
    if (found["alpha.principal"] > 0).all():
        assert cover[service > 0] == pytest.approx(dscr, rel=1e-7)
        assert found["test.life"][:-1, 0] == pytest.approx(dscr, rel=1e-6)
    assert owing[-1] >= 0


@settings(max_examples=60)
@given(st.lists(st.floats(-1e3, 1e3).filter(lambda v: v == 0 or abs(v) > 1e-3), min_size=2, max_size=30))
def test_every_root_brings_the_value_to_zero_at_any_scale(flows: Any) -> None:
    cash = np.asarray(flows)
    small, large = irr(cash), irr(cash * 2.0**30)
    assert small.status.tolist() == large.status.tolist()
    assert np.allclose(small.roots, large.roots, rtol=1e-9, atol=1e-12, equal_nan=True)
    when = np.arange(len(cash))
    for root in small.roots[0]:
        worth = cash * (1 + root) ** -when
        assert abs(worth.sum()) <= 1e-8 * np.abs(worth).sum()
    mixed = (cash > 0).any() and (cash < 0).any()
    nothing = not cash.any()
    assert (small.words() == ["undefined"]) == nothing
    assert (small.words() == ["no_sign_change"]) == (not mixed and not nothing)


@settings(max_examples=40)
@given(st.lists(st.floats(-0.5, 3), min_size=1, max_size=4, unique=True))
def test_all_roots_of_a_polynomial_are_found(rates: list[float]) -> None:
    """However close they lie: down to a hundredth apart rounding still tells four of them apart."""
    rates = sorted(rates)
    assume(all(b - a > 0.01 for a, b in itertools.pairwise(rates)))
    found = irr(-np.poly([1 + r for r in rates]))
    assert found.roots[0] == pytest.approx(rates, abs=1e-3)
    assert found.words() == ["unique" if len(rates) == 1 else "multiple"]


def test_three_rates_a_point_apart_are_three_rates() -> None:
    """-100 (x - 1.10)(x - 1.11)(x - 1.12) has the rates 10, 11 and 12 %, and none may be called the only one."""
    found = irr(-100 * np.poly([1.10, 1.11, 1.12]))
    assert found.roots[0] == pytest.approx([0.10, 0.11, 0.12], abs=1e-6)
    assert found.words() == ["multiple"]
    assert np.isnan(found.rate[0])


def test_rates_that_rounding_cannot_count_are_called_unsure() -> None:
    found = irr(-np.poly([1.1, 1.1001, 1.1002, 1.1003, 1.1004]))
    assert found.words() == ["unsure"]
    assert np.isnan(found.rate[0])
    assert np.abs(found.roots[0] - 0.1002).max() < 1e-3


def test_flows_at_one_time_are_added_before_their_signs_are_counted() -> None:
    assert irr([-100.0, 100.0], [1.0, 1.0]).words() == ["undefined"]
    assert irr([-150.0, 50.0, 110.0], [0.0, 0.0, 1.0]).rate[0] == pytest.approx(110 / 100 - 1)


@settings(max_examples=40)
@given(st.lists(st.tuples(st.floats(0.05, 4.0), st.floats(-100, 100)), min_size=2, max_size=8))
def test_no_root_on_a_fine_grid_is_missed(pairs: list[tuple[float, float]]) -> None:
    """Every change of sign on a fine grid of rates has a root within its cell; times are years and fractions."""
    times, flows = np.array([t for t, _ in pairs]), np.array([c for _, c in pairs])
    found = irr(flows, times)
    x = np.linspace(np.log1p(-0.98), np.log1p(900.0), 4001)
    worth = flows * np.exp(-x[:, None] * (times - times.mean()))
    value, size = worth.sum(axis=1), np.abs(worth).sum(axis=1)
    clear = np.abs(value) > 1e-9 * size
    for i in np.flatnonzero(clear[:-1] & clear[1:] & (value[:-1] * value[1:] < 0)):
        roots = np.log1p(found.roots[0])
        assert ((roots >= x[i] - 1e-9) & (roots <= x[i + 1] + 1e-9)).any()
