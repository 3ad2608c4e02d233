"""Compute market: spot clears, contracts reprice slowly, service prices follow cost with a lag.

Supply is the fleet times availability; demand is inference, training and captive use. The spot price moves with pressure
(demand over supply, a queue above one is bounded) and is floored at the avoidable cost of the marginal vintage. New
contracts are struck at a wholesale discount; each vintage's book reprices a few per cent a quarter.
"""

from __future__ import annotations

from supercycle.equations.functions import exp, log, maximum, minimum, share, where
from supercycle.world.frame import VINTAGE, Block, judged, measured, sourced, zero

__all__ = ["block"]

block = Block("market", "Compute market", "Spot and contract price of compute, utilisation, service price.", mechanism="judged: a price that moves with pressure on capacity and a contract book that follows it; speeds are fitted to two years of rental indices")

measured(block, "opening_spot_price", "Spot price of compute in 2026Q2", "USD/H100e/h", 2.8, "rental price of an H100-hour, spot",
         "figures buyers:rental_index, H100 2.60 (Silicon Data) to 2.95 (37 providers)", low=2.6, high=3.0, distribution="triangular",
         evidence="published")
judged(block, "opening_book_price", "Average contract price in the book in 2026Q2", "USD/H100e/h", 1.45, 1.3, 1.6, "triangular",
       "mean price of contracts in force", "one-year contracts 1.70 (Oct 2025) to 2.35 (Mar 2026) with older and larger ones lower: "
       "1.2-1.6")
judged(block, "contract_discount", "New long contracts over spot", "1", 0.55, 0.5, 0.65, "triangular",
       "wholesale, multi-year price over spot", "contracts of 1.2-1.6 against spot of 2.4-3.0")
judged(block, "repricing_rate", "Share of the contract book repriced in a quarter", "1/q", 0.065, 0.05, 0.085, "triangular",
       "book repriced to today's contract price", "three- to five-year contracts")
sourced(block, "price_response", "price_response_to_utilisation", "Price response to ten points of pressure", "1/q", "lognormal")
judged(block, "marginal_share", "Part of service cost that follows the new contract price", "1", 0.5, 0.3, 0.7, "triangular",
       "weight of marginal compute in service prices", "hosts of open models rent short and follow spot; labs hold three- to five-year contracts")
judged(block, "opening_utilisation", "Utilisation at the opening", "1", 0.80, 0.76, 0.84, "triangular",
       "share of available compute in use in 2026Q2", "no public series; fleets run 0.70-0.85 and 2026H1 was tight")
judged(block, "pressure_max", "Bound on demand over supply", "1", 1.6, 1.4, 1.8, "fixed", "longest queue in units of supply",
       "beyond it would-be users give up or never file")
judged(block, "utilisation_max", "Highest possible utilisation", "1", 0.92, 0.88, 0.95, "triangular", "scheduling limit",
       "batch and inference fleets peak near nine tenths")
judged(block, "service_pass_through", "Speed at which service prices follow cost", "1/q", 0.33, 0.25, 0.5, "triangular",
       "share of the gap between service price and compute cost closed in a quarter",
       "a lag of two to four quarters (dynamics of demand); API pass-through prior is 0.4-1.0 a year")
judged(block, "captive_use_least", "Least captive part of use at the opening", "1", 0.4, 0.3, 0.5, "fixed", "share of compute in use",
       "owners' own use is what is left of the fleet; below two fifths rented compute would exceed what clouds report")
judged(block, "captive_use_most", "Most captive part of use at the opening", "1", 0.7, 0.6, 0.8, "fixed", "share of compute in use",
       "above seven tenths the clouds' reported AI revenue would have no compute behind it")
measured(block, "points_per_ten", "Pressure to which the price response refers", "1", 10.0, "units of ten points in one", "the unit of the prior price_response_to_utilisation", evidence="published")


@block.initial("USD/H100e/h", label="New contract price at the opening")
def opening_contract_price(opening_spot_price, contract_discount):
    """Discounted spot."""
    return opening_spot_price * contract_discount


@block.equation("MH100e", label="Supply of compute")
def compute_supply_mh100e(fleet_mh100e, availability, compute_shut_prev, training_idle_mh100e):
    """Energised, available, not idle after a failure of its owner, and not an idle training cluster that is not yet offered."""
    return fleet_mh100e * availability * (1 - compute_shut_prev) - training_idle_mh100e


judged(block, "training_offer_rate", "Speed at which idle training clusters are offered to inference", "1", 0.5, 0.25, 1.0, "triangular",
       "share of what stands idle that is offered in a quarter; one is at once",
       "a cluster has to be cut up, its network and contract changed: weeks for an own fleet, up to a year for reserved contracts that must be sublet")


@block.equation("MH100e", opening="opening_training_mh100e", label="Compute of training clusters", report=True)
def training_fleet_mh100e(training_fleet_mh100e_prev, training_mh100e, training_offer_rate):
    """What labs train on, and what they no longer need and have not yet offered."""
    return maximum(training_mh100e, training_fleet_mh100e_prev + training_offer_rate * (training_mh100e - training_fleet_mh100e_prev))


@block.equation("MH100e", opening=zero("MH100e"), label="Idle training clusters not yet offered", report=True)
def training_idle_mh100e(training_fleet_mh100e, training_mh100e):
    """None while training grows."""
    return training_fleet_mh100e - training_mh100e


@block.equation("1", opening="opening_utilisation", label="Pressure: demand over supply", report=True)
def pressure(desired_compute_mh100e, compute_supply_mh100e, pressure_max, glut_imposed):
    """Demand over supply; the queue is bounded; a scenario may take demand away."""
    return minimum(desired_compute_mh100e * (1 - glut_imposed) / compute_supply_mh100e, pressure_max)


judged(block, "imposed_glut_quarter", "Quarter of an imposed glut", "q", 0.0, 0.0, 38.0, "switch", "0 for none, else quarters from 2026Q2", "scenario switch")
judged(block, "imposed_glut_lasts_q", "Quarters for which the glut lasts", "q", 8.0, 1.0, 38.0, "switch", "quarters", "scenario switch")
judged(block, "imposed_glut_size", "Share of compute demand that is missing", "1", 0.2, 0.0, 0.6, "switch", "share", "scenario switch: telecom capacity of 2001 ran far ahead of use")


@block.equation("1", label="Compute demand that a scenario takes away")
def glut_imposed(t, imposed_glut_quarter, imposed_glut_lasts_q, imposed_glut_size):
    """Zero unless a scenario imposes a glut."""
    on = (imposed_glut_quarter > 0) & (t >= imposed_glut_quarter) & (t < imposed_glut_quarter + imposed_glut_lasts_q)
    return where(on, imposed_glut_size, 0)


@block.equation("1", opening="opening_utilisation", label="Utilisation", report=True)
def utilisation(pressure, utilisation_max):
    """Share of available compute in use."""
    return minimum(pressure, utilisation_max)


judged(block, "marginal_density", "Density of the marginal vintage over the newest at the opening", "1", 0.5, 0.3, 0.8, "fixed", "ratio", "two generations back, A100 to B200, at equal power")


@block.equation("USD/H100e/h", label="Avoidable cost of the marginal vintage")
def price_floor(opex_per_gw, opening_density, hours_per_year, usd_m_per_usd_bn, marginal_density):
    """Operations of the least dense chips still worth running, taken at the opening's newest density over two."""
    return opex_per_gw * usd_m_per_usd_bn / (opening_density * marginal_density * hours_per_year)


@block.equation("USD/H100e/h", opening="opening_spot_price", label="Spot price of compute", report=True)
def spot_price(spot_price_prev, price_response, pressure, target_utilisation, points_per_ten, one_quarter, price_floor, density,
               opening_density, spot_news):
    """Log price moves with pressure above target and with news; the floor falls as vintages get denser."""
    moved = spot_price_prev * exp(price_response * points_per_ten * (pressure - target_utilisation) * one_quarter + spot_news)
    return maximum(moved, price_floor * opening_density / density)


@block.equation("USD/H100e/h", opening="opening_contract_price", label="New contract price of compute", report=True)
def contract_price(spot_price, contract_discount):
    """Long contracts at a discount to spot."""
    return spot_price * contract_discount


@block.equation("1/q", opening=zero("1/q"))
def contract_price_change(contract_price, contract_price_prev, one_quarter):
    """Log change of the new contract price."""
    return log(contract_price / contract_price_prev) / one_quarter




@block.equation("USD/H100e/h", axis=VINTAGE, opening="opening_book_price", label="Contract price by vintage")
def vintage_price(vintage_price_prev, contract_price, repricing_rate, vintage_active, vintage_it_gw_prev, energised_it_gw, one_quarter):
    """Additions sign at today's contract price; the rest of the book moves towards it."""
    repriced = vintage_price_prev + repricing_rate * one_quarter * (contract_price - vintage_price_prev)
    new = vintage_active * energised_it_gw * one_quarter
    weight = share(new, new + vintage_it_gw_prev, 0)
    return repriced + weight * (contract_price - repriced)


@block.equation("USD_m/h", axis=VINTAGE, opening=lambda opening_book_price, opening_vintage_mh100e: opening_book_price * opening_vintage_mh100e)
def vintage_book(vintage_price, vintage_mh100e):
    """Price times compute of the vintage."""
    return vintage_price * vintage_mh100e


block.total("book_value", of="vintage_book", unit="USD_m/h", meaning="value of an hour of the whole fleet at contract prices", opening=True)


@block.equation("USD/H100e/h", opening="opening_book_price", past=lambda opening_book_price: opening_book_price, label="Average contract price of compute", report=True)
def book_price(book_value, fleet_mh100e):
    """The price revenue is booked at: the mean of contracts in force."""
    return book_value / fleet_mh100e


@block.equation("1", opening=zero("1"), label="Log service price", report=True)
def service_price_log(service_price_log_prev, book_price_prev, opening_book_price, contract_price_prev, opening_contract_price,
                      marginal_share, efficiency_log, service_pass_through,
                      price_war, algorithmic_growth, takeoff_regime, takeoff_growth_boost, one_quarter):
    """Price of a constant service relative to the opening. Competition prices the known trend of efficiency at once; jumps and
    the price of compute pass through with a lag.
    """
    trend = service_price_log_prev - (algorithmic_growth + takeoff_regime * takeoff_growth_boost) * one_quarter
    compute = ((1 - marginal_share) * log(book_price_prev / opening_book_price)
               + marginal_share * log(contract_price_prev / opening_contract_price))
    cost = compute - efficiency_log - price_war
    return trend + service_pass_through * one_quarter * (cost - trend)


judged(block, "price_war", "Depth of a price war", "1", 0.0, 0.0, 1.0, "switch", "log cut of service margins in a price-war regime",
       "scenario switch: list prices fell by up to 80 % in the war of July 2026")
