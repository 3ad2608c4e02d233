"""The configuration file: who listens where, which providers there are, which names clients may ask for.

    listen: 127.0.0.1:4000
    providers:
      openai: {key: $OPENAI_API_KEY}
      rack: {kind: vllm, base_url: "http://10.0.0.5:8000/v1"}
    models:
      small:
        quality_floor: 60
        targets:
          - openai/gpt-5-mini
          - {provider: rack, model: qwen3-8b, quality: 64, price: {input: 0.05, output: 0.15}}

Keys of providers never stand in the file: ``$NAME`` is read from the environment, ``stored`` is in the encrypted
store. Every mistake is told with file and line.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal, cast
from urllib.parse import urlsplit

from supercycle.core.errors import EnvironmentProblem, InputError, UnknownNameError
from supercycle.gateway.config.models import PriceEntry, model_of, positive
from supercycle.gateway.config.yaml_lines import Item, read_yaml
from supercycle.gateway.prices.catalogue import catalogue, read_ratings
from supercycle.gateway.prices.pricebook import PriceBook, with_entries
from supercycle.gateway.routes.providers import (
    AUTH,
    DIALECTS,
    KINDS,
    ModelEntry,
    Provider,
    Target,
    provider_of,
)
from supercycle.gateway.routes.route import Policy

__all__ = [
    "Bounds",
    "CacheSettings",
    "Config",
    "Listen",
    "Telemetry",
    "data_folder",
    "mock_config",
    "read_config",
]

MOCK_PRICES: Final = (
    ("mock-small", {"input": "0.10", "cached": "0.01", "output": "0.40"}),
    ("mock-large", {"input": "2.50", "cached": "0.25", "output": "10.00"}),
    ("mock-embed", {"input": "0.02"}),
)
_MOCK_MAX = 4096  # the mock says far less; without a bound a budget would refuse a call that sets none
_DISCONNECT = ("drain", "cancel-estimate", "cancel-free")
_SECONDS = ("drain_s", "connect_s", "first_byte_s", "idle_s", "warm_s")
_GEN_AI = ("off", "1.28", "1.37")
_EXPLORE_MOST = 0.5
_NEAR = 0.75  # from here on a provider's name looks like a kind: opnai, groq-2
_LIMIT_FIELDS = ("max_completion_tokens", "max_tokens")
_REGION = re.compile(r"\.([a-z]{2}(?:-[a-z]+)+-\d)\.")
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class Listen:
    """An address. Port 0 takes a free one."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a client may send and an upstream may answer, at most. Judgements: the largest uses known, and some."""

    body_bytes: int = 32 * 2**20
    body_memory_bytes: int = 48 * 2**20  # of all bodies whose answers have not begun
    answer_bytes: int = 128 * 2**20
    connections: int = 4096
    known_fields: frozenset[str] = frozenset()
    text: Literal["strict", "practical"] = "strict"  # how text is bounded on a path with a budget
    mcp: bool = True  # whether a request may let a provider call MCP servers


@dataclass(frozen=True, slots=True)
class CacheSettings:
    """The exact cache; it is off unless the file has it."""

    entries: int = 0
    size: int = 64 * 2**20
    ttl_s: float = 300.0


@dataclass(frozen=True, slots=True)
class Telemetry:
    """Names of OpenTelemetry's generative AI conventions, by version, and a file for one span a line."""

    gen_ai: Literal["off", "1.28", "1.37"] = "1.37"
    spans: Path | None = None


@dataclass(frozen=True, slots=True)
class Config:
    """Everything ``serve`` needs. ``store`` is a folder for SQLite or a postgresql:// address."""

    providers: Mapping[str, Provider]
    models: Mapping[str, ModelEntry]
    listen: Listen = Listen("127.0.0.1", 4000)
    admin: Listen = Listen("127.0.0.1", 4001)
    store: str = ""
    policy: Policy = field(default_factory=Policy)
    bounds: Bounds = field(default_factory=Bounds)
    cache: CacheSettings = field(default_factory=CacheSettings)
    telemetry: Telemetry = field(default_factory=Telemetry)
    webhook: str = ""  # where alerts of budgets are posted
    prices: tuple[PriceEntry, ...] = ()
    catalogue_prices: tuple[PriceEntry, ...] = ()  # of hosts whose own price the book does not have
    source: str = "no file"

    def book(self) -> PriceBook:
        """The prices in force: shipped and refreshed tables, the catalogue where they are silent, then the file's."""
        plain = PriceBook(data_folder() / "prices")
        missing = [entry for entry in self.catalogue_prices if plain.find(entry[0], entry[1]) is None]
        return with_entries(plain, [*missing, *self.prices])

    def entry(self, name: str) -> ModelEntry | None:
        """What serves a name: one of the models, or ``provider/model`` of a provider there is."""
        found = self.models.get(name)
        if found is None and "/" in name:
            provider, _, model = name.partition("/")
            if provider in self.providers and model:
                return ModelEntry(name, (Target(self.providers[provider], model),))
        return found


def data_folder() -> Path:
    """Where the ledger is kept: $SUPERCYCLE_DATA, or the user's data folder."""
    folder = os.environ.get("SUPERCYCLE_DATA")
    if folder:
        return Path(folder)
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "supercycle" / "gateway"


def mock_config(store: str = "", listen: Listen | None = None, admin: Listen | None = None) -> Config:
    """The configuration of no file: the built-in mock provider on loopback, with prices that are made up."""
    mock = provider_of("mock", "mock", base_url="http://127.0.0.1:0/v1")
    models = {
        name: ModelEntry(name, (Target(mock, name, max_output_tokens=_MOCK_MAX),)) for name, _ in MOCK_PRICES
    }
    return Config(
        providers=MappingProxyType({"mock": mock}),
        models=MappingProxyType(models),
        listen=listen or Config.__dataclass_fields__["listen"].default,
        admin=admin or Config.__dataclass_fields__["admin"].default,
        store=store or str(data_folder()),
        prices=_mock_prices("mock"),
    )


def _mock_prices(name: str) -> tuple[PriceEntry, ...]:
    source_note = "made up for the mock provider: nothing is billed"
    return tuple((name, model, {**price, "status": "invented"}, source_note) for model, price in MOCK_PRICES)


def read_config(path: Path) -> Config:
    """A configuration from its file. Raises InputError with file and line, EnvironmentProblem when unreadable."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise EnvironmentProblem("cannot read the configuration", got=error, where=path) from None
    except UnicodeDecodeError as error:
        raise InputError("the configuration is no text", expected="UTF-8", got=error, where=path) from None
    return config_of(read_yaml(text, path.name), path)


def config_of(root: Item, path: Path) -> Config:
    """A configuration from the items of its file."""
    providers: dict[str, Provider] = {}
    models: dict[str, ModelEntry] = {}
    prices: list[PriceEntry] = []
    fallback: list[PriceEntry] = []
    section = root.item("providers")
    for name, item in section.items() if section else ():
        if not _NAME.fullmatch(name):
            raise InputError("name of a provider", where=item.where, expected="a-z 0-9 . _ -", got=name[:80])
        providers[name] = _provider(name, item)
        if providers[name].kind == "mock":
            prices += _mock_prices(providers[name].prices)
    if not providers:
        raise InputError("no provider", where=root.where, hint="Name at least one under providers")
    ratings = catalogue()
    own = root.take("ratings", str, "")
    if own:
        ratings = ratings.with_ratings(read_ratings(path.parent / own))
    plain = PriceBook(data_folder() / "prices")
    section = root.item("models")
    for name, item in section.items() if section else ():
        models[name] = model_of(name, item, providers, prices, fallback, ratings, plain)
    _tables_known(root, plain, {row[0] for row in (*prices, *fallback)})
    config = Config(
        providers=MappingProxyType(providers),
        models=MappingProxyType(models),
        listen=_listen(root, "listen", Listen("127.0.0.1", 4000)),
        admin=_listen(root, "admin", Listen("127.0.0.1", 4001)),
        store=_store(root, path),
        policy=_policy(root.item("routing")),
        bounds=_bounds(root.item("bounds")),
        cache=_cache(root.item("cache")),
        telemetry=_telemetry(root.item("telemetry"), path),
        webhook=_webhook(root.item("alerts")),
        prices=tuple(prices),
        catalogue_prices=tuple(fallback),
        source=str(path),
    )
    root.done()
    return config


def _tables_known(root: Item, book: PriceBook, by_hand: set[str]) -> None:
    """A table that a provider names is not a misspelt one of the book; a new one holds prices by hand, or none."""
    section = root.item("providers")
    for _, item in section.items() if section else ():
        named = item.item("prices") if item.value is not None else None
        known = book.providers()
        if named is None or named.value in known or named.value in by_hand:
            continue
        if get_close_matches(str(named.value), known, 1, _NEAR):
            raise UnknownNameError("table of prices", str(named.value), known, where=named.where)


def _provider(name: str, item: Item) -> Provider:
    if item.value is None:
        item = Item({}, "", *_split(item.where))
    near = get_close_matches(name, KINDS, 1, _NEAR)
    if name not in KINDS and near and item.item("kind") is None:
        raise InputError(
            f"provider {name}: its kind is not said", where=item.where,
            hint=f"Did you mean {near[0]}? Else say kind: {near[0]} (its dialects and prices) or kind: compatible",
        )  # fmt: skip
    kind = item.choice("kind", tuple(KINDS), name if name in KINDS else "compatible")
    changed: dict[str, Any] = {}
    address = item.item("base_url")
    if address is not None:
        changed["base_url"] = _address(address)
    elif not KINDS[kind]["base_url"]:
        raise InputError("base_url is missing", where=item.where, hint=f"Say where {name} is, or its kind")
    given = item.item("key")
    listed = item.item("keys")
    keys = [*([given] if given is not None else []), *(listed.each() if listed is not None else [])]
    for key in keys:
        text = key.as_(str, "key")
        if text != "stored" and not re.fullmatch(r"\$[A-Za-z_][A-Za-z0-9_]*", text):
            # What was written is not repeated: it may be the key.
            raise InputError(
                "key",
                where=key.where,
                expected="$NAME of the environment, or stored",
                hint="Keys stay out of files",
            )
    if keys:
        changed["key"] = keys[0].as_(str, "key")
        changed["more_keys"] = tuple(key.as_(str, "key") for key in keys[1:])
    changed["auth"] = item.choice("auth", tuple(AUTH), str(KINDS[kind].get("auth", "bearer")))
    changed["disconnect"] = item.choice(
        "disconnect", _DISCONNECT, str(KINDS[kind].get("disconnect", "drain"))
    )
    for seconds in _SECONDS:
        if item.item(seconds) is not None:
            changed[seconds] = positive(item, seconds, zero=seconds in ("drain_s", "warm_s"))
    if item.item("concurrency") is not None:
        changed["concurrency"] = positive(item, "concurrency", int, zero=False)
    changed["limit_field"] = item.choice(
        "limit_field", _LIMIT_FIELDS, str(KINDS[kind].get("limit_field", _LIMIT_FIELDS[0]))
    )
    if item.item("asks_usage") is not None:
        changed["asks_usage"] = item.take("asks_usage", bool)
    usual = str(KINDS[kind].get("prices", kind))
    address = str(changed.get("base_url", ""))
    region = item.take("region", str, found[1] if (found := _REGION.search(address)) else "")
    if region:
        changed["region"] = region
    elif changed["auth"] == "aws-sigv4":
        raise InputError(
            "region is missing", where=item.where, hint="Its signature names it: region: us-east-1"
        )
    changed["prices"] = item.take("prices", str, usual if kind != "compatible" else name)
    host = item.item("host")
    if host is not None:
        changed["host"] = host.as_(str, "host")
        known = catalogue()
        if known.host_name(changed["host"]) not in known.host_names:
            raise UnknownNameError("host", changed["host"], known.host_names, where=host.where)
    changed["data"] = item.words("data")
    headers = item.item("headers")
    if headers is not None:
        given = {k.lower(): v.as_(str, k) for k, v in headers.items()}
        changed["headers"] = MappingProxyType({**dict(_headers(kind)), **given})
    speaks = item.item("speaks")
    if speaks is not None:
        # {dialect: path}, for a server that puts them elsewhere or speaks more than its kind.
        for dialect, where in speaks.items():
            if dialect not in DIALECTS:
                raise UnknownNameError("dialect", dialect, DIALECTS, where=where.where)
        changed["paths"] = MappingProxyType({k: v.as_(str, k) for k, v in speaks.items()})
    item.done()
    return provider_of(name, kind, **changed)


def _headers(kind: str) -> Mapping[str, str]:
    found: Any = KINDS[kind].get("headers", {})
    return found


def _split(where: str) -> tuple[str, int]:
    file, _, line = where.rpartition(":")
    return file, int(line)


def _address(item: Item) -> str:
    text = item.as_(str, "base_url")
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query:
        raise InputError(
            "base_url", where=item.where, expected="https://host/path without user or query", got=text
        )
    return text


def _listen(root: Item, name: str, default: Listen) -> Listen:
    item = root.item(name)
    if item is None:
        return default
    match = re.fullmatch(r"(?:\[([0-9a-f:]+)\]|([^:\s]+)):(\d{1,5})", item.text)
    if match is None or int(match[3]) > 65535:
        raise InputError(name, where=item.where, expected="host:port such as 127.0.0.1:4000", got=item.text)
    return Listen(match[1] or match[2], int(match[3]))


def _store(root: Item, path: Path) -> str:
    item = root.item("store")
    if item is None:
        return str(data_folder())
    store = item.as_(str, "store")
    if store.startswith("$"):
        name, store = store, os.environ.get(store[1:], "")
        if not store:  # another ledger than the one that was meant would be empty, and without its budgets
            raise InputError("store", where=item.where, expected=f"{name} in the environment", got="nothing")
    if store.startswith(("postgresql://", "postgres://")):
        return store
    if "://" in store:
        # What was written is not repeated: it may hold a password.
        raise InputError(
            "store", where=item.where, expected="a folder, or postgresql://…", got="another address"
        )
    return str(path.parent / Path(store).expanduser())


def _policy(item: Item | None) -> Policy:
    if item is None:
        return Policy()
    usual = Policy()
    made = Policy(
        value_of_second_usd=positive(item, "value_of_second_usd", default=usual.value_of_second_usd),
        retry_usd=positive(item, "retry_usd", default=usual.retry_usd),
        quality_floor=item.take("quality_floor", float, None),
        attempts=item.take("attempts", int, usual.attempts),
        explore_share=item.take("explore_share", float, usual.explore_share),
    )
    if not 0 <= made.explore_share <= _EXPLORE_MOST:
        raise InputError(
            "explore_share", where=item.where, expected=f"a share of spending from 0 to {_EXPLORE_MOST}",
            got=made.explore_share, hint="1 % is 0.01",
        )  # fmt: skip
    if not 1 <= made.attempts <= 10:
        raise InputError("attempts", where=item.where, expected="1 to 10", got=made.attempts)
    item.done()
    return made


def _bounds(item: Item | None) -> Bounds:
    if item is None:
        return Bounds()
    usual = Bounds()
    made = Bounds(
        body_bytes=positive(item, "body_bytes", int, default=usual.body_bytes, zero=False),
        body_memory_bytes=positive(
            item, "body_memory_bytes", int, default=usual.body_memory_bytes, zero=False
        ),
        answer_bytes=positive(item, "answer_bytes", int, default=usual.answer_bytes, zero=False),
        connections=positive(item, "connections", int, default=usual.connections, zero=False),
        known_fields=item.words("known_fields"),
        text=cast("Any", item.choice("text", ("strict", "practical"), "strict")),
        mcp=item.choice("mcp", ("pass", "refuse"), "pass") == "pass",
    )
    item.done()
    return made


def _cache(item: Item | None) -> CacheSettings:
    if item is None:
        return CacheSettings()
    made = CacheSettings(
        entries=positive(item, "entries", int, default=1000),
        size=positive(item, "bytes", int, default=CacheSettings().size, zero=False),
        ttl_s=positive(item, "ttl_s", default=CacheSettings().ttl_s, zero=False),
    )
    item.done()
    return made


def _webhook(item: Item | None) -> str:
    """``alerts: {webhook: https://…}``, or $NAME of the environment, since such an address is often a secret."""
    if item is None:
        return ""
    found = item.item("webhook")
    item.done()
    if found is None:
        return ""
    text = found.as_(str, "webhook")
    if text.startswith("$"):
        text = os.environ.get(text[1:], "")
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        # What was written is not repeated: it may be a secret.
        raise InputError("webhook", where=found.where, expected="https://… or $NAME of the environment")
    return text


def _telemetry(item: Item | None, path: Path) -> Telemetry:
    if item is None:
        return Telemetry()
    version: Any = item.choice("gen_ai", _GEN_AI, "1.37")
    spans = item.take("spans", str, "")
    item.done()
    return Telemetry(gen_ai=version, spans=path.parent / spans if spans else None)
