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
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from supercycle.core.errors import EnvironmentProblem, InputError, UnknownNameError
from supercycle.gateway.config.yaml_lines import Item, read_yaml
from supercycle.gateway.routes.providers import AUTH, KINDS, ModelEntry, Provider, Target, provider_of
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
_CAPABILITIES = ("tools", "vision", "json_schema", "web_search")
_STRATEGIES = ("cheapest", "chain", "weights", "split")
_SECONDS = ("drain_s", "connect_s", "first_byte_s", "idle_s", "warm_s")
_GEN_AI = ("off", "1.28", "1.37")
_LIMIT_FIELDS = ("max_completion_tokens", "max_tokens")
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
PriceEntry = tuple[str, str, Mapping[str, Any], str]


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
    prices: tuple[PriceEntry, ...] = ()
    source: str = "no file"

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
    said = os.environ.get("SUPERCYCLE_DATA")
    if said:
        return Path(said)
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
    told = "made up for the mock provider: nothing is billed"
    return tuple((name, model, {**price, "status": "invented"}, told) for model, price in MOCK_PRICES)


def read_config(path: Path) -> Config:
    """A configuration from its file. Raises InputError with file and line, EnvironmentProblem when unreadable."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise EnvironmentProblem("cannot read the configuration", got=error, where=path) from None
    return config_of(read_yaml(text, path.name), path)


def config_of(root: Item, path: Path) -> Config:
    """A configuration from the items of its file."""
    providers: dict[str, Provider] = {}
    models: dict[str, ModelEntry] = {}
    prices: list[PriceEntry] = []
    section = root.item("providers")
    for name, item in section.items() if section else ():
        if not _NAME.fullmatch(name):
            raise InputError("name of a provider", where=item.where, expected="a-z 0-9 . _ -", got=name[:80])
        providers[name] = _provider(name, item)
        if providers[name].kind == "mock":
            prices += _mock_prices(providers[name].prices)
    if not providers:
        raise InputError("no provider", where=root.where, hint="Name at least one under providers")
    section = root.item("models")
    for name, item in section.items() if section else ():
        models[name] = _model(name, item, providers, prices)
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
        prices=tuple(prices),
        source=str(path),
    )
    root.done()
    return config


def _provider(name: str, item: Item) -> Provider:
    if item.value is None:
        item = Item({}, "", *_split(item.where))
    kind = item.choice("kind", tuple(KINDS), name if name in KINDS else "compatible")
    changed: dict[str, Any] = {}
    address = item.item("base_url")
    if address is not None:
        changed["base_url"] = _address(address)
    elif not KINDS[kind]["base_url"]:
        raise InputError("base_url is missing", where=item.where, hint=f"Say where {name} is, or its kind")
    key = item.item("key")
    if key is not None:
        changed["key"] = key.as_(str, "key")
        if changed["key"] != "stored" and not re.fullmatch(r"\$[A-Za-z_][A-Za-z0-9_]*", changed["key"]):
            # What was written is not repeated: it may be the key.
            raise InputError(
                "key",
                where=key.where,
                expected="$NAME of the environment, or stored",
                hint="Keys stay out of files",
            )
    changed["auth"] = item.choice("auth", tuple(AUTH), str(KINDS[kind].get("auth", "bearer")))
    changed["disconnect"] = item.choice(
        "disconnect", _DISCONNECT, str(KINDS[kind].get("disconnect", "drain"))
    )
    for seconds in _SECONDS:
        if item.item(seconds) is not None:
            changed[seconds] = _positive(item, seconds)
    if item.item("concurrency") is not None:
        changed["concurrency"] = int(_positive(item, "concurrency", int))
    changed["limit_field"] = item.choice(
        "limit_field", _LIMIT_FIELDS, str(KINDS[kind].get("limit_field", _LIMIT_FIELDS[0]))
    )
    if item.item("asks_usage") is not None:
        changed["asks_usage"] = item.take("asks_usage", bool)
    changed["prices"] = item.take("prices", str, kind if kind != "compatible" else name)
    changed["data"] = item.words("data")
    headers = item.item("headers")
    if headers is not None:
        given = {k.lower(): v.as_(str, k) for k, v in headers.items()}
        changed["headers"] = MappingProxyType({**dict(_headers(kind)), **given})
    speaks = item.item("speaks")
    if speaks is not None:
        # {dialect: path}, for a server that puts them elsewhere or speaks more than its kind.
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


def _model(name: str, item: Item, providers: Mapping[str, Provider], prices: list[PriceEntry]) -> ModelEntry:
    listed = isinstance(item.value, list)  # pyright: ignore[reportUnknownMemberType]
    given = item if listed else item.item("targets")
    floor, strategy = None, "cheapest"
    if not listed:
        floor = item.take("quality_floor", float, None)
        strategy = item.choice("strategy", _STRATEGIES, "cheapest")
        item.done()
    if given is None or not given.each():
        raise InputError(f"model {name} has no targets", where=item.where, hint="targets: [provider/model]")
    targets = tuple(_target(one, providers, prices) for one in given.each())
    return ModelEntry(name, targets, floor, strategy)


def _target(item: Item, providers: Mapping[str, Provider], prices: list[PriceEntry]) -> Target:
    if isinstance(item.value, str):
        provider, _, model = item.value.partition("/")
        if not model:
            raise InputError("target", where=item.where, expected="provider/model", got=item.value)
        return Target(_known(provider, providers, item), model)
    provider = _known(item.take("provider", str), providers, item)
    model = item.take("model", str)
    able = item.item("capabilities")
    if able is not None:
        for one in able.each():
            if one.value not in _CAPABILITIES:
                raise UnknownNameError("capability", str(one.value), _CAPABILITIES, where=one.where)
    price = item.item("price")
    if price is not None:
        entry = price.plain(lambda leaf: leaf.text)
        _check_price(price)
        prices.append((provider.prices, model, entry, f"{price.where}"))
    own = item.item("own")
    if own is not None:
        from supercycle.gateway.prices.own_gpu import own_entry

        entry = own_entry(own.plain(lambda leaf: leaf.text), own.where)
        prices.append((provider.prices, model, entry, own.where))
    target = Target(
        provider,
        model,
        quality=item.take("quality", float, None),
        context_tokens=item.take("context_tokens", int, None),
        max_output_tokens=item.take("max_output_tokens", int, None),
        capabilities=None if able is None else item.words("capabilities"),
        weight=_positive(item, "weight") if item.item("weight") is not None else 1.0,
    )
    item.done()
    return target


def _check_price(price: Item) -> None:
    """A price that the book would refuse is told with its line."""
    from supercycle.gateway.prices.pricebook import price_entry

    try:
        price_entry("provider", "model", price.plain(lambda leaf: leaf.text), {})
    except InputError as error:
        raise InputError(str(error), where=price.where) from None


def _known(name: str, providers: Mapping[str, Provider], item: Item) -> Provider:
    if name not in providers:
        raise UnknownNameError("provider", name, providers, where=item.where)
    return providers[name]


def _listen(root: Item, name: str, default: Listen) -> Listen:
    item = root.item(name)
    if item is None:
        return default
    match = re.fullmatch(r"(?:\[([0-9a-f:]+)\]|([^:\s]+)):(\d{1,5})", item.text)
    if match is None or int(match[3]) > 65535:
        raise InputError(name, where=item.where, expected="host:port such as 127.0.0.1:4000", got=item.text)
    return Listen(match[1] or match[2], int(match[3]))


def _store(root: Item, path: Path) -> str:
    said = root.take("store", str, "")
    if not said or said.startswith(("postgresql://", "$")):
        said = os.environ.get(said[1:], "") if said.startswith("$") else said
        return said or str(data_folder())
    return str(path.parent / Path(said).expanduser())


def _positive(item: Item, name: str, kind: type[int] | type[float] = float) -> float:
    found = item.item(name)
    assert found is not None
    value = found.as_(kind, name)
    if not 0 <= value < float("inf"):
        raise InputError(name, where=found.where, expected="0 or more", got=found.text)
    return value


def _policy(item: Item | None) -> Policy:
    if item is None:
        return Policy()
    usual = Policy()
    made = Policy(
        value_of_second_usd=item.take("value_of_second_usd", float, usual.value_of_second_usd),
        retry_usd=item.take("retry_usd", float, usual.retry_usd),
        quality_floor=item.take("quality_floor", float, None),
        attempts=item.take("attempts", int, usual.attempts),
        explore_share=item.take("explore_share", float, usual.explore_share),
    )
    if not 0 <= made.explore_share <= 1:
        raise InputError("explore_share", where=item.where, expected="0 to 1", got=made.explore_share)
    if not 1 <= made.attempts <= 10:
        raise InputError("attempts", where=item.where, expected="1 to 10", got=made.attempts)
    item.done()
    return made


def _bounds(item: Item | None) -> Bounds:
    if item is None:
        return Bounds()
    usual = Bounds()
    made = Bounds(
        body_bytes=item.take("body_bytes", int, usual.body_bytes),
        body_memory_bytes=item.take("body_memory_bytes", int, usual.body_memory_bytes),
        answer_bytes=item.take("answer_bytes", int, usual.answer_bytes),
        connections=item.take("connections", int, usual.connections),
        known_fields=item.words("known_fields"),
    )
    item.done()
    return made


def _cache(item: Item | None) -> CacheSettings:
    if item is None:
        return CacheSettings()
    made = CacheSettings(
        entries=item.take("entries", int, 1000),
        size=item.take("bytes", int, CacheSettings().size),
        ttl_s=item.take("ttl_s", float, CacheSettings().ttl_s),
    )
    item.done()
    return made


def _telemetry(item: Item | None, path: Path) -> Telemetry:
    if item is None:
        return Telemetry()
    version: Any = item.choice("gen_ai", _GEN_AI, "1.37")
    spans = item.take("spans", str, "")
    item.done()
    return Telemetry(gen_ai=version, spans=path.parent / spans if spans else None)
