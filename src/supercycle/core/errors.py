"""One tree of errors; each says what was expected, what came, where, and what to do next.

::

    SupercycleError                      exit code 4
    ├── UsageError                       2   the command line
    ├── InputError                       3   a file, a value, a name
    │   ├── UnknownNameError                 suggests the nearest known name
    │   ├── UnitError                        a unit that cannot be read or converted
    │   ├── FigureError                      a sourced figure that breaks its rules
    │   └── ScenarioError                    a scenario that cannot be run
    ├── ModelError                       4   the model as written
    │   ├── DimensionError                   an equation whose units do not agree
    │   ├── LoopError                        a loop within one period
    │   └── BooksError                       books that do not close
    └── EnvironmentProblem               5   not writable, no server, no port
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

__all__ = [
    "BooksError",
    "DimensionError",
    "EnvironmentProblem",
    "FigureError",
    "InputError",
    "LoopError",
    "ModelError",
    "ScenarioError",
    "SupercycleError",
    "UnitError",
    "UnknownNameError",
    "UsageError",
    "nearest",
]

_SIMILAR = 0.6  # difflib's own cutoff for "close"
_SHOWN = 12  # how many known names fit on a line when none is near


class SupercycleError(Exception):
    """The root: one line for a person, an exit code for a shell.

    ``str()`` reads ``where: message: expected X, got Y. hint``; parts that are missing are left out.

    >>> print(SupercycleError("value out of range", expected="0 to 1", got="1.2 share", where="base.yaml:7"))
    base.yaml:7: value out of range: expected 0 to 1, got 1.2 share
    """

    exit_code: ClassVar[int] = 4

    def __init__(
        self,
        message: str,
        *,
        expected: object = None,
        got: object = None,
        where: object = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.expected = expected
        self.got = got
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        text = self.message if self.where is None else f"{self.where}: {self.message}"
        contrast = [
            f"{word} {value}"
            for word, value in (("expected", self.expected), ("got", self.got))
            if value is not None
        ]
        if contrast:
            text += ": " + ", ".join(contrast)
        if self.hint:
            text += (" " if text.endswith((".", "?", "!")) else ". ") + self.hint
        return " ".join(text.split())


class UsageError(SupercycleError):
    """The command line asks for something that does not exist."""

    exit_code: ClassVar[int] = 2


class InputError(SupercycleError):
    """A file, a value or a name given by the user is wrong."""

    exit_code: ClassVar[int] = 3


class UnknownNameError(InputError, KeyError):
    """A name that is not known, with the nearest that are.

    >>> print(UnknownNameError("series", "capx", ["capex_cash", "revenue"]))
    unknown series 'capx': did you mean 'capex_cash'?
    >>> print(UnknownNameError("preset", "zzz", ["base", "bust"]))
    unknown preset 'zzz': expected one of base, bust
    """

    def __init__(self, kind: str, name: str, known: Iterable[str], *, where: object = None) -> None:
        names = tuple(known)
        near = nearest(name, names)
        if near:
            told = f"did you mean {_either([repr(n) for n in near])}?"
        elif names:
            more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
            told = f"expected one of {', '.join(names[:_SHOWN])}{more}"
        else:
            told = "none is known"
        super().__init__(f"unknown {kind} {name!r}: {told}", where=where)
        self.args = (kind, name, names)  # what pickle passes back to this constructor
        self.kind = kind
        self.name = name
        self.known = names


class UnitError(InputError):
    """A unit cannot be read, or one cannot be turned into another."""


class FigureError(InputError):
    """A sourced figure breaks the rules of its table."""


class ScenarioError(InputError):
    """A scenario cannot be read or run."""


class ModelError(SupercycleError):
    """The model as written is wrong."""


class DimensionError(ModelError):
    """The two sides of an equation have different units."""


class LoopError(ModelError):
    """Variables depend on each other within one period."""


class BooksError(ModelError):
    """Assets and liabilities, or sources and uses, do not agree."""


class EnvironmentProblem(SupercycleError):
    """The machine, not the model: a folder that cannot be written, a port in use."""

    exit_code: ClassVar[int] = 5


def nearest(name: str, known: Iterable[str], n: int = 3) -> list[str]:
    """At most ``n`` known names that look like ``name``, best first; letter case is ignored.

    A known name that contains ``name`` as a whole counts as near however long it is.

    >>> nearest("capx", ["revenue", "capex_cash", "capex"])
    ['capex', 'capex_cash']
    >>> nearest("zzz", ["revenue"])
    []
    """
    from difflib import SequenceMatcher

    wanted = name.strip().lower()
    matcher = SequenceMatcher(b=wanted, autojunk=False)
    scored: list[tuple[float, str]] = []
    for candidate in dict.fromkeys(known):
        text = candidate.lower()
        matcher.set_seq1(text)
        score = matcher.ratio()
        # The start of a long name is compared on its own, so that "capx" finds "capex_cash".
        matcher.set_seq1(text[: len(wanted) + 1])
        score = max(score, 0.95 * matcher.ratio())
        if len(wanted) >= 3 and wanted in text:
            score = max(score, 0.9)
        if score >= _SIMILAR:
            scored.append((-score, candidate))
    return [candidate for _, candidate in sorted(scored)[:n]]


def _either(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
