"""Books that do not close always raise, and say where: the check, the quarter and the path."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from supercycle.core.errors import BooksError
from supercycle.engine.sample import LANES, sample_draws
from supercycle.engine.simulation import Simulation
from supercycle.engine.subject import Subject
from supercycle.equations import emit_numpy
from supercycle.equations.graph import width

__all__ = ["TOLERANCE", "check_books", "checks_per_quarter"]

Floats = NDArray[np.float64]

TOLERANCE = 1e-9  # of the quarter's gross flows (a solve: of its function at the ends of the bracket)


def checks_per_quarter(subject: Subject) -> int:
    """How many residuals a path has each quarter: the books', and each root put back into its function."""
    variables = subject.model.variables
    return sum(width(variables[name].axis) for name in (*subject.model.residuals, *_solved(subject)))


def check_books(simulation: Simulation, residual: Floats, quarters: Sequence[str], kernel: str) -> None:
    """Raise BooksError when the largest residual of any path [path] is above ``TOLERANCE``.

    NaN marks a path without numbers, which is counted elsewhere. The worst path is run again on the NumPy reference
    to name the worst check and its first quarter.
    """
    known = np.where(np.isfinite(residual), residual, 0.0)
    worst = int(known.argmax())
    if known[worst] <= TOLERANCE:
        return
    several = f"{int(np.count_nonzero(known > TOLERANCE))} of {len(residual)} paths"
    check, quarter = _where(simulation.alone(worst), quarters)
    path = simulation.first + worst
    raise BooksError(
        f"the books do not close on {several}: worst is {check} on path {path} of seed {simulation.seed}",
        expected=f"a residual of at most {TOLERANCE:g}",
        got=f"{known[worst]:.3g} with kernel {kernel}",
        hint=f"It first shows in {quarter}."
        if quarter
        else "The NumPy reference closes: the kernel is wrong.",
    )


def _where(simulation: Simulation, quarters: Sequence[str]) -> tuple[str, str]:
    """The check that fails first on the reference, and its quarter ("" when all of them hold there)."""
    subject = simulation.subject
    plan = subject.plan
    keys = [key for name in subject.model.residuals for key in plan.keys(name)]
    record = np.array([plan.slot(key) for key in keys], dtype=np.int64)
    # A whole tile of the same path, as everywhere, so that sums round as they did.
    wide = np.repeat(simulation.params(list(subject.model.registry)), LANES, axis=1)
    paths = np.full(LANES, simulation.first, dtype=np.int64)
    draws = sample_draws(subject, simulation.seed, paths, len(quarters))
    for last in range(1, len(quarters) + 1):
        out, residual = emit_numpy.simulate(plan, wide, np.ascontiguousarray(draws[:, :last]), record)
        if residual[0] > TOLERANCE:
            misses = np.abs(out[:, last, 0])
            if keys and misses.max() > TOLERANCE:
                return keys[int(misses.argmax())], quarters[last - 1]
            return f"the root of {' or '.join(_solved(subject))}, outside its bracket", quarters[last - 1]
    return "a check", ""


def _solved(subject: Subject) -> list[str]:
    return [v.name for v in subject.model.variables.values() if v.kind == "solve"]
