"""Claims about the laboratories: Amodei's illustration, Anthropic's and OpenAI's revenue, commoditisation."""

from __future__ import annotations

from supercycle.claims.arithmetic import compounded, factor, loss, monthly, remaining, same
from supercycle.claims.entry import Entry, Input, Reading
from supercycle.claims.inputs import bound, claimed, judged, printed, stated
from supercycle.claims.of_row import of_row

__all__ = ["earned", "entries"]

_ESSAY = "essay on the level of AI capital investment, untitled copy, 2025"
_MARGIN = f"Dario Amodei: {_ESSAY}: 'so that model had 50% margins'"


def earned(cost_usd_bn: float, margin_share: float) -> float:
    """Revenue of a model that cost ``cost`` and has a margin of ``margin_share`` of revenue.

    >>> earned(1, 0.5)
    2.0
    """
    return cost_usd_bn / (1 - margin_share)


def spent(revenue_usd_bn: float, margin_share: float) -> float:
    """Cost of a model by its revenue and margin.

    >>> spent(2, 0.5)
    1.0
    """
    return revenue_usd_bn * (1 - margin_share)


def grown(cost_usd_bn: float, ratio: float) -> float:
    """Cost of the next generation."""
    return cost_usd_bn * ratio


def entries() -> tuple[Entry, ...]:
    """Every claim of this topic."""
    return (*_models(), *_company(), *_pace(), *_revenues())


def _margin() -> Input:
    return stated("margin_share", 0.5, "share", _MARGIN, (0, 0.9))


def _models() -> tuple[Entry, ...]:
    why = "Arithmetic of the illustration; the numbers are illustrative by his own word."
    ratio = claimed("ratio", "generation_cost_ratio", (1, 20))
    return (
        of_row(
            "venture_2023_cost",
            "inputs",
            why,
            digit=0.1,
            formula=spent,
            inputs=(claimed("revenue_usd_bn", "venture_2023_revenue"), _margin()),
        ),
        of_row(
            "venture_2023_revenue",
            "inputs",
            why,
            digit=0.1,
            formula=earned,
            inputs=(claimed("cost_usd_bn", "venture_2023_cost"), _margin()),
        ),
        of_row(
            "venture_2024_cost",
            "inputs",
            why,
            digit=1,
            formula=grown,
            inputs=(claimed("cost_usd_bn", "venture_2023_cost"), ratio),
        ),
        of_row(
            "venture_2024_revenue",
            "inputs",
            why,
            digit=1,
            formula=earned,
            inputs=(claimed("cost_usd_bn", "venture_2024_cost"), _margin()),
        ),
        of_row(
            "venture_2025_cost",
            "inputs",
            why,
            digit=1,
            formula=grown,
            inputs=(claimed("cost_usd_bn", "venture_2024_cost"), ratio),
        ),
    )


def _company() -> tuple[Entry, ...]:
    why = "Arithmetic of the illustration: a company's year is last year's model less next year's training."

    def entry(id: str, statement: str, when: str, published: float, revenue: Input, cost: Input) -> Entry:
        return Entry(
            id,
            "labs",
            statement,
            "Dario Amodei",
            when,
            _ESSAY,
            published,
            "USD_bn",
            0.1,
            "inputs",
            why,
            (revenue, cost),
            remaining,
        )

    nothing = stated("total", 0.0, "USD_bn", f"Dario Amodei: {_ESSAY}: no model before the first", (0, 1))
    return (
        entry(
            "amodei_company_2023",
            "Company result of 2023",
            "2023",
            -0.1,
            nothing,
            claimed("covered", "venture_2023_cost"),
        ),
        entry(
            "amodei_company_2024",
            "Company result of 2024",
            "2024",
            -0.8,
            claimed("total", "venture_2023_revenue"),
            claimed("covered", "venture_2024_cost"),
        ),
        entry(
            "amodei_company_2025",
            "Company result of 2025",
            "2025",
            -8.0,
            claimed("total", "venture_2024_revenue"),
            claimed("covered", "venture_2025_cost"),
        ),
        entry(
            "amodei_venture_2023",
            "The 2023 model as a venture",
            "2024",
            0.1,
            claimed("total", "venture_2023_revenue"),
            claimed("covered", "venture_2023_cost"),
        ),
        entry(
            "amodei_venture_2024",
            "The 2024 model as a venture",
            "2025",
            1.0,
            claimed("total", "venture_2024_revenue"),
            claimed("covered", "venture_2024_cost"),
        ),
    )


def _pace() -> tuple[Entry, ...]:
    growth = printed(
        "growth_per_year", "training_cost_growth", "frontier, amortised", "2016-2024", (2.0, 3.1)
    )
    compute = printed("growth_per_year", "training_compute_growth", "notable models", "2010-2025", (4.0, 5.0))
    year = judged(
        "years", 1.0, "years", "the illustration trains one generation a year (2023, 2024, 2025)", (0.5, 4)
    )
    lag = (bound("value", "commoditisation_lag", "central"),)
    longest = Reading(
        "the longest lag of the published interval",
        same,
        (bound("value", "commoditisation_lag", "high"),),
        "months",
    )
    faster = (
        "Open-weight models matched the frontier after 3.5 months (90 % interval 1.1 to "
        "5.3): sooner than the whole window."
    )
    return (
        of_row(
            "generation_cost_ratio",
            "data",
            "Frontier training cost grew 2.4x a year in 2016-2024; tenfold takes about 2.6 years, not one.",
            digit=1,
            formula=compounded,
            inputs=(growth, year),
            readings=(Reading("compute of notable models, one year", compounded, (compute, year), "ratio"),),
        ),
        of_row("commoditisation_low", "data", faster, digit=1, formula=same, inputs=lag, readings=(longest,)),
        of_row(
            "commoditisation_high", "data", faster, digit=1, formula=same, inputs=lag, readings=(longest,)
        ),
    )


def _revenues() -> tuple[Entry, ...]:
    run_rate = "run_rate_revenue_epoch"

    def arr(period: str) -> tuple[Input, ...]:
        return (printed("value", run_rate, "Anthropic", period),)

    return (
        of_row(
            "anthropic_arr_2022",
            "assertion",
            "No figure of 2022 in the tables. Nearest: the first one after it, divided by the "
            "text's own tenfold a year.",
            digit=0.01,
            formula=factor,
            inputs=(
                printed("before", run_rate, "Anthropic", "2024-01-01"),
                stated("after", 10, "ratio", f"{_ESSAY}: 'pretty much a 10x in revenue every year'", (2, 20)),
            ),
        ),
        of_row(
            "anthropic_arr_2023",
            "data",
            "Company disclosure: 0.087 at the turn of the year.",
            digit=0.1,
            formula=same,
            inputs=arr("2024-01-01"),
        ),
        of_row(
            "anthropic_arr_2024",
            "data",
            "Run rate at the end of 2024.",
            digit=1,
            formula=same,
            inputs=arr("2024-12-31"),
        ),
        of_row(
            "anthropic_arr_2025",
            "data",
            "9.0 at the end of 2025; 8 was passed between the prints of October (7) and December (9).",
            digit=1,
            formula=same,
            inputs=arr("2025-12-31"),
            readings=(Reading("run rate in October 2025", same, arr("2025-10-21"), "USD_bn/year"),),
        ),
        of_row(
            "openai_month_revenue",
            "data",
            "A twelfth of the run rate of August 2024.",
            digit=0.1,
            formula=monthly,
            inputs=(printed("run_rate_usd_bn_per_year", run_rate, "OpenAI", "2024-08-15"),),
        ),
        of_row(
            "openai_loss_2024",
            "data",
            "Net income as later reported.",
            digit=1,
            formula=loss,
            inputs=(printed("net_income_usd_bn", "net_income", "OpenAI", "2024FY"),),
        ),
        of_row(
            "openai_revenue_2024",
            "data",
            "Revenue as later reported.",
            digit=0.1,
            formula=same,
            inputs=(printed("value", "revenue", "OpenAI", "2024FY"),),
        ),
        of_row(
            "openai_valuation_2024",
            "assertion",
            "No inputs, and no valuation of 2024 in the tables. Nearest: the next one, a year later.",
            digit=10,
            formula=same,
            inputs=(printed("value", "valuation", "OpenAI", "2025-10"),),
        ),
    )
