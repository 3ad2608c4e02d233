"""How each target has been doing, and whether it is asked at all.

A circuit opens after ``OPEN_AFTER`` failures in a row and lets one call through when its pause is over; a success
closes it, a failure doubles the pause. Averages forget: each call weighs ``WEIGHT``. The numbers are judgements.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["Health", "State"]

OPEN_AFTER: Final = 5
PAUSE_S: Final = 5.0
LONGEST_PAUSE_S: Final = 300.0
REST_S: Final = 1.0  # after a refusal for rate or load that does not say when to come again
WEIGHT: Final = 0.1
# Before anything was seen: a usual first byte, a usual answer, and one failure in a hundred.
PRIOR_TTFT_S: Final = 0.5
PRIOR_SECONDS: Final = 2.0
PRIOR_FAILURES: Final = 0.01
PRIOR_OUTPUT: Final = 300.0

State = str  # "closed", "open" or "half-open"


@dataclass(slots=True)
class Health:
    """One target. ``failure_share``, ``ttft_s``, ``seconds`` and ``output_tokens`` are averages of recent calls."""

    ttft_s: float = PRIOR_TTFT_S
    seconds: float = PRIOR_SECONDS
    output_tokens: float = PRIOR_OUTPUT
    failure_share: float = PRIOR_FAILURES
    in_flight: int = 0
    failures: int = 0
    pause_s: float = PAUSE_S
    open_until: float = 0.0
    rest_until: float = 0.0
    probing: bool = False

    def state(self, now: float) -> State:
        """closed, open, or half-open: the pause is over and a probe decides."""
        if self.failures < OPEN_AFTER:
            return "closed"
        return "open" if now < self.open_until or self.probing else "half-open"

    def begin(self, now: float) -> None:
        """A call goes out."""
        self.in_flight += 1
        if self.state(now) == "half-open":
            self.probing = True

    def answered(self, ttft_s: float, seconds: float, output_tokens: int | None) -> None:
        """A call came back well."""
        self._end(failed=False)
        self.failures = 0
        self.pause_s = PAUSE_S
        self.ttft_s += WEIGHT * (ttft_s - self.ttft_s)
        self.seconds += WEIGHT * (seconds - self.seconds)
        if output_tokens is not None:
            self.output_tokens += WEIGHT * (output_tokens - self.output_tokens)

    def failed(self, now: float) -> None:
        """A call failed through no fault of the caller: refused, silent, cut."""
        self._end(failed=True)
        self.failures += 1
        if self.failures >= OPEN_AFTER:
            self.open_until = now + self.pause_s
            self.pause_s = min(2 * self.pause_s, LONGEST_PAUSE_S)

    def overloaded(self, now: float, retry_after_s: float) -> None:
        """It asked for time: others come first until then, but it is asked when there is no other."""
        self._end(failed=True)
        self.rest_until = now + min(max(retry_after_s, REST_S), LONGEST_PAUSE_S)

    def ended(self) -> None:
        """A call ended without saying anything about the target: the caller's own mistake, or the caller left."""
        self.in_flight -= 1
        self.probing = False

    def _end(self, *, failed: bool) -> None:
        self.in_flight -= 1
        self.probing = False
        self.failure_share += WEIGHT * (float(failed) - self.failure_share)
