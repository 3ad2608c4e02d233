"""A case of an equation's meaning: its name, the answer worked out by hand, and the numbers it is called with.

``case("believed_growth", 0.2 + 0.3 * (0.4 - 0.2), believed_growth_prev=0.2, ...)`` reads: with these numbers the equation
gives this. The conversions of the frame (one_quarter, hours_per_quarter, ...) have the values they always have and need
not be given; every other name that the equation reads must be. ``opening=True`` asks for the opening instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from supercycle.equations.alone import Equation
from supercycle.world.frame import CONVERSIONS
from supercycle.world.world import world_model

__all__ = ["Case", "case"]

ALWAYS = {"one_quarter": 1.0, **{c.name: c.value for c in CONVERSIONS}}


@dataclass(frozen=True)
class Case:
    """One line of a table."""

    name: str
    answer: Any
    given: dict[str, Any]
    opening: bool = False

    @property
    def equation(self) -> Equation:
        """The equation or opening it calls."""
        model = world_model()
        return model.opening(self.name) if self.opening else model.equation(self.name)

    def value(self) -> Any:
        """What the equation gives."""
        equation = self.equation
        always = {name: ALWAYS[name] for name in equation.args if name in ALWAYS and name not in self.given}
        return equation(**always, **self.given)


def case(name: str, answer: Any, *, opening: bool = False, **given: Any) -> Case:
    """One line of a table."""
    return Case(name, answer, given, opening)
