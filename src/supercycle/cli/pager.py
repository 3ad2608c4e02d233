"""Long lists in a terminal go through the reader's pager, as git's do: what fits on the screen is printed as it is.

The pager is $SUPERCYCLE_PAGER, else $PAGER, else ``less -FRX``; "cat" or nothing turns it off. A pipe, a file and
``--json`` are never paged.
"""

from __future__ import annotations

import contextlib
import io
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Generator, Sequence

__all__ = ["PAGED", "paged"]

# Commands whose answer may be a long list.
PAGED = frozenset({"claims", "explain", "figures", "presets", "sensitivity"})


class _Screen(io.StringIO):
    """What would have gone to the terminal; it says that it is one, so tables keep their colours and width."""

    def isatty(self) -> bool:
        return True


@contextlib.contextmanager
def paged(tokens: Sequence[str]) -> Generator[None]:
    """Hold back what a listing command prints, and page it at the end if the screen is too short for it.

    An error is raised as it comes, after what was printed before it.
    """
    out, words = sys.stdout, _pager()
    if not (tokens and tokens[0] in PAGED and words and _interactive() and not _plain(tokens)):
        yield
        return
    screen = _Screen()
    sys.stdout = screen
    try:
        yield
    finally:
        sys.stdout = out
        text = screen.getvalue()
        if text.count("\n") < shutil.get_terminal_size().lines:
            out.write(text)
        else:
            _show(words, text)


def _plain(tokens: Sequence[str]) -> bool:
    return not {"--json", "--help", "-h"}.isdisjoint(tokens) or "refresh" in tokens[1:2]


def _interactive() -> bool:
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout))


def _pager() -> list[str]:
    """The pager's words; none when it is turned off or not installed."""
    told = os.environ.get("SUPERCYCLE_PAGER", os.environ.get("PAGER", "less -FRX"))
    words = shlex.split(told)
    return words if words and words[0] != "cat" and shutil.which(words[0]) else []


def _show(words: list[str], text: str) -> None:
    with (
        subprocess.Popen(words, stdin=subprocess.PIPE, text=True) as pager,
        contextlib.suppress(BrokenPipeError),
    ):
        assert pager.stdin is not None
        pager.stdin.write(text)
        pager.stdin.close()
