"""The shipped code of a processor that is not here, run in an emulator, against this processor's answers.

    python bench/emulated.py [--paths 256]

Each call of the shipped aarch64 library is handed to a small program under qemu-aarch64: it loads the library, calls
it on the same job and hands back what it wrote. So the opening test, sampling and all quarters are the shipped bytes
of the other processor. Needs `qemu-user` and the C library of Debian's `libc6-arm64-cross`. Writes
bench/RESULTS-aarch64.md.
"""

from __future__ import annotations

import argparse
import ctypes
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import _results
import numpy as np

from supercycle.engine import kernels
from supercycle.engine.kernels import SHIPPED, Chosen
from supercycle.engine.run import simulate
from supercycle.engine.scenario import Scenario
from supercycle.equations.machine import kernel as machine
from supercycle.equations.machine import shipped, targets
from supercycle.equations.machine.job import WORDS
from supercycle.service.the_world import subject

SYSROOT = Path("/usr/aarch64-linux-gnu")
TOLERANCE = 1e-11  # of each output's scale: the bound that every target is held to
PROGRAM = r"""
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
/* job file: words, arrays, then per word (value, array or -1, offset), then per array (bytes, content). */
int main(int n, char **v) {
  void *lib = dlopen(v[1], RTLD_NOW);
  if (!lib) { fprintf(stderr, "%s\n", dlerror()); return 2; }
  FILE *f = fopen(v[3], "rb");
  int64_t head[2], *table, *sizes;
  if (fread(head, 8, 2, f) != 2) return 3;
  table = malloc(24 * head[0]); sizes = malloc(8 * head[1]);
  if (fread(table, 24, head[0], f) != (size_t)head[0]) return 3;
  char **arrays = malloc(sizeof(char *) * head[1]);
  for (int64_t i = 0; i < head[1]; i++) {
    if (fread(sizes + i, 8, 1, f) != 1) return 3;
    arrays[i] = aligned_alloc(64, (sizes[i] + 127) / 64 * 64);
    if (fread(arrays[i], 1, sizes[i], f) != (size_t)sizes[i]) return 3;
  }
  fclose(f);
  uint64_t *job = malloc(8 * head[0]);
  for (int64_t i = 0; i < head[0]; i++) {
    int64_t *row = table + 3 * i;
    job[i] = row[1] < 0 ? (uint64_t)row[0] : (uint64_t)(uintptr_t)(arrays[row[1]] + row[2]);
  }
  void (*call)(void *) = (void (*)(void *))dlsym(lib, v[2]);
  if (!call) return 4;
  call(job);
  f = fopen(v[3], "wb");
  for (int64_t i = 0; i < head[1]; i++) fwrite(arrays[i], 1, sizes[i], f);
  return fclose(f);
}
"""


class Emulated:
    """Code of another processor: each exported function is a callback that runs it in the emulator."""

    def __init__(self, folder: Path, library: Path, known: list[np.ndarray[Any, Any]]) -> None:
        self.folder, self.library, self.known, self.calls = folder, library, known, 0
        (folder / "call.c").write_text(PROGRAM)
        zig = [sys.executable, "-m", "ziglang", "cc", "-target", "aarch64-linux-gnu.2.36", "-O1"]
        subprocess.run([*zig, "call.c", "-o", "call"], cwd=folder, check=True)
        self._kept: list[Any] = []

    def address(self, name: str) -> int:
        callback = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(lambda job: self.call(name, job))
        self._kept.append(callback)
        return int(ctypes.cast(callback, ctypes.c_void_p).value or 0)

    def call(self, name: str, job: int) -> None:
        self.calls += 1
        words = np.ctypeslib.as_array((ctypes.c_uint64 * len(WORDS)).from_address(job)).copy()
        rows, used = [], list[tuple[int, int]]()
        for value in words:
            at = next(
                (
                    (a.ctypes.data, a.nbytes)
                    for a in self.known
                    if a.ctypes.data <= int(value) < a.ctypes.data + a.nbytes
                ),
                None,
            )
            if at is None:
                rows.append((int(value.astype(np.int64)), -1, 0))
                continue
            if at not in used:
                used.append(at)
            rows.append((0, used.index(at), int(value) - at[0]))
        with (self.folder / "job").open("wb") as file:
            np.array([len(words), len(used)], dtype=np.int64).tofile(file)
            np.array(rows, dtype=np.int64).tofile(file)
            for place, size in used:
                np.array([size], dtype=np.int64).tofile(file)
                file.write(ctypes.string_at(place, size))
        subprocess.run(
            ["qemu-aarch64", "-L", str(SYSROOT), "call", str(self.library), name, "job"],
            cwd=self.folder,
            check=True,
        )
        answer, at_byte = (self.folder / "job").read_bytes(), 0
        for place, size in used:
            ctypes.memmove(place, answer[at_byte : at_byte + size], size)
            at_byte += size


def emulated(folder: Path, known: list[np.ndarray[Any, Any]]) -> tuple[machine.Kernel, Emulated]:
    """The shipped aarch64 kernel behind the emulator; ``known`` takes every array that a job points into."""
    code, target = subject().model.code, targets.target("aarch64")
    facts = shipped._facts(SHIPPED, code, target)
    if facts is None:
        sys.exit("no shipped aarch64 code of these sources: python hatch_build.py makes it")
    library = shipped.library_file(SHIPPED, code, target)
    put, workspace = machine._Job.put, machine.Kernel._workspace

    def seen(job: Any, **values: Any) -> None:
        known.extend(v for v in values.values() if isinstance(v, np.ndarray))
        put(job, **values)

    def worked(kernel: machine.Kernel, rows: int) -> int:
        place = workspace(kernel, rows)
        known.append(kernel._own.memory)
        return place

    machine._Job.put, machine.Kernel._workspace = seen, worked  # type: ignore[method-assign]
    run = machine.Kernel.run

    def with_out(
        kernel: machine.Kernel, laws: Any, refused: Any, record: Any, out: Any, *rest: Any, **named: Any
    ) -> None:
        known.append(out if out.base is None else out.base)
        if named.get("kept") is not None:
            known.append(named["kept"])
        run(kernel, laws, refused, record, out, *rest, **named)

    machine.Kernel.run = with_out  # type: ignore[method-assign]
    code_there = Emulated(folder, library, known)
    return machine.Kernel(code_there, facts).ordered(subject().plan.slot_names), code_there


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--paths", type=int, default=256)
    paths = words.parse_args().paths
    if not shutil.which("qemu-aarch64") or not SYSROOT.is_dir():
        print("needs qemu-user and libc6-arm64-cross")
        return 1
    world = subject()
    asked: dict[str, Any] = {"paths": paths, "seed": 3, "threads": 1, "chunk": 4096}
    here = simulate(world, Scenario("base"), **asked)
    mine = {key: np.array(values) for key, values in here.items()}
    known: list[np.ndarray[Any, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        there, code = emulated(Path(folder), known)
        kernels._MACHINES[world] = Chosen("machine", there, tests=True)
        run = simulate(world, Scenario("base"), **asked)
        worst, where = 0.0, ""
        for key, values in run.items():
            scale = float(np.nanmax(np.abs(mine[key]), initial=0.0)) or 1.0
            away = float(np.nanmax(np.abs(values - mine[key]), initial=0.0)) / scale
            same = np.array_equal(np.isnan(values), np.isnan(mine[key]))
            if away > worst or not same:
                worst, where = away if same else float("inf"), key
        settled = bool(np.array_equal(run.refused, here.refused) and np.array_equal(run.status, here.status))
    text = "\n".join(
        (
            "# The shipped aarch64 code in an emulator",
            "",
            f"`python bench/emulated.py` on {_results.machine()['date']}: the bytes that a wheel carries for aarch64",
            f"Linux, under qemu-aarch64, against this processor's own on {paths} paths, {len(run.quarters)} quarters",
            f"and {len(mine)} outputs, sampling and opening test included.",
            "",
            "| what | measured |",
            "|---|--:|",
            f"| largest difference, of an output's scale | {worst:.1e} ({where or 'none'}), bound {TOLERANCE:.0e} |",
            f"| the same draws refused by the opening, the same status on every path | {'yes' if settled else 'no'} |",
            f"| calls of the library | {code.calls} |",
            "",
            "No difference is what IEEE arithmetic promises where the operations, the fused ones too, are the same.",
            "Its speed was not measured: an emulator's says nothing. The macOS libraries are linked and were not run.",
            "",
        )
    )
    Path(__file__).with_name("RESULTS-aarch64.md").write_text(text, encoding="utf-8")
    print(text)
    return 0 if settled and worst <= TOLERANCE else 1


if __name__ == "__main__":
    sys.exit(main())
