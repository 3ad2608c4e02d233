"""The unit check: every equation called once with units in place of numbers.

An equation is a plain function, so calling it with ``Dimension`` objects works out the unit of its answer. Sums,
comparisons, bounds and branches need like quantities *and* like scales (USD_bn/year + USD_bn/q is refused), ``exp``
and ``log`` need a pure number, and the answer must have the declared unit. The literal 0 goes with every unit; any
other literal is a pure number.
"""

from __future__ import annotations

import linecache
from collections.abc import Callable
from fractions import Fraction
from pathlib import PurePath
from types import CodeType, TracebackType
from typing import Any

from supercycle.core.errors import DimensionError, SupercycleError
from supercycle.core.units import DIMENSIONLESS, Unit, parse_unit, same
from supercycle.equations.expand import flatten
from supercycle.equations.resolve import Reference, resolve
from supercycle.equations.spec import Model, Variable

__all__ = ["Dimension", "check", "faults"]


class _Clash(Exception):
    """One operation between units that do not go together; the message says which."""


class Dimension:
    """A unit that can be calculated with; stands for a number in an equation.

    >>> power, cost = Dimension(parse_unit("GW_it")), Dimension(parse_unit("USD_bn/GW_it"))
    >>> str((power * cost).unit)
    'USD_bn'
    >>> power + cost
    Traceback (most recent call last):
    ...
    supercycle.equations.dimensions._Clash: cannot add USD_bn/GW_it to GW_it
    """

    __slots__ = ("unit",)
    __hash__ = None  # type: ignore[assignment]  # == between units is a comparison inside an equation

    def __init__(self, unit: Unit) -> None:
        self.unit = unit

    def __add__(self, other: Any) -> Dimension:
        return _like(self, other, "add {b} to {a}")

    def __radd__(self, other: Any) -> Dimension:
        return _like(other, self, "add {b} to {a}")

    def __sub__(self, other: Any) -> Dimension:
        return _like(self, other, "subtract {b} from {a}")

    def __rsub__(self, other: Any) -> Dimension:
        return _like(other, self, "subtract {b} from {a}")

    def __mul__(self, other: Any) -> Dimension:
        return Dimension(self.unit * _unit(other))

    def __rmul__(self, other: Any) -> Dimension:
        return Dimension(_unit(other) * self.unit)

    def __truediv__(self, other: Any) -> Dimension:
        return Dimension(self.unit / _unit(other))

    def __rtruediv__(self, other: Any) -> Dimension:
        return Dimension(_unit(other) / self.unit)

    def __pow__(self, other: Any) -> Dimension:
        raise _Clash("** is not a word of the language: write x * x, or power(x, y) for pure numbers")

    __rpow__ = __pow__

    def __neg__(self) -> Dimension:
        return self

    def __pos__(self) -> Dimension:
        return self

    def _compare(self, other: Any) -> Dimension:
        _like(self, other, "compare {a} with {b}")
        return Dimension(DIMENSIONLESS)

    __lt__ = __le__ = __gt__ = __ge__ = _compare
    __eq__ = __ne__ = _compare  # type: ignore[assignment]

    def _both(self, other: Any) -> Dimension:
        _pure(self, "&")
        _pure(other, "&")
        return Dimension(DIMENSIONLESS)

    __and__ = __rand__ = __or__ = __ror__ = _both

    def __invert__(self) -> Dimension:
        return Dimension(_pure(self, "~"))

    def __bool__(self) -> bool:
        raise _Clash("an equation cannot branch on a value (if, and, or): use where(condition, x, y), & and |")

    def __supercycle__(self, name: str, values: tuple[Any, ...]) -> Any:
        """The unit of a word of ``functions`` called with these operands."""
        return _WORDS[name](*values)


def _unit(value: Any) -> Unit:
    return value.unit if isinstance(value, Dimension) else DIMENSIONLESS


def _is_zero(value: Any) -> bool:
    return not isinstance(value, Dimension) and value == 0


def _like(a: Any, b: Any, phrase: str) -> Any:
    """The common unit of two operands, or a clash; two literal zeros stay a zero."""
    if _is_zero(a):
        return b
    if _is_zero(b):
        return a
    x, y = _unit(a), _unit(b)
    if not same(x, y):
        scales = " (same dimensions, but the scales differ: convert one)" if x.dims == y.dims else ""
        raise _Clash("cannot " + phrase.format(a=x, b=y) + scales)
    return Dimension(x)


def _pure(value: Any, word: str) -> Unit:
    unit = _unit(value)
    if not same(unit, DIMENSIONLESS):
        raise _Clash(f"{word} needs a pure number, got {unit}")
    return DIMENSIONLESS


def _exp(x: Any) -> Dimension:
    return Dimension(_pure(x, "exp"))


def _log(x: Any) -> Dimension:
    return Dimension(_pure(x, "log"))


def _minimum(x: Any, y: Any) -> Any:
    return _like(x, y, "take the smaller of {a} and {b}")


def _maximum(x: Any, y: Any) -> Any:
    return _like(x, y, "take the larger of {a} and {b}")


def _root(x: Any) -> Dimension:
    return Dimension(_unit(x) ** Fraction(1, 2))


def _power(x: Any, y: Any) -> Dimension:
    _pure(x, "power")
    _pure(y, "power")
    return Dimension(DIMENSIONLESS)


def _where(condition: Any, x: Any, y: Any) -> Any:
    _pure(condition, "the condition of where")
    return _like(x, y, "choose between {a} and {b}")


def _share(part: Any, whole: Any, otherwise: Any) -> Any:
    ratio = Dimension(_unit(part) / _unit(whole))
    return _like(ratio, otherwise, "answer {b} where the share is in {a}")


_WORDS: dict[str, Callable[..., Any]] = {
    "exp": _exp,
    "log": _log,
    "sqrt": _root,
    "power": _power,
    "minimum": _minimum,
    "maximum": _maximum,
    "where": _where,
    "share": _share,
}


def check(model: Model) -> None:
    """Refuse a model whose units do not agree.

    Errors: DimensionError naming the first equation at fault, its file and line, the units and the sub-expression,
    and how many more there are; UnknownNameError for a name nobody declared.
    """
    found = faults(model)
    if found:
        first = found[0]
        if len(found) > 1:
            first.hint = f"{first.hint or ''} {len(found) - 1} more equation(s) are at fault: see faults(model)".strip()
        raise first


def faults(model: Model) -> list[DimensionError]:
    """Every equation (and opening) whose units do not agree, in the order of declaration."""
    found: list[DimensionError] = []
    model = flatten(model).model
    at_fault = set[str]()  # variables taken apart: one of their parts speaks for all
    for v in model.variables.values():
        if v.part_of in at_fault:
            continue
        at_fault |= {v.part_of} - {""}
        try:
            unit = parse_unit(v.unit)
            if v.kind == "solve":
                _check_solve(model, v, unit)
            elif v.kind != "initial":
                _check(model, v, v.function, v.args, unit, v.source_text)
            if v.opening is not None:
                _check(model, v, v.opening, v.opening_args, unit, v.opening_text)
            at_fault -= {v.part_of}
        except DimensionError as error:
            found.append(error)
        except SupercycleError as error:
            found.append(DimensionError(f"{v.name}: {error}", where=_place(v.file, v.line)))
    return found


def _check_solve(model: Model, v: Variable, unit: Unit) -> None:
    """The root has the declared unit, and so have both ends of its bracket; the function may have any."""
    for end in v.bracket:
        bound = _value(model, end, v)
        if not same(_unit(bound), unit):
            raise DimensionError(f"{v.name}: the bracket {end} does not have its unit", expected=unit,
                                 got=_unit(bound), where=_place(v.file, v.line))
    _call(model, v, v.function, [Dimension(unit), *(_value(model, a, v) for a in v.args[:-2])], v.source_text)


def _check(model: Model, v: Variable, function: Callable[..., Any], args: tuple[str, ...], unit: Unit,
           text: str) -> None:
    result = _call(model, v, function, [_value(model, a, v) for a in args], text)
    if not _is_zero(result) and not same(_unit(result), unit):
        opening = "" if function is v.function else "the opening of "
        raise DimensionError(f"{opening}{v.name} does not have its declared unit", expected=unit, got=_unit(result),
                             where=_place(v.file, v.line), hint=f"It reads {_last_line(text)}")


def _call(model: Model, v: Variable, function: Callable[..., Any], values: list[Any], text: str) -> Any:
    try:
        return function(*values)
    except _Clash as clash:
        line, expression = _failing(clash.__traceback__, function.__code__, text)
        inside = f" ({expression})" if expression else ""
        raise DimensionError(f"{clash}{inside} in {_place(v.file, line or v.line)} {v.name}") from None
    except (TypeError, AttributeError, NameError, ZeroDivisionError) as error:
        raise DimensionError(f"{v.name} cannot be read with units: {error}", where=_place(v.file, v.line)) from error


def _value(model: Model, argument: str, v: Variable) -> Dimension:
    return Dimension(unit_of(model, resolve(model, argument, f"{v.name} ({_place(v.file, v.line)})")))


def unit_of(model: Model, r: Reference) -> Unit:
    """The unit of what an argument reads."""
    if r.kind == "variable":
        return parse_unit(model.variables[r.name].unit)
    if r.kind == "param":
        return parse_unit(model.registry[r.name].unit)
    if r.kind == "family":
        units = {m: parse_unit(model.registry[f"{r.name}:{m}"].unit) for m in model.families[r.name].members}
        first, *rest = units
        for member in rest:
            if not same(units[member], units[first]):
                raise DimensionError(f"family {r.name} mixes units", expected=f"{units[first]} as in {first}",
                                     got=f"{units[member]} in {member}")
        return units[first]
    if r.kind == "constant":
        return parse_unit(model.constants[r.name].unit)
    return parse_unit("q") if r.kind == "t" else DIMENSIONLESS


def _place(file: str, line: int) -> str:
    """``world/power.py:41``: the last two parts of the path, enough to find it and the same on every machine.

    >>> _place("/a/b/world/power.py", 41), _place("<generated>", 0)
    ('world/power.py:41', '<generated>')
    """
    short = "/".join(PurePath(file).parts[-2:])
    return f"{short}:{line}" if line else short


def _failing(trace: TracebackType | None, code: CodeType, text: str) -> tuple[int, str]:
    """The line and the sub-expression of an equation in which an operation failed."""
    line, expression = 0, ""
    while trace is not None:
        if trace.tb_frame.f_code is code:
            line = trace.tb_lineno
            where = list(code.co_positions())[trace.tb_lasti // 2]
            expression = _segment(code.co_filename, text, where)
        trace = trace.tb_next
    return (0 if code.co_filename.startswith("<") else line), expression


def _segment(file: str, text: str, where: tuple[int | None, int | None, int | None, int | None]) -> str:
    start, end, left, right = where
    if start is None or end is None or left is None or right is None:
        return ""
    lines = text.splitlines() if file.startswith("<") else linecache.getlines(file)
    chosen = [line.encode() for line in lines[start - 1: end]]  # columns count bytes
    if not chosen:
        return ""
    chosen[-1] = chosen[-1][:right]
    chosen[0] = chosen[0][left:]
    return " ".join(b" ".join(chosen).decode(errors="replace").split())


def _last_line(text: str) -> str:
    return text.strip().splitlines()[-1].strip().removeprefix("return ")
