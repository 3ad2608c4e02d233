"""Sketches: within the stated error of exact quantiles, and the same however they were put together."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supercycle.engine.quantiles import LEVELS, quantiles
from supercycle.engine.sketch import ERROR, Sketch

NUMBERS = st.lists(
    st.one_of(
        st.floats(-1e12, 1e12, allow_subnormal=False),
        st.sampled_from([0.0, -0.0, 1.0, -1.0, 0.5, 1e-300, 1e300, float("nan")]),
    ),
    min_size=1,
    max_size=200,
)


@given(numbers=NUMBERS)
@settings(max_examples=200, deadline=None)
def test_quantiles_within_the_stated_error(numbers: list[float]) -> None:
    values = np.array([numbers])
    sketch = Sketch(1)
    sketch.add(values)
    exact = quantiles(values, LEVELS)[:, 0]
    found = sketch.quantiles(LEVELS)[:, 0]
    if np.isnan(values).all():
        assert np.isnan(found).all()
        return
    # Between two numbers of unlike size the interpolation takes the error of the larger one.
    known = np.sort(values[np.isfinite(values)])
    places = np.array(LEVELS) * (len(known) - 1)
    near = np.maximum(np.abs(known[np.floor(places).astype(int)]), np.abs(known[np.ceil(places).astype(int)]))
    assert (np.abs(found - exact) <= ERROR * near * (1 + 1e-9)).all()


@given(numbers=NUMBERS, cuts=st.lists(st.integers(0, 200), max_size=7), order=st.randoms())
@settings(max_examples=100, deadline=None)
def test_pieces_and_their_order_change_nothing(numbers: list[float], cuts: list[int], order: object) -> None:
    values = np.array([numbers, numbers[::-1]])
    whole = Sketch(2)
    whole.add(values)
    pieces = []
    for piece in np.split(values, sorted(cuts), axis=1):
        made = Sketch(2)
        made.add(piece)
        pieces.append(made)
    order.shuffle(pieces)  # type: ignore[attr-defined]
    merged = Sketch(2)
    for piece in pieces:
        merged.merge(piece)
    assert (merged.count == whole.count).all()
    same = merged.quantiles(LEVELS), whole.quantiles(LEVELS)
    assert np.array_equal(*same, equal_nan=True)
    assert merged.mean() == pytest.approx(whole.mean(), rel=1e-12, nan_ok=True)


def test_events_are_exact() -> None:
    sketch = Sketch(1)
    sketch.add(np.array([[0.0] * 60 + [1.0] * 40]))
    assert sketch.quantiles((0.5, 0.59, 0.61, 1.0))[:, 0].tolist() == [0.0, 0.0, 1.0, 1.0]
    assert sketch.mean().tolist() == [0.4]
