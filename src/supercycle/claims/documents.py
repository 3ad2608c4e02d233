"""The five documents walked figure by figure: each printed number with the claims that test it, or why none does.

``documents.csv`` has one row a figure: document, the figure as printed, ids of claims, a note. A figure without a claim
says why (a date, a name, an order of magnitude without a number).
"""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from supercycle.claims.catalogue import catalogue, entry
from supercycle.claims.entry import verdict
from supercycle.core.errors import FigureError, UnknownNameError

__all__ = ["DOCUMENTS", "Printed", "documents_table", "parse_documents", "printed_figures"]

DOCUMENTS: dict[str, str] = {
    "roadmap": "AI Capex Boom: J.P. Morgan's $7 Trillion Roadmap",
    "essay": "The level of AI capital investment (untitled)",
    "monetisation": "AI CapEx vs AI Monetization",
    "trillion": "Tech giants are spending $1 trillion on AI infrastructure",
    "note": "Capex vs. Opex in AI",
}
_COLUMNS = ["document", "printed", "claims", "note"]


class Printed(NamedTuple):
    """One figure of a document: as printed, the claims that test it, and a note (needed where there is none)."""

    document: str
    printed: str
    claims: tuple[str, ...]
    note: str


def parse_documents(text: str) -> tuple[Printed, ...]:
    """Read documents.csv; refuses an unknown document or claim, and a figure with neither claim nor reason."""
    reader = csv.DictReader(text.splitlines())
    if reader.fieldnames != _COLUMNS:
        raise FigureError(
            "wrong columns", expected=",".join(_COLUMNS), got=str(reader.fieldnames), where="documents.csv:1"
        )
    out: list[Printed] = []
    for row in reader:
        where = f"documents.csv:{reader.line_num}"
        if row["document"] not in DOCUMENTS:
            raise UnknownNameError("document", row["document"], DOCUMENTS, where=where)
        claims = tuple(row["claims"].split())
        for name in claims:
            if name not in catalogue():
                raise UnknownNameError("claim", name, catalogue(), where=where)
        if not claims and not row["note"]:
            raise FigureError(
                "a figure without a claim", expected="a reason", got=row["printed"], where=where
            )
        out.append(Printed(row["document"], row["printed"], claims, row["note"]))
    return tuple(out)


@cache
def printed_figures() -> tuple[Printed, ...]:
    """Every figure of the five documents, in their order."""
    return parse_documents(files("supercycle.claims").joinpath("documents.csv").read_text(encoding="utf-8"))


def documents_table() -> str:
    """The walk as markdown, one table a document."""
    lines: list[str] = []
    for name, title in DOCUMENTS.items():
        lines += [f"**{title}**", "", "| as printed | claim | verdict |", "|---|---|---|"]
        for figure in printed_figures():
            if figure.document == name:
                ids = ", ".join(f"`{id}`" for id in figure.claims) or "none"
                verdicts = "; ".join(dict.fromkeys(verdict(entry(id)) for id in figure.claims))
                told = "; ".join(part for part in (verdicts, figure.note) if part)
                lines.append(f"| {figure.printed.replace('|', '/')} | {ids} | {told} |")
        lines.append("")
    return "\n".join(lines)
