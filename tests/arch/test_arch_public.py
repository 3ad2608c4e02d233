"""The public face: __all__ is true, and importing the package is cheap."""

from __future__ import annotations

import ast
import importlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HEAVY = ("numba", "polars", "scipy", "rich", "pydantic", "ruamel", "numpy")
HEAVY_FOR_HELP = ("numba", "polars", "scipy")  # the command line may use rich, not the engine's libraries


def is_public(dotted: str) -> bool:
    return not any(part.startswith("_") for part in dotted.split("."))


def declares_all(tree: ast.Module) -> bool:
    targets: list[ast.expr] = []
    for node in tree.body:
        if isinstance(node, ast.Assign):
            targets += node.targets
        elif isinstance(node, ast.AnnAssign):
            targets.append(node.target)
    return any(isinstance(t, ast.Name) and t.id == "__all__" for t in targets)


def loaded_after(statement: str, names: tuple[str, ...], cwd: Path) -> set[str]:
    """Which of ``names`` a fresh interpreter has loaded after a statement."""
    ask = f"import json, sys\nprint()\nprint(json.dumps([n for n in {names!r} if n in sys.modules]))"
    code = f"{statement}\n{ask}"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=cwd, capture_output=True, text=True, timeout=60, check=True
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_every_public_module_declares_its_names(source: Any) -> None:
    missing = [
        source.relative(path)
        for path in source.modules()
        if is_public(source.name(path)) and not declares_all(source.tree(path))
    ]
    assert missing == []


def test_every_declared_name_exists(source: Any) -> None:
    absent = []
    for path in source.modules():
        module = importlib.import_module(source.name(path))
        names = getattr(module, "__all__", [])
        absent += [f"{module.__name__}.{name}" for name in names if not hasattr(module, name)]
        assert len(names) == len(set(names)), f"{module.__name__}.__all__ names something twice"
    assert absent == []


def test_unknown_attribute_lists_what_there_is() -> None:
    import supercycle

    with pytest.raises(AttributeError, match=r"no attribute 'runn'; it has .*run"):
        _ = supercycle.runn


def test_dir_of_the_package_is_its_public_face() -> None:
    import supercycle

    assert dir(supercycle) == sorted(supercycle.__all__)


def test_importing_the_package_loads_nothing_heavy(source: Any) -> None:
    assert loaded_after("import supercycle", HEAVY, source.root / "src") == set()


def test_help_loads_no_engine_library(source: Any) -> None:
    ask = "import sys; sys.argv = ['supercycle', '--help']\nfrom supercycle.cli import main"
    run = "try:\n    main()\nexcept SystemExit:\n    pass"
    assert loaded_after(f"{ask}\n{run}", HEAVY_FOR_HELP, source.root / "src") == set()


def test_the_probe_of_loaded_modules_can_fail(source: Any) -> None:
    assert loaded_after("import numpy", ("numpy", "numba"), source.root) == {"numpy"}
