"""What a past period would have cost under another routing policy, or with one's own GPUs.

Every request keeps the inputs of its routing decision, so another policy can decide again on what was known then. The
tokens are those that were used: another model may say more or less, which is not known; the cached share is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson

from supercycle.core.errors import InputError
from supercycle.core.ownership import Ownership
from supercycle.gateway.config.config import Config
from supercycle.gateway.ledger.attempts import AttemptRow, read_attempts
from supercycle.gateway.ledger.ledger import Ledger
from supercycle.gateway.prices.money import PICO
from supercycle.gateway.prices.own_gpu import CACHED_WEIGHT, OUTPUT_WEIGHT
from supercycle.gateway.prices.pricebook import PriceBook
from supercycle.gateway.prices.settle import Charge, price_of
from supercycle.gateway.routes.order import order_of
from supercycle.gateway.speech.usage import Usage

__all__ = ["POLICIES", "OwnRack", "Replay", "replay"]

_HOUR_US = 3_600_000_000
# A policy is a change of the decision's record before it is decided again.
POLICIES: Mapping[str, Mapping[str, Any]] = {
    "as-it-was": {},
    "price": {"sort": "price", "order": ()},
    "latency": {"sort": "latency", "order": ()},
    "throughput": {"sort": "throughput", "order": ()},
}
_SAME_LIFE = {"cache_write_1h": "cache_write_5m", "cache_write_12h": "cache_write_30m"}


@dataclass(frozen=True, slots=True)
class OwnRack:
    """One's own GPUs in the replay: they cost their hours whether used or not, and serve what fits in an hour.

    ``models`` are the names clients ask for (empty: all); ``weighted_per_gpu_hour`` is what a GPU can serve in an hour,
    in input tokens, an output token counting ``output_weight``.
    """

    ownership: Ownership
    gpus: int
    weighted_per_gpu_hour: float
    models: frozenset[str] = frozenset()
    output_weight: float = OUTPUT_WEIGHT
    cached_weight: float = CACHED_WEIGHT

    def __post_init__(self) -> None:
        if self.gpus < 1 or not self.weighted_per_gpu_hour > 0:
            raise InputError(
                "own GPUs", expected="1 or more, with tokens per GPU-hour above 0",
                got=f"{self.gpus}, {self.weighted_per_gpu_hour:g}",
            )  # fmt: skip

    def weight(self, counts: Mapping[str, int]) -> float:
        """The GPU time of a call, in input tokens."""
        cached, output = counts.get("cached", 0), counts.get("output", 0)
        into = sum(
            count for kind, count in counts.items() if kind == "input" or kind.startswith("cache_write")
        )
        return into + self.cached_weight * cached + self.output_weight * output


@dataclass(slots=True)
class Replay:
    """The result: money in pico-USD. ``unchanged`` requests stayed where they were, ``moved`` went elsewhere.

    ``not_comparable`` counts requests left at their actual cost, by reason. ``attempts_pico`` is what failed attempts
    cost besides, part of neither sum.
    """

    policy: str
    since_us: int
    until_us: int
    requests: int = 0
    moved: int = 0
    unchanged: int = 0
    actual_pico: int = 0
    replayed_pico: int = 0
    attempts_pico: int = 0
    fixed_pico: int = 0
    own_share: float = 0.0
    not_comparable: dict[str, int] = field(default_factory=lambda: {})
    by_model: dict[str, tuple[int, int]] = field(default_factory=lambda: {})
    by_target: dict[str, int] = field(default_factory=lambda: {})

    @property
    def saved_pico(self) -> int:
        """Actual less replayed; negative when the other way would have cost more."""
        return self.actual_pico - self.replayed_pico


async def replay(
    ledger: Ledger,
    book: PriceBook,
    since_us: int,
    until_us: int,
    policy: str = "price",
    *,
    config: Config | None = None,
    own: OwnRack | None = None,
    progress: Callable[[int], None] | None = None,
) -> Replay:
    """Decide every request of a period again and price what it used there.

    ``policy`` is a name of `POLICIES`, ``only:provider``, or ``provider/model`` for one target. Raises InputError for
    another. Requests that failed cost nothing either way.
    """
    decide = _policy(policy)
    out = Replay(policy, since_us, until_us)
    served: dict[int, float] = {}
    own_weight = all_weight = 0.0
    async for attempt in read_attempts(ledger.reads, since_us, until_us):
        if progress is not None and out.requests % 1000 == 0:
            progress(out.requests)
        counts = attempt.counts
        if attempt.state == "void" or not counts:
            out.attempts_pico += attempt.cost_pico or 0
            continue
        out.requests += 1
        actual = attempt.cost_pico or 0
        hour = attempt.begun_us - attempt.begun_us % _HOUR_US
        cost, where = actual, f"{attempt.provider}/{attempt.upstream_model}"
        weight = own.weight(counts) if own is not None else 0.0
        all_weight += weight
        fits = own is not None and (not own.models or attempt.model in own.models)
        if (
            own is not None
            and fits
            and served.get(hour, 0.0) + weight <= own.gpus * own.weighted_per_gpu_hour
        ):
            served[hour] = served.get(hour, 0.0) + weight
            own_weight += weight
            cost, where = 0, "own GPUs"
        elif attempt.cost_pico is None:
            _count(out.not_comparable, "no price was known for what was used")
        else:
            cost, where = _again(attempt, decide, book, config, out)
        _add(out, attempt, actual, cost, where)
    if own is not None:
        hours = -(-(until_us - since_us) // _HOUR_US)
        out.fixed_pico = round(own.ownership.hour().total_usd * own.gpus * hours * PICO)
        out.replayed_pico += out.fixed_pico
        out.own_share = own_weight / all_weight if all_weight else 0.0
    return out


Decide = Callable[[dict[str, Any]], str | None]


def _policy(name: str) -> Decide:
    """The target a policy takes, given the record of a decision; None when it takes none."""
    if name in POLICIES:
        changed = POLICIES[name]
        return lambda record: next(iter(order_of({**record, **changed})), None)
    kind, _, rest = name.partition(":")
    if kind == "only" and rest:
        return lambda record: next(
            (t for t in order_of({**record, "sort": "price", "order": ()}) if t.split("/")[0] == rest), None
        )
    provider, _, model = name.partition("/")
    if provider and model:
        return lambda record: name
    raise InputError(
        "policy", expected=f"{', '.join(POLICIES)}, only:PROVIDER or PROVIDER/MODEL", got=repr(name)
    )


def _again(
    attempt: AttemptRow, decide: Decide, book: PriceBook, config: Config | None, out: Replay
) -> tuple[int, str]:
    """What the call would have cost where the policy sends it, and where; its own cost when that is not known."""
    actual, here = attempt.cost_pico or 0, f"{attempt.provider}/{attempt.upstream_model}"
    record: dict[str, Any] = orjson.loads(attempt.decision)
    try:
        target = decide(record)
    except (KeyError, TypeError):
        _count(out.not_comparable, "its decision was not recorded")
        return actual, here
    if target is None:
        _count(out.not_comparable, "the policy has no target for it")
        return actual, here
    if target == here:
        return actual, here
    provider, _, model = target.partition("/")
    known = config.providers.get(provider) if config is not None else None
    counts: dict[str, int] = {}
    for kind, count in attempt.counts.items():
        # Lives of a cache that the other provider may not have.
        kept = _SAME_LIFE.get(kind, kind)
        counts[kept] = counts.get(kept, 0) + count
    at = datetime.fromtimestamp(attempt.begun_us / 1e6, UTC)
    charge = price_of(book, known.prices if known else provider, model, Usage(counts), at)
    if not isinstance(charge, Charge):
        _count(out.not_comparable, charge.reason)
        return actual, here
    return charge.total_pico, target


def _add(out: Replay, attempt: AttemptRow, actual: int, cost: int, where: str) -> None:
    out.actual_pico += actual
    out.replayed_pico += cost
    if where == f"{attempt.provider}/{attempt.upstream_model}":
        out.unchanged += 1
    else:
        out.moved += 1
    before = out.by_model.get(attempt.model, (0, 0))
    out.by_model[attempt.model] = (before[0] + actual, before[1] + cost)
    _count(out.by_target, where)


def _count(where: dict[str, int], name: str) -> None:
    where[name] = where.get(name, 0) + 1
