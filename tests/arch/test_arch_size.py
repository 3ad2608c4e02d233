"""One idea per file: none too long, none named after nothing."""

from __future__ import annotations

from typing import Any

LONGEST = 450
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "manager", "common", "misc"}


def test_no_file_is_too_long(source: Any) -> None:
    lengths = {p: len(p.read_text(encoding="utf-8").splitlines()) for p in source.modules()}
    assert [f"{source.relative(p)}: {n} lines" for p, n in lengths.items() if n > LONGEST] == []


def test_no_file_is_named_after_nothing(source: Any) -> None:
    assert [source.relative(p) for p in source.modules() if p.stem in EMPTY_NAMES] == []
