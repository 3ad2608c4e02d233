"""The moments of an opening, group by group: what each rule reads and how far around it the range goes.

Ranges that follow a trailing growth keep the proportions of the opening at 2026Q2 wherever that has one, so that past
and present are opened by the same habits.
"""

from __future__ import annotations

import csv
import io
import math
from importlib.resources import files
from typing import TYPE_CHECKING

from supercycle.core.params import Registry
from supercycle.core.quarters import Quarter
from supercycle.skill.chips import Chips
from supercycle.skill.known import FIVE, log_growth
from supercycle.skill.noise import fitted, shocks
from supercycle.skill.series import history

if TYPE_CHECKING:
    from supercycle.skill.opening import Draft

__all__ = [
    "captive",
    "demand",
    "fleet",
    "judgements",
    "markets",
    "noise",
    "plans",
    "sites",
    "spending",
    "statements",
]

Three = tuple[float, float, float]
_FASTEST = 0.45  # log growth a quarter that nobody plans beyond; the world's own cap is 0.5
_KEPT = (0.35, 0.7, 1.1)  # judged: part of a young firm's trailing growth that goes on
_GREW = (
    0.85,
    1.0,
    1.25,
)  # as in the opening at 2026Q2: 0.17 to 0.25 where the fleet had grown 0.197 a quarter
_GOES_ON = (
    0.0,
    0.5,
    1.0,
)  # judged: part of the chip maker's growth over the last year that is already on order
_DEBT_ROOM = 1.15  # judged: lenders accept at least the debt a firm has, and a little more
_IN_HAND = (0.1, 0.25, 0.45)  # as in 2026: shells under way grow at 0.02 to 0.05 a quarter, chips at 0.15
_ROUTES = ("grid", "gas", "engines", "nuclear", "renewables")


def judgements(draft: Draft) -> None:
    """Parameters no figure of the day speaks to: the table of judgements, each with its reason."""
    text = files("supercycle.skill").joinpath("tables/openings.csv").read_text("utf-8")
    for row in csv.DictReader(io.StringIO(text)):
        if row["start"] == draft.judged:
            values = float(row["low"]), float(row["central"]), float(row["high"])
            values, reason = draft.carried(row["parameter"], values, row["reason"])
            draft.add(row["parameter"], values, "judgement", reason, row["distribution"])


def statements(draft: Draft) -> None:
    """Capex, cash flow, revenue and notes of the five."""
    known, start = draft.known, draft.start
    year = [str(Quarter.parse(start) - i) for i in range(4)]
    before = [str(Quarter.parse(q) - 4) for q in year]

    def mean(series: str, firm: str, quarters: list[str]) -> float:
        return sum(known.quarters(series, firm, quarters).values()) / len(quarters)

    now, then = (sum(mean("revenue", firm, span) for firm in FIVE) for span in (year, before))
    growth = math.log(now / then) / 4
    spread = (0.6 * growth, growth, 1.4 * growth) if growth > 0 else (0.0, 0.005, 0.02)
    draft.add("core_growth_open", spread, "rule", "growth of the five's revenue on the year before, +/- 40 %")
    to_now = math.exp(1.5 * growth)  # from the middle of the year to its last quarter
    told = "revenue of the five, the year's mean brought to its last quarter"
    draft.add("core_revenue_open", now * to_now, "rule", told, rows=draft.entries["core_growth_open"].rows)
    for firm in FIVE:
        capex = known.quarters("capex_cash", firm, [start])[start]
        draft.add(f"capex_open:{firm}", capex, "figure", "cash capex of the quarter")
        draft.add(
            f"ocf_open:{firm}",
            mean("operating_cash_flow", firm, year),
            "figure",
            "operating cash flow, mean of the year",
        )
        level = mean("revenue", firm, year) * to_now
        draft.add(f"revenue_open:{firm}", level, "rule", "the year's mean brought to its last quarter")
        assets = draft.registry[f"other_assets_open:{firm}"]
        ratio = level / draft.registry[f"revenue_open:{firm}"].default
        values = ratio * assets.low, ratio * assets.default, ratio * assets.high
        draft.add(assets.id, values, "scaled", "in proportion to revenue", assets.distribution)
    for firm in FIVE:
        balances = [quarter for quarter in history(f"debt:{firm}", known) if quarter <= start]
        known.rows()
        if balances:  # where none is on file the judgement stays
            last = max(balances)
            notes = known.quarters("debt_long_term_carrying", firm, [last])[last]
            age = Quarter.parse(start) - Quarter.parse(last)
            part = math.exp(1.645 * _NOTES_SD * math.sqrt(age))
            why = f"long-term notes, the last balance known ({last})"
            if age:
                why += f", times or over {part:.2f}: {age} quarters of issues and repayments since"
            values = (notes / part, notes, notes * part) if age else notes
            draft.add(f"bonds_open:{firm}", values, "figure", why, "normal" if age else "triangular")
    for firm in FIVE:
        cap = draft.registry[f"leverage_cap:{firm}"]
        least = _DEBT_ROOM * draft.middle(f"bonds_open:{firm}") / (4.0 * draft.middle(f"ocf_open:{firm}"))
        if least > cap.low:
            low, middle, high = (max(value, least) for value in (cap.low, cap.default, cap.high))
            draft.add(
                cap.id,
                (low, middle, max(high, 1.25 * least)),
                "rule",
                "at least the debt there was over cash flow, and 15 % more",
                "triangular",
            )
    capex_growth = log_growth(history("capex", known), 4)
    past = min(max(capex_growth, 0.005), 0.15)
    draft.add(
        "capex_growth_past",
        (0.7 * past, past, 1.3 * past),
        "rule",
        "growth of the five's capex over a year, +/- 30 %",
    )


def fleet(draft: Draft, chips: Chips) -> None:
    """Chips shipped and their growth; deliveries on order from the chip maker's sales."""
    told = (
        "Epoch AI's counts"
        if chips.basis == "figure"
        else "NVIDIA's sales times judged ratios (skill/chips.py)"
    )
    family = [id for id in draft.registry if id.startswith("shipped_tdp:")][:3]
    shipped: dict[str, float] = {}
    for id, tdp, h100e in zip(family, chips.tdp, chips.h100e, strict=True):
        shipped |= {id: tdp, id.replace("tdp", "h100e"): h100e}
    shipped |= {"shipped_tdp_2025q4": chips.flow_tdp, "shipped_h100e_2025q4": chips.flow_h100e}
    for id, value in shipped.items():
        what = (
            "two quarters before the opening"
            if id.endswith("q4")
            else "in the quarters of this vintage's place"
        )
        draft.add(id, value, chips.basis, f"shipped {what}, {told}", rows=chips.rows)
    for id, growth in (
        ("shipment_growth_open", chips.growth_tdp),
        ("h100e_growth_2026h1", chips.growth_h100e),
    ):
        why = f"growth over the two quarters to the opening, {told}, +/- 0.04"
        draft.add(id, (growth - 0.04, growth, growth + 0.04), "rule", why, rows=chips.rows)
    if chips.basis == "rule":
        draft.add(
            "it_per_tdp",
            (1.3, 1.7, 2.2),
            "judgement",
            "widened: carries the uncertainty of chip power not counted then",
        )
    draft.known.rows()
    sales = history("nvidia", draft.known)
    span = min(4, len(sales) - 1)
    growth = min(max(log_growth(sales, span), 0.03), _FASTEST)
    on_order: Three = (_GOES_ON[0] * growth, _GOES_ON[1] * growth, _GOES_ON[2] * growth)
    draft.add(
        "delivery_growth_next",
        on_order,
        "rule",
        f"none to all of NVIDIA's growth over {span} quarters, half of it central",
    )
    grew = min(chips.stock_growth, _FASTEST)
    for id in ("opening_shift_growth", "captive_growth_open", "in_house_growth_open"):
        values: Three = (_GREW[0] * grew, _GREW[1] * grew, _GREW[2] * grew)
        draft.add(
            id,
            values,
            "rule",
            "0.85 to 1.25 of the growth of compute shipped over the year, as in 2026",
            rows=chips.rows,
        )


def sites(draft: Draft, chips: Chips) -> None:
    """Pipelines, slack and ceilings of shells and power, in proportion to the flow of chips."""
    flow = chips.now_tdp * draft.middle("it_per_tdp")
    draft.add(
        "opening_dark_it_gw",
        (0.15 * flow, 0.4 * flow, 0.7 * flow),
        "scaled",
        "0.4 of a quarter's chips, as in 2026",
    )
    chips_now = _flow_of_2026(draft.registry)
    for id in ("opening_shell_slack", "opening_power_slack"):
        now = draft.registry[id]
        values = now.low * flow / chips_now, now.default * flow / chips_now, now.high * flow / chips_now
        draft.add(id, values, "scaled", "free slots over a quarter's chips, as in 2026")
    trend = min(max(chips.trend, 0.03), _FASTEST)
    for id in ("shell_growth_skew", "site_growth_skew", "grid_growth_skew"):
        values: Three = (_IN_HAND[0] * trend, _IN_HAND[1] * trend, _IN_HAND[2] * trend)
        draft.add(
            id,
            values,
            "rule",
            "0.1 to 0.45 of the growth of chips shipped: sites under way were meant to carry some of it",
            rows=chips.rows,
        )
    for route in _ROUTES:
        ceiling = draft.registry[f"{route}_ceiling_open"]
        values = 0.4 * ceiling.low, 0.7 * ceiling.default, 1.0 * ceiling.high
        draft.add(
            ceiling.id,
            values,
            "scaled",
            "ceilings belong to the whole economy, not to AI: a little below those of 2026",
        )
    built = chips.total_tdp * draft.middle("it_per_tdp") * 30.0
    draft.add(
        "installed_capital_open",
        (0.7 * built, built, 1.3 * built),
        "scaled",
        "30 bn per GW of IT shipped, as in 2026",
    )


def _flow_of_2026(registry: Registry) -> float:
    """IT gigawatts of chips a quarter at the opening the registry describes, at defaults."""
    growth = math.exp(2.0 * registry["shipment_growth_open"].default)
    return registry["shipped_tdp_2025q4"].default * growth * registry["it_per_tdp"].default


def spending(draft: Draft, chips: Chips) -> None:
    """What part of the five's capex was not AI: the whole less half of what the world's AI build cost."""
    flow = chips.now_tdp * draft.middle("it_per_tdp")
    facility = 1.2 * draft.middle("opening_facility_cost")  # power on top of shells, work ahead of deliveries
    world = flow * (draft.middle("opening_it_cost") + facility)
    whole = sum(draft.middle(f"capex_open:{firm}") for firm in FIVE)
    share = min(max(1.0 - 0.5 * world / whole, 0.2), 0.95)
    now = [draft.registry[f"nonai_capex_open:{firm}"].default for firm in FIVE]
    spent = [draft.registry[f"capex_open:{firm}"].default for firm in FIVE]
    shift = _odds(share) / _odds(sum(now) / sum(spent))
    for firm, part, capex in zip(FIVE, now, spent, strict=True):
        odds = _odds(part / capex) * shift
        level = draft.middle(f"capex_open:{firm}") * odds / (1.0 + odds)
        top = min(1.2 * level, 0.98 * draft.middle(f"capex_open:{firm}"))
        why = "capex less half of the world's AI build, split by the odds of 2026, +/- 20 %"
        draft.add(f"nonai_capex_open:{firm}", (0.8 * level, level, top), "scaled", why, "normal")


# log growth a quarter of capex that guidance and consensus of the day implied for the coming year (figures plans):
# none at the end of 2022 (Meta had
# just cut), little in 2023, 0.066 at the end of 2024
_PLANNED = {"2022Q4": 0.0, "2023Q4": 0.02, "2024Q4": 0.066}
_NOTES_SD = 0.1  # prior median of a series' walk in a quarter (skill/discrepancy.py)
_PLAN_SD = 0.07  # judged: twelve per cent at 5 and 95 %
_MIDDLE = 2.5  # quarters from the opening to the middle of the year that is planned


def plans(draft: Draft) -> None:
    """Capex planned for the coming year: the quarter's rate, grown as guidance and consensus of the day implied."""
    growth = _PLANNED[draft.judged]
    for firm in FIVE:
        level = 4.0 * draft.middle(f"capex_open:{firm}") * math.exp(_MIDDLE * growth)
        scatter = fitted(draft.known.quarters("capex_cash", firm)).scatter[1]
        draft.known.rows()
        part = math.exp(1.645 * math.hypot(_PLAN_SD, scatter)) - 1.0
        why = (
            f"cash capex of the quarter at {growth:.3f} a quarter to the middle of the year planned, "
            f"+/- {100 * part:.0f} %: plans moved by a tenth between vintages, "
            f"and the quarter itself scatters by {scatter:.2f}"
        )
        draft.add(
            f"plan_open:{firm}",
            (level / (1.0 + part), level, level * (1.0 + part)),
            "judgement",
            why,
            rows=draft.entries[f"capex_open:{firm}"].rows,
        )


def captive(draft: Draft, chips: Chips) -> None:
    """Own use of compute, in proportion to the compute shipped by then."""
    registry = draft.registry
    now = sum(registry[id].default for id in registry if id.startswith("shipped_h100e:"))
    ratio = sum(chips.h100e) / now
    for id in [f"captive_core_open:{firm}" for firm in FIVE] + ["in_house_open"]:
        param = registry[id]
        values = ratio * param.low, ratio * param.default, ratio * param.high
        draft.add(
            id,
            values,
            "scaled",
            "as in 2026, in proportion to compute shipped",
            param.distribution,
            rows=chips.rows,
        )


def _odds(share: float) -> float:
    return share / (1.0 - share)


def demand(draft: Draft, chips: Chips) -> None:
    """AI revenue and its growth from the labs' run rates, where any was known."""
    labs = history("labs", draft.known)
    if not labs:
        draft.add(
            "opening_ai_revenue",
            (0.2, 0.6, 1.8),
            "judgement",
            "nothing on file: a first copilot, image and writing tools",
            "lognormal",
        )
        return
    if len(labs) > 1:  # one quarter has no growth: the judgement stays
        growth = max(log_growth(labs, min(4, len(labs) - 1)), 0.0)
        values: Three = (_KEPT[0] * growth, _KEPT[1] * growth, _KEPT[2] * growth)
        draft.add(
            "opening_revenue_growth",
            values,
            "rule",
            "0.35 to 1.1 of the run rates' growth over the last year, 0.7 central: young firms slow",
        )
    sales = labs[max(labs)] / draft.middle("lab_share_open")
    draft.known.rows()
    history("labs", draft.known)
    draft.add(
        "opening_ai_revenue",
        (0.7 * sales, sales, 1.45 * sales),
        "rule",
        "labs' run rate over their judged share",
        "lognormal",
    )


def noise(draft: Draft) -> None:
    """Scales of the world's shocks, estimated on the series as known (skill/noise.py)."""
    for id, (values, told, rows) in shocks(draft.known, draft.middle("lab_share_open")).items():
        draft.add(id, values, "rule", f"estimated on {told}", rows=rows)


def markets(draft: Draft) -> None:
    """Treasury yield and GDP."""
    known = draft.known
    yields = known.dated("fred_DGS10", "US 10y Treasury yield")
    recent = [
        value for day, value in yields.items() if day.isoformat() <= str(Quarter.parse(draft.start).last_day)
    ][-3:]
    mean = sum(recent) / len(recent) / 100.0
    draft.add(
        "risk_free_rate",
        (mean - 0.005, mean, mean + 0.005),
        "rule",
        "ten-year yield, mean of the quarter, +/- half a point",
    )
    gdp = known.dated("gdp_nominal", "United States")
    day = max(gdp)
    years = (Quarter.parse(draft.start) - Quarter.of(day)) / 4 + 0.375  # a year's mean lies in its middle
    level = gdp[day] / 4 * 1.05**years
    draft.add(
        "us_gdp_open",
        (0.97 * level, level, 1.03 * level),
        "rule",
        "latest year on file grown at five per cent a year",
    )
