"""A YAML file whose every value knows its line: for errors that say ``gateway.yaml:12``.

Only plain data is read (mappings, lists, text, numbers, true, false, null); tags that construct anything are refused.
Each mapping is taken apart field by field, and what was not taken is an error with the nearest name.
"""

# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false, reportUnknownMemberType=false
# pyright: reportMissingTypeStubs=false
from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from supercycle.core.errors import InputError, UnknownNameError

__all__ = ["Item", "read_yaml"]

T = TypeVar("T")
_MISSING: Any = object()
_PLAIN = {"null", "bool", "int", "float", "str", "map", "seq", "timestamp"}
_WORDS: dict[type, str] = {
    str: "text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    dict: "a mapping",
    list: "a list",
}


class Item:
    """One value and where it stands. ``text`` is how it is written, so that money keeps its decimals."""

    __slots__ = ("_file", "_line", "_taken", "text", "value")

    def __init__(self, value: Any, text: str, file: str, line: int) -> None:
        self.value = value
        self.text = text
        self._file = file
        self._line = line
        self._taken: set[str] = set()

    @property
    def where(self) -> str:
        """file:line."""
        return f"{self._file}:{self._line}"

    def as_(self, kind: type[T], name: str) -> T:
        """The value if it is of that kind; InputError otherwise. A whole number passes for a number."""
        value = self.value
        if kind is float and isinstance(value, int) and not isinstance(value, bool):
            return float(value)  # pyright: ignore[reportReturnType]
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise InputError(
                name,
                where=self.where,
                expected=_WORDS[kind],
                got=self.text or _WORDS.get(type(value), "nothing"),
            )
        return value

    def take(self, name: str, kind: type[T], default: Any = _MISSING) -> T:
        """A field's value; its default when it is not said. InputError when it must be said."""
        field_item = self.item(name)
        if field_item is None:
            if default is _MISSING:
                raise InputError(f"{name} is missing", where=self.where)
            return default
        return field_item.as_(kind, name)

    def choice(self, name: str, known: tuple[str, ...], default: str) -> str:
        """A field that is one of a few words."""
        field_item = self.item(name)
        if field_item is None:
            return default
        if field_item.value not in known:
            raise UnknownNameError(name, str(field_item.value), known, where=field_item.where)
        return field_item.value

    def item(self, name: str) -> Item | None:
        """A field as an item, None when it is not said."""
        self._taken.add(name)
        field_item: Item | None = self.as_(dict, "here").get(name)
        return None if field_item is None or field_item.value is None else field_item

    def items(self) -> Iterator[tuple[str, Item]]:
        """All fields of a mapping whose names are the user's."""
        yield from self.as_(dict, "here").items()

    def each(self) -> list[Item]:
        """The items of a list."""
        return self.as_(list, "here")

    def words(self, name: str) -> frozenset[str]:
        """A field that is a list of words."""
        field_item = self.item(name)
        return (
            frozenset() if field_item is None else frozenset(one.as_(str, name) for one in field_item.each())
        )

    def done(self, kind: str = "setting") -> None:
        """Refuse what nobody took."""
        for name, field_item in self.as_(dict, "here").items():
            if name not in self._taken:
                raise UnknownNameError(kind, name, sorted(self._taken), where=field_item.where)

    def plain(self, convert: Callable[[Item], Any] = lambda item: item.value) -> Any:
        """The value with everything inside it, without lines; ``convert`` makes the leaves."""
        if isinstance(self.value, dict):
            return {name: one.plain(convert) for name, one in self.value.items()}
        if isinstance(self.value, list):
            return [one.plain(convert) for one in self.value]
        return convert(self)


def read_yaml(text: str, file: str) -> Item:
    """The file as an item. Raises InputError with file and line: not YAML, a name twice, a tag, an anchor's loop."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        node = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise InputError(f"not YAML: {error.problem}", where=f"{file}:{line}") from None
    except YAMLError as error:
        raise InputError("not YAML", where=file, got=str(error).splitlines()[0]) from None
    if node is None:
        return Item({}, "", file, 1)
    return _item(node, file, 0)


def _item(node: Any, file: str, depth: int) -> Item:
    line = node.start_mark.line + 1
    kind = str(node.tag).rsplit(":", 1)[-1]
    if kind not in _PLAIN or depth > 20:
        raise InputError(
            "not plain data", where=f"{file}:{line}", got=f"tag {node.tag}" if depth <= 20 else "a loop"
        )
    if node.id == "mapping":
        fields: dict[str, Item] = {}
        for key, value in node.value:
            if key.value in fields:
                raise InputError(f"{key.value} is said twice", where=f"{file}:{key.start_mark.line + 1}")
            fields[str(key.value)] = _item(value, file, depth + 1)
        return Item(fields, "", file, line)
    if node.id == "sequence":
        return Item([_item(one, file, depth + 1) for one in node.value], "", file, line)
    return Item(_scalar(kind, str(node.value), f"{file}:{line}"), str(node.value), file, line)


def _scalar(kind: str, text: str, where: str) -> Any:
    if kind == "null":
        return None
    if kind == "bool":
        return text.lower() in ("true", "yes", "on")
    if kind == "int" and re.fullmatch(r"[-+]?[\d_]+", text):
        return int(text)
    if kind == "float":
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            raise InputError("number", where=where, expected="a finite number", got=text)
        return number
    return text
