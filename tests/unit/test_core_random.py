from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import stats

from supercycle.core import random
from supercycle.core.random import normal_matrix, normals, uniform_matrix, uniforms

PATHS = np.arange(20_000)


def test_the_mixer_is_splitmix64() -> None:
    # The first outputs of the reference C program (S. Vigna, splitmix64.c) from seed 1234567.
    published = [6457827717110365317, 3203168211198807973, 9817491932198370423]
    states = [(1234567 + i * 0x9E3779B97F4A7C15) % 2**64 for i in (1, 2, 3)]
    assert [random._mix_one(s) for s in states] == published
    bits = np.array(states, dtype=np.uint64)
    random._mix(bits, np.empty_like(bits))
    assert bits.tolist() == published


def test_draws_do_not_change_from_one_version_to_the_next() -> None:
    # A stored result names its seed; these say that the seed still means the same draws. Not to be "updated".
    assert uniforms(2026, "pin", np.array([0, 1, 10**9]), quarter=3, entity=2).tolist() == [
        0.7591677260260236,
        0.26619684224635354,
        0.1678855291823348,
    ]


def test_the_first_thousand_of_ten_thousand_are_the_thousand() -> None:
    np.testing.assert_array_equal(uniforms(1, "a", PATHS[:1000]), uniforms(1, "a", PATHS[:10_000])[:1000])
    np.testing.assert_array_equal(normals(1, "a", PATHS[:1000]), normals(1, "a", PATHS)[:1000])


def test_rows_of_a_matrix_are_the_draws_of_their_quarters() -> None:
    quarters = [5, 0, 39]
    matrix = uniform_matrix(3, "shock", PATHS, quarters, entity=4)
    assert matrix.shape == (3, PATHS.size)
    assert matrix.flags.c_contiguous
    for row, quarter in zip(matrix, quarters, strict=True):
        np.testing.assert_array_equal(row, uniforms(3, "shock", PATHS, quarter, 4))
    np.testing.assert_array_equal(
        normal_matrix(3, "shock", PATHS, quarters, 4)[1], normals(3, "shock", PATHS, 0, 4)
    )


def test_nothing_to_draw_is_an_empty_array() -> None:
    assert uniforms(1, "a", PATHS[:0]).shape == (0,)
    assert uniform_matrix(1, "a", PATHS, []).shape == (0, PATHS.size)
    assert uniforms(1, "a", PATHS[:6].reshape(2, 3)).shape == (2, 3)


@pytest.mark.parametrize("seed", [0, 1, 2026, -5, 2**80])
def test_draws_are_uniform_across_paths(seed: int) -> None:
    # Kolmogorov-Smirnov on 20 streams: each p-value above 1e-4, and together they look uniform themselves.
    p = [stats.kstest(uniforms(seed, f"stream {i}", PATHS), "uniform").pvalue for i in range(20)]
    assert min(p) > 1e-4
    assert stats.kstest(p, "uniform").pvalue > 1e-4


def test_draws_are_uniform_across_quarters_entities_streams_and_seeds_of_one_path() -> None:
    one = PATHS[:1]
    families = {
        "quarters": uniform_matrix(1, "a", one, range(4000)).ravel(),
        "entities": np.concatenate([uniforms(1, "a", one, 0, e) for e in range(4000)]),
        "streams": np.concatenate([uniforms(1, f"p{i}", one) for i in range(4000)]),
        "seeds": np.concatenate([uniforms(s, "a", one) for s in range(4000)]),
    }
    for name, u in families.items():
        assert stats.kstest(u, "uniform").pvalue > 1e-4, name


def test_normals_are_standard_normal() -> None:
    assert stats.kstest(normals(11, "z", PATHS), "norm").pvalue > 1e-4


def test_neighbours_are_independent() -> None:
    # Pairs of draws fall evenly on an 8 x 8 board: chi-square with 63 degrees of freedom.
    u = uniforms(9, "growth", PATHS)
    neighbours = {
        "path": np.roll(u, 1),
        "quarter": uniforms(9, "growth", PATHS, quarter=1),
        "entity": uniforms(9, "growth", PATHS, entity=1),
        "stream": uniforms(9, "growti", PATHS),
        "seed": uniforms(10, "growth", PATHS),
    }
    for name, v in neighbours.items():
        board, _, _ = np.histogram2d(u, v, bins=8, range=[[0, 1], [0, 1]])
        assert stats.chisquare(board.ravel()).pvalue > 1e-4, name
    for (a, v), (b, w) in itertools.combinations({"itself": u, **neighbours}.items(), 2):
        assert abs(np.corrcoef(v, w)[0, 1]) < 4 / np.sqrt(u.size), (a, b)


def test_quarter_and_entity_do_not_stand_for_each_other() -> None:
    draws = {
        (q, e): float(uniforms(1, "a", PATHS[:1], q, e)[0])
        for q in (-1, 0, 1, 2, 3)
        for e in (-1, 0, 1, 2, 3)
    }
    assert len(set(draws.values())) == len(draws)


def test_every_bit_of_a_draw_is_fair() -> None:
    bits = (uniforms(4, "bits", PATHS) * 2.0**52).astype(np.uint64)
    share = np.array([((bits >> np.uint64(k)) & np.uint64(1)).mean() for k in range(52)])
    assert np.abs(share - 0.5).max() < 4.5 * 0.5 / np.sqrt(PATHS.size)


def test_the_ends_of_the_interval_are_never_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    for extreme in (0, 2**64 - 1):
        monkeypatch.setattr(random, "_mix", lambda bits, spare, e=extreme: bits.fill(e))
        u = uniforms(1, "a", PATHS[:3])
        assert (u > 0).all()
        assert (u < 1).all()
        assert np.isfinite(normals(1, "a", PATHS[:3])).all()
