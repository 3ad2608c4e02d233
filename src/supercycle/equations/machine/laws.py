"""Parameters drawn inside compiled code: each law of ``core.params`` on lanes of paths.

A law is four whole numbers (kind, row, key, extra) and eight doubles:

===========  ===============================================  =======================================
kind         whole numbers                                    doubles
===========  ===============================================  =======================================
CONSTANT     -                                                value
GIVEN        extra: row of the given array                    -
UNIFORM      key, extra: place in the copula or -1            low, high
TRIANGULAR   the same                                         low, mode, high
NORMAL       the same                                         low, middle, high
LOGNORMAL    the same                                         low, high, then their logarithms: 3 to 5
TABLE        the same                                         offset in the tables, how many levels
===========  ===============================================  =======================================
"""

from __future__ import annotations

from supercycle.core.params import CUT, CUT_Z
from supercycle.equations.machine import draws, mathematics
from supercycle.equations.machine.ir import Function, Module
from supercycle.equations.machine.job import ATTEMPT, BASE, PATH, place
from supercycle.equations.machine.layout import TILE

__all__ = ["CONSTANT", "GIVEN", "LOGNORMAL", "NORMAL", "TABLE", "TRIANGULAR", "UNIFORM", "write_sampler"]

CONSTANT, GIVEN, UNIFORM, TRIANGULAR, NORMAL, LOGNORMAL, TABLE = range(7)


def write_sampler(module: Module, scratch: int) -> None:
    """Write ``sample(w, job, at, real)``: every parameter of the job's laws, for the paths of the scratch rows.

    ``at`` is the place of the tile's first path among the given ones, ``real`` how many of its paths are.
    """
    with module.function("sample", ("ptr %w", "ptr %job", "i64 %at", "i64 %real"), inside=True) as f:
        _Sampler(f, scratch).write()


class _Sampler:
    def __init__(self, f: Function, scratch: int) -> None:
        self.f = f
        self.base, self.attempt, self.path = (f.at("%w", (scratch + row) * TILE) for row in (BASE, ATTEMPT, PATH))

    def word(self, name: str) -> str:
        return self.f.word(self.f.at("%job", place(name)))

    def address(self, name: str) -> str:
        return self.f.pointer(self.f.at("%job", place(name)))

    def write(self) -> None:
        f = self.f
        self.keys, self.key_count = self.address("keys"), self.word("key_count")
        self.starts, self.places = self.address("term_starts"), self.address("term_places")
        self.factors, self.tables = self.address("term_factors"), self.address("tables")
        self.given, self.stride = self.address("given"), self.word("stride")
        self.tied_row = self.word("tied_row")
        seed = f.spread(self.word("seed_key"), "i64")
        with f.loop("0", str(TILE), f.width) as lane:
            paths = f.load_whole(f.at(self.path, lane))
            f.store_whole(f.at(self.base, lane), draws.path_base(f, paths, seed))
        tied_keys = self.address("tied_keys")
        with f.loop("0", self.word("tied_count")) as i:
            key = f.word(f.at(tied_keys, i))
            row = self.row(f.scalar("add", self.tied_row, i))
            with f.loop("0", str(TILE), f.width) as lane:
                f.store(f.at(row, lane), draws.normal_quantile(f, self.uniform(lane, key)))
        codes, numbers = self.address("codes"), self.address("numbers")
        with f.loop("0", self.word("law_count")) as i:
            code = f.at(codes, f.scalar("mul", i, 4))
            kind, row, key, extra = (f.word(f.at(code, part)) for part in range(4))
            self.law(kind, self.row(row), key, extra, f.at(numbers, f.scalar("mul", i, 8)))

    def row(self, row: str) -> str:
        return self.f.at("%w", self.f.scalar("mul", row, TILE))

    def uniform(self, lane: str, key: str) -> str:
        """The uniform numbers of a stream: each path's own attempt decides which of the stream's keys it has."""
        f = self.f
        attempts, keys = f.at(self.attempt, lane), "poison"
        for i in range(f.width):
            index = f.scalar("add", f.scalar("mul", f.word(f.at(attempts, i)), self.key_count), key)
            word = f.word(f.at(self.keys, index))
            keys = f.value(f"insertelement {f.whole} {keys}, i64 {word}, i64 {i}")
        return draws.uniform(f, f.load_whole(f.at(self.base, lane)), keys)

    def law(self, kind: str, row: str, key: str, extra: str, numbers: str) -> None:
        f = self.f

        def constant() -> None:
            value = f.spread(f.double(numbers))
            with f.loop("0", str(TILE), f.width) as lane:
                f.store(f.at(row, lane), value)

        def given() -> None:
            start = f.at(f.at(self.given, f.scalar("mul", extra, self.stride)), "%at")
            f.put(f"call void @move_in(ptr {row}, ptr {start}, i64 %real)")

        def drawn() -> None:
            c = [f.spread(f.double(f.at(numbers, i))) for i in range(5)]
            with f.loop("0", str(TILE), f.width) as lane:
                u = f.slot("zeroinitializer")
                f.either_way(f.scalar("icmp slt", extra, 0), lambda: f.set(u, self.uniform(lane, key)),
                             lambda: f.set(u, draws.normal_cdf(f, self.joint(lane, extra))))
                x = f.slot("zeroinitializer")
                shapes = [lambda: f.set(x, self.flat(f.get(u), c)), lambda: f.set(x, self.triangle(f.get(u), c)),
                          lambda: f.set(x, self.two_piece(f.get(u), c[0], c[1], c[2])),
                          lambda: f.set(x, mathematics.exp(f, self.two_piece(f.get(u), c[2], c[3], c[4])))]
                f.switch(f.scalar("sub", kind, UNIFORM), shapes)
                high = f.select(self.is_kind(kind, (TRIANGULAR, NORMAL)), c[2], c[1])
                value = mathematics.smaller(f, mathematics.larger(f, f.get(x), c[0]), high)
                f.store(f.at(row, lane), value)

        def table() -> None:
            with f.loop("0", str(TILE), f.width) as lane:
                u = f.slot("zeroinitializer")
                f.either_way(f.scalar("icmp slt", extra, 0), lambda: f.set(u, self.uniform(lane, key)),
                             lambda: f.set(u, draws.normal_cdf(f, self.joint(lane, extra))))
                f.store(f.at(row, lane), self.interpolated(f.get(u), numbers))

        f.switch(kind, [constant, given, drawn, drawn, drawn, drawn, table])

    def is_kind(self, kind: str, kinds: tuple[int, ...]) -> str:
        f = self.f
        found = [f.scalar("icmp eq", kind, k) for k in kinds]
        return f.spread(f.value(f"or i1 {found[0]}, {found[1]}"), "i1")

    def joint(self, lane: str, tied: str) -> str:
        """A copula's normal number: a sum over the normal numbers of its group."""
        f = self.f
        total = f.slot("zeroinitializer")
        with f.loop(f.word(f.at(self.starts, tied)), f.word(f.at(self.starts, f.scalar("add", tied, 1)))) as i:
            row = self.row(f.scalar("add", self.tied_row, f.word(f.at(self.places, i))))
            factor = f.spread(f.double(f.at(self.factors, i)))
            f.set(total, f.fadd(f.get(total), f.fmul(factor, f.load(f.at(row, lane)))))
        return f.get(total)

    def flat(self, u: str, c: list[str]) -> str:
        f = self.f
        return f.fadd(c[0], f.fmul(u, f.fsub(c[1], c[0])))

    def triangle(self, u: str, c: list[str]) -> str:
        f = self.f
        low, mode, high = c[:3]
        width, rise = f.fsub(high, low), f.fsub(mode, low)
        left = f.call("sqrt", f.fmul(f.fmul(u, width), rise))
        right = f.call("sqrt", f.fmul(f.fmul(f.fsub(f.number(1.0), u), width), f.fsub(high, mode)))
        return f.select(f.compare("olt", f.fmul(u, width), rise), f.fadd(low, left), f.fsub(high, right))

    def two_piece(self, u: str, low: str, middle: str, high: str) -> str:
        f = self.f
        z = draws.normal_quantile(f, f.fadd(f.number(CUT), f.fmul(f.number(1 - 2 * CUT), u)))
        z = f.fdiv(z, f.number(CUT_Z))
        side = f.select(f.compare("olt", z, f.number(0.0)), f.fsub(middle, low), f.fsub(high, middle))
        return f.fadd(middle, f.fmul(side, z))

    def interpolated(self, u: str, numbers: str) -> str:
        """Linear between the levels of a table, its first and last value outside them."""
        f = self.f
        offset, count = (f.value(f"fptosi double {f.double(f.at(numbers, i))} to i64") for i in range(2))
        levels = f.at(self.tables, offset)
        slopes = f.at(levels, count)
        values = f.at(slopes, count)
        found = f.slot(f.spread(f.double(values)))
        with f.loop("0", count) as i:
            level, slope, value = (f.spread(f.double(f.at(row, i))) for row in (levels, slopes, values))
            here = f.fadd(f.fmul(slope, f.fsub(u, level)), value)  # the last slope is zero
            f.set(found, f.select(f.compare("oge", u, level), here, f.get(found)))
        return f.get(found)
