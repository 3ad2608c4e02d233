"""Model SIM: the simplest model with government money (W. Godley and M. Lavoie, Monetary Economics, 2007, chapter 3).

Households consume out of income and of last period's money; the government spends and taxes; firms make what is
bought. The book's income is found in a loop within the period (Y = C + G, C depends on Y), so the language asks for
its closed form, which is the multiplier. A quarter here is the book's period; its dollars are USD_bn.
"""

from __future__ import annotations

from supercycle.equations.ledger import Ledger
from supercycle.equations.spec import Model
from supercycle.equations.variable import zero

__all__ = ["sim_model"]

_SOURCE = "Godley and Lavoie, Monetary Economics, Palgrave Macmillan 2007, table 3.4"


def sim_model() -> tuple[Model, Ledger]:
    """The model and its books; income converges to government_spending / tax_rate."""
    model = Model("SIM")
    economy = model.block("economy", "Households, firms and government", "Godley and Lavoie's model SIM.")

    def param(name: str, label: str, unit: str, default: float, low: float, high: float) -> None:
        economy.param(name, label, unit, default, low, high, "uniform", label, source=_SOURCE, evidence="published")

    param("government_spending", "Government purchases per period", "USD_bn/q", 20.0, 0.0, 100.0)
    param("tax_rate", "Share of income taxed", "share", 0.2, 0.05, 0.9)
    param("consumed_income", "Propensity to consume out of income", "share", 0.6, 0.0, 0.95)
    param("consumed_money", "Share of last period's money consumed per period", "1/q", 0.4, 0.05, 0.9)

    @economy.equation("USD_bn/q", source=_SOURCE, report=True)
    def income(government_spending, consumed_money, money_prev, consumed_income, tax_rate):
        """National income: the closed form of Y = C + G with C = a1 (1 - tax) Y + a2 H_prev."""
        return (government_spending + consumed_money * money_prev) / (1 - consumed_income * (1 - tax_rate))

    @economy.equation("USD_bn/q", source=_SOURCE)
    def taxes(tax_rate, income):
        """Taxes on income."""
        return tax_rate * income

    @economy.equation("USD_bn/q", source=_SOURCE)
    def disposable_income(income, taxes):
        """Income after tax."""
        return income - taxes

    @economy.equation("USD_bn/q", source=_SOURCE, report=True)
    def consumption(consumed_income, disposable_income, consumed_money, money_prev):
        """Households' purchases."""
        return consumed_income * disposable_income + consumed_money * money_prev

    nothing = zero("USD_bn")

    @economy.equation("USD_bn", opening=nothing, source=_SOURCE, report=True)
    def money(money_prev, disposable_income, consumption, one_quarter):
        """Money that households keep: last period's plus what they do not spend."""
        return money_prev + (disposable_income - consumption) * one_quarter

    @economy.equation("USD_bn/q")
    def spending(government_spending):
        """Government purchases as they are paid."""
        return government_spending

    books = Ledger(model.block("books", "Books", "Who pays whom."), residual_sector="government")
    books.sector("households", "households", opening=nothing)
    books.sector("firms", "firms", opening=nothing)
    books.sector("government", "the government, whose debt is the money", opening=nothing)
    books.pay("consumption", payer="households", payee="firms", label="Consumption")
    books.pay("spending", payer="government", payee="firms", label="Government purchases")
    books.pay("income", payer="firms", payee="households", label="Wages")
    books.pay("taxes", payer="households", payee="government", label="Taxes")
    books.check("households", "money")
    books.finish()
    return model, books
