"""The whole world as C against the same world as shipped: what writing the equations by hand would gain.

    python bench/c_kernel.py [--paths 8192] [--runs 7]

Every part of the quarter, the opening and what is fixed is written as C on vectors of eight doubles (clang's
``ext_vector_type``), with the same mathematics and the same order of operations, and compiled by clang at -O3 for this
processor. Both are driven by the same loop, on the same draws, in turn, in one process; every output must be equal to
the bit. Needs AVX-512. Writes bench/results/c_kernel.json and bench/RESULTS-c.md.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import _results
import numpy as np

from supercycle.engine.sample import sample_draws, sample_params
from supercycle.engine.scenario import Scenario
from supercycle.equations.machine import build, program, targets
from supercycle.equations.machine.kernel import Kernel
from supercycle.service.the_world import subject

LANES, OUTPUTS, QUARTERS = 8, 12, 38
TARGET = "x86-64-v4"
FLAGS = (
    "-O3", "-march=x86_64_v4", "-mprefer-vector-width=512", "-ffp-contract=off", "-fno-math-errno",
    "-fno-strict-aliasing", "-fno-builtin", "-fPIC", "-w", "-fno-sanitize=all",
)  # fmt: skip
HEAD = """
typedef double V __attribute__((ext_vector_type(8)));
typedef long L __attribute__((ext_vector_type(8)));
typedef double VU __attribute__((ext_vector_type(8), aligned(8)));
#define S(x) ((V)(x))
#define B(x) __builtin_bit_cast(double, (long)(x))
"""
_COMPARISONS = {
    "olt": "({0} < {1})", "ole": "({0} <= {1})", "ogt": "({0} > {1})", "oge": "({0} >= {1})", "oeq": "({0} == {1})",
    "une": "({0} != {1})", "uno": "(({0} != {0}) | ({1} != {1}))", "one": "(({0} < {1}) | ({0} > {1}))",
    "ult": "(~({0} >= {1}))",
}  # fmt: skip
_WHOLE = {
    "add": "+",
    "sub": "-",
    "mul": "*",
    "xor": "^",
    "or": "|",
    "and": "&",
    "shl": "<<",
    "ashr": ">>",
}


class CModule:
    """As ``ir.Module``, in C."""

    def __init__(self) -> None:
        self.width, self.has_fma = LANES, True
        self.functions: list[str] = []
        self._own: set[str] = set()

    def text(self) -> str:
        return HEAD + "\n".join(self.functions) + "\n"

    @contextmanager
    def function(
        self, name: str, params: Sequence[str], answer: str = "void", *, inside: bool = False
    ) -> Generator[Any]:
        made = CFunction(self)
        yield made
        kinds = {"ptr": "double *restrict", "double": "double", "V": "V"}
        takes = ", ".join(f"{kinds[p.split()[0]]} {p.split()[1].lstrip('%')}" for p in params)
        head = f"{'static ' if inside else ''}{answer} {name}({takes}) {{"
        self.functions.append("\n".join([head, *made.slots, *made.lines, "}"]))

    def own(self, name: str, write: Callable[..., str], args: Sequence[str], to: CFunction) -> str:
        if name not in self._own:
            self._own.add(name)
            names = [f"a{i}" for i in range(len(args))]
            with self.function(name, [f"V {n}" for n in names], "V", inside=True) as inner:
                inner.put(f"return {write(inner, *names)}")
        return to.made("V", f"{name}({', '.join(args)})")


class CFunction:
    """As ``ir.Function``: the same operations in the same order, each a constant of C."""

    def __init__(self, module: CModule) -> None:
        self.module, self.width = module, LANES
        self.vector, self.mask, self.whole = "V", "L", "L"
        self.lines: list[str] = []
        self.slots: list[str] = []
        self._count = 0

    def put(self, line: str) -> None:
        self.lines.append(f"  {line};")

    def made(self, kind: str, text: str) -> str:
        self._count += 1
        self.put(f"const {kind} v{self._count} = {text}")
        return f"v{self._count}"

    def value(self, text: str) -> str:
        """The four scalar instructions that parts write as LLVM text."""
        for pattern, kind, form in (
            (r"sitofp i64 (\S+) to double", "double", "(double){0}"),
            (r"fmul double (\S+), (\S+)", "double", "{0} * {1}"),
            (r"icmp eq i64 (\S+), (\S+)", "int", "{0} == {1}"),
            (r"uitofp i1 (\S+) to double", "double", "(double){0}"),
        ):
            found = re.fullmatch(pattern, text)
            if found:
                return self.made(kind, form.format(*(g.lstrip("%") for g in found.groups())))
        raise AssertionError(text)

    @contextmanager
    def loop(self, start: str, stop: str, step: int = 1) -> Generator[str]:
        self._count += 1
        name = f"i{self._count}"
        self.lines.append(f"  for (long {name} = {start}; {name} < {stop}; {name} += {step}) {{")
        yield name
        self.lines.append("  }")

    @contextmanager
    def when(self, condition: str) -> Generator[None]:
        self.lines.append(f"  if ({condition}) {{")
        yield
        self.lines.append("  }")

    def slot(self, start: str, kind: str = "") -> str:
        name = f"s{len(self.slots)}"
        self.slots.append(f"  {kind or 'V'} {name};")
        self.put(f"{name} = {'(L)0' if start == 'zeroinitializer' else start}")
        return name

    def get(self, slot: str, kind: str = "") -> str:
        return self.made(kind or "V", slot)

    def set(self, slot: str, value: str, kind: str = "") -> None:
        self.put(f"{slot} = {value}")

    def at(self, base: str, index: str | int) -> str:
        return self.made("double *", f"{base.lstrip('%')} + {index}")

    def load(self, address: str) -> str:
        return self.made("V", f"*(const VU *){address}")

    def store(self, address: str, x: str) -> None:
        self.put(f"*(VU *){address} = {x}")

    @staticmethod
    def number(value: float) -> str:
        if math.isfinite(value):
            return f"S({value.hex()})"
        return f"S(B({np.float64(value).view(np.int64)}ULL))"

    @staticmethod
    def integer(value: int) -> str:
        return f"((L)({value}LL))"

    def spread(self, scalar: str, kind: str = "double") -> str:
        return self.made("V", f"S({scalar.lstrip('%')})")

    def fadd(self, x: str, y: str) -> str:
        return self.made("V", f"{x} + {y}")

    def fsub(self, x: str, y: str) -> str:
        return self.made("V", f"{x} - {y}")

    def fmul(self, x: str, y: str) -> str:
        return self.made("V", f"{x} * {y}")

    def fdiv(self, x: str, y: str) -> str:
        return self.made("V", f"{x} / {y}")

    def fneg(self, x: str) -> str:
        return self.made("V", f"-{x}")

    def compare(self, relation: str, x: str, y: str) -> str:
        return self.made("L", _COMPARISONS[relation].format(x, y))

    def select(self, condition: str, x: str, y: str, kind: str = "") -> str:
        return self.made(kind or "V", f"{condition} ? {x} : {y}")

    def logic(self, word: str, x: str, y: str) -> str:
        return self.made("L", f"{x} {_WHOLE[word]} {y}")

    def negate(self, x: str) -> str:
        return self.made("L", f"~{x}")

    def any_lane(self, x: str) -> str:
        return self.made("int", f"__builtin_reduce_or({x}) != 0")

    def as_number(self, condition: str) -> str:
        return self.made("V", f"{condition} ? S(1.0) : S(0.0)")

    def call(self, name: str, *args: str) -> str:
        word = {"fabs": "abs"}.get(name, name)
        return self.made("V", f"__builtin_elementwise_{word}({', '.join(args)})")

    def fused(self, x: str, y: str, z: str) -> str:
        return self.call("fma", x, y, z)

    def whole_op(self, word: str, x: str, y: str) -> str:
        return self.made("L", f"{x} {_WHOLE[word]} {y}")

    def to_whole(self, x: str) -> str:
        return self.made("L", f"__builtin_bit_cast(L, {x})")

    def to_double(self, x: str) -> str:
        return self.made("V", f"__builtin_bit_cast(V, {x})")


def translated() -> tuple[program.Program, dict[str, str]]:
    """The program as shipped, and each of its parts as C, by name."""
    texts: dict[str, str] = {}
    real = program.write_part

    def both(module: Any, name: str, *what: Any) -> None:
        real(module, name, *what)
        in_c = CModule()
        real(in_c, name, *what)  # type: ignore[arg-type]
        full = f"{name}_{hashlib.sha256(module.text().encode()).hexdigest()[:16]}"
        texts[full] = in_c.text().replace(f" {name}(", f" {full}(")

    program.write_part = both
    try:
        world = subject()
        made = program.write_program(world.test_plan, LANES, test=world.test)
    finally:
        program.write_part = real
    return made, texts


def compiled(folder: Path, name: str, text: str) -> bytes:
    (folder / f"{name}.c").write_text(text)
    subprocess.run(
        [sys.executable, "-m", "ziglang", "cc", *FLAGS, "-c", f"{name}.c", "-o", f"{name}.o"],
        cwd=folder,
        check=True,
    )
    return (folder / f"{name}.o").read_bytes()


def report(found: dict[str, Any]) -> None:
    """The measurements as JSON, and as the page beside this file."""
    here, rates = _results.machine(), found["paths_per_cpu_s"]
    _results.FOLDER.mkdir(exist_ok=True)
    (_results.FOLDER / "c_kernel.json").write_text(
        json.dumps({**here, **found}, indent=1) + "\n", encoding="utf-8"
    )
    lines = [
        "# The world as C",
        "",
        (
            f"`python bench/c_kernel.py` on {here['date']}, {here['processor']}, {here['cores']} cores, load "
            f"{found['load']:.1f}: the {found['variables']} variables"
        ),
        "of the world as clang's vector types at -O3 against the shipped code, in turn in one process, on",
        f"{found['paths']:,} paths of {QUARTERS} quarters with {OUTPUTS} outputs.",
        "",
        "| what | measured |",
        "|---|--:|",
        f"| every slot of 256 paths equal to the bit | {'yes' if found['equal_to_the_bit'] else 'no'} |",
        f"| shipped, paths a processor second | {rates['shipped']:,.0f} |",
        f"| C, paths a processor second | {rates['C']:,.0f} |",
        f"| shipped over C, time: best runs | {found['time_over_c']['best']:.3f} |",
        f"| the same: median of {found['runs']} pairs | {found['time_over_c']['median']:.3f} |",
        f"| to compile: equations to machine code | {found['compile_s']['shipped']:.1f} s of processor |",
        f"| to compile: C to machine code | {found['compile_s']['C']:.1f} s of wall |",
        "",
    ]
    text = "\n".join(lines)
    Path(__file__).with_name("RESULTS-c.md").write_text(text, encoding="utf-8")
    print(text)


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--paths", type=int, default=8192)
    words.add_argument("--runs", type=int, default=7)
    given = words.parse_args()
    if TARGET not in targets.fitting():
        print("needs a processor with AVX-512")
        return 1
    target = targets.target(TARGET)
    made, parts = translated()
    begun = time.process_time()
    ours = {name: build.compile_object(text, target, jit=True) for name, text in made.modules.items()}
    our_s = time.process_time() - begun
    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        theirs = {**ours, **{name: compiled(Path(folder), name, text) for name, text in parts.items()}}
        their_s = time.perf_counter() - begun
    assert len(parts) == len(ours) - 2, (len(parts), len(ours))
    names = subject().plan.slot_names
    kernels = {
        "shipped": Kernel(build.load_objects(list(ours.values()), target), made.facts).ordered(names),
        "C": Kernel(build.load_objects(list(theirs.values()), target), made.facts).ordered(names),
    }
    world = subject()
    index = np.arange(-(-given.paths // 32) * 32, dtype=np.int64)
    params = sample_params(world, Scenario("base"), 1, index).params[:, : given.paths]
    draws = sample_draws(world, 1, index, QUARTERS)[:, :, : given.paths]
    every = np.arange(len(names))
    small = np.ascontiguousarray(params[:, :256]), np.ascontiguousarray(draws[:, :, :256])
    one, other = (kernels[k](*small, every)[0] for k in ("shipped", "C"))
    equal = bool(np.array_equal(one, other, equal_nan=True))
    record = np.array([world.plan.slot(key) for key in world.reported[:OUTPUTS]])
    ratios: list[float] = []
    best = dict.fromkeys(kernels, math.inf)
    for _ in range(given.runs):
        took: dict[str, float] = {}
        for name, kernel in kernels.items():
            begun = time.process_time()
            kernel(params, draws, record)
            took[name] = time.process_time() - begun
            best[name] = min(best[name], took[name])
        ratios.append(took["shipped"] / took["C"])
    found = {
        "equal_to_the_bit": equal,
        "paths": given.paths,
        "runs": given.runs,
        "variables": len(world.plan.model.variables),
        "paths_per_cpu_s": {name: given.paths / seconds for name, seconds in best.items()},
        "time_over_c": {"best": best["shipped"] / best["C"], "median": float(np.median(ratios))},
        "compile_s": {"shipped": our_s, "C": their_s},
        "load": os.getloadavg()[0],
    }
    report(found)
    return 0 if equal else 1


if __name__ == "__main__":
    sys.exit(main())
