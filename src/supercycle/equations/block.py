"""A block: a chapter of a model as a value, and the words that declare what is in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from supercycle.core.errors import ModelError
from supercycle.core.params import Param
from supercycle.equations.variable import (
    Axis,
    Constant,
    Draw,
    Family,
    Function,
    Residual,
    Variable,
    first_line,
    from_text,
    generated,
    member_key,
    read_function,
)

if TYPE_CHECKING:
    from supercycle.equations.spec import Model

__all__ = ["Block", "Declaration"]

Declaration = Param | Variable | Constant | Draw | Family | Residual


@dataclass(eq=False)
class Block:
    """A chapter of a model: a name, a title, and in ``items`` what it declares, in order.

    A block is inert data: declaring changes nothing but the block, and ``Model.include`` reads it into any
    number of models. Its number is its place in a model, so it has none of its own. ``model`` is set by
    ``Model.block`` only: then every declaration goes into that model at once.
    """

    name: str
    title: str
    meaning: str
    items: list[Declaration] = field(default_factory=list["Declaration"], repr=False)
    model: Model | None = field(default=None, repr=False)

    def declare(self, item: Declaration) -> None:
        """Take one declaration; the words below make them."""
        self.items.append(item)
        if self.model is not None:
            self.model.take(item)

    def constant(self, name: str, value: float, unit: str, meaning: str) -> None:
        """Declare a number that is true by definition."""
        self.declare(Constant(name, value, unit, meaning))

    def draw(self, name: str, kind: str, meaning: str, axis: Axis | None = None) -> None:
        """Declare a random number per path and quarter: "uniform" on (0, 1) or "normal"."""
        self.declare(Draw(name, kind, axis, meaning))

    def family(self, name: str, axis: Axis) -> None:
        """Declare that the parameters ``name:member`` are read as ``name`` by equations on the axis."""
        self.declare(Family(name, axis))

    def residual(self, name: str) -> None:
        """Declare that a variable, relative already, must be zero to 1e-9 on every path and in every quarter."""
        self.declare(Residual(name))

    def param(self, id: str, label: str, unit: str, default: float, low: float, high: float, distribution: str,
              meaning: str, *, source: str = "", evidence: str = "judgement", reason: str = "", tier: str = "",
              rows: tuple[str, ...] = ()) -> None:
        """Register a parameter of this block (see ``core.params.Param``)."""
        self.declare(Param(
            id=id, label=label, unit=unit, default=default, low=low, high=high, distribution=distribution,
            meaning=meaning, source=source, evidence=evidence, block=self.name, tier=tier, reason=reason, rows=rows))

    def equation(self, unit: str, *, axis: Axis | None = None, opening: Function | str | None = None, source: str = "",
                 label: str = "", report: bool = False) -> Callable[[Function], Function]:
        """Declare a variable found every quarter; ``opening`` gives its value at the start when ``_prev`` is read."""

        def declare(function: Function) -> Function:
            args, text, file, line = read_function(function)
            o_args, o_text = (), ""
            begin = from_text(f"{function.__name__}_opening", opening) if isinstance(opening, str) else opening
            if begin is not None:
                o_args, o_text, _, _ = read_function(begin)
            self.declare(Variable(
                name=function.__name__, unit=unit, block=self.name, axis=axis, kind="equation", args=args,
                function=function, source_text=text, meaning=first_line(function), source=source, file=file, line=line,
                opening=begin, opening_args=o_args, opening_text=o_text, label=label, reported=report))
            return function

        return declare

    def initial(self, unit: str, *, axis: Axis | None = None, source: str = "", label: str = "",
                report: bool = False) -> Callable[[Function], Function]:
        """Declare a quantity found once, at the opening, from parameters and other openings; constant afterwards."""

        def declare(function: Function) -> Function:
            args, text, file, line = read_function(function)
            self.declare(Variable(
                name=function.__name__, unit=unit, block=self.name, axis=axis, kind="initial", args=(),
                function=function, source_text=text, meaning=first_line(function), source=source, file=file, line=line,
                opening=function, opening_args=args, opening_text=text, label=label, reported=report))
            return function

        return declare

    def total(self, name: str, of: str, unit: str, meaning: str, *, label: str = "", report: bool = False,
              opening: bool = False) -> None:
        """Declare ``name`` as the sum of variable ``of`` over its axis (its opening too, if asked)."""
        function = generated(name, (of,), of, meaning)
        self.declare(Variable(
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
            args, text, file, line = read_function(function)
            if args[:1] != (function.__name__,):
                raise ModelError(f"{file}:{line}: the first argument of solve {function.__name__} must be itself")
            self.declare(Variable(
                name=function.__name__, unit=unit, block=self.name, axis=axis, kind="solve",
                args=(*args[1:], *between), function=function, source_text=text, meaning=first_line(function),
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
        self.constant(f"{name}_stages", float(stages), "1", f"number of stages of {name}")
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
