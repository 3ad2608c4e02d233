# ruff: noqa: E501
"""The world's acceptance rows: each printed as row, now, wanted. Run: ``python bench/world_acceptance.py [--paths 4000] [--kernel auto]``.

Medians under the judged prior (or --prior posterior), seed 1. ``nb`` rows switch the crash hazard off on the same draws. A row outside its
wanted range is marked; docs/base-case.md explains the ones that stay.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from supercycle.engine.run import Run, simulate
from supercycle.engine.scenario import Scenario, with_settings
from supercycle.service.the_world import subject

Floats = NDArray[np.float64]
OUT = (
    "five_firm_capex_usd_bn", "world_ai_capex_usd_bn", "fleet_it_gw", "energised_it_gw", "contract_price", "breakeven_price",
    "planner_error_9", "planner_error_16", "now_wanted_it_gw", "power_requests", "orders_bind_slots", "orders_bind_plan",
    "orders_bind_supply", "starts_bind_power", "binds_power", "binds_shells", "plan_usd_bn", "plan_wish_usd_bn", "five_plan_usd_bn", "chip_orders", "shell_starts",
    "dark_it_gw", "lab_revenue_usd_bn", "lab_share", "ai_revenue_run_rate", "utilisation", "scarcity", "chip_tightness", "it_cost",
    "ai_debt_usd_bn", "firm_bond_issue_usd_bn", "firm_bond_repay_usd_bn", "busted", "captive_mh100e", "desired_compute_mh100e", "firm_capex_usd_bn", "realised_shift_growth",
    "estate_it_gw", "hurdle_rate", "required_user_cost", "chip_orders_demand", "power_committed_gw", "connected_facility_gw", "funded_share",
    "lab_failed", "lab_cash_by_usd_bn", "lab_profit_by_usd_bn", "lab_part", "lab_rd_usd_bn", "lab_round_usd_bn", "lab_topup_usd_bn", "core_captive_mh100e", "in_house_mh100e", "other_captive_mh100e", "captive_value_ratio",
    "firm_ocf_usd_bn", "vintage_cash_usd_bn", "vintage_external_usd_bn", "vintage_imputed_usd_bn", "vintage_left_usd_bn", "external_share", "race_effort_usd_bn", "backlog_usd_bn",
)  # fmt: skip


class World:
    """Runs of scenarios on the same draws, read by quarter."""

    def __init__(self, paths: int, kernel: str, seed: int = 1, prior: str = "judged") -> None:
        self.subject = subject()
        self.paths, self.kernel, self.seed, self.prior = paths, kernel, seed, prior

    def run(self, sets: Mapping[str, float] | None = None, outputs: Sequence[str] = OUT) -> Read:
        """One scenario."""
        known = [o for o in outputs if o in self.subject.model.variables]
        made = simulate(
            self.subject, with_settings(Scenario("acceptance", prior=self.prior), dict(sets or {}), self.subject.model.registry), paths=self.paths, seed=self.seed,
            kernel=self.kernel, outputs=known,
        )  # fmt: skip
        return Read(made)


class Read:
    """Values by output: [quarter, path]."""

    def __init__(self, run: Run) -> None:
        self.run, self.quarters = run, list(run.quarters)

    def __call__(self, name: str) -> Floats:
        keys = [i for i, key in enumerate(self.run.outputs) if key == name or key.startswith(name + ":")]
        return np.asarray(sum(self.run.value(self.run.outputs[i]) for i in keys)[:, self.run.ok])

    def year(self, name: str, year: int) -> Floats:
        """Sum of the year's quarters (of 2026, the second half)."""
        return self(name)[[i for i, q in enumerate(self.quarters) if q.startswith(str(year))]].sum(axis=0)

    def at(self, name: str, quarter: str) -> Floats:
        return self(name)[self.quarters.index(quarter)]

    def mean(self, name: str, year: int) -> Floats:
        return self(name)[[i for i, q in enumerate(self.quarters) if q.startswith(str(year))]].mean(axis=0)


def med(x: Floats) -> float:
    return float(np.median(x))


def fan(x: Floats) -> str:
    a, b, c = np.quantile(x, [0.05, 0.5, 0.95])
    return f"{b:.4g} [{a:.4g}-{c:.4g}]"


def newey_west(x: Floats, lags: int = 8) -> float:
    """Standard error of a mean under autocorrelation."""
    d = x - x.mean()
    n = len(d)
    s = float(d @ d) / n
    for k in range(1, min(lags, n - 1) + 1):
        s += 2.0 * (1.0 - k / (lags + 1)) * float(d[k:] @ d[:-k]) / n
    return float(np.sqrt(max(s, 0.0) / n))


def rows(base: Read, nb: Read) -> list[tuple[str, str, str, bool | None]]:
    found: list[tuple[str, str, str, bool | None]] = []

    def row(name: str, now: str, wanted: str, good: bool | None = None) -> None:
        found.append((name, now, wanted, good))

    q = base.quarters
    five = base.year("five_firm_capex_usd_bn", 2027)
    p = float((five >= 1100).mean())
    row("P(five-firm cash capex 2027 >= 1,100)", f"{p:.3f}; {fan(five)}", "0.10-0.60", 0.1 <= p <= 0.6)
    pn = nb.year("five_firm_capex_usd_bn", 2027)
    row("same, no bust", f"{float((pn >= 1100).mean()):.3f}; {fan(pn)}", "")
    early = [i for i, x in enumerate(q) if x <= "2031Q4"]
    peak = np.argmax(base("world_ai_capex_usd_bn")[early], axis=0)
    share = float((peak < q.index("2027Q3")).mean())
    row("peak quarter before 2027Q3", f"{share:.3f}", "<= 0.30", share <= 0.3)
    w31 = base.year("world_ai_capex_usd_bn", 2031)
    row(
        "P(world 2031 >= 1,600)",
        f"{(w31 >= 1600).mean():.3f}; {fan(w31)}",
        ">= 0.05",
        bool((w31 >= 1600).mean() >= 0.05),
    )
    world = np.median(nb("world_ai_capex_usd_bn"), axis=1)
    cut = [i for i, x in enumerate(q) if x <= "2031Q4"]
    top = int(np.argmax(world[cut]))
    fall = float(world[top:].min() / world[top] - 1.0)
    row("fall from the peak to the later low, nb", f"{fall:.2f} (peak {q[top]})", ">= -0.35", fall >= -0.35)
    span = [i for i, x in enumerate(q) if x <= "2031Q4"]
    per = np.median(nb("world_ai_capex_usd_bn")[span].sum(axis=0) / nb("energised_it_gw")[span].sum(axis=0))
    row("USD bn per GW IT energised, nb", f"{per:.1f}", "38-57", bool(38 <= per <= 57))
    gw = base.at("fleet_it_gw", "2030Q4")
    row("fleet 2030, GW IT", fan(gw), "<= 115", med(gw) <= 115)
    labs = 4 * base.at("lab_share", "2026Q4") * base.at("ai_revenue_run_rate", "2026Q4") / 4
    lo, hi = np.quantile(labs, [0.05, 0.95])
    row(
        "labs' run rate end-2026",
        fan(labs),
        "median 130-200, 5-95 % holds 130-200, span <= 3x",
        bool(130 <= med(labs) <= 200 and lo <= 130 and hi >= 200 and hi / lo <= 3),
    )
    ratio = {y: med(nb.mean("contract_price", y) / nb.mean("breakeven_price", y)) for y in range(2027, 2036)}
    both = {
        y: med(base.mean("contract_price", y) / base.mean("breakeven_price", y)) for y in range(2027, 2036)
    }
    for name, r in (("nb", ratio), ("base", both)):
        row(
            f"price over break-even, {name}",
            " ".join(f"{y % 100}:{v:.2f}" for y, v in r.items()),
            "0.85-1.15 from 2029",
            all(0.85 <= v <= 1.15 for y, v in r.items() if y >= 2029),
        )
    for h in (9, 16):
        rowsin = [i for i, x in enumerate(q) if "2029Q1" <= x <= "2035Q4" and i >= h]
        e = np.median(nb(f"planner_error_{h}")[rowsin], axis=1)
        m, se = float(e.mean()), newey_west(e)
        one = float(max((e > 0).mean(), (e < 0).mean()))
        row(
            f"planners' error at {h} q, nb",
            f"{m:+.3f} (NW {se:.3f}), one sign {one:.2f}",
            "|m| <= 0.03 or <= 2 NW; sign <= 0.7",
            (abs(m) <= 0.03 or abs(m) <= 2 * se) and one <= 0.7,
        )
    pr = {y: med(nb.mean("power_requests", y)) for y in (2027, 2028, 2029, 2030, 2031, 2032, 2034)}
    rq = np.median(nb("power_requests"), axis=1)
    low = float(rq[[i for i, x in enumerate(q) if x <= "2032Q4"]].min())
    row(
        "power inquiries GW/q, nb",
        " ".join(f"{y % 100}:{v:.2f}" for y, v in pr.items()) + f" low {low:.2f}",
        ">= 1 to 2032",
        low >= 1.0,
    )
    net = {
        y: med(base.year("firm_bond_issue_usd_bn", y) - base.year("firm_bond_repay_usd_bn", y))
        for y in (2027, 2028, 2029, 2030)
    }
    tot = sum(net.values())
    row("power inquiries by quarter", " ".join(f"{v:.1f}" for v in rq), "")
    row(
        "net IG issuance of the five",
        " ".join(f"{v:.0f}" for v in net.values()) + f" sum {tot:.0f}",
        "400-1,400, low >= 40",
        400 <= tot <= 1400 and min(net.values()) >= 40,
    )
    for y in (2026, 2027, 2028, 2029, 2030, 2031, 2033, 2035):
        row(
            f"{y}",
            f"five {fan(base.year('five_firm_capex_usd_bn', y))} world {fan(base.year('world_ai_capex_usd_bn', y))} nb {med(nb.year('world_ai_capex_usd_bn', y)):.0f}",
            "",
        )
    for name in (
        "plan_usd_bn",
        "plan_wish_usd_bn",
        "chip_orders",
        "chip_orders_demand",
        "shell_starts",
        "energised_it_gw",
        "dark_it_gw",
        "utilisation",
        "scarcity",
        "chip_tightness",
        "it_cost",
        "orders_bind_plan",
        "orders_bind_slots",
        "orders_bind_supply",
        "starts_bind_power",
        "binds_power",
        "binds_shells",
        "fleet_it_gw",
        "realised_shift_growth",
        "ai_revenue_run_rate",
        "ai_debt_usd_bn",
        "busted",
        "estate_it_gw",
        "required_user_cost",
        "power_committed_gw",
        "funded_share",
        "hurdle_rate",
    ):
        if name in nb.run.outputs:
            f = np.mean if name.startswith(("orders_b", "starts_b", "binds", "busted")) else np.median
            r = base if name == "busted" else nb
            row(
                name,
                " ".join(
                    f"{x[2:]}:{float(f(r.at(name, x))):.3g}"
                    for x in (
                        "2026Q3",
                        "2027Q2",
                        "2027Q4",
                        "2028Q4",
                        "2029Q4",
                        "2030Q4",
                        "2031Q4",
                        "2032Q4",
                        "2033Q4",
                        "2034Q4",
                        "2035Q4",
                    )
                ),
                "",
            )
    for lab in ("OpenAI", "Anthropic"):
        done = base.at(f"lab_failed:{lab}", "2031Q4").mean()
        row(f"{lab} fails by 2031", f"{done:.3f}", "one of the two 0.03-0.25", None)
        row(
            f"{lab} profit a year",
            " ".join(f"{y}:{fan(base.year(f'lab_profit_by_usd_bn:{lab}', y))}" for y in (2027, 2028, 2030)),
            "",
        )
        row(
            f"{lab} run rate, cash",
            " ".join(
                f"{x[2:]}:{med(base.at(f'lab_part:{lab}', x) * base.at('ai_revenue_run_rate', x)):.0f}/{med(base.at(f'lab_cash_by_usd_bn:{lab}', x)):.0f}"
                for x in ("2026Q4", "2027Q4", "2028Q4", "2030Q4", "2033Q4")
            ),
            "",
        )
    worst = max(float(base.at(f"lab_failed:{lab}", "2031Q4").mean()) for lab in ("OpenAI", "Anthropic"))
    row("largest independent lab fails by 2031", f"{worst:.3f}", "0.03-0.25", 0.03 <= worst <= 0.25)
    row(
        "captive: core, in-house, other",
        " ".join(
            f"{x[2:]}:{med(nb.at('core_captive_mh100e', x)):.1f},{med(nb.at('in_house_mh100e', x)):.1f},{med(nb.at('other_captive_mh100e', x)):.1f},{med(nb.at('captive_value_ratio', x)):.2f}"
            for x in ("2026Q4", "2027Q4", "2028Q4", "2030Q4", "2033Q4")
        ),
        "",
    )
    for firm, cap, ocf in (("Oracle", 28.5, 23.1),):
        for name, got in (("firm_capex_usd_bn", cap), ("firm_ocf_usd_bn", ocf)):
            x = base.at(f"{name}:{firm}", "2026Q3")
            lo, hi = np.quantile(x, [0.05, 0.95])
            row(f"{firm} 2026Q3 {name}", fan(x), f"holds {got}", bool(lo <= got <= hi))
    for d, values in nb.run.derived.items():
        row(f"{d}, nb", " ".join(f"{v:.3f}" for v in np.nanmedian(values, axis=1)), "")
    row(
        "captive share of use, nb",
        " ".join(
            f"{x[2:]}:{med(nb.at('captive_mh100e', x) / nb.at('desired_compute_mh100e', x)):.2f}"
            for x in ("2026Q4", "2028Q4", "2030Q4", "2033Q4")
        ),
        "",
    )
    return found


def levers(world: World, base: Read, nb: Read) -> list[tuple[str, str, str, bool | None]]:
    """Rows that compare a lever's run with the base on the same draws."""
    few = (
        "world_ai_capex_usd_bn",
        "fleet_it_gw",
        "dark_it_gw",
        "spot_price",
        "chip_orders",
        "ai_revenue_run_rate",
        "contract_price",
    )
    calm = {"crash_switch": 0.0}
    found: list[tuple[str, str, str, bool | None]] = []
    all_ = np.median(nb("world_ai_capex_usd_bn").sum(axis=0))
    low, high = (
        world.run({**calm, "winner_takes_share": v}, few)("world_ai_capex_usd_bn").sum(axis=0)
        for v in (0.28, 0.9)
    )
    gain = med(high / low - 1)
    found.append(("winner's share 0.28 to 0.9: capex", f"{gain:+.3f}", ">= +0.06", gain >= 0.06))
    slow = world.run({**calm, "grid_lead_months": 84.0}, few)
    cut = med(slow.at("fleet_it_gw", "2030Q4") / nb.at("fleet_it_gw", "2030Q4") - 1)
    found.append(("seven years of grid lead: fleet 2030", f"{cut:+.3f}", "<= -0.05", cut <= -0.05))
    dear = world.run({**calm, "hurdle_base": 0.11}, few)
    base10 = world.run({**calm, "hurdle_base": 0.10}, few)
    two = [i for i, x in enumerate(nb.quarters) if x <= "2028Q2"]
    cut = med(
        dear("world_ai_capex_usd_bn")[two].sum(axis=0) / base10("world_ai_capex_usd_bn")[two].sum(axis=0) - 1
    )
    dec = med(dear("world_ai_capex_usd_bn").sum(axis=0) / base10("world_ai_capex_usd_bn").sum(axis=0) - 1)
    found.append(("hurdle +1 point, from the opening: two years, decade", f"{cut:+.3f} {dec:+.3f}", "", None))
    del all_
    return found


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--paths", type=int, default=4000)
    parser.add_argument("--kernel", default="auto")
    parser.add_argument("--prior", default="judged", choices=("judged", "posterior"))
    parser.add_argument("--levers", action="store_true")
    parser.add_argument("--set", action="append", default=[], help="id=value, for both runs")
    args = parser.parse_args()
    sets: dict[str, Any] = {k: float(v) for k, v in (s.split("=") for s in args.set)}
    world = World(args.paths, args.kernel, prior=args.prior)
    base, nb = world.run(sets), world.run({**sets, "crash_switch": 0.0})
    table = rows(base, nb) + (levers(world, base, nb) if args.levers else [])
    for name, now, wanted, good in table:
        print(
            f"{'' if good is None else 'ok ' if good else 'OUT'}".ljust(4)
            + f"{name.ljust(44)} {now}   {wanted}"
        )
    print(
        f"residual {base.run.residual_max:.1e}; status {base.run.status_counts}; simulate {base.run.timings_s['simulate']:.2f} s"
    )


if __name__ == "__main__":
    main()
