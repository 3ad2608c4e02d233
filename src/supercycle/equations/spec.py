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
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from supercycle.core.errors import ModelError, UnknownNameError
from supercycle.core.params import Param, Registry

__all__ = ["Axis", "Block", "Constant", "Draw", "Model", "Variable", "member_key"]

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


def _read(function: Function) -> tuple[tuple[str, ...], str, str, int]:
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


def _first_line(function: Function) -> str:
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


@dataclass
class Block:
    """A chapter of the model: a name, a title, and the variables declared in it."""

    model: Model
    name: str
    number: int
    title: str
    meaning: str

    def param(self, id: str, label: str, unit: str, default: float, low: float, high: float, distribution: str,
              meaning: str, *, source: str = "", evidence: str = "judgement", reason: str = "", tier: str = "") -> None:
        """Register a parameter of this block (see ``core.params.Param``)."""
        self.model.registry.add(Param(
            id=id, label=label, unit=unit, default=default, low=low, high=high, distribution=distribution,
            meaning=meaning, source=source, evidence=evidence, block=self.name, tier=tier, reason=reason))

    def equation(self, unit: str, *, axis: Axis | None = None, opening: Function | str | None = None, source: str = "",
                 label: str = "", report: bool = False) -> Callable[[Function], Function]:
        """Declare a variable found every quarter; ``opening`` gives its value at the start when ``_prev`` is read."""

        def declare(function: Function) -> Function:
            args, text, file, line = _read(function)
            o_args, o_text = (), ""
            begin = from_text(f"{function.__name__}_opening", opening) if isinstance(opening, str) else opening
            if begin is not None:
                o_args, o_text, _, _ = _read(begin)
            self.model.add(Variable(
                name=function.__name__, unit=unit, block=self.name, axis=axis, kind="equation", args=args,
                function=function, source_text=text, meaning=_first_line(function), source=source, file=file, line=line,
                opening=begin, opening_args=o_args, opening_text=o_text, label=label, reported=report))
            return function

        return declare

    def initial(self, unit: str, *, axis: Axis | None = None, source: str = "", label: str = "",
                report: bool = False) -> Callable[[Function], Function]:
        """Declare a quantity found once, at the opening, from parameters and other openings; constant afterwards."""

        def declare(function: Function) -> Function:
            args, text, file, line = _read(function)
            self.model.add(Variable(
                name=function.__name__, unit=unit, block=self.name, axis=axis, kind="initial", args=(),
                function=function, source_text=text, meaning=_first_line(function), source=source, file=file, line=line,
                opening=function, opening_args=args, opening_text=text, label=label, reported=report))
            return function

        return declare

    def total(self, name: str, of: str, unit: str, meaning: str, *, label: str = "", report: bool = False,
              opening: bool = False) -> None:
        """Declare ``name`` as the sum of variable ``of`` over its axis (its opening too, if asked)."""
        function = generated(name, (of,), of, meaning)
        self.model.add(Variable(
            name=name, unit=unit, block=self.name, axis=None, kind="total", args=(of,), function=function,
            source_text=f"def {name}({of}):\n    return total({of})", meaning=meaning, source="", file="<generated>",
            line=0, over=of, label=label, reported=report, opening=function if opening else None,
            opening_args=(of,) if opening else (), opening_text=f"def {name}({of}):\n    return total({of})"))

    def solve(self, unit: str, *, between: tuple[str, str], iterations: int, axis: Axis | None = None, source: str = "",
              label: str = "", report: bool = False) -> Callable[[Function], Function]:
        """Declare a variable as the root of an increasing function of itself (its first argument).

        ``between`` names two variables that bracket the root; the interval is halved ``iterations`` times. The value
        of the function at the answer is a checked residual of the run.
        """

        def declare(function: Function) -> Function:
            args, text, file, line = _read(function)
            if args[:1] != (function.__name__,):
                raise ModelError(f"{file}:{line}: the first argument of solve {function.__name__} must be itself")
            self.model.add(Variable(
                name=function.__name__, unit=unit, block=self.name, axis=axis, kind="solve",
                args=(*args[1:], *between), function=function, source_text=text, meaning=_first_line(function),
                source=source, file=file, line=line, bracket=between, iterations=iterations, label=label,
                reported=report))
            return function

        return declare

    def pipeline(self, name: str, *, inflow: str, lead: str, unit: str, flow_unit: str, stages: int, meaning: str,
                 opening: Function | str, hold: str = "") -> None:
        """An Erlang pipeline: ``stages`` stocks in a row, each passing on stages / lead of last quarter's content.

        Waiting in a stage is geometric with mean lead / stages quarters, so the mean delay is ``lead`` exactly, for
        any fractional lead >= stages. Declares ``name`` (axis: stage), ``name_due`` (its outflow) and ``name_total``.
        ``hold`` may name a share of the outflow that is held back this quarter (slippage). ``opening`` gives each
        stage's content and may read ``position``.
        """
        axis = Axis(f"{name}_stage", tuple(f"stage {i + 1}" for i in range(stages)))
        self.model.constant(f"{name}_stages", float(stages), "1", f"number of stages of {name}")
        rate = f"({name}_stages / {lead})" + (f" * (1 - {hold})" if hold else "")
        args = [f"{name}_prev", f"{name}_left_prev", inflow, lead, "is_first", f"{name}_stages", "one_quarter"]
        args += [hold] if hold else []
        stock = generated(
            name, args,
            f"{name}_prev - {name}_prev * {rate} * one_quarter + {name}_left_prev * {rate} * one_quarter"
            f" + is_first * {inflow} * one_quarter", meaning)
        self.equation(unit, axis=axis, opening=opening)(stock)
        last = member_key(axis.members[-1])
        due_args = [f"{name}__{last}_prev", lead, f"{name}_stages", *([hold] if hold else [])]
        due = generated(f"{name}_due", due_args, f"{name}__{last}_prev * {rate}", f"outflow of: {meaning}")
        self.equation(flow_unit)(due)
        self.total(f"{name}_total", of=name, unit=unit, meaning=f"all stages of: {meaning}", opening=True)


@dataclass
class Model:
    """A named collection of blocks, variables, parameters, constants, draws and books."""

    name: str
    registry: Registry = field(default_factory=Registry)
    blocks: dict[str, Block] = field(default_factory=dict[str, Block])
    variables: dict[str, Variable] = field(default_factory=dict[str, Variable])
    constants: dict[str, Constant] = field(default_factory=dict[str, Constant])
    draws: dict[str, Draw] = field(default_factory=dict[str, Draw])
    families: dict[str, Axis] = field(default_factory=dict[str, Axis])
    residuals: list[str] = field(default_factory=list[str])  # variables that must be zero to 1e-9 (already relative)

    def __post_init__(self) -> None:
        self.constant("one_quarter", 1.0, "q", "the length of a step")

    def block(self, name: str, number: int, title: str, meaning: str) -> Block:
        """Open a block; names are unique."""
        if name in self.blocks:
            raise ModelError(f"block {name} is declared twice")
        made = Block(self, name, number, title, meaning)
        self.blocks[name] = made
        return made

    def constant(self, name: str, value: float, unit: str, meaning: str) -> None:
        """Declare a definitional constant."""
        self.constants[name] = Constant(name, value, unit, meaning)

    def draw(self, name: str, kind: str, meaning: str, axis: Axis | None = None) -> None:
        """Declare a random number per path and quarter."""
        if kind not in ("uniform", "normal"):
            raise ModelError(f"draw {name}: kind must be uniform or normal, got {kind!r}")
        self.draws[name] = Draw(name, kind, axis, meaning)

    def family(self, name: str, axis: Axis) -> None:
        """Declare parameters ``name:member`` for each member of an axis; equations read them as ``name``."""
        missing = [m for m in axis.members if f"{name}:{m}" not in self.registry]
        if missing:
            raise ModelError(f"family {name}: no parameter registered for {', '.join(missing)}")
        self.families[name] = axis

    def add(self, variable: Variable) -> None:
        """Add a variable; its name must be new among variables, parameters, constants and draws."""
        name = variable.name
        if name in self.variables or name in self.registry or name in self.constants or name in self.draws:
            raise ModelError(f"{variable.file}:{variable.line}: the name {name} is declared twice")
        if name.endswith(("_prev", "_left")):
            raise ModelError(f"{variable.file}:{variable.line}: {name} may not end in _prev or _left (reserved)")
        self.variables[name] = variable
