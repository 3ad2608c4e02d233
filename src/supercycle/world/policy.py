"""Policy: what a government or a central bank may do, off in the base.

Rate cuts answer a bust; a backstop lends where markets do not, and takes a part of the losses; an export control takes away a part of
the chips sold abroad; a moratorium stops new requests for power for a time. Each is a switch with a size, so that its price is seen.
"""

from __future__ import annotations

from supercycle.equations.functions import where
from supercycle.world.frame import Block, judged, zero

__all__ = ["block"]

block = Block("policy", "Policy", "Rate cuts, a backstop, export control, a moratorium: off in the base.")

judged(block, "policy_cut_size", "Points by which rates are cut in a full bust", "1/year", 0.0, 0.0, 0.04, "switch", "points a year", "policy switch: 5 points in 2001 and 2008, of which long rates followed a third to a half")
judged(block, "policy_backstop_share", "Part of what markets do not lend that a backstop lends", "1", 0.0, 0.0, 1.0, "switch", "share", "policy switch: facilities of 2008 and 2020 reopened bond markets within a quarter")
judged(block, "policy_backstop_loss_share", "Part of losses that the backstop takes", "1", 0.5, 0.0, 1.0, "switch", "share of credit losses while the backstop is on", "policy switch: first-loss guarantees; counts only with a backstop")
judged(block, "policy_backstop_quarter", "Quarter from which a backstop stands", "q", 0.0, 0.0, 38.0, "switch", "0 for none, else quarters from 2026Q2", "policy switch")
judged(block, "policy_backstop_lasts_q", "Quarters for which it stands", "q", 8.0, 1.0, 38.0, "switch", "quarters", "policy switch")
judged(block, "policy_export_quarter", "Quarter from which chips may not be exported", "q", 0.0, 0.0, 38.0, "switch", "0 for none, else quarters from 2026Q2", "policy switch")
judged(block, "policy_export_share", "Part of other builders' deliveries that is stopped", "1", 0.5, 0.0, 1.0, "switch", "share", "policy switch: China and others buy a part of what others build")
judged(block, "policy_moratorium_quarter", "Quarter from which power requests are stopped", "q", 0.0, 0.0, 38.0, "switch", "0 for none, else quarters from 2026Q2", "policy switch")
judged(block, "policy_moratorium_lasts_q", "Quarters for which they are stopped", "q", 8.0, 1.0, 38.0, "switch", "quarters", "policy switch")
judged(block, "policy_moratorium_share", "Part of power requests that is stopped", "1", 0.5, 0.0, 1.0, "switch", "share", "policy switch: states with moratoria in debate hold up to half of the pipeline")
judged(block, "policy_cut_pass", "Part of a policy cut that long rates follow", "1", 0.4, 0.3, 0.6, "triangular", "share", "ten-year rates fell by 1.5-2 points while policy fell by five in 2001-03 and 2007-08")


@block.equation("1/year", opening=zero("1/year"), label="Cut of long rates by policy", report=True, source="policy and ten-year rates of 2001-03 and 2007-08, as remembered")
def policy_cut(policy_cut_size, policy_cut_pass, bust_state_prev):
    """Rates fall with the bust."""
    return policy_cut_size * policy_cut_pass * bust_state_prev


@block.equation("1", label="A backstop stands", mechanism="judged: a switch")
def backstop_on(t, policy_backstop_quarter, policy_backstop_lasts_q):
    """From its quarter for as long as it lasts."""
    return where((policy_backstop_quarter > 0) & (t >= policy_backstop_quarter) & (t < policy_backstop_quarter + policy_backstop_lasts_q), 1, 0)


@block.equation("USD_bn/q", label="Losses that a backstop takes", report=True, mechanism="judged: a share of credit losses while it stands")
def backstop_usd_bn(backstop_on, policy_backstop_share, policy_backstop_loss_share, credit_loss_usd_bn):
    """As far as it lends."""
    return backstop_on * policy_backstop_share * policy_backstop_loss_share * credit_loss_usd_bn


@block.equation("1", label="Chips of other builders that may be delivered", mechanism="judged: a switch")
def export_open(t, policy_export_quarter, policy_export_share):
    """One, less what an export control stops."""
    return 1 - where((policy_export_quarter > 0) & (t >= policy_export_quarter), policy_export_share, 0)


@block.equation("1", label="Power requests that are allowed", mechanism="judged: a switch")
def requests_open(t, policy_moratorium_quarter, policy_moratorium_lasts_q, policy_moratorium_share):
    """One, less what a moratorium stops while it lasts."""
    on = (policy_moratorium_quarter > 0) & (t >= policy_moratorium_quarter) & (t < policy_moratorium_quarter + policy_moratorium_lasts_q)
    return 1 - where(on, policy_moratorium_share, 0)
