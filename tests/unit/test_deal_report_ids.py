"""Every chart of a deal's report has an id of its own: under a shared one the second chart has the first's name."""

from __future__ import annotations

import pytest

from supercycle.service.deal import deal, examples_listed
from supercycle.story.deal import deal_report_data


@pytest.mark.parametrize("name", [one["name"] for one in examples_listed()])
def test_no_two_charts_share_an_id(name: str) -> None:
    sections = deal_report_data(deal(name))["report"]["sections"]
    ids = [chart["id"] for section in sections for chart in section["charts"]]
    assert len(ids) > 5
    assert sorted(ids) == sorted(set(ids))
