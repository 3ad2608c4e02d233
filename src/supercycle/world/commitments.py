"""Commitments: what labs have promised to buy, by status, against what they do buy.

Opening amounts are sums of the deal graph (signed, and cancelable or announced). They fall due over the contracts' lives; what falls
due and is not bought is unmet: a supplier's backlog that never becomes cash. Only what is bought costs money in the books; a failed
lab's commitments vanish.
"""

from __future__ import annotations

from supercycle.equations.functions import exp, positive, where
from supercycle.figures.network import committed_to, edges
from supercycle.world.frame import FIRM, Block, by_firm, judged, measured, zero

__all__ = ["block"]

block = Block("commitments", "Commitments", "What labs have promised to buy against what they buy.", mechanism="judged: promises fall due over contracts' lives; which of them bind is read from the deal graph")

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


# who the labs have signed with: the rows of the lab x firm matrix, as weights over the five

_FIVE = {"Google": "Alphabet"}  # names of the deal graph that differ


def _weights(labs: tuple[str, ...]) -> tuple[float, ...]:
    """Parts of the five in what these labs have signed or may leave, disclosed amounts, in the order of the firms."""
    signed = dict.fromkeys(FIRM.members, 0.0)
    for e in edges():
        firm = _FIVE.get(e.taker, e.taker)
        if e.giver in labs and e.claim == "commitment" and e.status in ("committed", "cancelable") and firm in signed:
            signed[firm] += e.amount_usd_bn or 0.0
    return tuple(amount / sum(signed.values()) for amount in signed.values())


by_firm(block, "largest_lab_weight", "Part of the largest lab's contracts with the five", "1", _weights(_LABS[:1]), "share", "OpenAI's signed amounts, figures network",
        evidence="published", spread=0.0)
by_firm(block, "other_labs_weight", "Part of other labs' contracts with the five", "1", _weights(_LABS[1:]), "share", "Anthropic's and xAI's signed amounts, figures network",
        evidence="published", spread=0.0)
by_firm(block, "largest_lab_backlog", "Part of the firm's signed sales that rests on the largest lab", "1", (0.37, 0.0, 0.10, 0.0, 0.47), "share",
        "OpenAI's signed amounts (figures network) over remaining obligations of 2026Q2 (figures companies:rpo): Microsoft 250 of 684, Oracle 300 of 638, Amazon 38 of about 364",
        evidence="published", spread=0.0)
by_firm(block, "firm_leases_signed", "Leases signed and not begun by the firm", "USD_bn", (329.1, 58.5, 96.4, 279.0, 261.0), "undiscounted",
        "figures companies:leases_not_yet_commenced and demand; Amazon the remainder (the rows behind leases_open)", evidence="published", spread=0.0)
judged(block, "contract_ramp_q", "Quarters until labs' purchases follow their contracts", "q", 6.0, 4.0, 9.0, "triangular", "mean time",
       "Oracle's 4.5 GW for OpenAI open between 2026 and 2028; until then the old suppliers deliver")
judged(block, "firm_relet_q", "Quarters until a firm has let a failed lab's halls to others", "q", 5.0, 3.0, 8.0, "triangular", "mean time",
       "halls built for one lab's cluster; two to four quarters in a tight market, eight to fourteen in a glut")


@block.initial("USD_bn", axis=FIRM)
def firm_leases_signed_open(firm_leases_signed):
    """Leases signed by the firm."""
    return firm_leases_signed


block.total("firm_leases_signed_all", of="firm_leases_signed_open", unit="USD_bn", meaning="leases signed by the five", opening=True)


@block.initial("1", axis=FIRM, label="Part of the firm in vehicles' rents")
def firm_lease_weight(firm_leases_signed, firm_leases_signed_all):
    """Rents are owed by who has signed the leases."""
    return firm_leases_signed / firm_leases_signed_all


@block.equation("1", label="Largest lab's part of labs' compute")
def largest_lab_share(lab_concentration, lab_failed_share):
    """Its part while it lives; none after it has failed."""
    return (lab_concentration - lab_failed_share) / (1 - lab_failed_share)


@block.equation("1", opening=zero("1"), label="Failed lab's halls let to others")
def lab_relet(lab_relet_prev, lab_failed_share_prev, firm_relet_q, one_quarter):
    """None in the quarter of the failure, all of them in the end."""
    return lab_relet_prev + (where(lab_failed_share_prev > 0, 1, 0) - lab_relet_prev) * one_quarter / firm_relet_q


@block.equation("1", axis=FIRM, opening="firm_build_weight", label="Part of the firm in the largest lab's compute")
def firm_largest_weight(firm_largest_weight_prev, largest_lab_weight, contract_ramp_q, one_quarter):
    """Moves from the opening's part to that of the contracts."""
    return firm_largest_weight_prev + (largest_lab_weight - firm_largest_weight_prev) * one_quarter / contract_ramp_q


@block.equation("1", axis=FIRM, opening="firm_build_weight", label="Part of the firm in other labs' compute")
def firm_others_weight(firm_others_weight_prev, other_labs_weight, contract_ramp_q, one_quarter):
    """Moves from the opening's part to that of the contracts."""
    return firm_others_weight_prev + (other_labs_weight - firm_others_weight_prev) * one_quarter / contract_ramp_q


@block.equation("1", axis=FIRM, opening="firm_build_weight", label="Part of the firm in labs' compute", report=True)
def firm_lab_weight(largest_lab_share, firm_largest_weight, firm_others_weight, lab_failed_share, lab_relet):
    """By the contracts of the labs that live; the halls of a failed lab stand empty until the others rent them."""
    relet = lab_failed_share * lab_relet
    others = (1 - relet) * firm_others_weight + relet * firm_largest_weight
    return largest_lab_share * firm_largest_weight + (1 - largest_lab_share) * others


block.pipeline("commitments", inflow="commitments_signed_usd_bn", lead="commitment_life_q", unit="USD_bn", flow_unit="USD_bn/q", stages=3,
               meaning="compute that labs have signed to buy",
               opening=lambda lab_commitments_open, commitments_stages, position, commitment_growth: (
        lab_commitments_open * exp(-commitment_growth * position) * (1 - exp(-commitment_growth)) / (1 - exp(-commitment_growth * commitments_stages))))


@block.equation("USD_bn/q", label="Commitments signed by labs")
def commitments_signed_usd_bn(training_usd_bn, lab_inference_usd_bn, commitments_total_prev, commitment_life_q, lab_failed_share):
    """Labs renew what they expect to use: today's compute, as far as it is funded, over the life, where the stock is smaller."""
    wanted = (training_usd_bn + lab_inference_usd_bn) * commitment_life_q
    return positive(wanted - commitments_total_prev) / commitment_life_q * (1 - lab_failed_share)


@block.equation("USD_bn/q", label="Labs' commitments falling due", report=True)
def commitments_due_usd_bn(commitments_due, lab_failed_share):
    """What the contracts ask for in the quarter; a failed lab's part is void."""
    return commitments_due * (1 - lab_failed_share)


@block.equation("USD_bn/q", label="Labs' commitments falling due and not bought", report=True)
def commitments_unmet_usd_bn(commitments_due_usd_bn, lab_compute_usd_bn):
    """Announced demand that funding and use do not carry: the suppliers' backlog is not cash."""
    return positive(commitments_due_usd_bn - lab_compute_usd_bn)
