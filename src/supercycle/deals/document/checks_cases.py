"""Lists of numbers under conditions: what may wait for the run, and what is settled before it."""

from __future__ import annotations

import dataclasses
from typing import Any, cast

from supercycle.core.errors import InputError
from supercycle.deals.document.cases import Stated
from supercycle.deals.document.numbers import Number
from supercycle.deals.document.schema import Deal

__all__ = ["check_cases", "has_cases"]

MAY_WAIT = (
    "rate and margin, late_rate, cash_rate, a reserve's target, a test's trap and default, a sweep's share, the cap of "
    "support and of a backstop of service"
)


def has_cases(block: Any) -> bool:
    """Whether any number of a block is such a list."""
    if isinstance(block, Stated):
        return True
    if isinstance(block, tuple):
        return any(has_cases(item) for item in cast("tuple[Any, ...]", block))
    if isinstance(block, Number):
        return bool(block.cases) or (block.floating is not None and bool(block.floating.margin.cases))
    if dataclasses.is_dataclass(block) and not isinstance(block, type):
        return any(has_cases(getattr(block, f.name)) for f in dataclasses.fields(block))
    return False


def check_cases(deal: Deal) -> None:
    """Refuse conditions of the run in numbers that are settled before it, and lists whose cases never hold."""
    _walk(deal, deal)


def _walk(block: Any, deal: Deal) -> None:
    for field in dataclasses.fields(block):
        value, may = getattr(block, field.name), bool(field.metadata.get("when", False))
        if isinstance(value, Stated):
            _check(value.number, may)
        elif isinstance(value, Number):
            if field.name == "cap" and getattr(block, "covers", "service") != "service":
                may = False  # a backstop of rent, and a residual value guarantee, are reckoned before the run
            _check(value, may)
            if value.floating is not None:
                _check(value.floating.margin, may)
        elif isinstance(value, tuple):
            for item in cast("tuple[Any, ...]", value):
                if dataclasses.is_dataclass(item):
                    _walk(item, deal)
        elif dataclasses.is_dataclass(value):
            _walk(value, deal)


def _check(number: Number, may: bool) -> None:
    seen: set[tuple[str, ...]] = set()
    for case in number.cases:
        if case.texts in seen:
            raise InputError("two numbers of a list have the same conditions", got=", ".join(case.texts),
                             where=case.number.where)  # fmt: skip
        seen.add(case.texts)
        if case.waits and not may:
            raise InputError(
                "this number is settled before the deal runs, so that it cannot wait for a test",
                expected="from or before a date, completed, or after ard of NAME", got=", ".join(case.texts),
                where=case.number.where, hint=f"What may wait: {MAY_WAIT}.",
            )  # fmt: skip
        floating = case.number.floating
        if floating is not None and floating.margin.cases:
            raise InputError("a list within a list", expected="the list beside base, or in its margin",
                             where=case.number.where)  # fmt: skip
