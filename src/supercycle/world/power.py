"""Power: regions and five routes to connected power; a request passes stages, most never connect, and what is due slips.

inquiry -> contracted -> under construction -> due -> connected. Each stage is left at the pace of its part of the route's lead, which is longer in some
regions, for larger sites and in a queue that lengthens (queues in hand included: a lead of seven years holds everybody up). Most inquiries are never
signed; planners know that and file more. Starts of construction are limited by a route's ceiling (turbines, transformers, connection works), which grows
as it is used. What falls due joins a backlog from which a constant share is met each quarter (the hazard fitted on campus milestones).
Contracted wires are paid for whether used or not; a tight market raises the price of power.
"""

from __future__ import annotations

from supercycle.core.params import Param
from supercycle.equations.functions import exp, log, positive, share, where, within
from supercycle.equations.spec import Axis, from_text
from supercycle.world.frame import Block, judged, sourced

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


def _route(route: str, label: str) -> None:
    """One route: lead, stages by region, ceiling, what falls due."""

    def declare(suffix: str, unit: str, expression: str, meaning: str, opening: str | None = None, *, axis: Axis | None = None, report: bool = False) -> None:
        made = from_text(f"{route}_{suffix}", expression)
        made.__doc__ = meaning
        block.equation(unit, opening=opening, label=meaning, axis=axis, report=report)(made)

    by_region = f"region_lead / region_lead_mean * {route}_lead_q" if route == "grid" else f"{route}_lead_q"
    flexible = " * (1 - flexible_share / 2)" if route == "grid" else ""
    opening_flow = f"opening_power_flow * {route}_flow_share * region_share"
    skew = f"{'grid' if route == 'grid' else 'site'}_growth_skew"
    declare("lead_q", "q", f"one_quarter * ({route}_lead_open + ({route}_lead_months / months_per_quarter / one_quarter - {route}_lead_open)"
            f" * (1 - exp(-t / queue_reach_q))) * exp(site_lead_elasticity * log(site_mw / site_mw_open))",
            f"Lead time, {label}: changes reach the whole queue; larger sites wait longer", f"{route}_lead_open * one_quarter")
    declare("inquiry_q", "q", f"inquiry_part * {by_region}", f"Quarters an inquiry takes, {label}", f"inquiry_part * {by_region}", axis=REGION)
    declare("contract_q", "q", f"contract_part * {by_region}", f"Quarters from signature to construction, {label}", f"contract_part * {by_region}", axis=REGION)
    declare("building_q", "q", f"(1 - inquiry_part - contract_part) * {by_region}{flexible}", f"Quarters of construction, {label}",
            f"(1 - inquiry_part - contract_part) * {by_region}{flexible}", axis=REGION)
    own = [r for r in ROUTES if r != "grid"]
    weights = f"grid_request_share + ({' + '.join(f'{r}_request_share' for r in own)}) * grid_wait"
    weight = f"{route}_request_share" + ("" if route == "grid" else " * grid_wait")
    declare("requests", "GW_facility/q", f"power_requests * {weight} / ({weights})", f"Requests, {label}")
    declare("inquiry_gw", "GW_facility",
            f"{route}_inquiry_gw_prev * (1 - one_quarter / {route}_inquiry_q) + {route}_requests * region_pull / region_pulls * one_quarter",
            f"Inquiries, {label}", f"{opening_flow} / (signed_share * built_share) * {route}_inquiry_q * exp({skew} * ({route}_building_q + {route}_contract_q + {route}_inquiry_q / 2))", axis=REGION)
    declare("signed", "GW_facility/q", f"{route}_inquiry_gw_prev / {route}_inquiry_q * signed_share", f"Signed, {label}", axis=REGION)
    declare("ready", "GW_facility/q", f"{route}_contracted_gw_prev / {route}_contract_q", f"Ready for construction, {label}", axis=REGION)
    block.total(f"{route}_ready_all", of=f"{route}_ready", unit="GW_facility/q", meaning=f"ready for construction, {label}")
    declare("start_share", "1", f"minimum(1, share({route}_ceiling_prev, {route}_ready_all * built_share, 1))", f"Part of what is ready that the ceiling lets start, {label}")
    declare("contracted_gw", "GW_facility", f"{route}_contracted_gw_prev + ({route}_signed - {route}_ready * {route}_start_share) * one_quarter", f"Contracted, not begun, {label}",
            f"{opening_flow} / built_share * {route}_contract_q * exp({skew} * ({route}_building_q + {route}_contract_q / 2))", axis=REGION)
    declare("started", "GW_facility/q", f"{route}_ready * {route}_start_share * built_share", f"Construction begun, {label}", axis=REGION)
    block.total(f"{route}_started_all", of=f"{route}_started", unit="GW_facility/q", meaning=f"construction begun, {label}")
    declare("ceiling", "GW_facility/q",
            f"{route}_ceiling_prev * (1 + ceiling_growth_max * year_per_quarter * one_quarter"
            f" * share({route}_started_all, {route}_ceiling_prev, 0))", f"Ceiling, {label}",
            f"{route}_ceiling_open * year_per_quarter")
    declare("due_by", "GW_facility/q", f"{route}_building_gw_prev / {route}_building_q", f"Falling due, {label}", axis=REGION)
    declare("building_gw", "GW_facility", f"{route}_building_gw_prev + ({route}_started - {route}_due_by) * one_quarter", f"Under construction, {label}",
            f"{opening_flow} * {route}_building_q * exp({skew} * {route}_building_q / 2)", axis=REGION)
    block.total(f"{route}_due", of=f"{route}_due_by", unit="GW_facility/q", meaning=f"falling due, {label}")
    declare("expected_gw", "GW_facility", f"{route}_building_gw + built_share * ({route}_contracted_gw + signed_share * {route}_inquiry_gw)", f"Expected to connect, {label}",
            f"{route}_building_gw + built_share * ({route}_contracted_gw + signed_share * {route}_inquiry_gw)", axis=REGION)
    block.total(f"{route}_expected_all", of=f"{route}_expected_gw", unit="GW_facility", meaning=f"expected to connect, {label}", opening=True)
    in_time = (f"{route}_building_gw * (1 - exp(-power_horizon_q / {route}_building_q)) + built_share * ({route}_contracted_gw * (1 - exp(-power_horizon_q"
               f" / ({route}_building_q + {route}_contract_q))) + signed_share * {route}_inquiry_gw * (1 - exp(-power_horizon_q / ({route}_building_q + {route}_contract_q + {route}_inquiry_q))))")
    declare("in_time_gw", "GW_facility", in_time, f"Expected to connect within the planning horizon (waiting times left taken as exponential), {label}", in_time, axis=REGION)
    block.total(f"{route}_in_time_all", of=f"{route}_in_time_gw", unit="GW_facility", meaning=f"expected to connect within the planning horizon, {label}", opening=True)
    for stage in ("inquiry", "contracted", "building"):
        block.total(f"{route}_{stage}_all", of=f"{route}_{stage}_gw", unit="GW_facility", meaning=f"{stage}, {label}", opening=True)


for _r, _l in ROUTES.items():  # the opening queue is what today's flow asks for at the central lead
    _months = next(item.default for item in block.items if isinstance(item, Param) and item.id == f"{_r}_lead_months")
    block.constant(f"{_r}_lead_open", _months / 3.0, "1", f"central lead of {_l} in quarters, for the opening queue")
for _r, _l in ROUTES.items():
    _route(_r, _l)


def _sum(name: str, suffix: str, unit: str, meaning: str, *, axis: Axis | None = None, opening: bool = False, report: bool = False) -> None:
    """One quantity over all routes."""
    text = " + ".join(f"{r}_{suffix}" for r in ROUTES)
    made = from_text(name, text)
    made.__doc__ = meaning
    block.equation(unit, axis=axis, opening=text if opening else None, label=meaning, report=report)(made)


_sum("power_routes_due", "due", "GW_facility/q", "Power falling due")
_sum("region_due", "due_by", "GW_facility/q", "Power falling due by region", axis=REGION)
_sum("power_inquiry_gw", "inquiry_all", "GW_facility", "Power asked for and not signed", opening=True, report=True)
_sum("power_contracted_gw", "contracted_all", "GW_facility", "Power contracted and not begun", opening=True, report=True)
_sum("power_building_gw", "building_all", "GW_facility", "Power under construction", opening=True, report=True)
_sum("power_in_time_gw", "in_time_all", "GW_facility", "Power under way that is expected to connect within the planning horizon", opening=True)
_sum("power_expected_gw", "expected_all", "GW_facility", "Power under way that is expected to connect", opening=True)


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


@block.equation("GW_facility", opening="opening_power_flow * one_quarter * (1 - slippage_met_share) / slippage_met_share",
                label="Power due and late", report=True)
def power_backlog_gw(power_backlog_gw_prev, power_routes_due, power_met, one_quarter):
    """Due milestones not yet met; in a steady state the mean slip is (1 - h) / h quarters."""
    return power_backlog_gw_prev + (power_routes_due - power_met) * one_quarter


@block.equation("GW_facility", opening="opening_connected_gw", label="Connected facility power", report=True)
def connected_facility_gw(connected_facility_gw_prev, power_met, estate_drawn_it_gw, pue, one_quarter):
    """Facility power that has been connected for AI, and that of general halls drawn into it."""
    return connected_facility_gw_prev + (power_met + estate_drawn_it_gw * pue) * one_quarter


@block.equation("GW_facility", opening="opening_connected_gw + opening_power_flow * one_quarter * (1 - slippage_met_share)"
                " / slippage_met_share + power_expected_gw", label="Power connected or expected to be", report=True)
def power_committed_gw(connected_facility_gw, power_backlog_gw, power_expected_gw):
    """Connected, late, and what of the stages is expected to connect."""
    return connected_facility_gw + power_backlog_gw + power_expected_gw


@block.equation("GW_facility", axis=REGION, opening="opening_connected_gw * region_share", label="Connected facility power by region", report=True)
def region_connected_gw(region_connected_gw_prev, region_due, power_routes_due, power_met, estate_drawn_it_gw, pue, region_share, one_quarter):
    """What is met goes to the regions by what falls due there; general halls by share."""
    return region_connected_gw_prev + (power_met * share(region_due, power_routes_due, 0) + estate_drawn_it_gw * pue * region_share) * one_quarter


@block.equation("1", opening="zero", label="Tightness of power, log", report=True)
def power_tightness(power_tightness_prev, tightness_memory, now_wanted_it_gw, pue, connected_facility_gw_prev, scarcity_max):
    """Power wanted now over connected, smoothed; none when power is ample."""
    return power_tightness_prev + tightness_memory * (within(log(now_wanted_it_gw * pue / connected_facility_gw_prev), 0, scarcity_max) - power_tightness_prev)


@block.equation("1", opening="one", label="Price of power over its trend", report=True)
def power_price_factor(power_price_response, power_tightness):
    """Rises with tightness; zero tightness is the trend."""
    return exp(power_price_response * power_tightness)


@block.equation("USD_bn/q", opening="opening_power_spend", label="Capex: power", report=True)
def power_spend_usd_bn(grid_due, gas_due, engines_due, nuclear_due, renewables_due, grid_started_all, gas_started_all, engines_started_all, nuclear_started_all,
                       renewables_started_all, grid_capex, gas_capex, engines_capex, nuclear_capex, renewables_capex):
    """Half is paid when construction begins and half when power falls due."""
    return ((grid_due + grid_started_all) * grid_capex + (gas_due + gas_started_all) * gas_capex + (engines_due + engines_started_all) * engines_capex
            + (nuclear_due + nuclear_started_all) * nuclear_capex + (renewables_due + renewables_started_all) * renewables_capex) / 2


@block.equation("USD_bn/q", label="Take-or-pay on unused wires", report=True)
def take_or_pay_usd_bn(connected_facility_gw_prev, fleet_it_gw_prev, pue, take_or_pay_share, wires_cost, year_per_quarter):
    """Minimum bill on contracted power that no chip uses."""
    return positive(connected_facility_gw_prev - fleet_it_gw_prev * pue) * take_or_pay_share * wires_cost * year_per_quarter
