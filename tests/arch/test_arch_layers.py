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


# The one exception: where compiled code is kept and loaded from is the compiler's own business.
CODE_STORE = tuple(f"src/supercycle/equations/machine/{name}.py" for name in ("cache", "shipped"))


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
        if source.relative(path) not in CODE_STORE
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


# Top to bottom; a module may name only what lies at or below its own layer, in an import or in a string.
ORDER = {
    "cli": 8, "app": 8, "agent": 8, "report": 8, "story": 8, "claims": 7, "skill": 7, "service": 6,
    "decisions": 5, "engine": 5, "gateway": 5, "world": 4, "deals": 3, "equations": 2, "figures": 1, "core": 0,
}  # fmt: skip


def layer(name: str) -> int | None:
    """The layer of a dotted name of the package; None for the package itself, which may name its public functions."""
    parts = name.split(".")
    return ORDER.get(parts[1]) if len(parts) > 1 else None


def hidden_upward_names(importer: str, tree: ast.Module) -> list[tuple[int, str]]:
    """Strings that name a module above the importer in a file that imports by string, where no contract can look."""
    words = {"import_module", "__import__", "resolve_name"}
    by_string = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and (
            (isinstance(node.func, ast.Name) and node.func.id in words)
            or (isinstance(node.func, ast.Attribute) and node.func.attr in words)
        )
    ]
    here = layer(importer)
    if not by_string or here is None:
        return []
    found = []
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and node.value.startswith("supercycle.")
        ):
            there = layer(node.value.split(":")[0].strip())
            if there is not None and there > here:
                found.append((node.lineno, node.value))
    for call in by_string:
        named = ast.unparse(call.args[0]) if call.args else ""
        plain = call.args and isinstance(call.args[0], ast.Constant)
        own = any(
            part in named for part in ("__name__", "_MODULE_OF", f"supercycle.{importer.split('.')[1]}")
        )
        if not plain and not own:
            found.append((call.lineno, f"import of a computed name: {named}"))
    return found


def test_no_upward_import_hides_in_a_string(source: Any) -> None:
    offences = [
        f"{source.relative(path)}:{line}: {what}"
        for path in source.modules()
        for line, what in hidden_upward_names(source.name(path), source.tree(path))
    ]
    assert offences == []
    assert set(ORDER) >= {path.parent.name for path in source.package.glob("*/__init__.py")}


@pytest.mark.parametrize(
    "text",
    [
        "from importlib import import_module\nimport_module('supercycle.app.notebook').framed()",
        "import importlib\nM = {'cell': 'supercycle.cli'}\nimportlib.import_module(M['cell'])",
        "__import__('supercycle.story')",
        "from importlib import import_module as m, import_module\nimport_module('super' + 'cycle.app')",
    ],
)
def test_the_check_sees_an_upward_call_by_name(text: str) -> None:
    assert hidden_upward_names("supercycle.service.result", ast.parse(text))


def test_a_package_may_load_its_own_modules_by_name() -> None:
    text = "from importlib import import_module\nimport_module(f'supercycle.figures.{name}')"
    assert hidden_upward_names("supercycle.figures", ast.parse(text)) == []


def test_the_python_interface_goes_through_the_door_too() -> None:
    """Names of the package come from service or above; ``figures`` is the tables' own package, by its own name."""
    import supercycle

    homes = {name: home.partition(":")[0] for name, home in supercycle._HOME.items()}
    assert homes.pop("figures") == "supercycle.figures"
    assert {home.split(".")[1] for home in homes.values()} == {"service", "skill", "claims"}
