"""Many threads ask for the world at once, as the first requests of a page do: it is made once, for all of them."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from supercycle.equations.machine import cache
from supercycle.service import kept_world
from supercycle.service.the_world import built

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


def test_a_world_kept_elsewhere_reads_the_presets_of_this_package(tmp_path: Path) -> None:
    """A package that was built in one folder and runs from another: the folder is not kept with the world."""
    elsewhere = replace(built(), presets=tmp_path / "another" / "presets")
    content = cache.sealed(kept_world.write(elsewhere))
    kept_world.world_file(tmp_path, "k" * 64).write_bytes(content)
    found = kept_world.read("k" * 64, tmp_path, built)
    assert found is not None
    assert found.presets == kept_world.PACKAGE / "world" / "presets"
    assert found.model_hash == built().model_hash
