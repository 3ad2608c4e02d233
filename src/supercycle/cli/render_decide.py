"""A decision as tables: the answer first, then what it stands on, then what would change it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from supercycle.cli.console import plain_console, plain_table, table_row

__all__ = ["decision_tables", "price_tables", "shopping_table", "throughput_table"]

Record = Mapping[str, Any]


def decision_tables(body: Record) -> None:
    """Print a decision."""
    console = plain_console()
    console.print(body["headline"], style="bold", markup=False)
    rate = body["throughput"]
    console.print(f"Load: {body['load']['words']}.", markup=False, soft_wrap=True)
    console.print(
        f"Machine: {rate['model']} at {rate['precision']} on {rate['gpu']}, replicas of {rate['gpus_per_replica']}; "
        f"{rate['output_tok_s_gpu']:,.0f} output tokens/s per GPU ({rate['method']}) at {rate['promise']}. "
        f"{rate['busy_gpus']:.2f} GPUs busy on average, {rate['gpus_at_the_peak']:.0f} needed in the busiest hour, "
        f"{rate['hired_gpus']:.2f} paid for when each hour hires what it needs.",
        markup=False,
        soft_wrap=True,
    )
    _ranking(
        body["ranking"],
        f"After tax over {body['case']['horizon_months']} months in the world {body['case']['background']}, USD m",
    )
    _break_even(body["break_even"])
    _plan(body["plan"])
    _waiting(body["act_or_wait"])
    lease = body["leasing"]
    word = "worth" if lease["advantage_usd_per_gpu"] > 0 else "costs"
    console.print(
        f"Leasing the servers instead of buying {word} {abs(lease['advantage_usd_per_gpu']):,.0f} USD a GPU "
        f"at a rent of "
        f"{lease['rent_usd_per_gpu_year']:,.0f} a year"
        + (
            ""
            if lease["lessor_return_per_year"] is None
            else f", which returns the lessor {100 * lease['lessor_return_per_year']:.1f} % a year"
        )
        + f"; equal at {lease['break_even_usd_per_gpu_year']:,.0f}.",
        markup=False,
        soft_wrap=True,
    )
    _worlds(body["worlds"])
    _flips(body["flips"])
    _tornado(body["tornado"])
    _map(body["map"])
    console.print("Notes", style="bold")
    for note in body["notes"]:
        console.print(f"- {note}", markup=False, soft_wrap=True)


def _print(title: str, left: Sequence[str], right: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    console = plain_console()
    console.print(title, style="bold", markup=False)
    table = plain_table(*left, right=right)
    for row in rows:
        table_row(table, *row)
    console.print(table)


def _ranking(rows: Sequence[Record], title: str) -> None:
    _print(
        title,
        ["option"],
        [
            "mean",
            "P10",
            "P90",
            "worst 5 %",
            "USD/Mtok",
            "USD per 1,000 answers",
            "cheapest on",
            "recommended",
        ],
        [
            (
                one["label"],
                *(f"{one[key] / 1e6:,.2f}" for key in ("mean", "p10", "p90", "cvar")),
                f"{one['levelised_usd_per_mtok']:.3g}",
                f"{one['usd_per_1000_accepted']:.3g}",
                f"{100 * one['best_share']:.0f} %",
                "NO: quality" if one["barred"] else "yes",
            )
            for one in rows
        ],
    )


def _break_even(found: Record | None) -> None:
    if found is None:
        return
    hour = found["own_gpu_hour_usd"]
    _print(
        f"Break-even of owning at today's prices, before growth and falls: an hour costs "
        f"{hour['total_usd']:.2f} USD, "
        f"{100 * found['measured_use']:.0f} % used (measured)",
        ["against"],
        ["USD per GPU-hour of work", "USD/Mtok", "break-even use", ""],
        [
            (
                one["rival"],
                f"{one['usd_per_gpu_hour_of_work']:.2f}",
                f"{one['usd_per_mtok']:.3g}",
                "never" if one["break_even_use"] is None else f"{100 * one['break_even_use']:.0f} %",
                _against(one["break_even_use"], found["measured_use"]),
            )
            for one in found["rivals"]
        ],
    )


def _against(use: float | None, measured: float) -> str:
    if use is None or use > 1:
        return "never"
    return "owning is cheaper at today's use" if measured > use else "owning is dearer at today's use"


def _plan(found: Record) -> None:
    _print(
        f"The plan: {found['words']}",
        ["year"],
        ["GPUs owned or reserved, mean over paths"],
        [(one["year"], f"{one['owned_or_reserved_gpus']:.1f}") for one in found["by_year"]],
    )


def _waiting(found: Record | None) -> None:
    if found is None:
        return
    now, rule, upper = (found[key]["value"] / 1e6 for key in ("act_now", "rule", "upper_bound"))
    console = plain_console()
    console.print(
        f"Act or wait (from {found['flexible']} to {found['buying']}): {found['verdict']}. Buying now is "
        f"worth {now:+.2f} USD m, the "
        f"best rule {rule:+.2f} (se {found['rule']['standard_error'] / 1e6:.2f}), at most {upper:.2f}; "
        f"regret against foresight "
        f"{found['regret_usd'] / 1e6:.2f}; never acts on {100 * found['never_share']:.0f} % of paths.",
        markup=False,
        soft_wrap=True,
    )
    _print(
        "When to act",
        ["start of year"],
        ["acts", "rent that decides", "median rent", "status"],
        [
            (
                one["year"] + 1,
                f"{100 * one['acting_share']:.0f} %",
                "-" if one["rent_usd_per_gpu_hour"] is None else f"{one['rent_usd_per_gpu_hour']:.2f}",
                f"{one['rent_median']:.2f}",
                one["status"],
            )
            for one in found["boundary"]
        ],
    )


def _worlds(rows: Sequence[Record]) -> None:
    names = [
        one["label"]
        for one in rows[0]["ranking"]
        if all(any(o["label"] == one["label"] for o in world["ranking"]) for world in rows)
    ]
    _print(
        "The same decision in other worlds, mean USD m",
        ["world", "cheapest"],
        names,
        [
            (
                world["name"],
                world["ranking"][0]["label"],
                *(
                    f"{next(o['mean'] for o in world['ranking'] if o['label'] == name) / 1e6:,.2f}"
                    for name in names
                ),
            )
            for world in rows
        ],
    )
    for world in rows[1:]:
        plain_console().print(f"{world['name']}: {world['because']}", markup=False, soft_wrap=True)


def _flips(rows: Sequence[Record]) -> None:
    if rows:
        _print(
            "Where the cheapest single way flips, solved and put back",
            ["lever"],
            ["today", "range", "flips at", "to", "status"],
            [
                (
                    f"{one['lever']}, {one['unit']}",
                    f"{one['now']:.4g}",
                    f"{one['low']:.4g} to {one['high']:.4g}",
                    "-" if one["flips_at"] is None else f"{one['flips_at']:.4g}",
                    one["to"] or "-",
                    one["status"],
                )
                for one in rows
            ],
        )


def _tornado(rows: Sequence[Record]) -> None:
    if rows:
        _print(
            "What moves the saving of the cheapest single way over the next, USD m",
            ["input"],
            ["from", "to", "saving at low", "saving at high"],
            [
                (
                    one["lever"],
                    f"{one['low']:.4g}",
                    f"{one['high']:.4g}",
                    f"{one['saving_at_low_usd'] / 1e6:+.2f}",
                    f"{one['saving_at_high_usd'] / 1e6:+.2f}",
                )
                for one in rows[:10]
            ],
        )


def _map(found: Record | None) -> None:
    if found is not None:
        _print(
            f"Cheapest single way: {found['down']} down, {found['across']} across, both times today's",
            [""],
            [f"{x:.2g}" for x in found["columns"]],
            [(f"{y:.2g}", *row) for y, row in zip(found["rows"], found["best"], strict=True)],
        )


def throughput_table(body: Record) -> None:
    """Print a throughput."""
    _print(
        f"{body['model']} on {body['gpu']}: {body['output_tok_s_gpu']:,.0f} output tokens/s per GPU "
        f"({body['method']})",
        ["fact"],
        ["value"],
        [
            ("log error (sd)", f"{body['sd_log']:.2f}"),
            ("precision, engine", f"{body['precision']}, {body['engine']}"),
            (
                "GPUs per replica, requests in flight",
                f"{body['gpus_per_replica']}, {body['concurrency']:.0f}",
            ),
            ("output tokens/s each user gets", f"{body['tokens_per_s_user']:.1f}"),
            ("seconds to the first token, mean", f"{body['ttft_s']:.2f}"),
            ("share of the GPU's time on prompts", f"{100 * body['prefill_share']:.0f} %"),
            ("origin", body["note"]),
        ],
    )


def shopping_table(body: Record) -> None:
    """Print what to buy."""
    console = plain_console()
    console.print(body["headline"], style="bold", markup=False)
    _print(
        f"By cost after tax; the API in use costs {body['api_usd'] / 1e6:,.2f} USD m",
        ["GPU", "model", "precision", "way"],
        ["USD m", "USD/Mtok", "buy now", "output tok/s a GPU", "throughput", "Arena points given up"],
        [
            (
                one["gpu"],
                one["model"],
                one["precision"],
                one["way"],
                f"{one['mean'] / 1e6:,.2f}",
                f"{one['usd_per_mtok']:.3g}",
                f"{one['owned_gpus']:.0f}",
                f"{one['output_tok_s_gpu']:,.0f}",
                "not measured" if one["method"] == "roofline" else one["method"],
                "-" if one["gap"] is None else f"{one['gap']:.0f}",
            )
            for one in body["ranked"]
        ],
    )
    for one in body["left_out"]:
        console.print(f"- left out: {one['candidate']}: {one['because']}", markup=False, soft_wrap=True)


def price_tables(body: Record) -> None:
    """Print forward curves and the price tables."""
    for name, curve in body["forward"].items():
        if name != "rent_expected":
            _print(
                f"{name.replace('_', ' ')} in the world {body['background']}",
                ["month"],
                ["5 %", "25 %", "median", "75 %", "95 %"],
                [
                    (month, *(f"{level[month]:.4g}" for level in curve))
                    for month in range(0, len(curve[0]), 6)
                ],
            )
    _print(
        f"Price tables at {body['today']}",
        ["what"],
        ["value", "unit", "date", "tier", "stale", "source"],
        [
            (
                one["what"],
                f"{one['value']:.4g}",
                one["unit"],
                one["day"] or "-",
                one["tier"],
                "STALE" if one["stale"] else "",
                one["source"][:60],
            )
            for one in body["tables"]
        ],
    )
