"""``supercycle app``: the model under your hand, in the browser."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

__all__ = ["app"]


def app(
    *,
    port: Annotated[
        int | None, Parameter(help="A port of this machine; 8765 or the next free one unless given.")
    ] = None,
    no_browser: Annotated[bool, Parameter(negative=(), help="Do not open a browser.")] = False,
    gateway: Annotated[
        str | None, Parameter(help="Address of a running gateway's dashboard, for the spend page.")
    ] = None,
) -> int:
    """Serve the app to this machine and open it; the first line printed is its address. Ctrl-C ends it."""
    import sys

    from supercycle.app.server import serve

    def say(line: str) -> None:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()

    serve(port, browser=not no_browser, gateway=gateway, say=say)
    return 0
