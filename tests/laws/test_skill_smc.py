"""The sampler finds posteriors that are known, and the check of it sees a fit that is wrong."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from supercycle.core.errors import ModelError
from supercycle.skill.discrepancy import drawn, loglik, scales, unknowns
from supercycle.skill.sbc import ranks, uniformity
from supercycle.skill.smc import effective, temper

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


def dense(rows: tuple[int, ...], level: float, growth: float, memory: float, scatter: float) -> Floats:
    """The covariance of d + r written out: no filter, no recursion."""
    n = rows[-1] + 1
    impulse = np.array(
        [[sum(memory**m for m in range(i - j + 1)) if j <= i else 0.0 for j in range(n)] for i in range(n)]
    )
    walk = np.tril(np.ones((n, n)))
    first = np.array(
        [sum(memory ** (m + 1) for m in range(i + 1)) for i in range(n)]
    )  # what a g of one adds to d
    whole = growth**2 * impulse @ impulse.T + level**2 * walk @ walk.T
    whole = whole + growth**2 / (1.0 - memory**2) * np.outer(first, first)
    return whole[np.ix_(rows, rows)] + scatter**2 * np.eye(len(rows))


@settings(max_examples=40)
@given(
    st.sets(st.integers(0, 9), min_size=1, max_size=6),
    st.floats(0.0, 0.5),
    st.floats(0.0, 0.5),
    st.floats(0.0, 0.95),
    st.floats(0.01, 0.3),
)
def test_the_filter_is_the_normal_density(
    quarters: set[int], level: float, growth: float, memory: float, scatter: float
) -> None:
    rows = tuple(sorted(quarters))
    error = np.random.default_rng(1).normal(0.0, 0.3, (len(rows), 3))
    covariance = dense(rows, level, growth, memory, scatter)
    exact = [
        -0.5 * (e @ np.linalg.solve(covariance, e) + np.linalg.slogdet(2.0 * np.pi * covariance)[1])
        for e in error.T
    ]
    of = (np.full(3, level), np.full(3, growth), np.full(3, memory))
    assert np.allclose(loglik(error, rows, of, scatter), exact, rtol=1e-9, atol=1e-9)


def test_the_noise_is_the_likelihood_s() -> None:
    rows, size = (0, 1, 3), 200_000
    of = (np.full(size, 0.1), np.full(size, 0.05), np.full(size, 0.8))
    found = np.cov(drawn(rows, of, 0.03, np.random.default_rng(4)))
    assert np.allclose(found, dense(rows, 0.1, 0.05, 0.8, 0.03), rtol=0.03)


def test_scales_keep_their_priors() -> None:
    z = np.random.default_rng(5).standard_normal((unknowns(2), 100_000))
    found = scales(z)
    assert found.memory.min() > 0.5
    assert found.memory.max() < 0.95
    for of, scale in ((found.level, 0.15), (found.growth, 0.075)):
        assert np.exp(np.mean(np.log(of))) == pytest.approx(
            scale * np.exp(-0.6352), rel=0.02
        )  # of a half-normal
        logs = np.log(of)
        assert np.std(logs[0] - logs[1]) == pytest.approx(0.5 * np.sqrt(2.0), rel=0.02)


class Walks(Linear):
    """A line of two unknowns, missed by a discrepancy of unknown scales; ``believed`` shrinks them."""

    def __init__(self, believed: float = 1.0) -> None:
        self.believed = believed
        self.design = np.array([[1.0, 0.2 * h] for h in range(6)])

    @property
    def unknowns(self) -> int:
        return 2 + unknowns(1)

    def history(self, z: Floats, generator: np.random.Generator) -> list[Floats] | None:
        of = scales(z[2:]).of(0)
        return [self.design @ z[:2, 0] + drawn(tuple(range(6)), of, 0.05, generator)[:, 0]]

    def loglik_of(self, history: list[Floats]) -> Callable[[Floats], Floats]:
        def value(z: Floats) -> Floats:
            level, growth, memory = scales(z[2:]).of(0)
            of = (self.believed * level, self.believed * growth, memory)
            return loglik(history[0][:, None] - self.design @ z[:2], tuple(range(6)), of, 0.05)

        return value


def test_ranks_are_uniform_with_the_discrepancy_on() -> None:
    found = ranks(Walks(), [0, 1, 2, 3, 4, 5, 6], 96, particles=192, moves=4, last_moves=12, seed=5)
    assert min(uniformity(row)["probability"] for row in found) > 0.003


def test_a_discrepancy_believed_too_small_is_seen() -> None:
    found = ranks(Walks(believed=0.2), [0, 1], 64, particles=128, moves=3, last_moves=8, seed=5)
    assert min(uniformity(row)["probability"] for row in found) < 1e-4
