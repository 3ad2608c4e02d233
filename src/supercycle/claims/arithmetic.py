"""The arithmetic of the small claims: sums, ratios, growth. Each is one line whose arguments are its inputs."""

from __future__ import annotations

__all__ = [
    "additions",
    "annual_average",
    "annualised_factor",
    "build_cost",
    "compounded",
    "factor",
    "fall_in_window",
    "four_steps",
    "grown_percent",
    "industry_percent",
    "installed",
    "last_of_linear_path",
    "leases_grown",
    "linear_trend",
    "loan_to_cost",
    "loss",
    "margin_percent",
    "middle_year",
    "monthly",
    "over_years",
    "part_of",
    "percent_above",
    "percent_of",
    "percent_of_middle_year",
    "ratio_of",
    "remaining",
    "same",
    "sum_of_five",
    "sum_of_four",
    "sum_of_two",
    "trough_fall",
    "weighted_fall",
    "yearly_factor",
]


def same(value: float) -> float:
    """The figure itself."""
    return value


def loss(net_income_usd_bn: float) -> float:
    """A loss is net income with its sign turned."""
    return -net_income_usd_bn


def sum_of_two(first: float, second: float) -> float:
    """Two parts."""
    return first + second


def sum_of_four(first: float, second: float, third: float, fourth: float) -> float:
    """Four parts."""
    return first + second + third + fourth


def sum_of_five(first: float, second: float, third: float, fourth: float, fifth: float) -> float:
    """Five sources of money added up."""
    return first + second + third + fourth + fifth


def remaining(total: float, covered: float) -> float:
    """What is left of a total."""
    return total - covered


def percent_of(part: float, whole: float) -> float:
    """Part over whole in percent."""
    return 100 * part / whole


def percent_above(part: float, whole: float) -> float:
    """How far the whole is above the part, in percent of the part.

    >>> percent_above(10.0, 11.0)
    10.0
    """
    return 100 * (whole - part) / part


def ratio_of(part: float, whole: float) -> float:
    """Part over whole."""
    return part / whole


def margin_percent(revenue_usd_bn: float, cost_usd_bn: float) -> float:
    """What is left of revenue after the cost, in percent of revenue.

    >>> margin_percent(0.2, 0.1)
    50.0
    """
    return 100 * (revenue_usd_bn - cost_usd_bn) / revenue_usd_bn


def yearly_factor(first: float, last: float, years: float) -> float:
    """The constant factor a year between two values.

    >>> yearly_factor(1.0, 100.0, 2.0)
    10.0
    """
    return (last / first) ** (1 / years)


def leases_grown(now_usd_bn: float, before_usd_bn: float, added_usd_bn: float, repaid_usd_bn: float) -> float:
    """A balance over the one a year before a known one: that is the known one less what was added, plus what was
    repaid.

    >>> leases_grown(40.0, 25.0, 10.0, 5.0)
    2.0
    """
    return now_usd_bn / (before_usd_bn - added_usd_bn + repaid_usd_bn)


def grown_percent(month_usd_bn: float, run_rate_usd_bn_per_year: float) -> float:
    """Growth of a month's revenue over an earlier run rate, in percent.

    >>> grown_percent(1.0, 6.0)
    100.0
    """
    return 100 * (12 * month_usd_bn / run_rate_usd_bn_per_year - 1)


def middle_year(before: float, after: float) -> float:
    """The value of the year between two known ones at constant growth.

    >>> middle_year(4.0, 9.0)
    6.0
    """
    return (before * after) ** 0.5


def percent_of_middle_year(part: float, before: float, after: float) -> float:
    """Part over the value of the year between two known ones, in percent."""
    return 100 * part / middle_year(before, after)


def part_of(whole: float, share: float) -> float:
    """A share of a whole."""
    return whole * share


def loan_to_cost(debt_usd_bn: float, cost_usd_bn: float) -> float:
    """Debt over cost in percent."""
    return 100 * debt_usd_bn / cost_usd_bn


def factor(before: float, after: float) -> float:
    """How many times smaller ``after`` is."""
    return before / after


def annualised_factor(before: float, after: float, window_months: float) -> float:
    """The factor a year that gives before / after over the window.

    >>> annualised_factor(100, 1, 24)
    10.0
    """
    return (before / after) ** (12 / window_months)


def fall_in_window(before: float, after: float, window_months: float, asked_months: float) -> float:
    """The factor over ``asked_months`` at the steady rate that gives before / after over the real window."""
    return (before / after) ** (asked_months / window_months)


def compounded(growth_per_year: float, years: float) -> float:
    """A yearly factor over some years."""
    return growth_per_year**years


def over_years(amount: float, growth_share_per_year: float, years: float) -> float:
    """An amount after some years of growth."""
    return amount * (1 + growth_share_per_year) ** years


def installed(base_gw: float, additions_gw: float) -> float:
    """Installed at the end is what stood before plus what is added."""
    return base_gw + additions_gw


def additions(base_gw: float, installed_gw: float) -> float:
    """What is added is what is installed at the end less what stood before."""
    return installed_gw - base_gw


def build_cost(additions_gw: float, cost_usd_bn_per_gw: float) -> float:
    """What it costs to build the gigawatts."""
    return additions_gw * cost_usd_bn_per_gw


def annual_average(total_usd_bn: float, years: float) -> float:
    """A total spread evenly."""
    return total_usd_bn / years


def last_of_linear_path(total_usd_bn: float, first_usd_bn_per_year: float, years: float) -> float:
    """The last year of a path that rises evenly from the first year and adds up to the total.

    >>> last_of_linear_path(30, 4, 5)
    8.0
    """
    return 2 * total_usd_bn / years - first_usd_bn_per_year


def linear_trend(early: float, late: float, years_between: float, years_ahead: float) -> float:
    """The straight line through two readings, carried on."""
    return late + (late - early) / years_between * years_ahead


def monthly(run_rate_usd_bn_per_year: float) -> float:
    """A month of an annual run rate."""
    return run_rate_usd_bn_per_year / 12


def trough_fall(trough_over_peak: float) -> float:
    """The fall in percent that leaves trough over peak."""
    return 100 * (1 - trough_over_peak)


def industry_percent(amount_usd_bn: float, years: float, gdp_usd_bn: float, industry_share: float) -> float:
    """Yearly spending in percent of the yearly output of industry."""
    return 100 * (amount_usd_bn / years) / (gdp_usd_bn * industry_share)


def weighted_fall(
    fall_1: float,
    fall_2: float,
    fall_3: float,
    fall_4: float,
    weight_1: float,
    weight_2: float,
    weight_3: float,
    weight_4: float,
) -> float:
    """The index's change: the cohorts' changes by weight."""
    weights = weight_1 + weight_2 + weight_3 + weight_4
    return (fall_1 * weight_1 + fall_2 * weight_2 + fall_3 * weight_3 + fall_4 * weight_4) / weights


def four_steps(chips_usd_bn: float, chip_share_of_cost: float, margin_share: float) -> float:
    """Sequoia's steps: chips grossed up to the data centre, then to the revenue that leaves the margin.

    >>> four_steps(50, 0.5, 0.5)
    200.0
    """
    return chips_usd_bn / chip_share_of_cost / (1 - margin_share)
