"""SEC EDGAR: company facts and submissions, read into readings by the vocabularies.

Plain requests, because what matters here is what a library would hide: which concept, which duration, which filing.
(edgartools was considered and left: its entity facts gave nine-month cash flows as quarters, issues 1179 and
1180 of dgunning/edgartools.) Sources: https://www.sec.gov/search-filings/edgar-application-programming-interfaces.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from supercycle.core.errors import EnvironmentProblem
from supercycle.figures.refresh.decumulate import Fact, decumulate, quarter_label
from supercycle.figures.refresh.fetch import Client
from supercycle.figures.refresh.reading import Reading
from supercycle.figures.refresh.vocabularies import Concept, Filer, concepts, filers

__all__ = ["SEC_URL", "facts_of", "fetch_documents", "quarters_of", "readings_of"]

SEC_URL = "https://data.sec.gov"
_FORMS = ("10-K", "10-Q", "10-K/A", "10-Q/A", "10-KT", "8-K", "S-1", "S-1/A", "424B4")
_USD_BN = 1e9

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Bad:
    """A fact that cannot be read, and why."""

    concept: str
    unit: str
    reason: str
    printed: str


def fetch_documents(
    client: Client, filer: Filer, *, base: str = SEC_URL
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Company facts and submissions of one filer.

    Errors: EnvironmentProblem when a document does not come, is not of the known shape, or is of another company.
    """
    facts, _ = client.json(f"{base}/api/xbrl/companyfacts/CIK{filer.cik:010d}.json", check=_is_facts)
    about, _ = client.json(f"{base}/submissions/CIK{filer.cik:010d}.json", check=_is_submissions)
    for document, name in ((facts, "companyfacts"), (about, "submissions")):
        if int(document["cik"]) != filer.cik:
            raise EnvironmentProblem(
                "the answer is about another company",
                expected=f"CIK {filer.cik}",
                got=document["cik"],
                where=name,
            )
    named = str(facts.get("entityName") or about.get("name") or "")
    if filer.registrant not in named.lower():
        raise EnvironmentProblem(
            "the answer is about another company", expected=f"a name with {filer.registrant!r}", got=repr(named),
            where=f"CIK {filer.cik}", hint="The number in vocabulary/filers.csv is not this company's.",
        )  # fmt: skip
    return facts, about


def readings_of(
    document: Mapping[str, Any], about: Mapping[str, Any], filer: Filer, fetched: str
) -> list[Reading]:
    """The readings in one filer's company facts; what a guard of the vocabulary refuses comes with its reason."""
    out: list[Reading] = []
    calendar = _calendar_problem(about, filer)
    found: set[tuple[str, date]] = set()
    ordered = sorted(concepts(filer.entity), key=lambda row: row.use == "fallback")
    for row in ordered:
        good, bad = facts_of(document, row)
        out.extend(_bad(row, problem, filer, fetched) for problem in bad)
        for reading, end in _of_concept(row, good, filer, fetched):
            told = reading if calendar is None else reading.quarantined(calendar)
            if row.use == "fallback" and (row.series, end) in found:
                continue
            if row.use == "use" and told.status == "ok":
                found.add((row.series, end))
            out.append(told)
    return out


def facts_of(document: Mapping[str, Any], row: Concept) -> tuple[dict[str, list[Fact]], list[Bad]]:
    """A concept's facts by unit, and those that cannot be read; both empty when the filer does not tag it."""
    taxonomy, name = row.tag
    units = document["facts"].get(taxonomy, {}).get(name, {}).get("units", {})
    good: dict[str, list[Fact]] = {}
    bad: list[Bad] = []
    for unit, items in units.items():
        for item in items:
            fact = _fact(item, row.kind)
            if isinstance(fact, str):
                bad.append(Bad(row.concept, unit, fact, str(item)[:120]))
            elif fact is not None and row.covers(fact.end):
                good.setdefault(unit, []).append(fact)
    return good, bad


def _fact(item: Any, kind: str) -> Fact | str | None:
    """One fact, or why it cannot be read; None for other forms and for facts of the other kind."""
    try:
        form, value = item["form"], item["val"]
        end, filed = date.fromisoformat(item["end"]), date.fromisoformat(item["filed"])
        start = date.fromisoformat(item["start"]) if "start" in item else None
        accession = str(item["accn"])
    except (KeyError, TypeError, ValueError) as error:
        return f"a fact cannot be read: {type(error).__name__} {error}"
    if form not in _FORMS or (start is None) != (kind == "stock"):
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return f"a value is no number: {value!r}"
    if start is not None and start > end:
        return f"a period ends on {end} before it begins on {start}"
    return Fact(start, end, float(value), accession, form, filed)


def _of_concept(
    row: Concept, units: Mapping[str, list[Fact]], filer: Filer, fetched: str
) -> list[tuple[Reading, date]]:
    out: list[tuple[Reading, date]] = []
    for unit, facts in units.items():
        if row.kind == "flow":
            told = [
                (q.start, q.end, q.value, q.how, q.filed, q.accession, q.form, q.reason)
                for q in decumulate(facts)
            ]
        else:
            told = [
                (None, f.end, f.value, "balance", f.filed, f.accession, f.form, "") for f in _changes(facts)
            ]
        for start, end, value, how, filed, accession, form, reason in told:
            span = f"period {start} to {end}" if start else f"balance at {end}"
            reading = Reading(
                series=row.series, entity=row.entity, period=quarter_label(end) if start else _balance(end),
                value=value / _USD_BN, unit="USD_bn", tier="A",
                source_title=f"SEC {form} {accession} ({row.tag[1]})",
                source_url=f"https://www.sec.gov/Archives/edgar/data/{filer.cik}/{accession.replace('-', '')}/",
                published=filed.isoformat(), note=f"{span}; {how}; filed {filed}", source="sec",
                concept=row.concept, start=start.isoformat() if start else "", end=end.isoformat(), fetched=fetched,
            )  # fmt: skip
            if unit != filer.currency:
                reading = reading.quarantined(f"reported in {unit}, not in {filer.currency}")
            elif row.use == "refuse":
                reading = reading.quarantined(f"wrong concept: {row.note}")
            elif reason:
                reading = reading.quarantined(reason)
            elif row.sign == "positive" and value < 0:
                reading = reading.quarantined(f"{row.series} is negative ({value:.0f})")
            out.append((reading, end))
    return out


def quarters_of(row: Concept, units: Mapping[str, list[Fact]], filer: Filer, fetched: str) -> list[Reading]:
    """Facts of one concept as readings, quarter by quarter: a flow differenced, a balance as printed."""
    return [reading for reading, _ in _of_concept(row, units, filer, fetched)]


def _balance(end: date) -> str:
    """The calendar quarter whose fiscal counterpart ends on that day, as flows have it."""
    return quarter_label(end)


def _changes(facts: list[Fact]) -> list[Fact]:
    """Balances as they became known: a later filing's value only where it differs."""
    last: dict[date, float] = {}
    out: list[Fact] = []
    for fact in sorted(facts, key=lambda f: (f.filed, f.accession)):
        if last.get(fact.end) != fact.value:
            last[fact.end] = fact.value
            out.append(fact)
    return out


def _bad(row: Concept, problem: Bad, filer: Filer, fetched: str) -> Reading:
    return Reading(
        series=row.series, entity=filer.entity, period="unreadable", value=None, unit="USD_bn", tier="A",
        source_title="SEC companyfacts", source_url=f"{SEC_URL}/api/xbrl/companyfacts/CIK{filer.cik:010d}.json",
        published=fetched[:10], note=problem.printed, source="sec", concept=problem.concept, fetched=fetched,
    ).quarantined(problem.reason)  # fmt: skip


def _calendar_problem(about: Mapping[str, Any], filer: Filer) -> str | None:
    """Why the filer's fiscal year is not the vocabulary's; a year's end within a week of a month's counts to it."""
    said = str(about.get("fiscalYearEnd") or "")
    if len(said) != 4 or not said.isdigit():
        return None
    month, day = int(said[:2]), int(said[2:])
    month = (month - 2) % 12 + 1 if day <= 7 else month
    if month == filer.fiscal_year_end_month:
        return None
    return f"the fiscal year ends in month {month}, the vocabulary says {filer.fiscal_year_end_month}"


def _is_facts(document: Any) -> None:
    """ValueError unless a document has the shape of company facts."""
    if not isinstance(document, dict) or not {"cik", "facts"} <= set(cast("dict[str, Any]", document)):
        raise ValueError("no company facts: expected the keys cik and facts")
    if not isinstance(cast("dict[str, Any]", document)["facts"], dict):
        raise ValueError("no company facts: facts is not an object")


def _is_submissions(document: Any) -> None:
    """ValueError unless a document has the shape of submissions."""
    if not isinstance(document, dict) or not {"cik", "filings"} <= set(cast("dict[str, Any]", document)):
        raise ValueError("no submissions: expected the keys cik and filings")


def all_filers(names: tuple[str, ...] = ()) -> list[Filer]:
    """The filers asked for, or all; UnknownNameError for one that is not in the vocabulary."""
    from supercycle.core.errors import UnknownNameError

    known = filers()
    for name in names:
        if name not in known:
            raise UnknownNameError("filer", name, known)
    return [known[name] for name in names or known]
