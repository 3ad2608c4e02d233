"""Power: five routes, each an Erlang pipeline with its lead, ceiling and cost; slippage after the due date.

A route's requests are its share of all requests, at most its ceiling; the ceiling (turbine slots, connection works) grows
when it is used. What falls due joins a backlog from which a constant share is met each quarter (the hazard fitted on
campus milestones). Contracted wires are paid for whether used or not.
"""

from __future__ import annotations

from supercycle.core.params import Param
from supercycle.equations.functions import positive, share, where
from supercycle.equations.spec import from_text
from supercycle.world.frame import Block, judged, sourced

__all__ = ["block"]

block = Block("power", "Power", "Five routes to connected power, with queues, ceilings and slippage.", mechanism="judged: queues with stages, ceilings and slippage are the simplest form that carries lead times and hazards of campus milestones; routes are taken to differ in nothing else")

ROUTES = {
    "grid": "Grid interconnection",
    "gas": "Behind-the-meter gas turbines",
    "engines": "Fuel cells and engines",
    "nuclear": "Nuclear restart and small reactors",
    "renewables": "Renewables with storage",
}
STAGES = {"grid": 4, "gas": 4, "engines": 4, "nuclear": 4, "renewables": 4}

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
judged(block, "grid_growth_skew", "Growth of connections inside the opening grid queue", "1/q", 0.003, 0.0, 0.006, "triangular",
       "rate at which the opening queue's dates grow", "3.7 GW IT a quarter at 60 months hold 55-75 GW IT by Little's law: hardly any growth")
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


def _route(route: str, label: str) -> None:
    """One route: lead in quarters, ceiling, requests, pipeline."""

    def declare(suffix: str, unit: str, expression: str, meaning: str, opening: str | None = None) -> None:
        made = from_text(f"{route}_{suffix}", expression)
        made.__doc__ = meaning
        block.equation(unit, opening=opening, label=meaning)(made)

    declare("lead_q", "q", f"one_quarter * ({route}_lead_open + ({route}_lead_months / months_per_quarter / one_quarter - {route}_lead_open)"
            f" * (1 - exp(-t / one_quarter / {route}_lead_open)))",
            f"Lead time in quarters: the opening queue drains at its own lead, later requests at the sampled one, {label}",
            f"{route}_lead_open * one_quarter")
    weights = " + ".join(f"{r}_request_share" for r in ROUTES)
    declare("requests", "GW_facility/q",
            f"minimum(power_requests * {route}_request_share / ({weights}), {route}_ceiling_prev)", f"Requests, {label}")
    declare("ceiling", "GW_facility/q",
            f"{route}_ceiling_prev * (1 + ceiling_growth_max * year_per_quarter * one_quarter"
            f" * share({route}_requests, {route}_ceiling_prev, 0))", f"Ceiling, {label}",
            f"{route}_ceiling_open * year_per_quarter")
    block.pipeline(f"{route}_pipeline", inflow=f"{route}_requests", lead=f"{route}_lead_q", unit="GW_facility",
                   flow_unit="GW_facility/q", stages=STAGES[route], meaning=f"power under way, {label}",
                   opening=f"opening_power_flow * {route}_flow_share * {route}_lead_open / {route}_pipeline_stages * one_quarter"
                   f" * exp({'grid' if route == 'grid' else 'site'}_growth_skew * {route}_lead_open * one_quarter"
                   f" * ({route}_pipeline_stages - position) / {route}_pipeline_stages)")


for _r, _l in ROUTES.items():  # the opening queue follows the central lead and does not move with the lead lever
    _quarters = next(p.default for p in block.items if isinstance(p, Param) and p.id == f"{_r}_lead_months") / 3.0
    block.constant(f"{_r}_lead_open", _quarters, "1", f"central lead of {_l} in quarters, for the opening queue")
for _r, _l in ROUTES.items():
    _route(_r, _l)


@block.equation("GW_facility/q", label="Power falling due")
def power_routes_due(grid_pipeline_due, gas_pipeline_due, engines_pipeline_due, nuclear_pipeline_due, renewables_pipeline_due):
    """Scheduled connections of all routes this quarter."""
    return grid_pipeline_due + gas_pipeline_due + engines_pipeline_due + nuclear_pipeline_due + renewables_pipeline_due


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
def own_generation_share(gas_pipeline_due, engines_pipeline_due, power_routes_due):
    """Bring your own generation: turbines, engines and fuel cells on site; dearer and sooner than the grid."""
    return share(gas_pipeline_due + engines_pipeline_due, power_routes_due, 0)


@block.equation("GW_facility", opening="opening_power_flow * one_quarter * (1 - slippage_met_share) / slippage_met_share",
                label="Power due and late", report=True)
def power_backlog_gw(power_backlog_gw_prev, power_routes_due, power_met, one_quarter):
    """Due milestones not yet met; in a steady state the mean slip is (1 - h) / h quarters."""
    return power_backlog_gw_prev + (power_routes_due - power_met) * one_quarter


@block.equation("GW_facility", opening="opening_connected_gw", label="Connected facility power", report=True)
def connected_facility_gw(connected_facility_gw_prev, power_met, one_quarter):
    """Facility power that has been connected for AI."""
    return connected_facility_gw_prev + power_met * one_quarter


@block.equation("GW_facility", opening="opening_connected_gw + opening_power_flow * one_quarter * (1 - slippage_met_share)"
                " / slippage_met_share + grid_pipeline_total + gas_pipeline_total + engines_pipeline_total"
                " + nuclear_pipeline_total + renewables_pipeline_total", label="Power connected or under contract")
def power_committed_gw(connected_facility_gw, power_backlog_gw, grid_pipeline_total, gas_pipeline_total,
                       engines_pipeline_total, nuclear_pipeline_total, renewables_pipeline_total):
    """Connected, late and under way."""
    return (connected_facility_gw + power_backlog_gw + grid_pipeline_total + gas_pipeline_total + engines_pipeline_total
            + nuclear_pipeline_total + renewables_pipeline_total)


@block.equation("USD_bn/q", opening="opening_power_spend", label="Capex: power", report=True)
def power_spend_usd_bn(grid_pipeline_total_prev, gas_pipeline_total_prev, engines_pipeline_total_prev,
                       nuclear_pipeline_total_prev, renewables_pipeline_total_prev, grid_lead_q, gas_lead_q, engines_lead_q,
                       nuclear_lead_q, renewables_lead_q, grid_capex, gas_capex, engines_capex, nuclear_capex,
                       renewables_capex):
    """Power is paid evenly over its lead."""
    return (grid_pipeline_total_prev / grid_lead_q * grid_capex + gas_pipeline_total_prev / gas_lead_q * gas_capex
            + engines_pipeline_total_prev / engines_lead_q * engines_capex
            + nuclear_pipeline_total_prev / nuclear_lead_q * nuclear_capex
            + renewables_pipeline_total_prev / renewables_lead_q * renewables_capex)


@block.equation("USD_bn/q", label="Take-or-pay on unused wires", report=True)
def take_or_pay_usd_bn(connected_facility_gw_prev, fleet_it_gw_prev, pue, take_or_pay_share, wires_cost, year_per_quarter):
    """Minimum bill on contracted power that no chip uses."""
    return positive(connected_facility_gw_prev - fleet_it_gw_prev * pue) * take_or_pay_share * wires_cost * year_per_quarter
