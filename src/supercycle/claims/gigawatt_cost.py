"""Epoch's annual cost of owning a gigawatt, and the discount rate that reproduces it."""

from __future__ import annotations

from functools import partial

from supercycle.claims.arithmetic import part_of
from supercycle.claims.entry import Entry, Input, Reading
from supercycle.claims.inputs import judged, printed, solved, stated
from supercycle.claims.monetisation import lives
from supercycle.claims.required_revenue import owning_cost, server_cost
from supercycle.claims.solve import solve

__all__ = ["energy_cost", "entries"]

_EPOCH = "Epoch AI / GovAI, cost of 1 GW of AI data centre, 2026-05-14"


def _tco_inputs(life_years: float, rate: Input) -> tuple[Input, ...]:
    it_share, life, facility = lives()
    if life_years != life.value:
        life = stated("it_life_years", life_years, "years", _EPOCH, (3, 8))
    return (
        printed("capex_usd_bn", "cost_per_gw", "1 GW IT, GB200 NVL72, US hyperscaler, capex", "2026-05"),
        it_share,
        life,
        facility,
        rate,
        printed("opex_usd_bn_per_year", "opex_per_gw", "1 GW IT", "2026-05", (0.5, 2)),
    )


def _solved_rate() -> Input:
    """The discount rate that gives Epoch's 8.5 at five years; the other lives are then a test of it."""
    guess = judged("rate", 0.10, "1/year", "not public", (0, 0.25))
    values = {item.name: item.value for item in _tco_inputs(5, guess) if item.name != "rate"}
    target = printed("tco", "tco_per_gw", "1 GW IT, IT life 5y, facility 14y", "2026-05").value
    found = solve(lambda rate: partial(owning_cost, **values)(rate=rate), target, 0.0, 0.25)
    return solved(
        "rate", found.answers[0], "1/year", "gives 8.5 a year at an IT life of five years", (0, 0.25)
    )


def entries() -> tuple[Entry, ...]:
    """Every claim of this topic."""

    def entry(
        id: str,
        statement: str,
        entity: str,
        digit: float,
        basis: str,
        why: str,
        life: float,
        rate: Input,
        reading: str,
    ) -> Entry:
        target = printed("tco", "tco_per_gw", entity, "2026-05").value
        return Entry(
            id,
            "monetisation",
            statement,
            "Epoch AI / GovAI",
            "2026-05",
            _EPOCH,
            target,
            "USD_bn/year",
            digit,
            basis,
            why,
            _tco_inputs(life, rate),
            owning_cost,
            "=",
            reading,
        )

    rate = _solved_rate()
    ten = judged("rate", 0.10, "1/year", "not public; JPM's 10 % taken for comparison", (0, 0.25))
    said = f"discount rate solved from the 5-year print ({100 * rate.value:.1f} %), 65 % of capex IT"
    share = printed("server_share", "cost_share", "GPUs", "2025-10", (0.2, 0.8), scale=0.01, unit="share")
    capex, _, life, _, _, _ = _tco_inputs(5, rate)
    energy = printed("value", "tco_energy_per_gw", "energy", "2026-05")
    return (
        entry(
            "epoch_tco",
            "Annual cost of 1 GW of IT at a 5-year IT life",
            "1 GW IT, IT life 5y, facility 14y",
            0.1,
            "inputs",
            f"Rate and split are not public. At 10 % it is higher; {100 * rate.value:.1f} % "
            f"reproduces 8.5 at 65 % IT, and then "
            "also the prints at 3 and 7 years (epoch_tco_3y, epoch_tco_7y).",
            5,
            ten,
            "",
        ),
        entry(
            "epoch_tco_3y",
            "The same at a 3-year IT life",
            "IT life 3y",
            1,
            "inputs",
            "Not fitted: a test of the solved rate.",
            3,
            rate,
            said,
        ),
        entry(
            "epoch_tco_7y",
            "The same at a 7-year IT life",
            "IT life 7y",
            1,
            "inputs",
            "Not fitted: a test of the solved rate.",
            7,
            rate,
            said,
        ),
        Entry(
            "epoch_servers",
            "monetisation",
            "Servers' part of the annual cost",
            "Epoch AI / GovAI",
            "2026-05",
            _EPOCH,
            5.0,
            "USD_bn/year",
            1,
            "inputs",
            "60 % of 8.5. The servers' part of the 38 of capex is not public; with GPUs at 39 "
            "% of cost (Bernstein) and the "
            "solved rate, GPUs alone are 3.6.",
            (
                printed("whole", "tco_per_gw", "1 GW IT, IT life 5y, facility 14y", "2026-05"),
                stated(
                    "share",
                    0.60,
                    "share",
                    "Epoch AI: servers account for 60% of TCO of a 1 GW AI DC",
                    (0.3, 0.8),
                ),
            ),
            part_of,
            readings=(
                Reading(
                    "capital recovery of the GPUs alone",
                    server_cost,
                    (capex, share, life, rate),
                    "USD_bn/year",
                ),
            ),
        ),
        Entry(
            "epoch_energy",
            "monetisation",
            "Energy's part of the annual cost",
            "Epoch AI / GovAI",
            "2026-05",
            _EPOCH,
            energy.value,
            "USD_bn/year",
            0.1,
            "assertion",
            "Epoch's price of power is not public. Nearest: 1 GW of IT all year at a PUE of "
            "1.2 and Ohio's industrial price.",
            (
                judged("it_gw", 1.0, "GW_it", "the claim's own gigawatt, fully used", (0.5, 1)),
                judged("pue", 1.2, "ratio", "new large builds; see series pue", (1.05, 1.5)),
                printed("price_usd_per_kwh", "electricity_industrial", "Ohio", "2025-04", (0.04, 0.18)),
            ),
            energy_cost,
        ),
    )


def energy_cost(it_gw: float, pue: float, price_usd_per_kwh: float) -> float:
    """Energy bill of IT power: GW x PUE x 8.766 thousand hours x price, in USD bn a year.

    >>> round(energy_cost(1, 1, 0.1), 4)
    0.8766
    """
    return it_gw * pue * 8.766 * price_usd_per_kwh
