"""Processor time of loading figures, each in a fresh process: one figure, the first six tables, all of them, the
hosts."""

from __future__ import annotations

import subprocess
import sys

_ONE = "from supercycle.figures import figure; figure('capex_cash', 'Meta', '2026Q1')"
_SIX = """
from supercycle.figures.load import figures
for name in ("companies", "demand", "macro", "buyers", "network", "history"):
    figures(name)
"""
CASES = {
    "one figure (index of all tables, one series)": _ONE,
    "the first six tables, whole": _SIX,
    "all fourteen tables of figures": "from supercycle.figures.load import figures; figures()",
    "the table of hosts": "from supercycle.figures.model_hosts import model_hosts; model_hosts()",
    "a search in plain words": "from supercycle.figures.query import find; find('capital expenditure oracle')",
}
RUNS = 7


def measured(code: str) -> float:
    """Least processor time of the code in milliseconds over fresh processes, imports of the package apart."""
    script = (
        "import time, supercycle.figures.load, supercycle.figures.value, supercycle.figures.model_hosts,"
        " supercycle.figures.query\nstart = time.process_time()\n"
        f"{code}\nprint(1e3 * (time.process_time() - start))"
    )
    return min(
        float(
            subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
        )
        for _ in range(RUNS)
    )


if __name__ == "__main__":
    print("| what | ms of processor time |\n|---|--:|")
    for name, code in CASES.items():
        print(f"| {name} | {measured(code):.0f} |")
