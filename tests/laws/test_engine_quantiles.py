"""Quantiles equal NumPy's to the last bit, whatever the numbers."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from supercycle.engine.quantiles import LEVELS, quantiles

NUMBERS = st.floats(-1e12, 1e12)
ROWS = hnp.arrays(np.float64, hnp.array_shapes(min_dims=1, max_dims=3, max_side=40), elements=NUMBERS)


@given(values=ROWS)
def test_equal_to_numpy(values: np.ndarray) -> None:
    assert np.array_equal(quantiles(values), np.quantile(values, LEVELS, axis=-1))


@given(values=ROWS, level=st.floats(0, 1))
def test_any_level(values: np.ndarray, level: float) -> None:
    assert np.array_equal(quantiles(values, (level,)), np.quantile(values, (level,), axis=-1))


@given(values=hnp.arrays(np.float64, (3, 20), elements=NUMBERS), ok=hnp.arrays(np.bool_, 20))
def test_only_paths_that_are_ok_count(values: np.ndarray, ok: np.ndarray) -> None:
    found = quantiles(values, ok=ok)
    if ok.any():
        assert np.array_equal(found, np.quantile(values[:, ok], LEVELS, axis=-1))
    else:
        assert np.isnan(found).all()


@given(values=hnp.arrays(np.float64, (2, 15), elements=NUMBERS | st.just(float("nan"))))
def test_what_is_not_defined_is_left_out(values: np.ndarray) -> None:
    for row, found in zip(values, quantiles(values).T, strict=True):
        known = row[~np.isnan(row)]
        assert np.array_equal(found, np.quantile(known, LEVELS)) if len(known) else np.isnan(found).all()


@given(values=ROWS)
def test_in_order_and_within_the_values(values: np.ndarray) -> None:
    found = quantiles(values)
    rounding = 1e-15 * np.abs(values).max()
    assert (np.diff(found, axis=0) >= -rounding).all()
    assert (found >= values.min(axis=-1) - rounding).all()
    assert (found <= values.max(axis=-1) + rounding).all()
