"""Seconds until something happens, each in a process of its own: an import, the help, a first result."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "src"
RUN = ["-m", "supercycle", "run", "--paths", "1000", "--json"]


def seconds(arguments: list[str], repeats: int, **settings: str) -> float:
    """The shortest of a few runs of Python with these arguments."""
    times: list[float] = []
    for _ in range(repeats):
        begun = time.perf_counter()
        subprocess.run(
            [sys.executable, *arguments],
            env={**os.environ, "PYTHONPATH": str(SOURCE), **settings},
            check=True,
            capture_output=True,
        )
        times.append(time.perf_counter() - begun)
    return min(times)


def measure() -> dict[str, float]:
    """Start-up times in seconds; the first result with no compiled kernel, and with the kernels found."""
    found = {
        "python": seconds(["-c", "pass"], 5),
        "import": seconds(["-c", "import supercycle"], 5),
        "help": seconds(["-m", "supercycle", "--help"], 5),
    }
    with tempfile.TemporaryDirectory() as empty:
        found["first_result_cold"] = seconds(RUN, 1, SUPERCYCLE_CACHE=empty)
        found["first_result_cached"] = seconds(RUN, 3, SUPERCYCLE_CACHE=empty)
        found["first_result_numpy"] = seconds([*RUN, "--kernel", "numpy"], 1, SUPERCYCLE_CACHE=empty)
    return found
