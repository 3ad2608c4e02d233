"""The one way out: requests to configured providers, over kept connections, with the provider's own key.

Nothing else in the gateway opens a connection to another machine, and this does only when a call is made. Redirects
are not followed, the environment's proxies are not used, and what a client sent as its key never leaves.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from supercycle.core.errors import EnvironmentProblem
from supercycle.gateway.routes.providers import AUTH, Provider

if TYPE_CHECKING:
    import aiohttp
__all__ = ["FORWARDED", "Failure", "Upstream", "redacted"]

# What a client may say to the provider behind the gateway; everything else stays here.
FORWARDED: Final = frozenset({b"anthropic-beta", b"anthropic-version", b"openai-beta"})
# How long an idle connection is kept: hosted providers keep theirs for minutes, local servers often for 5 s only.
_KEEP_HOSTED_S = 45.0
_KEEP_LOCAL_S = 4.0
_AGENT = "supercycle-gateway"


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
    secret: str
    urls: dict[str, str]
    headers: dict[bool, dict[str, str]]  # by whether the answer may come compressed


@dataclass(slots=True)
class Upstream:
    """Sessions by provider. ``secrets`` are the keys as they are sent; they are in no repr."""

    secrets: Mapping[str, str] = field(repr=False)
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
        secret = self.secrets.get(provider.name, "")
        headers: dict[bool, dict[str, str]] = {}
        for compressed in (False, True):
            made = {**provider.headers, "content-type": "application/json", "user-agent": _AGENT}
            made["accept"] = "*/*"
            made["accept-encoding"] = "gzip, deflate" if compressed else "identity"
            if name and secret:
                made[name] = lead + secret
            headers[compressed] = made
        urls = {dialect: base + path for dialect, path in provider.paths.items()}
        self._ways[provider.name] = _Way(provider, session, secret, urls, headers)

    async def send(
        self,
        provider: Provider,
        dialect: str,
        body: bytes,
        said: list[tuple[bytes, bytes]],
        *,
        compressed: bool,
    ) -> aiohttp.ClientResponse:
        """Send a request; the answer's head is there, its body is not read. Raises Failure."""
        import aiohttp

        way = self._ways[provider.name]
        headers = way.headers[compressed]
        if said:
            headers = headers.copy()
            for name, value in said:
                headers[name.decode("latin-1")] = value.decode("latin-1")
        try:
            return await way.session.post(
                way.urls[dialect], data=body, headers=headers, allow_redirects=False
            )
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise Failure(f"no connection: {type(error).__name__}", sent=False) from None
        except TimeoutError:
            raise Failure(f"no answer within {provider.first_byte_s:g} s", sent=True, hung=True) from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            # ValueError: a head that is no HTTP, or is too large.
            raise Failure(f"connection lost: {type(error).__name__}", sent=True) from None

    def secret(self, provider: Provider) -> str:
        """The key sent to a provider, to be kept out of what is passed on."""
        return self._ways[provider.name].secret

    async def close(self) -> None:
        """Close every session."""
        await asyncio.gather(*(way.session.close() for way in self._ways.values()))
        self._ways.clear()


def redacted(body: bytes, secret: str) -> bytes:
    """An upstream's own words without the key it was called with."""
    return body.replace(secret.encode(), b"[removed]") if secret else body


async def find_secrets(providers: Mapping[str, Provider], ledger: Any) -> dict[str, str]:
    """The key of each provider: from the environment, or from the encrypted store. EnvironmentProblem if missing."""
    found: dict[str, str] = {}
    for name, provider in providers.items():
        if provider.key.startswith("$"):
            value = os.environ.get(provider.key[1:], "").strip()
            if not value:
                raise EnvironmentProblem(
                    f"the key of provider {name} is not set", expected=f"{provider.key} in the environment"
                )
        elif provider.key == "stored":
            value = await ledger.secret(name)
            if not value:
                raise EnvironmentProblem(
                    f"no key is stored for provider {name}", hint=f"supercycle gateway keys upstream {name}"
                )
        else:
            continue
        if not value.isascii() or not value.isprintable():
            raise EnvironmentProblem(f"the key of provider {name} is no header value")
        found[name] = value
    return found
