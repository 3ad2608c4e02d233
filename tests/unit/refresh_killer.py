"""Kill a refresh at a random moment and look at what it leaves: for the tests, and longer for the soak."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from supercycle.figures.refresh.run import refresh_file
from supercycle.figures.refresh.store import Store

ROWS = 400
_HEADER = "series,entity,period,value,unit,tier,source_title,source_url,published,note\n"
_CHILD = """
import sys
from pathlib import Path
from supercycle.figures.refresh.run import refresh_file
folder, files = Path(sys.argv[1]), sys.argv[2:]
print("ready", flush=True)
for name in files:
    refresh_file(Path(name), folder=folder)
    print(name, flush=True)
"""


def write_file(path: Path, number: int) -> None:
    """A file of ROWS readings that no other number has."""
    rows = (
        f"toy,E{i % 20},20{10 + i // 20}Q1,{number + i / 1000},USD_bn,A,toy {number},,2024-01-01,row {i}\n"
        for i in range(ROWS)
    )
    path.write_text(_HEADER + "".join(rows), encoding="utf-8")


def kill_once(seed: int, folder: Path, files: int = 12) -> int:
    """Run refreshes in a child, kill it at a random moment; returns how many generations it left.

    AssertionError unless the store opens and holds whole generations only, and the next refresh completes.
    """
    names = [folder / f"{number}.csv" for number in range(files)]
    for number, name in enumerate(names):
        write_file(name, number)
    store = folder / "store"
    source = str(Path(refresh_file.__code__.co_filename).resolve().parents[3])
    environment = os.environ | {"PYTHONPATH": source}
    child = subprocess.Popen(
        [sys.executable, "-c", _CHILD, str(store), *map(str, names)],
        stdout=subprocess.PIPE, text=True, env=environment,
    )  # fmt: skip
    try:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        # At a moment within some refresh, whatever the machine's pace: after a few whole ones, a part of one more.
        draw, begun = random.Random(seed), time.monotonic()
        done = draw.randrange(1, files - 1)
        for _ in range(done):
            child.stdout.readline()
        time.sleep(draw.uniform(0.0, 1.2) * (time.monotonic() - begun) / done)
        child.send_signal(signal.SIGKILL)
    finally:
        child.kill()
        child.wait(30)
        if child.stdout is not None:
            child.stdout.close()
    left = check_whole(store)
    write_file(folder / "next.csv", 1000)
    refresh_file(folder / "next.csv", folder=store)
    assert check_whole(store) == left + 1
    assert not list(store.glob(".*.part")), "what the killed refresh left is cleaned up by the next"
    return left


def check_whole(folder: Path) -> int:
    """How many generations the store has; AssertionError unless each is whole, in both files."""
    import polars as pl

    store = Store(folder)
    made, readings = store.generations(), store.readings()
    assert len(readings) == ROWS * len(made)
    for number, generation in enumerate(made, start=1):
        assert (generation.number, generation.added) == (number, ROWS)
        assert sum(row.generation == number for row in readings) == ROWS
    path = store.parquet()
    assert (path is None) == (not made)
    if path is not None:
        assert pl.read_parquet(path).height == len(readings)
    return len(made)
