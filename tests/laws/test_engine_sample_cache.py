"""A sample that is remembered is the sample that would be drawn: whatever is set, in whatever order it is asked."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from supercycle.engine import sample
from supercycle.engine.prior import Prior
from supercycle.engine.scenario import Scenario
from supercycle.service.the_world import subject

PATHS = np.arange(64)
# a fitted prior of the test's own: the stored one is refused once the model has changed
TABLE = Prior("posterior", levels=(0.0, 0.5, 1.0), tables={"it_cost_fade": (0.1, 0.12, 0.25)})
WORLD = replace(subject(), priors={"posterior": TABLE})
# a lever the opening test does not read, two it does
SETTINGS = {
    "grid_lead_months": (48.0, 72.0),
    "captive_elasticity": (-0.5, -0.1),
    "price_response": (0.01, 0.05),
}


@given(
    st.dictionaries(st.sampled_from(sorted(SETTINGS)), st.floats(0, 1), max_size=3),
    st.integers(1, 3),
    st.sampled_from(["judged", "posterior"]),
)
def test_remembered_is_drawn(shares: dict[str, float], seed: int, prior: str) -> None:
    settings = {
        id: SETTINGS[id][0] + share * (SETTINGS[id][1] - SETTINGS[id][0]) for id, share in shares.items()
    }
    scenario = Scenario("one", set=settings, prior=prior)
    drawn = sample._sampled(WORLD, scenario, seed, PATHS, map, len(PATHS))
    asked = sample.sample_params(WORLD, scenario, seed, PATHS)
    np.testing.assert_array_equal(asked.params, drawn.params)
    np.testing.assert_array_equal(asked.refused, drawn.refused)


def test_what_the_test_reads_is_known_to_matter() -> None:
    read = sample._tested(subject()).params
    assert {"captive_elasticity", "price_response"} <= read
    assert "grid_lead_months" not in read


def test_a_sample_given_out_may_be_written_to() -> None:
    first = sample.sample_params(subject(), Scenario("base"), 1, PATHS)
    first.params[:] = 0.0
    again = sample.sample_params(subject(), Scenario("base"), 1, PATHS)
    assert again.params.any()
