"""A deal as a workbook: every period's statement, whose totals are live formulas over the run's own numbers.

Numbers that the run found are numbers; whatever adds them up is a formula, so that a reader can follow and change it.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from supercycle.core.files import whole_file
from supercycle.deals.run import Run
from supercycle.service.deal_model.model import write_model

__all__ = ["SHEETS", "write"]

SHEETS = (
    "Summary",
    "Inputs",
    "Model",
    "Build",
    "Check",
    "Statement",
    "Tranches",
    "Cover",
    "Owners",
    "Lessee",
    "Losses",
    "Deal",
)
OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
HEAD = 1  # rows above the first period: the titles
FACTS = ("period", "start", "payment date", "year")


def write(run: Run, body: Mapping[str, Any], text: str, path: Path) -> Path:
    """Write the statement of one path, its tranches and tests, the lessee's years, the losses and the deal's text.

    The file appears whole or not at all. Errors: EnvironmentProblem when the place cannot be written.
    """
    import xlsxwriter

    with whole_file(path, "the workbook", where="--xlsx") as file:
        book: Any = xlsxwriter.Workbook(str(file), OPTIONS)
        pages = {sheet: _Page(book, sheet) for sheet in SHEETS}
        columns = _statement(pages["Statement"], run)
        _summary(pages["Summary"], run, body, columns)
        _tranches(pages["Tranches"], run)
        _cover(pages["Cover"], run)
        write_model(pages, run)
        _owners(pages["Owners"], body)
        _lessee(pages["Lessee"], body)
        _losses(pages["Losses"], body)
        pages["Deal"].rows([[line] for line in text.splitlines()], width=110)
        book.close()
    return path


class _Page:
    """One sheet; rows and columns count from 0, formulas carry the value that a reader without a calculator sees."""

    def __init__(self, book: Any, name: str) -> None:
        self.name = name
        self.sheet: Any = book.add_worksheet(name)
        self._bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        self._sum = book.add_format({"bold": True, "num_format": "#,##0.00", "top": 1})
        self._date = book.add_format({"num_format": "yyyy-mm-dd"})
        self._number = book.add_format({"num_format": "#,##0.00"})

    def put(self, row: int, column: int, value: Any, *, bold: bool = False) -> None:
        """A number, a text, or nothing for None."""
        if value is None:
            return
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.sheet.write_string(row, column, str(value), *((self._bold,) if bold else ()))
        elif isinstance(value, int):
            self.sheet.write_number(row, column, value)
        elif math.isfinite(value):
            self.sheet.write_number(row, column, value, self._number)

    def day(self, row: int, column: int, value: datetime.date) -> None:
        """A date that formulas can reckon with."""
        self.sheet.write_datetime(row, column, value, self._date)

    def formula(self, row: int, column: int, text: str, value: float | str) -> None:
        """A live formula and what it came to."""
        self.sheet.write_formula(row, column, f"={text}", self._sum, value)

    def rows(self, rows: Sequence[Sequence[Any]], *, at: int = 0, width: int = 16) -> int:
        """Plain rows; returns the next free row."""
        for k, row in enumerate(rows):
            for column, value in enumerate(row):
                self.put(at + k, column, value)
        self.sheet.set_column(0, 0, max(width, 16))
        self.sheet.set_column(1, 20, 16)
        return at + len(rows)


def _cell(row: int, column: int, *, fixed: bool = False) -> str:
    from xlsxwriter.utility import xl_rowcol_to_cell

    return str(xl_rowcol_to_cell(row, column, row_abs=fixed, col_abs=fixed))


def _statement(page: _Page, run: Run) -> dict[str, str]:
    """A row a period: sources, uses, accounts; returns where the whole-life total of each column stands."""
    sides, periods = run.books.sides, run.prepared.periods
    count = periods.count
    named = {side: [n for n, s in sides.items() if s == side] for side in ("source", "use", "cash")}
    titles = [*FACTS]
    blocks: dict[str, tuple[int, int]] = {}
    for side in ("source", "use", "cash"):
        blocks[side] = (len(titles), len(titles) + len(named[side]) - 1)
        titles += [*named[side], {"source": "all sources", "use": "all uses", "cash": "all cash"}[side]]
    titles.append("check: cash before + sources - uses - cash")
    for column, title in enumerate(titles):
        page.put(0, column, title, bold=True)
    totals = {side: last + 1 for side, (_, last) in blocks.items()}
    for t in range(count):
        row = HEAD + t
        facts = (t + 1, str(periods.starts[t]), str(periods.ends[t]), periods.ends[t].year)
        for column, value in enumerate(facts):
            page.put(row, column, value)
        sums = {side: 0.0 for side in blocks}
        for side, (first, last) in blocks.items():
            for k, name in enumerate(named[side]):
                value = float(run[name][t, 0])
                page.put(row, first + k, value)
                sums[side] += value
            page.formula(row, totals[side], f"SUM({_cell(row, first)}:{_cell(row, last)})", sums[side])
        before = f"{_cell(row - 1, totals['cash'])}+" if t else ""
        page.formula(
            row,
            len(titles) - 1,
            f"{before}{_cell(row, totals['source'])}-{_cell(row, totals['use'])}-{_cell(row, totals['cash'])}",
            0.0,
        )
    end = HEAD + count
    page.put(end, 0, "whole life", bold=True)
    places: dict[str, str] = {}
    for side in ("source", "use"):
        first, _ = blocks[side]
        for k, name in enumerate([*named[side], f"all {side}s"]):
            column = first + k
            total = sum(float(run[n].sum()) for n in (named[side] if name.startswith("all ") else [name]))
            page.formula(end, column, f"SUM({_cell(HEAD, column)}:{_cell(end - 1, column)})", total)
            places[name] = f"{page.name}!{_cell(end, column, fixed=True)}"
    column = totals["cash"]
    held = sum(float(run[n][-1, 0]) for n in named["cash"])
    page.formula(end, column, _cell(end - 1, column), held)
    places["all cash"] = f"{page.name}!{_cell(end, column, fixed=True)}"
    page.sheet.freeze_panes(HEAD, len(FACTS))
    page.sheet.set_column(0, len(titles), 15)
    return places


def _summary(page: _Page, run: Run, body: Mapping[str, Any], places: Mapping[str, str]) -> None:
    """Sources and uses of the whole life by reference to the statement, and who gets what."""
    money = body["money"]
    at = page.rows([[body["title"] or body["name"]], [f"all sums in {money}; one path: {body['case']}"], []])
    sides = run.books.sides
    totals: dict[str, int] = {}
    for side in ("source", "use"):
        page.put(at, 0, f"{side}s", bold=True)
        first = at + 1
        for name in (n for n, s in sides.items() if s == side):
            total = float(run[name].sum())
            if total:
                at += 1
                page.put(at, 0, name)
                page.formula(at, 1, places[name], total)
        if side == "use":
            at += 1
            page.put(at, 0, "left in the accounts")
            page.formula(
                at, 1, places["all cash"], sum(float(run[n][-1, 0]) for n, s in sides.items() if s == "cash")
            )
        at += 1
        page.put(at, 0, f"all {side}s", bold=True)
        page.formula(at, 1, f"SUM({_cell(first, 1)}:{_cell(at - 1, 1)})", float(body["total_sources"]))
        totals[side] = at
        at += 2
    page.put(at, 0, "sources - uses", bold=True)
    page.formula(at, 1, f"{_cell(totals['source'], 1)}-{_cell(totals['use'], 1)}", 0.0)
    rows: list[list[Any]] = [[], ["holder", "in", "out", "irr", "moic", "wal, years", "loss, share"]]
    for name, one in body["tranches"].items():
        out = one["interest"] + one["principal"]
        rows.append([name, one["drawn"], out, one["irr"], one["moic"], one["wal_years"], one["loss_share"]])
    own = body["equity"]
    rows.append(["equity", own["contributed"], own["distributed"], own["irr"], own["moic"]])
    rows += [[], ["how the world was read", body["world"]["rule"]]] if body.get("world") else []
    rows += [[], ["notes"], *([note] for note in body["notes"])]
    page.rows(rows, at=at + 1, width=34)


def _tranches(page: _Page, run: Run) -> None:
    """Each tranche's roll-forward: the opening and the closing are formulas, the run's own balance stands beside."""
    periods, column = run.prepared.periods, len(FACTS)
    for k, title in enumerate(FACTS):
        page.put(0, k, title, bold=True)
    for t in range(periods.count):
        facts = (t + 1, str(periods.starts[t]), str(periods.ends[t]), periods.ends[t].year)
        for k, value in enumerate(facts):
            page.put(HEAD + t, k, value)
    end = HEAD + periods.count
    page.put(end, 0, "whole life", bold=True)
    for facility in run.prepared.deal.facilities:
        name = facility.name
        series = {k: run[f"{name}.{k}"][:, 0] for k in ("drawn", "added", "principal", "interest", "balance")}
        titles = (
            "opening",
            "drawn",
            "added",
            "principal",
            "closing",
            "balance of the run",
            "interest",
            "service",
        )
        for k, title in enumerate(titles):
            page.put(0, column + k, f"{name}: {title}", bold=True)
        for t in range(periods.count):
            row, before = HEAD + t, float(series["balance"][t - 1]) if t else 0.0
            if t:
                page.formula(row, column, _cell(row - 1, column + 4), before)
            else:
                page.put(row, column, 0.0)
            for k, key in ((1, "drawn"), (2, "added"), (3, "principal"), (5, "balance"), (6, "interest")):
                page.put(row, column + k, float(series[key][t]))
            a, b, c, d = (_cell(row, column + k) for k in range(4))
            page.formula(row, column + 4, f"{a}+{b}+{c}-{d}", float(series["balance"][t]))
            paid = float(series["interest"][t] + series["principal"][t])
            page.formula(row, column + 7, f"{d}+{_cell(row, column + 6)}", paid)
        for k, key in ((1, "drawn"), (2, "added"), (3, "principal"), (6, "interest")):
            whole = f"SUM({_cell(HEAD, column + k)}:{_cell(end - 1, column + k)})"
            page.formula(end, column + k, whole, float(series[key].sum()))
        both = float((series["interest"] + series["principal"]).sum())
        page.formula(end, column + 7, f"{_cell(end, column + 3)}+{_cell(end, column + 6)}", both)
        column += len(titles)
    page.sheet.freeze_panes(HEAD, len(FACTS))
    page.sheet.set_column(0, column, 15)


def _cover(page: _Page, run: Run) -> None:
    """CFADS, senior service and their ratio as a formula; the tests as the run measured them, with their levels."""
    periods, tests = run.prepared.periods, run.prepared.deal.tests
    titles = [
        *FACTS,
        "CFADS",
        "senior service",
        "DSCR of the period",
        *(f"{t.name} ({t.measure})" for t in tests),
    ]
    for k, title in enumerate(titles):
        page.put(0, k, title, bold=True)
    at = len(FACTS)
    for t in range(periods.count):
        row = HEAD + t
        cash, due = float(run["cfads"][t, 0]), float(run["service"][t, 0])
        for k, value in enumerate(
            (t + 1, str(periods.starts[t]), str(periods.ends[t]), periods.ends[t].year)
        ):
            page.put(row, k, value)
        page.put(row, at, cash)
        page.put(row, at + 1, due)
        above, below = _cell(row, at), _cell(row, at + 1)
        page.formula(row, at + 2, f'IF({below}>0,{above}/{below},"")', cash / due if due > 0 else "")
        for k, test in enumerate(tests):
            page.put(row, at + 3 + k, float(run[f"test.{test.name}"][t, 0]))
    end = HEAD + periods.count
    for k, (word, levels) in enumerate(
        (("trap level", [t.trap for t in tests]), ("default level", [t.default for t in tests]))
    ):
        page.put(end + k, 0, word, bold=True)
        for j, level in enumerate(levels):
            page.put(end + k, at + 3 + j, level or None)
    page.sheet.freeze_panes(HEAD, len(FACTS))
    page.sheet.set_column(0, len(titles), 15)


def _owners(page: _Page, body: Mapping[str, Any]) -> None:
    """Who of the owners gets what, and tax by year: the run's own numbers, which is said."""
    own = body["equity"]
    keys = ("contributed", "distributed", "irr", "moic", "after_tax_irr")
    rows: list[list[Any]] = [["owner", *(k.replace("_", " ") for k in keys)]]
    rows += [[name, *(one.get(k) for k in keys)] for name, one in own["owners"].items()]
    if own["promote"] is not None:
        rows += [[], ["promote, above the shares of capital", own["promote"]]]
    if own["flips_on"]:
        rows += [["shares of tax equity flip after", own["flips_on"]]]
    if own["tax"]:
        rows += [[], ["owners' tax by year", *list(own["tax"]["years"][0])[1:]]]
        rows += [[year["year"], *list(year.values())[1:]] for year in own["tax"]["years"]]
    rows += [[], ["Numbers of the run: tax, tax equity and promote are not live formulas."]]
    page.rows(rows, width=34)


def _lessee(page: _Page, body: Mapping[str, Any]) -> None:
    """Labels, tests, years under both models, and what each reading adds to the lessee's debt."""
    found = body["lessee"]
    if not found or "leverage" not in found:
        page.rows([[found["status"] if found else "the deal has no block accounting"]])
        return
    rows: list[list[Any]] = []
    for word in ("without_guarantee", "with_guarantee"):
        one = found[word]
        rows.append([word.replace("_", " "), "US GAAP", one["us_gaap"], "IFRS", one["ifrs"]])
        rows += [["", name, said["measured"], "met" if said["met"] else "-", said["level"]]
                 for name, said in one["tests"].items()]  # fmt: skip
    at = page.rows([*rows, []])
    for standard in ("us_gaap_operating", "ifrs_and_us_gaap_finance"):
        years = found[standard]
        page.put(at, 0, standard.replace("_", " "), bold=True)
        keys = list(years[0])
        for k, key in enumerate(keys):
            page.put(at + 1, k, key.replace("_", " "), bold=True)
        for j, year in enumerate(years):
            for k, key in enumerate(keys):
                page.put(at + 2 + j, k, year[key])
        end = at + 2 + len(years)
        page.put(end, 0, "whole term", bold=True)
        for key in ("cost", "interest", "depreciation", "payments"):
            k = keys.index(key)
            total = sum(year[key] for year in years)
            page.formula(end, k, f"SUM({_cell(at + 2, k)}:{_cell(end - 1, k)})", total)
        at = end + 2
    for word, said in found["leverage"].items():
        table = [[f"added to debt, {word.replace('_', ' ')} counted", *said["years"]]]
        table += [[one["label"], *one["added"]] for one in said["readings"].values()]
        at = page.rows([*table, []], at=at, width=34)


def _losses(page: _Page, body: Mapping[str, Any]) -> None:
    """Who loses when a lease is not renewed, and over many paths."""
    rows: list[list[Any]] = []
    if body["non_renewal"]:
        rows.append(["lease", "ends", "value", "sale", "guarantee", "debt before", "holder", "loss", "share",
                     "loss, guarantor pays nothing"])  # fmt: skip
    for case in body["non_renewal"]:
        bare: Mapping[str, Any] = case.get("holders_without_guarantor", {})
        for holder, one in case["holders"].items():
            rows.append([
                case["contract"], case["ends"], case["value"], case["sale"], case["guarantee"],
                case["debt_before_sale"], holder, one["loss"], one["share"],
                bare[holder]["loss"] if holder in bare else None,
            ])  # fmt: skip
    spread = body.get("distribution")
    if spread:
        rows += [[], [f"over {spread['paths']} paths"], ["tranche", *next(iter(spread["tranches"].values()))]]
        for name, one in spread["tranches"].items():
            rows.append([name, *(v for k, v in one.items() if k != "histogram")])
    page.rows(rows or [["nothing that can lapse, and one path"]], width=24)
