"""A result in a notebook's cell: the sentence and one row an output, a few kilobytes however large the run."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from supercycle.service.result import Result

__all__ = ["cell"]

ROWS = 12


def cell(result: Result) -> str:
    """The headline, then median and 5 to 95 % band of the first outputs in their last quarter, as HTML.

    It holds no script and asks for nothing from outside. An output without a value in its last quarter shows a dash.
    """
    rows: list[str] = []
    for key in result.run.outputs[:ROWS]:
        output = result[key]
        numbers = "".join(f"<td>{_shown(output[level][-1])}</td>" for level in ("q05", "q50", "q95"))
        label = html.escape(f"{output['label']} ({output['unit']})")
        rows.append(f"<tr><th scope='row'>{label}</th><td>{output['quarters'][-1]}</td>{numbers}</tr>")
    more = len(result.run.outputs) - len(rows)
    left = f"<p><small>and {more} more outputs</small></p>" if more > 0 else ""
    head = "".join(f"<th scope='col'>{name}</th>" for name in ("output", "quarter", "5 %", "median", "95 %"))
    return (
        f"<p>{html.escape(result.headline)}</p>"
        f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>{left}"
    )


def _shown(value: float | None) -> str:
    return "–" if value is None else f"{value:,.4g}"
