"""Every wrong line of every equation of the world against its cases and the check of units, in one process.

``run.py`` draws a few mutants of each package and runs tests of all kinds. Here all places in all equations and
openings are tried, several thousand in a minute, against the tables of tests/meaning alone: what is left is a place
where a case is missing, or one that changes nothing.

    python bench/mutation/equations.py
"""

from __future__ import annotations

import ast
import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from report import equivalents
from sites import Mutant, mutants

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tests" / "meaning"))

from cases import ALWAYS, Case  # noqa: E402

from supercycle.core.errors import SupercycleError  # noqa: E402
from supercycle.core.units import parse_unit, same  # noqa: E402
from supercycle.equations.dimensions import Dimension, unit_of  # noqa: E402
from supercycle.equations.resolve import resolve  # noqa: E402
from supercycle.equations.variable import Variable  # noqa: E402
from supercycle.world.world import world_model  # noqa: E402

Place = tuple[str, int]


def cases_of() -> dict[Place, list[tuple[Case, Variable]]]:
    """The cases of each function, by its file and first line."""
    found: dict[Place, list[tuple[Case, Variable]]] = {}
    for table in sorted((ROOT / "tests" / "meaning").glob("cases_*.py")):
        for case in importlib.import_module(table.stem).CASES:
            v = world_model().variables[case.name]
            function = v.opening if case.opening or v.kind == "initial" else v.function
            if not hasattr(function, "__tree__"):
                code = function.__code__
                found.setdefault((code.co_filename, code.co_firstlineno), []).append((case, v))
    return found


def planted(mutant: Mutant, text: str) -> Iterator[Callable[..., Any]]:
    """The functions that stand at the mutant's place, wrong line and all."""
    wrong = ast.parse(mutant.apply(text))
    for node in ast.walk(wrong):
        first = (
            min([node.lineno, *(d.lineno for d in node.decorator_list)])
            if isinstance(node, ast.FunctionDef)
            else 0
        )
        if isinstance(node, ast.FunctionDef) and first == mutant.first and node.name == mutant.function:
            node.decorator_list = []
            yield _made(ast.Module([node], []), node.name)
        elif (
            isinstance(node, ast.Lambda)
            and node.lineno == mutant.first
            and mutant.function.endswith(", opening")
        ):
            yield _made(ast.Module([ast.Assign([ast.Name("it", ast.Store())], node)], []), "it")


def _made(tree: ast.Module, name: str) -> Callable[..., Any]:
    scope: dict[str, Any] = {"np": np}
    functions = importlib.import_module("supercycle.equations.functions")
    scope |= {word: getattr(functions, word) for word in functions.__all__}
    exec(compile(ast.fix_missing_locations(tree), "<mutant>", "exec"), scope)
    return scope[name]


def seen(wrong: Callable[..., Any], cases: list[tuple[Case, Variable]]) -> bool:
    """Whether a case gives another answer, or the units no longer fit."""
    for case, _ in cases:
        given = [case.given[a] if a in case.given else ALWAYS[a] for a in case.equation.args]
        try:
            with np.errstate(all="ignore"):
                value = wrong(*(np.asarray(x, float) if isinstance(x, list) else x for x in given))
        except (ArithmeticError, TypeError, ValueError, NameError, SupercycleError):
            return True
        if not np.allclose(value, case.answer, rtol=1e-9, atol=1e-12):
            return True
    case, v = cases[0]
    right = case.equation
    return fits(right.function, right.args, v) and not fits(wrong, right.args, v)


def fits(function: Callable[..., Any], args: tuple[str, ...], v: Variable) -> bool:
    """Whether the check of units, made before every run, lets it pass. A sum over members it cannot read here."""
    model = world_model()
    try:
        made = function(*(Dimension(unit_of(model, resolve(model, a, v.name))) for a in args))
    except Exception:
        return False
    return not isinstance(made, Dimension) or same(made.unit, parse_unit(v.unit))


def main() -> None:
    """Try all, and list by file what no case sees."""
    known = cases_of()
    tried, left = 0, list[Mutant]()
    for file in sorted((ROOT / "src" / "supercycle" / "world").glob("*.py")):
        text = file.read_text(encoding="utf-8")
        for sites in mutants(ROOT, file).values():
            for mutant in sites:
                cases = known.get((str(file), mutant.first))
                if cases is None:
                    continue
                for wrong in planted(mutant, text):
                    tried += 1
                    if not seen(wrong, cases):
                        left.append(mutant)
    reasons = equivalents()
    unknown = [mutant for mutant in left if mutant.name not in reasons]
    for mutant in unknown:
        print(f"{mutant.file}:{mutant.line}: {mutant.name} -> {mutant.new}")
    same = len(left) - len(unknown)
    print(
        f"{tried} wrong lines in {len(known)} functions: no case sees {len(unknown)}; {same} change no answer"
    )
    sys.exit(bool(unknown))


if __name__ == "__main__":
    main()
