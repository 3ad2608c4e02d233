"""Every word at the corners of the number line: zeros, infinities, not-a-number, the largest and the smallest."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from supercycle.equations import functions
from supercycle.equations.grammar import WORDS
from supercycle.equations.graph import plan
from supercycle.equations.machine import store, targets
from supercycle.equations.spec import Model, generated

CORNERS = [
    0.0,
    1.0,
    -1.0,
    2.0,
    0.5,
    -0.5,
    3.0,
    -3.0,
    5e-324,
    2.2250738585072014e-308,
    1e-200,
    1e200,
    1.7e308,
    -1.7e308,
    700.0,
    -700.0,
    710.0,
    -746.0,
    math.inf,
    -math.inf,
    math.nan,
]


@pytest.fixture(scope="module", params=list(targets.fitting()))
def kernel(request, tmp_path_factory):
    """One kernel that answers with every word of three operands."""
    model = Model("corners")
    block = model.block("only", "Only", "A block.")
    for name in "abc":
        model.draw(name, "uniform", name)
    for word, count in WORDS.items():
        args = "abc"[:count]
        block.equation("1")(generated(f"x_{word}", args, f"{word}({', '.join(args)})", word))
    for name, text in (
        ("divide", "a / b"),
        ("less", "(a < b) * 1.0"),
        ("same", "(a == b) * 1.0"),
        ("other", "(a != b) * 1.0"),
        ("negative", "-a"),
    ):
        block.equation("1")(generated(f"x_{name}", [x for x in "ab" if x in text], text, name))
    ready = plan(model)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SUPERCYCLE_CACHE", str(tmp_path_factory.mktemp("kernels")))
        yield ready, store.compiled(ready, target=request.param).kernel


def test_words_at_the_corners(kernel):
    ready, simulate = kernel
    points = np.array(list(itertools.product(CORNERS, CORNERS, [*CORNERS[:4], math.nan]))).T
    out, residual = simulate(np.zeros((0, points.shape[1])), points[:, None, :], np.arange(ready.slot_count))
    found = dict(zip(ready.slot_names, out[:, 1], strict=True))
    assert np.isnan(residual[np.isnan(points).any(axis=0)]).sum() > 0
    with np.errstate(all="ignore"):
        for word, count in WORDS.items():
            expected = getattr(functions, word)(*points[:count])
            # power is a word for x >= 0; what the C library makes of -inf and of (-1)^inf is not promised.
            promised = points[0] >= 0 if word == "power" else np.full(points.shape[1], True)
            close = np.isclose(found[f"x_{word}"], expected, rtol=1e-15, atol=0, equal_nan=True)
            wrong = np.flatnonzero(promised & ~close)
            assert not len(wrong), f"{word}{tuple(points[:count, wrong[0]])}"
        a, b = points[:2]
        signs = {"divide": a / b, "less": a < b, "same": a == b, "other": a != b, "negative": -a}
        for name, expected in signs.items():
            assert np.array_equal(found[f"x_{name}"], expected, equal_nan=True), name


def test_negative_bases_with_whole_exponents(kernel):
    ready, simulate = kernel
    a, b = np.array([-2.0, -2.0, -3.0, -2.0, -1e10]), np.array([2.0, 3.0, -1.0, 0.5, 1.0])
    out, _ = simulate(np.zeros((0, 5)), np.stack([a, b, b])[:, None], np.array([ready.slot("x_power")]))
    assert np.allclose(out[0, 1], [4.0, -8.0, -1 / 3, np.nan, -1e10], rtol=1e-15, atol=0, equal_nan=True)
