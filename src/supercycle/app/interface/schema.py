"""Types made into JSON Schema, and requests held against them.

A request with a field there is not, or of another type, is refused before anything is computed: a misspelt ``pathss``
must not run with the default number of paths.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, NotRequired, Union, cast, get_args, get_origin, get_type_hints, is_typeddict

from supercycle.core.errors import InputError, UnknownNameError

__all__ = ["checked", "fields", "json_schema", "named_in", "object_schema"]

_PLAIN = {str: "string", int: "integer", float: "number", bool: "boolean", NoneType: "null"}
_WORDS = {str: "a text", int: "a whole number", float: "a number", bool: "true or false", NoneType: "null"}


@cache
def fields(shape: type) -> dict[str, tuple[Any, bool]]:
    """Each field's type, and whether it must be there.

    >>> from supercycle.app.interface.run import Change
    >>> [name for name, (_, needed) in fields(Change).items() if needed]
    ['value', 'ends']
    """
    out: dict[str, tuple[Any, bool]] = {}
    total = bool(getattr(shape, "__total__", True))
    for name, hint in get_type_hints(shape, include_extras=True).items():
        optional = get_origin(hint) is NotRequired
        out[name] = (get_args(hint)[0] if optional else hint, total and not optional)
    return out


def json_schema(hint: Any) -> dict[str, Any]:
    """The JSON Schema of a type; a TypedDict by reference (``named_in`` finds them all)."""
    origin, inner = get_origin(hint), get_args(hint)
    if hint is Any:
        return {}
    if is_typeddict(hint):
        return {"$ref": f"#/components/schemas/{hint.__name__}"}
    if hint in _PLAIN:
        return {"type": _PLAIN[hint]}
    if origin is Literal:
        return {"enum": list(inner)}
    if origin is list:
        return {"type": "array", "items": json_schema(inner[0])}
    if origin is dict:
        return {"type": "object", "additionalProperties": json_schema(inner[1])}
    if origin is tuple:
        items = [json_schema(one) for one in inner]
        return {"type": "array", "prefixItems": items, "minItems": len(items), "maxItems": len(items)}
    if origin in (Union, UnionType):
        return {"anyOf": [json_schema(one) for one in inner]}
    raise TypeError(f"no JSON Schema for {hint!r}")


def object_schema(shape: type) -> dict[str, Any]:
    """The JSON Schema of a TypedDict itself: no field but its own."""
    found = fields(shape)
    return {
        "type": "object",
        "description": " ".join((shape.__doc__ or "").split()),
        "properties": {name: json_schema(hint) for name, (hint, _) in found.items()},
        "required": [name for name, (_, needed) in found.items() if needed],
        "additionalProperties": False,
    }


def named_in(*shapes: Any) -> dict[str, type]:
    """Every TypedDict that the shapes are made of, by name."""
    out: dict[str, type] = {}
    waiting = list(shapes)
    while waiting:
        hint = waiting.pop()
        if is_typeddict(hint):
            if out.get(hint.__name__) is hint:
                continue
            if hint.__name__ in out:
                raise TypeError(f"two types are called {hint.__name__}")
            out[hint.__name__] = hint
            waiting += [inner for inner, _ in fields(hint).values()]
        else:
            waiting += get_args(hint)
    return dict(sorted(out.items()))


def checked(body: Mapping[str, Any], shape: type, where: str = "") -> None:
    """Hold a request against its type.

    Errors: UnknownNameError for a field there is not, with the nearest; InputError for one missing or of another type.

    >>> from supercycle.app.interface.asks import RunBody
    >>> checked({"paths": 100}, RunBody)
    >>> checked({"pathss": 100}, RunBody)
    Traceback (most recent call last):
    ...
    supercycle.core.errors.UnknownNameError: unknown field 'pathss': did you mean 'paths'?
    >>> checked({"paths": "100"}, RunBody)
    Traceback (most recent call last):
    ...
    supercycle.core.errors.InputError: paths: expected a whole number, got '100'
    """
    found = fields(shape)
    for name in body:
        if name not in found:
            raise UnknownNameError("field", f"{where}{name}", [f"{where}{one}" for one in found])
    for name, (hint, needed) in found.items():
        if name in body:
            _held(body[name], hint, f"{where}{name}")
        elif needed:
            raise InputError(f"{where}{name}", expected=_in_words(hint), got="nothing")


def _held(value: Any, hint: Any, where: str) -> None:
    if is_typeddict(hint) and isinstance(value, dict):
        checked(cast("dict[str, Any]", value), hint, f"{where}.")
        return
    origin, inner = get_origin(hint), get_args(hint)
    if origin is list and isinstance(value, list):
        for at, one in enumerate(cast("list[Any]", value)):
            _held(one, inner[0], f"{where}[{at}]")
        return
    if origin is dict and isinstance(value, dict):
        for key, one in cast("dict[str, Any]", value).items():
            _held(one, inner[1], f"{where}.{key}")
        return
    if hint is Any or any(_plain(value, one) for one in (inner if origin in (Union, UnionType) else (hint,))):
        return
    raise InputError(where, expected=_in_words(hint), got=repr(value)[:80])


def _plain(value: Any, hint: Any) -> bool:
    if isinstance(value, bool) or value is None:
        return hint is type(value)
    return hint in (str, int, float) and isinstance(value, int | float if hint is float else hint)


def _in_words(hint: Any) -> str:
    origin, inner = get_origin(hint), get_args(hint)
    if is_typeddict(hint):
        return f"an object with {', '.join(fields(hint))}"
    if origin is list:
        return f"a list, each {_in_words(inner[0])}"
    if origin is dict:
        return f"an object, each {_in_words(inner[1])}"
    if origin in (Union, UnionType):
        return " or ".join(_in_words(one) for one in inner)
    return _WORDS.get(hint, str(hint))
