"""A pytest plugin that writes which lines of the package each passing test executes, and what the test costs.

    MUTATION_MAP=map.jsonl pytest -p traced tests/unit tests/laws src

A line of the map is one test: its name, CPU-seconds, the lines by file, and a hash of those files and of the test's
own. A test whose hash still fits is not run again, so a map is made once, goes on where it was stopped, and is kept
fresh at the price of what changed. The work of a fixture shared by tests counts for each test that asks for it. What
runs when modules are imported is written under ``IMPORTED``. What another process runs is not seen.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest
from known import IMPORTED, LineMap, Lines, print_of
from warm import fewer_examples, world_built

PACKAGE = str(Path.cwd() / "src" / "supercycle") + os.sep
CUT = len(str(Path.cwd())) + 1
CALLS, LINES = 60, 3000  # of one function in one test: what comes later is taken for more of the same
EXAMPLES = 5  # of a property: enough to see where it goes
LONGEST_CPU_S = 4.0

Seen = dict[CodeType, list[Any]]
_seen: Seen = {}
_ours: dict[CodeType, bool] = {}
_shared: dict[Any, tuple[Lines, float]] = {}
_untold = 0.0  # CPU-seconds of shared fixtures inside the test that is running


def _enter(frame: FrameType, event: str, argument: Any) -> Any:
    code = frame.f_code
    ours = _ours.get(code)
    if ours is None:
        ours = _ours[code] = code.co_filename.startswith(PACKAGE)
    if not ours:
        return None
    entry = _seen.get(code)
    if entry is None:
        lines: set[int] = {code.co_firstlineno}
        entry = _seen[code] = [0, lines, _local(lines)]
    entry[0] += 1
    return entry[2] if entry[0] <= CALLS else None


def _local(lines: set[int]) -> Callable[[FrameType, str, Any], Any]:
    left = CALLS * LINES

    def line(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal left
        lines.add(frame.f_lineno)
        left -= 1
        if left < 0:
            frame.f_trace_lines = False
        return line

    return line


def _trace(on: bool) -> None:
    threading.settrace(_enter if on else None)  # type: ignore[arg-type]
    sys.settrace(_enter if on else None)


def _lines(seen: Seen) -> Lines:
    found: Lines = {}
    for code, (_, lines, _) in seen.items():
        found.setdefault(code.co_filename[CUT:], set()).update(lines)
    return found


def _cpu_s() -> float:
    spent = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in spent)


def _write(test: str, seconds: float, lines: Lines, passed: bool) -> None:
    file = test.split("::", maxsplit=1)[0]
    record = LineMap.line(test, seconds, lines, print_of(Path.cwd(), [file, *lines]), passed)
    with Path(os.environ["MUTATION_MAP"]).open("a", encoding="utf-8") as out:
        out.write(record + "\n")


def pytest_sessionstart(session: pytest.Session) -> None:
    """Trace from here: what importing runs is known when the tests are collected."""
    _trace(True)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out what the map already knows, and draw few examples."""
    world_built()
    _trace(False)
    _write(IMPORTED, 0.0, _lines(_seen), passed=True)
    known = LineMap.read(Path(os.environ["MUTATION_MAP"]))
    fresh = known.fresh(Path.cwd())
    items[:] = [item for item in items if item.nodeid not in fresh]
    fewer_examples(items, EXAMPLES)
    signal.signal(signal.SIGPROF, _too_long)


def _too_long(signum: int, frame: FrameType | None) -> None:
    raise pytest.fail.Exception(f"more than {LONGEST_CPU_S:.0f} CPU-seconds")


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(fixturedef: Any, request: Any) -> Iterator[None]:
    """What a shared fixture runs is kept by the fixture."""
    global _seen, _untold
    if fixturedef.scope == "function":
        return (yield)
    outer, _seen, begun, inner = _seen, {}, _cpu_s(), _untold
    try:
        return (yield)
    finally:
        spent = _cpu_s() - begun
        _shared[fixturedef] = (_lines(_seen), spent - (_untold - inner))
        _seen, _untold = outer, inner + spent


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
    """Trace one test with its fixtures."""
    global _untold
    _seen.clear()
    _untold, failed, begun = 0.0, item.session.testsfailed, _cpu_s()
    signal.setitimer(signal.ITIMER_PROF, LONGEST_CPU_S)
    _trace(True)
    try:
        return (yield)
    finally:
        _trace(False)
        signal.setitimer(signal.ITIMER_PROF, 0.0)
        seconds, lines = _cpu_s() - begun - _untold, _lines(_seen)
        named: dict[str, Any] = item._fixtureinfo.name2fixturedefs if hasattr(item, "_fixtureinfo") else {}
        for definitions in named.values():
            for definition in definitions:
                more, spent = _shared.get(definition, ({}, 0.0))
                seconds += spent
                for file, numbers in more.items():
                    lines.setdefault(file, set()).update(numbers)
        _write(item.nodeid, round(seconds, 3), lines, item.session.testsfailed == failed)
