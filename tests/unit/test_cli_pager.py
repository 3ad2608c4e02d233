"""Long lists are paged in a terminal, and nowhere else."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src"


def in_a_terminal(*words: str, pager: str) -> str:
    """What a terminal of forty lines shows of a command."""
    ours, theirs = pty.openpty()
    environment = {
        **os.environ, "PYTHONPATH": str(SOURCE), "SUPERCYCLE_PAGER": pager,
        "LINES": "40", "COLUMNS": "100", "TERM": "dumb",
    }  # fmt: skip
    with subprocess.Popen(
        [sys.executable, "-m", "supercycle", *words],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=environment,
    ) as running:
        os.close(theirs)
        seen = b""
        while True:
            try:
                piece = os.read(ours, 65536)
            except OSError:  # the terminal's other end is closed
                break
            if not piece:
                break
            seen += piece
        running.wait(60)
    os.close(ours)
    assert running.returncode == 0, seen
    return seen.decode()


@pytest.mark.parametrize(
    ("words", "is_paged"),
    [(("claims",), True), (("presets", "show", "no-bust"), False), (("claims", "--json"), False)],
)
def test_only_what_does_not_fit_is_paged(words: tuple[str, ...], is_paged: bool) -> None:
    lines = [line for line in in_a_terminal(*words, pager="sed s/^/paged:/").splitlines() if line]
    assert all(line.startswith("paged:") for line in lines) is is_paged
    if not is_paged:
        assert not any(line.startswith("paged:") for line in lines)


def test_the_pager_can_be_turned_off() -> None:
    assert in_a_terminal("claims", pager="cat").count("\n") > 40
