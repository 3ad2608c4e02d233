"""The workbook's live flows against the model run again: an assumption moved in a cell moves what it moves there."""

from __future__ import annotations

import importlib
import re
import sys
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from supercycle.decisions.choice.decision import Decision, decide
from supercycle.decisions.choice.plan import plan_costs
from supercycle.decisions.choice.record import record
from supercycle.decisions.money.statements import statements
from supercycle.service.decide_workbook import LIVE, _scaled, write

sys.path.append(str(Path(__file__).resolve().parents[1]))
cases = importlib.import_module("decide_cases")
QUOTES = {"rental__block_usd_per_gpu_hour": 5.0, "rental__savings_1y_ratio": 0.8}


@pytest.fixture(scope="module")
def decided() -> Decision:
    case = cases.case(**QUOTES)
    return decide(case, cases.profile(), {"calm": cases.STILL}, paths=4, changes=False)


@pytest.fixture(scope="module")
def book(decided: Decision, tmp_path_factory: pytest.TempPathFactory) -> Any:
    return openpyxl.load_workbook(write(record(decided), tmp_path_factory.mktemp("book") / "d.xlsx"))


def value(cell: Any, moved: dict[str, float]) -> float:
    """A formula of the form a*cell/b-c, with the cell's value put in; a number is itself."""
    text = str(cell)
    if text[:1] != "=":
        return float(cell)
    text = re.sub(r"Assumptions!\$B\$\d+", lambda m: repr(moved[m[0]]), text[1:])
    found = re.fullmatch(r"(-?[0-9.e+]+(?:e-\d+)?)\*([0-9.e+-]+)/([0-9.e+]+)(?:-(-?[0-9.e+]+))?", text)
    assert found, text
    return float(found[1]) * float(found[2]) / float(found[3]) - float(found[4] or 0.0)


def test_a_reservation_quoted_in_dollars_does_not_move_with_the_price_on_demand() -> None:
    cells = {"rental.on_demand_usd_per_gpu_hour": "Assumptions!$B$2"}
    values = {"rental.on_demand_usd_per_gpu_hour": 5.0}
    assert _scaled("rent reserved", 7.0, values, cells) == "=7.0*Assumptions!$B$2/5.0"
    quoted = {**values, "rental.reserved_1y_usd_per_gpu_hour": 4.0}
    assert _scaled("rent reserved", 7.0, quoted, cells) is None
    assert _scaled("rent spot", 7.0, values, cells) is None


@pytest.mark.parametrize("path", sorted(set(LIVE.values())))
def test_a_moved_assumption_moves_the_sheet_as_it_moves_the_model(
    path: str, decided: Decision, book: Any
) -> None:
    """Every line of every option but resale, at the same plan, 30 % up; tax follows from the lines."""
    place = decided.place
    new = 1.3 * place.case.number(path)
    again = cases.placed(place.case.with_value(path, new), paths=4)
    cells = {
        f"Assumptions!$B${row[0].row}": row[1].value if row[0].value != path else new
        for row in book["Assumptions"].iter_rows()
    }
    rows: dict[str, dict[str, list[Any]]] = {}
    for row in book["Flows"].iter_rows(min_row=2, values_only=True):
        if row[0]:
            rows.setdefault(str(row[0]), {})[str(row[1])] = list(row[2:])
    moved = 0
    for name, plan in decided.found.plans.items():
        if name not in rows:
            continue
        cash = statements(again.frame, plan_costs(again, plan, name)).cash
        for key, cents in cash.items():
            line = "capital" if key == "capital" else key.removeprefix("paid: ")
            if not (key.startswith("paid: ") or key == "capital"):
                continue
            for year, amount in enumerate(cents):
                sheet = value(rows[name][line][year], cells)
                if not (line == "capital" and name == "own_site"):
                    assert sheet == pytest.approx(-amount / 100, rel=1e-9, abs=0.05), (name, line, year)
                moved += str(rows[name][line][year])[:1] == "="
    assert moved > 0
