"""Two equations of credit and valuation against what they stand for: a lognormal class, and published odds."""

from __future__ import annotations

from math import log
from statistics import NormalDist

import pytest

from supercycle.world.world import world_model

N = NormalDist().cdf


@pytest.mark.parametrize("cover", [0.4, 0.75, 1.0, 1.4, 2.5])
def test_the_weak_are_a_part_of_a_lognormal_class(cover: float) -> None:
    """N((log(1 - 1/4) - log cover) / 0.6) for a class at its trend, to the error of the logistic form, 1.4e-4."""
    model = world_model()
    reads = model.variables["neocloud_weak"].args
    given = {
        "neocloud_cash_cover": cover,
        "neocloud_cover_trend": 1.4,
        "cover_target": 1.4,
        "cover_spread": 0.6,
        "reserve_q": 1.0,
        "cash_memory_q": 4.0,
        "young_share": 0.0,
    }
    given |= {
        k: model.registry[k].default if k in model.registry else model.constants[k].value
        for k in reads
        if k not in given
    }
    assert model.equation("neocloud_weak")(**given) == pytest.approx(
        N((log(0.75) - log(cover)) / 0.6), abs=1.5e-4
    )


def test_published_odds_of_three_run_ups() -> None:
    """20, 53 and 80 % within two years: a quarter's hazard over eight quarters makes them again."""
    model = world_model()
    for rise, odds, slack in ((1.5, 0.20, 0.02), (2.0, 0.53, 1e-9), (2.5, 0.80, 0.02)):
        reads = {k: model.registry[k].default if k in model.registry else model.constants[k].value
                 for k in model.variables["episode_odds"].args if k != "runup_most"}  # fmt: skip
        assert model.equation("episode_odds")(runup_most=log(rise), **reads) == pytest.approx(odds, abs=slack)
