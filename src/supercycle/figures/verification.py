"""Verification: every table read again from its text, with what was kept as a note and what disagrees."""

from __future__ import annotations

from supercycle.core.errors import FigureError
from supercycle.figures import checksums
from supercycle.figures.claims import parse_claims
from supercycle.figures.conflicts import conflicts, fiscal_mismatches
from supercycle.figures.load import COLUMNS, Figure, parse_table, read_rows, table_text
from supercycle.figures.model_hosts import parse_model_hosts
from supercycle.figures.prices import parse_model_prices
from supercycle.figures.priors import parse_priors
from supercycle.figures.records import Json, conflict_record, tier_counts
from supercycle.figures.units import convertible

__all__ = ["verify"]


def verify() -> Json:
    """Read every table again from its text and report: rows, notes, refusals, conflicts, checksums.

    ``ok`` is False when a table is refused or differs from the committed checksum; ``problems`` says which,
    with file, line, expected and found. Exact duplicates are refused, so a table that is listed with rows
    has none.
    """
    problems: list[str] = []
    tables: list[Json] = []
    kept: list[Figure] = []
    committed = checksums.committed()
    for name in COLUMNS:
        report: Json = {"table": name, "rows": 0, "sha256": checksums.of_table(name), "checksum_ok": False}
        report["checksum_ok"] = report["sha256"] == committed.get(name)
        if not report["checksum_ok"]:
            problems.append(
                f"{name}.csv: text differs from the committed checksum in {checksums.CHECKSUM_FILE}"
            )
        try:
            report |= _verified(name, kept)
        except FigureError as problem:
            problems.append(str(problem))
        tables.append(report)
    found = conflicts(tuple(kept))
    return {
        "ok": not problems,
        "problems": problems,
        "duplicates_refused": sum("exact duplicate" in problem for problem in problems),
        "tables": tables,
        "rows": sum(table["rows"] for table in tables),
        "notes": [{"id": row.id, "where": row.where, "why": _why(row)} for row in kept if row.is_note],
        "tiers": tier_counts(kept),
        "reconstructed": sum(row.vintage == "reconstructed" for row in kept),
        "power_unstated": sum("unstated" in row.unit for row in kept),
        "conflicts": [conflict_record(conflict) for conflict in found],
        "fiscal_years_off": [
            {
                "series": off.series,
                "entity": off.entity,
                "year": off.year,
                "printed": off.printed,
                "summed": off.summed,
            }
            for off in fiscal_mismatches()
        ],
    }


def _verified(name: str, kept: list[Figure]) -> Json:
    text = table_text(name)
    if name == "claims":
        return {"rows": len(parse_claims(text))}
    if name == "parameters":
        return {"rows": len(parse_priors(text))}
    if name == "models":
        return {"rows": len(parse_model_prices(text))}
    if name == "model_hosts":
        return {"rows": len(parse_model_hosts(text))}
    if name in ("campus_slips", "members", "model_makers", "words"):
        return {"rows": len(list(read_rows(name, text)))}
    rows = parse_table(name, text)
    kept.extend(rows)
    return {
        "rows": len(rows),
        "without_number": sum(row.value is None for row in rows),
        "without_date": sum(not row.period.dated for row in rows),
        "without_url": sum(not row.source_url for row in rows),
        "unit_words": sum(not convertible(row.unit) for row in rows),
        "tiers": tier_counts(rows),
    }


def _why(row: Figure) -> str:
    reasons: list[str] = []
    if row.value is None:
        reasons.append(f"not a plain number: {row.text!r}")
    if not row.period.dated:
        reasons.append(f"no date: {row.period.printed!r}")
    return "; ".join(reasons)
