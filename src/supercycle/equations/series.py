"""Exogenous dated series: one parameter a date, and the value in force in a quarter."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from itertools import pairwise
from typing import TYPE_CHECKING

from supercycle.core.errors import InputError, UsageError
from supercycle.core.quarters import Quarter
from supercycle.equations.variable import Axis, member_key
from supercycle.equations.written import declared_at, from_tree, named

if TYPE_CHECKING:
    from supercycle.equations.block import Block

__all__ = ["declare"]


def declare(block: Block, name: str, unit: str, values: Mapping[str, float], meaning: str, *, start: str, after: str,
            label: str, source: str, evidence: str, reason: str, report: bool) -> None:
    """Declare the series of ``Block.series``.

    Errors: InputError for an unreadable date, no date, or dates out of order; UsageError for another ``after``.
    """
    if after not in ("hold", "end"):
        raise UsageError(f"series {name}: what follows the last date?", expected='after="hold" or after="end"', got=repr(after))
    if not values:
        raise InputError(f"series {name} has no value")
    dates = [Quarter.parse(date, where=f"series {name}") for date in values]
    if any(b <= a for a, b in pairwise(dates)):
        raise InputError(f"the dates of series {name} are out of order", expected="each later than the one before",
                         got=", ".join(map(str, dates)))
    opening = Quarter.parse(start, where=f"series {name}")
    axis = Axis(f"{name}_date", tuple(map(str, dates)))
    family = f"{name}_by_date"
    for date, value in zip(axis.members, values.values(), strict=True):
        block.param(f"{family}:{date}", f"{label or name}, {date}", unit, value, value, value, "fixed", meaning, source=source,
                    evidence=evidence or ("judgement" if reason else "published"), reason=reason)
    block.family(family, axis)
    place = declared_at()
    read = [f"{family}__{member_key(m)}" for m in axis.members]
    since = [date - opening for date in dates]  # quarters from the opening
    at_opening = max([i for i, quarters in enumerate(since) if quarters <= 0], default=0)
    begin = from_tree(f"{name}_opening", named(read[at_opening]), meaning, place)
    block.equation(unit, opening=begin, name=name, meaning=meaning, label=label, report=report, source=source,
                   mechanism="" if source else f"judged: {reason or 'given by date'}")(
        from_tree(name, _in_force(read, since, after), meaning, place))


def _in_force(read: list[str], since: list[int], after: str) -> ast.expr:
    """``where(t < second date, first value, where(t < third date, second value, ...))``."""
    value = named(read[-1])
    if after == "end":  # no number after the last date: a division by nothing, so that the path is reported
        none = ast.BinOp(ast.BinOp(named(read[-1]), ast.Mult(), named("one_quarter")), ast.Div(),
                         ast.BinOp(named("t"), ast.Sub(), named("t")))
        value = _where(since[-1] + 1, value, none)
    for earlier, quarters in zip(reversed(read[:-1]), reversed(since[1:]), strict=True):
        value = _where(quarters, named(earlier), value)
    return value


def _where(quarters: int, before: ast.expr, then: ast.expr) -> ast.expr:
    bound = ast.BinOp(ast.Constant(float(quarters)), ast.Mult(), named("one_quarter"))
    return ast.Call(named("where"), [ast.Compare(named("t"), [ast.Lt()], [bound]), before, then], [])
