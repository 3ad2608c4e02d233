"""API hosts of an open model: one host's list at a time, the same weights only.

A list is what one host charges for input, cached input and output together; medians over hosts, over models or over
their distillations are prices that nobody charges. The cheapest list for the load at hand is taken unless a host is
named, and the note says whose it is and how many others there are.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache

from supercycle.core.errors import UnknownNameError
from supercycle.decisions.inputs.quotes import ApiPrice
from supercycle.decisions.inputs.weights import Weights
from supercycle.figures.model_hosts import ModelHost, hosts_of, model_hosts

__all__ = ["NO_HOST", "HostList", "host_lists", "host_price"]

NO_HOST = "none"


@dataclass(frozen=True, slots=True)
class HostList:
    """One host's list for a model, USD per million tokens. A cache rate that is not listed is the input rate."""

    host: str
    model: str
    input: float
    cached: float | None
    output: float
    seen: date
    source: str

    def cost(self, uncached: float, cached: float, output: float) -> float:
        """USD of tokens at this list.

        >>> HostList("h", "m", 1.0, None, 2.0, date(2026, 11, 1), "s").cost(1e6, 1e6, 1e6)
        4.0
        """
        into = uncached * self.input + cached * (self.input if self.cached is None else self.cached)
        return (into + output * self.output) / 1e6


@cache
def host_lists(model: Weights) -> tuple[HostList, ...]:
    """Lists of hosts that serve these weights in the plain variant; resellers, replaced lists and outliers left out."""
    found: dict[str, HostList] = {}
    for name in (model.name, *model.aliases, f"{model.name}-instruct"):
        for row in hosts_of(name) if name in _listed() else ():
            one = _list(row)
            if one is not None and (one.host not in found or _better(one, found[one.host])):
                found[one.host] = one
    return tuple(sorted(found.values(), key=lambda one: one.host))


@cache
def _listed() -> frozenset[str]:
    return frozenset(row.model for row in model_hosts())


def _better(one: HostList, other: HostList) -> bool:
    """The newer reading of one host; of the same day the dearer, so that no answer rests on the luckier reading."""
    return (one.seen, one.input + one.output) > (other.seen, other.input + other.output)


def _list(row: ModelHost) -> HostList | None:
    into, out = row.input_usd_per_mtok, row.output_usd_per_mtok
    if row.standing != "current" or row.reseller or row.variant or row.weights != "open":
        return None
    if into is None or out is None or not into > 0 or not out > 0:
        return None  # free tiers and unpriced rows
    return HostList(
        row.host, row.model, into, row.cached_read_usd_per_mtok, out, row.known_from, row.source_title
    )


def host_price(
    model: Weights, host: str, uncached: float, cached: float, output: float
) -> tuple[ApiPrice | None, str]:
    """The list for a load of so many tokens: the named host's, else the cheapest; None when nobody lists the weights.

    The second value is a sentence for the notes. Errors: UnknownNameError for a host that lists no such model.
    """
    if host == NO_HOST:
        return None, "No API host of the open model is an option (api.host: none)."
    lists = host_lists(model)
    if host:
        named = [one for one in lists if one.host == host]
        if not named:
            raise UnknownNameError(f"host of {model.name}", host, [one.host for one in lists])
        chosen = named[0]
    elif not lists:
        return None, f"No API host in the figures lists {model.name}: that way is left out."
    else:
        chosen = min(lists, key=lambda one: one.cost(uncached, cached, output))
    costs = sorted(one.cost(uncached, cached, output) for one in lists)
    mine = chosen.cost(uncached, cached, output)
    middle = costs[len(costs) // 2]
    note = (
        f"Open weights at a host: {chosen.host}'s list of {chosen.model} ({chosen.input:g} in, {chosen.output:g} out "
        f"USD per Mtok, seen {chosen.seen.isoformat()}); of {len(lists)} hosts' lists the middle one costs "
        f"{middle / mine:.2f} times as much. api.host names another."
    )
    price = ApiPrice(
        chosen.host, chosen.model, chosen.input, chosen.output, chosen.cached, None, None,
        f"figures model_hosts: {chosen.source}", chosen.seen,
    )  # fmt: skip
    return price, note
