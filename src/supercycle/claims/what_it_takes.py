"""What it would take for a claim to hold: each input alone, solved within its range and substituted back."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import FunctionType

from supercycle.claims.entry import Entry, Formula, Input, Reading
from supercycle.claims.solve import Solution, solve
from supercycle.core.errors import InputError
from supercycle.figures.units import convert

__all__ = ["Change", "changes", "formula_text", "parse_settings"]

_SETTING = re.compile(r"\s*([a-z_0-9]+)\s*=\s*([-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?)\s*(\S*)\s*")


@dataclass(frozen=True, slots=True)
class Change:
    """One input solved alone: ``now`` is its value, ``solution`` where the formula meets the published value."""

    item: Input
    now: float
    solution: Solution
    sentence: str


def changes(
    entry: Entry, settings: Mapping[str, float] | None = None, reading: Reading | None = None
) -> tuple[Change, ...]:
    """Every input solved alone for the published value, the others at their values (or ``settings``).

    With ``reading`` the reading's formula and inputs are solved instead of the claim's own; one that answers
    in another unit has nothing to solve. Without a formula there is nothing to solve: (). When no value in
    the range does it, the sentence says so and names the nearest.

    >>> from supercycle.claims.catalogue import entry
    >>> for change in changes(entry("required_revenue")): print(change.sentence)
    capex_usd_bn = 6500 USD_bn (now 5000)
    return_share = 0.13 share (now 0.1)
    """
    formula, inputs, values = entry.formula, entry.inputs, entry.values(settings)
    if reading is not None:
        formula, inputs, values = reading.formula, reading.inputs, reading.values(settings)
        if reading.unit != entry.unit:
            return ()
    out: list[Change] = []
    for item in inputs if formula is not None else ():
        found = solve(_alone(formula, values, item.name), entry.published, item.low, item.high)
        out.append(Change(item, values[item.name], found, _sentence(entry, item, values[item.name], found)))
    return tuple(out)


def _alone(formula: Formula | None, values: Mapping[str, float], name: str) -> Callable[[float], float]:
    assert formula is not None
    return lambda x: formula(**{**values, name: x})


def _sentence(entry: Entry, item: Input, now: float, found: Solution) -> str:
    if found.answers:
        told = " or ".join(f"{x:.6g}" for x in found.answers)
        return f"{item.name} = {told} {item.unit} (now {now:.6g})"
    none = f"{item.name}: no value in {item.low:.6g} to {item.high:.6g} {item.unit} gives {entry.published:g}"
    if found.nearest is None or found.nearest_value is None:
        return f"{none}; no value gives any number"
    leap = f"; the value leaps over it at {found.jumps[0]:.6g}" if found.jumps else ""
    return f"{none}; nearest {found.nearest:.6g} gives {found.nearest_value:.6g}{leap}"


def parse_settings(entry: Entry, words: Iterable[str]) -> dict[str, float]:
    """``input=value[unit]`` to values in the inputs' units; a bare number is in the input's own unit.

    Raises InputError for a word that is no setting, UnknownNameError for a name that is no input, UnitError
    for a unit that does not convert.

    >>> from supercycle.claims.catalogue import entry
    >>> parse_settings(entry("required_revenue"), ["return_share=13percent", "capex_usd_bn=6USD_tn"])
    {'return_share': 0.13, 'capex_usd_bn': 6000.0}
    """
    units = {name: item.unit for name, item in entry.settable.items()}
    out: dict[str, float] = {}
    for word in words:
        read = _SETTING.fullmatch(word)
        if read is None:
            raise InputError("not a setting", expected="input=value[unit]", got=word, hint=_names(entry))
        name, value, unit = read[1], float(read[2]), read[3]
        out[name] = convert(value, unit, units[name]) if unit and name in units else value
    entry.values(out)  # refuses unknown names and values out of range
    return out


def _names(entry: Entry) -> str:
    return f"Inputs: {', '.join(entry.settable) or 'none'}."


def formula_text(formula: Formula) -> str:
    """The arithmetic as it runs, without its docstring, with the functions of this package that it calls.

    >>> from supercycle.claims.required_revenue import perpetuity
    >>> print(formula_text(perpetuity))
    perpetuity(capex_usd_bn, return_share) = capex_usd_bn * return_share
    """
    shown: dict[str, str] = {}
    _collect(formula, shown)
    return "\n".join(shown.values())


def _collect(formula: Callable[..., object], shown: dict[str, str]) -> None:
    tree = ast.parse(textwrap.dedent(inspect.getsource(formula))).body[0]
    assert isinstance(tree, ast.FunctionDef)
    body = tree.body[1:]  # every public function has a docstring
    head = f"{tree.name}({', '.join(arg.arg for arg in tree.args.args)})"
    if len(body) == 1 and isinstance(body[0], ast.Return) and body[0].value is not None:
        shown[tree.name] = f"{head} = {ast.unparse(body[0].value)}"
    else:
        lines = "\n".join(ast.unparse(line) for line in body)
        shown[tree.name] = f"{head}:\n{textwrap.indent(lines, '    ')}"
    home: dict[str, object] = getattr(formula, "__globals__", {})
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            called = home.get(node.func.id)
            if isinstance(called, FunctionType) and called.__name__ not in shown:
                _collect(called, shown)
