"""A plan: how high each tier reaches, and what it costs on every path. The one cost function of all options.

Each hour is served from the bottom: one's own servers up to their height, capacity reserved for three years, then for
one, and at the top what is hired by the hour or sent to an API. A height is a share of the busiest hour's need; it is
planned in whole servers at the start of each year for the load that the year is expected to bring, so it grows and
shrinks with the load of the path. A single way is a plan with one tier; nothing else tells it from a mixture.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from supercycle.core.ownership import HOURS_PER_MONTH
from supercycle.decisions.choice.setting import Machine, Setting
from supercycle.decisions.choice.tiers import (
    API,
    HOST,
    RENT,
    SPOT,
    TOPS,
    Committed,
    Plan,
    committed,
    ratio,
)
from supercycle.decisions.money.costs import Costs, finish, people, rent
from supercycle.decisions.money.owning import fleet, owned_parts, shells

__all__ = ["API", "HOST", "RENT", "SPOT", "TOPS", "Plan", "committed", "plan_costs"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def plan_costs(place: Setting, plan: Plan, name: str = "") -> Costs:
    """What a plan costs on every path.

    Hired hours are counted in whole replicas above the capacity, with the minutes of each start; what one's own or
    reserved servers do not serve while they are out of service goes to the top as well.
    """
    case, frame = place.case, place.frame
    machine = place.machines[plan.machine]
    tables, size = machine.tables, machine.rate.gpus_per_replica
    held = committed(place, plan)
    lumps = held.lumps
    rung = tables.ladder.at(lumps * machine.replicas_per_lump)
    where = tables.place(place.level, np.repeat(rung, 12, axis=0))
    above = where  # where the top begins
    if plan.reach > plan.one_year:
        reach = tables.ladder.at(held.block_top * machine.replicas_per_lump + held.saved)
        above = tables.place(place.level, np.repeat(reach, 12, axis=0))
    out = frame.held(_out_of_service(place, plan, machine, held))
    parts: dict[str, Floats] = {}
    energy = np.zeros(frame.paths.rent.shape) if plan.hosts else None
    assets = ()
    gpus = lumps * machine.gpus_per_lump
    work_over = np.take(tables.work_over, where) if plan.hosts else None
    busy = np.zeros(frame.paths.rent.shape)
    if plan.one_year > 0 and work_over is not None:
        busy = 1 - _elsewhere(place, plan, machine, work_over, where, above)
        busy *= 1 - out
        busy *= place.relative * machine.mean_busy
        owned_share = frame.held(held.owned / np.maximum(lumps, 1.0))
        if plan.own > 0:
            owned = held.owned * machine.gpus_per_lump
            more, used = owned_parts(frame, owned, busy * owned_share, own_site=plan.site)
            parts |= more
            assets = fleet(frame, [(y, n * machine.gpus_per_lump) for y, n in held.purchases])
            assets += shells(frame, owned) if plan.site else ()
            energy = used
        if plan.three_years > plan.own or plan.one_year > plan.three_years:
            parts["rent reserved"] = _reserved(place, machine, held)
            reserved = frame.held((held.three_years + held.one_year) * machine.gpus_per_lump)
            used = frame.energy_kwh(reserved, busy * (1 - owned_share), case.number("site.pue"))
            energy = used if energy is None else energy + used
    hosted = frame.held(gpus)
    if plan.reach > plan.one_year and work_over is not None:
        more, taken = _by_the_day_and_dollar(place, machine, held, plan)
        parts |= more
        hosted = hosted + taken
        between = 1 - (
            np.take(tables.past_full, above) if plan.top in (RENT, SPOT) else np.take(tables.work_over, above)
        )
        between *= place.relative * machine.mean_busy
        between = np.maximum(between - busy, 0.0)
        if energy is not None:
            energy = energy + frame.energy_kwh(taken, between, case.number("site.pue"))
        busy = busy + between
    kept = 1.0
    if plan.top in (RENT, SPOT):
        hired = _hired(place, plan, machine, where, above, out)
        hired *= size
        price = frame.paths.rent * (_spot_ratio(place) if plan.top == SPOT else 1.0)
        parts["rent on demand" if plan.top == RENT else "rent spot"] = rent(frame, hired, price)
        hosted = hosted + hired
        if energy is not None:
            working = place.relative * machine.mean_busy - busy
            energy = energy + frame.energy_kwh(hired, working, case.number("site.pue"))
    else:
        table = tables.api_over if plan.top == API else tables.host_over
        share = np.take(table, above)
        if plan.one_year > 0:
            share += (1 - (share if above is where else np.take(table, where))) * out
        parts["api" if plan.top == API else "open weights at a host"] = share * (
            frame.api_bill if plan.top == API else frame.open_bill
        )
        if plan.top == API:
            kept = 1 - share
        energy = None  # what an API draws is not disclosed, so the whole is not known
    if plan.hosts:
        engineers = people(frame, hosted, "owned_engineers" if plan.own > 0 else "rented_engineers")
        if plan.start and plan.top not in (RENT, SPOT):
            engineers[: 12 * plan.start] = 0.0
        parts["people"] = engineers
    if plan.hosts or plan.top == HOST:
        parts["rework at the API"] = (case.number("model.rework_share") * kept) * frame.api_bill
    return finish(
        frame,
        name or plan.way,
        parts,
        gpus=gpus,
        energy_kwh=None if energy is None else frame.by_year(energy),
        busy=busy.mean(axis=1).reshape(case.years, 12).mean(axis=1),
        assets=assets,
        choice=_choice(place, plan, machine, held),
        staffed=hosted if plan.hosts else None,
    )


def _by_the_day_and_dollar(
    place: Setting, machine: Machine, held: Committed, plan: Plan
) -> tuple[dict[str, Floats], Floats]:
    """Bills of capacity blocks and of a savings plan, and the mean GPUs that they hold [month, path].

    A block is paid for all its hours at the month's price, and the minutes of a start with it; a savings plan for all
    hours at the price of signing. Blocks are never taken over from one window to the next: that would save a start.
    """
    case, frame = place.case, place.frame
    parts: dict[str, Floats] = {}
    taken = np.zeros(frame.paths.rent.shape)
    if plan.blocks > plan.one_year:
        days = machine.days(int(case.number("rental.block_days")))
        lumps = days.above(place.level, frame.held(held.lumps))
        lumps = np.maximum(lumps - days.above(place.level, frame.held(held.block_top)), 0.0)
        taken = lumps * machine.gpus_per_lump
        quote = case.number("rental.block_usd_per_gpu_hour")
        started = 1 + case.number("rental.start_stop_minutes") / 60 / days.hours
        price = frame.paths.rent * (started * quote / case.number("rental.on_demand_usd_per_gpu_hour"))
        parts["capacity blocks"] = rent(frame, taken, price)
    if plan.savings > max(plan.one_year, plan.blocks):
        gpus = held.saved * machine.rate.gpus_per_replica
        bill = np.zeros_like(gpus)
        for year in range(plan.start, case.years):
            signed = plan.start + (year - plan.start) // plan.savings_years * plan.savings_years
            bill[year] = gpus[year] * frame.paths.rent[12 * signed]
        bill *= HOURS_PER_MONTH * (1 + case.number("rental.hidden_share"))
        parts["savings plan"] = frame.held(bill * ratio(case, "savings", plan.savings_years))
        taken = taken + frame.held(gpus)
    return parts, taken


def _elsewhere(
    place: Setting, plan: Plan, machine: Machine, work_over: Floats, where: Ints, above: Ints
) -> Floats:
    """Share of the work that committed servers leave to others [month, path], nothing being out of service.

    Work runs on them first. Above what they carry within the promise an API takes the rest; GPUs that are hired for it
    take it only once the committed ones are full, for a queue in front of both spills over no sooner. So what is drawn
    from one's own meter does not fall when a tighter promise has more hired, whose power is in the rent.
    """
    if plan.top not in (RENT, SPOT) and above is where:
        return work_over
    found = np.take(machine.tables.past_full, where)
    if plan.top in (RENT, SPOT):
        return found
    return np.maximum(found, np.take(machine.tables.work_over, above))


def _out_of_service(place: Setting, plan: Plan, machine: Machine, held: Committed) -> Floats:
    """Share of the work of committed servers that the top serves, because they are down or upgraded [year, path].

    Reserved servers are replaced by their owner; one's own are out while they are repaired. Spare servers, where the
    promise rests on them, serve instead.
    """
    case = place.case
    if plan.one_year == 0:
        return np.zeros_like(held.owned)
    out = np.full_like(held.owned, 1 - case.number("performance.allocated_share"))
    if plan.own > 0:
        down = case.number("hardware.failures_per_gpu_year") * machine.gpus_per_server
        down = min(down * case.number("hardware.repair_days") / 365, 0.5)
        if case.word("sla.spare") == "servers":
            out, down = np.zeros_like(out), 0.0
        out = 1 - (1 - out) * (1 - down * held.owned / np.maximum(held.lumps, 1.0))
    return out


def _hired(place: Setting, plan: Plan, machine: Machine, where: Ints, above: Ints, out: Floats) -> Floats:
    """Mean replicas paid by the hour [month, path]: above the capacity, in place of servers out of service, starts."""
    tables, case = machine.tables, place.case
    found = np.take(tables.above, above)
    minutes = case.number("rental.start_stop_minutes")
    if plan.one_year > 0:
        # What is out of service is hired in whole hours of the replicas that it would have used.
        over = found if above is where else np.take(tables.above, where)
        found = found + out * (np.take(tables.needed, place.level - tables.first) - over)
    found += np.take(tables.started, above) * (minutes / 60)
    least = case.number("rental.least_replicas")
    if least and plan.reach == 0:
        found += least * np.take(tables.quiet, place.level - tables.first)
    return found


def _spot_ratio(place: Setting) -> float:
    """The price of an hour of work on spot over on demand: its quote, the hours it is away, the restarts.

    ``available quote / on demand (1 + interruptions start / 60) + (1 - available)``: an hour without spot is hired on
    demand; each interruption pays the minutes of a start again.
    """
    case = place.case
    quote = case.number("rental.spot_usd_per_gpu_hour") / case.number("rental.on_demand_usd_per_gpu_hour")
    available = case.number("rental.spot_available_share")
    lost = (
        case.number("rental.spot_interruptions_per_day") / 24 * case.number("rental.start_stop_minutes") / 60
    )
    return available * quote * (1 + lost) + (1 - available)


def _reserved(place: Setting, machine: Machine, held: Committed) -> Floats:
    """Rent of reserved lumps by month: three years at the price of signing, one year at the anniversary's."""
    case, frame = place.case, place.frame
    bill = np.zeros_like(held.owned)
    start = _first_year(held)
    for year in range(case.years):
        if float(held.three_years[year].max()) > 0:
            signed = start + (year - start) // 3 * 3
            bill[year] += held.three_years[year] * frame.paths.rent[12 * signed] * ratio(case, "reserved", 3)
        if float(held.one_year[year].max()) > 0:
            bill[year] += held.one_year[year] * frame.paths.rent[12 * year] * ratio(case, "reserved", 1)
    bill *= machine.gpus_per_lump * HOURS_PER_MONTH * (1 + case.number("rental.hidden_share"))
    return frame.held(bill)


def _first_year(held: Committed) -> int:
    years = np.flatnonzero(held.lumps.max(axis=1) > 0)
    return int(years[0]) if len(years) else 0


def _choice(place: Setting, plan: Plan, machine: Machine, held: Committed) -> dict[str, float]:
    size = float(machine.gpus_per_lump)
    start = min(plan.start, place.case.years - 1)

    def mean(amount: Floats) -> float:
        return float(np.add.reduce(amount[start])) / amount.shape[1]

    return {
        "owned GPUs": size * mean(held.owned),
        "reserved GPUs, three years": size * mean(held.three_years),
        "reserved GPUs, one year": size * mean(held.one_year),
        "GPUs under a savings plan": machine.rate.gpus_per_replica * mean(held.saved),
        "GPUs that blocks reach to": size * mean(held.block_top) if plan.blocks > plan.one_year else 0.0,
        "own site": float(plan.site),
        "GPUs of a replica": float(machine.rate.gpus_per_replica),
    }
