"""Where measurements go: results/<name>.json, not committed, and RESULTS.md, a short table that is."""

from __future__ import annotations

import datetime
import json
import os
import platform
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "results"
TABLE = Path(__file__).parent / "RESULTS.md"


def machine() -> dict[str, Any]:
    """What the figures depend on, without naming the machine."""
    from llvmlite import binding

    return {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "processor": binding.get_host_cpu_name(),
        "architecture": platform.machine(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
    }


def keep(name: str, found: dict[str, Any], rows: list[tuple[str, str, str]]) -> None:
    """Write the measurements, and the table of (what, figure, budget)."""
    here = machine()
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{name}.json").write_text(json.dumps({**here, **found}, indent=1) + "\n", encoding="utf-8")
    where = f"{here['processor']} ({here['architecture']}), {here['cores']} cores, Python {here['python']}"
    lines = [
        "# Measured",
        "",
        f"Written by `python bench/{name}.py` on {here['date']}.",
        f"Processor family {where}.",
        "The shortest of a few runs; other work on the machine makes them longer.",
        "",
        "| what | measured | budget |",
        "|---|---|---|",
        *(f"| {a} | {b} | {c} |" for a, b, c in rows),
        "",
    ]
    TABLE.write_text("\n".join(lines), encoding="utf-8")
