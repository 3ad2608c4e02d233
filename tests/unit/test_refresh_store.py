"""The store: whole generations or none, one writer at a time, nothing overwritten; what fills it."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from supercycle.cli import main
from supercycle.core.errors import EnvironmentProblem, FigureError, InputError, UnknownNameError, UsageError
from supercycle.figures.refresh import changes, run
from supercycle.figures.refresh.export import export as write_export
from supercycle.figures.refresh.fetch import Client
from supercycle.figures.refresh.fred import fred_key
from supercycle.figures.refresh.hand_made import read_text
from supercycle.figures.refresh.price_book import of_book
from supercycle.figures.refresh.reading import Reading
from supercycle.figures.refresh.store import CURRENT, Store
from supercycle.figures.refresh.view import View, view_named
from supercycle.service.as_known import opening_inputs
from supercycle.skill.refreshed import outputs_moved


def _beside(name: str) -> Any:
    place = Path(__file__).resolve().with_name(f"{name}.py")
    spec = importlib.util.spec_from_file_location(name, place)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


sec, killer = _beside("sec_server"), _beside("refresh_killer")
HEADER = "series,entity,period,value,unit,tier,source_title,source_url,published,note"
FETCHED = "2026-11-21T00:00:00+00:00"


def row(
    series: str = "capex_cash", entity: str = "Meta", period: str = "2026Q3", value: str = "35", unit: str = "USD_bn",
    published: str = "2026-10-29", note: str = "", source: str = "10-Q",
) -> str:  # fmt: skip
    return f"{series},{entity},{period},{value},{unit},A,{source},,{published},{note}"


def put(folder: Path, *rows: str, header: str = HEADER) -> dict[str, Any]:
    path = folder / "mine.csv"
    path.write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
    return run.refresh_file(path, folder=folder / "store")


def reasons(found: dict[str, Any]) -> list[str]:
    return [refused["reason"] for refused in found["refused"]]


# the store


@pytest.mark.parametrize("seed", range(5))
def test_a_refresh_killed_at_any_moment_leaves_the_old_or_the_new(seed: int, tmp_path: Path) -> None:
    assert 1 <= killer.kill_once(seed, tmp_path) <= 12


def test_two_refreshes_at_once_both_arrive(tmp_path: Path) -> None:
    threads, problems = [], list[BaseException]()

    def work(number: int) -> None:
        try:
            reading = Reading(
                "toy", f"E{number}", "2025Q1", 1.0, "USD_bn", "A", "t", "", "2025-04-01", "", "file"
            )
            for turn in range(4):
                Store(tmp_path).append([replace_value(reading, turn)], source="file", at=FETCHED)
        except BaseException as problem:
            problems.append(problem)

    for number in range(4):
        threads.append(threading.Thread(target=work, args=(number,)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert len(Store(tmp_path).generations()) == len(Store(tmp_path).readings()) == 16


def replace_value(reading: Reading, turn: int) -> Reading:
    return Reading(
        *[getattr(reading, name) if name != "value" else float(turn) for name in Reading.__slots__]
    )


def test_a_writer_that_does_not_finish_is_told_and_not_waited_for(tmp_path: Path) -> None:
    store = Store(tmp_path, wait_s=0.05)
    with store._locked(), pytest.raises(EnvironmentProblem, match="another refresh is writing"):
        Store(tmp_path, wait_s=0.05).append([], source="file", at=FETCHED)


@pytest.mark.parametrize("what", ["json", "pointer", "missing"])
def test_a_damaged_store_is_told(tmp_path: Path, what: str) -> None:
    put(tmp_path, row())
    folder = tmp_path / "store"
    target = folder / CURRENT if what == "pointer" else next(folder.glob("readings-*.json"))
    if what == "missing":
        target.unlink()
    else:
        target.write_bytes(target.read_bytes()[:-5])
    with pytest.raises(EnvironmentProblem, match=r"cannot be read|is damaged|lacks a file"):
        Store(folder).readings()


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EnvironmentProblem, match="cannot be written"):
        Store(tmp_path / "file" / "store").append([], source="file", at=FETCHED)


def test_an_empty_store_is_no_error(tmp_path: Path) -> None:
    store = Store(tmp_path / "none")
    assert (store.readings(), store.generations(), store.parquet()) == ((), [], None)
    assert not (tmp_path / "none").exists()


def test_nothing_is_overwritten_and_parquet_holds_the_same(tmp_path: Path) -> None:
    import polars as pl

    put(tmp_path, row(value="35"))
    put(tmp_path, row(value="36", published="2026-11-05", note="restated"))
    store = Store(tmp_path / "store")
    assert [(r.value, r.published, r.generation) for r in store.readings()] == [
        (35.0, "2026-10-29", 1), (36.0, "2026-11-05", 2)
    ]  # fmt: skip
    path = store.parquet()
    assert path is not None
    assert pl.read_parquet(path)["value"].to_list() == [35.0, 36.0]
    values = [
        view_named(name, store).quarters("capex_cash", "Meta")["2026Q3"].value
        for name in ("1", "2026-11-01", "2026-11-05", "latest")
    ]
    assert values == [35.0, 35.0, 36.0, 36.0]


def test_the_package_is_read_without_the_store(tmp_path: Path) -> None:
    put(tmp_path, row())
    assert "2026Q3" not in view_named("package", Store(tmp_path / "store")).quarters("capex_cash", "Meta")


# guards on files


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([row(published="2999-01-01")], "after the day it was fetched"),
        ([row(period="2027Q4", published="2026-10-29")], "before the period ended"),
        ([row(value="-35")], "capex_cash is negative"),
        ([row(unit="EUR_bn")], "reported in EUR_bn, not in USD"),
        ([row(value="35000000000")], "times its neighbours"),
        ([row(value="0.035")], "times its neighbours"),
        (
            [row(note="nine months ended 30 September; year-to-date")],
            "a year-to-date amount stands as a quarter",
        ),
        (
            [row(entity="Amazon", source="SEC 10-Q (PaymentsToAcquirePropertyPlantAndEquipment)")],
            "wrong concept",
        ),
        (
            [row("commercial_rpo", "Microsoft", source="10-Q (RevenueRemainingPerformanceObligation)")],
            "not the commercial part",
        ),
        ([row("rpo", "Microsoft", "2026Q1", "626")], "not above commercial_rpo (627)"),
        (
            [row(), row("finance_lease_additions", value="4"), row("capex_incl_finance_leases", value="35")],
            "finance leases are left out",
        ),
        ([row(value="35"), row("depreciation_ppe", value="35")], "the same number stands for"),
    ],
)
def test_a_guard_refuses_and_says_why(tmp_path: Path, rows: list[str], reason: str) -> None:
    found = put(tmp_path, *rows)
    assert found["quarantined"] >= 1
    assert any(reason in told for told in reasons(found)), reasons(found)
    refused = {(r["series"], r["entity"], r["period"]) for r in found["refused"]}
    view = View("store", Store(tmp_path / "store").readings(), package=False)
    assert not refused & {(f.series, f.entity, f.period.printed) for f in view.rows}


def test_one_concept_of_one_filing_read_as_two_series_is_refused(tmp_path: Path) -> None:
    rows = [f"{row(name)},us-gaap:Both,," for name in ("capex_cash", "interest_expense")]
    found = put(tmp_path, *rows, header=f"{HEADER},concept,start,end")
    assert reasons(found) == ["us-gaap:Both is used for capex_cash and interest_expense"] * 2


def test_a_long_span_is_no_quarter(tmp_path: Path) -> None:
    found = put(tmp_path, f"{row()},,2026-01-01,2026-09-30", header=f"{HEADER},concept,start,end")
    assert reasons(found) == ["a span of 273 days stands as a quarter"]


def test_a_fiscal_quarter_may_be_published_before_the_calendars_ends(tmp_path: Path) -> None:
    found = put(tmp_path, row(entity="Oracle", period="2026Q3", value="17", published="2026-09-20"))
    assert found["quarantined"] == 0  # Oracle's quarter to August


def test_what_passes_every_guard_is_used(tmp_path: Path) -> None:
    found = put(
        tmp_path, row(), row("rpo", "Microsoft", "2026Q1", "640"), row("net_income", value="-3"),
        row("finance_lease_additions", value="4"), row("capex_incl_finance_leases", value="39"),
    )  # fmt: skip
    assert (found["added"], found["quarantined"]) == (5, 0)


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("a,b\n1,2\n", "wrong columns"), (f"{HEADER},extra\n", "wrong columns"), (f"{HEADER}\nx\n", "number of cells"),
        (f"{HEADER}\n{row(published='')}\n", "no day of publication"),
        (f"{HEADER}\n{row(published='soon')}\n", "publication date not readable"),
        (f"{HEADER}\n{row(unit='bananas')}\n", "unit"), (f"{HEADER}\n{row(series='')}\n", "no series"),
    ],
)  # fmt: skip
def test_a_file_that_breaks_a_rule_names_its_line(text: str, match: str) -> None:
    with pytest.raises(FigureError, match=match) as told:
        read_text(text, "mine.csv", FETCHED)
    assert "mine" in str(told.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot read"):
        run.refresh_file(tmp_path / "none.csv", folder=tmp_path)


# FRED


@pytest.fixture
def server() -> Iterator[Any]:
    with sec.serving() as found:
        yield found


def observation(day: str, value: str, since: str) -> dict[str, str]:
    return {"realtime_start": since, "realtime_end": "9999-12-31", "date": day, "value": value}


def test_fred_keeps_vintages_and_hides_the_key(server: Any, tmp_path: Path) -> None:
    rows = [
        observation("2025-01-01", "29960.1", "2025-04-30"), observation("2025-01-01", "29977.6", "2025-05-29"),
        observation("2025-04-01", ".", "2025-07-30"), observation("2025-04-01", "many", "2025-07-30"),
    ]  # fmt: skip
    server.documents["/fred/series/observations"] = {"count": 4, "observations": rows}
    client = Client("supercycle", tmp_path / "cache", per_second=1e9)
    found = run.refresh_fred(["GDP"], key="abc123", base=server.url, folder=tmp_path, client=client)
    assert (found["added"], found["quarantined"]) == (3, 1)
    store = Store(tmp_path)
    then, now = (view_named(name, store) for name in ("2025-05-01", "latest"))
    assert [v.quarters("gdp_nominal_fred", "United States")["2025Q1"].value for v in (then, now)] == [
        29960.1,
        29977.6,
    ]
    assert "api_key=abc123" in server.asked[0][0]
    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"abc123" not in written


def test_fred_without_a_key_and_with_an_error(
    server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FRED_API_KEY", raising=False)
    with pytest.raises(UsageError, match="FRED_API_KEY"):
        fred_key()
    server.misbehaves["/fred/series/observations"] = [sec.Behaviour(status=400)]
    client = Client("supercycle", tmp_path / "cache", per_second=1e9)
    with pytest.raises(EnvironmentProblem, match="400") as told:
        run.refresh_fred(["GDP"], key="abc123", base=server.url, folder=tmp_path, client=client)
    assert "abc123" not in str(told.value)
    with pytest.raises(UnknownNameError, match="did you mean"):
        run.refresh_fred(["GDPP"], key="abc123", base=server.url, folder=tmp_path)


# prices


def test_prices_of_the_package_and_of_a_book(tmp_path: Path) -> None:
    book = {
        "provider": "acme", "sources": {"g": "a page"},
        "models": {
            "one": {"prices": [
                {"from": "2025-01-01", "input": "3", "output": "12", "status": "documented", "source": "g"},
                {"from": "2025-06-01", "input": "2", "output": "8", "source": "g"},
                {"from": "2025-06-01", "tier": "batch", "input": "1", "output": "4"},
                {"input": "9", "output": "9"},
            ]}
        },
    }  # fmt: skip
    found = run.refresh_prices([("acme.json", book)], folder=tmp_path)
    assert found["quarantined"] == 0
    assert found["added"] > 500  # what is installed has hundreds of models
    mine = [r for r in Store(tmp_path).readings() if r.entity == "acme/one"]
    assert [(r.series, r.period, r.value) for r in mine] == [
        ("api_list_price_input", "2025-01-01", 3.0), ("api_list_price_output", "2025-01-01", 12.0),
        ("api_list_price_input", "2025-06-01", 2.0), ("api_list_price_output", "2025-06-01", 8.0),
    ]  # fmt: skip
    again = run.refresh_prices([("acme.json", book)], folder=tmp_path)
    assert again["added"] == 0  # a price that holds is no news
    with pytest.raises(FigureError, match="not a compiled price table"):
        of_book([("x.json", {})], FETCHED)


# diff


def test_a_restated_opening_moves_its_parameter_and_the_outputs(tmp_path: Path) -> None:
    quarter = "2026Q2"
    put(tmp_path, row(period=quarter, value="33.1276", published="2026-11-01", note="restated"))
    store = Store(tmp_path / "store")
    old, new = view_named("package", store), view_named("latest", store)
    points = changes.moved(old, new)
    assert [(p["entity"], p["period"], p["change"], round(p["relative"], 6)) for p in points] == [
        ("Meta", quarter, "moved", 0.1)  # 30.116 and a tenth
    ]
    fed = changes.fed(old, new, opening_inputs())
    assert [f["parameter"] for f in fed] == ["capex_open:Meta"]
    moved = {
        (r["output"], r["quarter"]): r for r in outputs_moved(fed, paths=64, until="2027Q2", kernel="numpy")
    }
    capex = moved["five_firm_capex_usd_bn", "2026Q3"]
    assert capex["difference_mean"] != 0.0
    assert outputs_moved([], paths=64) == []


def test_a_new_quarter_moves_no_parameter(tmp_path: Path) -> None:
    put(tmp_path, row())
    store = Store(tmp_path / "store")
    old, new = view_named("package", store), view_named("latest", store)
    assert [p["change"] for p in changes.moved(old, new)] == ["new"]
    assert changes.fed(old, new, opening_inputs()) == []


def test_every_parameter_that_rests_on_a_row_is_found_by_its_evidence(tmp_path: Path) -> None:
    """No list is kept by hand: a tenth more in a row's place moves what names the row, by its share or by name."""
    inputs = opening_inputs()
    package = View("package")
    rows = {figure.id: figure for figure in package.rows if figure.value and not figure.basis}
    assert changes.fed(package, package, inputs) == []
    named = sorted({id for item in inputs for id in item.rows if id in rows})
    tried = 0
    for id in named[:: max(1, len(named) // 12)]:
        figure = rows[id]
        assert figure.value
        higher = Reading(
            figure.series, figure.entity, figure.period.printed, 1.1 * figure.value, figure.unit, "A", "10-K/A", "",
            "2026-12-01", "", "file",
        )  # fmt: skip
        other = View("latest", [higher])
        found = {row["parameter"]: row for row in changes.fed(package, other, inputs)}
        assert set(found) == {item.id for item in inputs if id in item.rows}
        for item in inputs:
            if item.id in found and len(item.rows) == 1:
                assert found[item.id]["relative"] == pytest.approx(0.1)
                assert found[item.id]["old"] == pytest.approx(item.value)
            if item.id in found and found[item.id]["new"] is None:
                assert "several rows" in found[item.id]["why"]
        tried += 1
    assert tried >= 10


def test_staleness_follows_the_rhythm_of_a_series() -> None:
    view = View("package")
    rows = {(r["series"], r["entity"]): r for r in changes.staleness(view, date(2026, 11, 30), "capex_cash")}
    meta = rows["capex_cash", "Meta"]
    assert meta["last"] == "2026-06-30"
    assert "2026-10-15" < meta["expected"] < "2026-11-30"
    assert meta["stale"]
    fresh = changes.staleness(view, date(2026, 8, 1), "capex_cash")
    assert not next(r for r in fresh if r["entity"] == "Meta")["stale"]


# commands


def command(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as stop:
        main(list(words))
    told = capsys.readouterr()
    return int(stop.value.code or 0), told.out, told.err


def test_the_commands_from_file_to_export(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = str(tmp_path / "store")
    path = tmp_path / "mine.csv"
    path.write_text(f"{HEADER}\n{row()}\n{row(value='-1', period='2026Q2')}\n")
    code, out, _ = command(capsys, "figures", "refresh", "file", str(path), "--folder", store, "--json")
    assert (code, json.loads(out)["added"], json.loads(out)["quarantined"]) == (0, 2, 1)
    code, out, _ = command(capsys, "figures", "diff", "package", "latest", "--folder", store, "--json")
    assert (code, json.loads(out)["moved"], json.loads(out)["outputs"]) == (0, 1, [])
    assert command(capsys, "figures", "refresh", "file", str(path), "--folder", store)[0] == 0
    assert command(capsys, "figures", "diff", "--folder", store)[0] == 0
    for name, lines in (("out.csv", 2), ("out.json", None), ("out.parquet", None)):
        code, out, _ = command(capsys, "figures", "export", str(tmp_path / name), "--folder", store, "--json")
        assert (code, json.loads(out)["readings"]) == (0, 1)
        if lines:
            assert len((tmp_path / name).read_text().splitlines()) == lines
    code, out, _ = command(
        capsys,
        "figures",
        "export",
        str(tmp_path / "all.csv"),
        "--all",
        "--as-of",
        "2026-10-30",
        "--folder",
        store,
    )
    assert (code, out) == (0, f"2 readings written to {tmp_path / 'all.csv'}\n")
    code, out, _ = command(
        capsys, "figures", "stale", "--match", "capex_cash", "--on", "2027-03-01", "--folder", store, "--json"
    )
    assert code == 0
    assert json.loads(out)["stale"] >= 5


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("refresh", "sec"), 2), (("refresh", "file"), 2), (("refresh", "file", "none.csv"), 3), (("refresh", "x"), 2),
        (("refresh", "fred"), 2), (("diff", "yesterday"), 3), (("diff", "7", "latest"), 3), (("diff", "before"), 3),
        (("export", "x.txt"), 2), (("export", "x.csv", "--as-of", "soon"), 2), (("stale", "--on", "31.12."), 2),
    ],
)  # fmt: skip
def test_wrong_words_get_one_line(
    words: tuple[str, ...], code: int, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    for name in ("SUPERCYCLE_USER_AGENT", "FRED_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    found, _, err = command(capsys, "figures", *words, "--folder", str(tmp_path / "store"))
    assert found == code
    assert err.count("\n") == 1


def test_nothing_but_refresh_opens_a_socket(tmp_path: Path) -> None:
    """The other figure commands run with every socket forbidden; the loader of the store needs no data library."""
    put(tmp_path, row())
    code = f"""
import socket, sys
def refuse(*a, **k): raise SystemExit("a socket was opened")
socket.socket = refuse
from supercycle.cli import main
for words in (["figures", "diff", "package", "latest"], ["figures", "stale"], ["figures", "verify"]):
    try:
        main([*words, *(["--folder", {str(tmp_path / "store")!r}] if words[1] != "verify" else [])])
    except SystemExit as stop:
        assert stop.code == 0, (words, stop.code)
assert "polars" not in sys.modules
"""
    source = str(Path(run.__file__).resolve().parents[3])
    done = subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONPATH": source, "HOME": str(tmp_path)}, capture_output=True, text=True,
        timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-500:]


def test_a_refresh_without_polars_keeps_the_rows_and_says_what_parquet_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("supercycle.figures.refresh.store.find_spec", lambda _: None)
    monkeypatch.setitem(sys.modules, "polars", None)
    put(tmp_path, row())
    store = Store(tmp_path / "store")
    assert len(store.readings()) == 1
    assert store.parquet() is None
    with pytest.raises(EnvironmentProblem, match="Parquet needs polars"):
        write_export(store, tmp_path / "out.parquet")
    assert write_export(store, tmp_path / "out.csv") == 1


def test_the_products_own_tables_and_months_are_taken(tmp_path: Path) -> None:
    from supercycle.figures.load import figures, table_text

    text = table_text("prints_2026q3")
    rows = read_text(text, "prints_2026q3.csv", FETCHED)
    assert len(rows) == len(figures("prints_2026q3"))
    oracle = next(r for r in rows if (r.series, r.entity, r.period) == ("capex_cash", "Oracle", "2026Q3"))
    assert (oracle.value, oracle.published) == (28.499, "2026-09-10")
    (month,) = read_text(f"{HEADER}\n{row(published='2026-08')}\n", "mine.csv", FETCHED)
    assert month.published == "2026-08-31"
    (now,) = read_text(f"{HEADER}\n{row(published='2026-11')}\n", "mine.csv", FETCHED)
    assert now.published == FETCHED[:10]  # it was read on a day of that month: it was known by then
