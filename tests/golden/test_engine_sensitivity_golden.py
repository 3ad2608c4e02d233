"""Estimators against functions whose indices are known in closed form."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from supercycle.engine.morris import morris
from supercycle.engine.sobol import sobol


def ishigami(u: Any, _: int) -> Any:
    """a = 7, b = 0.1: T. Ishigami and T. Homma, 1990; indices as in Saltelli and others, 2008, p. 179."""
    x = np.pi * (2.0 * u - 1.0)
    return np.sin(x[0]) + 7.0 * np.sin(x[1]) ** 2 + 0.1 * x[2] ** 4 * np.sin(x[0])


def test_ishigami() -> None:
    found = sobol(ishigami, 3, 8192, 1)
    variance = 7.0**2 / 8 + 0.1 * np.pi**4 / 5 + 0.1**2 * np.pi**8 / 18 + 0.5
    assert found.variance == pytest.approx(variance, rel=0.03)
    assert found.first == pytest.approx([0.3139, 0.4424, 0.0], abs=0.02)
    assert found.total == pytest.approx([0.5576, 0.4424, 0.2437], abs=0.02)
    spread = (
        found.total_band[1] - found.total_band[0]
    ) / 3.29  # 5 to 95 % of a normal, in standard deviations
    assert np.all(np.abs(found.total - [0.5576, 0.4424, 0.2437]) < 3.0 * spread)
    assert np.all(spread < 0.02)


def test_g_function() -> None:
    """A. Saltelli and I. M. Sobol, 1995: V_i = 1/3 (1 + a_i)^-2, V = prod (1 + V_i) - 1."""
    a = np.array([0.0, 1.0, 4.5, 9.0, 99.0, 99.0])
    part = 1.0 / (3.0 * (1.0 + a) ** 2)
    whole = np.prod(1.0 + part) - 1.0
    found = sobol(
        lambda u, _: np.prod((np.abs(4.0 * u - 2.0) + a[:, None]) / (1.0 + a[:, None]), axis=0), 6, 8192, 2
    )
    assert found.first == pytest.approx(part / whole, abs=0.03)
    assert found.total == pytest.approx(part * np.prod(1.0 + part) / (1.0 + part) / whole, abs=0.02)


def test_morris_of_a_plane_is_its_slopes() -> None:
    slopes = np.array([3.0, -2.0, 0.0])
    found = morris(lambda u, _: slopes @ u, 3, 20, 1)
    assert found.mu_star == pytest.approx([3.0, 2.0, 0.0], abs=1e-12)
    assert found.mu == pytest.approx(slopes, abs=1e-12)
    assert found.sigma == pytest.approx([0.0, 0.0, 0.0], abs=1e-12)


def test_morris_sees_an_interaction() -> None:
    """f = u1 u2: an effect of u1 is u2, which is 0, 1/3, 2/3 or 1 with equal odds: mean 1/2, spread sqrt(5)/6."""
    found = morris(lambda u, _: u[0] * u[1], 2, 4000, 1)
    assert found.mu_star == pytest.approx([0.5, 0.5], abs=0.02)
    assert found.sigma == pytest.approx([np.sqrt(5.0) / 6.0] * 2, abs=0.02)
