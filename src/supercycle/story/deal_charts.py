"""The charts of a deal's report: plain descriptions with literal values, drawn by the same front end as the world's."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

from supercycle.deals.measures.distribution import in_force
from supercycle.service.deal import DealResult

__all__ = ["deal_sections"]

Body = Mapping[str, Any]
Chart = dict[str, Any]
Values = Sequence[float | None]
QUANTILES = ("q05", "q25", "q50", "q75", "q95")
MOST_HURTING = 8
NARROW = 0.02  # width of a loss bin below which its ends need a decimal
WIDE = 10.0  # largest over smallest cover above which the scale is logarithmic


def deal_sections(found: DealResult) -> list[dict[str, Any]]:
    """Sections in the order of the argument: money in, cash out, debt, cover, losses, the lessee, the numbers."""
    made = [
        _sources_and_uses(found.body), _cash(found), _debt(found), _cover(found), _losses(found.body),
        _readings(found.body),
        _world(found.body), _lessee(found.body), _numbers(found),
    ]  # fmt: skip
    for section in made:
        section["charts"] = [chart for chart in section["charts"] if chart is not None]
    return [section for section in made if section["charts"]]


def _chart(
    id: str, title: str, kind: str, unit: str, x: Sequence[str], series: Mapping[str, Any], **more: Any
) -> Chart | None:
    """A chart of named values on x, or None when there are none."""
    if not series or not x:
        return None
    return {
        "id": id, "title": title, "kind": kind, "unit": unit, "x": list(x),
        "series": [{"key": None, "label": name, "values": values} for name, values in series.items()],
        "source": "supercycle deal run", **more,
    }  # fmt: skip


def _word(name: str) -> str:
    return name.replace("_", " ").replace(".", ": ")


def _sources_and_uses(body: Body) -> dict[str, Any]:
    start = body["construction"]
    charts = [
        _chart(
            side, f"{title} until {start['until']}", "bars", body["money"], [_word(n) for n in start[side]],
            {title: list(start[side].values())},
            note=f"Together {start[f'total_{side}']:,.0f}; sources and uses are equal.",
        )
        for side, title in (("sources", "Sources"), ("uses", "Uses"))
    ]  # fmt: skip
    return {
        "id": "sources", "title": "Sources and uses", "charts": charts,
        "lead": "Where the money comes from until operations begin, and what it is spent on.",
    }  # fmt: skip


def _by_year(found: DealResult, series: Values) -> list[float]:
    years = [int(end[:4]) for end in found.body["periods"]]
    sums = dict.fromkeys(years, 0.0)
    for year, value in zip(years, series, strict=True):
        sums[year] += value or 0.0
    return list(sums.values())


def _cash(found: DealResult) -> dict[str, Any]:
    body, series = found.body, found.body["series"]
    years = list(dict.fromkeys(end[:4] for end in body["periods"]))
    sides = found.run.books.sides
    uses = {n: _by_year(found, series[n]) for n, side in sides.items() if side == "use"}
    held = [
        sum(series[n][t] or 0.0 for n, s in sides.items() if s == "cash") for t in range(len(body["periods"]))
    ]
    change = [now - before for now, before in zip(held, [0.0, *held[:-1]], strict=True)]
    uses["kept in accounts"] = _by_year(found, change)
    uses = {_word(n): values for n, values in uses.items() if any(abs(v) > 1e-9 for v in values)}
    sources = {
        _word(n): values
        for n, side in sides.items()
        if side == "source" and any(values := _by_year(found, series[n]))
    }
    return {
        "id": "cash", "title": "The cash waterfall",
        "lead": "Everything that comes in each year, and everything it is spent on in order; the two are equal.",
        "charts": [
            _chart("sources_by_year", "Cash in, by year", "stack", body["money"], years, sources, flows=True),
            _chart("uses_by_year", "Cash out, by year", "stack", body["money"], years, uses, flows=True,
                   note="Cash taken out of accounts is below zero."),
        ],
    }  # fmt: skip


def _debt(found: DealResult) -> dict[str, Any]:
    body = found.body
    x = [end[:7] for end in body["periods"]]
    balances = {_word(n): one["balance"] for n, one in body["tranches"].items()}
    accounts = {
        _word(n.removeprefix("account.")): body["series"][n]
        for n in body["series"]
        if n.startswith("account.") and any(body["series"][n])
    }
    notes = [
        f"When {one['name']} ends ({one['until']}), {one['debt_when_it_ends']:,.0f} is outstanding."
        for one in body["guarantees"]
        if one["debt_when_it_ends"]
    ]
    service = {_word(n): [values or 0.0 for values in one["service"]] for n, one in body["tranches"].items()}
    return {
        "id": "debt", "title": "Balances and service",
        "lead": "What is owed to each lender after every payment date, and what each is paid.",
        "charts": [
            _chart("balances", "Debt outstanding", "stack", body["money"], x, balances, note=" ".join(notes)),
            _chart("service", "Interest and principal paid", "stack", body["money"], x, service, flows=True),
            _chart("accounts", "Reserves and trapped cash", "stack", body["money"], x, accounts),
        ],
    }  # fmt: skip


def _cover(found: DealResult) -> dict[str, Any]:
    body, charts = found.body, list[Chart | None]()
    x = [end[:7] for end in body["periods"]]
    spread = found.many
    taken = {t.name: [bool(x) for x in in_force(found.run, t)] for t in found.deal.tests}
    for name, test in body["tests"].items():
        known = [v for v in test["values"] if v is not None]
        # A loan nearly repaid has a cover in the hundreds; on a linear scale the triggers would not be seen.
        wide = bool(known) and min(known) > 0 and max(known) > WIDE * min(known)
        scale = "log" if wide else "linear"
        levels = [
            {"label": f"{word} {test[word]:g}x", "value": test[word]}
            for word in ("trap", "default")
            if test[word]
        ]
        if spread is None:
            charts.append(_chart(
                f"test_{name}", f"{_word(name)} ({test['measure'].upper()})", "lines", "x", x,
                {_word(name): test["values"]}, lines=levels, scale=scale,
            ))  # fmt: skip
            continue
        charts.append(_chart(
            f"test_{name}", f"{_word(name)} ({test['measure'].upper()}) over {spread.paths:,} paths", "fan", "x", x,
            {_word(name): _quantiles(spread[f"test.{name}"], taken[name])}, lines=levels,
            note="Quantiles of the paths on which it is still measured at the date: those sold or repaid have left.",
        ))  # fmt: skip
    return {
        "id": "cover", "title": "Coverage against its triggers", "charts": charts,
        "lead": "Each test as measured on its dates, with the level that traps cash and the level that defaults.",
    }  # fmt: skip


def _quantiles(rows: Any, taken: Sequence[bool]) -> dict[str, list[float | None]]:
    """Quantiles over the paths that have a number, date by date; None where the test is not taken."""
    import numpy as np

    found: dict[str, list[float | None]] = {level: [] for level in QUANTILES}
    for row, counts in zip(rows, taken, strict=True):
        known = row[np.isfinite(row)] if counts else row[:0]
        for level in QUANTILES:
            found[level].append(float(np.quantile(known, int(level[1:]) / 100)) if len(known) else None)
    return found


def _losses(body: Body) -> dict[str, Any]:
    charts: list[Chart | None] = []
    spread = body["distribution"]
    if spread:
        for name, one in spread["tranches"].items():
            bars = one["histogram"]
            edges, shares = bars["edges"], bars["share_of_paths"]
            digits = 0 if edges[1] - edges[0] > NARROW else 1
            if one["share_of_paths_with_loss"] > 0:
                charts.append(_chart(
                    f"loss_{name}", f"Loss of {_word(name)}, as a share of what was lent", "bars", "share",
                    [f"{100 * a:.{digits}f}-{100 * b:.{digits}f} %" for a, b in itertools.pairwise(edges)],
                    {"share of paths": shares}, format="percent",
                    note=f"Share of paths by loss; {100 * bars['without_loss']:.1f} % of paths have none. Mean of all "
                    f"{100 * one['loss_mean']:.1f} %; of the worst 5 % of paths {100 * one['loss_shortfall']:.1f} %.",
                ))  # fmt: skip
        charts.append(_table(
            "loss_table", "Losses over paths",
            ["tranche", "paths with a loss", "paths late", "mean", "99th percentile", "worst 5 %, mean"],
            [[_word(n), *(_percent(one[k]) for k in (
                "share_of_paths_with_loss", "share_of_paths_late", "loss_mean", "loss_q99", "loss_shortfall"))]
             for n, one in spread["tranches"].items()],
        ))  # fmt: skip
        charts.append(_renewals(spread))
    cases = body["non_renewal"]
    if cases:
        names = [f"{_word(c['contract'])} ends {c['ends'][:4]}" for c in cases]
        series: dict[str, list[float | None]] = {}
        for word, key in (("", "holders"), (", guarantor pays nothing", "holders_without_guarantor")):
            for holder in cases[0].get(key, {}):
                series[f"{_word(holder)}{word}"] = [c[key][holder]["share"] for c in cases]
        charts.append(_chart(
            "non_renewal", "Loss by holder if the lease is not renewed", "bars", "share", names, series,
            format="percent", note="Share of what each put in. Lenders sell at the value of the date less cost.",
        ))  # fmt: skip
    return {
        "id": "losses", "title": "Losses: who bears them", "charts": charts,
        "lead": "What lenders and owners do not get back: over paths, and if the tenant leaves at each date it may.",
    }  # fmt: skip


def _readings(body: Body) -> dict[str, Any]:
    """What lenders lose under each reading of the documents, as written first."""
    rows: list[list[Any]] = []
    for one in body["readings"]:
        cases = [_percent(c["lenders_loss"]) for c in one["if_not_renewed"]]
        rows.append([one["name"], _percent(one["equity_irr"]), _percent(one["lenders_loss"]), *cases])
    first: list[Any] = body["readings"][0]["if_not_renewed"] if body["readings"] else []
    ends = [f"if the lease ends {c['ends'][:4]}" for c in first]
    return {
        "id": "readings", "title": "Other readings of the same documents",
        "lead": "What lenders lose, of what they lent, where a term that is not public is read otherwise.",
        "charts": [_table("readings", "Readings", ["reading", "equity IRR", "if all goes on", *ends], rows)],
    }  # fmt: skip


def _renewals(spread: Body) -> Chart | None:
    rows = [
        [f"guarantee {name}: paths on which it pays", _percent(one["share_of_paths_paid"])]
        for name, one in spread["guarantees"].items()
    ]
    for name, one in spread["guarantees"].items():
        if "share_of_paths_giver_fails" in one:
            rows.append([f"{one['giver']} fails, all paths", _percent(one["share_of_paths_giver_fails"])])
            rows.append(
                [f"{one['giver']} fails where {name} is called", _percent(one["giver_fails_when_called"])]
            )
    for name, one in spread["renewals"].items():
        for k, share in enumerate(one["share_of_paths"]):
            rows.append([f"{_word(name)}: {k} of {one['options']} options exercised", _percent(share)])
    return _table("renewals", "Renewals, calls and failures", ["what", "share"], rows)


def _world(body: Body) -> dict[str, Any]:
    hurts = body["what_hurts"]
    rows: list[dict[str, Any]] = hurts["variables"][:MOST_HURTING] if hurts else []
    return {
        "id": "world", "title": "What in the world hurts most",
        "lead": "How much worse the deal does on the fifth of the paths on which each world variable is at its worst.",
        "charts": [
            _chart(
                "hurts", f"Excess of the {hurts['harm']}" if hurts else "", "bars",
                body["money"] if hurts and hurts["harm"].startswith("loss") else "x",
                [f"{row['label']} {row['worse_when']}" for row in rows],
                {"excess": [row["excess"] for row in rows]},
                note="Association, not cause: variables of one world move together.",
            )
        ],
    }  # fmt: skip


def _lessee(body: Body) -> dict[str, Any]:
    found, charts = body["lessee"], list[Chart | None]()
    if found and "leverage" in found:
        said = found["leverage"]["without_guarantee"]
        charts.append(_chart(
            "added_debt", "Added to the lessee's debt, by reading", "lines", body["money"],
            [str(y) for y in said["years"]], {one["label"]: one["added"] for one in said["readings"].values()},
            note="Classified without the guarantee. Balances after the last payment date of each year; readings that "
            "add the same lie on one line.",
        ))  # fmt: skip
        rows = [
            [one["label"], one["basis"], one["while_built"], one["in_operation"], _number(one["largest"]),
             _times(one["debt_over_ebitda_before"]), _times(one["debt_over_ebitda_at_largest"])]
            for one in said["readings"].values()
        ]  # fmt: skip
        charts.append(_table(
            "labels", "Whose debt is it",
            ["reading", "counts", "while built", "in operation", "largest", "debt/EBITDA before", "with it"], rows,
        ))  # fmt: skip
        charts.append(_table(
            "classification", "The five tests of ASC 842",
            ["test", "without the guarantee", "with the guarantee", "level"],
            [[name, _measured(found["without_guarantee"]["tests"][name]), _measured(test), str(test["level"])]
             for name, test in found["with_guarantee"]["tests"].items()]
            + [["label", found["without_guarantee"]["us_gaap"], found["with_guarantee"]["us_gaap"], ""],
               ["IFRS 16", found["without_guarantee"]["ifrs"], found["with_guarantee"]["ifrs"], ""]],
        ))  # fmt: skip
        views = found["roic"]["views"]
        if views:
            charts.append(_chart(
                "roic", "Return on capital of the same asset, three views", "bars", "share",
                [_word(v) for v in views], {"ROIC": [one["roic_mean"] for one in views.values()]}, format="percent",
                note="Over the initial term. Interest is no cost; only what is called capital differs.",
            ))  # fmt: skip
    return {
        "id": "lessee", "title": "The lessee's side", "charts": charts,
        "lead": "The same obligation under each standard and each agency's reading; every label is computed.",
    }  # fmt: skip


def _numbers(found: DealResult) -> dict[str, Any]:
    rows = [[one["where"], one["value"], one["tier"], one["stands_on"]] for one in found.sourced()]
    return {
        "id": "numbers", "title": "The file's numbers",
        "lead": "Each number with a source or a judgement. A: filing or company, C: named press, D: aggregator.",
        "charts": [
            _table("sourced", "Sources and judgements", ["where", "value", "tier", "source or judgement"], rows)
        ],
    }  # fmt: skip


def _table(id: str, title: str, columns: list[str], rows: list[list[Any]]) -> Chart | None:
    return (
        {"id": id, "title": title, "kind": "table", "unit": "", "columns": columns, "rows": rows}
        if rows
        else None
    )


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.2f} %"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:,.0f}"


def _times(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}x"


def _measured(test: Body) -> str:
    value = test["measured"]
    shown = str(value) if isinstance(value, bool) else f"{value:.3f}"
    return f"{shown} ({'met' if test['met'] else 'not met'})"
