"""Shale, 2014-2020: from the price of oil to the filings, through the world's cover and default.

A producer's cover is its target times the price it sells at over the price its debt was sized on (the mean of
2010-13); the price it sells at is a contract book, a mean over the last ``hedge`` quarters, because output is
sold forward, and service falls as debt is written off. Block 13's neocloud_default then gives the hazard,
with the calm rate of energy since 1980 for its base. The rest is the world's priors but the hedge, a stated
judgement of two to six quarters; no default of 2015 or later is fitted.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from supercycle.core.random import uniforms
from supercycle.figures.series import choose, readings
from supercycle.skill.manias.borrowers import EQUATIONS, Borrowers
from supercycle.skill.manias.mechanism import PATHS, SEED, Floats, Mechanism
from supercycle.skill.manias.past import annual
from supercycle.skill.manias.scoring import band, check

__all__ = ["default_rate", "quarterly_price", "shale"]

_HEDGE_Q = (2.0, 6.0)  # judgement: producers hedged half to one and a half years of output ahead
_SIZED = (2010, 2013)
_FIRST, _LAST = (2014, 1), (2017, 4)
_YEAR = 4


def quarterly_price() -> dict[tuple[int, int], float]:
    """Mean price of the quarter, from the monthly series, keyed by (year, quarter)."""
    found: dict[tuple[int, int], list[float]] = {}
    for row in readings("wti_price_monthly", "Cushing spot"):
        if row.value is not None and row.period.end is not None:
            end = row.period.end
            found.setdefault((end.year, (end.month - 1) // 3 + 1), []).append(row.value)
    return {key: float(np.mean(values)) for key, values in sorted(found.items())}


def default_rate(
    price: dict[tuple[int, int], float], mechanism: Mechanism, calm: float
) -> tuple[list[tuple[int, int]], Floats]:
    """Trailing four-quarter default rate of energy, percent, ``[quarter, path]``."""
    n = mechanism.paths
    sized = float(np.mean([v for (year, _), v in price.items() if _SIZED[0] <= year <= _SIZED[1]]))
    low, high = _HEDGE_Q
    hedge = low + (high - low) * uniforms(mechanism.seed, "mania_hedge", np.arange(n))
    book = np.full(n, sized)
    debt = np.ones(n)
    borrowers, cover, scale = Borrowers(mechanism, calm), np.ones(n), np.ones(n)
    fixed = mechanism.param("neocloud_other_cost_share")  # of revenue: costs that follow it by a year
    lost = 1.0 - mechanism.param("recovery_bonds")
    quarters: list[tuple[int, int]] = []
    rates: list[Floats] = []
    for key, value in price.items():
        if key[0] < _SIZED[1]:
            continue
        default = borrowers.step(cover)
        rates.append(100.0 * default)
        quarters.append(key)
        debt = debt * (1.0 - default * lost)
        book = book + (value - book) / hedge
        scale = mechanism.call(
            "neocloud_scale_usd_bn", neocloud_scale_usd_bn_prev=scale, neocloud_revenue_usd_bn=book / sized
        )
        cover = (book / sized - fixed * scale) / (1.0 - fixed) / debt
    trailing = np.array([np.sum(rates[i - _YEAR + 1 : i + 1], axis=0) for i in range(_YEAR - 1, len(rates))])
    kept = [i for i, key in enumerate(quarters[_YEAR - 1 :]) if _FIRST <= key <= _LAST]
    return [quarters[_YEAR - 1 :][i] for i in kept], trailing[kept]


def shale(paths: int = PATHS, seed: int = SEED) -> dict[str, Any]:
    """The episode as one record: trailing default rates, the lag from price to defaults, filings by year."""
    price = quarterly_price()
    calm = choose("fitch_energy_default_rate", "US HY energy, average since 1980", "1980-2014").value
    assert calm is not None
    quarters, rates = default_rate(price, Mechanism(paths, seed), calm / 100.0)
    seen = _observed()
    checks = [
        check(f"energy default rate, {year}Q{q}", "percent", rates[quarters.index((year, q))], value)
        for (year, q), value in seen.items()
    ]
    peak = np.array([quarters.index(key) for key in quarters])[rates.argmax(axis=0)]
    turned = quarters.index((2014, 3))  # the last quarter above 95 dollars
    lag = 3.0 * (peak - turned)
    checks.append(
        check(
            "months from the turn of the price to the peak rate",
            "month",
            lag,
            30.0,
            "19.7 % in January 2017 (Fitch); exploration and production alone 25",
        )
    )
    filings, _ = annual("ep_bankruptcies", "N. America E&P")
    output, _ = annual("crude_production", "US, annual mean")
    by_year = {year: float(np.median(rates[quarters.index((year, 4))])) for year in (2015, 2016, 2017)}
    known = {year: filings[year] for year in by_year}
    inside = sum(row["inside_90"] for row in checks)
    early = _lead(by_year, known)
    peak_text = band(lag)
    return {
        "episode": "shale",
        "title": "US shale, 2014-2020",
        "kind": "prediction from priors",
        "fit_window": "calm rate 1980-2014; no filings before 2015",
        "predicted": "2014Q1-2017Q4",
        "world_equations": [*EQUATIONS[:6], "neocloud_scale_usd_bn"],
        "quarters": [f"{year}Q{q}" for year, q in quarters],
        "trailing_rate": {
            level: [band(row)[level] for row in rates] for level in ("q05", "q25", "q50", "q75", "q95")
        },
        "observed": {f"{year}Q{q}": value for (year, q), value in seen.items()},
        "rate_at_year_end": by_year,
        "filings": known,
        "checks": checks,
        "statement": [
            f"{inside} of {len(checks)} numbers lie in the 90 % band.",
            (
                f"The rate peaks {peak_text['q50']:.0f} months after the price turned ({peak_text['q05']:.0f} "
                f"to {peak_text['q95']:.0f}); "
                "30 were seen (25 in exploration and production)."
            ),
            early,
            (
                f"Output fell by {100 * (1 - output[2016] / output[2015]):.0f} % in 2016 and was "
                f"{100 * (output[2019] / output[2015] - 1):.0f} % "
                "higher in 2019 than in 2015: bankruptcy did not retire capacity. The world retires by "
                "refresh of the scarce watt, not by default, and agrees."
            ),
        ],
        "cautions": [
            (
                "Producers cut costs, and the weak left once; the mechanism has neither, so its rate comes "
                "late and stays high."
            ),
            "Filings are counts of producers, the rate is of high-yield par.",
            "Four observations of the rate, of tiers B and C.",
        ],
    }


def _observed() -> dict[tuple[int, int], float]:
    who = "US HY energy, trailing 12 months"
    found = {
        (2014, 4): choose("fitch_energy_default_rate", who, "2014-12").value,
        (2015, 2): choose("fitch_energy_default_rate", who, "2015-06").value,
        (2015, 3): choose("fitch_energy_default_rate", who, "2015-09").value,
        (2016, 2): choose("hy_default_rate", "US energy", "2016-06").value,
    }
    return {key: value for key, value in found.items() if value is not None}


def _lead(rate: dict[int, float], filings: dict[int, float]) -> str:
    """Whether the year with most filings is the year with the highest rate."""
    rate_year, filing_year = (max(found, key=lambda y: found[y]) for found in (rate, filings))
    told = "the same year" if rate_year == filing_year else f"{abs(filing_year - rate_year)} year off"
    return (
        f"The median rate is highest at the end of {rate_year}, most filings came in {filing_year}: {told}."
    )
