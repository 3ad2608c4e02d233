"""LLVM IR written as text: a small builder whose numbers are lanes of doubles.

Every floating-point value is a vector ``<width x double>``, every condition ``<width x i1>``; addresses, counters and
random bits of a row are scalars. An operand is its own text (``%v12`` or a constant), so writing the whole world takes
a fraction of a second and needs no LLVM: the text is also what a compiled object is cached by.

Arithmetic is what it says: LLVM reorders and contracts nothing here, since no instruction carries a fast-math flag.
``fused`` is x * y + z with one rounding where the target has the instruction; a target without it (wasm) gets the two
roundings, and ``rest_of_product`` then finds the rounding error of a product by splitting its factors.

>>> module = Module(2)
>>> with module.function("double_it", ("ptr %w",)) as f:
...     f.store("%w", f.fadd(f.load("%w"), f.number(1.0)))
>>> print(module.text().strip())  # doctest: +ELLIPSIS
define void @double_it(ptr %w) nounwind "no-builtins" {
...
  %v2 = fadd <2 x double> %v1, splat (double 0x3FF0000000000000)
...
}
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from functools import lru_cache

__all__ = ["Function", "Module"]


@lru_cache(maxsize=4096)
def _hex(value: float) -> str:
    return f"0x{struct.unpack('<Q', struct.pack('<d', value))[0]:016X}"


def bits_of(value: float) -> int:
    """The bits of a double as a signed whole number.

    >>> hex(bits_of(1.0))
    '0x3ff0000000000000'
    """
    return int(struct.unpack("<q", struct.pack("<d", value))[0])


class Module:
    """The text of one object file: functions, and the declarations they need."""

    def __init__(self, width: int, *, has_fma: bool = True) -> None:
        self.width, self.has_fma = width, has_fma
        self._functions: list[str] = []
        self._declared: dict[str, str] = {}
        self._own: set[str] = set()

    def text(self) -> str:
        """The module, ready to be compiled for any target."""
        return "\n".join([*self._functions, *self._declared.values(), ""])

    def declare(self, name: str, signature: str) -> None:
        """Name a function of another module; ``signature`` is its type with ``@`` for the name."""
        self._declared.setdefault(name, "declare " + signature.replace("@", f"@{name}"))

    @contextmanager
    def function(self, name: str, params: Sequence[str], answer: str = "void", *,
                 inside: bool = False) -> Generator[Function]:
        """Write a function; one that is ``inside`` cannot be seen from other modules."""
        made = Function(self)
        yield made
        if answer == "void":
            made.put("ret void")
        linkage, takes = "internal " if inside else "", ", ".join(params)
        head = [f'define {linkage}{answer} @{name}({takes}) nounwind "no-builtins" {{', "entry:"]
        self._functions.append("\n".join([*head, *made.slots, "  br label %begin", "begin:", *made.lines, "}"]))

    def own(self, name: str, build: Callable[..., str], args: Sequence[str], to: Function) -> str:
        """Call ``build`` as a function of its own on numbers, written in this module once."""
        if name not in self._own:
            self._own.add(name)
            names = [f"%a{i}" for i in range(len(args))]
            with self.function(name, [f"{to.vector} {n}" for n in names], to.vector, inside=True) as inner:
                inner.put(f"ret {to.vector} {build(inner, *names)}")
        return to.value(f"call {to.vector} @{name}({', '.join(f'{to.vector} {a}' for a in args)})")


class Function:
    """The body of a function, instruction by instruction."""

    def __init__(self, module: Module) -> None:
        self.module, self.width = module, module.width
        self.vector, self.mask = f"<{module.width} x double>", f"<{module.width} x i1>"
        self.whole = f"<{module.width} x i64>"
        self.lines: list[str] = []
        self.slots: list[str] = []
        self._count = self._labels = 0
        self._block = "begin"

    # writing

    def put(self, line: str) -> None:
        """An instruction without a value."""
        self.lines.append("  " + line)

    def value(self, text: str) -> str:
        """An instruction with a value; its name."""
        self._count += 1
        name = f"%v{self._count}"
        self.lines.append(f"  {name} = {text}")
        return name

    def label(self) -> str:
        """A new label's name."""
        self._labels += 1
        return f"L{self._labels}"

    def block(self, label: str) -> None:
        """Begin a block."""
        self.lines.append(f"{label}:")
        self._block = label

    @contextmanager
    def loop(self, start: str, stop: str, step: int = 1) -> Generator[str]:
        """Count from ``start`` while below ``stop``; both are i64 operands."""
        head, body, end = self.label(), self.label(), self.label()
        before = self._block
        self.put(f"br label %{head}")
        self.block(head)
        at = len(self.lines)
        i = self.value("")
        more = self.value(f"icmp slt i64 {i}, {stop}")
        self.put(f"br i1 {more}, label %{body}, label %{end}")
        self.block(body)
        yield i
        following = self.value(f"add i64 {i}, {step}")
        self.lines[at] = f"  {i} = phi i64 [ {start}, %{before} ], [ {following}, %{self._block} ]"
        self.put(f"br label %{head}")
        self.block(end)

    @contextmanager
    def when(self, condition: str) -> Generator[None]:
        """Do something where a scalar condition holds."""
        then, end = self.label(), self.label()
        self.put(f"br i1 {condition}, label %{then}, label %{end}")
        self.block(then)
        yield
        self.put(f"br label %{end}")
        self.block(end)

    def either_way(self, condition: str, then: Callable[[], None], otherwise: Callable[[], None]) -> None:
        """Do one of two things by a scalar condition."""
        yes, no, end = self.label(), self.label(), self.label()
        self.put(f"br i1 {condition}, label %{yes}, label %{no}")
        for name, action in ((yes, then), (no, otherwise)):
            self.block(name)
            action()
            self.put(f"br label %{end}")
        self.block(end)

    @contextmanager
    def again_while(self, condition: Callable[[], str]) -> Generator[None]:
        """Do something at least once, and again while a scalar condition holds afterwards."""
        head, end = self.label(), self.label()
        self.put(f"br label %{head}")
        self.block(head)
        yield
        self.put(f"br i1 {condition()}, label %{head}, label %{end}")
        self.block(end)

    def switch(self, value: str, actions: Sequence[Callable[[], None]]) -> None:
        """Do the action whose number an i64 is; none where there is none."""
        labels, end = [self.label() for _ in actions], self.label()
        cases = " ".join(f"i64 {i}, label %{label}" for i, label in enumerate(labels))
        self.put(f"switch i64 {value}, label %{end} [ {cases} ]")
        for name, action in zip(labels, actions, strict=True):
            self.block(name)
            action()
            self.put(f"br label %{end}")
        self.block(end)

    # variables that change: slots, which the compiler turns into registers

    def slot(self, start: str, kind: str = "") -> str:
        """A variable that can be set again, of vector type unless ``kind`` says otherwise."""
        name, kind = f"%s{len(self.slots)}", kind or self.vector
        self.slots.append(f"  {name} = alloca {kind}")
        self.put(f"store {kind} {start}, ptr {name}")
        return name

    def get(self, slot: str, kind: str = "") -> str:
        """A variable's value now."""
        return self.value(f"load {kind or self.vector}, ptr {slot}")

    def set(self, slot: str, value: str, kind: str = "") -> None:
        """Give a variable another value."""
        self.put(f"store {kind or self.vector} {value}, ptr {slot}")

    # memory

    def at(self, base: str, index: str | int) -> str:
        """The address ``index`` words of eight bytes behind ``base``."""
        return self.value(f"getelementptr i64, ptr {base}, i64 {index}")

    def load(self, address: str) -> str:
        """Lanes from memory, at any multiple of eight bytes."""
        return self.value(f"load {self.vector}, ptr {address}, align 8")

    def store(self, address: str, x: str) -> None:
        """Lanes to memory."""
        self.put(f"store {self.vector} {x}, ptr {address}, align 8")

    def word(self, address: str) -> str:
        """One whole number from memory."""
        return self.value(f"load i64, ptr {address}, align 8")

    def pointer(self, address: str) -> str:
        """One address from memory, kept there in 64 bits on every target."""
        return self.value(f"inttoptr i64 {self.word(address)} to ptr")

    def double(self, address: str) -> str:
        """One double from memory."""
        return self.value(f"load double, ptr {address}, align 8")

    # numbers

    @staticmethod
    def number(value: float) -> str:
        """The same number in every lane."""
        return f"splat (double {_hex(float(value))})"

    @staticmethod
    def integer(value: int) -> str:
        """The same whole number in every lane."""
        return f"splat (i64 {value})"

    def spread(self, scalar: str, kind: str = "double") -> str:
        """A scalar in every lane."""
        vector = f"<{self.width} x {kind}>"
        first = self.value(f"insertelement {vector} poison, {kind} {scalar}, i64 0")
        return self.value(f"shufflevector {vector} {first}, {vector} poison, <{self.width} x i32> zeroinitializer")

    def _two(self, word: str, x: str, y: str) -> str:
        return self.value(f"{word} {self.vector} {x}, {y}")

    def fadd(self, x: str, y: str) -> str:
        """x + y."""
        return self._two("fadd", x, y)

    def fsub(self, x: str, y: str) -> str:
        """x - y."""
        return self._two("fsub", x, y)

    def fmul(self, x: str, y: str) -> str:
        """x * y."""
        return self._two("fmul", x, y)

    def fdiv(self, x: str, y: str) -> str:
        """x / y."""
        return self._two("fdiv", x, y)

    def fneg(self, x: str) -> str:
        """-x."""
        return self.value(f"fneg {self.vector} {x}")

    def compare(self, relation: str, x: str, y: str) -> str:
        """A condition: LLVM's word for a comparison of doubles (olt, une, uno, ...)."""
        return self.value(f"fcmp {relation} {self.vector} {x}, {y}")

    def select(self, condition: str, x: str, y: str, kind: str = "") -> str:
        """x where the condition holds, else y."""
        kind = kind or self.vector
        return self.value(f"select {self.mask} {condition}, {kind} {x}, {kind} {y}")

    def logic(self, word: str, x: str, y: str) -> str:
        """And, or, xor of two conditions."""
        return self.value(f"{word} {self.mask} {x}, {y}")

    def negate(self, x: str) -> str:
        """Where the condition does not hold."""
        return self.logic("xor", x, "splat (i1 true)")

    def any_lane(self, x: str) -> str:
        """A scalar condition: whether one holds in any lane."""
        bits = self.value(f"bitcast {self.mask} {x} to i{self.width}")
        return self.value(f"icmp ne i{self.width} {bits}, 0")

    def as_number(self, condition: str) -> str:
        """1 where a condition holds, else 0."""
        return self.value(f"uitofp {self.mask} {condition} to {self.vector}")

    def call(self, name: str, *args: str) -> str:
        """An LLVM intrinsic on lanes (sqrt, fabs, floor)."""
        full = f"llvm.{name}.v{self.width}f64"
        self.module.declare(full, f"{self.vector} @({', '.join([self.vector] * len(args))})")
        return self.value(f"call {self.vector} @{full}({', '.join(f'{self.vector} {a}' for a in args)})")

    def fused(self, x: str, y: str, z: str) -> str:
        """x * y + z, with one rounding where the target can."""
        if self.module.has_fma:
            return self.call("fma", x, y, z)
        return self.fadd(self.fmul(x, y), z)

    # whole numbers

    def whole_op(self, word: str, x: str, y: str) -> str:
        """add, sub, mul, xor, or, shl, lshr, ashr of whole numbers."""
        return self.value(f"{word} {self.whole} {x}, {y}")

    def to_whole(self, x: str) -> str:
        """The bits of doubles."""
        return self.value(f"bitcast {self.vector} {x} to {self.whole}")

    def load_whole(self, address: str) -> str:
        """Lanes of whole numbers from memory."""
        return self.value(f"load {self.whole}, ptr {address}, align 8")

    def store_whole(self, address: str, x: str) -> None:
        """Lanes of whole numbers to memory."""
        self.put(f"store {self.whole} {x}, ptr {address}, align 8")

    def scalar(self, word: str, x: str | int, y: str | int) -> str:
        """An operation on two i64 (add, mul, sub) or a comparison of them (icmp slt, icmp eq)."""
        return self.value(f"{word} i64 {x}, {y}")

    def to_double(self, x: str) -> str:
        """Doubles of these bits."""
        return self.value(f"bitcast {self.whole} {x} to {self.vector}")
