"""The lessee's own figures, in the deal's money: what leverage with and without the deal is measured on."""

from __future__ import annotations

from dataclasses import dataclass

from supercycle.deals.document.document import key

__all__ = ["Company"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """The lessee before the deal."""

    name: str = key("text", "who it is")
    debt: float = key("scalar", "borrowings as reported", unit="money")
    ebitda: float = key(
        "scalar", "earnings before interest, tax, depreciation and amortisation, a year", unit="money"
    )
    finance_leases: float = key("scalar", "finance lease liabilities as reported", 0.0, unit="money")
    operating_leases: float = key("scalar", "operating lease liabilities as reported", 0.0, unit="money")
    uncommenced_leases: float = key(
        "scalar", "leases signed and not begun, as disclosed, this one left out", 0.0, unit="money"
    )
    where: str = ""
