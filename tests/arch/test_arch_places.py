"""What is committed works anywhere: it names no folder of the machine it was written on and no registry."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest

SKIPPED = {"node_modules", "__pycache__", "_static", "build", "dist", "results", "reports"}
TEXT = set(re.findall(r"\w+", "cff cfg css html ini json md mjs js py sh toml ts tsx txt yaml yml"))
# Folders that any machine has; a checkout under one of them says nothing.
SYSTEM = {"/", "/opt", "/srv", "/tmp", "/usr", "/var"}
# Joined here, so that this file does not find itself.
REGISTRIES = [".".join(host) for host in (("pypi", "org"), ("pythonhosted", "org"), ("registry", "npmjs"))]


def committed(root: Path) -> list[Path]:
    """Text files of the project, without what is built, installed or cached."""
    found = []
    for folder, names, files in os.walk(root):
        names[:] = [n for n in names if n not in SKIPPED and (not n.startswith(".") or n == ".ci")]
        found += [Path(folder, f) for f in files if Path(f).suffix[1:] in TEXT or "." not in f]
    return [p for p in found if p.parent != root or not p.name.startswith("supercycle-report")]


def named_places(text: str, folders: list[str]) -> list[tuple[int, str]]:
    """(line, what) of every registry, and of every path under one of the folders."""
    rooted = [rf"(?<![\w.:/]){re.escape(f.rstrip('/'))}/" for f in folders if f not in SYSTEM]
    pattern = re.compile("|".join([*rooted, *map(re.escape, REGISTRIES)]))
    return [(text.count("\n", 0, m.start()) + 1, m[0]) for m in pattern.finditer(text)]


def test_no_committed_file_names_a_place(source: Any) -> None:
    files = committed(source.root)
    assert source.root / "Makefile" in files
    assert source.root / ".ci" / "run" in files
    here = [str(source.root.parent), str(Path.home())]
    offences = [
        f"{source.relative(path)}:{line}: {place}"
        for path in files
        for line, place in named_places(path.read_text(encoding="utf-8"), here)
    ]
    assert offences == []


@pytest.mark.parametrize(
    "text", ["x = '/desk/me/x'", "\nopen('/desk/notes')", f"https://{REGISTRIES[0]}/simple"]
)
def test_the_check_sees_a_place(text: str) -> None:
    assert len(named_places(text, ["/desk"])) == 1


def test_the_check_lets_other_paths_pass() -> None:
    text = "tests/desk/a  ../desk/b  https://example.org/desk/  USD/desk/h  /usr/bin"
    assert named_places(text, ["/desk", "/"]) == []
