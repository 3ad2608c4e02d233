"""Which kernel computes a run, and what a user should know about it.

"machine" is compiled code; "numpy" the reference, some hundred times slower; "auto" is machine where there is one and
says so where there is none. One run never mixes kernels.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from supercycle.core.errors import EnvironmentProblem, UnknownNameError
from supercycle.engine.subject import Subject
from supercycle.equations import emit_numpy
from supercycle.equations.machine import shipped, store
from supercycle.equations.machine.kernel import Kernel

__all__ = ["KERNELS", "SHIPPED", "Chosen", "Compute", "choose", "kernel_of", "state_of"]

Floats = NDArray[np.float64]
Paths = NDArray[np.int64]
Compute = Callable[[Floats, Floats, Paths], tuple[Floats, Floats]]
Progress = Callable[[str, int, int], None]  # stage, done, total

KERNELS = ("auto", "machine", "numpy")
SHIPPED = Path(__file__).resolve().parents[1] / "_machine"


@dataclass(frozen=True)
class Chosen:
    """The kernel of a run: ``machine`` is None for the NumPy reference; ``note`` is one line for the user, or empty.

    ``tests``: whether the compiled code holds the subject's own opening test.
    """

    name: str
    machine: Kernel | None
    note: str = ""
    tests: bool = False


_log = logging.getLogger("supercycle")
_MACHINES: WeakKeyDictionary[Subject, Chosen] = WeakKeyDictionary()


def choose(subject: Subject, kernel: str = "auto", progress: Progress | None = None) -> Chosen:
    """The kernel asked for, loaded or compiled once per process.

    ``progress("compile", done, total)`` is called only while something is compiled.

    Errors: UnknownNameError for a kernel; EnvironmentProblem for "machine" where there is none.
    """
    if kernel not in KERNELS:
        raise UnknownNameError("kernel", kernel, KERNELS)
    if kernel == "numpy":
        return Chosen("numpy", None)
    found = _MACHINES.get(subject)
    if found is None:
        found = _MACHINES[subject] = _machine(subject, progress)
        if found.note and kernel == "auto":
            _log.warning("%s", found.note)  # without a handler of the caller's, one line on stderr
    if kernel == "machine" and found.machine is None:
        raise EnvironmentProblem(
            f"no compiled model: {found.note.partition(';')[0]}",
            hint="Run it with the kernel numpy, or auto.",
        )
    return found


def _machine(subject: Subject, progress: Progress | None) -> Chosen:
    code = subject.model.code
    ready = shipped.load(SHIPPED, code) if code else None
    names = subject.plan.slot_names
    if ready is not None:
        return Chosen("machine", ready.ordered(names), tests=ready.facts.test == subject.test_text)

    def tell(done: int, total: int) -> None:
        if progress is not None:
            progress("compile", done, total)

    try:
        made = store.compiled(
            subject.test_plan,
            test=subject.test,
            key=f"{code} {subject.test_text}" if code else "",
            progress=tell,
        )
    except store.Unavailable as reason:
        return Chosen("numpy", None, f"{reason}; the NumPy reference answers, a hundred times slower")
    return Chosen("machine", made.kernel.ordered(names), made.note, tests=True)


def state_of(subject: Subject) -> str:
    """Whether the compiled code of a subject is there, in a word or two; nothing is compiled.

    Errors: ModelError for an equation outside the language.
    """
    code = subject.model.code
    if code and shipped.load(SHIPPED, code) is not None:
        return "shipped"
    try:
        ready = store.is_compiled(subject.test_plan, test=subject.test)
    except store.Unavailable as reason:
        return f"not available: {reason}"
    return "compiled" if ready else "not compiled yet"


def kernel_of(subject: Subject, kernel: str = "auto", progress: Progress | None = None) -> Compute:
    """A function of parameters [parameter, path], draws [draw, quarter, path] and slots, as ``emit_numpy.simulate``."""
    chosen = choose(subject, kernel, progress)
    if chosen.machine is not None:
        return chosen.machine
    plan = subject.plan
    return lambda params, draws, record: emit_numpy.simulate(plan, params, draws, record)
