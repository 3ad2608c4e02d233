"""Running: paths in chunks over threads, through one kernel, into arrays with the path last.

A path's numbers depend on model, scenario, seed, kernel and its own index only: not on how many paths there
are, how they are cut into chunks, or how many threads work on them.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from supercycle.core.errors import EnvironmentProblem, InputError, ModelError, UnknownNameError
from supercycle.engine.books import check_books, checks_per_quarter
from supercycle.engine.horizon import steps
from supercycle.engine.sample import ATTEMPTS, LANES, sample_draws, sample_params
from supercycle.engine.scenario import Scenario
from supercycle.engine.spill import IN_MEMORY, Spill, Values
from supercycle.engine.subject import Derived, Subject
from supercycle.equations import emit_numpy

__all__ = ["KERNELS", "STATUSES", "UNTIL", "Progress", "Run", "simulate"]

Floats = NDArray[np.float64]
Paths = NDArray[np.int64]
Kernel = Callable[[Floats, Floats, Paths], tuple[Floats, Floats]]
Progress = Callable[[str, int, int], None]  # stage, done, total
T = TypeVar("T")

KERNELS = ("auto", "tile", "scalar", "numpy")
STATUSES = ("ok", "non_finite", "rejected")
UNTIL = "2035Q4"
CHUNK = 2048
MOST_PATHS = 10_000_000


@dataclass(frozen=True)
class Run:
    """What a run found, path by path.

    ``values`` [output, quarter, path] holds the quarters simulated (the opening is not among them), on disk
    above a gigabyte;
    ``derived`` maps a derived output to [entity, path]; ``params`` [parameter, path] is in registry order;
    ``status`` [path] indexes ``STATUSES``; ``refused`` [path] counts draws that contradicted the opening.
    """

    subject: Subject
    scenario: Scenario
    seed: int
    kernel: str
    outputs: tuple[str, ...]
    quarters: tuple[str, ...]
    values: Values
    derived: Mapping[str, Floats]
    params: Floats
    status: NDArray[np.uint8]
    refused: Paths
    residual_max: float
    checked: int
    timings_s: dict[str, float] = field(default_factory=dict[str, float])

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
    threads: int | None = None,
    chunk: int = CHUNK,
    progress: Progress | None = None,
) -> Run:
    """Run a scenario on ``paths`` sampled paths.

    ``until`` defaults to the scenario's, else 2035Q4; ``outputs`` are slot keys (``name`` or
    ``name:Member``, or a name with members for all of them) and default to the reported ones. Limit cases:
    the first n paths of a longer run are the run of n paths, bit for bit.

    Errors: InputError for numbers of paths, seeds or quarters that make no sense, UnknownNameError for an
    output or kernel, BooksError when the books of any path do not close, ModelError when no path has
    numbers.
    """
    _check_numbers(paths, seed, chunk)
    quarters = steps(subject.start, until or scenario.until or UNTIL, where="until")
    keys = subject.reported if outputs is None else _keys(subject, outputs)
    derived = (
        subject.derived if outputs is None else [d for d in subject.derived if set(d.inputs) <= set(keys)]
    )
    stored = list(dict.fromkeys([*keys, *(key for d in derived for key in d.inputs)]))
    record = np.array([subject.plan.slot(key) for key in stored], dtype=np.int64)
    begun = time.perf_counter()
    name, run_kernel = _kernel(subject, kernel, progress)
    compiled = time.perf_counter()
    threads = threads or os.cpu_count() or 1
    total = -(-paths // LANES) * LANES
    chunk = min(chunk, -(-total // (threads * LANES)) * LANES)

    size = 8 * paths * len(stored) * len(quarters)
    _check_memory(paths * len(subject.model.registry) + min(size, IN_MEMORY) // 8, paths, len(stored))
    held = (
        np.empty((len(stored), len(quarters), paths))
        if size <= IN_MEMORY
        else Spill(len(stored), len(quarters), paths)
    )
    residual = np.empty(paths)
    with ThreadPoolExecutor(max_workers=threads) as pool:
        every = np.arange(total, dtype=np.int64)
        sample = _interruptible(pool, lambda: sample_params(subject, scenario, seed, every, pool.map, chunk))
        sampled = time.perf_counter()

        def work(start: int) -> int:
            here = slice(start, min(start + chunk, total))
            draws = sample_draws(subject, seed, every[here], len(quarters))
            out, worst = run_kernel(np.ascontiguousarray(sample.params[:, here]), draws, record)
            kept = slice(start, min(start + chunk, paths))
            count = kept.stop - kept.start
            if isinstance(held, Spill):
                held.put(start, out[:, 1:, :count])
            else:
                held[:, :, kept] = out[:, 1:, :count]
            residual[kept] = worst[:count]
            return count

        _interruptible(pool, lambda: _spread(pool, work, range(0, total, chunk), paths, progress))
    params, refused = sample.params[:, :paths], sample.refused[:paths]
    status = np.where(refused >= ATTEMPTS, 2, np.where(np.isfinite(residual), 0, 1)).astype(np.uint8)
    check_books(subject, params, residual, seed, quarters, name)
    ok = status == 0
    if not ok.any():
        counts = ", ".join(
            f"{np.count_nonzero(status == code)} {name}" for code, name in enumerate(STATUSES) if code
        )
        raise ModelError(
            f"no path has numbers ({counts})", hint="Bring the settings closer to the base case."
        )
    simulated = time.perf_counter()
    inputs = dict.fromkeys(key for d in derived for key in d.inputs)
    found = _derive(subject, derived, {key: held[stored.index(key)] for key in inputs}, params)
    ended = time.perf_counter()
    return Run(
        subject=subject,
        scenario=scenario,
        seed=seed,
        kernel=name,
        outputs=tuple(keys),
        quarters=tuple(quarters),
        values=held.first(len(keys)) if isinstance(held, Spill) else held[: len(keys)],
        derived=found,
        params=params,
        status=status,
        refused=refused,
        residual_max=float(residual[ok].max()),
        checked=checks_per_quarter(subject) * len(quarters) * int(ok.sum()),
        timings_s={
            "prepare": compiled - begun,
            "sample": sampled - compiled,
            "simulate": simulated - sampled,
            "derive": ended - simulated,
        },
    )


def _check_numbers(paths: int, seed: int, chunk: int) -> None:
    if not 1 <= paths <= MOST_PATHS:
        raise InputError("bad number of paths", expected=f"1 to {MOST_PATHS}", got=str(paths), where="paths")
    if not 0 <= seed < 2**63:
        raise InputError("bad seed", expected="a whole number from 0 on", got=str(seed), where="seed")
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


def _kernel(subject: Subject, kernel: str, progress: Progress | None) -> tuple[str, Kernel]:
    """The kernel asked for and its name; ``auto`` is the tile kernel. One run never mixes kernels."""
    if kernel not in KERNELS:
        raise UnknownNameError("kernel", kernel, KERNELS)
    plan = subject.plan
    if kernel == "numpy":
        return kernel, lambda params, draws, record: emit_numpy.simulate(plan, params, draws, record)
    name = "tile" if kernel == "auto" else kernel
    return name, _compiled(subject, name, progress)


_KERNELS: dict[tuple[Subject, str], Kernel] = {}


def _compiled(subject: Subject, name: str, progress: Progress | None) -> Kernel:
    """The compiled kernel, made or loaded once per process."""
    if (subject, name) not in _KERNELS:
        from supercycle.equations.emit_numba import compiled

        def told(done: int, total: int) -> None:
            if progress is not None:
                progress("compile", done, total)

        _KERNELS[subject, name] = compiled(subject.plan, name, told)
    return _KERNELS[subject, name]


def _spread(
    pool: ThreadPoolExecutor,
    work: Callable[[int], int],
    starts: Sequence[int],
    paths: int,
    progress: Progress | None,
) -> None:
    """Do every chunk and tell how many paths are done."""
    done = 0
    if progress is not None:
        progress("simulate", 0, paths)
    for finished in as_completed([pool.submit(work, start) for start in starts]):
        done += finished.result()
        if progress is not None:
            progress("simulate", done, paths)


def _interruptible(pool: ThreadPoolExecutor, doing: Callable[[], T]) -> T:
    """Do something in a pool; after an error or an interrupt nobody waits for what has not begun."""
    try:
        return doing()
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        raise


def _derive(
    subject: Subject, derived: Sequence[Derived], values: Mapping[str, Floats], params: Floats
) -> dict[str, Floats]:
    """Derived outputs [entity, path] from whole paths; failed paths are computed too and left out later."""
    if not derived:
        return {}
    by_id = dict(zip(subject.model.registry, params, strict=True))
    found: dict[str, Floats] = {}
    with np.errstate(all="ignore"):
        for output in derived:
            computed = np.asarray(
                output.compute({key: values[key] for key in output.inputs}, by_id), dtype=np.float64
            )
            expected = (len(output.entities), params.shape[1])
            if computed.shape != expected:
                raise ModelError(
                    f"derived output {output.name} has the wrong shape",
                    expected=str(expected),
                    got=str(computed.shape),
                )
            found[output.name] = computed
    return found
