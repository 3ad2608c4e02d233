"""What single rules mean, each called alone, the answer beside it: those of which a wrong line once went unseen."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pytest

from supercycle.cli import render
from supercycle.deals.calendar.periods import Periods
from supercycle.decisions.inputs.quotes import api_rating
from supercycle.engine.sketch import Sketch
from supercycle.figures.prices import model_prices
from supercycle.service import preset
from supercycle.story import deal as story


def test_a_sketch_counts_what_is_above_zero() -> None:
    """Of -1, 0, 0.5, 2 and no number two are; in a second quarter the smallest that a sketch tells from nothing."""
    sketch = Sketch(2)
    sketch.add(np.array([[-1.0, 0.0, 0.5, 2.0, np.nan], [0.0, -0.5, -3.0, 0.0, 2.5e-311]]))
    assert sketch.above_zero().tolist() == [2, 1]


def test_only_stubs_are_counted_in_months_and_days() -> None:
    """Quarters: a first one to 1 March is a month and 14 days, a last one to 1 October a month, all others 1/4."""
    start = dt.date(2026, 1, 15)
    first = Periods(start, 3, 3, first=dt.date(2026, 3, 1)).years
    assert first[0] == pytest.approx(1 / 12 + 14 / 365, abs=2e-3)
    assert first[1:].tolist() == [0.25, 0.25]
    last = Periods(dt.date(2026, 3, 1), 3, 3, last=dt.date(2026, 10, 1)).years
    assert last[:2].tolist() == [0.25, 0.25]
    assert last[2] == pytest.approx(1 / 12)
    assert Periods(start, 2, 6).years.tolist() == [0.5, 0.5]


def test_a_rating_is_the_model_s_own() -> None:
    """The best reading of that model, whatever others are rated; None for a model nobody rated."""
    rated = {p.model: p.arena_rating for p in model_prices() if p.arena_rating}
    assert len(set(rated.values())) > 1
    for model in rated:
        own = [p.arena_rating for p in model_prices() if p.model == model and p.arena_rating]
        found = api_rating(model)
        assert found is not None
        assert found >= max(own)
        assert found in {p.arena_rating for p in model_prices()}
    lowest, highest = min(rated, key=rated.__getitem__), max(rated, key=rated.__getitem__)
    assert (api_rating(lowest) or 0.0) < (api_rating(highest) or 0.0)
    assert api_rating("a model that nobody made") is None


def test_owners_are_not_among_the_lenders_who_lose() -> None:
    holders: dict[str, Any] = {
        "private_credit": {"share": 0.125},
        "banks": {"share": None},
        "equity_holders": {"share": 1.0},
    }
    assert story._losses(holders) == "private credit lose 12.5 %"


def test_a_preset_is_shown_with_its_story(capsys: pytest.CaptureFixture[str]) -> None:
    found = preset("no-bust")
    render.preset_table(found)
    said = " ".join(capsys.readouterr().out.split())
    assert " ".join(found["story"].split()) in said
