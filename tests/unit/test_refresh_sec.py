"""Company facts from a local server: what is read, what each guard refuses, and how the client takes a bad server."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from supercycle.core.errors import EnvironmentProblem, FigureError, UnknownNameError, UsageError
from supercycle.figures.refresh import run, vocabularies
from supercycle.figures.refresh.fetch import Client, declared_agent
from supercycle.figures.refresh.reading import QUARANTINED, Reading
from supercycle.figures.refresh.sec import readings_of
from supercycle.figures.refresh.store import Store
from supercycle.figures.refresh.view import View, view_named
from supercycle.figures.refresh.vocabularies import check_concepts, concepts, filers


def _server_module() -> Any:
    place = Path(__file__).resolve().with_name("sec_server.py")
    spec = importlib.util.spec_from_file_location("sec_server", place)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["sec_server"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


sec = _server_module()
AMAZON, MICROSOFT, ORACLE = (filers()[name] for name in ("Amazon", "Microsoft", "Oracle"))
CAPEX = {"Amazon": "PaymentsToAcquireProductiveAssets"}
FACTS = "/api/xbrl/companyfacts/CIK{:010d}.json"


def amounts(first: int, last: int, base: float = 10e9, step: float = 1e9) -> dict[tuple[int, int], float]:
    """Quarterly amounts that rise by a step: the n-th quarter is base + n * step."""
    keys = [(year, k) for year in range(first, last + 1) for k in (1, 2, 3, 4)]
    return {key: base + n * step for n, key in enumerate(keys)}


def documents(name: str, extra: dict[str, Any] | None = None) -> tuple[Any, Any]:
    """A filer's two documents: cash capex of 2023-25, and what else is given."""
    filer = filers()[name]
    concept = CAPEX.get(name, "PaymentsToAcquirePropertyPlantAndEquipment")
    facts = {concept: sec.flow_facts(filer.cik, filer.fiscal_year_end_month, amounts(2023, 2025))}
    end = sec.month_end(2025, filer.fiscal_year_end_month)
    about = sec.submissions(filer.cik, name, f"{end:%m%d}")
    return sec.company(filer.cik, name, facts | (extra or {})), about


def read(name: str, document: Any, about: Any) -> list[Reading]:
    return readings_of(document, about, filers()[name], "2026-11-21T00:00:00+00:00")


def usable(rows: list[Reading], series: str) -> dict[str, float | None]:
    return {row.period: row.value for row in rows if row.series == series and row.status != QUARANTINED}


def refused(rows: list[Reading], series: str) -> list[str]:
    return [row.reason for row in rows if row.series == series and row.status == QUARANTINED]


@pytest.fixture
def server() -> Iterator[Any]:
    with sec.serving() as found:
        yield found


@pytest.fixture
def patient(tmp_path: Path) -> Client:
    """A client that does not wait: pauses are written down instead."""
    client = Client(
        "Test test@example.org", tmp_path / "cache", per_second=1e9, timeout_s=0.5, deadline_s=1.0
    )
    pauses: list[float] = []
    client.sleep = pauses.append
    client.pauses = pauses  # type: ignore[attr-defined]
    return client


# what is read


def test_year_to_date_becomes_calendar_quarters_with_the_day_they_were_filed() -> None:
    rows = read("Oracle", *documents("Oracle"))
    values = usable(rows, "capex_cash")
    # Oracle's fiscal 2023 begins in June 2022: its first quarter is the calendar's third
    assert list(values) == [f"{2022 + (n + 2) // 4}Q{(n + 2) % 4 + 1}" for n in range(12)]
    assert list(values.values()) == [10.0 + n for n in range(12)]
    third = next(row for row in rows if row.period == "2023Q1")
    assert (third.published, third.unit, third.tier) == ("2023-03-27", "USD_bn", "A")
    assert "3 quarters less 2" in third.note
    assert third.source_url.startswith("https://www.sec.gov/Archives/edgar/data/1341439/")


def test_a_restatement_is_another_reading_and_as_of_gives_the_old_one() -> None:
    document, about = documents("Microsoft")
    facts = document["facts"]["us-gaap"]["PaymentsToAcquirePropertyPlantAndEquipment"]["units"]["USD"]
    late = [f for f in facts if f["start"] == "2023-07-01" and f["filed"] > "2024-09-01"]
    assert late, "the next year's filings print fiscal 2024 again"
    for fact in late:
        fact["val"] += 2_000_000_000  # all of it in the first quarter
    rows = [row for row in read("Microsoft", document, about) if row.period == "2023Q3"]
    assert [row.value for row in rows] == [14.0, 16.0]
    views = [View("then", rows, as_of=date(2024, 6, 30), package=False), View("now", rows, package=False)]
    assert [view.quarters("capex_cash", "Microsoft")["2023Q3"].value for view in views] == [14.0, 16.0]


# each guard's bad case


def test_amazons_wrong_capex_concept_is_refused() -> None:
    wrong = sec.flow_facts(AMAZON.cik, 12, amounts(2023, 2025, 3e9))
    rows = read("Amazon", *documents("Amazon", {"PaymentsToAcquirePropertyPlantAndEquipment": wrong}))
    assert usable(rows, "capex_cash")["2025Q4"] == 21.0
    assert len(usable(rows, "capex_cash")) == len(refused(rows, "capex_cash")) == 12
    assert all("Amazon left this concept in 2017" in reason for reason in refused(rows, "capex_cash"))


def test_a_year_to_date_that_stands_as_a_quarter_is_refused_and_the_difference_used() -> None:
    document, about = documents("Amazon")
    facts = document["facts"]["us-gaap"][CAPEX["Amazon"]]["units"]["USD"]
    nine = next(f for f in facts if f["end"] == "2025-09-30" and f["start"] == "2025-01-01")
    facts.append(nine | {"start": "2025-07-01"})  # nine months of money on a quarter's dates
    rows = read("Amazon", document, about)
    assert usable(rows, "capex_cash")["2025Q3"] == 20.0
    assert refused(rows, "capex_cash") == ["a year-to-date amount (3 quarters) stands as a quarter"]


def test_a_printed_quarter_that_agrees_with_nothing_is_refused_with_the_difference() -> None:
    document, about = documents("Amazon")
    facts = document["facts"]["us-gaap"][CAPEX["Amazon"]]["units"]["USD"]
    half = next(f for f in facts if f["end"] == "2025-06-30" and f["start"] == "2025-01-01")
    facts.append(half | {"start": "2025-04-01", "val": 12_345_000_000})
    rows = read("Amazon", document, about)
    assert "2025Q2" not in usable(rows, "capex_cash")
    assert "disagrees" in refused(rows, "capex_cash")[0]


def test_the_total_obligation_is_not_microsofts_commercial_one() -> None:
    total = sec.stock_facts(MICROSOFT.cik, 6, amounts(2023, 2025, 400e9))
    rows = read("Microsoft", *documents("Microsoft", {"RevenueRemainingPerformanceObligation": total}))
    assert len(usable(rows, "rpo")) == 12
    assert usable(rows, "commercial_rpo") == {}
    assert "not the commercial part" in refused(rows, "commercial_rpo")[0]


def test_a_negative_payment_is_refused_and_a_negative_cash_flow_is_not() -> None:
    signed = {(2023, k): -1e9 for k in (1, 2, 3, 4)}
    flows = sec.flow_facts(AMAZON.cik, 12, signed)
    rows = read(
        "Amazon",
        sec.company(
            AMAZON.cik,
            "Amazon",
            {CAPEX["Amazon"]: flows, "NetCashProvidedByUsedInOperatingActivities": flows},
        ),
        sec.submissions(AMAZON.cik, "Amazon", "1231"),
    )
    assert usable(rows, "capex_cash") == {}
    assert refused(rows, "capex_cash") == ["capex_cash is negative (-1000000000)"] * 4
    assert len(usable(rows, "operating_cash_flow")) == 4


def test_another_currency_is_refused() -> None:
    document, about = documents("Amazon")
    concept = document["facts"]["us-gaap"][CAPEX["Amazon"]]
    concept["units"] = {"EUR": concept["units"]["USD"]}
    rows = read("Amazon", document, about)
    assert usable(rows, "capex_cash") == {}
    assert set(refused(rows, "capex_cash")) == {"reported in EUR, not in USD"}


def test_another_fiscal_year_refuses_everything() -> None:
    document, about = documents("Oracle")
    about["fiscalYearEnd"] = "1231"
    rows = read("Oracle", document, about)
    assert usable(rows, "capex_cash") == {}
    assert "the fiscal year ends in month 12, the vocabulary says 5" in refused(rows, "capex_cash")


@pytest.mark.parametrize("said", ["0126", "0131", "0201"])
def test_a_year_that_ends_within_a_week_of_the_month_is_that_month(said: str) -> None:
    document, about = documents("NVIDIA", {"PaymentsToAcquireProductiveAssets": []})
    about["fiscalYearEnd"] = said
    facts = document["facts"]["us-gaap"]
    facts["PaymentsToAcquireProductiveAssets"] = facts.pop("PaymentsToAcquirePropertyPlantAndEquipment")
    assert len(usable(read("NVIDIA", document, about), "capex_cash")) == 12


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        ({"val": "12,3"}, "no number"), ({"val": None}, "no number"), ({"val": True}, "no number"),
        ({"end": "2025-02-30"}, "cannot be read"), ({"filed": "soon"}, "cannot be read"),
        ({"start": "2026-01-01"}, "before it begins"),
    ],
)  # fmt: skip
def test_a_fact_that_cannot_be_read_is_refused_alone(broken: dict[str, Any], reason: str) -> None:
    document, about = documents("Amazon")
    facts = document["facts"]["us-gaap"][CAPEX["Amazon"]]["units"]["USD"]
    facts.append(facts[-1] | broken)
    rows = read("Amazon", document, about)
    assert len(usable(rows, "capex_cash")) == 12
    assert len(refused(rows, "capex_cash")) == 1
    assert reason in refused(rows, "capex_cash")[0]


def test_the_fallback_serves_only_where_the_first_concept_is_missing() -> None:
    old = sec.flow_facts(AMAZON.cik, 12, amounts(2021, 2025, 1e9))
    new = sec.flow_facts(AMAZON.cik, 12, amounts(2023, 2025, 100e9))
    rows = read(
        "Amazon",
        *documents("Amazon", {"Revenues": old, "RevenueFromContractWithCustomerExcludingAssessedTax": new}),
    )
    values = usable(rows, "revenue")
    assert (values["2022Q4"], values["2023Q1"], values["2025Q4"]) == (8.0, 100.0, 111.0)


def test_one_concept_for_two_series_is_refused_in_the_vocabulary() -> None:
    row = concepts("Amazon")[0]
    twice = vocabularies.Concept(row.entity, "another", row.concept, row.kind, row.sign, "use", "", "", "")
    with pytest.raises(FigureError, match="stands for two things"):
        check_concepts([row, twice])


def test_every_series_of_the_vocabulary_has_one_meaning() -> None:
    for name in filers():
        found = concepts(name)
        assert any(row.series == "capex_cash" and row.use == "use" for row in found)
        assert all(row.note for row in found if row.use == "refuse")


# the client and the whole refresh


def test_a_refresh_twice_fetches_conditionally_and_adds_nothing(server: Any, tmp_path: Path) -> None:
    server.add(*documents("Amazon"))
    client = Client("Test test@example.org", tmp_path / "cache", per_second=1e9)
    first = run.refresh_sec(["Amazon"], base=server.url, folder=tmp_path, client=client)
    second = run.refresh_sec(["Amazon"], base=server.url, folder=tmp_path, client=client)
    assert (first["added"], second["added"], second["known_already"]) == (12, 0, 12)
    assert [("If-None-Match" in headers) for _, headers in server.asked] == [False, False, True, True]
    assert {headers["User-Agent"] for _, headers in server.asked} == {"Test test@example.org"}
    readings = Store(tmp_path).readings()
    assert {row.generation for row in readings} == {1}
    assert [made.added for made in Store(tmp_path).generations()] == [12, 0]


def test_what_a_filer_lacks_is_told(server: Any, tmp_path: Path) -> None:
    server.add(*documents("Oracle"))
    found = run.refresh_sec(["Oracle"], base=server.url, folder=tmp_path)
    assert "Oracle: no usable fact for rpo" in found["not_found"]
    assert not any("capex_cash" in line for line in found["not_found"])


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_busy_server_is_asked_again_and_its_wish_is_kept(
    server: Any, tmp_path: Path, patient: Client, status: int
) -> None:
    server.add(*documents("Amazon"))
    path = FACTS.format(AMAZON.cik)
    server.misbehaves[path] = [sec.Behaviour(status=status, headers={"Retry-After": "7"})] * 2
    found = run.refresh_sec(["Amazon"], base=server.url, folder=tmp_path, client=patient)
    assert found["added"] == 12
    assert server.counts()[path] == 3
    assert [pause for pause in patient.pauses if pause >= 0.4] == [7.0, 14.0]  # type: ignore[attr-defined]


def test_a_refusal_is_not_asked_again(server: Any, tmp_path: Path, patient: Client) -> None:
    server.add(*documents("Amazon"))
    path = FACTS.format(AMAZON.cik)
    server.misbehaves[path] = [sec.Behaviour(status=403)]
    with pytest.raises(EnvironmentProblem, match="check --agent"):
        run.refresh_sec(["Amazon"], base=server.url, folder=tmp_path, client=patient)
    assert server.counts()[path] == 1
    assert Store(tmp_path).generations() == []


def test_an_unknown_company_number_is_told(server: Any, tmp_path: Path, patient: Client) -> None:
    with pytest.raises(EnvironmentProblem, match="404"):
        run.refresh_sec(["Amazon"], base=server.url, folder=tmp_path, client=patient)


def test_a_server_that_stays_busy_changes_nothing(server: Any, tmp_path: Path, patient: Client) -> None:
    server.add(*documents("Amazon"))
    run.refresh_sec(["Amazon"], base=server.url, folder=tmp_path, client=patient)
    before = Store(tmp_path).readings()
    server.misbehaves[f"/submissions/CIK{AMAZON.cik:010d}.json"] = [sec.Behaviour(status=503)] * 9
    with pytest.raises(EnvironmentProblem, match="does not answer"):
        run.refresh_sec(["Amazon"], base=server.url, folder=tmp_path, client=patient)
    assert Store(tmp_path).readings() == before


BAD = [
    pytest.param(sec.Behaviour(cut=300), id="body ends early"),
    pytest.param(sec.Behaviour(drop=True), id="dropped"),
    pytest.param(sec.Behaviour(cut=10**6, pause_s=0.7), id="no answer in time"),
    pytest.param(sec.Behaviour(cut=10**6, drip_s=0.2), id="drips"),
    pytest.param(sec.Behaviour(cut=300, claim_whole=False), id="truncated JSON of the right length"),
]


@pytest.mark.parametrize("how", BAD)
def test_a_body_that_did_not_come_whole_is_fetched_again(
    server: Any, tmp_path: Path, patient: Client, how: Any
) -> None:
    server.add(*documents("Amazon"))
    path = FACTS.format(AMAZON.cik)
    server.misbehaves[path] = [how]
    found = run.refresh_sec(["Amazon"], base=server.url, folder=tmp_path, client=patient)
    assert found["added"] == 12
    assert server.counts()[path] == 2


def test_json_that_stays_broken_is_told_and_not_kept(server: Any, tmp_path: Path, patient: Client) -> None:
    _, about = documents("Amazon")
    server.documents |= {FACTS.format(AMAZON.cik): b'{"cik": 1018724, "facts": {', "/submissions/x": about}
    with pytest.raises(EnvironmentProblem, match="not whole JSON"):
        run.refresh_sec(["Amazon"], base=server.url, folder=tmp_path, client=patient)
    assert list((tmp_path / "cache").glob("*.body")) == []


@pytest.mark.parametrize("document", [{"cik": 1018724}, [], {"cik": 1018724, "facts": []}, None])
def test_json_of_another_shape_is_told(server: Any, tmp_path: Path, patient: Client, document: Any) -> None:
    server.documents[FACTS.format(AMAZON.cik)] = document if document is not None else b"null"
    with pytest.raises(EnvironmentProblem, match="not whole JSON"):
        run.refresh_sec(["Amazon"], base=server.url, folder=tmp_path, client=patient)


def test_another_companys_answer_is_refused(server: Any, tmp_path: Path, patient: Client) -> None:
    document, about = documents("Oracle")
    server.documents |= {
        FACTS.format(AMAZON.cik): document, f"/submissions/CIK{AMAZON.cik:010d}.json": about
    }  # fmt: skip
    with pytest.raises(EnvironmentProblem, match="another company"):
        run.refresh_sec(["Amazon"], base=server.url, folder=tmp_path, client=patient)


def test_requests_keep_to_the_rate(server: Any, tmp_path: Path) -> None:
    for name in ("Amazon", "Oracle", "Microsoft"):
        server.add(*documents(name))
    now, waits = [0.0], list[float]()

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        now[0] += seconds

    client = Client("Test test@example.org", tmp_path / "cache", clock=lambda: now[0], sleep=sleep)
    run.refresh_sec(["Amazon", "Oracle", "Microsoft"], base=server.url, folder=tmp_path, client=client)
    assert waits == pytest.approx([0.1] * 5)  # six requests, ten a second


def test_redirects_are_not_followed(server: Any, tmp_path: Path, patient: Client) -> None:
    server.misbehaves[FACTS.format(AMAZON.cik)] = [
        sec.Behaviour(status=302, headers={"Location": f"{server.url}/elsewhere"})
    ]
    with pytest.raises(EnvironmentProblem, match="302"):
        run.refresh_sec(["Amazon"], base=server.url, folder=tmp_path, client=patient)
    assert "/elsewhere" not in server.counts()


@pytest.mark.parametrize("said", [None, "", "somebody", "a\nb@c.org"])
def test_the_real_server_wants_to_know_who_calls(said: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SUPERCYCLE_USER_AGENT", raising=False)
    with pytest.raises(UsageError, match="who is calling"):
        declared_agent(said)


@pytest.mark.parametrize("url", ["http://data.sec.gov/x", "ftp://data.sec.gov/x", "file:///etc/passwd"])
def test_only_https_is_fetched(url: str, patient: Client) -> None:
    with pytest.raises(UsageError, match="only https"):
        patient.get(url)


def test_an_unknown_filer_names_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'Amazon'"):
        run.refresh_sec(["Amazn"], base="http://127.0.0.1:9", folder=tmp_path)


def test_as_of_returns_no_reading_published_later(server: Any, tmp_path: Path) -> None:
    server.add(*documents("Amazon"))
    run.refresh_sec(["Amazon"], base=server.url, folder=tmp_path)
    view = view_named("2024-12-31", Store(tmp_path))
    assert all(row.known_from <= date(2024, 12, 31) for row in view.rows)
    seen = {row.period.printed for row in view.rows if row.table == "refreshed"}
    assert seen == {
        f"{2023 + n // 4}Q{n % 4 + 1}" for n in range(7)
    }  # the quarter to September was filed in October


def test_a_planted_future_filing_is_refused(server: Any, tmp_path: Path) -> None:
    document, about = documents("Amazon")
    facts = document["facts"]["us-gaap"][CAPEX["Amazon"]]["units"]["USD"]
    ahead = date.today() + timedelta(days=400)  # noqa: DTZ011
    facts.append(
        {**facts[-1], "start": f"{ahead.year}-01-01", "end": f"{ahead.year}-03-31", "filed": f"{ahead}"}
    )
    server.add(document, about)
    found = run.refresh_sec(["Amazon"], base=server.url, folder=tmp_path)
    assert found["quarantined"] == 1
    assert "after the day it was fetched" in found["refused"][0]["reason"]
    assert f"{ahead.year}Q1" not in view_named("latest", Store(tmp_path)).quarters("capex_cash", "Amazon")
