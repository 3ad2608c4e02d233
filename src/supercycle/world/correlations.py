"""Rank correlations between parameters, for the Gaussian copula; signs are supported, sizes are judgement.

Source: the research note behind the priors (24 pairs); pairs whose parameters the model does not carry are left out and
named in docs. Each row: two parameter ids, rank correlation, reason.
"""

from __future__ import annotations

__all__ = ["PAIRS", "REASONS"]

_ROWS: list[tuple[str, str, float, str]] = [
    ("bass_q_consumer", "consumer_saturation", -0.8, "fitted trade-off: saturation of 1.2 to 4.0 bn lowers q from 1.23 to 0.87"),
    ("bass_q_enterprise", "enterprise_saturation", -0.8, "fitted trade-off: 70 to 100 % saturation lowers q from 0.90 to 0.46"),
    ("bass_p_consumer", "bass_q_consumer", -0.5, "joint fit; weaker than the enterprise fits because few points exist"),
    ("h100e_per_watt_growth", "resale_decay", 0.6, "old chips are priced against the newest watt"),
    ("winner_takes_share", "lab_lead_max_months", 0.5, "a lead that lasts is a prize; a short lag competes it away"),
    ("grid_lead_months", "gas_capex", 0.6, "one shortage: the queue drives bring-your-own generation"),
    ("grid_lead_months", "gas_lead_months", 0.6, "one shortage of turbines and transformers"),
    ("gas_lead_months", "gas_capex", 0.6, "one shortage of turbines"),
    ("shell_lead_months", "slippage_met_share", -0.3, "shared transformers, crews and chips: slow sites slip together"),
    ("default_5y_b", "recovery_bonds", -0.5, "bonds recover less when defaults are many"),
    ("default_5y_b", "recovery_loans", -0.2, "loans much less so"),
    ("default_5y_b", "recovery_projects", 0.0, "project loans are uncorrelated with the cycle"),
    ("fire_sale_discount", "resale_decay", 0.5, "the same buyers are constrained at the same time"),
    ("ig_spread_slope", "bust_spread", 0.6, "risk appetite"),
    ("bust_hurdle", "bust_spread", 0.6, "risk appetite"),
    ("crash_size", "bust_hurdle", 0.6, "risk appetite"),
    ("pc_fundraising", "default_5y_b", -0.5, "redemptions follow losses"),
    ("diagnostic_theta", "crash_after_doubling", 0.4, "over-reaction builds run-ups; run-ups raise the hazard"),
    ("ig_spread_slope", "ig_spread_open", 0.8, "own-issuer response rises with leverage and spread"),
    ("task_exposure", "spend_share", 0.3, "two views of the same monetisation"),
    ("elasticity_long_run", "intensity_fade", 0.3, "agents raise intensity where price binds"),
    ("take_or_pay_share", "slippage_met_share", 0.4, "strict terms filter speculative load"),
]
PAIRS: list[tuple[str, str, float]] = [(a, b, rho) for a, b, rho, _ in _ROWS]
REASONS: dict[tuple[str, str], str] = {(a, b): reason for a, b, _, reason in _ROWS}
