"""Where tables are printed, and what they look like."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

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


def plain_table(*left: str, right: Sequence[str] = ()) -> Table:
    """A table with its text columns first and its numbers to the right."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in left:
        table.add_column(Text(name), overflow="fold")
    for name in right:
        table.add_column(Text(name), justify="right")
    return table


def table_row(table: Table, *cells: object) -> None:
    """One row; what is in a cell is text and never markup."""
    from rich.text import Text

    table.add_row(*(Text("" if cell is None else str(cell)) for cell in cells))
