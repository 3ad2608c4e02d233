"""Clearing of payments among named nodes: each pays the smaller of what it owes and what it has, pro rata to its
creditors.

The fixed point of Eisenberg and Noe (Systemic Risk in Financial Systems, Management Science 2001), greatest solution:
started from full payment and repeated in the order of payments. Where payments have no cycle one pass is exact; a
cycle that the sweeps do not settle to ``TOLERANCE`` is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from supercycle.core.errors import ModelError

__all__ = ["SWEEPS", "TOLERANCE", "Cleared", "clear"]

SWEEPS, TOLERANCE = 60, 1e-9


@dataclass(frozen=True, slots=True)
class Cleared:
    """Payments by (payer, payee), the share of its dues that each node pays, and the sweeps it took."""

    payments: Mapping[tuple[str, str], float]
    pays_share: Mapping[str, float]
    sweeps: int

    def unpaid(self, dues: Mapping[tuple[str, str], float]) -> dict[str, float]:
        """What each payer owes and does not pay, where anything."""
        out: dict[str, float] = {}
        for (payer, payee), due in dues.items():
            missing = due - self.payments[payer, payee]
            if missing > 0.0:
                out[payer] = out.get(payer, 0.0) + missing
        return out


def clear(
    dues: Mapping[tuple[str, str], float], cash: Mapping[str, float], failed: Mapping[str, float]
) -> Cleared:
    """Clear ``dues`` given each node's ``cash`` from outside; a ``failed`` node pays that share of its dues and no
    more.

    A node without an entry in ``cash`` has all it owes (its means are outside the graph). Errors: ModelError when a
    cycle does not settle.

    >>> found = clear({("A", "B"): 10.0, ("B", "C"): 6.0}, {"B": 1.0}, {"A": 0.3})
    >>> found.payments["A", "B"], round(found.payments["B", "C"], 9)
    (3.0, 4.0)
    """
    owed: dict[str, float] = {}
    for (payer, _), due in dues.items():
        owed[payer] = owed.get(payer, 0.0) + due
    shares = {node: failed.get(node, 1.0) for node in owed}
    moved = 0.0
    for sweep in range(1, SWEEPS + 1):
        moved = 0.0
        for node in _ordered(dues):
            if node not in cash or owed[node] <= 0.0:
                continue
            came = sum(due * shares[payer] for (payer, payee), due in dues.items() if payee == node)
            share = min(failed.get(node, 1.0), max(cash[node] + came, 0.0) / owed[node])
            moved, shares[node] = max(moved, abs(share - shares[node])), share
        if moved <= TOLERANCE:
            return Cleared({pair: due * shares[pair[0]] for pair, due in dues.items()}, shares, sweep)
    raise ModelError(
        "payments do not settle",
        expected=f"a change below {TOLERANCE} in {SWEEPS} sweeps",
        got=f"{moved:.2g}",
    )


def _ordered(dues: Mapping[tuple[str, str], float]) -> list[str]:
    """Payers, those whom nobody still unplaced owes first; members of a cycle last, in the order of the table."""
    payers = list(dict.fromkeys(payer for payer, _ in dues))
    placed: list[str] = []
    while len(placed) < len(payers):
        free = [
            n
            for n in payers
            if n not in placed and all(a in placed or b != n for a, b in dues if a in payers)
        ]
        placed += free or [n for n in payers if n not in placed]
    return placed
