"""What a user waits for: the commands as they are typed, in processes of their own, and the kernel underneath.

    python bench/kernel.py [--paths 8192] [--quick]

First the commands: a first answer with shipped code, with nothing compiled before, after an edit of one equation, on
10,000 paths; each beside `python -c "import numpy"`, the floor of any such command. Processor seconds count both cores
and are what to compare on a machine that is not idle. Then the kernel on every target of this processor, its ratio to
NumPy and its largest difference from it, and a large run on one thread and on two. Writes bench/results/kernel.json and
the table bench/RESULTS.md.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import _results
import numpy as np

from supercycle.engine.run import simulate
from supercycle.engine.sample import sample_draws, sample_params
from supercycle.engine.scenario import Scenario
from supercycle.equations import emit_numpy
from supercycle.equations.machine import store, targets
from supercycle.equations.machine.build import compile_object
from supercycle.equations.machine.program import write_program
from supercycle.service.the_world import subject

SOURCE = Path(__file__).parents[1] / "src"
OUTPUTS = 12
BASE = Scenario("base")


def command(arguments: list[str], source: Path, repeats: int, **settings: str) -> dict[str, float]:
    """Wall and processor seconds of the quickest of a few runs of Python with these arguments."""
    found: list[tuple[float, float]] = []
    for _ in range(repeats):
        before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        subprocess.run(
            [sys.executable, *arguments],
            env={**os.environ, "PYTHONPATH": str(source), **settings},
            check=True,
            capture_output=True,
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        found.append((time.perf_counter() - begun, cpu))
    return {"wall_s": min(w for w, _ in found), "cpu_s": min(c for _, c in found)}


def commands(repeats: int) -> dict[str, dict[str, float]]:
    """The commands, on a copy of the package that was byte-compiled and compiled as a wheel is."""
    run = ["-m", "supercycle", "run"]
    with tempfile.TemporaryDirectory() as place:
        source, empty = Path(place) / "src", Path(place) / "cache"
        shutil.copytree(SOURCE, source, ignore=shutil.ignore_patterns("__pycache__", "_machine"))
        kept = {"SUPERCYCLE_CACHE": str(empty), "PYTHONDONTWRITEBYTECODE": ""}
        found = {"numpy": command(["-c", "import numpy"], source, 2 * repeats)}
        command(["-m", "compileall", "-q", str(source)], source, 1, **kept)
        found["cold"] = command([*run, "--paths", "1000"], source, 1, **kept)
        found["kept"] = command([*run, "--paths", "1000"], source, repeats, **kept)
        edited = source / "supercycle" / "world" / "build.py"
        text = edited.read_text("utf-8")
        first = text.index("    return ", text.index("@block.equation"))
        edited.write_text(text[:first] + text[first:].replace("    return ", "    return 1.0 * ", 1), "utf-8")
        found["edited"] = command([*run, "--paths", "1000"], source, 1, **kept)
        edited.write_text(text, "utf-8")
        folder = str(source / "supercycle" / "_machine")
        found["ship"] = command(["-m", "supercycle.service.ship", folder], source, 1, **kept)
        shutil.rmtree(empty)
        found["shipped"] = command([*run, "--paths", "1000"], source, repeats, **kept)
        found["shipped_10000"] = command([*run, "--paths", "10000"], source, repeats, **kept)
        found["help"] = command(["-m", "supercycle", "--help"], source, repeats, **kept)
    return found


def compile_seconds() -> dict[str, float]:
    """Processor seconds to compile the whole world, for each target."""
    world, found = subject(), dict[str, float]()
    for target in targets.TARGETS.values():
        begun = time.process_time()
        program = write_program(world.test_plan, target.lanes, has_fma=target.has_fma, test=world.test)
        for text in program.modules.values():
            compile_object(text, target)
        found[target.name] = time.process_time() - begun
    return found


def kernels(paths: int) -> dict[str, Any]:
    """Paths a processor second of NumPy and of each target, and the largest difference from NumPy."""
    world, few = subject(), 256
    plan, index = world.plan, np.arange(-(-paths // 32) * 32, dtype=np.int64)
    params = sample_params(world, BASE, 1, index).params[:, :paths]
    draws = sample_draws(world, 1, index, 38)[:, :, :paths]
    record = np.array([plan.slot(key) for key in world.reported[:OUTPUTS]])
    # Residuals are rounding itself, already relative: every other slot is compared.
    residuals = {key for name in plan.model.residuals for key in plan.keys(name)}
    every = np.array([i for i, key in enumerate(plan.slot_names) if key not in residuals])
    small = np.ascontiguousarray(params[:, :few]), np.ascontiguousarray(draws[:, :, :few])
    begun = time.process_time()
    expected, _ = emit_numpy.simulate(plan, *small, every)
    found: dict[str, Any] = {"rates": {"numpy": few / (time.process_time() - begun)}, "differences": {}}
    scale = np.maximum(np.abs(expected).max(axis=(1, 2), keepdims=True), 1e-300)
    for name in targets.fitting():
        kernel = store.compiled(plan, target=name).kernel
        out, _ = kernel(*small, every)
        found["differences"][name] = float((np.abs(out - expected) / scale).max())
        times: list[float] = []
        for _ in range(5):
            begun = time.process_time()
            kernel(params, draws, record)
            times.append(time.process_time() - begun)
        found["rates"][name] = paths / min(times)
    return found


def large(paths: int) -> dict[str, float]:
    """Seconds of a large run of 12 outputs, sampling included, on one thread and on two."""
    world, found = subject(), dict[str, float]()
    for threads in (1, 2):
        cpu, begun = time.process_time(), time.perf_counter()
        simulate(world, BASE, paths=paths, seed=1, threads=threads, outputs=world.reported[:OUTPUTS])
        found[f"wall_s_{threads}"] = time.perf_counter() - begun
        found[f"cpu_s_{threads}"] = time.process_time() - cpu
    return found


def rows(found: dict[str, Any]) -> list[tuple[str, str, str]]:
    """The table: what, figure, budget."""
    words = {
        "numpy": ('`python -c "import numpy"`', ""),
        "help": ("`supercycle --help`", ""),
        "shipped": (
            "`supercycle run --paths 1000`, new process, shipped code",
            "<= 0.6 s wall on an idle machine",
        ),
        "shipped_10000": ("`supercycle run --paths 10000`, whole command", "<= 1.5 CPU-s"),
        "cold": ("the same on a changed world: built, compiled, run", ""),
        "kept": ("the same again: kept as data, objects loaded", ""),
        "edited": ("the same after an edit of one equation", ""),
        "ship": ("the build's step: all targets of this system, and wasm", ""),
    }
    times, floor = found["commands"], found["commands"]["numpy"]["cpu_s"]
    made = [
        (words[key][0], f"{one['cpu_s']:.2f} CPU-s ({one['cpu_s'] / floor:.1f} x numpy), {one['wall_s']:.2f} s wall",
         words[key][1])
        for key, one in ((key, times[key]) for key in words)
    ]  # fmt: skip
    made += [
        (f"compile the whole world for {name}", f"{seconds:.1f} CPU-s", "<= 6 CPU-s")
        for name, seconds in found["compile_s"].items()
    ]
    rates = found["kernels"]["rates"]
    made += [
        (
            f"kernel, {name}, {OUTPUTS} outputs",
            f"{rate:,.0f} paths/CPU-s ({rate / rates['numpy']:.0f} x NumPy)",
            "",
        )
        for name, rate in rates.items()
    ]
    made += [
        (f"{name} against NumPy, largest difference", f"{apart:.1e}", "<= 1e-11")
        for name, apart in found["kernels"]["differences"].items()
    ]
    big = found["large"]
    made += [
        (f"{found['large_paths']:,} paths, {OUTPUTS} outputs, one thread",
         f"{big['wall_s_1']:.2f} s wall, {big['cpu_s_1']:.2f} CPU-s", ""),
        ("the same, two threads", f"{big['wall_s_2']:.2f} s wall, {big['wall_s_1'] / big['wall_s_2']:.2f} x",
         ">= 1.8 x on two idle cores"),
    ]  # fmt: skip
    load = found["load"]
    return [
        *made,
        (
            "load of the machine meanwhile (1 minute)",
            f"{load:.1f} on {os.cpu_count()} cores",
            "idle: below 1",
        ),
    ]


def main() -> int:
    """Measure, print, write."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--paths", type=int, default=8192)
    asked.add_argument(
        "--quick", action="store_true", help="one run of each command, 20,000 paths in the large run"
    )
    given = asked.parse_args()
    large_paths = 20_000 if given.quick else 100_000
    found: dict[str, Any] = {
        "commands": commands(1 if given.quick else 3),
        "compile_s": compile_seconds(),
        "kernels": kernels(given.paths),
        "large": large(large_paths),
        "large_paths": large_paths,
        "load": os.getloadavg()[0],
    }
    table = rows(found)
    for what, figure, budget in table:
        print(f"{what:62s} {figure:44s} {budget}")
    _results.keep("kernel", found, table)
    return 0 if max(found["kernels"]["differences"].values()) <= 1e-11 else 1


if __name__ == "__main__":
    sys.exit(main())
