"""A synthetic SEC of 25 filers with random faults: what arrives is right, what is missing is named, nothing else is
lost.

Truth is drawn in whole dollars a quarter; the filers print it as real ones do (year to date in 10-Q, the year in 10-K,
last year beside this one, 52/53-week years, concepts renamed between two filings, years printed again with other
numbers). The server then fails some of them: no document, busy for ever, cut for ever, another shape, another company.
"""

from __future__ import annotations

import importlib.util
import random
import sys
import tempfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supercycle.core.errors import EnvironmentProblem
from supercycle.figures.refresh import run
from supercycle.figures.refresh.decumulate import quarter_label
from supercycle.figures.refresh.fetch import Client
from supercycle.figures.refresh.store import Store
from supercycle.figures.refresh.view import View
from supercycle.figures.refresh.vocabularies import concepts, filers


def _server_module() -> Any:
    place = Path(__file__).resolve().parents[1] / "unit" / "sec_server.py"
    spec = importlib.util.spec_from_file_location("sec_server_of_faults", place)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["sec_server_of_faults"] = module
    spec.loader.exec_module(module)
    return module


sec = _server_module()
YEARS = (2023, 2025)
WEEKS = {"NVIDIA", "AMD", "Broadcom", "Micron", "Dell"}  # years of 52 or 53 weeks
FATAL = ("404", "busy", "cut", "shape", "another company", "no submissions")
Amounts = dict[tuple[int, int], int]


def _name(entity: str) -> str:
    """The registered name, as the vocabulary expects a part of it."""
    return f"{filers()[entity].registrant.upper()} Inc."


def _tags(entity: str, series: str) -> tuple[str, str | None]:
    """The concept of a series, and its fallback if it has one."""
    found = [row for row in concepts(entity) if row.series == series]
    use = next(row.tag[1] for row in found if row.use == "use")
    return use, next((row.tag[1] for row in found if row.use == "fallback"), None)


def _moved(facts: list[dict[str, Any]], days: int) -> list[dict[str, Any]]:
    """The facts with every period shifted by days, as 52/53-week years print them."""
    out = []
    for fact in facts:
        dates = {
            k: (date.fromisoformat(fact[k]) + timedelta(days=days)).isoformat()
            for k in ("start", "end")
            if k in fact
        }
        out.append({**fact, **dates})
    return out


def _restated(facts: list[dict[str, Any]], year: int, by: int) -> None:
    """Next year's filings print the first quarter of a fiscal year again, with more in it (so every sum of that
    year)."""
    starts = sorted({fact["start"] for fact in facts})
    start = starts[year - YEARS[0]]
    first = {fact["end"]: fact["accn"] for fact in reversed(facts) if fact["start"] == start}
    for fact in facts:
        if fact["start"] == start and fact["accn"] != first[fact["end"]]:
            fact["val"] += by


def _company(rng: random.Random, entity: str) -> tuple[Any, Any, dict[str, dict[str, int]]]:
    """One filer's documents and the truth as it is known at the end: {series: {calendar quarter: dollars}}."""
    filer = filers()[entity]
    month, days = filer.fiscal_year_end_month, rng.choice((-3, -1, 0)) if entity in WEEKS else 0
    facts: dict[str, list[dict[str, Any]]] = {}
    truth: dict[str, dict[str, int]] = {}
    keys = [(year, k) for year in range(YEARS[0], YEARS[1] + 1) for k in (1, 2, 3, 4)]
    ends = {(y, k): end + timedelta(days=days) for y, k, _, end in sec.fiscal_quarters(month, *YEARS)}
    for series in ("capex_cash", "operating_cash_flow", "revenue", "cash_and_equivalents"):
        base = rng.randrange(
            100_000_000, 40_000_000_000
        )  # quarters within a half of one another: no guard's outlier
        amounts: Amounts = {key: rng.randrange(base, base + base // 2) for key in keys}
        use, fallback = _tags(entity, series)
        if series == "cash_and_equivalents":
            facts[use] = _moved(sec.stock_facts(filer.cik, month, amounts), days)
        else:
            made = _moved(sec.flow_facts(filer.cik, month, amounts, with_quarters=rng.random() < 0.4), days)
            if rng.random() < 0.3:
                by = base // 4
                made = [
                    f
                    for f in made
                    if "Q" not in f["fp"]
                    or f["start"] == min(g["start"] for g in made if g["end"] == f["end"])
                ]
                _restated(made, 2024, by)
                amounts[2024, 1] += by
            if fallback is not None and rng.random() < 0.3:  # renamed after the first fiscal year
                cut = ends[YEARS[0], 4].isoformat()
                facts[fallback] = [fact for fact in made if fact["end"] <= cut]
                made = [fact for fact in made if fact["end"] > cut]
            facts[use] = made
        truth[series] = {quarter_label(ends[key]): amount for key, amount in amounts.items()}
    document = sec.company(filer.cik, _name(entity), facts)
    return document, sec.submissions(filer.cik, _name(entity), f"{ends[YEARS[1], 4]:%m%d}"), truth


def _fail(server: Any, entity: str, how: str) -> None:
    cik = filers()[entity].cik
    facts, about = f"/api/xbrl/companyfacts/CIK{cik:010d}.json", f"/submissions/CIK{cik:010d}.json"
    if how == "404":
        del server.documents[facts]
    elif how == "busy":
        server.misbehaves[facts] = [sec.Behaviour(status=503)] * 99
    elif how == "cut":
        server.misbehaves[facts] = [sec.Behaviour(cut=200)] * 99
    elif how == "shape":
        server.documents[facts] = {"cik": cik, "entityName": _name(entity), "facts": {"us-gaap": []}}
    elif how == "another company":
        server.documents[facts]["entityName"] = "Somebody Else Inc."
    else:
        del server.documents[about]


@given(st.integers(0, 2**32))
@settings(max_examples=6, deadline=None)
def test_a_bad_day_loses_only_what_did_not_come(seed: int) -> None:
    rng = random.Random(seed)
    faults = {name: rng.choice(FATAL) for name in filers() if rng.random() < 0.3}
    passing = [name for name in filers() if name not in faults and rng.random() < 0.3]
    if len(faults) == len(filers()):
        return
    with sec.serving() as server, tempfile.TemporaryDirectory() as made:
        folder, truths = Path(made), dict[str, dict[str, dict[str, int]]]()
        for name in filers():
            document, about, truths[name] = _company(rng, name)
            server.add(document, about)
        for name, how in faults.items():
            _fail(server, name, how)
        for name in passing:  # fails once, then answers
            path = f"/api/xbrl/companyfacts/CIK{filers()[name].cik:010d}.json"
            server.misbehaves[path] = [
                rng.choice((sec.Behaviour(status=503), sec.Behaviour(cut=300), sec.Behaviour(drop=True)))
            ]
        client = Client(
            "Test test@example.org", folder / "cache", per_second=1e9, attempts=3, sleep=lambda _: None
        )
        found = run.refresh_sec(base=server.url, folder=folder, client=client)

        # what is missing is named, with a reason, and nothing else is
        assert {gap["name"] for gap in found["gaps"]} == set(faults)
        assert all(gap["reason"] for gap in found["gaps"])
        view = View("now", Store(folder).readings(), package=False)
        for name, truth in truths.items():
            if name in faults:
                assert not any(entity == name for _, entity in view.pairs)
                continue
            for series, expected in truth.items():
                quarters = view.quarters(series, name)
                arrived = {label: round(q.value * 1e9) for label, q in quarters.items()}
                assert arrived == expected, (name, series)  # to the dollar, so quarters sum to years


def test_twelve_seconds_are_enough_for_all_filers_at_the_polite_rate() -> None:
    """Two documents a filer at ten a second: 50 requests are five seconds of waiting, counted and not slept."""
    waited = [0.0]

    def sleep(seconds: float) -> None:
        waited[0] += seconds

    rng = random.Random(1)
    with sec.serving() as server, tempfile.TemporaryDirectory() as made:
        for name in filers():
            document, about, _ = _company(rng, name)
            server.add(document, about)
        client = Client("Test test@example.org", Path(made) / "cache", clock=lambda: waited[0], sleep=sleep)
        found = run.refresh_sec(base=server.url, folder=Path(made), client=client)
    assert found["gaps"] == []
    assert found["requests"] == 2 * len(filers()) == 50
    assert waited[0] == pytest.approx(4.9)


def test_nothing_came_says_so_and_changes_nothing(tmp_path: Path) -> None:
    with sec.serving() as server:
        client = Client("Test test@example.org", tmp_path / "cache", per_second=1e9, sleep=lambda _: None)
        with pytest.raises(EnvironmentProblem, match=r"nothing came.*none of 25; Microsoft: .*404"):
            run.refresh_sec(base=server.url, folder=tmp_path, client=client)
    assert Store(tmp_path).generations() == []


def test_alphabets_notes_are_one_series_under_two_names_and_one_concept_end_to_end(tmp_path: Path) -> None:
    # LongTermDebt to 2023, DebtInstrumentCarryingAmount from 2024: the notes in all; LongTermDebtNoncurrent throughout
    filer = filers()["Alphabet"]
    keys = [(year, k) for year in (2023, 2024) for k in (1, 2, 3, 4)]
    total = {key: 13_000_000_000 + 1_000_000 * n for n, key in enumerate(keys)}
    without_current = {key: amount - 1_130_000_000 for key, amount in total.items()}
    document, about, _ = _company(random.Random(2), "Alphabet")
    gaap = document["facts"]["us-gaap"]
    for concept, amounts, years in (
        ("LongTermDebt", total, (2023, 2024)),  # goes on being tagged for another thing: not read past 2023
        ("DebtInstrumentCarryingAmount", total, (2023, 2024)),
        ("LongTermDebtNoncurrent", without_current, (2023, 2024)),
    ):
        wanted = {key: amount for key, amount in amounts.items() if years[0] <= key[0] <= years[1]}
        stale = 7_000_000_000 if concept == "LongTermDebt" else 0
        facts = sec.stock_facts(
            filer.cik, 12, {k: (stale if stale and k[0] == 2024 else v) for k, v in wanted.items()}
        )
        gaap[concept] = {"label": concept, "description": "", "units": {"USD": facts}}
    with sec.serving() as server:
        server.add(document, about)
        run.refresh_sec(["Alphabet"], base=server.url, folder=tmp_path)
    view = View("now", Store(tmp_path).readings(), package=False)
    notes = view.quarters("debt_long_term_carrying", "Alphabet")
    assert [round(q.value * 1e9) for q in notes.values()] == list(total.values())
    one = view.quarters("debt_long_term_noncurrent", "Alphabet")
    assert [round(q.value * 1e9) for q in one.values()] == list(without_current.values())
    assert {row.rows[0].source_title.rsplit("(", 1)[1] for row in one.values()} == {"LongTermDebtNoncurrent)"}


@pytest.mark.parametrize("entity", sorted(filers()))
def test_every_filer_has_a_number_a_name_and_where_the_number_is_from(entity: str) -> None:
    filer = filers()[entity]
    assert filer.cik > 0
    assert filer.registrant == filer.registrant.lower().strip() != ""
    assert filer.source
    series = {row.series for row in concepts(entity) if row.use != "refuse"}
    wanted = {
        "capex_cash",
        "operating_cash_flow",
        "revenue",
        "cash_and_equivalents",
        "debt_due_year_1",
        "rpo",
    }
    optional = {"rpo"} if entity in ("Dominion", "Southern", "AEP") else set[str]()
    assert wanted - optional <= series
    assert series & {"depreciation_amortisation", "depreciation_ppe"}
    assert len({f.cik for f in filers().values()}) == len(filers()) == 25
