"""What the engine runs: a model with its priors' correlations, its opening test and its derived outputs.

The engine knows no world by name; the service hands it one, the tests a toy.
"""

from __future__ import annotations

import hashlib
import inspect
import json
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from supercycle.core.errors import InputError, UnknownNameError
from supercycle.engine.prior import JUDGED, Prior
from supercycle.equations import functions
from supercycle.equations.graph import Plan, plan
from supercycle.equations.spec import Model, Variable
from supercycle.equations.written import read_function

__all__ = ["TEST", "Accept", "Derived", "Subject"]

Floats = NDArray[np.float64]
Accept = Callable[..., Any]
TEST = "opening_test"  # the name under which the opening test is one more quantity found at the opening


class Derived(Protocol):
    """An output found from whole paths after the run (a realised return, say): one value per entity and path.

    ``compute`` maps inputs by slot key [quarter, path] and parameters by id [path] to [entity, path]; the
    quarters are those simulated, the opening is not among them.
    """

    @property
    def name(self) -> str:
        """The output's id."""
        ...

    @property
    def unit(self) -> str:
        """Its unit."""
        ...

    @property
    def label(self) -> str:
        """Its name for a reader."""
        ...

    @property
    def meaning(self) -> str:
        """One line."""
        ...

    @property
    def entities(self) -> Sequence[str]:
        """What it has a value for."""
        ...

    @property
    def inputs(self) -> Sequence[str]:
        """Slot keys it reads."""
        ...

    @property
    def compute(self) -> Callable[[Mapping[str, Floats], Mapping[str, Floats]], Floats]:
        """How it is found."""
        ...


@dataclass(frozen=True, eq=False)  # one object is one subject, so it can be a key
class Subject:
    """A model ready for the engine.

    ``accept`` says which draws agree with the opening data: it is written like an equation, its arguments are names
    of the model and it returns a condition. ``tables`` is a checksum of the figures the model reads; it is part of
    ``model_hash``, as are ``priors``: the named priors a scenario may ask for beside the registry's own.
    """

    model: Model
    start: str
    presets: Path
    pairs: Sequence[tuple[str, str, float]] = ()
    accept: Accept | None = None
    derived: Sequence[Derived] = ()
    headline: Callable[[Any], str] | None = None
    tables: str = ""
    priors: Mapping[str, Prior] = field(default_factory=dict[str, Prior])

    def __repr__(self) -> str:
        return f"<Subject {self.model.name!r} from {self.start}>"

    def prior(self, name: str) -> Prior | None:
        """A named prior; None for the registry's own.

        Errors: UnknownNameError with the nearest name; InputError for a prior that was fitted to another model.
        """
        if name == JUDGED:
            return None
        if name not in self.priors:
            raise UnknownNameError("prior", name, [JUDGED, *self.priors])
        found = self.priors[name]
        if found.fitted_to and found.fitted_to != self.bare_hash:
            raise InputError(
                f"the prior {name!r} was fitted to another model",
                expected=f"a fit to model {self.bare_hash[:12]}",
                got=f"a fit to model {found.fitted_to[:12]}",
                hint="Run supercycle calibrate --save (some ten minutes) to fit it again, or use --prior judged.",
            )
        return found

    @cached_property
    def bare_hash(self) -> str:
        """``model_hash`` without the named priors: what a fit is a fit to."""
        return replace(self, priors={}).model_hash

    @cached_property
    def plan(self) -> Plan:
        """The model resolved and ordered."""
        return plan(self.model)

    @cached_property
    def test_plan(self) -> Plan:
        """The plan with the opening test as its last variable; without a test, the plan itself.

        Errors: ModelError and UnknownNameError for a test outside the language of equations.
        """
        if self.accept is None:
            return self.plan
        written = read_function(self.accept, TEST)
        model = copy(self.model)
        model.variables = dict(model.variables)
        model.add(Variable(
            name=TEST, unit="1", block="", axis=None, kind="initial", args=(), function=self.accept,
            source_text=written.text, meaning="1 where a draw agrees with the opening data", source="",
            file=written.file, line=written.line, opening=self.accept, opening_args=written.args,
            opening_text=written.text))  # fmt: skip
        return plan(model)

    @property
    def test(self) -> str:
        """The name of the opening test in ``test_plan``, empty without one."""
        return TEST if self.accept is not None else ""

    @property
    def test_text(self) -> str:
        """The source of the opening test, empty without one."""
        return self.test_plan.model.variables[TEST].opening_text if self.accept is not None else ""

    @cached_property
    def reported(self) -> tuple[str, ...]:
        """Slot keys of the outputs every run reports."""
        names = [v.name for v in self.model.variables.values() if v.reported]
        return tuple(key for name in names for key in self.plan.keys(name))

    @cached_property
    def model_hash(self) -> str:
        """SHA-256 of everything that decides a path besides scenario, seed and kernel."""
        model = self.model
        facts: list[Any] = [
            [
                [
                    v.name,
                    v.unit,
                    v.axis.members if v.axis else None,
                    v.kind,
                    v.args,
                    v.source_text,
                    v.opening_args,
                    v.opening_text,
                    v.over,
                    v.bracket,
                    v.iterations,
                ]
                for v in model.variables.values()
            ],
            [
                [p.id, p.unit, p.default, p.low, p.high, p.distribution]
                for p in (model.registry[name] for name in model.registry)
            ],
            [[c.name, c.value, c.unit] for c in model.constants.values()],
            [[d.name, d.kind, d.axis.members if d.axis else None] for d in model.draws.values()],
            [list(pair) for pair in self.pairs],
            model.residuals,
            self.start,
            self.tables,
            inspect.getsource(functions),
            _source(self.accept),
            [_source(d.compute) for d in self.derived],
        ]
        if self.priors:
            facts.append([asdict(prior) for prior in self.priors.values()])
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def _source(function: Callable[..., Any] | None) -> str:
    if function is None:
        return ""
    try:
        return inspect.getsource(function)
    except (OSError, TypeError):
        return repr(getattr(function, "__qualname__", type(function).__qualname__))
