"""Every shipped deal in forty digits: the second reading and the engine agree on every series it computes anew."""

from __future__ import annotations

import numpy as np
import pytest
from deals_decimal import reference_run

from supercycle.deals.run import prepare, run
from supercycle.service.deal_files import examples, read_file
from supercycle.service.deal_world import references


@pytest.mark.parametrize("name", list(examples()))
def test_a_shipped_deal_in_decimal(name: str) -> None:
    deal, _ = read_file(name)
    still = {n: np.ones(deal.calendar.lay().count) for n in references(deal)}
    ready = prepare(deal, still)
    found, exact = run(ready), reference_run(ready)
    scale = max(float(np.abs(found[n]).max()) for n in found.books.sides if n in exact)
    assert len(exact) > 12
    for series, values in exact.items():
        assert np.allclose([float(v) for v in values], found[series][:, 0], rtol=1e-9, atol=1e-9 * scale), (
            series
        )


def test_a_refinanced_deal_in_decimal() -> None:
    """The shipped refinancing with interest on every date and without its forward test."""
    settings = {"facilities.notes.interest_months": "0", "tests.ahead.side": "backward"}
    deal, _ = read_file("terawulf", settings)
    ready = prepare(deal)
    found, exact = run(ready), reference_run(ready)
    assert found["takeout.drawn"].sum() > 1000
    for series, values in exact.items():
        assert np.allclose([float(v) for v in values], found[series][:, 0], rtol=1e-9, atol=1e-6), series
