"""Claims about the laboratories: Amodei's illustration, Anthropic's and OpenAI's revenue, commoditisation."""

from __future__ import annotations

from supercycle.claims.arithmetic import (
    compounded,
    factor,
    grown_percent,
    loss,
    margin_percent,
    monthly,
    remaining,
    same,
    yearly_factor,
)
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
            "Compute per generation: 8 times from GPT-3.5 to GPT-4, 18 to GPT-4.5, 12 to Grok 3, 2 to 4 between "
            "Claudes. Cost a "
            "year is another measure: 2.4 times a year in 2016-2024, tenfold in about 2.6 years.",
            digit=10,
            formula=same,
            inputs=(printed("value", "generation_compute_ratio", "GPT-3.5 -> GPT-4", "2023-03-15"),),
            reading="compute of GPT-4 over GPT-3.5, taken for GPU hours",
            readings=(
                Reading(
                    "GPT-4 to GPT-4.5",
                    same,
                    (printed("value", "generation_compute_ratio", "GPT-4 -> GPT-4.5", "2025-02-27"),),
                    "ratio",
                ),
                Reading(
                    "Claude 2 to Claude 3 Opus",
                    same,
                    (
                        printed(
                            "value", "generation_compute_ratio", "Claude 2 -> Claude 3 Opus", "2024-03-04"
                        ),
                    ),
                    "ratio",
                ),
                Reading("cost of frontier training, one year", compounded, (growth, year), "ratio"),
                Reading("compute of notable models, one year", compounded, (compute, year), "ratio"),
            ),
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
            "The essay is of about August 2025 ('now'): the run rate of 29 July was 5.0. 8 was passed between "
            "the prints of "
            "October (7) and December (9).",
            digit=1,
            formula=same,
            inputs=arr("2025-07-29"),
            readings=(
                Reading("October 2025", same, arr("2025-10-21"), "USD_bn/year"),
                Reading("end of 2025", same, arr("2025-12-31"), "USD_bn/year"),
            ),
        ),
        of_row(
            "openai_month_revenue",
            "attribution",
            "The run rate in the tables is this very report times twelve: the same source, no second one.",
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
            "data",
            "The round of 2 October 2024: 157 after the money, 6.6 of it new.",
            digit=10,
            formula=remaining,
            inputs=(
                printed("total", "valuation_post", "OpenAI", "2024-10-02"),
                printed("covered", "funding_round_equity", "OpenAI", "2024-10-02"),
            ),
            reading="before the money of the round of October 2024",
        ),
        of_row(
            "model_margin",
            "inputs",
            "Half of 200 is left after the 100 it cost.",
            digit=1,
            formula=margin_percent,
            inputs=(
                claimed("revenue_usd_bn", "venture_2023_revenue"),
                claimed("cost_usd_bn", "venture_2023_cost"),
            ),
        ),
        of_row(
            "anthropic_growth",
            "inputs",
            "9.3 times a year from its own first to its last figure: 8 stands where 10 would.",
            digit=1,
            formula=yearly_factor,
            inputs=(
                claimed("first", "anthropic_arr_2022"),
                claimed("last", "anthropic_arr_2025"),
                stated("years", 3, "years", f"{_ESSAY}: 2022 to 2025", (2, 4)),
            ),
        ),
        of_row(
            "openai_growth",
            "data",
            "Twelve times 0.3 over the run rate of March 2023 (0.2): eighteen times as much.",
            digit=100,
            formula=grown_percent,
            inputs=(
                claimed("month_usd_bn", "openai_month_revenue"),
                printed("run_rate_usd_bn_per_year", run_rate, "OpenAI", "2023-03-01"),
            ),
        ),
    )
