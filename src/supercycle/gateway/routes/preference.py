"""The caller's ``provider`` object: which providers, in what order, at what price, under which promises."""

# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false, reportUnknownMemberType=false
from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from supercycle.core.errors import InputError, UnknownNameError

__all__ = ["Preference", "preference_of"]

_SORTS = ("price", "latency", "throughput")


class Preference(NamedTuple):
    """The caller's ``provider`` object, with the names that are common for it."""

    order: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    sort: str | None = None
    max_prompt: float | None = None  # USD per million tokens
    max_completion: float | None = None
    allow_fallbacks: bool = True
    data: frozenset[str] = frozenset()
    quality: float | None = None


_FIELDS = (
    "order",
    "only",
    "ignore",
    "sort",
    "max_price",
    "allow_fallbacks",
    "data_collection",
    "data",
    "min_quality",
)


def preference_of(asked: Mapping[str, Any], names: Iterable[str]) -> Preference:
    """Read the object; ``names`` are the providers there are. Raises InputError, with the nearest name."""
    known = tuple(names)
    for field in asked:
        if field not in _FIELDS:
            raise UnknownNameError("field of provider", str(field)[:60], _FIELDS)

    def words(field: str) -> tuple[str, ...]:
        given = asked.get(field) or []
        if not isinstance(given, list) or not all(isinstance(name, str) for name in given):
            raise InputError(f"provider.{field}", expected="a list of words", got=repr(given)[:60])
        return tuple(given)

    def providers(field: str) -> tuple[str, ...]:
        given = words(field)
        for name in given:
            if name not in known:
                raise UnknownNameError("provider", name[:60], known)
        return given

    sort = asked.get("sort")
    if sort is not None and sort not in _SORTS:
        raise UnknownNameError("provider.sort", str(sort)[:60], _SORTS)
    most = asked.get("max_price") or {}
    if not isinstance(most, dict):
        raise InputError("provider.max_price", expected='{"prompt": 1, "completion": 2}', got=repr(most)[:60])
    promised = set(words("data"))
    if asked.get("data_collection") == "deny":
        promised.add("no-training")
    return Preference(
        order=providers("order"),
        only=providers("only"),
        ignore=providers("ignore"),
        sort=sort,
        max_prompt=_number(most.get("prompt"), "provider.max_price.prompt"),
        max_completion=_number(most.get("completion"), "provider.max_price.completion"),
        allow_fallbacks=asked.get("allow_fallbacks") is not False,
        data=frozenset(promised),
        quality=_number(asked.get("min_quality"), "provider.min_quality"),
    )


def _number(value: object, name: str) -> float | None:
    if value is None:
        return None
    try:
        number = float(value)  # pyright: ignore[reportArgumentType]
    except (TypeError, ValueError):
        raise InputError(name, expected="a number", got=repr(value)[:60]) from None
    if not 0 <= number < float("inf"):
        raise InputError(name, expected="0 or more", got=number)
    return number
