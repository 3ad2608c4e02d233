"""A class of borrowers of the past, run through the world's own equations of who runs out of cash.

The class opens where its calm default rate puts it: the cover at which ``mu x weak x (1 - cured)`` is that rate.
From then on an episode supplies the cover over the opening's, quarter by quarter; reserve, spread inside the class,
cures, sweep and refill are the world's (neocloud_cash_cover, _cover_trend, _weak, _cured, _default, _gone).
"""

from __future__ import annotations

import numpy as np

from supercycle.skill.manias.mechanism import Floats, Mechanism

__all__ = ["EQUATIONS", "Borrowers", "refinancing"]

EQUATIONS = (
    "neocloud_cash_cover",
    "neocloud_cover_trend",
    "neocloud_weak",
    "neocloud_cured",
    "neocloud_default",
    "neocloud_gone",
    "neocloud_service_usd_bn",
    "neocloud_rolled_usd_bn",
)
_HALVINGS = 60  # of log cover between the bounds below
_LOG_COVER = (-4.0, 4.0)


class Borrowers:
    """The class on the mechanism's paths; ``calm`` is its default rate a year in calm times."""

    def __init__(self, mechanism: Mechanism, calm: float) -> None:
        self.call, self.mechanism = mechanism.call, mechanism
        self.target = self._opening(calm / 4.0)
        self.cash = self.trend = self.target
        self.weak = self._weak(self.target, self.target)
        self.gone = self.weak

    def _weak(self, cash: Floats, trend: Floats) -> Floats:
        return self.call(
            "neocloud_weak", neocloud_cash_cover=cash, neocloud_cover_trend=trend, cover_target=self.target
        )

    def _opening(self, calm_quarter: float) -> Floats:
        """The cover at which new covers drawn and not cured make the calm rate; substituted back."""
        drawn = (
            calm_quarter * self.mechanism.param("migration_q") / (1.0 - self.mechanism.param("cure_share"))
        )
        low, high = (np.full(self.mechanism.paths, edge) for edge in _LOG_COVER)
        for _ in range(_HALVINGS):
            middle = (low + high) / 2.0
            self.target = np.exp(middle)
            too_weak = self._weak(self.target, self.target) > drawn
            low, high = np.where(too_weak, middle, low), np.where(too_weak, high, middle)
        return np.exp((low + high) / 2.0)

    def step(self, cover: Floats | float, bust: Floats | float = 0.0, mood: Floats | float = 1.0) -> Floats:
        """Share of the class that defaults in a quarter in which its cover is ``cover`` times the opening's."""
        before = {
            "neocloud_cash_cover_prev": self.cash,
            "neocloud_cover_trend_prev": self.trend,
            "bust_state_prev": bust,
            "ai_equity_index_prev": mood,
        }
        cured = self.call("neocloud_cured", **before)
        self.cash = self.call(
            "neocloud_cash_cover", neocloud_cash_cover_prev=self.cash, neocloud_cover=self.target * cover
        )
        self.trend = self.call(
            "neocloud_cover_trend", neocloud_cover_trend_prev=self.trend, neocloud_cash_cover=self.cash
        )
        self.weak = self._weak(self.cash, self.trend)
        state = {"neocloud_weak": self.weak, "neocloud_gone_prev": self.gone, "neocloud_cured": cured}
        default = self.call("neocloud_default", t=0.0, tenant_default=0.0, **state)
        self.gone = self.call("neocloud_gone", **state)
        return default


def refinancing(mechanism: Mechanism, bust: Floats | float) -> Floats:
    """Cover over its calm value when lenders roll over less in a bust, at given cash flow."""

    def burden(state: Floats | float) -> Floats:
        due = 1.0 / mechanism.param("neocloud_life_q")
        interest = (mechanism.param("risk_free_rate") + mechanism.param("pc_spread")) / 4.0
        service = mechanism.call(
            "neocloud_service_usd_bn",
            neocloud_pc_interest_due=interest,
            neocloud_bond_interest_due=0.0,
            neocloud_vendor_interest_due=0.0,
            neocloud_due_usd_bn=due,
        )
        rolled = mechanism.call(
            "neocloud_rolled_usd_bn",
            neocloud_due_usd_bn=due,
            bust_state_prev=state,
            credit_open=1.0,
            neocloud_sound_prev=1.0,
            neocloud_sound_open=1.0,
        )
        return service - rolled

    return burden(0.0) / burden(bust)
