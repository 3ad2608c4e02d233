"""The price and the utilisation at which lenders are just paid: solved on the waterfall itself and put back into it.

The debt stays as it was sized and shaped on the deal as written; only what the contracts bring moves.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from supercycle.core.errors import ModelError
from supercycle.deals.document.numbers import Number
from supercycle.deals.document.schema import Contract, Deal
from supercycle.deals.engine.waterfall import STATES
from supercycle.deals.measures.distribution import total_loss
from supercycle.deals.run import Prepared, Run, prepare, run

__all__ = ["CONDITIONS", "break_even"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
CONDITIONS = ("paid_in_full", "paid_on_time", "paid_until_maturity")
HIGHEST_PRICE = (
    2.0  # as a multiple of the price as written: beyond twice the price there is no use in an answer
)
POINTS, ROUNDS = 33, 6  # each round keeps one of 32 cells: 32^-6, about 1e-9 of the range
LEVEL = "stress.price"  # the name under which the level is laid over every rent and price
TINY = 1e-9  # of what was lent
DEFAULT = STATES.index("default")


def break_even(ready: Prepared, values: dict[str, Floats] | None = None) -> dict[str, Any]:
    """Break-even price (a multiple of every rent and price) and utilisation (share of hours, no take-or-pay).

    ``paid_in_full``: no lender has lost at the end, be it after a sale. ``paid_on_time``: and the deal never was in
    default. ``paid_until_maturity``: no default before the day the last tranche matures, whatever falls due then.
    Each is the lowest level above which the condition held at every level tried; ``loss`` is what lenders lose
    at it and ``loss_just_below`` a millionth of the range lower. Status: solved, always (holds at 0), never (fails
    at the highest level), or no_compute_contract. ``values`` are of one path. ModelError if a level found does not
    hold when put back.
    """
    given = {name: rows if rows.ndim == 1 else rows[:, 0] for name, rows in (values or {}).items()}
    found: dict[str, Any] = {"price": {}, "utilisation": {}}
    computes = [c for c in ready.deal.contracts if c.kind == "compute"]
    for condition in CONDITIONS:
        found["price"][condition] = _solve(
            lambda levels: _priced(ready, given, levels),
            HIGHEST_PRICE,
            condition,
            "multiple of prices as written",
        )
        found["utilisation"][condition] = (
            _solve(lambda levels: _used(ready, given, levels), 1.0, condition, "share of hours sold")
            if computes
            else {"status": "no_compute_contract", "level": None}
        )
    price = found["price"]["paid_on_time"]["level"]
    found["price"]["contracts"] = {
        c.name: {"as_written": _level(c, ready, given), "break_even": _scaled(_level(c, ready, given), price)}
        for c in ready.deal.contracts
    }
    return found


def _level(contract: Contract, ready: Prepared, values: dict[str, Floats]) -> float:
    """The first rent a year, or price of a GPU-hour, that the contract brings."""
    number = contract.rent if contract.kind == "lease" else contract.usd_per_gpu_hour
    rows = number.mean(ready.periods, values)
    running = [t for t, e in enumerate(ready.periods.ends) if e > contract.start]
    return float(rows[running[0]]) if running else 0.0


def _scaled(level: float, multiple: float | None) -> float | None:
    return None if multiple is None else level * multiple


def _solve(at: Callable[[Floats], Run], highest: float, condition: str, unit: str) -> dict[str, Any]:
    low, high = 0.0, highest
    for _ in range(ROUNDS):
        levels = np.linspace(low, high, POINTS)
        holds = _holds(at(levels), condition)
        if low == 0.0 and high == highest:
            if not holds[-1]:
                return {"status": "never", "level": None, "unit": unit}
            if holds.all():
                return {"status": "always", "level": 0.0, "unit": unit}
        if holds.all():  # the level that failed was the low end, whose neighbour all hold: rounding
            break
        last = int(np.flatnonzero(~holds)[-1])
        low, high = float(levels[last]), float(levels[last + 1])
    put_back = at(np.array([high, max(high - 1e-6 * highest, 0.0)]))
    if not _holds(put_back, condition)[0]:
        raise ModelError("a break-even does not hold when it is put back", got=high, expected=condition)
    loss = total_loss(put_back)
    return {
        "status": "solved", "level": high, "unit": unit,
        "loss": float(loss[0]), "loss_just_below": float(loss[1]),
        "default_just_below": bool(put_back["state"][:, 1].max() >= DEFAULT),
    }  # fmt: skip


def _holds(found: Run, condition: str) -> Bools:
    plans = [p for p in found.prepared.plans if not p.facility.preferred]
    lent = sum((found[f"{p.facility.name}.drawn"].sum(axis=0) for p in plans), np.zeros(found.paths))
    whole = total_loss(found) <= TINY * lent
    if condition == "paid_in_full":
        return whole
    if condition == "paid_on_time":
        return whole & (found["state"].max(axis=0) < DEFAULT)
    last = max(p.maturity for p in plans)
    return found["state"][:last].max(axis=0, initial=0.0) < DEFAULT


def _priced(ready: Prepared, values: dict[str, Floats], levels: Floats) -> Run:
    """The deal with every rent and price multiplied, one level a path."""
    contracts = list[Contract]()
    supplied = {name: _wide(rows, levels) for name, rows in values.items()}
    case = dict(values)
    supplied[LEVEL] = np.broadcast_to(levels, (ready.periods.count, len(levels)))
    case[LEVEL] = np.ones(ready.periods.count)
    for contract in ready.deal.contracts:
        key = "rent" if contract.kind == "lease" else "usd_per_gpu_hour"
        changed: dict[str, Any] = {key: dataclasses.replace(getattr(contract, key), also=LEVEL)}
        if contract.relet is not None:
            market = dataclasses.replace(contract.relet.rent, also=LEVEL)
            changed["relet"] = dataclasses.replace(contract.relet, rent=market)
        contracts.append(dataclasses.replace(contract, **changed))
    return _run(ready, tuple(contracts), supplied, case)


def _used(ready: Prepared, values: dict[str, Floats], levels: Floats) -> Run:
    """The deal with each level as the share of hours sold, and no take-or-pay, one level a path."""
    case, contracts = dict(values), list[Contract]()
    for contract in ready.deal.contracts:
        if contract.kind != "compute":
            contracts.append(contract)
            continue
        name, used = f"{contract.name}.used_share", contract.used_share.mean(ready.periods, values)
        case[name] = np.maximum(used, contract.take_or_pay_share.mean(ready.periods, values))
        number = Number("world", world=name, where=contract.used_share.where)
        contracts.append(
            dataclasses.replace(contract, used_share=number, take_or_pay_share=Number("value", 0.0))
        )
    supplied = {name: _wide(rows, levels) for name, rows in case.items()}
    for name in case.keys() - values.keys():
        supplied[name] = np.broadcast_to(levels, supplied[name].shape)
    return _run(ready, tuple(contracts), supplied, case)


def _wide(rows: Floats, levels: Floats) -> Floats:
    return np.repeat(rows[:, None], len(levels), axis=1)


def _run(
    ready: Prepared, contracts: tuple[Contract, ...], values: dict[str, Floats], case: dict[str, Floats]
) -> Run:
    deal: Deal = dataclasses.replace(ready.deal, contracts=contracts)
    moved = prepare(deal, values, draws=False, sizing=case)
    # What a refinancing lends follows the cash of the path; all other debt stays.
    plans = tuple(
        dataclasses.replace(p, limits=m.limits) for p, m in zip(ready.plans, moved.plans, strict=True)
    )
    return run(dataclasses.replace(moved, plans=plans, swaps=ready.swaps))
