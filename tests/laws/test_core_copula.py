from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from supercycle.core.copula import correlate, correlation_matrix

LAWS = settings(max_examples=100, deadline=None)
NAMES = "abcde"
ALL_PAIRS = list(itertools.combinations(NAMES, 2))

pair_lists = st.lists(
    st.tuples(st.sampled_from(ALL_PAIRS), st.floats(-1, 1)), unique_by=lambda p: p[0], max_size=len(ALL_PAIRS)
).map(lambda chosen: [(a, b, size) for (a, b), size in chosen])


@LAWS
@given(pair_lists)
def test_any_wish_becomes_a_possible_correlation_matrix(pairs: list[tuple[str, str, float]]) -> None:
    matrix, moved = correlation_matrix(NAMES, pairs)
    np.testing.assert_array_equal(np.diag(matrix), 1.0)
    np.testing.assert_allclose(matrix, matrix.T, atol=1e-15)
    assert np.linalg.eigvalsh(matrix)[0] > 0
    assert np.abs(matrix).max() <= 1 + 1e-12
    for a, b, rank in pairs:
        normal = matrix[NAMES.index(a), NAMES.index(b)]
        assert abs(normal - 2 * np.sin(np.pi / 6 * rank)) <= moved + 2e-8


@LAWS
@given(pair_lists.map(lambda pairs: [(a, b, 0.35 * size) for a, b, size in pairs]))
def test_weak_wishes_hold_and_what_is_not_wished_is_independent_given_the_rest(
    pairs: list[tuple[str, str, float]],
) -> None:
    # Even wishes below 0.35 may just fail to fit together; then something moves and nothing is claimed.
    matrix, moved = correlation_matrix(NAMES, pairs)
    if moved > 1e-7:
        return
    precision = np.linalg.inv(matrix)
    named = {frozenset(p[:2]) for p in pairs}
    for a, b in ALL_PAIRS:
        if frozenset((a, b)) not in named:
            assert abs(precision[NAMES.index(a), NAMES.index(b)]) < 1e-6


@LAWS
@given(pair_lists)
def test_correlating_uncorrelated_draws_gives_exactly_the_matrix(pairs: list[tuple[str, str, float]]) -> None:
    # Five orthogonal columns stand for draws whose sample correlation is exactly zero.
    columns = dict(zip(NAMES, np.sqrt(5) * np.eye(5), strict=True))
    made = correlate(columns, pairs)
    mentioned = list(dict.fromkeys([*(name for a, b, _ in pairs for name in (a, b)), *NAMES]))
    for group in ([n for n in mentioned if n in tied] for tied in _tied(pairs)):
        inside = [p for p in pairs if p[0] in group]
        wanted, _ = correlation_matrix(group, inside)
        got = np.array([[made[a] @ made[b] / 5 for b in group] for a in group])
        np.testing.assert_allclose(got, wanted, atol=1e-7)


def _tied(pairs: list[tuple[str, str, float]]) -> list[set[str]]:
    reach = {n: {n} for n in NAMES}
    for _ in NAMES:
        for a, b, _size in pairs:
            joined = reach[a] | reach[b]
            for n in joined:
                reach[n] = joined
    return [set(group) for group in {tuple(sorted(group)) for group in reach.values()}]
