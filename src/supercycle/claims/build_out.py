"""Claims about the build-out: totals, gigawatts, lead times, the pace of spending."""

from __future__ import annotations

from supercycle.claims.arithmetic import (
    additions,
    build_cost,
    installed,
    remaining,
    same,
    sum_of_four,
    sum_of_two,
)
from supercycle.claims.entry import Entry, Input, Reading
from supercycle.claims.inputs import bound, claimed, printed, quoted, stated, summed
from supercycle.claims.of_row import of_row
from supercycle.figures.members import names

__all__ = ["FIVE", "entries"]

FIVE = names("firm")
_PER_GW = "cost_per_gw"


def entries() -> tuple[Entry, ...]:
    """Every claim of this topic."""
    return (*_totals(), *_gigawatts(), *_waits(), *_pace(), *_mckinsey(), *_said())


def _said() -> tuple[Entry, ...]:
    """Figures of the documents that no other claim holds: the gigawatt campus, three years for five, 42 bn."""
    years = (
        stated("total", 2028, "year", "the claim's own date of 144 GW", (2027, 2030)),
        stated(
            "covered", 2025, "year", "the year before the build-out, as for 122 GW in 2026-2030", (2024, 2026)
        ),
    )
    planned = printed(
        "value", "campus_milestone", "Anthropic-Amazon New Carlisle", "2026-06-21", scale=1e-3, unit="GW"
    )
    return (
        of_row(
            "campus_new_min",
            "data",
            "New Carlisle passed 1.09 GW of facility power in March 2026 and 1.24 in June; 2.7 are planned elsewhere.",
            digit=1,
            formula=same,
            inputs=(planned,),
        ),
        of_row(
            "build_years",
            "inputs",
            "144 GW by 2028 against 122 GW by 2030: three years in place of five.",
            digit=1,
            formula=remaining,
            inputs=years,
        ),
        of_row(
            "ai_investment_2026q1",
            "assertion",
            "A newsletter's headline without a measure. Nearest: cash capex of five companies in the quarter, "
            "3.5 times as much.",
            digit=1,
            formula=same,
            inputs=(summed("value", "capex_cash", FIVE, "2026Q1", "2026Q1", "USD_bn"),),
        ),
    )


def _totals() -> tuple[Entry, ...]:
    added = printed("additions_gw", "dc_capacity_additions_forecast", "World, JPMorgan base", "2026-2030")
    per_it = printed(
        "cost_usd_bn_per_gw", _PER_GW, "1 GW IT, GB200 NVL72, US hyperscaler, capex", "2026-05", (17, 100)
    )
    per_facility = printed("cost_usd_bn_per_gw", _PER_GW, "facility power, Epoch", "2026-06", (17, 100))
    full = printed(
        "cost_usd_bn_per_gw", _PER_GW, "full AI site incl. compute (Stargate), Barclays", "2025", (17, 100)
    )
    at_facility = Reading("the same gigawatts as facility power", build_cost, (added, per_facility), "USD_bn")
    at_full = Reading("the same gigawatts as full AI sites", build_cost, (added, full), "USD_bn")
    return (
        of_row(
            "capex_total_low",
            "forecast",
            "The end date has not come. Nearest: JPM's own 122 GW of additions at Epoch's cost of 1 GW of IT.",
            digit=1000,
            formula=build_cost,
            inputs=(added, per_it),
            readings=(at_facility, at_full),
        ),
        of_row(
            "capex_total_high",
            "forecast",
            "The end date has not come. Nearest: JPM's 122 GW, all of it full AI sites.",
            digit=1000,
            formula=build_cost,
            inputs=(added, full),
            readings=(at_facility,),
        ),
    )


def _gigawatts() -> tuple[Entry, ...]:
    base = claimed("base_gw", "capacity_installed_before", (50, 60))
    added = printed(
        "additions_gw", "dc_capacity_additions_forecast", "World, JPMorgan base", "2026-2030", (60, 150)
    )
    orders = printed(
        "additions_gw",
        "dc_capacity_additions_forecast",
        "World, implied by semiconductor orders (JPM)",
        "2026-2028",
        (60, 150),
    )
    mckinsey = printed("value", "dc_capacity_demand", "World, McKinsey", "2023")
    goldman = printed("value", "dc_power_use", "World, Goldman", "2025")
    covered = (
        printed("first", "dc_installed", "APAC (Cushman & Wakefield)", "2024-12"),
        printed("second", "dc_installed", "EMEA (Cushman & Wakefield)", "2024-12"),
    )
    meant_installed = Reading(
        "122 GW read as installed: additions after the base",
        additions,
        (base, claimed("installed_gw", "capacity_2030_base")),
        "GW",
    )
    return (
        of_row(
            "capacity_installed_before",
            "assertion",
            "Nobody's count of installed capacity before the surge is in the tables. Nearest counts measure "
            "other things: "
            "McKinsey 60 GW of capacity demand in 2023, Goldman 55 GW of power in use in 2025, Cushman & "
            "Wakefield's covered "
            "regions without the Americas 22 GW at the end of 2024.",
            digit=10,
            formula=same,
            inputs=(mckinsey,),
            readings=(
                Reading("Goldman: power in use, 2025", same, (goldman,), "GW"),
                Reading("APAC and EMEA, Cushman & Wakefield, end of 2024", sum_of_two, covered, "GW"),
            ),
        ),
        of_row(
            "capacity_2030_base",
            "data",
            "Two independent reports of the same study print 122 GW of additions 2026-2030, not of installed base; "
            "on the claim's own base of 50 GW that is 172 GW installed.",
            digit=1,
            formula=installed,
            inputs=(base, added),
            readings=(meant_installed,),
        ),
        of_row(
            "capacity_2028_orders",
            "data",
            "The same study's 144 GW are additions implied by chip orders over three years, on top of the base.",
            digit=1,
            formula=installed,
            inputs=(base, orders),
        ),
        of_row(
            "campus_old_low",
            "assertion",
            "No inputs. Nearest: the smallest campus seen early in Epoch's timelines (2023-04, facility MW).",
            digit=10,
            formula=same,
            inputs=(printed("value", "campus_milestone", "Microsoft Goodyear", "2023-04-24"),),
        ),
        of_row(
            "campus_old_high",
            "assertion",
            "No inputs. Nearest: the oldest campus in Epoch's timelines (2021, facility MW).",
            digit=10,
            formula=same,
            inputs=(printed("value", "campus_milestone", "Microsoft Project Osmium", "2021-01-01"),),
        ),
    )


def _waits() -> tuple[Entry, ...]:
    average = printed("value", "gas_turbine_lead_time", "average, 2025", "2025")
    central = Reading(
        "central of the prior: frame turbine ordered now",
        same,
        (bound("value", "leadtime_large_turbine", "central", "year"),),
        "years",
    )
    shortest = Reading(
        "the shortest wait published for large turbines in 2026",
        same,
        (bound("value", "leadtime_large_turbine", "low", "year"),),
        "years",
    )

    def jpm(end: int) -> tuple[Input, ...]:
        return (quoted("value", "gas_turbine_lead_time", "new orders (JPM)", "2025-11", end, "years"),)

    theirs = (
        "J.P. Morgan's own print of November 2025 is 3-4 years. Waits published in 2026: 48 to 66 months."
    )
    return (
        of_row(
            "turbine_lead_low",
            "attribution",
            theirs,
            digit=1,
            formula=same,
            inputs=jpm(0),
            readings=(shortest, central, Reading("average 2025", same, (average,), "years")),
        ),
        of_row(
            "turbine_lead_high",
            "attribution",
            theirs,
            digit=1,
            formula=same,
            inputs=jpm(1),
            readings=(shortest, central),
        ),
        of_row(
            "nuclear_lead",
            "attribution",
            "J.P. Morgan's own print of November 2025 (more than 10 years). The delay alone of Vogtle 3-4 was seven.",
            digit=1,
            formula=same,
            inputs=(quoted("value", "nuclear_build_time", "history (JPM)", "2025-11", 0, "years"),),
            readings=(
                Reading(
                    "the delay alone of Vogtle 3-4",
                    same,
                    (printed("value", "nuclear_build_delay", "Vogtle 3-4", "2024"),),
                    "years",
                ),
            ),
        ),
    )


def _pace() -> tuple[Entry, ...]:
    newest = summed("value", "capex_cash", FIVE, "2026Q2", "2026Q2", "USD_bn", scale=4)
    year = summed("value", "capex_cash", FIVE, "2025Q3", "2026Q2", "USD_bn")
    since = summed("value", "capex_cash", FIVE, "2024Q1", "2026Q2", "USD_bn")
    guided = tuple(
        printed(name, "capex_guidance", firm, period)
        for name, firm, period in (
            ("first", "Amazon", "2026FY"),
            ("second", "Alphabet", "2026FY"),
            ("third", "Microsoft", "2026CY"),
            ("fourth", "Meta", "2026FY"),
        )
    )
    half = Reading(
        "cash capex of five companies, first half of 2026 alone",
        same,
        (summed("value", "capex_cash", FIVE, "2026Q1", "2026Q2", "USD_bn"),),
        "USD_bn",
    )
    return (
        of_row(
            "capex_annual_approach",
            "data",
            "Come true, and more: the newest quarter alone, times four, is above it.",
            digit=100,
            formula=same,
            inputs=(year,),
            reading="cash capex of five companies, four quarters to 2026Q2; all purposes, not AI alone",
            readings=(Reading("2026Q2 times four", same, (newest,), "USD_bn/year"),),
        ),
        of_row(
            "capex_goldman",
            "data",
            "The circle (tech giants, utilities, others) and the years are not stated.",
            digit=1000,
            formula=same,
            inputs=(since,),
            reading="cash capex of five companies from 2024Q1 to 2026Q2; all purposes, not AI alone",
        ),
        of_row(
            "capex_2026",
            "data",
            "The year is not over: guidance, not spending.",
            digit=10,
            formula=sum_of_four,
            inputs=guided,
            reading="sum of the newest guidance of four companies (mid-points); all purposes, not AI alone",
            readings=(half,),
        ),
    )


def _mckinsey() -> tuple[Entry, ...]:
    who, when, document = (
        "McKinsey",
        "2025-2030",
        "McKinsey, The cost of compute: a $7 trillion race to scale data centers, 2025-04",
    )
    ai = stated("first", 5.2, "USD_tn", document)
    other = stated("second", 1.5, "USD_tn", document)
    base = printed(
        "value", "ai_capex_cumulative_forecast", "World, McKinsey", "to 2030", scale=1e-3, unit="USD_tn"
    )
    nearest = "A scenario total without its inputs. Nearest: McKinsey's own central total, as re-reported."
    return (
        Entry(
            "mckinsey_total",
            "build-out",
            "Data-centre investment 2025-30: AI workloads plus other IT",
            who,
            when,
            document,
            6.7,
            "USD_tn",
            0.1,
            "inputs",
            "The two parts add up.",
            (ai, other),
            sum_of_two,
        ),
        Entry(
            "mckinsey_accelerated",
            "build-out",
            "The AI part in the accelerated scenario",
            who,
            when,
            document,
            7.9,
            "USD_tn",
            0.1,
            "forecast",
            nearest,
            (base,),
            same,
        ),
        Entry(
            "mckinsey_constrained",
            "build-out",
            "The AI part in the constrained scenario",
            who,
            when,
            document,
            3.7,
            "USD_tn",
            0.1,
            "forecast",
            nearest,
            (base,),
            same,
        ),
    )
