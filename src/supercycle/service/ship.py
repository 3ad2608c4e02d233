"""Compile the shipped world for every processor: run by the build (hatch_build.py), never by a user.

    python -m supercycle.service.ship FOLDER [--everywhere]

Writes into FOLDER the world as data, a shared library and its facts for each target (those of this system, or all of
them), and into app/_static the module for the browser. Everything is named by the hash of the sources; what belongs to
other sources is removed. A linker comes with the package ziglang; the system's own cc links for this system without
it.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from supercycle.core.errors import EnvironmentProblem, SupercycleError
from supercycle.engine.subject import Subject
from supercycle.equations.machine import build, cache, shipped, targets
from supercycle.equations.machine.program import Program, write_program
from supercycle.equations.machine.targets import Target
from supercycle.service import kept_world
from supercycle.service.browser_engine import STATIC, WEB, engine_facts
from supercycle.service.the_world import built

__all__ = ["link", "main", "ship"]


_SYSTEM: str = "macos" if sys.platform == "darwin" else "linux"


def ship(folder: Path, *, everywhere: bool = False) -> list[str]:
    """Write what is not there yet; what was done, a line each.

    Errors: EnvironmentProblem without llvmlite or a linker.
    """
    key, done = kept_world.fingerprint(), list[str]()
    folder.mkdir(parents=True, exist_ok=True)
    wanted = [t for t in targets.SHIPPED if everywhere or t.system in (_SYSTEM, "web")]
    kept = {kept_world.world_file(folder, key).name}
    for target in wanted:
        if target.system != "web":
            kept |= {f(folder, key, target).name for f in (shipped.library_file, shipped.facts_file)}
    for stale in [file for file in folder.iterdir() if file.name not in kept]:
        stale.unlink()
    missing = [t for t in wanted if not _is_there(folder, key, t)]
    if not missing and cache.unsealed(kept_world.world_file(folder, key)) is not None:
        return [f"machine code: {folder.name} was made from these sources, nothing to do"]
    world = built()
    kept_world.world_file(folder, key).write_bytes(cache.sealed(kept_world.write(world)))
    for target in missing:
        program = write_program(world.test_plan, target.lanes, has_fma=target.has_fma, test=world.test)
        size = (
            _web(world, program, target, key)
            if target.system == "web"
            else _native(folder, key, program, target)
        )
        done.append(f"machine code: {target.name} for {target.system}, {size / 1000:.0f} kB")
    return done


def _is_there(folder: Path, key: str, target: Target) -> bool:
    if target.system == "web":
        with contextlib.suppress(OSError, ValueError, KeyError):
            return (STATIC / WEB[0]).is_file() and json.loads((STATIC / WEB[1]).read_text("utf-8"))[
                "key"
            ] == key
        return False
    return shipped.is_whole(folder, key, target)


def _native(folder: Path, key: str, program: Program, target: Target) -> int:
    library = shipped.library_file(folder, key, target)
    link(program, target, library)
    shipped.write_facts(folder, key, target, program.facts)
    return library.stat().st_size


def _web(world: Subject, program: Program, target: Target, key: str) -> int:
    STATIC.mkdir(parents=True, exist_ok=True)
    link(program, target, STATIC / WEB[0])
    (STATIC / WEB[1]).write_text(
        json.dumps(engine_facts(world, program.facts, key), allow_nan=False) + "\n", "utf-8"
    )
    return (STATIC / WEB[0]).stat().st_size


def link(program: Program, target: Target, to: Path) -> None:
    """Compile a program and link it into one file, which appears whole or not at all.

    Errors: EnvironmentProblem without llvmlite or a linker for the target.
    """
    with tempfile.TemporaryDirectory(prefix="supercycle-link-") as place:
        objects: list[str] = []
        for name, text in program.modules.items():
            file = Path(place) / f"{name}.o"
            file.write_bytes(build.compile_object(text, target))
            objects.append(str(file))
        made = Path(place) / "linked"
        problem = "no linker: pip install ziglang"
        for command in _linkers(target, str(made)):
            found = subprocess.run([*command, *objects], capture_output=True, text=True, check=False)
            if found.returncode == 0:
                shutil.copyfile(made, to.with_suffix(".part"))
                to.with_suffix(".part").replace(to)
                return
            problem = f"the linker failed: {(found.stderr or found.stdout).strip()[:500]}"
        raise EnvironmentProblem(f"cannot link {target.name} for {target.system}: {problem}")


def _linkers(target: Target, to: str) -> Iterator[list[str]]:
    """Commands that may link for a target, the surest first."""
    with contextlib.suppress(ImportError):
        zig = [str(Path(str(import_module("ziglang").__file__)).parent / "zig")]
        if target.system == "web":
            exports = [f"--export={name}" for name in ("run", "settle", "__heap_base")]
            yield [*zig, "wasm-ld", "--no-entry", *exports, "-s", "-o", to]
        elif target.system == "linux":
            yield [*zig, "ld.lld", "-shared", "--no-undefined", "-s", "-o", to]
        else:
            machine = "aarch64" if target.name == "aarch64" else "x86_64"
            yield [*zig, "build-lib", "-dynamic", "-OReleaseFast", "-fstrip", "-target", f"{machine}-macos.11.0",
                   f"-femit-bin={to}"]  # fmt: skip
    if target.system == _SYSTEM and shutil.which("cc"):
        flags = ["-dynamiclib"] if target.system == "macos" else ["-shared", "-nostdlib", "-s"]
        yield ["cc", *flags, "-o", to]


def main(arguments: list[str]) -> int:
    """The command of the build."""
    folders = [a for a in arguments if not a.startswith("-")]
    if len(folders) != 1 or set(arguments) - {*folders, "--everywhere"}:
        print("usage: python -m supercycle.service.ship FOLDER [--everywhere]", file=sys.stderr)
        return 2
    try:
        for line in ship(Path(folders[0]), everywhere="--everywhere" in arguments):
            print(line)
    except SupercycleError as problem:
        print(f"machine code: not made: {problem}", file=sys.stderr)
        return problem.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
