"""All options of a case on the same paths, ranked; and the measures by which a person compares them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from supercycle.core.errors import UnknownNameError
from supercycle.decisions.choice.gate import Gate, quality_gate
from supercycle.decisions.choice.kinds import KINDS, Kinds, kinds
from supercycle.decisions.choice.plan import API, Plan, plan_costs
from supercycle.decisions.choice.risk import cvar, score
from supercycle.decisions.choice.routing import ROUTED, Routed, routed
from supercycle.decisions.choice.search import COMPARED, SEARCHED, cheapest, refined, screened, space
from supercycle.decisions.choice.seats import SEATS, seat_costs
from supercycle.decisions.choice.setting import Setting
from supercycle.decisions.money.costs import LABELS, Costs

__all__ = ["ONE_MODEL", "OPTIONS", "PURE", "Evaluated", "Measures", "evaluate", "levelised", "measures"]

Floats = NDArray[np.float64]

OPTIONS = (
    "api",
    "api_open",
    "on_demand",
    "spot",
    "reserved_1y",
    "reserved_3y",
    "blocks",
    "savings_1y",
    "savings_3y",
    "own_colo",
    "own_site",
    "mix",
    KINDS,
    ROUTED,
    SEATS,
)
ONE_MODEL = tuple(name for name in OPTIONS if name not in (KINDS, ROUTED, SEATS))
PURE = tuple(name for name in ONE_MODEL if name != "mix")


@dataclass(frozen=True, slots=True)
class Measures:
    """An option in numbers. USD after tax today unless said; ``best_share``: of paths on which it is the cheapest.

    ``barred`` says why an option is not recommended (nothing where it is); barred options stand last.
    ``usd_per_1000_accepted`` is the levelised cost of a thousand requests whose answer is accepted.

    ``levelised_usd_per_mtok`` is the ratio of the means (cost over tokens); its P10 and P90 are over the paths'
    own ratios.
    """

    name: str
    label: str
    mean: float
    p10: float
    p50: float
    p90: float
    cvar: float
    score: float
    levelised_usd_per_mtok: float
    levelised_p10: float
    levelised_p90: float
    peak_cash: float
    best_share: float
    usd_per_1000_accepted: float
    barred: str
    standard_error: float
    kg_co2_per_mtok: float | None


@dataclass(frozen=True)
class Evaluated:
    """The options of a case, and their measures in order of score, the cheapest first, the barred ones last.

    ``plans`` are what the options hold; ``mixed`` is True when the cheapest plan of all is a true mixture.
    """

    place: Setting
    options: dict[str, Costs]
    plans: dict[str, Plan]
    ranking: tuple[Measures, ...]
    gate: Gate
    routed: Routed | None = None
    kinds: Kinds | None = None

    @property
    def best(self) -> Measures:
        """The cheapest that may be recommended."""
        return self.ranking[0]

    @property
    def best_plan(self) -> Plan:
        """What it holds."""
        return self.plans[self.best.name]

    def of(self, name: str) -> Measures:
        """The measures of an option."""
        for one in self.ranking:
            if one.name == name:
                return one
        raise UnknownNameError("option", name, [m.name for m in self.ranking])


def levelised(place: Setting, option: Costs) -> Floats:
    """The constant price per Mtok that would cost the same after tax on each path: what compares with an API's list.

    ``npv / (sum(mtok d_m) - tax sum(mtok_y d_y))``: the denominator is what 1 USD per Mtok costs after tax.
    Limit: an API at a constant price gives that price.
    """
    return option.npv / place.frame.unit_price_cost


def measures(
    place: Setting, options: dict[str, Costs], gate: Gate, labels: Mapping[str, str] = LABELS
) -> tuple[Measures, ...]:
    """Every option's measures, by score ``(1 - w) mean + w CVaR``, the least first; barred options after all others."""
    case, frame = place.case, place.frame
    level = case.number("risk.level")
    # The mix is one of the ways or made of them: which way is cheapest on a path is asked of the others.
    stacked = np.stack([option.npv for option in options.values()])
    winners = np.bincount(stacked.argmin(axis=0), minlength=len(options)) / stacked.shape[1]
    reference = _cash(options["api"]) if "api" in options else None
    unit = float(frame.unit_price_cost.mean())
    accepted = case.number("model.api_accepted_share") * frame.requests_per_month / frame.mtok_per_month
    found: list[Measures] = []
    for (name, option), share in zip(options.items(), winners, strict=True):
        ordered = np.sort(option.npv)
        mean = float(ordered.mean())
        price = np.sort(levelised(place, option))
        own = _cash(option)
        above = own - reference if reference is not None else own
        found.append(
            Measures(
                name=name,
                label=labels[name],
                mean=mean,
                p10=_at(ordered, 0.1),
                p50=_at(ordered, 0.5),
                p90=_at(ordered, 0.9),
                cvar=cvar(ordered, level),
                score=score(case, ordered),
                levelised_usd_per_mtok=mean / unit,
                levelised_p10=_at(price, 0.1),
                levelised_p90=_at(price, 0.9),
                peak_cash=max(float(np.max(above)), 0.0),
                best_share=float(share),
                usd_per_1000_accepted=1000 * mean / unit / accepted,
                barred="" if name in ("api", ROUTED, SEATS) else gate.reason,
                standard_error=float(ordered.std() / len(ordered) ** 0.5),
                kg_co2_per_mtok=_carbon(place, option),
            )
        )
    return tuple(sorted(found, key=lambda one: (bool(one.barred), one.score)))


def evaluate(place: Setting, names: tuple[str, ...] = OPTIONS) -> Evaluated:
    """Compute and rank the options. The mix is the cheapest of all plans, the single ways among them; where it is one
    of them it is left out, because that way has its name already.

    Errors: UnknownNameError for a name that is no option.
    """
    for name in names:
        if name not in OPTIONS:
            raise UnknownNameError("option", name, OPTIONS)
    gate = quality_gate(place)
    every = space(place)
    few = place.take(SEARCHED)
    ways: dict[str, list[Plan]] = {}
    for plan in every:
        ways.setdefault(plan.way, []).append(plan)
    plans = {
        name: ways[name][0] if len(ways[name]) == 1 else cheapest(few, ways[name])[0]
        for name in PURE
        if name in ways and (name in names or "mix" in names)
    }
    options = {name: plan_costs(place, plan, name) for name, plan in plans.items()}
    if "mix" in names and "mix" in ways:
        case = place.case
        tried = cheapest(few, screened(few, ways["mix"]), count=COMPARED)
        tried = list(dict.fromkeys([refined(few, tried[0]), *tried]))
        computed = [(plan, plan_costs(place, plan, "mix")) for plan in tried]
        plan, costs = min(computed, key=lambda one: score(case, one[1].npv))
        if score(case, costs.npv) < min(score(case, one.npv) for one in options.values()):
            plans["mix"], options["mix"] = plan, costs
    two = kinds(place) if KINDS in names else None
    if two is not None:
        plans[KINDS], options[KINDS] = two.plan, two.costs
    labels = LABELS if two is None else {**LABELS, KINDS: two.label}
    pair = routed(place, gate) if ROUTED in names else None
    if pair is not None:
        plans[ROUTED], options[ROUTED] = pair.plan, pair.costs
    seats = seat_costs(place) if SEATS in names else None
    if seats is not None:
        plans[SEATS], options[SEATS] = Plan(API), seats
    kept = {name: option for name, option in options.items() if name in names}
    return Evaluated(place, kept, plans, measures(place, kept, gate, labels), gate, pair, two)


def _at(ordered: Floats, level: float) -> float:
    return float(ordered[min(int(level * len(ordered)), len(ordered) - 1)])


def _cash(option: Costs) -> Floats:
    """Mean cash spent so far after each month; capital at the start of its year, tax and sales at the end of
    theirs.
    """
    monthly = option.monthly.mean(axis=1)
    monthly[::12] += option.capital.mean(axis=1)
    spent = np.cumsum(monthly)
    back = (option.tax_saved + option.proceeds).mean(axis=1)
    for year, amount in enumerate(back):
        spent[12 * year + 12 :] -= amount
    return spent


def _carbon(place: Setting, option: Costs) -> float | None:
    """Carbon of the electricity used per Mtok; None where nobody discloses it (the API)."""
    if option.energy_kwh is None:
        return None
    kilograms = float(option.energy_kwh.mean(axis=1).sum()) * place.case.number("site.carbon_kg_per_kwh")
    return kilograms / float(place.frame.mtok.mean(axis=1).sum())
