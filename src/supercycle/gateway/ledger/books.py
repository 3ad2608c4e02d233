"""The books: what a group of operations does to them, decided in memory, written in one transaction.

Both stores run the same `Group`: they read what it needs, let it decide in order of arrival, and write its rows. So an
admission that comes after a settlement in the same group already finds the released reserve, and sixty-four admissions
in one group see each other.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence

from supercycle.core.errors import InputError
from supercycle.gateway.ledger.budgets import (
    HOUR_US,
    BalanceKey,
    Budget,
)
from supercycle.gateway.ledger.entries import (
    Admitted,
    Alert,
    Ask,
    Attempt,
    Begin,
    Refused,
    Replayed,
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
from supercycle.gateway.ledger.rows import Before, Booked, Earlier, Key
from supercycle.gateway.ledger.sheet import Sheet
from supercycle.gateway.prices.money import usd_text
from supercycle.gateway.prices.pricebook import Price
from supercycle.gateway.prices.settle import Line

__all__ = ["Group"]

_CACHE = "cache"  # the provider in whose name answers without an attempt are counted
_WRITES = ("cache_write_5m", "cache_write_30m", "cache_write_1h", "cache_write_12h")


class Group(Sheet):
    """Operations that share one transaction: first what they need to know, then what they do."""

    def __init__(
        self,
        operations: Sequence[Operation],
        run_id: int,
        now_us: int,
        price: Callable[[str], Price | None] | None = None,
    ) -> None:
        super().__init__(now_us)
        self.operations = operations
        self._run_id = run_id
        self._price = price
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
        self.before = before
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
                    booked = self.before.booked.get((request_id, n))
                    if booked is not None:  # it is closed in the same group
                        self.before.booked[request_id, n] = booked._replace(progress_pico=pico)
                return None
            case Settle():
                return self._settle(op)
            case Adjust():
                booked = self.before.booked.get(op.key)
                if booked is None or booked.state is None:
                    got = "no such attempt" if booked is None else "an attempt under way"
                    raise InputError("adjustment", expected="an attempt that is over", got=got, where=op.key)
                return self._adjust(booked, op.actual_pico, op.source)
            case Close():
                return self._close(op)

    def _admit(self, op: Admit) -> Answer:
        ask = op.ask
        once = (ask.principal.key_id, ask.idempotency_key or "")
        earlier = self.before.earlier.get(once) if ask.idempotency_key is not None else None
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
            self.before.earlier[once] = Earlier(ask.request_id, ask.fingerprint, None, None, 0)
        if op.begin is not None:
            return self._begin(ask, 1, op.begin)
        if ask.idempotency_key is not None:
            self.before.earlier[once] = Earlier(ask.request_id, ask.fingerprint, "settled", 200, 0)
        whole = Attempt(
            ask.request_id, 0, ask.principal.key_id, ask.model, _CACHE, "", None, (), self.now_us, ask.tags
        )
        self.roll(whole, 0, requests=1)
        self.announce(whole, "settled", 0, {}, 200, None, None)
        return Admitted(ask.request_id)

    def _refused(self, ask: Ask, begin: Begin) -> Refused | None:
        """The first account of the path without room for the upper bound; a budgeted path without one is refused."""
        for account in _path(ask, begin):
            for budget in self.before.budgets.get(account, ()):
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
                held = self.before.balances[window]
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
            self.post(key, "reserve", 0, begin.reserve_pico, "upper bound")
            self.move(attempt, reserved=begin.reserve_pico)
        return attempt

    def _settle(self, op: Settle) -> int:
        attempt = op.attempt
        key = attempt[:2]
        cost = op.charge.total_pico if op.charge else None
        over = self.before.outcomes.get(key)
        if over is not None:
            state, stated = over
            booked = self.before.booked.get(key)
            if state != "orphaned" or booked is None or cost is None:
                return stated  # the same settlement again, or nothing better is known
            # Another instance thought this one dead. What was really used replaces the estimate.
            if not booked.used:
                self._used(key, op)
                booked = self.before.booked[key] = booked._replace(used=True)
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
        if op.excess is not None:
            pico, reason = op.excess
            market = (attempt.begun_us - attempt.begun_us % HOUR_US, attempt.key_id, reason)
            row = self.rows.rollup_market.setdefault(market, [0, 0])
            row[0] += 1
            row[1] += pico
        if op.stated_pico is not None:
            booked = Booked(attempt, state, True, cost or 0, 1, True, held_pico=held)
            self._adjust(self.before.booked.get(key, booked), op.stated_pico, "the cost the provider stated")
            return op.stated_pico
        return cost or 0

    def _budgeted(self, attempt: Attempt) -> bool:
        return any(self.before.budgets.get(account) for account in attempt.accounts)

    def _close(self, op: Close) -> int:
        booked = self.before.booked.get(op.key)
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
        self.before.outcomes[key] = (state, cost or 0)
        booked = self.before.booked.get(key)
        if booked is not None:  # for what follows in the same group
            self.before.booked[key] = booked._replace(
                state=state, net_pico=cost or 0, used=bool(counts), held_pico=held_pico
            )
        self.rows.chained["outcome"].append((*key, state, int(final), self.now_us, cost, *facts))
        self.rows.closed.append(key)
        if attempt.reserve_pico is not None:
            self.post(key, "release", 0, -attempt.reserve_pico, "over")
        if cost:
            self.post(key, "charge", 0, cost, note or "usage x price")
        if held_pico:
            self.rows.chained["hold"].append((*key, 0, held_pico, self.now_us, note or "not known"))
        self.move(attempt, spent=cost or 0, reserved=held_pico - (attempt.reserve_pico or 0))
        if attempt.reserve_pico is not None and (cost or 0) > attempt.reserve_pico:
            self._close_budgets(attempt, cost or 0, attempt.reserve_pico)
        named = {state: 1} if state in ("estimated", "orphaned", "void") else {}
        self.roll(
            attempt, cost or 0, requests=int(final), attempts=1, unpriced=int(cost is None),
            input=counts.get("input", 0), cached=counts.get("cached", 0),
            cache_write=sum(counts.get(kind, 0) for kind in _WRITES),
            output=counts.get("output", 0), reasoning=counts.get("reasoning", 0),
            ttft_n=int(ttft_ms is not None), ttft_ms=ttft_ms or 0.0, duration_ms=duration_ms or 0.0, **named,
        )  # fmt: skip
        self.announce(attempt, state, cost, counts, status, ttft_ms, duration_ms)

    def _close_budgets(self, attempt: Attempt, cost: int, reserve: int) -> None:
        """An answer cost more than its bound: no further call is admitted on its accounts until a person looks."""
        why = (
            f"request {attempt.request_id} cost {usd_text(cost)} USD at {attempt.provider}/{attempt.upstream_model}, "
            f"above the {usd_text(reserve)} USD reserved for it"
        )
        for account in attempt.accounts:
            for budget in self.before.budgets.get(account, ()):
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
            self.move(attempt, reserved=-booked.held_pico)
            booked = self.before.booked[key] = booked._replace(held_pico=0)
        if delta == 0:
            return 0
        self.post(key, "adjust", booked.next_seq, delta, source)
        self.before.booked[key] = booked._replace(net_pico=actual_pico, next_seq=booked.next_seq + 1)
        self.move(attempt, spent=delta)
        self.roll(attempt, delta)
        return delta


def _path(ask: Ask, begin: Begin) -> tuple[str, ...]:
    return (*ask.principal.accounts, f"provider:{begin.provider}")


def _level(accounts: Iterable[str], level: str) -> str | None:
    return next((account for account in accounts if account.startswith(f"{level}:")), None)
