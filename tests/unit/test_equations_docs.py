"""The examples of docs/equations.md run, in order, as printed."""

from __future__ import annotations

import linecache
import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "equations.md"


def test_examples_run():
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) >= 3
    code = "\n".join(blocks)
    name = "docs/equations.md (examples)"
    linecache.cache[name] = (
        len(code),
        None,
        code.splitlines(keepends=True),
        name,
    )  # equations read their own source
    try:
        exec(compile(code, name, "exec"), {"__name__": "examples_of_equations"})
    finally:
        del linecache.cache[name]
