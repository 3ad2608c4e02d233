"""The ten conventions of docs/deals.md, each by arithmetic a reader can follow."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pytest
from deals_decimal import reference_run
from scipy.stats import multivariate_normal, norm

from supercycle.core.random import normals
from supercycle.core.returns import xirr, yield_at_price
from supercycle.deals.calendar.daycounts import DAY_COUNTS
from supercycle.deals.document.read import read_deal
from supercycle.deals.engine.waterfall import STATES
from supercycle.deals.run import Run, prepare, run

HEAD = """schema: supercycle.deal/2
name: small
money: USD_m
calendar: {start: 2026-01-01, periods: 8, months: 3}
"""
RENT = "contracts:\n  - {name: rent, kind: lease, start: START, term_years: 5, rent: MONEY}\n"
TAIL = """waterfall:
  - {do: pay, what: interest, of: loan, from: [construction, dsra]}
  - {do: pay, what: principal, of: loan, from: dsra}
  - {do: fund, of: dsra}
  - {do: trap, of: held}
  - {do: release, of: dsra}
  - {do: release, of: held}
  - {do: distribute}
"""


def deal(
    loan: str, *, rent: str = "100", start: str = "2026-01-01", dsra: str = "target: 0", extra: str = ""
) -> str:
    reserves = f"reserves:\n  - {{name: dsra, {dsra}}}\n  - {{name: held, kind: trap}}\n"
    facility = f"facilities:\n  - {{name: loan, kind: term, {loan}}}\n"
    return HEAD + RENT.replace("START", start).replace("MONEY", rent) + facility + reserves + extra + TAIL


def ran(text: str, **named: Any) -> Run:
    return run(read_deal(text), named.pop("values", None), **named)


BULLET = "amount: 100, rate: 8 %, maturity: 2028-01-01, amortisation: {type: bullet}"


def test_1_order_draws_accrue_from_their_date_and_tests_come_before_what_is_left() -> None:
    found = ran(
        deal(
            BULLET.replace("rate:", "draws: {amounts: {2026-01-01: 60, 2026-02-15: 40}}, rate:"),
            rent="{curve: {2026-01-01: 8, 2026-07-01: 80}}",
            extra="tests:\n  - {name: cover, measure: dscr, trap: 1.3, cure: 2}\n",
        )
    )
    assert found["loan.interest"][:2, 0] == pytest.approx(
        [60 * 0.08 / 4 + 40 * 0.08 * 46 / 360, 100 * 0.08 / 4]
    )
    # Cover is 2 / 2 in the second quarter: what is left (the 100 drawn) is trapped on the same date; 20 / 2 passes
    # in the third, and the second pass in a row lifts the trap on that date.
    assert [STATES[int(s)] for s in found["state"][:4, 0]] == ["trap", "trap", "trap", "performing"]
    assert found["account.held"][:4, 0] == pytest.approx([100 + 2 - found["loan.interest"][0, 0], 100.0 + 2
        - found["loan.interest"][0, 0], 120 - found["loan.interest"][0, 0], 0])  # fmt: skip
    assert found["equity_out"][:3].sum() == 0


def test_2_cover_is_cash_over_what_is_due_whatever_reserves_pay() -> None:
    found = ran(deal(BULLET, rent="{curve: {2026-01-01: 40, 2026-07-01: 4}}", dsra="target: 3",
                     extra="tests:\n  - {name: cover, measure: dscr, trap: 0.1, cure: 1}\n"))  # fmt: skip
    assert found["loan.unpaid"][2, 0] == 0  # 1 of cash and 1 of the reserve
    assert found["test.cover"][2, 0] == pytest.approx(1 / 2)
    assert np.isnan(ran(deal(BULLET.replace("8 %", "0"), extra="tests:\n  - {name: cover, measure: dscr, trap: 1, "
                             "cure: 1}\n"))["test.cover"][0, 0])  # fmt: skip


TWO = """contracts:
  - {name: sure, kind: lease, start: 2026-01-01, term_years: 5, rent: 40}
  - {name: merchant, kind: lease, start: 2026-01-01, term_years: 5, rent: 20}
"""
STREAMS = "{type: sculpted, streams: [{contract: sure, dscr: 1.25}, {contract: merchant, dscr: 2}]LIMITS}"
ASSET = "assets:\n  - {name: hall, value: 50, spend: {amounts: {2026-01-01: 60}}}\n"


@pytest.mark.parametrize(
    ("limits", "amount", "binding"),
    [
        ("", (40 / 1.25 + 20 / 2) / 4 * (1 - 1.02**-8) / 0.02, "dscr"),
        (", gearing: 0.9", 0.9 * 60, "gearing"),
        (", ltv: 0.8", 0.8 * 50, "ltv"),
        (", gearing: 0.9, ltv: 0.8", 0.8 * 50, "ltv"),
    ],
)
def test_3_sculpting_takes_a_cover_per_stream_and_names_its_limit(
    limits: str, amount: float, binding: str
) -> None:
    loan = f"rate: 8 %, maturity: 2028-01-01, amortisation: {STREAMS.replace('LIMITS', limits)}"
    text = deal(loan, extra=ASSET).replace(RENT.replace("START", "2026-01-01").replace("MONEY", "100"), TWO)
    found = ran(text)
    plan = found.prepared.plans[0]
    assert plan.sizing is not None
    assert (plan.amount, plan.sizing.binding) == (pytest.approx(amount), binding)
    assert np.ptp(found["service"][:8]) == pytest.approx(0, abs=1e-9)  # level cash, level service
    if binding == "dscr":
        assert found["service"][0, 0] == pytest.approx((40 / 1.25 + 20 / 2) / 4)
    less = {"x": np.full(8, -40.0)}
    poor = [ran(text.replace("rent: 40", "rent: $world.x"), values=less),
            ran(text.replace("value: 50", "value: $world.x"), values=less)]  # fmt: skip
    assert poor[0].prepared.plans[0].amount == 0
    assert poor[1].prepared.plans[0].amount == (0 if "ltv" in limits else amount_of(found))


def amount_of(found: Run) -> float:
    return found.prepared.plans[0].amount


def test_4_llcr_ends_with_the_loan_and_plcr_with_the_project() -> None:
    levels = ("tests:\n  - {name: life, measure: llcr, trap: 0.1, cure: 1}\n"
              "  - {name: project, measure: plcr, trap: 0.1, cure: 1}\n")  # fmt: skip
    found = ran(deal(BULLET.replace("2028-01-01", "2027-01-01"), extra=levels))
    value = [25 * (1 - 1.02**-n) / 0.02 for n in (3, 2, 1)]
    assert found["test.life"][:3, 0] == pytest.approx([v / 100 for v in value])
    value = [25 * (1 - 1.02**-n) / 0.02 for n in (7, 6, 5)]
    assert found["test.project"][:3, 0] == pytest.approx([v / 100 for v in value])


def test_4_debt_on_worthless_assets_breaks_its_limit() -> None:
    levels = "tests:\n  - {name: ltv, measure: ltv, trap: 0.8, cure: 1}\n"
    asset = "assets:\n  - {name: hall, value: {curve: {2026-01-01: 160, 2026-07-01: 100, 2027-01-01: 0}}}\n"
    found = ran(deal(BULLET.replace("2028-01-01", "2027-07-01"), rent="1000", extra=levels + asset))
    assert found["test.ltv"][:5, 0].tolist() == [100 / 160, 1.0, 1.0, np.inf, np.inf]
    assert [STATES[int(s)] for s in found["state"][:5, 0]] == ["performing"] + ["trap"] * 4
    assert np.isnan(found["test.ltv"][6, 0])


def test_5_cost_counts_what_the_debt_adds_to_it_in_one_step() -> None:
    """Debt = gearing x (spend + fee + interest while building + reserve at closing), as the run's own uses add up."""
    loan = ("rate: 8 %, draws: {amounts: {2026-01-01: 1, 2026-05-16: 2, 2026-07-01: 1}}, maturity: 2028-01-01, "
            "upfront_fee: 2 %, amortisation: {type: sculpted, from: 2027-01-01, dscr: 1.2, gearing: 0.7}")  # fmt: skip
    spend = "assets:\n  - {name: hall, spend: {spread: {total: 200, from: 2026-01-01, to: 2027-01-01}}}\n"
    found = ran(deal(loan, rent="1000", start="2027-01-01", dsra="months: 6, funded: closing", extra=spend))
    plan = found.prepared.plans[0]
    assert plan.sizing is not None
    assert plan.sizing.binding == "gearing"
    interest = plan.amount * 0.08 * (1 / 4 * 4 + 2 / 4 * (45 / 90 + 2) + 1 / 4 * 2) / 4
    uses = found["spend"].sum() + found["loan.fees"].sum() + found["loan.interest"][:4].sum()
    uses += found["account.dsra"][0, 0]
    assert found["loan.interest"][:4].sum() == pytest.approx(interest)
    assert plan.amount == pytest.approx(0.7 * uses)
    assert abs(plan.sizing.residual) <= 1e-12 * plan.amount
    assert found["loan.drawn"].sum() + found["equity_in"].sum() == pytest.approx(
        uses + found["construction"][3, 0], rel=1e-9
    )


def test_6_rates_of_return_and_street_yield() -> None:
    d = datetime.date
    assert xirr([-100.0, 108.0], [d(2024, 1, 1), d(2024, 12, 31)]).rate[0] == pytest.approx(
        0.08
    )  # 365 of 366 days
    assert yield_at_price([4.0, 104.0], 100.0, [0.5, 1.0]).rate[0] == pytest.approx(2 * 0.04)


@pytest.mark.parametrize(
    ("value", "cap", "paid"), [(60.0, 50.0, 100.0), (40.0, 20.0, 36 + 20.0), (0.0, 30.0, 30.0)]
)
def test_7_recovery_is_the_debt_or_sale_and_guarantees(value: float, cap: float, paid: float) -> None:
    extra = f"""assets:
  - {{name: hall, value: {value}}}
guarantees:
  - {{name: rvg, giver: tenant, contract: rent, asset: hall, until: 2027-06-01, threshold: 120, cap: {cap}}}
enforcement: {{cost: 10 %}}
"""
    text = deal(BULLET.replace("8 %", "0"), rent="0", extra=extra).replace(
        "term_years: 5,", "term_years: 1, options: 1, option_years: 4, renewed: 0, asset: hall,"
    )
    found = ran(text)
    held = 100.0  # the loan's proceeds, which the owners took out at closing
    assert found["equity_out"][0, 0] == held
    # The lease ends on a payment date, and the hall is sold on it.
    assert [STATES[int(s)] for s in found["state"][2:, 0]] == ["performing"] + ["accelerated"] * 5
    recovered = min(100.0, 0.9 * value + min(cap, max(120 - value, 0)))
    assert found["loan.principal"].sum() == pytest.approx(recovered)
    assert recovered == pytest.approx(paid)
    assert found.loss("loan")[0] == pytest.approx(1 - recovered / 100)


RISK = """assets:
  - {name: hall, value: 100, volatility: 30 %}
parties:
  - {name: tenant, default_probability: 5 %, correlation: RHO, asset: hall}
guarantees:
  - {name: rvg, giver: tenant, contract: rent, asset: hall, until: 2027-06-01, threshold: 100, cap: 100}
enforcement: {cost: 10 %}
"""


def test_8_a_guarantor_fails_with_the_asset_it_guarantees() -> None:
    paths, years, called = 40_000, 1.0, []
    for rho in (0.0, 0.5, 0.9):
        text = deal(BULLET, extra=RISK.replace("RHO", str(rho))).replace(
            "term_years: 5,", "term_years: 1, options: 1, option_years: 4, renewed: 0, asset: hall,"
        )
        found = ran(text, paths=paths)
        lives, value = found.prepared.cash.alive["tenant"][3], found.prepared.cash.value[3]
        failed = 1 - 0.95**years
        noise = 4 * np.sqrt(0.25 / paths)
        assert (lives == 0).mean() == pytest.approx(failed, abs=noise)
        assert value.mean() == pytest.approx(100, rel=4 * 0.31 / np.sqrt(paths))
        # Both fail: the asset below 80 and the tenant gone, by the bivariate normal.
        low = (np.log(0.8) + 0.3**2 / 2) / 0.3
        both = multivariate_normal([0, 0], [[1, rho], [rho, 1]]).cdf([low, norm.ppf(failed)])
        assert ((value < 80) & (lives == 0)).mean() == pytest.approx(both, abs=noise)
        called.append(float(found["guarantee"].sum(axis=0).mean()))
    assert called[0] > called[1] > called[2] > 0  # the worse the way, the less the guarantee is worth
    one = ran(text)
    assert one.prepared.cash.alive == {}  # one path is the deal as written
    few = ran(text, paths=100)
    assert (few["equity_out"] == found["equity_out"][:, :100]).all()
    z = normals(1, "deal.value.hall", np.arange(paths))
    assert value == pytest.approx(100 * np.exp(0.3 * z - 0.3**2 / 2))


def test_9_a_second_reading_in_decimal_agrees() -> None:
    ready = prepare(read_deal(deal(BULLET.replace("bullet", "level_payment"))))
    exact, found = reference_run(ready), run(ready)
    assert [float(v) for v in exact["loan.balance"]] == pytest.approx(found["loan.balance"][:, 0], abs=1e-10)


def test_10_there_are_seven_day_counts() -> None:
    interest = {}
    for basis in DAY_COUNTS:
        found = ran(deal(BULLET.replace("rate:", f"day_count: {basis}, rate:")))
        interest[basis] = float(found["loan.interest"][0, 0])
    assert interest == pytest.approx({
        "30/360": 2.0, "30E/360": 2.0, "ACT/360": 8 * 90 / 360, "ACT/365F": 8 * 90 / 365,
        "ACT/ACT ISDA": 8 * 90 / 365, "30E/360 ISDA": 2.0, "ACT/ACT ICMA": 2.0,
    })  # fmt: skip
