"""A running gateway's ledger on the spend page: its overview, passed on as it changes.

The gateway's admin listener asks for a token; the link it prints at start carries one, and an admin key may stand in
SUPERCYCLE_GATEWAY_KEY. Neither reaches the browser: this server asks, the page reads what it passes on.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

from supercycle.core.errors import InputError

__all__ = ["Spending"]

EVENTS = "/api/dashboard/events"
CONNECT_S = 3.0  # a gateway on this machine answers at once or not at all
QUIET_S = 60.0  # it sends its numbers every half minute even when nothing is settled
RETRY_MS = 2000
COMMAND = "--gateway"
HINT = "supercycle gateway start prints a link to its dashboard; then: supercycle app --gateway LINK"


class Spending:
    """What the spend page may know of a gateway. ``address`` is its dashboard's address or the link printed at start.

    >>> Spending("http://127.0.0.1:4001/login?token=abc").base
    'http://127.0.0.1:4001'
    """

    def __init__(self, address: str | None, asked_as: str = COMMAND) -> None:
        self.base = self._token = ""
        if address is None:
            return
        found = urlsplit(address)
        if found.scheme not in ("http", "https") or not found.netloc:
            raise InputError(
                asked_as,
                expected="http://host:port or the link printed at start",
                got=address.partition("token=")[0] or "nothing",
            )
        self.base = f"{found.scheme}://{found.netloc}"
        # The key of the environment goes only where the command line says, never to an address typed into a page.
        spare = os.environ.get("SUPERCYCLE_GATEWAY_KEY", "") if asked_as == COMMAND else ""
        self._token = parse_qs(found.query).get("token", [spare])[0]

    def status(self) -> dict[str, Any]:
        """Whether a gateway was named, and how to name one."""
        return {"named": bool(self.base), "address": self.base or None, "hint": HINT}

    async def events(self) -> AsyncIterator[bytes]:
        """The gateway's own events as they come; when it is away, one that says why. The browser asks again."""
        import aiohttp

        yield f"retry: {RETRY_MS}\n\n".encode()
        headers = {"authorization": f"Bearer {self._token}"} if self._token else {}
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_S, sock_read=QUIET_S)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout, headers=headers) as session,
                session.get(self.base + EVENTS) as answer,
            ):
                if answer.status == 401:
                    yield _away(f"the gateway at {self.base} wants the link printed at its start, or an admin key "
                                "in SUPERCYCLE_GATEWAY_KEY")  # fmt: skip
                    return
                if answer.status != 200:
                    yield _away(f"{self.base} is no gateway's dashboard (it said {answer.status})")
                    return
                async for piece in answer.content.iter_any():
                    yield piece
        except (aiohttp.ClientError, OSError, TimeoutError) as problem:
            yield _away(f"no gateway answers at {self.base} ({type(problem).__name__})")
            return
        yield _away(f"the gateway at {self.base} has ended")


def _away(why: str) -> bytes:
    import orjson

    return b"event: away\ndata: " + orjson.dumps({"error": why}) + b"\n\n"
