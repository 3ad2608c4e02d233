"""Small parts of rendering."""

from __future__ import annotations

from typing import Any

import pytest

from supercycle.cli import progress
from supercycle.cli.render import number


@pytest.mark.parametrize(
    ("value", "shown"),
    [(None, "-"), (float("nan"), "-"), (-1234.5, "-1,234"), (0.5, "0.5"), (1e-7, "1.00e-07")],
)
def test_numbers_for_reading(value: float | None, shown: str) -> None:
    assert number(value) == shown


def test_no_bar_where_nobody_watches(monkeypatch: pytest.MonkeyPatch) -> None:
    with progress.progress_bar() as tell:
        assert tell is None


def test_a_bar_waits_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress.sys.stderr, "isatty", lambda: True, raising=False)
    started: list[Any] = []

    class Bar:
        def start(self) -> None:
            started.append(self)

        def add_task(self, name: str, total: int) -> int:
            return 0

        def update(self, task: int, completed: int, total: int) -> None:
            pass

        def stop(self) -> None:
            started.append("stopped")

    monkeypatch.setattr(progress, "_bar", Bar)
    clock = iter((0.0, 0.5, 1.5))
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(clock))
    with progress.progress_bar() as tell:
        assert tell is not None
        tell("simulate", 1, 10)
        assert started == []
        tell("simulate", 5, 10)
        assert len(started) == 1
    assert started[-1] == "stopped"
