"""Segments from a filing's own XBRL instance: what company facts lack (AWS, NVIDIA's data centre, Google Cloud).

A fact of an instance points to a context: a period and the members of dimensions. A segment is the fact of a concept in
a context whose only dimension is the segment's (beside the mark that it is an operating segment before consolidation):
contexts with a further dimension are parts of it and would count it twice.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any
from xml.etree import ElementTree

from supercycle.core.errors import EnvironmentProblem, SupercycleError
from supercycle.figures.refresh.decumulate import Fact
from supercycle.figures.refresh.fetch import Client
from supercycle.figures.refresh.reading import Reading
from supercycle.figures.refresh.sec import quarters_of
from supercycle.figures.refresh.vocabularies import Concept, Filer

__all__ = ["ARCHIVES_URL", "Filing", "Segment", "fetch_segments", "filings_of", "segment_facts", "segments"]

ARCHIVES_URL = "https://www.sec.gov"
_NEWEST = 6  # filings: a year and a half, so that every fiscal year in them can be differenced
_FORMS = ("10-K", "10-Q")
_XBRLI = "{http://www.xbrl.org/2003/instance}"
_MEMBER = "{http://xbrl.org/2006/xbrldi}explicitMember"
_CONSOLIDATION = {
    ("srt:ConsolidationItemsAxis", "us-gaap:OperatingSegmentsMember"),
    ("us-gaap:ConsolidationItemsAxis", "us-gaap:OperatingSegmentsMember"),
}


@dataclass(frozen=True, slots=True)
class Segment:
    """A series that is a concept's value for one member of one axis."""

    entity: str
    series: str
    concept: str
    axis: str
    member: str
    note: str


@dataclass(frozen=True, slots=True)
class Filing:
    """A filing whose instance is asked for; ``path`` is the instance's place in the archives."""

    accession: str
    form: str
    filed: date
    path: str


@cache
def segments(entity: str) -> tuple[Segment, ...]:
    """The segments of a filer; () for a filer without any.

    >>> [row.series for row in segments("NVIDIA")]
    ['nvidia_data_center_revenue']
    """
    text = (
        files("supercycle.figures.refresh").joinpath("vocabulary", "segments.csv").read_text(encoding="utf-8")
    )
    return tuple(Segment(**row) for row in csv.DictReader(text.splitlines()) if row["entity"] == entity)


def filings_of(about: Mapping[str, Any], filer: Filer) -> list[Filing]:
    """The newest quarterly and yearly filings in a submissions document, newest first.

    Errors: EnvironmentProblem when the lists of the document are of different lengths.
    """
    recent = about["filings"].get("recent", {})
    names = ("accessionNumber", "form", "filingDate", "primaryDocument")
    columns = [recent.get(name, []) for name in names]
    if len({len(column) for column in columns}) > 1:
        raise EnvironmentProblem(
            "the list of filings is ragged", expected="lists of one length",
            got=", ".join(f"{name} {len(column)}" for name, column in zip(names, columns, strict=True)),
            where=f"CIK {filer.cik}",
        )  # fmt: skip
    found = [
        Filing(
            accession, form, date.fromisoformat(filed),
            f"/Archives/edgar/data/{filer.cik}/{accession.replace('-', '')}/{document.removesuffix('.htm')}_htm.xml",
        )
        for accession, form, filed, document in zip(*columns, strict=True)
        if form in _FORMS and document.endswith(".htm")
    ]  # fmt: skip
    return sorted(found, key=lambda filing: filing.filed, reverse=True)[:_NEWEST]


def segment_facts(xml: bytes, wanted: Iterable[Segment], filing: Filing, cik: int) -> dict[str, list[Fact]]:
    """The facts of the wanted segments in one instance: {series: facts}, in the instance's own dollars.

    A segment told twice for one span, once rounded, counts as told finest. Errors: EnvironmentProblem when it is no
    instance, is another company's, or gives a segment in two values that rounding does not explain.
    """
    try:
        root = ElementTree.fromstring(xml)
    except ElementTree.ParseError as problem:
        raise EnvironmentProblem("not an XBRL instance", got=str(problem), where=filing.path) from None
    spans: dict[str, tuple[date, date]] = {}
    members: dict[str, frozenset[tuple[str, str]]] = {}
    for context in root.iter(f"{_XBRLI}context"):
        identifier = context.findtext(f"{_XBRLI}entity/{_XBRLI}identifier") or ""
        if int(identifier or 0) != cik:
            raise EnvironmentProblem(
                "the instance is about another company",
                expected=f"CIK {cik}",
                got=identifier,
                where=filing.path,
            )
        start = context.findtext(f"{_XBRLI}period/{_XBRLI}startDate")
        end = context.findtext(f"{_XBRLI}period/{_XBRLI}endDate")
        if start and end:
            name = context.get("id", "")
            spans[name] = date.fromisoformat(start.strip()), date.fromisoformat(end.strip())
            members[name] = frozenset(
                (member.get("dimension", ""), (member.text or "").strip()) for member in context.iter(_MEMBER)
            )
    dollars = {
        unit.get("id", "")
        for unit in root.iter(f"{_XBRLI}unit")
        if (unit.findtext(f"{_XBRLI}measure") or "").strip() == "iso4217:USD"
    }
    found: dict[str, dict[tuple[date, date], tuple[Fact, float]]] = {}
    for row in wanted:
        local = row.concept.partition(":")[2]
        for element in root:
            name = element.get("contextRef", "")
            if (
                not element.tag.endswith("}" + local)
                or name not in spans
                or element.get("unitRef") not in dollars
            ):
                continue
            if (
                members[name] - _CONSOLIDATION != frozenset({(row.axis, row.member)})
                or not (element.text or "").strip()
            ):
                continue
            fact = Fact(*spans[name], float(element.text or ""), filing.accession, filing.form, filing.filed)
            step = _step(element.get("decimals", ""))
            of = found.setdefault(row.series, {})
            before, before_step = of.get(spans[name], (fact, step))
            if abs(before.value - fact.value) > 0.5 * max(step, before_step):
                raise EnvironmentProblem(
                    f"{row.series} has two values for one span", expected=f"{before.value:.0f}",
                    got=f"{fact.value:.0f}", where=filing.path,
                )  # fmt: skip
            of[spans[name]] = (fact, step) if step <= before_step else (before, before_step)
    return {series: [fact for fact, _ in facts.values()] for series, facts in found.items()}


def _step(decimals: str) -> float:
    """What a fact was rounded to, in dollars: -6 is millions; nothing or INF is exact."""
    return 10.0 ** -int(decimals) if decimals.lstrip("-").isdigit() else 0.0


def fetch_segments(
    client: Client, filer: Filer, about: Mapping[str, Any], *, base: str, fetched: str
) -> tuple[list[Reading], list[tuple[str, str]]]:
    """A filer's segments over its newest filings, and what did not come: (filing, reason).

    One filing that fails loses no other.
    """
    wanted = segments(filer.entity)
    gathered: dict[str, list[Fact]] = {row.series: [] for row in wanted}
    missing: list[tuple[str, str]] = []
    try:
        filings = filings_of(about, filer) if wanted else []
    except (SupercycleError, ValueError, KeyError, TypeError, AttributeError) as problem:
        return [], [(f"{filer.entity} segments", str(problem))]
    for filing in filings:
        try:
            facts = segment_facts(client.get(base + filing.path).body, wanted, filing, filer.cik)
        except (SupercycleError, ValueError) as problem:
            missing.append((f"{filer.entity} segments of {filing.accession}", str(problem)))
            continue
        for row in wanted:
            gathered[row.series] += facts.get(row.series, [])
            if row.series not in facts:
                missing.append(
                    (f"{filer.entity} {row.series} of {filing.accession}", f"no fact for {row.member}")
                )
    out: list[Reading] = []
    for row in wanted:
        concept = Concept(
            row.entity, row.series, f"{row.concept}[{row.member}]", "flow", "any", "use", "", "", row.note
        )
        out += quarters_of(concept, {"USD": gathered[row.series]}, filer, fetched)
    return out, missing
