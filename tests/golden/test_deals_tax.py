"""Owners' tax, tax equity and promote: against NREL SAM, sums by hand, and a second reading in Decimal."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from owners_decimal import reference_owners

from supercycle.core.errors import InputError
from supercycle.core.returns import irr
from supercycle.deals.document.read import read_deal
from supercycle.deals.document.schema import Depreciation
from supercycle.deals.measures.owners import divide
from supercycle.deals.measures.report import result
from supercycle.deals.measures.tax import MACRS, deductions
from supercycle.deals.run import run

D = datetime.date
YEARS = 8
few = settings(max_examples=settings().max_examples // 2)
DEAL = f"""schema: supercycle.deal/2
name: taxed
money: USD_m
calendar: {{start: 2026-01-01, periods: {YEARS}, months: 12}}
assets:
  - {{name: plant, spend: {{amounts: {{2026-01-01: 100}}}}, value: 60}}
contracts:
  - {{name: ppa, kind: lease, asset: plant, start: 2026-01-01, term_years: 4, option_years: 4, options: 1,
     rent: $world.rent}}
facilities:
  - {{name: loan, kind: term, amount: 60, rate: 5 %, maturity: 2032-01-01, amortisation: {{type: level_principal}}}}
enforcement: {{cost: 10 %}}
waterfall:
  - {{do: pay, what: interest, of: loan}}
  - {{do: pay, what: principal, of: loan}}
  - {{do: distribute}}
"""


def taxed(tax: str, rent: Any = 30.0, more: str = "", **laid: str) -> Any:
    text = DEAL + f"tax: {{{tax}}}\n" + more
    rows = np.broadcast_to(np.asarray(rent, float), (YEARS,)) if np.ndim(rent) < 2 else np.asarray(rent)
    return run(read_deal(text, settings=laid), {"rent": rows})


def test_tax_by_hand() -> None:
    """A quarter of tax, straight line over four years, interest 5 % of 60, 50, ...: a loss, then income."""
    line = "{asset: plant, method: straight_line, life_years: 4}"
    rent = [15, 25, 35, 30, 30, 30, 30, 30]
    found = divide(
        taxed(f"rate: 25 %, losses: carried, carried_share: 80 %, depreciation: [{line}]", rent)
    ).tax
    assert found is not None
    depreciation = [100 * n / 1461 for n in (365, 365, 366, 365)]  # a life of 4 x 365.25 days
    assert found.depreciation[:4, 0] == pytest.approx(depreciation)
    first, second, third = 15 - 3 - depreciation[0], 25 - 2.5 - depreciation[1], 35 - 2 - depreciation[2]
    assert found.income[:3, 0] == pytest.approx([first, second, third])
    assert first < 0 > second
    lost = -first - second
    assert found.carried[1, 0] == pytest.approx(lost)
    offset = min(lost, 0.8 * third)
    assert offset == 0.8 * third  # the limit binds
    assert found.tax[:3, 0] == pytest.approx([0, 0, 0.25 * (third - offset)])
    assert found.tax[7, 0] == pytest.approx(0.25 * 30)
    assert found.tax.sum() == pytest.approx(0.25 * found.income.sum())  # in all only timing differs


def test_a_sale_deducts_what_is_left_and_ends_depreciation() -> None:
    rule = "rate: 25 %, losses: used, depreciation: [{asset: plant, method: macrs_5, share: 80 %}]"
    found = divide(taxed(rule, **{"contracts.ppa.renewed": "0"})).tax
    assert found is not None
    assert found.depreciation[:, 0].sum() == pytest.approx(100)  # the land too, once it is sold
    assert found.depreciation[3, 0] == pytest.approx(100 - 0.8 * (20 + 32 + 19.2))
    assert found.before[3, 0] == pytest.approx(30 + 60 * 0.9 - 60 * 0.05 * 0.5)
    assert np.abs(found.depreciation[4:]).max() == 0


@pytest.mark.parametrize("method", [*MACRS, "straight_line"])
@pytest.mark.parametrize("service", [D(2026, 1, 1), D(2027, 8, 17)])
def test_all_of_a_cost_is_deducted_once(method: str, service: D) -> None:
    one = Depreciation(
        asset="a", method=method, life_years=7.5 if method == "straight_line" else 0.0, bonus=0.4
    )
    found = deductions(250.0, one, service, range(2026, 2050), 9)
    assert sum(found) == pytest.approx(250.0, rel=1e-9)
    assert min(found) >= 0
    credited = Depreciation(asset="a", method="macrs_5", credit=0.3)
    assert sum(deductions(100.0, credited, service, range(2026, 2050), 9)) == pytest.approx(85)


def test_tax_and_return_after_tax_are_those_of_nrel_sam() -> None:
    """SAM's single owner on the same cash: 5-year MACRS, a credit of 30 %, 21 % of tax, losses used at once."""
    model: Any = pytest.importorskip("PySAM.Singleowner").default("CustomGenerationProfileSingleOwner")
    model.SystemOutput.gen = [20_000.0] * 8760
    model.SystemOutput.system_pre_curtailment_kwac = [20_000.0] * 8760
    terms = model.FinancialParameters
    terms.debt_option, terms.dscr, terms.term_int_rate, terms.term_tenor = 1, 1.4, 6.0, 15
    terms.federal_tax_rate, terms.state_tax_rate = [21.0], [0.0]
    for name in ("construction_financing_cost", "cost_debt_fee", "dscr_reserve_months", "months_working_reserve",
                 "reserves_interest", "salvage_percentage", "property_tax_rate"):  # fmt: skip
        setattr(terms, name, 0.0)
    written = model.Depreciation
    written.depr_alloc_sl_20_percent, written.depr_alloc_macrs_5_percent = 0.0, 100.0
    written.depr_itc_fed_macrs_5 = 1.0
    model.TaxCreditIncentives.itc_fed_percent = [30.0]
    model.SystemCosts.total_installed_cost = 400e6
    model.execute()
    sam = model.Outputs
    cash = np.asarray(sam.cf_ebitda)[1:26] / 1e6
    cost = -float(sam.cf_project_return_pretax[0]) / 1e6 + float(sam.size_of_debt) / 1e6
    curve = ", ".join(f"{2026 + k}-01-01: {v!r}" for k, v in enumerate(cash.tolist()))
    text = f"""schema: supercycle.deal/2
name: sam
money: USD_m
calendar: {{start: 2026-01-01, periods: 25, months: 12}}
assets: [{{name: plant, spend: {{amounts: {{2026-01-01: {cost!r}}}}}}}]
contracts: [{{name: cash, kind: lease, asset: plant, start: 2026-01-01, term_years: 25, rent: {{curve: {{{curve}}}}}}}]
facilities:
  - {{name: loan, kind: term, rate: 6 %, maturity: 2041-01-01, amortisation: {{type: sculpted, dscr: 1.4}}}}
tax: {{rate: 21 %, losses: used, depreciation: [{{asset: plant, method: macrs_5, credit: 30 %}}]}}
waterfall:
  - {{do: pay, what: interest, of: loan}}
  - {{do: pay, what: principal, of: loan}}
  - {{do: distribute}}
"""
    found = run(read_deal(text))
    own = divide(found)
    assert own.tax is not None
    assert found.prepared.plans[0].amount == pytest.approx(sam.size_of_debt / 1e6, rel=1e-9)
    theirs = -np.asarray(sam.cf_fedtax)[1:26] / 1e6
    credit = np.asarray(sam.cf_itc_total)[1:26] / 1e6
    assert own.tax.credits[:, 0] == pytest.approx(credit, rel=1e-9)
    assert own.tax.tax[:, 0] == pytest.approx(theirs - credit, rel=1e-6, abs=1e-6 * cost)
    flows = own.after["equity"][:, 0]
    after = [float(flows[np.isclose(own.times, k)].sum()) for k in range(26)]
    assert after == pytest.approx(
        np.asarray(sam.cf_project_return_aftertax)[:26] / 1e6, rel=1e-6, abs=1e-6 * cost
    )
    worth = [sum(x / 1.08**k for k, x in enumerate(row)) for row in (after, sam.cf_project_return_aftertax)]
    assert worth[0] == pytest.approx(worth[1] / 1e6, rel=1e-6)


OWNERS = """equity:
  - {name: fund, share: 90 %}
  - {name: sponsor, share: 10 %}
"""
PROMOTE = (
    OWNERS
    + "promote: {to: sponsor, tiers: [{until_irr: 8 %, share: 0 %}, {until_irr: 12 %, share: 20 %}, {share: 40 %}]}\n"
)


def test_promote_by_hand() -> None:
    """Capital of 40, one distribution after eight years: 40 x 1.08^8, then a fifth, then two fifths above 12 %."""
    text = (DEAL + PROMOTE).replace("  - {do: distribute}", "  - {do: distribute, when: from 2034-01-01}")
    found = run(read_deal(text), {"rent": np.full(YEARS, 30.0)})
    whole = float(found["equity_out"].sum())
    assert found["equity_out"][:7].sum() == 0
    first = 40 * 1.08**8
    second = (40 * 1.12**8 - first) / 0.8
    third = whole - first - second
    assert third > 0
    own = divide(found)
    assert own.promote[0] == pytest.approx(0.2 * second + 0.4 * third, rel=1e-9)
    assert own.before["sponsor"][-1, 0] == pytest.approx(
        0.1 * (whole - own.promote[0]) + own.promote[0], rel=1e-9
    )


def test_a_tier_that_is_filled_on_two_dates_owes_capital_what_is_left() -> None:
    """Tier two takes 5 on the first date, of which 4 are capital's; the rest of it is filled a year later."""
    text = (DEAL + PROMOTE).replace("  - {do: distribute}", "  - {do: distribute, when: from 2033-01-01}")
    text = text.replace("amount: 60", "amount: 0.0001").replace(
        "spend: {amounts: {2026-01-01: 100}}", "spend: 100"
    )
    first, hurdle = 100 * 1.08**7, 100 * 1.12**7
    found = run(read_deal(text), {"rent": np.array([*[1e-4] * 6, first + 5, 300.0])})
    left = (hurdle - first - 0.8 * 5) * 1.12
    rest = float(found["equity_out"][7, 0])
    promote = 0.2 * 5 + 0.2 * left / 0.8 + 0.4 * (rest - left / 0.8)
    assert divide(found).promote[0] == pytest.approx(
        promote, rel=1e-4
    )  # a loan of next to nothing is among it


distributions = st.lists(st.floats(0, 60), min_size=YEARS, max_size=YEARS)


@few
@given(distributions)
def test_promote_divides_all_and_leaves_capital_its_rate(rent: Any) -> None:
    found = run(read_deal(DEAL + PROMOTE), {"rent": np.asarray(rent)})
    own = divide(found)
    flows, _ = found.flows("equity")
    assert np.allclose(sum(own.before.values()), flows, atol=1e-9)
    assert own.promote[0] >= 0
    fund = irr(own.before["fund"], own.times)
    if own.promote[0] > 1e-6 and fund.words() == ["unique"]:
        assert fund.rate[0] >= 0.08 - 1e-9
    if fund.words() == ["unique"] and fund.rate[0] < 0.08 - 1e-6:
        assert own.promote[0] == pytest.approx(0, abs=1e-9)


EQUITY = ("tax_equity: {name: bank, amount: 20, on: 2026-01-01, tax_share: 99 %, cash_share: 45 %, flip_irr: 7 %, "
          "tax_share_after: 5 %, cash_share_after: 6 %}\n")  # fmt: skip
CREDIT = ("rate: 21 %, losses: used, production_credit: 1, depreciation: [{asset: plant, method: macrs_5, "
          "bonus: 20 %, credit: 10 %}]")  # fmt: skip


def test_tax_equity_flips_once_it_has_earned_its_rate() -> None:
    found = taxed(CREDIT, more=EQUITY)
    own = divide(found)
    assert own.flipped is not None
    assert own.tax is not None
    at = int(own.flipped[0])
    assert 0 < at < YEARS - 1
    rows = own.after["bank"][-YEARS:, 0]
    worth = [-20 + sum(rows[k] / 1.07 ** (k + 1) for k in range(n + 1)) for n in range(YEARS)]
    assert worth[at] >= 0 > worth[at - 1]
    after = 0.06 * found["equity_out"][at + 1, 0] - 0.05 * own.tax.paid[at + 1, 0]
    assert rows[at + 1] == pytest.approx(after)
    before = 0.45 * found["equity_out"][0, 0] - 0.99 * own.tax.paid[0, 0]
    assert rows[0] == pytest.approx(before)
    told = result(found)["equity"]
    assert told["flips_on"] == str(found.prepared.periods.ends[at])
    # Together the owners pay all tax and receive all cash.
    flows, _ = found.flows("equity")
    both = sum(own.after.values())
    assert both.sum() == pytest.approx(float(flows.sum() - own.tax.paid.sum()))


@few
@given(distributions, st.sampled_from(["used", "carried"]), st.booleans(), st.sampled_from(["0", "1"]))
def test_decimal_and_many_paths_agree(rent: Any, losses: str, promoted: bool, renewed: str) -> None:
    rule = CREDIT.replace("used", losses)
    more = (PROMOTE if promoted else OWNERS) + (EQUITY if losses == "used" else "")
    one = taxed(rule, rent, more, **{"contracts.ppa.renewed": renewed})
    level = np.asarray(rent, float)
    many = taxed(
        rule, np.stack([level * 2, level, level + 7], axis=1), more, **{"contracts.ppa.renewed": renewed}
    )
    ours, wide, exact = divide(one), divide(many), reference_owners(one)
    for name, flows in ours.after.items():
        assert np.allclose(wide.after[name][:, 1], flows[:, 0], rtol=1e-9, atol=1e-9), name
        assert np.allclose([float(x) for x in exact["after"][name]], flows[:, 0], rtol=1e-9, atol=1e-8), name
        assert np.allclose(
            [float(x) for x in exact["before"][name]], ours.before[name][:, 0], rtol=1e-9, atol=1e-8
        ), name


WRITTEN = "tax: {rate: 21 %, losses: used, depreciation: [{asset: ASSET, method: macrs_5}]}"


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ("tax: {rate: 21 %, losses: used, carried_share: 80 %}", "does nothing where losses are used"),
        ("tax: {rate: 21, losses: used}", "without its sign"),
        (WRITTEN.replace("ASSET", "plan"), "unknown asset"),
        (WRITTEN.replace("ASSET", "plant, life_years: 5"), "straight_line"),
        ("tax: {rate: 21 %, losses: carried}\n" + EQUITY, "losses: used"),
        (EQUITY, "needs the block tax"),
        (PROMOTE.replace("12 %", "6 %"), "in order of their rates"),
        (PROMOTE.replace("to: sponsor", "to: nobody"), "unknown owner"),
    ],
)  # fmt: skip
def test_what_would_not_run_is_refused_with_its_line(more: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as told:
        read_deal(DEAL + more, origin="t.yaml")
    assert str(told.value).startswith("t.yaml:")
