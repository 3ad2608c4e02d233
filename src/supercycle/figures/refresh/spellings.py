"""Spellings of units outside the product: what a file that is refreshed from may print, and what it means.

The package's own tables carry canonical units and need none of this. Three steps, all here: an override for a spelling
that means something else in one series; the table of spellings; and a refusal. Plain "GW" is never guessed:
generation is GW_gen where the series is about generators, otherwise the row carries the word ``GW_unstated``,
because IT, facility and chip power differ. ``basis`` keeps the words that change what a number means.
"""

from __future__ import annotations

import re
from functools import lru_cache

from supercycle.core.errors import FigureError, nearest
from supercycle.figures.units import WORDS, checked

__all__ = ["ALIASES", "canonical"]

# printed spelling -> (canonical unit or word, basis)
ALIASES: dict[str, tuple[str, str]] = {
    # money
    "USD": ("USD", ""),
    "USD_bn": ("USD_bn", ""),
    "USD bn": ("USD_bn", ""),
    "USD_million": ("USD_m", ""),
    "USD_m": ("USD_m", ""),
    "USD m": ("USD_m", ""),
    "USD_trn": ("USD_tn", ""),
    "USD bn, 2005 prices": ("USD_bn", "2005 prices"),
    "USD bn (2025)": ("USD_bn", "2025 prices"),
    "USD bn equiv.": ("USD_bn", "several currencies in USD"),
    "USD_bn_per_year": ("USD_bn/year", ""),
    "USD bn per year": ("USD_bn/year", ""),
    "USD bn/year": ("USD_bn/year", ""),
    "USD_bn/year": ("USD_bn/year", ""),
    "USD tn/year": ("USD_tn/year", ""),
    "USD_bn_saar": ("USD_bn/year", "seasonally adjusted annual rate"),
    "USD_per_year": ("USD/year", ""),
    "USD/year": ("USD/year", ""),
    "USD/month": ("USD/month", ""),
    "USD_m per week": ("USD_m/week", ""),
    "USD per weekly user per year": ("USD/user/year", "weekly user"),
    "USD per subscriber per year": ("USD/user/year", "subscriber"),
    "USD/server": ("USD", "per server"),
    "USD/rack": ("USD", "per rack"),
    "USD m per unit": ("USD_m", "per turbine"),
    "US_cents": ("0.01*USD", ""),
    "cents": ("0.01*USD", ""),
    "cents_per_dollar": ("percent", "of par"),
    "EUR": ("EUR", ""),
    "EUR_bn": ("EUR_bn", ""),
    "EUR bn": ("EUR_bn", ""),
    "GBP": ("GBP", ""),
    "GBP_m": ("GBP_m", ""),
    "GBP m": ("GBP_m", ""),
    "GBP_bn": ("GBP_bn", ""),
    "GBP per year": ("GBP/year", ""),
    "GBP m per year": ("GBP_m/year", ""),
    "USD/USD": ("ratio", ""),
    # prices of chips, tokens, power
    "USD/GPU": ("USD/GPU", ""),
    "USD per chip": ("USD/GPU", ""),
    "USD/GPU-h": ("USD/GPU/h", ""),
    "USD per chip-hour": ("USD/GPU/h", ""),
    "USD/Mtok": ("USD/Mtok", ""),
    "USD per Mtok": ("USD/Mtok", ""),
    "USD per M tokens": ("USD/Mtok", ""),
    "USD per Mtok, 3:1": ("USD/Mtok", "3 input : 1 output"),
    "USD/kWh": ("USD/kWh", ""),
    "USD/MWh": ("USD/MWh", ""),
    "US cents/kWh": ("0.01*USD/kWh", ""),
    "USD/MMBtu": ("USD/MMBtu", ""),
    "Btu/kWh": ("Btu/kWh", ""),
    "USD/kW": ("USD/kW_gen", ""),
    "USD/MW-day": ("USD/MW_gen/day", ""),
    "USD/kW-month": ("USD/kW_it/month", "contracted critical load"),
    "USD/request": ("USD/request", ""),
    "USD/GB": ("USD/GB", ""),
    "USD_per_bbl": ("USD/bbl", ""),
    "USD_per_TH": ("USD/(TH/s)", ""),
    "USD/MW": ("USD/MW_unstated", ""),
    "USD m/MW": ("USD_m/MW_unstated", ""),
    "USD bn per GW": ("USD_bn/GW_unstated", ""),
    "USD bn per GW facility": ("USD_bn/GW_facility", ""),
    "USD m per MW-year": ("USD_m/MW_unstated/year", ""),
    "EUR m per MW": ("EUR_m/MW_unstated", ""),
    # power and energy
    "GW": ("GW_unstated", ""),
    "GW added": ("GW_unstated", "added"),
    "GW per year": ("GW_gen/year", ""),
    "GW/year": ("GW_gen/year", ""),
    "MW": ("MW_unstated", ""),
    "MW facility": ("MW_facility", ""),
    "MW IT": ("MW_it", ""),
    "MW (chip TDP only)": ("MW_tdp", ""),
    "kW": ("kW_it", ""),
    "W": ("0.001*kW_tdp", ""),
    "TWh": ("TWh", ""),
    "bn kWh": ("TWh", ""),
    "TWh per month (as given, base 3.23)": ("TWh/month", "base 3.23"),
    # compute, chips, tokens
    "H100-equivalents": ("H100e", ""),
    "million H100e": ("MH100e", ""),
    "units": ("GPU", ""),
    "FLOP": ("FLOP", ""),
    "output tok/s/GPU": ("3600*tok/h/GPU", "output tokens"),
    "billion per week": ("Btok/week", ""),
    "trillion per week": ("Ttok/week", ""),
    "trillion per day": ("Ttok/day", ""),
    "trillion": ("Ttok", ""),
    "billion per minute": ("60*Btok/h", ""),
    "billion (leaderboard window)": ("Btok", "leaderboard window"),
    "thousand wafers/month": ("wafer_k/month", ""),
    "per GPU-year": ("1/year", "per GPU"),
    # users and counts
    "million": ("user_m", ""),
    "billion": ("user_bn", ""),
    "bn people": ("user_bn", ""),
    "count": ("count", ""),
    "customers": ("count", "customers"),
    "companies": ("count", "companies"),
    "issuers": ("count", "issuers"),
    "filings": ("count", "filings"),
    "filings since 2015": ("count", "filings since 2015"),
    "acts": ("count", "acts"),
    "bills": ("count", "bills"),
    "railways": ("count", "railways"),
    "lines": ("count", "lines"),
    "IPOs": ("count", "IPOs"),
    "persons": ("count", "persons"),
    "fibres": ("count", "fibres"),
    "racks": ("count", "racks"),
    "models of 9": ("count", "models of 9"),
    "thousand": ("count_k", "persons"),
    "miles": ("mile", ""),
    "route miles": ("mile", "route"),
    "fibre miles": ("mile", "fibre"),
    "sheath miles": ("mile", "sheath"),
    "million miles": ("mile_m", ""),
    "PB_per_month": ("PB/month", ""),
    "GB_per_s": ("GB/s", ""),
    "EH_per_s": ("EH/s", ""),
    "Gbps": ("Gbps", ""),
    "million_bpd": ("Mbbl/day", ""),
    # time
    "years": ("year", ""),
    "months": ("month", ""),
    "quarters": ("q", ""),
    "weeks": ("week", ""),
    "days": ("day", ""),
    "hours": ("h", ""),
    "days (+ = later)": ("day", "positive is later"),
    "year": ("calendar_year", ""),
    "months per halving": ("month", "per halving"),
    # shares and rates
    "share": ("share", ""),
    "fraction": ("share", ""),
    "probability": ("share", ""),
    "percent": ("percent", ""),
    "ratio": ("ratio", ""),
    "x": ("x", ""),
    "bp": ("bp", ""),
    "pp": ("pp", ""),
    "percentage points": ("pp", ""),
    "percentage_points": ("pp", ""),
    "pp annualised": ("pp", "annualised"),
    "pp/year": ("pp/year", ""),
    "share_yoy": ("share", "year on year"),
    "share yoy": ("share", "year on year"),
    "share yoy, cc": ("share", "year on year, constant currency"),
    "share of pair": ("share", "of pair"),
    "fraction of MSRP": ("share", "of list price"),
    "fraction of nameplate": ("share", "of nameplate"),
    "percent y/y": ("percent", "year on year"),
    "percent saar": ("percent", "seasonally adjusted annual rate"),
    "percent of GDP": ("percent", "of GDP"),
    "percent of US GDP": ("percent", "of US GDP"),
    "percent of real GDP": ("percent", "of real GDP"),
    "percent of GNP": ("percent", "of GNP"),
    "percent of capex": ("percent", "of capex"),
    "percent of growth": ("percent", "of growth"),
    "percent of national income": ("percent", "of national income"),
    "percent_of_assets": ("percent", "of assets"),
    "percent of prior peak": ("percent", "of prior peak"),
    "percent_of_shares": ("percent", "of shares"),
    "percent_of_shares_per_quarter": ("percent/q", "of shares"),
    "percent per 1% of par called": ("percent", "per 1 percent of par called"),
    "percent pa": ("percent/year", ""),
    "percent per year": ("percent/year", ""),
    "percent_per_year": ("percent/year", ""),
    "x per year": ("x/year", ""),
    "x/year": ("x/year", ""),
    "log points/yr": ("1/year", "log"),
    "1/year": ("1/year", ""),
    "1/quarter": ("1/q", ""),
    "share/year": ("share/year", ""),
    "share/quarter": ("share/q", ""),
    "share/2 years": ("0.5*share/year", ""),
    # words
    "text": ("text", ""),
    "event": ("event", ""),
    "date": ("date", ""),
    "index": ("index", ""),
    "sign": ("sign", ""),
    "elasticity": ("elasticity", ""),
    "coefficient": ("coefficient", ""),
    "exponent": ("exponent", ""),
}

# (series, printed) -> meaning, where the same spelling means something else. First match wins.
_OVERRIDES: tuple[tuple[re.Pattern[str], str, tuple[str, str]], ...] = tuple(
    (re.compile(pattern), printed, meaning)
    for pattern, printed, meaning in (
        # companies.csv prints run rates as plain amounts; they are amounts per year
        (r"(ai_|ads_|custom_silicon_)?run_rate.*", "USD_bn", ("USD_bn/year", "")),
        (r"monthly_revenue|compute_contract_monthly", "USD_bn", ("USD_bn/month", "")),
        (r"tokens_per_quarter", "trillion", ("Ttok/q", "")),
        (r".*tokens_per_month", "trillion", ("Ttok/month", "")),
        (r".*tokens_per_week", "trillion", ("Ttok/week", "")),
        (r"gas_turbine.*", "units", ("count", "turbines")),
        (r"utility_customers", "million", ("count_m", "customers")),
        (
            r"(gas_|btm_|fuel_cell_|smr_|interconnection_queue_|pjm_capacity_shortfall).*",
            "GW",
            ("GW_gen", ""),
        ),
        (r"wealth_effect_mpc", "USD/year", ("USD/year/USD", "")),
    )
)


@lru_cache(maxsize=4096)
def canonical(printed: str, series: str = "", where: str = "") -> tuple[str, str]:
    """Canonical unit (or word) and basis of a printed spelling; FigureError for an unknown one.

    >>> canonical("USD_million"), canonical("USD_bn", "run_rate_revenue")
    (('USD_m', ''), ('USD_bn/year', ''))
    >>> canonical("GW", "gas_turbine_orders"), canonical("GW", "dc_capacity_forecast")
    (('GW_gen', ''), ('GW_unstated', ''))
    """
    for pattern, spelling, meaning in _OVERRIDES:
        if printed == spelling and pattern.fullmatch(series):
            return meaning
    if printed in ALIASES:
        return ALIASES[printed]
    try:
        return (printed if printed in WORDS else checked(printed)), ""
    except FigureError:
        near = nearest(printed, ALIASES)
        raise FigureError(
            "unit not known",
            expected=f"a canonical unit or a known spelling{', such as ' + ', '.join(near) if near else ''}",
            got=repr(printed),
            where=where or None,
        ) from None
