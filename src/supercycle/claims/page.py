"""The generated part of docs/claims.md: the table of all claims and capital intensity by company and year.

``python -m supercycle.claims.page docs/claims.md`` writes it between the markers; a test keeps it current.
"""

from __future__ import annotations

import sys
from pathlib import Path

from supercycle.claims.bridge import bridge, steps_table
from supercycle.claims.catalogue import catalogue
from supercycle.claims.documents import documents_table
from supercycle.claims.entry import VERDICTS, Entry, verdict
from supercycle.claims.intensity import YEARS, filed
from supercycle.figures.members import names

__all__ = ["bridge_table", "intensity_table", "refreshed", "table"]

_SIGNS = {">=": "> ", "<=": "< ", "~": "~ ", "nearly": "nearly "}
_FIRMS = names("firm")


def table() -> str:
    """Every claim by verdict, in markdown."""
    lines: list[str] = []
    for name in VERDICTS:
        found = [item for item in catalogue().values() if verdict(item) == name]
        lines += [
            f"### {name.capitalize()} ({len(found)})",
            "",
            "| claim | who, when | printed | ours | why |",
            "|---|---|--:|--:|---|",
        ]
        lines += [_line(item) for item in found]
        lines.append("")
    return "\n".join(lines)


def _line(item: Entry) -> str:
    ours = item.value()
    more = _SIGNS.get(item.relation, "")
    reading = f" *Read as: {item.reading}.*" if item.reading else ""
    told = "none" if ours is None else f"{ours:,.4g}" if abs(ours) < 1000 else f"{ours:,.0f}"
    printed = f"{more}{item.published:,.10g} {item.unit}"
    if item.span is not None:
        printed = f"{item.span[0]:,.10g} to {item.span[1]:,.10g} {item.unit}"
    return f"| `{item.id}` {item.statement} | {item.who}, {item.when} | {printed} | {told} | {item.why}{reading} |"


def intensity_table() -> str:
    """Cash capex over revenue in percent by company and fiscal year, from filings."""
    lines = [f"| fiscal year | {' | '.join(_FIRMS)} |", "|---|" + "--:|" * len(_FIRMS)]
    for year in YEARS:
        values = (filed(firm, year) for firm in _FIRMS)
        lines.append(f"| {year[:4]} | {' | '.join('-' if v is None else f'{v:.1f}' for v in values)} |")
    return "\n".join(lines) + "\n"


def bridge_table() -> str:
    """The public readings of the required revenue and what each adds."""
    lines = ["| reading | USD bn a year | adds | what it says |", "|---|--:|--:|---|"]
    for row in steps_table(bridge()):
        lines.append(f"| {row['label']} | {row['value']:,.0f} | {row['adds']:+,.0f} | {row['why']} |")
    return "\n".join(lines) + "\n"


def refreshed(text: str) -> str:
    """The page with everything between its markers made again.

    >>> refreshed("no markers")
    'no markers'
    """
    pages = (
        ("claims", table), ("intensity", intensity_table), ("documents", documents_table), ("bridge", bridge_table),
    )  # fmt: skip
    for mark, made in pages:
        start, end = f"<!-- {mark} -->\n", f"<!-- end {mark} -->"
        if start in text and end in text:
            head, rest = text.split(start, 1)
            text = f"{head}{start}{made()}{end}{rest.split(end, 1)[1]}"
    return text


if __name__ == "__main__":
    page = Path(sys.argv[1])
    page.write_text(refreshed(page.read_text(encoding="utf-8")), encoding="utf-8")
