"""The source tree as the architecture tests see it: files, module names, syntax trees."""

from __future__ import annotations

import ast
import functools
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class SourceTree:
    root: Path

    @property
    def package(self) -> Path:
        return self.root / "src" / "supercycle"

    def modules(self, *folders: str) -> list[Path]:
        """The Python files of the package, or of some of its folders (those that exist)."""
        tops = [self.package / f for f in folders] or [self.package]
        return sorted(p for top in tops for p in top.rglob("*.py"))

    def relative(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()

    def name(self, path: Path) -> str:
        """The dotted name: supercycle/core/__init__.py is supercycle.core."""
        parts = path.relative_to(self.root / "src").with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @staticmethod
    @functools.cache
    def tree(path: Path) -> ast.Module:
        return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


@pytest.fixture(scope="session")
def source() -> SourceTree:
    tree = SourceTree(Path(__file__).resolve().parents[2])
    assert tree.modules(), f"no modules under {tree.package}: the architecture tests would see nothing"
    return tree
