"""The opening is built from figures: each is compared with the table it comes from, and the opening with itself.

The items of the second half are identities between priors and the starting state: a prior that breaks one
of them would send the model off in its first quarter, whatever its equations do later.
"""

from __future__ import annotations

import importlib
import re
import sys
from pathlib import Path

import numpy as np
import pytest

from supercycle.core.units import factor, parse_unit
from supercycle.figures.load import figures
from supercycle.figures.priors import prior
from supercycle.figures.series import choose, entities, latest, readings, total
from supercycle.figures.tiers import CALIBRATABLE
from supercycle.figures.units import convert
from supercycle.world.frame import FIRM

sys.path.append(str(Path(__file__).resolve().parents[1]))
runs = importlib.import_module("world_runs")

REGISTRY = runs.world().model.registry
SAMPLED = 512


def value(id: str) -> float:
    return REGISTRY[id].default


@pytest.fixture(scope="module")
def opening() -> runs.Result:
    """The state of 2026Q2 at the defaults (and one simulated quarter)."""
    return runs.run(runs.defaults(), quarters=1)


@pytest.fixture(scope="module")
def many() -> runs.Result:
    """The same on accepted draws."""
    return runs.run(runs.sampled(SAMPLED).params, quarters=1)


def at(result: runs.Result, key: str) -> float:
    return float(result[key][0, 0])


# figures


def test_capex_of_the_five_as_reported() -> None:
    # 148.4 and 181.5 bn a quarter, 411.5 bn in 2025 (cash paid for property and equipment)
    sums = [
        total("capex_cash", FIRM.members, first, last, unit="USD_bn", tiers=CALIBRATABLE)
        for first, last in (("2026Q1", "2026Q1"), ("2026Q2", "2026Q2"), ("2025Q1", "2025Q4"))
    ]
    assert [round(s, 1) for s in sums] == [148.4, 181.5, 411.5]


@pytest.mark.parametrize("firm", FIRM.members)
def test_each_firm_opens_with_its_reported_capex(firm: str, opening: runs.Result) -> None:
    reported = choose("capex_cash", firm, "2026Q2").value
    assert value(f"capex_open:{firm}") == reported
    assert at(opening, f"firm_capex_usd_bn:{firm}") == reported
    assert at(opening, f"firm_ai_capex_open:{firm}") + value(f"nonai_capex_open:{firm}") == pytest.approx(
        reported
    )


def test_the_five_open_with_their_total(opening: runs.Result, many: runs.Result) -> None:
    reported = sum(choose("capex_cash", firm, "2026Q2").value or 0.0 for firm in FIRM.members)
    assert at(opening, "five_firm_capex_usd_bn") == pytest.approx(reported, rel=1e-12)
    assert np.allclose(many["five_firm_capex_usd_bn"][0], reported, rtol=1e-12), "on every draw"


@pytest.mark.parametrize("firm", FIRM.members)
def test_operating_cash_flow_is_the_mean_of_the_half_year(firm: str, opening: runs.Result) -> None:
    quarters = [choose("operating_cash_flow", firm, q).value or 0.0 for q in ("2026Q1", "2026Q2")]
    assert value(f"ocf_open:{firm}") == pytest.approx(sum(quarters) / 2, abs=0.00051)  # printed to a million
    assert at(opening, f"firm_ocf_usd_bn:{firm}") == value(f"ocf_open:{firm}")


def test_modelled_cash_flow_is_the_reported_one(many: runs.Result) -> None:
    """core + AI margin - interest - tax = reported, for each firm and draw: core cash flow is solved for it."""
    params = runs.sampled(SAMPLED).params
    rate = params[runs.world().plan.param_slots["statutory_tax_rate"]]
    before = (
        many.all("core_ocf_open")[:, 0]
        + many.all("firm_ai_margin_usd_bn")[:, 0]
        - many.all("firm_interest_usd_bn")[:, 0]
    )
    tax = rate * np.maximum(before - many.all("tax_deduction_open")[:, 0], 0.0)
    assert np.allclose(before - tax, many.all("firm_ocf_usd_bn")[:, 0], rtol=1e-12)
    paid = (tax > 0.0).mean(axis=1)
    assert paid.max() > 0.5, f"tax is zero nearly everywhere, the identity would not see it: {paid}"


@pytest.mark.parametrize("firm", FIRM.members)
def test_revenue_and_server_life_as_reported(firm: str, opening: runs.Result) -> None:
    assert value(f"revenue_open:{firm}") == choose("revenue", firm, "2026Q2").value
    assert at(opening, f"firm_revenue_usd_bn:{firm}") == value(f"revenue_open:{firm}")
    assert value(f"book_life_years:{firm}") == latest("useful_life_servers", firm).value


def test_revenue_of_the_five() -> None:
    reported = sum(choose("revenue", firm, "2026Q2").value or 0.0 for firm in FIRM.members)
    assert value("core_revenue_open") == pytest.approx(reported, abs=0.05)


@pytest.mark.parametrize(
    ("series", "family", "unit", "printed"),
    [
        ("ai_chips_cumulative_tdp", "shipped_tdp", "GW_tdp", 12.387),
        ("ai_chips_cumulative_h100e", "shipped_h100e", "MH100e", 19.738),
    ],
)
def test_chips_shipped_by_vintage(series: str, family: str, unit: str, printed: float) -> None:
    """Vintages are differences of the cumulative counts; their sum is the stock of end-2025."""

    def shipped(day: str) -> float:
        rows = [r for maker in entities(series) for r in readings(series, maker) if r.period.printed == day]
        return sum(
            convert(r.value or 0.0, r.unit, "H100e") * 1e-6
            if unit == "MH100e"
            else convert(r.value or 0.0, r.unit, unit)
            for r in rows
        )

    ends = [shipped(f"{year}-12-31") for year in (2023, 2024, 2025)]
    assert ends[-1] == pytest.approx(printed, abs=0.0005)
    counted = [value(f"{family}:{v}") for v in ("to 2023", "2024", "2025")]
    assert counted == pytest.approx([ends[0], ends[1] - ends[0], ends[2] - ends[1]], abs=0.0006)
    assert sum(counted) == pytest.approx(printed, abs=0.001)
    last = value("shipped_tdp_2025q4" if unit == "GW_tdp" else "shipped_h100e_2025q4")
    assert last == pytest.approx(ends[2] - shipped("2025-09-30"), abs=0.0006), "2025Q4"


def test_end_customer_revenue_run_rate_and_twelve_months() -> None:
    world = "World ex China, end-customer, de-duplicated"
    assert value("opening_ai_revenue") == choose("genai_run_rate_total", world, "2026-06").value == 175.0
    assert (
        value("opening_ai_revenue_ttm")
        == choose("genai_revenue_total_ttm", world, "2025-07 to 2026-06").value
        == 110.0
    )


@pytest.mark.parametrize(
    ("lab", "rate_id", "day", "recognised_id", "quarter"),
    [
        ("OpenAI", "openai_run_rate", "2026-08-13", "openai_recognised", "2026Q1"),
        ("Anthropic", "anthropic_run_rate", "2026-07-31", "anthropic_recognised", "2026Q2"),
    ],
)
def test_run_rates_are_dated_and_apart_from_recognised_revenue(
    lab: str, rate_id: str, day: str, recognised_id: str, quarter: str
) -> None:
    rate = latest("run_rate_revenue_epoch", lab)
    assert (value(rate_id), REGISTRY[rate_id].unit) == (rate.value, "USD_bn/year")
    assert rate.period.printed == day
    assert day in REGISTRY[rate_id].source, "the source of the parameter names the date"
    assert (value(recognised_id), REGISTRY[recognised_id].unit) == (
        choose("revenue", lab, quarter).value,
        "USD_bn/q",
    )
    assert value(rate_id) / 4 > 1.3 * value(recognised_id), (
        "a later run rate is far from four times a quarter's revenue"
    )
    read = {a for v in runs.world().model.variables.values() for a in (*v.args, *v.opening_args)}
    assert not {rate_id, recognised_id} & read, "they inform and are in no equation: labs' dates differ"


def test_spot_price_and_rates_lie_between_their_readings() -> None:
    quoted = [
        latest("rental_index", who).value
        for who in ("H100 Silicon Data SDH100RT", "H100 (aimultiple median, 37 providers)")
    ]
    spot = REGISTRY["opening_spot_price"]
    assert min(quoted) == spot.low
    assert spot.low <= spot.default <= max(quoted) <= spot.high
    gdp = choose("gdp_nominal_imf", "United States", "2025").value or 0.0
    assert REGISTRY["us_gdp_open"].low <= gdp / 4 * 1.011**2 <= REGISTRY["us_gdp_open"].high


def test_every_cited_series_exists() -> None:
    """A source that names ``figures table:series`` names one that is there; most carry rows instead."""
    known = {(row.table, row.series) for row in figures()}
    cited = [
        (p.id, table, series)
        for p in REGISTRY.values()
        for table, series in re.findall(r"figures (\w+):(\w+)", f"{p.source} {p.reason}")
    ]
    assert len(cited) + sum(bool(p.rows) for p in REGISTRY.values()) > 90
    assert [c for c in cited if c[1:] not in known] == []


def test_every_prior_is_used_as_it_stands_or_says_why() -> None:
    found, departed = 0, 0
    for p in REGISTRY.values():
        name = re.search(r"\(prior (\w+)\)", p.source)
        if not name:
            continue
        found += 1
        row = prior(name[1])
        scales = [
            s
            for s in (1.0, 1e3, 1e-3, 1e-4)
            if np.allclose([p.low, p.default, p.high], [s * row.low, s * row.central, s * row.high])
        ]
        if not scales:
            departed += 1
            assert p.reason.strip(), f"{p.id} departs from prior {name[1]} without a reason"
    assert found > 40
    assert departed < found / 2, "priors that nobody uses as they stand are not priors"


# identities between the priors and the starting state


def test_more_than_half_of_the_compute_in_use_is_captive(opening: runs.Result, many: runs.Result) -> None:
    """54-59 % of use has no AI revenue behind it at central values; 45-65 % on nearly all draws."""
    share = 1.0 - at(opening, "external_share")
    assert 0.54 <= share <= 0.59
    drawn = 1.0 - many["external_share"][0]
    assert ((drawn > 0.40) & (drawn < 0.70)).all(), "the joint truncation"
    assert ((drawn >= 0.45) & (drawn <= 0.65)).mean() > 0.85
    used = at(opening, "opening_desired_mh100e")
    parts = [at(opening, f"opening_{k}_mh100e") for k in ("inference", "training", "captive")]
    assert sum(parts) == pytest.approx(used, rel=1e-12)


def test_the_worth_of_the_compute_in_use(opening: runs.Result) -> None:
    """Used at 0.8 x 0.92 and priced between contract and spot, a year of the fleet is worth 260-680 bn."""
    hours, used = 8.766, at(opening, "opening_desired_mh100e")
    at_book, at_spot = (used * value(p) * hours for p in ("opening_book_price", "opening_spot_price"))
    assert 230 <= at_book <= 320
    assert 450 <= at_spot <= 680
    external = used * at(opening, "external_share") * value("opening_book_price") * hours
    assert external == pytest.approx(120.0, rel=0.05), "labs' 72 and other clouds' 48 bn a year"


def test_power_of_the_fleet(opening: runs.Result, many: runs.Result) -> None:
    """27-34 GW IT shipped by mid-2026 (12.4 GW TDP and two growing quarters, x 1.5-2), less 1-3 in transit or
    dark.
    """
    fleet, dark = many["fleet_it_gw"][0], many["dark_it_gw"][0]
    shipped = fleet + dark
    assert 27 <= at(opening, "fleet_it_gw") + at(opening, "dark_it_gw") <= 34
    assert (shipped >= 26.0).all()
    assert (shipped <= 34.0).all()
    assert (dark >= 1.0).all()
    assert (dark <= 3.0).all()
    chips = 12.387 + at(opening, "opening_chip_flow") / value("it_per_tdp") * (
        1 + np.exp(-value("shipment_growth_open"))
    )
    assert at(opening, "fleet_it_gw") + at(opening, "dark_it_gw") == pytest.approx(
        chips * value("it_per_tdp"), rel=1e-3
    )


def test_growth_of_end_demand_is_one_log_point_a_year() -> None:
    """110 bn recognised over a year that ends at 175 a year: 175 (1 - exp(-g)) / g = 110 at g = 1.01."""
    low, high = 0.1, 5.0
    for _ in range(60):
        g = (low + high) / 2
        low, high = (g, high) if 175 * (1 - np.exp(-g)) / g > 110 else (low, g)
    assert g == pytest.approx(1.01, abs=0.005)
    # The labs' run rates since June (80 to 105 in six weeks, 0.5 a quarter on 46 % of it; clouds near 0.15) are
    # newer than the mean of
    # the year: 0.46 x 0.5 + 0.54 x 0.15 = 0.31 a quarter, a third above it.
    assert 4 * value("opening_revenue_growth") == pytest.approx(4 * (0.46 * 0.5 + 0.54 * 0.15), abs=0.06)
    assert 4 * value("opening_revenue_growth") > g
    assert value("opening_ai_revenue_ttm") == pytest.approx(175 * (1 - np.exp(-g)) / g)


def test_user_cost_and_revenue_of_a_gigawatt(opening: runs.Result) -> None:
    """User cost at 10 % is 9.3-11.6 bn a GW-year (GB200 to Rubin); external end customers pay 5-6.5 a GW."""
    cost = (
        at(opening, "opening_breakeven_price")
        * at(opening, "density")
        * 8.766
        * value("availability")
        * value("target_utilisation")
    )
    by_hand = (
        value("opening_it_cost") * (value("hurdle_base") + value("it_economic_depreciation"))
        + value("opening_facility_cost") * (value("hurdle_base") + value("facility_depreciation"))
        + value("opex_per_gw_year")
    )
    assert cost == pytest.approx(by_hand, rel=1e-9)
    assert 9.3 <= cost <= 11.6
    assert 38 <= value("opening_it_cost") + value("opening_facility_cost") <= 47
    assert 5.0 <= value("opening_ai_revenue") / at(opening, "fleet_it_gw") <= 6.5


def test_contract_and_spot_prices(opening: runs.Result, many: runs.Result) -> None:
    """Spot 2.6-3.0, book 1.3-1.6, break-even 1.23-1.57: one price cannot be both."""
    assert 1.23 <= at(opening, "breakeven_price") <= 1.57
    assert 1.3 <= at(opening, "book_price") <= 1.6
    discount = many["contract_price"][0] / many["spot_price"][0]
    assert (discount >= 0.5).all()
    assert (discount <= 0.65).all()
    assert (many["spot_price"][0] > many["breakeven_price"][0]).all(), "at spot the base pays back"
    near = np.abs(np.log(many["book_price"][0] / many["breakeven_price"][0]))
    assert np.median(near) < 0.2, "at contract it is near break-even"


def test_price_performance_is_derived(opening: runs.Result) -> None:
    """growth(perf/USD) = growth(H100e/W) / growth(USD/W): 1.37 and 38 to 47 bn a generation give 1.10-1.22 a
    year.
    """
    assert not [id for id in REGISTRY if "price_perf" in id], "two of the three are sampled, the third is not"
    year = runs.run(runs.defaults(), quarters=4)
    per_usd = (
        year["density"][4, 0]
        / year["density"][0, 0]
        / (year["it_cost_trend"][4, 0] / year["it_cost_trend"][0, 0])
    )
    assert 1.05 <= per_usd <= 1.25
    # At comfortable supply; the premium of scarcity comes on top (it_cost over it_cost_trend).
    generation = year["it_cost_trend"][4, 0] / year["it_cost_trend"][0, 0]
    assert generation == pytest.approx(47 / 38, rel=0.06)


def test_supply_growth_fades() -> None:
    """3.3x a year to 2035 is 10^5: packaging grows 1.2-1.7x in the first year and less than tenfold to 2035, because
    lines
    that are not full are not added to: in the last years it grows less than in the first.
    """
    cap = runs.run(runs.defaults())["chip_supply_cap"][:, 0]
    assert 1.2 <= cap[4] / cap[0] <= 1.7
    assert cap[-1] / cap[0] <= 10
    steps = np.diff(np.log(cap))
    assert steps[-8:].mean() < steps[:8].mean()


def test_monetisation_ceiling(many: runs.Result) -> None:
    """Wage bill x exposure x share: near 643 bn; draws below 2.5 times today's enterprise sales are refused."""
    central = value("wage_bill") * value("task_exposure") * value("spend_share")
    assert 500 <= central <= 900
    kept = many["opening_enterprise_ceiling"][0]
    enterprise = many["enterprise_revenue"][0]
    assert (kept >= value("ceiling_truncation") * enterprise).all()
    low, high = np.quantile(kept, [0.05, 0.95])
    assert low < 540 < high, "the labs' own plans (350 and 190) lie inside"
    refused = runs.sampled(SAMPLED).refused
    assert (refused > 0).any(), "the truncation binds on some draws"


def test_opening_pipelines_follow_little_s_law(opening: runs.Result) -> None:
    """Content = flow x lead for each stage, growth-skewed: with no skew the content is exactly flow x lead."""
    flat = runs.run(
        runs.defaults(
            grid_growth_skew=0.0, site_growth_skew=0.0, shell_growth_skew=0.0, delivery_growth_next=0.0
        ),
        quarters=1,
    )
    flow, power = at(flat, "opening_chip_flow"), at(flat, "opening_power_flow")
    assert at(flat, "shell_pipeline_total") == pytest.approx(flow * 8.0)
    assert at(flat, "chip_pipeline_total") == pytest.approx(flow * 3.0)
    before, contracted = value("inquiry_part"), value("contract_part")
    for route in ("grid", "gas", "engines", "nuclear", "renewables"):
        lead = value(f"{route}_lead_months") / 3
        due = power * value(f"{route}_flow_share")
        saved = (
            1 - value("flexible_share") / 2 if route == "grid" else 1.0
        )  # flexible connections halve construction
        stages = (
            (1 - before - contracted) * saved,
            contracted / value("built_share"),
            before / value("built_share") / value("signed_share"),
        )
        for stage, part in zip(("building", "contracted", "inquiry"), stages, strict=True):
            assert at(flat, f"{route}_{stage}_all") == pytest.approx(due * lead * part), (route, stage)
        assert flat[f"{route}_due"][1, 0] == pytest.approx(due, rel=0.03)
    assert at(opening, "grid_building_all") > at(flat, "grid_building_all")


def test_grid_queue_is_in_the_published_range(opening: runs.Result) -> None:
    """3.7 GW IT a quarter at 60 months is about 55-75 GW IT that will connect, and a quarter more as tracked
    campuses grow; a queue of several times that is asked for, of which a
    fifth is ever signed (ERCOT, PJM, AEP and Southern alone hold above 300 GW).
    """
    assert 55 <= at(opening, "grid_expected_all") / value("pue") <= 100
    assert 150 <= at(opening, "grid_inquiry_all") <= 450


def test_price_loop_does_not_overshoot_on_accepted_draws(many: runs.Result) -> None:
    """price response x utilisation x |elasticity| in one quarter stays at or below one."""
    slots, params = runs.world().plan.param_slots, runs.sampled(SAMPLED).params
    captive = 1.0 - many["external_share"][0]
    response = captive * np.abs(params[slots["captive_elasticity"]]) + (1 - captive) * params[
        slots["repricing_rate"]
    ] * np.abs(many["demand_elasticity"][0])
    gain = params[slots["price_response"]] * 10 * params[slots["opening_utilisation"]] * response
    assert (gain <= 1.0 + 1e-12).all()
    assert np.quantile(gain, 0.95) > 0.5, "the bound is not idle"


def test_units_of_the_price_of_a_year() -> None:
    """USD an H100e-hour x million H100e x 8.766 is bn a year."""
    assert factor(parse_unit("USD/H100e/h"), parse_unit("USD_bn/MH100e/year")) == pytest.approx(8.766)
