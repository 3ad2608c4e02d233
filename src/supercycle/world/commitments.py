"""Commitments: what labs have promised to buy, by status, against what they do buy.

Opening amounts are sums of the deal graph (signed, and cancelable or announced). They fall due over the contracts' lives; what falls
due and is not bought is unmet: a supplier's backlog that never becomes cash. Only what is bought costs money in the books; a failed
lab's commitments vanish.
"""

from __future__ import annotations

from supercycle.equations.functions import positive
from supercycle.figures.network import committed_to, edges
from supercycle.world.frame import Block, judged, measured

__all__ = ["block"]

block = Block("commitments", "Commitments", "What labs have promised to buy against what they buy.")

_LABS = ("OpenAI", "Anthropic", "xAI")
_GRAPH = "sum of disclosed amounts, figures network"


def _promised(*statuses: str) -> float:
    """Labs' promises to buy compute, USD bn, of the given statuses."""
    return sum(e.amount_usd_bn or 0.0 for e in edges()
               if e.giver in _LABS and e.claim == "commitment" and e.status in statuses)


def _lab_part(supplier: str) -> float:
    """Largest single lab's part of what customers have signed to buy from a supplier."""
    signed = committed_to(supplier)
    return max(signed[lab] for lab in _LABS if lab in signed) / sum(signed.values())


measured(block, "lab_commitments_open", "Compute labs have signed to buy", "USD_bn", _promised("committed"), "undiscounted, committed", _GRAPH,
         low=0.8 * _promised("committed"), high=1.1 * _promised("committed"), distribution="triangular", evidence="published")
measured(block, "lab_intents_open", "Compute labs have announced or may leave", "USD_bn", _promised("cancelable", "announced"),
         "undiscounted; information, not in the equations", _GRAPH, evidence="published")
measured(block, "neocloud_lab_contracts", "Part of neoclouds' contracts that rests on one lab", "1", _lab_part("CoreWeave"), "share of contracts",
         "OpenAI's part of what CoreWeave's customers have signed, figures network", low=0.25, high=0.6, distribution="triangular",
         evidence="published")
judged(block, "commitment_life_q", "Mean time until a commitment falls due", "q", 18.0, 12.0, 26.0, "triangular", "quarters",
       "five years (Oracle, Google), seven (Amazon), ten (Amazon with Anthropic), spread over the life and growing")
judged(block, "commitment_growth", "Growth of what falls due inside the opening stock, per stage", "1", 0.35, 0.2, 0.5, "triangular",
       "log ratio between neighbouring stages, later ones smaller", "capacity ramps: 4.5 GW over five years starts with 1-2 GW")


block.pipeline("commitments", inflow="commitments_signed_usd_bn", lead="commitment_life_q", unit="USD_bn", flow_unit="USD_bn/q", stages=3,
               meaning="compute that labs have signed to buy",
               opening="lab_commitments_open * exp(-commitment_growth * position) * (1 - exp(-commitment_growth))"
               " / (1 - exp(-commitment_growth * commitments_stages))")


@block.equation("USD_bn/q", label="Commitments signed by labs")
def commitments_signed_usd_bn(training_wanted, lab_inference_usd_bn, commitments_total_prev, commitment_life_q, lab_failed_share):
    """Labs renew what they expect to use: today's wanted compute over the life, where the stock is smaller."""
    wanted = (training_wanted + lab_inference_usd_bn) * commitment_life_q
    return positive(wanted - commitments_total_prev) / commitment_life_q * (1 - lab_failed_share)


@block.equation("USD_bn/q", label="Labs' commitments falling due", report=True)
def commitments_due_usd_bn(commitments_due, lab_failed_share):
    """What the contracts ask for in the quarter; a failed lab's part is void."""
    return commitments_due * (1 - lab_failed_share)


@block.equation("USD_bn/q", label="Labs' commitments falling due and not bought", report=True)
def commitments_unmet_usd_bn(commitments_due_usd_bn, lab_compute_usd_bn):
    """Announced demand that funding and use do not carry: the suppliers' backlog is not cash."""
    return positive(commitments_due_usd_bn - lab_compute_usd_bn)
