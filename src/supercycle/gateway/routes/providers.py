"""Providers are data: where they are, how they are asked, what their answers lack, and what a lost client means.

A row of ``KINDS`` is a starting point; a configuration file names one, and may change any field. Timeouts and sizes
are judgements: long enough for a reasoning model's first byte, short enough that a dead one is noticed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Literal
from urllib.parse import quote

__all__ = [
    "AUTH",
    "DIALECTS",
    "KINDS",
    "Disconnect",
    "ModelEntry",
    "Provider",
    "Target",
    "path_of",
    "provider_of",
]

Disconnect = Literal["drain", "cancel-estimate", "cancel-free"]

_OPENAI = {
    "openai.chat": "/chat/completions",
    "openai.responses": "/responses",
    "openai.embeddings": "/embeddings",
}
_CHAT = {"openai.chat": "/chat/completions", "openai.embeddings": "/embeddings"}
_BATCHES = {"openai.files": "/files", "openai.batches": "/batches"}
_MEDIA = {
    "openai.images": "/images/generations",
    "openai.speech": "/audio/speech",
    "openai.transcriptions": "/audio/transcriptions",
}
_MESSAGES = {"anthropic.messages": "/messages"}
_GENERATE = {"google.generate": "/models/{model}:generateContent"}
_RAW = {"anthropic.messages": "/models/{model}:rawPredict"}
_CONVERSE = {"bedrock.converse": "/model/{model}/converse"}

# How a key is shown: the header's name and what stands before the key in it.
AUTH: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "bearer": ("authorization", "Bearer "),
        "x-api-key": ("x-api-key", ""),
        "api-key": ("api-key", ""),
        "x-goog-api-key": ("x-goog-api-key", ""),
        "none": ("", ""),
        # Each request is signed: the key is ACCESS:SECRET, or ACCESS:SECRET:TOKEN.
        "aws-sigv4": ("", ""),
        # A token is fetched for an hour: the key is the JSON of a service account.
        "google-service-account": ("authorization", "Bearer "),
    }
)


@dataclass(frozen=True, slots=True)
class Provider:
    """One upstream. ``paths`` are relative to ``base_url``, by dialect; ``key`` is "$NAME", "stored" or "",
    ``more_keys`` take turns with it.

    ``asks_usage``: a chat stream says what was used only when asked with include_usage (otherwise it always does).
    ``limit_field`` is the name it reads for the longest chat answer; a request that uses the other name is told it
    under this one, so that a limit is never ignored. ``disconnect``: when the client goes away, "drain" reads on for at
    most ``drain_s`` and books what was used, "cancel-estimate" stops and books an estimate, "cancel-free" stops and
    books nothing, for a provider that does
    not charge what it could not deliver. ``warm_s`` is how long its prompt cache lasts (0: it has none), ``prices``
    its name in the price book, ``host`` in the catalogue of hosts, ``data`` what it promises about data, such as
    "no-training" or "eu".
    """

    name: str
    kind: str
    base_url: str
    paths: Mapping[str, str]
    auth: str = "bearer"
    key: str = ""
    more_keys: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    asks_usage: bool = True
    limit_field: str = "max_completion_tokens"
    disconnect: Disconnect = "drain"
    drain_s: float = 120.0
    connect_s: float = 5.0
    first_byte_s: float = 300.0
    idle_s: float = 120.0
    warm_s: float = 300.0
    concurrency: int = 256
    prices: str = ""
    host: str = ""
    data: frozenset[str] = frozenset()
    region: str = ""  # of Amazon, for the signature

    def url(self, dialect: str) -> str:
        """Where a request of this dialect goes; KeyError when the provider does not speak it."""
        return self.base_url.rstrip("/") + self.paths[dialect]

    def speaks_to(self, dialect: str) -> str | None:
        """The dialect in which a client's request is sent: its own, else the first the provider speaks; None: none.

        >>> provider_of("deepseek", "deepseek").speaks_to("openai.responses")
        'openai.chat'
        """
        if dialect in self.paths:
            return dialect
        if dialect not in _TRANSLATED:
            return None
        return next((found for found in self.paths if found in _TARGETS), None)


# What can be translated: from what clients say, to what targets are told.
_TRANSLATED: Final = frozenset({"openai.chat", "openai.responses", "anthropic.messages"})
_TARGETS: Final = _TRANSLATED | {"google.generate", "bedrock.converse"}
# Where a stream is asked for at another path than a whole answer.
_STREAMED: Final = (
    (":generateContent", ":streamGenerateContent?alt=sse"),
    (":rawPredict", ":streamRawPredict"),
    ("/converse", "/converse-stream"),
)


def path_of(path: str, model: str, *, stream: bool) -> str:
    """The path of one call, where the model and whether it streams stand in it.

    >>> path_of("/models/{model}:generateContent", "gemini-3-pro", stream=True)
    '/models/gemini-3-pro:streamGenerateContent?alt=sse'
    >>> path_of("/model/{model}/converse", "us.amazon.nova-lite-v1:0", stream=False)
    '/model/us.amazon.nova-lite-v1:0/converse'
    """
    for whole, streamed in _STREAMED if stream else ():
        if path.endswith(whole):
            path = path.removesuffix(whole) + streamed
            break
    return path.replace("{model}", quote(model, safe=":"))


@dataclass(frozen=True, slots=True)
class Target:
    """One way to serve a model: a provider and its own name for it. None means: not known.

    ``weight`` is its share where the model's strategy is one of weights; ``rated`` says by whom and when ``quality``
    was found.
    """

    provider: Provider
    model: str
    quality: float | None = None
    context_tokens: int | None = None
    max_output_tokens: int | None = None
    capabilities: frozenset[str] | None = None
    weight: float = 1.0
    rated: str = ""

    @property
    def id(self) -> str:
        """provider/model."""
        return f"{self.provider.name}/{self.model}"


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """A name clients may ask for, the targets that serve it, and the least quality it must have.

    ``strategy``: "cheapest" (expected cost), "chain" (the order of the file), "weights" (each call draws), "split"
    (each key stays with what it drew: an A/B test, or a canary with a small weight).
    """

    name: str
    targets: tuple[Target, ...]
    quality_floor: float | None = None
    strategy: str = "cheapest"


def _kind(base_url: str, paths: Mapping[str, str] = _CHAT, **rest: object) -> Mapping[str, object]:
    return MappingProxyType({"base_url": base_url, "paths": paths, **rest})


_LOCAL: Final[Mapping[str, object]] = MappingProxyType(
    {"limit_field": "max_tokens", "auth": "none", "disconnect": "cancel-estimate"}
)
# Base addresses and dialects as each provider documents them. Prices: the name in the price book, the kind's if not
# said. Local servers ask for no key and stop when their client does, at no charge beyond the power used.
KINDS: Final[Mapping[str, Mapping[str, object]]] = MappingProxyType(
    {
        "openai": _kind("https://api.openai.com/v1", MappingProxyType({**_OPENAI, **_BATCHES, **_MEDIA})),
        "anthropic": _kind(
            "https://api.anthropic.com/v1",
            _MESSAGES,
            auth="x-api-key",
            headers=MappingProxyType({"anthropic-version": "2023-06-01"}),
        ),
        "google": _kind("https://generativelanguage.googleapis.com/v1beta/openai"),
        "gemini": _kind(
            "https://generativelanguage.googleapis.com/v1beta",
            _GENERATE,
            auth="x-goog-api-key",
            prices="google",
            host="google",
        ),
        "vertex": _kind("", _GENERATE, auth="google-service-account", prices="google", host="vertex"),
        "vertex-claude": _kind("", _RAW, auth="google-service-account", prices="google", host="vertex"),
        "bedrock": _kind("", _CONVERSE, prices="aws", host="bedrock"),
        "azure": _kind("", MappingProxyType({**_OPENAI, **_BATCHES, **_MEDIA}), auth="api-key"),
        "mistral": _kind("https://api.mistral.ai/v1", limit_field="max_tokens", asks_usage=False, warm_s=0.0),
        "groq": _kind("https://api.groq.com/openai/v1"),
        "deepseek": _kind("https://api.deepseek.com/v1", limit_field="max_tokens"),
        "x-ai": _kind("https://api.x.ai/v1"),
        "openrouter": _kind("https://openrouter.ai/api/v1", limit_field="max_tokens"),
        "together": _kind("https://api.together.xyz/v1", limit_field="max_tokens", warm_s=0.0),
        "fireworks": _kind("https://api.fireworks.ai/inference/v1", limit_field="max_tokens"),
        "cerebras": _kind("https://api.cerebras.ai/v1", warm_s=0.0),
        "vllm": _kind(
            "http://127.0.0.1:8000/v1",
            _OPENAI,
            limit_field="max_tokens",
            auth="none",
            disconnect="cancel-estimate",
        ),
        "sglang": _kind(
            "http://127.0.0.1:30000/v1", limit_field="max_tokens", auth="none", disconnect="cancel-estimate"
        ),
        "ollama": _kind(
            "http://127.0.0.1:11434/v1", limit_field="max_tokens", auth="none", disconnect="cancel-estimate"
        ),
        "mock": _kind("http://127.0.0.1:0/v1", MappingProxyType({**_OPENAI, **_MESSAGES}), auth="none"),
        "compatible": _kind("", _CHAT, limit_field="max_tokens"),
    }
)


# Every dialect that a provider can be told to speak.
DIALECTS: Final = (*_OPENAI, *_BATCHES, *_MEDIA, *_MESSAGES, *_GENERATE, *_CONVERSE)


def provider_of(name: str, kind: str, **changed: object) -> Provider:
    """The provider of a kind with some fields changed.

    >>> provider_of("mine", "vllm", base_url="http://10.0.0.5:8000/v1/").url("openai.chat")
    'http://10.0.0.5:8000/v1/chat/completions'
    """
    host = kind if kind not in ("compatible", "mock", "vllm", "sglang", "ollama") else name
    fields: dict[str, object] = {"prices": kind, "host": host, **KINDS[kind], **changed}
    return Provider(name=name, kind=kind, **fields)  # pyright: ignore[reportArgumentType]
