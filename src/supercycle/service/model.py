"""What may be asked of the model: runs, comparisons, what a number is made of, what there is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from supercycle.core.errors import InputError
from supercycle.engine import compare as paired
from supercycle.engine.run import MOST_PATHS, UNTIL, Progress, simulate
from supercycle.engine.scenario import Scenario, preset_names, resolve, with_settings
from supercycle.service import assumptions
from supercycle.service.arguments import Settings, scenario_argument, settings_argument, whole_argument
from supercycle.service.as_known import scenario_as_known
from supercycle.service.folders import is_folder, load, merge, partner, reproduce
from supercycle.service.own_world import subject_of
from supercycle.service.result import EVENTS, Result
from supercycle.service.the_world import subject
from supercycle.service.unread import refuse_unread

if TYPE_CHECKING:
    from supercycle.engine.subject import Subject
    from supercycle.service.comparison import ComparisonResult

__all__ = [
    "EVENTS",
    "PATHS",
    "SEED",
    "Result",
    "compare",
    "diff",
    "doctor",
    "explain",
    "load",
    "merge",
    "preset",
    "presets",
    "reproduce",
    "run",
    "schema",
    "sources_of",
]

PATHS, SEED = 1000, 1
MOST_SEED = 2**63 - 1


def _scenario(
    argument: str,
    settings: Settings = (),
    prior: str | None = None,
    *,
    beyond: bool = False,
    world: Subject | None = None,
) -> Scenario:
    world = world or subject()
    registry = world.model.registry
    chosen = resolve(scenario_argument("preset", argument), registry, world.presets)
    found = with_settings(chosen, settings_argument("set", settings), registry, beyond=beyond)
    refuse_unread(world, found)
    if prior is None:
        return found
    if prior == "updated" and prior not in world.priors:
        raise InputError(
            "a run cannot draw from an update",
            expected="judged or posterior",
            got=prior,
            hint="supercycle update prints the headline with the newest figures in it; --prior posterior is the fit.",
        )
    world.prior(prior)  # an unknown one is refused with the nearest
    return replace(found, prior=prior)


def run(
    preset: str = "base",
    *,
    set: Settings = (),
    paths: int | None = None,
    seed: int | None = None,
    until: str | None = None,
    kernel: str = "auto",
    outputs: Sequence[str] | None = None,
    hold: Sequence[str] | None = None,
    prior: str | None = None,
    as_of: str | None = None,
    beyond: bool = False,
    anyway: bool = False,
    model: object = None,
    first: int | None = None,
    progress: Progress | None = None,
) -> Result:
    """Run a scenario: a preset's name or a .yaml file, with settings on top; a result folder is shown as it is.

    ``paths`` is 1,000 and ``seed`` 1 unless given. A folder is never run again by this call: with settings of its own
    it is refused (``FOLDER/manifest.json`` is its scenario, ``reproduce`` runs it again), and so is one of another
    model, unless ``anyway``.

    ``set`` is a mapping ``{"id": value}`` or a list of ``"id=value[unit]"``; a bare number is in the
    parameter's unit. ``until`` is the last quarter (the scenario's, else 2035Q4). ``outputs`` limits what
    the result has; ``hold`` names those recorded at once (all that fit in memory), the others are when they are read,
    in another pass over the same paths. ``prior`` is "judged" (the registry's, the default) or "posterior" (fitted to
    the past; refused when the model has changed since the fit). ``as_of`` is a day: figures published later are
    withheld from the opening (the newest known otherwise).
    ``beyond`` lets a setting leave the range of its evidence; every output then says so. ``model`` is a world of
    one's own (service/own_world.py), else the shipped one. ``first`` is the number of the first path (0): a run of many
    paths can be made in pieces on many machines, and ``merge`` puts their folders together to the bit.

    Errors: InputError and its kinds for anything wrong in the arguments, BooksError when the books do not
    close.
    """
    world = subject_of(model) if model is not None else subject()
    if is_folder(preset):
        given = {"set": set, "paths": paths, "seed": seed, "until": until, "outputs": outputs, "prior": prior}
        return _shown(preset, given | {"as_of": as_of, "first": first}, anyway=anyway)
    scenario = _scenario(preset, set, prior, beyond=beyond, world=world)
    if as_of is not None:
        scenario = scenario_as_known(scenario, as_of, world.model.registry)
    found = simulate(
        world,
        scenario,
        paths=whole_argument("paths", PATHS if paths is None else paths, 1, MOST_PATHS),
        seed=whole_argument("seed", SEED if seed is None else seed, 0, MOST_SEED),
        until=until,
        kernel=kernel,
        outputs=outputs,
        hold=hold,
        first=whole_argument("first", 0 if first is None else first, 0, MOST_SEED),
        progress=progress,
    )
    return Result(found)


def _shown(folder: str, given: Mapping[str, object], *, anyway: bool) -> Result:
    """A stored result; settings given beside it are refused."""
    for name, value in given.items():
        if value is not None and value != ():
            raise InputError(
                f"{folder} is a stored result and is shown as it is",
                expected="no settings beside it",
                got=f"{name}={value!r}",
                where=name,
                hint=f"{folder}/manifest.json is its scenario, to be run with other settings.",
            )
    return load(folder, anyway=anyway)


def compare(
    a: str,
    b: str,
    *,
    set: Settings = (),
    paths: int | None = None,
    seed: int | None = None,
    until: str | None = None,
    kernel: str = "auto",
    outputs: Sequence[str] | None = None,
    beyond: bool = False,
    anyway: bool = False,
    progress: Progress | None = None,
) -> ComparisonResult:
    """Two scenarios on the same random numbers, compared path by path; ``set`` applies to both.

    A result folder is taken as it is, and the other side is run on its paths, seed and quarters; two folders must agree
    on those.
    """
    from supercycle.service.comparison import ComparisonResult

    if is_folder(a) or is_folder(b):
        given = {"set": set, "paths": paths, "seed": seed, "until": until, "outputs": outputs}
        shown = {side: _shown(side, given, anyway=anyway) for side in (a, b) if is_folder(side)}
        model = next(iter(shown.values()))
        both = [
            shown[side].run if side in shown else partner(model, _scenario(side, beyond=beyond), progress)
            for side in (a, b)
        ]
        return ComparisonResult(paired.compare(both[0], both[1]))
    left, right = _scenario(a, set, beyond=beyond), _scenario(b, set, beyond=beyond)
    last = min(left.until or UNTIL, right.until or UNTIL) if until is None else until  # quarters sort as text
    runs = [
        simulate(
            subject(),
            side,
            paths=whole_argument("paths", PATHS if paths is None else paths, 1, MOST_PATHS),
            seed=whole_argument("seed", SEED if seed is None else seed, 0, MOST_SEED),
            until=last,
            kernel=kernel,
            outputs=outputs,
            progress=progress,
        )
        for side in (left, right)
    ]
    return ComparisonResult(paired.compare(runs[0], runs[1]))


def diff(
    a: str,
    b: str,
    *,
    paths: int = 0,
    seed: int = SEED,
    kernel: str = "auto",
    progress: Progress | None = None,
) -> dict[str, Any]:
    """The assumptions on which two scenarios differ and, with ``paths``, the outputs that move by it."""
    found = assumptions.diff(subject(), _scenario(a), _scenario(b))
    if whole_argument("paths", paths, 0, MOST_PATHS) == 0:
        return found
    compared = compare(a, b, paths=paths, seed=seed, kernel=kernel, progress=progress)
    facts = {"paths": paths, "seed": seed, "pairs": compared.comparison.pairs}
    return {**found, **facts, "outputs": len(compared.outputs), "moves": compared.moves}


def explain(name: str) -> dict[str, Any]:
    """An output's equation, inputs and source, or a parameter's meaning, range, evidence and use."""
    from supercycle.service.explanation import explain as explained

    return explained(subject(), name)


def presets() -> list[dict[str, Any]]:
    """Every preset's name, title, story and questions, the base case first."""
    return [preset(name) for name in preset_names(subject().presets)]


def preset(name: str) -> dict[str, Any]:
    """One scenario and what it sets; also for a file or a result folder."""
    from supercycle.service.assumptions import described

    return described(subject(), _scenario(name))


def sources_of(names: Sequence[str]) -> dict[str, Any]:
    """What some outputs or assumptions rest on: figures with grade and licence, judgements, how many assumptions.

    Errors: UnknownNameError with the nearest for a name the model does not have.
    """
    from supercycle.service.foundations import sources_of as of_subject

    model = subject().model
    for name in names:
        if name not in model.variables and name not in model.registry:
            subject().plan.slot(name)
    return of_subject(subject(), names)


def schema() -> dict[str, Any]:
    """Everything a slider, a flag or a form needs: parameters, outputs, blocks and presets."""
    from supercycle.service.explanation import schema as of_subject

    return {**of_subject(subject()), "presets": presets()}


def doctor() -> dict[str, Any]:
    """The state of this installation: versions, kernels, folders, tables; ``ok`` is False when one is bad."""
    from supercycle.service.installation import doctor as examine

    return examine()
