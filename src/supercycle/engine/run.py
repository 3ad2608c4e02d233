"""Running: paths in chunks over threads, through one kernel, into arrays with the path last.

A path's numbers depend on model, scenario, seed, kernel and its own index only: not on how many paths there
are, how they are cut into chunks, or how many threads work on them.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from supercycle.core.errors import EnvironmentProblem, InputError, ModelError, UnknownNameError
from supercycle.engine.books import check_books, checks_per_quarter
from supercycle.engine.derivations import Derivations, derived_of
from supercycle.engine.horizon import steps
from supercycle.engine.kernels import KERNELS, Progress, choose
from supercycle.engine.sample import ATTEMPTS, LANES
from supercycle.engine.scenario import Scenario
from supercycle.engine.simulation import CHUNK, Simulation
from supercycle.engine.sketch import Sketch
from supercycle.engine.streaming import SKETCHED_FROM, stream
from supercycle.engine.subject import Derived, Subject
from supercycle.engine.values import IN_MEMORY, Values
from supercycle.equations.ledger import STOCKS_OVER_FLOWS

__all__ = ["KERNELS", "STATUSES", "UNTIL", "Progress", "Run", "simulate"]

Floats = NDArray[np.float64]
Paths = NDArray[np.int64]

STATUSES = ("ok", "non_finite", "rejected", "exploded")
EXPLODED = (
    10_000.0  # quarters: stocks that came to this many times the first quarter's flows mean nothing any more
)
UNTIL = "2035Q4"
MOST_PATHS = 10_000_000
BESIDES = 4  # numbers a path needs besides its values: attempts, residual, status, a parameter


@dataclass(frozen=True)
class Run:
    """What a run found, path by path.

    ``values`` [output, quarter, path] holds the quarters simulated (the opening is not among them); outputs that
    were not recorded at once are when they are read. ``derived`` maps a derived output to [entity, path];
    ``status`` [path] indexes ``STATUSES``; ``refused`` [path] counts draws that contradicted the opening;
    ``first`` is the number of the first path; ``note`` says in a line what a user should know, or nothing.
    ``sketches`` count the paths of each output of a run too large to hold (``engine/sketch.py``); empty otherwise.
    """

    subject: Subject
    scenario: Scenario
    seed: int
    kernel: str
    outputs: tuple[str, ...]
    quarters: tuple[str, ...]
    values: Values
    derived: Mapping[str, Floats]
    simulation: Simulation
    status: NDArray[np.uint8]
    residual_max: float
    checked: int
    timings_s: dict[str, float] = field(default_factory=dict[str, float])
    note: str = ""
    sketches: Mapping[str, Sketch] = field(default_factory=dict[str, Sketch])

    @cached_property
    def params(self) -> Floats:
        """Every parameter [parameter, path] in registry order; drawn when first asked for."""
        return self.simulation.params(list(self.subject.model.registry))

    @property
    def refused(self) -> Paths:
        """How many draws of each path contradicted the opening."""
        return self.simulation.refused

    @property
    def first(self) -> int:
        """The number of the first path."""
        return self.simulation.first

    def __repr__(self) -> str:
        last = self.quarters[-1] if self.quarters else "nothing"
        return f"<Run of {self.scenario.name!r}: {self.paths} paths of {len(self.outputs)} outputs to {last}>"

    @property
    def paths(self) -> int:
        """How many paths were asked for, failed ones included."""
        return len(self.status)

    @property
    def ok(self) -> NDArray[np.bool_]:
        """Which paths have numbers; the others are counted, shown and left out of quantiles."""
        return self.status == 0

    @property
    def status_counts(self) -> dict[str, int]:
        """Paths by status, every status named."""
        return {name: int(np.count_nonzero(self.status == code)) for code, name in enumerate(STATUSES)}

    @property
    def rejection_rate(self) -> float:
        """Share of all prior draws that contradicted the opening."""
        refused = int(self.refused.sum())
        return refused / (refused + int(np.count_nonzero(self.refused < ATTEMPTS)))

    def items(self) -> Iterator[tuple[str, Floats]]:
        """Every output with its values, in order; what the run watches for itself is not among them."""
        return ((key, self.values[place]) for place, key in enumerate(self.outputs))

    def head(self, output: str, paths: int) -> Floats:
        """The first paths of one output [quarter, path], without the others being recorded."""
        if paths >= self.paths or self.outputs.index(output) in self.values.held:
            return self.value(output)[:, :paths]
        out = np.empty((1, len(self.quarters), paths))
        slots = [self.subject.plan.slot(output)]
        self.simulation.head(paths).record(slots, out, np.empty(paths))
        return out[0]

    def value(self, output: str) -> Floats:
        """One output [quarter, path]; an unknown name is refused with the nearest."""
        if output not in self.outputs:
            raise UnknownNameError("output", output, self.outputs)
        return self.values[self.outputs.index(output)]


def simulate(
    subject: Subject,
    scenario: Scenario,
    *,
    paths: int,
    seed: int,
    until: str | None = None,
    kernel: str = "auto",
    outputs: Sequence[str] | None = None,
    hold: Sequence[str] | None = None,
    first: int = 0,
    threads: int | None = None,
    chunk: int = CHUNK,
    progress: Progress | None = None,
) -> Run:
    """Run a scenario on ``paths`` sampled paths, numbered from ``first`` on.

    ``until`` defaults to the scenario's, else 2035Q4; ``outputs`` are slot keys (``name`` or
    ``name:Member``, or a name with members for all of them) and default to the reported ones. ``hold`` names those
    that are recorded at once (all that fit in memory, by default); the others are when they are first read. Limit
    cases: the first n paths of a longer run are the run of n paths, and paths ``first`` to ``first + n`` are those of
    a run of ``first + n`` paths, bit for bit.

    Errors: InputError for numbers of paths, seeds or quarters that make no sense, UnknownNameError for an
    output or kernel, BooksError when the books of any path do not close, ModelError when no path has
    numbers.
    """
    _check_numbers(paths, seed, chunk, first)
    quarters = steps(subject.start, (scenario.until or UNTIL) if until is None else until, where="until")
    keys = subject.reported if outputs is None else _keys(subject, outputs)
    derived = (
        subject.derived if outputs is None else [d for d in subject.derived if set(d.inputs) <= set(keys)]
    )
    watched = [STOCKS_OVER_FLOWS] if STOCKS_OVER_FLOWS in subject.model.variables else []
    stored = list(dict.fromkeys([*keys, *watched, *(key for d in derived for key in d.inputs)]))
    size = 8 * paths * len(quarters)
    at_once = list(dict.fromkeys([*_at_once(subject, stored, derived, hold, size), *watched]))
    large = paths >= SKETCHED_FROM and size * len(stored if hold is None else at_once) > IN_MEMORY
    _check_memory(paths * (BESIDES + (0 if large else len(quarters) * len(at_once))), paths, len(at_once))
    begun = time.perf_counter()
    chosen = choose(subject, kernel, progress)
    compiled = time.perf_counter()
    simulation = Simulation(subject, scenario, seed, first, paths, len(quarters), chosen, threads or 0, chunk)
    refused = simulation.refused
    sampled = time.perf_counter()
    slots = {key: subject.plan.slot(key) for key in stored}

    def record(places: Sequence[int]) -> Floats:
        out = np.empty((len(places), len(quarters), paths))
        simulation.record([slots[stored[place]] for place in places], out, np.empty(paths))
        return out

    values = Values(record, (len(stored), len(quarters), paths))
    timings = {"prepare": compiled - begun, "sample": sampled - compiled}
    found: Mapping[str, Floats] = Derivations(derived, stored, values, simulation, timings)
    sketches: Mapping[str, Sketch] = {}
    if large:
        counted = [key for key in (stored if hold is None else at_once) if key in keys]
        needed = dict.fromkeys([*counted, *watched, *(key for d in derived for key in d.inputs)])
        streamed = stream(
            simulation,
            {key: slots[key] for key in needed},
            counted,
            lambda piece, worst, seen: _status(piece.refused, worst, [seen[key] for key in watched]),
            lambda piece, seen: {d.name: derived_of(d, seen, piece) for d in derived},
            progress,
        )
        residual, status, sketches, found = (
            streamed.residual, streamed.status, streamed.sketches, streamed.derived
        )  # fmt: skip
    else:
        residual, out = np.empty(paths), np.empty((len(at_once), len(quarters), paths))
        simulation.record([slots[key] for key in at_once], out, residual, progress)
        values.hold([stored.index(key) for key in at_once], out)
        status = _status(refused, residual, [out[at_once.index(key)] for key in watched])
    rejected = status == STATUSES.index(
        "rejected"
    )  # no world: its books are not asked for, it is counted as refused
    check_books(simulation, np.where(rejected, np.nan, residual), quarters, chosen.name)
    ok = status == 0
    if not ok.any():
        counts = ", ".join(
            f"{np.count_nonzero(status == code)} {name}" for code, name in enumerate(STATUSES) if code
        )
        raise ModelError(
            f"no path has numbers ({counts})", hint="Bring the settings closer to the base case."
        )
    timings |= {"simulate": time.perf_counter() - sampled, "derive": 0.0}
    return Run(
        subject=subject,
        scenario=scenario,
        seed=seed,
        kernel=chosen.name,
        outputs=tuple(keys),
        quarters=tuple(quarters),
        values=values,
        derived=found,
        simulation=simulation,
        status=status,
        residual_max=float(residual[ok].max()),
        checked=checks_per_quarter(subject) * len(quarters) * int(ok.sum()),
        timings_s=timings,
        note=chosen.note,
        sketches=sketches,
    )


def _status(refused: Paths, residual: Floats, watched: Sequence[Floats]) -> NDArray[np.uint8]:
    """The status of each path: books close on a path that explodes too, its stocks over its first flows tell."""
    status = np.where(refused >= ATTEMPTS, 2, np.where(np.isfinite(residual), 0, 1)).astype(np.uint8)
    for values in watched:
        with np.errstate(invalid="ignore"):
            status[(status == 0) & (values.max(axis=0) > EXPLODED)] = STATUSES.index("exploded")
    return status


def _at_once(
    subject: Subject, stored: Sequence[str], derived: Sequence[Derived], hold: Sequence[str] | None, size: int
) -> list[str]:
    """The outputs recorded in the first pass: those to hold and what derived ones rest on, else what fits in memory."""
    if hold is None:
        return list(stored[: max(IN_MEMORY // max(size, 1), 1)])
    known = [name for name in hold if name in subject.model.variables or name in stored]
    inputs = [key for output in derived for key in output.inputs]
    return [key for key in dict.fromkeys([*_keys(subject, known), *inputs]) if key in stored]


def _check_numbers(paths: int, seed: int, chunk: int, first: int) -> None:
    if not 1 <= paths <= MOST_PATHS:
        raise InputError("bad number of paths", expected=f"1 to {MOST_PATHS}", got=str(paths), where="paths")
    if not 0 <= seed < 2**63:
        raise InputError("bad seed", expected="a whole number from 0 on", got=str(seed), where="seed")
    if not 0 <= first < 2**62:
        raise InputError("bad first path", expected="a whole number from 0 on", got=str(first), where="first")
    if chunk < LANES or chunk % LANES:
        raise InputError("bad chunk", expected=f"a multiple of {LANES}", got=str(chunk), where="chunk")


def _check_memory(numbers: int, paths: int, outputs: int) -> None:
    """Refuse what cannot fit before the machine grinds to a halt; NumPy reserves memory that is not there."""
    held = 8 * numbers
    if held > _memory():
        raise EnvironmentProblem(
            f"not enough memory for {paths} paths of {outputs} outputs",
            expected=f"at most {_memory() / 1e9:.1f} GB",
            got=f"{held / 1e9:.1f} GB",
            hint="Ask for fewer paths.",
        )


def _memory() -> float:
    """Bytes of memory in this machine; unlimited where it does not say."""
    try:
        return float(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    except (AttributeError, OSError, ValueError):
        return float("inf")


def _keys(subject: Subject, outputs: Sequence[str]) -> tuple[str, ...]:
    """Slot keys of the names asked for; a name with members means all of them."""
    keys: list[str] = []
    for name in outputs:
        if name in subject.model.variables:
            keys += subject.plan.keys(name)
        else:
            subject.plan.slot(name)  # refuses an unknown key
            keys.append(name)
    return tuple(dict.fromkeys(keys))
