"""Returns: the cash of each vintage, in two readings, from which its realised IRR is found.

External cash counts only compute that end customers and labs pay for. The captive reading adds the owners' own use at the
contract price (a transfer, not cash) and a stated uplift; the two differ by exactly the captive transfer. Money out is chips
and facility when energised; facility value comes back when a slot is freed, and at the end of the horizon what is left is
taken at resale (chips) and straight line (facility).
"""

from __future__ import annotations

from supercycle.equations.functions import exp, positive
from supercycle.world.frame import VINTAGE, Block, judged

__all__ = ["block"]

block = Block("returns", "Returns", "The cash of each vintage, in two readings.", mechanism="judged: cash counted by vintage; what chips fetch at the horizon rests on the resale curve")

@block.equation("USD_bn/q", axis=VINTAGE, label="Money put into the vintage")
def vintage_outlay_usd_bn(vintage_active, energised_it_gw, it_cost, facility_cost):
    """Chips and facility of what is energised."""
    return vintage_active * energised_it_gw * (it_cost + facility_cost)


@block.equation("USD_bn/q", axis=VINTAGE, label="Value of the vintage's use at contract prices")
def vintage_use_usd_bn(vintage_mh100e_prev, vintage_price_prev, availability, utilisation, hours_per_quarter, usd_bn_per_usd_m):
    """Compute in use times the vintage's contract price."""
    return vintage_mh100e_prev * availability * utilisation * vintage_price_prev * hours_per_quarter * usd_bn_per_usd_m


@block.equation("USD_bn/q", axis=VINTAGE, label="Captive transfer of the vintage")
def vintage_captive_usd_bn(vintage_use_usd_bn, external_share):
    """Owners' use at the contract price."""
    return vintage_use_usd_bn * (1 - external_share)


@block.equation("USD_bn/q", axis=VINTAGE, label="Attributed value of the vintage's captive use")
def vintage_attributed_usd_bn(vintage_captive_usd_bn, captive_value_ratio):
    """What captive use adds to owners, by the payoff rule."""
    return vintage_captive_usd_bn * captive_value_ratio


@block.equation("USD_bn/q", axis=VINTAGE, label="Cash and attributed value of the vintage", report=True)
def vintage_cash_usd_bn(vintage_external_usd_bn, vintage_attributed_usd_bn):
    """The one return of a vintage: external cash plus what captive use adds; the two readings beside it bound the attribution."""
    return vintage_external_usd_bn + vintage_attributed_usd_bn


@block.equation("USD_bn/q", axis=VINTAGE, label="Facility value freed by the vintage")
def vintage_salvage_usd_bn(vintage_retired_it_gw, facility_cost, vintage_age_q, recovery_facility_life, one_year, year_once, one_quarter):
    """Shell and power live on: straight line over the facility's life."""
    life_q = recovery_facility_life / year_once * one_year
    return vintage_retired_it_gw * facility_cost * positive(1 - vintage_age_q / life_q)


@block.equation("USD_bn/q", axis=VINTAGE, label="External cash of the vintage", report=True)
def vintage_external_usd_bn(vintage_use_usd_bn, external_share, vintage_it_gw_prev, opex_per_gw, year_per_quarter, vintage_outlay_usd_bn,
                            vintage_salvage_usd_bn):
    """External revenue and freed value less operations and outlay."""
    return (vintage_use_usd_bn * external_share + vintage_salvage_usd_bn - vintage_it_gw_prev * opex_per_gw * year_per_quarter
            - vintage_outlay_usd_bn)


@block.equation("USD_bn/q", axis=VINTAGE, label="Cash of the vintage with captive use", report=True)
def vintage_imputed_usd_bn(vintage_external_usd_bn, vintage_captive_usd_bn):
    """External cash plus the captive transfer."""
    return vintage_external_usd_bn + vintage_captive_usd_bn


judged(block, "resale_slowing", "Decay of what is left at the horizon over that of resale prices", "1", 0.5, 0.3, 1.0, "fixed", "ratio", "chips that still run are worth more to their owner than to a buyer: the curve of rents falls half as fast as that of resales")


@block.equation("USD_bn", axis=VINTAGE, label="Value left in the vintage", report=True)
def vintage_left_usd_bn(vintage_it_gw, it_cost, density, vintage_density, resale_decay, vintage_age_q, year_per_quarter, facility_cost,
                        recovery_facility_life, one_year, year_once, resale_slowing):
    """Chips at replacement cost of their compute, decayed as resale prices are; facility straight line."""
    life_q = recovery_facility_life / year_once * one_year
    chips = it_cost * vintage_density / density * exp(-resale_decay * year_per_quarter * vintage_age_q * resale_slowing)
    return vintage_it_gw * (chips + facility_cost * positive(1 - vintage_age_q / life_q))
