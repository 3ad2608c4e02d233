from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from supercycle.core.copula import correlate, correlation_matrix
from supercycle.core.errors import InputError, UnknownNameError
from supercycle.core.normal import normal_cdf
from supercycle.core.params import Param, quantile
from supercycle.core.random import normals

PATHS = np.arange(40_000)
SAMPLING = 4 / np.sqrt(PATHS.size)  # four standard errors of a rank correlation


def draws(*names: str) -> dict[str, np.ndarray]:
    return {name: normals(5, name, PATHS) for name in names}


def spearman(a: np.ndarray, b: np.ndarray) -> float:
    return float(stats.spearmanr(a, b).statistic)


def test_the_wanted_rank_correlations_come_out_also_after_the_parameters_own_distributions() -> None:
    wanted = [("q", "m", -0.8), ("q", "p", -0.4), ("growth", "resale", 0.6), ("m", "p", 0.2)]
    made = correlate(draws("q", "m", "p", "growth", "resale", "alone"), wanted)
    shapes = {"q": "lognormal", "m": "triangular", "p": "normal", "growth": "uniform", "resale": "lognormal"}
    values = {
        name: quantile(
            Param(name, "", "1", 1.0, 0.4, 9.0, shape, "", "s", "measured", "b"), normal_cdf(made[name])
        )
        for name, shape in shapes.items()
    }
    for a, b, rank in wanted:
        assert spearman(values[a], values[b]) == pytest.approx(rank, abs=SAMPLING)
    for a, b in [("q", "growth"), ("p", "resale"), ("q", "alone")]:
        assert abs(spearman(made[a], made[b])) < SAMPLING


def test_each_draw_stays_standard_normal() -> None:
    made = correlate(draws("a", "b", "c"), [("a", "b", 0.9), ("b", "c", -0.7), ("a", "c", -0.5)])
    for z in made.values():
        assert stats.kstest(z, "norm").pvalue > 1e-4


def test_draws_in_no_pair_and_the_first_of_a_group_are_the_same_numbers() -> None:
    z = draws("a", "b", "alone")
    made = correlate(z, [("a", "b", 0.5)])
    assert made["alone"] is z["alone"]
    assert made["a"] is z["a"]
    assert not np.array_equal(made["b"], z["b"])
    assert list(made) == list(z)


def test_a_new_name_in_a_group_changes_only_itself() -> None:
    z = draws("a", "b", "c", "d", "e")
    pairs = [("a", "b", 0.5), ("c", "d", -0.3)]
    before = correlate(z, pairs)
    after = correlate(z, [*pairs, ("b", "e", 0.4)])
    for name in "abcd":
        np.testing.assert_allclose(after[name], before[name], atol=1e-8)
    assert spearman(after["b"], after["e"]) == pytest.approx(0.4, abs=SAMPLING)


def test_the_input_is_left_alone_and_no_pairs_change_nothing() -> None:
    z = draws("a", "b")
    copy = {name: v.copy() for name, v in z.items()}
    assert correlate(z, []) == z
    correlate(z, [("a", "b", 0.9)])
    np.testing.assert_array_equal(z["b"], copy["b"])


def test_perfect_correlation_repeats_the_draw() -> None:
    z = draws("a", "b", "c")
    made = correlate(z, [("a", "b", 1.0), ("a", "c", -1.0), ("b", "c", -1.0)])
    np.testing.assert_allclose(made["b"], z["a"], atol=1e-3)
    np.testing.assert_allclose(made["c"], -z["a"], atol=1e-3)


def test_a_pair_that_is_not_named_follows_from_the_chain_and_one_named_at_zero_stays_apart() -> None:
    # Strong ties through a middle name contradict a zero between the ends: 0.8^2 + 0.9^2 > 1.
    names, chain = ["m", "q", "p"], [("q", "m", -0.8), ("p", "q", -0.9)]
    matrix, moved = correlation_matrix(names, chain)
    assert moved < 1e-7
    assert matrix[0, 2] == pytest.approx(matrix[0, 1] * matrix[1, 2], abs=1e-9)
    apart, moved = correlation_matrix(names, [("q", "m", -0.5), ("p", "q", -0.5), ("p", "m", 0.0)])
    assert moved < 1e-7
    assert apart[0, 2] == 0.0


def test_sizes_that_cannot_all_hold_are_moved_and_the_move_is_told() -> None:
    # Three names cannot all be opposed by more than -1/2; the nearest matrix has -1/2 everywhere.
    opposed = [("a", "b", -0.9), ("b", "c", -0.9), ("a", "c", -0.9)]
    matrix, moved = correlation_matrix(["a", "b", "c"], opposed)
    np.testing.assert_allclose(
        matrix, np.array([[1, -0.5, -0.5], [-0.5, 1, -0.5], [-0.5, -0.5, 1]]), atol=1e-6
    )
    assert moved == pytest.approx(2 * np.sin(np.pi / 6 * 0.9) - 0.5, abs=1e-6)
    assert np.isfinite(correlate(draws("a", "b", "c"), opposed)["c"]).all()


@pytest.mark.parametrize(
    ("pairs", "kind", "told"),
    [
        ([("a", "bb", 0.1)], UnknownNameError, "unknown parameter in a correlation 'bb'"),
        ([("a", "b", 1.2)], InputError, "correlation of a and b is out of range: expected -1 to 1, got 1.2"),
        ([("a", "b", float("nan"))], InputError, "out of range"),
        ([("a", "a", 0.5)], InputError, "paired with itself"),
        ([("a", "b", 0.5), ("b", "a", 0.4)], InputError, "given twice"),
    ],
)
def test_pairs_that_make_no_sense_are_refused(
    pairs: list[tuple[str, str, float]], kind: type[InputError], told: str
) -> None:
    with pytest.raises(kind) as caught:
        correlate(draws("a", "b"), pairs)
    assert told in str(caught.value)
