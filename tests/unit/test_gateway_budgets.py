"""Budgets hold, whoever asks at once and wherever: ten reservations of room are ten calls."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from supercycle.core.errors import InputError, UnknownNameError
from supercycle.gateway.ledger import ledger as ledger_module
from supercycle.gateway.ledger.budgets import HOUR_US, checked_budget
from supercycle.gateway.ledger.entries import Alert, Attempt, Refused, now_us

RESERVE = 100


async def _sixty_four(place: Any, ledgers: list[Any], who: Any) -> list[Any]:
    """64 calls at once, spread over the instances; nobody answers before all are decided."""
    return await asyncio.gather(*(place.call(ledgers[i % len(ledgers)], who, RESERVE) for i in range(64)))


@pytest.mark.parametrize("level", ["key", "project", "org", "provider"])
def test_room_for_ten_is_ten_calls(place: Any, kit: Any, level: str) -> None:
    async def go() -> None:
        async with place.open() as ledger:
            who = await place.caller(ledger, project="p", org="o")
            account = {
                "key": who.accounts[0],
                "project": "project:p",
                "org": "org:o",
                "provider": "provider:mock",
            }
            await ledger.set_budget(account[level], 10 * RESERVE + 9, "day")
            answers = await _sixty_four(place, [ledger], who)
            admitted = [a for a in answers if isinstance(a, Attempt)]
            assert len(admitted) == 10
            refusals = [a for a in answers if isinstance(a, Refused)]
            assert len(refusals) == 54
            assert {(r.reason, r.account) for r in refusals} == {("budget", account[level])}
            # What is not used comes back: ten calls at half their bound leave room for five more.
            for attempt in admitted:
                await ledger.settle(attempt, kit.charge(25), kit.usage(25), "settled", 200)
            assert sum(isinstance(a, Attempt) for a in await _sixty_four(place, [ledger], who)) == 5
            await place.sound(ledger)

    asyncio.run(go())


def test_room_for_ten_is_ten_calls_on_two_instances(postgres: str, tmp_path: Any, kit: Any) -> None:
    async def go() -> None:
        place = kit.Place(postgres, tmp_path)
        async with place.open() as one, place.open() as other:
            who = await place.caller(one, project="p", org="o")
            for account in (*who.accounts, "provider:mock"):
                await one.set_budget(account, 10 * RESERVE, "month")
            for round_ in range(5):
                answers = await asyncio.wait_for(_sixty_four(place, [one, other], who), 20)
                admitted = [a for a in answers if isinstance(a, Attempt)]
                assert len(admitted) == 10, round_
                # Each is settled by the other instance: an attempt belongs to the ledger, not to a process.
                await asyncio.gather(*(other.settle(a, None, None, "void") for a in admitted))
            await place.sound(other)

    asyncio.run(go())


def test_every_account_of_the_path_must_have_room(place: Any, kit: Any) -> None:
    async def go() -> None:
        async with place.open() as ledger:
            first = await place.caller(ledger, project="p", org="o")
            second = await place.caller(ledger, project="q", org="o")
            await ledger.set_budget(first.accounts[0], 300, "day")
            await ledger.set_budget("org:o", 500, "month")
            for _ in range(3):
                await place.paid(ledger, first, 50)
            refused = await place.call(ledger, first, 1)
            assert (refused.account, refused.window, refused.spent_pico) == (first.accounts[0], "day", 300)
            await place.paid(ledger, second, 50)
            refused = await place.call(ledger, second, 101)
            assert (refused.account, refused.window, refused.spent_pico) == ("org:o", "month", 400)
            await place.paid(ledger, second, 50)
            assert {b["account"]: b["spent"] for b in await ledger.budgets()} == {
                first.accounts[0]: 300, "org:o": 500,
            }  # fmt: skip
            await place.sound(ledger)

    asyncio.run(go())


def test_a_budget_set_late_knows_what_was_spent_and_what_is_under_way(place: Any, kit: Any) -> None:
    async def go() -> None:
        async with place.open() as ledger:
            who, other = await place.caller(ledger, project="p"), await place.caller(ledger, project="q")
            await place.paid(ledger, who, 50)
            await place.paid(ledger, other, 9)
            running = await place.call(ledger, who, 70)
            for account in (*who.accounts, "provider:mock"):
                await ledger.set_budget(account, 250, "day", burn=2)
            found = {b["account"]: (b["spent"], b["reserved"]) for b in await ledger.budgets()}
            assert found == {who.accounts[0]: (100, 70), "project:p": (100, 70), "provider:mock": (118, 70)}
            await ledger.settle(running, kit.charge(30), kit.usage(30), "settled")
            await place.sound(ledger)
            await ledger.set_budget("project:p", 1000, "day")  # a new limit for the same account
            assert {b["account"]: b["spent"] for b in await ledger.budgets()}["project:p"] == 160
            await ledger.remove_budget("project:p", "day")
            with pytest.raises(UnknownNameError, match="unknown budget 'project:p day'"):
                await ledger.remove_budget("project:p", "day")
            await place.sound(ledger)

    asyncio.run(go())


def test_a_window_begins_with_nothing_spent_and_keeps_what_began_in_it(
    place: Any, kit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from supercycle.gateway.ledger import budget_rows, writer

    clock = [now_us()]
    clock[0] -= clock[0] % (24 * HOUR_US) - 23 * HOUR_US  # 23:00 UTC

    async def go() -> None:
        async with place.open() as ledger:
            for module in (writer, ledger_module, budget_rows):
                monkeypatch.setattr(module, "now_us", lambda: clock[0])
            who = await place.caller(ledger)
            await ledger.set_budget(who.accounts[0], 100, "day")
            overnight = await place.call(ledger, who, 100)
            assert isinstance(await place.call(ledger, who, 1), Refused)
            clock[0] += 2 * HOUR_US  # 01:00 of the next day
            fresh = await place.call(ledger, who, 100)
            assert isinstance(fresh, Attempt)
            # The answer of the night belongs to the day in which it began.
            await ledger.settle(overnight, kit.charge(40), kit.usage(40), "settled")
            (budget,) = await ledger.budgets()
            assert (budget["spent"], budget["reserved"]) == (0, 100)
            await ledger.settle(fresh, kit.charge(10), kit.usage(10), "settled")
            assert (await ledger.budgets())[0]["spent"] == 20
            await place.sound(ledger)

    asyncio.run(go())


def test_a_clock_that_lags_behind_a_budgets_first_window_is_not_an_error(
    place: Any, kit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from supercycle.gateway.ledger import writer

    async def go() -> None:
        async with place.open() as ledger:
            who = await place.caller(ledger)
            await ledger.set_budget(who.accounts[0], 100, "day", burn=2)
            yesterday = now_us() - 24 * HOUR_US
            with monkeypatch.context() as patch:
                patch.setattr(writer, "now_us", lambda: yesterday)
                attempt = await place.call(ledger, who, 500)
                await ledger.settle(attempt, kit.charge(200), kit.usage(200), "settled")
            (budget,) = await ledger.budgets()
            assert (budget["spent"], budget["reserved"]) == (0, 0)
            await place.sound(ledger)

    asyncio.run(go())


def test_marks_are_told_once_and_the_burn_rate_early(place: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from supercycle.gateway.ledger import writer

    clock = [now_us()]
    clock[0] -= clock[0] % (24 * HOUR_US)  # midnight: the last hour is all there is

    async def go() -> None:
        async with place.open() as ledger:
            for module in (writer, ledger_module):
                monkeypatch.setattr(module, "now_us", lambda: clock[0])
            who = await place.caller(ledger)
            # 2400 a day is 100 an hour: an hour that spends 300 burns at three times the pace.
            await ledger.set_budget(who.accounts[0], 2400, "day", burn=3)
            told: list[Any] = []

            async def listen() -> None:
                async for event in ledger.events():
                    if isinstance(event, Alert):
                        told.append((event.kind, event.mark, event.spent_pico))

            listening = asyncio.create_task(listen())
            await asyncio.sleep(0)
            for tokens in (100, 49, 1, 450, 360, 239, 1):  # x 2 pico: 200, 298, 300, 1200, 1920, 2398, 2400
                await place.paid(ledger, who, tokens)
            await asyncio.sleep(0.01)
            listening.cancel()
            assert told == [
                ("burn", 3, 300),
                ("share", 0.5, 1200),
                ("share", 0.8, 1920),
                ("share", 1.0, 2400),
            ]
            alerts = await ledger.store.fetch("SELECT * FROM alert ORDER BY at_us, mark_milli")
            assert sorted((a["spent"], a["kind"], a["mark_milli"]) for a in alerts) == [
                (300, "burn", 3000), (1200, "share", 500), (1920, "share", 800), (2400, "share", 1000),
            ]  # fmt: skip

    asyncio.run(go())


def test_two_instances_that_lock_the_same_accounts_never_deadlock(
    postgres: str, tmp_path: Any, kit: Any
) -> None:
    """Callers whose paths cross in every order, on two instances: all is decided, and the books are sound."""

    async def go() -> None:
        place = kit.Place(postgres, tmp_path)
        async with place.open() as one, place.open() as other:
            callers = [await place.caller(one, project=p, org=o) for p in "ab" for o in "xy"]
            for account in ("project:a", "project:b", "org:x", "org:y", "provider:mock", "provider:own"):
                await one.set_budget(account, 40 * RESERVE, "day")
            calls = [
                place.call(ledger, who, RESERVE, provider, idempotency_key=f"{i}")
                for i in range(12)
                for who in callers
                for provider, ledger in (("mock", one), ("own", other))
            ]
            answers = await asyncio.wait_for(asyncio.gather(*calls), 30)
            admitted = [a for a in answers if isinstance(a, Attempt)]
            # Each Idempotency-Key was asked for on both instances, and admitted on one at most.
            assert len({a.request_id for a in admitted}) == len(admitted) <= 48
            assert len(admitted) >= 40
            await asyncio.gather(*(one.settle(a, kit.charge(1), kit.usage(1), "settled") for a in admitted))
            await place.sound(one)

    asyncio.run(go())


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (
            ("team:a", 1, "day"),
            "account: expected key:, project:, org: or provider: and a name, got 'team:a'",
        ),
        (("key:", 1, "day"), "account: expected"),
        (("key:a", -1, "day"), "key:a: budget limit: expected 0 or more pico-USD, got -1"),
        (("key:a", 1, "hour"), "unknown budget period 'hour'"),
        (("key:a", 1, "day", (0.5, 1.5)), "alert shares"),
        (("key:a", 1, "day", (0.5,), 0.0), "burn alert"),
    ],
)
def test_a_budget_that_makes_no_sense_is_refused(wrong: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        checked_budget(*wrong)
