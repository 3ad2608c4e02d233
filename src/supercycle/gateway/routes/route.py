"""Which target serves a call: filter, quality floor, then the least expected cost, waiting and failure.

    score = cost + value_of_second x seconds x (1 + in_flight / concurrency) + p / (1 - p) x (retry + waiting)

in USD, with p the recent share of failures. A target whose prompt cache is warm for this beginning is expected to
read it at its cached price, so a warm provider is left only when another is cheaper all the same. Everything a
decision rests on is in its record, and `order_of` reads the order from the record alone: a replay under another
policy changes the policy in the record and reads it again.
"""

# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false, reportUnknownMemberType=false
from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, NamedTuple

from supercycle.core.errors import InputError, UnknownNameError
from supercycle.gateway.prices.money import PICO
from supercycle.gateway.prices.pricebook import PriceBook
from supercycle.gateway.prices.settle import Unpriced, price_of
from supercycle.gateway.routes.circuit import Health
from supercycle.gateway.routes.providers import ModelEntry, Target
from supercycle.gateway.speech.dialects import Call
from supercycle.gateway.speech.usage import Usage

__all__ = ["Decision", "Policy", "Preference", "Router", "order_of"]

_SORTS = ("price", "latency", "throughput")
_WARM = 20_000  # beginnings of prompts remembered
_TRANSLATED = {"openai.chat": "anthropic.messages", "anthropic.messages": "openai.chat"}


@dataclass(frozen=True, slots=True)
class Policy:
    """What waiting and failing are worth (judgements; a configuration sets its own).

    ``value_of_second_usd``: 3.6 USD an hour, well below a wage, since most calls are not watched. ``retry_usd``: what
    a failed attempt costs beside the time. ``quality_floor`` holds for models that name none.
    """

    value_of_second_usd: float = 0.001
    retry_usd: float = 0.0005
    quality_floor: float | None = None
    attempts: int = 3


class Preference(NamedTuple):
    """The caller's ``provider`` object, with the names that are common for it."""

    order: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    sort: str | None = None
    max_prompt: float | None = None  # USD per million tokens
    max_completion: float | None = None
    allow_fallbacks: bool = True
    data: frozenset[str] = frozenset()
    quality: float | None = None


class Decision(NamedTuple):
    """The targets to try, best first, and the record they were chosen by."""

    targets: tuple[Target, ...]
    record: dict[str, Any]


class Router:
    """Chooses targets and remembers how they did. ``clock`` gives seconds that never go back."""

    def __init__(self, book: PriceBook, policy: Policy, clock: Callable[[], float]) -> None:
        self._book = book
        self._policy = asdict(policy)
        self._floor = policy.quality_floor
        self._clock = clock
        self._health: dict[str, Health] = {}
        self._warm: OrderedDict[tuple[str, str], tuple[float, int]] = OrderedDict()

    def health(self, target: Target) -> Health:
        """How a target has been doing."""
        found = self._health.get(target.id)
        if found is None:
            found = self._health[target.id] = Health()
        return found

    def states(self) -> dict[str, Health]:
        """Every target that was ever asked, by id."""
        return self._health

    def decide(
        self, call: Call, entry: ModelEntry, key_id: str, at: datetime, names: Iterable[str]
    ) -> Decision:
        """The targets for a call. ``names`` are the providers there are, for the caller's own list of them.

        Raises InputError for a preference that cannot be read. No target left: an empty order and the reasons.
        """
        wanted = _preference(call.preference, names) if call.preference else Preference()
        now = self._clock()
        # With one target and no wishes nothing is weighed, so nothing is computed to weigh it by.
        weighed = len(entry.targets) > 1 or call.preference is not None
        needs = call.needs()
        prefix = call.prefix(key_id) if len(entry.targets) > 1 else ""
        floor = max((q for q in (entry.quality_floor, self._floor, wanted.quality) if q), default=None)
        rows: list[dict[str, Any]] = []
        for target in entry.targets:
            health = self.health(target)
            row: dict[str, Any] = {
                "target": target.id,
                "quality": target.quality,
                "cost_usd": None,
                "seconds": health.seconds,
                "ttft_s": health.ttft_s,
                "load": health.in_flight / target.provider.concurrency,
                "failure_share": health.failure_share,
                "warm_tokens": 0,
                "resting": now < health.rest_until,
                "out": _unfit(target, call, needs, wanted, floor) or _broken(health, now),
            }
            if weighed and not row["out"]:
                self._expect(row, target, call, prefix, now, at, health, wanted)
            rows.append(row)
        record: dict[str, Any] = {
            "model": entry.name,
            "policy": self._policy,
            "floor": floor,
            "needs": sorted(needs) if needs else (),
            "input_tokens": call.input_expected,
            "sort": wanted.sort,
            "order": wanted.order,
            "candidates": rows,
        }
        if call.preference is not None:
            record["preference"] = call.preference
        best = order_of(record) if weighed else [row["target"] for row in rows if not row["out"]]
        if not wanted.allow_fallbacks:
            best = best[:1]
        by_id = {target.id: target for target in entry.targets}
        return Decision(tuple(by_id[name] for name in best), record)

    def _expect(
        self,
        row: dict[str, Any],
        target: Target,
        call: Call,
        prefix: str,
        now: float,
        at: datetime,
        health: Health,
        wanted: Preference,
    ) -> None:
        """What the call would cost here: expected tokens at the prices of now."""
        reads = call.input_expected
        writes = (
            health.output_tokens if call.max_output is None else min(call.max_output, health.output_tokens)
        )
        warm = self._warm.get((prefix, target.id)) if prefix else None
        cached = min(warm[1], reads) if warm is not None and warm[0] > now else 0
        counts = {"input": reads - cached, "cached": cached, "output": int(writes), "request": 1}
        used = Usage({kind: count for kind, count in counts.items() if count})
        charge = price_of(self._book, target.provider.prices, target.model, used, at)
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


def order_of(record: Mapping[str, Any]) -> list[str]:
    """The order of targets by a decision's record, best first: a pure function, so that it can be replayed.

    Targets that asked for time come after the others, and those without a price after those with one. Ties go to the
    target with less to do.

    >>> row = {"seconds": 1.0, "ttft_s": 0.1, "load": 0.0, "failure_share": 0.01, "out": None, "output_tokens": 10}
    >>> order_of({"policy": {"value_of_second_usd": 0.001, "retry_usd": 0.0}, "sort": None, "order": (),
    ...           "candidates": [{**row, "target": "a/m", "cost_usd": 0.02},
    ...                          {**row, "target": "b/m", "cost_usd": 0.01}]})
    ['b/m', 'a/m']
    """
    policy = record["policy"]
    sort = record.get("sort")
    listed = {name: place for place, name in enumerate(record.get("order") or ())}

    def score(row: Mapping[str, Any]) -> tuple[float, ...]:
        waiting = policy["value_of_second_usd"] * row["seconds"] * (1 + row["load"])
        failing = min(row["failure_share"], 0.99)
        priced = row["cost_usd"] is not None
        total = (row["cost_usd"] or 0.0) + waiting + failing / (1 - failing) * (policy["retry_usd"] + waiting)
        if sort == "price":
            total = row["cost_usd"] or 0.0
        elif sort == "latency":
            total, priced = row["ttft_s"], True
        elif sort == "throughput":
            total, priced = row["seconds"] / max(row.get("output_tokens", 1), 1), True
        place = listed.get(row["target"].split("/")[0], len(listed))
        return (place, float(row.get("resting", False)), 0.0 if priced else 1.0, total, row["load"])

    rows = [row for row in record["candidates"] if not row["out"]]
    return [row["target"] for row in sorted(rows, key=score)]


def _broken(health: Health, now: float) -> str | None:
    return "circuit open after failures" if health.state(now) == "open" else None


def _unfit(
    target: Target, call: Call, needs: frozenset[str], wanted: Preference, floor: float | None
) -> str | None:
    """Why a target cannot serve this call, or None."""
    provider = target.provider
    if provider.name in wanted.ignore:
        return "the caller ignores this provider"
    if wanted.only and provider.name not in wanted.only:
        return "the caller named only others"
    if call.dialect not in provider.paths and _TRANSLATED.get(call.dialect) not in provider.paths:
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
    if floor is not None and target.quality is not None and target.quality < floor:
        return f"quality {target.quality:g} is below {floor:g}"
    return None


_FIELDS = (
    "order",
    "only",
    "ignore",
    "sort",
    "max_price",
    "allow_fallbacks",
    "data_collection",
    "data",
    "min_quality",
)


def _preference(asked: Mapping[str, Any], names: Iterable[str]) -> Preference:
    known = tuple(names)
    for field in asked:
        if field not in _FIELDS:
            raise UnknownNameError("field of provider", str(field)[:60], _FIELDS)

    def words(field: str) -> tuple[str, ...]:
        given = asked.get(field) or []
        if not isinstance(given, list) or not all(isinstance(name, str) for name in given):
            raise InputError(f"provider.{field}", expected="a list of words", got=repr(given)[:60])
        return tuple(given)

    def providers(field: str) -> tuple[str, ...]:
        given = words(field)
        for name in given:
            if name not in known:
                raise UnknownNameError("provider", name[:60], known)
        return given

    sort = asked.get("sort")
    if sort is not None and sort not in _SORTS:
        raise UnknownNameError("provider.sort", str(sort)[:60], _SORTS)
    most = asked.get("max_price") or {}
    if not isinstance(most, dict):
        raise InputError("provider.max_price", expected='{"prompt": 1, "completion": 2}', got=repr(most)[:60])
    promised = set(words("data"))
    if asked.get("data_collection") == "deny":
        promised.add("no-training")
    return Preference(
        order=providers("order"),
        only=providers("only"),
        ignore=providers("ignore"),
        sort=sort,
        max_prompt=_number(most.get("prompt"), "provider.max_price.prompt"),
        max_completion=_number(most.get("completion"), "provider.max_price.completion"),
        allow_fallbacks=asked.get("allow_fallbacks") is not False,
        data=frozenset(promised),
        quality=_number(asked.get("min_quality"), "provider.min_quality"),
    )


def _number(value: object, name: str) -> float | None:
    if value is None:
        return None
    try:
        found = float(value)  # pyright: ignore[reportArgumentType]
    except (TypeError, ValueError):
        raise InputError(name, expected="a number", got=repr(value)[:60]) from None
    if not 0 <= found < float("inf"):
        raise InputError(name, expected="0 or more", got=found)
    return found
