"""Who pays whom in the books of the world."""

from __future__ import annotations

from supercycle.service.the_world import subject

__all__ = ["payments"]


def payments() -> dict[str, tuple[str, str]]:
    """Slot key of every payment with the labels of payer and payee."""
    from supercycle.world.books import ledger

    plan, out = subject().plan, dict[str, tuple[str, str]]()
    for entry in ledger.entries:
        if entry.kind == "pay":
            for key in plan.keys(entry.flow):
                out[key] = (ledger.sectors[entry.payer].label, ledger.sectors[entry.payee].label)
    return out
