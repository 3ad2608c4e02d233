"""Every input of a decision: unit, default, range, and where the default comes from.

A default is a sourced figure, or a judgement with its reason. The quality gap and the SLA have none: they are the
user's to state. Ranges are what the tornado moves over; they do not limit what may be entered.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from supercycle.core import ownership
from supercycle.decisions.inputs import quotes
from supercycle.decisions.inputs.hardware import gpu
from supercycle.decisions.inputs.quotes import Quote

__all__ = ["DEFLATORS", "ITEMS", "REQUIRED", "Item"]

REQUIRED = object()
DEFLATORS = ("same_model", "constant_quality", "cheapest")
_COLO = "US primary markets avg asking"


@dataclass(frozen=True, slots=True)
class Item:
    """One input at ``section.name``. ``default`` is a number, a word, None (not used unless given) or REQUIRED.

    ``quote`` makes the default from the GPU's name instead. ``choices`` limits a word. ``least`` and ``most`` are
    what is possible at all.
    """

    path: str
    unit: str
    meaning: str
    default: object = None
    low: float | None = None
    high: float | None = None
    evidence: str = "judgement"
    source: str = ""
    quote: Callable[[str], Quote] | None = None
    choices: tuple[str, ...] = ()
    least: float = 0.0
    most: float = float("inf")
    word: bool = False

    @property
    def wordy(self) -> bool:
        """Whether its value is a word."""
        return self.word or isinstance(self.default, str) or bool(self.choices)


def _judged(
    path: str, unit: str, low: float, mid: float, high: float, meaning: str, reason: str, **more: float
) -> Item:
    return Item(path, unit, meaning, mid, low, high, "judgement", reason, **more)  # pyright: ignore[reportArgumentType]


def _published(
    path: str, unit: str, low: float, mid: float, high: float, meaning: str, source: str, **more: float
) -> Item:
    return Item(path, unit, meaning, mid, low, high, "published", source, **more)  # pyright: ignore[reportArgumentType]


def _share(path: str, low: float, mid: float, high: float, meaning: str, reason: str) -> Item:
    return Item(path, "1", meaning, mid, low, high, "judgement", reason, most=1.0)


def _owned(id: str, path: str) -> Item:
    """An input that the gateway shares: its default stands in core.ownership."""
    param = ownership.ASSUMPTIONS[id]
    return Item(path, param.unit, param.meaning, param.default, param.low, param.high, param.evidence,
                param.source if param.evidence != "judgement" else param.reason,
                least=1.0 if id == "pue" else 0.0,
                        most=1.0 if param.unit == "1" and id != "pue" else float("inf"))  # fmt: skip


def _server_kw(name: str) -> Quote:
    part = gpu(name)
    why = "maximum of an eight-GPU server over its GPUs (figures buyers:system_power_max)" if part.fitted else \
        "judgement: TDP at the H100 server's ratio of maximum to TDP"  # fmt: skip
    return Quote(part.server_kw, "kW_it", why, None, "B", "published" if part.fitted else "judgement",
                 0.8 * part.server_kw, part.server_kw, "other")  # fmt: skip


ITEMS: dict[str, Item] = {
    item.path: item
    for item in (
        _judged("workload.growth_per_year", "1/year", 0.0, 0.42, 1.7,
                "median growth of the load in a year: 0.42 is 42 %",
                "market tokens grow 4-7x a year, users 1.2-1.6x (figures demand): a running product is nearer "
                "its users", least=-0.99, most=9.0),
        _judged("workload.growth_sd", "1/year", 0.1, 0.25, 0.5,
                "uncertainty of that growth (sd of the yearly log rate)",
                "own forecasts of usage miss by a quarter to a half a year ahead", most=2.0),
        _judged("workload.monthly_sd", "1/month", 0.0, 0.05, 0.15, "month-to-month noise of the load (sd of log)",
                "a twentieth on monthly totals of a steady product", most=1.0),
        _share("workload.deferrable_share", 0.0, 0.0, 0.5, "share of the load that can wait for a quiet hour",
               "0 unless stated: nobody else can promise it"),
        _judged("workload.burst_ratio", "1", 1.1, 1.3, 2.0, "busiest minutes of an hour over its mean",
                "hourly meters hide bursts; large products are smooth, small ones are not", least=1.0, most=10.0),
        _share("workload.movable_share", 0.5, 1.0, 1.0, "share of the load that may leave its API",
                "all, unless stated"),
        Item("sla.tokens_per_s_user", "tok/s", "output tokens a second each user must get", REQUIRED),
        Item("sla.ttft_p95_s", "s", "seconds to the first token, 95th percentile", REQUIRED),
        _share("sla.availability", 0.99, 0.999, 0.9999, "share of time enough GPUs are up",
                "three nines, as APIs promise"),
        Item("sla.spare", "", "what serves while one's own servers are down: the plan's top tier, or spare servers",
                "overflow", choices=("overflow", "servers"),
                source="an API or a rented GPU is there by the minute; a spare server costs all year"),
        Item("model.open_weights", "", "open-weights model that would serve the load", "gpt-oss-120b",
                source="the example's"),
        Item("model.precision", "", "precision it is served at", "fp8", choices=("bf16", "fp8", "fp4"),
                source="common practice"),
        Item("model.accepted_quality_gap", "Arena points",
                "quality given up that the owner of the product accepts", REQUIRED,
             least=0.0, most=1000.0),
        _judged("model.api_accepted_share", "1", 0.5, 1.0, 1.0, "share of answers that are accepted (after rework)",
                "1 counts every answer; measure it on your own tasks", least=0.001, most=1.0),
        Item("model.quality_gap", "Arena points",
                "quality that the open model gives up against the models in use, as measured on one's own tasks; "
                "without it, Arena ratings decide", least=-500.0, most=1000.0),
        _share("model.rework_share", 0.0, 0.05, 0.2,
                "share of the work the open model fails and the API does again",
               "moving models is never free; measure it on one's own tasks"),
        _judged("model.output_ratio", "1", 0.7, 1.0, 1.5,
                "output tokens of the open model over those of the API model",
                "reasoning models differ by several times; measure it", least=0.01, most=100.0),
        Item("routing.easy_share", "1",
                "share of the load that is easy and tried by a small model first; without it nothing is routed",
                most=1.0),
        Item("routing.pass_rate", "1",
                "share of the easy work whose answer by the small model passes the check; the rest is done again with "
                "the hard work", most=1.0),
        Item("routing.model", "", "the small model that the easy work is tried on", word=True),
        Item("routing.gpu", "", "the GPU that the small model is served on; the other model's unless named", word=True),
        Item("routing.on_demand_usd_per_gpu_hour", "USD/GPU/h", "price of that GPU on demand, instead of the figures'",
                least=0.01, most=1000.0),
        Item("routing.capital_usd_per_gpu", "USD", "server and network of that GPU, instead of the figures'"),
        Item("routing.precision", "", "the small model's precision; the other model's unless named",
             choices=("bf16", "fp8", "fp4")),
        _judged("routing.check_usd_per_1000_requests", "USD", 0.0, 0.0, 1.0, "cost of checking a thousand easy answers",
                "0: a schema or a test checks for nothing; where a model is the judge, give its price"),
        Item("second.gpu", "", "a second kind of GPU for the same model in one plan; none unless named", word=True),
        Item("second.precision", "", "the precision on it; the first kind's unless named",
             choices=("bf16", "fp8", "fp4")),
        Item("second.on_demand_usd_per_gpu_hour", "USD/GPU/h", "price of that GPU on demand, instead of the figures'",
                least=0.01, most=1000.0),
        Item("second.capital_usd_per_gpu", "USD", "server and network of that GPU, instead of the figures'"),
        Item("seats.users", "1", "people who would get a seat of a plan; without them there is no such way", most=1e7),
        Item("seats.usd_per_month", "USD/month", "price of a seat", most=1e5),
        Item("seats.covered_share", "1",
                "share of the load inside the plan's limits; the rest is paid at the API in use", most=1.0),
        Item("performance.output_tok_s_gpu", "tok/s",
                "measured output tokens/s per GPU at the SLA, through one's own gateway", least=1e-3, most=1e6),
        Item("performance.measured_gpus", "GPU", "GPUs of one replica of that measurement", least=1, most=72),
        Item("performance.measured_concurrency", "1", "requests in flight in one replica of that measurement",
                least=1, most=10_000),
        _share("performance.achieved_share", 0.4, 0.7, 1.0,
                "achieved over benchmark throughput; not applied to a measured rate",
               "benchmarks send equal requests without pause; real lengths vary and caches are cold"),
        _share("performance.allocated_share", 0.9, 0.97, 1.0,
                "share of hours that owned or reserved GPUs are in service",
               "upgrades and tests take a day a month"),
        Item("performance.sd_log", "1", "sd of the log error of throughput, if known"),
        Item("hardware.gpu", "", "the GPU", "H100", source="the part with the most public prices"),
        Item("hardware.capital_usd_per_gpu", "USD", "server and network over its GPUs", quote=quotes.gpu_capital),
        Item("hardware.server_kw", "kW_it", "maximum power of the server over its GPUs", quote=_server_kw),
        _judged("hardware.life_years", "year", 3, 5, 6, "years a GPU is kept",
                "books use 5-6, frontier users 2-3", least=1, most=10),
        _judged("hardware.book_life_years", "year", 4, 5, 6, "life in the books",
                "figures buyers:useful_life_servers: 5 (Amazon) to 6 (Microsoft, Alphabet)", least=1),
        Item("hardware.gpus_per_server", "GPU", "GPUs bought or reserved at a time", low=1, high=72,
             quote=lambda name: Quote(float(gpu(name).sold_in), "GPU", "servers hold eight, NVL72 racks seventy-two",
                                      None, "B", "published", 1, 72), least=1, most=576),
        _published("hardware.failures_per_gpu_year", "1/year", 0.061, 0.091, 0.15,
                "interruptions of a GPU in a year",
                   "figures buyers:gpu_annualised_failure_rate: 6.1 % GPU and 3.0 % HBM in the Llama 3 run"),
        _judged("hardware.repair_days", "day", 0.5, 2.0, 7.0, "days a server is out after an interruption",
                "a reboot takes minutes, a part a week; most interruptions are not replacements"),
        _judged("hardware.price_decline_per_year", "1/year", 0.0, 0.15, 0.35,
                "log decline of this part's purchase price",
                "H100: 34,641 (2023) to 23,238 (2025) USD, then 30,000 street (2026)", least=-1.0),
        _published("hardware.newest_decline_per_year", "1/year", 0.25, 0.33, 0.40,
                "log decline of price per FLOP of the newest part",
                   "priors, block 6: 37-41 % a year in three statements", least=-1.0),
        _judged("hardware.rent_decay_per_year", "1/year", 0.1, 0.25, 0.5,
                "log decline of an old part's rent beyond the horizon",
                "resale falls 0.40-0.47 a year (priors), rents less"),
        _share("hardware.residual_used_share", 0.4, 0.6, 0.8, "share of hours a second-hand GPU is rented out",
               "below the 0.7 of a debt-financed fleet"),
        _share("hardware.residual_rent_ratio", 0.5, 0.7, 1.0, "rent of a second-hand GPU over a new one's on demand",
               "second-hand GPUs are rented by the year: one-year contracts were 0.61-0.80 of the index"),
        _share("hardware.selling_cost_share", 0.05, 0.15, 0.4, "broker, freight and haste when sold",
               "fire sales cost 9-20 % of aircraft (priors, block 13)"),
        _owned("idle_power_share", "hardware.idle_power_share"),
        _owned("busy_power_share", "hardware.busy_power_share"),
        _owned("upkeep_share_per_year", "hardware.upkeep_share_per_year"),
        _owned("pue", "site.pue"),
        Item("site.electricity_usd_per_kwh", "USD/kWh", "delivered price of electricity", low=0.05, high=0.17,
             quote=lambda _: quotes.electricity()),
        Item("site.colocation_usd_per_kw_month", "USD/kW_it/month", "rent of a kW of IT power, energy apart",
                low=130.0, high=220.0,
             quote=lambda _: quotes.figure_quote("colo_rate_250_500kW", _COLO, "USD/kW_it/month", "site")),
        _published("site.own_usd_per_kw", "USD/kW_it", 9300.0, 11700.0, 15000.0,
                "building one's own site, per kW of IT power",
                   "priors, block 5: 9.3-15.0, mean 11.7 USD m per MW (Cushman & Wakefield), without the IT"),
        _judged("site.own_life_years", "year", 10, 15, 20, "life of the site",
                "shells 20-30 years, plant 12-15", least=1),
        _share("site.own_upkeep_share", 0.02, 0.04, 0.08, "yearly cost of running the site over its capital",
               "facilities staff, maintenance, tax and insurance"),
        _judged("site.carbon_kg_per_kwh", "kg/kWh", 0.05, 0.37, 0.6, "carbon of a kWh at the socket",
                "US grid average, remembered"),
        _judged("people.owned_engineers", "FTE", 0.5, 1.0, 2.0, "engineers that owning takes at least",
                "someone is on call"),
        _judged("people.rented_engineers", "FTE", 0.25, 0.5, 1.0,
                "engineers that serving on rented GPUs takes at least",
                "serving software remains, hardware does not"),
        _judged("people.gpus_per_engineer", "GPU", 40, 80, 300, "GPUs an engineer looks after",
                "core.ownership's rule", least=1),
        _judged("people.usd_per_engineer_year", "USD/year", 120e3, 200e3, 300e3, "cost of an engineer",
                "US, loaded"),
        Item("rental.on_demand_usd_per_gpu_hour", "USD/GPU/h", "on-demand price of a GPU-hour today",
                quote=quotes.rental_on_demand),
        Item("rental.spot_usd_per_gpu_hour", "USD/GPU/h",
                "spot price of a GPU-hour at a named provider; without a quote, spot is no option", most=1000.0),
        _share("rental.spot_available_share", 0.5, 0.8, 0.98, "share of hours in which spot can be had",
                "no public series of availability; the rest is hired on demand"),
        _judged("rental.spot_interruptions_per_day", "1/day", 0.2, 1.0, 6.0,
                "times a day that a spot GPU is taken away",
                "providers print none; 30 s to 2 min of notice (figures hardware: spot_eviction_notice)", most=96.0),
        Item("rental.reserved_1y_ratio", "1",
                "one-year price over on-demand, of one provider and day; without it one year is no option",
                low=0.5, high=0.9, least=0.05, most=1.0),
        Item("rental.reserved_3y_ratio", "1",
                "three-year price over on-demand, of one provider and day; without it three years are no option",
                low=0.35, high=0.8, least=0.05, most=1.0),
        Item("rental.reserved_1y_usd_per_gpu_hour", "USD/GPU/h", "the one-year price itself, instead of its ratio",
                least=0.01, most=1000.0),
        Item("rental.reserved_3y_usd_per_gpu_hour", "USD/GPU/h", "the three-year price itself, instead of its ratio",
                least=0.01, most=1000.0),
        Item("rental.savings_1y_ratio", "1",
                "price of an hour under a one-year savings plan over on demand, of one provider and day; without it "
                "a plan is no option", low=0.6, high=0.95, least=0.05, most=1.0),
        Item("rental.savings_3y_ratio", "1",
                "price of an hour under a three-year savings plan over on demand, of one provider and day",
                low=0.45, high=0.9, least=0.05, most=1.0),
        Item("rental.block_usd_per_gpu_hour", "USD/GPU/h",
                "price of a GPU-hour in a capacity block (servers for whole days, paid in full); without a quote "
                "blocks are no option", least=0.01, most=1000.0),
        _judged("rental.block_days", "day", 1, 1, 14, "days of one capacity block, all of them paid",
                "figures hardware: blocks are sold from one day on, up to 182 days", least=1, most=182),
        _judged("rental.hidden_share", "1", 0.05, 0.15, 0.5, "storage, egress and management over the GPU's rent",
                "figures buyers:hidden_cost_uplift 0.3-0.5 counts training data; serving moves text", most=2.0),
        _judged("rental.start_stop_minutes", "min", 5, 30, 90,
                "minutes paid each time an on-demand replica is started, before it serves and after it stops",
                "booting and loading weights takes 5-20 minutes; scaling in waits as long", most=720.0),
        _share("rental.least_replicas", 0.0, 0.0, 1.0,
                "replicas that renting on demand never goes below: 0 scales to zero, 1 is always on",
                "0: a shape with quiet hours stops paying in them; an unplanned first request then waits for a start"),
        Item("api.deflator", "", "how API prices fall", "same_model", choices=DEFLATORS,
                source="one keeps calling the same model"),
        Item("api.fall_per_year", "1/year",
             "your own expectation of the yearly fall of API prices (0.3 is 30 %), in place of the deflator",
             low=0.0, high=0.6, least=-1.0, most=0.99),
        _share("api.batch_discount", 0.5, 0.5, 0.5, "discount of batch and off-peak rates on deferrable work",
               "batch rates of the large APIs are half (genai-prices)"),
        _published("api.floor_usd_per_mtok", "USD/Mtok", 0.02, 0.05, 0.2,
                "blended price below which APIs do not fall",
                   "figures: cheapest price at a fixed rating, flat at 0.02-0.05 (any host) to 0.05-0.2 (first "
                   "party)"),
        Item("api.host", "", "API host of the open model, instead of the cheapest list; none where work may not go",
             word=True),
        _share("api.flex_share", 0.0, 0.0, 0.5,
               "share of the load sent at the API's slow processing, which may be refused",
               "0 unless stated: the answer comes late, and a refusal is asked again"),
        _share("api.flex_discount", 0.5, 0.5, 0.5, "discount of that processing",
               "half at the two makers that offer it (OpenAI, Gemini)"),
        _share("api.host_batch_discount", 0.0, 0.0, 0.5, "discount of the host on deferrable work",
               "0: hosts' lists show no batch rate beside the plain one; few offer any"),
        Item("api.input_usd_per_mtok", "USD/Mtok", "own contract price of input tokens, instead of list prices"),
        Item("api.cached_usd_per_mtok", "USD/Mtok", "own contract price of cached input"),
        Item("api.output_usd_per_mtok", "USD/Mtok", "own contract price of output tokens"),
        _judged("prices.mean_reversion_per_year", "1/year", 0.6, 1.2, 2.4, "speed at which scarcity fades",
                "2025 low to 2026 rebound: half a year up, half-life about seven months"),
        _judged("prices.sd_per_year", "1", 0.15, 0.25, 0.40,
                "volatility of one's own quote around the world's price",
                "rents move 15-20 % a quarter in both directions (priors, block 9), part of it the world's"),
        _judged("prices.jumps_per_year", "1/year", 0.5, 0.8, 1.0, "new generations a year",
                "a new flagship every 12-18 months"),
        _judged("prices.jump_log", "1", -0.15, -0.06, 0.0, "log move of an old part's rent when one arrives",
                "its mean is in the world's price already, so jumps only add spread", least=-1.0),
        _judged("prices.jump_sd", "1", 0.02, 0.06, 0.15, "sd of that move", "judged with the mean"),
        _share("prices.own_gain_share", 0.4, 0.8, 1.0,
                "share of efficiency behind API price falls that one's own servers get",
               "open weights and engines follow by 3.5 months (priors, finding 10); switching takes work"),
        _share("prices.hardware_pass", 0.2, 0.5, 1.0, "share of a move in rents that purchase prices follow",
               "street prices rose with rents in 2026, less"),
        _judged("finance.discount_rate_per_year", "1/year", 0.07, 0.10, 0.15,
                "after-tax cost of capital, for every option",
                "one rate for all: the options differ in cost, not in who bears the demand risk", most=0.6),
        _share("finance.tax_rate", 0.0, 0.25, 0.3, "tax on income, federal and state",
                "21 % federal and 4-5 % state net"),
        Item("finance.depreciation", "", "tax depreciation", "bonus", choices=("bonus", "macrs", "straight_line"),
             source="100 % for US property acquired after 19 January 2025 (Public Law 119-21)",
                     evidence="published"),
        Item("finance.taxable_income_usd_per_year", "USD/year",
                "other income that losses can be set against; enough, if not given"),
        _judged("finance.debt_rate_per_year", "1/year", 0.05, 0.08, 0.14,
                "borrowing rate, for the lease comparison only",
                "investment grade 5-6 %, GPU loans 11-14 %", most=0.6),
        _judged("finance.lease_rent_share", "1/year", 0.20, 0.229, 0.30,
                "yearly lease rent over capital, in advance, for the life in the books",
                "returns a lessor about 11 % with a tenth left: see the return beside it", most=1.0),
        _share("risk.weight", 0.0, 0.0, 0.5, "weight of CVaR in the ranking; the mean has the rest",
                "0: rank by expected cost"),
        _share("risk.level", 0.9, 0.95, 0.99, "level of CVaR", "Rockafellar and Uryasev's usual"),
    )
}  # fmt: skip
