"""The whole answer to a case: ranking, break-even, mix, act or wait, what would change it, under which worlds.

Pure computation: the worlds come in as arrays, the load as a profile.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from supercycle.core.profile import DemandProfile
from supercycle.decisions.choice.breakeven import BreakEven, break_even
from supercycle.decisions.choice.evaluate import Evaluated, evaluate
from supercycle.decisions.choice.kinds import KINDS
from supercycle.decisions.choice.routing import ROUTED
from supercycle.decisions.choice.seats import SEATS
from supercycle.decisions.choice.sentence import headline
from supercycle.decisions.choice.setting import Setting, setting
from supercycle.decisions.choice.thresholds import (
    KNOBS,
    Bar,
    Flip,
    Lever,
    Map,
    Trial,
    flips,
    levers_of,
    tornado,
    two_way,
)
from supercycle.decisions.choice.waiting import LEAST_PATHS, Waiting, waiting
from supercycle.decisions.inputs.case import Case
from supercycle.decisions.money.commitments import forward_price
from supercycle.decisions.money.costs import LABELS
from supercycle.decisions.money.leasing import Lease, break_even_rent, lessor_return, net_advantage_to_leasing
from supercycle.decisions.money.owning import resale_per_gpu
from supercycle.decisions.money.prices import Background
from supercycle.decisions.money.statements import Statements, statements

__all__ = ["Decision", "Leasing", "UnderWorld", "decide"]

Floats = NDArray[np.float64]
Told = Callable[[str, int, int], None]
_TRIAL_PATHS = 200
_WAIT_PATHS = 4000


@dataclass(frozen=True, slots=True)
class Leasing:
    """Lease or buy the servers, per GPU: USD today, positive favours the lease; the rent at which both are equal."""

    advantage_usd_per_gpu: float
    rent_usd_per_gpu_year: float
    break_even_usd_per_gpu_year: float
    lessor_return_per_year: float | None


@dataclass(frozen=True, slots=True)
class UnderWorld:
    """The same case in another world: its ranking, and what moved at month 36 as log changes against the first
    world.
    """

    name: str
    found: Evaluated
    rent: float
    api: float
    efficiency: float
    resale: float
    because: str


@dataclass(frozen=True)
class Decision:
    """Everything decide has to say about a case."""

    case: Case
    background: str
    found: Evaluated
    break_even: BreakEven | None
    waiting: Waiting | None
    leasing: Leasing
    statements: Mapping[str, Statements]
    worlds: tuple[UnderWorld, ...]
    flips: tuple[Flip, ...]
    tornado: tuple[Bar, ...]
    map: Map | None
    notes: tuple[str, ...]

    @property
    def place(self) -> Setting:
        """The case on its paths."""
        return self.found.place

    @property
    def headline(self) -> str:
        """The answer in one sentence, or two: what to do, what it costs, when to look again."""
        return headline(self.found, self.waiting)

    def to_dict(self) -> dict[str, Any]:
        """Everything about it as plain data, ready for JSON."""
        from supercycle.decisions.choice.record import record

        return record(self)


def decide(
    case: Case,
    profile: DemandProfile,
    worlds: Mapping[str, Background],
    *,
    paths: int = 10_000,
    seed: int = 1,
    changes: bool = True,
    told: Told | None = None,
) -> Decision:
    """Decide a case; the first of ``worlds`` is its background, the others are for comparison.

    ``changes`` also solves thresholds, tornado and map (some hundred evaluations on fewer paths).
    Errors: those of the parts; nothing is left out silently: ``notes`` say what could not be answered.
    """
    name, background = next(iter(worlds.items()))
    place = setting(case, profile, background, paths=paths, seed=seed)
    found = evaluate(place)
    few = (
        found
        if paths <= _WAIT_PATHS
        else evaluate(setting(case, profile, background, paths=_WAIT_PATHS, seed=seed + 1))
    )
    notes = list(_notes(case, found))
    waits: Waiting | None = None
    month = crossover_month(found)
    if month is not None:
        notes.append(
            f"From month {month} on, the bill at the API in use is below the monthly bills of {found.best.label}: "
            "what is bought by then has to have paid."
        )
    if place.ready.unhosted:
        notes.append(
            f"No GPU is hired, reserved or bought: {place.ready.unhosted}. The APIs are ranked all the same."
        )
    elif found.best.name in (KINDS, ROUTED):
        notes.append("Act or wait was not valued: it is about one fleet, and the cheapest way has two.")
    elif found.gate.reason:
        notes.append("Act or wait was not valued: the quality gate bars what would be bought.")
    elif few.place.frame.paths.paths < LEAST_PATHS:
        notes.append(f"Act or wait was not valued: it needs {LEAST_PATHS} paths or more.")
    else:
        waits = waiting(few)
    others = tuple(
        _under(other, evaluate(setting(case, profile, world, paths=paths, seed=seed)), found, name)
        for other, world in list(worlds.items())[1:]
    )
    turned: tuple[Flip, ...] = ()
    bars: tuple[Bar, ...] = ()
    grid: Map | None = None
    if changes:
        trial = Trial(case, profile, background, paths=min(paths, _TRIAL_PATHS), seed=seed)
        levers = levers_of(case)
        turned = tuple(flips(trial, levers, None if told is None else lambda k, n: told("thresholds", k, n)))
        ways = [m.name for m in found.ranking if m.name not in ("mix", KINDS, ROUTED, SEATS)]
        if len(ways) > 1:
            inputs = [lever for lever in levers if lever.name not in KNOBS]
            bars = tuple(tornado(trial, inputs, ways[0], ways[1]))
        grid = two_way(trial, _narrow(levers[1]), _narrow(levers[0]))
    return Decision(
        case,
        name,
        found,
        break_even(found) if "own_colo" in found.plans else None,
        waits,
        _leasing(place),
        {option: statements(place.frame, costs) for option, costs in found.options.items()},
        others,
        turned,
        bars,
        grid,
        tuple(notes),
    )


def _narrow(lever: Lever) -> Lever:
    """Load and price of the API by factors around today."""
    return Lever(lever.name, lever.label, lever.unit, lever.now, lever.low, 4.0, log=True)


def _notes(case: Case, found: Evaluated) -> list[str]:
    place = found.place
    notes = [*case.notes, *place.load.notes]
    if place.load.example:
        notes.insert(
            0, "EXAMPLE LOAD: synthetic, not anyone's traffic. Every number below is about it, not about you."
        )
    stale = [line for line in case.ledger.values() if line.stale]
    if stale:
        told = ", ".join(f"{line.path} ({line.day})" for line in stale)
        notes.append(f"Stale prices, older than their kind allows: {told}. Give your own quotes.")
    undated = [p for p in place.load.prices if p.day is None]
    if undated:
        names = ", ".join(p.model for p in undated)
        notes.append(f"API prices of {names} are lists without a date ({undated[0].source}): check them.")
    rate = place.ready.rate
    if not place.ready.unhosted:
        notes.append(
            f"Throughput is {rate.method}: {rate.note}; log error {rate.sd_log:.2g} is in every band."
        )
    notes.append(found.gate.note)
    if "mix" not in found.options:
        notes.append(
            f"No mixture is cheaper: of all plans tried, the cheapest is a single way ({LABELS[_cheapest(found)]})."
        )
    notes.append(place.ready.host_note)
    if place.load.cached_share > 0:
        notes.append(
            "One's own servers are assumed to reuse the same cached share of prompts as the API did."
        )
    notes += _reserved_notes(place)
    notes.append("On-demand GPUs are assumed to be there when called; in 2026 some providers were sold out.")
    return notes


def _reserved_notes(place: Setting) -> list[str]:
    """What the quotes of reservations imply, or that they are asked for."""
    case = place.case
    one, three = case.reserved_ratio(1), case.reserved_ratio(3)
    missing = [words for words, ratio in (("one year", one), ("three years", three)) if ratio is None]
    notes: list[str] = []
    if missing:
        notes.append(
            f"Reserving for {' and '.join(missing)} is not ranked: in the figures no provider prints its prices on "
            "demand and reserved on one day. Give yours: rental.reserved_1y_usd_per_gpu_hour and reserved_3y."
        )
    if one is not None and three is not None:
        now = case.number("rental.on_demand_usd_per_gpu_hour")
        ahead = forward_price(one * now, three * now, case.number("finance.discount_rate_per_year"))
        later = float(place.frame.paths.rent[12:36].mean()) * one if case.years > 1 else 0.0
        notes.append(
            f"Your quotes of one and three years imply {ahead:.2f} USD a GPU-hour for years two and three"
            + (f"; the paths expect one-year contracts at {later:.2f} then." if later else ".")
        )
    return notes


def crossover_month(found: Evaluated) -> int | None:
    """The first month (from 1) in which the mean bill at the API in use is below that of the best plan, capital apart;
    None when there is none, or the plan is that API.
    """
    if found.best.name == "api" or "api" not in found.options:
        return None
    api, best = (found.options[name].monthly.mean(axis=1) for name in ("api", found.best.name))
    below = np.flatnonzero(api < best)
    return int(below[0]) + 1 if len(below) else None


def _cheapest(found: Evaluated) -> str:
    return min(found.ranking, key=lambda one: one.score).name


def _owned(found: Evaluated) -> str:
    choice = found.options[_cheapest(found)].choice
    return f"{sum(gpus for key, gpus in choice.items() if key.startswith('owned GPUs')):.0f}"


def _under(name: str, other: Evaluated, base: Evaluated, first: str) -> UnderWorld:
    """What moved, and why the answer is another or the same."""
    month = min(36, base.place.frame.paths.months - 1)
    rent, api, gain = _moves(other.place, base.place, month)
    # A floor keeps the ratio finite where nothing can be sold.
    resale = float(
        np.log(resale_per_gpu(other.place.frame, 2, 3).mean())
        - np.log(resale_per_gpu(base.place.frame, 2, 3).mean())
    )
    best, was = other.best, base.best
    changed = f"{best.label} instead of {was.label}" if best.name != was.name else f"still {best.label}"
    because = (
        f"{changed}: three years on, rents {_pct(rent)}, API prices {_pct(api)}, work per GPU {_pct(gain)}, "
        f"resale {_pct(resale)} "
        f"against {first}; the cheapest plan owns {_owned(other)} GPUs instead of {_owned(base)}; {was.label} costs "
        f"{_usd_change(_same(other, was.name) - was.mean)}, "
        f"the API in use {_usd_change(other.of('api').mean - base.of('api').mean)}."
    )
    return UnderWorld(name, other, rent, api, gain, resale, because)


def _same(other: Evaluated, name: str) -> float:
    """What an option costs in another world; a mixture that no longer pays costs what the cheapest way does."""
    return other.of(name if name in other.options else _cheapest(other)).mean


def _moves(other: Setting, base: Setting, month: int) -> tuple[float, float, float]:
    def log_change(what: Callable[[Setting], Floats]) -> float:
        return float(np.median(what(other)) - np.median(what(base)))

    return (
        log_change(lambda s: s.frame.paths.rent_log[month]),
        log_change(lambda s: np.log(s.frame.paths.api[month])),
        log_change(lambda s: s.frame.paths.own_gain_log[month]),
    )


def _leasing(place: Setting) -> Leasing:
    case = place.case
    capital = case.number("hardware.capital_usd_per_gpu")
    years = int(case.number("hardware.book_life_years"))
    rent = case.number("finance.lease_rent_share") * capital
    age = min(years, case.years)
    residual = float(resale_per_gpu(place.frame, age - 1, years).mean())
    lease = Lease(capital, (rent,) * years, residual)
    tax, debt = case.number("finance.tax_rate"), case.number("finance.debt_rate_per_year")
    rate, rule = case.number("finance.discount_rate_per_year"), case.word("finance.depreciation")
    return Leasing(
        net_advantage_to_leasing(lease, tax_rate=tax, debt_rate=debt, residual_rate=rate, rule=rule),
        rent,
        break_even_rent(lease, tax_rate=tax, debt_rate=debt, residual_rate=rate, rule=rule),
        lessor_return(lease) if 0 < rent < capital else None,
    )


def _pct(log: float) -> str:
    return f"{100 * float(np.expm1(log)):+.0f} %"


def _usd_change(amount: float) -> str:
    return f"{amount / 1e6:+,.2f} USD m"
