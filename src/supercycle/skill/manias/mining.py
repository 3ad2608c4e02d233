"""Mining hardware, 2021-2023: an elasticity test of the world's resale value, and what rig-backed loans had
left.

Two points in time, tier C: a test of an elasticity and of a level, not a fit. Block 13's resale_index says
that the price of a chip follows its rental one for one against plan, less the impact of forced sales and the
discount outside the sector; mining hardware has both a rental (the hash price) and prices of forced sales.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from supercycle.figures.load import Figure
from supercycle.figures.series import choose, readings
from supercycle.skill.manias.mechanism import PATHS, SEED, Mechanism
from supercycle.skill.manias.scoring import check

__all__ = ["elasticity", "mining"]

_RENTAL = ("hashprice", "USD per PH/s per day")
_VINTAGES = ("under 38 J/TH", "38-68 J/TH", "over 68 J/TH")


def elasticity(price_then: float, price_now: float, rental_then: float, rental_now: float) -> float:
    """Log fall of the price of hardware per log fall of its revenue.

    >>> elasticity(100.0, 10.0, 50.0, 5.0)
    1.0
    """
    return float(np.log(price_now / price_then) / np.log(rental_now / rental_then))


def _number(row: Figure) -> float:
    if row.value is None:
        raise ValueError(f"{row.where}: not a number")
    return row.value


def _fall(vintage: str) -> tuple[float, float]:
    """First and last price printed for an efficiency class, in the order of the table (the first may say "peak")."""
    rows = [row for row in readings("asic_price", vintage) if row.value is not None]
    return _number(rows[0]), _number(rows[-1])


def mining(paths: int = PATHS, seed: int = SEED) -> dict[str, Any]:
    """The episode as one record."""
    high = _number(choose(*_RENTAL, "2021 high"))
    low = _number(choose(*_RENTAL, "2022 low"))
    falls = {name: _fall(name) for name in _VINTAGES}
    found = {name: elasticity(*pair, high, low) for name, pair in falls.items()}
    mechanism = Mechanism(paths, seed)
    calm, bust = (
        mechanism.call(
            "resale_index", contract_price=low, lender_price=high, resale_decay=0.0, lender_decay=0.0,
            collateral_age_q=0.0, bust_state_prev=state, chips_offered=0.0,
        )
        for state in (0.0, 1.0)
    )  # fmt: skip
    newest, oldest = falls[_VINTAGES[0]], falls[_VINTAGES[-1]]
    index = _number(choose("asic_price", "Hashrate Index new generation, low", "2022-06"))
    forced = [
        _number(choose("asic_auction_price", who, "2022-06"))
        for who in ("Celsius Mining, 6,000 units", "Celsius Mining, 5,000 units")
    ]
    discount = 1.0 - float(np.mean(forced)) / index
    cover = _number(choose("asic_collateral_coverage", "Iris SPVs", "2022-11")) / 100.0
    rate = [_number(choose("hash_rate", "Bitcoin network", when)) for when in ("2022-01", "2023-01-01")]
    left = newest[1] / newest[0]
    checks = [
        check("price left of the newest class, in a bust of full severity", "1", bust, left),
        check(
            "discount of forced sales under the index", "1", mechanism.param("fire_sale_discount"), discount
        ),
    ]
    return {
        "episode": "mining-hardware",
        "title": "Mining hardware, 2021-2023",
        "kind": "elasticity test",
        "fit_window": "none",
        "predicted": "2021-05 to 2022-12",
        "world_equations": ["resale_index"],
        "elasticity": found,
        "price_left": {name: pair[1] / pair[0] for name, pair in falls.items()},
        "forced_sale_discount": discount,
        "collateral_over_principal": cover,
        "checks": checks,
        "statement": [
            (
                f"Elasticity of price to revenue: {found[_VINTAGES[0]]:.2f} for the newest class; the world "
                "says 1 "
                f"and, without a bust, leaves {float(calm.mean()):.3f} of the price (was {left:.3f})."
            ),
            (
                f"With the discount of a bust it leaves {float(np.median(bust)):.3f}: too little for an index "
                "of quotes, about right for forced sales."
            ),
            (
                f"Older classes lost more ({100 * (1 - oldest[1] / oldest[0]):.0f} % against "
                f"{100 * (1 - newest[1] / newest[0]):.0f} %): the "
                "world's cohorts share one resale price per unit of compute, so it misses that."
            ),
            (
                f"Forced sales cleared {100 * discount:.0f} % under the index. The world takes "
                "fire_sale_discount "
                f"({mechanism.param('fire_sale_discount').mean():.2f} in the mean) as the discount, while its "
                "source gives a third as the "
                "*price* left outside the sector, a discount of two thirds. The sales lie between the two."
            ),
            f"Loans on rigs had {100 * cover:.0f} % of principal in collateral at default.",
            (
                f"Hash rate rose {100 * (rate[1] / rate[0] - 1):.0f} % in 2022, through the bust: hardware "
                "changed hands and ran on."
            ),
        ],
        "cautions": [
            "Peak and trough of two series on different dates, two points, tier C.",
            "The forced sales are two lots of one seller.",
            "The oldest class's first price has no date in the source.",
        ],
    }
