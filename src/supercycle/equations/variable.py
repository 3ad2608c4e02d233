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
``x_prev4``            the value of x four quarters ago (any number); x needs ``past``, its values before the opening
``x__member``          one member of an axis variable or parameter family, this quarter (``x__member_prev``: last)
=====================  =================================================================================
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from supercycle.core.errors import ModelError, UnknownNameError
from supercycle.core.units import SYMBOLS, parse_unit
from supercycle.equations.written import Function

__all__ = ["Axis", "Constant", "Draw", "Family", "Residual", "Variable", "Zero", "conversion", "member_key", "zero"]

def member_key(member: str) -> str:
    """The spelling of a member inside an argument name.

    >>> member_key("Behind-the-meter gas")
    'behind_the_meter_gas'
    """
    return "".join(c if c.isalnum() else "_" for c in member.lower())


@dataclass(frozen=True, slots=True)
class Axis:
    """A named, ordered set of members; ``rows`` may hold what is known of each, ``parts`` the two axes of a product.

    >>> len(Axis("firm", ("A", "B")))
    2
    >>> route = Axis.of("route", [{"name": "grid", "stages": 4}, {"name": "gas", "stages": 3}])
    >>> route.members, route.column("stages")
    (('grid', 'gas'), (4, 3))
    >>> Axis.product(route, Axis("half", ("first", "second"))).members
    ('grid:first', 'grid:second', 'gas:first', 'gas:second')
    """

    name: str
    members: tuple[str, ...]
    rows: tuple[Mapping[str, Any], ...] = field(default=(), compare=False, repr=False)
    parts: tuple[Axis, ...] = field(default=(), repr=False)

    def __len__(self) -> int:
        return len(self.members)

    @staticmethod
    def of(name: str, rows: Iterable[Mapping[str, Any]], key: str = "name") -> Axis:
        """An axis whose members are rows of data; column ``key`` names them.

        Errors: ModelError for no row, a row without the key, or two members that an argument could not tell apart.
        """
        found = tuple(rows)
        missing = [i for i, row in enumerate(found, 1) if not row.get(key)]
        if not found or missing:
            raise ModelError(f"axis {name} needs rows with a {key}", got=f"row {missing[0]} without" if missing else "no row")
        members = tuple(str(row[key]) for row in found)
        keys = [member_key(m) for m in members]
        twice = next((m for m, k in zip(members, keys, strict=True) if keys.count(k) > 1), None)
        if twice is not None:
            raise ModelError(f"axis {name} has the member {twice} twice")
        return Axis(name, members, found)

    @staticmethod
    def product(first: Axis, second: Axis) -> Axis:
        """Every member of one axis with every member of another."""
        if first.parts or second.parts or first.name == second.name:
            raise ModelError(f"a variable has two different axes at most, got {first.name} and {second.name}")
        members = tuple(f"{a}:{b}" for a in first.members for b in second.members)
        return Axis(f"{first.name} x {second.name}", members, (), (first, second))

    @property
    def single(self) -> tuple[Axis, ...]:
        """The axes themselves: one, or the two of a product."""
        return self.parts or (self,)

    def column(self, name: str) -> tuple[Any, ...]:
        """One column of the rows, in order. Errors: UnknownNameError naming the columns there are."""
        for row in self.rows:
            if name not in row:
                raise UnknownNameError(f"column of axis {self.name}", name, row)
        if not self.rows:
            raise ModelError(f"axis {self.name} has no rows")
        return tuple(row[name] for row in self.rows)

    def index(self, key: str) -> int:
        """The place of a member given by its ``member_key`` spelling."""
        keys = [member_key(m) for m in self.members]
        if key not in keys:
            raise UnknownNameError(f"member of axis {self.name}", key, keys)
        return keys.index(key)


@dataclass(frozen=True, slots=True)
class Constant:
    """A number that is true by definition; never sampled, never a slider.

    kind: "conversion" (the scale that its unit implies), or what the language makes itself: "count" of an axis's members,
    "place" of a member, "span" between two dates.
    """

    name: str
    value: float
    unit: str
    meaning: str
    kind: str = "conversion"


def conversion(constant: Constant) -> str:
    """Why a constant is no unit conversion; nothing if it is one.

    Without dimension its value must be the scale its unit implies: 0.001 USD_bn/USD_m, 3 month/q, 1. With one it is a named
    span of time: 4 q (a year), 1 q. Everything else is a judgement, and so a parameter.

    >>> conversion(Constant("year_per_quarter", 0.25, "year/q", ""))
    ''
    >>> conversion(Constant("half", 0.5, "1", ""))
    '0.5 1 is not the scale its unit implies, which is 1'
    """
    unit = parse_unit(constant.unit)
    if not unit.dims:
        implied = 1.0 / unit.scale
        return "" if _close(constant.value, implied) else (
            f"{constant.value:g} {constant.unit} is not the scale its unit implies, which is {implied:g}")
    if {name for name, _ in unit.dims} != {"time"}:
        return f"{constant.value:g} {constant.unit} is an amount, not a conversion"
    spans = [symbol.scale for symbol in SYMBOLS.values() if symbol.dims == unit.dims]
    if _close(constant.value, 1.0) or any(_close(constant.value * unit.scale, span) for span in spans):
        return ""
    return f"{constant.value:g} {constant.unit} is no named span of time"


def _close(a: float, b: float) -> bool:
    return abs(a - b) <= 1e-12 * abs(b)


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
class Zero:
    """Nothing, in a unit: an opening, or an end of a bracket."""

    unit: str


def zero(unit: str) -> Zero:
    """Nothing, with its unit, where a value is asked for: ``opening=zero("USD_bn")``.

    Errors: UnitError for a unit that cannot be read.
    """
    parse_unit(unit)
    return Zero(unit)


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
    past: Function | None = None  # its values before the opening, by ``ago``: 1, 2, ... quarters
    past_args: tuple[str, ...] = ()
    mechanism: str = ""  # "judged: reason" or "identity: reason", where there is no source
    part_of: str = ""  # a member of a variable that is written out: the name of that variable
    member: str = ""  # and which member it is
