"""The admin interface, on a listener of its own: keys, budgets, providers, metrics, and the dashboard's pages.

Every path but ``/healthz``, ``/login`` and, on loopback, ``/metrics`` wants either the session of this process (the
link printed at start) or a key with the scope ``admin``. A browser is answered only under the listener's own name, so
that a page elsewhere can neither call it nor be called by another name for it.
"""

from __future__ import annotations

import ipaddress
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from hmac import compare_digest
from typing import TYPE_CHECKING, Any, cast

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from supercycle.core.errors import InputError, SupercycleError
from supercycle.gateway.door.exchange import Message, Receive, Send
from supercycle.gateway.door.reload import reload as reload_configuration
from supercycle.gateway.ledger.accounts import told_account
from supercycle.gateway.prices.money import pico, usd_text

if TYPE_CHECKING:
    from supercycle.gateway.door.core import Gateway

__all__ = ["Admin"]

_COOKIE = "supercycle_session"
_BODY = 64 * 1024
_JSON = "application/json"


class Admin:
    """The application (ASGI). ``token`` opens a session; it is made anew in each process."""

    def __init__(self, gateway: Gateway, host: str, port: int, more: Sequence[BaseRoute]) -> None:
        self.token = secrets.token_urlsafe(32)
        self._session = secrets.token_urlsafe(32)
        self._gateway = gateway
        self._local = host == "localhost" or (_is_address(host) and ipaddress.ip_address(host).is_loopback)
        own = {host, "localhost", "127.0.0.1", "[::1]"} if self._local else {host}
        self._names = {f"{name}:{port}" for name in own}
        self._app = Starlette(
            routes=[
                Route("/healthz", self._health),
                Route("/login", self._login),
                Route("/metrics", self._metrics),
                Route("/api/keys", self._keys, methods=["GET", "POST"]),
                Route("/api/keys/{key_id}", self._revoke, methods=["DELETE"]),
                Route("/api/keys/{key_id}/rotate", self._rotate, methods=["POST"]),
                Route("/api/reload", self._reload, methods=["POST"]),
                Route("/api/budgets", self._budgets, methods=["GET", "PUT", "DELETE"]),
                Route("/api/providers", self._providers),
                *more,
            ]
        )

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Let through who may, refuse the rest."""
        if scope["type"] != "http":
            return
        request = Request(cast("Any", scope))
        refused = await self._refusal(request)
        app: Callable[..., Awaitable[None]] = self._app if refused is None else refused
        await app(scope, receive, send)

    async def _refusal(self, request: Request) -> Response | None:
        host = request.headers.get("host", "")
        if self._local and host not in self._names:
            return _error_response(421, f"this listener is not called {host[:80]!r}")
        origin = request.headers.get("origin")
        if origin is not None and origin != f"{request.url.scheme}://{host}":
            return _error_response(403, "a page of another origin may not call this")
        path = request.url.path
        if path in ("/healthz", "/login") or (path == "/metrics" and self._local):
            return None
        if await self._known(request):
            return None
        return _error_response(401, "open the link printed at start, or send a key with the scope admin")

    async def _known(self, request: Request) -> bool:
        session = request.cookies.get(_COOKIE, "")
        if session and compare_digest(session, self._session):
            return True
        shown = request.headers.get("authorization", "")
        secret = shown[7:].strip() if shown[:7].lower() == "bearer " else ""
        if not 0 < len(secret) <= 200 or not secret.isascii():
            return False
        if compare_digest(secret, self.token):
            return True
        found = await self._gateway.ledger.principal(secret)
        return found is not None and "admin" in found.scopes

    # --- pages

    async def _health(self, request: Request) -> Response:
        trouble = self._gateway.ledger.trouble
        return _json(
            {"status": "ok" if trouble is None else "ledger", "detail": trouble}, 200 if not trouble else 503
        )

    async def _login(self, request: Request) -> Response:
        if not compare_digest(request.query_params.get("token", "").encode(), self.token.encode()):
            return _error_response(401, "this link belongs to another run: take the one printed at start")
        reply = RedirectResponse("/", status_code=303)
        reply.set_cookie(_COOKIE, self._session, httponly=True, samesite="strict", path="/")
        reply.headers["cache-control"] = "no-store"
        reply.headers["referrer-policy"] = "no-referrer"
        return reply

    async def _metrics(self, request: Request) -> Response:
        gateway = self._gateway
        gauges: list[tuple[str, str, Mapping[str, str], float]] = [
            ("supercycle_in_flight", "Requests under way.", {}, float(gateway.in_flight))
        ]
        meaning = "Whether a target's circuit is open (1) or half open (0.5)."
        now = gateway.context.clock()
        shown = {"closed": 0.0, "half-open": 0.5, "open": 1.0}
        for target, health in sorted(gateway.router.states().items()):
            gauges.append(("supercycle_circuit_open", meaning, {"target": target}, shown[health.state(now)]))
        return Response(gateway.metrics.text(gauges), media_type="text/plain; version=0.0.4; charset=utf-8")

    # --- the API

    async def _keys(self, request: Request) -> Response:
        ledger = self._gateway.ledger
        if request.method == "GET":
            return _json(await ledger.keys.listed())
        return await _answered(self._issue, request)

    async def _issue(self, asked: dict[str, Any]) -> dict[str, Any]:
        known = ("name", "project", "org", "scopes", "models", "rpm", "tpm", "concurrency", "days")
        for field in asked:
            if field not in known:
                raise InputError(f"unknown field {field[:60]!r}", expected=", ".join(known))
        if not isinstance(asked.get("name"), str):
            raise InputError("name", expected="text", got=repr(asked.get("name"))[:60])
        given = {k: tuple(cast("list[Any]", v)) if isinstance(v, list) else v for k, v in asked.items()}
        key_id, secret = await self._gateway.ledger.keys.issue(**given)
        return {"key_id": key_id, "secret": secret, "note": "shown once: it is kept as a hash only"}

    async def _revoke(self, request: Request) -> Response:
        async def revoke(_: dict[str, Any]) -> dict[str, Any]:
            await self._gateway.ledger.keys.revoke(request.path_params["key_id"])
            return {"revoked": request.path_params["key_id"]}

        return await _answered(revoke, request, body=False)

    async def _rotate(self, request: Request) -> Response:
        async def rotate(asked: dict[str, Any]) -> dict[str, Any]:
            key_id, grace = request.path_params["key_id"], asked.get("grace_hours", 24)
            if not isinstance(grace, int | float) or isinstance(grace, bool):
                raise InputError("grace_hours", expected="a number", got=repr(grace)[:60])
            secret = await self._gateway.ledger.keys.rotate(key_id, grace)
            return {
                "key_id": key_id,
                "secret": secret,
                "note": "shown once; the old one ends after its grace",
            }

        return await _answered(rotate, request)

    async def _reload(self, request: Request) -> Response:
        async def reload(_: dict[str, Any]) -> dict[str, Any]:
            return {"reloaded": await reload_configuration(self._gateway.context)}

        return await _answered(reload, request, body=False)

    async def _budgets(self, request: Request) -> Response:
        ledger = self._gateway.ledger
        if request.method == "GET":
            return _json(await ledger.budgets())

        async def change(asked: dict[str, Any]) -> dict[str, Any]:
            account, period = str(asked.get("account", "")), str(asked.get("period", "month"))
            if request.method == "DELETE":
                await ledger.remove_budget(account, period)
                return {"removed": account, "period": period}
            limit = pico(str(asked.get("limit_usd")), where="limit_usd")
            note = told_account(account, await ledger.keys.listed(), self._gateway.config.providers)
            await ledger.set_budget(account, limit, period)
            return {"account": account, "period": period, "limit_usd": usd_text(limit), "note": note}

        return await _answered(change, request)

    async def _providers(self, request: Request) -> Response:
        gateway = self._gateway
        now = gateway.context.clock()
        rows = [
            {
                "target": target,
                "circuit": health.state(now),
                "in_flight": health.in_flight,
                "failure_share": health.failure_share(now),
                "ttft_s": health.ttft_s(now),
                "seconds": health.seconds(now),
            }
            for target, health in sorted(gateway.router.states().items())
        ]
        providers = [
            {
                "name": p.name,
                "kind": p.kind,
                "base_url": p.base_url,
                "disconnect": p.disconnect,
                "key": bool(p.key),
            }
            for p in gateway.config.providers.values()
        ]
        return _json({"providers": providers, "targets": rows})


async def _answered(
    work: Callable[[dict[str, Any]], Awaitable[dict[str, Any]]], request: Request, *, body: bool = True
) -> Response:
    """The reply of some work on a JSON body; what the user did wrong is a 400."""
    asked: Any = {}
    if body:
        raw = b""
        async for chunk in request.stream():
            raw += chunk
            if len(raw) > _BODY:
                return _error_response(413, f"a body has at most {_BODY} bytes")
        try:
            asked = orjson.loads(raw)
        except orjson.JSONDecodeError:
            asked = None
        if not isinstance(asked, dict):
            return _error_response(400, "expected a JSON object")
    try:
        return _json(await work(cast("dict[str, Any]", asked)))
    except SupercycleError as error:
        return _error_response(400 if error.exit_code < 5 else 503, str(error))
    except (TypeError, ValueError) as error:
        return _error_response(400, str(error))


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _json(value: object, status: int = 200) -> Response:
    payload = orjson.dumps(value, default=str)
    return Response(payload, status_code=status, media_type=_JSON, headers={"cache-control": "no-store"})


def _error_response(status: int, message: str) -> Response:
    return Response(orjson.dumps({"error": {"message": message}}), status_code=status, media_type=_JSON)
