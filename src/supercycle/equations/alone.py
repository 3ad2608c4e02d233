"""One equation, called alone with numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from supercycle.core.errors import ModelError, UnknownNameError
from supercycle.equations.variable import Variable
from supercycle.equations.written import Function

__all__ = ["Equation"]


@dataclass(frozen=True)
class Equation:
    """A function of the names its equation reads, with where it stands: ``equation(a=1.0, b=2.0)``.

    Values are numbers, or one per member where a name has an axis. Nothing has a default: what is read is given.
    """

    name: str
    args: tuple[str, ...]
    unit: str
    file: str
    line: int
    function: Function

    @staticmethod
    def of(v: Variable, *, opening: bool = False) -> Equation:
        """The equation of a variable, or its opening. Errors: ModelError where there is no opening."""
        function = v.opening if opening or v.kind == "initial" else v.function
        args = v.opening_args if opening or v.kind == "initial" else v.args
        if v.kind == "solve":
            args = (v.name, *v.args[:-2])
        if function is None:
            raise ModelError(f"{v.file}:{v.line}: {v.name} has no opening")
        return Equation(v.name, args, v.unit, v.file, v.line, _sum if v.kind == "total" else function)

    def __call__(self, *values: Any, **named: Any) -> Any:
        """The value. Errors: UnknownNameError for a name it does not read; ModelError for one that is not given."""
        where = f"{self.name} ({self.file}:{self.line})"
        if len(values) > len(self.args):
            raise ModelError(f"{where} reads {len(self.args)} values", got=str(len(values)), expected=", ".join(self.args))
        given: dict[str, Any] = dict(zip(self.args, values, strict=False))
        for name, value in named.items():
            if name not in self.args:
                raise UnknownNameError(f"name read by {where}", name, self.args)
            if name in given:
                raise ModelError(f"{where}: {name} is given twice")
            given[name] = value
        missing = [a for a in self.args if a not in given]
        if missing:
            raise ModelError(f"{where} also reads {', '.join(missing)}", hint="Give every name a number")
        return self.function(*(_number(given[a]) for a in self.args))


def _number(value: Any) -> Any:
    if isinstance(value, Mapping):
        value = [float(x) for x in cast("Mapping[str, float]", value).values()]  # by member, in the order of the axis
    return np.asarray(value, dtype=float) if isinstance(value, list | tuple) else value


def _sum(values: Any) -> Any:
    return float(np.sum(values, axis=0)) if np.ndim(values) == 1 else np.sum(values, axis=0)
