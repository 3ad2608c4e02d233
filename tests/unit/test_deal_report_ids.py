"""Every chart of a deal's report has an id of its own; the charts of cash hold all of it."""

from __future__ import annotations

import numpy as np
import pytest

from supercycle.service.deal import deal, examples_listed
from supercycle.story.deal import deal_report_data


@pytest.mark.parametrize("name", [one["name"] for one in examples_listed()])
def test_no_two_charts_share_an_id(name: str) -> None:
    sections = deal_report_data(deal(name))["report"]["sections"]
    ids = [chart["id"] for section in sections for chart in section["charts"]]
    assert len(ids) > 5
    assert sorted(ids) == sorted(set(ids))


@pytest.mark.parametrize("name", ["chip_lease", "hyperion"])
def test_cash_by_year_is_all_cash_and_what_comes_in_goes_out(name: str) -> None:
    found = deal(name)
    sections = deal_report_data(found)["report"]["sections"]
    charts = {chart["id"]: chart for section in sections for chart in section["charts"]}
    into, out = (
        np.sum([one["values"] for one in charts[id]["series"]], axis=0)
        for id in ("sources_by_year", "uses_by_year")
    )
    sides, series = found.run.books.sides, found.body["series"]
    whole = sum(value or 0.0 for n, side in sides.items() if side == "source" for value in series[n])
    assert whole > 0
    assert sum(into) == pytest.approx(whole)
    assert out == pytest.approx(into, abs=1e-6)
