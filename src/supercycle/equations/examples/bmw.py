"""Model BMW: a world of bank money, without a government (Godley and Lavoie, 2007, chapter 7).

Firms invest towards a target of capital and borrow what depreciation does not pay; banks lend by making deposits and pass
all interest on. Wages are what is left of the period's sales after interest and depreciation, households spend out of
wages and interest of the same period: income, interest and consumption are found together, in closed form. A quarter
here is the book's period; its dollars are USD_bn.

The stationary state by hand (the book's chapter 7): with K = k Y, I = d K, and loans = deposits = K,

    Y = a0 / ((1 - a1) (1 - d k) - a2 k) = 25 / (0.25 * 0.9 - 0.1) = 200        K = L = M = 200, C = YD = 180
"""

from __future__ import annotations

from supercycle.equations.ledger import Ledger
from supercycle.equations.spec import Model
from supercycle.equations.variable import zero

__all__ = ["bmw_model"]

_SOURCE = "Godley and Lavoie, Monetary Economics, Palgrave Macmillan 2007, chapter 7, model BMW"


def bmw_model() -> tuple[Model, Ledger]:
    """The model and its books, opened without capital, loans or deposits."""
    model = Model("BMW")
    economy = model.block("economy", "Households, firms and banks", "Godley and Lavoie's model BMW.")

    def param(name: str, label: str, unit: str, default: float, low: float, high: float) -> None:
        economy.param(name, label, unit, default, low, high, "uniform", label, source=_SOURCE, evidence="published")

    param("autonomous_consumption", "Consumption at no income and no wealth", "USD_bn/q", 25.0, 1.0, 50.0)
    param("consumed_income", "Propensity to consume out of income", "share", 0.75, 0.5, 0.8)
    param("consumed_deposits", "Share of last period's deposits consumed per period", "1/q", 0.1, 0.05, 0.12)
    param("depreciation_rate", "Share of capital that wears out per period", "1/q", 0.1, 0.05, 0.15)
    param("capital_ratio", "Capital wanted over income", "q", 1.0, 0.8, 1.2)
    param("adjustment", "Share of missing capital that is built per period", "1/q", 0.15, 0.05, 0.3)
    param("interest_rate", "Interest on loans and deposits per period", "1/q", 0.04, 0.0, 0.1)

    @economy.equation("USD_bn/q", source=_SOURCE)
    def depreciation(depreciation_rate, capital_prev):
        """Capital that wears out, which firms put aside out of sales."""
        return depreciation_rate * capital_prev

    @economy.equation("USD_bn/q", source=_SOURCE, report=True)
    def investment(adjustment, capital_ratio, income_prev, capital_prev, depreciation):
        """Part of the way to the capital wanted at last period's income, and what wears out."""
        return adjustment * (capital_ratio * income_prev - capital_prev) + depreciation

    @economy.equation("USD_bn/q", source=_SOURCE)
    def loan_interest(interest_rate, loans_prev):
        """Interest that firms pay in the period."""
        return interest_rate * loans_prev

    @economy.equation("USD_bn/q", source=_SOURCE)
    def deposit_interest(loan_interest):
        """Banks hand on what they earn: deposits equal loans and bear the same rate.

        Found as rate times deposits instead, a rounding error between the two stocks would grow at the rate of interest.
        """
        return loan_interest

    @economy.equation("USD_bn/q", source=_SOURCE, report=True)
    def consumption(autonomous_consumption, consumed_income, investment, loan_interest, depreciation, deposit_interest,
                    consumed_deposits, deposits_prev):
        """Closed form of C = a0 + a1 (C + I - interest paid - depreciation + interest received) + a2 M_prev."""
        fixed = investment - loan_interest - depreciation + deposit_interest
        return (autonomous_consumption + consumed_income * fixed + consumed_deposits * deposits_prev) / (1 - consumed_income)

    @economy.equation("USD_bn/q", opening=zero("USD_bn/q"), source=_SOURCE, report=True)
    def income(consumption, investment):
        """National income."""
        return consumption + investment

    @economy.equation("USD_bn/q", source=_SOURCE)
    def wages(income, loan_interest, depreciation):
        """What firms' sales leave after interest and depreciation."""
        return income - loan_interest - depreciation

    @economy.equation("USD_bn/q", source=_SOURCE, report=True)
    def disposable_income(wages, deposit_interest):
        """Wages and interest."""
        return wages + deposit_interest

    @economy.equation("USD_bn", opening=zero("USD_bn"), source=_SOURCE, report=True)
    def capital(capital_prev, investment, depreciation, one_quarter):
        """Machines, at cost."""
        return capital_prev + (investment - depreciation) * one_quarter

    @economy.equation("USD_bn", opening=zero("USD_bn"), source=_SOURCE, report=True)
    def deposits(deposits_prev, disposable_income, consumption, one_quarter):
        """What households do not spend stays with banks."""
        return deposits_prev + (disposable_income - consumption) * one_quarter

    @economy.equation("USD_bn/q", source=_SOURCE)
    def borrowed(investment, depreciation):
        """Investment that is not paid out of depreciation funds."""
        return investment - depreciation

    nothing = zero("USD_bn")
    books = Ledger(model.block("books", "Books", "Who pays whom."), residual_sector="banks")
    books.sector("households", "households", opening=nothing)
    books.sector("firms", "firms", opening=nothing)
    books.sector("banks", "banks, whose debt is the money", opening=nothing)
    books.claim("loans", instrument="loans", holder="banks", issuer="firms", opening=nothing, meaning="bank loans to firms")
    books.pay("consumption", payer="households", payee="firms", label="Consumption")
    books.pay("wages", payer="firms", payee="households", label="Wages")
    books.pay("investment", payer="firms", payee="firms", label="Investment")
    books.pay("loan_interest", payer="firms", payee="banks", label="Interest on loans")
    books.pay("deposit_interest", payer="banks", payee="households", label="Interest on deposits")
    books.lend("borrowed", claim="loans", label="Change in loans")
    books.check("households", "deposits")
    books.finish()
    return model, books
