"""The dashboard, mounted on the admin listener: static files, JSON, and a stream of server-sent events.

Whenever something is settled, the numbers are read again from the ledger and sent whole; a browser adds nothing up, so
what it shows is what the ledger has. It only reads: keys and budgets are changed by command or admin API.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from importlib.resources import files
from time import monotonic
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from supercycle.core.errors import InputError, UnknownNameError
from supercycle.gateway.door.core import Gateway
from supercycle.gateway.ledger.budgets import HOUR_US, period_bounds
from supercycle.gateway.ledger.ledger import now_us
from supercycle.gateway.reports.metering import demand_profile
from supercycle.gateway.reports.overview import RANGES, overview, request_rows

__all__ = ["CSP", "routes"]

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "content-security-policy": CSP,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
}
_ASSETS = {
    "app.js": "text/javascript; charset=utf-8",
    "chart.js": "text/javascript; charset=utf-8",
    "requests.js": "text/javascript; charset=utf-8",
    "format.js": "text/javascript; charset=utf-8",
    "style.css": "text/css; charset=utf-8",
    "icon.svg": "image/svg+xml",
}
_GATHER_S = 0.4  # settlements that come together are told together
_LOOK_S = 1.0  # how often the head of the ledger is looked at: another process may have booked
_ANEW_S = 30.0  # without a booking the numbers are read again all the same: a day may have begun
_LISTENERS = 64  # pages open at once; each costs a read of the ledger when something is settled
_PAGE = 100  # requests on a page, at most
_STATES = ("open", "sent", "settled", "estimated", "void", "orphaned")


def routes(gateway: Gateway) -> list[Route]:
    """The routes of the dashboard; whoever mounts them has checked who asks."""
    board = _Board(gateway)
    return [
        Route("/", board.page, methods=["GET"]),
        Route("/assets/{name}", board.asset, methods=["GET"]),
        Route("/api/dashboard/overview", board.overview, methods=["GET"]),
        Route("/api/dashboard/events", board.events, methods=["GET"]),
        Route("/api/dashboard/requests", board.requests, methods=["GET"]),
        Route("/api/dashboard/profile.json", board.profile_json, methods=["GET"]),
        Route("/api/dashboard/profile.csv", board.profile_csv, methods=["GET"]),
    ]


class _Board:
    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._open = 0

    async def page(self, request: Request) -> Response:
        return self._file("index.html", "text/html; charset=utf-8")

    async def asset(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name not in _ASSETS:
            return _json({"error": "no such file"}, 404)
        return self._file(name, _ASSETS[name])

    async def overview(self, request: Request) -> Response:
        try:
            return _json(await self._overview(_span(request)))
        except InputError as error:
            return _json({"error": str(error)}, 400)

    async def events(self, request: Request) -> Response:
        """The overview now, and again after every settlement, as server-sent events."""
        try:
            span = _span(request)
        except InputError as error:
            return _json({"error": str(error)}, 400)
        if self._open >= _LISTENERS:
            return _json({"error": f"{_LISTENERS} dashboards are open already"}, 503)
        return StreamingResponse(self._stream(span), media_type="text/event-stream", headers=_HEADERS)

    async def requests(self, request: Request) -> Response:
        """A page of the request ledger: limit, before, key, model, state."""
        asked = request.query_params
        try:
            limit = min(int(asked.get("limit", "50")), _PAGE)
            state = asked.get("state") or None
            if limit < 1 or (state is not None and state not in _STATES):
                raise ValueError
        except ValueError:
            return _json({"error": f"limit is 1 to {_PAGE}, state one of {', '.join(_STATES)}"}, 400)
        rows = await request_rows(
            self._gateway.ledger,
            self._gateway.book,
            limit=limit,
            before=asked.get("before") or None,
            key_id=asked.get("key") or None,
            model=asked.get("model") or None,
            state=state,
        )
        return _json({"requests": rows, "before": rows[-1]["request_id"] if len(rows) == limit else None})

    async def profile_json(self, request: Request) -> Response:
        """The metered demand of the last 91 days, to be saved or handed to the decision between owning and renting."""
        profile = await self._profile()
        return _saved(profile.to_json(), "application/json", "supercycle-demand.json")

    async def profile_csv(self, request: Request) -> Response:
        """The same as CSV."""
        profile = await self._profile()
        return _saved(profile.to_csv(), "text/csv", "supercycle-demand.csv")

    async def _profile(self) -> Any:
        now = now_us()
        start, _ = period_bounds("day", now - RANGES["quarter"][0])
        names = {name: provider.prices for name, provider in self._gateway.config.providers.items()}
        return await demand_profile(self._gateway.ledger, start, now + HOUR_US, names=names)

    async def _overview(self, span: str) -> dict[str, Any]:
        return await overview(self._gateway.ledger, self._gateway.book, self._gateway.config, span)

    async def _stream(self, span: str) -> AsyncIterator[bytes]:
        settled = asyncio.Event()
        closing = self._gateway.closing
        watching = [
            asyncio.create_task(self._listen(settled)),
            asyncio.create_task(_wake(closing, settled)),
        ]
        self._open += 1
        try:
            await asyncio.sleep(0)  # lets it begin to listen before the first read
            shown_head, at = -1, 0.0
            while not closing.is_set():
                # The head before the numbers: what is booked while they are read is told again.
                settled.clear()
                head = await self._head()
                if head != shown_head or monotonic() - at > _ANEW_S:
                    shown_head, at = head, monotonic()
                    yield b"event: overview\ndata: " + orjson.dumps(await self._overview(span)) + b"\n\n"
                try:
                    await asyncio.wait_for(settled.wait(), _LOOK_S)
                    await asyncio.sleep(_GATHER_S)
                except TimeoutError:
                    continue
        finally:
            self._open -= 1
            for task in watching:
                task.cancel()

    async def _head(self) -> int:
        """The number of the last block: it changes with every booking, whoever made it."""
        rows = await self._gateway.ledger.store.fetch("SELECT COALESCE(MAX(block), 0) AS head FROM block")
        return int(rows[0]["head"])

    async def _listen(self, settled: asyncio.Event) -> None:
        async for _ in self._gateway.ledger.events():
            settled.set()

    @staticmethod
    def _file(name: str, kind: str) -> Response:
        body = files("supercycle.gateway.door").joinpath("_dashboard", name).read_bytes()
        return Response(body, media_type=kind, headers=_HEADERS)


async def _wake(closing: asyncio.Event, settled: asyncio.Event) -> None:
    await closing.wait()
    settled.set()


def _span(request: Request) -> str:
    span = request.query_params.get("span", "day")
    if span not in RANGES:
        raise UnknownNameError("span", span, RANGES)
    return span


def _json(value: object, status: int = 200) -> Response:
    return Response(orjson.dumps(value), status, media_type="application/json", headers=_HEADERS)


def _saved(text: str, kind: str, name: str) -> Response:
    stamp = f"{datetime.now(UTC):%Y-%m-%d}"
    disposition = {"content-disposition": f'attachment; filename="{name.replace(".", f"-{stamp}.", 1)}"'}
    return Response(text, media_type=kind, headers={**_HEADERS, **disposition})
