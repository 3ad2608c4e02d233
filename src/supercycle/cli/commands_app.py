"""``supercycle app``: the model under your hand, in the browser; ``publish``: the same as a file for anyone."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

__all__ = ["app", "publish"]


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
    from supercycle.app.server import serve

    serve(port, browser=not no_browser, gateway=gateway, say=_say)
    return 0


def publish(
    target: Annotated[
        Path, Parameter(help="A file that ends in .html, or a folder for a static site (its index.html).")
    ],
    /,
    *,
    scenario: Annotated[
        tuple[str, ...],
        Parameter(negative=(), help="A scenario file or result folder of yours to put in; repeat for more."),
    ] = (),
    replace: Annotated[bool, Parameter(negative=(), help="Replace what is there already.")] = False,
) -> int:
    """Write the model itself as one HTML file that runs in any browser, with no server and no request.

    What goes in is listed first. Nothing of yours does unless it is named: no notes, own scenarios, deals or spend.
    """
    from supercycle.app.published import published, write_file
    from supercycle.core.errors import InputError

    is_file = target.suffix.lower() in {".html", ".htm"}
    path = target if is_file else target / "index.html"
    if path.is_dir() or (not is_file and target.is_file()):
        raise InputError("not a place for a page", expected="a file .html, or a folder", got=str(target))
    if path.exists() and not replace:
        raise InputError(f"{path} is there already", hint="Give --replace, or another name.")
    found = published(scenario)
    for line in found.contents:
        _say(f"holds      {line}")
    _say(f"leaves out {', '.join(found.left_out)}")
    if not is_file:
        target.mkdir(parents=True, exist_ok=True)
    write_file(found, path)
    _say(f"{path}: {found.size / 1000:,.0f} kB")
    return 0


def _say(line: str) -> None:
    import sys

    sys.stdout.write(line + "\n")
    sys.stdout.flush()
