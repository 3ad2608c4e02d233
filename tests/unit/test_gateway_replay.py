"""What is read from the ledger afterwards: demand, exports, invoices, and another policy on past decisions."""

from __future__ import annotations

import asyncio
import csv
import importlib
import io
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars
import pytest

from supercycle.core.errors import EnvironmentProblem, InputError
from supercycle.core.ownership import Ownership
from supercycle.core.profile import DemandProfile
from supercycle.gateway.ledger.attempts import attempts_of
from supercycle.gateway.prices.money import PICO, usd
from supercycle.gateway.prices.own_gpu import measured_per_hour
from supercycle.gateway.reports.export import COLUMNS, export_ledger
from supercycle.gateway.reports.metering import demand_profile
from supercycle.gateway.reports.own_rack import rack_of
from supercycle.gateway.reports.reconcile import apply_corrections, compare, read_invoice, spread
from supercycle.gateway.reports.replay import OwnRack, replay

sys.path.append(str(Path(__file__).resolve().parents[1]))
past = importlib.import_module("gateway_past")
us, DEAR, CHEAP = past.us, past.DEAR, past.CHEAP

NOVEMBER = us("2026-11-01T00:00"), us("2026-12-01T00:00")


@pytest.fixture
def books(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    return past.Past(tmp_path / "data", monkeypatch)


def cost(rates: dict[str, int], **counts: int) -> int:
    return sum(count * rates[kind] for kind, count in counts.items())


# --- demand


def test_demand_is_what_was_metered_hour_by_hour(books: Any) -> None:
    async def go() -> DemandProfile:
        async with books.open() as ledger:
            one = {"input": 100, "cached": 60, "cache_write_5m": 7, "output": 40, "reasoning": 30}
            await books.call(ledger, "2026-11-02T10:05", counts=one, ttft_ms=200, duration_ms=90_000)
            await books.call(ledger, "2026-11-02T10:59:30", counts=one, ttft_ms=400, duration_ms=60_000)
            await books.call(ledger, "2026-11-02T12:00", provider="cheap", ttft_ms=None)
            await books.call(ledger, "2026-11-02T12:01", outcome="void")
            return await demand_profile(ledger, *NOVEMBER)

    profile = asyncio.run(go())
    rows = [
        (f"{h.hour:%H}", h.provider, h.requests, h.prompt_tokens, h.output_tokens, h.reasoning_tokens)
        for h in profile.hours
    ]
    assert rows == [
        ("10", "dear", 2, 2 * 167, 80, 60),
        ("11", "dear", 0, 0, 0, 0),
        ("12", "cheap", 1, 100, 10, 0),
    ]
    ten, eleven, _ = profile.hours
    assert (ten.input_tokens, ten.cached_tokens, ten.cache_write_tokens) == (200, 120, 14)
    # 90 s and 30 s fell into the hour, 30 s into the next
    assert ten.concurrency == pytest.approx((90 + 30) / 3600)
    assert eleven.concurrency == pytest.approx(30 / 3600)
    assert (ten.ttft_p50_ms, ten.ttft_p95_ms) == (200, 400)
    assert DemandProfile.from_json(profile.to_json()) == profile
    assert DemandProfile.from_csv(profile.to_csv(), source=profile.source) == profile
    assert DemandProfile.from_frame(profile.to_frame(), source=profile.source) == profile


def test_hours_between_two_runs_are_missing_not_empty(books: Any) -> None:
    async def go() -> DemandProfile:
        async with books.open() as ledger:
            await books.call(ledger, "2026-11-02T10:05")
            await books.call(ledger, "2026-11-02T12:05")  # 11:00 had no call, but the gateway was up
            # The store's clock is not ours: the runs are put where they were.
            await ledger.store.execute([("UPDATE run SET started_us = $1", (us("2026-11-02T10:00"),))])
        async with books.open() as ledger:
            await books.call(ledger, "2026-11-02T15:05")
            begun = us("2026-11-02T15:00"), us("2026-11-02T10:00")
            await ledger.store.execute([("UPDATE run SET started_us = $1 WHERE started_us > $2", begun)])
            return await demand_profile(ledger, *NOVEMBER)

    profile = asyncio.run(go())
    assert [(f"{h.hour:%H}", h.missing) for h in profile.hours] == [
        ("10", False), ("12", False), ("13", True), ("14", True), ("15", False),
    ]  # fmt: skip
    assert [h.requests for h in profile.hours] == [1, 1, None, None, 1]


def test_own_gpus_are_priced_by_what_was_metered(books: Any) -> None:
    async def go() -> DemandProfile:
        async with books.open() as ledger:
            for hour in (10, 11, 12):
                await books.call(
                    ledger, f"2026-11-02T{hour}:05", counts={"input": 3000, "cached": 600, "output": 900}
                )
            return await demand_profile(ledger, *NOVEMBER)

    profile = asyncio.run(go())
    # Three hours, two GPUs: 9,000 input, 1,800 cached and 2,700 output tokens in six GPU-hours.
    measured = measured_per_hour(profile, "dear", "big", gpus=2)
    assert measured == {"input_per_gpu_hour": 1500, "cached_per_gpu_hour": 300, "output_per_gpu_hour": 450}
    with pytest.raises(InputError, match="nothing metered"):
        measured_per_hour(profile, "dear", "other", gpus=2)


# --- exports


def test_an_export_adds_up_to_the_ledger(books: Any, tmp_path: Path) -> None:
    async def go() -> int:
        async with books.open() as ledger:
            await books.call(
                ledger,
                "2026-11-02T10:00",
                counts={"input": 7, "cached": 3, "output": 5, "reasoning": 4},
                tags={"team": "a,b"},
            )
            gone = await books.call(ledger, "2026-11-02T11:00", outcome="estimated")
            await books.call(ledger, "2026-11-02T12:00", provider="unknown", reserve=None)
            await books.call(ledger, "2026-10-31T23:59")
            await ledger.adjust(gone, 1, 5, "invoice")
            for name in ("ledger.csv", "ledger.parquet"):
                assert await export_ledger(ledger.reads, tmp_path / name, *NOVEMBER) == 7
            return int((await ledger.reads.totals(*NOVEMBER))["spent"])

    spent = asyncio.run(go())
    rows = list(csv.DictReader(io.StringIO((tmp_path / "ledger.csv").read_text())))
    assert sum(Decimal(row["BilledCost"] or 0) for row in rows) == usd(spent)
    first = [row for row in rows if row["Tags"] == '{"team": "a,b"}']
    assert [(r["SkuId"], r["PricingQuantity"], r["ListUnitPrice"], r["BilledCost"]) for r in first] == [
        ("dear/big/input", "7", "0.000004", "0.000028"),
        ("dear/big/cached", "3", "0.0000004", "0.0000012"),
        ("dear/big/output", "5", "0.00002", "0.0001"),
    ]
    (unpriced,) = (row for row in rows if row["ProviderName"] == "unknown")
    assert unpriced["BilledCost"] == ""  # not known is not 0
    assert "not in the price book" in unpriced["x_Note"]
    (fixed,) = (row for row in rows if row["ChargeCategory"] == "Adjustment")
    assert fixed["ChargeClass"] == "Correction"
    frame = polars.read_parquet(tmp_path / "ledger.parquet")
    assert tuple(frame.columns) == COLUMNS
    assert frame["BilledCost"].sum() == usd(spent)
    assert not list(tmp_path.glob(".*.part"))


def test_an_export_goes_to_a_table_or_not_at_all(books: Any, tmp_path: Path) -> None:
    async def go() -> None:
        async with books.open() as ledger:
            with pytest.raises(InputError, match=r"\.csv or \.parquet"):
                await export_ledger(ledger.reads, tmp_path / "ledger.xls", *NOVEMBER)
            with pytest.raises(EnvironmentProblem, match="cannot write"):
                await export_ledger(ledger.reads, tmp_path / "no" / "ledger.csv", *NOVEMBER)

    asyncio.run(go())


def test_the_arithmetic_of_every_kind_of_row(books: Any) -> None:
    async def go() -> list[str]:
        async with books.open() as ledger:
            await books.call(ledger, "2026-11-02T10:00", counts={"input": 1000, "output": 100})
            await books.call(ledger, "2026-11-02T11:00", provider="unknown", reserve=None)
            await books.call(ledger, "2026-11-02T12:00", outcome="void")
            gone = await books.call(ledger, "2026-11-02T13:00", counts={"input": 1000})
            await ledger.adjust(gone, 1, 3 * 10**9, "invoice")
            rows = await ledger.reads.requests()
            return [attempts_of(row)[0].formula() for row in reversed(rows)]

    assert asyncio.run(go()) == [
        "1,000 input x 4/M + 100 output x 20/M = 0.006 USD",
        "no price: unpriced: unknown/big is not in the price book",
        "nothing used = 0 USD",
        "1,000 input x 4/M = 0.004 USD; - 0.001 by invoice = 0.003 USD",
    ]


# --- invoices


def test_an_invoice_lands_on_what_was_least_certain(books: Any) -> None:
    async def go() -> None:
        async with books.open() as ledger:
            sure = await books.call(ledger, "2026-11-02T10:00", counts={"input": 100})
            guess = await books.call(ledger, "2026-11-02T11:00", counts={"input": 50}, outcome="estimated")
            other = await books.call(ledger, "2026-11-02T12:00", provider="cheap")
            text = "date,model,cost_usd\n2026-11-02,big,0.0007\n"
            lines = read_invoice(text)
            (group,) = await compare(ledger, "dear", lines)
            assert (group.booked_pico, group.invoiced_pico) == (150 * DEAR["input"], 7 * 10**8)
            assert [c.request_id for c in group.corrections] == [guess]
            posted = await apply_corrections(ledger, (group,), "invoice 7")
            assert posted == 7 * 10**8 - 150 * DEAR["input"]
            # The same invoice again posts nothing.
            (again,) = await compare(ledger, "dear", lines)
            assert (again.difference_pico, again.corrections) == (0, ())
            assert await apply_corrections(ledger, (group,), "invoice 7") == 0
            costs = [attempts_of(await ledger.reads.request(r))[0].cost_pico for r in (sure, guess, other)]
            assert costs == [
                100 * DEAR["input"],
                7 * 10**8 - 100 * DEAR["input"],
                cost(CHEAP, input=100, output=10),
            ]
            totals = await ledger.reads.totals(*NOVEMBER)
            assert totals["spent"] == 7 * 10**8 + cost(CHEAP, input=100, output=10)

    asyncio.run(go())


def test_an_invoice_prices_what_had_no_price(books: Any) -> None:
    async def go() -> None:
        async with books.open() as ledger:
            for minute, tokens in ((0, 10), (1, 30)):
                await books.call(
                    ledger,
                    f"2026-11-02T10:0{minute}",
                    provider="unknown",
                    counts={"input": tokens},
                    reserve=None,
                )
            lines = read_invoice("month,model,usd\n2026-11,big,0.000000000005\n")
            groups = await compare(ledger, "unknown", lines)
            # Neither has a cost or a reserve to go by: the five pico-USD are split evenly, the first has the odd one.
            assert [c.actual_pico for c in groups[0].corrections] == [3, 2]
            assert await apply_corrections(ledger, groups, "invoice") == 5

    asyncio.run(go())


def test_an_invoice_may_name_requests(books: Any) -> None:
    async def go() -> None:
        async with books.open() as ledger:
            known = await books.call(ledger, "2026-11-02T10:00")
            text = f"request_id,amount\n{known},0.01\n01ffffffffffffffffffffff,2\n"
            one, lost = await compare(ledger, "dear", read_invoice(text))
            assert one.corrections[0].actual_pico == PICO // 100
            assert (lost.corrections, lost.note) == ((), "the ledger knows no such request")

    asyncio.run(go())


def test_a_credit_is_spread_without_a_negative_cost(books: Any) -> None:
    async def go() -> None:
        async with books.open() as ledger:
            await books.call(ledger, "2026-11-02T10:00", counts={"input": 90})
            await books.call(ledger, "2026-11-02T11:00", counts={"input": 10}, outcome="estimated")
            rows = [attempts_of(row)[0] for row in await ledger.reads.requests()]
            # More than the estimate alone can carry.
            corrections = spread(-50 * DEAR["input"], rows)
            assert sorted(c.actual_pico for c in corrections) == [5 * DEAR["input"], 45 * DEAR["input"]]

    asyncio.run(go())


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "an empty file"),
        ("date,cost\n2026-11-02,1\n", "without a column for model"),
        ("date,model,cost\n02.11.2026,m,1\n", "invoice.csv:2: day"),
        ("date,model,cost\n2026-11-02,m,much\n", "invoice.csv:2: cost"),
        ("date,model,cost\n2026-11-02,m,nan\n", "invoice.csv:2: cost"),
    ],
)
def test_an_invoice_that_cannot_be_read_is_refused_with_its_line(text: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        read_invoice(text)


# --- replay


def two(**costs: float) -> str:
    return past.decision("dear/big", "cheap/big", costs={f"{name}/big": usd for name, usd in costs.items()})


def test_replay_under_the_cheapest_policy(books: Any) -> None:
    async def go() -> None:
        async with books.open() as ledger:
            one = {"input": 1000, "cached": 200, "cache_write_1h": 50, "output": 100}
            await books.call(
                ledger, "2026-11-02T10:00", counts=one, record=two(dear=0.02, cheap=0.01), charge=None
            )
            await books.call(ledger, "2026-11-02T11:00", record=past.decision("dear/big"))
            await books.call(ledger, "2026-11-02T12:00", provider="unknown", reserve=None, record=two())
            await books.call(ledger, "2026-11-02T13:00", record="{}")
            await books.call(ledger, "2026-11-02T14:00", outcome="void", record=two())
            found = await replay(ledger, past.BOOK, *NOVEMBER, "price")
            small = cost(DEAR, input=100, output=10)
            first = cost(DEAR, input=1050, cached=200, output=100)  # without a write price a write is input
            assert found.requests == 4
            assert (found.moved, found.unchanged) == (1, 3)
            assert found.actual_pico == first + 2 * small
            assert found.replayed_pico == cost(CHEAP, input=1050, cached=200, output=100) + 2 * small
            assert found.saved_pico == found.actual_pico - found.replayed_pico
            assert found.by_target == {"cheap/big": 1, "dear/big": 2, "unknown/big": 1}
            assert found.not_comparable == {
                "no price was known for what was used": 1, "its decision was not recorded": 1,
            }  # fmt: skip

    asyncio.run(go())


def test_replay_of_the_same_policy_changes_nothing(books: Any) -> None:
    async def go() -> None:
        async with books.open() as ledger:
            await books.call(ledger, "2026-11-02T10:00", record=two(dear=0.01, cheap=0.02))
            same = await replay(ledger, past.BOOK, *NOVEMBER, "as-it-was")
            assert (same.moved, same.saved_pico) == (0, 0)
            assert same.actual_pico == cost(DEAR, input=100, output=10)
            for policy, moved in (("latency", 0), ("only:cheap", 1), ("cheap/big", 1), ("only:dear", 0)):
                assert (await replay(ledger, past.BOOK, *NOVEMBER, policy)).moved == moved
            for policy in ("cheapest", "only:", "/big"):
                with pytest.raises(InputError, match="policy"):
                    await replay(ledger, past.BOOK, *NOVEMBER, policy)

    asyncio.run(go())


def test_replay_with_own_gpus(books: Any) -> None:
    own = Ownership()
    day = us("2026-11-02T00:00"), us("2026-11-03T00:00")

    async def go() -> None:
        async with books.open() as ledger:
            # Two GPUs take 1,000 weighted tokens an hour, a call is 100 + 4 x 10 = 140: seven fit.
            for minute in range(8):
                await books.call(ledger, f"2026-11-02T10:{minute:02}")
            await books.call(ledger, "2026-11-02T10:30", model="not theirs")
            rack = OwnRack(own, gpus=2, weighted_per_gpu_hour=500, models=frozenset({"asked"}))
            found = await replay(ledger, past.BOOK, *day, "as-it-was", own=rack)
            each = cost(DEAR, input=100, output=10)
            assert found.by_target == {"own GPUs": 7, "dear/big": 2}
            assert found.fixed_pico == round(own.hour().total_usd * 2 * 24 * PICO)
            assert found.actual_pico == 9 * each
            assert found.replayed_pico == 2 * each + found.fixed_pico
            assert found.own_share == pytest.approx(7 / 9)

    asyncio.run(go())


def test_own_gpus_from_a_file() -> None:
    rack = rack_of("gpus: 8\nweighted_per_gpu_hour: 4e6\nmodels: [small]\npue: 1.2\n")
    assert (rack.ownership.pue, rack.models) == (1.2, frozenset({"small"}))
    for text, told in (
        ("gpus: 8", "weighted_per_gpu_hour is missing"),
        ("gpus: 0\nweighted_per_gpu_hour: 1.0", "own GPUs"),
        ("gpus: 1\nweighted_per_gpu_hour: 1.0\npeu: 1.2", "did you mean 'pue'"),
        ("gpus: 1\nweighted_per_gpu_hour: 1.0\npue: 0.2", "pue is impossible"),
    ):
        with pytest.raises(InputError, match=told):
            rack_of(text)
