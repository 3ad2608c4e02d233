"""Model REG: two regions with one government and one money (Godley and Lavoie, 2007, chapter 6).

North and South are rows of an axis. Each buys a share of its income from the other, so the two incomes are found together:
with m = 1 + imports - a1 (1 - tax) and A what is spent whatever the income,

    Y = (A m' + imports' A') / (m m' - imports imports')

where ' is the other region. A quarter here is the book's period; its dollars are USD_bn.
"""

from __future__ import annotations

from supercycle.equations.functions import total
from supercycle.equations.ledger import Ledger
from supercycle.equations.spec import Axis, Model
from supercycle.equations.variable import zero

__all__ = ["REGION", "reg_model"]

_SOURCE = "Godley and Lavoie, Monetary Economics, Palgrave Macmillan 2007, chapter 6, model REG"

REGION = Axis.of("region", [
    {"name": "North", "consumed_income": 0.6, "consumed_wealth": 0.4, "bills_share": 0.635, "bills_by_rate": 5.0,
     "bills_by_income": 0.01},
    {"name": "South", "consumed_income": 0.7, "consumed_wealth": 0.3, "bills_share": 0.67, "bills_by_rate": 6.0,
     "bills_by_income": 0.07},
])


def reg_model() -> tuple[Model, Ledger]:
    """The model and its books, opened without any wealth."""
    model = Model("REG")
    economy = model.block("economy", "Two regions, government and central bank", "Godley and Lavoie's model REG.")

    def param(name: str, label: str, unit: str, default: float, low: float, high: float) -> None:
        economy.param(name, label, unit, default, low, high, "uniform", label, source=_SOURCE, evidence="published")

    def by_region(name: str, label: str, unit: str, low: float, high: float, value: float | None = None) -> None:
        for row in REGION.rows:
            param(f"{name}:{row['name']}", f"{label}, {row['name']}", unit, row[name] if value is None else value, low, high)
        economy.family(name, REGION)

    param("tax_rate", "Share of income taxed", "share", 0.2, 0.05, 0.9)
    param("interest_rate", "Interest on bills per period", "1/q", 0.025, 0.0, 0.1)
    by_region("government_spending", "Government purchases per period", "USD_bn/q", 0.0, 100.0, 20.0)
    by_region("import_share", "Share of income spent on the other region's goods", "share", 0.0, 0.9, 0.18781)
    by_region("consumed_income", "Propensity to consume out of income", "share", 0.0, 0.95)
    by_region("consumed_wealth", "Share of last period's wealth consumed per period", "1/q", 0.05, 0.9)
    by_region("bills_share", "Share of wealth in bills at no interest and no income", "share", 0.0, 1.0)
    by_region("bills_by_rate", "Rise of that share per unit of interest", "q", 0.0, 10.0)
    by_region("bills_by_income", "Fall of that share per unit of income over wealth", "q", 0.0, 0.1)

    @economy.equation("USD_bn/q", axis=REGION, source=_SOURCE)
    def interest(interest_rate, bills_prev):
        """Interest on the bills a region's households held."""
        return interest_rate * bills_prev

    @economy.equation("USD_bn/q", axis=REGION, source=_SOURCE)
    def spent_anyway(government_spending, consumed_income, tax_rate, interest, consumed_wealth, wealth_prev):
        """What is bought whatever the period's income: by the government, out of interest and out of wealth."""
        return government_spending + consumed_income * (1 - tax_rate) * interest + consumed_wealth * wealth_prev

    @economy.equation("1", axis=REGION, source=_SOURCE)
    def leakage(import_share, consumed_income, tax_rate):
        """Income needed per dollar of income that is not spent on again at home."""
        return 1 + import_share - consumed_income * (1 - tax_rate)

    @economy.equation("USD_bn/q", axis=REGION, source=_SOURCE, report=True)
    def income(spent_anyway, leakage, import_share):
        """A region's income: the closed form of both. What is not this region's of a total is the other's."""
        others_leakage = total(leakage) - leakage
        others_imports = total(import_share) - import_share
        others_spending = total(spent_anyway) - spent_anyway
        return ((spent_anyway * others_leakage + others_imports * others_spending)
                / (leakage * others_leakage - import_share * others_imports))

    @economy.equation("USD_bn/q", axis=REGION, source=_SOURCE)
    def imports(import_share, income):
        """Bought from the other region."""
        return import_share * income

    @economy.equation("USD_bn/q", axis=REGION, source=_SOURCE)
    def taxes(tax_rate, income, interest):
        """Taxes on wages and interest."""
        return tax_rate * (income + interest)

    @economy.equation("USD_bn/q", axis=REGION, source=_SOURCE)
    def disposable_income(income, interest, taxes):
        """Income after tax."""
        return income + interest - taxes

    @economy.equation("USD_bn/q", axis=REGION, source=_SOURCE)
    def consumption(consumed_income, disposable_income, consumed_wealth, wealth_prev):
        """Households' purchases, from either region."""
        return consumed_income * disposable_income + consumed_wealth * wealth_prev

    @economy.equation("USD_bn", axis=REGION, opening=zero("USD_bn"), source=_SOURCE, report=True)
    def wealth(wealth_prev, disposable_income, consumption, one_quarter):
        """Money and bills of a region's households."""
        return wealth_prev + (disposable_income - consumption) * one_quarter

    @economy.equation("USD_bn", axis=REGION, opening=zero("USD_bn"), source=_SOURCE, report=True)
    def bills(wealth, bills_share, bills_by_rate, interest_rate, bills_by_income, disposable_income):
        """Bills a region's households hold."""
        return wealth * (bills_share + bills_by_rate * interest_rate) - bills_by_income * disposable_income

    @economy.equation("USD_bn/q", axis=REGION, source=_SOURCE)
    def bills_bought(bills, bills_prev, one_quarter):
        """Net purchases of bills."""
        return (bills - bills_prev) / one_quarter

    @economy.equation("USD_bn/q", axis=REGION, source=_SOURCE)
    def spending(government_spending):
        """Government purchases as they are paid."""
        return government_spending

    @economy.equation("USD_bn/q", source=_SOURCE)
    def central_bank_interest(interest_rate, central_bank_bills_prev):
        """Interest on the central bank's bills, which it hands back as profit."""
        return interest_rate * central_bank_bills_prev

    @economy.equation("USD_bn/q", source=_SOURCE)
    def central_bank_profit(central_bank_interest):
        """All interest the central bank earns goes to the government."""
        return central_bank_interest

    @economy.equation("USD_bn/q", source=_SOURCE)
    def central_bank_bills_bought(spending, interest, taxes, bills_bought):
        """The rest of the deficit: the central bank buys the bills nobody else does."""
        return total(spending + interest - taxes - bills_bought)

    @economy.equation("USD_bn", source=_SOURCE, report=True)
    def money(wealth, bills):
        """Money of both regions: wealth that is not in bills."""
        return total(wealth - bills)

    @economy.equation("USD_bn/q", axis=REGION, source=_SOURCE, report=True)
    def trade_balance(imports):
        """Exports, which are the other region's imports, less imports."""
        return total(imports) - imports - imports

    nothing = zero("USD_bn")
    books = Ledger(model.block("books", "Books", "Who pays whom."), residual_sector="central_bank")
    books.sector("households", "households of both regions", opening=nothing)
    books.sector("firms", "firms of both regions", opening=nothing)
    books.sector("government", "the government", opening=nothing)
    books.sector("central_bank", "the central bank, whose debt is the money", opening=nothing)
    books.claim("household_bills", instrument="bills", holder="households", issuer="government", opening=nothing,
                meaning="government bills held by households")
    books.claim("central_bank_bills", instrument="bills", holder="central_bank", issuer="government", opening=nothing,
                meaning="government bills held by the central bank")
    books.pay("consumption", payer="households", payee="firms", label="Consumption")
    books.pay("spending", payer="government", payee="firms", label="Government purchases")
    books.pay("imports", payer="firms", payee="firms", label="Trade between regions")
    books.pay("income", payer="firms", payee="households", label="Wages")
    books.pay("taxes", payer="households", payee="government", label="Taxes")
    books.pay("interest", payer="government", payee="households", label="Interest on bills")
    books.pay("central_bank_interest", payer="government", payee="central_bank", label="Interest on bills")
    books.pay("central_bank_profit", payer="central_bank", payee="government", label="Central bank's profit")
    books.lend("bills_bought", claim="household_bills", label="Change in bills")
    books.lend("central_bank_bills_bought", claim="central_bank_bills", label="Change in bills")
    books.check("households", "money")
    books.finish()
    return model, books
