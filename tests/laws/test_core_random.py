from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from supercycle.core.params import Param, quantile
from supercycle.core.random import uniforms

LAWS = settings(max_examples=60, deadline=None)

seeds = st.integers(-(2**70), 2**70)
names = st.text(min_size=1, max_size=12)


@LAWS
@given(
    seeds,
    names,
    st.lists(st.integers(-(2**63), 2**63 - 1), max_size=40),
    st.integers(-9, 99),
    st.integers(0, 9),
)
def test_a_draw_depends_on_its_own_path_only(
    seed: int, stream: str, paths: list[int], q: int, e: int
) -> None:
    together = uniforms(seed, stream, np.array(paths, dtype=np.int64), q, e)
    alone = [uniforms(seed, stream, np.array([p], dtype=np.int64), q, e)[0] for p in paths]
    assert together.tolist() == alone
    assert ((together > 0) & (together < 1)).all()


@LAWS
@given(seeds, names, st.integers(0, 60_000), st.integers(1, 40_000))
def test_chunks_of_any_size_make_the_same_draws(seed: int, stream: str, first: int, size: int) -> None:
    whole = uniforms(seed, stream, np.arange(60_000))
    np.testing.assert_array_equal(
        whole[first : first + size], uniforms(seed, stream, np.arange(first, min(first + size, 60_000)))
    )


@LAWS
@given(seeds, st.lists(names, min_size=2, max_size=2, unique=True))
def test_two_streams_share_no_draw(seed: int, pair: list[str]) -> None:
    paths = np.arange(500)
    a, b = (uniforms(seed, name, paths) for name in pair)
    assert not np.isin(a, b).any()


@LAWS
@given(seeds, st.lists(names, min_size=2, max_size=6, unique=True), st.randoms(use_true_random=False))
def test_adding_a_parameter_changes_no_other_draw(seed: int, ids: list[str], order: object) -> None:
    def sample(wanted: list[str]) -> dict[str, list[float]]:
        return {
            id: quantile(
                Param("p", "", "1", 1.0, 0.5, 3.0, "lognormal", "", "s", "measured", "b"),
                uniforms(seed, id, np.arange(50)),
            ).tolist()
            for id in wanted
        }

    before = sample(ids[:-1])
    shuffled = list(ids)
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    after = sample(shuffled)
    assert {id: after[id] for id in before} == before
