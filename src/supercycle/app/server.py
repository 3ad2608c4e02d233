"""Starting the app: loopback, a free port, the address on the first line, the browser opened, a clean end."""

from __future__ import annotations

import contextlib
import socket
import webbrowser
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from supercycle.app.guard import Guard
from supercycle.app.routes import STATIC, Answers, routes
from supercycle.app.session import Session
from supercycle.core.errors import EnvironmentProblem, InputError

if TYPE_CHECKING:
    from starlette.applications import Starlette

__all__ = ["application", "serve"]

HOST = "127.0.0.1"
PORTS = (8765, 8766, 8767, 8768, 0)  # tried in turn; 0 is any free one
GRACE_S = 1


def application(session: Session | None = None, gateway: str | None = None) -> Starlette:
    """The app as an ASGI application, guarded."""
    from starlette.applications import Starlette
    from starlette.middleware import Middleware
    from starlette.middleware.gzip import GZipMiddleware

    answers = Answers(session or Session(), gateway)
    guard: Any = Guard
    made = Starlette(
        routes=routes(answers),
        middleware=[Middleware(guard), Middleware(GZipMiddleware, minimum_size=2000, compresslevel=1)],
    )
    made.state.answers = answers
    return made


def serve(
    port: int | None = None,
    *,
    browser: bool = True,
    gateway: str | None = None,
    say: Callable[[str], None] = print,
) -> None:
    """Serve until interrupted. The first line said is the address.

    Errors: EnvironmentProblem when the port is taken or the front end was not built; InputError for no port.
    """
    import uvicorn

    if port is not None and not 0 <= port <= 65535:
        raise InputError("--port", expected="0 to 65535", got=port)
    if not (STATIC / "app.js").is_file():
        raise EnvironmentProblem("the front end is not built", hint="In a checkout: python hatch_build.py")
    session = Session()
    app = application(session, gateway)
    bound = _bound(PORTS if port is None else (port,))
    address = f"http://{HOST}:{bound.getsockname()[1]}/"
    config = uvicorn.Config(
        app, log_level="warning", access_log=False, timeout_graceful_shutdown=GRACE_S, lifespan="off"
    )

    class Ending(uvicorn.Server):
        """Answers what is asked with the end, so that nothing is left to be cancelled."""

        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            app.state.answers.close()
            await super().shutdown(sockets)

    say(address)
    session.warm()
    if browser:
        webbrowser.open(address)
    with contextlib.suppress(KeyboardInterrupt):  # uvicorn raises it again after its clean end
        Ending(config).run(sockets=[bound])


def _bound(ports: tuple[int, ...]) -> socket.socket:
    """A listening socket on the first port that is free."""
    reason = ""
    for port in ports:
        made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            made.bind((HOST, port))
            made.listen()  # the address is told before the server runs: who comes early waits
        except OSError as problem:
            made.close()
            reason = str(problem.strerror)
            continue
        return made
    raise EnvironmentProblem(
        f"port {ports[0]} is taken ({reason})", hint="Another: --port 0 finds a free one."
    )
