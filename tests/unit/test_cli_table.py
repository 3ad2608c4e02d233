"""Tables at every width: no digit is cut, no word broken inside, nothing runs over the edge."""

from __future__ import annotations

import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supercycle.cli import console as console_module
from supercycle.cli.console import plain_table, table_row
from supercycle.cli.render import run_tables
from supercycle.cli.table import FittedTable, layout

WORDS = st.lists(st.text("abcdefgh", min_size=1, max_size=12), min_size=1, max_size=6).map(" ".join)
NUMBERS = st.floats(-1e6, 1e6).map(lambda v: f"{v:,.4g}")


@given(
    st.lists(st.tuples(WORDS, WORDS, NUMBERS, NUMBERS, NUMBERS), min_size=1, max_size=6),
    st.integers(20, 130),
)
def test_every_word_and_number_stands_whole_and_inside(rows: list[tuple[str, ...]], width: int) -> None:
    table = plain_table("output", "unit", right=("2026Q3", "2030Q4", "5 % to 95 %"))
    for row in rows:
        table_row(table, *row)
    lines = [line for line, _ in table.lines(width)]
    assert max(len(line) for line in lines) <= width
    printed = {word for line in lines for word in line.split()}
    for row in rows:
        for cell in row:
            assert set(cell.split()) <= printed


def test_a_table_that_is_too_wide_becomes_two_with_the_first_column_in_each() -> None:
    table = FittedTable(["name", "a", "b"], [False, True, True])
    table.add("power", "1,234,567", "7,654,321")
    whole = [line for line, _ in table.lines(26)]  # 5 + 2 + 9 + 2 + 9 = 27: one too many
    assert whole == [
        "name           a", "────────────────", "power  1,234,567", "",
        "name           b", "────────────────", "power  7,654,321",
    ]  # fmt: skip
    assert len([line for line, _ in table.lines(27)]) == 3


def test_where_no_two_columns_fit_each_row_is_a_record() -> None:
    table = FittedTable(["name", "value"], [False, True])
    table.add("electricity", "1,234,567,890")
    assert [line for line, _ in table.lines(22)] == ["name: electricity", "value: 1,234,567,890", ""]


@given(
    st.lists(st.tuples(st.integers(1, 20), st.integers(0, 30)), min_size=1, max_size=8), st.integers(0, 60)
)
def test_widths_hold_the_longest_words_and_fill_the_room(sizes: list[tuple[int, int]], spare: int) -> None:
    needed = [n for n, _ in sizes]
    natural = [n + more for n, more in sizes]
    width = sum(needed) + 2 * (len(sizes) - 1) + spare
    widths = layout(natural, needed, width)
    assert all(n <= w <= m for n, w, m in zip(needed, widths, natural, strict=True))
    assert sum(widths) == min(sum(natural), sum(needed) + spare)


@pytest.mark.parametrize("width", [60, 80, 120])
def test_the_screen_of_a_run(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Numbers of the run's table are those of the result, digit for digit, at each usual width."""
    import supercycle

    body = supercycle.run(paths=32, kernel="numpy", until="2028Q4").to_dict()
    out = io.StringIO()
    monkeypatch.setattr(console_module, "PIPE_WIDTH", width)
    monkeypatch.setattr("sys.stdout", out)
    run_tables(body, None, None, ids=True)
    screen = out.getvalue()
    assert max(len(line) for line in screen.splitlines()) <= width
    words: Any = screen.split()
    capex = body["outputs"]["world_ai_capex_usd_bn"]
    assert f"{capex['q50'][-1]:.4g}" in words
    assert f"{capex['q05'][-1]:.4g}" in words
    assert "world_ai_capex_usd_bn" in words
    assert "…" not in screen
