"""The price book: what each provider charges for each model, from when, at which hours, and who says so.

It is read from the compiled tables in ``prices/`` (one file per provider, read when the provider is first asked for),
from a folder of refreshed ones, and from prices given by hand. A name that merely begins like a known model is not that
model: only an exact name, or one with a date or ``-latest`` behind it, is found. What is not found has no price, and
no price is never 0.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, cast

import orjson

from supercycle.core.errors import InputError, UnknownNameError
from supercycle.gateway.prices.catalogue import catalogue
from supercycle.gateway.prices.money import pico, rate_per_token
from supercycle.gateway.speech.usage import KINDS

__all__ = ["PRICED", "Model", "Price", "PriceBook", "Rate", "Status", "Steps", "price_entry", "with_entries"]

Status = Literal["documented", "first observed", "configured", "own", "invented"]
Steps = tuple[tuple[int, int], ...]  # (prompt tokens above which it holds, pico-USD per unit), ascending

# What an entry may price. ``cache_write`` stands for the lives a provider gives without being asked.
_SPREAD = {"cache_write": ("cache_write_5m", "cache_write_30m")}
PRICED = (*(kind for kind in KINDS if kind != "reasoning"), *_SPREAD)
# What a price is of where it is not of a million: a thousand calls, one picture, an hour of sound.
_PER = {"web_search": 1000, "request": 1000, "picture": 1, "audio_second": 3600}
_PICTURE = "picture "  # with a size, or a size and a quality: ``picture 1024x1024 hd``
_OTHER = ("tier", "region", "from", "until", "hours", "status", "seen", "source", "agrees")

_VERSION_SUFFIX = re.compile(r"(?:[-@](?:20\d\d-\d\d-\d\d|20\d{6}|latest))(?:-v\d+:\d+)?$")
_SHIPPED = Path(__file__).with_name("tables")
_REMEMBERED = 4096  # names looked up; a client that asks for random names must not fill the memory
_HOUR = 60  # minutes
_DAY = 24 * _HOUR


class Rate(NamedTuple):
    """The price of one kind: which row of the book says so, and its steps by prompt length."""

    price_id: str
    steps: Steps

    def at(self, prompt: int) -> int:
        """Pico-USD per unit for a prompt of that many tokens; above a threshold the whole request costs more."""
        rate = self.steps[0][1]
        for threshold, above in self.steps[1:]:
            if prompt > threshold:
                rate = above
        return rate


@dataclass(frozen=True, slots=True)
class Price:
    """One effective-dated row: the rates of a model in one tier from ``starts`` (None: not known) to ``ends``.

    ``minutes`` is the part of each UTC day it holds in (peak hours), None for all of it. ``price_id`` changes with
    the content, so a booked row names exactly what it was priced with.
    """

    price_id: str
    provider: str
    model: str
    tier: str
    region: str
    starts: date | None
    ends: date | None
    minutes: tuple[int, int] | None
    rates: Mapping[str, Steps]
    status: Status
    seen: date | None
    source: str
    agrees: tuple[str, ...] = ()

    def active(self, at: datetime) -> bool:
        """Whether it holds at that moment (UTC)."""
        day = at.date()
        if (self.starts is not None and day < self.starts) or (self.ends is not None and day >= self.ends):
            return False
        if self.minutes is None:
            return True
        minute = at.hour * 60 + at.minute
        start, end = self.minutes
        return start <= minute < end if start <= end else minute >= start or minute < end


class Model:
    """One model of one provider: its rows, and the rates that hold at a moment."""

    __slots__ = ("_memo", "bounds", "context", "max_output", "name", "prices", "provider", "regions")

    def __init__(
        self,
        provider: str,
        name: str,
        context: int | None,
        prices: tuple[Price, ...],
        max_output: int | None = None,
    ) -> None:
        self.provider = provider
        self.name = name
        self.context = context
        self.max_output = max_output
        self.prices = prices
        self.regions = tuple(dict.fromkeys(price.region for price in prices if price.region))
        self.bounds: dict[tuple[str, bool], tuple[int, Any]] = {}  # kept by the settlement
        self._memo: dict[tuple[str, str], tuple[int, Mapping[str, Rate] | None]] = {}

    def tiers(self) -> tuple[str, ...]:
        """The tiers it has a price for, now or at another time."""
        return tuple(dict.fromkeys(price.tier for price in self.prices))

    def rates(self, at: datetime, tier: str = "standard", region: str = "") -> Mapping[str, Rate] | None:
        """The rate of each kind at that moment, None when the tier or region has no price then.

        The last row that holds wins; a tier or region that says nothing of a kind has the standard rate of it.
        """
        minute = int(at.timestamp()) // 60
        memo = self._memo.get((tier, region))
        if memo is not None and memo[0] == minute:
            return memo[1]
        found = self._found(at.astimezone(UTC), tier, region)
        self._memo[(tier, region)] = (minute, found)
        if len(self._memo) > 64:  # the words come from answers of a provider
            self._memo.clear()
        return found

    def _found(self, at: datetime, tier: str, region: str) -> Mapping[str, Rate] | None:
        wanted = dict.fromkeys((("standard", ""), (tier, ""), ("standard", region), (tier, region)))
        rates: dict[str, Rate] = {}
        last = None
        for want in wanted:
            for price in reversed(self.prices):
                if (price.tier, price.region) == want and price.active(at):
                    rates.update({k: Rate(price.price_id, steps) for k, steps in price.rates.items()})
                    last = want
                    break
        # A tier without a row of its own must not pass for the standard one.
        return MappingProxyType(rates) if last == (tier, region) and rates else None


class PriceBook:
    """Prices by provider and model.

    >>> book = PriceBook()
    >>> model = book.find("anthropic", "claude-sonnet-4-5-20250929")
    >>> model.name, model.rates(datetime(2026, 11, 1, tzinfo=UTC))["output"].at(1000)
    ('claude-sonnet-4-5', 15000000)
    >>> book.find("openai", "gpt-5-imaginary") is None
    True
    """

    def __init__(self, *folders: Path) -> None:
        """The shipped tables and those of ``folders``: of each provider the one compiled last, as a whole."""
        self._folders = (_SHIPPED, *folders)
        self._tables: dict[str, dict[str, Model]] = {}
        self._names: dict[tuple[str, str], Model | None] = {}
        self._given: dict[str, dict[str, Model]] = {}

    def providers(self) -> tuple[str, ...]:
        """Every provider that has a table or a price by hand."""
        files = {file.stem for folder in self._folders if folder.is_dir() for file in folder.glob("*.json")}
        return tuple(sorted(files | set(self._given)))

    def models(self, provider: str) -> tuple[Model, ...]:
        """The models of a provider, by name; UnknownNameError when there is no table of that name."""
        table = {**self._table(provider), **self._given.get(provider, {})}
        if not table:
            raise UnknownNameError("provider in the price book", provider, self.providers())
        by_name = {model.name: model for model in table.values()}
        return tuple(by_name[name] for name in sorted(by_name))

    def find(self, provider: str, name: str) -> Model | None:
        """The model, or None: then it has no price. Names are remembered, so this is one look-up."""
        key = (provider, name)
        try:
            return self._names[key]
        except KeyError:
            pass
        wanted = name.lower()
        stem = _VERSION_SUFFIX.sub("", wanted)
        found = None
        for table in (self._given.get(provider, {}), self._table(provider)):
            found = table.get(wanted) or table.get(stem)
            if found is not None:
                break
        if len(self._names) >= _REMEMBERED:
            self._names.clear()
        if found is not None and (found.context is None or found.max_output is None):
            row = catalogue().at(provider, found.name)
            if row is not None:
                found.context = found.context or row.context
                found.max_output = found.max_output or row.max_output
        self._names[key] = found
        return found

    def price(self, price_id: str) -> Price | None:
        """The row of that id, if the book (still) has it."""
        provider, _, rest = price_id.partition("/")
        model = self.find(provider, rest.partition("|")[0])
        return next((p for p in model.prices if p.price_id == price_id), None) if model else None

    def _table(self, provider: str) -> dict[str, Model]:
        table = self._tables.get(provider)
        if table is None:
            table = {}
            # The name comes from a configuration file and must stay a file name.
            if re.fullmatch(r"[a-z0-9_.-]+", provider):
                files = [folder / f"{provider}.json" for folder in self._folders]
                found = [(data["compiled"], data) for file in files if (data := _load(file))]
                if found:
                    table = _read(provider, max(found, key=lambda one: one[0])[1])
            self._tables[provider] = table
        return table


def with_entries(book: PriceBook, entries: Iterable[tuple[str, str, Mapping[str, Any], str]]) -> PriceBook:
    """A book that has prices given by hand over its own: (provider, model, entry, source) each.

    An entry says kinds in USD per million (``web_search`` and ``request`` per thousand, ``picture`` each,
    ``audio_second`` per hour), and may say tier, region, from, until, hours, status. Several entries of one model are
    its rows, in order.

    >>> book = with_entries(PriceBook(), [("mine", "llama", {"input": "0.10", "output": "0.40"}, "by hand")])
    >>> book.find("mine", "llama").rates(datetime.now(UTC))["input"].at(1)
    100000
    """
    out = PriceBook(*book._folders[1:])  # pyright: ignore[reportPrivateUsage]
    given: dict[tuple[str, str], list[Price]] = {}
    for provider, model, entry, source in entries:
        row = price_entry(provider, model, {"status": "configured", **entry}, {}, source)
        given.setdefault((provider, model), []).append(row)
    tables = {name: dict(table) for name, table in book._given.items()}  # pyright: ignore[reportPrivateUsage]
    for (provider, model), rows in given.items():
        known = book.find(provider, model)
        made = Model(provider, model, known.context if known else None, tuple(rows))
        tables.setdefault(provider, {})[model.lower()] = made
    out._given = tables  # pyright: ignore[reportPrivateUsage]
    return out


def price_entry(
    provider: str, model: str, entry: Mapping[str, Any], sources: Mapping[str, str], source: str = ""
) -> Price:
    """One row of the book from its written form; ``sources`` resolves the short names a table uses."""
    where = f"price of {provider}/{model}"
    for key in entry:
        if key not in PRICED and key not in _OTHER and not key.startswith(_PICTURE):
            raise UnknownNameError("kind", str(key), (*PRICED, *_OTHER), where=where)
    rates: dict[str, Steps] = {}
    pictures = [str(key) for key in entry if str(key).startswith(_PICTURE)]
    for kind in (*PRICED, *pictures):
        if kind in entry:
            steps = _steps(kind, entry[kind], f"{where}, {kind}")
            for spread in _SPREAD.get(kind, (kind,)):
                rates.setdefault(spread, steps)
    source_word = str(entry.get("source", ""))
    tier, region = str(entry.get("tier", "standard")), str(entry.get("region", ""))
    # The price itself and when it holds, not who says so: a refresh that changes nothing keeps the id.
    priced = {key: value for key, value in entry.items() if key in (*PRICED, *pictures, "until", "hours")}
    digest = sha256(orjson.dumps(priced, option=orjson.OPT_SORT_KEYS, default=str)).hexdigest()[:8]
    starts = _day(entry.get("from"), where)
    return Price(
        price_id=f"{provider}/{model}|{tier}{'@' + region if region else ''}|{starts or 'open'}|{digest}",
        provider=provider,
        model=model,
        tier=tier,
        region=region,
        starts=starts,
        ends=_day(entry.get("until"), where),
        minutes=_minutes(entry.get("hours"), where),
        rates=MappingProxyType(rates),
        status=cast("Status", entry.get("status", "first observed")),
        seen=_day(entry.get("seen"), where),
        source=sources.get(source_word, source_word) or source,
        agrees=tuple(sources.get(word, word) for word in entry.get("agrees", ())),
    )


def _load(file: Path) -> dict[str, Any] | None:
    """One table as it is written; None when the folder has none of that provider."""
    try:
        return orjson.loads(file.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise InputError("price table", where=file, expected="JSON", got=error) from None


def _read(provider: str, data: dict[str, Any]) -> dict[str, Model]:
    """A provider's models by every name they have, an exact one before another model's alias."""
    sources: dict[str, str] = data["sources"]
    table: dict[str, Model] = {}
    aliases: dict[str, Model] = {}
    for name, row in cast("dict[str, dict[str, Any]]", data["models"]).items():
        default = {"seen": data["compiled"], "source": "g"}
        prices = tuple(price_entry(provider, name, {**default, **entry}, sources) for entry in row["prices"])
        model = Model(provider, name, row.get("context"), prices)
        table[name.lower()] = model
        for alias in row.get("also", ()):
            aliases.setdefault(alias.lower(), model)
    return {**aliases, **table}


def _steps(kind: str, value: object, where: str) -> Steps:
    """``"5"``, or ``["5", [272000, "10"]]``: 5 up to 272,000 prompt tokens, 10 for the whole request above."""
    parts: list[Any] = cast("list[Any]", value) if isinstance(value, list) else [value]
    steps: list[tuple[int, int]] = []
    for part in parts:
        over, price = cast("list[Any]", part) if isinstance(part, list) else (0, part)
        per = _PER.get(kind.partition(" ")[0])
        # Rounded up: an hour's price may have no whole pico-USD a second.
        rate = (
            rate_per_token(str(price), where=where)
            if per is None
            else -(-pico(str(price), where=where) // per)
        )
        if rate < 0 or (steps and over <= steps[-1][0]):
            raise InputError("price", where=where, expected="0 or more, thresholds ascending", got=parts)
        steps.append((int(over), rate))
    return tuple(steps)


def _day(value: object, where: str) -> date | None:
    if value is None or isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise InputError("day", where=where, expected="2026-12-01", got=repr(value)) from None


def _minutes(value: object, where: str) -> tuple[int, int] | None:
    """``"01:00-04:00"`` in UTC as minutes of the day."""
    if value is None:
        return None
    match = re.fullmatch(r"(\d\d):(\d\d)-(\d\d):(\d\d)", str(value))
    if match is None:
        raise InputError("hours", where=where, expected="01:00-04:00 in UTC", got=repr(value))
    h1, m1, h2, m2 = (int(part) for part in match.groups())
    start, end = h1 * _HOUR + m1, h2 * _HOUR + m2
    if max(m1, m2) >= _HOUR or max(start, end) > _DAY or start == end:
        raise InputError("hours", where=where, expected="01:00-04:00 in UTC", got=repr(value))
    return start, end
