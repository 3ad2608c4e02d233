"""Model LP: liquidity preference, with long bonds whose price changes (Godley and Lavoie, 2007, chapter 5).

Households hold money, bills and perpetual bonds that pay one unit a period; the bond's price and the bill rate are set by
date. A change of the price is a gain or loss of what is held: a revaluation that moves no cash. Households spend out of
the income they expect (last period's) and of wealth. A quarter here is the book's period; its dollars are USD_bn.

The stationary state by hand, with V = YD (the book's propensities) and p the price of a bond, so that 1 / p is its yield:

    bills = b V, b = l20 + l22 r - l23 / p - l24          bonds = a V, a = l30 - l32 r + l33 / p - l34
    T = G + r b V + a V / p                               YD = T (1 - tax) / tax
    V = k G / (1 - k (r b + a / p)), k = (1 - tax) / tax

With the book's numbers and p = 20: b = 0.39496, a = 0.3947, k = 4.15996, V = 83.199 / 0.86861 = 95.78 (the book opens at
95.803).
"""

from __future__ import annotations

from collections.abc import Mapping

from supercycle.equations.ledger import Ledger
from supercycle.equations.spec import Model
from supercycle.equations.variable import zero

__all__ = ["lp_model"]

_SOURCE = "Godley and Lavoie, Monetary Economics, Palgrave Macmillan 2007, chapter 5, model LP1"
_START = "2000Q1"


def lp_model(bond_prices: Mapping[str, float] | None = None, bill_rates: Mapping[str, float] | None = None) -> tuple[Model, Ledger]:
    """The model and its books, opened without any wealth; prices and rates by date, from 2000Q1 on (20 and 3 %)."""
    model = Model("LP")
    economy = model.block("economy", "Households, government and central bank", "Godley and Lavoie's model LP1.")

    def param(name: str, label: str, unit: str, default: float, low: float, high: float) -> None:
        economy.param(name, label, unit, default, low, high, "uniform", label, source=_SOURCE, evidence="published")

    param("government_spending", "Government purchases per period", "USD_bn/q", 20.0, 0.0, 100.0)
    param("tax_rate", "Share of income taxed", "share", 0.1938, 0.05, 0.9)
    param("consumed_income", "Propensity to consume out of expected income", "share", 0.8, 0.0, 0.95)
    param("consumed_wealth", "Share of last period's wealth consumed per period", "1/q", 0.2, 0.05, 0.9)
    param("bills_share", "Share of wealth in bills at no interest and no income", "share", 0.44196, 0.0, 1.0)
    param("bills_by_rate", "Rise of that share per unit of the bill rate", "q", 1.1, 0.0, 10.0)
    param("bills_by_yield", "Fall of that share per unit of the bond yield", "q", 1.0, 0.0, 10.0)
    param("bills_by_income", "Fall of that share per unit of income over wealth", "q", 0.03, 0.0, 0.1)
    param("bonds_share", "Share of wealth in bonds at no interest and no income", "share", 0.3997, 0.0, 1.0)
    param("bonds_by_rate", "Fall of that share per unit of the bill rate", "q", 1.0, 0.0, 10.0)
    param("bonds_by_yield", "Rise of that share per unit of the bond yield", "q", 1.1, 0.0, 10.0)
    param("bonds_by_income", "Fall of that share per unit of income over wealth", "q", 0.03, 0.0, 0.1)
    economy.series("bond_price", "q", bond_prices or {_START: 20.0}, "price of a bond that pays one unit a period",
                   start=_START, after="hold", source=_SOURCE)
    economy.series("bill_rate", "1/q", bill_rates or {_START: 0.03}, "interest on bills", start=_START, after="hold", source=_SOURCE)

    @economy.equation("USD_bn/q", source=_SOURCE)
    def bill_interest(bill_rate_prev, household_bills_prev):
        """Interest on the bills households held, at the rate they were bought at."""
        return bill_rate_prev * household_bills_prev

    @economy.equation("USD_bn/q", source=_SOURCE)
    def coupons(bonds_prev, bond_price_prev):
        """One unit for each bond held."""
        return bonds_prev / bond_price_prev

    @economy.equation("USD_bn/q", source=_SOURCE)
    def capital_gain(bonds_prev, bond_price, bond_price_prev, one_quarter):
        """What the bonds held gain as their price changes."""
        return bonds_prev * (bond_price / bond_price_prev - 1) / one_quarter

    @economy.equation("USD_bn/q", source=_SOURCE, report=True)
    def consumption(consumed_income, disposable_income_prev, consumed_wealth, wealth_prev):
        """Out of the income expected, which is last period's, and of wealth."""
        return consumed_income * disposable_income_prev + consumed_wealth * wealth_prev

    @economy.equation("USD_bn/q", source=_SOURCE, report=True)
    def income(consumption, government_spending):
        """National income."""
        return consumption + government_spending

    @economy.equation("USD_bn/q", source=_SOURCE, report=True)
    def taxes(tax_rate, income, bill_interest, coupons):
        """Taxes on wages and interest."""
        return tax_rate * (income + bill_interest + coupons)

    @economy.equation("USD_bn/q", opening=zero("USD_bn/q"), source=_SOURCE, report=True)
    def disposable_income(income, bill_interest, coupons, taxes):
        """Income after tax, without capital gains."""
        return income + bill_interest + coupons - taxes

    @economy.equation("USD_bn", opening=zero("USD_bn"), source=_SOURCE, report=True)
    def wealth(wealth_prev, disposable_income, consumption, capital_gain, one_quarter):
        """What is saved, and what the price of bonds adds."""
        return wealth_prev + (disposable_income - consumption + capital_gain) * one_quarter

    @economy.equation("USD_bn", source=_SOURCE)
    def expected_wealth(wealth_prev, disposable_income_prev, consumption, capital_gain, one_quarter):
        """Wealth if income is as expected."""
        return wealth_prev + (disposable_income_prev - consumption + capital_gain) * one_quarter

    @economy.equation("USD_bn", source=_SOURCE)
    def bills_wanted(expected_wealth, bills_share, bills_by_rate, bill_rate, bills_by_yield, bond_price, bills_by_income,
                     disposable_income_prev):
        """Bills households want to hold; a bond yields one over its price."""
        return (expected_wealth * (bills_share + bills_by_rate * bill_rate - bills_by_yield / bond_price)
                - bills_by_income * disposable_income_prev)

    @economy.equation("USD_bn", source=_SOURCE)
    def bonds_wanted(expected_wealth, bonds_share, bonds_by_rate, bill_rate, bonds_by_yield, bond_price, bonds_by_income,
                     disposable_income_prev):
        """Bonds households want to hold, at market value."""
        return (expected_wealth * (bonds_share - bonds_by_rate * bill_rate + bonds_by_yield / bond_price)
                - bonds_by_income * disposable_income_prev)

    @economy.equation("USD_bn/q", source=_SOURCE)
    def bills_bought(bills_wanted, household_bills_prev, one_quarter):
        """Net purchases of bills by households."""
        return (bills_wanted - household_bills_prev) / one_quarter

    @economy.equation("USD_bn/q", source=_SOURCE)
    def bonds_bought(bonds_wanted, bonds_prev, capital_gain, one_quarter):
        """Net purchases of bonds: what is wanted beyond what is held at the new price."""
        return (bonds_wanted - bonds_prev) / one_quarter - capital_gain

    @economy.equation("USD_bn/q", source=_SOURCE)
    def central_bank_interest(bill_rate_prev, central_bank_bills_prev):
        """Interest on the central bank's bills, which it hands back as profit."""
        return bill_rate_prev * central_bank_bills_prev

    @economy.equation("USD_bn/q", source=_SOURCE)
    def central_bank_profit(central_bank_interest):
        """All interest the central bank earns goes to the government."""
        return central_bank_interest

    @economy.equation("USD_bn/q", source=_SOURCE)
    def central_bank_bills_bought(government_spending, bill_interest, coupons, taxes, bills_bought, bonds_bought):
        """The rest of the deficit: the central bank buys the bills nobody else does."""
        return government_spending + bill_interest + coupons - taxes - bills_bought - bonds_bought

    @economy.equation("USD_bn", source=_SOURCE, report=True)
    def money(wealth, household_bills, bonds):
        """Money that households hold: wealth that is in neither bills nor bonds."""
        return wealth - household_bills - bonds

    @economy.equation("USD_bn/q", source=_SOURCE)
    def spending(government_spending):
        """Government purchases as they are paid."""
        return government_spending

    nothing = zero("USD_bn")
    books = Ledger(model.block("books", "Books", "Who pays whom."), residual_sector="central_bank")
    books.sector("households", "households", opening=nothing)
    books.sector("firms", "firms", opening=nothing)
    books.sector("government", "the government", opening=nothing)
    books.sector("central_bank", "the central bank, whose debt is the money", opening=nothing)
    books.claim("household_bills", instrument="bills", holder="households", issuer="government", opening=nothing,
                meaning="government bills held by households")
    books.claim("central_bank_bills", instrument="bills", holder="central_bank", issuer="government", opening=nothing,
                meaning="government bills held by the central bank")
    books.claim("bonds", instrument="bonds", holder="households", issuer="government", opening=nothing,
                meaning="perpetual bonds at market value")
    books.pay("consumption", payer="households", payee="firms", label="Consumption")
    books.pay("spending", payer="government", payee="firms", label="Government purchases")
    books.pay("income", payer="firms", payee="households", label="Wages")
    books.pay("taxes", payer="households", payee="government", label="Taxes")
    books.pay("bill_interest", payer="government", payee="households", label="Interest on bills")
    books.pay("coupons", payer="government", payee="households", label="Interest on bonds")
    books.pay("central_bank_interest", payer="government", payee="central_bank", label="Interest on bills")
    books.pay("central_bank_profit", payer="central_bank", payee="government", label="Central bank's profit")
    books.lend("bills_bought", claim="household_bills", label="Change in bills")
    books.lend("bonds_bought", claim="bonds", label="Change in bonds")
    books.revalue("capital_gain", claim="bonds", label="Capital gains")
    books.lend("central_bank_bills_bought", claim="central_bank_bills", label="Change in bills")
    books.check("households", "money")
    books.finish()
    return model, books
