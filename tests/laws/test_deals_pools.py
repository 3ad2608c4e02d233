"""A lease laid at once is the lease laid piece by piece, and a pool is the sum of its leases."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supercycle.deals.calendar.periods import Periods
from supercycle.deals.document.numbers import Number
from supercycle.deals.document.schema import Contract
from supercycle.deals.engine import contracts as subject
from supercycle.deals.engine.contracts import bring
from supercycle.deals.engine.parties import Chances

D = datetime.date
PERIODS = Periods(D(2026, 2, 10), 20, 3, last=D(2031, 1, 31))
PATHS = 5

contracts = st.fixed_dictionaries(
    {
        "start": st.dates(D(2024, 1, 1), D(2029, 1, 1)),
        "term_years": st.sampled_from([1.0, 2.5, 7.0]),
        "options": st.integers(0, 2),
        "pay_months": st.sampled_from([0, 1, 6, 12]),
        "pay": st.sampled_from(["advance", "arrears"]),
        "escalator": st.sampled_from([0.0, 0.03]),
        "opex": st.floats(0, 5),
        "moves": st.sampled_from(["", "moves_with", "times", "world"]),
        "ramp": st.booleans(),
        "share": st.booleans(),
        "payer": st.sampled_from(["", "tenant"]),
        "compute": st.booleans(),
        "wide": st.booleans(),
    }
)


def contract(d: dict[str, Any]) -> Contract:
    points = ((D(2026, 5, 5), 8.0), (D(2028, 8, 1), 14.0))
    price = Number("ramp", points=points) if d["ramp"] else Number("value", 9.0)
    if d["moves"] == "world":
        price = Number("world", world="w")
    elif d["moves"]:
        price = Number(price.kind, value=price.value, points=price.points, **{d["moves"]: "w"})
    steps = ((D(2020, 1, 1), 1.0), (D(2027, 3, 3), 0.8))
    named: dict[str, Any] = {
        "start": d["start"], "term_years": d["term_years"], "options": d["options"],
        "option_years": 1.5 if d["options"] else 0.0, "pay_months": d["pay_months"],
        "pay": d["pay"] if d["pay_months"] else "arrears", "escalator": d["escalator"],
        "opex": Number("value", d["opex"]), "payer": d["payer"], "asset": "hall", "name": "c",
        "paid_share": Number("curve", points=steps) if d["share"] else Number("value", 1.0),
    }  # fmt: skip
    if d["compute"]:
        named |= {"kind": "compute", "usd_per_gpu_hour": price, "gpus": Number("value", 1e5),
                  "used_share": Number("value", 0.7)}  # fmt: skip
    else:
        named |= {"kind": "lease", "rent": price}
    return Contract(**named)


@settings(max_examples=settings().max_examples * 2)
@given(contracts, st.integers(0, 2**31))
def test_a_lease_laid_at_once_is_the_lease_laid_piece_by_piece(d: Any, seed: int) -> None:
    draw = np.random.default_rng(seed)
    one = contract(d)
    world = draw.uniform(0.5, 2, (20, PATHS)) if d["wide"] else draw.uniform(0.5, 2, 20)
    drawn = draw.integers(0, d["options"] + 1, PATHS).astype(float)
    alive = (draw.uniform(0, 1, (20, PATHS)) > 0.1).astype(float)
    chances = Chances(renewed={"c": drawn} if d["options"] else {}, pays={"tenant": alive})
    made: list[Any] = []
    for at_once in (True, False):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(subject._Laid, "separable", at_once)  # pyright: ignore[reportPrivateUsage]
            made.append(bring(one, PERIODS, {"w": world}, chances, "USD_m", 6))
    for name in ("due", "paid", "accrued", "opex", "full", "contracted", "lapsed", "gone"):
        rows = [getattr(m, name) for m in made]
        a, b = (np.broadcast_to(r if r.ndim == 2 else r[:, None], (20, PATHS)) for r in rows)
        assert np.allclose(a, b, rtol=1e-12, atol=1e-12), name
