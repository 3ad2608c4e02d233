"""Compile the price tables from the installed genai-prices package and the project's own dated prices.

Run by ``supercycle gateway prices refresh``; the gateway itself only reads what this writes. The package knows every
tier, cache and long-context price of today; the table of figures knows since when a price holds. Where they agree
the row carries both sources. Where they differ ``DISPUTES`` says which is kept and why; an unlisted difference fails
a test.
"""

# genai-prices publishes partial types: what it returns is read as Any here and checked by `price_entry`.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

from supercycle.core.errors import EnvironmentProblem
from supercycle.figures.prices import ModelPrice, model_prices

__all__ = ["DISPUTES", "Difference", "compile_tables", "differences", "installed_version", "write_tables"]

Entry = dict[str, Any]

_KINDS = {
    "input_mtok": "input",
    "cache_read_mtok": "cached",
    "cache_write_mtok": "cache_write",
    "cache_write_5m_mtok": "cache_write_5m",
    "cache_write_1h_mtok": "cache_write_1h",
    "output_mtok": "output",
    "web_searches_kcount": "web_search",
    "requests_kcount": "request",
}
_CALLS = ("web_search", "request")
# Prices the settlement has no count for; a model that has one is left out rather than priced without it.
_BEYOND = ("output_reasoning_mtok", "output_citation_mtok")
# What a variant of the package is asked with, and our word for it. OpenAI's "fast" is answered as "priority".
_TIERS = {
    ("processing", "batch"): "batch",
    ("service_tier", "flex"): "flex",
    ("service_tier", "priority"): "priority",
    ("speed", "fast"): "fast",
}
_FINEST = Decimal("0.000001")  # a pico-USD per token; a few prices converted by resellers have more digits
_THOUSAND = Decimal("0.001")

_PROVIDERS = {
    "OpenAI": "openai",
    "Anthropic": "anthropic",
    "Google": "google",
    "Mistral": "mistral",
    "DeepSeek": "deepseek",
    "xAI": "x-ai",
    "Moonshot": "moonshotai",
    "Zhipu": "zai",
    "MiniMax": "minimax",
    "Meta": "meta",
}
# Providers whose list price an aggregator passes on unchanged; of the others only documented prices are taken.
_PASSED_ON = ("OpenAI", "Anthropic", "Google", "xAI")
# Names in the table of figures whose id cannot be made from the words.
_IDS = {
    "GPT-4 (8k)": "gpt-4",
    "Claude 3 Opus": "claude-3-opus-latest",
    "Claude 3.5 Haiku": "claude-3-5-haiku-latest",
    "Claude 3.7 Sonnet": "claude-3-7-sonnet-latest",
    "Claude Opus 4": "claude-opus-4-0",
    "Claude Sonnet 4": "claude-sonnet-4-0",
    "Grok 4": "grok-4-0709",
    "Mistral Large 3": "mistral-large-2512",
    "DeepSeek V4.1 Flash": "deepseek-flash",
    "GLM-5": "GLM-5",
}
_NOT_A_LIST_PRICE = ("do not use", "not a list price", "from a gateway")
_OPEN_WEIGHTS = "cheapest host"  # said on a model's first row, true of all of them
_DATED = ("price documented", "price from dated catalogue commit")

# Anthropic serves these only in the United States on request, for this much more on every token price. Read at
# the page in _RESIDENCY on the day of the first compilation; the package does not carry it.
_RESIDENT = re.compile(r"^claude-(?:opus|sonnet)-4-[678]|^claude-[a-z]+-5")
_RESIDENCY = (
    "Data residency, https://docs.aws.amazon.com/claude-platform/latest/userguide/data-residency.html"
)
_RESIDENCY_FACTOR = Decimal("1.1")

# (provider, model, first day of the figure) -> which is kept, and why. Checked by hand.
DISPUTES: Mapping[tuple[str, str, str], tuple[Literal["package", "figures"], str]] = {
    ("deepseek", "deepseek-flash", "2026-09-10"): (
        "package",
        "the figure is the peak price; the package has both, by the hour",
    ),
    ("deepseek", "deepseek-v3.2", "2025-12-01"): (
        "figures",
        "the figure is DeepSeek's own price of that day; the package has what a host asks",
    ),
    ("deepseek", "deepseek-v4-flash", "2026-08-16"): (
        "package",
        "one day apart: the page was archived on the 16th, the package dates the change to the 17th",
    ),
    ("deepseek", "deepseek-v4-pro", "2026-08-16"): (
        "package",
        "one day apart, as with V4 Flash; both moved on the same page",
    ),
    ("google", "gemini-3.5-flash", "2026-10-08"): (
        "figures",
        "Google's changelog documents the halved price; the package has not followed",
    ),
    ("google", "gemini-3.5-flash", "2027-01-01"): (
        "figures",
        "Google's changelog documents the price after the offer; the package has not followed",
    ),
}


@dataclass(frozen=True, slots=True)
class Difference:
    """The two sources differ on a model's list price from a day on; USD per million tokens (input, output)."""

    provider: str
    model: str
    day: date
    package: tuple[Decimal, Decimal]
    figures: tuple[Decimal, Decimal]
    kept: str
    reason: str


def installed_version() -> str:
    """The version of genai-prices that is installed."""
    from importlib.metadata import version

    return version("genai-prices")


def compile_tables(compiled: date) -> dict[str, dict[str, Any]]:
    """The table of every provider that has a model priced by the token; ``compiled`` is the day it is made."""
    tables: dict[str, dict[str, Any]] = {}
    dated = _dated()
    for provider in _package():
        sources = {"g": f"genai-prices {installed_version()}"}
        models: dict[str, Any] = {}
        for model in provider.models:
            entries = _standard(model)
            if not entries:
                continue
            entries, _ = _with_history(
                provider.id, model.id, entries, dated.get((provider.id, model.id), ()), sources
            )
            entries += _tiers(model)
            if provider.id == "anthropic" and _RESIDENT.search(model.id):
                entries += _resident(entries)
                sources["r"] = _RESIDENCY
            row: dict[str, Any] = {"context": model.context_window} if model.context_window else {}
            names = [n for n in dict.fromkeys(_names(model.match)) if n.lower() != model.id.lower()]
            if names:
                row["also"] = names
            models[model.id] = {**row, "prices": entries}
        if models:
            tables[provider.id] = {
                "provider": provider.id,
                "compiled": compiled.isoformat(),
                "units": "USD per million tokens; web_search and request per thousand; hours in UTC",
                "pages": list(provider.pricing_urls or ()),
                "sources": sources,
                "models": dict(sorted(models.items())),
            }
    return tables


def write_tables(folder: Path, compiled: date) -> int:
    """Write one file per provider into ``folder``, a model a line; returns the number of models."""
    tables = compile_tables(compiled)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, table in tables.items():
            models = table.pop("models")
            head = json.dumps(table, ensure_ascii=False)[1:-1]
            lines = ",\n".join(
                f"{json.dumps(k)}: {json.dumps(v, ensure_ascii=False)}" for k, v in models.items()
            )
            part = folder / f"{name}.json.part"
            part.write_text(f'{{{head}, "models": {{\n{lines}\n}}}}\n', encoding="utf-8")
            part.replace(folder / f"{name}.json")
            table["models"] = models
        for stale in folder.glob("*.json"):
            if stale.stem not in tables:
                stale.unlink()
    except OSError as error:
        raise EnvironmentProblem("cannot write the price tables", where=folder, got=error) from None
    return sum(len(table["models"]) for table in tables.values())


def differences() -> tuple[Difference, ...]:
    """Every difference between the installed package and the table of figures, decided or not."""
    found: list[Difference] = []
    dated = _dated()
    for provider in _package():
        for model in provider.models:
            rows = dated.get((provider.id, model.id), ())
            entries = _standard(model) if rows else []
            if entries:
                found += _with_history(provider.id, model.id, entries, rows, {})[1]
    return tuple(found)


def _package() -> list[Any]:
    from genai_prices.data import providers

    return list(providers)


def _standard(model: Any) -> list[Entry]:
    """The rows of the standard tier, in the package's order: the last that holds wins."""
    listed = model.prices if isinstance(model.prices, list) else None
    pairs = [(c.constraint, c.prices) for c in listed] if listed else [(None, model.prices)]
    entries: list[Entry] = []
    latest = None
    for constraint, prices in pairs:
        rates = _rates(prices)
        if rates is None:
            return []
        when = _when(constraint)
        latest = when.get("from", latest)
        # Peak hours carry no day in the package; they belong to the list of prices that stands before them.
        if "hours" in when and latest:
            when["from"] = latest
        entries.append({**when, **rates})
    return entries if any("input" in e or "output" in e for e in entries) else []


def _tiers(model: Any) -> list[Entry]:
    entries: list[Entry] = []
    # The package takes the first variant that holds, the book the last.
    for variant in reversed(model.price_variants or ()):
        tier = _TIERS.get(next(iter(variant.when.items()))) if len(variant.when) == 1 else None
        rates = _rates(variant.prices)
        if tier and rates is not None:  # without rates it costs what the standard tier does
            entries.append({"tier": tier, **_when(variant.constraint), **rates})
    return entries


def _resident(entries: list[Entry]) -> list[Entry]:
    """The same rows for inference in the United States: token prices times the factor, searches as they are."""

    def dearer(value: Any) -> Any:
        if isinstance(value, list):
            return [dearer(value[0]), *([over, dearer(price)] for over, price in value[1:])]
        return _text(Decimal(value) * _RESIDENCY_FACTOR, _FINEST)

    kept = ("tier", "from", "until", "hours", "status")
    rows: list[Entry] = []
    for entry in entries:
        tokens = {k: dearer(v) for k, v in entry.items() if k in _KINDS.values() and k not in _CALLS}
        rows.append({"region": "us", **{k: entry[k] for k in kept if k in entry}, **tokens, "source": "r"})
    return rows


def _rates(prices: Any) -> Entry | None:
    """A price of the package in our kinds; None when it has a price that cannot be counted."""
    rates: Entry = {}
    fields = prices.__dict__
    if any(fields.get(key) is not None for key in _BEYOND):
        return None
    for key, kind in _KINDS.items():
        value = fields.get(key)
        if value is None:
            continue
        finest = _THOUSAND if kind in _CALLS else _FINEST
        if hasattr(value, "tiers"):
            rates[kind] = [
                _text(value.base, finest),
                *([t.start, _text(t.price, finest)] for t in value.tiers),
            ]
        else:
            rates[kind] = _text(value, finest)
    return rates


def _text(price: Decimal, finest: Decimal) -> str:
    rounded = Decimal(price).quantize(finest, ROUND_HALF_EVEN).normalize()
    return f"{rounded:f}"


def _when(constraint: Any) -> Entry:
    if constraint is None:
        return {}
    if hasattr(constraint, "start_date"):
        # A day the source states, not one it was first seen on.
        return {"from": constraint.start_date.isoformat(), "status": "documented", "source": "g"}
    return {"hours": f"{constraint.start_time:%H:%M}-{constraint.end_time:%H:%M}"}


def _names(match: Any) -> Iterator[str]:
    """The plain names a model is known by. Patterns are not names: a new model must not be taken for an old one."""
    for word in ("equals", "starts_with"):
        if hasattr(match, word):
            yield str(getattr(match, word)).rstrip("-@:")
    for part in getattr(match, "or_", ()):
        yield from _names(part)


def _dated() -> dict[tuple[str, str], tuple[ModelPrice, ...]]:
    """The list prices of the table of figures by provider and model id, oldest first."""
    found: dict[tuple[str, str], list[ModelPrice]] = {}
    hosted = {(row.provider, row.model) for row in model_prices() if _OPEN_WEIGHTS in row.note}
    for row in model_prices():
        documented = any(word in row.evidence_printed for word in _DATED)
        if row.provider not in _PROVIDERS or (row.provider, row.model) in hosted:
            continue
        if any(word in row.note for word in _NOT_A_LIST_PRICE):
            continue
        if not documented and row.provider not in _PASSED_ON:
            continue
        plain = row.model.lower().replace(" ", "-")
        name = _IDS.get(row.model) or (plain.replace(".", "-") if row.provider == "Anthropic" else plain)
        found.setdefault((_PROVIDERS[row.provider], name), []).append(row)
    return {key: tuple(sorted(rows, key=lambda r: r.price_from)) for key, rows in found.items()}


def _with_history(
    provider: str, model: str, entries: list[Entry], rows: Iterable[ModelPrice], sources: dict[str, str]
) -> tuple[list[Entry], list[Difference]]:
    """The package's rows with the days and the older prices the table of figures knows, and where they differ."""
    rows = tuple(rows)
    first, rest = entries[0], entries[1:]
    next_start = min((e["from"] for e in rest if "from" in e), default="9999-12-31")
    early = [row for row in rows if row.price_from.isoformat() < next_start]
    same = next((row for row in early if _pair(row) == _base(first)), None)
    history: list[Entry] = []
    found: list[Difference] = []
    if same is not None:
        first = {"from": same.price_from.isoformat(), **first, **_cited(same, sources), "source": "g"}
        first["agrees"] = [_source(same, sources)]
        older = [row for row in early if row.price_from < same.price_from]
        bounds = [*older, same]
        for row, after in pairwise(bounds):
            history.append(
                {
                    "from": row.price_from.isoformat(),
                    "until": after.price_from.isoformat(),
                    "input": _text(Decimal(str(row.input_usd_per_mtok)), _FINEST),
                    "output": _text(Decimal(str(row.output_usd_per_mtok)), _FINEST),
                    **_cited(row, sources),
                }
            )
    merged = [first, *rest]
    for row in rows:
        if same is not None and row.price_from < same.price_from:
            continue
        day = row.price_from.isoformat()
        held = [e for e in merged if e.get("from", "") <= day and "hours" not in e]
        now = held[-1] if held else first
        if _pair(row) == _base(now):
            if "agrees" not in now:
                now["agrees"] = [_source(row, sources)]
            continue
        kept, reason = DISPUTES.get((provider, model, day), ("package", "not decided"))
        found.append(Difference(provider, model, row.price_from, _base(now), _pair(row), kept, reason))
        if kept == "figures":
            own = {
                k: v
                for k, v in now.items()
                if k not in ("from", "until", "agrees", "source", "status", "seen")
            }
            pair = dict(zip(("input", "output"), (_text(p, _FINEST) for p in _pair(row)), strict=True))
            merged.insert(merged.index(now) + 1, {"from": day, **own, **pair, **_cited(row, sources)})
    return history + merged, found


def _base(entry: Entry) -> tuple[Decimal, Decimal]:
    def plain(value: Any) -> Decimal:
        return Decimal(value[0] if isinstance(value, list) else value)

    return plain(entry.get("input", "0")), plain(entry.get("output", "0"))


def _pair(row: ModelPrice) -> tuple[Decimal, Decimal]:
    return Decimal(str(row.input_usd_per_mtok)), Decimal(str(row.output_usd_per_mtok))


def _cited(row: ModelPrice, sources: dict[str, str]) -> Entry:
    documented = "price documented" in row.evidence_printed
    return {"status": "documented" if documented else "first observed", "source": _source(row, sources)}


def _source(row: ModelPrice, sources: dict[str, str]) -> str:
    text = f"{row.source_title}, {row.source_url}" if row.source_url else row.source_title
    for short, known in sources.items():
        if known == text:
            return short
    short = f"f{len(sources)}"
    sources[short] = text
    return short
