"""Deals as a user asks for them: a file or an example, on one path, on drawn paths or on the world's."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from supercycle.core.errors import InputError, UsageError
from supercycle.deals.calendar.periods import Periods
from supercycle.deals.document.read import read_deal
from supercycle.deals.document.schema import Deal
from supercycle.deals.engine.parties import is_random
from supercycle.deals.measures.breakeven import break_even
from supercycle.deals.measures.distribution import distribution, lowest_cover, total_loss
from supercycle.deals.measures.lapse import non_renewal
from supercycle.deals.measures.report import result, sizes
from supercycle.deals.measures.stress_table import stress_losses
from supercycle.deals.run import Run, prepare
from supercycle.deals.run import run as run_deal
from supercycle.engine.run import Progress
from supercycle.service.deal_claims import CLAIMS, told
from supercycle.service.deal_files import Settings, examples, read_file, settings_of
from supercycle.service.deal_world import (
    World,
    matched,
    neutral,
    references,
    world_from_preset,
    world_from_result,
)

__all__ = ["DealResult", "check", "deal", "examples_listed", "size"]

Floats = NDArray[np.float64]
PATHS, SEED = 1000, 1
PAR, HIGHEST_PRICE = 100.0, 300.0  # percent of what is drawn
STAGE = "Running the deal"
# Harm is averaged over sets of draws of values, failures and renewals: 16 of them, fewer when there are many paths.
DRAW_SETS, DRAWN_PATHS = 16, 16_000


@dataclass(frozen=True)
class DealResult:
    """The answer of ``deal``: ``run`` on one path, ``many`` on many (or None), ``body`` for JSON."""

    deal: Deal
    text: str
    run: Run
    many: Run | None
    world: World | None
    body: dict[str, Any]

    def __repr__(self) -> str:
        paths = f", {self.many.paths:,} paths" if self.many is not None else ""
        return f"<Deal {self.deal.name!r} in {self.deal.money}{paths}>"

    def to_dict(self) -> dict[str, Any]:
        """Everything, as ``supercycle deal run --json`` prints it."""
        return self.body

    def sourced(self) -> list[dict[str, str]]:
        """Each number of the file that carries a source or a judgement."""
        from supercycle.service.deal_sources import sourced

        return sourced(self.text)

    def write_xlsx(self, path: str | Path) -> Path:
        """Write the workbook: every period's statement with live formulas."""
        from supercycle.service.deal_workbook import write

        return write(self.run, self.body, self.text, Path(path))


def deal(
    file: str,
    *,
    set: Settings = (),
    world: str | None = None,
    preset: str | None = None,
    paths: int | None = None,
    seed: int = SEED,
    kernel: str = "auto",
    progress: Progress | None = None,
    levers: Mapping[str, float | str] | None = None,
    prices: tuple[float, ...] = (PAR,),
) -> DealResult:
    """Run a deal: an example's name or a .yaml file, with ``{"path": value}`` or "path=value" settings on top.

    Without ``world``, ``preset`` and ``paths`` it is one path, the deal as written. ``paths`` alone draws asset values,
    failures and renewals as the file says. ``preset`` runs the world (``levers``: its
    parameters by id, on top) and ``world`` reads a result folder; every
    ``$world.name`` then has a value by period and path, and the one path shown is that of the medians.

    ``prices`` are those, in percent of what is drawn, at which yields are given.

    Errors: those of reading, InputError where the deal needs a world and has none, or has nothing that would differ
    between paths.
    """
    found, text = read_file(file, set)
    wanted = references(found)
    if world is not None and preset is not None:
        raise UsageError("two worlds", expected="--world or --preset", got="both")
    if levers and preset is None:
        raise UsageError("levers without a scenario", expected="a preset beside them", got="none")
    if paths is not None and paths < 1:
        raise InputError("bad number of paths", expected="1 or more", got=paths, where="--paths")
    still = _still(found) if world is None and preset is None else {}
    if world is None and preset is None and len(wanted) > len(still):
        name, where = next((n, w) for n, w in wanted.items() if n not in still)
        raise InputError(
            f"the deal refers to $world.{name} and no world was given",
            where=where,
            hint="Give --preset base, or --world RESULT for a result folder.",
        )
    for price in prices:
        if not 0 < price <= HIGHEST_PRICE:
            raise InputError("bad price", expected=f"above 0, up to {HIGHEST_PRICE:g} percent of what is drawn",
                             got=price, where="--price")  # fmt: skip
    known: World | None = None
    how: dict[str, Any] | None = None
    values: dict[str, Floats] = {}
    periods = found.calendar.lay()
    if world is not None or preset is not None:
        if not wanted and not is_random(found):
            raise InputError(
                "every path would be the same: the deal refers to nothing of the world and draws nothing",
                expected="a number written $world.name, an asset's volatility or a party",
                where=found.where,
            )
        known = _world(world, preset, wanted, paths, seed, kernel, progress, levers)
        values, how = matched(known, periods, wanted)
    elif paths is not None and paths > 1 and not is_random(found):
        raise InputError(
            "every path would be the same: nothing in the deal is drawn",
            expected="an asset's volatility, a renewal_probability or a party in the file",
            where=found.where,
            hint="Or give --preset base for a deal that refers to the world.",
        )
    values |= still
    middle = {name: np.median(rows, axis=1) if rows.ndim == 2 else rows for name, rows in values.items()}
    count = known.paths if known else (paths or 1)
    sets = min(max(DRAWN_PATHS // count, 1), DRAW_SETS) if known and wanted and is_random(found) else 1
    steps = 3 + sets
    _tell(progress, STAGE, 0, steps)
    one = run_deal(found, middle)
    _tell(progress, STAGE, 1, steps)
    many = _many(found, values, middle, count, seed) if count > 1 else None
    _tell(progress, STAGE, 2, steps)
    hurts = None
    if many and known and wanted:
        harms = [_harm(many)]
        for k in range(1, sets):  # what is drawn is averaged out, so that the world is left
            harms.append(_harm(_many(found, values, middle, count, seed + k)))
            _tell(progress, STAGE, 2 + k, steps)
        hurts = _hurts(np.mean(harms, axis=0), known, periods)
    body = result(one, prices=prices)
    body |= {
        "file": file,
        "case": "medians of the world's paths" if known else "the deal as written",
        "held_still": sorted(still),
        "world": how,
        "non_renewal": non_renewal(found, dict(middle)),
        "break_even": break_even(one.prepared, middle),
        "stress_losses": stress_losses(one),
        "distribution": distribution(many) if many else None,
        "what_hurts": hurts,
        "ledger": told(many or one, known),
        "readings": _readings(found, text, settings_of(set), middle, one),
        "manifest": _manifest(file, set, world, preset, count, seed, prices),
    }
    _tell(progress, STAGE, steps, steps)
    return DealResult(found, text, one, many, known, body)


def check(file: str, *, set: Settings = ()) -> dict[str, Any]:
    """Read a deal, lay it on its calendar and say what it needs; nothing is run."""
    found, _ = read_file(file, set)
    wanted = references(found)
    if len(wanted) == len(neutral(found)):
        prepare(found, _still(found))
    return {
        "schema": "supercycle.deal-check/1", "name": found.name, "ok": True,
        "facilities": [f.name for f in found.facilities], "steps": len(found.waterfall),
        "periods": found.calendar.lay().count, "drawn": is_random(found), "world": list(wanted),
    }  # fmt: skip


def size(file: str, *, set: Settings = ()) -> dict[str, Any]:
    """Each facility's size, the limits of a sculpted one and which binds, and its planned service."""
    found, _ = read_file(file, set)
    wanted, still = references(found), neutral(found)
    for name, where in wanted.items():
        if name not in still:
            raise InputError(
                f"the deal refers to $world.{name}, and a size needs one case",
                where=where,
                hint=f"Put a number in its place, as in --set, or run it on a world: supercycle deal run {file} "
                "--preset base --json shows 'sizing'.",
            )
    return {"schema": "supercycle.deal-sizes/1", "facilities": sizes(run_deal(found, _still(found)))}


def examples_listed() -> list[dict[str, str]]:
    """Name and title of every deal that is shipped."""
    return [{"name": name, "title": read_file(name)[0].title} for name in examples()]


def _readings(
    found: Deal, text: str, laid: Mapping[str, str], values: dict[str, Floats], base: Run
) -> list[dict[str, Any]]:
    """The deal as written and each other reading of it, by what lenders and owners get if all goes on and if not."""
    if not found.readings:
        return []
    rows = [_reading("as written", base, values)]
    for other in found.readings:
        changed = read_deal(text, origin=str(other.where), settings={**laid, **other.set})
        rows.append(_reading(other.name, run_deal(changed, values), values) | {"set": dict(other.set)})
    return rows


def _reading(name: str, run: Run, values: dict[str, Floats]) -> dict[str, Any]:
    own = run.rate_of_return("equity")
    lent = sum(
        float(run[f"{p.facility.name}.drawn"].sum()) for p in run.prepared.plans if not p.facility.preferred
    )
    cases = non_renewal(run.prepared.deal, dict(values))
    losses = [
        sum(v["loss"] for k, v in case["holders"].items() if k != "equity_holders") / lent if lent else 0.0
        for case in cases
    ]
    return {
        "name": name,
        "equity_irr": float(own.rate[0]) if np.isfinite(own.rate[0]) else None,
        "lenders_loss": float(total_loss(run)[0]) / lent if lent else None,
        "if_not_renewed": [
            {"ends": case["ends"], "lenders_loss": loss} for case, loss in zip(cases, losses, strict=True)
        ],
    }


def _still(found: Deal) -> dict[str, Floats]:
    """Values for what only moves with the world: a world that stands still."""
    return {name: np.ones(found.calendar.lay().count) for name in neutral(found)}


def _tell(progress: Progress | None, stage: str, done: int, total: int) -> None:
    if progress is not None:
        progress(stage, done, total)


def _world(
    world: str | None, preset: str | None, wanted: Mapping[str, str], paths: int | None, seed: int, kernel: str,
    progress: Progress | None, levers: Mapping[str, float | str] | None,
) -> World:  # fmt: skip
    from supercycle.engine import store
    from supercycle.service.the_world import subject

    if world is not None:
        also = tuple(key for key in store.load(Path(world)).outputs if ":" not in key)
        return world_from_result(Path(world), dict(wanted), also=also, paths=paths)
    whole = (key for key in subject().reported if ":" not in key)  # members would treble the arrays
    return world_from_preset(
        preset or "base", dict(wanted), also=(*whole, *CLAIMS.values()),
        paths=PATHS if paths is None else paths, seed=seed, kernel=kernel, progress=progress,
        levers=levers,
    )  # fmt: skip


def _many(found: Deal, values: dict[str, Floats], middle: dict[str, Floats], count: int, seed: int) -> Run:
    return run_deal(prepare(found, values, paths=count, seed=seed, sizing=middle))


def _harm(many: Run) -> Floats:
    """[what all lenders lose, minus the cover of the whole life] by path."""
    return np.array([total_loss(many), -lowest_cover(many)])


def _hurts(harm: Floats, world: World, periods: Periods) -> dict[str, Any]:
    """Ranked by what all lenders lose; where nobody loses, by the cover of the whole life."""
    from supercycle.core.quarters import Quarter
    from supercycle.service.deal_hurt import what_hurts

    start, end = periods.starts[0], periods.ends[-1]
    first = Quarter(start.year, (start.month + 2) // 3)
    last = Quarter(end.year, (end.month + 2) // 3)
    covered = np.array([first <= Quarter.parse(q) <= last for q in world.quarters])
    if not covered.any():
        return {"status": "the deal and the world share no quarter", "variables": [], "regression": None}
    outputs = {key: rows for key, rows in world.outputs.items() if key not in CLAIMS.values()}
    if bool((harm[0] > 0).any()):
        return what_hurts(harm[0], outputs, covered, harm_is="loss of all lenders")
    if not bool(np.isfinite(harm[1]).all()):
        return {"status": "nothing was due", "variables": [], "regression": None}
    return what_hurts(harm[1], outputs, covered, harm_is="minus CFADS over senior service, whole life")


def _manifest(
    file: str,
    settings: Settings,
    world: str | None,
    preset: str | None,
    paths: int,
    seed: int,
    prices: tuple[float, ...],
) -> dict[str, Any]:
    """What was run, and the command and the Python that run it again."""
    from supercycle.service.manifest import versions

    laid = settings_of(settings)
    words = ["supercycle", "deal", "run", file]
    python = [repr(file)]
    for path, value in laid.items():
        words += ["--set", f"{path}={value}"]
    python += [f"set={laid!r}"] if laid else []
    for key, given in (("world", world), ("preset", preset)):
        if given is not None:
            words += [f"--{key}", given]
            python.append(f"{key}={given!r}")
    if paths > 1:
        words += ["--paths", str(paths), "--seed", str(seed)]
        python.append(f"paths={paths}, seed={seed}")
    if prices != (PAR,):
        words += [word for price in prices for word in ("--price", f"{price:g}")]
        python.append(f"prices={prices!r}")
    return {
        "schema": "supercycle.deal-manifest/1", "paths": paths, "seed": seed, "versions": versions(),
        "command": shlex.join(words),
        "python": "from supercycle.service.deal import deal\n\n"
        f"found = deal({', '.join(python)})\nprint(found.to_dict())",
    }  # fmt: skip
