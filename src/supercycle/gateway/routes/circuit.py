"""How each target has been doing, by evidence that fades with time, and whether others should be asked first.

Every average forgets by the clock: evidence of age t counts 2^(-t / half-life), whether or not the target was called
since, so a target that failed is tried again when its failures are old. A refusal for rate or load is no failure, it is
a rest. A circuit opens only on failures of different callers with different requests, and an open circuit puts a
target last; it never makes a model unreachable.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

__all__ = ["Average", "Health", "State"]

# Judgements. Failures: outages are minutes long, so a minute-old failure says half of what a fresh one does. Speed
# drifts with the hour. The weight of what was assumed before anything was seen, in calls.
FAILURE_HALF_LIFE_S: Final = 60.0
SPEED_HALF_LIFE_S: Final = 300.0
PRIOR_CALLS: Final = 2.0
# A circuit opens after failures with so many different bodies, of so many different callers, none in between well.
OPEN_BODIES: Final = 5
OPEN_CALLERS: Final = 2
PAUSE_S: Final = 5.0
LONGEST_PAUSE_S: Final = 60.0
REST_S: Final = 1.0  # after a refusal for rate or load that does not say when to come again
# Before anything was seen: a usual first byte, a usual answer, and one failure in a hundred.
PRIOR_TTFT_S: Final = 0.5
PRIOR_SECONDS: Final = 2.0
PRIOR_FAILURES: Final = 0.01

State = str  # "closed", "open" or "half-open"


@dataclass(slots=True)
class Average:
    """A mean of what was seen, in which age halves the weight every ``half_life_s`` and ``prior`` has its own.

        value = (prior_weight x prior + weight x mean) / (prior_weight + weight)

    >>> average = Average(60.0)
    >>> average.add(1.0, now=0.0)
    >>> round(average.value(0.0, prior=0.01), 4)   # (2 x 0.01 + 1 x 1) / 3
    0.34
    >>> round(average.value(60.0, prior=0.01), 4)  # a minute later: (2 x 0.01 + 0.5 x 1) / 2.5
    0.208
    """

    half_life_s: float
    mean: float = 0.0
    weight: float = 0.0
    at: float = 0.0

    def _faded(self, now: float) -> float:
        return self.weight * 0.5 ** (max(0.0, now - self.at) / self.half_life_s) if self.weight else 0.0

    def add(self, value: float, now: float) -> None:
        """One more observation."""
        weight = self._faded(now)
        self.mean = (weight * self.mean + value) / (weight + 1.0)
        self.weight, self.at = weight + 1.0, now

    def value(self, now: float, prior: float, prior_weight: float = PRIOR_CALLS) -> float:
        """The mean at a moment."""
        weight = self._faded(now)
        return (prior_weight * prior + weight * self.mean) / (prior_weight + weight)

    def evidence(self, now: float) -> float:
        """How many fresh observations it is worth."""
        return self._faded(now)


@dataclass(slots=True)
class Health:
    """One target: its failures, speed and load, and when it was last seen."""

    failing: Average = field(default_factory=lambda: Average(FAILURE_HALF_LIFE_S))
    first_byte: Average = field(default_factory=lambda: Average(SPEED_HALF_LIFE_S))
    whole: Average = field(default_factory=lambda: Average(SPEED_HALF_LIFE_S))
    in_flight: int = 0
    bodies: dict[str, float] = field(
        default_factory=dict[str, float]
    )  # that failed since the last success, and when
    callers: set[str] = field(default_factory=set[str])
    pause_s: float = PAUSE_S
    certain: int = 0  # failures since the last success that no request can cause: no connection
    probed_at: float = -1e9  # when a call last went here to find out
    open_until: float = 0.0
    rest_until: float = 0.0
    seen_at: float = -1e9
    probing: bool = False

    def failure_share(self, now: float) -> float:
        """The share of calls that fail, as it looks now."""
        return self.failing.value(now, PRIOR_FAILURES)

    def ttft_s(self, now: float) -> float:
        """Seconds to the first byte."""
        return self.first_byte.value(now, PRIOR_TTFT_S)

    def seconds(self, now: float) -> float:
        """Seconds to the last byte."""
        return self.whole.value(now, PRIOR_SECONDS)

    def state(self, now: float) -> State:
        """closed, open, or half-open: the pause is over and a probe decides."""
        if not self._tripped():
            return "closed"
        return "open" if now < self.open_until or self.probing else "half-open"

    def _tripped(self) -> bool:
        many = len(self.bodies) >= OPEN_BODIES and len(self.callers) >= OPEN_CALLERS
        return many or self.certain >= OPEN_BODIES

    def resting(self, now: float) -> bool:
        """Whether others come first: it asked for time, or its circuit is open."""
        return now < self.rest_until or self.state(now) == "open"

    def begin(self, now: float) -> None:
        """A call goes out."""
        self.in_flight += 1
        if self.state(now) == "half-open":
            self.probing = True

    def answered(self, now: float, ttft_s: float, seconds: float) -> None:
        """A call came back well."""
        self._end(now, failed=False)
        self.bodies.clear()
        self.callers.clear()
        self.certain = 0
        self.pause_s = PAUSE_S
        self.first_byte.add(ttft_s, now)
        self.whole.add(seconds, now)

    def failed(self, now: float, caller: str, body: str, *, certain: bool = False) -> None:
        """A call failed through no fault of the caller, as far as one can see: refused, silent, cut, garbage.

        The same body again within a minute says nothing new about the target, unless it is ``certain`` that no request
        can be the cause.
        """
        known = self.bodies.get(body)
        if not certain and known is not None and now - known < FAILURE_HALF_LIFE_S:
            self.ended()
            return
        self._end(now, failed=True)
        self.certain += certain
        self.bodies[body] = now
        self.callers.add(caller)
        while len(self.bodies) > 4 * OPEN_BODIES:
            del self.bodies[next(iter(self.bodies))]
        if len(self.callers) > 4 * OPEN_CALLERS:
            self.callers.pop()
        if self._tripped():
            self.open_until = now + self.pause_s
            self.pause_s = min(2 * self.pause_s, LONGEST_PAUSE_S)

    def overloaded(self, now: float, retry_after_s: float) -> None:
        """It asked for time: others come first until then, but it is asked when there is no other. No failure."""
        self.ended()
        self.seen_at = now
        self.rest_until = now + min(max(retry_after_s, REST_S), LONGEST_PAUSE_S)

    def ended(self) -> None:
        """A call ended without saying anything about the target: the caller's own mistake, or the caller left."""
        self.in_flight -= 1
        self.probing = False

    def _end(self, now: float, *, failed: bool) -> None:
        self.ended()
        self.seen_at = now
        self.failing.add(float(failed), now)

    # --- a restart keeps what was learnt

    def saved(self, now: float) -> dict[str, list[float]]:
        """The averages as numbers, with their age in place of a moment of this process's clock."""
        return {
            name: [average.mean, average.weight, now - average.at]
            for name, average in (
                ("failing", self.failing),
                ("first_byte", self.first_byte),
                ("whole", self.whole),
            )
            if average.weight
        }

    def restore(self, saved: Mapping[str, Any], now: float, away_s: float) -> None:
        """Take up what was saved ``away_s`` seconds ago; anything of another shape is left out."""
        for name, average in (
            ("failing", self.failing),
            ("first_byte", self.first_byte),
            ("whole", self.whole),
        ):
            restore_average(average, saved.get(name), now, away_s)


def restore_average(average: Average, saved: object, now: float, away_s: float) -> None:
    """Put saved numbers (mean, weight, age) into an average."""
    if isinstance(saved, list) and len(saved) == 3 and all(isinstance(v, int | float) for v in saved):  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
        mean, weight, age = (float(v) for v in saved)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
        average.mean, average.weight, average.at = mean, max(0.0, weight), now - max(0.0, age) - away_s
