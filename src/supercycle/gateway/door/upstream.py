"""The one way out: requests to configured providers, over kept connections, with the provider's own key.

Nothing else in the gateway opens a connection to another machine, and this does only when a call is made. Redirects
are not followed, the environment's proxies are not used, and what a client sent as its key never leaves.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, cast

from supercycle.core.errors import EnvironmentProblem
from supercycle.gateway.routes.providers import AUTH, Provider, path_of
from supercycle.gateway.routes.signing import (
    GRANT,
    AwsKey,
    ServiceAccount,
    assertion,
    aws_key,
    service_account,
    sigv4,
)

if TYPE_CHECKING:
    import aiohttp
__all__ = ["FORWARDED", "Failure", "Upstream", "redacted"]

# What a client may say to the provider behind the gateway; everything else stays here.
FORWARDED: Final = frozenset({b"anthropic-beta", b"anthropic-version", b"openai-beta"})
# How long an idle connection is kept: hosted providers keep theirs for minutes, local servers often for 5 s only.
_KEEP_HOSTED_S = 45.0
_KEEP_LOCAL_S = 4.0
_AGENT = "supercycle-gateway"
# How long a key rests that a provider refused or throttled, when it does not say; and at most when it does.
_RESTS: Final = {401: 60.0, 402: 60.0, 403: 60.0, 429: 1.0}
_REST_S: Final = 300.0
_ANSWER: Final = 2**20  # of what is said about a file
_DRAIN_S: Final = 900.0  # after a reload: as long as the longest call


_SIGNED: Final = frozenset({"aws-sigv4", "google-service-account"})
_EARLY_S: Final = 300.0  # before an access token ends


class Failure(Exception):
    """An attempt that brought no answer: ``sent`` says whether the provider may have begun to work on it."""

    def __init__(self, reason: str, *, sent: bool, hung: bool = False) -> None:
        super().__init__(reason)
        self.hung = hung
        self.reason = reason
        self.sent = sent


@dataclass(slots=True)
class _Way:
    """A provider's session and what all its requests share."""

    provider: Provider
    session: aiohttp.ClientSession
    base: str
    urls: dict[str, str]
    keys: list[_Key]
    turn: int = 0

    def key(self) -> _Key:
        """The next key in turn that is not resting; when all rest, the one that will be well first."""
        now = monotonic()
        for step in range(len(self.keys)):
            key = self.keys[(self.turn + step) % len(self.keys)]
            if key.rest_until <= now:
                self.turn = (self.turn + step + 1) % len(self.keys)
                return key
        return min(self.keys, key=lambda key: key.rest_until)


@dataclass(slots=True)
class _Key:
    """One of a provider's keys, as it is sent. ``rest_until``: the provider refused it or asked for time."""

    secret: str = field(repr=False)
    headers: dict[bool, dict[str, str]] = field(repr=False)  # by whether the answer may come compressed
    rest_until: float = 0.0
    signer: _Signature | _Token | None = field(default=None, repr=False)


@dataclass(slots=True)
class _Signature:
    """Signs each request for Amazon."""

    key: AwsKey = field(repr=False)
    region: str

    async def headers(self, _: aiohttp.ClientSession, url: str, body: bytes) -> dict[str, str]:
        """The headers of a signed POST."""
        return sigv4(self.key, "POST", url, body, datetime.now(UTC), region=self.region)


@dataclass(slots=True)
class _Token:
    """A service account's access token, fetched when the last one is about to end; calls that wait share one fetch."""

    account: ServiceAccount = field(repr=False)
    token: str = field(default="", repr=False)
    until: float = 0.0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def headers(self, session: aiohttp.ClientSession, _url: str, _body: bytes) -> dict[str, str]:
        """The header with a token that holds for a while. Raises Failure."""
        async with self.lock:
            if monotonic() > self.until - _EARLY_S:
                await self._fetch(session)
        return {"authorization": f"Bearer {self.token}"}

    async def _fetch(self, session: aiohttp.ClientSession) -> None:
        import aiohttp
        import orjson

        form = {"grant_type": GRANT, "assertion": assertion(self.account, datetime.now(UTC))}
        try:
            response = await session.post(self.account.token_uri, data=form, allow_redirects=False)
            raw = await response.content.read(_ANSWER)
            found: Any = orjson.loads(raw)
            self.token, lasts = str(found["access_token"]), float(found["expires_in"])
        except (aiohttp.ClientError, OSError, ValueError, KeyError, TypeError) as error:
            raise Failure(f"no access token: {type(error).__name__}", sent=False) from None
        self.until = monotonic() + lasts


@dataclass(slots=True)
class Upstream:
    """Sessions by provider. ``secrets`` are the keys as they are sent; they are in no repr."""

    secrets: Mapping[str, tuple[str, ...]] = field(repr=False)
    _ways: dict[str, _Way] = field(default_factory=dict[str, _Way], repr=False)

    def open(self, provider: Provider, base_url: str | None = None) -> None:
        """Make ready for a provider; no connection is made. ``base_url`` takes the place of the provider's own."""
        import aiohttp

        local = provider.base_url.startswith("http://")
        session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=0, keepalive_timeout=_KEEP_LOCAL_S if local else _KEEP_HOSTED_S, ttl_dns_cache=60
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(
                total=None, sock_connect=provider.connect_s, sock_read=provider.first_byte_s
            ),
            auto_decompress=False,
            trust_env=False,
            # What is longer is no header an API sends.
            max_line_size=16_384,
            max_field_size=16_384,
        )
        base = (base_url or provider.base_url).rstrip("/")
        name, lead = AUTH[provider.auth]
        keys: list[_Key] = []
        for secret in self.secrets.get(provider.name, ()) or ("",):
            headers: dict[bool, dict[str, str]] = {}
            for compressed in (False, True):
                made = {**provider.headers, "content-type": "application/json", "user-agent": _AGENT}
                made["accept"] = "*/*"
                made["accept-encoding"] = "gzip, deflate" if compressed else "identity"
                if name and secret and provider.auth not in _SIGNED:
                    made[name] = lead + secret
                headers[compressed] = made
            keys.append(_Key(secret, headers, signer=_signer(provider, secret)))
        urls = {dialect: base + path for dialect, path in provider.paths.items()}
        self._ways[provider.name] = _Way(provider, session, base, urls, keys)

    async def send(
        self,
        provider: Provider,
        dialect: str,
        body: bytes,
        forwarded: list[tuple[bytes, bytes]],
        *,
        compressed: bool,
        model: str = "",
        stream: bool = False,
    ) -> aiohttp.ClientResponse:
        """Send a request; the answer's head is there, its body is not read. Raises Failure.

        ``model`` and ``stream`` matter where they stand in the path.
        """
        import aiohttp

        way = self._ways[provider.name]
        url = way.urls[dialect]
        if "{model}" in url:
            url = way.base + path_of(provider.paths[dialect], model, stream=stream)
        key = way.keys[0] if len(way.keys) == 1 else way.key()
        headers = key.headers[compressed]
        if forwarded:
            headers = headers.copy()
            for name, value in forwarded:
                headers[name.decode("latin-1")] = value.decode("latin-1")
        if key.signer is not None:
            headers = headers | await key.signer.headers(way.session, url, body)
        try:
            response = await way.session.post(url, data=body, headers=headers, allow_redirects=False)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise Failure(f"no connection: {type(error).__name__}", sent=False) from None
        except TimeoutError:
            raise Failure(f"no answer within {provider.first_byte_s:g} s", sent=True, hung=True) from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            # ValueError: a head that is no HTTP, or is too large.
            raise Failure(f"connection lost: {type(error).__name__}", sent=True) from None
        if response.status in _RESTS:
            wait = response.headers.get("retry-after", "")
            key.rest_until = monotonic() + (
                min(float(wait), _REST_S) if wait.isdigit() else _RESTS[response.status]
            )
        return response

    def has_another_key(self, provider: Provider) -> bool:
        """Whether a key of a provider's is left that was not refused and not asked to wait."""
        now = monotonic()
        return any(key.rest_until <= now for key in self._ways[provider.name].keys)

    def replace(self, providers: Mapping[str, Provider], secrets: Mapping[str, tuple[str, ...]]) -> None:
        """Take other providers and keys; sessions of those that changed are closed once their calls are over."""
        before = self.secrets
        self.secrets = secrets
        old: list[_Way] = []
        for name, way in list(self._ways.items()):
            same = providers.get(name) == way.provider and secrets.get(name) == before.get(name)
            if not same:
                old.append(self._ways.pop(name))
        for name, provider in providers.items():
            if name not in self._ways:
                mock = provider.kind == "mock" and provider.base_url.startswith("http://127.0.0.1:0")
                kept = next((way.base for way in old if way.provider.name == name), None)
                self.open(provider, kept if mock else None)
        for way in old:
            asyncio.get_running_loop().call_later(_DRAIN_S, asyncio.ensure_future, way.session.close())

    async def fetch(
        self, provider: Provider, method: str, path: str, body: bytes | None = None
    ) -> aiohttp.ClientResponse:
        """Ask for something by its path below the base address. Raises Failure."""
        import aiohttp

        way = self._ways[provider.name]
        try:
            return await way.session.request(
                method, way.base + path, data=body, headers=way.key().headers[False], allow_redirects=False
            )
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise Failure(f"connection lost: {type(error).__name__}", sent=True) from None

    async def post_form(
        self, provider: Provider, path: str, fields: Iterable[tuple[str, str]], file: Path, name: str
    ) -> aiohttp.ClientResponse:
        """Send fields and a file as a form, from disk; the answer's head is there. Raises Failure."""
        import aiohttp

        way = self._ways[provider.name]
        headers = {k: v for k, v in way.key().headers[False].items() if k != "content-type"}
        with file.open("rb") as content:
            form = aiohttp.FormData()
            for field_name, value in fields:
                form.add_field(field_name, value)
            form.add_field("file", content, filename=name, content_type="application/octet-stream")
            try:
                return await way.session.post(
                    way.base + path, data=form, headers=headers, allow_redirects=False
                )
            except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
                raise Failure(f"no connection: {type(error).__name__}", sent=False) from None
            except (aiohttp.ClientError, OSError, ValueError) as error:
                raise Failure(f"connection lost: {type(error).__name__}", sent=True) from None

    async def upload(self, provider: Provider, path: str, file: Path, purpose: str) -> dict[str, Any]:
        """Send a file that the provider keeps, from disk. Raises Failure."""
        import aiohttp
        import orjson

        response = await self.post_form(provider, path, [("purpose", purpose)], file, "batch.jsonl")
        try:
            raw = await response.content.read(_ANSWER)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise Failure(f"connection lost: {type(error).__name__}", sent=True) from None
        try:
            answer: Any = orjson.loads(raw)
        except orjson.JSONDecodeError:
            answer = None
        if response.status >= 300 or not isinstance(answer, dict):
            raise Failure(f"it did not take the file (status {response.status})", sent=True)
        return cast("dict[str, Any]", answer)

    async def download(self, provider: Provider, path: str, to: Path, most: int) -> int:
        """Fetch a file to disk, of at most ``most`` bytes; its size. Raises Failure."""
        import aiohttp

        response = await self.fetch(provider, "GET", path)
        if response.status != 200:
            raise Failure(f"a file cannot be fetched (status {response.status})", sent=True)
        size = 0
        try:
            with to.open("wb") as out:
                async for chunk in response.content.iter_any():
                    size += len(chunk)
                    if size > most:
                        raise Failure(f"a file is larger than {most:,} bytes", sent=True)
                    out.write(chunk)
        except (aiohttp.ClientError, OSError) as error:
            raise Failure(f"connection lost: {type(error).__name__}", sent=True) from None
        return size

    def secret(self, provider: Provider) -> tuple[str, ...]:
        """The keys sent to a provider, to be kept out of what is passed on."""
        keys = self._ways[provider.name].keys
        tokens = tuple(key.signer.token for key in keys if isinstance(key.signer, _Token))
        return (*(key.secret for key in keys), *tokens)

    async def close(self) -> None:
        """Close every session."""
        await asyncio.gather(*(way.session.close() for way in self._ways.values()))
        self._ways.clear()


def _signer(provider: Provider, secret: str) -> _Signature | _Token | None:
    if provider.auth == "aws-sigv4":
        return _Signature(aws_key(secret, provider.name), provider.region)
    if provider.auth == "google-service-account":
        return _Token(service_account(secret, provider.name))
    return None


def redacted(body: bytes, secrets: Iterable[str]) -> bytes:
    """An upstream's own words without the keys it is called with."""
    for secret in secrets:
        if secret:
            body = body.replace(secret.encode(), b"[removed]")
    return body


async def find_secrets(providers: Mapping[str, Provider], ledger: Any) -> dict[str, tuple[str, ...]]:
    """The keys of each provider: from the environment, or from the encrypted store. EnvironmentProblem if missing."""
    by_provider: dict[str, tuple[str, ...]] = {}
    for name, provider in providers.items():
        values: list[str] = []
        for key in (provider.key, *provider.more_keys):
            if key.startswith("$"):
                value = os.environ.get(key[1:], "").strip()
                if not value:
                    raise EnvironmentProblem(
                        f"the key of provider {name} is not set", expected=f"{key} in the environment"
                    )
            elif key == "stored":
                value = await ledger.secret(name)
                if not value:
                    raise EnvironmentProblem(
                        f"no key is stored for provider {name}",
                        hint=f"supercycle gateway keys upstream {name}",
                    )
            else:
                continue
            if value.startswith("{"):  # a service account's file, on one line
                value = " ".join(value.split())
            if not value.isascii() or not value.isprintable():
                raise EnvironmentProblem(f"the key of provider {name} is no header value")
            values.append(value)
        if values:
            by_provider[name] = tuple(values)
    return by_provider
