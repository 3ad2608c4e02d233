"""The HTTP side: uvicorn's parser with bounds on what a client may send and how long it may take.

A request's head may have ``HEAD_BYTES``; a connection on which a request does not become complete within
``REQUEST_S`` is closed. Both are judgements.
"""

# uvicorn's protocol classes are partly typed.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Generator
from time import monotonic
from typing import Any, Final

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from supercycle.core.errors import EnvironmentProblem
from supercycle.gateway.config.config import Listen

__all__ = ["Listener", "bind"]

HEAD_BYTES: Final = 64 * 1024
REQUEST_S: Final = 60.0
STALL_S: Final = 60.0  # a client that does not read for as long is gone
KEEP_ALIVE_S: Final = 75


class BoundedProtocol(HttpToolsProtocol):
    """A connection whose request heads are bounded in size and whose requests are bounded in time."""

    _head = 0  # bytes of the head so far
    _in_head = True
    _since = 0.0  # when the request under way began; 0 when none is
    _timer: asyncio.TimerHandle | None = None
    _stalled: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        """A connection: from now on a request is due."""
        super().connection_made(transport)
        self._since = monotonic()
        self._timer = self.loop.call_later(REQUEST_S, self._check)

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        super().connection_lost(exc)
        if self._stalled is not None:
            self._stalled.cancel()
        if self._timer is not None:
            self._timer.cancel()

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._head, self._in_head = 0, True
        self._since = monotonic()

    def on_headers_complete(self) -> None:
        """Its head is complete."""
        self._in_head = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """It is complete."""
        self._since = 0.0
        super().on_message_complete()

    def data_received(self, data: bytes) -> None:
        """Bytes came."""
        super().data_received(data)
        if self._in_head and self.transport and not self.transport.is_closing():
            self._head += len(data)
            if self._head > HEAD_BYTES:
                self.send_400_response("The head of the request is too large.")

    def pause_writing(self) -> None:
        """The client does not read: it has a while to begin again."""
        super().pause_writing()
        if self._stalled is None:
            self._stalled = self.loop.call_later(STALL_S, self.transport.abort)

    def resume_writing(self) -> None:
        """It reads again, or is gone."""
        super().resume_writing()
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None

    def _check(self) -> None:
        if self._since and monotonic() - self._since > REQUEST_S:
            self.transport.close()
            return
        self._timer = self.loop.call_later(REQUEST_S, self._check)


class Listener(uvicorn.Server):
    """One listening socket and its application; signals are left to whoever runs it.

    ``connections`` at most; when it stops, replies under way have ``patience_s``.
    """

    def __init__(self, app: Any, sock: socket.socket, name: str, connections: int, patience_s: int) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=BoundedProtocol,
                ws="none",
                loop="none",
                lifespan="off",
                interface="asgi3",
                log_config=None,
                access_log=False,
                proxy_headers=False,
                server_header=False,
                date_header=False,
                limit_concurrency=connections,
                timeout_keep_alive=KEEP_ALIVE_S,
                timeout_graceful_shutdown=patience_s,
            )
        )
        self._sock = sock
        self.name = name

    @property
    def url(self) -> str:
        """http://host:port."""
        host, port = self._sock.getsockname()[:2]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """Two listeners share one process; who starts them decides when they stop."""
        yield

    async def listen(self) -> None:
        """Serve until ``should_exit``."""
        await self.serve(sockets=[self._sock])


def bind(where: Listen) -> socket.socket:
    """A listening socket. EnvironmentProblem when the address cannot be had."""
    family = socket.AF_INET6 if ":" in where.host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((where.host, where.port))
        sock.listen(2048)
    except OSError as error:
        sock.close()
        raise EnvironmentProblem(
            f"cannot listen on {where}",
            got=error.strerror,
            hint="Is another one running? Say another listen address",
        ) from None
    sock.setblocking(False)
    return sock
