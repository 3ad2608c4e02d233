"""A table that fits: narrower than its words it wraps, narrower than its columns it becomes several tables.

A digit is never cut and a word never broken: a number that has lost its end is a wrong number. Where not even the
first column and one other fit side by side, each row becomes lines of ``header: value``.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions
    from rich.text import Text

__all__ = ["FittedTable", "layout"]

GAP = 2  # blanks between two columns


@dataclass
class FittedTable:
    """Headers, which of them are numbers (to the right), and rows of text; drawn as wide as the console allows."""

    headers: list[str]
    right: list[bool]
    rows: list[list[str]] = field(default_factory=list[list[str]])

    def add(self, *cells: object) -> None:
        """One row; a missing cell is empty."""
        texts = ["" if cell is None else " ".join(str(cell).split()) for cell in cells]
        self.rows.append(texts + [""] * (len(self.headers) - len(texts)))

    def lines(self, width: int) -> Iterator[tuple[str, bool]]:
        """Every line, and whether it is part of a head."""
        columns = range(len(self.headers))
        needed = [self._longest_word(c) for c in columns]
        groups = _groups(needed, width)
        if groups is None:
            yield from self._records(width)
            return
        for number, group in enumerate(groups):
            if number:
                yield "", False
            yield from self._drawn(group, layout(self._natural(group), [needed[c] for c in group], width))

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Text]:
        from rich.text import Text

        for line, head in self.lines(options.max_width):
            yield Text(line, style="bold" if head else "", no_wrap=True, overflow="ignore", end="\n")

    def _cells(self, column: int) -> Iterator[str]:
        yield self.headers[column]
        for row in self.rows:
            yield row[column]

    def _longest_word(self, column: int) -> int:
        return max((len(word) for cell in self._cells(column) for word in cell.split()), default=0)

    def _natural(self, group: Sequence[int]) -> list[int]:
        return [max(len(cell) for cell in self._cells(c)) for c in group]

    def _drawn(self, group: Sequence[int], widths: Sequence[int]) -> Iterator[tuple[str, bool]]:
        head = [self.headers[c] for c in group]
        for line in self._row(head, group, widths):
            yield line, True
        yield "─" * (sum(widths) + GAP * (len(widths) - 1)), False
        for row in self.rows:
            for line in self._row([row[c] for c in group], group, widths):
                yield line, False

    def _row(self, cells: Sequence[str], group: Sequence[int], widths: Sequence[int]) -> Iterator[str]:
        wrapped = [_wrapped(cell, width) for cell, width in zip(cells, widths, strict=True)]
        for i in range(max(len(lines) for lines in wrapped)):
            parts = [lines[i] if i < len(lines) else "" for lines in wrapped]
            placed = [
                part.rjust(width) if self.right[c] else part.ljust(width)
                for part, width, c in zip(parts, widths, group, strict=True)
            ]
            yield (" " * GAP).join(placed).rstrip()

    def _records(self, width: int) -> Iterator[tuple[str, bool]]:
        for row in self.rows:
            first = True
            for header, cell in zip(self.headers, row, strict=True):
                if cell:
                    for line in _wrapped(f"{header}: {cell}" if header else cell, width):
                        yield line, first
                first = False
            yield "", False


def layout(natural: Sequence[int], needed: Sequence[int], width: int) -> list[int]:
    """Widths of columns: as they are when that fits, else what their longest words need and a share of the rest.

    >>> layout([10, 20], [4, 6], 40), layout([10, 20], [4, 6], 22)
    ([10, 20], [9, 11])
    """
    room = width - GAP * (len(natural) - 1)
    if sum(natural) <= room:
        return list(natural)
    widths, spare = list(needed), room - sum(needed)
    wants = [n - m for n, m in zip(natural, needed, strict=True)]
    # Narrow columns are satisfied first, so that what is left goes to long texts.
    for place, i in enumerate(sorted(range(len(wants)), key=lambda i: wants[i])):
        given = min(wants[i], spare // (len(wants) - place))
        widths[i] += given
        spare -= given
    return widths


def _groups(needed: Sequence[int], width: int) -> list[list[int]] | None:
    """Columns in groups that fit, the first column in each; None when it and one other do not fit."""
    groups: list[list[int]] = []
    used = width + 1
    for column in range(1, len(needed)):
        more = GAP + needed[column]
        if used + more > width:
            if needed[0] + more > width:
                return None
            groups.append([0])
            used = needed[0]
        groups[-1].append(column)
        used += more
    if not groups:
        return [[0]] if needed and needed[0] <= width else None
    return groups


def _wrapped(text: str, width: int) -> list[str]:
    """Lines of whole words; only a word longer than the whole width runs over."""
    return textwrap.wrap(text, max(width, 1), break_long_words=False, break_on_hyphens=False) or [""]
