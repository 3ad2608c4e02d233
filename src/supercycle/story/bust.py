"""If it bursts: who loses what, shareholders first, on paths with a bust and on all; the odds, and yardsticks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from supercycle.figures.value import FigureValue, figure
from supercycle.service.losses import loss_outputs, losses_of
from supercycle.skill.busts import recorded_busts, recorded_manias

__all__ = ["bust_data", "bust_section"]

Table = Mapping[str, Any]
READ_AT = ("2026Q4", "2027Q4", "2028Q4", "2029Q4", "2030Q4", "2032Q4", "2035Q4")
HOUSEHOLDS = ("household_equities", "US, public equities", "2025-10")
YARDSTICKS = (
    ("market value of telecom lost", ("market_value_lost", "telecom", "2000-2002")),
    ("US telecom debt defaulted", ("telecom_defaulted_par", "US HY", "2002")),
    ("bonds defaulted, world", ("moodys_defaulted_debt", "World bonds", "2008")),
    ("loans defaulted, world", ("moodys_defaulted_debt", "World loans", "2008")),
)
OWNERS = {
    "households": "households, directly",
    "funds and pensions": "funds and pensions",
    "abroad": "abroad",
    "insiders": "founders and insiders",
}
MEANING = (
    "Means over paths, because means add up. Share wealth is the fall of the AI part of share values from its peak, "
    "at the deepest quarter of each path, and nothing on a path without a bust: smaller falls are not counted. Debt "
    "is what is written off up to the last quarter. The rows overlap and are not added up: shareholders of vendors, "
    "banks and funds bear part of what creditors lose."
)


def bust_data(run: Any) -> dict[str, Any] | None:
    """The table of a run that holds what it reads; None for one that holds less, or only counts of its paths."""
    instruments = {
        "bond_loss_usd_bn",
        "firm_revolver_loss_usd_bn_all",
        "spv_bank_loss_usd_bn",
        "neocloud_vendor_loss_usd_bn",
    }
    needed = set(loss_outputs()) - instruments
    if run.sketches or not needed <= set(run.outputs) or not run.ok.any():
        return None
    return losses_of(run)


def bust_section(found: Table) -> dict[str, Any]:
    """The section of ``losses_of``'s table: sentence, who, by firm, odds, the same model's past odds, yardsticks."""
    charts = [
        _bars(found),
        _odds(found),
        _firms(found),
        _creditors(found),
        _who(found),
        _yardsticks(found),
        _past(),
    ]
    return {
        "id": "bursts",
        "title": "If it bursts: who loses",
        "lead": _lead(found),
        "charts": [one for one in charts if one],
    }


def _lead(found: Table) -> str:
    bust, last = found["bust"], list(found["bust_by"])[-1]
    if bust is None:
        return f"No path of this scenario has a bust by {last}: nothing can be said of what one would cost."
    shares, credit = bust["share_wealth_usd_bn"], bust["credit_usd_bn"]
    low, middle, high = (_money(one) for one in shares["ends"])
    begun = f"A bust comes on {100 * found['bust_share']:.0f} % of paths by {last}. "
    fall = (
        f"Then shareholders lose {_money(shares['all'])} on average "
        f"(median {middle}, nine paths in ten {low} to {high}); "
    )
    if credit["all"] <= 0:
        return f"{begun}{fall}no debt is written off."
    times = shares["all"] / credit["all"]
    written_off = f"creditors write off {_money(credit['all'])}"
    return f"{begun}{fall}{written_off}: one dollar for {times:,.0f} of the shareholders'."


def _money(billions: float) -> str:
    """
    >>> _money(6352.1), _money(172.1)
    ('6.4 trillion dollars', '172 billion dollars')
    """
    if billions >= 1000:
        return f"{billions / 1000:.1f} trillion dollars"
    return f"{billions:.0f} billion dollars"


def _rows(table: Table) -> list[tuple[str, float]]:
    """Every holder once, each under its own kind."""
    shares, others = table["share_wealth_usd_bn"], table["others_usd_bn"]
    return [
        *((f"shares: {OWNERS[who]}", value) for who, value in shares["by_owner"].items()),
        *((f"debt: {who}", value) for who, value in table["credit_usd_bn"]["by_holder"].items()),
        *((who, value) for who, value in others.items()),
    ]


def _pair(
    found: Table, of: str, id: str, title: str, rows: Mapping[str, Sequence[float]], note: str
) -> dict[str, Any]:
    names = {"bust": f"with a bust ({found['bust_paths']:,} paths)", "all": f"all {found['paths']:,} paths"}
    return {
        "id": id,
        "title": title,
        "kind": "bars",
        "unit": "USD_bn",
        "x": list(rows),
        "series": [
            {"key": None, "label": label, "values": [row[at] for row in rows.values()]}
            for at, label in enumerate(names.values())
        ],
        "source": f"supercycle {of}",
        "note": note,
    }


def _bars(found: Table) -> dict[str, Any] | None:
    bust = found["bust"]
    if bust is None:
        return None
    everywhere = found["all"]
    rows = {
        f"shares: {OWNERS[who]}": (value, everywhere["share_wealth_usd_bn"]["by_owner"][who])
        for who, value in bust["share_wealth_usd_bn"]["by_owner"].items()
    }
    rows["debt, all creditors"] = (bust["credit_usd_bn"]["all"], everywhere["credit_usd_bn"]["all"])
    rows |= {who: (value, everywhere["others_usd_bn"][who]) for who, value in bust["others_usd_bn"].items()}
    return _pair(found, "losses, credit, valuation", "bust-holders", "Losses by final holder", rows, MEANING)


def _creditors(found: Table) -> dict[str, Any] | None:
    bust = found["bust"]
    if bust is None:
        return None
    everywhere = found["all"]["credit_usd_bn"]["by_holder"]
    rows = {who: (value, everywhere[who]) for who, value in bust["credit_usd_bn"]["by_holder"].items()}
    note = "Another scale than the shareholders' losses. Bonds are held as the corporate bond market is."
    return _pair(found, "credit", "bust-creditors", "Debt written off, by who holds it", rows, note)


def _firms(found: Table) -> dict[str, Any] | None:
    bust = found["bust"]
    if bust is None:
        return None
    everywhere = found["all"]["share_wealth_usd_bn"]["by_firm"]
    rows = {firm: (value, everywhere[firm]) for firm, value in bust["share_wealth_usd_bn"]["by_firm"].items()}
    note = (
        "One fall for all AI shares, divided by weights that are judgements (docs, block Losses); "
        "no firm has a fall of its own."
    )
    return _pair(found, "losses", "bust-firms", "Share wealth lost, by whose shares", rows, note)


def _who(found: Table) -> dict[str, Any]:
    bust, everywhere = found["bust"], found["all"]
    shown = bust or everywhere
    owed = shown["owed_at_most_usd_bn"]
    households = figure(*HOUSEHOLDS, unit="USD_bn")
    stocks: dict[str, tuple[float, str]] = {
        "shares: households, directly": (households.value, f"US households' public shares, {HOUSEHOLDS[2]}"),
        "debt, all creditors": (owed["all"], "AI debt at its largest"),
        **{f"debt: {who}": (owed[who], "what they are owed at most") for who in owed if who != "all"},
    }
    totals = [
        ("shares, all owners", shown["share_wealth_usd_bn"]["all"], everywhere["share_wealth_usd_bn"]["all"]),
        ("debt, all creditors", shown["credit_usd_bn"]["all"], everywhere["credit_usd_bn"]["all"]),
    ]
    apart = dict(_rows(everywhere))
    borrowed = [
        (f"debt of {who}", value, everywhere["credit_usd_bn"]["by_borrower"][who])
        for who, value in shown["credit_usd_bn"]["by_borrower"].items()
    ]
    rows = [*totals, *((who, value, apart[who]) for who, value in _rows(shown)), *borrowed]
    return {
        "id": "bust-table",
        "title": "Losses, in dollars and as a share of what is held",
        "kind": "table",
        "unit": "USD_bn",
        "columns": [
            "who",
            "with a bust, USD bn",
            "all paths, USD bn",
            "share of",
            "percent of it, with a bust",
        ],
        "rows": [
            [
                who,
                None if bust is None else value,
                all_paths,
                stocks[who][1] if who in stocks else "not on file",
                f"{100 * value / stocks[who][0]:.1f} %"
                if who in stocks and stocks[who][0] > 0 and bust is not None
                else None,
            ]
            for who, value, all_paths in rows
        ],
        "source": f"supercycle losses, credit, funding; households' shares: {_cited(households)}",
        "note": "Where what a holder owns in all is not on file, no share is given. Sums of the largest stock and of "
        "nine years' write-offs are of different times: the percentage says how much, not when.",
    }


def _odds(found: Table) -> dict[str, Any]:
    by = found["bust_by"]
    rows = [[quarter, f"{100 * by[quarter]:.0f} %"] for quarter in READ_AT if quarter in by]
    return {
        "id": "bust-odds",
        "title": "Odds of a bust",
        "kind": "table",
        "unit": "share",
        "columns": ["by the end of", "share of paths"],
        "rows": rows,
        "source": f"supercycle valuation; {found['paths']:,} paths",
        "note": "A bust is a fall of the AI part of share values by two fifths from its peak, or an imposed crash.",
    }


def _past() -> dict[str, Any]:
    rows, manias = recorded_busts(), recorded_manias()
    mean = sum(row["brier"] for row in rows) / len(rows)
    reference = sum(row["reference"] ** 2 for row in rows) / len(rows)
    return {
        "id": "bust-past",
        "title": "What the same model said at past openings",
        "kind": "table",
        "unit": "share",
        "columns": [
            "opened",
            "share of paths with a bust by 2026Q2",
            "at 5 % a year",
            "what came",
            "Brier score",
        ],
        "rows": [
            [
                row["start"],
                f"{100 * row['share']:.0f} %",
                f"{100 * row['reference']:.0f} %",
                "none",
                round(row["brier"], 3),
            ]
            for row in rows
        ],
        "source": "supercycle skill: past_busts of the base case, 4,000 paths; docs/backtest.md",
        "note": f"Mean Brier score {mean:.3f}, of five per cent a year {reference:.3f}: smaller is better. "
        f"{len(rows)} overlapping windows in which nothing came can not tell a good rule from one that never warns: "
        "so the same model is scored on forty past manias, of which 21 broke within two years of a doubling: "
        f"{manias['brier']:.2f} (it says {100 * manias['share']:.0f} %) where five per cent a year has "
        f"{manias['reference']:.2f}.",
    }


def _yardsticks(found: Table) -> dict[str, Any]:
    shown = found["bust"] or found["all"]
    of = "with a bust" if found["bust"] else "all paths"
    here = [
        [f"AI share wealth lost, {of}", "to 2035", shown["share_wealth_usd_bn"]["all"], "this run"],
        [f"AI debt written off, {of}", "to 2035", shown["credit_usd_bn"]["all"], "this run"],
    ]
    known = [(name, where[2], figure(*where, unit="USD_bn")) for name, where in YARDSTICKS]
    return {
        "id": "bust-yardsticks",
        "title": "Beside earlier busts",
        "kind": "table",
        "unit": "USD_bn",
        "columns": ["loss", "when", "USD bn of the day", "source and grade"],
        "rows": [*here, *([name, when, one.value, _cited(one)] for name, when, one in known)],
        "source": "supercycle losses; figures of record with their grades (A filing to D aggregator)",
        "note": "Dollars of each year, not deflated. Defaulted debt is face value, before recoveries; "
        "what is written off here is after them. Share wealth lost in 2008 is not on file.",
    }


def _cited(found: FigureValue) -> str:
    one = found.rows[0]
    return f"{one.source_title}, grade {one.inputs_tier or one.tier}"
