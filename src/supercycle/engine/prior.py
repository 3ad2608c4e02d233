"""A named prior: parameters, quantile tables and correlations that stand in place of the registry's.

A scenario names its prior ("judged" is the registry's own). A draw stays a function of (seed, stream, path): the
uniform number of a parameter's stream is the same under every prior, only the quantile function it goes through
and the copula's pairs differ.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from supercycle.core.errors import InputError, UnknownNameError
from supercycle.core.params import Param, quantile
from supercycle.engine.scenario import Scenario

__all__ = ["JUDGED", "Pair", "Prior", "drawn", "pairs_of", "ranged", "ranged_as", "read_prior"]

Floats = NDArray[np.float64]
Pair = tuple[str, str, float]
JUDGED = "judged"


@dataclass(frozen=True, eq=False)
class Prior:
    """What replaces the registry's priors.

    ``params`` replaces whole parameters (an opening at another date); ``tables`` gives the quantile function of
    a parameter as its values at ``levels``, between which it is linear (a posterior's marginal); ``pairs`` are
    rank correlations that are added to the model's, or replace the one of the same two names. ``fitted_to`` is the
    hash of the model a prior was fitted to, and empty for one that was not fitted: a fit to another model's past
    says nothing about this one, so the subject refuses to draw from it.
    """

    name: str
    params: Mapping[str, Param] = field(default_factory=dict[str, Param])
    levels: tuple[float, ...] = (0.0, 1.0)
    tables: Mapping[str, tuple[float, ...]] = field(default_factory=dict[str, tuple[float, ...]])
    pairs: tuple[Pair, ...] = ()
    fitted_to: str = ""

    def __post_init__(self) -> None:
        for id, values in self.tables.items():
            if len(values) != len(self.levels) or np.any(np.diff(values) < 0):
                raise InputError(
                    f"bad quantile table of {id}",
                    expected=f"{len(self.levels)} values that do not fall",
                    got=f"{len(values)} values",
                    where=f"prior {self.name}",
                )

    def quantile(self, param: Param, u: Floats) -> Floats:
        """The parameter's values at the probabilities ``u``, same shape.

        >>> level = Param("level", "Level", "1", 2.0, 1.0, 3.0, "uniform", "", "a paper", "published", "toy")
        >>> few = Prior("fitted", levels=(0.0, 0.5, 1.0), tables={"level": (1.0, 1.5, 3.0)})
        >>> [float(v) for v in few.quantile(level, np.array([0.25, 0.5, 0.75]))]
        [1.25, 1.5, 2.25]
        """
        if param.id in self.tables:
            return np.interp(u, self.levels, self.tables[param.id])
        return quantile(param, u)


def drawn(scenario: Scenario, prior: Prior | None, param: Param, u: Floats) -> Floats:
    """A parameter of the registry at the probabilities ``u``; a range of the scenario wins over the prior."""
    if param.id in scenario.ranges or prior is None:
        return quantile(ranged(scenario, param), u)
    return prior.quantile(prior.params.get(param.id, param), u)


def pairs_of(pairs: tuple[Pair, ...], prior: Prior | None) -> tuple[Pair, ...]:
    """The model's correlations with the prior's in place of those that name the same two parameters.

    >>> pairs_of((("a", "b", 0.5), ("b", "c", 0.2)), Prior("fitted", pairs=(("b", "a", -0.1), ("a", "d", 0.3))))
    (('b', 'c', 0.2), ('b', 'a', -0.1), ('a', 'd', 0.3))
    """
    if prior is None:
        return pairs
    named = {frozenset(pair[:2]) for pair in prior.pairs}
    return (*(pair for pair in pairs if frozenset(pair[:2]) not in named), *prior.pairs)


def read_prior(text: str, registry: Mapping[str, Param], where: str) -> Prior:
    """A fitted prior from its file: quantile tables and pairs, checked against today's registry.

    Errors: InputError when the text is no such file, or a table leaves the parameter's range; UnknownNameError for a
    parameter the model no longer has. Both mean: calibrate again.
    """
    try:
        kept: Any = json.loads(text)
        tables = {str(id): tuple(map(float, values)) for id, values in kept["tables"].items()}
        pairs = tuple((str(a), str(b), float(size)) for a, b, size in kept["pairs"])
        levels = tuple(map(float, kept["levels"]))
        shocks = {str(id): tuple(map(float, points)) for id, points in kept.get("shocks", {}).items()}
        fitted_to = str(kept.get("manifest", {}).get("model_hash", ""))
        prior = Prior("posterior", levels=levels, tables=tables, pairs=pairs, fitted_to=fitted_to)
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"not a fitted prior ({error})", expected="levels, tables, pairs", where=where
        ) from None
    for id in (*tables, *shocks, *(name for pair in pairs for name in pair[:2])):
        if id not in registry:
            raise UnknownNameError("parameter", id, list(registry), where=where)
    for id, points in shocks.items():
        if len(points) != 3 or not 0.0 <= points[0] <= points[1] <= points[2]:
            raise InputError(
                f"bad scale of {id}",
                expected="low, central and high, not below zero",
                got=repr(points),
                where=where,
            )
    for id, values in tables.items():
        low, high = registry[id].low, registry[id].high
        slack = 1e-9 * max(abs(low), abs(high))
        if values[0] < low - slack or values[-1] > high + slack:
            raise InputError(
                f"the fitted range of {id} leaves its range",
                expected=f"{low:g} to {high:g}",
                got=f"{values[0]:g} to {values[-1]:g}",
                where=where,
                hint="The range has changed since the fit: run supercycle calibrate.",
            )
    return replace(prior, params={id: ranged_as(registry[id], *points) for id, points in shocks.items()})


def ranged_as(param: Param, low: float, default: float, high: float) -> Param:
    """A parameter with another range: a scale that a fit found, triangular."""
    return replace(param, low=low, default=default, high=high, distribution="triangular")


def ranged(scenario: Scenario, param: Param) -> Param:
    """A parameter of the registry with the scenario's range, if it has one."""
    return scenario.param({param.id: param}, param.id)
