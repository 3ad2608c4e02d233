"""The small language in which a model is written once.

A model is a set of variables. A variable is a pure function whose argument names *are* the variables, parameters,
draws and constants it reads, with its unit and one-line meaning beside it. Time is quarterly; ``x_prev`` reads last
quarter's value of ``x``. A variable may have one axis (firms, vintages, stages); its function is then the same for
every member, and reads the same member of every variable on that axis.

Argument names, resolved in this order:

=====================  =================================================================================
``t``                  quarters since the opening (1, 2, ...)
``is_first is_last``   1 for the first / last member of the variable's axis, else 0
``position``           0-based place on the variable's axis
``x``                  this quarter's value of variable x (or the parameter, constant or draw x)
``x_prev``             last quarter's value; x needs an opening
``x_left``             this quarter's value at the member before on the axis (0 at the first)
``x_left_prev``        last quarter's value at the member before (0 at the first): cohorts and pipelines
``x__member``          one member of an axis variable or parameter family, this quarter (``x__member_prev``: last)
=====================  =================================================================================
"""

from __future__ import annotations

import ast
import inspect
import linecache
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from supercycle.core.errors import ModelError, UnknownNameError

__all__ = ["Axis", "Constant", "Draw", "Family", "Function", "Residual", "Variable", "first_line", "from_text",
           "generated", "member_key", "read_function"]

Function = Callable[..., Any]


def member_key(member: str) -> str:
    """The spelling of a member inside an argument name.

    >>> member_key("Behind-the-meter gas")
    'behind_the_meter_gas'
    """
    return "".join(c if c.isalnum() else "_" for c in member.lower())


@dataclass(frozen=True, slots=True)
class Axis:
    """A named, ordered set of members.

    >>> len(Axis("firm", ("A", "B")))
    2
    """

    name: str
    members: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.members)

    def index(self, key: str) -> int:
        """The place of a member given by its ``member_key`` spelling."""
        keys = [member_key(m) for m in self.members]
        if key not in keys:
            raise UnknownNameError(f"member of axis {self.name}", key, keys)
        return keys.index(key)


@dataclass(frozen=True, slots=True)
class Constant:
    """A number that is true by definition (a unit conversion); never sampled, never a slider."""

    name: str
    value: float
    unit: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Draw:
    """A random number per path and quarter (and member), a function of seed, name, path, quarter and member only."""

    name: str
    kind: str  # "uniform" on (0, 1) or "normal" (0, 1)
    axis: Axis | None
    meaning: str


@dataclass(frozen=True, slots=True)
class Family:
    """Parameters ``name:member``, one for each member of an axis, that equations read as ``name``."""

    name: str
    axis: Axis


@dataclass(frozen=True, slots=True)
class Residual:
    """A variable that must be zero to 1e-9 (it is already relative to what it is a part of)."""

    name: str


@dataclass(frozen=True, slots=True)
class Variable:
    """One quantity and how it is found.

    kind: "equation" (each quarter), "initial" (once, at the opening, then constant), "total" (sum over an axis),
    "solve" (the root of a monotone function by a fixed number of bisections).
    """

    name: str
    unit: str
    block: str
    axis: Axis | None
    kind: str
    args: tuple[str, ...]
    function: Function
    source_text: str  # the function as written, decorators removed
    meaning: str
    source: str
    file: str
    line: int
    opening: Function | None = None
    opening_args: tuple[str, ...] = ()
    opening_text: str = ""
    label: str = ""
    over: str = ""  # kind "total": the variable summed
    bracket: tuple[str, str] = ("", "")  # kind "solve": names of the variables that bound the root
    iterations: int = 0
    reported: bool = False


def read_function(function: Function) -> tuple[tuple[str, ...], str, str, int]:
    """Argument names, source text without decorators, file and line of an equation."""
    args = tuple(inspect.signature(function).parameters)
    text = getattr(function, "__source_text__", None)
    if text is not None:
        return args, text, getattr(function, "__source_file__", "<generated>"), 0
    file, line = function.__code__.co_filename, function.__code__.co_firstlineno
    node = _functions(file).get(line)
    if node is None:
        raise ModelError(f"{file}:{line}: {function!r} must be a plain function (def), so that its source can be read")
    return args, ast.unparse(node), file, line


@cache
def _functions(file: str) -> dict[int, ast.FunctionDef]:
    """Every function of a file by its first line, decorators counted for the place and left out of the text."""
    found: dict[int, ast.FunctionDef] = {}
    for node in ast.walk(ast.parse("".join(linecache.getlines(file)))):
        if isinstance(node, ast.FunctionDef):
            first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
            node.decorator_list = []
            found[first] = node
    return found


def first_line(function: Function) -> str:
    """The first paragraph of a docstring, on one line."""
    return (inspect.getdoc(function) or "").split("\n\n")[0].replace("\n", " ").strip()


def generated(name: str, args: Iterable[str], expression: str, meaning: str) -> Function:
    """A function made from text (ledger stocks, pipelines), readable like a hand-written one."""
    from supercycle.equations import functions

    text = f"def {name}({', '.join(args)}):\n    return {expression}"
    scope: dict[str, Any] = {k: getattr(functions, k) for k in functions.__all__}
    exec(compile(text, f"<{name}>", "exec"), scope)
    made: Function = scope[name]
    made.__doc__ = meaning
    made.__source_text__ = text  # type: ignore[attr-defined]
    made.__source_file__ = "<generated>"  # type: ignore[attr-defined]
    return made


def from_text(name: str, expression: str) -> Function:
    """A function whose arguments are the names in an expression: openings are written this way.

    >>> from_text("opening", "2 * minimum(a, b)")(a=1.0, b=3.0)
    2.0
    """
    from supercycle.equations import functions

    names = [n.id for n in ast.walk(ast.parse(expression)) if isinstance(n, ast.Name)]
    return generated(name, dict.fromkeys(n for n in names if n not in functions.__all__), expression, "")
