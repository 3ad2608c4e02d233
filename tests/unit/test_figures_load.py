"""Loading: what is kept, what is refused, and what a refusal says."""

from __future__ import annotations

import pytest

from supercycle.core.errors import FigureError, InputError, UnknownNameError
from supercycle.figures.load import COLUMNS, TABLES, figures, parse_table, table_text

HEADER = ",".join(COLUMNS["companies"])
ROW = (
    "revenue,Meta,2025Q3,51.2,USD_bn,,,flow,A,,measured,2025-10-30,as published,fact,SEC 10-Q,"
    "https://sec.gov,2025-10-30,as reported"
)


def table(*rows: str) -> str:
    return "\n".join((HEADER, *rows)) + "\n"


def test_a_row_is_read_as_printed_and_as_understood() -> None:
    (row,) = parse_table("companies", table(ROW))
    assert (row.series, row.entity, row.value, row.unit, row.tier) == ("revenue", "Meta", 51.2, "USD_bn", "A")
    assert row.where == "companies.csv:2"
    assert row.id.startswith("companies:revenue:Meta:2025Q3:")
    assert len(row.id.rsplit(":", 1)[1]) == 4
    assert not row.is_note


def test_the_id_depends_on_content_not_on_the_line() -> None:
    other = ROW.replace("2025Q3", "2025Q2")
    first = parse_table("companies", table(ROW, other))[0].id
    last = parse_table("companies", table(other, ROW))[1].id
    changed = parse_table("companies", table(ROW.replace("51.2", "51.3")))[0].id
    assert first == last
    assert changed != first


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (ROW.replace("USD_bn", "USD_bnn"), ["companies.csv:2", "unit not known", "'USD_bnn'", "core.units"]),
        (ROW.replace(",A,", ",E,"), ["companies.csv:2", "tier not known", "A or B", "'E'"]),
        (ROW.replace(",flow,", ",flaw,"), ["companies.csv:2", "unknown kind 'flaw'", "'flow'"]),
        (
            ROW.replace(",A,,", ",A,B,"),
            ["companies.csv:2", "inputs_tier", "derived row", "tier A, inputs_tier B"],
        ),
        (ROW.replace(",A,,", ",derived,,"), ["companies.csv:2", "inputs_tier", "inputs_tier nothing"]),
        (
            ROW.replace(",fact,", ",unknown,"),
            ["companies.csv:2", "unknown licence 'unknown'", "public domain"],
        ),
        (ROW.replace("measured,2025-10-30", "measured,"), ["companies.csv:2", "no such date"]),
        (ROW.replace("revenue,", '"revenue",', 1), ["companies.csv:2", "plain word"]),
        (ROW + '"', ["companies.csv:2", "does not end on its line"]),
        (ROW.replace("SEC 10-Q", ""), ["companies.csv:2", "no source_title", "an empty cell"]),
        (ROW.replace("gov,2025-10-30", "gov,soon"), ["companies.csv:2", "publication date", "'soon'"]),
        (ROW.replace("2025Q3", "2025-02-30"), ["companies.csv:2", "no such date"]),
        (ROW + ",more", ["companies.csv:2", "cells", "expected 18", "got 19"]),
        (ROW + "\n" + ROW, ["companies.csv:3", "exact duplicate", "line 2"]),
    ],
)
def test_a_bad_row_names_file_line_expected_and_found(row: str, says: list[str]) -> None:
    with pytest.raises(InputError) as refused:
        parse_table("companies", table(row))
    for part in says:
        assert part in str(refused.value)


def test_a_wrong_header_is_refused_with_both_headers() -> None:
    with pytest.raises(FigureError, match=r"companies.csv:1: wrong columns: expected series,.*got a,b"):
        parse_table("companies", "a,b\n1,2\n")


@pytest.mark.parametrize("printed", [">85", "30000-45000", "3 / 6-24 / >24", "", "nan", "inf", "1,000"])
def test_what_is_not_a_plain_number_is_kept_as_a_note(printed: str) -> None:
    (row,) = parse_table("companies", table(ROW.replace("51.2", f'"{printed}"')))
    assert row.value is None
    assert row.text == printed
    assert row.is_note


def test_a_row_without_a_date_is_kept_as_a_note() -> None:
    (row,) = parse_table("companies", table(ROW.replace("2025Q3", "within 4 years")))
    assert row.value == 51.2
    assert row.period.kind == "note"
    assert row.is_note


def test_two_sources_for_one_point_are_both_kept() -> None:
    rows = parse_table("companies", table(ROW, ROW.replace("SEC 10-Q", "press")))
    assert len(rows) == 2
    assert rows[0].key == rows[1].key


def test_every_table_loads_and_ids_are_unique() -> None:
    rows = figures()
    assert {row.table for row in rows} == set(TABLES)
    assert len({row.id for row in rows}) == len(rows)
    assert all("\r" not in table_text(name) for name in COLUMNS)


def test_network_rows_carry_the_pair_as_entity() -> None:
    row = next(row for row in figures("network") if row.entity == "OpenAI -> Oracle")
    assert (row.series, row.value, row.unit) == ("cloud_commitment", 300.0, "USD_bn")


def test_an_unknown_table_names_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'companies'"):
        figures("company")
    with pytest.raises(UnknownNameError, match="did you mean 'claims'"):
        table_text("claim")
