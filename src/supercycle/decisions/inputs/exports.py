"""What providers let one download: usage and bills of OpenAI, Anthropic, Azure, AWS and LiteLLM, as a demand profile.

Columns are recognised by name. Rows of an hour become hours; rows of a day or a month are spread by a stated shape,
because a total says nothing of its busiest hour. Days without a row between the first and the last are unknown
when the shape says that work was done on them, and the notes say how many there are.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from supercycle.core.errors import InputError
from supercycle.core.profile import DemandHour, DemandProfile
from supercycle.decisions.inputs.cells import (
    amount,
    copies_of,
    count,
    granularity,
    moment,
    plausible,
    row_spans,
    table,
    tokens_of_unit,
)
from supercycle.decisions.inputs.shape import Shape

__all__ = ["Span", "billed", "is_export", "profile_from_export", "profile_of_days", "spread"]

_DAY = timedelta(days=1)
_NO_CELLS: list[str] = []
_SPREAD_HINT = (
    "Say how a day looks: --shape flat, or --shape '9-18 mon-fri Europe/Zurich' (load.shape in the file)."
)

# Names of the same thing in the five providers' files, in order of preference.
_BEGIN = (
    "start_time_iso", "start_time", "starttime", "usage_date_utc", "usagedate", "usage_date", "date",
    "lineitem/usagestartdate", "line_item_usage_start_date", "timestamp", "day", "month", "bucket_start",
)  # fmt: skip
_END = (
    "end_time_iso", "end_time", "endtime", "lineitem/usageenddate", "line_item_usage_end_date", "bucket_end",
)  # fmt: skip
_COST = (
    "spend", "cost", "cost_usd", "costusd", "total_cost", "cost (usd)", "amount_value", "costinbillingcurrency",
    "pretaxcost", "lineitem/unblendedcost", "line_item_unblended_cost",
)  # fmt: skip
_CURRENCY = (
    "billingcurrency",
    "billingcurrencycode",
    "currency",
    "lineitem/currencycode",
    "line_item_currency_code",
)
_MODEL = ("model", "model_version", "model_name", "model_group", "deployment", "snapshot_id")
_PROVIDER = ("provider", "custom_llm_provider")
_COUNTS: dict[str, tuple[str, ...]] = {
    "prompt": ("input_tokens", "prompt_tokens", "n_context_tokens_total", "inputtokens", "input tokens"),
    "uncached": ("input_uncached_tokens", "usage_input_tokens_no_cache", "uncached_input_tokens"),
    "cached": (
        "input_cached_tokens", "usage_input_tokens_cache_read", "cache_read_input_tokens", "cached_tokens",
        "n_cached_context_tokens_total",
    ),
    "output": ("output_tokens", "completion_tokens", "usage_output_tokens", "n_generated_tokens_total",
               "outputtokens", "output tokens"),
    "requests": ("num_model_requests", "api_requests", "n_requests", "requests", "num_requests"),
}  # fmt: skip
_WRITES = (
    "usage_input_tokens_cache_write_5m",
    "usage_input_tokens_cache_write_1h",
    "cache_creation_input_tokens",
)
# Azure and AWS write one row for each meter; its name says model and direction, its quantity thousands of tokens.
_METER = ("metername", "meter", "lineitem/usagetype", "line_item_usage_type")
_QUANTITY = ("quantity", "consumedquantity", "lineitem/usageamount", "line_item_usage_amount")
_UNITS = ("unitofmeasure", "pricing/unit", "pricing_unit", "unit")
# What a meter's name says beside the model: region, direction, cache, scope.
_METER_WORDS = re.compile(
    r"^[a-z]{2,4}\d-|(-mantle)?-?(cache-?read|cache-?write|cached?|cd|cchd|inp?|outp?|opt|input|output|tokens?|glbl|"
    r"global|regional|data-?zone|batch|count)\b|[\s_]+tokens?$"
)
_MAKERS = (
    ("claude", "anthropic"),
    ("gpt", "openai"),
    ("o3", "openai"),
    ("o4", "openai"),
    ("gemini", "google"),
)


@dataclass(frozen=True, slots=True)
class Span:
    """What one model did between two moments. ``requests`` is None where the export does not count them."""

    begin: datetime
    end: datetime
    provider: str
    model: str
    uncached: float
    cached: float
    cache_write: float
    output: float
    requests: float | None
    billed_usd: float | None = None


def is_export(text: str) -> bool:
    """Whether the header is one of a provider's export."""
    head = _header(text)
    return any(name in head for name in _BEGIN) and (
        any(name in head for name in _COUNTS["output"]) or any(name in head for name in _METER)
    )


def _header(text: str) -> set[str]:
    rows = csv.reader(text[:100_000].splitlines())
    return {cell.strip().lstrip("\ufeff").lower() for cell in next(rows, _NO_CELLS)}


def profile_from_export(
    text: str,
    *,
    where: str,
    shape: Shape | None,
    tokens_per_request: float | None = None,
    provider: str = "",
    today: date | None = None,
) -> tuple[DemandProfile, tuple[str, ...]]:
    """A profile of an export, and what has to be said of it.

    ``tokens_per_request`` are output tokens of a request where the export counts no requests. Errors: InputError
    for rows that cannot be read, for totals of days or months without a shape, and for tokens without requests.

    >>> from supercycle.decisions.inputs.shape import parse_shape
    >>> rows = ("date,model,prompt_tokens,completion_tokens,api_requests", "2026-11-02,gpt-5-mini,2400,240,24")
    >>> text = chr(10).join(rows)
    >>> profile, notes = profile_from_export(text, where="x.csv", shape=parse_shape("flat"))
    >>> len(profile.hours), sum(row.output_tokens for row in profile.hours)
    (24, 240)
    """
    spans, said = _spans(text, where, provider, today)
    profile, notes = spread(spans, where=where, shape=shape, tokens_per_request=tokens_per_request)
    return profile, (*notes, *said)


def billed(text: str, *, where: str, provider: str = "") -> float | None:
    """What an export says that its tokens cost, USD; None where a row says nothing or names another currency."""
    costs = [span.billed_usd for span in _spans(text, where, provider, None)[0]]
    return None if not costs or None in costs else sum(cost for cost in costs if cost is not None)


def spread(
    spans: Sequence[Span], *, where: str, shape: Shape | None, tokens_per_request: float | None = None
) -> tuple[DemandProfile, tuple[str, ...]]:
    """Spans as hours. Spans of an hour are taken as they are; longer ones are spread by the shape."""
    if not spans:
        raise InputError("the export has no rows with tokens", where=where)
    longest = max(span.end - span.begin for span in spans)
    if longest > timedelta(hours=1) and shape is None:
        each = "day" if longest <= _DAY else "month"
        raise InputError(
            f"the export has one row for each {each}", expected="how the hours of a day look", got="no shape",
            where=where, hint=_SPREAD_HINT,
        )  # fmt: skip
    cells: dict[tuple[datetime, str, str], list[float]] = defaultdict(lambda: [0.0] * 5)
    outside = 0
    for span in spans:
        requests = span.requests
        if requests is None:
            if not tokens_per_request:
                raise InputError(
                    "the export does not count requests", expected="load.output_tokens of a mean request",
                    got="no column of requests", where=where,
                )  # fmt: skip
            requests = span.output / tokens_per_request
        amounts = (span.uncached, span.cached, span.cache_write, span.output, requests)
        parts, strange = _parts(span, shape)
        outside += strange
        for hour, share in parts:
            cell = cells[(hour, span.provider, span.model)]
            for n, whole in enumerate(amounts):
                cell[n] += share * whole
    notes: list[str] = []
    if longest > timedelta(hours=1) and shape is not None:
        each = "days" if longest <= _DAY else "months"
        notes.append(f"The load is totals of {each}, spread by the stated shape '{shape.text}'.")
    if outside:
        notes.append(f"{outside} totals lie on days that the shape says do not work; they keep its hours.")
    rows = _rows(cells)
    empty = _unknown_days(spans, shape) if longest > timedelta(hours=1) else []
    if empty:
        notes.append(f"{len(empty)} days between the first and the last have no row: unknown, left out.")
        provider, model = spans[0].provider, spans[0].model
        known = {(row.hour, row.provider, row.model) for row in rows}
        for day in empty:
            for hour in range(24):
                moment = day + timedelta(hours=hour)
                if (moment, provider, model) not in known:
                    rows.append(_missing(moment, provider, model))
    if longest > timedelta(hours=1):
        rows += _edges(rows, min(span.begin for span in spans), max(span.end for span in spans))
    return DemandProfile(tuple(rows), source=f"{where}, an export"), tuple(notes)


def _parts(span: Span, shape: Shape | None) -> tuple[list[tuple[datetime, float]], int]:
    """The hours of a span with their shares, and 1 when the shape says that no work is done in it."""
    hours = max(round((span.end - span.begin) / timedelta(hours=1)), 1)
    if hours == 1 or shape is None:
        return [(span.begin, 1.0)], 0
    moments = [span.begin + timedelta(hours=n) for n in range(hours)]
    weights = [shape.weight(moment) for moment in moments]
    strange = 0
    if not sum(weights):
        weights, strange = [shape.weight(moment, any_day=True) for moment in moments], 1
    total = sum(weights)
    return [(m, w / total) for m, w in zip(moments, weights, strict=True) if w], strange


def _rows(cells: Mapping[tuple[datetime, str, str], list[float]]) -> list[DemandHour]:
    """Hours in whole tokens and requests; what is due so far decides, so that rounding loses nothing."""
    due: dict[tuple[str, str], list[float]] = defaultdict(lambda: [0.0] * 5)
    rows: list[DemandHour] = []
    for (hour, provider, model), amounts in sorted(cells.items()):
        before = due[(provider, model)]
        after = [a + b for a, b in zip(before, amounts, strict=True)]
        due[(provider, model)] = after
        uncached, cached, write, output, requests = (
            round(a) - round(b) for a, b in zip(after, before, strict=True)
        )
        rows.append(DemandHour(hour, provider, model, uncached, cached, write, output, 0, requests, 0.0))
    return rows


def _unknown_days(spans: Sequence[Span], shape: Shape | None) -> list[datetime]:
    covered: set[datetime] = set()
    for span in spans:
        day = span.begin
        while day < span.end:
            covered.add(day.replace(hour=0))
            day += _DAY
    first, last = min(covered), max(covered)
    days = (first + n * _DAY for n in range((last - first).days + 1))
    noon = timedelta(hours=12)
    return [day for day in days if day not in covered and (shape is None or shape.works(day + noon))]


def _missing(hour: datetime, provider: str, model: str) -> DemandHour:
    return DemandHour(hour, provider, model, None, None, None, None, None, None, None, missing=True)


def _edges(rows: Sequence[DemandHour], begin: datetime, end: datetime) -> list[DemandHour]:
    """Empty hours at both ends, so that the nights of the first and the last day are part of the load."""
    hours = {row.hour for row in rows}
    provider, model = rows[0].provider, rows[0].model
    ends = {begin, end - timedelta(hours=1)} - hours
    return [DemandHour(hour, provider, model, 0, 0, 0, 0, 0, 0, 0.0) for hour in sorted(ends)]


def _spans(text: str, where: str, provider: str, today: date | None) -> tuple[list[Span], list[str]]:
    """What each row with tokens did, and what has to be said of the file."""
    head, rows = table(text, where)
    begin, until, meter = _first(head, _BEGIN), _first(head, _END), _first(head, _METER)
    if begin is None:
        raise InputError("no column with a day or an hour", expected=", ".join(_BEGIN[:6]), where=where)
    notes: list[str] = []
    texts = [row[begin] for _, row in rows]
    begins = [moment(row[begin], place) for place, row in rows]
    # One's own log of requests begins and ends within the hour; its rows are of that hour.
    whole = until is not None and "request_id" not in head and all(row[until] for _, row in rows)
    ends = [moment(row[until], place) for place, row in rows] if whole and until is not None else None
    begins = [at.replace(minute=0, second=0, microsecond=0) for at in begins]
    stops, width = row_spans(begins, texts, ends, where)
    copies_of(rows, width, where, notes)
    if today is not None and width == "month" and max(stops, default=begins[0]).date() > today:
        raise InputError(
            "the last month is not over", expected=f"months that end by {today}", got=texts[-1], where=where,
            hint="Leave it out: a part of a month would be read as all of it.",
        )  # fmt: skip
    if width == "hour" and rows and not any(re.search(r"[zZ]$|[+-]\d\d:?\d\d$|^\d+$", t) for t in texts):
        notes.append(
            "The export's hours name no zone: taken as UTC, which decides where a day's prices and nights lie."
        )
    found: list[Span] = []
    passed: dict[str, int] = defaultdict(int)
    for (place, row), start, end in zip(rows, begins, stops, strict=True):
        one = _metered(row, meter, place) if meter is not None else _counted(row, head, place, provider)
        if one is None:
            passed[row[meter] if meter is not None else ""] += 1
            continue
        maker, model, uncached, cached, write, output, requests = one
        if min(uncached, cached, write, output, requests or 0.0) < 0:
            raise InputError("a negative amount", expected="0 or more", where=place)
        found.append(
            Span(start, end, maker, model, uncached, cached, write, output, requests, _billed(row, place))
        )
    if meter is not None and passed:
        named = ", ".join(sorted(passed)[:3])
        notes.append(f"{sum(passed.values())} rows are no meters of tokens and are not in the load: {named}.")
    if meter is None and not any(name in head for name in (*_COUNTS["cached"], *_COUNTS["uncached"])):
        notes.append(
            "The export has no column of cached tokens: every prompt is taken as new, at the full price."
        )
    waiting = sum(_batched(row) for _, row in rows)
    if waiting:
        notes.append(
            f"{waiting} of {len(rows)} rows are batch work: priced and served like the rest until "
            "workload.deferrable_share says how much may wait."
        )
    return found, notes


def _batched(row: Mapping[str, str]) -> bool:
    meter = next((row[name] for name in _METER if row.get(name)), "")
    said = " ".join((row.get("batch", ""), row.get("usage_type", ""), row.get("service_tier", ""))).lower()
    return "true" in said.split() or "batch" in said or "batch" in meter.lower()


def _billed(row: Mapping[str, str], where: str) -> float | None:
    """What the row says that it cost in USD; None where it says nothing, or another currency."""
    if next((row[name].upper() for name in _CURRENCY if row.get(name)), "USD") != "USD":
        return None
    name = next((n for n in _COST if row.get(n)), None)
    return None if name is None else amount({name: row[name].lstrip("$ ")}, (name,), where)


def _first(head: Sequence[str], names: Sequence[str]) -> str | None:
    return next((name for name in names if name in head), None)


def _maker(model: str, given: str) -> str:
    if given:
        return given
    return next((maker for mark, maker in _MAKERS if mark in model.lower()), "")


_Row = tuple[str, str, float, float, float, float, float | None]


def _counted(row: Mapping[str, str], head: Sequence[str], where: str, provider: str) -> _Row | None:
    model = next((row[name] for name in _MODEL if row.get(name)), "")
    answer = count(row, _COUNTS["output"], where)
    prompt, uncached = count(row, _COUNTS["prompt"], where), count(row, _COUNTS["uncached"], where)
    cached = count(row, _COUNTS["cached"], where) or 0.0
    write = sum(count(row, (name,), where) or 0.0 for name in _WRITES)
    output = answer or 0.0
    if (answer is None) != (prompt is None and uncached is None and not cached):
        kind = "output" if answer is None else "prompt"
        raise InputError(
            f"a row without {kind} tokens", expected="one of " + ", ".join(_COUNTS[kind]),
            got="an empty cell" if any(n in head for n in _COUNTS[kind]) else "no such column", where=where,
            hint="Write 0 where there were none.",
        )  # fmt: skip
    if uncached is None:
        # Where only all prompt tokens are given, those of the caches are inside them.
        uncached = (prompt or 0.0) - cached - write
        if uncached < -0.5:
            raise InputError(
                "cached tokens above all prompt tokens", expected=prompt, got=cached + write, where=where
            )
        uncached = max(uncached, 0.0)
    if not output and not uncached and not cached and not write:
        return None
    if not model:
        raise InputError("a row without a model", expected="one of " + ", ".join(_MODEL[:3]), where=where)
    requests = count(row, _COUNTS["requests"], where)
    if requests is None and "request_id" in row:
        requests = 1.0
    plausible(uncached + cached + write + output, requests, where)
    given = next((row[name] for name in _PROVIDER if row.get(name)), "")
    return (
        _maker(model, given or provider),
        model.rpartition("/")[2],
        uncached,
        cached,
        write,
        output,
        requests,
    )


def _metered(row: Mapping[str, str], meter: str, where: str) -> _Row | None:
    """A meter's row: ``gpt-5-mini-0807-Inp-glbl Tokens`` or ``USE1-ClaudeSonnet4.5-input-tokens``."""
    name = row[meter].lower()
    if "token" not in name and "inp" not in name and "outp" not in name and "opt" not in name:
        return None
    quantity = amount(row, _QUANTITY, where)
    if quantity is None:
        raise InputError(
            "a meter without a quantity",
            expected=f"one of {', '.join(_QUANTITY)}",
            got="nothing",
            where=where,
        )
    factor = tokens_of_unit(next((row[u] for u in _UNITS if row.get(u)), ""), where)
    model = _METER_WORDS.sub("", name.replace(" ", "-")).strip("-")
    tokens = factor * quantity
    out = re.search(r"outp?\b|output|opt\b", name) is not None
    write = "cache-write" in name or "cachewrite" in name
    cached = not write and re.search(r"cach|cchd|-cd-", name) is not None
    return (
        _maker(model, ""), model,
        0.0 if out or cached or write else tokens, tokens if cached else 0.0, tokens if write else 0.0,
        tokens if out else 0.0, None,
    )  # fmt: skip


def profile_of_days(
    profile: DemandProfile, *, where: str, shape: Shape | None
) -> tuple[DemandProfile, tuple[str, ...]]:
    """A profile whose rows turn out to be totals of days, spread by the shape; another profile as it is."""
    known = [row for row in profile.hours if not row.missing]
    if granularity([row.hour for row in known]) == "hour" or not known:
        return profile, ()
    spans = [
        Span(
            row.hour, row.hour + _DAY, row.provider, row.model, row.input_tokens or 0, row.cached_tokens or 0,
            row.cache_write_tokens or 0, row.output_tokens or 0, row.requests or 0,
        )
        for row in known
    ]  # fmt: skip
    return spread(spans, where=where, shape=shape)
