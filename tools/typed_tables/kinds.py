"""What kind of number a series is, read once from its name and unit when a table is made.

The answer is written into the table's ``kind`` column, where a person can correct it; the product never reads
names. ``flow`` is an amount over a period and may be summed; ``stock`` a balance or count at a day; ``rate`` an
amount per unit of time at a moment (a run rate); ``price`` money for one unit of something; ``ratio`` a share,
growth, yield or multiple; ``duration`` a length of time; ``guidance`` what a company says of itself, ``forecast``
what anybody expects; ``event`` something that happened or was said; ``term`` a clause of a contract or a setting;
``note`` a print that is no number.
"""

from __future__ import annotations

import re

__all__ = ["kind_of"]

_EXACT = {
    "capex_to_ocf_after_payouts": "ratio",
    "funding_gap_private_credit_government": "forecast",
    "consumer_monetisation_gap": "forecast",
    "datacentre_capacity_needed": "forecast",
    "debt_financed_part": "forecast",
    "plan_to_outturn_ratio": "ratio",
    "capex_outturn_company_definition": "flow",
    "capex_outturn_incl_all_leases": "flow",
    "training_cost": "flow",
    "training_compute": "stock",
    "share_price_reaction_pct": "ratio",
    "monthly_revenue": "rate",
    "compute_contract_monthly": "rate",
    "tokens_per_quarter": "flow",
    "securitisation_capacity_per_year": "forecast",
    "server_useful_life_change_effect_on_net_income": "event",
    "compute_plan_cumulative": "forecast",
    "compute_plan_cumulative_vintage": "forecast",
    "cumulative_free_cash_flow_plan": "forecast",
    "api_price_decline_rate": "ratio",
    "bank_unrealised_losses": "stock",
    "corporate_bond_flow": "flow",
    "cost_per_gw": "price",
    "direct_lending_aum": "stock",
    "epoch_tracked_capital_cost": "stock",
    "failures_llama3": "flow",
    "gas_turbines_sold": "flow",
    "ipo_count": "flow",
    "jumbo_direct_loans": "flow",
    "large_bankruptcy_liabilities": "flow",
    "life_private_placements": "flow",
    "market_value_lost": "flow",
    "openrouter_model_tokens_main": "flow",
    "pc_insurer_investments": "stock",
    "pe_owned_insurer_investments": "stock",
    "pjm_capacity_cost": "flow",
    "railroad_net_miles_added": "flow",
    "railroad_revenue_per_ton_mile": "price",
    "railway_acts": "flow",
    "railway_bills_presented": "flow",
    "railway_miles_authorised_year": "flow",
    "railways_authorised_new": "flow",
    "ai_financing_gap": "forecast",
    "sp_defaults_count": "flow",
    "telecom_balance_sheet_reduction": "flow",
    "umts_revenue_per_capita": "price",
}
_GUIDANCE = re.compile(r"guidance|^guide_|^debt_equity_raise_plan|^equity_atm_plan|^debt_plan_flag")
_FORECAST = re.compile(
    r"forecast|expected|planned|_plan\b|plan_|_plans?$|_needed|target|_need\b|outlook|consensus|projection|realistic|ceiling_gw"
)
_EVENT_UNITS = re.compile(r"event|flag|statement|^sign$|^date$|^calendar_year$")
# One transaction each: known the day it is announced, and never a quarter's total.
_TRANSACTION = re.compile(
    r"^(bond_issue|bond_sale|funding_round|debt_raised|equity_raised|note_size)|_deal$|_deal_value$|capital_raised"
)
_PRICE_NAME = re.compile(
    r"price(?!_(change|reaction|growth|move|decline|performance))|rental(?!.*(discount|change|futures))|hashprice"
    r"|cost_per_(?!gw)|electricity_(industrial|commercial|business)|seat_price|electricity_tariff"
)
_PRICE_UNIT = re.compile(
    r"^(0\.01\*)?(USD|EUR|GBP|MYR)(_bn|_m)?/(GPU|Mtok|k?Wh|MWh|kW|MW|GW|GB|bbl|MMBtu|request|\(TH|user|share|chip|core|rack|server|superchip|H100e|GPU/h|rig|day)"
)
_DURATION = frozenset({"year", "month", "q", "week", "day", "h", "min", "s", "second"})
_RATIO = re.compile(
    r"^((0\.5\*)?share|percent|ratio|x|bp|pp|coefficient|elasticity|exponent|index|log|points|notch|rank|dimensionless)(\b|_|/|$)|^1/"
)
_FLOW_NAME = re.compile(
    r"(^|_)gdp_nominal|(^|_)gdp_q|electricity$|hy_defaults|revenue|income(?!_share)|(^|_)capex|cost|spend|expense|issu|proceeds|payments?(_|$)|additions|sales|purchases"
    r"|cash_flow|depreciation|amortisation|loss(es)?(_|$)|raised|funding_round|invest(ment|ed_in)|burn|charge|lending"
    r"|bond_issue|_deal$|ebitda|impairment|redemption|fundraising|_flow|flow_|new_sales|defaults?_volume|defaulted|bankruptc"
    r"|production|shipments|orders|venture|proceeds|built|gain_on|gross_profit|operating_(income|expenses)|outflow|raise$|liabilities_paid"
)
_STOCK_NAME = re.compile(
    r"(^|_)(commitments?|backlog|rpo|debt_(total|long|principal)|outstanding|liabilities|obligations?|carrying|valuation"
    r"|ppe_net|assets|cumulative|held|cash_and|cash$|leases_not|installed|capacity|stock|users|subscribers|seats|staff"
    r"|customers|loans$|market_size|order_book|wealth)"
)


def kind_of(table: str, series: str, unit: str, *, number: bool, dated: bool) -> str:
    """Kind of one row. ``unit`` is the canonical unit; ``number`` and ``dated`` say whether the row computes.

    >>> kind_of("companies", "capex_cash", "USD_bn", number=True, dated=True)
    'flow'
    >>> kind_of("demand", "run_rate_revenue_epoch", "USD_bn/year", number=True, dated=True)
    'rate'
    """
    if table == "deal_terms":
        kind = _numeric_kind(series, unit)
        return (
            kind
            if kind in ("price", "ratio", "flow") and series.startswith(("fred_", "sofr", "rental"))
            else "term"
        )
    if table == "network":
        return "stock"
    if not number or not dated:
        return "event" if _EVENT_UNITS.search(unit) and dated else "note"
    return _numeric_kind(series, unit)


def _numeric_kind(series: str, unit: str) -> str:
    if series in _EXACT:
        return _EXACT[series]
    if _GUIDANCE.search(series):
        return "guidance"
    if _FORECAST.search(series):
        return "forecast"
    if _EVENT_UNITS.search(unit):
        return "event"
    if _TRANSACTION.search(series):
        return "event"
    if unit in _DURATION:
        return "duration"
    if "_ttm" in series:
        return "rate"  # twelve months printed at each quarter: never summed
    if series.endswith("cumulative"):
        return "stock"
    if _PRICE_UNIT.search(unit) or (_PRICE_NAME.search(series) and not _RATIO.search(unit)):
        return "price"
    if _RATIO.search(unit) and not (unit == "index" and _PRICE_NAME.search(series)):
        return "ratio"
    if unit.endswith(("/year", "/month", "/week", "/day", "/q", "/h", "/s")) or "tok/h" in unit:
        return "flow" if unit.endswith("/q") else "rate"
    if _STOCK_NAME.search(series) and not re.search(r"payments|additions|capex", series):
        return "stock"
    return "flow" if _FLOW_NAME.search(series) else "stock"
