"""One variable written out: totals summed member by member, names put in the place of members."""

from __future__ import annotations

import ast
import copy
import inspect
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import product

from supercycle.core.errors import ModelError
from supercycle.equations.resolve import PLACES, Reference, axis_of, resolve
from supercycle.equations.spec import Model
from supercycle.equations.variable import Axis, Variable, member_key
from supercycle.equations.written import (
    Function,
    Place,
    Written,
    compiled,
    definition,
    from_tree,
    named,
    names_in,
    read_function,
    signed_sum,
    with_names,
)

SPELLED = {"halved": 1, "mean": 2}  # words that are written out, with how many values they take

__all__ = ["SPELLED", "Expansion", "lag_name", "names_of", "open_axes", "positional", "references", "single"]


def lag_name(r: Reference) -> str:
    """The variable whose last value a reference reads: x itself, or the end of its chain of lags."""
    return r.name if r.ago < 2 else f"{r.name}_lag_{r.ago - 1}"


def single(v: Variable) -> tuple[Axis, ...]:
    """The axes of a variable: none, one or two."""
    return v.axis.single if v.axis else ()


def names_of(v: Variable) -> tuple[str, ...]:
    """Their names."""
    return tuple(a.name for a in single(v))


def references(model: Model, v: Variable) -> list[Reference]:
    """What a variable and its opening read."""
    return [resolve(model, a, f"{v.name} ({v.file}:{v.line})") for a in (*v.args, *v.opening_args)]


def open_axes(model: Model, r: Reference) -> list[Axis]:
    """The axes along which a reference still moves."""
    axis = axis_of(model, r)
    if axis is None or r.member is not None:
        return []
    return [a for a in axis.single if a.name not in dict(r.fixed)]


def positional(function: Function, args: Iterable[str]) -> Written:
    """A function as it was written, reading the model's names."""
    raw = read_function(function)
    return with_names(raw, raw.tree.name, tuple(args))


@dataclass
class Expansion:
    """One variable at one place: ``place`` gives the member on each of its axes, None where it keeps its axis."""

    model: Model
    scattered: set[str]
    variable_: Variable
    place: dict[str, int | None]
    reads: dict[str, None] = field(default_factory=dict[str, None])

    @property
    def where(self) -> str:
        """File, line and name, for messages."""
        v = self.variable_
        return f"{v.file}:{v.line} {v.name}"

    def variable(self) -> Variable:
        """The variable, or the plain variable of one place."""
        v = self.variable_
        index = [self.place[n] for n in names_of(v)]
        apart = bool(index) and None not in index
        name, member = v.name, ""
        if apart:
            member = ":".join(a.members[i or 0] for a, i in zip(single(v), index, strict=True))
            name = f"{v.name}__{member_key(member)}"
        out = replace(v, name=name, axis=None if apart else v.axis, part_of=v.name if apart else "", member=member,
                      label=f"{v.label}, {member.replace(':', ', ')}" if apart and v.label else v.label)
        if v.kind == "total":
            return self._sum(out)
        if v.kind != "initial":
            out = self._function(out, name)
        if v.opening is not None:
            begin, args, text = self._tree(v.opening, v.opening_args, f"{name}_opening")
            out = replace(out, opening=begin, opening_args=args, opening_text=text)
            if v.kind == "initial":
                out = replace(out, function=begin, source_text=text)
        return out

    def _function(self, out: Variable, name: str) -> Variable:
        v = self.variable_
        if v.kind != "solve":
            function, args, text = self._tree(v.function, v.args, name)
            return replace(out, function=function, args=args, source_text=text)
        own = (v.name, *v.args[:-2])
        function, args, text = self._tree(v.function, own, name, itself=name)
        self.reads = {}
        ends = [ast.unparse(self.read(end)) for end in v.bracket]
        return replace(out, function=function, args=(*args[1:], *ends), source_text=text, bracket=(ends[0], ends[1]))

    def _sum(self, out: Variable) -> Variable:
        v = self.variable_
        axis = self.model.variables[v.over].axis
        assert axis is not None
        names = [f"{v.over}__{member_key(m)}" for m in axis.members]
        function = from_tree(v.name, signed_sum([(1, named(n)) for n in names]), v.meaning, Place(v.file, v.line))
        text = read_function(function).text
        begin = v.opening and function
        return replace(out, kind="equation", args=tuple(names), function=function, source_text=text, over="", opening=begin,
                       opening_args=tuple(names) if begin else (), opening_text=text if begin else "")

    def _tree(self, function: Function, args: tuple[str, ...], name: str, itself: str = "") -> tuple[Function, tuple[str, ...], str]:
        written = positional(function, args)
        tree = copy.deepcopy(written.tree)
        statements = [s for s in tree.body if not isinstance(s, ast.Expr)]
        local = {s.targets[0].id: s.value for s in statements if isinstance(s, ast.Assign) and isinstance(s.targets[0], ast.Name)}
        self.reads = {itself: None} if itself else {}
        writer = _Writer(self, local, function, set(args), itself)
        for target, value in local.items():  # a condition on the place is known: it stands for itself from here on
            if set(names_in(value)) <= {*PLACES, *writer.known} and self.place and None not in self.place.values():
                known = _truth(writer.visit(copy.deepcopy(value)))
                if known is not None:
                    writer.known[target] = known
        result = statements[-1]
        assert isinstance(result, ast.Return)
        body: list[ast.stmt] = [writer.visit(copy.deepcopy(result))]
        needed = _loads(body[0])
        for s in reversed(statements[:-1]):
            assert isinstance(s, ast.Assign)
            target = s.targets[0]
            if isinstance(target, ast.Name) and target.id in needed:
                body.insert(0, ast.copy_location(ast.Assign([target], writer.visit(copy.deepcopy(s.value))), s))
                needed |= _loads(body[0])
        tree.name, tree.body = name, [_Numbers().visit(s) for s in body]
        tree.args = definition("x", self.reads, named("x")).args
        made = compiled(tree, Place(written.file, written.line), function.__doc__ or "")
        return made, tuple(self.reads), ast.unparse(tree)

    def read(self, argument: str, inside: Mapping[str, int] | None = None, node: ast.AST | None = None) -> ast.expr:
        """What stands for an argument at this place, and note that it is read."""
        r = resolve(self.model, argument, self.where)
        place = {**self.place, **(inside or {})}
        if r.kind in PLACES:
            return self._position(r.kind, argument, place, inside)
        axes = open_axes(self.model, r)
        missing = [a.name for a in axes if a.name not in place]
        if missing:
            raise ModelError(f"{self.where} reads {argument} on axis {missing[0]} outside total()",
                             hint=f"Write total({argument}, over={missing[0]}), or name a member")
        if all(place[a.name] is None for a in axes) and not r.fixed and r.name not in self.scattered:
            return self._name(argument)
        fixed = dict(r.fixed)
        axis = axis_of(self.model, r)
        if axis is None:
            return self._name(argument)
        index = [fixed[a.name] if a.name in fixed else place.get(a.name) for a in axis.single]
        if r.member is not None:
            label = axis.members[r.member]
        else:
            if r.left:
                index[-1] = (index[-1] or 0) - 1
                if index[-1] < 0:
                    return _Nothing(0.0)
            label = ":".join(a.members[i or 0] for a, i in zip(axis.single, index, strict=True))
        return self._name(f"{lag_name(r)}__{member_key(label)}{'_prev' if r.lag else ''}")

    def _name(self, argument: str) -> ast.expr:
        self.reads[argument] = None
        return named(argument)

    def _position(self, kind: str, argument: str, place: Mapping[str, int | None], inside: Mapping[str, int] | None) -> ast.expr:
        if inside:
            axis = list(inside)[-1]
        elif self.place:
            axis = list(self.place)[-1]
        else:
            raise ModelError(f"{self.where} has no axis, so it cannot read {kind}")
        at = place[axis]
        if at is None:
            return self._name(argument)
        count = next(len(a) for a in self._axes() if a.name == axis)
        value = {"position": float(at), "is_first": float(at == 0), "is_last": float(at == count - 1)}[kind]
        return ast.Constant(value)

    def _axes(self) -> Iterable[Axis]:
        yield from single(self.variable_)
        for r in references(self.model, self.variable_):
            axis = axis_of(self.model, r)
            yield from axis.single if axis else ()


def _loads(node: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}


class _Writer(ast.NodeTransformer):
    """Names put in place and totals written out."""

    def __init__(self, at: Expansion, local: Mapping[str, ast.expr], function: Function, args: set[str], itself: str,
                 inside: Mapping[str, int] | None = None) -> None:
        self.at, self.local, self.function, self.args = at, local, function, args
        self.itself, self.inside = itself, inside
        self.known: dict[str, bool] = {}

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id in self.local:
            if node.id in self.known:
                return _at(ast.Constant(self.known[node.id]), node)
            if self.inside is None:
                return node
            return self.visit(copy.deepcopy(self.local[node.id]))
        if node.id not in self.args:
            return node
        if self.itself and node.id == self.at.variable_.name:
            return _at(named(self.itself), node)
        return _at(self.at.read(node.id, self.inside), node)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        if not (isinstance(node.func, ast.Name) and node.func.id == "total"):
            values = [self.visit(a) for a in node.args]
            if isinstance(node.func, ast.Name) and node.func.id in SPELLED and len(values) == SPELLED[node.func.id]:
                return _spelled(node, node.func.id, values)
            known = _truth(values[0]) if isinstance(node.func, ast.Name) and node.func.id == "where" else None
            if known is not None and len(values) == 3:
                return values[1] if known else values[2]
            return _at(ast.Call(node.func, values, node.keywords), node)
        where = f"{self.at.where}: {ast.unparse(node)}"
        if len(node.args) != 1 or any(k.arg != "over" for k in node.keywords):
            raise ModelError(f"{where} is not total(expression) or total(expression, over=axis)")
        axes = self._summed(node, where)
        terms = [_Writer(self.at, self.local, self.function, self.args, self.itself,
                         {**(self.inside or {}), **dict(zip((a.name for a in axes), place, strict=True))}
                         ).visit(copy.deepcopy(node.args[0]))
                 for place in product(*(range(len(a)) for a in axes))]
        total: ast.expr = terms[0]
        for term in terms[1:]:
            total = _at(ast.BinOp(total, ast.Add(), term), node)
        return total

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        left, *right = (self.visit(n) for n in (node.left, *node.comparators))
        made = ast.Compare(left, node.ops, right)
        if all(isinstance(n, ast.Constant) for n in (left, *right)):  # places on an axis, known by now
            return _at(ast.Constant(bool(eval(compile(ast.Expression(ast.fix_missing_locations(made)), "", "eval")))), node)
        return _at(made, node)

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        left, right = self.visit(node.left), self.visit(node.right)
        if isinstance(node.op, ast.BitAnd | ast.BitOr):
            decides = isinstance(node.op, ast.BitOr)
            for known, other in ((_truth(left), right), (_truth(right), left)):
                if known is not None:
                    return _at(ast.Constant(known), node) if known == decides else other
        nothing, rest = isinstance(left, _Nothing), isinstance(right, _Nothing)
        if (isinstance(node.op, ast.Mult) and (nothing or rest)) or (isinstance(node.op, ast.Div) and nothing):
            return _at(_Nothing(0.0), node)
        if isinstance(node.op, ast.Add | ast.Sub) and rest:
            return left
        if isinstance(node.op, ast.Add) and nothing:
            return right
        return _at(ast.BinOp(left, node.op, right), node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        operand = self.visit(node.operand)
        known = _truth(operand)
        if isinstance(node.op, ast.Invert) and known is not None:
            return _at(ast.Constant(not known), node)
        return _at(ast.UnaryOp(node.op, operand), node)

    def _summed(self, node: ast.Call, where: str) -> list[Axis]:
        """The axes a total adds over: those it names, else all that what stands inside has."""
        found: dict[str, Axis] = {}
        for name in self._inside(node.args[0]):
            for axis in open_axes(self.at.model, resolve(self.at.model, name, where)):
                found[axis.name] = axis
        if node.keywords:
            over = self._axis_name(node.keywords[0].value, where)
            if over not in found:
                raise ModelError(f"{where}: nothing inside has the axis {over}", got=", ".join(found) or "no axis")
            return [found[over]]
        foreign = [a for a in found.values() if a.name not in self.at.place]
        if not found:
            raise ModelError(f"{where}: nothing inside has an axis, so there is nothing to add up")
        if foreign and len(foreign) < len(found):
            raise ModelError(f"{where} may mean two sums", hint=f"Say over={foreign[0].name}")
        return list(found.values())

    def _inside(self, node: ast.expr) -> list[str]:
        names: list[str] = []
        for n in ast.walk(node):
            if isinstance(n, ast.Name) and n.id in self.local:
                names += self._inside(self.local[n.id])
            elif isinstance(n, ast.Name) and n.id in self.args and n.id not in PLACES and n.id != "t":
                names.append(n.id)
        return names

    def _axis_name(self, node: ast.expr, where: str) -> str:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return node.value
        if isinstance(node, ast.Name):
            scope = inspect.getclosurevars(self.function)
            axis = scope.nonlocals.get(node.id, scope.globals.get(node.id))
            if isinstance(axis, Axis):
                return axis.name
        raise ModelError(f"{where}: over= is an axis or its name")


def _spelled(node: ast.Call, word: str, values: list[ast.expr]) -> ast.expr:
    """``halved(x)`` as a half to the power x, ``mean(x, y)`` as half their sum."""
    if word == "halved":
        made: ast.expr = ast.Call(named("power"), [ast.Constant(0.5), *values], [])
    else:
        made = ast.BinOp(ast.BinOp(values[0], ast.Add(), values[1]), ast.Div(), ast.Constant(2))
    for n in ast.walk(made):
        if not hasattr(n, "lineno"):
            ast.copy_location(n, node)
    return made


class _Nothing(ast.Constant):
    """What stands before the first member of an axis: nothing in any unit, so its multiples are nothing too."""


def _truth(node: ast.expr) -> bool | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, bool) else None


class _Numbers(ast.NodeTransformer):
    """A condition that is known and still stands, as a number."""

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        return _at(ast.Constant(float(node.value)), node) if isinstance(node.value, bool) else node


def _at(made: ast.expr, node: ast.AST) -> ast.expr:
    return ast.copy_location(made, node)
