"""The tiers of a plan: how high each reaches as a share of the busiest hour's need, and what that holds in each year.

From the bottom: one's own servers, capacity reserved for three years, for one, capacity blocks of whole days, a savings
plan (hours by the replica, committed in dollars an hour for one or three years); above them the top.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from supercycle.core.errors import InputError
from supercycle.decisions.choice.setting import Setting
from supercycle.decisions.inputs.case import Case
from supercycle.decisions.money.owning import bought

__all__ = ["API", "HOST", "RENT", "SPOT", "TOPS", "Committed", "Plan", "committed", "quoted_ratio"]

Floats = NDArray[np.float64]
API, HOST, RENT, SPOT = "api", "api_open", "on_demand", "spot"
TOPS = (API, HOST, RENT, SPOT)


@dataclass(frozen=True, slots=True, order=True)
class Plan:
    """Heights as shares of the busiest hour's need, each at least the one before; ``top`` serves what is above.

    ``blocks`` and ``savings`` at 0, or below the height before, hold nothing. ``machine`` is the size of replica by
    its place in the setting; ``site`` that the own servers stand on one's own site; ``start`` the year in which
    capacity is bought and committed for the first time: before it the top serves all.
    """

    top: str
    own: float = 0.0
    three_years: float = 0.0
    one_year: float = 0.0
    machine: int = 0
    site: bool = False
    start: int = 0
    blocks: float = 0.0
    savings: float = 0.0
    savings_years: int = 1

    @property
    def reach(self) -> float:
        """How high all that is committed reaches."""
        return max(self.one_year, self.blocks, self.savings)

    @property
    def hosts(self) -> bool:
        """Whether anything is served on GPUs that the owner of the load runs."""
        return self.reach > 0 or self.top in (RENT, SPOT)

    @property
    def way(self) -> str:
        """The single way that this plan is, or ``mix``.

        >>> Plan("api").way, Plan("api", savings=1.0).way, Plan("api", 0.5, 0.5, 1.0).way
        ('api', 'savings_1y', 'mix')
        """
        if self.reach == 0:
            return self.top
        if self.own == 1:
            return "own_site" if self.site else "own_colo"
        below = 0.0
        for name, height in (
            ("own", self.own), ("reserved_3y", self.three_years), ("reserved_1y", self.one_year),
            ("blocks", self.blocks), (f"savings_{self.savings_years}y", self.savings),
        ):  # fmt: skip
            if height >= 1:
                return name if below == 0 else "mix"
            below = max(below, height)
        return "mix"


@dataclass(frozen=True, slots=True)
class Committed:
    """Lumps [year, path] owned, reserved for three years and for one; up to how many lumps blocks reach; replicas
    of the savings plan; purchases by year.
    """

    owned: Floats
    three_years: Floats
    one_year: Floats
    block_top: Floats
    saved: Floats
    purchases: tuple[tuple[int, Floats], ...]

    @property
    def lumps(self) -> Floats:
        """Servers that are there all year."""
        return self.owned + self.three_years + self.one_year


def committed(place: Setting, plan: Plan) -> Committed:
    """What a plan holds in each year. What is signed for three years stays for three; servers live their life."""
    machine, years = place.machines[plan.machine], place.case.years
    load = place.planned * (machine.mean_busy * machine.shape.peak)
    nothing = np.zeros_like(load)

    def wanted(height: float) -> Floats:
        found = machine.lumps(load * height) if height > 0 else nothing.copy()
        found[: plan.start] = 0.0
        return found

    def kept_three_years(amount: Floats) -> Floats:
        for year in range(plan.start, years):
            amount[year] = amount[plan.start + (year - plan.start) // 3 * 3]
        return amount

    own = wanted(plan.own)
    if plan.own > 0 and place.case.word("sla.spare") == "servers":
        own += np.where(own > 0, place.spare_lumps(own, machine), 0.0)
    purchases, owned = bought(place.frame, own) if plan.own > 0 else ([], nothing)
    long = nothing
    if plan.three_years > plan.own:
        long = kept_three_years(np.maximum(wanted(plan.three_years) - owned, 0.0))
    short = nothing
    # Without a quote for a year, growth between two signings goes to the top.
    if plan.one_year > 0 and quoted_ratio(place.case, "reserved", 1) is not None:
        short = np.maximum(wanted(plan.one_year) - owned - long, 0.0)
    held = owned + long + short
    block_top = np.maximum(wanted(plan.blocks), held) if plan.blocks > plan.one_year else held
    saved = nothing
    if plan.savings > max(plan.one_year, plan.blocks):
        needed = machine.replicas(load * plan.savings)
        needed[: plan.start] = 0.0
        saved = np.maximum(needed - block_top * machine.replicas_per_lump, 0.0)
        if plan.savings_years == 3:
            saved = kept_three_years(saved)
    return Committed(owned, long, short, block_top, saved, tuple(purchases))


def quoted_ratio(case: Case, kind: str, years: int) -> float | None:
    """Price of a ``reserved`` hour, or of an hour under a ``savings`` plan, over on demand; None without a quote."""
    if kind == "reserved":
        return case.reserved_ratio(years)
    return case.optional(f"rental.savings_{years}y_ratio")


def ratio(case: Case, kind: str, years: int) -> float:
    """The same where a plan needs it. Errors: InputError without a quote."""
    found = quoted_ratio(case, kind, years)
    if found is None:
        raise InputError(
            f"no price for {years} years", expected=f"rental.{kind}_{years}y_ratio", got="none",
            hint="Give the price of one provider on one day.",
        )  # fmt: skip
    return found
