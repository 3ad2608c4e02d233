"""What a call of the Python interface was given: read exactly, or refused by the argument's name."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import cast

from supercycle.core.errors import InputError

__all__ = ["Settings", "scenario_argument", "settings_argument", "whole_argument"]

Settings = Iterable[str] | Mapping[str, float | str]


def whole_argument(name: str, value: object, low: int, high: int) -> int:
    """A whole number in [low, high]; 100.0 and "100" are refused like 1.5, so that a number means what it shows.

    >>> import numpy as np
    >>> whole_argument("paths", np.int64(100), 1, 1000)
    100
    >>> whole_argument("paths", 1.5, 1, 1000)
    Traceback (most recent call last):
    ...
    supercycle.core.errors.InputError: paths: not a whole number: expected 1 to 1000, got 1.5 (float)
    """
    index = None if isinstance(value, bool) else getattr(value, "__index__", None)
    if index is None:
        raise InputError(
            "not a whole number",
            expected=f"{low} to {high}",
            got=f"{value!r} ({type(value).__name__})",
            where=name,
        )
    number = int(index())
    if not low <= number <= high:
        raise InputError("out of range", expected=f"{low} to {high}", got=number, where=name)
    return number


def scenario_argument(name: str, value: object) -> str:
    """A preset's name, a file or a result folder, as text or as a path.

    >>> from pathlib import PurePath
    >>> scenario_argument("preset", PurePath("mine.yaml"))
    'mine.yaml'
    """
    if isinstance(value, str | os.PathLike):
        return str(cast("str | os.PathLike[str]", value))
    raise InputError(
        "not a scenario",
        expected="a preset's name, a .yaml file or a result folder",
        got=f"{type(value).__name__}",
        where=name,
        hint='Settings go into set={"id": value}.',
    )


def settings_argument(name: str, value: object) -> Settings:
    """Settings as a mapping of id to value, or as texts ``id=value[unit]``; one text alone is one setting.

    >>> settings_argument("set", "grid_lead_months=60")
    ['grid_lead_months=60']
    """
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        return cast("Mapping[str, float | str]", value)
    if isinstance(value, Sequence | AbstractSet):
        texts: list[object] = [*cast("Sequence[object]", value)]
        if all(isinstance(text, str) for text in texts):
            return cast("list[str]", texts)
    raise InputError(
        "not settings",
        expected='{"id": value} or ["id=value[unit]"]',
        got=type(cast("object", value)).__name__,
        where=name,
    )
