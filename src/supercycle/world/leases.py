"""Leases: signed and uncommenced leases are an opening stock that commences over years; vehicles build for them.

Leases not yet commenced sit in an Erlang pipeline; what commences is built by lease-back vehicles in the quarters before, so
its capital value is their part of the build. New leases are signed for a share of what the hyperscalers cannot pay from cash
flow. So the shift to leases is an outcome of signed contracts and funding need.
"""

from __future__ import annotations

from supercycle.equations.functions import exp, positive, where, within
from supercycle.world.frame import FIRM, Block, judged, measured

__all__ = ["block"]

block = Block("leases", "Leases", "Signed leases, when they commence, and what vehicles build for them.", mechanism="judged: signed leases commence over stages and new ones follow external need; tenants' propensities are read from two years of filings")

measured(block, "leases_open", "Leases signed and not commenced at the opening", "USD_bn", 1024.0, "undiscounted payments of the five",
         "figures companies:leases_not_yet_commenced and demand: Microsoft 329.1 and Meta 279.0 (2026Q2), Oracle 261 (2026Q1), Alphabet 58.5 "
         "(2025Q4), Amazon the remainder of 662 (2025Q4)", low=900.0, high=1150.0, distribution="triangular", evidence="published")
judged(block, "lease_lead_q", "Mean time from signature to commencement", "q", 14.0, 10.0, 18.0, "triangular", "quarters",
       "two to five years: campuses signed in 2025-26 open in 2027-30")
judged(block, "lease_growth", "Growth of signatures inside the opening stock, per stage", "1", 0.45, 0.3, 0.6, "triangular",
       "log ratio between neighbouring stages", "the stock of Microsoft doubled in two quarters and Oracle's in one")
judged(block, "lease_multiple", "Undiscounted payments over the capital they pay for", "1", 1.9, 1.6, 2.3, "triangular", "ratio",
       "fifteen years at 7 % is 1.65; operating costs in gross leases add to it")
judged(block, "lease_propensity", "Funding need that is met by signing leases", "1", 0.3, 0.15, 0.45, "triangular", "share of external need",
       "bonds and leases both grew: uncommenced leases rose by 350 bn in two quarters against 100 bn of bonds; not all will be drawn")
judged(block, "spv_share_cap", "Most of the build that vehicles can carry", "1", 0.3, 0.2, 0.4, "fixed", "share",
       "tenants' auditors and raters look through; no year of commercial property was leased back beyond a third")


judged(block, "imposed_stop_quarter", "Quarter of an imposed credit stop", "q", 0.0, 0.0, 38.0, "switch", "0 for none, else quarters from 2026Q2", "scenario switch")
judged(block, "imposed_stop_lasts_q", "Quarters for which the stop lasts", "q", 4.0, 1.0, 38.0, "switch", "quarters", "scenario switch")
judged(block, "imposed_stop_size", "Share of AI credit that stops", "1", 1.0, 0.0, 1.0, "switch", "share of what markets would lend", "scenario switch")


@block.equation("1", label="AI credit that markets provide", report=True)
def credit_open(t, imposed_stop_quarter, imposed_stop_lasts_q, imposed_stop_size, backstop_on, policy_backstop_share):
    """One, less an imposed stop while it lasts: of bonds, private credit, new leases and high yield, refinancing included; a backstop lends its part of what is missing."""
    on = (imposed_stop_quarter > 0) & (t >= imposed_stop_quarter) & (t < imposed_stop_quarter + imposed_stop_lasts_q)
    return 1 - where(on, imposed_stop_size, 0) * (1 - backstop_on * policy_backstop_share)


@block.equation("USD_bn/q", axis=FIRM, label="External need of the firm")
def firm_external_need_usd_bn(firm_need_usd_bn_prev):
    """Last quarter's need beyond cash flow."""
    return positive(firm_need_usd_bn_prev)


block.total("external_need_usd_bn", of="firm_external_need_usd_bn", unit="USD_bn/q", meaning="external need of the five")


@block.equation("USD_bn/q", label="Leases signed", report=True)
def leases_signed_usd_bn(external_need_usd_bn, lease_propensity, lease_multiple):
    """Undiscounted payments promised for the part of the need that is leased."""
    return external_need_usd_bn * lease_propensity * lease_multiple


block.pipeline("lease_pipeline", inflow="leases_signed_usd_bn", lead="lease_lead_q", unit="USD_bn", flow_unit="USD_bn/q", stages=4,
               meaning="leases signed and not commenced",
               opening=lambda leases_open, lease_pipeline_stages, position, lease_growth: (
        leases_open * exp(-lease_growth * position) * (1 - exp(-lease_growth)) / (1 - exp(-lease_growth * lease_pipeline_stages))))


@block.initial("1", label="Lease-back share of the build at the opening")
def spv_build_share_open(lease_pipeline__stage_4, lease_pipeline_stages, lease_lead_q, lease_multiple, world_ai_capex_usd_bn, spv_share_cap):
    """Capital behind the leases that commence at the opening over world AI capex."""
    commencing = lease_pipeline__stage_4 * lease_pipeline_stages / lease_lead_q
    return within(commencing / lease_multiple / world_ai_capex_usd_bn, 0, spv_share_cap)


@block.equation("1", label="Lease-back share of the AI build that is wanted")
def spv_build_wanted(lease_pipeline_due, lease_multiple, planned_ai_capex_usd_bn, spv_share_cap):
    """Capital behind the leases that commence, over what falls due; tenants' auditors and raters bound it."""
    return within(lease_pipeline_due / lease_multiple / planned_ai_capex_usd_bn, 0, spv_share_cap)


@block.equation("1", opening="spv_build_share_open", label="Lease-back share of the AI build", report=True)
def spv_build_share(spv_build_wanted, credit_open):
    """What can be placed; of the rest the tenant builds a part itself."""
    return spv_build_wanted * credit_open
