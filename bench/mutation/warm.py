"""A pytest plugin that tries mutants in copies of one process that has imported everything and run nothing.

    MUTATION_JOBS=jobs.json MUTATION_OUT=out.jsonl pytest -p warm tests/unit tests/laws src

Importing the package and collecting its tests takes far longer than most tests. So the collected process forks for
each mutant; in the copy the functions of the mutant's file get the code of the wrong text, and the mutant's tests run
until one is red. A red test counts only if it is green in a copy without the mutant. A copy has a limit of CPU; one
that waits for ever is killed after a long while and told as "late". A line that was already executed when modules were
imported cannot be tried so: ``run.py`` gives what survives here to a new process.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import resource
import select
import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import pytest
from hypothesis import settings

EXAMPLES = 20  # of a property, for a mutant
BUDGET_S = float(os.environ.get("MUTATION_BUDGET_S", "40"))  # after so much CPU no further test is begun
CPU_S, CPU_TIMES = 20.0, 8.0  # the limit of a copy: some seconds and some times what its tests usually take
WALL_S, WALL_TIMES = 240.0, 60.0  # who waits so long without computing waits for ever


def fewer_examples(items: list[pytest.Item], most: int) -> None:
    """Properties draw at most so many examples, the same each time."""
    done = set[int]()
    for item in items:
        function = getattr(getattr(item, "obj", None), "__func__", getattr(item, "obj", None))
        own = getattr(function, "_hypothesis_internal_use_settings", None)
        if own is not None and id(function) not in done:
            done.add(id(function))
            few = settings(own, max_examples=min(own.max_examples, most), derandomize=True, database=None)
            function._hypothesis_internal_use_settings = few  # type: ignore[union-attr]


def world_built() -> None:
    """Build the model of the world once, before copies are made."""
    importlib.import_module("supercycle.world.world").world_model()


def codes(text: str, file: str) -> list[tuple[tuple[str, int], CodeType]]:
    """The code of each function of a text, by its qualified name and which of that name it is."""
    count: Counter[str] = Counter()
    found: list[tuple[tuple[str, int], CodeType]] = []

    def walk(code: CodeType) -> Iterator[CodeType]:
        for constant in code.co_consts:
            if isinstance(constant, CodeType):
                yield constant
                yield from walk(constant)

    for code in walk(compile(text, file, "exec", dont_inherit=True)):
        count[code.co_qualname] += 1
        found.append(((code.co_qualname, count[code.co_qualname]), code))
    return found


def living(root: Path) -> dict[str, list[FunctionType]]:
    """Every function of the package in this process, by its file."""
    found: dict[str, list[FunctionType]] = {}
    for thing in gc.get_objects():
        if type(thing) is FunctionType and thing.__code__.co_filename.startswith(str(root)):
            found.setdefault(thing.__code__.co_filename, []).append(thing)
    return found


def swap(file: Path, wrong: str, function: str, living: list[FunctionType]) -> None:
    """Give the functions of a file the code of the wrong text; NotSwapped where the one meant is not among them."""
    right = {
        (code.co_qualname, code.co_firstlineno): key
        for key, code in codes(file.read_text("utf-8"), str(file))
    }
    new, swapped = dict(codes(wrong, str(file))), False
    for thing in living:
        old = thing.__code__
        key = right.get((old.co_qualname, old.co_firstlineno))
        code = new.get(key) if key else None
        if code is not None and code.co_freevars == old.co_freevars:
            thing.__code__ = code
            swapped |= old.co_name == function or _holds(old, function)
    if not swapped:
        raise NotSwappedError(function)


def _holds(code: CodeType, function: str) -> bool:
    inner = [constant for constant in code.co_consts if isinstance(constant, CodeType)]
    return any(one.co_name == function or _holds(one, function) for one in inner)


class NotSwappedError(Exception):
    """No living function has the mutant's code: only a new process can try it."""


class Red:
    """Which test was red first, and how many were run."""

    def __init__(self, session: pytest.Session) -> None:
        """None yet."""
        self.test, self.count, self.session = "", 0, session

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Keep the first that failed; begin no other when the time is up."""
        self.count += report.when == "call"
        if report.failed and not self.test:
            self.test = report.nodeid
        if report.when == "teardown" and time.process_time() > BUDGET_S:
            self.session.shouldstop = "the time is up"


def tried(
    session: pytest.Session, items: list[pytest.Item], seconds: float, change: Any
) -> tuple[str, str, int]:
    """What became of a mutant, by what, after how many tests: run in a copy of this process after the change."""
    out, into = os.pipe()
    child = os.fork()
    if child == 0:
        _in_copy(session, items, seconds, change, into)
    os.close(into)
    begun, told = time.monotonic(), b""
    while time.monotonic() - begun < WALL_S + WALL_TIMES * seconds:
        if select.select([out], [], [], 1.0)[0]:
            part = os.read(out, 65536)
            told += part
            if not part:
                break
    else:
        told = b'["late", "", 0]'
    os.close(out)
    with suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)  # with what its tests started
    _, status = os.waitpid(child, 0)
    if told:
        fate, by, count = json.loads(told)
        return fate, by, count
    return "killed", f"(signal {os.WTERMSIG(status)})" if os.WIFSIGNALED(status) else "(ended)", 0


def _in_copy(
    session: pytest.Session, items: list[pytest.Item], seconds: float, change: Any, into: int
) -> None:
    fate, red = ["killed", "(change)", 0], Red(session)
    try:
        os.setsid()
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        limit = int(CPU_S + CPU_TIMES * seconds)
        resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 5))
        change()
        session.items = items
        session.testsfailed = 0
        session.shouldfail = session.shouldstop = False
        session.config.option.maxfail = 1
        session.config.pluginmanager.register(red)
        with suppress(pytest.Session.Failed, pytest.Session.Interrupted):
            session.config.hook.pytest_runtestloop(session=session)
        fate = ["killed" if red.test else "survived", red.test, red.count]
    except NotSwappedError:
        fate = ["undecided", "(no living function)", 0]
    except BaseException as error:
        fate = ["killed", f"({type(error).__name__}: {error})"[:200], red.count]
    finally:
        os.write(into, json.dumps(fate).encode())
        os._exit(0)


class Loop:
    """In place of running the tests: every job, each in its copy."""

    def __init__(self) -> None:
        """Nothing known to be sound yet."""
        self.sound: dict[str, bool] = {}
        self.inside = False
        self.living: dict[str, list[FunctionType]] = {}

    def is_sound(self, session: pytest.Session, item: pytest.Item, seconds: float) -> bool:
        """Whether a test is green in a copy without a mutant."""
        if item.nodeid not in self.sound:
            self.sound[item.nodeid] = tried(session, [item], seconds, lambda: None)[::2] == ("survived", 1)
        return self.sound[item.nodeid]

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        """Try the jobs; inside a copy, let the tests run as ever."""
        if self.inside:
            return None
        self.inside = True
        by_name = {item.nodeid: item for item in session.items}
        fewer_examples(session.items, EXAMPLES)
        world_built()
        gc.collect()
        self.living = living(Path.cwd() / "src")
        gc.freeze()
        for job in json.loads(Path(os.environ["MUTATION_JOBS"]).read_text("utf-8")):
            row = {**job["mutant"], **self.fate(session, job, by_name)}
            with Path(os.environ["MUTATION_OUT"]).open("a", encoding="utf-8") as out:
                out.write(json.dumps(row) + "\n")
        return True

    def fate(self, session: pytest.Session, job: dict[str, Any], by_name: dict[str, Any]) -> dict[str, Any]:
        """What became of one mutant, by which test, of how many, and in how many seconds."""
        file, wrong = Path.cwd() / job["mutant"]["file"], job["wrong"]
        tests: dict[str, float] = {test: seconds for test, seconds in job["tests"] if test in by_name}
        tests |= {test: 1.0 for test in likely(job, by_name) if test not in tests}
        begun, count, some = time.monotonic(), 0, self.living.get(str(file), [])
        name = job["mutant"]["function"].split(",")[0]
        while True:
            items = [by_name[test] for test in tests if self.sound.get(test, True)]
            seconds = min(sum(tests[item.nodeid] for item in items), BUDGET_S)
            fate, by = "survived", ""
            if not items:
                break
            fate, by, count = tried(session, items, seconds, lambda: swap(file, wrong, name, some))
            if fate != "killed" or by not in tests or self.is_sound(session, by_name[by], tests[by]):
                break
        if fate == "survived" and count < len(items):
            fate = "undecided"  # the time was up before all of its tests had run
        spent = round(time.monotonic() - begun, 1)
        return {"fate": fate, "by": by, "tests": count, "of": len(items), "seconds": spent}


def likely(job: dict[str, Any], by_name: dict[str, Any]) -> list[str]:
    """Where the map is silent: the module's doctests, tests that name the function, tests of files that name it."""
    module, function = job["mutant"]["file"], job["mutant"]["function"].split(",")[0].strip("_")
    files: dict[str, int] = {file: place for place, file in enumerate(job["files"])}
    found: list[tuple[int, int, str]] = []
    for name, item in by_name.items():
        file = name.split("::")[0]
        if file == module:
            found.append((0, 0, name))
        elif file in files:
            code = getattr(getattr(item, "function", None), "__code__", None)
            names = function in (*code.co_names, *code.co_freevars) if code is not None else False
            found.append((1 if names else 2, files[file], name))
    return [name for *_, name in sorted(found)]


def pytest_configure(config: pytest.Config) -> None:
    """Take the place of the loop where there are jobs."""
    if os.environ.get("MUTATION_JOBS"):
        config.pluginmanager.register(Loop())
