"""A decision as a workbook whose present values, levelised costs and ranking are formulas over the yearly flows."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from supercycle.core.errors import EnvironmentProblem

__all__ = ["SHEETS", "write"]

SHEETS = ("Answer", "Flows", "Statements", "Assumptions", "Notes")
Body = Mapping[str, Any]


def write(body: Body, path: Path) -> Path:
    """Write the workbook; it appears whole or not at all.

    ``Flows`` holds each option's mean yearly bills, capital, tax and sales; ``Answer`` discounts them by formulas
    from the discount rate in one cell, so that a changed flow or rate moves the ranking. Bills are discounted at
    the middle of their year there and month by month in the model: the sheet shows both and their difference.
    Errors: EnvironmentProblem when the place cannot be written.
    """
    import xlsxwriter

    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".xlsx", dir=path.parent)
        os.close(handle)
    except OSError as error:
        raise EnvironmentProblem(f"cannot write {path} ({error.strerror})", where="--xlsx") from None
    temporary = Path(name)
    try:
        options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
        book: Any = xlsxwriter.Workbook(name, options)
        bold = book.add_format({"bold": True})
        answer = book.add_worksheet("Answer")
        places = _flows(book, body, bold)
        _answer(answer, body, places, bold)
        _statements(book, body, bold)
        _rows(
            book,
            "Assumptions",
            ["path", "value", "unit", "meaning", "evidence", "given", "stale", "day", "source"],
            [
                [
                    line[k]
                    for k in (
                        "path",
                        "value",
                        "unit",
                        "meaning",
                        "evidence",
                        "given",
                        "stale",
                        "day",
                        "source",
                    )
                ]
                for line in body["assumptions"]
            ],
            bold,
        )
        _rows(book, "Notes", ["note"], [[note] for note in (body["headline"], *body["notes"])], bold)
        book.close()
        mask = os.umask(0)
        os.umask(mask)
        temporary.chmod(0o666 & ~mask)  # mkstemp is private; a result is not
        temporary.replace(path)
    except OSError as error:
        raise EnvironmentProblem(f"cannot write {path} ({error.strerror or error})", where="--xlsx") from None
    finally:
        temporary.unlink(missing_ok=True)
    return path


def _flows(book: Any, body: Body, bold: Any) -> dict[str, dict[str, int]]:
    """One block of rows per option; returns the row of each line."""
    sheet = book.add_worksheet("Flows")
    years = body["case"]["horizon_months"] // 12
    sheet.write_row(0, 0, ["option", "line", *(f"year {y + 1}" for y in range(years))], bold)
    sheet.set_column(0, 1, 26)
    sheet.set_column(2, 2 + years, 14)
    places: dict[str, dict[str, int]] = {}
    row = 1
    for name, made in body["statements"].items():
        places[name] = {}
        cash = made["cash"]
        lines = {key: [-v for v in cash[key]] for key in cash if key.startswith("paid: ")}
        lines |= {
            "capital": [-v for v in cash["capital"]],
            "tax saved": cash["tax saved"],
            "sales": cash["sales"],
            "Mtok": made["kpis"]["Mtok"],
        }
        for key, values in lines.items():
            sheet.write_string(row, 0, name)
            sheet.write_string(row, 1, key.removeprefix("paid: "))
            for year, value in enumerate(values):
                sheet.write_number(row, 2 + year, value)
            places[name][key] = row
            row += 1
        bills = [places[name][key] for key in lines if key.startswith("paid: ")]
        sheet.write_string(row, 0, name)
        sheet.write_string(row, 1, "bills")
        for year in range(years):
            column = _column(2 + year)
            total = sum(lines[key][year] for key in lines if key.startswith("paid: "))
            sheet.write_formula(
                row, 2 + year, f"=SUM({column}{bills[0] + 1}:{column}{bills[-1] + 1})", None, total
            )
        places[name]["bills"] = row
        row += 2
    sheet.freeze_panes(1, 2)
    return places


def _answer(sheet: Any, body: Body, places: Mapping[str, Mapping[str, int]], bold: Any) -> None:
    years = body["case"]["horizon_months"] // 12
    rates = {line["path"]: line["value"] for line in body["assumptions"]}
    rate, tax = rates["finance.discount_rate_per_year"], rates["finance.tax_rate"]
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 8, 18)
    sheet.write_string(0, 0, body["headline"], bold)
    sheet.write_string(1, 0, "discount rate a year")
    sheet.write_number(1, 1, rate)
    sheet.write_string(2, 0, "tax rate")
    sheet.write_number(2, 1, tax)
    heads = [
        "option",
        "cost after tax, USD (formula)",
        "model, month by month",
        "difference, share",
        "USD per Mtok (formula)",
        "model",
        "rank (formula)",
    ]
    sheet.write_row(4, 0, heads, bold)
    last = _column(1 + years)
    count = len(body["ranking"])
    for at, one in enumerate(body["ranking"]):
        row, lines = 5 + at, places[one["name"]]

        def span(key: str, lines: Mapping[str, int] = lines) -> str:
            return f"Flows!$C${lines[key] + 1}:${last}${lines[key] + 1}"

        # NPV() is at year ends: half a year earlier for bills, a whole year for capital.
        cost = (
            f"=(1+$B$2)^0.5*NPV($B$2,{span('bills')})+(1+$B$2)*NPV($B$2,{span('capital')})"
            f"-NPV($B$2,{span('tax saved')})-NPV($B$2,{span('sales')})"
        )
        unit = f"=B{row + 1}/((1+$B$2)^0.5*NPV($B$2,{span('Mtok')})-$B$3*NPV($B$2,{span('Mtok')}))"
        sheet.write_string(row, 0, one["label"])
        sheet.write_formula(row, 1, cost, None, one["mean"])
        sheet.write_number(row, 2, one["mean"])
        sheet.write_formula(row, 3, f"=B{row + 1}/C{row + 1}-1", None, 0)
        sheet.write_formula(row, 4, unit, None, one["levelised_usd_per_mtok"])
        sheet.write_number(row, 5, one["levelised_usd_per_mtok"])
        sheet.write_formula(row, 6, f"=RANK(B{row + 1},$B$6:$B${5 + count},1)", None, at + 1)


def _statements(book: Any, body: Body, bold: Any) -> None:
    years = body["case"]["horizon_months"] // 12
    rows: list[list[Any]] = []
    for name, made in body["statements"].items():
        for kind in ("cash", "profit", "balance", "kpis"):
            rows += [[name, kind, line, *values] for line, values in made[kind].items()]
    _rows(
        book,
        "Statements",
        ["option", "statement", "line", *(f"year {y + 1}" for y in range(years))],
        rows,
        bold,
    )


def _rows(book: Any, name: str, titles: list[str], rows: list[list[Any]], bold: Any) -> None:
    sheet = book.add_worksheet(name)
    sheet.write_row(0, 0, titles, bold)
    for line, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            if isinstance(value, bool):
                sheet.write_boolean(line, column, value)
            elif isinstance(value, int | float):
                sheet.write_number(line, column, value)
            elif value is not None:
                sheet.write_string(line, column, str(value))
    sheet.set_column(0, len(titles) - 1, 20)
    sheet.freeze_panes(1, 0)


def _column(index: int) -> str:
    """Spreadsheet letters of a column from 0."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
