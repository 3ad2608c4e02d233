"""Starts and stops a gateway: the ledger, the way out, two listeners; without a configuration, also the mock provider.

Nothing is connected to at the start but the ledger's own database and, on loopback, the mock.
"""

from __future__ import annotations

import asyncio
import logging
import shlex
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from supercycle.core.errors import SupercycleError
from supercycle.gateway.config.config import Config, Listen, data_folder, mock_config
from supercycle.gateway.door.behind import keep_noting, restore_router, save_router
from supercycle.gateway.door.mock import Mock
from supercycle.gateway.door.reload import reload

if TYPE_CHECKING:
    from supercycle.gateway.door.core import Gateway
    from supercycle.gateway.door.listener import Listener

__all__ = ["Running", "run", "serve", "start"]

_QUICK = "quick start"  # the name of the key that a start without a configuration issues
_PATIENCE_S = 30  # how long calls under way may take to finish when the server stops
_LOG = logging.getLogger("supercycle.gateway")


@dataclass(slots=True)
class Running:
    """A gateway that serves. ``key`` is a new key's secret, only without a configuration; it is in no repr."""

    gateway: Gateway
    public_url: str
    admin_url: str
    dashboard_url: str = field(repr=False)
    admin_token: str = field(repr=False)
    key: str | None = field(default=None, repr=False)
    mocks: dict[str, Mock] = field(default_factory=dict[str, Mock], repr=False)
    _listeners: list[tuple[Listener, asyncio.Task[None]]] = field(default_factory=list[Any], repr=False)
    _behind: list[asyncio.Task[None]] = field(default_factory=list[Any], repr=False)

    @property
    def curl(self) -> str:
        """A command that gets an answer, when there is a key to show."""
        shown = f"Authorization: Bearer {self.key or '$KEY'}"
        model = next(iter(self.gateway.config.models), "provider/model")
        asked = orjson.dumps({"model": model, "messages": [{"role": "user", "content": "Hello"}]}).decode()
        return " ".join(
            [
                "curl",
                f"{self.public_url}/v1/chat/completions",
                f"-H {shlex.quote(shown)}",
                "-H 'Content-Type: application/json'",
                f"-d {shlex.quote(asked)}",
            ]
        )

    async def stop(self) -> int:
        """Let the calls under way finish, then book and close; returns how many bookings were left to recovery."""
        self.gateway.closing.set()
        public = [one for one in self._listeners if one[0].name == "public"]
        for group in (public, [one for one in self._listeners if one[0].name != "public"]):
            for listener, _ in group:
                listener.should_exit = True
            await asyncio.gather(*(task for _, task in group))
        behind = [*self._behind, *self.gateway.context.background]
        for task in behind:
            task.cancel()
        await asyncio.gather(*behind, return_exceptions=True)
        await save_router(self.gateway.context)
        await self.gateway.upstream.close()
        if self.gateway.context.spans is not None:
            self.gateway.context.spans.close()
        return await self.gateway.ledger.close()


async def start(
    config: Config | None = None, *, quick: bool | None = None, mocks: dict[str, Mock] | None = None
) -> Running:
    """Start a gateway and return when it serves. ``mocks`` take the place of mock providers, by name.

    ``quick`` issues a key to show; unless said otherwise, when there is no configuration.

    Raises EnvironmentProblem: a key that is not set, an address that is taken, a ledger that cannot be opened.
    """
    from supercycle.gateway.door.admin import Admin
    from supercycle.gateway.door.core import Gateway
    from supercycle.gateway.door.dashboard import routes
    from supercycle.gateway.door.listener import Listener, bind
    from supercycle.gateway.door.shelf import Shelf
    from supercycle.gateway.door.stored.follow import RUNNING, resume_batches
    from supercycle.gateway.door.stored.manifest import open_keys
    from supercycle.gateway.door.upstream import Upstream, find_secrets
    from supercycle.gateway.ledger.ledger import open_ledger

    if quick is None:
        quick = config is None
    config = config or mock_config()
    book = config.book()
    postgres = config.store.startswith(("postgresql://", "postgres://"))
    folder = data_folder() if postgres else Path(config.store)
    shelf = Shelf(folder / "files")
    known: list[Gateway] = []  # a reload replaces the book, and the ledger keeps the rows it charges by

    def priced(price_id: str) -> Any:
        return (known[0].book if known else book).price(price_id)

    ledger = await open_ledger(
        config.store,
        folder=folder if postgres else None,
        price=priced,
        mine=open_keys(shelf, RUNNING),
    )
    sockets: list[Any] = []
    try:
        upstream = Upstream(await find_secrets(config.providers, ledger))
        listeners: list[Listener] = []
        given = dict(mocks or {})
        public, admin = bind(config.listen), None
        sockets.append(public)
        admin = bind(config.admin)
        sockets.append(admin)
        for name, provider in config.providers.items():
            base = provider.base_url
            if provider.kind == "mock" and base.startswith("http://127.0.0.1:0"):
                sock = bind(Listen("127.0.0.1", 0))
                sockets.append(sock)
                listeners.append(Listener(given.setdefault(name, Mock()), sock, "mock", 10_000, 1))
                base = listeners[-1].url + base.removeprefix("http://127.0.0.1:0")
            upstream.open(provider, base)
        gateway = Gateway(config, ledger, book, upstream)
        known.append(gateway)
        await restore_router(gateway.context)
        gateway.context.shelf = shelf
        resume_batches(gateway.context, shelf)
        secret = await _quick_key(ledger) if quick else None
        inside = Admin(gateway, config.admin.host, admin.getsockname()[1], routes(gateway))
        listeners.append(Listener(inside, admin, "admin", 256, 1))
        listeners.append(Listener(gateway, public, "public", config.bounds.connections, _PATIENCE_S))
        tasks = [asyncio.create_task(listener.listen()) for listener in listeners]
        while not all(listener.started for listener in listeners):
            await asyncio.sleep(0.001)
    except BaseException:
        for sock in sockets:
            sock.close()
        await ledger.close()
        raise
    tasks_behind = [asyncio.create_task(keep_noting(gateway.context))]
    if config.webhook:
        from supercycle.gateway.door.webhook import post_alerts

        tasks_behind.append(asyncio.create_task(post_alerts(gateway.context, config.webhook)))
    return Running(
        gateway,
        public_url=listeners[-1].url,
        admin_url=listeners[-2].url,
        dashboard_url=f"{listeners[-2].url}/login?token={inside.token}",
        admin_token=inside.token,
        key=secret,
        mocks=given,
        _listeners=list(zip(listeners, tasks, strict=True)),
        _behind=tasks_behind,
    )


async def _quick_key(ledger: Any) -> str:
    """A key for a start without a configuration: a new one each time, because the last one cannot be shown again."""
    for row in await ledger.keys.listed():
        if row["name"] == _QUICK and not row.get("revoked_us"):
            await ledger.keys.revoke(row["key_id"])
    _, secret = await ledger.keys.issue(_QUICK)
    return secret


async def _reload(gateway: Gateway) -> None:
    """What SIGHUP does: a file that cannot be read is told, and the gateway goes on as it was."""
    try:
        await reload(gateway.context)
    except SupercycleError as error:
        _LOG.error("the configuration was not reloaded: %s", error)


async def serve(
    config: Config | None = None,
    *,
    quick: bool | None = None,
    on_ready: Callable[[Running], None] = lambda _: None,
    until: asyncio.Event | None = None,
) -> None:
    """Serve until SIGINT or SIGTERM, or until an event is set. ``on_ready`` is told addresses and key."""
    stop = until or asyncio.Event()
    running = await start(config, quick=quick)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    loop.add_signal_handler(signal.SIGHUP, lambda: running.gateway.context.start(_reload(running.gateway)))
    try:
        on_ready(running)
        await stop.wait()
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.remove_signal_handler(number)
        left = await running.stop()
        if left:
            _LOG.error(
                "%d bookings could not be written; the next start closes them at a stated estimate", left
            )


def run(
    config: Config | None = None,
    *,
    quick: bool | None = None,
    on_ready: Callable[[Running], None] = lambda _: None,
) -> None:
    """Serve in this process, on uvloop."""
    import gc

    import uvloop

    def ready(running: Running) -> None:
        # What is here now stays: the collector need not look at it again, nor so often at the rest.
        gc.collect()
        gc.freeze()
        gc.set_threshold(20_000, 20, 50)
        on_ready(running)

    logging.getLogger("uvicorn").setLevel(
        logging.CRITICAL
    )  # it would tell a broken-off stream as an error of ours
    uvloop.run(serve(config, quick=quick, on_ready=ready))
