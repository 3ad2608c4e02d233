"""Scenario arguments: a preset's name, a preset file or a result folder, with ``--set`` on top."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, cast

from supercycle.core.errors import InputError, ScenarioError, UnknownNameError
from supercycle.core.params import Registry
from supercycle.engine.preset import Range, Scenario, assign, load_preset_file, spelled, value_of
from supercycle.engine.seal import MANIFEST, read_manifest

__all__ = ["Range", "Scenario", "preset_names", "resolve", "scenario_from_manifest", "with_settings"]


def preset_names(folder: Path) -> list[str]:
    """The presets shipped with the model, the base case first."""
    return sorted((path.stem for path in folder.glob("*.yaml")), key=lambda name: (name != "base", name))


def resolve(argument: str, registry: Registry, presets: Path) -> Scenario:
    """Read a scenario argument: a preset name, else a .yaml file, else a result folder.

    Errors: ScenarioError when the name fits a preset and a file or folder here, or when the file cannot be
    used; UnknownNameError with the nearest preset when it is none of the three.
    """
    if not argument.strip():
        raise ScenarioError(
            "empty scenario name", expected="a preset, a .yaml file or a result folder", got="''"
        )
    path, names = Path(argument), preset_names(presets)
    is_file, is_folder = path.is_file(), path.is_dir()
    if argument in names:
        if is_file or is_folder:
            what = "folder" if is_folder else "file"
            raise ScenarioError(
                f"ambiguous scenario {argument!r}: it is a preset and a {what} here",
                hint=f"Write ./{argument} for the {what}, or rename it.",
            )
        return load_preset_file(presets / f"{argument}.yaml", registry, origin="preset")
    if is_file and path.name == MANIFEST:
        return _from_result(path.parent, registry)
    if is_file:
        return load_preset_file(path, registry, origin=str(path))
    if is_folder:
        return _from_result(path, registry)
    if path.suffix in (".yaml", ".yml") or path.parent != Path():
        raise ScenarioError(f"no such scenario file or result folder {argument!r}")
    raise UnknownNameError("preset", argument, names)


def with_settings(
    scenario: Scenario,
    assignments: Iterable[str] | Mapping[str, float | str],
    registry: Registry,
    *,
    beyond: bool = False,
) -> Scenario:
    """The scenario with ``id=value[unit]`` settings on top; a setting overrides the preset's.

    With ``beyond`` a value may lie outside the range of its evidence; the scenario then names it in ``beyond``.

    Errors: those of ``Registry.assign``; InputError when a parameter is given twice.
    """
    if isinstance(assignments, Mapping):
        named = cast("Mapping[str, float | str]", assignments)
        assignments = [f"{key}={spelled(value)}" for key, value in named.items()]
    added: dict[str, float] = {}
    for text in assignments:
        if "=" not in text:
            raise InputError(
                "not a setting",
                expected="id=value, with a unit if not the registry's",
                got=repr(text),
                where="--set",
            )
        id, value = assign(registry, text, "--set", beyond=beyond)
        if id in added:
            raise InputError(f"parameter {id} is set twice", where="--set", hint="Give it once.")
        added[id] = value
    if not added:
        return scenario
    ranges = {k: v for k, v in scenario.ranges.items() if k not in added}
    outside = {id for id in scenario.beyond if id not in added}
    outside |= {id for id, value in added.items() if not registry[id].covers(value)}
    return dataclasses.replace(
        scenario,
        set={**scenario.set, **added},
        ranges=ranges,
        added={**scenario.added, **added},
        beyond=tuple(sorted(outside)),
    )


def _from_result(folder: Path, registry: Registry) -> Scenario:
    """The scenario of a result folder, whose seal is checked."""
    try:
        stored = read_manifest(folder)
    except InputError as error:
        raise ScenarioError(
            error.message, expected=error.expected, got=error.got, where=error.where, hint=error.hint
        ) from None
    scenario = scenario_from_manifest(stored, str(folder / MANIFEST), registry)
    return dataclasses.replace(scenario, origin=str(folder))


def scenario_from_manifest(stored: Any, where: str, registry: Registry) -> Scenario:
    """The scenario a manifest keeps, checked against today's registry."""
    try:
        kept = stored["scenario"]
        scenario = Scenario(
            name=str(kept["preset"]),
            title=str(kept.get("title", "")),
            until=str(stored["until"]),
            origin=str(kept.get("origin", "preset")),
            set={str(k): float(v) for k, v in kept["set"].items()},
            ranges={str(k): Range(**v) for k, v in kept.get("ranges", {}).items()},
            prior=str(kept.get("prior", "judged")),
            beyond=tuple(str(id) for id in kept.get("beyond", ())),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ScenarioError(
            f"not a manifest of a run ({type(error).__name__}: {error})", where=where
        ) from None
    for id in (*scenario.set, *scenario.ranges):
        if id not in registry:
            raise UnknownNameError("parameter", id, list(registry), where=where)
    for id, value in scenario.set.items():
        value_of(registry, id, value, where, beyond=id in scenario.beyond)
    return scenario
