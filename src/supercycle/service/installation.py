"""The state of an installation: looks, reports, changes nothing, and works on a read-only one."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
from pathlib import Path
from typing import Any

from supercycle.core.errors import SupercycleError
from supercycle.service.manifest import processor, versions
from supercycle.service.the_world import PACKAGE, subject, tables_checksum

__all__ = ["doctor"]

SCHEMA = "supercycle.doctor/1"


def doctor() -> dict[str, Any]:
    """Versions, kernels, folders, tables and model; ``problems`` says what stands in the way of a run."""
    problems: list[str] = []
    notes: list[str] = []
    model = _model(problems)
    kernels = _kernels(problems, notes)
    folders = {
        "install": {"path": str(PACKAGE), "writable": _writable(PACKAGE)},
        "current": {"path": str(Path.cwd()), "writable": _writable(Path.cwd())},
        "temporary": {"path": tempfile.gettempdir(), "writable": _writable(Path(tempfile.gettempdir()))},
    }
    if not folders["current"]["writable"]:
        notes.append("the current folder is not writable: give --out and --report a folder that is")
    if not (PACKAGE / "app" / "_static" / "report.js").is_file():
        notes.append("the report's front end is not built (make run builds it): --report will not work")
    return {
        "schema": SCHEMA,
        "ok": not problems,
        "problems": problems,
        "notes": notes,
        "python": {"version": platform.python_version(), "executable": sys.executable},
        "platform": {"system": platform.platform(), "processor": processor(), "cpus": os.cpu_count()},
        "versions": versions(),
        "kernels": kernels,
        "folders": folders,
        "tables": _tables(problems),
        "model": model,
    }


def _model(problems: list[str]) -> dict[str, Any]:
    try:
        world = subject()
        return {
            "name": world.model.name,
            "hash": world.model_hash,
            "variables": len(world.model.variables),
            "slots": world.plan.slot_count,
            "parameters": len(world.model.registry),
            "start": world.start,
        }
    except SupercycleError as error:
        problems.append(f"the model cannot be built: {error}")
        return {}


def _kernels(problems: list[str], notes: list[str]) -> dict[str, Any]:
    from supercycle.engine.kernels import state_of
    from supercycle.equations.machine import cache, targets

    folder, target = cache.folder(), targets.host()
    found: dict[str, Any] = {
        "cache": str(folder),
        "writable": _writable(folder),
        "processor": target.name if target else "none that code is compiled for",
        "numpy": "always there",
    }
    try:
        found["machine"] = state_of(subject())
    except SupercycleError as error:
        problems.append(f"the model cannot be compiled: {error}")
        found["machine"] = "not available"
    if found["machine"] == "not compiled yet":
        notes.append("the first run will compile the model, which takes some seconds")
    elif found["machine"].startswith("not available"):
        notes.append("the NumPy reference answers, a hundred times slower than compiled code")
    return found


def _tables(problems: list[str]) -> dict[str, Any]:
    from supercycle.figures.query import verify

    checked = verify()
    problems += [str(problem) for problem in checked["problems"]]
    return {"sha256": tables_checksum(), "rows": checked["rows"], "ok": checked["ok"]}


def _writable(folder: Path) -> bool:
    """Whether a file can be made there, found by making one that has no name; permission bits do not tell."""
    try:
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False
