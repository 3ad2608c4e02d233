"""A decision as a workbook whose present values, levelised costs and ranking are formulas over the yearly flows, and
whose flows are formulas over the assumptions that they are proportional to.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from supercycle.core.files import whole_file

__all__ = ["SHEETS", "write"]

SHEETS = ("Answer", "Flows", "Statements", "Assumptions", "Notes")
Body = Mapping[str, Any]


def write(body: Body, path: Path) -> Path:
    """Write the workbook; it appears whole or not at all.

    ``Flows`` holds each option's mean yearly bills, capital, tax and sales, as formulas over the assumptions that they
    are proportional to; ``Answer`` discounts them, so that a changed price, flow or rate moves the ranking.
    Bills are discounted at the middle of their year there and month by month in the model: the sheet shows both and
    their difference.
    Errors: EnvironmentProblem when the place cannot be written.
    """
    import xlsxwriter

    with whole_file(path, "the workbook", where="--xlsx") as file:
        options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
        book: Any = xlsxwriter.Workbook(str(file), options)
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
    return path


# Yearly flows that are proportional to an assumption: its cell in the sheet moves them.
LIVE = {
    "electricity": "site.electricity_usd_per_kwh",
    "colocation": "site.colocation_usd_per_kw_month",
    "people": "people.usd_per_engineer_year",
    "rent on demand": "rental.on_demand_usd_per_gpu_hour",
    "rent reserved": "rental.on_demand_usd_per_gpu_hour",
    "savings plan": "rental.on_demand_usd_per_gpu_hour",
    "capacity blocks": "rental.block_usd_per_gpu_hour",
    "upkeep": "hardware.capital_usd_per_gpu",
    "capital": "hardware.capital_usd_per_gpu",
    "other deductions": "hardware.capital_usd_per_gpu",
}
# Quotes in dollars stay when the price on demand moves, so what they price is not proportional to it.
_FIXED = {"rent reserved": ("rental.reserved_1y_usd_per_gpu_hour", "rental.reserved_3y_usd_per_gpu_hour")}
_LIVE_WORDS = (
    "Assumptions: discount rate, tax rate, GPU price, rent, power, colocation and engineers move this sheet, at the "
    "plan and the resale that stand here. Every other input is changed in the decision file and run again."
)
_DISCOUNT, _TAX = "finance.discount_rate_per_year", "finance.tax_rate"
_INCOME = "finance.taxable_income_usd_per_year"


def _cells(body: Body) -> dict[str, str]:
    """Where each assumption stands."""
    return {line["path"]: f"Assumptions!$B${row + 2}" for row, line in enumerate(body["assumptions"])}


def _scaled(
    key: str, value: float, values: Mapping[str, Any], cells: Mapping[str, str], less: float = 0.0
) -> str | None:
    """A flow as a formula over its assumption; None where it is a number. ``less`` is inside it and does not move."""
    path = LIVE.get(key)
    if path is None or not values.get(path) or any(values.get(one) for one in _FIXED.get(key, ())):
        return None
    moving = f"{value + less!r}*{cells[path]}/{float(values[path])!r}"
    return f"={moving}-{less!r}" if less else f"={moving}"


def _still(name: str, body: Body) -> tuple[str, ...]:
    """Lines of an option that hold more than the GPUs of the decision: a site, or a second kind of GPU."""
    nothing: dict[str, Any] = {}
    choice: dict[str, Any] = next((one["choice"] for one in body["ranking"] if one["name"] == name), nothing)
    return (
        ("capital", "other deductions") if choice.get("own site") or name in ("routed", "two_kinds") else ()
    )


def _flows(book: Any, body: Body, bold: Any) -> dict[str, dict[str, int]]:
    """One block of rows per option; returns the row of each line."""
    sheet = book.add_worksheet("Flows")
    years = body["case"]["horizon_months"] // 12
    values = {line["path"]: line["value"] for line in body["assumptions"]}
    cells, tax = _cells(body), float(values[_TAX])
    live_tax = values[_INCOME] is None and tax > 0
    sheet.write_row(0, 0, ["option", "line", *(f"year {y + 1}" for y in range(years))], bold)
    sheet.set_column(0, 1, 26)
    sheet.set_column(2, 2 + years, 14)
    places: dict[str, dict[str, int]] = {}
    row = 1
    for name, made in body["statements"].items():
        places[name] = {}
        cash = made["cash"]
        lines = {key: [-v for v in cash[key]] for key in cash if key.startswith("paid: ")}
        bills = [sum(lines[key][y] for key in lines) for y in range(years)]
        saved = cash["tax saved"]
        if live_tax:
            lines["other deductions"] = [s / tax - b for s, b in zip(saved, bills, strict=True)]
        lines |= {
            "capital": [-v for v in cash["capital"]],
            "sales": cash["sales"],
            "Mtok": made["kpis"]["Mtok"],
        }
        still = _still(name, body)
        for key, amounts in lines.items():
            sheet.write_string(row, 0, name)
            sheet.write_string(row, 1, key.removeprefix("paid: "))
            for year, value in enumerate(amounts):
                less = cash["sales"][year] if key == "other deductions" else 0.0
                formula = _scaled(key.removeprefix("paid: "), value, values, cells, less)
                if formula is None or key in still:
                    sheet.write_number(row, 2 + year, value)
                else:
                    sheet.write_formula(row, 2 + year, formula, None, value)
            places[name][key] = row
            row += 1
        paid = [places[name][key] for key in lines if key.startswith("paid: ")]
        for key in ("bills", "tax saved"):
            sheet.write_string(row, 0, name)
            sheet.write_string(row, 1, key)
            for year in range(years):
                column = _column(2 + year)
                if key == "bills":
                    formula, value = f"=SUM({column}{paid[0] + 1}:{column}{paid[-1] + 1})", bills[year]
                elif live_tax:
                    others = places[name]["other deductions"] + 1
                    formula = f"={cells[_TAX]}*({column}{places[name]['bills'] + 1}+{column}{others})"
                    value = saved[year]
                else:
                    sheet.write_number(row, 2 + year, saved[year])
                    continue
                sheet.write_formula(row, 2 + year, formula, None, value)
            places[name][key] = row
            row += 1
        row += 1
    sheet.freeze_panes(1, 2)
    return places


def _answer(sheet: Any, body: Body, places: Mapping[str, Mapping[str, int]], bold: Any) -> None:
    years = body["case"]["horizon_months"] // 12
    rates = {line["path"]: line["value"] for line in body["assumptions"]}
    cells = _cells(body)
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 8, 18)
    sheet.write_string(0, 0, body["headline"], bold)
    sheet.write_string(1, 0, "discount rate a year")
    sheet.write_formula(1, 1, f"={cells[_DISCOUNT]}", None, rates[_DISCOUNT])
    sheet.write_string(2, 0, "tax rate")
    sheet.write_formula(2, 1, f"={cells[_TAX]}", None, rates[_TAX])
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
    load, rate = body["load"], body["throughput"]
    said = [
        ("load", load["words"]),
        ("model, GPU", f"{rate['model']} at {rate['precision']} on {rate['gpu']}"),
        ("promise", rate["promise"]),
        (
            "throughput",
            f"{rate['output_tok_s_gpu']:,.0f} output tokens/s a GPU ({rate['method']}): {rate['note']}",
        ),
        (
            "GPUs",
            f"{rate['busy_gpus']:.2f} busy on average, {rate['gpus_at_the_peak']:.0f} in the busiest hour",
        ),
        ("plan", body["plan"]["words"]),
        ("quality", body["quality"]["words"]),
        ("live cells", _LIVE_WORDS),
    ]
    for at, (what, words) in enumerate(said):
        sheet.write_string(7 + count + at, 0, what, bold)
        sheet.write_string(7 + count + at, 1, words)


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
