"""The manifest of a run: everything needed to run it again and to know whether it is the same."""

from __future__ import annotations

import platform
import shlex
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from supercycle.engine.prior import JUDGED
from supercycle.engine.run import Run

__all__ = ["LIBRARIES", "SCHEMA", "manifest", "processor", "versions"]

SCHEMA = "supercycle.manifest/1"
LIBRARIES = ("numpy",)  # those that touch the numbers


def manifest(run: Run) -> dict[str, Any]:
    """What was run, with the command and the Python that run it again."""
    return {
        "schema": SCHEMA,
        "model": run.subject.model.name,
        "model_hash": run.subject.model_hash,
        "tables": run.subject.tables,
        "scenario": run.scenario.to_dict(),
        "seed": run.seed,
        "paths": run.paths,
        "start": run.subject.start,
        "until": run.quarters[-1],
        "kernel": run.kernel,
        "rejection_rate": run.rejection_rate,
        "versions": versions(),
        "processor": processor(),
        "command": _command(run),
        "python": _python(run),
    }


@cache
def versions() -> dict[str, str]:
    """Versions of supercycle, Python and the libraries that touch the numbers."""
    import supercycle

    found = {"supercycle": supercycle.__version__, "python": platform.python_version()}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:  # a library that was taken out cannot have touched the numbers
            continue
    return found


@cache
def processor() -> str:
    """The processor family: results are equal bit for bit on the same one."""
    name = platform.processor()
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            models = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
            name = next(models, name)
    except OSError:  # not Linux
        pass
    machine = platform.machine()
    return f"{machine}, {name}" if name and name != machine else machine


def _scenario_argument(run: Run) -> str:
    return run.scenario.name if run.scenario.origin == "preset" else run.scenario.origin


def _command(run: Run) -> str:
    words = ["supercycle", "run", "--preset", _scenario_argument(run)]
    for id, value in run.scenario.added.items():
        words += ["--set", f"{id}={value!r}"]
    if run.scenario.prior != JUDGED:
        words += ["--prior", run.scenario.prior]
    if set(run.scenario.beyond) & set(run.scenario.added):
        words.append("--beyond")
    words += ["--paths", str(run.paths), "--seed", str(run.seed), "--until", run.quarters[-1]]
    return shlex.join([*words, "--kernel", run.kernel])


def _python(run: Run) -> str:
    settings = f", set={dict(run.scenario.added)!r}" if run.scenario.added else ""
    settings += ", beyond=True" if set(run.scenario.beyond) & set(run.scenario.added) else ""
    settings += f", prior={run.scenario.prior!r}" if run.scenario.prior != JUDGED else ""
    return (
        f"supercycle.run({_scenario_argument(run)!r}{settings}, paths={run.paths}, seed={run.seed}, "
        f"until={run.quarters[-1]!r}, kernel={run.kernel!r})"
    )
