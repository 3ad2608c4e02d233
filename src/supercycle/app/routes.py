"""The app's answers, one function a route: JSON in, JSON out, every error one line with its next step."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, TypeVar, cast

import numpy as np

from supercycle.app import knowledge, tools
from supercycle.app.answers import plain
from supercycle.app.asked import asked, named, scenario_of
from supercycle.app.flows import LOSSES, flow_outputs, grid_to_token, losses, money
from supercycle.app.interface.addresses import address_of
from supercycle.app.interface.openapi import openapi, page
from supercycle.app.interface.schema import checked
from supercycle.app.pages import page_outputs, page_sections
from supercycle.app.session import Session, Superseded
from supercycle.app.spend import Spending
from supercycle.app.turns import Turns
from supercycle.core.errors import InputError, SupercycleError
from supercycle.service.figures import last_refresh, vintages
from supercycle.service.losses import loss_outputs, losses_of
from supercycle.service.summary import spread_by_evidence
from supercycle.service.the_world import subject
from supercycle.story.bust import bust_section

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute

__all__ = ["Answers", "routes"]

STATIC = Path(__file__).parent / "_static"
FILES = {"app.js": "text/javascript", "app.css": "text/css"}
Body = Mapping[str, Any]
T = TypeVar("T")
MEDIAN_PATHS, MOST_NAMES = 1000, 60  # of the drawer: an equation and what it reads
MOST_MEMBERS = 8  # of a variable by member, shown one by one; of more (vintages) the drawer shows none


class Closing(Exception):
    """The app ends; no answer will come."""


class Answers:
    """What each route answers; slow ones run in threads of their own."""

    def __init__(self, session: Session, gateway: str | None = None) -> None:
        self.session, self.spending = session, Spending(gateway)
        self._ended = False
        self._waiting = set[asyncio.Future[None]]()
        self._work = Turns("model")
        session.aside = self._work.step_aside
        self._later = ThreadPoolExecutor(max_workers=1, thread_name_prefix="later")
        self._read = ThreadPoolExecutor(max_workers=2, thread_name_prefix="read")

    def run(self, body: Body) -> dict[str, Any]:
        """Quantiles of named outputs under a scenario."""
        return self.session.run(asked(body), *_turn(body))

    def page(self, body: Body) -> dict[str, Any]:
        """A page's sections at rest: every chart, on the paths asked for."""
        begun = perf_counter()
        page = named(body, "page")
        want = asked({**body, "outputs": list(page_outputs(page))})
        run = self.session.simulated(want, *_turn(body))
        answer = self.session.told(run, want, *_turn(body))
        dated = {key: {**one, "quarters": answer["quarters"]} for key, one in answer["outputs"].items()}
        return {**answer, "sections": page_sections(page, run, dated), "seconds": perf_counter() - begun}

    def compare(self, body: Body) -> dict[str, Any]:
        """Two scenarios and their paired difference."""
        sides = [cast("Body", body.get(side) or {}) for side in ("a", "b")]
        shared = {k: body[k] for k in ("paths", "seed", "outputs") if k in body}
        left, right = (
            asked({**shared, **{k: side[k] for k in ("preset", "set") if k in side}}) for side in sides
        )
        return self.session.compare(left, right, *_turn(body))

    def medians(self, body: Body) -> dict[str, Any]:
        """Medians of variables in a quarter, by slot; what a run does not hold is left out."""
        names, quarter = cast("Any", body.get("names")), named(body, "quarter", "2030Q4")
        if not isinstance(names, list) or len(cast("list[object]", names)) > MOST_NAMES:
            raise InputError(
                "names",
                expected=f"a list of at most {MOST_NAMES} names",
                got=type(cast("object", names)).__name__,
            )
        plan, known = subject().plan, subject().model.variables
        names = [name for name in map(str, cast("list[object]", names)) if name in known]
        keys = {name: plan.keys(name) for name in names}
        kept = [key for slots in keys.values() if len(slots) <= MOST_MEMBERS for key in slots]
        settings = {k: v for k, v in body.items() if k in ("preset", "set")}
        run = self.session.simulated(asked({**settings, "outputs": kept, "paths": MEDIAN_PATHS}))
        if quarter not in run.quarters:
            raise InputError("quarter", expected=f"{run.quarters[0]} to {run.quarters[-1]}", got=quarter)
        at = run.quarters.index(quarter)
        values = {key: float(np.median(run.value(key)[at, run.ok])) for key in kept}
        first = names[0] if names and list(keys[names[0]]) == [names[0]] else None
        return {
            "quarter": quarter,
            "values": values,
            "evidence": first and spread_by_evidence(run, first, quarter),
        }

    def flows(self, body: Body) -> dict[str, Any]:
        """The two flow diagrams of a quarter."""
        quarter = named(body, "quarter", "2030Q4")
        run = self.session.simulated(asked({**body, "outputs": list(flow_outputs())}), *_turn(body))
        return {
            "power": grid_to_token(run, quarter),
            "money": money(run, quarter),
            "provisional": not self.session.compiled,
        }

    def losses(self, body: Body) -> dict[str, Any]:
        """Losses from borrowers through claims to final holders, up to a quarter."""
        quarter = named(body, "quarter", "2035Q4")
        run = self.session.simulated(asked({**body, "outputs": list(LOSSES)}), *_turn(body))
        return {"losses": losses(run, quarter)}

    def bust(self, body: Body) -> dict[str, Any]:
        """Who loses in a bust and over all paths, with the odds and what the same model said in the past."""
        run = self.session.simulated(asked({**body, "outputs": list(loss_outputs())}), *_turn(body))
        return {"section": bust_section(losses_of(run)), "paths": run.paths, "seed": run.seed}

    def reproduce(self, body: Body) -> dict[str, Any]:
        """The same scenario as a command, as Python, and as what differs from its preset."""
        against = body.get("against")
        plain_body = {k: v for k, v in body.items() if k != "against"}
        want = asked(plain_body)
        if against is None:
            return knowledge.reproduce(want.scenario, want)
        if not isinstance(against, dict):
            raise InputError("against", expected="a scenario", got=type(against).__name__)
        return knowledge.reproduce_pair(scenario_of(cast("Body", against)), want.scenario, want)

    def connect(self, body: Body) -> dict[str, Any]:
        """The gateway of the spend page, named by its reader while the app runs; the token stays with this server."""
        link = named(body, "link").strip()
        self.spending = Spending(link, "the link")
        return self.spending.status()

    def begin(self, kind: str, work: Callable[[], Any], client: str) -> asyncio.Future[Any]:
        """Work of a kind, begun: charts by turns of the tabs, what may come later beside them, look-ups."""
        if kind == "run":
            tab, _, line = client.partition("/")
            return asyncio.wrap_future(self._work.submit(tab, work, urgent=line == "live"))
        pool = {"later": self._later, "read": self._read}[kind]
        return asyncio.get_running_loop().run_in_executor(pool, work)

    def close(self) -> None:
        """End what is running: nobody waits for it any more."""
        self._ended = self.session.ended = True
        for waiting in tuple(self._waiting):
            waiting.get_loop().call_soon_threadsafe(lambda one=waiting: one.done() or one.set_result(None))
        self._work.shutdown()
        for pool in (self._later, self._read):
            pool.shutdown(wait=False, cancel_futures=True)

    async def _unless_ended(self, work: asyncio.Future[T]) -> T:
        """What the work gives. Errors: Closing when the app ends first."""
        ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.add(ended)
        try:
            if not self._ended:
                await asyncio.wait({work, ended}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._waiting.discard(ended)
        if work.done() and not work.cancelled():
            return work.result()
        work.add_done_callback(lambda left: left.cancelled() or left.exception())
        work.cancel()
        raise Closing

    async def spent(self) -> AsyncIterator[bytes]:
        """The gateway's events until the app ends."""
        events = aiter(self.spending.events())
        with contextlib.suppress(Closing):
            while piece := await self._unless_ended(asyncio.ensure_future(anext(events, b""))):
                yield piece

    async def answer(self, request: Request, what: Callable[[Body], Any], kind: str) -> Response:
        """Read the body, compute off the event loop, turn errors into one line."""
        from starlette.responses import Response

        def replied(status: int, content: Any) -> Response:
            return Response(plain(content), status, media_type="application/json")

        import orjson

        try:
            raw = await request.body() if request.method == "POST" else b""
            body: Any = orjson.loads(raw) if raw else {**request.path_params, **dict(request.query_params)}
            if not isinstance(body, dict):
                raise InputError("the request", expected="a JSON object", got=type(body).__name__)
            told = cast("Body", body)
            checked(told, address_of(request.method, request.url.path).asks)
            self.session.newest(*_turn(told))
            if self._ended:
                raise Closing
            work = self.begin(kind, partial(what, told), _turn(told)[0])
            return replied(200, await self._unless_ended(work))
        except Superseded:
            return replied(200, {"superseded": True})
        except orjson.JSONDecodeError as problem:
            return replied(400, {"error": f"the request is no JSON: {problem}"})
        except Closing:
            return replied(503, {"error": "the app has ended"})
        except Exception as problem:
            if not isinstance(problem, SupercycleError):
                logging.getLogger("uvicorn.error").exception("a fault at %s", request.url.path)
                fault = f"a fault in supercycle itself: {type(problem).__name__}: {problem}"
                return replied(500, {"error": f"{fault}; the terminal shows where"})
            status = 400 if isinstance(problem, InputError) else 500
            return replied(status, {"error": str(problem), "kind": type(problem).__name__})


def routes(answers: Answers) -> list[BaseRoute]:
    """Every address of the app."""
    from starlette.responses import (
        FileResponse,
        HTMLResponse,
        JSONResponse,
        PlainTextResponse,
        StreamingResponse,
    )
    from starlette.routing import Route

    def post(path: str, what: Callable[[Body], Any], kind: str = "run") -> Route:
        async def handle(request: Request) -> Response:
            return await answers.answer(request, what, kind)

        return Route(path, handle, methods=["POST"])

    def get(path: str, what: Callable[[Body], Any]) -> Route:
        async def handle(request: Request) -> Response:
            return await answers.answer(request, what, "read")

        return Route(path, handle, methods=["GET"])

    async def index(request: Request) -> Response:
        return HTMLResponse(PAGE)

    async def spent(request: Request) -> Response:
        if not answers.spending.base:
            return PlainTextResponse("no gateway was named", 204)
        return StreamingResponse(answers.spent(), media_type="text/event-stream")

    async def interface(request: Request) -> Response:
        return HTMLResponse(page())

    async def document(request: Request) -> Response:
        return JSONResponse(openapi())

    async def static(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in FILES or not (STATIC / name).is_file():
            return PlainTextResponse(f"{name} is not part of the app", 404)
        return FileResponse(STATIC / name, media_type=FILES[name])

    return [
        Route("/", index),
        Route("/static/{name}", static),
        Route("/api", interface),
        Route("/api/openapi.json", document),
        get("/api/status", lambda _: answers.session.status()),
        get("/api/schema", lambda _: knowledge.schema()),
        get("/api/explain", lambda b: knowledge.explain(named(b, "name"))),
        get("/api/claims", lambda _: knowledge.claims()),
        post("/api/claim", knowledge.claim, "read"),
        get("/api/figures", knowledge.figures),
        get("/api/figure", lambda b: knowledge.figure(named(b, "series"))),
        get("/api/refreshed", lambda _: last_refresh()),
        get("/api/vintages", lambda b: vintages(named(b, "series"))),
        get("/api/shocks", lambda _: knowledge.shocks()),
        get("/api/deals", lambda _: tools.deals()),
        get("/api/templates", lambda _: tools.decide_template()),
        get("/api/spend", lambda _: answers.spending.status()),
        Route("/api/spend/events", spent),
        post("/api/spend/link", answers.connect, "read"),
        post("/api/run", answers.run),
        post("/api/page", answers.page),
        post("/api/compare", answers.compare),
        post("/api/flows", answers.flows, "read"),
        post("/api/sources", knowledge.sources, "read"),
        post("/api/medians", answers.medians, "read"),
        post("/api/losses", answers.losses, "read"),
        post("/api/bust", answers.bust, "read"),
        post("/api/reproduce", answers.reproduce, "read"),
        post("/api/tornado", partial(tools.tornado, answers.session), "later"),
        post("/api/stress", partial(tools.stress, answers.session), "later"),
        post("/api/deal", tools.deal, "later"),
        post("/api/deal/fields", tools.deal_form, "read"),
        post("/api/decide", tools.decide, "later"),
    ]


def _turn(body: Body) -> tuple[str, int]:
    client, turn = body.get("client", ""), body.get("turn", 0)
    return (client if isinstance(client, str) else "", turn if isinstance(turn, int) else 0)


PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>supercycle</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/static/app.css">
<script type="module" src="/static/app.js"></script>
</head>
<body><div id="supercycle"><p class="starting" role="status">Loading the model.</p></div>
<noscript>supercycle's app needs JavaScript; the same numbers: supercycle run --report FILE</noscript></body>
</html>
"""
