"""Stress of a deal: break-evens hold when put back, losses add up by holder, a guarantor that shares the asset's luck
fails when it is needed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supercycle.core.errors import InputError
from supercycle.deals.document.read import read_deal
from supercycle.deals.measures.breakeven import break_even
from supercycle.deals.measures.distribution import distribution, total_loss
from supercycle.deals.measures.holders import by_holder, lender_loss, owners_loss
from supercycle.deals.measures.lapse import non_renewal
from supercycle.deals.run import Run, prepare, run
from supercycle.service.deal import deal


def text(
    *, price: float = 2.0, used: float = 0.9, opex: float = 20, amount: float = 200, pays: float = 0.0,
    probability: float = 0.0, correlation: float = 0.0, renewal: float = 1.0, volatility: float = 0.1,
) -> str:  # fmt: skip
    """Compute sold at a price, and a small lease that lets the asset; two tranches, a guarantor that may fail."""
    return f"""schema: supercycle.deal/2
name: stress
money: USD_m
calendar: {{start: 2026-01-01, periods: 28, months: 3}}
assets:
  - {{name: gpus, spend: {{amounts: {{2026-01-01: 400}}}}, value: {{value: 260}}, volatility: {volatility}}}
contracts:
  - {{name: offtake, kind: compute, start: 2026-01-01, term_years: 6, gpus: 8000, usd_per_gpu_hour: {price},
     used_share: {used}, take_or_pay_share: {pays}, opex: {opex}}}
  - {{name: lease, kind: lease, asset: gpus, start: 2026-01-01, term_years: 2, option_years: 2, options: 2, rent: 10,
     renewal_probability: {renewal}, renewal_correlation: 0.5}}
facilities:
  - {{name: senior, kind: term, amount: {amount}, rate: 8 %, maturity: 2032-01-01,
     amortisation: {{type: level_payment}}}}
  - {{name: junior, kind: delayed_draw, amount: 60, rate: 12 %, maturity: 2032-01-01, senior: false,
     amortisation: {{type: level_payment}}}}
parties:
  - {{name: giver, default_probability: {probability}, correlation: {correlation}, asset: gpus}}
guarantees:
  - {{name: rvg, giver: giver, contract: lease, asset: gpus, until: 2031-01-01, threshold: 300, cap: 200}}
enforcement: {{cost: 10 %}}
waterfall:
  - {{do: pay, what: interest, of: senior}}
  - {{do: pay, what: principal, of: senior}}
  - {{do: pay, what: interest, of: junior}}
  - {{do: pay, what: principal, of: junior}}
  - {{do: distribute}}
"""


def at_price(level: float, **named: Any) -> Run:
    """The deal with its price, and the small rent of the lease, scaled in the file itself."""
    changed = text(**{**named, "price": named.get("price", 2.0) * level}).replace(
        "rent: 10,", f"rent: {10 * level!r},"
    )
    return run(read_deal(changed))


@settings(max_examples=8)
@given(st.floats(0.5, 6), st.floats(0.2, 1), st.floats(0, 60), st.floats(50, 400))
def test_a_break_even_price_put_into_the_file_just_pays(
    price: float, used: float, opex: float, amount: float
) -> None:
    named = {"price": price, "used": used, "opex": opex, "amount": amount}
    found = break_even(prepare(read_deal(text(**named))))["price"]["paid_on_time"]
    if found["status"] == "always":
        assert at_price(0.0, **named)["state"].max() < 2
    elif found["status"] == "never":
        late = at_price(2.0, **named)
        assert total_loss(late)[0] > 0 or late["state"].max() >= 2
    else:
        assert 0 < found["level"] < 2
        fine, below = at_price(found["level"] + 1e-6, **named), at_price(found["level"] - 1e-5, **named)
        assert fine["state"].max() < 2
        assert total_loss(fine)[0] <= 1e-6 * amount
        assert below["state"].max() >= 2 or total_loss(below)[0] > 0
        assert found["loss"] <= 1e-6 * amount


def test_a_break_even_by_hand_and_what_take_or_pay_hides() -> None:
    """Service of senior and junior over 24 quarters against 8,000 GPUs: the price at which cash just equals it."""
    service = sum(a * r / 4 / (1 - (1 + r / 4) ** -24) for a, r in ((200, 0.08), (60, 0.12)))
    gross = 8000 * 8766 / 4 * 0.9 * 2.0 / 1e6
    ready = prepare(read_deal(text()))
    found = break_even(ready)
    assert found["price"]["paid_on_time"]["level"] == pytest.approx((service + 5) / (gross + 2.5), rel=1e-6)
    used = (service + 5 - 2.5) / (gross / 0.9)
    assert found["utilisation"]["paid_on_time"]["level"] == pytest.approx(used, rel=1e-6)
    # With take-or-pay the deal as written never feels low use; the break-even is of the same hours all the same.
    paid = break_even(prepare(read_deal(text(pays=0.95, used=0.1))))
    assert paid["utilisation"]["paid_on_time"]["level"] == pytest.approx(used, rel=1e-6)
    assert total_loss(run(read_deal(text(pays=0.95, used=0.1)))) == pytest.approx(0)


@settings(max_examples=15)
@given(st.floats(0.2, 3), st.floats(0.1, 1), st.floats(50, 500))
def test_losses_add_up_by_holder(price: float, used: float, amount: float) -> None:
    found = run(read_deal(text(price=price, used=used, amount=amount)))
    held = by_holder(found)
    lenders = sum(one["loss"] for name, one in held.items() if name != "equity_holders")
    assert lenders == pytest.approx(float(total_loss(found).mean()), abs=1e-9)
    assert held["bond_investors"]["tranches"] == [
        "senior"
    ]  # a term loan is placed, a delayed draw is private credit
    assert held["private_credit"]["loss"] == pytest.approx(float(lender_loss(found, "junior").mean()))
    assert held["equity_holders"]["loss"] == pytest.approx(float(owners_loss(found).mean()))
    for one in held.values():
        assert one["share"] is None or -1e-12 <= one["share"] <= 1 + 1e-12


def test_junior_loses_first_and_a_guarantor_never_hurts_lenders() -> None:
    for case in non_renewal(read_deal(text(amount=380, price=1.0))):
        held, bare = case["holders"], case["holders_without_guarantor"]
        if held["bond_investors"]["loss"] > 1e-9:
            assert held["private_credit"]["share"] == pytest.approx(1, abs=0.35)
        for name in ("bond_investors", "private_credit"):
            assert held[name]["loss"] <= bare[name]["loss"] + 1e-9
    cases = non_renewal(read_deal(text()))
    assert [c["years"] for c in cases] == [2, 4]
    assert [c["ends"] for c in cases] == ["2028-01-01", "2030-01-01"]
    assert cases[0]["sale"] == pytest.approx(0.9 * 260)
    assert cases[0]["guarantee"] == pytest.approx(300 - 260)


@pytest.fixture(scope="module")
def linked() -> dict[float, dict[str, Any]]:
    """The same deal with a guarantor that has its own luck, and one that shares the asset's."""
    found: dict[float, dict[str, Any]] = {}
    for correlation in (0.0, 0.9):
        drawn = read_deal(text(probability=0.03, correlation=correlation, renewal=0.6, volatility=0.3))
        found[correlation] = distribution(run(prepare(drawn, paths=4000, seed=3)))
    return found


def test_a_guarantor_that_shares_the_assets_luck_fails_when_it_is_needed(linked: Any) -> None:
    own, shared = (linked[c]["guarantees"]["rvg"] for c in (0.0, 0.9))
    # How often it fails is the same: 1 - 0.97^7 = 19 %, whatever it shares.
    for one in (own, shared):
        assert one["share_of_paths_giver_fails"] == pytest.approx(1 - 0.97**7, abs=0.025)
    assert own["giver_fails_when_called"] == pytest.approx(own["share_of_paths_giver_fails"], abs=0.03)
    assert shared["giver_fails_when_called"] > shared["share_of_paths_giver_fails"] + 0.05
    assert shared["paid_mean"] < own["paid_mean"]


def test_a_distribution_is_consistent(linked: Any) -> None:
    for found in linked.values():
        renewals = found["renewals"]["lease"]
        assert sum(renewals["share_of_paths"]) == pytest.approx(1)
        # Each option is exercised with probability 0.6, so the first is refused on 0.4 of paths.
        assert renewals["share_of_paths"][0] == pytest.approx(0.4, abs=0.03)
        assert sum(found["states"].values()) == 4000
        for one in found["tranches"].values():
            bars = one["histogram"]
            assert bars["without_loss"] + sum(bars["share_of_paths"]) == pytest.approx(1)
            assert one["loss_q50"] <= one["loss_q95"] <= one["loss_q99"] <= one["loss_largest"] + 1e-12
            assert one["share_of_paths_with_loss"] == pytest.approx(1 - bars["without_loss"])


def test_paths_that_would_all_be_the_same_are_refused(tmp_path: Any) -> None:
    place = tmp_path / "plain.yaml"
    place.write_text(
        text(volatility=0.0).replace(
            "parties:\n  - {name: giver, default_probability: 0.0, correlation: 0.0, asset: gpus}\n", ""
        )
    )
    with pytest.raises(InputError, match="every path would be the same"):
        deal(str(place), paths=100)
    with pytest.raises(InputError, match="every path would be the same"):
        deal(str(place), preset="base")


def test_equal_seeds_give_equal_paths_and_the_first_of_more_are_the_same() -> None:
    few, more = deal("hyperion", paths=50).many, deal("hyperion", paths=200).many
    assert few is not None
    assert more is not None
    assert np.array_equal(few.series, more.series[:, :, :50], equal_nan=True)
    other = deal("hyperion", paths=50, seed=2).many
    assert other is not None
    assert not np.array_equal(few["sale"], other["sale"])
