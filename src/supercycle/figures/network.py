"""Who is exposed to whom: the deal graph as typed exposures, each with what is claimed and how firm it is.

A row of network.csv says ``from`` gave, promised or owes something ``to``. Its kind decides the claim (equity,
debt, commitment
to buy, lease, guarantee) and the status: funded (cash has moved), committed (signed), cancelable (may be left
at short notice or
waits for a milestone), announced (intent). Values of stakes and mergers are no exposure. Where a row gives the
total of earlier
rows between the same two names, only the total counts; intents that a later deal replaced are marked so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from supercycle.core.errors import FigureError, UnknownNameError
from supercycle.figures.load import Figure, figures, parse_table

__all__ = ["CLAIMS", "STATUSES", "Edge", "committed_to", "edges", "node", "nodes", "parse_network"]

CLAIMS = ("equity", "debt", "commitment", "lease", "guarantee")
STATUSES = ("funded", "committed", "cancelable", "announced")

# kind -> (claim, status); None: a valuation, not an exposure
KINDS: dict[str, tuple[str, str] | None] = {
    "equity_investment": ("equity", "funded"),
    "equity_investment_cumulative": ("equity", "funded"),
    "equity_commitment_total": ("equity", "funded"),
    "equity_80pct": ("equity", "funded"),
    "equity_carrying_value": ("equity", "funded"),
    "equity_investment_commitment": ("equity", "cancelable"),
    "equity_investment_intent": ("equity", "announced"),
    "warrant_160m_shares": ("equity", "cancelable"),
    "jv_intent": ("equity", "announced"),
    "debt": ("debt", "funded"),
    "bridge_loan": ("debt", "funded"),
    "vendor_financing": ("debt", "funded"),
    "margin_loan_sought": ("debt", "announced"),
    "cloud_commitment": ("commitment", "committed"),
    "compute_purchase": ("commitment", "committed"),
    "tpu_capacity": ("commitment", "committed"),
    "datacentre_programme": ("commitment", "announced"),
    "compute_lease_per_year": ("commitment", "cancelable"),
    "hardware_purchase": ("commitment", "committed"),
    "hardware_purchase_loi": ("commitment", "announced"),
    "hardware_revenue_estimate": ("commitment", "announced"),
    "lease": ("lease", "committed"),
    "leases_not_commenced": ("lease", "committed"),
    "lease_back": ("lease", "committed"),
    "chip_lease_spv": ("lease", "committed"),
    "backstop": ("guarantee", "committed"),
    "capacity_backstop": ("guarantee", "committed"),
    "guarantee_max_exposure": ("guarantee", "committed"),
    "residual_value_guarantee": ("guarantee", "committed"),
    "equity_stake_value": None,
    "merger_value": None,
}
TOTALS = frozenset(
    {"equity_investment_cumulative", "equity_commitment_total"}
)  # hold the earlier rows of the pair
REPLACED = frozenset(
    {("NVIDIA", "OpenAI", "equity_investment_intent")}
)  # superseded by the 30 bn of February 2026


@dataclass(frozen=True, slots=True)
class Edge:
    """One exposure: ``giver`` holds, owes or guarantees ``amount_usd_bn`` (None: not disclosed) in respect of
    ``taker``.
    """

    giver: str
    taker: str
    claim: str
    status: str
    amount_usd_bn: float | None
    period: str
    tier: str
    kind: str
    where: str
    note: str


def parse_network(text: str) -> tuple[Edge, ...]:
    """Read network.csv; refuses an unknown kind and an amount that is no number, with the line."""
    return _edges(parse_table("network", text))


def _edges(rows: Sequence[Figure]) -> tuple[Edge, ...]:
    pairs = {row: tuple(row.entity.split(" -> ")) for row in rows}
    totals = {pairs[row]: row.period.printed for row in rows if row.series in TOTALS}
    out: list[Edge] = []
    for row, pair in pairs.items():
        kind = row.series
        if kind not in KINDS:
            raise UnknownNameError("kind of exposure", kind, KINDS, where=row.where)
        if len(pair) != 2:
            raise FigureError("entity", expected="giver -> taker", got=repr(row.entity), where=row.where)
        if row.text and row.value is None:
            raise FigureError(
                "amount_usd_bn", expected="a number or nothing", got=repr(row.text), where=row.where
            )
        meaning = KINDS[kind]
        inside = kind == "equity_investment" and row.period.printed <= totals.get(pair, "")
        if meaning is None or inside or (*pair, kind) in REPLACED:
            continue
        giver, taker = pair
        out.append(
            Edge(giver, taker, *meaning, row.value, row.period.printed, row.tier, kind, row.where, row.note)
        )
    return tuple(out)


@cache
def edges() -> tuple[Edge, ...]:
    """Every exposure of the shipped table."""
    return _edges(figures("network"))


def nodes(among: Iterable[Edge] | None = None) -> tuple[str, ...]:
    """Every name in the graph, the most connected first."""
    counted: dict[str, int] = {}
    for edge in edges() if among is None else among:
        for name in (edge.giver, edge.taker):
            counted[name] = counted.get(name, 0) + 1
    return tuple(sorted(counted, key=lambda name: (-counted[name], name)))


def node(name: str) -> str:
    """The name as the table spells it, whatever its capitals; UnknownNameError suggests the nearest.

    >>> node("openai")
    'OpenAI'
    """
    known = {n.lower(): n for n in nodes()}
    if name.lower() not in known:
        raise UnknownNameError("node", name, nodes())
    return known[name.lower()]


def committed_to(supplier: str) -> dict[str, float]:
    """What each customer has signed to buy from a supplier, disclosed amounts only, USD bn.

    >>> round(committed_to("CoreWeave")["OpenAI"], 1)
    22.4
    """
    out: dict[str, float] = {}
    for edge in edges():
        if (
            edge.taker == supplier
            and edge.claim == "commitment"
            and edge.status == "committed"
            and edge.amount_usd_bn
        ):
            out[edge.giver] = out.get(edge.giver, 0.0) + edge.amount_usd_bn
    return out
