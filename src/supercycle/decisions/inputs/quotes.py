"""Prices of GPUs, power, racks and APIs from the sourced tables, each with its date, tier, and whether it is stale.

The market price of a GPU-hour is the median of specialist providers' quotes within ninety days of the newest.
Lists of the large clouds (p5, a3) are not the market and are left out; so are launch prices and spot. A price that
could not be found is an error, never zero.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
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
    "context_tiers",
    "electricity",
    "electricity_regions",
    "figure_quote",
    "gpu_capital",
    "rental_on_demand",
]

# Days after which a price is flagged: rents and APIs move 15-20 % a quarter, hardware and sites a fifth of that.
STALE_DAYS = {"rental": 120, "api": 120, "capital": 270, "site": 400, "power": 400, "other": 730}
_LISTS = re.compile(
    r"AWS|GCP|Azure|p5|a3-|spot|median|market|index|floor|low quotes|launch|PCIe|NVL|Workstation|survey|Oracle|OCI",
    re.IGNORECASE,
)
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


def electricity_regions() -> list[str]:
    """Regions whose industrial price the buyers table has, those that ``electricity`` takes.

    >>> "Ohio" in electricity_regions()
    True
    """
    return sorted({row.entity for row in _buyers("electricity_industrial")})


@cache
def rental_on_demand(gpu: str) -> Quote:
    """Median on-demand price of specialists for a GPU, USD per GPU-hour; InputError when nobody quotes it.

    One list a provider, its newest; of the large clouds, peer-hosted cards, PCIe and NVL parts and racks under the
    name of a single GPU none.

    >>> quote = rental_on_demand("H100")
    >>> 2.0 < quote.value < 5.0, quote.unit
    (True, 'USD/GPU-h')
    """
    name = gpu.replace("-", " ")
    quoted = [
        r
        for r in figures()
        if r.table in ("buyers", "hardware")
        and r.series == "rental_on_demand"
        and r.value is not None
        and r.period.end is not None
        and (r.entity == name or r.entity.startswith(f"{name} "))
        and not _LISTS.search(r.entity.removeprefix(name))
        and "community" not in r.basis
        and "do not use" not in r.note
    ]
    if not quoted:
        raise InputError(
            f"no rental quote for {gpu}",
            expected="a specialist's on-demand price in the figures",
            got="none",
            hint="Give rental.on_demand_usd_per_gpu_hour.",
        )
    newest = max(r.period.end or date.min for r in quoted)
    latest: dict[str, Figure] = {}
    for row in sorted(quoted, key=lambda r: (r.period.end or date.min, r.published)):
        if row.period.end is not None and newest - row.period.end <= _WINDOW:
            latest[_provider(row.entity, name)] = row
    recent = list(latest.values())
    return _of(recent, "USD/GPU-h", "rental", what=f"{gpu}, median of {len(recent)} specialists' lists")


def _provider(entity: str, name: str) -> str:
    words = [w for w in entity.removeprefix(name).split() if w not in ("SXM", "secure", "1x", "80GB")]
    return words[0].lower() if words else ""


@cache
def gpu_capital(gpu: str) -> Quote:
    """Capital per GPU with its share of server and network, USD; InputError when no price is in the figures."""
    rows = [r for r in _buyers("gpu_purchase_price_street", "gpu_purchase_price") if r.entity == gpu]
    if not rows:
        ranged = _capital_range(gpu)
        if ranged is not None:
            return ranged
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


# Servers and racks whose price the figures give as a range, and the GPUs in them; cards cost a server more.
_WHOLE = {"B300": ("DGX B300 (8 GPU)", 8), "GB300": ("GB300 NVL72 rack", 72)}
_CARDS = {"GB200": "B200 in NVL72 (per GPU)", "RTX-PRO-6000": "RTX PRO 6000 Blackwell"}


def _capital_range(gpu: str) -> Quote | None:
    """Capital of a GPU from the ranges of the hardware table: the middle of what was seen."""
    whole, count = _WHOLE.get(gpu, ("", 1))
    entity, factor = (whole, 1 / count) if whole else (_CARDS.get(gpu, ""), _SERVER_OVER_GPU)
    rows = [
        r
        for r in figures()
        if r.table == "hardware" and r.entity == entity and r.value is not None
        and r.series.startswith(("server_price", "gpu_purchase_price"))
    ]  # fmt: skip
    if not rows:
        return None
    seen = _of(
        rows,
        "USD",
        "capital",
        factor=factor,
        what=f"{entity}, over its GPUs" if whole else f"{entity} x 1.25",
    )
    middle = (seen.low + seen.high) / 2
    return Quote(
        middle, "USD", seen.source, seen.day, seen.tier, seen.evidence, seen.low, seen.high, "capital"
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
def api_price(
    provider: str, model: str, today: date, hour: int = 12, weekday: int = 1, prompt: int = 0
) -> ApiPrice:
    """List price of a model on a day: the price package, else the figures' models table.

    ``hour`` (UTC) and ``weekday`` (Monday is 0) decide where a provider has prices by the hour; ``prompt`` tokens of a
    request decide the context tier, which reprices the whole request.

    Errors: UnknownNameError with the nearest model names.
    """
    found = _packaged(provider, model, _moment(provider, today, hour, weekday), prompt) or _tabled(
        model, today
    )
    if found is None:
        from supercycle.figures.prices import model_prices

        known = dict.fromkeys([*_package_names(provider), *(p.model for p in model_prices())])
        near = [name for name in known if name != model]
        if model in known:
            raise InputError(
                f"{model} has no price of input and output tokens", expected="a model that answers with tokens",
                got=model, hint="Give api.input_usd_per_mtok and api.output_usd_per_mtok.",
            )  # fmt: skip
        raise UnknownNameError("API model without a price", model, near)
    return found


# DeepSeek's higher hours are those of working days (its pricing page, since 16 August 2026); the package has no days.
_WORKDAY_HOURS = ("deepseek",)


def _moment(provider: str, today: date, hour: int, weekday: int) -> datetime:
    """The last moment before the end of a day that has an hour and a weekday."""
    if provider in _WORKDAY_HOURS and weekday >= 5:
        hour = 12  # no higher hour at a weekend
    day = today - timedelta(days=(today.weekday() - weekday) % 7)
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


@cache
def context_tiers(provider: str, model: str, today: date) -> tuple[int, ...]:
    """Prompt lengths above which a model's whole request is repriced; none where the list has one price."""
    from genai_prices import data_snapshot

    try:
        _, one = data_snapshot.get_snapshot().find_provider_model(model, None, provider or None, None)
    except LookupError:
        return ()
    price = one.get_prices(_moment(provider, today, 12, 1))
    tiers = getattr(getattr(price, "input_mtok", None), "tiers", ())
    return tuple(sorted(int(tier.start) for tier in tiers))


def _packaged(provider: str, model: str, moment: datetime, prompt: int) -> ApiPrice | None:
    from genai_prices import data_snapshot

    try:
        owner, one = data_snapshot.get_snapshot().find_provider_model(model, None, provider or None, None)
        price = one.get_prices(moment)
    except LookupError:
        return None
    plain, into, out, write = (
        _at_length(getattr(price, f"{kind}_mtok", None), prompt)
        for kind in ("input", "cache_read", "output", "cache_write")
    )
    if plain is None or out is None:
        return None
    return ApiPrice(
        owner.id,
        one.id,
        plain,
        out,
        into,
        write,
        None,
        f"genai-prices {_package_version()} (MIT), package data without a date",
        None,
    )


@cache
def _package_version() -> str:
    from importlib.metadata import version

    return version("genai-prices")


def _at_length(price: object, prompt: int) -> float | None:
    """A rate as a number; of a rate in steps of context, the step that a prompt of this length has reached."""
    if price is None:
        return None
    rate = getattr(price, "base", price)
    for tier in getattr(price, "tiers", ()):
        if prompt > tier.start:
            rate = tier.price
    return float(rate)  # pyright: ignore[reportArgumentType]


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


def api_rating(model: str) -> float | None:
    """Arena rating of a model in the figures: the models table, else the newest snapshot of open models; None when it
    is in neither.
    """
    from supercycle.figures.prices import model_prices

    wanted = _plain(model)
    rated = [p.arena_rating for p in model_prices() if _plain(p.model) == wanted and p.arena_rating]
    return max(rated) if rated else _open_ratings().get(wanted)


@cache
def _open_ratings() -> dict[str, float]:
    """Ratings of the open models' snapshot, by the model that the row names and by the row's own name."""
    found: dict[str, float] = {}
    for row in figures():
        if row.table == "open_models" and row.series == "arena_text_rating" and row.value is not None:
            said = f"{row.basis};{row.note}"
            named = re.search(r"model=([^;]+)", said)
            for name in (row.entity, *([named[1]] if named else [])):
                found.setdefault(_plain(name.split(" (")[0]), row.value)
    return found


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower().rsplit("/", 1)[-1])
