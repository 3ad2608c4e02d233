"""Railways and European 3G: stories with numbers, told beside the mechanisms and not scored against them."""

from __future__ import annotations

from typing import Any

from supercycle.figures.series import choose
from supercycle.skill.manias.mechanism import Mechanism
from supercycle.skill.manias.past import annual, log_linear

__all__ = ["railways", "third_generation"]


def _value(series: str, entity: str, period: str) -> float:
    found = choose(series, entity, period).value
    if found is None:
        raise ValueError(f"{series}, {entity}, {period}: not a number")
    return found


def railways() -> dict[str, Any]:
    """US railroads 1865-73 against the exponential trend of 1865-70; the United Kingdom has no annual path."""
    miles, _ = annual("railroad_miles_built", "US")
    fit = {year: value for year, value in miles.items() if 1865 <= year <= 1870}
    trend = {year: log_linear(fit, year) for year in range(1871, 1874)}
    receiver = _value("railroad_receivership_share", "US mileage", "1877-01")
    share = _value("railway_investment_share_income", "UK", "1847")
    unbuilt = _value("railway_share_never_built", "UK 1844-47 authorisations", "")
    calls = [_value("call_price_effect", f"UK railways, {side}", "1846-1848") for side in ("low", "high")]
    return {
        "episode": "railways",
        "title": "Railways, 1844-1877",
        "kind": "illustration",
        "fit_window": "1865-1870 for the trend",
        "predicted": "1871-1873 by the trend only",
        "world_equations": [],
        "miles_built": miles,
        "trend": trend,
        "checks": [],
        "statement": [
            (
                f"The trend of 1865-70 gives {trend[1872]:,.0f} miles in 1872 (built: {miles[1872]:,.0f}) and "
                f"{trend[1873]:,.0f} in 1873 "
                f"({miles[1873]:,.0f}): {trend[1873] / miles[1873]:.1f} times too many."
            ),
            (
                f"{receiver:.0f} % of the mileage was in receivership in January 1877, four years after the "
                "peak."
            ),
            (
                f"United Kingdom: {share:.1f} % of national income in 1847, {unbuilt:.0f} % of what was "
                "authorised never built; a call of one per cent "
                f"of par cut prices by {-calls[0]:.2f} to {-calls[1]:.2f} %."
            ),
            (
                "No mechanism is scored: 1874-95 is missing in the United States, and the United Kingdom has "
                "no annual path."
            ),
        ],
        "cautions": ["Miles are read from an index and rescaled, to within four units of the index."],
    }


def third_generation() -> dict[str, Any]:
    """European 3G licences as a shock of debt: what was paid, what was owed, the bust that shares imply."""
    licences = {who: _value("umts_auction_revenue", who, "2000") for who in ("Germany", "Netherlands")}
    debt = {
        who: [_value("telecom_net_debt", who, when) for when in ("1999-12", "2000-12")]
        for who in ("France Telecom", "KPN")
    }
    fell = {
        who: _value("share_price_change_1y", who, "2000-03 to 2001-03")
        for who in ("BT", "France Telecom", "Deutsche Telekom", "KPN")
    }
    mechanism = Mechanism(1)
    severity = {
        who: float(
            mechanism.call(
                "bust_state", bust_state_prev=0.0, crash=1.0, crash_drawn=1.0, ai_price=0.0,
                ai_price_peak=0.0, crash_size=-change / 100.0, crash_imposed=0.0,
            ).max()
        )
        for who, change in fell.items()
    }  # fmt: skip
    total = _value("umts_total_licence_cost", "EU", "2001-03")
    return {
        "episode": "3g",
        "title": "European 3G licences, 1999-2002",
        "kind": "illustration",
        "fit_window": "none",
        "predicted": "nothing",
        "world_equations": ["bust_state"],
        "licences_eur_bn": {**licences, "EU, total": total},
        "net_debt_eur_bn": debt,
        "share_price_change_percent": fell,
        "severity_in_the_world": severity,
        "checks": [],
        "statement": [
            (
                f"Licences cost about {total:.0f} bn EUR; France Telecom's net debt went from "
                f"{debt['France Telecom'][0]:.1f} to "
                f"{debt['France Telecom'][1]:.1f} bn in 2000, KPN's from {debt['KPN'][0]:.1f} to "
                f"{debt['KPN'][1]:.1f}."
            ),
            (
                f"Shares fell {-max(fell.values()):.0f} to {-min(fell.values()):.0f} % in the year to March "
                "2001; block 14 turns each of those "
                "falls into a bust of full severity."
            ),
            "A shock of debt, not a boom of building: nothing here tests the unwind.",
        ],
        "cautions": ["Press readings, tier C; definitions of net debt differ between years."],
    }
