"""A block: a chapter of a model as a value, and the words that declare what is in it."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from supercycle.core.errors import ModelError, UnknownNameError
from supercycle.core.params import Param
from supercycle.core.quarters import Quarter
from supercycle.equations.alone import Equation
from supercycle.equations.variable import Axis, Constant, Draw, Family, Residual, Variable, Zero, member_key
from supercycle.equations.written import (
    Function,
    declared_at,
    from_text,
    from_tree,
    named,
    read_function,
    reading,
    signed_sum,
    unused,
)

if TYPE_CHECKING:
    from supercycle.equations.spec import Model

__all__ = ["Axes", "Block", "Declaration", "Opening"]

Declaration = Param | Variable | Constant | Draw | Family | Residual
Axes = Axis | tuple[Axis, Axis] | None
Opening = Function | str | Zero
Declare = Callable[[Function], Function]

JUDGED, IDENTITY = "judged", "identity"


@dataclass(eq=False)
class Block:
    """A chapter of a model: a name, a title, and in ``items`` what it declares, in order.

    A block is inert data: declaring changes nothing but the block, and ``Model.include`` reads it into any
    number of models. Its number is its place in a model, so it has none of its own. ``model`` is set by
    ``Model.block`` only: then every declaration goes into that model at once.

    An equation is an attribute of its block, to be called alone with numbers:

    >>> shop = Block("shop", "Shop", "A kiosk.")
    >>> @shop.equation("USD/q")
    ... def sales(price, sold):
    ...     "Price times what is sold."
    ...     return price * sold
    >>> shop.sales(price=2.0, sold=30.0)
    60.0
    """

    name: str
    title: str
    meaning: str
    mechanism: str = ""  # "judged: reason" for its equations that cite nothing themselves
    items: list[Declaration] = field(default_factory=list["Declaration"], repr=False)
    model: Model | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        _cited(self.mechanism, "", f"block {self.name}")

    def __getattr__(self, name: str) -> Equation:
        """The equation of that name, callable alone. Errors: UnknownNameError (an AttributeError) with the nearest."""
        if name.startswith("_"):
            raise AttributeError(name)
        equations = {item.name: item for item in self.items if isinstance(item, Variable)}
        if name not in equations:
            raise _NoEquation(f"equation or attribute of block {self.name}", name, equations)
        return Equation.of(equations[name])

    def declare(self, item: Declaration) -> None:
        """Take one declaration; the words below make them."""
        self.items.append(item)
        if self.model is not None:
            self.model.take(item)

    def param(self, id: str, label: str, unit: str, default: float, low: float, high: float, distribution: str,
              meaning: str, *, source: str = "", evidence: str = "judgement", reason: str = "", tier: str = "",
              rows: tuple[str, ...] = ()) -> None:
        """Declare a parameter of this block (see ``core.params.Param``)."""
        self.declare(Param(
            id=id, label=label, unit=unit, default=default, low=low, high=high, distribution=distribution,
            meaning=meaning, source=source, evidence=evidence, block=self.name, tier=tier, reason=reason, rows=rows))

    def constant(self, name: str, value: float, unit: str, meaning: str) -> None:
        """Declare a unit conversion: the number that its unit implies, and no other.

        A judgement is a parameter; a number of members is ``count``, a member's place ``place``, a time between two dates
        ``span``, nothing in a unit ``zero(unit)``.
        """
        self.declare(Constant(name, value, unit, meaning))

    def count(self, name: str, axis: Axis, meaning: str) -> None:
        """Declare how many members an axis has."""
        self.declare(Constant(name, float(len(axis)), "1", meaning, "count"))

    def place(self, name: str, axis: Axis, member: str, meaning: str) -> None:
        """Declare the place of a member on its axis, from 0. Errors: UnknownNameError with the nearest member."""
        self.declare(Constant(name, float(axis.index(member_key(member))), "1", meaning, "place"))

    def span(self, name: str, first: str, last: str, meaning: str) -> None:
        """Declare the time between two quarters, in quarters: ``span("since_count", "2025Q4", START, ...)`` is 2 q."""
        self.declare(Constant(name, float(Quarter.parse(last) - Quarter.parse(first)), "q", meaning, "span"))

    def draw(self, name: str, kind: str, meaning: str, axis: Axis | None = None) -> None:
        """Declare a random number per path and quarter: "uniform" on (0, 1) or "normal"."""
        self.declare(Draw(name, kind, axis, meaning))

    def family(self, name: str, axis: Axis) -> None:
        """Declare that the parameters ``name:member`` are read as ``name`` by equations on the axis."""
        self.declare(Family(name, axis))

    def residual(self, name: str) -> None:
        """Declare that a variable, relative already, must be zero to 1e-9 on every path and in every quarter."""
        self.declare(Residual(name))

    def equation(self, unit: str, *, axis: Axes = None, opening: Opening | None = None, past: Function | None = None,
                 source: str = "", mechanism: str = "", label: str = "", report: bool = False, name: str = "",
                 reads: Mapping[str, str] | None = None, meaning: str = "") -> Declare:
        """Declare a variable found every quarter.

        opening: its value at the start, needed where ``x_prev`` is read: a function or lambda, the name of what it equals,
        or ``zero(unit)``. past: its values before the start, a function that may read ``ago`` (1, 2, ... quarters), needed
        where ``x_prev2`` or more is read. axis: one axis or two. source: where the mechanism comes from; mechanism:
        "judged: reason" or "identity: reason" where there is none. name, reads, meaning: for a template, that is a
        function declared several times, the name of this one, what its arguments are called in the model, and its line.

        Errors: ModelError and UnknownNameError with file and line.
        """

        def declare(function: Function) -> Function:
            self.declare(_variable(self.name, "equation", function, unit=unit, axis=axis, opening=opening, past=past,
                                   source=source, mechanism=mechanism, label=label, report=report, name=name,
                                   reads=reads or {}, meaning=meaning))
            return function

        return declare

    def initial(self, unit: str, *, axis: Axes = None, source: str = "", mechanism: str = "", label: str = "",
                report: bool = False, name: str = "", reads: Mapping[str, str] | None = None, meaning: str = "") -> Declare:
        """Declare a quantity found once, at the opening, from parameters and other openings; constant afterwards."""

        def declare(function: Function) -> Function:
            self.declare(_variable(self.name, "initial", function, unit=unit, axis=axis, opening=function, source=source,
                                   mechanism=mechanism, label=label, report=report, name=name, reads=reads or {},
                                   meaning=meaning))
            return function

        return declare

    def solve(self, unit: str, *, between: tuple[str | Zero, str | Zero], iterations: int, axis: Axes = None,
              source: str = "", mechanism: str = "", label: str = "", report: bool = False, name: str = "",
              reads: Mapping[str, str] | None = None, meaning: str = "") -> Declare:
        """Declare a variable as the root of an increasing function of itself (its first argument).

        ``between`` names two variables that bracket the root (an end may be ``zero(unit)``); the interval is halved
        ``iterations`` times. The value of the function at the answer is a checked residual of the run.
        """
        def declare(function: Function) -> Function:
            ends = [self._end(end, f"{name or function.__name__}_{side}")
                    for end, side in zip(between, ("low", "high"), strict=True)]
            made = _variable(self.name, "solve", function, unit=unit, axis=axis, source=source, mechanism=mechanism,
                             label=label, report=report, name=name, reads=reads or {}, meaning=meaning,
                             bracket=(ends[0], ends[1]), iterations=iterations)
            self.declare(made)
            return function

        return declare

    def _end(self, end: str | Zero, name: str) -> str:
        if isinstance(end, Zero):
            function = from_tree(name, ast.Constant(0.0), "nothing: an end of a bracket", declared_at())
            self.initial(end.unit, mechanism="identity: nothing")(function)
        return name if isinstance(end, Zero) else end

    def total(self, name: str, of: str, unit: str, meaning: str, *, label: str = "", report: bool = False,
              opening: bool = False) -> None:
        """Declare ``name`` as the sum of variable ``of`` over its axis (its opening too, if asked).

        In an equation of its own, ``total(x)`` says the same without a name.
        """
        place = declared_at()
        function = from_tree(name, named(of), meaning, place)
        self.declare(Variable(
            name=name, unit=unit, block=self.name, axis=None, kind="total", args=(of,), function=function,
            source_text=f"def {name}({of}):\n    return total({of})", meaning=meaning, source="", file=place.file,
            line=place.line, over=of, label=label, reported=report, opening=function if opening else None,
            opening_args=(of,) if opening else (), opening_text=f"def {name}({of}):\n    return total({of})",
            mechanism=f"{IDENTITY}: a sum over members"))

    def sum(self, name: str, of: Sequence[str], unit: str, meaning: str, *, axis: Axes = None, label: str = "",
            report: bool = False, opening: bool = False) -> None:
        """Declare ``name`` as the sum of several variables (their openings too, if asked)."""
        function = from_tree(name, signed_sum([(1, named(one)) for one in of]), meaning, declared_at())
        self.equation(unit, axis=axis, opening=function if opening else None, label=label or meaning, report=report,
                      mechanism=f"{IDENTITY}: a sum")(function)

    def pipeline(self, name: str, *, inflow: str, lead: str, unit: str, flow_unit: str, stages: int, meaning: str,
                 opening: Opening, hold: str = "", axis: Axis | None = None, reads: Mapping[str, str] | None = None,
                 source: str = "", mechanism: str = "") -> None:
        """An Erlang pipeline: ``stages`` stocks in a row, each passing on stages / lead of last quarter's content.

        Waiting in a stage is geometric with mean lead / stages quarters, so the mean delay is ``lead`` exactly, for
        any fractional lead >= stages. Declares ``name`` (axis: stage), ``name_due`` (its outflow) and ``name_total``.
        ``hold`` may name a share of the outflow that is held back this quarter (slippage). ``opening`` gives each
        stage's content and may read ``position`` and ``{name}_stages``. With ``axis``, one pipeline for each member: the
        content has two axes, and inflow, lead, due and total are on that axis.
        """
        from supercycle.equations import pipeline

        pipeline.declare(self, name, inflow=inflow, lead=lead, unit=unit, flow_unit=flow_unit, stages=stages,
                         meaning=meaning, opening=opening, hold=hold, axis=axis, reads=reads or {}, source=source,
                         mechanism=mechanism)

    def series(self, name: str, unit: str, values: Mapping[str, float], meaning: str, *, start: str, after: str,
               label: str = "", source: str = "", evidence: str = "", reason: str = "", report: bool = False) -> None:
        """An exogenous dated series: ``values`` by quarter, one parameter each, read as ``name``.

        start: the quarter of the opening. Quarters between two dates have the earlier value, and so has everything before
        the first date. after: what follows the last date, "hold" (its value) or "end" (no number: paths that run
        longer are reported as not finite).
        """
        from supercycle.equations import series

        series.declare(self, name, unit, values, meaning, start=start, after=after, label=label, source=source,
                       evidence=evidence, reason=reason, report=report)


class _NoEquation(UnknownNameError, AttributeError):
    """A name that is no equation of the block: ``hasattr`` answers False."""


def _axis(axis: Axes) -> Axis | None:
    return Axis.product(*axis) if isinstance(axis, tuple) else axis


def _variable(block: str, kind: str, function: Function, *, unit: str, axis: Axes, reads: Mapping[str, str], name: str,
              meaning: str, source: str, mechanism: str, label: str, report: bool, opening: Opening | None = None,
              past: Function | None = None, bracket: tuple[str, str] = ("", ""), iterations: int = 0) -> Variable:
    """One declaration of an equation, its names put in the place of a template's."""
    name = name or function.__name__
    written = read_function(function)
    where = f"{written.file}:{written.line}"
    _cited(mechanism, source, f"{where} {name}")
    if kind == "solve":
        if written.args[:1] != (function.__name__,):
            raise ModelError(f"{where}: the first argument of solve {function.__name__} must be itself")
        reads = {**reads, function.__name__: name}
    begin = None if kind == "initial" else _opening(name, unit, opening, where)
    known = [*written.args]
    for part in (begin, past):
        known += read_function(part).args if part is not None else ()
    unused(reads, known, where)
    meaning = meaning or _first_line(function)
    function, written = reading(function, name, reads)
    args = written.args
    o_args, o_text, p_args = tuple[str, ...](), "", tuple[str, ...]()
    if kind == "initial":
        begin, o_args, o_text, args = function, args, written.text, ()
    elif begin is not None:
        begin, first = reading(begin, f"{name}_opening", reads)
        o_args, o_text = first.args, first.text
    if past is not None:
        past, before = reading(past, f"{name}_past", reads)
        p_args = before.args
    if kind == "solve":
        args = (*args[1:], *bracket)
    return Variable(
        name=name, unit=unit, block=block, axis=_axis(axis), kind=kind, args=args, function=function,
        source_text=written.text, meaning=meaning, source=source, file=written.file,
        line=written.line, opening=begin, opening_args=o_args, opening_text=o_text, label=label, reported=report,
        bracket=bracket, iterations=iterations, past=past, past_args=p_args, mechanism=mechanism)


def _opening(name: str, unit: str, opening: Opening | None, where: str) -> Function | None:
    """The function behind what may be given as an opening."""
    if opening is None or (callable(opening) and not isinstance(opening, Zero)):
        return opening
    place = declared_at()
    if isinstance(opening, Zero):
        if opening.unit != unit:
            raise ModelError(f"{where}: the opening of {name} is nothing in another unit", expected=unit, got=opening.unit)
        return from_tree(f"{name}_opening", ast.Constant(0.0), "nothing", place)
    if opening.isidentifier():
        return from_tree(f"{name}_opening", named(opening), "", place)
    return from_text(f"{name}_opening", opening)


def _cited(mechanism: str, source: str, where: str) -> None:
    if not mechanism:
        return
    word, _, reason = mechanism.partition(":")
    if word not in (JUDGED, IDENTITY) or not reason.strip():
        raise ModelError(f"{where}: cannot read the mechanism", got=repr(mechanism),
                         expected=f'"{JUDGED}: reason" or "{IDENTITY}: reason"')
    if source:
        raise ModelError(f"{where}: a mechanism has a source or says why it has none, not both")


def _first_line(function: Function) -> str:
    return (inspect.getdoc(function) or "").split("\n\n")[0].replace("\n", " ").strip()
