"""The answer in one sentence: what to buy now, for how much, where the rest goes, and when to look again."""

from __future__ import annotations

from supercycle.decisions.choice.evaluate import Evaluated, Measures
from supercycle.decisions.choice.kinds import KINDS
from supercycle.decisions.choice.plan import API, HOST, RENT, SPOT, Plan, plan_costs
from supercycle.decisions.choice.routing import ROUTED
from supercycle.decisions.choice.seats import SEATS
from supercycle.decisions.choice.setting import Setting
from supercycle.decisions.choice.waiting import Waiting
from supercycle.decisions.money.costs import Costs

__all__ = ["headline", "holding", "load_words", "tiers", "usd"]

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def headline(found: Evaluated, waits: Waiting | None) -> str:
    """What to do, what it costs against the API in use, and when to look again."""
    best, place = found.best, found.place
    others = [m for m in found.ranking if m.name != best.name]
    parts = [f"{holding(found, best)}."]
    parts.append(
        f"That costs {usd(best.mean)} after tax over {place.case.years} years "
        f"({usd(best.p10)} to {usd(best.p90)}), {best.levelised_usd_per_mtok:.3g} USD per Mtok"
        f"{_against(found, best, others)}."
    )
    parts.append(_review(found, waits))
    if best.name == API and found.gate.reason:
        parts.append(f"Open weights are not recommended: {found.gate.reason}.")
    said = " ".join(part for part in parts if part)
    return f"EXAMPLE LOAD, nobody's traffic: {said}" if place.load.example else said


def holding(found: Evaluated, best: Measures) -> str:
    """The plan in words, with GPUs, servers and money of the first year."""
    pair = found.routed
    if best.name == ROUTED and pair is not None:
        small = _held(pair.small, pair.small_plan, plan_costs(pair.small, pair.small_plan))
        rest = _held(pair.hard, pair.plan, plan_costs(pair.hard, pair.plan))
        return (
            f"Try the easy {100 * pair.easy_share:.0f} % on the small model ({100 * pair.pass_rate:.0f} % of it passes)"
            f": {_lower(small)}. All else: {_lower(rest)}"
        )
    two = found.kinds
    if best.name == KINDS and two is not None:
        alone = _held(two.second, two.second_plan, plan_costs(two.second, two.second_plan))
        if two.first is None:
            return alone
        fleets = [_held(two.first, two.plan, plan_costs(two.first, two.plan)), alone]
        low, high = fleets if two.below == "first" else reversed(fleets)
        return f"Below {100 * two.cut:.0f} % of the busiest hour: {_lower(low)}. Above it: {_lower(high)}"
    costs = found.options[best.name]
    if best.name == SEATS:
        inside = 100 * costs.choice["covered share"]
        rest = (
            "" if inside == 100 else f", and pay the other {100 - inside:.0f} % of the load at the API in use"
        )
        return f"Buy {costs.choice['seats']:,.0f} seats of the plan{rest}"
    return _held(found.place, found.plans[best.name], costs)


def _lower(words: str) -> str:
    return words[:1].lower() + words[1:]


def _held(place: Setting, plan: Plan, costs: Costs) -> str:
    case, machine = place.case, place.machines[plan.machine]
    part, model = place.ready.part.name, case.word("model.open_weights")
    rest = _top_words(place, plan.top)
    if plan.reach == 0:
        return {
            API: f"Keep calling the API in use ({_models(place)})",
            HOST: f"Call {model} at {_host(place)}",
            RENT: f"Rent {part} by the hour for {model} and stop paying when nobody asks",
            SPOT: f"Rent {part} on spot for {model}",
        }[plan.top]
    said: list[str] = []
    owned = costs.choice["owned GPUs"]
    if plan.own > 0:
        capital = float(costs.capital[0].mean())
        servers = round(owned / machine.gpus_per_server)
        where = "on your own site" if plan.site else "in colocation"
        noun = "server" if servers == 1 else "servers"
        said.append(f"Buy {owned:.0f} {part} now for {usd(capital)} ({_count(servers)} {noun} {where})")
    for key, words in (
        ("reserved GPUs, three years", "for three years"), ("reserved GPUs, one year", "for one year"),
    ):  # fmt: skip
        gpus = costs.choice[key]
        if gpus >= 0.5:
            said.append(f"{'reserve' if said else 'Reserve'} {gpus:.0f} {part} {words}")
    days = int(case.number("rental.block_days"))
    saved = costs.choice["GPUs under a savings plan"]
    if plan.blocks > plan.one_year:
        gpus = costs.choice["GPUs that blocks reach to"]
        said.append(
            f"{'take' if said else 'Take'} capacity blocks of {_count(days)} {'day' if days == 1 else 'days'} up to "
            f"{gpus:.0f} {part} on the days that need them"
        )
    if saved >= 0.5:
        said.append(
            f"{'sign' if said else 'Sign'} a savings plan for {saved:.0f} {part} for "
            f"{'one year' if plan.savings_years == 1 else 'three years'}"
        )
    if not said:
        said.append(f"Hold no {part} yet")
    return f"{', '.join(said)}, serve {model} on them, and send the rest to {rest}"


def tiers(plan: Plan) -> str:
    """A plan in a few words, from the bottom: which tiers it has, and how high the committed ones reach.

    >>> tiers(Plan("on_demand", own=0.5, three_years=0.5, one_year=0.75))
    'own 50 % of the peak, one year to 75 %, the rest on demand'
    """
    top = {API: "at the API in use", HOST: "at a host", RENT: "on demand", SPOT: "on spot"}[plan.top]
    said: list[str] = []
    if plan.own > 0:
        said.append(f"own {100 * plan.own:.0f} % of the peak")
    if plan.three_years > plan.own:
        said.append(f"three years to {100 * plan.three_years:.0f} %")
    if plan.one_year > plan.three_years:
        said.append(f"one year to {100 * plan.one_year:.0f} %")
    if plan.blocks > plan.one_year:
        said.append(f"capacity blocks to {100 * plan.blocks:.0f} %")
    if plan.savings > max(plan.one_year, plan.blocks):
        said.append(f"a savings plan to {100 * plan.savings:.0f} %")
    return ", ".join([*said, f"the rest {top}"]) if said else f"all {top}"


def load_words(place: Setting) -> str:
    """The load in one line: how much, of what, from where."""
    load = place.load
    return (
        f"{load.mtok_per_month:,.0f} Mtok and {load.requests_per_month:,.0f} requests a month of {_models(place)} "
        f"({load.isl:,.0f} tokens in that no cache holds, {load.osl:,.0f} out a request), "
        f"{usd(load.api_usd_per_month)} a month at the API; source: {load.source or 'given in Python'}"
    )


def usd(amount: float) -> str:
    """USD with as many digits as a decision needs."""
    return f"{amount / 1e6:,.2f} USD m" if abs(amount) >= 1e5 else f"{amount:,.0f} USD"


def _models(place: Setting) -> str:
    return ", ".join(model for _, model, _ in place.load.models[:3])


def _host(place: Setting) -> str:
    price = place.ready.open_price
    return "an API host" if price is None else price.provider


def _top_words(place: Setting, top: str) -> str:
    return {
        API: f"the API in use ({_models(place)})",
        HOST: _host(place),
        RENT: "GPUs on demand",
        SPOT: "GPUs on spot",
    }[top]


def _count(servers: int) -> str:
    return _NUMBERS[servers] if servers < len(_NUMBERS) else str(servers)


def _against(found: Evaluated, best: Measures, others: list[Measures]) -> str:
    if best.name != API:
        api = next((m for m in others if m.name == API), None)
        if api is not None:
            return f" against {api.levelised_usd_per_mtok:.3g} at the API in use; it saves {usd(api.mean - best.mean)}"
    open_ = [m for m in others if not m.barred]
    return f"; {usd(open_[0].mean - best.mean)} less than {open_[0].label}" if open_ else ""


def _review(found: Evaluated, waits: Waiting | None) -> str:
    """When to look again, and the rent that would change the answer then."""
    if waits is None:
        return "Review in 12 months."
    more = waits.rule.value - max(waits.act_now.value, 0.0)
    words = {
        "act now": "Buying now is worth more than waiting",
        "wait": f"Waiting to buy is worth {usd(more)} more than deciding now",
        "do not buy": "Buying servers does not pay, now or later",
    }
    next_ = next((b for b in waits.boundary if b.year == 1), None)
    edge = ""
    if next_ is not None and next_.rent_usd_per_gpu_hour is not None:
        word = "rises above" if next_.status == "acts above" else "falls below"
        if found.best_plan.own > 0:
            word = "falls below" if word == "rises above" else "rises above"
        edge = f", or when rent {word} {next_.rent_usd_per_gpu_hour:.2f} USD a GPU-hour"
    return f"{words[waits.verdict]}; review in 12 months{edge}."
