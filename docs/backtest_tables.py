"""The tables of docs/backtest.md from a back-test's JSON, each under the name of its marker in the page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["PARTS", "update"]


def percent(value: float | None) -> str:
    """A share for reading."""
    return "-" if value is None else f"{100 * value:.0f} %"


def table(rows: dict[str, Any], first: str) -> str:
    """Points, coverage and CRPS of the published forecast, the model and the pool of rules; the best is bold."""
    who = ("published", "model", "pool of rules")
    lines = [
        f"| {first} | points | in 50 % | in 90 % | in the model's 90 % | above the median | CRPS: {' | '.join(who)} |",
        "|---|--:|--:|--:|--:|--:|" + "--:|" * len(who),
    ]
    for name, row in rows.items():
        best = min(row["crps"][one] for one in who)
        cells = [f"**{v:.3f}**" if v == best else f"{v:.3f}" for v in (row["crps"][one] for one in who)]
        lines.append(
            f"| {name} | {row['points']} | {percent(row['coverage_50'])} | {percent(row['coverage_90'])} "
            f"| {percent(row['coverage_90_model'])} | {percent(row['above_median'])} | {' | '.join(cells)} |"
        )
    return "\n".join(lines)


def horizons(result: dict[str, Any]) -> str:
    """The table the page opens with, and the summary in a few sentences."""
    s = result["summary"]
    rows = {f"{h} quarters" if h != "1" else "1 quarter": row for h, row in result["by_horizon"].items()}
    low, high = (percent(value) for value in s["coverage_90_interval"])
    covered = (
        f"{s['points']} points from {s['starts']} quarterly starts, worth about {s['independent_points']:.0f} "
        f"independent ones. The 90 % band of the published forecast holds {percent(s['coverage_90'])} of outcomes "
        f"(5-95 % by blocks of starts: {low} to {high}), the 50 % band {percent(s['coverage_50'])}."
    )
    scored = (
        f"CRPS: published {s['crps_published']:.3f}, model alone {s['crps_model']:.3f}, equal pool of rules "
        f"{s['crps_pool_of_rules']:.3f}. Published less rules {s['paired_difference']:+.3f}, 5-95 % by blocks of "
        f"starts {pair(s['paired_interval'])} (without cash flow {pair(s['paired_interval_without_cash_flow'])}); "
        f"model alone less rules {pair(s['paired_interval_model'])}."
    )
    return "\n".join([table(rows, "ahead"), "", covered, "", scored])


def pair(found: list[float]) -> str:
    """The two ends of an interval."""
    return f"{found[0]:+.3f} to {found[1]:+.3f}"


def busts(result: dict[str, Any]) -> str:
    """What the model said of a crash at each start, and the Brier scores with and without past manias."""
    asked = [q for q in result["events"]["questions"] if q["event"] == "crash to the end"]
    lines = ["| start | paths with a bust by 2026Q2 | Brier | five per cent a year |", "|---|--:|--:|--:|"]
    lines += [
        f"| {q['start']} | {percent(q['model'])} | {q['brier']:.3f} | {percent(q['reference'])} |"
        for q in asked
    ]
    s, m = result["summary"], result["events"]["manias"]
    lines += [
        "",
        "| Brier score of a crash | model | five per cent a year | never |",
        "|---|--:|--:|--:|",
        brier(f"these {len(asked)} starts, none came", s, "bust_brier", ""),
        brier("forty past manias, 21 came", m, "brier", ""),
        brier("both", s, "bust_brier", "_with_manias"),
        "",
        (
            f"After a doubling {percent(m['odds_after_a_doubling'])} of the model's own paths break within two years "
            f"({m['paths_that_doubled']:,} paths that doubled); of the forty industries 21 did."
        ),
    ]
    return "\n".join(lines)


def update(found: dict[str, Any]) -> str:
    """What the newest prints changed, in its own three sentences and its table of surprises."""
    lines = [
        f"`supercycle update --as-of {found['as_of']}`, from the opening of {found['opening']}:",
        "",
        *(f"> {sentence}" for sentence in found["sentences"]),
        "",
        "| figure | published | was | expected (5 to 95 %) | surprise, sd | inside 90 % | expected now |",
        "|---|---|--:|--:|--:|---|--:|",
    ]
    for row in found["readings"]:
        band, held = f"{row['q05']:.1f} to {row['q95']:.1f}", "yes" if row["inside_90"] else "no"
        lines.append(
            f"| {row['id']} | {row['known_from']} | {row['value']:.1f} | {row['expected']:.1f} ({band}) "
            f"| {row['surprise_sd']:+.1f} | {held} | {row['after']:.1f} |"
        )
    lines += ["", f"{found['particles']:,} particles, {found['cpu_seconds']:.0f} seconds of processor time."]
    return "\n".join(lines)


def brier(name: str, found: dict[str, float], key: str, after: str) -> str:
    """A line: the model, the reference rate, and whoever never calls a crash."""
    cells = [f"{found[f'{key}{who}{after}']:.3f}" for who in ("", "_reference", "_never")]
    return f"| {name} | {' | '.join(cells)} |"


def events(result: dict[str, Any]) -> str:
    """Every kind of event: how many were asked and came, Brier and log score beside the base rate's."""
    lines = [
        "| event | asked | came | Brier | base rate's | log score | base rate's |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    for name, row in result["events"]["by_event"].items():
        lines.append(
            f"| {name} | {row['questions']} | {row['happened']} | {row['brier']:.3f} | {row['brier_reference']:.3f} "
            f"| {row['log_score']:.2f} | {row['log_score_reference']:.2f} |"
        )
    return "\n".join(lines)


def series(result: dict[str, Any]) -> str:
    """Every series."""
    return table(result["by_series"], "series")


def kinds(result: dict[str, Any]) -> str:
    """Every kind of series at every horizon: who was best there."""
    return table(result["by_kind_and_horizon"], "kind, quarters ahead")


def starts(result: dict[str, Any]) -> str:
    """Every start."""
    return table(result["by_start"], "start")


def rules(result: dict[str, Any]) -> str:
    """The rules one by one over all points they share, and the rules alone from the starts before the world opens."""
    whole: dict[str, list[float]] = {}
    for point in result["points"]:
        for who, value in point["crps"].items():
            whole.setdefault(who, []).append(value)
    count = len(result["points"])
    lines = ["| forecast | CRPS, 2022Q4 to 2025Q4 | CRPS, 2019Q4 to 2022Q3 |", "|---|--:|--:|"]
    before = result["rules_before"]
    for who, values in sorted(whole.items(), key=lambda item: sum(item[1]) / len(item[1])):
        if len(values) == count:
            past = before["crps"].get(who)
            lines.append(f"| {who} | {sum(values) / count:.3f} | {'-' if past is None else f'{past:.3f}'} |")
    lines += [
        "",
        (
            "From the twelve starts before the world can be opened the rules' pool alone holds "
            f"{percent(before['coverage_90'])} of {before['points']} outcomes in its 90 % band."
        ),
    ]
    return "\n".join(lines)


def wins(result: dict[str, Any]) -> str:
    """One paragraph: at which kinds and horizons the pool, or a single rule, had a smaller CRPS than the model."""
    pool: list[str] = []
    single: list[str] = []
    cells = result["by_kind_and_horizon"]
    for name, row in cells.items():
        kind, _, ahead = name.partition(", ")
        where = f"{kind} at {ahead}"
        crps = row["crps"]
        if crps["pool of rules"] < crps["model"]:
            pool.append(f"{where} ({crps['pool of rules']:.2f} against {crps['model']:.2f})")
        ruled = {who: v for who, v in crps.items() if who not in ("published", "model", "pool of rules")}
        best = min(ruled, key=lambda who, ruled=ruled: ruled[who])
        if ruled[best] < crps["model"]:
            single.append(f"{where} ({best}, {ruled[best]:.2f} against {crps['model']:.2f})")
    said = (
        f"The equal pool of rules beats the model in {len(pool)} of {len(cells)} cells of kind and horizon"
        f"{': ' + ', '.join(pool) if pool else ''}. A single rule, picked afterwards with the answers in hand, beats "
        f"it in {len(single)}{': ' + '; '.join(single) if single else ''}. Nobody could have picked it beforehand: "
        "the pool is the fair rival, the picks are a warning."
    )
    return said


def missing(result: dict[str, Any]) -> str:
    """Which starts and series have no figure."""
    lines = ["| series | starts | why |", "|---|---|---|"]
    lines += [f"| {row['series']} | {row['starts']} | {row['why']} |" for row in result["not_scored"]]
    return "\n".join(lines)


def mechanism(result: dict[str, Any]) -> str:
    """The model alone over every quarter of the three old starts; the five's capex is a sum and no point above."""
    found: dict[str, list[dict[str, Any]]] = {}
    for case in result["cases"]:
        found.setdefault(case["series"], []).append(case)
    lines = ["| series | CRPS from 2022Q4, 2023Q4, 2024Q4 | mean | in 90 % |", "|---|---|--:|--:|"]
    for name, cases in found.items():
        scores = [c["crps_model"] for c in cases if c["crps_model"] is not None]
        held = [c["coverage_90_model"] for c in cases if c["coverage_90_model"] is not None]
        lines.append(
            f"| {name} | {', '.join(f'{v:.2f}' for v in scores)} | {sum(scores) / len(scores):.2f} "
            f"| {percent(sum(held) / len(held))} |"
        )
    return "\n".join(lines)


def openings(result: dict[str, Any]) -> str:
    """How many parameters of each opening rest on what."""
    lines = [
        "| start | opening | known by | figure | rule | scaled | judgement | rows read |",
        "|---|---|---|--:|--:|--:|--:|--:|",
    ]
    for o in result["openings"]:
        lines.append(
            f"| {o['start']} | {o['variant']} | {o['known_by']} | {o['figure']} | {o['rule']} | {o['scaled']} "
            f"| {o['judgement']} | {o['rows']} |"
        )
    return "\n".join(lines)


PARTS: dict[str, Callable[[dict[str, Any]], str]] = {
    "horizons": horizons,
    "busts": busts,
    "series": series,
    "kinds": kinds,
    "starts": starts,
    "rules": rules,
    "wins": wins,
    "events": events,
    "missing": missing,
    "mechanism": mechanism,
    "openings": openings,
}
