# ruff: noqa: E501
"""Anchors of credit, contagion and busts: what each was asked to be, and what the shipped world gives now.

Run ``python bench/credit_anchors.py [--paths 2000] [--only WORD]``. Paired rows compare the same paths with and without a shock;
"no bust" means ``crash_switch=0``. Nothing here is a test bound: tests/golden/test_world_credit.py holds those.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import lru_cache

import numpy as np

from supercycle.engine.preset import Scenario
from supercycle.engine.run import Run, simulate
from supercycle.engine.scenario import resolve
from supercycle.service.the_world import subject

OUTPUTS = (
    "world_ai_capex_usd_bn", "neocloud_default", "neocloud_let", "neocloud_idle_it_gw", "spot_price", "chip_orders",
    "neocloud_chips_usd_bn", "neocloud_build_now", "credit_loss_usd_bn", "neocloud_debt_usd_bn", "ai_debt_usd_bn", "busted",
    "hyperscalers_deposits_usd_bn", "firm_spread", "hy_spread", "pc_spread_now", "resale_index", "advance_rate",
    "contract_price", "breakeven_price", "ai_revenue_run_rate", "hurdle_rate", "ai_equity_index", "neocloud_cash_cover",
    "firm_revolver_usd_bn_all", "private_credit_ai_usd_bn", "five_firm_capex_usd_bn", "labs_deposits_usd_bn", "fleet_it_gw",
    "neocloud_fleet_share", "purchase_share", "funded_share", "neocloud_paid_share", "wealth_lost_usd_bn", "crash",
    "crash_hazard", "ig_spread", "firm_leverage_look_through", "neocloud_loss_usd_bn", "training_usd_bn", "inference_mh100e", "inference_wanted_mh100e",
)  # fmt: skip
ARGS = argparse.Namespace(paths=2000, seed=1, prior="judged")
STOP = {"imposed_stop_quarter": 5.0}
CALM = {"crash_switch": 0.0}


@lru_cache(maxsize=64)
def run(preset: str, settings: tuple[tuple[str, float], ...]) -> Run:
    """A scenario with settings on the same paths as every other."""
    world = subject()
    base = resolve(preset, world.model.registry, world.presets)
    scenario = Scenario(base.name, set={**base.set, **dict(settings)}, ranges=base.ranges, prior=ARGS.prior)
    known = [n for n in OUTPUTS if n in world.model.variables]
    return simulate(world, scenario, paths=ARGS.paths, seed=ARGS.seed, outputs=known, kernel=ARGS.kernel)


def with_(preset: str = "base", **settings: float) -> Run:
    """A run of a preset with settings."""
    return run(preset, tuple(sorted(settings.items())))


def at(found: Run, quarter: str) -> int:
    """Index of a quarter."""
    return list(found.quarters).index(quarter)


def span(found: Run, key: str, first: str, quarters: int) -> np.ndarray:
    """Sum of a flow over quarters from ``first``, by path."""
    start = at(found, first)
    return found.value(key)[start : start + quarters].sum(axis=0)


def middle(values: np.ndarray, form: str = "{:.1f}") -> str:
    """Median (5-95 %)."""
    low, mid, high = np.nanquantile(values, [0.05, 0.5, 0.95])
    return f"{form.format(mid)} ({form.format(low)} to {form.format(high)})"


def class_defaults(found: Run, first: str, quarters: int) -> np.ndarray:
    """Share of the class, per cent, that defaults in the quarters from ``first``."""
    start = at(found, first)
    alive = 1.0 - found.value("neocloud_default")[start : start + quarters]
    return 100.0 * (1.0 - np.prod(np.clip(alive, 0.0, 1.0), axis=0))


def worst_year(found: Run, first: str, quarters: int = 8) -> np.ndarray:
    """Highest default rate of four quarters in a row among the quarters from ``first``, per cent: what trailing rates peak at."""
    start = at(found, first)
    alive = np.clip(1.0 - found.value("neocloud_default")[start : start + quarters], 0.0, 1.0)
    return 100.0 * np.max([1.0 - np.prod(alive[i : i + 4], axis=0) for i in range(quarters - 3)], axis=0)


def loss_rate(found: Run, first: str, quarters: int) -> np.ndarray:
    """Neoclouds' losses over their debt at ``first``, per cent."""
    loss, debt = found.value("neocloud_loss_usd_bn"), found.value("neocloud_debt_usd_bn")
    start = at(found, first)
    return 100.0 * loss[start : start + quarters].sum(axis=0) / np.maximum(debt[start - 1], 1e-9)


Row = tuple[str, Callable[[], str], str]
ROWS: list[Row] = []


def row(title: str, wanted: str) -> Callable[[Callable[[], str]], Callable[[], str]]:
    """Register a row."""

    def keep(function: Callable[[], str]) -> Callable[[], str]:
        ROWS.append((title, function, wanted))
        return function

    return keep


@row("base: class defaults a year, path mean, 2027..2035", "2-6 to 2029, at most 10 after")
def _() -> str:
    base = with_()
    return " ".join(f"{class_defaults(base, f'{y}Q1', 4).mean():.1f}" for y in range(2027, 2036))


@row("no bust: class defaults a year, path mean", "lower")
def _() -> str:
    base = with_(**CALM)
    return " ".join(f"{class_defaults(base, f'{y}Q1', 4).mean():.1f}" for y in range(2027, 2036))


def stop(**size: float) -> str:
    nb, hit = with_(**CALM), with_(**CALM, **STOP, **size)
    out: list[str] = []
    for first in ("2028Q1", "2027Q4"):
        before, after = (span(r, "world_ai_capex_usd_bn", first, 4) for r in (nb, hit))
        out.append(middle(100.0 * (after / before - 1.0)))
    lost = [span(r, "neocloud_loss_usd_bn", "2027Q3", 8).mean() for r in (nb, hit)]
    d = [np.median(class_defaults(r, "2027Q3", 8)) for r in (nb, hit)]
    return f"{out[0]}; {out[1]}; 8q losses {lost[0]:.1f} -> {lost[1]:.1f}; defaults {d[0]:.1f} -> {d[1]:.1f}"


@row("total stop 2027Q3, 4 q, no bust: AI capex 2028; 4 q from 2027Q4", "-12..-25; -15..-35")
def _() -> str:
    return stop(imposed_stop_lasts_q=4.0)


@row("stop of 8 q", "deeper than 4 q")
def _() -> str:
    return stop(imposed_stop_lasts_q=8.0)


@row("stop of half, 4 q", "between")
def _() -> str:
    return stop(imposed_stop_lasts_q=4.0, imposed_stop_size=0.5)


@row(
    "telecom-like: equity -80 % over 8 q, stop 8 q, demand 0/10/20/30 % short: class defaults in 8 q",
    "30-50 at 20 %",
)
def _() -> str:
    out: list[str] = []
    for glut in (0.0, 0.1, 0.2, 0.3):
        hit = with_(
            **CALM,
            **STOP,
            imposed_stop_lasts_q=8.0,
            imposed_crash_quarter=5.0,
            imposed_crash_size=0.8,
            imposed_crash_lasts_q=8.0,
            imposed_glut_quarter=5.0,
            imposed_glut_size=glut,
            imposed_glut_lasts_q=8.0,
        )
        out.append(middle(class_defaults(hit, "2027Q3", 8), "{:.0f}"))
    return " | ".join(out)


@row("energy-like: class revenue -30/-40/-50 % for 4 q: class defaults in the year", "10-25 at 40 %")
def _() -> str:
    out: list[str] = []
    for cut in (0.3, 0.4, 0.5):
        hit = with_(
            **CALM, imposed_revenue_quarter=5.0, imposed_revenue_size=cut, imposed_revenue_lasts_q=4.0
        )
        out.append(middle(worst_year(hit, "2027Q3"), "{:.0f}"))
    return " | ".join(out)


@row("AI equity -90 % (crunch-2027): class defaults over 8 q against nb", ">= 2.5x")
def _() -> str:
    hit, nb = with_("crunch-2027"), with_(**CALM)
    a, b = (np.median(class_defaults(r, "2027Q3", 8)) for r in (hit, nb))
    lost = [span(r, "neocloud_loss_usd_bn", "2027Q3", 8).mean() for r in (nb, hit)]
    hy = np.median(hit.value("hy_spread")[4:12].max(axis=0) - nb.value("hy_spread")[4:12].max(axis=0))
    return f"{b:.1f} -> {a:.1f} = {a / b:.1f}x; losses {lost[0]:.1f} -> {lost[1]:.1f}; HY +{1e4 * hy:.0f} bp"


@row(
    "all neoclouds default 2027Q3",
    "own purchases 0 next q; orders >= share in 4 q; capex in 8; idle >= half 2 q; spot up",
)
def _() -> str:
    nb, hit = with_(**CALM), with_(**CALM, imposed_neocloud_quarter=5.0, imposed_neocloud_share=1.0)
    s = at(nb, "2027Q3")

    def rel(key: str, i: int) -> float:
        return 100.0 * float(np.median(hit.value(key)[s + i] / nb.value(key)[s + i] - 1.0))

    own = hit.value("neocloud_chips_usd_bn")[s + 1].max()
    idle = np.median(hit.value("neocloud_idle_it_gw")[s : s + 5], axis=1)
    held = np.median((nb.value("fleet_it_gw") * nb.value("neocloud_fleet_share"))[s])
    share = 100 * np.median(nb.value("neocloud_build_now")[s])
    capex8 = min(rel("world_ai_capex_usd_bn", i) for i in range(9))
    return (
        f"share {share:.1f} %; own next q {own:.3f}; orders {[round(rel('chip_orders', i), 1) for i in range(5)]}; capex min 8q "
        f"{capex8:.1f}; idle {np.round(idle, 2)} of {held:.2f}; spot {[round(rel('spot_price', i), 1) for i in range(5)]}"
    )


@row("40 % of neoclouds default", "losses, orders, idle move by their share")
def _() -> str:
    nb, hit = with_(**CALM), with_(**CALM, imposed_neocloud_quarter=5.0, imposed_neocloud_share=0.4)
    s = at(nb, "2027Q3")
    orders = [
        100.0 * float(np.median(hit.value("chip_orders")[s + i] / nb.value("chip_orders")[s + i] - 1.0))
        for i in range(5)
    ]
    lost = [span(r, "neocloud_loss_usd_bn", "2027Q3", 8).mean() for r in (nb, hit)]
    return f"orders {np.round(orders, 1)}; losses {lost[0]:.1f} -> {lost[1]:.1f}"


@row("OpenAI fails 2028Q1: Oracle's spread bp; losses of 8 q", "> 100; >= 2x")
def _() -> str:
    nb, hit = with_(**CALM), with_(**CALM, imposed_lab_failure_quarter=7.0)
    s = at(nb, "2028Q1")
    key = "firm_spread:Oracle"
    gap = 1e4 * (hit.value(key)[s : s + 4] - nb.value(key)[s : s + 4]).max(axis=0)
    lost = [span(r, "credit_loss_usd_bn", "2028Q1", 8).mean() for r in (nb, hit)]
    d = [np.median(class_defaults(r, "2028Q1", 8)) for r in (nb, hit)]
    let = [np.median(r.value("neocloud_let")[s + 1]) for r in (nb, hit)]
    lev = [np.median(r.value("firm_leverage_look_through:Oracle")[s + 2]) for r in (nb, hit)]
    return (
        f"{middle(gap, '{:.0f}')}; losses {lost[0]:.1f} -> {lost[1]:.1f} = {lost[1] / lost[0]:.1f}x; class {d[0]:.1f} -> {d[1]:.1f}; "
        f"let {let[0]:.2f} -> {let[1]:.2f}; lev {lev[0]:.1f} -> {lev[1]:.1f}"
    )


@row("forced sale of a tenth of the fleet 2027Q3: resale index, advance rate, losses 8 q", "down, down, up")
def _() -> str:
    nb, hit = with_(**CALM), with_(**CALM, imposed_sale_quarter=5.0, imposed_sale_share=0.1)
    s = at(nb, "2027Q3")
    a = [
        f"{np.median(nb.value(k)[s + i]):.3f} -> {np.median(hit.value(k)[s + i]):.3f}"
        for k, i in (("resale_index", 0), ("advance_rate", 1))
    ]
    lost = [span(r, "neocloud_loss_usd_bn", "2027Q3", 8).mean() for r in (nb, hit)]
    return f"{a[0]}; {a[1]}; {lost[0]:.2f} -> {lost[1]:.2f}"


def shock(name: str) -> str:
    from supercycle.engine.stress import shock as read

    world = subject()
    extra = read(name, world.model.registry, world.presets.parent / "shocks", world.start).set
    nb, hit = with_(**CALM), with_(**CALM, **extra)
    a, b = (np.median(loss_rate(r, "2027Q3", 8)) for r in (nb, hit))
    d = [np.median(class_defaults(r, "2027Q3", 8)) for r in (nb, hit)]
    c = [r.value("world_ai_capex_usd_bn").sum(axis=0) for r in (nb, hit)]
    return f"loss rate {a:.2f} -> {b:.2f} %; defaults {d[0]:.1f} -> {d[1]:.1f}; capex sum {100 * np.median(c[1] / c[0] - 1):.1f} %"


@row("short-lives: loss rate 8 q", "up")
def _() -> str:
    return shock("short-lives")


@row("price-war: loss rate 8 q", "up")
def _() -> str:
    return shock("price-war")


@row("rates-up", "capex down, losses up")
def _() -> str:
    return shock("rates-up")


@row("+100 bp risk-free: capex of 2 years, AI equity at once", "-2..-10; -8..-25")
def _() -> str:
    nb = with_(**CALM)
    hit = (
        with_(**CALM, imposed_rate_quarter=3.0, imposed_rate_size=0.01)
        if "imposed_rate_size" in subject().model.registry
        else with_(**CALM, risk_free_rate=0.055)
    )
    s = at(nb, "2027Q1")
    c = 100 * (
        span(hit, "world_ai_capex_usd_bn", "2027Q1", 8) / span(nb, "world_ai_capex_usd_bn", "2027Q1", 8) - 1
    )
    e = 100 * (hit.value("ai_equity_index")[s] / nb.value("ai_equity_index")[s] - 1)
    return f"{middle(c)}; {middle(e)}"


@row("resale_decay 0.2 -> 0.6: resale index 2028Q4, losses 8 q", "down, up")
def _() -> str:
    r = subject().model.registry["resale_decay"]
    lo, hi = with_(**CALM, resale_decay=r.low), with_(**CALM, resale_decay=r.high)
    a = [np.median(x.value("resale_index")[at(x, "2028Q4")]) for x in (lo, hi)]
    b = [np.median(loss_rate(x, "2027Q3", 8)) for x in (lo, hi)]
    return f"{a[0]:.3f} -> {a[1]:.3f}; {b[0]:.2f} -> {b[1]:.2f} %"


@row("private credit at the low ends: lent stock 2030Q4, capex", "each moves")
def _() -> str:
    nb, hit = with_(**CALM), with_(**CALM, pc_fundraising=86.0, pc_powder_open=80.0, pc_ai_share=0.25)
    i = at(nb, "2030Q4")
    a = [np.median(r.value("private_credit_ai_usd_bn")[i]) for r in (nb, hit)]
    c = [span(r, "world_ai_capex_usd_bn", "2027Q1", 16) for r in (nb, hit)]
    p = [1e4 * np.median(r.value("pc_spread_now")[i]) for r in (nb, hit)]
    return f"{a[0]:.0f} -> {a[1]:.0f}; capex 2027-30 {100 * np.median(c[1] / c[0] - 1):.2f} %; spread {p[0]:.0f} -> {p[1]:.0f} bp"


@row("paths with negative cash anywhere (base, stop, crunch)", "0")
def _() -> str:
    out: list[str] = []
    for found in (with_(), with_(**STOP, imposed_stop_lasts_q=8.0), with_("crunch-2027")):
        low = np.min([found.value(k).min(axis=0) for k in found.outputs if "deposits" in k], axis=0)
        out.append(f"{100 * (low < -1e-9).mean():.1f} % (worst {low.min():.1f})")
    return "; ".join(out)


@row("overdraft of the five, peak, base / stop", "tens")
def _() -> str:
    return "; ".join(
        middle(r.value("firm_revolver_usd_bn_all").max(axis=0), "{:.0f}")
        for r in (with_(), with_(**CALM, **STOP))
    )


@row(
    "busts by 2026/27/29/30/35; presets by 2029, points against base",
    "monetisation <= -5, demand-miss >= +5, orders, dark-fibre > 0",
)
def _() -> str:
    base = with_()
    by = [100 * base.value("busted")[at(base, f"{y}Q4")].mean() for y in (2026, 2027, 2029, 2030, 2035)]
    out = [" ".join(f"{x:.1f}" for x in by)]
    for preset in (
        "monetisation-catches-up",
        "orders",
        "dark-fibre",
        "soft-landing",
        "power-wall",
        "takeoff",
    ):
        hit = with_(preset)
        out.append(f"{preset} {100 * hit.value('busted')[at(base, '2029Q4')].mean() - by[2]:+.1f}")
    from supercycle.engine.stress import shock as read

    world = subject()
    miss = with_(
        **read("demand-miss", world.model.registry, world.presets.parent / "shocks", world.start).set
    )
    out.append(f"demand-miss {100 * miss.value('busted')[at(base, '2029Q4')].mean() - by[2]:+.1f}")
    return "; ".join(out)


@row("rank correlation of bust by 2029 with 2030 revenue of the no-bust twin", "<= -0.10")
def _() -> str:
    base, nb = with_(), with_(**CALM)
    ok = base.ok & nb.ok
    b = base.value("busted")[at(base, "2029Q4")][ok]
    r = nb.value("ai_revenue_run_rate")[at(nb, "2030Q4")][ok]
    rank = np.argsort(np.argsort(r)).astype(float)
    return f"{np.corrcoef(b, rank)[0, 1]:+.3f}"


@row("past openings: share with a crash by 2026Q2; Brier", "< 0.10")
def _() -> str:
    from supercycle.skill.past import world_at

    shares: list[float] = []
    for start in ("2022Q4", "2023Q4", "2024Q4"):
        world, opening = world_at(start, "published")
        base = resolve("base", world.model.registry, world.presets)
        import dataclasses

        base = dataclasses.replace(base, prior=opening.prior(world.model.registry).name)
        found = simulate(
            world, base, paths=ARGS.paths, seed=1, until="2026Q2", outputs=["busted"], kernel=ARGS.kernel
        )
        shares.append(float(found.value("busted")[-1].mean()))
    return f"{[round(100 * x, 1) for x in shares]}; Brier {np.mean(np.square(shares)):.3f}"


def main() -> None:
    """Print the rows."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--paths", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kernel", default="auto")
    parser.add_argument("--prior", default="judged", choices=("judged", "posterior"))
    parser.add_argument("--only", default="")
    ARGS.__dict__.update(vars(parser.parse_args()))
    for title, function, wanted in ROWS:
        if ARGS.only and not any(w in title for w in ARGS.only.split("|")):
            continue
        try:
            now = function()
        except Exception as error:  # a row that cannot run is shown, not hidden
            now = f"{type(error).__name__}: {error}"[:200]
        print(f"- {title}\n    now    {now}\n    wanted {wanted}", flush=True)


if __name__ == "__main__":
    main()
