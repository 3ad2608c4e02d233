"""From YAML text to typed objects: every key declared once, every mistake told with its line.

A block is a frozen dataclass whose fields are made with ``key``; the same declarations read the file and
write the JSON Schema. Blocks may carry source, tier, judgement and note; no other key passes unknown.
"""

from __future__ import annotations

import dataclasses
import datetime
import itertools
import re
from collections.abc import Sequence
from typing import Any, TypeVar, cast

from supercycle.core.errors import InputError, UnknownNameError
from supercycle.deals.document.cases import Case, Stated
from supercycle.deals.document.curves import SHIPPED, shipped_curve
from supercycle.deals.document.numbers import FACTORS, NUMBER_KINDS, Floating, Number
from supercycle.deals.document.scalars import ABOVE, read_scalar

__all__ = ["NOTES", "Place", "Reader", "key"]

Block = TypeVar("Block")
NOTES = ("source", "tier", "judgement", "note")
TIERS = ("A", "B", "C", "D", "E")
FLOATING = ("margin", "reset", "floor", "cap", "lookback_days")
MOST_LOOKBACK = 10  # business days; five are usual
RESETS = ("term", "daily_simple", "daily_compounded")
WHEN, EXAMPLE = "when", "[{value: 8 %, when: locked}, 7 %]"
FIRST_YEAR, LAST_YEAR = 1950, 2200  # dates outside are slips of the pen
WORLD = re.compile(r"\$world\.([A-Za-z_]\w*(?::[\w .&+-]+)?)")
_REQUIRED = dataclasses.MISSING


def key(
    kind: Any, doc: str, default: Any = _REQUIRED, *, choices: Sequence[str] = (), unit: str = "", when: bool = False
) -> Any:  # fmt: skip
    """One key of a block: "text", "date", "int", "flag", "names", "scalar", "number", a block, or [block].

    ``unit`` names the range that a scalar or a number must lie in (see ``scalars``). ``when`` says that it is read as
    the deal runs, so that it may be a list of numbers under conditions of the run (see ``cases``).
    """
    metadata = {"kind": kind, "doc": doc, "choices": tuple(choices), "unit": unit, "when": when}
    if default is _REQUIRED:
        return dataclasses.field(metadata=metadata)
    return dataclasses.field(default=default, metadata=metadata)


class Place(str):
    """Where a block was written, as file:line, and where each of its keys was."""

    keys: dict[str, str]

    def of(self, name: str) -> str:
        """The line of a key, or the block's own where the key was not written.

        >>> place = Place("deal.yaml:3")
        >>> place.keys = {"amount": "deal.yaml:5"}
        >>> place.of("amount"), place.of("rate")
        ('deal.yaml:5', 'deal.yaml:3')
        """
        return getattr(self, "keys", {}).get(name.rstrip("_"), str(self))


class Reader:
    """Reads one document; ``origin`` is the file's name in messages."""

    def __init__(self, origin: str) -> None:
        self.origin = origin

    def parse(self, text: str) -> Any:
        """The document as plain mappings that know their lines."""
        from ruamel.yaml import YAML
        from ruamel.yaml.error import YAMLError

        try:
            yaml = YAML(typ="rt")
            content: Any = cast(Any, yaml).load(text)
        except YAMLError as error:
            mark: Any = getattr(error, "problem_mark", None)
            line = 1 if mark is None else mark.line + 1
            problem = getattr(error, "problem", None) or str(error).splitlines()[0]
            raise InputError(f"not YAML: {problem}", where=f"{self.origin}:{line}") from error
        except (ValueError, OverflowError) as error:
            raise _no_such_date(text, self.origin, error) from error
        if not isinstance(content, dict):
            raise InputError("not a deal", expected="a mapping of keys", where=f"{self.origin}:1")
        return cast(Any, content)

    def line(self, parent: Any, name: object = None) -> str:
        """Where a key, or a block, was written."""
        try:
            known = (
                parent.lc.line if name is None else (parent.lc.item if _is_list(parent) else parent.lc.key)
            )
            at = known if name is None else known(name)[0]
        except (AttributeError, KeyError, TypeError, IndexError):
            at = getattr(getattr(parent, "lc", None), "line", 0) or 0
        return f"{self.origin}:{at + 1}"

    def block(self, cls: type[Block], content: Any, what: str, where: str) -> Block:
        """One block; unknown and missing keys are refused, defaults are those of the dataclass."""
        if not isinstance(content, dict):
            raise InputError(f"{what} is not a block", expected="keys and values", got=content, where=where)
        fields = {f.name.rstrip("_"): f for f in dataclasses.fields(cast(Any, cls)) if "kind" in f.metadata}
        mapping = cast(dict[Any, Any], content)
        for name in mapping:
            if name not in fields and name not in NOTES:
                raise UnknownNameError(
                    f"key of {what}", str(name), (*fields, *NOTES), where=self.line(content, name)
                )
        self._notes(content)
        found: dict[str, Any] = {}
        for name, field in fields.items():
            if name in mapping:
                place = self.line(content, name)
                found[field.name] = self._value(field, mapping[name], f"{what}.{name}", place)
            elif field.default is _REQUIRED:
                raise InputError(
                    f"{what} lacks {name!r}", expected=field.metadata["doc"], where=self.line(content)
                )
        if any(f.name == "where" for f in dataclasses.fields(cast(Any, cls))):
            place = Place(self.line(content))
            place.keys = {name: self.line(content, name) for name in fields if name in mapping}
            found["where"] = place
        return cls(**found)

    def _notes(self, content: Any) -> dict[str, str]:
        notes = {name: str(content[name]) for name in NOTES if name in content}
        if notes.get("tier", "A") not in TIERS:
            raise InputError(
                "unknown tier", expected=", ".join(TIERS), got=notes["tier"], where=self.line(content, "tier")
            )
        return notes

    def _value(self, field: Any, content: Any, what: str, where: str) -> Any:
        kind, choices = field.metadata["kind"], field.metadata["choices"]
        if isinstance(kind, list):
            return self._blocks(cast(Any, kind)[0], content, what, where)
        if isinstance(kind, type):
            return self.block(cast(type[Any], kind), content, what, where)
        if kind == "number":
            return self.number(content, where, field.metadata["unit"])
        if kind == "scalar":
            if isinstance(content, list) and field.metadata["when"]:
                return Stated.of(
                    self._cases(cast(list[Any], content), where, field.metadata["unit"], plain=True)
                )
            return self._scalar(content, where, field.metadata["unit"])
        if kind == "date":
            return _date(content, what, where)
        if kind == "settings":
            return self._settings(content, what, where)
        if kind == "names":
            return self._names(content, what, where)
        wanted = {"text": str, "int": int, "flag": bool}[kind]
        if not isinstance(content, wanted) or (wanted is int and isinstance(content, bool)):
            raise InputError(f"bad {what}", expected=kind, got=repr(content), where=where)
        if choices and content not in choices:
            raise UnknownNameError(what, str(content), choices, where=where)
        return str(content) if wanted is str else content

    def _blocks(self, cls: type[Any], content: Any, what: str, where: str) -> tuple[Any, ...]:
        if not isinstance(content, list):
            raise InputError(f"{what} is not a list", expected="- item lines", got=content, where=where)
        items = cast(list[Any], content)
        return tuple(
            self.block(cls, item, f"{what}[{k}]", self.line(content, k)) for k, item in enumerate(items)
        )

    def _settings(self, content: Any, what: str, where: str) -> dict[str, str]:
        """path: value; the values are read when they are laid over the deal."""
        mapping = cast(dict[Any, Any], content) if isinstance(content, dict) else {}
        if not mapping or not all(isinstance(v, str | int | float) for v in mapping.values()):
            raise InputError(f"bad {what}", expected="path: value", got=repr(cast(Any, content)), where=where)
        return {str(path): str(value) for path, value in mapping.items()}

    def _names(self, content: Any, what: str, where: str) -> tuple[str, ...]:
        items = cast(list[Any], content) if isinstance(content, list) else [content]
        if not all(isinstance(item, str) for item in items):
            raise InputError(f"bad {what}", expected="a name or a list of names", got=str(items), where=where)
        return tuple(str(item) for item in items)

    def _scalar(self, content: Any, where: str, unit: str) -> float:
        if isinstance(content, list):
            raise InputError("this number is one for the whole deal", expected="a plain number, no list",
                             got=str(cast(Any, content)), where=where)  # fmt: skip
        if isinstance(content, dict):
            number = self.number(content, where, unit)
            if not number.fixed:
                raise InputError("a plain number is wanted here", got=number.kind, where=where)
            return number.value
        return read_scalar(content, where, unit)

    def _cases(self, items: list[Any], where: str, unit: str, *, plain: bool = False) -> Number:
        """A list of numbers, each but the last with its conditions."""
        if len(items) < 2:
            raise InputError(
                "a list of numbers has two or more", expected=EXAMPLE, got=str(items), where=where
            )
        found: list[Case] = []
        for k, item in enumerate(items):
            place = self.line(items, k)
            said: Any = cast(Any, item).get(WHEN) if isinstance(item, dict) else None
            if (said is None) != (k == len(items) - 1):
                raise InputError("each number of a list but the last says when", expected=EXAMPLE,
                                 got=str(cast(Any, item)), where=place)  # fmt: skip
            if isinstance(item, list):
                raise InputError("a list within a list", got=str(cast(Any, item)), where=place)
            texts = () if said is None else self._names(said, WHEN, place)
            own = self.number(item, place, unit, listed=said is not None)
            if plain and not own.fixed:
                raise InputError("a plain number is wanted here", got=own.kind, where=place)
            if own.kind in ("amounts", "spread"):
                raise InputError(
                    "amounts have dates of their own", expected="a level", got=own.kind, where=place
                )
            found.append(Case(own, texts))
        return Number("cases", cases=tuple(found), where=where)

    def number(self, content: Any, where: str, unit: str = "", *, listed: bool = False) -> Number:
        """A number in any of its forms; ``listed`` is one of a list, with its conditions."""
        if isinstance(content, list):
            return self._cases(cast(list[Any], content), where, unit)
        if isinstance(content, str) and content.startswith("$"):
            return Number("world", world=_world_name(content, where), where=where)
        if not isinstance(content, dict):
            return Number("value", read_scalar(content, where, unit), where=where)
        mapping = cast(dict[Any, Any], content)
        forms = [name for name in NUMBER_KINDS if name in mapping]
        known = (*NUMBER_KINDS, *FACTORS, *NOTES, ABOVE, *(FLOATING if forms == ["base"] else ()))
        known = (*known, WHEN) if listed else known
        if WHEN in mapping and not listed:
            raise InputError("'when' belongs to one of a list of numbers", expected=EXAMPLE, got=str(mapping),
                             where=self.line(content, WHEN))  # fmt: skip
        for name in mapping:
            if name not in known:
                raise UnknownNameError("key of a number", str(name), known, where=self.line(content, name))
        if len(forms) != 1:
            raise InputError(
                "a number has one form", expected=" or ".join(NUMBER_KINDS), got=forms, where=where
            )
        notes = self._notes(content)
        notes.pop("note", None)
        notes |= {
            name: _world_name(mapping[name], self.line(content, name)) for name in FACTORS if name in mapping
        }
        form, inner = forms[0], mapping[forms[0]]
        if form == "base":
            if unit != "rate" or any(name in mapping for name in FACTORS):
                raise InputError("base and margin belong to a rate", where=where)
            return Number(form, floating=self._floating(content), where=where, **cast(Any, notes))
        above = mapping.get(ABOVE, False)
        if above is not False and (above is not True or form != "value"):
            raise InputError(f"bad {ABOVE}", expected="true, beside value", got=above, where=where)
        if form == "value":
            if isinstance(inner, dict) or (isinstance(inner, str) and inner.startswith("$")):
                plain = self.number(inner, where, unit)
            else:
                value = read_scalar(inner, where, unit, above=above)
                if above and value <= 1:
                    raise InputError(f"{ABOVE} does nothing here", got=inner, where=where)
                plain = Number("value", value, where=where)
            return dataclasses.replace(cast(Any, plain), **notes)
        points = self._points(form, inner, where, unit)
        return Number(form, points=points, where=where, **cast(Any, notes))

    def _floating(self, content: Any) -> Floating:
        """base: a curve, $world.name, or the name of a shipped curve; margin, reset, floor, cap."""
        for name in ("margin", "reset"):
            if name not in content:
                raise InputError(f"a floating rate lacks {name!r}", where=self.line(content))
        line = {name: self.line(content, name) for name in content}
        reset = content["reset"]
        if reset not in RESETS:
            raise UnknownNameError("reset", str(reset), RESETS, where=line["reset"])
        base: Any = content["base"]
        overnight = isinstance(base, str) and base in SHIPPED
        if overnight:
            read = shipped_curve(base)
        else:
            if isinstance(base, str) and base[:1].isalpha():
                raise UnknownNameError("base rate", base, SHIPPED, where=line["base"])
            read = self.number(base, line["base"], "base_rate")
            if read.cases:
                raise InputError("a base rate is one curve", got=str(base), where=line["base"])
        limits = {
            name: read_scalar(content[name], line[name], "base_rate")
            for name in ("floor", "cap")
            if name in content
        }
        if "floor" in limits and limits.get("cap", 1e9) < limits["floor"]:
            raise InputError("the cap is below the floor", got=limits, where=line["cap"])
        margin = self.number(content["margin"], line["margin"], "base_rate")
        back = content.get("lookback_days", 0)
        if not isinstance(back, int) or isinstance(back, bool) or not 0 <= back <= MOST_LOOKBACK:
            raise InputError("bad lookback_days", expected=f"0 to {MOST_LOOKBACK} business days", got=back,
                             where=line["lookback_days"])  # fmt: skip
        if back and (reset == "term" or read.by_path):
            raise InputError("a term rate, or one from the world, looks back at nothing", expected="daily resets",
                             got=reset, where=line["lookback_days"])  # fmt: skip
        return Floating(read, margin, reset, **limits, overnight=overnight, lookback=back)

    def _points(
        self, form: str, inner: Any, where: str, unit: str
    ) -> tuple[tuple[datetime.date, float], ...]:
        if not isinstance(inner, dict) or not inner:
            raise InputError(
                f"{form} is empty", expected="dates and values", got=repr(cast(Any, inner)), where=where
            )
        mapping = cast(dict[Any, Any], inner)
        if form in ("curve", "amounts"):
            points = [
                (_date(d, form, self.line(inner, d)), read_scalar(v, self.line(inner, d), unit))
                for d, v in mapping.items()
            ]
        else:
            names = ["from", "to", "start", "end"] if form == "ramp" else ["from", "to", "total"]
            for name in mapping:
                if name not in names:
                    raise UnknownNameError(f"key of a {form}", str(name), names, where=self.line(inner, name))
            for name in names:
                if name not in mapping:
                    raise InputError(f"{form} lacks {name!r}", where=self.line(inner))
            place = {name: self.line(inner, name) for name in names}
            ends = (names[2], names[-1])
            points = [
                (_date(mapping[d], d, place[d]), read_scalar(mapping[v], place[v], unit))
                for d, v in zip(names[:2], ends, strict=True)
            ]
        for (before, _), (after, _) in itertools.pairwise(points):
            if after <= before:
                raise InputError(
                    "dates out of order", expected=f"after {before}", got=after, where=self.line(inner, after)
                )
        return tuple(points)


def _world_name(content: Any, where: str) -> str:
    """The name in "$world.name" or "$world.name:Member"."""
    found = WORLD.fullmatch(content) if isinstance(content, str) else None
    if found is None:
        raise InputError(
            "bad reference", expected="$world.name or $world.name:Member", got=content, where=where
        )
    return found[1]


def _no_such_date(text: str, origin: str, error: Exception) -> InputError:
    """Where a date that no calendar has, such as 30 February, was written."""
    for number, line in enumerate(text.splitlines(), start=1):
        for written in re.findall(r"\b\d{4}-\d{1,2}-\d{1,2}\b", line.split(" #")[0]):
            try:
                datetime.date(*(int(part) for part in written.split("-")))
            except ValueError:
                return InputError(
                    "no such date", expected="a day of the calendar", got=written, where=f"{origin}:{number}"
                )
    return InputError("not readable", expected="YAML", got=str(error), where=f"{origin}:1")


def _is_list(content: Any) -> bool:
    return isinstance(content, list)


def _date(content: Any, what: str, where: str) -> datetime.date:
    if isinstance(content, datetime.datetime) or not isinstance(content, datetime.date):
        try:
            content = datetime.date.fromisoformat(str(content))
        except ValueError:
            raise InputError(f"bad date in {what}", expected="2029-01-01", got=content, where=where) from None
    if not FIRST_YEAR <= content.year <= LAST_YEAR:
        raise InputError(
            f"bad date in {what}",
            expected=f"a year from {FIRST_YEAR} to {LAST_YEAR}",
            got=content,
            where=where,
        )
    return content
