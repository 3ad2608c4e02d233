"""Each facility kind, guarantee and switch on a deal small enough to reckon by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from supercycle.core.errors import InputError
from supercycle.core.random import normals
from supercycle.deals.document.read import read_deal
from supercycle.deals.engine.waterfall import CODE, STATES
from supercycle.deals.run import Run, prepare, run

DEAL = """schema: supercycle.deal/2
name: small
money: USD_m
calendar: {start: 2026-01-01, periods: 6, months: 12}
TOPassets:
  - {name: hall, value: 100, spend: {amounts: {2026-01-01: SPEND}}ASSET}
contracts:
  - {name: rent, kind: lease, start: START, term_years: TERM, asset: hall, rent: {curve: {RENT}}CONTRACT}
facilities:
  - {name: loan, kind: term, amount: 100, rate: 10 %, maturity: 2031-01-01, amortisation: {type: bullet}LOAN}
MOREwaterfall:
STEPS  - {do: distribute}
"""
PLAIN = "  - {do: pay, what: interest, of: loan}\n  - {do: pay, what: principal, of: loan}\n"


def ran(rent: list[float], *, steps: str = PLAIN, more: str = "", **words: Any) -> Run:
    settings = {k: words.pop(k) for k in ("paths", "seed", "values", "draws") if k in words}
    text = DEAL.replace("STEPS", steps).replace("MORE", more)
    curve = ", ".join(f"{2026 + k}-01-01: {v}" for k, v in enumerate(rent))
    given = {"RENT": curve, "SPEND": 100, "START": "2026-01-01", "TERM": 6, "TOP": "", "ASSET": "", "CONTRACT": "",
             "LOAN": ""} | words  # fmt: skip
    for word, value in given.items():
        text = text.replace(word, str(value))
    return run(read_deal(text), settings.pop("values", None), **settings)


LINE = """  - {name: line, kind: revolver, amount: 12, rate: 5 %, maturity: 2031-01-01, undrawn_fee: 1 %,
     amortisation: {type: bullet}}
"""
LINE_STEPS = """  - {do: pay, what: interest, of: loan, from: line}
  - {do: pay, what: interest, of: line}
  - {do: pay, what: principal, of: loan}
  - {do: pay, what: principal, of: line}
  - {do: sweep, of: line}
"""


def test_a_revolver_is_drawn_when_cash_is_short_and_swept_when_it_is_not() -> None:
    found = ran([10.12, 2, 50, 50, 200], steps=LINE_STEPS, more=LINE)
    assert found["line.drawn"][:3, 0] == pytest.approx([0, 8, 0])
    # Interest on the 8 drawn on the second payment date, and the fee on the 4 left open.
    assert found["line.interest"][:3, 0] == pytest.approx([0.12, 0, 0.12 + 8 * 0.05 + 4 * 0.01])
    assert found["line.balance"][:4, 0] == pytest.approx([0, 8, 0, 0])
    lent, when = found.flows("line")
    drawn = int(np.flatnonzero(lent[:, 0] == -8)[0])
    assert when[drawn] == 2.0  # dated when drawn: the second payment date


def test_a_revolver_that_is_used_up_leaves_a_default() -> None:
    costs = ", opex: {curve: {2027-01-01: 3, 2028-01-01: 0}}"
    found = ran([10.12, 0, 0, 50], steps=LINE_STEPS, more=LINE, CONTRACT=costs)
    assert found["line.balance"][2, 0] == 12
    assert found["loan.unpaid"][2, 0] == pytest.approx(8)
    assert STATES[int(found["state"][2, 0])] == "default"


NOTE = """  - {name: note, kind: variable_funding_note, amount: 80, advance: 0.5, rate: 4 %, maturity: 2030-01-01,
     available_until: 2027-06-30, undrawn_fee: 1 %, amortisation: {type: borrowing_base,
     supported: {curve: {2026-01-01: 60, 2028-01-01: 20}}, depreciated_cost: 70}}
"""
NOTE_STEPS = PLAIN + "  - {do: pay, what: interest, of: note}\n  - {do: pay, what: principal, of: note}\n"


def test_a_funding_note_draws_its_share_of_spend_within_its_base() -> None:
    found = ran([40] * 6, steps=NOTE_STEPS, more=NOTE, SPEND=150)
    assert found["note.drawn"][:2, 0].tolist() == [25, 0]  # half of what the loan's 100 leaves open
    assert found["equity_in"][0, 0] == 25
    assert found["note.interest"][0, 0] == pytest.approx(25 * 0.04 + (80 - 25) * 0.01)
    assert found["note.balance"][:4, 0].tolist() == [25, 20, 20, 0]  # the base falls to 20 on 2028-01-01
    large = ran([40] * 6, steps=NOTE_STEPS, more=NOTE, SPEND=300)
    assert large["note.drawn"][0, 0] == 60


PREF = """  - {name: pref, kind: preferred_equity, amount: 50, rate: 12 %, maturity: 2031-01-01, compounds: HOW,
     amortisation: {type: bullet}}
"""
PREF_STEPS = PLAIN + "  - {do: pay, what: interest, of: pref}\n  - {do: pay, what: principal, of: pref}\n"


@pytest.mark.parametrize(("how", "owed"), [("true", 50 * 1.12**2 - 50), ("false", 2 * 50 * 0.12)])
def test_preferred_return_accrues_while_it_is_not_paid(how: str, owed: float) -> None:
    found = ran([10, 10, 300, 300, 300], steps=PREF_STEPS, more=PREF.replace("HOW", how), SPEND=150)
    assert found["pref.interest"][:2].sum() == 0
    assert found["state"].max() == 0  # not paying it is no default
    assert found["equity_out"][:2].sum() == 0
    paid = found["pref.interest"].sum() + found["pref.principal"].sum()
    rest = 0.12 * (50 + owed) * 3 if how == "true" else 0.12 * 50 * 3
    assert paid == pytest.approx(50 + owed + rest)
    assert found["service"][:5, 0] == pytest.approx([10] * 4 + [110])  # no part of debt service
    earned = found.rate_of_return("pref").rate[0]
    assert earned == pytest.approx(0.12) if how == "true" else earned < 0.115


def test_a_sweep_of_preferred_waits_for_the_trap_too() -> None:
    steps = PLAIN + "".join(f"  - {{do: {s}}}\n" for s in (
        "trap, of: held", "release, of: held", "pay, what: interest, of: pref", "sweep, of: pref",
        "pay, what: principal, of: pref"))  # fmt: skip
    more = PREF.replace("HOW", "true") + "reserves:\n  - {name: held, kind: trap}\n"
    more += "tests:\n  - {name: cover, measure: dscr, trap: 1.5, cure: 1}\n"
    found = ran([12, 12, 40, 300], steps=steps, more=more, SPEND=150)
    paid = (found["pref.interest"] + found["pref.principal"])[:, 0]
    assert paid[:2].tolist() == [0, 0]
    # The trap lifts on the third date: the 4 held and the 30 left pay the return, then the balance.
    owed = 50 * 1.12**2
    assert found["pref.interest"][2, 0] == pytest.approx(0.12 * owed)
    assert found["pref.principal"][2, 0] == pytest.approx(34 - 0.12 * owed)


def test_a_path_in_trap_sweeps_no_preferred_beside_one_that_is_not() -> None:
    steps = PLAIN + "  - {do: sweep, of: pref}\n  - {do: pay, what: interest, of: pref}\n"
    steps += "  - {do: pay, what: principal, of: pref}\n"
    more = PREF.replace("HOW", "true") + "tests:\n  - {name: cover, measure: dscr, default: 1.1, cure: 1}\n"
    found = ran([4, 40], steps=steps, more=more, SPEND=150)
    assert STATES[int(found["state"][0, 0])] == "default"
    assert found["pref.principal"][0, 0] == 0
    assert found["pref.principal"][1, 0] > 0


TENANT = "parties:\n  - {name: tenant, default_probability: 20 %}\n"
RENT_BACKED = """guarantees:
  - {name: back, kind: backstop, giver: vendor, contract: rent, until: 2030-01-01, cap: 45THRESHOLD}
"""


def test_a_backstop_pays_the_rent_that_is_not_paid_up_to_its_cap() -> None:
    found = ran([20] * 6, CONTRACT=", paid_share: {curve: {2026-01-01: 1, 2027-01-01: 0.25}}",
                more=RENT_BACKED.replace("THRESHOLD", ""))  # fmt: skip
    assert found["revenue"][:, 0].tolist() == [20, 5, 5, 5, 5, 5]
    assert found["guarantee.back"][:, 0].tolist() == [0, 15, 15, 15, 0, 0]
    assert found["cfads"][:, 0].tolist() == [20, 20, 20, 20, 5, 5]
    floor = ran([20, 5, 5, 30], more=RENT_BACKED.replace("THRESHOLD", ", threshold: 10"))
    assert floor["guarantee.back"][:4, 0].tolist() == [0, 5, 5, 0]


def test_a_tenant_that_fails_stops_paying_and_the_backstop_begins() -> None:
    text = ", payer: tenant"
    found = ran([20] * 6, CONTRACT=text, more=TENANT + RENT_BACKED.replace("THRESHOLD", ""), paths=2000)
    alive = found.prepared.cash.alive["tenant"]
    assert alive.mean(axis=1) == pytest.approx(0.8 ** np.arange(1, 7), abs=0.05)
    assert (np.diff(alive, axis=0) <= 0).all()  # nobody comes back
    assert (found["revenue"] == 20 * alive).all()
    assert found["guarantee.back"].sum(axis=0).max() == 45
    assert (ran([20] * 6, CONTRACT=text, more=TENANT, paths=50, draws=False)["revenue"] == 20).all()


def test_a_backstop_of_service_pays_what_lenders_lack() -> None:
    more = "guarantees:\n  - {name: back, kind: backstop, covers: service, giver: vendor, until: 2028-01-01, cap: 9}\n"
    steps = PLAIN.replace("of: loan}", "of: loan, from: back}", 1)
    found = ran([4, 4, 4, 400], steps=steps, more=more)
    assert found["guarantee"][:4, 0] == pytest.approx([6, 3, 0, 0])
    assert found["loan.unpaid"][:2, 0] == pytest.approx([0, 3])


def test_a_guarantee_may_be_called_by_any_sale() -> None:
    more = """guarantees:
  - {name: rvg, giver: parent, asset: hall, trigger: sale, until: 2030-01-01, threshold: 120, cap: 15}
enforcement: {cost: 40 %}
"""
    found = ran([10, 0], more=more)
    assert found["sale"][1, 0] == 60
    assert found["guarantee"][1, 0] == 15
    assert found.loss("loan")[0] == pytest.approx(
        0.35
    )  # interest was paid first, out of what the sale brought


BASE = """  - {name: note, kind: delayed_draw, amount: 60, rate: 4 %, maturity: 2031-01-01, amortisation:
     {type: borrowing_base, contract: rent, advance: 0.5, discount: 5 %, asset: hall, life_years: 4}}
"""


def test_a_borrowing_base_follows_contract_and_cost() -> None:
    found = ran([40] * 6, steps=NOTE_STEPS, more=BASE, SPEND=80, TERM=5)
    years_left = np.array([4, 3, 2, 1, 0, 0])
    supported = 0.5 * 40 * (1 - 1.05**-years_left) / 0.05
    cost = 80 * np.maximum(1 - np.arange(1, 7) / 4, 0)
    wanted = np.minimum(np.minimum(60, supported), cost)
    assert found["note.balance"][:, 0] == pytest.approx(wanted)
    assert wanted.tolist() == [60.0, 40.0, 20.0, 0.0, 0.0, 0.0]
    thin = ran([40] * 6, steps=NOTE_STEPS, more=BASE.replace("0.5", "0.25"), SPEND=80, TERM=5)
    assert thin["note.balance"][1, 0] == pytest.approx(0.25 * 40 * (1 - 1.05**-3) / 0.05)


def test_cash_held_and_late_interest_may_bear_interest() -> None:
    more = "reserves:\n  - {name: dsra, target: 50}\n"
    steps = PLAIN + "  - {do: fund, of: dsra}\n  - {do: release, of: dsra}\n"
    found = ran([200, 20], steps=steps, more=more, TOP="cash_rate: 2 %\n")
    assert found["cash_interest"][:2, 0] == pytest.approx([0, 50 * 0.02])
    assert found["cfads"][1, 0] == 20  # no part of it
    late = ran([4, 0, 400], LOAN=", late_rate: 20 %")
    assert late["loan.due"][:3, 0] == pytest.approx([10, 10 + 6 * 0.2, 10 + (6 + 11.2) * 0.2])


def test_options_are_exercised_by_chance_and_with_the_asset() -> None:
    chance = ", option_years: 1, options: 3, renewal_probability: 50 %, renewal_correlation: RHO"
    text = {"TERM": 2, "ASSET": ", volatility: 30 %", "paths": 20_000}
    found = ran([20] * 6, CONTRACT=chance.replace("RHO", "0"), **text)
    count = found.prepared.cash.renewed["rent"]
    assert [(count == k).mean() for k in range(4)] == pytest.approx([1 / 2, 1 / 4, 1 / 8, 1 / 8], abs=0.02)
    assert found["revenue"].sum(axis=0) == pytest.approx(20 * (2 + count))
    moved = ran([20] * 6, CONTRACT=chance.replace("RHO", "0.8"), **text)
    factor, count = normals(1, "deal.value.hall", np.arange(20_000)), moved.prepared.cash.renewed["rent"]
    assert factor[count == 3].mean() > factor[count == 0].mean() + 0.5
    sure = ran([20] * 6, CONTRACT=chance.replace("50 %", "0").replace("RHO", "0"), **text)
    assert sure.prepared.cash.renewed["rent"].max() == 0


def test_a_world_value_by_path_is_the_factor_of_its_asset() -> None:
    value = np.stack([np.full(6, v) for v in np.linspace(50, 150, 400)], axis=1)
    text = DEAL.replace("STEPS", PLAIN).replace(
        "MORE", TENANT.replace("}", ", correlation: 99 %, asset: hall}")
    )
    for word, new in {"RENT": "2026-01-01: 20", "SPEND": 0, "START": "2026-01-01", "TERM": 6, "TOP": "", "ASSET": "",
                      "CONTRACT": ", payer: tenant", "LOAN": "", "e: 100,": "e: $world.hall,"}.items():  # fmt: skip
        text = text.replace(word, str(new))
    alive = run(read_deal(text), {"hall": value}).prepared.cash.alive["tenant"]
    assert alive[2, :100].mean() < 0.1  # where the hall is worth least, the tenant has failed
    assert alive[2, 250:].mean() == 1


def test_numbers_move_with_the_world() -> None:
    deal = read_deal(
        DEAL.replace("STEPS", PLAIN).replace("MORE", "").replace("rent: {curve: {RENT}}CONTRACT",
        "rent: {value: 30, moves_with: '$world.price:H100'}, opex: {value: 2, times: $world.index}")
        .replace("SPEND", "0").replace("START", "2026-01-01").replace("TERM", "6").replace("TOP", "")
        .replace("ASSET", "").replace("LOAN", "")
    )  # fmt: skip
    price = np.array([[2.0, 4.0], [1.0, 4.0]] + [[2.0, 2.0]] * 4)
    found = run(deal, {"price:H100": price, "index": np.arange(6.0)})
    assert found["revenue"][:2].tolist() == [[30, 30], [15, 30]]
    assert prepare(deal, {"price:H100": price, "index": np.arange(6.0)}).cash.opex[:2].tolist() == [0, 2]
    with pytest.raises(InputError, match=r"no values for \$world\.index"):
        run(deal, {"price:H100": price})
    with pytest.raises(InputError, match="begins at 0"):
        run(deal, {"price:H100": price * 0, "index": np.arange(6.0)})


JUNIOR = """schema: supercycle.deal/2
name: junior
money: USD_m
calendar: {start: 2026-01-01, periods: 6, months: 12}
assets: [{name: works, spend: 150}]
contracts: [{name: rent, kind: lease, start: 2026-01-01, term_years: 6, rent: {curve: {RENT}}}]
facilities:
  - {name: senior, kind: term, amount: 100, rate: 5 %, maturity: 2030-01-01, amortisation: {type: bullet}}
  - {name: note, kind: abs_note, amount: 50, rate: 8 %, maturity: 2032-01-01, senior: false, KEYS
     amortisation: {type: ard, date: 2028-01-01}}
reserves: [{name: held, kind: trap}]
tests: [{name: cover, measure: dscr, trap: 1.2x}]
GUARANTEEwaterfall:
  - {do: pay, what: interest, of: senior, from: SOURCE}
  - {do: pay, what: principal, of: senior}
  - {do: pay, what: interest, of: note}
  - {do: pay, what: principal, of: note}
  - {do: trap, of: held}
  - {do: release, of: held}
  - {do: sweep, of: note, share: 0 %, when: default}
EXTRA  - {do: distribute}
"""


def junior(
    rent: list[float], keys: str = "", extra: str = "", guarantee: str = "", source: str = "held"
) -> Run:
    curve = ", ".join(f"{2026 + k}-01-01: {v}" for k, v in enumerate(rent))
    text = JUNIOR.replace("RENT", curve).replace("KEYS", keys).replace("EXTRA", extra)
    return run(read_deal(text.replace("GUARANTEE", guarantee).replace("SOURCE", source)))


def test_interest_is_added_while_a_condition_holds() -> None:
    """Cover of 1 in the first year locks cash, so the second year's 4 is added; the third is paid on 54."""
    found = junior([5, 60, 60, 200, 60, 60], "pik_when: locked,")
    assert found["note.added"][:3, 0] == pytest.approx([0, 4, 0])
    assert found["note.balance"][1, 0] == pytest.approx(54)
    assert found["note.interest"][1, 0] == pytest.approx(4)  # what was late, and nothing of the year's own
    assert found["note.interest"][2, 0] == pytest.approx(0.08 * 54 + found["note.unpaid"][1, 0])


def test_interest_that_may_be_deferred_is_owed_and_no_default_before_maturity() -> None:
    rent = [6, 7, 200, 150, 5, 5]
    deferred, plain = junior(rent, "deferrable: true,"), junior(rent)
    assert deferred["note.unpaid"][:2, 0] == pytest.approx([3, 5])  # 1 of 4, then 2 of 4 are paid
    assert deferred["state"][:2, 0].max() < CODE["default"]
    assert plain["state"][0, 0] == CODE["default"]


def test_additional_interest_runs_after_the_ard_and_is_junior() -> None:
    """5 % of 50 a year from the third year on, paid from what is left; 9 is what the senior debt and the note need."""
    step = "  - {do: pay, what: additional, of: note}\n"
    found = junior([60, 60, 60, 200, 60, 60], "additional_rate: 5 %,", step)
    assert found["note.interest"][:4, 0] == pytest.approx([4, 4, 6.5, 6.5])
    poor = junior([60, 60, 9, 300, 60, 60], "additional_rate: 5 %,", step)
    assert poor["note.interest"][2:4, 0] == pytest.approx([4, 4 + 2 * 2.5])  # owed on, without interest
    assert poor["state"][2, 0] < CODE["default"]


def test_recourse_springs_when_a_test_is_broken() -> None:
    guarantee = ("guarantees: [{name: parent, kind: backstop, covers: service, giver: parent, until: 2031-01-01, "
                 "cap: 9, when: broken cover}]\n")  # fmt: skip
    found = junior([4, 4, 4, 200, 4, 4], "deferrable: true,", guarantee=guarantee, source="[held, parent]")
    # The first date sees no broken test yet: 1 stays unpaid; then the parent pays what is late, up to 9.
    assert found["guarantee.parent"][0, 0] == 0
    assert found["guarantee.parent"][1, 0] == pytest.approx(2)
    assert found["guarantee.parent"].sum() <= 9 + 1e-9
