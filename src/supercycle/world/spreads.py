"""Prices of credit by channel: expected loss, issuance over capacity, mood; and the risk-free rate, which can be moved.

Each channel has the spread at which it lends now and the spread its outstanding debt pays, which follows as debt is refinanced. An
issuer among the five pays the market's spread scaled by its own opening distance from it, and more for every turn of leverage
(vehicles' debt and signed leases counted) beyond what it opened with.
"""

from __future__ import annotations

from supercycle.equations.functions import maximum, mean, positive, power, share, where, within
from supercycle.world.frame import FIRM, Block, by_firm, judged, zero

__all__ = ["block"]

block = Block("spreads", "Prices of credit", "Risk-free rate and spreads by channel and issuer.", mechanism="judged: spreads move with losses, supply and leverage by slopes from past cycles; that they hold for AI issuers is assumed")

judged(block, "hy_premium", "Part of the high-yield spread that is no expected loss", "1/year", 0.016, 0.008, 0.025, "triangular", "premium",
       "CoreWeave's notes of 2025-26 paid 9-9.25 % (450 bp); a B default rate times the usual loss is 270-300 bp of it")
judged(block, "lgd_usual", "Loss given default that lenders price", "1", 0.6, 0.5, 0.7, "triangular", "share", "40 % recovery is the convention of credit default swaps")
judged(block, "hy_bust", "High-yield spread in a full bust, beyond losses seen", "1/year", 0.09, 0.05, 0.16, "triangular", "points",
       "360 to 1,087 bp between December 2019 and 23 March 2020; energy just under 2,000 in February 2016 against 887 for the market")
judged(block, "hy_stop", "High-yield spread while nobody lends, beyond losses seen", "1/year", 0.06, 0.03, 0.1, "triangular", "points", "1,087 bp in March 2020, when new issues stopped")
judged(block, "hy_widening_most", "Largest widening of high yield", "1/year", 0.16, 0.14, 0.18, "fixed", "bound",
       "the market's peak was 2,147 bp (2008), energy's just under 2,000 (2016): beyond it nothing is quoted, and debt trades at its recovery")
judged(block, "pc_beta", "Move of private credit per point of high yield", "1", 0.5, 0.35, 0.7, "triangular", "share", "new loans of March 2020 asked 1,175 bp after 300 while high yield rose by 720; private lenders moved by about half")
judged(block, "pc_tightness", "Private credit's price of its own capacity", "1/year", 0.03, 0.015, 0.05, "triangular", "points when all of its capacity is used",
       "premium over syndicated loans 150-340 bp (2019-24), high where few could lend")
judged(block, "pc_usage_usual", "Share of capacity lent at the usual premium", "1", 0.7, 0.6, 0.8, "triangular", "share", "funds keep a part for follow-on draws")
judged(block, "spv_beta", "Move of vehicles' spreads per point of high yield", "1", 0.25, 0.15, 0.4, "triangular", "share", "asset-backed and lease paper widened by a quarter of high yield in 2015-16 and 2020")
judged(block, "line_margin", "Bank line over the issuer's bonds", "1/year", 0.005, 0.003, 0.01, "triangular", "points", "drawn revolvers of A to BBB names cost SOFR + 75-150 bp")
judged(block, "leverage_slope", "Issuer's spread per turn of leverage above its opening", "1/year/year", 0.010, 0.006, 0.014, "triangular", "points per year of cash flow",
       "Oracle: S&P's leverage 3.3 in May 2025, Moody's 4.0 in September, 4.0 net in February 2026; CDS 36 to 139-151 bp: 100 bp for 0.7 to 1.0 turn (figures borrowers)")
by_firm(block, "issuer_factor", "Issuer's spread over the sector's at the opening", "1", (0.6, 0.7, 0.75, 0.95, 1.75), "ratio", "",
        evidence="judgement", reason="Oracle's CDS near 150 bp against a basket of 78 (figures borrowers, November 2025 to February 2026); Meta and Oracle widened by 31 bp, the others less", spread=0.15)
judged(block, "hurdle_hy_weight", "High yield in the price of capital of builders", "1", 0.25, 0.15, 0.4, "triangular", "share", "neoclouds, vehicles and developers carry about a quarter of the build")
judged(block, "rate_reversion", "Return of the risk-free rate to its level", "1/q", 0.08, 0.04, 0.15, "triangular", "share of the gap a quarter", "half-life of two years: term premia and policy cycles")
judged(block, "rate_shock_sd", "Quarterly shock to the risk-free rate", "1/year", 0.0025, 0.0015, 0.004, "triangular", "standard deviation", "ten-year treasuries: 25-40 bp a quarter since 1990 (figures macro:fred_DGS10)")
judged(block, "risk_free_norm", "Risk-free rate that the hurdle was quoted at", "1/year", 0.045, 0.04, 0.05, "fixed", "long treasury", "the published hurdles of 9-12 % are of 2025-26, at 4.0-4.6 %")
judged(block, "imposed_rate_quarter", "Quarter from which the risk-free rate is moved", "q", 0.0, 0.0, 38.0, "switch", "0 for none, else quarters from 2026Q2", "scenario switch")
judged(block, "imposed_rate_lasts_q", "Quarters for which it is moved", "q", 38.0, 1.0, 38.0, "switch", "quarters", "scenario switch")
judged(block, "imposed_rate_size", "Points by which it is moved", "1/year", 0.01, -0.03, 0.05, "switch", "points a year", "scenario switch")
block.draw("rate_draw", "normal", "news of the risk-free rate")
block.constant("one_per_quarter", 1.0, "1/q", "all of it in a quarter")


@block.equation("1/year", opening="risk_free_rate", label="Risk-free rate without what is imposed")
def risk_free_path(risk_free_path_prev, risk_free_rate, rate_reversion, rate_shock_sd, rate_draw, one_quarter):
    """AR(1) about its level."""
    return risk_free_path_prev + rate_reversion * one_quarter * (risk_free_rate - risk_free_path_prev) + rate_shock_sd * rate_draw


@block.equation("1/year", label="Move of the risk-free rate that a scenario imposes")
def rate_imposed(t, imposed_rate_quarter, imposed_rate_lasts_q, imposed_rate_size):
    """Zero unless a scenario moves it."""
    on = (imposed_rate_quarter > 0) & (t >= imposed_rate_quarter) & (t < imposed_rate_quarter + imposed_rate_lasts_q)
    return where(on, imposed_rate_size, 0)


@block.equation("1/year", opening="risk_free_rate", label="Risk-free rate", report=True)
def risk_free_now(risk_free_path, policy_cut, rate_imposed):
    """The path, what a scenario adds, what policy cuts in a bust."""
    return risk_free_path - policy_cut + rate_imposed


# high yield

@block.initial("1/q")
def neocloud_default_open(neocloud_weak_open, migration_q, cure_share):
    """The class's default rate in calm times: new covers drawn times the part below the point times what is not cured."""
    return neocloud_weak_open / migration_q * (1 - cure_share)


@block.equation("1/q", opening="neocloud_default_open", label="Default rate that lenders look back on")
def default_seen(default_seen_prev, neocloud_default_prev, one_quarter, one_year):
    """Mean over a year."""
    return default_seen_prev + (neocloud_default_prev - default_seen_prev) * one_quarter / one_year


@block.equation("1/year", opening=zero("1/year"), label="Widening of high yield", report=True)
def hy_widening(hy_widening_prev, default_seen, neocloud_default_open, lgd_usual, hy_bust, bust_state_prev, hy_stop, credit_open, spread_memory, hy_widening_most,
                year_per_quarter):
    """Losses seen beyond the usual, a bust's mood, a stop: with the memory of spreads, and never beyond what has ever been quoted."""
    target = lgd_usual * (default_seen - neocloud_default_open) / year_per_quarter + hy_bust * bust_state_prev + hy_stop * (1 - credit_open)
    return hy_widening_prev + spread_memory * (within(target, 0, hy_widening_most) - hy_widening_prev)


@block.initial("1/year", label="High-yield spread of AI borrowers at the opening")
def hy_spread_open(hy_premium, default_5y_b, lgd_usual, year_once, one_year, five_years):
    """Expected loss of a B borrower and a premium."""
    return hy_premium + (1 - power(1 - default_5y_b, one_year / five_years)) * lgd_usual / year_once


@block.equation("1/year", opening="hy_spread_open", label="Spread of AI high yield", report=True)
def hy_spread(hy_spread_open, hy_widening):
    """The opening and the widening."""
    return hy_spread_open + hy_widening


# private credit, vehicles, bank lines

@block.equation("1", label="Private credit's capacity in use")
def pc_usage(neocloud_pc_lend_usd_bn, spv_pc_lend_usd_bn, pc_capacity_usd_bn):
    """Lent over what could be lent; with no capacity at all, in full use."""
    return within(share(neocloud_pc_lend_usd_bn + spv_pc_lend_usd_bn, pc_capacity_usd_bn, 1), 0, 1)


@block.equation("1/year", opening="pc_spread", label="Spread of new private credit", report=True)
def pc_spread_now(pc_spread_now_prev, pc_spread, hy_widening, pc_beta, pc_usage, pc_usage_usual, pc_tightness, spread_memory):
    """High yield's move by its beta, and the price of scarce capacity, with the memory of spreads."""
    target = pc_spread + pc_beta * hy_widening + pc_tightness * positive(pc_usage - pc_usage_usual) / (1 - pc_usage_usual)
    return pc_spread_now_prev + spread_memory * (target - pc_spread_now_prev)


@block.equation("1/year", opening="spv_spread", label="Spread of new vehicle debt", report=True)
def spv_spread_now(spv_spread, ig_spread, ig_spread_open, hy_widening, spv_beta):
    """Tenants' investment-grade spread, and a part of high yield's move."""
    return spv_spread + (ig_spread - ig_spread_open) + spv_beta * hy_widening


@block.equation("1/year", label="Spread of bank lines", report=True)
def line_spread(ig_spread, line_margin):
    """Over the bonds of the five."""
    return ig_spread + line_margin


judged(block, "refinancing_pace", "Pace at which debt takes the new spread, over its share falling due", "1", 2.0, 2.0, 2.0, "fixed", "ratio",
       "of a debt that grows as fast as it falls due, twice the share falling due is placed anew in a quarter")


def spread_paid(paid_prev, refinancing_pace, one_quarter, life, now_prev):
    """Outstanding debt moves to the new spread as debt is placed, at a multiple of its share falling due."""
    return paid_prev + within(refinancing_pace * one_quarter / life, 0, 1) * (now_prev - paid_prev)


def _paid(name: str, now: str, opening: str, life: str, label: str) -> None:
    """The spread that outstanding debt of one kind pays."""
    block.equation("1/year", name=f"{name}_paid", opening="first", reads={"paid": f"{name}_paid", "now": now, "life": life, "first": opening},
                   label=f"{label}: spread paid", meaning=f"{label}: spread that outstanding debt pays")(spread_paid)


_paid("pc_spread", "pc_spread_now", "pc_spread", "neocloud_life_q", "Private credit")
_paid("hy_spread", "hy_spread", "hy_spread_open", "neocloud_life_q", "High yield")
_paid("spv_spread", "spv_spread_now", "spv_spread", "spv_life_q", "Vehicles")


# issuers among the five

@block.initial("year", axis=FIRM, label="Leverage of the issuer at the opening")
def firm_leverage_open(bonds_open, spv_debt_open, firm_lease_weight, firm_ai_margin_usd_bn, core_ocf_open, firm_spv_rent_usd_bn, year_per_quarter):
    """Bonds and vehicles' debt over yearly cash profit before rents."""
    return (bonds_open + spv_debt_open * firm_lease_weight) / (core_ocf_open + firm_ai_margin_usd_bn + firm_spv_rent_usd_bn) * year_per_quarter


@block.equation("USD_bn", axis=FIRM, label="Leases signed for a failed lab and not let to others", report=True)
def firm_orphan_usd_bn(lease_pipeline_total_prev, lease_multiple, firm_lease_weight, largest_lab_backlog, lab_failed_share, lab_concentration, lab_relet):
    """Capital behind leases that have not begun, by the part of the firm's signed sales that rested on the lab: matched by a customer
    before the failure, the firm's own debt after it.
    """
    return lease_pipeline_total_prev / lease_multiple * firm_lease_weight * largest_lab_backlog * lab_failed_share / lab_concentration * (1 - lab_relet)


@block.equation("year", axis=FIRM, opening="firm_leverage_open", label="Leverage that the issuer's lenders look at", report=True)
def firm_leverage_seen(firm_leverage_seen_prev, firm_bonds_usd_bn, firm_revolver_usd_bn, spv_debt_usd_bn, firm_lease_weight, firm_ebitda_usd_bn,
                       firm_spv_rent_usd_bn, firm_orphan_usd_bn, year_per_quarter, leverage_most):
    """Debt, vehicles' included, and leases that a failed lab leaves without a tenant, over yearly cash profit before rents: half of this
    quarter's and half of what was seen; an issuer without profit is at the highest leverage that anyone is quoted at.
    """
    debt = firm_bonds_usd_bn + firm_revolver_usd_bn + spv_debt_usd_bn * firm_lease_weight + firm_orphan_usd_bn
    now = within(share(debt * year_per_quarter, firm_ebitda_usd_bn + firm_spv_rent_usd_bn, leverage_most), 0, leverage_most)
    return mean(firm_leverage_seen_prev, now)


judged(block, "leverage_most", "Leverage beyond which spreads say no more", "year", 12.0, 10.0, 14.0, "fixed", "debt over yearly cash profit", "leveraged buyouts stop near seven to eight; beyond twelve debt is priced on recovery")


@block.equation("year", axis=FIRM, label="Rise of the leverage seen since the opening")
def firm_leverage_rise(firm_leverage_seen, firm_leverage_open):
    """Negative for an issuer that has grown out of debt."""
    return firm_leverage_seen - firm_leverage_open


@block.equation("1/year", axis=FIRM, opening=lambda ig_spread_open, issuer_factor: ig_spread_open * issuer_factor, label="Spread of the issuer's own bonds", report=True)
def firm_spread(ig_spread, issuer_factor, leverage_slope, firm_leverage_rise, issuer_least):
    """The sector's, scaled, and the price of leverage against the opening's; never below a part of the sector's."""
    return maximum(ig_spread * issuer_factor + leverage_slope * firm_leverage_rise, ig_spread * issuer_least)


judged(block, "issuer_least", "Tightest issuer over the sector", "1", 0.5, 0.4, 0.6, "fixed", "ratio", "the tightest hyperscaler trades at about half of the sector's spread")
