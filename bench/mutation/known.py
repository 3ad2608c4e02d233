"""Which test executes which line: the map that ``traced.py`` writes, and what is still true of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

IMPORTED = "(imported)"
Lines = dict[str, set[int]]  # of a file


@dataclass(frozen=True)
class Known:
    """What is known of one test."""

    seconds: float
    lines: Lines
    print_: str
    passed: bool

    @property
    def size(self) -> int:
        """How many lines it executes: a test of few lines is about them."""
        return sum(map(len, self.lines.values()))


@dataclass(frozen=True)
class LineMap:
    """All tests of a map by name."""

    tests: dict[str, Known]

    @staticmethod
    def line(test: str, seconds: float, lines: Lines, print_: str, passed: bool) -> str:
        """A test as a line of the file."""
        ranges = {file: _ranges(numbers) for file, numbers in sorted(lines.items())}
        return json.dumps([test, seconds, passed, print_, ranges])

    @staticmethod
    def read(*files: Path) -> LineMap:
        """A map from its files; of a test written twice the last stands."""
        found: dict[str, Known] = {}
        for file in files:
            for line in file.read_text(encoding="utf-8").splitlines() if file.exists() else ():
                test, seconds, passed, print_, ranges = json.loads(line)
                lines = {
                    name: {n for first, last in spans for n in range(first, last + 1)}
                    for name, spans in ranges.items()
                }
                if test == IMPORTED and test in found:
                    for name, numbers in found[test].lines.items():
                        lines.setdefault(name, set()).update(numbers)
                found[test] = Known(seconds, lines, print_, passed)
        return LineMap(found)

    @property
    def imported(self) -> Lines:
        """The lines that run when modules are imported."""
        return self.tests[IMPORTED].lines if IMPORTED in self.tests else {}

    def fresh(self, root: Path) -> set[str]:
        """The tests of which neither their own file nor one that they execute has changed."""
        return {
            test
            for test, known in self.tests.items()
            if known.print_ == print_of(root, [test.split("::")[0], *known.lines])
        }

    def executing(self, file: str, lines: Iterable[int]) -> list[str]:
        """The passing tests that execute one of the lines: the cheapest first, and of these those of few lines."""
        wanted = set(lines)
        some = [
            (round(known.seconds, 2), known.size, test)
            for test, known in self.tests.items()
            if known.passed and test != IMPORTED and wanted & known.lines.get(file, set())
        ]
        return [test for *_, test in sorted(some)]


def print_of(root: Path, files: Iterable[str]) -> str:
    """A hash of the texts of files of the tree."""
    prints = sorted({f"{file} {_print(root / file)}" for file in files})
    return hashlib.sha256("\n".join(prints).encode()).hexdigest()[:16]


@cache
def _print(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else "gone"


def _ranges(numbers: set[int]) -> list[list[int]]:
    spans: list[list[int]] = []
    for number in sorted(numbers):
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return spans
