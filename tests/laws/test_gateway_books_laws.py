"""Whatever calls do and in whatever order: budgets hold, every reserve comes back, and the books are sound."""

from __future__ import annotations

import asyncio
import importlib.util
import sys
import tempfile
from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from supercycle.gateway.ledger.budgets import Balance, marks_passed
from supercycle.gateway.ledger.entries import Attempt, Begin
from supercycle.gateway.ledger.operations import Close
from supercycle.gateway.ledger.store import Sums
from supercycle.gateway.prices.settle import Unpriced

LIMIT = 1000


def _kit() -> ModuleType:
    """The ledger kit beside the tests; tests are files, not a package, so it is loaded by its place."""
    if "gateway_place" not in sys.modules:
        place = Path(__file__).resolve().parents[1] / "gateway_place.py"
        spec = importlib.util.spec_from_file_location("gateway_place", place)
        assert spec is not None
        assert spec.loader is not None
        sys.modules["gateway_place"] = module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return sys.modules["gateway_place"]


# (what, which call, how much): a step of a history. "which" picks among the attempts there are.
STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "call",
                "call",
                "call",
                "settle",
                "void",
                "retry",
                "unpriced",
                "orphan",
                "adjust",
                "again",
                "progress",
            ]
        ),
        st.integers(0, 50),
        st.integers(0, 400),
    ),
    min_size=1,
    max_size=25,
)


@settings(max_examples=25)
@given(STEPS, st.booleans())
def test_any_history_leaves_sound_books(steps: list[tuple[str, int, int]], at_once: bool) -> None:
    kit: Any = _kit()

    async def go(folder: Path) -> None:
        place = kit.Place(str(folder), folder)
        async with place.open() as ledger:
            who = await kit.Place.caller(ledger, project="p")
            await ledger.set_budget("project:p", LIMIT, "total")
            calls: list[tuple[Any, Attempt]] = []

            async def step(what: str, which: int, amount: int) -> None:
                if what == "call" or not calls:
                    ask = place.ask(who)
                    answer = await ledger.admit_and_begin(ask, Begin("mock", "m", amount))
                    if isinstance(answer, Attempt):
                        calls.append((ask, answer))
                    return
                ask, attempt = calls[which % len(calls)]
                if what in ("settle", "again"):
                    tokens = min(amount, (attempt.reserve_pico or 0) // kit.IN)  # never above its bound
                    await ledger.settle(attempt, kit.charge(tokens), kit.usage(tokens), "settled", 200)
                elif what == "unpriced":
                    partly = Unpriced("said so", kit.charge(amount) if amount % 2 else None)
                    await ledger.settle(attempt, partly, kit.usage(amount), "settled", 200)
                elif what == "progress":
                    ledger.progress(((*attempt[:2], amount),))
                elif what == "void":
                    await ledger.settle(attempt, None, None, "void", 503)
                elif what == "orphan":
                    await ledger._writer.submit(Close(attempt[:2], "orphaned"))
                elif (
                    what == "retry"
                    and attempt.n < 3
                    and all(a[:2] != (attempt[0], attempt.n + 1) for _, a in calls)
                ):
                    ledger.settle(attempt, None, None, "void", 503, final=False)
                    answer = await ledger.begin(ask, attempt.n + 1, Begin("mock", "m", amount))
                    if isinstance(answer, Attempt):
                        calls.append((ask, answer))
                elif what == "adjust":
                    rows = await ledger.store.fetch(
                        "SELECT 1 AS one FROM outcome WHERE request_id = $1 AND n = $2", *attempt[:2]
                    )
                    if rows:  # downwards, as invoices of overestimates are; upwards may pass a limit truly
                        await ledger.adjust(*attempt[:2], 0, "invoice")

            if at_once:
                await asyncio.gather(*(step(*s) for s in steps))
            else:
                for s in steps:
                    await step(*s)
                    (budget,) = await ledger.budgets()
                    assert budget["spent"] + budget["reserved"] <= LIMIT
            await place.sound(ledger)
            for _, attempt in calls:  # whatever is still open is given up: what is not known stays held
                await ledger._writer.submit(Close(attempt[:2], "orphaned"))
            (budget,) = await ledger.budgets()
            assert budget["reserved"] == budget["held"]
            assert 0 <= budget["spent"] <= budget["spent"] + budget["held"] <= LIMIT
            await place.sound(ledger)

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(go(Path(folder)))


@given(st.lists(st.integers(-(2**80), 2**80), max_size=20))
def test_a_split_sum_is_the_sum(amounts: list[int]) -> None:
    sums = Sums("sqlite")
    parts = [sums.values(amount) for amount in amounts]
    row = {"spent_hi": sum(hi for hi, _ in parts), "spent_lo": sum(lo for _, lo in parts)}
    assert sums.joined(row) == {"spent": sum(amounts)}
    assert all(0 <= lo < 10**9 for _, lo in parts)


@given(st.lists(st.integers(1, 300), max_size=30), st.integers(1, 3000))
def test_each_mark_is_passed_once_however_spending_is_cut(payments: list[int], limit: int) -> None:
    shares = (0.5, 0.8, 1.0)
    passed: list[float] = []
    spent = 0
    for payment in payments:
        passed += marks_passed(shares, limit, spent, spent + payment)
        spent += payment
    assert passed == [share for share in shares if spent * 1000 >= round(share * 1000) * limit]


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**6))
def test_room_is_what_is_left(spent: int, reserved: int, asked: int, limit: int) -> None:
    assert Balance(spent, reserved).lacks(limit, asked) == (asked > limit - spent - reserved)
