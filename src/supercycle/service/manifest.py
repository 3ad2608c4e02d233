"""The manifest of a run: everything needed to run it again and to know whether it is the same."""

from __future__ import annotations

import platform
import shlex
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from supercycle.engine.prior import JUDGED
from supercycle.engine.run import Run
from supercycle.engine.scenario import Scenario

__all__ = ["LIBRARIES", "SCHEMA", "again", "manifest", "processor", "versions"]

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
        **again(
            run.scenario,
            paths=run.paths,
            seed=run.seed,
            until=run.quarters[-1],
            kernel=run.kernel,
            first=run.first,
        ),
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


def again(
    scenario: Scenario, *, paths: int, seed: int, until: str, kernel: str, first: int = 0
) -> dict[str, str]:
    """The ``command`` and the ``python`` that run the same paths again."""
    name = scenario.name if scenario.origin == "preset" else scenario.origin
    beyond = bool(set(scenario.beyond) & set(scenario.added))
    words = ["supercycle", "run", "--preset", name]
    for id, value in scenario.added.items():
        words += ["--set", f"{id}={value!r}"]
    if scenario.prior != JUDGED:
        words += ["--prior", scenario.prior]
    if beyond:
        words.append("--beyond")
    words += ["--paths", str(paths), "--seed", str(seed), "--until", until]
    if first:
        words += ["--first", str(first)]
    settings = f", set={dict(scenario.added)!r}" if scenario.added else ""
    settings += ", beyond=True" if beyond else ""
    settings += f", prior={scenario.prior!r}" if scenario.prior != JUDGED else ""
    settings += f", paths={paths}, seed={seed}, until={until!r}, kernel={kernel!r}"
    settings += f", first={first}" if first else ""
    return {
        "command": shlex.join([*words, "--kernel", kernel]),
        "python": f"supercycle.run({name!r}{settings})",
    }
