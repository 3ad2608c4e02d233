"""US telecom, 1990-2005: the primary case. Fitted on 1990-99 only; 2000-05 is predicted.

State, quarterly, per path: investment share of GDP s = base + excess, base = median share of 1990-99. Orders
of the excess run ahead by what planners expect over the lead, ``s exp(G(L)) - base``, with the world's ``G(L) =
log(1 + c g L) / c`` and g from its expectations; they move by the world's order equation and are cut by (1 - bust);
they reach investment through the world's two pipelines, equipment over the lead of chips and structures over that of
shells. Over a bust a part of what is on order is cancelled, as of the railways authorised in 1844-47 (an input of the
episode; the world delivers later what is not paid). Value, run-up, hazard, crash and bust are block 14; defaults
the world's class of borrowers, opened at the calm rate of 1990-99; jobs follow the share with block 15's half-life of
idle resources; loans the lending and repayment equations of block 12 less block 15's credit hole. Surprises
of a year are drawn with the spread they had in the fit window.

Two readings. ``free``: the crash arrives by its hazard. ``dated``: it is imposed in 2000Q2, after the peak of
the share prices in March 2000. The date is hindsight; the reading tests the unwind, not the timing.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from supercycle.core.random import normals, uniforms
from supercycle.figures.series import readings
from supercycle.skill.manias.borrowers import Borrowers, refinancing
from supercycle.skill.manias.mechanism import Floats, Mechanism
from supercycle.skill.manias.past import Window, growth_rate, window

__all__ = ["CRASH_QUARTER", "DEFAULTS", "JOBS", "LOANS", "SHARE", "Run", "simulate", "windows"]

FIT, PREDICTED = (1990, 1999), (2000, 2005)
SHARE, DEFAULTS, JOBS, LOANS = "investment_share", "hy_default_rate", "information_jobs", "ci_loans"
_TABLE = {
    SHARE: ("digital_infrastructure_share_gdp", "US"),
    DEFAULTS: ("hy_default_rate_par", "US and Canada straight HY bonds, Altman"),
    JOBS: ("information_sector_employment", "US, annual mean"),
    LOANS: ("ci_loans", "US commercial banks, December"),
}
CRASH_QUARTER = 2  # quarters from 1999Q4: the fall of the share prices began in March 2000
_QUARTERS = 4
_MAD_TO_SD = 1.4826  # of a normal distribution
_TELECOM_PART = (
    0.25  # judgement: telecom and its suppliers were a fifth to a quarter of high-yield par in 1999-2000
)
_LEAST = 1e-9  # of what a log is taken: a fall that planners extrapolate beyond it leaves nothing wanted
_TO_YEAR_END = 1.5  # quarters from the middle of a year to the middle of its last quarter
_FAR = 1e9  # "after the opening pipeline has drained", and "no limit on supply"


@dataclass(frozen=True, slots=True)
class Run:
    """Paths of the targets by year, ``[year, path]``; each path's crash (quarter, 0 for never), largest hole."""

    years: tuple[int, ...]
    values: dict[str, Floats]
    crashed: Floats
    base_share: float
    hole_usd_bn: Floats


def windows() -> dict[str, Window]:
    """The four targets, each split at the end of 1999; GDP beside them, for nominal amounts."""
    found = {name: window(*key, FIT, PREDICTED) for name, key in _TABLE.items()}
    found["gdp"] = window("gdp_nominal", "United States", FIT, PREDICTED)
    return found


def simulate(data: dict[str, Window], mechanism: Mechanism, *, dated: bool, shells_only: bool = False) -> Run:
    """Predict 2000-05 from the fit windows alone; ``outcome`` is never read.

    ``shells_only`` sends everything through the slower pipeline: a variant that docs/manias.md reports.
    """
    share = data[SHARE].fit
    boom = _Boom(share, mechanism)
    n = mechanism.paths
    equipment = mechanism.param("capital_recovery_it_share") * (0.0 if shells_only else 1.0)
    start = np.full(n, boom.share - boom.base)
    lines = [
        _Pipeline(equipment * start, mechanism.call("chip_lead_now_q", t=_FAR), 2, boom.grown),
        _Pipeline(
            (1.0 - equipment) * start,
            mechanism.call("shell_lead_q", t=_FAR, scarcity_prev=0.0),
            4,
            boom.grown,
        ),
    ]
    parts = (equipment, 1.0 - equipment)
    cancelled = never_built()
    lead = sum((part * line.lead for part, line in zip(parts, lines, strict=True)), np.zeros(n))
    orders = start * np.exp(boom.grown * lead)
    jobs, lending = _Jobs(data, mechanism), _Lending(data, mechanism)
    calm, spread = _calm(data[DEFAULTS].fit)
    borrowers = Borrowers(mechanism, calm)
    bust, crashed = np.zeros(n), np.zeros(n)

    def year_draw(stream: str, t: int) -> Floats:
        return normals(mechanism.seed, stream, np.arange(n), (t - 1) // _QUARTERS)

    shares: list[Floats] = []
    rates: list[Floats] = []
    staff: list[Floats] = []
    loans: list[Floats] = []
    for t in range(1, _QUARTERS * (PREDICTED[1] - FIT[1]) + 1):
        past = boom.share_now
        growth = boom.believe()
        ahead = np.log(np.maximum(1.0 + boom.curve * growth * lead, _LEAST)) / boom.curve
        wanted = np.maximum(past * np.exp(ahead) - boom.base, 0.0)
        orders = mechanism.call(
            "chip_orders", chip_orders_plan=wanted, chip_orders_slots=wanted, chip_orders_cap=_FAR,
            funded_share_prev=1.0 - bust, chip_orders_prev=orders,
        )  # fmt: skip
        built = sum((line.step(part * orders) for part, line in zip(parts, lines, strict=True)), np.zeros(n))
        boom.realise((boom.base + built) * np.exp(boom.surprise * year_draw("mania_share", t)))
        hazard = boom.hazard(bust) * (0.0 if dated else 1.0)
        given = 1.0 if dated and t == CRASH_QUARTER else 0.0
        draw = uniforms(mechanism.seed, "mania_crash", np.arange(n), t)
        drawn = mechanism.call("crash_drawn", crash_draw=draw, crash_hazard=hazard)
        crash = mechanism.call("crash", crash_drawn=drawn, crash_imposed=given, price_broke=0.0)
        crashed = np.where((crash > 0) & (crashed == 0), t, crashed)
        earned = (past / boom.share) ** _TELECOM_PART
        default = borrowers.step(earned * refinancing(mechanism, bust), bust)
        # Its size is the world's, also where its date is given.
        bust = mechanism.call(
            "bust_state",
            bust_state_prev=bust,
            crash=crash,
            crash_drawn=crash,
            crash_imposed=0.0,
            ai_price=0.0,
            ai_price_peak=0.0,
        )
        shares.append(boom.share_now)
        # Over a whole bust of full severity that part of what is on order: the bust fades with its half-life.
        lost = cancelled * bust * np.log(2.0) / mechanism.param("bust_fade_q")
        for line in lines:
            line.cancel(lost)
        rates.append(100.0 * default * np.exp(spread * year_draw("mania_default", t)))
        staff.append(jobs.step(boom.share_now, year_draw("mania_jobs", t)))
        loans.append(lending.step(t, boom.share_now, default))
    by_year = (len(shares) // _QUARTERS, _QUARTERS, n)
    values = {
        SHARE: np.reshape(shares, by_year).mean(axis=1),
        DEFAULTS: np.reshape(rates, by_year).sum(axis=1),
        JOBS: np.reshape(staff, by_year).mean(axis=1),
        LOANS: np.reshape(loans, by_year)[:, -1],
    }
    return Run(tuple(range(PREDICTED[0], PREDICTED[1] + 1)), values, crashed, boom.base, lending.deepest)


def never_built() -> float:
    """Part of what a boom had ordered that was never built once money had gone: the railways authorised in 1844-47."""
    rows = readings("railway_share_never_built", "UK 1844-47 authorisations")
    (value,) = {row.value for row in rows}
    assert value is not None
    return value / 100.0


class _Boom:
    """Expected growth, value and run-up of the sector, filtered through the fit window and carried on."""

    def __init__(self, share: dict[int, float], mechanism: Mechanism) -> None:
        self.call, n = mechanism.call, mechanism.paths
        self.base = float(np.median(list(share.values())))
        self.curve = mechanism.param("expectation_curve")
        years = sorted(share)
        self.share = share[years[-1]]
        self.grown = float(np.log(share[years[-1]] / share[years[-2]])) / _QUARTERS
        self.opened = share[years[0]]
        self.share_now = np.full(n, self.opened)
        self.growth = np.zeros(n)
        self.belief = self.before = np.zeros(n)
        self.expected = np.zeros(n)
        self.contained = self.news = self.mean_value = self.runup = np.zeros(n)
        self.age = self.most = self.missed = np.zeros(n)
        missed: list[Floats] = []
        for first, last in pairwise(years):
            believed = _QUARTERS * self.belief
            for _ in range(_QUARTERS):
                self.believe()
                self.realise(self.share_now * (share[last] / share[first]) ** (1.0 / _QUARTERS))
            missed.append(np.log(share[last] / share[first]) - believed)
        # The mean of a year is its middle; its last quarter came a quarter and a half later, at the year's growth.
        self.share *= float(np.exp(_TO_YEAR_END * self.grown))
        self.share_now = np.full(n, self.share)
        # Log points of a year's growth that were not believed the year before.
        self.surprise = np.std(missed, axis=0)

    def believe(self) -> Floats:
        """Expected log growth a quarter, by the world's adaptive belief and its over-weight on news."""
        belief = self.call(
            "believed_growth", believed_growth_prev=self.belief, realised_shift_growth_prev=self.growth
        )
        self.expected = self.call(
            "expected_growth", believed_growth=belief, realised_shift_growth_prev=self.growth,
            believed_growth_prev=self.belief,
        )  # fmt: skip
        self.belief = belief
        return self.expected

    def realise(self, share: Floats) -> None:
        """Take in a quarter's share: what differs from the growth the price contains moves it, and the episode ages.

        Shares of GDP are against the market already, and the sector is the industry: no core beside it, no mood drawn.
        """
        before, self.growth = self.growth, np.log(share / self.share_now)
        self.share_now = share
        self.contained = self.call(
            "revenue_growth_expected", revenue_growth_expected_prev=self.contained, revenue_growth_prev=before
        )
        grown = {"revenue_growth": self.growth, "revenue_growth_expected": self.contained}
        self.news = self.call("value_news", value_news_prev=self.news, **grown)
        self.missed = self.call("growth_missed", growth_missed_prev=self.missed, **grown)
        self.mean_value = self.call(
            "industry_price_mean", industry_price_mean_prev=self.mean_value, industry_price=self.news
        )
        self.runup = self.call("runup", industry_price=self.news, industry_price_mean=self.mean_value)
        self.age = self.call("episode_age", episode_age_prev=self.age, runup=self.runup, crash_prev=0.0)
        self.most = self.call("runup_most", runup_most_prev=self.most, runup=self.runup, episode_age=self.age)

    def hazard(self, bust: Floats) -> Floats:
        """The world's hazard of the episode; revenue over capex has no counterpart in a share of investment."""
        odds = self.call("episode_odds", runup_most=self.most)
        return self.call(
            "crash_hazard", episode_odds=odds, episode_age=self.age, growth_missed=self.missed, earned_log=0.0,
            earned_log_mean=0.0, bust_state_prev=bust,
        )  # fmt: skip


class _Pipeline:
    """What is ordered arrives after a lead, through k stages each passing on k / lead of its content a quarter."""

    def __init__(self, outflow: Floats, lead: Floats, stages: int, grown: float) -> None:
        # Little's law at the opening: a stage holds its outflow times its lead, ordered while the boom grew.
        self.lead, self.stage_lead = lead, lead / stages
        self.content = [
            outflow * self.stage_lead * np.exp(grown * self.stage_lead * (stages - 1 - k))
            for k in range(stages)
        ]

    def cancel(self, part: Floats) -> None:
        """What is ordered and will not be paid is never delivered."""
        self.content = [content * (1.0 - part) for content in self.content]

    def step(self, inflow: Floats) -> Floats:
        for k, content in enumerate(self.content):
            out = content / self.stage_lead
            self.content[k] = content + inflow - out
            inflow = out
        return inflow


def _calm(rates: dict[int, float]) -> tuple[float, float]:
    """Median default rate (a share) and robust log spread: medians pass by the bust of 1990-91 in the window."""
    logs = np.log(list(rates.values()))
    centre = float(np.median(logs))
    return float(np.exp(centre)) / 100.0, _MAD_TO_SD * float(np.median(np.abs(logs - centre)))


class _Jobs:
    """Growth of jobs on growth of the share, smoothed with the half-life of idle resources: fitted on 1991-99.

    In growth rates, because both levels have a trend.
    """

    def __init__(self, data: dict[str, Window], mechanism: Mechanism) -> None:
        share, jobs = data[SHARE].fit, data[JOBS].fit
        self.keep = 0.5 ** (1.0 / mechanism.param("reallocation_half_life"))
        years = sorted(share)
        self.smooth = np.full(mechanism.paths, share[years[0]])
        moved: list[Floats] = []
        for year in years[1:]:
            before = self.smooth
            for _ in range(_QUARTERS):
                self.smooth = self.keep * self.smooth + (1.0 - self.keep) * share[year]
            moved.append(np.log(self.smooth / before))
        x = np.array(moved)
        y = np.diff(np.log([jobs[year] for year in years]))[:, None]
        centred = x - x.mean(axis=0)
        self.slope = (centred * (y - y.mean())).sum(axis=0) / (centred**2).sum(axis=0)
        self.trend = y.mean() - self.slope * x.mean(axis=0)
        self.spread = np.std(y - self.trend - self.slope * x, axis=0)
        self.jobs = np.full(mechanism.paths, jobs[years[-1]])

    def step(self, share: Floats, draw: Floats) -> Floats:
        before = self.smooth
        self.smooth = self.keep * self.smooth + (1.0 - self.keep) * share
        growth = (self.trend + self.spread * draw) / _QUARTERS + self.slope * np.log(self.smooth / before)
        self.jobs = self.jobs * np.exp(growth)
        return self.jobs


class _Ladder:
    """Loans that age through the three stages of block 12: what is old falls due."""

    def __init__(self, stock: Floats, growth: Floats, mechanism: Mechanism) -> None:
        self.call, self.stock = mechanism.call, stock
        # Block 12's opening of a claim that grew at a steady rate: each stage is smaller than the one before.
        grown = 1.0 + growth * mechanism.param("neocloud_life_q") / mechanism.constant("ages")
        self.old = stock / (grown * grown + grown + 1.0)
        self.middle = self.old * grown

    def step(self, lent: Floats) -> Floats:
        """The stock after a quarter's lending and what falls due."""
        before = {
            "neocloud_pc_loans_usd_bn_prev": self.stock, "neocloud_pc_loans_usd_bn_middle_prev": self.middle,
            "neocloud_pc_loans_usd_bn_old_prev": self.old, "neocloud_pc_shed_usd_bn": 0.0,
        }  # fmt: skip
        due = self.call("neocloud_pc_due_usd_bn", neocloud_performing=1.0, **before)
        self.middle, self.old = (
            self.call(f"neocloud_pc_loans_usd_bn_{age}", **before) for age in ("middle", "old")
        )
        self.stock = self.stock + lent - due
        return self.stock


class _Lending:
    """Loans by block 12 (a share of what is built, repaid over a life) less block 15's credit hole.

    The share of the build that is lent is set so that loans grow from the first to the last year of the window as they
    did. High-yield losses are the lenders' losses: par of 1999 times defaults times loss, banks' part of bonds.
    """

    def __init__(self, data: dict[str, Window], mechanism: Mechanism) -> None:
        self.call = mechanism.call
        share, gdp, loans = data[SHARE].fit, data["gdp"].fit, data[LOANS].fit
        self.gdp, self.growth = gdp[max(gdp)], growth_rate(gdp) / _QUARTERS
        first, last = min(loans), max(loans)
        n = mechanism.paths
        grown = np.full(n, growth_rate(loans) / _QUARTERS)
        kept = _Ladder(np.full(n, loans[first]), grown, mechanism)
        fed = _Ladder(np.zeros(n), grown, mechanism)
        for year in range(first + 1, last + 1):
            for _ in range(_QUARTERS):
                fed.step(self._lent(share[year] / 100.0 * gdp[year] / _QUARTERS))
                kept.step(np.zeros(n))
        # Linear in the scale: what is left of the first year's loans, and what the build has fed since.
        self.scale = (loans[last] - kept.stock) / fed.stock
        self.ladder = kept
        for name in ("stock", "middle", "old"):
            setattr(kept, name, getattr(kept, name) + self.scale * getattr(fed, name))
        self.hole, self.deepest = np.zeros(n), np.zeros(n)
        par = window("hy_par_outstanding", "US and Canada straight HY bonds, Altman", FIT, PREDICTED).fit
        self.par_usd_bn = par[max(par)] / 1000.0
        self.lost = 1.0 - mechanism.param("recovery_bonds")
        self.held = mechanism.param("bank_share_bonds")

    def _lent(self, spent: float | Floats) -> Floats:
        return self.call(
            "neocloud_build_loans_usd_bn", neocloud_chips_usd_bn=spent, neocloud_facility_usd_bn=0.0,
            neocloud_given=1.0,
        )  # fmt: skip

    def step(self, t: int, share: Floats, default: Floats) -> Floats:
        """Loans after a quarter in which that share of GDP was built and that part of high yield defaulted."""
        gdp = self.gdp * np.exp(self.growth * (t + _QUARTERS / 2))
        stock = self.ladder.step(self.scale * self._lent(share / 100.0 * gdp / _QUARTERS))
        self.hole = self.call(
            "credit_hole_usd_bn", credit_hole_usd_bn_prev=self.hole, pc_loss_usd_bn=0.0,
            bank_loss_usd_bn=self.par_usd_bn * default * self.lost * self.held,
            insurer_pension_loss_usd_bn=0.0, fund_loss_usd_bn=0.0, abs_loss_usd_bn=0.0, pc_redeemed_usd_bn=0.0,
        )  # fmt: skip
        self.deepest = np.maximum(self.deepest, self.hole)
        return stock - self.hole
