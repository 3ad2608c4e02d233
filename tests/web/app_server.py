"""The app on a port of its own, for the browser tests: one server a module, kernels warm or not as asked."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import uvicorn

from supercycle.app.server import application
from supercycle.app.session import Session

__all__ = ["Served", "serving"]


@dataclass
class Served:
    """Where it answers, and how to stop and start it."""

    address: str
    session: Session
    server: uvicorn.Server
    thread: threading.Thread


@contextmanager
def serving(port: int = 0, app: Any = None) -> Iterator[Served]:
    """Serve the app until the block ends; kernels warm unless an application of one's own is given."""
    if app is None:
        made = Session()
        made._compile()  # from the cache after the first time
        app = application(made)
    server = uvicorn.Server(
        uvicorn.Config(
            app, port=port, log_level="error", access_log=False, timeout_graceful_shutdown=1, lifespan="off"
        )
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    for _ in range(400):
        if server.started:
            break
        time.sleep(0.02)
    assert server.started
    bound = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield Served(f"http://127.0.0.1:{bound}", app.state.answers.session, server, thread)
    finally:
        app.state.answers.close()
        server.should_exit = True
        thread.join(10)
