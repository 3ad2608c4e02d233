"""Fleet: vintages of chips with their own density, price and contract; a vintage leaves when it no longer pays.

A vintage retires (a) through failures, (b) at the end of its physical life, (c) when its marginal revenue falls below
avoidable cost, (d) when a scarce watt earns more with new chips: the rent of the density gained exceeds the user cost of
the new chips. Book life is a policy of the firms (block 11); economic life is an outcome here.
"""

from __future__ import annotations

from supercycle.equations.functions import exp, log, mean, positive, share, where, within
from supercycle.world.frame import VINTAGE, Block, FigureValue, figure, judged, measured, sourced

__all__ = ["block", "shipped"]

block = Block("fleet", "Fleet", "Vintages of chips: density, price, retirement.", mechanism="judged: vintages age, fail and leave when they earn less than they cost; one density and price per vintage stands for many chips")

_FIRST = (-17.0, -9.0, -5.0, -1.0, 1.0, 3.0, 7.0, 11.0, 15.0, 19.0, 23.0, 27.0, 31.0, 35.0)
_LAST = (-10.0, -6.0, -2.0, 0.0, 2.0, 6.0, 10.0, 14.0, 18.0, 22.0, 26.0, 30.0, 34.0, 38.0)
_MAKERS = ("Nvidia", "Google TPU", "Amazon Trainium", "AMD")
_COUNTED_FROM = {"Amazon Trainium": "2024", "AMD": "2024"}  # years whose counts include what was shipped before


def shipped(series: str, since: str, until: str) -> FigureValue:
    """Chips that the makers shipped after one day and until another: cumulative counts, differenced and added up."""
    counts = [figure(series, maker, until) for maker in _MAKERS if until[:4] >= _COUNTED_FROM.get(maker, "")]
    before = [figure(series, maker, since) for maker in _MAKERS if since and since[:4] >= _COUNTED_FROM.get(maker, "")]
    total = sum(counts[1:], start=counts[0])
    return total - sum(before[1:], start=before[0]) if before else total


_SPANS = (("", "2023-12-31"), ("2023-12-31", "2024-12-31"), ("2024-12-31", "2025-12-31"))
_DIFFERENCED = "cumulative chip counts, differenced and added up over makers"

for _name, _values, _what in (("vintage_first", _FIRST, "first"), ("vintage_last", _LAST, "last")):
    for _member, _value in zip(VINTAGE.members, _values, strict=True):
        measured(block, f"{_name}:{_member}", f"{_what.capitalize()} quarter of vintage {_member}", "q", _value,
                 f"{_what} quarter of the vintage, counted from 2026Q2 = 0", "calendar")
    block.family(_name, VINTAGE)
for _member, (_since, _until) in zip(VINTAGE.members[:3], _SPANS, strict=True):
    measured(block, f"shipped_tdp:{_member}", f"Chip power shipped, {_member}", "GW_tdp",
             shipped("ai_chips_cumulative_tdp", _since, _until), "chip TDP shipped in the vintage", _DIFFERENCED)
    measured(block, f"shipped_h100e:{_member}", f"Compute shipped, {_member}", "MH100e",
             shipped("ai_chips_cumulative_h100e", _since, _until), "H100 equivalents shipped in the vintage", _DIFFERENCED)
for _member in VINTAGE.members[3:]:
    measured(block, f"shipped_tdp:{_member}", f"Chip power shipped, {_member}", "GW_tdp", 0.0, "later than the chip counts", "none yet")
    measured(block, f"shipped_h100e:{_member}", f"Compute shipped, {_member}", "MH100e", 0.0, "later than the chip counts", "none yet")
block.family("shipped_tdp", VINTAGE)
block.family("shipped_h100e", VINTAGE)

judged(block, "h100e_growth_2026h1", "Growth of compute shipped in 2026H1", "1/q", 0.14, 0.10, 0.17, "triangular",
       "log growth a quarter of H100e shipped after 2025Q4", "4.4 M in 2025Q4 growing about 15 % a quarter (dynamics of the counts)")
measured(block, "shipped_h100e_2025q4", "Compute shipped in 2025Q4", "MH100e/q",
         shipped("ai_chips_cumulative_h100e", "2025-09-30", "2025-12-31"), "H100 equivalents shipped in the quarter", _DIFFERENCED)
sourced(block, "h100e_per_watt_growth", "h100e_per_chip_kw_growth_nvidia", "Growth of H100e per watt in a year", "1", "lognormal",
        default=1.37, low=1.26, high=1.5, reason="bounds narrowed: 1.60 would outrun every measured four quarters of the "
        "leading maker, and cost and density growth are sampled, performance per dollar derived")
judged(block, "density_fade", "Fade of density growth", "1/q", 0.027, 0.02, 0.04, "lognormal", "rate at which density growth fades",
       "half-life of five to eight years")
judged(block, "opex_per_gw_year", "Operations and power per gigawatt", "USD_bn/GW_it/year", 0.9, 0.6, 1.3, "triangular",
       "power, spares and staff per IT gigawatt-year", "Epoch 0.6 energy and 0.9 in all; Rubin page 1.3 for energy")
sourced(block, "failure_rate", "gpu_failure_rate", "Chips lost for good", "1/year", "triangular", default=0.02, low=0.01, high=0.06,
        reason="the prior counts interruptions (0.06-0.12 a year); most are repaired, about a quarter are replaced")
judged(block, "physical_life_q", "Physical life", "q", 28.0, 22.0, 36.0, "triangular", "age at which chips wear out or lose support",
       "seven years: A100s of 2020 still run, V100s of 2017-18 have left")
judged(block, "retire_rate", "Speed of retirement once uneconomic", "1/q", 0.25, 0.15, 0.4, "triangular",
       "share of an uneconomic or worn vintage that leaves in a quarter", "contracts and migrations spread a retirement over a year")
judged(block, "refresh_rate_max", "Fastest refresh of scarce slots", "1/q", 0.08, 0.04, 0.14, "triangular",
       "share of a vintage replaced in a quarter when refresh pays fully", "a hall is refitted in three years at the fastest")


@block.initial("GW_it", label="Shipped and not energised: share of the newest vintage")
def opening_newest_it_gw(shipped_tdp_2025q4, shipment_growth_open, it_per_tdp, one_quarter, opening_dark_it_gw):
    """Shipments of 2026Q1 and Q2 less what is dark."""
    g = exp(shipment_growth_open * one_quarter)
    return shipped_tdp_2025q4 * one_quarter * g * (1 + g) * it_per_tdp - opening_dark_it_gw


@block.initial("MH100e/GW_it", label="Density of the newest chips")
def opening_density(shipped_h100e_2025q4, shipped_tdp_2025q4, h100e_growth_2026h1, shipment_growth_open, it_per_tdp, since_count):
    """H100e per IT gigawatt shipped in 2026Q2."""
    return shipped_h100e_2025q4 / shipped_tdp_2025q4 / it_per_tdp * exp((h100e_growth_2026h1 - shipment_growth_open) * since_count)


@block.initial("GW_it", axis=VINTAGE, label="Energised gigawatts by vintage at the opening")
def opening_vintage_it_gw(shipped_tdp, it_per_tdp, position, opening_newest_it_gw, newest_place):
    """Chip counts to 2025, and the first half of 2026."""
    return where((position >= newest_place) & (position <= newest_place), opening_newest_it_gw, shipped_tdp * it_per_tdp)


@block.initial("MH100e", axis=VINTAGE, label="Energised compute by vintage at the opening")
def opening_vintage_mh100e(shipped_h100e, position, newest_place, opening_newest_it_gw, opening_density, shipped_h100e_2025q4,
                           shipped_tdp_2025q4, it_per_tdp):
    """Chip counts to 2025; the newest at the mean density of 2025Q4 and 2026Q2."""
    middle = mean(opening_density, shipped_h100e_2025q4 / shipped_tdp_2025q4 / it_per_tdp)
    return where((position >= newest_place) & (position <= newest_place), opening_newest_it_gw * middle, shipped_h100e)


block.place("newest_place", VINTAGE, "2026H1", "place of the vintage 2026H1 on the axis")
block.total("opening_fleet_it_gw", of="opening_vintage_it_gw", unit="GW_it", meaning="IT gigawatts energised at the opening", opening=True)
block.total("opening_fleet_mh100e", of="opening_vintage_mh100e", unit="MH100e", meaning="compute energised at the opening", opening=True)


@block.initial("GW_it/q")
def opening_retired_it_gw(opening_fleet_it_gw, failure_rate, year_per_quarter):
    """Failures at the opening."""
    return opening_fleet_it_gw * failure_rate * year_per_quarter


@block.initial("1/q", label="Growth of density at the opening")
def density_growth_open(h100e_per_watt_growth, one_year):
    """Yearly factor as log growth a quarter."""
    return log(h100e_per_watt_growth) / one_year


@block.equation("1/q", opening="density_growth_open")
def density_growth(density_growth_prev, density_fade, one_quarter):
    """Growth of H100e per watt, fading."""
    return density_growth_prev * exp(-density_fade * one_quarter)


@block.equation("MH100e/GW_it", opening="opening_density", label="Density of the chips energised now", report=True)
def density(density_prev, density_growth, one_quarter):
    """H100e per IT gigawatt of the generation energised now."""
    return density_prev * exp(density_growth * one_quarter)


@block.equation("USD_bn/GW_it/year", opening="opex_per_gw_year", label="Operations per gigawatt, trend")
def opex_trend(opex_trend_prev, facility_inflation, one_quarter):
    """Power and operations per gigawatt-year, with inflation."""
    return opex_trend_prev * exp(facility_inflation * one_quarter)


@block.equation("USD_bn/GW_it/year", opening="opex_per_gw_year", label="Operations per gigawatt", report=True)
def opex_per_gw(opex_trend, energy_part, power_price_factor_prev):
    """The trend, with the energy part at the price of power that tightness made."""
    return opex_trend * (1 - energy_part + energy_part * power_price_factor_prev)


@block.initial("USD_bn/GW_it/year")
def opening_opex_per_gw(opex_per_gw_year):
    """Operations at the opening."""
    return opex_per_gw_year


@block.equation("1", axis=VINTAGE, label="Vintage being built")
def vintage_active(t, vintage_first, vintage_last):
    """One in the quarters in which the vintage is energised."""
    return where((t >= vintage_first) & (t <= vintage_last), 1, 0)


@block.equation("q", axis=VINTAGE, label="Age of the vintage")
def vintage_age_q(t, vintage_first, vintage_last):
    """Quarters since the middle of the vintage's quarters."""
    return positive(t - mean(vintage_first, vintage_last))


@block.equation("MH100e/GW_it", axis=VINTAGE, label="Density of the vintage")
def vintage_density(vintage_mh100e_prev, vintage_it_gw_prev, density):
    """H100e per IT gigawatt that is left."""
    return where(vintage_it_gw_prev > 0, share(vintage_mh100e_prev, vintage_it_gw_prev, density), density)


@block.equation("USD_bn/GW_it/year", axis=VINTAGE, label="Marginal revenue of the vintage")
def vintage_marginal_revenue(spot_price_prev, vintage_density, availability, utilisation_prev, hours_per_year, usd_bn_per_usd_m):
    """What a gigawatt of the vintage would earn on the spot market."""
    return spot_price_prev * vintage_density * availability * utilisation_prev * hours_per_year * usd_bn_per_usd_m


@block.equation("1", axis=VINTAGE, label="Gain from refresh")
def vintage_refresh_gain(contract_price_prev, density, vintage_density, availability, utilisation_prev, hours_per_year,
                         usd_bn_per_usd_m, it_cost, hurdle_rate_prev, it_economic_depreciation, slot_scarcity_prev):
    """Rent of the density gained less the user cost of new chips, over that cost; counts when slots are scarce."""
    rent = contract_price_prev * (density - vintage_density) * availability * utilisation_prev * hours_per_year * usd_bn_per_usd_m
    cost = it_cost * (hurdle_rate_prev + it_economic_depreciation)
    return within((rent - cost) / cost, 0, 1) * slot_scarcity_prev


@block.equation("1", axis=VINTAGE, label="Share of the vintage that leaves")
def vintage_retire_share(vintage_marginal_revenue, opex_per_gw, vintage_age_q, physical_life_q, retire_rate, failure_rate,
                         vintage_refresh_gain, refresh_rate_max, vintage_active, year_per_quarter, one_quarter):
    """Failures, wear, losses and refresh, at most all of it."""
    worn = where((vintage_age_q > physical_life_q) | (vintage_marginal_revenue < opex_per_gw), retire_rate, 0)
    leave = failure_rate * year_per_quarter + worn + refresh_rate_max * vintage_refresh_gain * (1 - vintage_active)
    return within(leave * one_quarter, 0, 1)


@block.equation("GW_it/q", axis=VINTAGE, opening=lambda year_per_quarter, opening_vintage_it_gw, failure_rate: opening_vintage_it_gw * failure_rate * year_per_quarter)
def vintage_retired_it_gw(vintage_it_gw_prev, vintage_retire_share, one_quarter):
    """Gigawatts of the vintage that leave."""
    return vintage_it_gw_prev * vintage_retire_share / one_quarter


block.total("retired_it_gw", of="vintage_retired_it_gw", unit="GW_it/q", meaning="gigawatts that leave the fleet", label="Retired",
            report=True, opening=True)


@block.equation("GW_it", axis=VINTAGE, opening="opening_vintage_it_gw", label="Energised IT power by vintage")
def vintage_it_gw(vintage_it_gw_prev, vintage_retired_it_gw, vintage_active, energised_it_gw, one_quarter):
    """Content less retirement, plus additions to the vintage being built."""
    return vintage_it_gw_prev + (vintage_active * energised_it_gw - vintage_retired_it_gw) * one_quarter


@block.equation("MH100e", axis=VINTAGE, opening="opening_vintage_mh100e", label="Energised compute by vintage")
def vintage_mh100e(vintage_mh100e_prev, vintage_retire_share, vintage_active, energised_it_gw, density, one_quarter):
    """Compute leaves with its gigawatts; additions come at today's density."""
    return vintage_mh100e_prev * (1 - vintage_retire_share) + vintage_active * energised_it_gw * density * one_quarter


block.total("fleet_it_gw", of="vintage_it_gw", unit="GW_it", meaning="IT power energised", label="Installed AI power, IT",
            report=True, opening=True)
block.total("fleet_mh100e", of="vintage_mh100e", unit="MH100e", meaning="compute energised", label="Installed compute",
            report=True, opening=True)


@block.equation("GW_facility", opening=lambda fleet_it_gw, pue: fleet_it_gw * pue, label="Installed AI power, facility", report=True)
def fleet_facility_gw(fleet_it_gw, pue):
    """IT power at the facility's meter."""
    return fleet_it_gw * pue
