"""Compiled kernels: the equations' own source, with loads in place of arguments, compiled block by block.

``source`` prints what is compiled. Each part is one function of at most ``PART`` equations (compile time grows faster
than a function does), in which an equation reads as its author wrote it:

    connected = _load(_w, 384 + _k)
    energised = minimum(backlog_prev + due, connected * exp(connection_growth * t))
    _store(_w, 416 + _k, energised)

The scalar kernel takes a path at a time; the tile kernel takes ``TILE`` paths at a time, eight to an instruction.
Both release the interpreter's lock, so the engine runs chunks of paths in threads. Openings are found by
``emit_numpy.opening`` and handed over.
"""

from __future__ import annotations

import ast
import inspect
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from supercycle.core.errors import UsageError
from supercycle.equations import emit_numpy, kernel_cache
from supercycle.equations.grammar import WORDS, Body, is_condition, read
from supercycle.equations.graph import Plan
from supercycle.equations.kernel_layout import Layout
from supercycle.equations.spec import Variable

__all__ = ["KINDS", "compiled", "is_cached", "source"]

Floats = NDArray[np.float64]
Progress = Callable[[int, int], None]
Kernel = Callable[[Floats, Floats, NDArray[np.int64]], tuple[Floats, Floats]]

PART = 40
TILE = 32
KINDS = {"scalar": 1, "tile": TILE}
_lock = threading.Lock()


def source(plan: Plan, kind: str = "scalar") -> str:
    """The generated source of every part, in the order of a step."""
    return "\n\n".join(_parts(plan, _lanes(kind)))


def is_cached(plan: Plan, kind: str = "scalar") -> bool:
    """Whether ``compiled`` will load and not compile."""
    files = [kernel_cache.place(text, kind) for text in _parts(plan, _lanes(kind))]
    return all(map(kernel_cache.is_built, [*files, kernel_cache.place(_driver_text(), "driver")]))


def compiled(plan: Plan, kind: str = "scalar", on_progress: Progress | None = None) -> Kernel:
    """The kernel ``simulate(params, draws, record) -> (out, residual)``, as ``emit_numpy.simulate``.

    kind: "scalar" or "tile". ``on_progress(done, total)`` is called after each part.
    Errors: ModelError for an equation outside the language, with file and line.
    """
    lanes = _lanes(kind)
    layout, texts = Layout(plan), _parts(plan, lanes)
    with _lock:
        blocks: list[int] = []
        keep: list[Any] = []
        for done, text in enumerate(texts):
            part = kernel_cache.load(kernel_cache.place(text, kind), text).part
            blocks.append(part.address)
            keep.append(part)
            if on_progress:
                on_progress(done + 1, len(texts) + 1)
        text = _driver_text()
        drive = kernel_cache.load(kernel_cache.place(text, "driver"), text).drive
        if on_progress:
            on_progress(len(texts) + 1, len(texts) + 1)
    return _kernel(plan, layout, lanes, np.array(blocks, dtype=np.int64), drive, keep)


def _kernel(plan: Plan, layout: Layout, lanes: int, blocks: NDArray[np.int64], drive: Any, keep: list[Any]) -> Kernel:
    checked = [row for name in plan.model.residuals for row in layout.state_rows(name)]
    fixed = (blocks, lanes, layout.count, _whole(layout.slot_rows), _pairs(layout.lags), _pairs(layout.param_pairs),
             _pairs(layout.draw_pairs), _whole(checked))

    def simulate(params: Floats, draws: Floats, record: NDArray[np.int64]) -> tuple[Floats, Floats]:
        assert len(keep) == len(blocks)  # the compiled code lives as long as its owners
        params, draws = np.ascontiguousarray(params, dtype=float), np.ascontiguousarray(draws, dtype=float)
        with np.errstate(all="ignore"):
            start = emit_numpy.opening(plan, params)
        out = np.empty((len(record), draws.shape[1] + 1, params.shape[1]))
        residual = np.empty(params.shape[1])
        rows = _whole([layout.slot_rows[int(slot)] for slot in record])
        drive(*fixed, rows, start, params, draws, out, residual)
        return out, residual

    return simulate


def _whole(values: list[int]) -> NDArray[np.int64]:
    return np.array(values, dtype=np.int64)


def _pairs(values: list[tuple[int, int]]) -> NDArray[np.int64]:
    return np.array(values, dtype=np.int64).reshape(-1, 2)


def _lanes(kind: str) -> int:
    if kind not in KINDS:
        raise UsageError("unknown kernel", expected=" or ".join(KINDS), got=repr(kind))
    return KINDS[kind]


def _driver_text() -> str:
    from supercycle.equations import kernel_driver

    flat, table, cube = "int64[::1]", "int64[:, ::1]", "float64[:, :, ::1]"
    kinds = [flat, "int64", "int64", flat, table, table, table, flat, flat, "float64[:, ::1]", "float64[:, ::1]", cube,
             cube, "float64[::1]"]
    return (f"from typing import Any\n\nimport numpy as np\nfrom numba import njit\n\n"
            f"from supercycle.equations.kernel_lanes import call\n\n\n"
            f"@njit('void({', '.join(kinds)})', cache=True, nogil=True, error_model='numpy')\n"
            f"{inspect.getsource(kernel_driver.drive)}")


def _parts(plan: Plan, lanes: int) -> list[str]:
    layout = Layout(plan)
    return [_Part(layout, lanes).text(names) for names in _split(plan)]


def _split(plan: Plan) -> Iterator[list[str]]:
    """Runs of at most ``PART`` equations, ended early where a block ends, so an edit recompiles little."""
    run: list[str] = []
    for name in plan.step_order:
        block = plan.model.variables[name].block
        if run and (len(run) >= PART or (len(run) >= PART // 2 and plan.model.variables[run[-1]].block != block)):
            yield run
            run = []
        run.append(name)
    if run:
        yield run


@dataclass
class _Part:
    """The text of one compiled function."""

    layout: Layout
    lanes: int
    lines: list[str] = field(default_factory=list[str])
    scope: set[str] = field(default_factory=set[str])
    indent: int = 1

    @property
    def plan(self) -> Plan:
        return self.layout.plan

    def text(self, names: list[str]) -> str:
        wide = "_lanes" if self.lanes > 1 else ""
        head = [
            "from numba import cfunc", "",
            "from supercycle.equations.kernel_lanes import SIGNATURE as _SIGNATURE",
            f"from supercycle.equations.kernel_lanes import {', '.join(w for w in WORDS if w != 'where')}",
            f"from supercycle.equations.kernel_lanes import load{wide} as _load, store{wide} as _store",
            f"from supercycle.equations.kernel_lanes import number{wide} as _number, select as _select",
            "from supercycle.equations.kernel_lanes import both as _both, either as _either, negate as _negate",
            "", "", "@cfunc(_SIGNATURE, cache=True, error_model='numpy')", "def part(_w, t):"]
        if self.lanes > 1:
            self.put(f"for _k in range(0, {self.lanes}, 8):")
            self.indent += 1
        for group in self._groups(names):
            self._group(group)
        return "\n".join([*head, *self.lines, "    return 0.0", ""])

    def put(self, line: str) -> None:
        self.lines.append("    " * self.indent + line)

    def place(self, row: int, moves: bool = False) -> str:
        terms = [str(row * self.lanes), *(["_m"] if moves else []), *(["_k"] if self.lanes > 1 else [])]
        return " + ".join(terms)

    def _groups(self, names: list[str]) -> Iterator[list[Variable]]:
        """Neighbours on one axis share a loop over members, unless one reads a named member of another."""
        group: list[Variable] = []
        for name in names:
            v = self.plan.model.variables[name]
            joins = bool(group) and v.axis is not None and group[0].axis is not None
            if joins and v.axis == group[0].axis:
                read_members = {self.plan.references[a].name for a in self._reads(v)
                                if self.plan.references[a].member is not None}
                joins = not read_members & {g.name for g in group}
            else:
                joins = False
            if group and not joins:
                yield group
                group = []
            group.append(v)
        if group:
            yield group

    @staticmethod
    def _reads(v: Variable) -> tuple[str, ...]:
        return tuple(dict.fromkeys(v.args))

    def _group(self, group: list[Variable]) -> None:
        axis = group[0].axis
        arguments = dict.fromkeys(a for v in group if v.kind != "total" for a in self._reads(v))
        for a in arguments:
            self._bind(a, moving=False)
        if axis is None:
            for v in group:
                self._variable(v)
            return
        before = set(self.scope)
        self.put(f"for _m in range(0, {len(axis) * self.lanes}, {self.lanes}):")
        self.indent += 1
        for v in group:
            for a in self._reads(v):
                self._bind(a, moving=True, last=(len(axis) - 1) * self.lanes)
            self._variable(v)
        self.indent -= 1
        self.scope = before

    def _bind(self, a: str, *, moving: bool, last: int = 0) -> None:
        """Give an argument its value, once per scope; those that move with the member inside the loop."""
        if a in self.scope or a == "t":
            return
        kind = self.plan.references[a].kind
        if kind in ("is_first", "is_last", "position"):
            if not moving:
                return
            self.put(f"{a} = _m * {1.0 / self.lanes!r}" if kind == "position" else
                     f"{a} = _select(_m == {0 if kind == 'is_first' else last}, 1.0, 0.0)")
        elif kind == "constant":
            self.put(f"{a} = {float(self.plan.model.constants[a].value)!r}")
        else:
            row, moves = self.layout.row(a)
            if moves != moving:
                return
            self.put(f"{a} = _load(_w, {self.place(row, moves)})")
        self.scope.add(a)

    def _variable(self, v: Variable) -> None:
        row = self.layout.state_rows(v.name)[0]
        if v.kind == "total":
            self._total(v)
        elif v.kind == "solve":
            self._solve(v)
        else:
            body = self._body(v)
            self._locals(v, body, f"_{v.name}_")
            self.put(f"{v.name} = {self._number(v, body)}")
        self.put(f"_store(_w, {self.place(row, v.axis is not None)}, {v.name})")
        self.scope.add(v.name)

    def _total(self, v: Variable) -> None:
        rows = self.layout.state_rows(v.over)
        self.put(f"{v.name} = _load(_w, {self.place(rows[0])})")
        if len(rows) > 1:
            self.put(f"for _m in range({self.lanes}, {len(rows) * self.lanes}, {self.lanes}):")
            self.put(f"    {v.name} = {v.name} + _load(_w, {self.place(rows[0], moves=True)})")

    def _solve(self, v: Variable) -> None:
        body, own = self._body(v), f"_{v.name}"

        def value(into: str) -> None:
            self._locals(v, body, f"{own}_")
            self.put(f"{into} = {self._number(v, body)}")

        for end, name in zip(("low", "high"), v.bracket, strict=True):
            self.put(f"{v.name} = {own}_{end} = {name}")
            value(f"{own}_at_{end}")
        self.put(f"for _i in range({v.iterations}):")
        self.indent += 1
        self.put(f"{v.name} = 0.5 * ({own}_low + {own}_high)")
        value(f"{own}_value")
        self.put(f"{own}_above = {own}_value > 0.0")
        self.put(f"{own}_high = _select({own}_above, {v.name}, {own}_high)")
        self.put(f"{own}_low = _select({own}_above, {own}_low, {v.name})")
        self.indent -= 1
        self.put(f"{v.name} = 0.5 * ({own}_low + {own}_high)")
        value(f"{own}_value")
        size = f"maximum(maximum({own}_at_low, -{own}_at_low), maximum({own}_at_high, -{own}_at_high))"
        gap = f"maximum({own}_value, -{own}_value) / maximum({size}, {emit_numpy.TINY!r})"
        self.put(f"_store(_w, {self.place(0)}, maximum(_load(_w, {self.place(0)}), {gap}))")

    def _body(self, v: Variable) -> Body:
        return read(v.source_text, v.name, f"{v.file}:{v.line}")

    def _locals(self, v: Variable, body: Body, prefix: str) -> None:
        for name, node in body.local:
            self.put(f"{prefix}{name} = {ast.unparse(_Rewrite(body, prefix).visit(node))}")

    def _number(self, v: Variable, body: Body) -> str:
        rewrite = _Rewrite(body, f"_{v.name}_")
        text = ast.unparse(rewrite.visit(body.result))
        constant = all(a == "t" or self.plan.references[a].kind in ("constant", "is_first", "is_last", "position")
                       for a in body.args if a != v.name)
        return f"_number({text})" if constant or is_condition(body.result, rewrite.truths) else text


class _Rewrite(ast.NodeTransformer):
    """An expression as the kernel has it: locals under their own names, conditions made numbers where one is due."""

    def __init__(self, body: Body, prefix: str) -> None:
        self.prefix = prefix
        self.local = {name for name, _ in body.local}
        self.truths: set[str] = set()
        for name, node in body.local:
            if is_condition(node, self.truths):
                self.truths.add(name)

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return ast.Name(self.prefix + node.id) if node.id in self.local else node

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        assert isinstance(node.value, (int, float))
        return ast.Constant(float(node.value))

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        operand = self.visit(node.operand)
        if isinstance(node.op, ast.Invert):
            return _call("_negate", operand)
        return operand if isinstance(node.op, ast.UAdd) else ast.UnaryOp(ast.USub(), operand)

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        if isinstance(node.op, (ast.BitAnd, ast.BitOr)):
            word = "_both" if isinstance(node.op, ast.BitAnd) else "_either"
            return _call(word, self.visit(node.left), self.visit(node.right))
        return ast.BinOp(self._as_number(node.left), node.op, self._as_number(node.right))

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        return ast.Compare(self._as_number(node.left), node.ops, [self._as_number(c) for c in node.comparators])

    def visit_Call(self, node: ast.Call) -> ast.expr:
        assert isinstance(node.func, ast.Name)
        if node.func.id == "where":
            condition, x, y = node.args
            return _call("_select", self.visit(condition), self._as_number(x), self._as_number(y))
        return _call(node.func.id, *map(self._as_number, node.args))

    def _as_number(self, node: ast.expr) -> ast.expr:
        shown: ast.expr = self.visit(node)
        return _call("_number", shown) if is_condition(node, self.truths) else shown


def _call(word: str, *args: ast.expr) -> ast.expr:
    return ast.Call(ast.Name(word), list(args), [])
