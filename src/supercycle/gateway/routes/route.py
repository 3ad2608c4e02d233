"""Which target serves a call: filter, quality floor, then the least expected cost, waiting and failure.

Everything a decision rests on is in its record, and `order_of` reads the order from the record alone: a replay under
another policy changes the policy in the record and reads it again. A target whose prompt cache is warm for this
beginning is expected to read it at its cached price, so a warm provider is left only when another is cheaper all the
same.
"""

# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false, reportUnknownMemberType=false
from __future__ import annotations

import random
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any, NamedTuple

from supercycle.gateway.prices.money import PICO
from supercycle.gateway.prices.pricebook import PriceBook
from supercycle.gateway.prices.settle import Unpriced, price_of
from supercycle.gateway.routes.circuit import PRIOR_SECONDS, PRIOR_TTFT_S, Health
from supercycle.gateway.routes.learned import Exploration, Lengths, TokenRatios
from supercycle.gateway.routes.order import order_of
from supercycle.gateway.routes.preference import Preference, preference_of
from supercycle.gateway.routes.providers import ModelEntry, Target
from supercycle.gateway.speech.dialects import Call
from supercycle.gateway.speech.usage import Usage

__all__ = ["Decision", "Policy", "Router"]

EXPLORE_AFTER_S = 30.0  # a target that was not seen for so long is worth a call; judgement
EXPLORE_PROBABILITY = 0.25
_WARM = 20_000  # beginnings of prompts remembered


@dataclass(frozen=True, slots=True)
class Policy:
    """What waiting and failing are worth, and how much finding out may cost (judgements; a configuration sets its own).

    ``value_of_second_usd``: 7 cents an hour. Most calls are not watched, and a small call costs 0.0001 USD: a larger
    value would make the router of small models one of latency. ``retry_usd``: what a failed attempt costs beside the
    time. ``explore_share``: of all spending, for the excess cost of calls made to find out. ``quality_floor`` holds for
    models that name none.
    """

    value_of_second_usd: float = 0.00002
    retry_usd: float = 0.00005
    quality_floor: float | None = None
    attempts: int = 3
    explore_share: float = 0.01


class Decision(NamedTuple):
    """The targets to try, best first, and the record they were chosen by."""

    targets: tuple[Target, ...]
    record: dict[str, Any]


class Router:
    """Chooses targets and remembers how they did. ``clock`` gives seconds that never go back."""

    def __init__(self, book: PriceBook, policy: Policy, clock: Callable[[], float]) -> None:
        self.book = book
        self._clock = clock
        self._health: dict[str, Health] = {}
        self._warm: OrderedDict[tuple[str, str], tuple[float, int]] = OrderedDict()
        self._random = random.Random()
        self.lengths = Lengths()
        self.ratios = TokenRatios()
        self.exploration = Exploration(policy.explore_share)
        self.reload(policy)

    def reload(self, policy: Policy) -> None:
        """Take another policy; what was learnt stays."""
        self._policy = {"value_of_second_usd": policy.value_of_second_usd, "retry_usd": policy.retry_usd}
        self._attempts = policy.attempts
        self._floor = policy.quality_floor
        self.exploration.share = policy.explore_share

    def health(self, target: Target) -> Health:
        """How a target has been doing."""
        health = self._health.get(target.id)
        if health is None:
            health = self._health[target.id] = Health()
        return health

    def states(self) -> dict[str, Health]:
        """Every target that was ever asked, by id."""
        return self._health

    # --- what traffic teaches

    def answered(
        self, call: Call, name: str, target: Target, ttft_s: float, seconds: float, usage: Usage | None
    ) -> None:
        """A call came back well; ``usage`` when the provider said it."""
        now = self._clock()
        self.health(target).answered(now, ttft_s, seconds)
        if usage is not None:
            self.lengths.add(name, usage.of("output"), now)
            self.ratios.add(target.model, usage.prompt, call.size, now)

    def paid(self, pico: int) -> None:
        """A call was charged; a hundredth of all charges may be spent on finding out."""
        self.exploration.paid(pico)

    def input_tokens(self, call: Call, target: Target) -> int:
        """Tokens of input to expect of a request at a target."""
        return self.ratios.expected(target.model, call.size, self._clock())

    def saved(self) -> dict[str, Any]:
        """What was learnt, as JSON, for the next process."""
        now = self._clock()
        return {
            "health": {name: health.saved(now) for name, health in self._health.items()},
            "lengths": self.lengths.saved(now),
            "paid": self.exploration.paid_pico,
            "excess": self.exploration.excess_pico,
        }

    def restore(self, saved: Mapping[str, Any], away_s: float) -> None:
        """Take up what the last process had learnt, as much older as it was away."""
        now = self._clock()
        for name, row in saved.get("health", {}).items():
            self._health.setdefault(name, Health()).restore(row, now, away_s)
        self.lengths.restore(saved.get("lengths", {}), now, away_s)
        self.exploration.paid_pico = int(saved.get("paid", 0))
        self.exploration.excess_pico = int(saved.get("excess", 0))

    # --- a decision

    def decide(
        self, call: Call, entry: ModelEntry, key_id: str, at: datetime, names: Iterable[str]
    ) -> Decision:
        """The targets for a call. ``names`` are the providers there are, for the caller's own list of them.

        Raises InputError for a preference that cannot be read. No target left: an empty order and the reasons.
        """
        wanted = preference_of(call.preference, names) if call.preference else Preference()
        now = self._clock()
        # With one target and no wishes nothing is weighed, so nothing is computed to weigh it by.
        weighed = len(entry.targets) > 1 or call.preference is not None
        needs = call.needs()
        prefix = call.prefix(key_id) if len(entry.targets) > 1 else ""
        floor = max((q for q in (entry.quality_floor, self._floor, wanted.quality) if q), default=None)
        speed = self._usual_speed(entry, now) if weighed else (PRIOR_TTFT_S, PRIOR_SECONDS)
        rows: list[dict[str, Any]] = []
        for target in entry.targets:
            health = self.health(target)
            row: dict[str, Any] = {
                "target": target.id,
                "quality": target.quality,
                "cost_usd": None,
                "seconds": health.whole.value(now, speed[1]),
                "ttft_s": health.first_byte.value(now, speed[0]),
                "load": health.in_flight / target.provider.concurrency,
                "failure_share": health.failure_share(now),
                "warm_tokens": 0,
                "resting": health.resting(now),
                "weight": target.weight,
                "out": _unfit(target, call, needs, wanted, floor),
            }
            if weighed and not row["out"]:
                self._expect(row, target, call, entry.name, prefix, now, at, wanted)
            rows.append(row)
        record: dict[str, Any] = {
            "model": entry.name,
            "policy": self._policy,
            "strategy": entry.strategy,
            "floor": floor,
            "needs": sorted(needs) if needs else (),
            "input_tokens": call.input_expected,
            "sort": wanted.sort,
            "order": wanted.order,
            "candidates": rows,
        }
        if call.preference is not None:
            record["preference"] = call.preference
        if entry.strategy in ("weights", "split"):
            record["draw"] = self._draw(entry, key_id)
        elif weighed and entry.strategy == "cheapest" and not (wanted.sort or wanted.order):
            self._explore(record, entry, now, wanted)
        best = order_of(record) if weighed else [row["target"] for row in rows if not row["out"]]
        if not wanted.allow_fallbacks:
            best = best[:1]
        by_id = {target.id: target for target in entry.targets}
        return Decision(tuple(by_id[name] for name in best), record)

    def _usual_speed(self, entry: ModelEntry, now: float) -> tuple[float, float]:
        """First byte and whole answer of a target nobody has asked lately: those of the others."""
        seen = [h for t in entry.targets if (h := self.health(t)).whole.evidence(now) > 1]
        if not seen:
            return PRIOR_TTFT_S, PRIOR_SECONDS
        count = len(seen)
        return sum(h.ttft_s(now) for h in seen) / count, sum(h.seconds(now) for h in seen) / count

    def _draw(self, entry: ModelEntry, key_id: str) -> float:
        """A number from 0 to 1: at random for weights, always the same for one key where keys are split."""
        if entry.strategy == "weights":
            return self._random.random()
        name = f"{entry.name}\n{key_id}".encode()
        return int.from_bytes(blake2b(name, digest_size=6).digest(), "big") / 2**48

    def _explore(self, record: dict[str, Any], entry: ModelEntry, now: float, wanted: Preference) -> None:
        """Now and then ask a target that was not seen for a while, when the call and the allowance can bear it."""
        if self._attempts < 2 or not wanted.allow_fallbacks:
            return  # there is no second try
        best = order_of(record)
        rows = {row["target"]: row for row in record["candidates"]}
        if len(best) < 2 or rows[best[0]]["warm_tokens"] or rows[best[0]]["cost_usd"] is None:
            return
        usual = rows[best[0]]["cost_usd"]
        for target in entry.targets:
            row, health = rows[target.id], self.health(target)
            if target.id == best[0] or row["out"] or row["resting"] or row["cost_usd"] is None:
                continue
            if now - max(health.seen_at, health.probed_at) < EXPLORE_AFTER_S:
                continue
            excess = round((row["cost_usd"] - usual) * PICO)
            if not self.exploration.allows(excess) or self._random.random() >= EXPLORE_PROBABILITY:
                continue
            self.exploration.explored(excess)
            health.probed_at = now
            record["explored"] = target.id
            record["explored_probability"] = EXPLORE_PROBABILITY
            record["explored_excess_usd"] = max(0, excess) / PICO
            return

    def _expect(
        self,
        row: dict[str, Any],
        target: Target,
        call: Call,
        name: str,
        prefix: str,
        now: float,
        at: datetime,
        wanted: Preference,
    ) -> None:
        """What the call would cost here: expected tokens at the prices of now."""
        reads = call.input_expected
        writes = self.lengths.expected(name, now)
        if call.max_output is not None:
            writes = min(call.max_output, writes)
        warm = self._warm.get((prefix, target.id)) if prefix else None
        cached = min(warm[1], reads) if warm is not None and warm[0] > now else 0
        counts = {"input": reads - cached, "cached": cached, "output": int(writes), "request": 1}
        used = Usage({kind: count for kind, count in counts.items() if count})
        charge = price_of(self.book, target.provider.prices, target.model, used, at)
        row["output_tokens"] = int(writes)
        row["warm_tokens"] = cached
        if isinstance(charge, Unpriced):
            if wanted.max_prompt is not None or wanted.max_completion is not None:
                row["out"] = "no price, and the caller set a maximum"
            return
        row["cost_usd"] = charge.total_pico / PICO
        rates = {line.kind: line.rate_pico * 1e6 / PICO for line in charge.lines}
        for kind, most in (("input", wanted.max_prompt), ("output", wanted.max_completion)):
            if most is not None and rates.get(kind, 0.0) > most:
                row["out"] = (
                    f"{kind} costs {rates[kind]:g} USD per million tokens, above the caller's {most:g}"
                )

    def warmed(self, call: Call, target: Target, key_id: str, prompt_tokens: int) -> None:
        """A target has just read this beginning: its prompt cache is warm for a while."""
        if not target.provider.warm_s:
            return
        key = (call.prefix(key_id), target.id)
        self._warm[key] = (self._clock() + target.provider.warm_s, prompt_tokens)
        self._warm.move_to_end(key)
        if len(self._warm) > _WARM:
            self._warm.popitem(last=False)


def _unfit(
    target: Target, call: Call, needs: frozenset[str], wanted: Preference, floor: float | None
) -> str | None:
    """Why a target cannot serve this call, or None."""
    provider = target.provider
    if provider.name in wanted.ignore:
        return "the caller ignores this provider"
    if wanted.only and provider.name not in wanted.only:
        return "the caller named only others"
    if provider.speaks_to(call.dialect) is None:
        return f"does not speak {call.dialect}"
    if target.capabilities is not None and not needs <= target.capabilities:
        return f"lacks {', '.join(sorted(needs - target.capabilities))}"
    if not wanted.data <= provider.data:
        return f"does not promise {', '.join(sorted(wanted.data - provider.data))}"
    if (
        target.context_tokens is not None
        and call.input_expected + (call.max_output or 0) > target.context_tokens
    ):
        return f"its context is {target.context_tokens} tokens"
    if floor is not None and target.quality is None:
        return f"is not rated, and the floor is {floor:g}"
    if floor is not None and target.quality is not None and target.quality < floor:
        return f"quality {target.quality:g} is below {floor:g}"
    return None
