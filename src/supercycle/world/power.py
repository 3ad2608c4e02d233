"""Power: regions and five routes to connected power; a request passes stages, most never connect, and what is due slips.

inquiry -> contracted -> under construction -> due -> connected. Each stage is left at the pace of its part of the route's lead, which is longer in some
regions, for larger sites and in a queue that lengthens (queues in hand included: a lead of seven years holds everybody up). Most inquiries are never
signed; planners know that and file more. Starts of construction are limited by a route's ceiling (turbines, transformers, connection works), which grows
as it is used. What falls due joins a backlog from which a constant share is met each quarter (the hazard fitted on campus milestones).
Contracted wires are paid for whether used or not; a tight market raises the price of power.
"""

from __future__ import annotations

import inspect
from typing import Any

from supercycle.core.params import Param
from supercycle.equations.functions import exp, log, mean, minimum, positive, share, where, within
from supercycle.equations.spec import Axis
from supercycle.world.frame import Block, judged, sourced, zero

__all__ = ["REGION", "ROUTES", "block"]

block = Block("power", "Power", "Regions and routes to connected power: stages, attrition, ceilings, slippage.", mechanism="judged: stages with attrition, leads and ceilings are the simplest form that carries queues and hazards of campus milestones; regions differ in lead and share only")

REGION = Axis("region", ("PJM", "ERCOT", "South and Midwest", "Other North America", "Europe", "Gulf", "China", "Rest of world"))


ROUTES = {
    "grid": "Grid interconnection",
    "gas": "Behind-the-meter gas turbines",
    "engines": "Fuel cells and engines",
    "nuclear": "Nuclear restart and small reactors",
    "renewables": "Renewables with storage",
}
sourced(block, "grid_lead_months", "leadtime_grid", "Lead time, grid", "month", "normal")
sourced(block, "gas_lead_months", "leadtime_large_turbine", "Lead time, gas turbines", "month", "triangular",
        default=40.0, low=24.0, high=66.0, reason="mix of frame turbines ordered now (48-90 months) and slots and small "
        "turbines already reserved (12-36 months) for behind-the-meter sites")
sourced(block, "engines_lead_months", "leadtime_btm_gas_fuelcell", "Lead time, fuel cells and engines", "month", "triangular",
        reason="the prior's row covers engines, small turbines and fuel cells")
sourced(block, "nuclear_lead_months", "leadtime_nuclear_restart", "Lead time, nuclear", "month", "triangular",
        high=84.0, reason="restarts first (36-66 months), then small reactors (60-132)")
judged(block, "renewables_lead_months", "Lead time, renewables with storage", "month", 20.0, 14.0, 30.0, "triangular",
       "months from decision to power", "published build times of solar with storage are 18-20 months; siting adds or saves")
sourced(block, "slippage_met_share", "slippage_hazard_after_due", "Share of due power met in a quarter", "1", "triangular")
sourced(block, "pue", "pue_new", "Facility power over IT power, new AI sites", "GW_facility/GW_it", "triangular")

_FLOWS = {"grid": 0.74, "gas": 0.14, "engines": 0.06, "nuclear": 0.01, "renewables": 0.05}
_SHARES = {"grid": (0.55, 0.4, 0.7), "gas": (0.24, 0.12, 0.34), "engines": (0.08, 0.04, 0.14), "nuclear": (0.04, 0.01, 0.08),
           "renewables": (0.09, 0.04, 0.15)}
_CEILINGS = {"grid": (34.0, 26.0, 44.0), "gas": (9.0, 5.0, 14.0), "engines": (3.0, 1.5, 5.0), "nuclear": (1.0, 0.3, 2.5),
             "renewables": (5.0, 2.5, 9.0)}
_CAPEX = {"grid": (0.35, 0.2, 0.6, "", "connection, substation and transformers; Cushman & Wakefield electrical split"),
          "gas": (0.0, 0.0, 0.0, "capex_simple_cycle", ""),
          "engines": (0.0, 0.0, 0.0, "capex_fuel_cell", ""),
          "nuclear": (5.0, 2.0, 12.6, "", "restart near 2,000 USD/kW, first small reactors near 12,600; mostly bought as power"),
          "renewables": (2.6, 1.8, 4.0, "", "solar with storage oversized for firm supply, part-financed by others")}
for _name, _title in ROUTES.items():
    judged(block, f"{_name}_flow_share", f"Share of opening additions, {_title}", "1", _FLOWS[_name], _FLOWS[_name],
           _FLOWS[_name], "fixed", "share of the power connected in 2026Q2 by route",
           "3.7 of 4.7-5 GW IT a quarter come by the grid; 2 GW behind the meter were built in eighteen months")
    _d, _l, _h = _SHARES[_name]
    judged(block, f"{_name}_request_share", f"Share of new requests, {_title}", "1", _d, _l, _h, "triangular",
           "weight in new power requests (weights are normalised)",
           "a third of planned US capacity is behind the meter, four fifths of it gas")
    _d, _l, _h = _CEILINGS[_name]
    judged(block, f"{_name}_ceiling_open", f"Yearly ceiling, {_title}", "GW_facility/year", _d, _l, _h, "triangular",
           "power the route can take on in a year at the opening",
           "behind the meter 6 GW a year in the US (prior 3-12), world about twice; grid from today's connections and queue")
    if _CAPEX[_name][3]:
        sourced(block, f"{_name}_capex", _CAPEX[_name][3], f"Capital cost, {_title}", "USD_bn/GW_facility", "lognormal", scale=1e-3)
    else:
        judged(block, f"{_name}_capex", f"Capital cost, {_title}", "USD_bn/GW_facility", *_CAPEX[_name][:3], "lognormal",
               "cost borne by the AI builder per gigawatt", _CAPEX[_name][4])
judged(block, "ceiling_growth_max", "Growth of a fully used ceiling", "1/year", 0.2, 0.08, 0.35, "triangular",
       "growth of a route's ceiling when it is fully used", "turbine makers plan +25-50 % over three years; grids less")
judged(block, "grid_growth_skew", "Growth of connections inside the opening grid queue", "1/q", 0.025, 0.0, 0.05, "triangular",
       "rate at which the opening queue's dates grow", "additions of tracked campuses: 9.9 GW in 2026, 15.7 in 2028 (figures macro:campus_milestone), 0.058 a quarter if dates hold; 30-50 % slip, so about half")
judged(block, "site_growth_skew", "Growth of connections inside the other opening queues", "1/q", 0.075, 0.04, 0.1, "triangular",
       "rate at which the opening queues' dates grow", "behind-the-meter power: 2 GW built in eighteen months, 56 GW planned for 2026-30; "
       "campus milestones to 2027 grow")
sourced(block, "take_or_pay_share", "take_or_pay_share", "Minimum bill as a share of contracted wires", "1", "triangular")
judged(block, "wires_cost", "Wires charge", "USD_bn/GW_facility/year", 0.08, 0.05, 0.14, "triangular",
       "demand charge for contracted power", "5-12 USD per kW-month; the take-or-pay applies to wires, not energy (AEP Ohio)")
judged(block, "imposed_delay_quarter", "Quarter of an imposed power delay", "q", 0.0, 0.0, 38.0, "switch", "0 for none, else quarters from 2026Q2",
       "scenario switch")
judged(block, "imposed_delay_q", "Imposed power delay", "q", 4.0, 0.0, 12.0, "switch", "quarters added to the mean slip of what falls due", "scenario switch")
judged(block, "imposed_delay_lasts_q", "Quarters for which the delay lasts", "q", 8.0, 1.0, 38.0, "switch", "quarters", "scenario switch")
block.constant("months_per_quarter", 3.0, "month/q", "months in a quarter")


def _by_region(id: str, label: str, unit: str, values: tuple[float, ...], meaning: str, reason: str, *, spread: float = 0.0) -> None:
    """One judgement per region."""
    for region, value in zip(REGION.members, values, strict=True):
        low, high = sorted((value * (1.0 - spread), value * (1.0 + spread)))
        block.param(f"{id}:{region}", f"{label}, {region}", unit, value, low, high, "triangular" if spread else "fixed", meaning, evidence="judgement", reason=reason)
    block.family(id, REGION)


_PAGE = "figures power_regions and its page: "
_by_region("region_share", "Share of AI power", "1", (0.19, 0.16, 0.21, 0.14, 0.06, 0.03, 0.15, 0.06), "connected and requested at the opening",
           _PAGE + "US 0.70, China 0.15, Europe 0.06, Gulf 0.03; the US split by contracted GW (Dominion 10.4 and AEP, ERCOT 9.0, Southern 11 and Entergy 3.5, the West and Canada)")
_by_region("region_lead", "Years from request to power over the world's mean", "1", (1.35, 0.75, 1.0, 1.1, 1.7, 0.5, 0.4, 0.9), "relative, 100 MW or more",
           _PAGE + "PJM 4-7 years, ERCOT 2-5, Southeast, MISO and SPP 2-6, West and New York 3-8, Great Britain and Germany 5-15, Gulf 1-4, China 1-3", spread=0.15)
for _region in REGION.members:
    judged(block, f"moratorium_quarter:{_region}", f"Quarter of a moratorium on new connections, {_region}", "q", 0.0, 0.0, 38.0, "switch", "0 for none, else quarters from 2026Q2",
           "scenario switch: Dublin is shut to 2028, Frankfurt to 2030")
block.family("moratorium_quarter", REGION)
judged(block, "lead_aversion", "How requests avoid long leads", "1", 0.5, 0.0, 1.0, "triangular", "log fall of a region's part per unit of lead over the mean", "projects moved to ERCOT and the Gulf; most follow customers and fibre")
judged(block, "signed_share", "Inquiries that are signed", "1", 0.20, 0.05, 0.33, "triangular", "inquiry to signature",
       _PAGE + "AEP Ohio 5.6 of 30 GW, PG&E 1.8 of 9.6, NYISO 2.9 of 12.7, Vistra 20-33 %, Korea 5-14 %; duplicates (three to five requests a project) are in it")
judged(block, "built_share", "Signed power that is built", "1", 0.93, 0.80, 0.98, "triangular", "late engineering to operation", _PAGE + "PG&E expects 95 %; over 2 GW of one buyer lapsed in 2025")
judged(block, "inquiry_part", "Part of the lead before signature", "1", 0.35, 0.25, 0.45, "triangular", "share of the lead", "studies of one to three years of five")
judged(block, "contract_part", "Part of the lead between signature and construction", "1", 0.3, 0.2, 0.4, "triangular", "share of the lead", "equipment: transformers 128-160 weeks, breakers 24-42 months")
judged(block, "queue_reach_q", "Quarters in which a change of leads reaches the queue in hand", "q", 2.5, 1.0, 5.0, "triangular", "time constant", "utilities re-dated whole queues within a year (PJM, Dominion, Great Britain)")
judged(block, "flexible_share", "Grid connections taken early against curtailment", "1", 0.1, 0.0, 0.3, "triangular", "share of the grid route that saves half of its construction time",
       _PAGE + "76 to 126 GW of headroom at 0.25-1 % curtailment is a cap, few have signed")
judged(block, "route_switch", "How builders leave the grid when it is slow", "1", 0.3, 0.0, 0.6, "triangular", "power of grid lead over its centre in the weights of other routes", "a third of planned US capacity is behind the meter at leads of four to seven years")
judged(block, "site_mw_open", "Median size of an AI campus", "MW_facility", 252.0, 200.0, 300.0, "triangular", "facility power, June 2026", _PAGE + "Epoch-tracked campuses: 95 (2023), 107, 194 (2025), 252")
judged(block, "site_growth", "Growth of campus size", "1/year", 0.39, 0.25, 0.5, "triangular", "log growth a year at the opening", _PAGE + "+0.39 a year to mid-2026, 480 planned for 2028")
judged(block, "site_fade", "Fade of the growth of campuses", "1/q", 0.08, 0.05, 0.15, "lognormal", "rate", "half-life of two years: the largest plan is 2.7 GW")
judged(block, "site_lead_elasticity", "How leads rise with size", "1", 0.2, 0.15, 0.25, "triangular", "power of size over the opening's", _PAGE + "judgement: elasticity 0.15-0.25 of years to MW above 100")
judged(block, "power_price_response", "Rise of the price of power with tightness", "1", 0.4, 0.1, 0.8, "triangular", "log price per log of power wanted over connected",
       "PJM capacity went from 29 to 333 USD per MW-day (14 USD/MWh on flat load of about 60) when it fell a few per cent short")
judged(block, "energy_part", "Energy in running cost", "1", 0.67, 0.5, 0.8, "triangular", "share of operations per gigawatt", "Epoch: 0.6 of 0.9 bn a year")
judged(block, "tightness_memory", "Speed at which tightness reaches the price of power", "1", 0.15, 0.1, 0.3, "triangular", "weight of the newest quarter", "capacity auctions a year or two ahead")


@block.equation("MW_facility", opening="site_mw_open", label="Median size of a new AI campus", report=True)
def site_mw(site_mw_prev, site_growth, site_fade, t, year_per_quarter, one_quarter):
    """From megawatts to gigawatts: growth that fades."""
    return site_mw_prev * exp(site_growth * year_per_quarter * one_quarter * exp(-site_fade * t))


@block.initial("1", axis=REGION)
def region_lead_weighted(region_lead, region_share):
    """Relative lead by share."""
    return region_lead * region_share


block.total("region_lead_mean", of="region_lead_weighted", unit="1", meaning="mean relative lead", opening=True)


@block.equation("1", axis=REGION, opening="region_share", label="Weight of the region in new requests")
def region_pull(region_share, lead_aversion, region_lead, region_lead_mean, t, moratorium_quarter):
    """Its share, less where leads are long; none under a moratorium."""
    return region_share * exp(-lead_aversion * (region_lead / region_lead_mean - 1)) * where((moratorium_quarter > 0) & (t >= moratorium_quarter), 0, 1)


block.total("region_pulls", of="region_pull", unit="1", meaning="sum of the weights of regions")


@block.equation("1", label="How much longer the grid makes builders wait")
def grid_wait(grid_lead_q, grid_lead_open, one_quarter, route_switch):
    """Grid lead over its centre, to a power: the other routes gain weight."""
    return exp(route_switch * log(grid_lead_q / (grid_lead_open * one_quarter)))


judged(block, "flexible_saving", "Construction time saved by connecting early against curtailment", "1", 0.5, 0.3, 0.7, "fixed", "share", _PAGE + "non-firm offers come about twice as soon")


def route_lead(one_quarter, lead_open, lead_months, months_per_quarter, t, queue_reach_q, site_lead_elasticity, site_mw, site_mw_open):
    """The lead at the opening moves to the sampled one as the queue turns over; larger sites wait longer."""
    sampled = lead_months / months_per_quarter / one_quarter
    return one_quarter * (lead_open + (sampled - lead_open) * (1 - exp(-t / queue_reach_q))) * exp(site_lead_elasticity * log(site_mw / site_mw_open))


def stage_time(part, lead):
    """A stage's part of the lead, the same in every region."""
    return part * lead


def regional_stage_time(part, region_lead, region_lead_mean, lead):
    """A stage's part of the lead, longer where the grid is slow."""
    return part * region_lead / region_lead_mean * lead


def building_time(inquiry_part, contract_part, lead):
    """What the first two stages leave of the lead."""
    return (1 - inquiry_part - contract_part) * lead


def regional_building_time(inquiry_part, contract_part, region_lead, region_lead_mean, lead, flexible_share, flexible_saving):
    """The same by region, shorter for what connects early against curtailment."""
    return (1 - inquiry_part - contract_part) * region_lead / region_lead_mean * lead * (1 - flexible_share * flexible_saving)


def grid_asked(power_requests, grid_request_share, gas_request_share, engines_request_share, nuclear_request_share, renewables_request_share, grid_wait):
    """The grid's part: the other routes gain weight where it is slow."""
    others = (gas_request_share + engines_request_share + nuclear_request_share + renewables_request_share) * grid_wait
    return power_requests * grid_request_share / (grid_request_share + others)


def site_asked(power_requests, own_share, grid_request_share, gas_request_share, engines_request_share, nuclear_request_share, renewables_request_share, grid_wait):
    """Another route's part."""
    others = (gas_request_share + engines_request_share + nuclear_request_share + renewables_request_share) * grid_wait
    return power_requests * own_share * grid_wait / (grid_request_share + others)


def inquiries(inquiry_gw_prev, one_quarter, inquiry_q, requests, region_pull, region_pulls):
    """What is asked for and neither signed nor given up."""
    return inquiry_gw_prev * (1 - one_quarter / inquiry_q) + requests * region_pull / region_pulls * one_quarter


def inquiries_open(opening_power_flow, flow_share, region_share, signed_share, built_share, inquiry_q, skew, building_q, contract_q):
    """What today's flow asks for at the central lead, in a queue that grew."""
    later = building_q + contract_q
    return opening_power_flow * flow_share * region_share / (signed_share * built_share) * inquiry_q * exp(skew * mean(later, later + inquiry_q))


def signatures(inquiry_gw_prev, inquiry_q, signed_share):
    """What is signed of the inquiries decided."""
    return inquiry_gw_prev / inquiry_q * signed_share


def made_ready(contracted_gw_prev, contract_q):
    """What is ready for construction."""
    return contracted_gw_prev / contract_q


def start_part(ceiling_prev, ready_all, built_share):
    """Part of what is ready that the ceiling lets start."""
    return minimum(1, share(ceiling_prev, ready_all * built_share, 1))


def contracts(contracted_gw_prev, signed, ready, start_share, one_quarter):
    """What is contracted and not begun."""
    return contracted_gw_prev + (signed - ready * start_share) * one_quarter


def contracts_open(opening_power_flow, flow_share, region_share, built_share, contract_q, skew, building_q):
    """What today's flow asks for, in a queue that grew."""
    return opening_power_flow * flow_share * region_share / built_share * contract_q * exp(skew * mean(building_q, building_q + contract_q))


def begun(ready, start_share, built_share):
    """Construction begun of what will be built."""
    return ready * start_share * built_share


def ceiling_now(ceiling_prev, ceiling_growth_max, year_per_quarter, one_quarter, started_all):
    """Grows as it is used."""
    return ceiling_prev * (1 + ceiling_growth_max * year_per_quarter * one_quarter * share(started_all, ceiling_prev, 0))


def falls_due(building_gw_prev, building_q):
    """What construction finishes."""
    return building_gw_prev / building_q


def in_construction(building_gw_prev, started, due_by, one_quarter):
    """What is begun and not finished."""
    return building_gw_prev + (started - due_by) * one_quarter


def in_construction_open(opening_power_flow, flow_share, region_share, building_q, skew):
    """What today's flow asks for, in a queue that grew."""
    return opening_power_flow * flow_share * region_share * building_q * exp(skew * mean(0, building_q))


def expected(building_gw, built_share, contracted_gw, signed_share, inquiry_gw):
    """What of the stages will connect."""
    return building_gw + built_share * (contracted_gw + signed_share * inquiry_gw)


def in_time(building_gw, power_horizon_q, building_q, built_share, contracted_gw, contract_q, signed_share, inquiry_gw, inquiry_q):
    """What of the stages will connect within the planning horizon; waiting times left are taken as exponential."""
    contracted = contracted_gw * (1 - exp(-power_horizon_q / (building_q + contract_q)))
    asked = signed_share * inquiry_gw * (1 - exp(-power_horizon_q / (building_q + contract_q + inquiry_q)))
    return building_gw * (1 - exp(-power_horizon_q / building_q)) + built_share * (contracted + asked)


_OWN = ("inquiry_gw", "inquiry_q", "contracted_gw", "contract_q", "building_gw", "building_q", "requests", "signed", "ready", "ready_all", "start_share", "started",
        "started_all", "ceiling", "due_by", "flow_share", "lead_open", "lead_months")


def _route(route: str, label: str) -> None:
    """One route: lead, stages by region, ceiling, what falls due."""
    names = {name: f"{route}_{name}" for name in _OWN} | {"lead": f"{route}_lead_q", "skew": f"{'grid' if route == 'grid' else 'site'}_growth_skew",
                                                           "own_share": f"{route}_request_share"}

    def declare(suffix: str, unit: str, function: Any, meaning: str, opening: Any = None, *, by_region: bool = True, more: dict[str, str] | None = None) -> None:
        known = names | (more or {})
        arguments = [*inspect.signature(function).parameters, *(inspect.signature(opening).parameters if callable(opening) else ())]
        reads = {stem: known[stem] for stem in known for a in arguments if a in (stem, f"{stem}_prev")}
        block.equation(unit, opening=opening, label=f"{meaning}, {label}", meaning=f"{meaning}, {label}", axis=REGION if by_region else None,
                       name=f"{route}_{suffix}", reads=reads)(function)

    def all_of(suffix: str, of: str, unit: str, meaning: str, *, opening: bool = False) -> None:
        block.total(f"{route}_{suffix}", of=f"{route}_{of}", unit=unit, meaning=f"{meaning}, {label}", opening=opening)

    grid, flow, stock = route == "grid", "GW_facility/q", "GW_facility"
    time, building = (regional_stage_time, regional_building_time) if grid else (stage_time, building_time)
    declare("lead_q", "q", route_lead, "Lead time: changes reach the whole queue; larger sites wait longer", lambda lead_open, one_quarter: lead_open * one_quarter, by_region=False)
    declare("inquiry_q", "q", time, "Quarters an inquiry takes", time, more={"part": "inquiry_part"})
    declare("contract_q", "q", time, "Quarters from signature to construction", time, more={"part": "contract_part"})
    declare("building_q", "q", building, "Quarters of construction", building)
    declare("requests", flow, grid_asked if grid else site_asked, "Requests", by_region=False)
    declare("inquiry_gw", stock, inquiries, "Inquiries", inquiries_open)
    declare("signed", flow, signatures, "Signed")
    declare("ready", flow, made_ready, "Ready for construction")
    all_of("ready_all", "ready", flow, "ready for construction")
    declare("start_share", "1", start_part, "Part of what is ready that the ceiling lets start", by_region=False)
    declare("contracted_gw", stock, contracts, "Contracted, not begun", contracts_open)
    declare("started", flow, begun, "Construction begun")
    all_of("started_all", "started", flow, "construction begun")
    declare("ceiling", flow, ceiling_now, "Ceiling", lambda ceiling_open, year_per_quarter: ceiling_open * year_per_quarter, by_region=False,
            more={"ceiling_open": f"{route}_ceiling_open"})
    declare("due_by", flow, falls_due, "Falling due")
    declare("building_gw", stock, in_construction, "Under construction", in_construction_open)
    all_of("due", "due_by", flow, "falling due")
    declare("expected_gw", stock, expected, "Expected to connect", expected)
    all_of("expected_all", "expected_gw", stock, "expected to connect", opening=True)
    declare("in_time_gw", stock, in_time, "Expected to connect within the planning horizon (waiting times left taken as exponential)", in_time)
    all_of("in_time_all", "in_time_gw", stock, "expected to connect within the planning horizon", opening=True)
    for stage in ("inquiry", "contracted", "building"):
        all_of(f"{stage}_all", f"{stage}_gw", stock, stage, opening=True)


for _r, _l in ROUTES.items():  # the opening queue is what today's flow asks for at the central lead
    _months = next(item.default for item in block.items if isinstance(item, Param) and item.id == f"{_r}_lead_months")
    judged(block, f"{_r}_lead_open", f"Central lead in quarters, {_l}", "1", _months / 3.0, _months / 3.0, _months / 3.0, "fixed", "for the opening queue",
           "the centre of the lead: what is under way at the opening does not move with the lead lever")
for _r, _l in ROUTES.items():
    _route(_r, _l)

for _name, _suffix, _unit, _meaning, _axis, _opens, _reported in (
        ("power_routes_due", "due", "GW_facility/q", "Power falling due", None, False, False),
        ("region_due", "due_by", "GW_facility/q", "Power falling due by region", REGION, False, False),
        ("power_inquiry_gw", "inquiry_all", "GW_facility", "Power asked for and not signed", None, True, True),
        ("power_contracted_gw", "contracted_all", "GW_facility", "Power contracted and not begun", None, True, True),
        ("power_building_gw", "building_all", "GW_facility", "Power under construction", None, True, True),
        ("power_in_time_gw", "in_time_all", "GW_facility", "Power under way that is expected to connect within the planning horizon", None, True, False),
        ("power_expected_gw", "expected_all", "GW_facility", "Power under way that is expected to connect", None, True, False)):
    block.sum(_name, [f"{r}_{_suffix}" for r in ROUTES], _unit, _meaning, axis=_axis, opening=_opens, report=_reported)


@block.equation("1", label="Share of due power met, delays included")
def power_met_share(slippage_met_share, t, imposed_delay_quarter, imposed_delay_q, imposed_delay_lasts_q, one_quarter):
    """A constant hazard h means a mean slip of 1/h - 1 quarters; a delay of d quarters makes it 1/h' = 1/h + d."""
    on = (imposed_delay_quarter > 0) & (t >= imposed_delay_quarter) & (t < imposed_delay_quarter + imposed_delay_lasts_q)
    return slippage_met_share / (1 + slippage_met_share * where(on, imposed_delay_q, 0 * one_quarter) / one_quarter)


@block.equation("GW_facility/q", label="Power connected", report=True)
def power_met(power_backlog_gw_prev, power_routes_due, power_met_share, one_quarter):
    """The share of what is due (old and new) that is met this quarter."""
    return power_met_share * (power_backlog_gw_prev / one_quarter + power_routes_due)


@block.equation("1", label="Behind-the-meter share of power falling due", report=True)
def own_generation_share(gas_due, engines_due, power_routes_due):
    """Bring your own generation: turbines, engines and fuel cells on site; dearer and sooner than the grid."""
    return share(gas_due + engines_due, power_routes_due, 0)


@block.equation("GW_facility", opening=lambda slippage_met_share, opening_power_flow, one_quarter: (
        opening_power_flow * one_quarter * (1 - slippage_met_share) / slippage_met_share),
                label="Power due and late", report=True)
def power_backlog_gw(power_backlog_gw_prev, power_routes_due, power_met, one_quarter):
    """Due milestones not yet met; in a steady state the mean slip is (1 - h) / h quarters."""
    return power_backlog_gw_prev + (power_routes_due - power_met) * one_quarter


@block.equation("GW_facility", opening="opening_connected_gw", label="Connected facility power", report=True)
def connected_facility_gw(connected_facility_gw_prev, power_met, estate_net_it_gw, pue, one_quarter):
    """Facility power that has been connected for AI, and that of general halls drawn into it, less what goes back with halls."""
    return connected_facility_gw_prev + (power_met + estate_net_it_gw * pue) * one_quarter


@block.equation("GW_facility", opening=lambda power_expected_gw, opening_connected_gw, slippage_met_share, opening_power_flow, one_quarter: (
        opening_connected_gw + opening_power_flow * one_quarter * (1 - slippage_met_share) / slippage_met_share + power_expected_gw), label="Power connected or expected to be", report=True)
def power_committed_gw(connected_facility_gw, power_backlog_gw, power_expected_gw):
    """Connected, late, and what of the stages is expected to connect."""
    return connected_facility_gw + power_backlog_gw + power_expected_gw


@block.equation("GW_facility", axis=REGION, opening=lambda opening_connected_gw, region_share: opening_connected_gw * region_share, label="Connected facility power by region", report=True)
def region_connected_gw(region_connected_gw_prev, region_due, power_routes_due, power_met, estate_drawn_it_gw, halls_repurposed_it_gw, connected_facility_gw_prev, pue, region_share, one_quarter):
    """What is met goes to the regions by what falls due there; general halls by share; halls given back by what stands there."""
    gained = power_met * share(region_due, power_routes_due, 0) + estate_drawn_it_gw * pue * region_share
    return region_connected_gw_prev + (gained - halls_repurposed_it_gw * pue * region_connected_gw_prev / connected_facility_gw_prev) * one_quarter


@block.equation("1", opening=zero("1"), label="Tightness of power, log", report=True)
def power_tightness(power_tightness_prev, tightness_memory, now_wanted_it_gw, pue, connected_facility_gw_prev, scarcity_max):
    """Power wanted now over connected, smoothed; none when power is ample."""
    return power_tightness_prev + tightness_memory * (within(log(now_wanted_it_gw * pue / connected_facility_gw_prev), 0, scarcity_max) - power_tightness_prev)


@block.equation("1", opening="one", label="Price of power over its trend", report=True)
def power_price_factor(power_price_response, power_tightness):
    """Rises with tightness; zero tightness is the trend."""
    return exp(power_price_response * power_tightness)


judged(block, "paid_at_start", "Part of the cost of power that is paid when construction begins", "1", 0.5, 0.3, 0.7, "fixed", "share; the rest when power falls due", "stage payments of equipment and works: about half by delivery of the transformers")


@block.equation("USD_bn/q", opening="opening_power_spend", label="Capex: power", report=True)
def power_spend_usd_bn(grid_due, gas_due, engines_due, nuclear_due, renewables_due, grid_started_all, gas_started_all, engines_started_all, nuclear_started_all,
                       renewables_started_all, grid_capex, gas_capex, engines_capex, nuclear_capex, renewables_capex, paid_at_start):
    """A part is paid when construction begins and the rest when power falls due."""
    begun = (grid_started_all * grid_capex + gas_started_all * gas_capex + engines_started_all * engines_capex + nuclear_started_all * nuclear_capex
             + renewables_started_all * renewables_capex)
    done = grid_due * grid_capex + gas_due * gas_capex + engines_due * engines_capex + nuclear_due * nuclear_capex + renewables_due * renewables_capex
    return paid_at_start * begun + (1 - paid_at_start) * done


@block.equation("USD_bn/q", label="Take-or-pay on unused wires", report=True)
def take_or_pay_usd_bn(connected_facility_gw_prev, fleet_it_gw_prev, pue, take_or_pay_share, wires_cost, year_per_quarter):
    """Minimum bill on contracted power that no chip uses."""
    return positive(connected_facility_gw_prev - fleet_it_gw_prev * pue) * take_or_pay_share * wires_cost * year_per_quarter
