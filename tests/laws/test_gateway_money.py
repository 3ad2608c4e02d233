"""Money for any usage: sums are exact, order does not matter, a stream costs what the whole costs, bounds hold."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supercycle.core.profile import DemandHour, DemandProfile
from supercycle.gateway.ledger.attempts import AttemptRow
from supercycle.gateway.prices.bounds import upper_bound
from supercycle.gateway.prices.money import MAX_POSTING, pico, usd, usd_text
from supercycle.gateway.prices.pricebook import Model, PriceBook
from supercycle.gateway.prices.settle import Charge, Unpriced, price_of
from supercycle.gateway.reports.reconcile import spread
from supercycle.gateway.speech.usage import INPUT_KINDS, Usage, UsageTally, read_usage

BOOK = PriceBook()
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
MODELS: list[Model] = [
    model for name in ("openai", "anthropic", "deepseek", "google") for model in BOOK.models(name)
]
COUNTS = st.integers(0, 2_000_000)
USED = st.fixed_dictionaries(
    {kind: COUNTS for kind in (*INPUT_KINDS, "output")} | {"web_search": st.integers(0, 9)}
)
HOURS = st.integers(0, 24 * 400).map(lambda n: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=n))


@given(
    st.sampled_from(MODELS), USED, st.sampled_from(["standard", "flex", "priority", "batch", "fast"]), HOURS
)
def test_a_charge_is_exact_within_its_bound_or_has_no_price(
    model: Model, used: dict[str, int], tier: str, at: datetime
) -> None:
    usage = Usage(used, tier=tier)
    cost = price_of(BOOK, model.provider, model.name, usage, at)
    bound = upper_bound(
        BOOK, model.provider, model.name, usage.prompt, used["output"], at,
        tier=tier, web_searches=used["web_search"],
    )  # fmt: skip
    if isinstance(cost, Unpriced):
        return
    assert cost.total_pico == sum(line.count * line.rate_pico for line in cost.lines)
    assert {line.kind: line.count for line in cost.lines} == {kind: n for kind, n in used.items() if n}
    assert not isinstance(bound, Unpriced)
    # 12-hour writes and the like may have no price of their own, and then the call is unpriced, not dearer.
    assert cost.total_pico <= bound.pico <= MAX_POSTING
    for line in cost.lines:
        price = BOOK.price(line.price_id)
        assert price is not None
        assert price.active(at)


@given(st.permutations(list(range(6))), st.lists(st.integers(1, 10**6), min_size=6, max_size=6))
def test_a_day_costs_the_same_in_any_order(order: list[int], tokens: list[int]) -> None:
    costs = [price_of(BOOK, "openai", "gpt-5", Usage({"input": n, "output": n}), NOON) for n in tokens]
    assert all(isinstance(cost, Charge) for cost in costs)
    totals = [cost.total_pico for cost in costs if isinstance(cost, Charge)]
    assert sum(totals) == sum(totals[i] for i in order)
    # Flat prices: one call of all tokens costs what the calls cost together.
    whole = price_of(BOOK, "openai", "gpt-5", Usage({"input": sum(tokens), "output": sum(tokens)}), NOON)
    assert isinstance(whole, Charge)
    assert whole.total_pico == sum(totals)


@given(COUNTS, COUNTS, COUNTS, COUNTS, st.integers(0, 10**6), st.integers(1, 5))
def test_a_stream_costs_what_the_whole_response_costs(
    plain: int, read: int, five: int, hour: int, out: int, deltas: int
) -> None:
    out = max(out, 1)  # the start says one already, and a later zero is no update
    usage: dict[str, Any] = {
        "input_tokens": plain,
        "cache_read_input_tokens": read,
        "cache_creation_input_tokens": five + hour,
        "cache_creation": {"ephemeral_5m_input_tokens": five, "ephemeral_1h_input_tokens": hour},
        "output_tokens": out,
    }
    tally = UsageTally("anthropic.messages")
    tally.feed({"type": "message_start", "message": {"usage": {**usage, "output_tokens": 1}}})
    for n in range(deltas):
        tally.feed({"type": "message_delta", "usage": {"output_tokens": out * (n + 1) // deltas}})
    assert tally.usage() == read_usage("anthropic.messages", {"usage": usage})


WORDS = st.sampled_from(
    ["usage", "response", "message", "output", "service_tier", "input_tokens", "prompt_tokens", "type"]
)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
EVENTS = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(WORDS, inner), max_leaves=8)


@given(EVENTS)
def test_whatever_comes_in_a_stream_never_breaks_it(event: object) -> None:
    for dialect in ("openai.chat", "openai.responses", "anthropic.messages"):
        tally = UsageTally(dialect)
        tally.feed(event)
        usage = tally.usage()
        assert usage is None or all(count > 0 for count in usage.counts.values())


@given(st.integers(-MAX_POSTING, MAX_POSTING))
def test_an_amount_is_read_back_exactly(amount: int) -> None:
    assert pico(usd(amount)) == pico(usd_text(amount)) == amount


def attempt(n: int, state: str, cost: int | None, reserve: int | None) -> AttemptRow:
    nothing: dict[str, Any] = dict.fromkeys(AttemptRow.__dataclass_fields__, "")
    nothing |= {"request_id": f"r{n}", "n": 1, "state": state, "cost_pico": cost, "reserve_pico": reserve}
    return AttemptRow(**nothing)


STATES = st.sampled_from(["settled", "estimated", "orphaned"])
MAYBE = st.none() | st.integers(0, 10**12)
ATTEMPTS = st.lists(st.tuples(STATES, MAYBE, MAYBE), min_size=1, max_size=8).map(
    lambda rows: [attempt(n, *row) for n, row in enumerate(rows)]
)


@given(ATTEMPTS, st.integers(-(10**13), 10**13))
def test_corrections_add_up_to_the_difference(rows: list[AttemptRow], difference: int) -> None:
    corrections = spread(difference, rows)
    moved = sum(c.actual_pico - (c.booked_pico or 0) for c in corrections)
    assert moved == difference
    booked = sum(row.cost_pico or 0 for row in rows)
    if booked + difference >= 0:
        assert all(c.actual_pico >= 0 for c in corrections)


NUMBERS = st.integers(0, 10**12)


ROWS = st.tuples(st.integers(0, 99), st.sampled_from(["a", "b,\n"]), NUMBERS, NUMBERS, NUMBERS, NUMBERS)


@given(st.lists(ROWS, max_size=6, unique_by=lambda row: row[:2]), st.text(max_size=9))
def test_a_profile_survives_every_form(rows: list[tuple[int, str, int, int, int, int]], source: str) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    hours = tuple(
        DemandHour(start + timedelta(hours=h), name, name, a, b, c, d, d // 2, 1, a / 7, b / 3, None)
        for h, name, a, b, c, d in rows
    )
    profile = DemandProfile(hours, source=source)
    assert DemandProfile.from_json(profile.to_json()) == profile
    assert DemandProfile.from_csv(profile.to_csv(), source=source) == profile
    assert json.loads(profile.to_json(), parse_constant=pytest.fail)["version"] == 1  # no NaN
