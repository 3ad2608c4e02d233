"""The numbers of the dashboard: what was spent, saved and is to come, each equal to what a hand computes."""

from __future__ import annotations

import asyncio
import importlib
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from supercycle.gateway.config.config import Config, config_of
from supercycle.gateway.config.yaml_lines import read_yaml
from supercycle.gateway.prices.money import usd_text
from supercycle.gateway.reports.metering import demand_profile
from supercycle.gateway.reports.overview import forecast_pico, overview, request_rows
from supercycle.gateway.reports.savings import saved

sys.path.append(str(Path(__file__).resolve().parents[1]))
past = importlib.import_module("gateway_past")
us, DEAR, CHEAP = past.us, past.DEAR, past.CHEAP

CONFIG = """\
providers:
  dear: {kind: compatible, base_url: "http://127.0.0.1:1/v1"}
  cheap: {kind: compatible, base_url: "http://127.0.0.1:2/v1"}
  unknown: {kind: compatible, base_url: "http://127.0.0.1:3/v1"}
models:
  asked: [dear/big, cheap/big, unknown/big]
"""


@pytest.fixture
def books(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    return past.Past(tmp_path / "data", monkeypatch)


@pytest.fixture(scope="module")
def config() -> Config:
    return config_of(read_yaml(CONFIG, "gateway.yaml"), Path("gateway.yaml"))


def usd_of(rates: dict[str, int], **counts: int) -> int:
    return sum(count * rates[kind] for kind, count in counts.items())


def test_the_first_page_by_hand(books: Any, config: Config) -> None:
    one, two = {"input": 1000, "cached": 500, "output": 100}, {"input": 200, "output": 20}
    dear, cheap = usd_of(DEAR, **one), usd_of(CHEAP, **two)

    async def go() -> dict[str, Any]:
        async with books.open() as ledger:
            await books.call(ledger, "2026-10-31T23:00")  # another month
            await books.call(ledger, "2026-11-18T12:30", counts=one, tags={"team": "a"})
            await books.call(ledger, "2026-11-20T12:30", counts=one, outcome="estimated")
            await books.call(ledger, "2026-11-21T10:10", "cheap", two, tags={"team": "a"})
            await books.call(ledger, "2026-11-21T10:20", "unknown", reserve=None, model="other")
            await books.call(ledger, "2026-11-21T10:30", outcome="void")
            return await overview(ledger, past.BOOK, config, "week", us("2026-11-21T12:00"))

    page = asyncio.run(go())
    assert (page["today"]["usd"], page["today"]["requests"]) == (usd_text(cheap), 3)
    assert page["month"]["usd"] == usd_text(2 * dear + cheap)
    assert page["attention"] == {"estimated": 1, "orphaned": 0, "unpriced": 1}
    assert page["in_flight"] == {"attempts": 0, "reserved_usd": "0"}
    # The chart's steps add up to its models, to the last pico-USD.
    for row in page["models"]:
        steps = page["series"]["models"][row["name"]]
        assert sum(map(Decimal, steps)) == Decimal(row["usd"])
        assert len(steps) == len(page["series"]["steps_us"]) == 7 * 24
    assert page["series"]["steps_us"][-1] == us("2026-11-21T12:00")
    asked = page["models"][0]
    assert (asked["name"], asked["usd"]) == ("asked", usd_text(2 * dear + cheap))
    assert asked["cached_share"] == pytest.approx(1000 / (2 * 1500 + 200))
    assert page["tags"] == [{"name": "team=a", "requests": 2, "usd": usd_text(dear + cheap)}]


def test_a_forecast_is_the_recent_pace_to_the_end_of_the_month(books: Any, config: Config) -> None:
    async def go() -> list[Any]:
        async with books.open() as ledger:
            found = [(await overview(ledger, past.BOOK, config, "day", us("2026-11-02T06:00")))["forecast"]]
            await books.call(ledger, "2026-11-02T00:00", counts={"input": 1000})
            found.append(
                (await overview(ledger, past.BOOK, config, "day", us("2026-11-02T06:00")))["forecast"]
            )
            await books.call(ledger, "2026-11-12T00:00", counts={"input": 700})
            found.append(
                (await overview(ledger, past.BOOK, config, "day", us("2026-11-17T00:00")))["forecast"]
            )
            return found

    empty, early, later = asyncio.run(go())
    assert empty["usd"] is early["usd"] is None
    assert early["basis"] == "after a day of traffic"
    # The last seven days spent 700 tokens; 14 of 30 days are left: 1,700 + 700 x 14 / 7.
    assert later["usd"] == usd_text((1700 + 1400) * DEAR["input"])
    assert forecast_pico(100, 0, 0, 10) == 100


def test_what_caches_and_routing_saved(books: Any, config: Config) -> None:
    async def go() -> Any:
        async with books.open() as ledger:
            used = {"input": 100, "cached": 900, "output": 10}
            await books.call(ledger, "2026-11-02T10:00", "dear", used)
            await books.call(ledger, "2026-11-02T11:00", "cheap", used)
            await books.call(ledger, "2026-11-02T12:00", "unknown", used, reserve=None)
            return await saved(
                ledger.reads, past.BOOK, config, us("2026-11-01T00:00"), us("2026-12-01T00:00")
            )

    found = asyncio.run(go())
    # 900 cached tokens at each, against full input prices
    assert found.cache_pico == 900 * (DEAR["input"] - DEAR["cached"] + CHEAP["input"] - CHEAP["cached"])
    # one call went to the cheap provider instead of the model's first target
    away = {"input": 100, "cached": 900, "output": 10}
    assert found.routing_pico == usd_of(DEAR, **away) - usd_of(CHEAP, **away)
    assert found.cached_answers == 0


def test_a_row_of_the_ledger_names_its_prices(books: Any) -> None:
    async def go() -> list[dict[str, Any]]:
        async with books.open() as ledger:
            await books.call(ledger, "2026-11-02T10:00", record=past.decision("dear/big", "cheap/big"))
            return await request_rows(ledger, past.BOOK)

    (row,) = asyncio.run(go())
    (attempt,) = row["attempts"]
    assert row["usd"] == attempt["usd"] == usd_text(usd_of(DEAR, input=100, output=10))
    assert [c["target"] for c in row["candidates"]] == ["dear/big", "cheap/big"]
    lines = {line["kind"]: line for line in attempt["lines"]}
    assert (lines["input"]["units"], lines["input"]["rate_usd"], lines["input"]["price"]) == (
        100, "0.000004", "configured: by hand",
    )  # fmt: skip
    assert lines["request"]["usd"] is None


def test_both_databases_give_the_same_page(place: Any, kit: Any, config: Config) -> None:
    async def go() -> None:
        async with place.open() as ledger:
            who = await place.caller(ledger, project="p")
            for n in (3, 4):
                attempt = await place.call(ledger, who, tags={"team": "a"})
                await ledger.settle(attempt, kit.charge(n), kit.usage(n), "settled", 200, 1.0, 2.0)
            page = await overview(ledger, past.BOOK, config, "quarter")
            spent = usd_text(7 * kit.IN)
            assert (page["today"]["usd"], page["month"]["usd"], page["models"][0]["usd"]) == (
                spent,
                spent,
                spent,
            )
            assert page["keys"][0]["label"] == who.name
            assert (page["tags"][0]["name"], page["tags"][0]["usd"]) == ("team=a", spent)
            (_, row) = await request_rows(ledger, past.BOOK)
            assert row["usd"] == usd_text(3 * kit.IN)
            assert len((await demand_profile(ledger, 0, us("2100-01-01T00:00"))).hours) == 1

    asyncio.run(go())
