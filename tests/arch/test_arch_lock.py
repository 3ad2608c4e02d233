"""The lock is complete, hashed and names no registry; the versions the project states agree."""

from __future__ import annotations

import json
import re
import tomllib
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

PIN = re.compile(r"^([A-Za-z0-9_.-]+)==(\S+)")
LOCKS = ("runtime", "build", "dev", "docs")


@pytest.fixture(scope="module")
def project(source: Any) -> dict[str, Any]:
    return tomllib.loads((source.root / "pyproject.toml").read_text(encoding="utf-8"))


def lock_text(source: Any, name: str) -> str:
    return (source.root / "requirements" / f"{name}.txt").read_text(encoding="utf-8")


def pins(text: str) -> dict[str, Version]:
    found = (PIN.match(line) for line in text.splitlines())
    return {canonicalize_name(m[1]): Version(m[2]) for m in found if m}


@pytest.mark.parametrize("name", LOCKS)
def test_lock_names_no_address(source: Any, name: str) -> None:
    lines = lock_text(source, name).splitlines()
    options = [x for x in lines if x.lstrip().startswith("-") and not x.lstrip().startswith("--hash=sha256:")]
    assert options == []
    assert [x for x in lines if "://" in x or "file:" in x or " @ " in x] == []


@pytest.mark.parametrize("name", LOCKS)
def test_every_pin_has_a_hash(source: Any, name: str) -> None:
    logical = lock_text(source, name).replace("\\\n", " ").splitlines()
    entries = [x for x in logical if x.strip() and not x.startswith("#")]
    assert entries
    assert [x for x in entries if not PIN.match(x) or "--hash=sha256:" not in x] == []


def test_the_front_end_lock_names_no_address(source: Any) -> None:
    lock = json.loads((source.root / "web" / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: p for name, p in lock["packages"].items() if name}
    assert packages
    assert [name for name, p in packages.items() if "resolved" in p] == []
    assert [name for name, p in packages.items() if "integrity" not in p] == []


@pytest.mark.parametrize(
    ("lock", "groups"),
    [("runtime", ()), ("build", ("build",)), ("dev", ("build", "test", "lint")), ("docs", ("docs",))],
)
def test_lock_satisfies_what_the_project_asks(
    source: Any, project: dict[str, Any], lock: str, groups: tuple[str, ...]
) -> None:
    asked = [] if lock in ("build", "docs") else list(project["project"]["dependencies"])
    for group in groups:
        asked += project["dependency-groups"][group]
    locked = pins(lock_text(source, lock))
    for requirement in map(Requirement, asked):
        version = locked.get(canonicalize_name(requirement.name))
        assert version is not None, f"{requirement} is not in requirements/{lock}.txt: run make lock"
        assert version in requirement.specifier, f"{requirement} is locked at {version}: run make lock"


def test_locks_agree(source: Any) -> None:
    everything = pins(lock_text(source, "dev"))
    for name in ("runtime", "build"):
        assert pins(lock_text(source, name)).items() <= everything.items()


def test_build_group_is_what_the_build_requires(project: dict[str, Any]) -> None:
    assert project["build-system"]["requires"] == project["dependency-groups"]["build"]


def test_stated_versions_agree(source: Any, project: dict[str, Any]) -> None:
    import supercycle

    version = project["project"]["version"]
    assert supercycle.__version__ == version
    assert f"version: {version}\n" in (source.root / "CITATION.cff").read_text(encoding="utf-8")
    assert f"## {version}" in (source.root / "CHANGELOG.md").read_text(encoding="utf-8")


def test_dependencies_are_imported_and_imports_are_declared(source: Any, project: dict[str, Any]) -> None:
    """Nothing is listed that the code does not use, and nothing is used that is not listed."""
    import ast
    import sys

    used = set()
    for path in source.modules():
        for node in ast.walk(source.tree(path)):
            if isinstance(node, ast.Import):
                used |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                used.add(node.module.split(".")[0])
    used -= {*sys.stdlib_module_names, "supercycle", "__future__"}

    def names(requirements: list[str]) -> set[str]:
        return {Requirement(r).name.split(".")[0].replace("-", "_") for r in requirements}

    by_name = {"httptools"}  # the parser uvicorn is told to use by name; gateway/door/listener.py
    listed = names(project["project"]["dependencies"]) - by_name
    extras = {name for some in project["project"]["optional-dependencies"].values() for name in names(some)}
    assert used - extras == listed
    assert extras <= used
