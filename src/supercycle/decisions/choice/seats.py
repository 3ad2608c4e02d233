"""A plan by the seat: people instead of tokens. Seats grow with the load; the rest is paid by token."""

from __future__ import annotations

import numpy as np

from supercycle.core.errors import InputError
from supercycle.decisions.choice.setting import Setting
from supercycle.decisions.money.costs import Costs, finish

__all__ = ["SEATS", "seat_costs"]

SEATS = "seats"


def seat_costs(place: Setting) -> Costs | None:
    """``ceil(users demand) price + (1 - covered) API bill`` a month; None where no plan is stated.

    A seat costs the same whatever is asked of it, and more load means more people at the same use of each. No quality
    is given up: the plan serves the models in use.
    Limits: nothing covered is the API in use and the seats on top; all covered is the seats alone.
    Errors: InputError when only a part of users, price and covered share is stated.
    """
    case, frame = place.case, place.frame
    users, price, covered = (
        case.optional(f"seats.{name}") for name in ("users", "usd_per_month", "covered_share")
    )
    if users is None or price is None or covered is None:
        if users is None and price is None and covered is None:
            return None
        raise InputError(
            "seats", expected="users, usd_per_month and covered_share together", got="a part of them",
            hint="No provider prints how much work a seat holds: count it in a month of your own.",
        )  # fmt: skip
    seats = np.ceil(users * frame.paths.demand * (1 - 1e-12))
    nothing = np.zeros((case.years, frame.paths.paths))
    return finish(
        frame,
        SEATS,
        {"seats": seats * price, "api": (1 - covered) * frame.api_bill},
        gpus=nothing,
        energy_kwh=None,
        busy=np.zeros(case.years),
        choice={
            "seats": float(seats[0].mean()),
            "covered share": covered,
            "owned GPUs": 0.0,
            "reserved GPUs, three years": 0.0,
            "reserved GPUs, one year": 0.0,
        },
    )
