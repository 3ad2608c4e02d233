"""Many threads ask for the world at once, as the first requests of a page do: it is made once, for all of them."""

from __future__ import annotations

import subprocess
import sys

CODE = """
import threading
from supercycle.service.the_world import subject
found, failed, gate = [], [], threading.Barrier(8)
def ask():
    gate.wait()
    try:
        world = subject()
        found.append((id(world), len(world.model.registry), world.model_hash))
    except Exception as problem:
        failed.append(repr(problem))
threads = [threading.Thread(target=ask) for _ in range(8)]
[t.start() for t in threads]
[t.join() for t in threads]
print(len(set(found)), len(found), failed)
"""


def test_eight_threads_get_one_world() -> None:
    done = subprocess.run(
        [sys.executable, "-c", CODE], capture_output=True, text=True, timeout=300, check=True
    )
    assert done.stdout.strip() == "1 8 []", done.stderr
