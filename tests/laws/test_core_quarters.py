from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from supercycle.core.quarters import Quarter

quarters = st.builds(Quarter, st.integers(1000, 9000), st.integers(1, 4))
steps = st.integers(-400, 400)


@given(quarters)
def test_spelling_and_ordinal_round_trip(q: Quarter) -> None:
    assert Quarter.parse(str(q)) == q
    assert Quarter.from_ordinal(q.ordinal) == q


@given(quarters, steps, steps)
def test_quarters_add_like_integers(q: Quarter, m: int, n: int) -> None:
    assert (q + m) + n == q + (m + n)
    assert (q + m) - q == m
    assert (q + m) - m == q


@given(quarters, quarters)
def test_order_difference_and_text_agree(a: Quarter, b: Quarter) -> None:
    assert (a < b) == (a - b < 0) == (str(a) < str(b))


@given(quarters, st.integers(0, 60))
def test_until_counts_both_ends_and_steps_by_one(q: Quarter, n: int) -> None:
    between = q.until(q + n)
    assert len(between) == n + 1
    assert between[-1] == q + n
    assert all(later - earlier == 1 for earlier, later in pairwise(between))
