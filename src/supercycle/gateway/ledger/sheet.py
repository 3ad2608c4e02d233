"""The rows that a decision of the books makes: postings, balances with their alerts, rollups, events."""

from __future__ import annotations

from collections.abc import Mapping
from operator import add
from typing import Literal

from supercycle.gateway.ledger.budgets import HOUR_US, BalanceKey, Budget, burn_multiple, marks_passed
from supercycle.gateway.ledger.entries import Alert, Attempt, Settlement, State
from supercycle.gateway.ledger.rows import ADDED, ROLLUPS, Before, Key, Rows

__all__ = ["Sheet"]


class Sheet:
    """What one transaction will write, and what it found before."""

    def __init__(self, now_us: int) -> None:
        self.rows = Rows()
        self.events: list[Settlement | Alert] = []
        self.now_us = now_us
        self.before = Before()

    def post(self, key: Key, kind: str, seq: int, pico: int, source: str) -> None:
        """Add a posting."""
        self.rows.chained["posting"].append((*key, kind, seq, pico, self.now_us, source))

    def move(self, attempt: Attempt, spent: int = 0, reserved: int = 0) -> None:
        """Change the balances of the path, and say which marks that passes."""
        if not self.before.budgets:
            return
        for account in attempt.accounts:
            budgets = self.before.budgets.get(account, ())
            windows = [budget.window_at(attempt.begun_us) for budget in budgets]
            # Budgets of one account share the balance of the hour, which only ever counts what was spent.
            hours = [key for key in dict.fromkeys(b.hours_at(attempt.begun_us)[:1] for b in budgets) if key]
            for key, held_back in [*((w, reserved) for w in windows if w), *((h[0], 0) for h in hours)]:
                held = self.before.balances[key]
                held.spent_pico += spent
                held.reserved_pico += held_back
                self.rows.balances[key] = held
            if spent > 0:
                for budget, window in zip(budgets, windows, strict=True):
                    if window is not None:
                        self._alert(budget, window, attempt.begun_us, spent)

    def _alert(self, budget: Budget, window: BalanceKey, begun_us: int, paid: int) -> None:
        balances = self.before.balances
        spent = balances[window].spent_pico
        for share in marks_passed(budget.shares, budget.limit_pico, spent - paid, spent):
            self._mark(budget, window[2], "share", share, spent)
        if budget.burn is not None:
            now, last = (balances[key].spent_pico for key in budget.hours_at(begun_us))
            pace = [burn_multiple(budget, begun_us, spent_now, last) for spent_now in (now - paid, now)]
            if pace[0] < budget.burn <= pace[1]:
                self._mark(budget, window[2], "burn", budget.burn, spent)

    def announce(
        self,
        attempt: Attempt,
        state: State,
        cost: int | None,
        counts: Mapping[str, int],
        status: int | None,
        ttft_ms: float | None,
        duration_ms: float | None,
    ) -> None:
        """Say that an attempt is over, to whoever listens."""
        self.events.append(Settlement(
            attempt.request_id, attempt.n, attempt.key_id, attempt.model, attempt.provider, state, cost or 0,
            cost is not None, counts, status, ttft_ms, duration_ms, self.now_us,
        ))  # fmt: skip

    def _mark(
        self, budget: Budget, start: int, kind: Literal["share", "burn"], mark: float, spent: int
    ) -> None:
        self.rows.alerts.append((
            budget.account, budget.period, start, kind, round(mark * 1000), self.now_us, spent, budget.limit_pico,
        ))  # fmt: skip
        self.events.append(
            Alert(budget.account, budget.period, start, kind, mark, spent, budget.limit_pico, self.now_us)
        )

    def roll(self, where: Attempt, spent: int, **sums: float) -> None:
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
