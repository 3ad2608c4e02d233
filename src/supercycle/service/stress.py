"""Stress and reverse stress as a user asks for them: words in, one record out."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from supercycle.engine import reverse as search
from supercycle.engine import stress as engine
from supercycle.engine.preset import Scenario
from supercycle.engine.reading import Reading, reading
from supercycle.engine.run import Progress
from supercycle.engine.scenario import resolve, with_settings
from supercycle.service.manifest import manifest
from supercycle.service.result import level_names, listed
from supercycle.service.the_world import subject
from supercycle.service.unread import refuse_unread

__all__ = ["HOLDERS", "READINGS", "reverse", "shocks", "stress"]

SCHEMA, REVERSE_SCHEMA = "supercycle.stress/1", "supercycle.reverse/1"

# What a stress is asked for first: build, prices, money, losses, the economy.
READINGS = (
    "busted:last",
    "world_ai_capex_usd_bn:sum",
    "five_firm_capex_usd_bn:2028Q4",
    "fleet_it_gw:2028Q4",
    "fleet_it_gw:2030Q4",
    "dark_it_gw:max",
    "stranded_it_gw:last",
    "utilisation:min",
    "contract_price:2030Q4",
    "ai_revenue_run_rate:2030Q4",
    "hurdle_rate:max",
    "funded_share:min",
    "ai_debt_usd_bn:2030Q4",
    "write_off_usd_bn:sum",
    "credit_loss_usd_bn:sum",
    "output_loss_reallocation:max",
    "output_loss_crunch:max",
    "output_loss_wealth:max",
    "maturing_usd_bn:max",
    "commitments_unmet_usd_bn:sum",
    "hy_spread:max",
    "firm_spread:Oracle:max",
    "neocloud_default:sum",
    "neocloud_idle_it_gw:max",
    "clearing_unpaid_usd_bn:sum",
)
HOLDERS = {
    "banks": "bank_loss_usd_bn:sum",
    "insurers and pensions": "insurer_pension_loss_usd_bn:sum",
    "funds": "fund_loss_usd_bn:sum",
    "ABS and CMBS holders": "abs_loss_usd_bn:sum",
    "private credit": "pc_loss_usd_bn:sum",
    "foreign": "foreign_loss_usd_bn:sum",
    "vendors": "vendor_loss_usd_bn:sum",
    "equity": "equity_loss_usd_bn:sum",
    "households' shares": "owner_lost_usd_bn:households:max",
    "funds' and pensions' shares": "owner_lost_usd_bn:funds and pensions:max",
    "insiders' shares": "insiders_lost_usd_bn:max",
    "shares held abroad": "owner_lost_usd_bn:abroad:max",
    "ratepayers": "ratepayer_loss_usd_bn:sum",
    "the treasury": "treasury_loss_usd_bn:sum",
}

Settings = Iterable[str] | Mapping[str, float | str]


def shocks() -> list[dict[str, Any]]:
    """Every shock that comes with the model: name, title, story and what it sets."""
    world = subject()
    found = [_shock(name) for name in engine.shock_names(_folder())]
    return [
        {
            "name": s.name,
            "title": s.title,
            "story": s.story,
            "dated": any(id.startswith("imposed_") and id.endswith("_quarter") for id in s.set),
            "set": {
                id: {"value": value, "unit": world.model.registry[id].unit} for id, value in s.set.items()
            },
        }
        for s in found
    ]


def stress(
    names: Sequence[str] = (),
    *,
    preset: str = "base",
    set: Settings = (),
    paths: int = 1000,
    seed: int = 1,
    until: str | None = None,
    kernel: str = "auto",
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Each shock alone and, when several are named, all together, against the same paths of a scenario.

    ``names`` are ``NAME[@QUARTER][:SIZE]`` or .yaml files; none means every shock that comes with the model, each
    alone. ``set`` applies to the scenario before the shocks. Errors: UnknownNameError with the nearest shock,
    InputError for two shocks that set one parameter differently.
    """
    world, base = subject(), _scenario(preset, set)
    hit = [_shock(name) for name in names or engine.shock_names(_folder())]
    if len(names) > 1:
        hit.append(engine.combined(hit))
    readings = [reading(world, text) for text in (*READINGS, *HOLDERS.values())]
    readings = [r for r in readings if until is None or r.when[:1] not in "12" or r.when <= until]
    run, found = engine.stress(
        world, base, hit, readings, paths=paths, seed=seed, until=until, kernel=kernel, progress=progress
    )
    words = ["supercycle", "stress", *names, "--preset", preset, "--paths", str(paths), "--seed", str(seed)]
    words += ["--until", run.quarters[-1], "--kernel", run.kernel]
    for setting in _assignments(set):
        words += ["--set", setting]
    return {
        "schema": SCHEMA,
        "scenario": {"preset": base.name, "title": base.title},
        "manifest": {
            **manifest(run),
            "command": shlex.join(words),
            "python": _python(names, preset, run.paths, seed),
        },
        "status_counts": run.status_counts,
        "books": {
            "residual_max": max(run.residual_max, *(one.run.residual_max for one in found)),
            "checked": run.checked + sum(one.run.checked for one in found),
        },
        "shocks": [_told(one) for one in found],
    }


def reverse(
    lever: str,
    output: str,
    target: float,
    *,
    statistic: str = "q50",
    preset: str = "base",
    set: Settings = (),
    paths: int = 1000,
    seed: int = 1,
    until: str | None = None,
    kernel: str = "auto",
    progress: Progress | None = None,
) -> dict[str, Any]:
    """The smallest move of one parameter that brings a statistic of an output to a target, verified by a run."""
    world, base = subject(), _scenario(preset, set)
    found, param = reading(world, output), world.model.registry[lever]
    answer = search.reverse(
        world,
        base,
        lever,
        found,
        target,
        name=statistic,
        paths=paths,
        seed=seed,
        until=until,
        kernel=kernel,
        progress=progress,
    )
    return {
        "schema": REVERSE_SCHEMA,
        "scenario": {"preset": base.name, "title": base.title},
        "lever": {
            "parameter": lever,
            "label": param.label,
            "unit": param.unit,
            "low": param.low,
            "high": param.high,
            "sampled_in_scenario": lever not in base.set and param.distribution not in ("fixed", "switch"),
        },
        "output": {"reading": found.text, "label": found.label, "unit": found.unit, "statistic": statistic},
        "target": target,
        "found": answer.found,
        "verified": answer.verified,
        "start": {"value": answer.start, "statistic": _number(answer.start_statistic)},
        "answer": {
            "value": answer.value,
            "statistic": _number(answer.reached),
            "move": answer.move,
            "share_of_range": answer.move / (param.high - param.low),
            "one_step_short": _number(answer.short),
            "step": answer.step,
        },
        "monotone": answer.monotone,
        "redrawn": answer.redrawn,
        "paths": paths,
        "seed": seed,
        "model_hash": world.model_hash,
        "tried": [[x, _number(y)] for x, y in answer.tried],
    }


def _folder() -> Path:
    return subject().presets.parent / "shocks"


def _scenario(preset: str, settings: Settings) -> Scenario:
    world = subject()
    registry = world.model.registry
    found = with_settings(resolve(preset, registry, world.presets), settings, registry)
    refuse_unread(world, found)
    return found


def _shock(name: str) -> Scenario:
    world = subject()
    return engine.shock(name, world.model.registry, _folder(), world.start)


def _assignments(settings: Settings) -> list[str]:
    if isinstance(settings, Mapping):
        named = cast("Mapping[str, float | str]", settings)
        return [f"{id}={value}" for id, value in named.items()]
    return list(settings)


def _python(names: Sequence[str], preset: str, paths: int, seed: int) -> str:
    return f"supercycle.service.stress.stress({list(names)!r}, preset={preset!r}, paths={paths}, seed={seed})"


def _told(one: engine.Stress) -> dict[str, Any]:
    """One shock: every reading, the bust told as probabilities, losses by holder."""
    holders = {text: holder for holder, text in HOLDERS.items()}
    impacts = {impact.reading.text: impact for impact in one.impacts}
    bust = impacts["busted:last"]
    return {
        "name": one.scenario.name,
        "title": one.scenario.title,
        "set": dict(one.scenario.set),
        "pairs": one.pairs,
        "redrawn": one.redrawn,
        "bust": {
            "before": _number(bust.before_mean),
            "after": _number(bust.after_mean),
            "only_with": _number((bust.moved + bust.mean) / 2),
            "only_without": _number((bust.moved - bust.mean) / 2),
        },
        "losses_by_holder": {holders[t]: _impact(i) for t, i in impacts.items() if t in holders},
        "readings": {t: _impact(i) for t, i in impacts.items() if t not in holders},
    }


def _impact(impact: engine.Impact) -> dict[str, Any]:
    found: Reading = impact.reading
    return {
        "label": found.label,
        "unit": found.unit,
        "when": found.when,
        "before": {"q50": _number(impact.before), "mean": _number(impact.before_mean)},
        "after": {"q50": _number(impact.after), "mean": _number(impact.after_mean)},
        "difference": {
            "mean": _number(impact.mean),
            "standard_error": _number(impact.standard_error),
            "moved": _number(impact.moved),
            **{name: _number(value) for name, value in zip(level_names(), impact.quantiles, strict=True)},
        },
    }


def _number(value: float | None) -> float | None:
    """A number for JSON, which has no NaN."""
    import numpy as np

    return None if value is None else listed(np.array([value]))[0]
