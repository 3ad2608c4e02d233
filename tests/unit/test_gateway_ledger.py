"""What is booked, on both databases: once, exactly, and in an order that a crash can interrupt anywhere."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from supercycle.core.errors import InputError
from supercycle.gateway.ledger import writer
from supercycle.gateway.ledger.budgets import DAY_US, HOUR_US
from supercycle.gateway.ledger.entries import Admitted, Attempt, Begin, Refused, Replayed, Settlement, now_us
from supercycle.gateway.ledger.operations import Close
from supercycle.gateway.prices.settle import Unpriced
from supercycle.gateway.speech.usage import Usage


def test_a_call_from_reserve_to_charge(place: Any, kit: Any) -> None:
    async def go() -> None:
        async with place.open() as ledger:
            who = await place.caller(ledger, project="p", org="o")
            attempt = await place.call(ledger, who, 1000, tags={"team": "a"}, decision_json='{"why": 1}')
            assert attempt.accounts == (f"key:{who.key_id}", "project:p", "org:o", "provider:mock")
            assert await ledger.reads.in_flight() == {"attempts": 1, "reserved": 1000}
            ledger.sent(attempt)
            cost = await ledger.settle(attempt, kit.charge(10, 5), kit.usage(10, 5), "settled", 200, 12.5, 80)
            assert cost == 10 * kit.IN + 5 * kit.OUT
            request = await ledger.reads.request(attempt.request_id)
            assert [(p["kind"], p["pico"]) for p in request["postings"]] == [
                ("reserve", 1000), ("charge", cost), ("release", -1000),
            ]  # fmt: skip
            (row,) = request["attempts"]
            assert (row["state"], row["cost_pico"], row["ttft_ms"], row["duration_ms"]) == (
                "settled",
                cost,
                12.5,
                80,
            )
            assert [(u["kind"], u["count"], u["rate_pico"], u["pico"]) for u in row["usage"]] == [
                ("input", 10, kit.IN, 10 * kit.IN), ("output", 5, kit.OUT, 5 * kit.OUT),
            ]  # fmt: skip
            assert await ledger.reads.in_flight() == {"attempts": 0, "reserved": 0}
            totals = await ledger.reads.totals(0, now_us())
            assert (totals["spent"], totals["requests"], totals["input"]) == (cost, 1, 10)
            assert (await ledger.reads.tags(0, now_us()))[0]["spent"] == cost
            await place.sound(ledger)

    asyncio.run(go())


def test_settling_twice_books_once(place: Any, kit: Any) -> None:
    async def go() -> None:
        async with place.open() as ledger:
            who = await place.caller(ledger)
            attempt = await place.call(ledger, who)
            twice = [ledger.settle(attempt, kit.charge(n), kit.usage(n), "settled") for n in (7, 9)]
            assert await asyncio.gather(*twice) == [7 * kit.IN, 7 * kit.IN]
            assert await ledger.settle(attempt, kit.charge(9), kit.usage(9), "settled") == 7 * kit.IN
            await place.sound(ledger)

    asyncio.run(go())


def test_a_retry_finds_the_released_reserve_in_the_same_commit(place: Any, kit: Any) -> None:
    async def go() -> None:
        async with place.open() as ledger:
            who = await place.caller(ledger)
            await ledger.set_budget(f"key:{who.key_id}", 100, "day")
            ask = place.ask(who)
            first = await ledger.admit_and_begin(ask, Begin("mock", "m", 100))
            assert isinstance(await ledger.begin(ask, 2, Begin("other", "m", 100)), Refused)
            ledger.settle(first, None, None, "void", 503, final=False)
            second = await ledger.begin(ask, 2, Begin("other", "m", 100))
            assert isinstance(second, Attempt)
            # A fallback with a larger bound than the room that is left is refused.
            ledger.settle(second, None, None, "void", 503, final=False)
            refused = await ledger.begin(ask, 3, Begin("dear", "m", 101))
            assert isinstance(refused, Refused)
            assert (refused.reason, refused.limit_pico, refused.asked_pico) == ("budget", 100, 101)
            third = await ledger.begin(ask, 3, Begin("mock", "m", 100))
            await ledger.settle(third, kit.charge(50), kit.usage(50), "settled", 200)
            states = [a["state"] for a in (await ledger.reads.request(ask.request_id))["attempts"]]
            assert states == ["void", "void", "settled"]
            totals = await ledger.reads.totals(0, now_us())
            assert (totals["requests"], totals["attempts"], totals["spent"]) == (1, 3, 100)
            await place.sound(ledger)

    asyncio.run(go())


def test_an_idempotency_key_is_booked_once(place: Any, kit: Any) -> None:
    async def go() -> None:
        async with place.open() as ledger:
            who, other = await place.caller(ledger), await place.caller(ledger)
            named = {"idempotency_key": "once", "fingerprint": "f1"}
            both = await asyncio.gather(*(place.call(ledger, who, **named) for _ in range(5)))
            (attempt,) = [a for a in both if isinstance(a, Attempt)]
            assert {r for r in both if isinstance(r, Replayed)} == {
                Replayed(attempt.request_id, "running", True, None, 0)
            }
            await ledger.settle(attempt, kit.charge(4), kit.usage(4), "settled", 200)
            again = await place.call(ledger, who, idempotency_key="once", fingerprint="f2")
            assert again == Replayed(attempt.request_id, "settled", False, 200, 4 * kit.IN)
            assert isinstance(await place.call(ledger, other, **named), Attempt)  # keys do not share them

    asyncio.run(go())


def test_an_answer_from_the_cache_is_a_request_without_attempt(place: Any) -> None:
    async def go() -> None:
        async with place.open() as ledger:
            who = await place.caller(ledger)
            ask = place.ask(who, idempotency_key="k")
            assert await ledger.admit(ask) == Admitted(ask.request_id)
            assert (await ledger.admit(place.ask(who, idempotency_key="k"))).state == "settled"
            (row,) = await ledger.reads.rollup(0, now_us(), "provider")
            assert (row["provider"], row["requests"], row["attempts"], row["spent"]) == ("cache", 1, 0, 0)
            await place.sound(ledger)

    asyncio.run(go())


def test_no_price_is_not_nothing(place: Any) -> None:
    async def go() -> None:
        async with place.open() as ledger:
            who = await place.caller(ledger)
            attempt = await place.call(ledger, who, None)
            await ledger.settle(attempt, Unpriced("not in the book"), Usage({"input": 5}), "settled", 200)
            (row,) = (await ledger.reads.request(attempt.request_id))["attempts"]
            assert row["cost_pico"] is None
            assert row["note"] == "unpriced: not in the book"
            assert row["usage"][0] | {"rate_pico": None} == {
                "kind": "input", "count": 5, "rate_pico": None, "price_id": None, "pico": None,
            }  # fmt: skip
            assert (await ledger.reads.totals(0, now_us()))["unpriced"] == 1
            # On a budgeted path a call without an upper bound is refused, whichever account has the budget.
            await ledger.set_budget("provider:mock", 10**15, "total")
            refused = await place.call(ledger, who, None)
            assert (refused.reason, refused.account) == ("unbounded", "provider:mock")
            # An invoice gives it a cost after all.
            assert await ledger.adjust(attempt.request_id, 1, 77, "invoice 1") == 77
            await place.sound(ledger)

    asyncio.run(go())


def test_what_loses_its_price_under_way_is_charged_what_has_one_and_the_rest_is_held(
    place: Any, kit: Any
) -> None:
    async def go() -> None:
        async with place.open() as ledger:
            who = await place.caller(ledger)
            await ledger.set_budget(who.accounts[0], 1000, "day")
            attempt = await place.call(ledger, who, 400)
            partly = Unpriced("3 audio: not metered yet", kit.charge(5))
            assert await ledger.settle(attempt, partly, kit.usage(5), "settled", 200) == 5 * kit.IN
            (row,) = (await ledger.reads.request(attempt.request_id))["attempts"]
            assert (row["state"], row["cost_pico"]) == ("estimated", 10)
            assert row["note"].endswith(
                "not metered yet; what has a price is charged, the rest of the reserve is held"
            )
            (budget,) = await ledger.budgets()
            assert (budget["spent"], budget["reserved"], budget["held"]) == (10, 390, 390)
            await place.sound(ledger)
            # The hold takes room, whoever sets the budget anew; an invoice lifts it.
            await ledger.set_budget(who.accounts[0], 500, "day")
            assert isinstance(await place.call(ledger, who, 101), Refused)
            assert await ledger.adjust(attempt.request_id, 1, 25, "invoice") == 15
            (budget,) = await ledger.budgets()
            assert (budget["spent"], budget["reserved"], budget["held"]) == (25, 0, 0)
            await place.sound(ledger)

    asyncio.run(go())


def test_without_a_budget_what_has_no_price_stays_unpriced(place: Any, kit: Any) -> None:
    async def go() -> None:
        async with place.open() as ledger:
            who = await place.caller(ledger)
            attempt = await place.call(ledger, who, 400)
            await ledger.settle(attempt, Unpriced("50 audio"), kit.usage(5), "settled", 200)
            (row,) = (await ledger.reads.request(attempt.request_id))["attempts"]
            assert (row["state"], row["cost_pico"], row["note"]) == ("settled", None, "unpriced: 50 audio")
            await place.sound(ledger)

    asyncio.run(go())


def test_an_answer_above_its_reserve_closes_every_budget_of_its_path_at_once(place: Any, kit: Any) -> None:
    async def go() -> None:
        async with place.open() as ledger:
            who = await place.caller(ledger, project="p")
            other = await place.caller(ledger, project="p")
            stranger = await place.caller(ledger, project="q")
            await ledger.set_budget("project:p", 10_000, "day")
            await ledger.set_budget("project:q", 10_000, "day")
            first, second = [await place.call(ledger, who, 100) for _ in range(2)]
            # In one commit: the overrun, and a call that arrives with it.
            _, late = await asyncio.gather(
                ledger.settle(first, kit.charge(51), kit.usage(51), "settled", 200),
                place.call(ledger, other, 1),
            )
            assert isinstance(late, Refused)
            assert (late.reason, late.account) == ("closed", "project:p")
            assert f"request {first.request_id} cost 0.000000000102 USD" in late.why
            assert isinstance(await place.call(ledger, other, 1), Refused)
            assert isinstance(await place.call(ledger, stranger, 1), Attempt)
            await ledger.settle(second, kit.charge(50), kit.usage(50), "settled", 200)  # what runs is booked
            await ledger.set_budget("project:p", 10_000, "day")  # a person looked
            assert isinstance(await place.call(ledger, other, 1), Attempt)
            await place.sound(ledger)

    asyncio.run(go())


def test_a_correction_is_a_posting_of_its_own_and_comes_once(place: Any, kit: Any) -> None:
    async def go() -> None:
        async with place.open() as ledger:
            who = await place.caller(ledger)
            await ledger.set_budget(f"key:{who.key_id}", 10**6, "month")
            attempt = await place.paid(ledger, who, 50)
            assert [await ledger.adjust(attempt.request_id, 1, to, "invoice") for to in (130, 130, 90)] == [
                30,
                0,
                -40,
            ]
            both = await asyncio.gather(
                *(ledger.adjust(attempt.request_id, 1, 95, "invoice") for _ in range(2))
            )
            assert both == [5, 0]
            assert (await ledger.budgets())[0]["spent"] == 95
            assert (await ledger.reads.totals(0, now_us()))["spent"] == 95
            running = await place.call(ledger, who)
            with pytest.raises(InputError, match="an attempt that is over, got an attempt under way"):
                await ledger.adjust(running.request_id, 1, 5, "invoice")
            with pytest.raises(InputError, match="got no such attempt"):
                await ledger.adjust("nobody", 1, 5, "invoice")
            await place.sound(ledger)

    asyncio.run(go())


def test_what_was_thought_dead_and_answers_late_costs_what_it_cost(place: Any, kit: Any) -> None:
    async def go() -> None:
        async with place.open() as ledger:
            who = await place.caller(ledger)
            await ledger.set_budget(f"key:{who.key_id}", 1000, "day")
            attempt = await place.call(ledger, who, 100)
            ledger.progress(((*attempt[:2], 30),))
            await ledger._writer.submit(Close(attempt[:2], "orphaned"))  # what another instance would book
            (budget,) = await ledger.budgets()
            assert (budget["spent"], budget["held"], budget["reserved"]) == (30, 70, 70)
            await place.sound(ledger)
            assert await ledger.settle(attempt, kit.charge(10), kit.usage(10), "settled", 200) == 10 * kit.IN
            assert await ledger.settle(attempt, kit.charge(10), kit.usage(10), "settled", 200) == 10 * kit.IN
            assert (await ledger.budgets())[0]["spent"] == 10 * kit.IN
            (row,) = (await ledger.reads.request(attempt.request_id))["attempts"]
            assert (row["state"], row["cost_pico"], row["adjusted_pico"]) == ("orphaned", 20, 20 - 30)
            await place.sound(ledger)

    asyncio.run(go())


def test_one_attempt_may_be_ended_and_corrected_within_one_commit(
    place: Any, kit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is booked first ends the attempt; what follows in the same group finds it ended."""

    async def go() -> None:
        async with place.open() as ledger:
            who = await place.caller(ledger)
            await ledger.set_budget(who.accounts[0], 1000, "day")
            submit = ledger._writer.submit

            apart: list[Any] = []
            whole = ledger._writer._alone

            async def alone(batch: Any, error: Any) -> None:
                apart.append(error)
                await whole(batch, error)

            monkeypatch.setattr(ledger._writer, "_alone", alone)

            def settle(attempt: Any, tokens: int) -> Any:
                return ledger.settle(attempt, kit.charge(tokens), kit.usage(tokens), "settled", 200)

            first, second, third = [await place.call(ledger, who, 100) for _ in range(3)]
            orphan_then_settle = [submit(Close(first[:2], "orphaned")), settle(first, 10), settle(first, 10)]
            assert await asyncio.gather(*orphan_then_settle) == [0, 20, 20]
            settle_then_orphan = [settle(second, 10), submit(Close(second[:2], "orphaned"))]
            assert await asyncio.gather(*settle_then_orphan) == [20, 0]
            settle_then_adjust = [settle(third, 10), ledger.adjust(*third[:2], 50, "invoice")]
            assert await asyncio.gather(*settle_then_adjust) == [20, 30]
            (budget,) = await ledger.budgets()
            assert (budget["spent"], budget["reserved"]) == (20 + 20 + 50, 0)
            assert apart == []  # each group was written as a whole
            await place.sound(ledger)

    asyncio.run(go())


def test_a_client_that_leaves_while_its_call_is_booked_leaves_nothing_reserved(place: Any) -> None:
    async def go() -> None:
        async with place.open() as ledger:
            who = await place.caller(ledger)
            await ledger.set_budget(f"key:{who.key_id}", 1000, "day")
            calls = [asyncio.create_task(place.call(ledger, who, 10)) for _ in range(20)]
            for _ in range(3):  # queued, or being committed
                await asyncio.sleep(0)
            for task in calls[::2]:
                task.cancel()
            answers = await asyncio.gather(*calls, return_exceptions=True)
            kept = [a for a in answers if isinstance(a, Attempt)]
            assert len(kept) == 10
            await place.call(ledger, who, 10)  # the undoing is booked before what comes later
            assert (await ledger.reads.in_flight())["attempts"] == 11
            assert (await ledger.budgets())[0]["reserved"] == 110
            await place.sound(ledger)

    asyncio.run(go())


def test_what_the_ledger_cannot_hold_fails_alone(place: Any) -> None:
    async def go() -> None:
        async with place.open() as ledger:
            who = await place.caller(ledger)
            good = [place.call(ledger, who) for _ in range(3)]
            bad = place.call(ledger, who, model="lone \ud800 surrogate")
            answers = await asyncio.gather(*good, bad, return_exceptions=True)
            assert [type(a) for a in answers] == [Attempt, Attempt, Attempt, InputError]
            with pytest.raises(InputError, match="upper bound of a call"):
                await place.call(ledger, who, 2**63)
            attempt = answers[0]
            with pytest.raises(InputError, match="finite number of milliseconds"):
                ledger.settle(attempt, None, None, "void", ttft_ms=float("nan"))
            with pytest.raises(InputError, match="a charge, or that it is unpriced"):
                ledger.settle(attempt, None, None, "settled")
            await place.sound(ledger)

    asyncio.run(go())


def test_events_come_once_committed(place: Any, kit: Any) -> None:
    async def go() -> None:
        async with place.open() as ledger:
            who = await place.caller(ledger)
            events = ledger.events()
            waiting = asyncio.ensure_future(anext(events))
            await asyncio.sleep(0)
            attempt = await place.paid(ledger, who, 3)
            event = await asyncio.wait_for(waiting, 5)
            assert isinstance(event, Settlement)
            assert (event.request_id, event.cost_pico, event.counts) == (
                attempt.request_id,
                3 * kit.IN,
                {"input": 3},
            )
            await events.aclose()

    asyncio.run(go())


def test_pages_and_filters_of_requests(place: Any) -> None:
    async def go() -> None:
        async with place.open() as ledger:
            who = await place.caller(ledger)
            for i in range(7):
                await place.paid(ledger, who, i + 1, model="m" if i % 2 else "x")
            running = await place.call(ledger, who)
            first = await ledger.reads.requests(3)
            assert first[0]["request_id"] == running.request_id
            rest = await ledger.reads.requests(50, before=first[-1]["request_id"])
            assert len(rest) == 5
            assert len(await ledger.reads.requests(50, model="x")) == 4
            assert [r["request_id"] for r in await ledger.reads.requests(state="open")] == [
                running.request_id
            ]
            assert await ledger.reads.requests(key_id="nobody") == []
            found = [row async for row in ledger.reads.attempts(0, now_us())]
            assert len(found) == 8
            assert [row["cost_pico"] for row in found[:2]] == [2, 4]
            assert found[-1]["cost_pico"] is None

    asyncio.run(go())


def test_totals_by_days_and_hours_are_the_sums_of_the_calls(
    place: Any, kit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Calls on five days, at every third hour or so; any period of whole hours adds up, however it is cut into days."""
    today = now_us()
    midnight = today - today % DAY_US - 5 * DAY_US
    clock = [0]

    async def go() -> None:
        async with place.open() as ledger:
            who = await place.caller(ledger)
            monkeypatch.setattr(writer, "now_us", lambda: clock[0])
            booked: list[tuple[int, int]] = []
            for i in range(40):
                clock[0] = midnight + (i * 37 % 120) * HOUR_US + i
                await place.paid(ledger, who, i + 1, model="x" if i % 3 else "y")
                booked.append((clock[0], (i + 1) * kit.IN))
            for first, last in (
                (0, 120),
                (0, 24),
                (5, 7),
                (5, 30),
                (5, 100),
                (24, 72),
                (30, 72),
                (23, 25),
                (7, 7),
            ):
                since, until = midnight + first * HOUR_US, midnight + last * HOUR_US
                expected = sum(cost for at, cost in booked if since <= at < until)
                assert (await ledger.reads.totals(since, until))["spent"] == expected, (first, last)
                by = await ledger.reads.rollup(since, until, "model")
                assert sum(row["spent"] for row in by) == expected
                hours = await ledger.reads.rollup(since, until, "hour_us", "model")
                assert sum(row["spent"] for row in hours) == expected
                for step in (HOUR_US, DAY_US):
                    steps = await ledger.reads.series(since, until, step, "model")
                    if first % 24 == 0 and last % 24 == 0:
                        assert sum(row["spent"] for row in steps) == expected
                        assert all(0 <= row["place"] < (until - since) / step for row in steps)
            await place.sound(ledger)

    asyncio.run(go())
