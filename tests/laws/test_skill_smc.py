"""The sampler finds posteriors that are known, and the check of it sees a fit that is wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from supercycle.core.errors import ModelError
from supercycle.skill.sbc import ranks, uniformity
from supercycle.skill.smc import effective, temper
from supercycle.skill.windows import TAIL, Block

Floats = NDArray[np.float64]
DESIGN = np.array(
    [[1.0, 0.5, 0.0], [0.0, 1.0, -0.5]]
)  # two figures, three unknowns: the third is hardly seen


class Linear:
    """y = A z + 0.5 e: a toy whose posterior is normal. ``sharper`` makes its likelihood believe e is smaller."""

    def __init__(self, sharper: float = 1.0) -> None:
        self.sharper = sharper

    @property
    def unknowns(self) -> int:
        return 3

    def history(self, z: Floats, generator: np.random.Generator) -> list[Floats] | None:
        return [DESIGN @ z[:, 0] + 0.5 * generator.standard_normal(2)]

    def loglik_of(self, history: list[Floats]) -> Callable[[Floats], Floats]:
        def value(z: Floats) -> Floats:
            error = (history[0][:, None] - DESIGN @ z) / (0.5 * self.sharper)
            return -0.5 * np.square(error).sum(axis=0)

        return value


def test_the_posterior_of_a_line_is_found() -> None:
    y = np.array([1.5, -1.0])
    precision = np.eye(3) + DESIGN.T @ DESIGN / 0.25
    mean = np.linalg.solve(precision, DESIGN.T @ y / 0.25)
    cloud = temper(Linear().loglik_of([y]), 3, 4096, 1, moves=6, last_moves=20)
    assert np.allclose(cloud.z.mean(axis=1), mean, atol=0.04)
    assert np.allclose(np.cov(cloud.z), np.linalg.inv(precision), atol=0.04)
    assert cloud.powers[0] == 0.0
    assert cloud.powers[-1] == 1.0
    assert all(a < b for a, b in zip(cloud.powers, cloud.powers[1:], strict=False))
    assert all(size >= 0.49 * 4096 for size in cloud.effective)


def test_the_same_seed_gives_the_same_cloud() -> None:
    fit = Linear().loglik_of([np.array([0.3, 0.2])])
    assert np.array_equal(temper(fit, 3, 256, 7).z, temper(fit, 3, 256, 7).z)
    assert not np.array_equal(temper(fit, 3, 256, 7).z, temper(fit, 3, 256, 8).z)


def test_draws_that_are_impossible_have_no_particle() -> None:
    def value(z: Floats) -> Floats:
        return np.where(z[0] > 0.5, -(z[1] ** 2), -np.inf)

    cloud = temper(value, 2, 512, 3)
    assert (cloud.z[0] > 0.5).all()
    with pytest.raises(ModelError, match="hardly any"):
        temper(lambda z: np.full(z.shape[1], -np.inf), 2, 64, 3)


def test_ranks_of_a_right_fit_are_uniform() -> None:
    found = ranks(Linear(), [0, 1, 2], 160, particles=256, moves=4, last_moves=12, seed=11)
    assert found.min() >= 0
    assert found.max() <= 63
    assert min(uniformity(row)["probability"] for row in found) > 0.003


def test_a_fit_that_believes_too_much_is_seen() -> None:
    found = ranks(Linear(sharper=0.25), [0, 1], 160, particles=256, moves=4, last_moves=12, seed=11)
    assert min(uniformity(row)["probability"] for row in found) < 1e-4


def test_equal_weights_are_all_effective() -> None:
    assert effective(np.full(50, -3.0)) == pytest.approx(50.0)


def block(rows: int = 3) -> Block:
    ahead = np.arange(1.0, rows + 1)
    covariance = 0.1**2 * np.minimum(ahead[:, None], ahead[None, :]) + 0.03**2 * np.eye(rows)
    return Block(0, "capex", tuple(range(rows)), np.log(np.array([1.0, 1.2, 1.3])[:rows]), covariance)


def test_the_likelihood_is_a_multivariate_t() -> None:
    from scipy.stats import multivariate_t

    made: Any = block()
    told = np.random.default_rng(2).normal(0.1, 0.2, (3, 40))
    exact = [multivariate_t.logpdf(made.logs - column, shape=made.covariance, df=TAIL) for column in told.T]
    difference = made.loglik(told) - np.array(exact)
    assert np.ptp(difference) < 1e-9  # equal up to a constant


def test_the_noise_is_the_likelihood_s() -> None:
    made = block()
    drawn = made.noise(200_000, np.random.default_rng(4))
    # A t with four degrees of freedom has twice the scale's covariance.
    assert np.allclose(
        np.median(np.abs(drawn), axis=1), 0.7407 * np.sqrt(np.diag(made.covariance)), rtol=0.02
    )
