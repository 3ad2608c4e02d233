"""What a browser asks for, checked before anything is computed: bounded, named, in the registry's units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from supercycle.core.errors import InputError, UnknownNameError
from supercycle.service.scenarios import Scenario, changed
from supercycle.service.scenarios import named as preset_named
from supercycle.service.the_world import subject

__all__ = ["MOST_OUTPUTS", "MOST_PATHS", "Asked", "asked", "named", "scenario_of"]

MOST_PATHS = 20_000  # a slider needs a thousand, a page at rest ten
MOST_OUTPUTS = 200
MOST_SETTINGS = 400
MOST_SAMPLES = 50
FIELDS = frozenset(
    ("preset", "set", "paths", "seed", "outputs", "samples", "whole", "page", "client", "turn", "quarter")
)


@dataclass(frozen=True, slots=True)
class Asked:
    """One request for a run: a scenario, how many paths, which outputs, how many single paths beside the quantiles."""

    scenario: Scenario
    paths: int
    seed: int
    outputs: tuple[str, ...]
    samples: int = 0
    whole: bool = False  # with derived outputs (returns by vintage), which need many series


def asked(body: Mapping[str, Any]) -> Asked:
    """Read a run's request. Errors: InputError for what is missing, unknown or out of bounds."""
    _known(body, FIELDS)
    return Asked(
        scenario=scenario_of(body),
        paths=_number(body, "paths", 1000, 1, MOST_PATHS),
        seed=_number(body, "seed", 1, 0, 2**53),
        outputs=_outputs(body.get("outputs", ())),
        samples=_number(body, "samples", 0, 0, MOST_SAMPLES),
        whole=_switch(body, "whole"),
    )


def scenario_of(body: Mapping[str, Any]) -> Scenario:
    """A preset's name and settings on top; files and folders are not read from here."""
    name, settings = body.get("preset", "base"), body.get("set", {})
    if not isinstance(name, str) or "/" in name or "\\" in name or name.endswith((".yaml", ".yml")):
        raise InputError("preset", expected="the name of a preset", got=repr(name))
    if not isinstance(settings, dict) or len(cast("dict[str, Any]", settings)) > MOST_SETTINGS:
        raise InputError(
            "set",
            expected=f"at most {MOST_SETTINGS} values by parameter",
            got=type(cast("object", settings)).__name__,
        )
    values: dict[str, float | str] = {}
    for id, value in cast("dict[str, Any]", settings).items():
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise InputError(f"set.{id}", expected="a number", got=repr(value))
        values[id] = value
    return changed(preset_named(name), values)


def named(body: Mapping[str, Any], key: str, default: str | None = None) -> str:
    """A text of the request. Errors: InputError when it is missing or no text."""
    value = body.get(key, default)
    if not isinstance(value, str) or len(value) > 100_000:
        raise InputError(key, expected="a text", got=repr(value)[:80])
    return value


def _outputs(value: object) -> tuple[str, ...]:
    if isinstance(value, str) or not isinstance(value, Sequence) or len(value) > MOST_OUTPUTS:  # type: ignore[arg-type]
        raise InputError(
            "outputs",
            expected=f"a list of at most {MOST_OUTPUTS} names",
            got=type(cast("object", value)).__name__,
        )
    names = tuple(dict.fromkeys(str(one) for one in cast("Sequence[object]", value)))
    for name in names:
        subject().plan.slot(name)  # an unknown key is refused with the nearest
    return names


def _switch(body: Mapping[str, Any], name: str) -> bool:
    value = body.get(name, False)
    if not isinstance(value, bool):
        raise InputError(name, expected="true or false", got=repr(value))
    return value


def _number(body: Mapping[str, Any], key: str, default: int, low: int, high: int) -> int:
    value = body.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise InputError(key, expected=f"a whole number from {low} to {high}", got=repr(value))
    return value


def _known(body: Mapping[str, Any], keys: frozenset[str]) -> None:
    for key in body:
        if key not in keys:
            raise UnknownNameError("field", key, keys)
