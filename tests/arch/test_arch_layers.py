"""Who may import whom, and which layers may touch the outside world."""

from __future__ import annotations

import ast
import subprocess
import sys
from typing import Any

import pytest

# These take text, objects or arrays, never paths or sockets; input and output belong to the layers around.
PURE_LAYERS = ("world", "deals", "decisions", "equations")
OUTSIDE_WORLD = {
    "os", "pathlib", "socket", "io", "subprocess", "urllib", "requests", "http", "shutil", "tempfile", "ssl",
    "asyncio", "aiohttp", "httpx", "sqlite3",
}  # fmt: skip


# The one exception: where compiled kernels are kept is the compiler's own business, as it is Numba's.
KERNEL_CACHE = "src/supercycle/equations/kernels/cache.py"


def imports(tree: ast.AST) -> list[tuple[int, str]]:
    """(line, module) of every absolute import, also inside functions."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            found.append((node.lineno, node.module))
    return found


def touches_outside(tree: ast.AST) -> list[tuple[int, str]]:
    """Imports of input and output, and calls of the built-in open; paths as pure text are no output."""
    found = [(line, name) for line, name in imports(tree) if name.split(".")[0] in OUTSIDE_WORLD]
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and {a.name for a in node.names} <= {"PurePath", "PurePosixPath"}:
            found.remove((node.lineno, "pathlib"))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "open":
            found.append((node.lineno, "open()"))
    return found


def test_import_contracts_are_kept(source: Any) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()", "--no-cache"],
        cwd=source.root, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


def test_pure_layers_do_no_input_or_output(source: Any) -> None:
    offences = [
        f"{source.relative(path)}:{line}: {what}"
        for path in source.modules(*PURE_LAYERS)
        if source.relative(path) != KERNEL_CACHE
        for line, what in touches_outside(source.tree(path))
    ]
    assert offences == []


@pytest.mark.parametrize(
    "text",
    [
        "import os",
        "import os.path as p",
        "from pathlib import Path",
        "def f():\n    from urllib.request import x",
        "data = open('x').read()",
    ],
)
def test_the_check_sees_input_and_output(text: str) -> None:
    assert len(touches_outside(ast.parse(text))) == 1


def test_the_check_lets_computation_pass() -> None:
    text = "import ast, inspect, math\nfrom numpy import exp\nfrom . import os\nfrom pathlib import PurePath"
    assert touches_outside(ast.parse(text)) == []


def test_only_the_command_line_starts_the_command_line_or_the_app(source: Any) -> None:
    allowed = {"cli": ("supercycle.cli", "supercycle.__main__"), "app": ("supercycle.app", "supercycle.cli")}
    offences = []
    for path in source.modules():
        importer = source.name(path)
        for line, name in imports(source.tree(path)):
            top = ".".join(name.split(".")[:2])
            for guarded, importers in allowed.items():
                if top == f"supercycle.{guarded}" and not importer.startswith(importers):
                    offences.append(f"{source.relative(path)}:{line}: imports {name}")
    assert offences == []
