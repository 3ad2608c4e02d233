"""A model as compiled code: the text of its parts, and the facts a caller needs to use them.

A part is one function of at most ``PART`` equations, ended early where a block ends, so that an edit compiles little
again. The first parts give the opening, some of them once more the openings that the opening test rests on; those
called once find what is fixed (``hoist.py``); the others are a quarter, in its order. A part is named by the hash of
its own text, so equal text is equal code wherever it stands.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from supercycle.equations.emit_numpy import rests_on
from supercycle.equations.graph import Plan
from supercycle.equations.machine.driver import write_driver, write_order
from supercycle.equations.machine.finite import watched
from supercycle.equations.machine.hoist import Hoisted, hoist
from supercycle.equations.machine.ir import Module
from supercycle.equations.machine.layout import Layout
from supercycle.equations.machine.opening import opened
from supercycle.equations.machine.part import write_part

__all__ = ["PART", "Facts", "Program", "write_program"]

PART = 40
_NAME = "supercycle_part"


@dataclass(frozen=True, slots=True)
class Facts:
    """What a caller must know of a program; plain numbers, so that it is kept beside the code.

    ``names``: key of every slot; ``rows``: its row; ``opens``: whether it has an opening; ``param_rows``: row of each parameter slot
    that an equation reads; ``row_count``: rows of the layout; ``test_row``: row of the opening test's answer, or -1;
    ``test_params``: parameter slots the test rests on; ``test``: its source, empty without one.
    """

    names: tuple[str, ...]
    rows: tuple[int, ...]
    opens: tuple[bool, ...]
    param_rows: dict[int, int]
    row_count: int
    test_row: int
    test_params: tuple[int, ...]
    test: str

    def ordered(self, names: Sequence[str]) -> Facts:
        """The same facts for a caller whose slots stand in another order (a plan without the test, say)."""
        place = {name: i for i, name in enumerate(self.names)}
        found = [place[name] for name in names]
        return replace(self, names=tuple(names), rows=tuple(self.rows[i] for i in found),
                       opens=tuple(self.opens[i] for i in found))


@dataclass(frozen=True, slots=True)
class Program:
    """The modules of a model: LLVM IR by name, the driver last, and the facts."""

    modules: dict[str, str]
    facts: Facts


def write_program(plan: Plan, width: int, *, has_fma: bool = True, test: str = "") -> Program:
    """Write a plan's program for ``width`` paths to an instruction; ``test`` names the variable of the opening test.

    Errors: ModelError for an equation outside the language, with file and line.
    """
    start, steps = opened(plan), hoist(plan)
    read = [whole.plan.model.variables[name] for whole in (start, steps) for name in (*whole.once, *whole.each)]
    layout = Layout(steps.plan, [a for v in read for a in v.args])
    still = {name for name, v in plan.model.variables.items() if v.kind == "initial"}
    watch, modules = watched(steps), dict[str, str]()

    def parts(whole: Hoisted, names: Sequence[str], watch: set[str]) -> list[str]:
        made: list[str] = []
        for run in _split(whole.plan, names):
            module = Module(width, has_fma=has_fma)
            write_part(module, _NAME, whole, layout, watch, run)
            text = module.text()
            name = f"{_NAME}_{hashlib.sha256(text.encode()).hexdigest()[:16]}"
            modules[name] = text.replace(f"@{_NAME}(", f"@{name}(")
            made.append(name)
        return made

    wanted = rests_on(plan, [test]) if test else frozenset[str]()
    names = {
        "test": parts(start, [name for name in start.once if name in wanted], set()),
        "opening": parts(start, start.once, still),
        "once": parts(steps, steps.once, watch),
        "each": parts(steps, steps.each, watch),
    }
    test_row = layout.state_rows(test)[0] if test else -1
    order, driver = Module(width, has_fma=has_fma), Module(width, has_fma=has_fma)
    write_order(order, names)
    write_driver(driver, plan, layout, test_row=test_row)
    modules |= {"supercycle_order": order.text(), "supercycle_driver": driver.text()}
    return Program(modules, _facts(plan, layout, start, wanted, test))


def _facts(plan: Plan, layout: Layout, start: Hoisted, wanted: frozenset[str], test: str) -> Facts:
    variables = plan.model.variables
    tested = set[int]()
    for name in wanted:
        for r in (plan.references[a] for a in start.plan.model.variables[name].args):
            if r.kind == "param":
                tested.add(plan.param_slots[r.name])
            elif r.kind == "family":
                tested |= {plan.param_slots[f"{r.name}:{m}"] for m in plan.model.families[r.name].members}
    return Facts(
        names=tuple(plan.slot_names), rows=tuple(layout.rows),
        opens=tuple(plan.opens),
        param_rows=dict(layout.param_pairs), row_count=layout.count,
        test_row=layout.state_rows(test)[0] if test else -1, test_params=tuple(sorted(tested)),
        test=variables[test].opening_text if test else "")


def _split(plan: Plan, names: Sequence[str]) -> Iterator[list[str]]:
    """Runs of at most ``PART`` equations, ended early where a block ends, so an edit compiles little again."""
    run: list[str] = []
    for name in names:
        block = plan.model.variables[name].block
        if run and (len(run) >= PART or (len(run) >= PART // 2 and plan.model.variables[run[-1]].block != block)):
            yield run
            run = []
        run.append(name)
    if run:
        yield run
