"""Segments from a filing's own instance: one dimension and no more, rounding, missing filings, another company's."""

from __future__ import annotations

import importlib.util
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from supercycle.core.errors import EnvironmentProblem
from supercycle.figures.refresh import run
from supercycle.figures.refresh.fetch import Client
from supercycle.figures.refresh.instance import Filing, filings_of, segment_facts, segments
from supercycle.figures.refresh.store import Store
from supercycle.figures.refresh.view import View
from supercycle.figures.refresh.vocabularies import filers


def _server_module() -> Any:
    place = Path(__file__).resolve().with_name("sec_server.py")
    spec = importlib.util.spec_from_file_location("sec_server_of_segments", place)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["sec_server_of_segments"] = module
    spec.loader.exec_module(module)
    return module


sec = _server_module()
NVIDIA = filers()["NVIDIA"]
PRODUCT, CENTRE = "srt:ProductOrServiceAxis", "nvda:DataCenterMember"
FILING = Filing("0001045810-26-000001", "10-Q", date(2026, 5, 28), "/nvda.xml")
Member = tuple[str, str]


def fact(
    start: str,
    end: str,
    value: str,
    *members: Member,
    cik: int = NVIDIA.cik,
    unit: str = "usd",
    decimals: str = "-6",
) -> str:
    """One context with its fact."""
    name = f"c{abs(hash((start, end, value, members, unit, decimals)))}"
    dimensions = "".join(
        f'<xbrldi:explicitMember dimension="{axis}">{member}</xbrldi:explicitMember>'
        for axis, member in members
    )
    segment = f"<segment>{dimensions}</segment>" if members else ""
    return (
        f'<context id="{name}"><entity><identifier scheme="http://www.sec.gov/CIK">{cik:010d}</identifier>{segment}</entity>'
        f"<period><startDate>{start}</startDate><endDate>{end}</endDate></period></context>"
        f'<us-gaap:Revenues contextRef="{name}" unitRef="{unit}" decimals="{decimals}">{value}</us-gaap:Revenues>'
    )


def instance(*facts: str) -> bytes:
    return (
        '<xbrl xmlns="http://www.xbrl.org/2003/instance" xmlns:xbrldi="http://xbrl.org/2006/xbrldi"'
        ' xmlns:us-gaap="http://fasb.org/us-gaap/2025" xmlns:iso4217="http://www.xbrl.org/2003/iso4217">'
        '<unit id="usd"><measure>iso4217:USD</measure></unit><unit id="eur"><measure>iso4217:EUR</measure></unit>'
        + "".join(facts) + "</xbrl>"
    ).encode()  # fmt: skip


def values(xml: bytes) -> list[float]:
    return [
        f.value
        for f in segment_facts(xml, segments("NVIDIA"), FILING, NVIDIA.cik).get(
            "nvidia_data_center_revenue", []
        )
    ]


QUARTER = ("2026-01-26", "2026-04-26")


def test_only_the_segments_own_context_counts() -> None:
    found = values(
        instance(
            fact(*QUARTER, "81600000000"),  # the company
            fact(*QUARTER, "75200000000", (PRODUCT, CENTRE)),
            fact(*QUARTER, "40000000000", (PRODUCT, CENTRE), ("srt:StatementGeographicalAxis", "country:US")),
            fact(*QUARTER, "4000000000", (PRODUCT, "nvda:GamingMember")),
            fact(*QUARTER, "1", (PRODUCT, CENTRE), unit="eur"),
        )
    )
    assert found == [75.2e9]


def test_the_mark_of_an_operating_segment_is_no_further_dimension() -> None:
    marked = ("srt:ConsolidationItemsAxis", "us-gaap:OperatingSegmentsMember")
    eliminated = ("srt:ConsolidationItemsAxis", "us-gaap:IntersegmentEliminationMember")
    assert values(
        instance(
            fact(*QUARTER, "7", (PRODUCT, CENTRE), marked), fact(*QUARTER, "9", (PRODUCT, CENTRE), eliminated)
        )
    ) == [7.0]


def test_a_rounded_print_gives_way_to_the_finer_and_another_value_is_refused() -> None:
    rounded = fact(*QUARTER, "75000000000", (PRODUCT, CENTRE), decimals="-9")
    finer = fact(*QUARTER, "75200000000", (PRODUCT, CENTRE))
    assert values(instance(rounded, finer)) == values(instance(finer, rounded)) == [75.2e9]
    with pytest.raises(EnvironmentProblem, match="two values for one span"):
        values(instance(finer, fact(*QUARTER, "76200000000", (PRODUCT, CENTRE))))


def test_what_is_no_instance_or_another_companys_is_refused() -> None:
    with pytest.raises(EnvironmentProblem, match="not an XBRL instance"):
        values(b"<html>busy")
    with pytest.raises(EnvironmentProblem, match="another company"):
        values(instance(fact(*QUARTER, "1", (PRODUCT, CENTRE), cik=1)))


def _about(filings: list[tuple[str, str, str]]) -> dict[str, Any]:
    about: dict[str, Any] = sec.submissions(NVIDIA.cik, "NVIDIA CORP", "0125")
    about["filings"]["recent"] = {
        "accessionNumber": [f"0001045810-{day[2:4]}-{n:06d}" for n, (day, _, _) in enumerate(filings)],
        "form": [form for _, form, _ in filings],
        "filingDate": [day for day, _, _ in filings],
        "primaryDocument": [document for _, _, document in filings],
    }
    return about


def test_segments_of_a_year_are_differenced_and_a_missing_filing_is_named(tmp_path: Path) -> None:
    # fiscal 2026 of NVIDIA: 39.1, 41.1, 51.2 and what is left of 193.4 in the year; the second filing does not come
    spans = [("2025-01-27", "2025-04-27"), ("2025-04-28", "2025-07-27"), ("2025-07-28", "2025-10-26")]
    filings = [
        ("2026-02-25", "10-K", "nvda-20260125.htm"), ("2025-11-19", "10-Q", "nvda-20251026.htm"),
        ("2025-08-27", "10-Q", "nvda-20250727.htm"), ("2025-05-28", "10-Q", "nvda-20250427.htm"),
        ("2025-03-01", "8-K", "x.htm"),
    ]  # fmt: skip
    about = _about(filings)
    places = [filing.path for filing in filings_of(about, NVIDIA)]
    assert len(places) == 4
    assert places[1].endswith("/nvda-20251026_htm.xml")
    own = (PRODUCT, CENTRE)
    year = fact("2025-01-27", "2026-01-25", "193400000000", own)
    nine = fact("2025-01-27", "2025-10-26", "131400000000", own)
    with sec.serving() as server:
        document = sec.company(NVIDIA.cik, "NVIDIA CORP", {})
        server.add(document, about)
        server.documents[places[0]] = instance(year)
        server.documents[places[1]] = instance(fact(*spans[2], "51200000000", own), nine)
        server.documents[places[3]] = instance(fact(*spans[0], "39100000000", own))
        client = Client("Test test@example.org", tmp_path / "cache", per_second=1e9, sleep=lambda _: None)
        found = run.refresh_sec(["NVIDIA"], base=server.url, folder=tmp_path, client=client)
    assert [gap["name"] for gap in found["gaps"]] == ["NVIDIA segments of 0001045810-25-000002"]
    assert "404" in found["gaps"][0]["reason"]
    quarters = View("now", Store(tmp_path).readings(), package=False).quarters(
        "nvidia_data_center_revenue", "NVIDIA"
    )
    got = {name: round(q.value, 3) for name, q in quarters.items()}
    assert got == {
        "2025Q1": 39.1,
        "2025Q3": 51.2,
        "2025Q4": round(193.4 - 131.4, 3),
    }  # the second quarter is not guessed


def test_a_ragged_list_of_filings_loses_no_facts(tmp_path: Path) -> None:
    about = _about([("2026-02-25", "10-K", "nvda-20260125.htm")])
    about["filings"]["recent"]["form"] = []
    with sec.serving() as server:
        server.add(sec.company(NVIDIA.cik, "NVIDIA CORP", {}), about)
        found = run.refresh_sec(["NVIDIA"], base=server.url, folder=tmp_path)
    assert [gap["name"] for gap in found["gaps"]] == ["NVIDIA segments"]
    assert "lists of one length" in found["gaps"][0]["reason"]
