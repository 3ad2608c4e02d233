"""A pytest plugin that writes which functions of the package each passing test enters, and how long the test took.

    MUTATION_MAP=map.jsonl pytest -p traced ...

A line of the map is ``[test, seconds, ["src/supercycle/core/units.py:41", ...]]``; the number is the first line of the
function, its decorators counted. What another process runs, and what was compiled, is not seen.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

PACKAGE = str(Path.cwd() / "src" / "supercycle") + os.sep
CUT = len(str(Path.cwd())) + 1
_entered: set[tuple[str, int]] = set()


def _enter(frame: FrameType, event: str, argument: Any) -> None:
    code = frame.f_code
    if code.co_filename.startswith(PACKAGE):
        _entered.add((code.co_filename, code.co_firstlineno))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
    """Trace one test with its fixtures. A shared fixture is counted for the first test that asks for it."""
    _entered.clear()
    failed = item.session.testsfailed
    begun = time.process_time()
    threading.settrace(_enter)  # type: ignore[arg-type]
    sys.settrace(_enter)  # type: ignore[arg-type]
    try:
        return (yield)
    finally:
        sys.settrace(None)
        threading.settrace(None)  # type: ignore[arg-type]
        if item.session.testsfailed == failed:
            places = sorted(f"{file[CUT:]}:{line}" for file, line in _entered)
            record = json.dumps([item.nodeid, round(time.process_time() - begun, 3), places])
            with Path(os.environ["MUTATION_MAP"]).open("a", encoding="utf-8") as file:
                file.write(record + "\n")
