"""A decision file: YAML text to a case, with the line in every message, and old versions converted.

A number may be ``{value: 3.2, source: "quote of 3 November"}``; what the text leaves out is the default of its item.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, TypeVar, cast

from supercycle.core.errors import InputError, UnknownNameError
from supercycle.decisions.inputs.assumptions import ITEMS
from supercycle.decisions.inputs.case import Case, build
from supercycle.decisions.inputs.hardware import Gpu
from supercycle.decisions.inputs.sheets import gpu_sheet, model_sheet
from supercycle.decisions.inputs.typed_load import TypedLoad, read_load
from supercycle.decisions.inputs.weights import Weights

__all__ = ["CONVERTED", "SCHEMA", "read_case"]

SCHEMA = 2  # of decision files; files of version 1 carry none
_Sheet = TypeVar("_Sheet", Gpu, Weights)
_SHEETS = ("gpu_sheet", "model_sheet")
_TOP = (*_SHEETS, "schema", "title", "start", "horizon_months", "today", "usage", "load", "notes")


def read_case(
    text: str, *, origin: str, today: date, settings: Mapping[str, float | str] | None = None
) -> Case:
    """A case from YAML text; ``settings`` by path win over the text. Messages name file and line.

    A number may be ``{value: 3.2, source: "quote of 3 November"}``. Errors: those of build, and InputError for
    text that is not YAML or not a mapping.
    """
    from supercycle.deals.document.document import Reader
    from supercycle.deals.document.scalars import read_scalar

    reader = Reader(origin)
    if not text.strip():
        raise InputError(
            "the decision file is empty", where=origin, hint="supercycle decide init writes one that runs."
        )
    content: Any = reader.parse(text)
    version = _version(
        content.get("schema", 1), reader.line(content, "schema") if "schema" in content else origin
    )
    given: dict[str, tuple[float | str, str]] = {}
    top: dict[str, Any] = {}
    notes: list[str] = []
    sections = sorted({path.partition(".")[0] for path in ITEMS})
    for name, inner in content.items():
        where = reader.line(content, name)
        if name in _TOP:
            top[name] = inner
            continue
        if name not in sections:
            raise UnknownNameError("section", str(name), (*_TOP, *sections), where=where)
        if inner is None:  # every line of it is commented out
            continue
        if not isinstance(inner, dict):
            raise InputError(
                f"{name} is not a section", expected="keys and values", got=repr(inner), where=where
            )
        for key, value in cast(dict[Any, Any], inner).items():
            place = reader.line(inner, key)
            path = f"{name}.{key}"
            if version == 1 and path in CONVERTED:
                old: Any = cast(dict[str, Any], value).get("value") if isinstance(value, dict) else value
                converted = CONVERTED[path](read_scalar(old, place), place)
                notes.append(converted[1])
                if converted[0] is not None:
                    given[path] = (converted[0], place)
                continue
            if path not in ITEMS:
                raise UnknownNameError(
                    "input", path, [p for p in ITEMS if p.startswith(f"{name}.")], where=place
                )
            held: Any = value
            if isinstance(value, dict):
                noted = cast(dict[str, Any], value)
                if set(noted) - {"value", "source"}:
                    raise InputError(
                        f"bad {path}", expected="value and source", got=", ".join(noted), where=place
                    )
                place, held = f"{place}: {noted.get('source', 'given')}", noted.get("value")
            wordy = ITEMS[path].wordy
            given[path] = (str(held) if wordy else read_scalar(held, place), place)
    for path, value in (settings or {}).items():
        wordy = path in ITEMS and ITEMS[path].wordy
        given[path] = (str(value) if wordy else read_scalar(value, f"--set {path}"), f"--set {path}")
    when = top.get("today", today)
    if not isinstance(when, date):
        raise InputError("today", expected="a day such as 2026-11-21", got=repr(when), where=origin)
    months = top.get("horizon_months", 60)
    if not isinstance(months, int) or isinstance(months, bool):
        raise InputError("horizon_months", expected="a whole number", got=repr(months), where=origin)
    return build(
        given,
        title=str(top.get("title", origin)),
        start=str(top.get("start", "")),
        horizon_months=months,
        today=when,
        usage=str(top.get("usage", "")),
        load=_load(reader, content, top.get("load")),
        notes=tuple(notes),
        own_gpu=_sheet(reader, content, "gpu_sheet", gpu_sheet),
        own_model=_sheet(reader, content, "model_sheet", model_sheet),
        origin=origin,
    )


def _sheet(
    reader: Any, content: Any, name: str, read: Callable[[Mapping[str, object], str], _Sheet]
) -> _Sheet | None:
    """A data sheet of the file, or None."""
    inner: Any = content.get(name)
    if inner is None:
        return None
    where = reader.line(content, name)
    if not isinstance(inner, dict):
        raise InputError(f"{name} is not a section", expected="keys and values", got=repr(inner), where=where)
    return read(cast(Mapping[str, object], inner), where)


def _load(reader: Any, content: Any, inner: Any) -> TypedLoad | None:
    """The section ``load``, whose numbers may carry separators of thousands like every other."""
    from supercycle.deals.document.scalars import read_scalar

    if inner is None:
        return None
    where = reader.line(content, "load")
    if not isinstance(inner, dict):
        raise InputError("load is not a section", expected="keys and values", got=repr(inner), where=where)
    fields = cast(dict[Any, Any], inner)
    words = ("provider", "model", "shape")
    values = {
        str(key): str(value) if key in words else read_scalar(value, reader.line(fields, key))
        for key, value in fields.items()
    }
    return read_load(values, where)


def _version(value: object, where: str) -> int:
    if isinstance(value, bool) or value not in (1, SCHEMA):
        raise InputError(
            "schema of the decision file",
            expected=f"{SCHEMA}, or 1 which is converted",
            got=repr(value),
            where=where,
            hint="supercycle decide init writes a file of this version.",
        )
    return cast(int, value)


def _log_growth(value: object, where: str) -> tuple[float | None, str]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InputError("workload.growth_per_year", expected="a number", got=repr(value), where=where)
    if not -5 <= value <= _MOST_LOG_GROWTH:
        raise InputError("workload.growth_per_year", expected="-5 to 2.3 as a log", got=value, where=where)
    plain = math.expm1(value)
    return plain, (
        f"{where}: the file has no schema, so workload.growth_per_year {value:g} was read as a log, as version 1 did: "
        f"{100 * plain:.0f} % a year. Write schema: {SCHEMA} and the yearly growth itself."
    )


def _gone_slack(value: object, where: str) -> tuple[float | None, str]:
    return None, (
        f"{where}: rental.autoscale_slack {value} is no longer an input; the minutes of starting and stopping are "
        "counted hour by hour (rental.start_stop_minutes)."
    )


_MOST_LOG_GROWTH = math.log(10.0)
# What files of version 1 said in another way: the value now (None leaves the default), and a sentence for the notes.
CONVERTED: dict[str, Callable[[object, str], tuple[float | None, str]]] = {
    "workload.growth_per_year": _log_growth,
    "rental.autoscale_slack": _gone_slack,
}
