"""The two functions that every compiled model exports: ``settle`` and ``run``; both take the address of a job.

``settle`` finds for each path which attempt at its parameters agrees with the opening data: a lane works on one path
until an attempt fits, and then takes the next path, so no lane waits for another. ``run`` draws the parameters of that
attempt, finds the opening and steps through the quarters, a tile of ``TILE`` paths at a time; lanes beyond the last
path repeat it. What a path gets depends on its own number only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from supercycle.equations.graph import Plan, width
from supercycle.equations.machine import draws
from supercycle.equations.machine.ir import Function, Module
from supercycle.equations.machine.job import ANSWER, ATTEMPT, PATH, place
from supercycle.equations.machine.laws import write_sampler
from supercycle.equations.machine.layout import RESIDUAL, TILE, UNFINISHED, Layout

__all__ = ["PHASES", "write_driver", "write_order"]

PHASES = ("test", "opening", "once", "each")


def write_order(module: Module, parts: Mapping[str, Sequence[str]]) -> None:
    """Write a function for each phase that calls its parts in order: all that changes where a part does."""
    for phase in PHASES:
        with module.function(f"supercycle_{phase}", ("ptr %w", "double %t")) as f:
            for part in parts[phase]:
                module.declare(part, "void @(ptr, double)")
                f.put(f"call void @{part}(ptr %w, double %t)")


def write_driver(module: Module, plan: Plan, layout: Layout, *, test_row: int) -> None:
    """Write the driver of a model; ``test_row`` is the row of its opening test's answer (-1: there is no test)."""
    for phase in PHASES:
        module.declare(f"supercycle_{phase}", "void @(ptr, double)")
    _write_moves(module)
    write_sampler(module, layout.count)
    made = _Driver(plan, layout)
    with module.function("settle", ("ptr %job",)) as f:
        if test_row >= 0:
            made.settle(f, test_row)
    with module.function("run", ("ptr %job",)) as f:
        made.run(f)


def _write_moves(module: Module) -> None:
    """Rows in and out: a last tile is filled up with copies of its last path, of which nothing is handed out."""
    for name, is_in in (("move_in", True), ("move_out", False)):
        with module.function(name, ("ptr %target", "ptr %source", "i64 %real"), inside=True) as f:

            def wide(f: Function = f) -> None:
                with f.loop("0", str(TILE), f.width) as i:
                    f.store(f.at("%target", i), f.load(f.at("%source", i)))

            def narrow(f: Function = f, is_in: bool = is_in) -> None:
                last = f.scalar("sub", "%real", 1)
                with f.loop("0", str(TILE) if is_in else "%real") as i:
                    beyond = f.scalar("icmp sgt", i, last)
                    source = f.value(f"select i1 {beyond}, i64 {last}, i64 {i}")
                    f.put(f"store double {f.double(f.at('%source', source))}, ptr {f.at('%target', i)}, align 8")

            f.either_way(f.scalar("icmp eq", "%real", TILE), wide, narrow)


class _Driver:
    def __init__(self, plan: Plan, layout: Layout) -> None:
        self.plan, self.layout = plan, layout

    @staticmethod
    def word(f: Function, name: str) -> str:
        return f.word(f.at("%job", place(name)))

    @staticmethod
    def address(f: Function, name: str) -> str:
        return f.pointer(f.at("%job", place(name)))

    def scratch(self, f: Function, w: str, row: int) -> str:
        return f.at(w, (self.layout.count + row) * TILE)

    @staticmethod
    def put_word(f: Function, address: str, value: str | int) -> None:
        f.put(f"store i64 {value}, ptr {address}, align 8")

    def call(self, f: Function, phase: str, w: str, t: str) -> None:
        f.put(f"call void @supercycle_{phase}(ptr {w}, double {t})")

    # the opening test

    def settle(self, f: Function, test_row: int) -> None:
        w, count, limit = self.address(f, "workspace"), self.word(f, "count"), self.word(f, "attempts")
        first, refused = self.word(f, "first"), self.address(f, "refused")
        attempt, path, answer = (self.scratch(f, w, row) for row in (ATTEMPT, PATH, ANSWER))
        following, left = f.slot("0", "i64"), f.slot(count, "i64")

        def take(lane: str) -> None:
            """Give a lane the next path; one that gets none works on the first again, and nobody looks."""
            mine = f.get(following, "i64")
            is_real = f.scalar("icmp slt", mine, count)
            mine = f.value(f"select i1 {is_real}, i64 {mine}, i64 -1")
            self.put_word(f, f.at(answer, lane), mine)
            number = f.value(f"select i1 {is_real}, i64 {mine}, i64 0")
            self.put_word(f, f.at(path, lane), f.scalar("add", first, number))
            self.put_word(f, f.at(attempt, lane), 0)
            f.set(following, f.scalar("add", f.get(following, "i64"), 1), "i64")

        with f.loop("0", str(TILE)) as lane:
            take(lane)
        with f.again_while(lambda: f.scalar("icmp sgt", f.get(left, "i64"), 0)):
            f.put(f"call void @sample(ptr {w}, ptr %job, i64 0, i64 {TILE})")
            self.call(f, "test", w, "0.0")
            with f.loop("0", str(TILE)) as lane:
                mine = f.word(f.at(answer, lane))
                with f.when(f.scalar("icmp sge", mine, 0)):
                    fits = f.value(f"fcmp une double {f.double(f.at(f.at(w, test_row * TILE), lane))}, 0.0")
                    tried = f.word(f.at(attempt, lane))
                    after = f.value(f"select i1 {fits}, i64 {tried}, i64 {f.scalar('add', tried, 1)}")
                    ended = f.value(f"or i1 {fits}, {f.scalar('icmp sge', after, limit)}")
                    self.put_word(f, f.at(attempt, lane), after)
                    with f.when(ended):
                        self.put_word(f, f.at(refused, mine), after)
                        f.set(left, f.scalar("sub", f.get(left, "i64"), 1), "i64")
                        take(lane)

    # the run

    def run(self, f: Function) -> None:
        w, count, quarters = self.address(f, "workspace"), self.word(f, "count"), self.word(f, "quarters")
        out, out_record, out_quarter = (self.address(f, "out"), self.word(f, "out_record"), self.word(f, "out_quarter"))
        residual, with_opening = self.address(f, "residual"), self.word(f, "with_opening")
        rows, row_count, opens = self.address(f, "rows"), self.word(f, "row_count"), self.address(f, "opens")
        with f.loop("0", count, TILE) as at:
            left = f.scalar("sub", count, at)
            full = f.scalar("icmp sgt", left, TILE)
            real = f.value(f"select i1 {full}, i64 {TILE}, i64 {left}")
            self.begin(f, w, at, count)
            for row in (RESIDUAL, UNFINISHED):
                self.clear(f, f.at(w, row * TILE))
            f.put(f"call void @sample(ptr {w}, ptr %job, i64 {at}, i64 {real})")
            self.hand_out(f, w, at, real)
            self.call(f, "opening", w, "0.0")
            with f.when(f.scalar("icmp ne", with_opening, 0)), f.loop("0", row_count) as i:
                self.record_opening(f, w, f.word(f.at(rows, i)), f.word(f.at(opens, i)),
                                    f.at(f.at(out, f.scalar("mul", i, out_record)), at), real)
            self.call(f, "once", w, "0.0")
            with f.loop("0", quarters) as quarter:
                t = f.value(f"sitofp i64 {f.scalar('add', quarter, 1)} to double")
                self.carry(f, w)
                self.draw(f, w, quarter, quarters, at, real)
                self.call(f, "each", w, t)
                here = f.at(f.at(out, f.scalar("mul", f.scalar("add", quarter, with_opening), out_quarter)), at)
                with f.loop("0", row_count) as i:
                    target = f.at(here, f.scalar("mul", i, out_record))
                    source = f.at(w, f.scalar("mul", f.word(f.at(rows, i)), TILE))
                    f.put(f"call void @move_out(ptr {target}, ptr {source}, i64 {real})")
            worst, ended = f.at(w, RESIDUAL * TILE), f.at(w, UNFINISHED * TILE)
            checked = f.scalar("icmp ne", quarters, 0)  # the opening alone checks nothing
            with f.when(checked), f.loop("0", str(TILE), f.width) as lane:
                here = f.at(worst, lane)
                f.store(here, f.fadd(f.load(here), f.load(f.at(ended, lane))))
            with f.when(f.scalar("icmp eq", quarters, 0)):
                self.clear(f, worst)
            f.put(f"call void @move_out(ptr {f.at(residual, at)}, ptr {worst}, i64 {real})")

    def begin(self, f: Function, w: str, at: str, count: str) -> None:
        """Which paths a tile works on, and the attempt each was accepted at."""
        first, refused = self.word(f, "first"), self.address(f, "refused")
        last_attempt = f.scalar("sub", self.word(f, "attempts"), 1)
        last = f.scalar("sub", count, 1)
        attempts, paths = self.scratch(f, w, ATTEMPT), self.scratch(f, w, PATH)
        with f.loop("0", str(TILE)) as lane:
            mine = f.scalar("add", at, lane)
            mine = f.value(f"select i1 {f.scalar('icmp sgt', mine, last)}, i64 {last}, i64 {mine}")
            self.put_word(f, f.at(paths, lane), f.scalar("add", first, mine))
            tried = f.word(f.at(refused, mine))
            tried = f.value(f"select i1 {f.scalar('icmp sgt', tried, last_attempt)}, i64 {last_attempt}, i64 {tried}")
            self.put_word(f, f.at(attempts, lane), tried)

    def clear(self, f: Function, row: str) -> None:
        with f.loop("0", str(TILE), f.width) as lane:
            f.store(f.at(row, lane), f.number(0.0))

    def hand_out(self, f: Function, w: str, at: str, real: str) -> None:
        """Parameters that the caller asked for."""
        rows, out, stride = self.address(f, "kept_rows"), self.address(f, "kept_out"), self.word(f, "kept_stride")
        with f.loop("0", self.word(f, "kept_count")) as i:
            source = f.at(w, f.scalar("mul", f.word(f.at(rows, i)), TILE))
            target = f.at(f.at(out, f.scalar("mul", i, stride)), at)
            f.put(f"call void @move_out(ptr {target}, ptr {source}, i64 {real})")

    def record_opening(self, f: Function, w: str, row: str, opens: str, target: str, real: str) -> None:
        def known() -> None:
            f.put(f"call void @move_out(ptr {target}, ptr {f.at(w, f.scalar('mul', row, TILE))}, i64 {real})")

        def unknown() -> None:
            with f.loop("0", real) as lane:
                f.put(f"store double 0.0, ptr {f.at(target, lane)}, align 8")

        f.either_way(f.scalar("icmp ne", opens, 0), known, unknown)

    def carry(self, f: Function, w: str) -> None:
        """What was this quarter's value becomes last quarter's."""
        source, target, count = self.layout.carried
        before, after = f.at(w, source * TILE), f.at(w, target * TILE)
        with f.loop("0", str(count * TILE), f.width) as i:
            f.store(f.at(after, i), f.load(f.at(before, i)))

    def draw(self, f: Function, w: str, quarter: str, quarters: str, at: str, real: str) -> None:
        """The quarter's random numbers: generated, or those that were given."""
        if not self.layout.draw_pairs:
            return
        given, stride = self.word(f, "draws"), self.word(f, "stride")

        def read() -> None:
            start = f.value(f"inttoptr i64 {given} to ptr")
            for slot, row in self.layout.draw_pairs:
                index = f.scalar("add", f.scalar("mul", quarters, slot), quarter)
                source = f.at(f.at(start, f.scalar("mul", index, stride)), at)
                f.put(f"call void @move_in(ptr {f.at(w, row * TILE)}, ptr {source}, i64 {real})")

        def generate() -> None:
            streams, base = self.address(f, "streams"), self.scratch(f, w, 0)
            kinds = self._draw_kinds()
            step = f.scalar("mul", f.scalar("add", quarter, 1), draws.signed_golden())
            for slot, row in self.layout.draw_pairs:
                kind, entity = kinds[slot]
                key = draws.mixed_scalar(f, f.scalar("add", f.word(f.at(streams, slot)), step))
                key = draws.mixed_scalar(f, f.scalar("add", key, draws.signed_golden(entity)))
                keys = f.spread(key, "i64")
                with f.loop("0", str(TILE), f.width) as lane:
                    u = draws.uniform(f, f.load_whole(f.at(base, lane)), keys)
                    f.store(f.at(f.at(w, row * TILE), lane), draws.normal_quantile(f, u) if kind == "normal" else u)

        f.either_way(f.scalar("icmp ne", given, 0), read, generate)

    def _draw_kinds(self) -> dict[int, tuple[str, int]]:
        """Kind and member of every draw slot."""
        found: dict[int, tuple[str, int]] = {}
        for draw in self.plan.model.draws.values():
            for entity in range(width(draw.axis)):
                found[self.plan.draw_slots[draw.name] + entity] = draw.kind, entity
        return found


