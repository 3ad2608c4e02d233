"""A model: blocks read into one set of variables, parameters, constants, draws and checked residuals.

The language itself is described in ``docs/equations.md`` and ``equations/variable.py``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from supercycle.core.errors import ModelError, UnknownNameError
from supercycle.core.params import Param, Registry
from supercycle.equations.alone import Equation
from supercycle.equations.block import Block, Declaration
from supercycle.equations.variable import (
    Axis,
    Constant,
    Draw,
    Family,
    Residual,
    Variable,
    member_key,
)
from supercycle.equations.written import from_text, generated

__all__ = ["Axis", "Block", "Constant", "Draw", "Model", "Variable", "from_text", "generated", "member_key"]


@dataclass
class Model:
    """A named collection of blocks, variables, parameters, constants, draws and books.

    Blocks are values; ``include`` reads them. Two models in one process share nothing but their blocks:

    >>> shop = Block("shop", "Shop", "A kiosk.")
    >>> shop.constant("days", 91.3125, "day/q", "days in a quarter")
    >>> first, second = Model("first").include(shop), Model("second").include(shop)
    >>> first.block("extra", "Extra", "Only in the first.").draw("luck", "uniform", "luck")
    >>> "luck" in first.draws, "luck" in second.draws
    (True, False)
    """

    name: str
    registry: Registry = field(default_factory=Registry)
    blocks: dict[str, Block] = field(default_factory=dict[str, Block])
    variables: dict[str, Variable] = field(default_factory=dict[str, Variable])
    constants: dict[str, Constant] = field(default_factory=dict[str, Constant])
    draws: dict[str, Draw] = field(default_factory=dict[str, Draw])
    families: dict[str, Axis] = field(default_factory=dict[str, Axis])
    residuals: list[str] = field(default_factory=list[str])  # variables that must be zero to 1e-9 (already relative)
    code: str = ""  # hash of the sources whose compiled code was shipped; forgotten with any further declaration

    def __post_init__(self) -> None:
        self.constant("one_quarter", 1.0, "q", "the length of a step")

    def include(self, *blocks: Block) -> Model:
        """Read blocks into the model, in order; the model itself is returned.

        Errors: ModelError for a block or a name that is there already, or a family without its parameters.
        """
        for block in blocks:
            if block.name in self.blocks:
                raise ModelError(f"block {block.name} is declared twice")
            self.blocks[block.name] = block
            for item in block.items:
                self.take(item)
        return self

    def block(self, name: str, title: str, meaning: str) -> Block:
        """Open a block whose declarations go into this model as they are made."""
        made = Block(name, title, meaning)
        self.include(made)
        made.model = self
        return made

    def number(self, block: str) -> int:
        """The place of a block in the model, from 1."""
        return list(self.blocks).index(block) + 1

    def constant(self, name: str, value: float, unit: str, meaning: str) -> None:
        """Declare a number that is true by definition."""
        self.take(Constant(name, value, unit, meaning))

    def draw(self, name: str, kind: str, meaning: str, axis: Axis | None = None) -> None:
        """Declare a random number per path and quarter, "uniform" on (0, 1) or "normal"."""
        self.take(Draw(name, kind, axis, meaning))

    def family(self, name: str, axis: Axis) -> None:
        """Declare that the parameters ``name:member`` are read as ``name`` by equations on the axis."""
        self.take(Family(name, axis))

    def equation(self, name: str) -> Equation:
        """The equation of a variable, to be called alone with numbers: ``model.equation("x")(a=1.0, b=2.0)``."""
        return Equation.of(self._variable(name))

    def opening(self, name: str) -> Equation:
        """The opening of a variable, to be called alone. Errors: ModelError where there is none."""
        return Equation.of(self._variable(name), opening=True)

    def _variable(self, name: str) -> Variable:
        if name not in self.variables:
            raise UnknownNameError("variable", name, self.variables)
        return self.variables[name]

    def take(self, item: Declaration) -> None:
        """Add one declaration."""
        self.code = ""
        match item:
            case Param():
                self._free(item.id, f"block {item.block}")
                self.registry.add(item)
            case Variable():
                self.add(item)
            case Constant(name=name):
                self._free(name, f"constant {name}")
                self.constants[name] = item
            case Draw(name=name, kind=kind):
                if kind not in ("uniform", "normal"):
                    raise ModelError(f"draw {name}: kind must be uniform or normal, got {kind!r}")
                self._free(name, f"draw {name}")
                self.draws[name] = item
            case Family(name=name, axis=axis):
                missing = [m for m in axis.members if f"{name}:{m}" not in self.registry]
                if missing:
                    raise ModelError(f"family {name}: no parameter registered for {', '.join(missing)}")
                self._free(name, f"family {name}")
                self.families[name] = axis
            case Residual(name=name):
                self.residuals.append(name)

    def add(self, variable: Variable) -> None:
        """Add a variable; its name must be new among variables, parameters, families, constants and draws."""
        self.code = ""
        name, where = variable.name, f"{variable.file}:{variable.line}"
        self._free(name, where)
        if re.search(r"(_left|_prev\d*)$", name):
            raise ModelError(f"{where}: {name} may not end in _prev, _left or _prev and a number (reserved)")
        self.variables[name] = variable

    def _free(self, name: str, where: str) -> None:
        tables: Iterable[object] = (self.variables, self.registry, self.constants, self.draws, self.families)
        if any(name in table for table in tables):  # type: ignore[operator]
            raise ModelError(f"{where}: the name {name} is declared twice")
