"""docs/figures.md tells the truth: its counts, its conflicts and its list of changes are recomputed here."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from supercycle.figures import verification
from supercycle.figures.load import TABLES, figures, is_flow
from supercycle.figures.tiers import TIERS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "figures.md"
REPORT = verification.verify()


def counts() -> str:
    """The table of counts, as the page must print it."""
    lines = [
        "| table | rows | series | not a number | no date | " + " | ".join(TIERS) + " |",
        "|---|--:|--:|--:|--:|" + "--:|" * len(TIERS),
    ]
    for name in TABLES:
        report = next(table for table in REPORT["tables"] if table["table"] == name)
        cells = [
            report["rows"],
            len({row.series for row in figures(name)}),
            report["without_number"],
            report["without_date"],
            *(report["tiers"].get(tier, 0) for tier in TIERS),
        ]
        lines.append(f"| {name} | " + " | ".join(f"{cell:,}" for cell in cells) + " |")
    for name in ("claims", "parameters", "models", "model_hosts", "model_makers", "campus_slips", "words"):
        report = next(table for table in REPORT["tables"] if table["table"] == name)
        lines.append(f"| {name} | {report['rows']:,} |" + " |" * (3 + len(TIERS)))
    rows = figures()
    usable = sum(row.calibratable for row in rows)
    years = sum(row.period.kind == "fiscal_year" and is_flow(row.series) for row in rows)
    lines += [
        "",
        (
            f"{REPORT['rows']:,} rows, {len(rows):,} of them figures; {len(REPORT['notes'])} kept as notes;"
            f" {usable / len(rows):.1%} of the figures may be calibrated on;"
            f" {REPORT['reconstructed']} are reconstructed;"
            f" {REPORT['power_unstated']} give power without saying which; {years} are fiscal-year flows."
        ),
    ]
    return "\n".join(lines)


def conflicts() -> str:
    """The table of conflicts, chosen reading first."""
    lines = ["| series | entity | period | readings, chosen first (tier) |", "|---|---|---|---|"]
    for found in REPORT["conflicts"]:
        told = ", ".join(f"{row['value']:g} {row['unit']} ({row['tier']})" for row in found["readings"])
        lines.append(f"| {found['series']} | {found['entity']} | {found['period']} | {told} |")
    return "\n".join(lines)


@pytest.mark.parametrize("block", [counts, conflicts], ids=["counts", "conflicts"])
def test_the_page_prints_what_the_tables_say(block: object) -> None:
    assert callable(block)
    name, expected = block.__name__, str(block())
    printed = re.search(
        rf"<!-- {name} -->\n(.*?)\n<!-- /{name} -->", PAGE.read_text(encoding="utf-8"), re.DOTALL
    )
    assert printed is not None, f"docs/figures.md has no block {name}"
    assert printed[1] == expected, f"replace the block {name} of docs/figures.md by:\n{expected}"


def test_the_page_names_every_file_of_the_data_set() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert [table["table"] for table in REPORT["tables"] if f"{table['table']}.csv" not in text] == []


def test_the_data_licence_credits_the_sources_that_ask_for_it() -> None:
    notice = (PAGE.parents[1] / "src/supercycle/figures/tables/LICENSE-DATA").read_text(encoding="utf-8")
    assert all(name in notice for name in ("CC BY 4.0", "Epoch AI", "Arena", "OpenRouter"))


def test_series_that_may_not_be_republished_are_absent() -> None:
    for row in figures():
        assert not re.fullmatch(
            r"nasdaq_(peak|trough|recovery)|sp500_level|.*ice_bofa.*|ramp_.*", row.series
        ), row.id
        assert not (row.unit == "index" and "NASDAQ" in row.entity), row.id
