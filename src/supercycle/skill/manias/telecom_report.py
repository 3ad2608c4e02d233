"""What the telecom run says against what happened: bands, rivals, peak to trough, timing, and what fails."""

from __future__ import annotations

from typing import Any

import numpy as np

from supercycle.skill.manias.borrowers import EQUATIONS
from supercycle.skill.manias.mechanism import PATHS, SEED, Floats, Mechanism
from supercycle.skill.manias.past import Window, annual, last_value, log_linear
from supercycle.skill.manias.scoring import check, path_record
from supercycle.skill.manias.telecom import DEFAULTS, JOBS, LOANS, SHARE, Run, simulate, windows

__all__ = ["telecom"]

_LABELS = {
    SHARE: ("Digital infrastructure investment", "percent of GDP"),
    DEFAULTS: ("High-yield default rate, par weighted", "percent"),
    JOBS: ("Information-sector jobs", "thousand"),
    LOANS: ("Commercial and industrial bank loans, December", "USD bn"),
}
_USED = (
    "believed_growth", "expected_growth", "chip_orders", "chip_lead_now_q", "shell_lead_q", "revenue_growth_expected",
    "value_news", "growth_missed", "industry_price_mean", "runup", "episode_age", "runup_most", "episode_odds",
    "crash_hazard",
    "crash_drawn", "crash", "bust_state", *EQUATIONS,
    "neocloud_build_loans_usd_bn", "neocloud_pc_due_usd_bn", "neocloud_pc_loans_usd_bn_middle",
    "neocloud_pc_loans_usd_bn_old", "credit_hole_usd_bn",
)  # fmt: skip


def telecom(paths: int = PATHS, seed: int = SEED) -> dict[str, Any]:
    """The whole episode as one record: both readings, the rivals, the checks and the sentences they support."""
    data = windows()
    mechanism = Mechanism(paths, seed)
    dated = simulate(data, mechanism, dated=True)
    free = simulate(data, mechanism, dated=False)
    slow = simulate(data, mechanism, dated=True, shells_only=True)
    readings = {"dated": _reading(dated, data), "free": _reading(free, data)}
    checks = _checks(dated, data)
    early = float(np.mean((free.crashed > 0) & (free.crashed <= 8)))
    return {
        "episode": "telecom",
        "title": "US telecom, 1990-2005",
        "kind": "fit and prediction",
        "fit_window": "1990-1999",
        "predicted": "2000-2005",
        "world_equations": list(_USED),
        "base_share": dated.base_share,
        "crash_by_2001_probability": early,
        "readings": readings,
        "checks": checks,
        "rival_over_prediction_2003": _rival_ratios(),
        "statement": _statement(readings, checks, early, (dated, slow), data),
        "cautions": [
            (
                "A third of what was on order is cancelled over a bust, as of the railways authorised in 1844-47 "
                "(figures history). When in a bust it happens was chosen with the outcome known: at once, the "
                "peak leaves its band."
            ),
            "The crash date of the dated reading is hindsight; only the free reading is a forecast.",
            (
                "bust_fade_q and bust_spread were judged with 2001-03 in view, so the length of the bust is "
                "not clean."
            ),
            (
                "Equipment and structures travel as chips and shells do in the world; the shells-only variant "
                "is slower and worse. "
                "The choice was made with the outcome known."
            ),
            "The series are today's revised readings, not the prints of 1999.",
        ],
    }


def _reading(run: Run, data: dict[str, Window]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for name, (label, unit) in _LABELS.items():
        fit = data[name].fit
        rivals = {
            "log-linear": {year: log_linear(fit, year) for year in run.years},
            "last value": {year: last_value(fit) for year in run.years},
        }
        record = path_record(run.years, run.values[name], data[name].outcome, rivals)
        out[name] = {"label": label, "unit": unit, "fitted": fit, **record}
    return out


def _fall(paths: Floats) -> Floats:
    """Fall from the highest year to the lowest one after it, percent; ``[path]``."""
    falls = [100.0 * (paths[i + 1 :].min(axis=0) / paths[i] - 1.0) for i in range(len(paths) - 1)]
    return np.min(falls, axis=0)


def _checks(run: Run, data: dict[str, Window]) -> list[dict[str, Any]]:
    share, jobs, defaults = run.values[SHARE], run.values[JOBS], run.values[DEFAULTS]
    loans = run.values[LOANS]
    seen, staff = data[SHARE].outcome, data[JOBS].outcome
    rates, lent = data[DEFAULTS].outcome, data[LOANS].outcome
    years = np.array(run.years)
    four = [i for i, year in enumerate(run.years) if year <= 2003]
    return [
        check("peak share", "percent of GDP", share.max(axis=0), max(seen.values())),
        check("share in 2003", "percent of GDP", share[3], seen[2003]),
        check(
            "share peak to trough",
            "percent",
            _fall(share),
            100 * (min(seen[y] for y in (2003, 2004, 2005)) / max(seen.values()) - 1),
        ),
        check(
            "year of the peak share",
            "year",
            years[share.argmax(axis=0)].astype(float),
            float(max(seen, key=lambda y: seen[y])),
        ),
        check("peak default rate", "percent", defaults.max(axis=0), max(rates.values())),
        check(
            "year of the peak default rate",
            "year",
            years[defaults.argmax(axis=0)].astype(float),
            float(max(rates, key=lambda y: rates[y])),
        ),
        check(
            "defaults 2000-03, sum of annual rates",
            "percent",
            defaults[four].sum(axis=0),
            sum(rates[y] for y in (2000, 2001, 2002, 2003)),
        ),
        check("jobs peak to trough", "percent", _fall(jobs), 100 * (staff[2005] / staff[2000] - 1)),
        check(
            "loans, end-2003 over end-2000",
            "percent",
            100 * (loans[3] / loans[0] - 1),
            100 * (lent[2003] / lent[2000] - 1),
        ),
    ]


def _rival_ratios() -> dict[str, float]:
    """How far the log-linear rival over-predicts 2003, for the two fit windows that history offers."""
    usd, _ = annual(
        "digital_infrastructure_investment", "US, BEA, private, communications-centred (current USD)"
    )
    out: dict[str, float] = {}
    for first, last in ((1990, 1999), (1994, 2000)):
        fit = {year: value for year, value in usd.items() if first <= year <= last}
        out[f"{first}-{last}"] = log_linear(fit, 2003) / usd[2003]
    return out


def _statement(
    readings: dict[str, Any],
    checks: list[dict[str, Any]],
    early: float,
    runs: tuple[Run, Run],
    data: dict[str, Window],
) -> list[str]:
    run, slow = runs
    dated, free = readings["dated"], readings["free"]
    share = dated[SHARE]
    by = {row["what"]: row for row in checks}
    ratios = _rival_ratios()
    inside = [row["what"] for row in checks if row["inside_90"]]
    outside = [
        f"{row['what']} ({row['q05']:.4g} to {row['q95']:.4g}, was {row['actual']:.4g})"
        for row in checks
        if not row["inside_90"]
    ]
    beaten = [_LABELS[name][0].lower() for name in _LABELS if dated[name]["best"] == "mechanism"]
    beaten_free = [_LABELS[name][0].lower() for name in _LABELS if free[name]["best"] == "mechanism"]
    base, hole = run.base_share, float(np.median(run.hole_usd_bn))
    slow_2003 = float(np.median(slow.values[SHARE][3]))
    return [
        (
            f"Given the date, the unwind gives the boom back and no more: {share['q50'][3]:.2f} % of GDP in "
            "2003 "
            f"({share['q05'][3]:.2f} to {share['q95'][3]:.2f}), was {data[SHARE].outcome[2003]:.2f}; the "
            f"median stays above the base of 1990-99, {base:.2f}."
        ),
        (
            f"The log-linear rival over-predicts 2003 by {ratios['1990-1999']:.2f}x in dollars (fitted on "
            "1990-99) and "
            f"{ratios['1994-2000']:.2f}x (on 1994-2000)."
        ),
        f"The hazard does not call the crash: {100 * early:.0f} % of paths crash by the end of 2001.",
        f"Inside the 90 % band: {'; '.join(inside) or 'nothing'}.",
        f"Outside: {'; '.join(outside) or 'nothing'}.",
        (
            f"CRPS better than both rivals, date given: {'; '.join(beaten) or 'none'}; not given: "
            f"{'; '.join(beaten_free) or 'none'}."
        ),
        (
            "CRPS, date given (mechanism, log-linear, last value): "
            + "; ".join(
                f"{_LABELS[name][0].lower()} "
                + ", ".join(
                    f"{dated[name]['crps'][of]:.3g}" for of in ("mechanism", "log-linear", "last value")
                )
                for name in _LABELS
            )
            + "."
        ),
        (
            "Defaults: the world's peak in a bust comes with the crash (median year "
            f"{by['year of the peak default rate']['q50']:.0f}); "
            f"in 2002, two years after it, {data[DEFAULTS].outcome[2002]:.1f} % defaulted against "
            f"{dated[DEFAULTS]['q50'][2]:.1f} %."
        ),
        (
            f"Loans: the credit hole stays at {hole:.0f} bn (median), so block 15 names this a reallocation "
            "and no crunch; banks' capital ratios "
            "were flat in 2001-04. But loans fell by a fifth, and the mechanism raises them: it has no demand "
            "for credit by the rest of business."
        ),
        f"Variant, everything through the shells' lead: median share in 2003 {slow_2003:.2f}.",
    ]
