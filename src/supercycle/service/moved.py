"""Every parameter of the world moved from its 5 to its 95 % point on the same paths: what moves, beyond chance?

A parameter that moves nothing is dead weight: a reader would believe that it matters. Asked first of the headline
outputs, then of the outputs that a lever registers for it, then of everything the world reports; a parameter of an
imposed event is moved while the event is on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from supercycle.core.params import Param, quantile
from supercycle.engine.preset import Scenario
from supercycle.engine.reading import read, reading
from supercycle.engine.run import Progress, Run, simulate
from supercycle.service.the_world import subject
from supercycle.world.levers import LEVERS, Lever

__all__ = ["ERRORS", "HEADLINES", "Effect", "ends", "movable", "moved", "within_event"]

HEADLINES = (
    "world_ai_capex_usd_bn:sum", "five_firm_capex_usd_bn:sum", "fleet_it_gw:2030Q4", "ai_revenue_run_rate:2030Q4",
    "contract_price:2030Q4", "utilisation:2030Q4", "ai_debt_usd_bn:2030Q4", "credit_loss_usd_bn:sum",
    "neocloud_default:2029Q4", "ai_equity_index:2030Q4", "wealth_lost_usd_bn:max", "gdp_contribution_net:2028Q4",
    "required_user_cost:2030Q4", "busted:last",
)  # fmt: skip
ERRORS = 3.0  # standard errors of the paired mean, asked of a dozen outputs
ERRORS_OF_MANY = (
    4.5  # asked of some hundred outputs, of which the largest is taken: by chance one in a thousand passes
)
EVENTS = (
    ("imposed_lab_failure", 7.0), ("imposed_neocloud", 5.0), ("imposed_revenue", 5.0), ("imposed_crash", 5.0),
    ("imposed_delay", 3.0), ("imposed_stop", 5.0), ("imposed_rate", 3.0), ("imposed_sale", 5.0), ("imposed_glut", 5.0),
    ("imposed_jump", 6.0), ("imposed_life", 3.0), ("policy_backstop", 5.0), ("policy_export", 5.0),
    ("policy_moratorium", 1.0),
)  # fmt: skip

_EARNED = {  # revenue catches up
    "spend_share": 0.1, "enterprise_saturation": 0.95, "intensity_fade": 0.035, "arpu_ceiling": 200.0,
    "consumer_saturation": 3.5,
}  # fmt: skip
NEEDS: tuple[tuple[str, dict[str, float]], ...] = (
    ("policy_cut_size", {"imposed_crash_quarter": 5.0}),
    ("policy_cut_pass", {"imposed_crash_quarter": 5.0, "policy_cut_size": 0.04}),
    ("hy_stop", {"imposed_stop_quarter": 5.0}),
    ("imposed_jump_quarter", {"imposed_jump_size": 3.0}),
    ("tenants_build", {"imposed_stop_quarter": 5.0}),
    # bounds that a calm path does not reach: each in a world that does
    (
        "least_cover",
        {"imposed_revenue_quarter": 5.0, "imposed_revenue_size": 0.9, "imposed_revenue_lasts_q": 12.0},
    ),
    ("lab_unpaid_part", {"price_war": 1.0}),
    (
        "pressure_max",
        {
            "price_war": 1.0,
            "imposed_jump_quarter": 6.0,
            "imposed_jump_size": 5.0,
            "elasticity_long_run": -2.5,
        },
    ),
    ("hazard_bound", _EARNED),
    ("runup_most_counted", _EARNED),
)
SOON = 5.0  # quarters from the opening at which a dated switch is on
FEWEST = 30  # pairs without which nothing is said
ROUNDING = 1e-9

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Effect:
    """What moving a parameter did to the output it moves most, in standard errors of the paired mean.

    ``kind`` is "headline", "registered" (an output of a lever that moves it), "reported" (any other reported output) or
    "none". ``before`` and ``after`` are means over the paths; ``moved`` is the share of paths on which the output is
    another number.
    """

    parameter: str
    kind: str
    output: str
    errors: float
    before: float
    after: float
    moved: float
    pairs: int


def movable() -> tuple[str, ...]:
    """Parameters with a range, in registry order; one number that has no range cannot be moved."""
    registry = subject().model.registry
    return tuple(id for id in registry if registry[id].low < registry[id].high)


def ends(param: Param) -> tuple[float, float]:
    """5 and 95 % points of a parameter; a switch or a fixed one: the ends of its range, a dated switch off and on."""
    if param.distribution == "switch" and param.id.partition(":")[0].endswith("_quarter"):
        return (
            0.0,
            SOON,
        )  # none, and one that leaves time to be felt: the last quarter of the range is felt by nothing
    if param.distribution in ("switch", "fixed"):
        return param.low, param.high
    low, high = quantile(param, np.array([0.05, 0.95]))
    return float(low), float(high)


def within_event(id: str) -> dict[str, float]:
    """What has to be on for a parameter of an imposed event to be able to matter."""
    for stem, given in NEEDS:
        if id.startswith(stem):
            return dict(given)
    for stem, when in EVENTS:
        if id.startswith(stem):
            on = {f"{stem}_quarter": when}
            if stem == "policy_backstop":
                on |= {"imposed_stop_quarter": when, "policy_backstop_share": 1.0}
            elif stem in ("policy_export", "policy_moratorium"):
                on |= {f"{stem}_share": 1.0}
            return {key: value for key, value in on.items() if key != id}
    return {}


def moved(
    parameters: Iterable[str] | None = None,
    *,
    paths: int = 512,
    seed: int = 1,
    kernel: str = "auto",
    progress: Progress | None = None,
) -> list[Effect]:
    """One effect per parameter: the headline it moves most in paired errors, else a registered or reported output.

    Paths are paired: same events, all other parameters the same; a path refused on one side only is left out.
    Limit case: a parameter that no output feels has kind "none" and the output nearest to being moved.
    Errors: UnknownNameError for a parameter.
    """  # fmt: skip
    world = subject()
    registry = world.model.registry
    asked = movable() if parameters is None else tuple(parameters)
    reported = [name for name, variable in world.model.variables.items() if variable.reported]
    registered: dict[str, list[Lever]] = {}
    for lever in LEVERS:
        if len(lever.moves) == 1:  # what several parameters do together says nothing of one
            registered.setdefault(next(iter(lever.moves)), []).append(lever)
    texts = {*HEADLINES, *(lever.output for id in asked for lever in registered.get(id, ()))}
    outputs = sorted({*reported, *(slot for text in texts for slot in reading(world, text).slots(world))})

    def run(settings: Mapping[str, float]) -> Run:
        return simulate(
            world,
            Scenario("moved", set=dict(settings)),
            paths=paths,
            seed=seed,
            kernel=kernel,
            outputs=outputs,
        )

    found: list[Effect] = []
    for place, id in enumerate(asked):
        if progress is not None:
            progress("Parameters moved", place + 1, len(asked))
        low, high = ends(registry[id])
        given = within_event(id)
        one, two = run({**given, id: low}), run({**given, id: high})
        best = max((_effect(id, "headline", text, one, two) for text in HEADLINES), key=_errors)
        if best.errors < ERRORS and id in registered:
            pairs = [
                (lever.output, *(run({**lever.given, id: end}) for end in (lever.moves[id] or (low, high))))
                for lever in registered[id]
            ]
            best = max((best, *(_effect(id, "registered", text, a, b) for text, a, b in pairs)), key=_errors)
        if best.errors < ERRORS:
            most = max((_reported(id, key, one, two) for key in one.outputs), key=_errors)
            best = most if most.errors >= ERRORS_OF_MANY else best
        if best.errors < ERRORS:
            best = Effect(
                id, "none", best.output, best.errors, best.before, best.after, best.moved, best.pairs
            )
        found.append(best)
    return found


def _errors(effect: Effect) -> float:
    return effect.errors


def _effect(id: str, kind: str, text: str, one: Run, two: Run) -> Effect:
    """The paired change of one reading."""
    found = reading(subject(), text)
    return _judged(id, kind, text, read(found, one), read(found, two), one, two)


def _reported(id: str, key: str, one: Run, two: Run) -> Effect:
    """The paired change of the mean of an output over the quarters."""
    return _judged(id, "reported", key, one.value(key).mean(axis=0), two.value(key).mean(axis=0), one, two)


def _judged(id: str, kind: str, text: str, before: Floats, after: Floats, one: Run, two: Run) -> Effect:
    both = one.ok & two.ok & (one.refused == two.refused) & np.isfinite(before) & np.isfinite(after)
    before, after = before[both], after[both]
    if len(before) < FEWEST:
        return Effect(id, kind, text, 0.0, float("nan"), float("nan"), 0.0, len(before))
    change = after - before
    size = np.maximum(np.abs(before), np.abs(after))
    still = np.abs(change) <= ROUNDING * size
    change = np.where(still, 0.0, change)
    error = float(change.std(ddof=1)) / len(change) ** 0.5
    mean = float(change.mean())
    errors = 0.0 if mean == 0.0 else abs(mean) / error if error > 0.0 else np.inf
    return Effect(
        id,
        kind,
        text,
        float(errors),
        float(before.mean()),
        float(after.mean()),
        float(1.0 - still.mean()),
        len(change),
    )
