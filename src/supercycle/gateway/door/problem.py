"""Why a request is answered with an error, in the shape the client's library knows."""

from __future__ import annotations

import orjson

from supercycle.gateway.canon.errors import error_body
from supercycle.gateway.ledger.entries import Refused, Replayed
from supercycle.gateway.prices.money import usd_text

__all__ = ["Problem", "of_refusal", "of_replay"]

Headers = tuple[tuple[bytes, bytes], ...]
# Libraries retry 409, 429 and 5xx by themselves; for what will not change in a moment they are told not to.
_NO_RETRY: Headers = ((b"x-should-retry", b"false"),)


class Problem(Exception):
    """A refusal: a status, a sentence that says what to do, and a code a program can read."""

    def __init__(
        self, status: int, message: str, code: str, *, kind: str = "", retry_after_s: float | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code
        self.kind = kind
        self.headers: Headers = _NO_RETRY
        if retry_after_s is not None:
            self.headers = ((b"retry-after", b"%d" % max(1, round(retry_after_s + 0.5))),)

    def body(self, dialect: str) -> bytes:
        """The reply's body."""
        return orjson.dumps(
            error_body(dialect, self.status, self.message, kind=self._kind(dialect), code=self.code)
        )

    def _kind(self, dialect: str) -> str:
        return "" if dialect == "anthropic.messages" else self.kind


def of_refusal(refused: Refused) -> Problem:
    """What a client is told when the ledger says no."""
    if refused.reason == "unbounded":
        return Problem(
            400,
            f"{refused.account} has a budget, and nothing bounds what this call could cost: {refused.why}",
            "unbounded_cost",
        )
    if refused.reason == "closed":
        return Problem(
            429,
            f"the budget of {refused.account} ({refused.window}) is closed: {refused.why}. "
            "Set the budget again to open it",
            "budget_closed",
            kind="insufficient_quota",
        )
    left = refused.limit_pico - refused.spent_pico - refused.reserved_pico
    return Problem(
        429,
        f"the budget of {refused.account} ({refused.window}) is {usd_text(refused.limit_pico)} USD: "
        f"{usd_text(refused.spent_pico)} spent, {usd_text(refused.reserved_pico)} reserved, {usd_text(left)} left, and "
        f"this call could cost up to {usd_text(refused.asked_pico)}. A lower max_tokens reserves less",
        "budget_exceeded",
        kind="insufficient_quota",
    )


def of_replay(replayed: Replayed) -> Problem:
    """What a client is told whose Idempotency-Key was used before, when that answer is no longer in memory."""
    if not replayed.fingerprint_matches:
        return Problem(
            422,
            f"this Idempotency-Key was used for another body (request {replayed.request_id})",
            "idempotency_key_reused",
        )
    if replayed.state == "running":
        return Problem(
            409,
            f"the first request with this Idempotency-Key ({replayed.request_id}) is still running",
            "idempotency_key_in_use",
            retry_after_s=1.0,
        )
    return Problem(
        409,
        f"this Idempotency-Key belongs to request {replayed.request_id}, which is {replayed.state} at "
        f"{usd_text(replayed.cost_pico)} USD; its answer is no longer kept. Nothing was called or charged again",
        "idempotency_key_done",
    )
