"""Prices of GPUs, power, racks and APIs from the sourced tables, each with its date, tier, and whether it is stale.

The market price of a GPU-hour is the median of specialist providers' quotes within ninety days of the newest.
Lists of the large clouds (p5, a3) are not the market and are left out; so are launch prices and spot. A price that
could not be found is an error, never zero.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from statistics import median

from supercycle.core.errors import InputError, UnknownNameError
from supercycle.figures.load import Figure, figures

__all__ = [
    "STALE_DAYS",
    "ApiPrice",
    "Quote",
    "api_price",
    "api_rating",
    "electricity",
    "figure_quote",
    "gpu_capital",
    "hosted_price",
    "rental_on_demand",
    "reserved_ratio",
]

# Days after which a price is flagged: rents and APIs move 15-20 % a quarter, hardware and sites a fifth of that.
STALE_DAYS = {"rental": 120, "api": 120, "capital": 270, "site": 400, "power": 400, "other": 730}
_LISTS = re.compile(r"AWS|GCP|Azure|p5|a3-|spot|median|market|index|floor|low quotes|launch", re.IGNORECASE)
_WINDOW = timedelta(days=90)
# Server and network over the GPU alone: an eight-GPU H100 server of 300,000 USD (2026) over eight GPUs of 30,000
# (street).
_SERVER_OVER_GPU = 300_000 / (8 * 30_000)


@dataclass(frozen=True, slots=True)
class Quote:
    """A number with where it comes from. ``evidence`` is measured, published or judgement; ``low``..``high`` what
    was seen.
    """

    value: float
    unit: str
    source: str
    day: date | None
    tier: str
    evidence: str
    low: float
    high: float
    kind: str = "other"

    def stale(self, today: date) -> bool:
        """True when the price is older than its kind allows; a price without a date is stale."""
        return self.day is None or (today - self.day).days > STALE_DAYS[self.kind]


def _of(rows: Sequence[Figure], unit: str, kind: str, *, factor: float = 1.0, what: str = "") -> Quote:
    values = sorted(factor * row.value for row in rows if row.value is not None)
    newest = max(rows, key=lambda row: row.period.end or date.min)
    tiers = sorted({row.tier for row in rows})
    names = ", ".join(dict.fromkeys(row.entity for row in rows))
    evidence = "judgement" if any(row.evidence == "judgement" for row in rows) else "published"
    text = f"figures buyers:{newest.series}: {what or names} ({newest.source_title})"
    return Quote(
        median(values), unit, text, newest.period.end, tiers[-1], evidence, values[0], values[-1], kind
    )


def _buyers(*series: str) -> list[Figure]:
    return [r for r in figures() if r.table == "buyers" and r.series in series and r.value is not None]


def figure_quote(series: str, entity: str, unit: str, kind: str) -> Quote:
    """The newest row of a series and entity of the buyers table; UnknownNameError suggests the nearest entity."""
    rows = [r for r in _buyers(series) if r.entity == entity]
    if not rows:
        raise UnknownNameError(f"entity of {series}", entity, sorted({r.entity for r in _buyers(series)}))
    return _of([max(rows, key=lambda r: r.period.end or date.min)], unit, kind)


@cache
def rental_on_demand(gpu: str) -> Quote:
    """Median on-demand price of specialists for a GPU, USD per GPU-hour; InputError when nobody quotes it.

    >>> quote = rental_on_demand("H100")
    >>> 2.0 < quote.value < 5.0, quote.unit
    (True, 'USD/GPU-h')
    """
    quoted = [r for r in _buyers("rental_on_demand") if r.entity.split()[0] == gpu]
    rows = [r for r in quoted if not _LISTS.search(r.entity.removeprefix(gpu))]
    if not rows:
        raise InputError(
            f"no rental quote for {gpu}",
            expected="a specialist's on-demand price in the figures",
            got="none",
            hint="Give rental.on_demand_usd_per_gpu_hour.",
        )
    newest = max(r.period.end or date.min for r in rows)
    recent = [r for r in rows if r.period.end is not None and newest - r.period.end <= _WINDOW]
    return _of(recent, "USD/GPU-h", "rental", what=f"{gpu}, median of {len(recent)} quotes of specialists")


@cache
def reserved_ratio(years: int) -> Quote:
    """Reserved over on-demand price for a term of 1 or 3 years.

    One year: the reported one-year contract price of an H100 over the on-demand index of the same months is
    0.61-0.80; general reservations are 30-50 % off. Three years: the only printed pair is a large cloud's (56 %
    off), so a judgement.
    """
    if years == 1:
        rows = [r for r in _buyers("reserved_discount") if r.entity == "cloud GPU reservation"]
        one = _of(rows, "1", "rental")
        return Quote(
            0.70,
            "1",
            f"{one.source}: 30-50 % off; H100 one-year contracts at 0.61-0.80 of the index",
            one.day,
            one.tier,
            "published",
            0.5,
            0.8,
            "rental",
        )
    rows = [r for r in _buyers("reserved_discount") if r.entity == "AWS P5 3y"]
    three = _of(rows, "1", "rental")
    return Quote(
        0.55,
        "1",
        f"judgement: between the world's wholesale ratio (0.55) and a large cloud's list ({three.source})",
        three.day,
        three.tier,
        "judgement",
        0.44,
        0.65,
        "rental",
    )


@cache
def gpu_capital(gpu: str) -> Quote:
    """Capital per GPU with its share of server and network, USD; InputError when no price is in the figures."""
    rows = [r for r in _buyers("gpu_purchase_price_street", "gpu_purchase_price") if r.entity == gpu]
    if not rows:
        raise InputError(
            f"no purchase price for {gpu}",
            expected="a row in the figures",
            got="none",
            hint="Give hardware.capital_usd_per_gpu.",
        )
    newest = max(rows, key=lambda r: r.period.end or date.min)
    one = _of(
        [newest],
        "USD",
        "capital",
        factor=_SERVER_OVER_GPU,
        what=f"{gpu} x {_SERVER_OVER_GPU:g} for the server",
    )
    return Quote(
        one.value,
        "USD",
        one.source,
        one.day,
        one.tier,
        one.evidence,
        0.7 * one.value,
        1.4 * one.value,
        "capital",
    )


@cache
def electricity(region: str = "Pennsylvania") -> Quote:
    """Industrial price of electricity of a US region, USD per kWh; UnknownNameError suggests the nearest.

    >>> electricity("Iowa").value
    0.0604
    """
    return figure_quote("electricity_industrial", region, "USD/kWh", "power")


@dataclass(frozen=True, slots=True)
class ApiPrice:
    """USD per million tokens by kind; a rate the provider does not list is None and falls back as ``rate`` says."""

    provider: str
    model: str
    input: float
    output: float
    cached: float | None
    cache_write: float | None
    batch_share: float | None
    source: str
    day: date | None

    def stale(self, today: date) -> bool:
        """True when the list is older than prices of APIs keep, or carries no date."""
        return self.day is None or (today - self.day).days > STALE_DAYS["api"]

    def rate(self, kind: str) -> float:
        """The rate of input, cached, cache_write or output; an unlisted cache rate is the input rate (no
        discount).
        """
        found = {
            "input": self.input,
            "output": self.output,
            "cached": self.cached,
            "cache_write": self.cache_write,
        }[kind]
        return self.input if found is None else found


@cache
def api_price(provider: str, model: str, today: date) -> ApiPrice:
    """List price of a model on a day: the price package, else the figures' models table.

    Errors: UnknownNameError with the nearest model names.
    """
    found = _packaged(provider, model, today) or _tabled(model, today)
    if found is None:
        from supercycle.figures.prices import model_prices

        known = dict.fromkeys([*_package_names(provider), *(p.model for p in model_prices())])
        raise UnknownNameError("API model without a price", model, known)
    return found


def _packaged(provider: str, model: str, today: date) -> ApiPrice | None:
    from datetime import UTC, datetime

    from genai_prices import data_snapshot

    try:
        owner, one = data_snapshot.get_snapshot().find_provider_model(model, None, provider or None, None)
        price = one.get_prices(datetime(today.year, today.month, today.day, tzinfo=UTC))
    except LookupError:
        return None
    plain, into, out = (
        _flat(getattr(price, f"{kind}_mtok", None)) for kind in ("input", "cache_read", "output")
    )
    if plain is None or out is None:
        return None
    return ApiPrice(
        owner.id,
        one.id,
        plain,
        out,
        into,
        _flat(getattr(price, "cache_write_mtok", None)),
        None,
        f"genai-prices {_package_version()} (MIT), package data without a date",
        None,
    )


@cache
def _package_version() -> str:
    from importlib.metadata import version

    return version("genai-prices")


def _flat(price: object) -> float | None:
    """A rate as a number; of a rate in steps of context, the first step."""
    if price is None:
        return None
    return float(getattr(price, "base", price))  # pyright: ignore[reportArgumentType]


def _package_names(provider: str) -> list[str]:
    from genai_prices import data_snapshot

    return [
        m.id
        for p in data_snapshot.get_snapshot().providers
        if not provider or p.id == provider
        for m in p.models
    ]


def _tabled(model: str, today: date) -> ApiPrice | None:
    from supercycle.figures.prices import model_prices

    wanted = _plain(model)
    rows = [
        p
        for p in model_prices()
        if _plain(p.model) == wanted and p.price_from <= today and (p.price_to is None or today < p.price_to)
    ]
    if not rows:
        return None
    row = max(rows, key=lambda p: p.price_from)
    return ApiPrice(
        row.provider,
        row.model,
        row.input_usd_per_mtok,
        row.output_usd_per_mtok,
        None,
        None,
        None,
        f"figures models: {row.source_title}",
        row.price_from,
    )


@cache
def hosted_price(names: tuple[str, ...], today: date) -> ApiPrice | None:
    """The median list price of API hosts of an open-weights model, each rate for itself; None when nobody lists it.

    Free tiers, batch entries and resellers' copies of other hosts' lists are left out.
    """
    from genai_prices import data_snapshot

    wanted = {_plain(name) for name in names}
    found: list[ApiPrice] = []
    for provider in data_snapshot.get_snapshot().providers:
        if provider.id.startswith(("huggingface", "openrouter")):
            continue
        for model in provider.models:
            name = _plain(model.id)
            if ":" in model.id.removesuffix(":0") or not any(name == w or name.startswith(w) for w in wanted):
                continue
            one = _packaged(provider.id, model.id, today)
            if one is not None and one.output > 0:
                found.append(one)
    if not found:
        return None
    cached = [one.cached for one in found if one.cached is not None]
    hosts = sorted({one.provider for one in found})
    return ApiPrice(
        "hosts",
        names[0],
        median(one.input for one in found),
        median(one.output for one in found),
        median(cached) if cached else None,
        None,
        None,
        f"genai-prices {_package_version()}: median of {len(found)} lists of {', '.join(hosts)}",
        None,
    )


def api_rating(model: str) -> float | None:
    """Arena rating of a model in the figures (one snapshot); None when it is not rated there."""
    from supercycle.figures.prices import model_prices

    rated = [p.arena_rating for p in model_prices() if _plain(p.model) == _plain(model) and p.arena_rating]
    return max(rated) if rated else None


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower().rsplit("/", 1)[-1])
