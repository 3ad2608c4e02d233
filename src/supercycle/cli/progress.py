"""A progress bar on a terminal, for what takes longer than a second; silence everywhere else."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

    from supercycle.engine.run import Progress

__all__ = ["counting", "progress_bar"]

PATIENCE = 1.0  # seconds before a bar appears
STAGES = {"compile": "Compiling the model (once)", "simulate": "Simulating"}


@contextmanager
def progress_bar() -> Generator[Progress | None]:
    """A callback ``(stage, done, total)`` that draws on stderr, or None where nobody watches."""
    if not sys.stderr.isatty():
        yield None
        return
    begun = time.monotonic()
    bar: Bar | None = None
    tasks: dict[str, int] = {}

    def tell(stage: str, done: int, total: int) -> None:
        nonlocal bar
        if bar is None:
            if stage != "compile" and time.monotonic() - begun < PATIENCE:
                return
            bar = _bar()
            bar.start()
        if stage not in tasks:
            tasks[stage] = bar.add_task(STAGES.get(stage, stage), total=total)
        bar.update(tasks[stage], completed=done, total=total)  # pyright: ignore[reportArgumentType]

    try:
        yield tell
    finally:
        if bar is not None:
            bar.stop()


def _bar() -> Bar:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    columns = TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn()
    return Progress(*columns, console=Console(stderr=True), transient=True)


class counting:
    """A progress line for work whose length is not known beforehand; silence where nobody watches."""

    def __init__(self, told: str) -> None:
        self._told = told
        self._status: Any = None

    def __enter__(self) -> Callable[[int], None] | None:
        if not sys.stderr.isatty():
            return None
        from rich.console import Console

        self._status = Console(stderr=True).status(self._told)
        self._status.start()
        return lambda done: self._status.update(f"{self._told}: {done:,}")

    def __exit__(self, *_: object) -> None:
        if self._status is not None:
            self._status.stop()
