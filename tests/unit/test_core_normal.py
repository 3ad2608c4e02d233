from __future__ import annotations

import numpy as np
from scipy import special

from supercycle.core.normal import normal_cdf, normal_quantile


def test_the_quantile_agrees_with_scipy_to_twelve_digits_in_the_middle_and_both_tails() -> None:
    u = np.concatenate([np.linspace(1e-6, 1 - 1e-6, 200_001), 10.0 ** -np.linspace(1, 300, 3000)])
    np.testing.assert_allclose(normal_quantile(u), special.ndtri(u), rtol=1e-12, atol=1e-15)


def test_the_distribution_function_agrees_with_scipy() -> None:
    z = np.linspace(-8, 9, 170_001)
    np.testing.assert_allclose(normal_cdf(z), special.ndtr(z), rtol=2e-14)


def test_each_is_the_inverse_of_the_other() -> None:
    z = np.linspace(-6, 5, 10_001)
    np.testing.assert_allclose(normal_quantile(normal_cdf(z)), z, rtol=0, atol=1e-9)


def test_the_ends_are_infinite_and_what_is_no_probability_is_no_number() -> None:
    np.testing.assert_array_equal(
        normal_quantile(np.array([0.0, 0.5, 1.0, -0.1, 1.1, np.nan])),
        [-np.inf, 0.0, np.inf, np.nan, np.nan, np.nan],
    )
    np.testing.assert_array_equal(normal_cdf(np.array([-np.inf, 0.0, np.inf, np.nan])), [0, 0.5, 1, np.nan])


def test_the_shape_is_kept_and_the_input_untouched() -> None:
    u = np.linspace(0.01, 0.99, 24).reshape(2, 3, 4)[:, ::2]
    before = u.copy()
    assert normal_quantile(u).shape == normal_cdf(u).shape == (2, 2, 4)
    np.testing.assert_array_equal(u, before)
    np.testing.assert_array_equal(normal_quantile(u)[1, 1], normal_quantile(u[1, 1]))
    assert normal_quantile(np.float64(0.5)).shape == ()
