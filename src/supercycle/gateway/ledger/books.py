"""The books: what a group of operations does to them, decided in memory, written in one transaction.

Both stores run the same `Group`: they read what it needs, let it decide in order of arrival, and write its rows. So an
admission that comes after a settlement in the same group already finds the released reserve, and sixty-four admissions
in one group see each other.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import add
from typing import Literal

from supercycle.core.errors import InputError
from supercycle.gateway.ledger.budgets import (
    HOUR_US,
    BalanceKey,
    Budget,
    burn_multiple,
    marks_passed,
)
from supercycle.gateway.ledger.entries import (
    Admitted,
    Alert,
    Ask,
    Attempt,
    Begin,
    Refused,
    Replayed,
    Settlement,
    State,
)
from supercycle.gateway.ledger.operations import (
    Adjust,
    Admit,
    Answer,
    Close,
    Operation,
    Progress,
    Retry,
    Sent,
    Settle,
    stated_estimate,
)
from supercycle.gateway.ledger.rows import ADDED, ROLLUPS, Before, Booked, Earlier, Key, Rows
from supercycle.gateway.prices.money import usd_text
from supercycle.gateway.prices.pricebook import Price
from supercycle.gateway.prices.settle import Line

__all__ = ["Group"]

_CACHE = "cache"  # the provider in whose name answers without an attempt are counted
_WRITES = ("cache_write_5m", "cache_write_30m", "cache_write_1h", "cache_write_12h")


class Group:
    """Operations that share one transaction: first what they need to know, then what they do."""

    def __init__(
        self,
        operations: Sequence[Operation],
        run_id: int,
        now_us: int,
        price: Callable[[str], Price | None] | None = None,
    ) -> None:
        self.operations = operations
        self.rows = Rows()
        self.events: list[Settlement | Alert] = []
        self.now_us = now_us
        self._run_id = run_id
        self._price = price
        self._before = Before()
        self._closed: dict[tuple[str, str], str] = {}  # budgets closed in this group, and why

    # --- what has to be read, in this order

    def wants_outcomes(self) -> set[Key]:
        """Attempts that may be over already: a settlement that comes twice must not be booked twice."""
        return {op.attempt[:2] for op in self.operations if isinstance(op, Settle)}

    def wants_booked(self, outcomes: Mapping[Key, tuple[State, int]]) -> set[Key]:
        """Attempts to be corrected or closed: those named, and those orphaned while their answer was under way."""
        late = {key for key, (state, _) in outcomes.items() if state == "orphaned"}
        return late | {op.key for op in self.operations if isinstance(op, Adjust | Close)}

    def wants_earlier(self) -> set[tuple[str, str]]:
        """Idempotency-Keys that may be taken."""
        return {
            (op.ask.principal.key_id, op.ask.idempotency_key)
            for op in self.operations
            if isinstance(op, Admit) and op.ask.idempotency_key is not None
        }

    def moves(self, booked: Mapping[Key, Booked]) -> list[tuple[tuple[str, ...], int]]:
        """(accounts, begun) of every attempt whose money may move."""
        found = [(b.attempt.accounts, b.attempt.begun_us) for b in booked.values()]
        for op in self.operations:
            if isinstance(op, Settle):
                found.append((op.attempt.accounts, op.attempt.begun_us))
            elif isinstance(op, Admit | Retry) and op.begin is not None:
                found.append((_path(op.ask, op.begin), self.now_us))
        return found

    @staticmethod
    def balances_of(
        moves: Iterable[tuple[tuple[str, ...], int]], budgets: Mapping[str, list[Budget]]
    ) -> list[BalanceKey]:
        """The balances that can move, sorted: every writer locks them in this order."""
        keys: set[BalanceKey] = set()
        for accounts, begun_us in moves:
            for account in accounts:
                for budget in budgets.get(account, ()):
                    window = budget.window_at(begun_us)
                    keys.update(
                        budget.hours_at(begun_us) if window is None else (window, *budget.hours_at(begun_us))
                    )
        return sorted(keys)

    # --- what they do

    def apply(self, before: Before) -> list[Answer | InputError]:
        """Decide each operation in order; an operation that makes no sense answers with its error, alone."""
        self._before = before
        answers: list[Answer | InputError] = []
        for op in self.operations:
            try:
                answers.append(self._one(op))
            except InputError as error:
                answers.append(error)
        return answers

    def _one(self, op: Operation) -> Answer:
        match op:
            case Admit():
                return self._admit(op)
            case Retry():
                refused = self._refused(op.ask, op.begin)
                return refused or self._begin(op.ask, op.n, op.begin)
            case Sent():
                self.rows.sent.append((self.now_us, op.attempt.request_id, op.attempt.n))
                return None
            case Progress():
                for request_id, n, pico in op.seen:
                    self.rows.progress.append((pico, request_id, n))
                    booked = self._before.booked.get((request_id, n))
                    if booked is not None:  # it is closed in the same group
                        self._before.booked[request_id, n] = booked._replace(progress_pico=pico)
                return None
            case Settle():
                return self._settle(op)
            case Adjust():
                booked = self._before.booked.get(op.key)
                if booked is None or booked.state is None:
                    got = "no such attempt" if booked is None else "an attempt under way"
                    raise InputError("adjustment", expected="an attempt that is over", got=got, where=op.key)
                return self._adjust(booked, op.actual_pico, op.source)
            case Close():
                return self._close(op)

    def _admit(self, op: Admit) -> Answer:
        ask = op.ask
        once = (ask.principal.key_id, ask.idempotency_key or "")
        earlier = self._before.earlier.get(once) if ask.idempotency_key is not None else None
        if earlier is not None:
            same = earlier.fingerprint == ask.fingerprint
            state = (
                earlier.state if earlier.state in ("settled", "estimated", "void", "orphaned") else "running"
            )
            return Replayed(earlier.request_id, state, same, earlier.http_status, earlier.cost_pico)
        if op.begin is not None:
            refused = self._refused(ask, op.begin)
            if refused is not None:
                return refused
        project, org = (_level(ask.principal.accounts, level) for level in ("project", "org"))
        self.rows.chained["request"].append((
            ask.request_id, ask.received_us or self.now_us, ask.principal.key_id, project, org, ask.route, ask.model,
            ask.fingerprint, ask.idempotency_key, json.dumps(dict(ask.tags)) if ask.tags else "{}", ask.decision_json,
        ))  # fmt: skip
        if ask.idempotency_key is not None:
            self._before.earlier[once] = Earlier(ask.request_id, ask.fingerprint, None, None, 0)
        if op.begin is not None:
            return self._begin(ask, 1, op.begin)
        if ask.idempotency_key is not None:
            self._before.earlier[once] = Earlier(ask.request_id, ask.fingerprint, "settled", 200, 0)
        whole = Attempt(
            ask.request_id, 0, ask.principal.key_id, ask.model, _CACHE, "", None, (), self.now_us, ask.tags
        )
        self._roll(whole, 0, requests=1)
        self._tell(whole, "settled", 0, {}, 200, None, None)
        return Admitted(ask.request_id)

    def _refused(self, ask: Ask, begin: Begin) -> Refused | None:
        """The first account of the path without room for the upper bound; a budgeted path without one is refused."""
        for account in _path(ask, begin):
            for budget in self._before.budgets.get(account, ()):
                closed = budget.closed_why or self._closed.get((account, budget.period))
                if closed is not None:
                    return Refused("closed", account, budget.period, budget.limit_pico, why=closed)
                if begin.reserve_pico is None:
                    return Refused(
                        "unbounded", account, budget.period, budget.limit_pico, why=begin.unbounded
                    )
                window = budget.window_at(self.now_us)
                if window is None:
                    continue  # a clock that lags behind the one by which the budget was set
                held = self._before.balances[window]
                if held.lacks(budget.limit_pico, begin.reserve_pico):
                    return Refused(
                        "budget", account, budget.period, budget.limit_pico, held.spent_pico, held.reserved_pico,
                        begin.reserve_pico,
                    )  # fmt: skip
        return None

    def _begin(self, ask: Ask, n: int, begin: Begin) -> Attempt:
        attempt = Attempt(
            ask.request_id, n, ask.principal.key_id, ask.model, begin.provider, begin.upstream_model,
            begin.reserve_pico, _path(ask, begin), self.now_us, ask.tags,
        )  # fmt: skip
        key = (ask.request_id, n)
        self.rows.chained["attempt"].append((
            *key, self.now_us, begin.provider, begin.upstream_model, begin.reserve_pico,
            json.dumps(begin.price_ids), self._run_id,
        ))  # fmt: skip
        self.rows.opened.append((*key, self._run_id, begin.expected_pico))
        if begin.reserve_pico is not None:
            self._post(key, "reserve", 0, begin.reserve_pico, "upper bound")
            self._move(attempt, reserved=begin.reserve_pico)
        return attempt

    def _settle(self, op: Settle) -> int:
        attempt = op.attempt
        key = attempt[:2]
        cost = op.charge.total_pico if op.charge else None
        over = self._before.outcomes.get(key)
        if over is not None:
            state, stated = over
            booked = self._before.booked.get(key)
            if state != "orphaned" or booked is None or cost is None:
                return stated  # the same settlement again, or nothing better is known
            # Another instance thought this one dead. What was really used replaces the estimate.
            if not booked.used:
                self._used(key, op)
                booked = self._before.booked[key] = booked._replace(used=True)
            self._adjust(booked, cost, "late settlement")
            return cost
        self._used(key, op)
        state, note, held = op.state, op.note, 0
        if cost is None and attempt.reserve_pico is not None and self._budgeted(attempt):
            # It was admitted with a bound; what has no price must not slip past the budget.
            cost = min(op.partial.total_pico if op.partial else 0, attempt.reserve_pico)
            held = attempt.reserve_pico - cost
            state, note = "estimated", f"{note}; what has a price is charged, the rest of the reserve is held"
        self._finish(
            attempt,
            state,
            cost,
            op.final,
            op.counts,
            (op.tier, note, op.http_status, op.ttft_ms, op.duration_ms),
            held,
        )
        self.rows.chained["fact"] += [(*key, *fact) for fact in op.facts]
        if op.stated_pico is not None:
            booked = Booked(attempt, state, True, cost or 0, 1, True, held_pico=held)
            self._adjust(self._before.booked.get(key, booked), op.stated_pico, "the cost the provider stated")
            return op.stated_pico
        return cost or 0

    def _budgeted(self, attempt: Attempt) -> bool:
        return any(self._before.budgets.get(account) for account in attempt.accounts)

    def _close(self, op: Close) -> int:
        booked = self._before.booked.get(op.key)
        if booked is None or booked.state is not None:
            return 0
        pico, held, note = stated_estimate(op.state, booked.attempt.reserve_pico, booked.progress_pico)
        self._finish(booked.attempt, op.state, pico, True, {}, (None, note, None, None, None), held)
        return pico or 0

    def _finish(
        self,
        attempt: Attempt,
        state: State,
        cost: int | None,
        final: bool,
        counts: Mapping[str, int],
        facts: tuple[str | None, str | None, int | None, float | None, float | None],
        held_pico: int = 0,
    ) -> None:
        """The terminal row, the release of what was reserved, the charge and the hold, the rollup and the event."""
        key = attempt[:2]
        _, note, status, ttft_ms, duration_ms = facts
        self._before.outcomes[key] = (state, cost or 0)
        booked = self._before.booked.get(key)
        if booked is not None:  # for what follows in the same group
            self._before.booked[key] = booked._replace(
                state=state, net_pico=cost or 0, used=bool(counts), held_pico=held_pico
            )
        self.rows.chained["outcome"].append((*key, state, int(final), self.now_us, cost, *facts))
        self.rows.closed.append(key)
        if attempt.reserve_pico is not None:
            self._post(key, "release", 0, -attempt.reserve_pico, "over")
        if cost:
            self._post(key, "charge", 0, cost, note or "usage x price")
        if held_pico:
            self.rows.chained["hold"].append((*key, 0, held_pico, self.now_us, note or "not known"))
        self._move(attempt, spent=cost or 0, reserved=held_pico - (attempt.reserve_pico or 0))
        if attempt.reserve_pico is not None and (cost or 0) > attempt.reserve_pico:
            self._close_budgets(attempt, cost or 0, attempt.reserve_pico)
        named = {state: 1} if state in ("estimated", "orphaned", "void") else {}
        self._roll(
            attempt, cost or 0, requests=int(final), attempts=1, unpriced=int(cost is None),
            input=counts.get("input", 0), cached=counts.get("cached", 0),
            cache_write=sum(counts.get(kind, 0) for kind in _WRITES),
            output=counts.get("output", 0), reasoning=counts.get("reasoning", 0),
            ttft_n=int(ttft_ms is not None), ttft_ms=ttft_ms or 0.0, duration_ms=duration_ms or 0.0, **named,
        )  # fmt: skip
        self._tell(attempt, state, cost, counts, status, ttft_ms, duration_ms)

    def _close_budgets(self, attempt: Attempt, cost: int, reserve: int) -> None:
        """An answer cost more than its bound: no further call is admitted on its accounts until a person looks."""
        why = (
            f"request {attempt.request_id} cost {usd_text(cost)} USD at {attempt.provider}/{attempt.upstream_model}, "
            f"above the {usd_text(reserve)} USD reserved for it"
        )
        for account in attempt.accounts:
            for budget in self._before.budgets.get(account, ()):
                if budget.closed_why is None and (account, budget.period) not in self._closed:
                    self._closed[account, budget.period] = why
                    self.rows.budgets_closed.append((self.now_us, why, account, budget.period))
                    start = budget.window_at(attempt.begun_us)
                    self.events.append(Alert(
                        account, budget.period, start[2] if start else 0, "closed", 1.0, cost, budget.limit_pico,
                        self.now_us, {"why": why},
                    ))  # fmt: skip

    def _used(self, key: Key, op: Settle) -> None:
        """The usage rows: priced lines as charged, other counts as information."""
        charge = op.charge or op.partial
        lines: Mapping[str, Line] = {line.kind: line for line in charge.lines} if charge else {}
        for kind in sorted({*op.counts, *lines}):
            line = lines.get(kind)
            if line is None:
                self.rows.chained["usage"].append((*key, kind, op.counts[kind], None, None, None))
                continue
            self.rows.chained["usage"].append(
                (*key, kind, line.count, line.rate_pico, line.price_id, line.pico)
            )
            if self._price is not None and line.price_id not in self.rows.prices:
                row = self._price(line.price_id)
                if row is not None:
                    self.rows.prices[line.price_id] = row

    def _adjust(self, booked: Booked, actual_pico: int, source: str) -> int:
        delta = actual_pico - booked.net_pico
        attempt = booked.attempt
        key = attempt[:2]
        if booked.held_pico:  # now it is known
            self.rows.chained["hold"].append((*key, 1, -booked.held_pico, self.now_us, source))
            self._move(attempt, reserved=-booked.held_pico)
            booked = self._before.booked[key] = booked._replace(held_pico=0)
        if delta == 0:
            return 0
        self._post(key, "adjust", booked.next_seq, delta, source)
        self._before.booked[key] = booked._replace(net_pico=actual_pico, next_seq=booked.next_seq + 1)
        self._move(attempt, spent=delta)
        self._roll(attempt, delta)
        return delta

    # --- the rows

    def _post(self, key: Key, kind: str, seq: int, pico: int, source: str) -> None:
        self.rows.chained["posting"].append((*key, kind, seq, pico, self.now_us, source))

    def _move(self, attempt: Attempt, spent: int = 0, reserved: int = 0) -> None:
        """Change the balances of the path, and say which marks that passes."""
        for account in attempt.accounts:
            budgets = self._before.budgets.get(account, ())
            windows = [budget.window_at(attempt.begun_us) for budget in budgets]
            # Budgets of one account share the balance of the hour, which only ever counts what was spent.
            hours = [key for key in dict.fromkeys(b.hours_at(attempt.begun_us)[:1] for b in budgets) if key]
            for key, held_back in [*((w, reserved) for w in windows if w), *((h[0], 0) for h in hours)]:
                held = self._before.balances[key]
                held.spent_pico += spent
                held.reserved_pico += held_back
                self.rows.balances[key] = held
            if spent > 0:
                for budget, window in zip(budgets, windows, strict=True):
                    if window is not None:
                        self._alert(budget, window, attempt.begun_us, spent)

    def _alert(self, budget: Budget, window: BalanceKey, begun_us: int, paid: int) -> None:
        balances = self._before.balances
        spent = balances[window].spent_pico
        for share in marks_passed(budget.shares, budget.limit_pico, spent - paid, spent):
            self._say(budget, window[2], "share", share, spent)
        if budget.burn is not None:
            now, last = (balances[key].spent_pico for key in budget.hours_at(begun_us))
            pace = [burn_multiple(budget, begun_us, spent_now, last) for spent_now in (now - paid, now)]
            if pace[0] < budget.burn <= pace[1]:
                self._say(budget, window[2], "burn", budget.burn, spent)

    def _tell(
        self,
        attempt: Attempt,
        state: State,
        cost: int | None,
        counts: Mapping[str, int],
        status: int | None,
        ttft_ms: float | None,
        duration_ms: float | None,
    ) -> None:
        self.events.append(Settlement(
            attempt.request_id, attempt.n, attempt.key_id, attempt.model, attempt.provider, state, cost or 0,
            cost is not None, counts, status, ttft_ms, duration_ms, self.now_us,
        ))  # fmt: skip

    def _say(
        self, budget: Budget, start: int, kind: Literal["share", "burn"], mark: float, spent: int
    ) -> None:
        self.rows.alerts.append((
            budget.account, budget.period, start, kind, round(mark * 1000), self.now_us, spent, budget.limit_pico,
        ))  # fmt: skip
        self.events.append(
            Alert(budget.account, budget.period, start, kind, mark, spent, budget.limit_pico, self.now_us)
        )

    def _roll(self, where: Attempt, spent: int, **sums: float) -> None:
        """Add to the rollups of the hour and of the day in which the attempt began."""
        added = [spent if name == "spent" else sums.get(name, 0) for name in ADDED]
        for table, (_, length_us) in ROLLUPS.items():
            start = where.begun_us - where.begun_us % length_us
            key = (start, where.model, where.key_id, where.provider)
            row = self.rows.rollups[table].get(key)
            self.rows.rollups[table][key] = added if row is None else list(map(add, row, added))
        hour = where.begun_us - where.begun_us % HOUR_US
        for name, value in where.tags.items():
            tag = self.rows.rollup_tag.setdefault((hour, f"{name}={value}"), [0, 0])
            tag[0] += int(sums.get("requests", 0))
            tag[1] += spent


def _path(ask: Ask, begin: Begin) -> tuple[str, ...]:
    return (*ask.principal.accounts, f"provider:{begin.provider}")


def _level(accounts: Iterable[str], level: str) -> str | None:
    return next((account for account in accounts if account.startswith(f"{level}:")), None)
