"""Model PC: government money and bills, and a portfolio choice (Godley and Lavoie, 2007, chapter 4).

Households split their wealth between money and bills by the rate of interest; the central bank takes the bills that
are left and hands its interest to the government. Income is the closed form of Y = C + G with interest taxed. A
quarter here is the book's period; its dollars are USD_bn.

The stationary state by hand (everything constant, so C = YD and the budget balances net of the central bank's profit):

    V = YD (1 - a1) / a2            Bh = V (l0 + l1 r) - l2 YD
    T = G + r Bh                    YD = (1 - tax) T / tax            Y = T / tax - r Bh

With the book's numbers V = YD, Bh = 0.75 V, so YD = 4 (20 + 0.025 * 0.75 YD) = 80 / 0.925 = 86.486, Bh = 64.865,
T = 21.622, Y = 106.486, and money = central bank's bills = 21.622.
"""

from __future__ import annotations

from supercycle.equations.ledger import Ledger
from supercycle.equations.spec import Model
from supercycle.equations.variable import zero

__all__ = ["pc_model"]

_SOURCE = "Godley and Lavoie, Monetary Economics, Palgrave Macmillan 2007, chapter 4"


def pc_model() -> tuple[Model, Ledger]:
    """The model and its books, opened without any wealth."""
    model = Model("PC")
    economy = model.block("economy", "Households, government and central bank", "Godley and Lavoie's model PC.")

    def param(name: str, label: str, unit: str, default: float, low: float, high: float) -> None:
        economy.param(name, label, unit, default, low, high, "uniform", label, source=_SOURCE, evidence="published")

    param("government_spending", "Government purchases per period", "USD_bn/q", 20.0, 0.0, 100.0)
    param("tax_rate", "Share of income taxed", "share", 0.2, 0.05, 0.9)
    param("consumed_income", "Propensity to consume out of income", "share", 0.6, 0.0, 0.95)
    param("consumed_wealth", "Share of last period's wealth consumed per period", "1/q", 0.4, 0.05, 0.9)
    param("interest_rate", "Interest on bills per period", "1/q", 0.025, 0.0, 0.1)
    param("bills_share", "Share of wealth in bills at no interest and no income", "share", 0.635, 0.0, 1.0)
    param("bills_by_rate", "Rise of that share per unit of interest", "q", 5.0, 0.0, 10.0)
    param("bills_by_income", "Fall of that share per unit of income over wealth", "q", 0.01, 0.0, 0.1)

    nothing = zero("USD_bn")

    @economy.equation("USD_bn/q", source=_SOURCE)
    def interest_to_households(interest_rate, household_bills_prev):
        """Interest on the bills households held."""
        return interest_rate * household_bills_prev

    @economy.equation("USD_bn/q", source=_SOURCE, report=True)
    def income(government_spending, consumed_wealth, wealth_prev, consumed_income, tax_rate, interest_to_households):
        """National income: the closed form of Y = C + G with C = a1 (1 - tax) (Y + interest) + a2 V_prev."""
        kept = consumed_income * (1 - tax_rate)
        return (government_spending + kept * interest_to_households + consumed_wealth * wealth_prev) / (1 - kept)

    @economy.equation("USD_bn/q", source=_SOURCE, report=True)
    def taxes(tax_rate, income, interest_to_households):
        """Taxes on wages and interest."""
        return tax_rate * (income + interest_to_households)

    @economy.equation("USD_bn/q", source=_SOURCE)
    def disposable_income(income, interest_to_households, taxes):
        """Income after tax."""
        return income + interest_to_households - taxes

    @economy.equation("USD_bn/q", source=_SOURCE)
    def consumption(consumed_income, disposable_income, consumed_wealth, wealth_prev):
        """Households' purchases."""
        return consumed_income * disposable_income + consumed_wealth * wealth_prev

    @economy.equation("USD_bn", opening=nothing, source=_SOURCE, report=True)
    def wealth(wealth_prev, disposable_income, consumption, one_quarter):
        """Households' wealth: money and bills."""
        return wealth_prev + (disposable_income - consumption) * one_quarter

    @economy.equation("USD_bn", source=_SOURCE)
    def bills_wanted(wealth, bills_share, bills_by_rate, interest_rate, bills_by_income, disposable_income):
        """Bills households want to hold."""
        return wealth * (bills_share + bills_by_rate * interest_rate) - bills_by_income * disposable_income

    @economy.equation("USD_bn/q", source=_SOURCE)
    def bills_bought_by_households(bills_wanted, household_bills_prev, one_quarter):
        """Net purchases of bills by households."""
        return (bills_wanted - household_bills_prev) / one_quarter

    @economy.equation("USD_bn/q", source=_SOURCE)
    def interest_to_central_bank(interest_rate, central_bank_bills_prev):
        """Interest on the central bank's bills, which it hands back as profit."""
        return interest_rate * central_bank_bills_prev

    @economy.equation("USD_bn/q", source=_SOURCE)
    def central_bank_profit(interest_to_central_bank):
        """All interest the central bank earns goes to the government."""
        return interest_to_central_bank

    @economy.equation("USD_bn/q", source=_SOURCE)
    def bills_bought_by_central_bank(government_spending, interest_to_households, taxes, bills_bought_by_households):
        """The rest of the deficit: the central bank buys the bills nobody else does."""
        return government_spending + interest_to_households - taxes - bills_bought_by_households

    @economy.equation("USD_bn", source=_SOURCE, report=True)
    def money(wealth, household_bills):
        """Money that households hold: wealth that is not in bills."""
        return wealth - household_bills

    @economy.equation("USD_bn/q")
    def spending(government_spending):
        """Government purchases as they are paid."""
        return government_spending

    books = Ledger(model.block("books", "Books", "Who pays whom."), residual_sector="central_bank")
    books.sector("households", "households", opening=nothing)
    books.sector("firms", "firms", opening=nothing)
    books.sector("government", "the government", opening=nothing)
    books.sector("central_bank", "the central bank, whose debt is the money", opening=nothing)
    books.claim("household_bills", instrument="bills", holder="households", issuer="government", opening=nothing,
                meaning="government bills held by households")
    books.claim("central_bank_bills", instrument="bills", holder="central_bank", issuer="government", opening=nothing,
                meaning="government bills held by the central bank")
    books.pay("consumption", payer="households", payee="firms", label="Consumption")
    books.pay("spending", payer="government", payee="firms", label="Government purchases")
    books.pay("income", payer="firms", payee="households", label="Wages")
    books.pay("taxes", payer="households", payee="government", label="Taxes")
    books.pay("interest_to_households", payer="government", payee="households", label="Interest on bills")
    books.pay("interest_to_central_bank", payer="government", payee="central_bank", label="Interest on bills")
    books.pay("central_bank_profit", payer="central_bank", payee="government", label="Central bank's profit")
    books.lend("bills_bought_by_households", claim="household_bills", label="Change in bills")
    books.lend("bills_bought_by_central_bank", claim="central_bank_bills", label="Change in bills")
    books.check("households", "money")

    books.finish()
    return model, books
