"""What becomes of one attempt in the books: its usage, its charge, its health, its settlement, once.

The provider's usage wins. The price is that of the model that answered; what the provider itself says the call cost is
kept beside it, and a difference is a posting of its own. Without usage the call is estimated from what was sent and
seen, never above what was reserved for it.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime
from time import perf_counter
from typing import Final, Literal

from supercycle.gateway.door.context import Context
from supercycle.gateway.door.exchange import Exchange
from supercycle.gateway.door.market import excess_of
from supercycle.gateway.door.responses import FailedAttempt
from supercycle.gateway.ledger.entries import Attempt
from supercycle.gateway.prices.money import PICO
from supercycle.gateway.prices.settle import Charge, Unpriced, price_of
from supercycle.gateway.reports.telemetry import OPERATIONS, attributes
from supercycle.gateway.routes.providers import Target
from supercycle.gateway.speech.stream import Tee
from supercycle.gateway.speech.usage import Usage, UsageTally, estimated

__all__ = ["OVERLOADED", "Booking"]

Outcome = Literal["settled", "estimated", "void"]
Fact = tuple[str, str, int | None]
OVERLOADED: Final = frozenset({429, 529})
# Kinds whose stated cost is what they bill; of others it is kept and compared, but not booked.
_BILLED_AS_STATED: Final = frozenset({"openrouter", "perplexity", "x-ai"})
_APART: Final = 0.01  # of the cost: from here on two statements of it are a difference


class Booking:
    """The books of one attempt. ``ttft_s`` is set when its first byte is there, ``tee`` when it streams."""

    __slots__ = (
        "_at", "_attempt", "_begun", "_context", "_exchange", "_target", "booked", "facts", "settled", "tally", "tee",
        "ttft_s",
    )  # fmt: skip

    def __init__(
        self,
        context: Context,
        exchange: Exchange,
        target: Target,
        attempt: Attempt,
        at: datetime,
        dialect: str,
    ) -> None:
        self._context = context
        self._exchange = exchange
        self._target = target
        self._attempt = attempt
        self._at = at
        self._begun = perf_counter()
        self.tally = UsageTally(dialect)
        self.tee: Tee | None = None
        self.ttft_s: float | None = None
        self.facts: tuple[Fact, ...] = ()
        self.settled = False
        self.booked: asyncio.Future[int] | None = None  # done when the end is durable

    def first_byte(self) -> None:
        """The answer begins."""
        self.ttft_s = perf_counter() - self._begun

    def estimate(self, output_tokens: int | None = None) -> Usage:
        """The usage of what was sent and seen, with what the provider did say."""
        stated = self.tally.usage()
        seen = output_tokens if output_tokens is not None else self.tee.output_tokens_seen if self.tee else 0
        if stated is None:
            return estimated(self._context.router.input_tokens(self._exchange.call, self._target), seen)
        counts = {**stated.counts, "output": max(stated.of("output"), seen)}
        return Usage(counts, stated.tier, "estimated", stated.region, stated.unmetered)

    def charge(self, usage: Usage) -> Charge | Unpriced:
        """What a usage costs, at the price of the model that answered."""
        prices, asked = self._target.provider.prices, self._target.model
        book = self._context.book
        answered = self.tally.model
        if answered and answered != asked:
            known, meant = book.find(prices, answered), book.find(prices, asked)
            if known is not None and known is not meant:
                return price_of(book, prices, answered, usage, self._at)
        return price_of(book, prices, asked, usage, self._at)

    def progress_pico(self) -> int | None:
        """What the call would cost if it ended now; None when that has no price."""
        charge = self.charge(self.estimate())
        return charge.total_pico if isinstance(charge, Charge) else None

    @property
    def key(self) -> tuple[str, int]:
        """The attempt, as the ledger names it."""
        return self._attempt.request_id, self._attempt.n

    @property
    def at(self) -> datetime:
        """The moment whose prices hold."""
        return self._at

    # --- how it ends

    def answered(
        self, outcome: Literal["settled", "estimated"], usage: Usage, charge: Charge | Unpriced, status: int
    ) -> None:
        """A call that went well: its health, its warmth, its settlement."""
        router, target, exchange = self._context.router, self._target, self._exchange
        seconds = perf_counter() - self._begun
        measured = usage if outcome == "settled" else None
        router.answered(exchange.call, exchange.model, target, self.ttft_s or seconds, seconds, measured)
        if outcome == "settled" and exchange.several:
            router.warmed(exchange.call, target, exchange.principal.key_id, usage.prompt)
        self._write(outcome, usage, charge, status, final=True, excess=self._excess(usage, charge))

    def _excess(self, usage: Usage, charge: Charge | Unpriced) -> tuple[int, str] | None:
        """What was paid above the cheapest that was good enough."""
        if self._exchange.decision is None or not isinstance(charge, Charge):
            return None
        record, targets = self._exchange.decision
        return excess_of(
            self._context.book, record, targets, self._target, usage, charge.total_pico, self._at,
            attempt=self._attempt.n,
        )  # fmt: skip

    def failed(self, failure: FailedAttempt, *, final: bool) -> None:
        """An attempt without an answer: free when the provider said no, estimated when it may have worked."""
        health, now = self._context.router.health(self._target), self._context.clock()
        if failure.status in OVERLOADED and self._context.upstream.has_another_key(self._target.provider):
            health.ended()  # it is one key of several that has to wait
        elif failure.status in OVERLOADED:
            health.overloaded(now, failure.retry_after_s)
        elif failure.blame:
            health.failed(
                now,
                self._exchange.principal.key_id,
                self._exchange.fingerprinted(),
                certain=not failure.headers or (failure.status == 502 and not failure.sent),
            )
        else:
            health.ended()
        status = failure.status if failure.headers else None
        self.facts += failure.facts
        if failure.sent:
            self.settle("estimated", self.estimate(), status, final=final)
        else:
            self.settle("void", None, status, final=final)

    def broke_off(self, status: int) -> None:
        """The answer broke off after its first byte: the target's failure, booked by what was seen."""
        self._context.router.health(self._target).failed(
            self._context.clock(), self._exchange.principal.key_id, self._exchange.fingerprinted()
        )
        self.settle("estimated", self.estimate(), status)

    def abandoned(self) -> None:
        """The client went away, or the server stops: booked as the provider's policy says."""
        if self.settled:
            return
        self._context.router.health(self._target).ended()
        if self._target.provider.disconnect == "cancel-free" and self._exchange.gone:
            self.settle("void", None)
        else:
            self.settle("estimated", self.estimate())

    def unknown(self, reason: str) -> None:
        """What it cost will not be known: the estimate is charged, the rest of the reserve is held."""
        if self.settled:
            return
        usage = self.estimate()
        charge = self.charge(usage)
        partial = charge if isinstance(charge, Charge) else charge.partial
        self._write("estimated", usage, Unpriced(reason, partial), None, final=True)

    def settle(
        self, outcome: Outcome, usage: Usage | None, status: int | None = None, *, final: bool = True
    ) -> None:
        """Book the end of the attempt; a second time is nothing."""
        if not self.settled:
            self._write(outcome, usage, None if usage is None else self.charge(usage), status, final=final)

    def _write(
        self,
        outcome: Outcome,
        usage: Usage | None,
        charge: Charge | Unpriced | None,
        status: int | None,
        *,
        final: bool,
        excess: tuple[int, str] | None = None,
    ) -> None:
        self.settled = True
        seconds = perf_counter() - self._begun
        # The first byte of a whole answer is not a first token.
        ttft_ms = None if self.ttft_s is None or self.tee is None else self.ttft_s * 1000
        context, exchange, target = self._context, self._exchange, self._target
        reserve = self._attempt.reserve_pico
        if (
            outcome == "estimated"
            and isinstance(charge, Charge)
            and usage is not None
            and reserve is not None
        ):
            usage, charge = self._within(usage, charge, reserve)
        stated = self._stated(charge)
        if excess is None and not final and isinstance(charge, Charge) and charge.total_pico:
            excess = (charge.total_pico, "an attempt without an answer")
        booked = context.ledger.settle(
            self._attempt, charge, usage, outcome, status, ttft_ms, seconds * 1000,
            final=final, facts=self.facts, stated_pico=stated, excess=excess,
        )  # fmt: skip
        self.booked = booked
        context.booked(booked)
        if context.spans is not None:
            shown = attributes(
                context.spans.version,
                dialect=exchange.dialect,
                kind=target.provider.kind,
                asked=exchange.call.model,
                model=target.model,
                counts=usage.counts if usage else {},
                status=status,
            )
            failed = status is None or status >= 400
            context.spans.write(exchange.id, self._attempt.begun_us, seconds, shown, failed=failed)
        exchange.call.used_tokens += usage.prompt + usage.of("output") if usage else 0
        context.router.paid(charge.total_pico if isinstance(charge, Charge) else 0)
        context.metrics.attempt(
            target.provider.name,
            target.model,
            outcome,
            OPERATIONS[exchange.dialect],
            self.ttft_s,
            seconds,
            usage.counts if usage else {},
            charge.total_pico if isinstance(charge, Charge) else 0,
        )

    def _within(self, usage: Usage, charge: Charge, reserve: int) -> tuple[Usage, Charge]:
        """An estimate is ours, so it never passes the bound that is a proof: less output is assumed."""
        if charge.total_pico <= reserve:
            return usage, charge
        output = next((line for line in charge.lines if line.kind == "output"), None)
        if output is not None and output.rate_pico:
            over = -(-(charge.total_pico - reserve) // output.rate_pico)
            usage = replace(
                usage, counts={**usage.counts, "output": max(0, output.count - over), "reasoning": 0}
            )
            again = self.charge(usage)
            if isinstance(again, Charge) and again.total_pico <= reserve:
                return usage, again
        usage = estimated(0, 0, usage.tier)
        nothing = self.charge(usage)
        return usage, nothing if isinstance(nothing, Charge) else Charge((), 0)

    def _stated(self, charge: Charge | Unpriced | None) -> int | None:
        """What the provider says it bills, where it is to be booked; all it says is kept as facts."""
        answered, target = self.tally.model, self._target
        if answered and answered != target.model:
            book, prices = self._context.book, target.provider.prices
            known = book.find(prices, answered)
            if known is None or known is not book.find(prices, target.model):
                self.facts += (("answered_model", answered[:200], None),)
        usd = self.tally.stated_usd
        if usd is None:
            return None
        stated = round(usd * PICO)
        own = charge.total_pico if isinstance(charge, Charge) else None
        apart = own is None or abs(stated - own) > _APART * max(own, stated)
        self.facts += (("stated_cost", "differs from usage x price" if apart else "agrees", stated),)
        return stated if apart and stated and target.provider.kind in _BILLED_AS_STATED else None
