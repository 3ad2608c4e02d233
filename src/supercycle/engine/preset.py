"""Preset files: what differs from the base case, read with the line of every mistake.

A preset file holds only what differs::

    schema: supercycle.preset/1
    name: power-wall
    title: The grid says no
    story: Interconnection takes twice as long as planned.
    answers: ["What if power is the binding constraint until 2030?"]
    set:
      grid_lead_quarters: 20          # a bare number is in the registry's unit
      turbine_growth: "5 percent/year"
      price_elasticity: {low: 0.8, default: 1.1, high: 1.5}   # still sampled, in a narrower range
    until: 2035Q4

A parameter that is set has that value on every path; the others are sampled as before, with the same draws.
"""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from supercycle.core.errors import InputError, ScenarioError, UnknownNameError
from supercycle.core.params import Param, Registry
from supercycle.core.quarters import Quarter

__all__ = ["Move", "Range", "Scenario", "assign", "load_preset_file", "parse_yaml", "spelled", "value_of"]

SCHEMA = "supercycle.preset/1"
KEYS = ("schema", "name", "title", "story", "answers", "moves", "prior", "set", "until")
MOVE_KEYS = ("output", "by", "from", "to")
RANGE_KEYS = ("low", "default", "high")
LARGEST_FILE = 1_000_000  # bytes; a preset is a page of text
_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Range:
    """A narrower prior for one parameter, in the registry's unit."""

    low: float
    default: float
    high: float


@dataclass(frozen=True, slots=True)
class Move:
    """What a preset says it moves: a reading, by how much against the base case on the same paths, in its unit.

    ``by`` is the median or the mean of the paired differences; the mean for what comes on some paths only.
    """

    output: str
    by: str
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Scenario:
    """What differs from the base case.

    ``origin`` says where it came from: "preset", a file or a result folder; ``added`` are the settings made
    on top of it (they are in ``set`` too); ``prior`` names the priors the rest is drawn from ("judged": the
    registry's own). ``beyond`` are the parameters set outside the range of their evidence, as was asked for by name.
    """

    name: str
    title: str = ""
    story: str = ""
    answers: tuple[str, ...] = ()
    moves: tuple[Move, ...] = ()
    set: Mapping[str, float] = field(default_factory=dict[str, float])
    ranges: Mapping[str, Range] = field(default_factory=dict[str, Range])
    until: str | None = None
    origin: str = "preset"
    added: Mapping[str, float] = field(default_factory=dict[str, float])
    prior: str = "judged"
    beyond: tuple[str, ...] = ()

    def param(self, registry: Mapping[str, Param], id: str) -> Param:
        """The prior of a parameter under this scenario."""
        param, narrower = registry[id], self.ranges.get(id)
        if narrower is None:
            return param
        return dataclasses.replace(param, low=narrower.low, default=narrower.default, high=narrower.high)

    def to_dict(self) -> dict[str, Any]:
        """What the manifest keeps; ``resolve`` reads it back from a result folder."""
        kept: dict[str, Any] = {
            "preset": self.name,
            "title": self.title,
            "set": dict(sorted(self.set.items())),
        }
        if self.ranges:
            kept["ranges"] = {k: dataclasses.asdict(v) for k, v in sorted(self.ranges.items())}
        if self.origin != "preset":
            kept["origin"] = self.origin
        if self.prior != "judged":
            kept["prior"] = self.prior
        if self.beyond:
            kept["beyond"] = list(self.beyond)
        return kept


def load_preset_file(path: Path, registry: Registry, *, origin: str) -> Scenario:
    """Read one preset file; every error is one line that begins with file:line."""
    content = parse_yaml(path)

    def at(key: str | None = None, inside: Any = content) -> str:
        if key is None:
            return f"{path}:1"
        return f"{path}:{_line(inside, key)}"

    for key in content:
        if key not in KEYS:
            raise UnknownNameError("preset key", str(key), KEYS, where=at(key))
    for key in ("schema", "name", "title"):
        if key not in content:
            raise ScenarioError(
                f"missing key {key!r}", expected=f"the keys {', '.join(KEYS[:3])}", where=at()
            )
    if content["schema"] != SCHEMA:
        raise ScenarioError(
            "unknown schema", expected=SCHEMA, got=repr(content["schema"]), where=at("schema")
        )
    texts = {key: _text(content.get(key, ""), key, at) for key in ("name", "title", "story")}
    if not _NAME.fullmatch(texts["name"]):
        raise ScenarioError(
            "bad preset name",
            expected="lower-case words joined by hyphens",
            got=repr(texts["name"]),
            where=at("name"),
        )
    if origin == "preset" and texts["name"] != path.stem:
        raise ScenarioError(
            "name differs from the file's", expected=path.stem, got=texts["name"], where=at("name")
        )
    answers: Any = content.get("answers") or []
    if not isinstance(answers, list) or not all(isinstance(a, str) for a in cast("list[Any]", answers)):
        raise ScenarioError(
            "bad answers", expected="a list of texts", got=_kind(answers), where=at("answers")
        )
    moves = _moves(content.get("moves") or [], at, path)
    until = content.get("until")
    if until is not None:
        until = _text(until, "until", at)
        Quarter.parse(until, where=at("until"))
    prior = _text(content.get("prior", "judged"), "prior", at)
    settings = content.get("set")
    if settings is None:
        settings = {}
    if not isinstance(settings, dict):
        raise ScenarioError(
            "bad set", expected="a mapping of parameter to value", got=_kind(settings), where=at("set")
        )
    fixed, ranges = _settings(cast("dict[str, Any]", settings), registry, path)
    return Scenario(
        name=texts["name"],
        title=texts["title"],
        story=" ".join(texts["story"].split()),
        answers=tuple(cast("list[str]", answers)),
        moves=moves,
        set=fixed,
        ranges=ranges,
        until=until,
        origin=origin,
        prior=prior,
    )


def _moves(given: Any, at: Any, path: Path) -> tuple[Move, ...]:
    """What the preset says it moves; which outputs there are is the model's to say."""
    if not isinstance(given, list):
        raise ScenarioError("bad moves", expected="a list", got=_kind(given), where=at("moves"))
    made: list[Move] = []
    for one in cast("list[Any]", given):
        if not isinstance(one, dict):
            raise ScenarioError(
                "bad move", expected=f"a mapping of {', '.join(MOVE_KEYS)}", got=_kind(one), where=at("moves")
            )
        row = cast("dict[str, Any]", one)
        where = f"{path}:{_line(row, next(iter(row), 'moves'))}"
        for key in row:
            if key not in MOVE_KEYS:
                raise UnknownNameError("key of a move", str(key), MOVE_KEYS, where=where)
        missing = [key for key in MOVE_KEYS if key not in row]
        if missing:
            raise ScenarioError(f"missing key {missing[0]!r}", expected=", ".join(MOVE_KEYS), where=where)
        output, by, low, high = (row[key] for key in MOVE_KEYS)
        if not isinstance(output, str) or by not in ("median", "mean"):
            raise ScenarioError(
                "bad move", expected="an output, by median or mean", got=repr(by), where=where
            )
        ends = [end for end in (low, high) if isinstance(end, int | float) and not isinstance(end, bool)]
        if len(ends) != 2 or not all(map(math.isfinite, ends)) or not low <= high or low <= 0 <= high:
            raise ScenarioError(
                "a move says its sign", expected="from <= to, both above or both below 0", got=f"{low} to {high}",
                where=where,
            )  # fmt: skip
        made.append(Move(output, by, float(low), float(high)))
    return tuple(made)


def _settings(
    settings: dict[str, Any], registry: Registry, path: Path
) -> tuple[dict[str, float], dict[str, Range]]:
    fixed: dict[str, float] = {}
    ranges: dict[str, Range] = {}
    for id, value in settings.items():
        where = f"{path}:{_line(settings, id)}"
        if str(id) not in registry:
            raise UnknownNameError("parameter", str(id), list(registry), where=where)
        if isinstance(value, dict):
            ranges[str(id)] = _range(registry, str(id), cast("dict[str, Any]", value), where, path)
        else:
            fixed[str(id)] = value_of(registry, str(id), value, where)
    return fixed, ranges


def _range(registry: Registry, id: str, value: dict[str, Any], where: str, path: Path) -> Range:
    for key in value:
        if key not in RANGE_KEYS:
            raise UnknownNameError("range key", str(key), RANGE_KEYS, where=f"{path}:{_line(value, key)}")
    if set(value) != set(RANGE_KEYS):
        raise ScenarioError(
            f"incomplete range of {id}", expected="low, default and high", got=", ".join(value), where=where
        )
    if registry[id].distribution in ("fixed", "switch"):
        raise ScenarioError(
            f"parameter {id} is not sampled", expected="one value", got="a range", where=where
        )
    low, default, high = (
        value_of(registry, id, value[key], f"{path}:{_line(value, key)}") for key in RANGE_KEYS
    )
    if not low <= default <= high or low == high:
        raise ScenarioError(
            f"bad range of {id}",
            expected="low <= default <= high, and low < high",
            got=f"{low:g}, {default:g}, {high:g}",
            where=where,
        )
    return Range(low, default, high)


def value_of(registry: Registry, id: str, value: Any, where: str, *, beyond: bool = False) -> float:
    """A parameter's value from a file, in the registry's unit and, unless ``beyond``, within its range."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ScenarioError(
            f"bad value of {id}", expected='a number, or "number unit"', got=_kind(value), where=where
        )
    return assign(registry, f"{id}={spelled(value)}", where, beyond=beyond)[1]


def assign(registry: Registry, text: str, where: str, *, beyond: bool = False) -> tuple[str, float]:
    """``Registry.assign`` with the place added to its error."""
    try:
        return registry.assign(text, beyond=beyond)
    except InputError as error:
        error.where = where if error.where is None else f"{where}: {error.where}"
        raise


def spelled(value: float | str) -> str:
    """A value as ``Registry.assign`` reads it."""
    return "".join(value.split()) if isinstance(value, str) else repr(float(value))


def parse_yaml(path: Path) -> dict[str, Any]:
    """The mapping in a YAML file, with line numbers; nothing in the file can make an object or run code."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ScenarioError(f"cannot read the file ({error.strerror})", where=path) from None
    if len(raw) > LARGEST_FILE:
        raise ScenarioError(
            "the file is too large", expected="at most 1 MB", got=f"{len(raw)} bytes", where=path
        )
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise ScenarioError("not a text file", expected="UTF-8", where=f"{path}:{line}") from None
    try:
        content = cast("Any", YAML(typ="rt", pure=True)).load(text)
    except MarkedYAMLError as error:
        marked = cast("Any", error)
        mark = marked.problem_mark or marked.context_mark
        if marked.context_mark and "end of stream" in str(marked.problem):
            mark = marked.context_mark  # what was opened and never closed, not the end of the file
        line = int(mark.line) + 1 if mark is not None else 1
        told = str(marked.problem or marked.context or "malformed").split("\n")[0]
        raise ScenarioError(f"malformed YAML: {told}", where=f"{path}:{line}") from None
    except (YAMLError, ValueError, RecursionError) as error:
        found = re.search(r"line (\d+)", str(error))
        where = f"{path}:{found[1]}" if found else f"{path}:1"
        raise ScenarioError(
            f"malformed YAML: {str(error).splitlines()[0] if str(error) else 'too deep'}", where=where
        ) from None
    if not isinstance(content, dict):
        raise ScenarioError(
            "not a preset", expected="a mapping of keys to values", got=_kind(content), where=f"{path}:1"
        )
    return cast("dict[str, Any]", content)


def _line(mapping: Any, key: Any) -> int:
    place = getattr(mapping, "lc", None)
    try:
        return int(place.key(key)[0]) + 1 if place is not None else 1
    except (KeyError, TypeError):  # a key that a merge brought in has no line of its own
        return int(getattr(place, "line", 0) or 0) + 1


def _text(value: Any, key: str, at: Any) -> str:
    if not isinstance(value, str):
        raise ScenarioError(f"bad {key}", expected="a text", got=_kind(value), where=at(key))
    return str(value)


def _kind(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return f"the number {value}"
    if isinstance(value, str):
        return f"the text {value!r}"
    if isinstance(value, dict):
        return "a mapping"
    return "a list" if isinstance(value, Sequence) else type(value).__name__
