"""Where tables are printed, and what they look like."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from supercycle.cli.table import FittedTable

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["PIPE_WIDTH", "plain_console", "plain_table", "table_row"]

PIPE_WIDTH = 120  # a pipe has no width of its own


def plain_console() -> Console:
    """A console as wide as the terminal, or ``PIPE_WIDTH``."""
    from rich.console import Console

    class Pipe(Console):
        """A console that leaves a broken pipe to the command, which knows that it is no error."""

        def on_broken_pipe(self) -> None:
            raise BrokenPipeError

    return Pipe(width=None if sys.stdout.isatty() else PIPE_WIDTH, highlight=False)


def plain_table(*left: str, right: Sequence[str] = ()) -> FittedTable:
    """A table with its text columns first and its numbers to the right."""
    return FittedTable([*left, *right], [False] * len(left) + [True] * len(right))


def table_row(table: FittedTable, *cells: object) -> None:
    """One row; what is in a cell is text and never markup."""
    table.add(*cells)
