"""The model while the app runs: one run at a time, the newest question first, compiled kernels once they are there.

Until the kernels are compiled the NumPy reference answers with fewer paths, and says so (``provisional``). The base of
a comparison is kept, so moving one slider costs one run. Clients share kernels and kept runs, and nothing else.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from supercycle.app.answers import LIGHTS, SENTENCE, headline, lights, parts
from supercycle.app.asked import Asked
from supercycle.service.scenarios import BASE, Run, quarters, ran
from supercycle.service.summary import answered, described, differences
from supercycle.service.the_world import subject

__all__ = ["Session", "Superseded"]

PROVISIONAL_PATHS = 200  # NumPy while the kernels compile: a few tenths of a second
PIECE = 1024  # paths between two looks whether anybody still waits
MOST_LINES = 1000
KEPT_BYTES = (
    200_000_000  # of recent runs; room is made before a run, so that two large ones are never held at once
)


class Superseded(Exception):
    """A newer question of the same client has come; nobody waits for this one."""


class Session:
    """Runs for a browser. ``warm`` starts the compilation; ``run``, ``compare`` and ``page`` answer."""

    def __init__(self) -> None:
        self._lock = (
            threading.RLock()
        )  # a lever's question is answered inside of long work, in the same thread
        self.aside: Callable[[], None] = lambda: None  # lets a lever's question go first, between two pieces
        self._newest: dict[str, int] = {}
        self._runs: OrderedDict[tuple[object, frozenset[str]], tuple[frozenset[str], Run]] = OrderedDict()
        self.compiled = False
        self.compiling: tuple[int, int] = (0, 0)
        self.failed: str = ""
        self.ended = False  # the app is closing: what runs stops at its next piece

    def warm(self) -> None:
        """Compile in the background; the first answers come from NumPy meanwhile."""
        threading.Thread(target=self._compile, name="compile", daemon=True).start()

    def _compile(self) -> None:
        def told(stage: str, done: int, total: int) -> None:
            if stage == "compile":
                self.compiling = (done, total)

        try:
            ran(BASE, ["busted"], paths=16, seed=1, progress=told)
        except Exception as problem:  # told to the browser; NumPy goes on answering
            self.failed = str(problem)
            return
        self.compiled = True

    def status(self) -> dict[str, Any]:
        """Whether answers are final, and how far compilation is."""
        done, total = self.compiling
        return {"compiled": self.compiled, "done": done, "total": total, "failed": self.failed or None}

    def newest(self, client: str, turn: int) -> None:
        """Note that ``client`` (``tab/line``) has asked its question ``turn``; older ones of the line are dropped.

        A question of the tab's line ``live`` (a lever that moves) drops those of all its lines.
        """
        if client and turn > self._newest.get(client, -1):
            self._newest[client] = turn
            while len(self._newest) > MOST_LINES:
                self._newest.pop(next(iter(self._newest)))

    def still(self, client: str, turn: int) -> None:
        """Go on with question ``turn``. Errors: Superseded when nobody waits for it any more."""
        live = f"{client.partition('/')[0]}/live"
        if self.ended or (
            client and turn < max(self._newest.get(client, turn), self._newest.get(live, turn))
        ):
            raise Superseded

    def run(self, asked: Asked, client: str = "", turn: int = 0) -> dict[str, Any]:
        """Quantiles of the outputs asked for, with the sentence and the lights."""
        begun = time.perf_counter()
        answer = self.told(self.simulated(asked, client, turn), asked, client, turn)
        return {**answer, "seconds": time.perf_counter() - begun}

    def told(self, run: Run, asked: Asked, client: str = "", turn: int = 0) -> dict[str, Any]:
        """A run as the browser reads it."""
        found: dict[str, Any] = {}
        for key in asked.outputs:
            self.still(client, turn)
            found |= answered(run, [key], asked.samples)
        more = answered(run, [key for key in SENTENCE if key in run.outputs and key not in found])
        said = {**found, **more}
        base = self._base_beside(run, asked, client, turn)
        return {
            "quarters": list(run.quarters),
            "outputs": {key: {**described(run, key), **one} for key, one in found.items()},
            "headline": headline(run, said),
            "parts": parts(run, said, base),
            "lights": lights(run, base),
            **self._facts(run),
        }

    def _base_beside(self, run: Run, asked: Asked, client: str, turn: int) -> Run | None:
        """The base case on the same paths, for the change in print; None when this is the base case."""
        scenario = asked.scenario
        if scenario.name == "base" and not scenario.set and not scenario.ranges:
            return None
        base = replace(asked, scenario=BASE, outputs=(), samples=0, whole=False)
        beside = self.simulated(base, client, turn)
        return beside if (beside.paths, beside.kernel) == (run.paths, run.kernel) else None

    def compare(self, a: Asked, b: Asked, client: str = "", turn: int = 0) -> dict[str, Any]:
        """Both scenarios and the paired difference b - a."""
        left, right = self.simulated(a, client, turn), self.simulated(b, client, turn)
        sides = {
            side: {key: {**described(run, key), **found} for key, found in answered(run, a.outputs).items()}
            for side, run in (("a", left), ("b", right))
        }
        changed = {
            key: {**described(left, key), **found}
            for key, found in differences(left, right, a.outputs).items()
        }
        redrawn = int(((left.refused != right.refused) & left.ok & right.ok).sum())
        return {
            "quarters": list(left.quarters),
            **sides,
            "difference": changed,
            "pairs": int((left.ok & right.ok).sum()),
            "redrawn": redrawn,
            **self._facts(right),
        }

    def simulated(self, asked: Asked, client: str = "", turn: int = 0) -> Run:
        """The run, from those kept or made now; one at a time."""
        world = subject()
        keys = list(dict.fromkeys([*asked.outputs, *LIGHTS, *SENTENCE]))
        if asked.whole:
            keys = list(dict.fromkeys([*keys, *(key for d in world.derived for key in d.inputs)]))
        kernel, paths = (
            ("auto", asked.paths) if self.compiled else ("numpy", min(asked.paths, PROVISIONAL_PATHS))
        )
        self.still(client, turn)
        with self._lock:
            self.still(client, turn)
            known = (replace(asked.scenario, added={}).to_dict().__repr__(), paths, asked.seed, kernel)
            for name, (have, run) in self._runs.items():
                if name[0] == known and set(keys) <= have:
                    self._runs.move_to_end(name)
                    return run

            def between(stage: str, done: int, total: int) -> None:
                self.aside()
                self.still(client, turn)  # a newer question ends this run at the next piece

            self._make_room(8 * paths * len(quarters()) * len(keys))
            run = ran(
                asked.scenario,
                keys,
                paths=paths,
                seed=asked.seed,
                kernel=kernel,
                chunk=PIECE,
                progress=between,
            )
            self._keep((known, frozenset(keys)), run)
            return run

    def _keep(self, name: tuple[object, frozenset[str]], run: Run) -> None:
        self._runs[name] = (name[1], run)
        size = {one: _size(kept) for one, kept in self._runs.items()}
        while sum(size.values()) > KEPT_BYTES and len(self._runs) > 1:
            oldest, _ = self._runs.popitem(last=False)
            del size[oldest]

    def _make_room(self, coming: int) -> None:
        """Forget the oldest runs until what comes fits beside the others."""
        while self._runs and coming + sum(map(_size, self._runs.values())) > KEPT_BYTES:
            self._runs.popitem(last=False)

    def _facts(self, run: Run) -> Mapping[str, Any]:
        return {
            "paths": run.paths,
            "seed": run.seed,
            "kernel": run.kernel,
            "provisional": not self.compiled,
            "status_counts": run.status_counts,
        }


def _size(kept: tuple[frozenset[str], Run]) -> int:
    """Bytes of a run's paths, with those that derived outputs rest on."""
    keys, run = kept
    return 8 * run.paths * len(keys) * len(run.quarters)
