"""The internal rate of return: values a reader can check by hand, and none where there is none."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from supercycle.world.derived import BUILT, DERIVED, internal_rate
from supercycle.world.frame import VINTAGE

sys.path.append(str(Path(__file__).resolve().parents[1]))
runs = importlib.import_module("world_runs")


def rate(*cash: float) -> float:
    return float(internal_rate(np.array(cash)[:, None])[0])


@pytest.mark.parametrize(
    ("cash", "expected"),
    [
        ((-100.0, 110.0), 0.10),  # 110 / 100 - 1
        ((-100.0, 0.0, 121.0), 0.10),  # 1.1^2 = 1.21
        ((-100.0, 60.0, 60.0), (3 + np.sqrt(69)) / 10 - 1),  # 10 x^2 - 6 x - 6 = 0 for x = 1 + r
        ((-100.0, 10.0, 10.0, 110.0), 0.10),  # a bond at par earns its coupon
        ((-100.0, 50.0), -0.5),  # half is lost in a quarter
        ((-100.0, 25.0, 25.0, 25.0, 25.0), 0.0),  # the money comes back and no more
        ((-50.0, -50.0, 105.0), (np.sqrt(1 + 4 * 2.1) - 1) / 2 - 1),  # x^2 + x - 2.1 = 0
    ],
)
def test_rates_by_hand(cash: tuple[float, ...], expected: float) -> None:
    assert rate(*cash) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    "cash", [(100.0, 60.0), (-100.0, -1.0), (0.0, 0.0), (100.0, -110.0), (-100.0, 1e-9), (-1.0, 4.0)]
)
def test_no_sign_change_between_the_bounds_is_no_rate(cash: tuple[float, ...]) -> None:
    """Nothing put in, nothing back, a loan instead of an investment, or a rate outside -60 to +150 % a
    quarter.
    """
    assert np.isnan(rate(*cash))


@given(
    st.floats(-0.3, 0.8),
    st.lists(st.floats(0.0, 50.0), min_size=1, max_size=30).filter(lambda xs: max(xs) > 0.1),
    st.floats(1e-3, 1e6),
)
def test_the_rate_at_which_an_outlay_was_made_is_found(r: float, receipts: list[float], scale: float) -> None:
    """The outlay is the value of the receipts at r: the rate found is r, whatever the unit of money."""
    outlay = sum(x / (1 + r) ** (i + 1) for i, x in enumerate(receipts))
    assert rate(*(scale * x for x in (-outlay, *receipts))) == pytest.approx(r, abs=1e-6)


@given(st.lists(st.floats(1.0, 50.0), min_size=2, max_size=20), st.floats(0.01, 0.5))
def test_more_cash_earns_more(receipts: list[float], more: float) -> None:
    outlay = -sum(receipts) * 0.9
    assert rate(outlay, *receipts[:-1], receipts[-1] * (1 + more)) > rate(outlay, *receipts)


def test_paths_are_independent() -> None:
    cash = np.array([[-100.0, 100.0, -100.0], [110.0, 110.0, 50.0]])
    found = internal_rate(cash)
    assert found[0] == pytest.approx(0.10)
    assert np.isnan(found[1])
    assert found[2] == pytest.approx(-0.5)


# the two readings


def test_the_two_readings_differ_by_exactly_the_captive_transfer() -> None:
    """Every vintage, quarter and path: imputed less external cash is the captive transfer, rounding aside."""
    found = runs.sampled_paths(512)
    external, imputed, captive = (
        found.all(f"vintage_{k}_usd_bn")[:, 1:] for k in ("external", "imputed", "captive")
    )
    scale = np.maximum(np.abs(external), np.abs(captive))
    assert (np.abs(imputed - external - captive) <= 1e-12 * np.maximum(scale, 1e-12)).all()
    assert (captive >= 0.0).all()
    assert (captive[:4].sum(axis=0) > 0.0).mean() > 0.9, "there is a transfer"


def test_the_transfer_is_the_part_of_use_without_revenue() -> None:
    """The two parts of use add up to all of it at contract prices; the attributed value is the transfer times
    its ratio.
    """
    found = runs.run(runs.defaults())
    use, captive = found.all("vintage_use_usd_bn")[:, 1:], found.all("vintage_captive_usd_bn")[:, 1:]
    assert np.allclose(captive, use * (1.0 - found["external_share"][1:]), rtol=1e-12)
    attributed = found.all("vintage_attributed_usd_bn")[:, 1:]
    assert np.allclose(attributed, captive * found["captive_value_ratio"][1:], rtol=1e-12)


def test_the_reading_with_captive_use_is_never_lower() -> None:
    sample, found = runs.sampled(512), runs.sampled_paths(512)
    by_id = dict(zip(runs.world().model.registry, sample.params, strict=True))
    named = {d.name: d.compute({k: found[k][1:] for k in d.inputs}, by_id) for d in DERIVED}
    external, imputed, one = (named[f"vintage_irr{which}"] for which in ("_external", "_imputed", ""))
    both = np.isfinite(external) & np.isfinite(imputed)
    assert both.mean() > 0.9
    assert (imputed[both] >= external[both]).all()
    all_three = both & np.isfinite(one)
    assert (one[all_three] >= external[all_three]).all(), "what captive use adds is never negative"
    assert set(BUILT) < set(VINTAGE.members)
