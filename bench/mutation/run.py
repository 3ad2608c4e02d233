"""``make mutate``: plant wrong lines, run the tests that should see them, and keep every survivor by name.

Mutants are drawn by the commit's hash: a package, then a function of it, then a place in the function, each uniformly,
so that a long function weighs no more than an equation of one line. Each runs in a copy of the tree. What survives is
written to bench/RESULTS-mutation.md with its line; a survivor that changes no answer is an equivalent and is listed in
bench/mutation/equivalents.txt with its reason.

    python bench/mutation/run.py --count 400 --workers 2
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sites import Mutant, mutants

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "supercycle"
RESULTS = ROOT / "bench" / "RESULTS-mutation.md"
RECORD = ROOT / "bench" / "mutation" / "record.json"
EQUIVALENTS = ROOT / "bench" / "mutation" / "equivalents.txt"
# Packages, and the beginnings of the names of the tests that should see a wrong line in them.
TESTS: dict[str, tuple[str, ...]] = {
    "core": ("core", "deals_laws", "deals_golden"),
    "figures": ("figures", "refresh"),
    "equations": ("equations",),
    "world": ("world",),
    "deals": ("deal",),
    "decisions": ("decide",),
    "gateway": ("gateway",),
    "engine": ("engine",),
    "claims": ("claims",),
    "skill": ("skill", "manias", "docs_skill"),
}
KINDS = ("unit", "laws", "golden", "corners", "docs")  # folders of tests, quick ones first
SKIPPED = (".git", ".venv*", "node_modules", "site", "__pycache__")
TIMEOUT_S = 420


def drawn(count: int, seed: str, packages: list[str]) -> list[Mutant]:
    """The mutants of a commit: as many from each package as the count allows."""
    draw = random.Random(seed)
    by_package = {
        name: [
            sites for file in sorted((PACKAGE / name).rglob("*.py")) for sites in mutants(ROOT, file).values()
        ]
        for name in packages
    }
    found: list[Mutant] = []
    while len(found) < count:
        name = packages[len(found) % len(packages)]
        mutant = draw.choice(draw.choice(by_package[name]))
        if mutant not in found:
            found.append(mutant)
    return found


def tried(mutant: Mutant, tree: Path) -> str:
    """killed, survived or broken (the unchanged tests fail in this tree, so nothing can be said)."""
    target = tree / mutant.file
    right = target.read_text(encoding="utf-8")
    target.write_text(mutant.apply(right), encoding="utf-8")
    try:
        package = mutant.file.split("/")[2]
        files = [
            str(file.relative_to(tree))
            for kind in KINDS
            for name in TESTS[package]
            for file in sorted((tree / "tests" / kind).glob(f"test_{name}*.py"))
        ]
        for batch in ([mutant.file], files):
            done = subprocess.run(
                [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *batch],
                cwd=tree, capture_output=True, timeout=TIMEOUT_S, check=False,
                env={**os.environ, "PYTHONPATH": str(tree / "src")},
            )  # fmt: skip
            if done.returncode not in (0, 5):  # 5: the file has no doctest
                return "killed"
        return "survived"
    except subprocess.TimeoutExpired:
        return "killed"  # an endless loop is noticed by whoever waits for it
    finally:
        target.write_text(right, encoding="utf-8")


def main() -> None:
    """Draw, try, write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=400)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--packages", nargs="*", default=list(TESTS))
    parser.add_argument("--seed", default="", help="a commit; HEAD unless given")
    given = parser.parse_args()
    seed = (
        given.seed
        or subprocess.run(
            ["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout.strip()
    )
    chosen = drawn(given.count, seed, given.packages)
    record: dict[str, object] = {"seed": seed, "mutants": []}
    rows: list[dict[str, object]] = []
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        trees = [Path(folder) / str(i) for i in range(given.workers)]
        for tree in trees:
            shutil.copytree(
                ROOT,
                tree,
                ignore=shutil.ignore_patterns(".git", ".venv*", "node_modules", "site", "__pycache__"),
            )
        free = list(trees)

        def one(mutant: Mutant) -> None:
            tree = free.pop()
            try:
                fate = tried(mutant, tree)
            finally:
                free.append(tree)
            rows.append({**mutant.__dict__, "fate": fate})
            record["mutants"] = rows
            RECORD.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
            place = f"{mutant.file}:{mutant.line} {mutant.function} {mutant.operator}"
            print(f"{len(rows)}/{len(chosen)} {fate} {place}", flush=True)

        with ThreadPoolExecutor(given.workers) as pool:
            list(pool.map(one, chosen))
    write(rows, seed, time.monotonic() - begun)


def write(rows: list[dict[str, object]], seed: str, seconds: float) -> None:
    """The table of survival by package, and every survivor."""
    known = EQUIVALENTS.read_text(encoding="utf-8").splitlines() if EQUIVALENTS.exists() else []
    equivalent = {line.split(" # ")[0].strip() for line in known if line.strip() and not line.startswith("#")}
    lines = [
        "# Mutations", "",
        f"{len(rows)} wrong lines drawn by commit {seed[:12]}, {seconds / 60:.0f} minutes. A survivor is a wrong line",
        "that no test of its package sees; an equivalent changes no answer and stands with its reason in",
        "bench/mutation/equivalents.txt.", "",
        "| package | mutants | killed | survived | equivalent |", "|---|---|---|---|---|",
    ]  # fmt: skip
    survivors = []
    for package in TESTS:
        mine = [r for r in rows if str(r["file"]).split("/")[2] == package]
        left = [r for r in mine if r["fate"] == "survived"]
        same = [r for r in left if _name(r) in equivalent]
        survivors += [r for r in left if r not in same]
        if mine:
            counts = (len(mine), len(mine) - len(left), len(left) - len(same), len(same))
            lines.append(f"| {package} | " + " | ".join(map(str, counts)) + " |")
    lines += ["", "## Survivors", ""]
    lines += [f"- `{_name(r)}`: `{r['old']}` became `{r['new']}`".replace("\n", " ") for r in survivors] or [
        "None."
    ]
    RESULTS.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines[:20]))


def _name(row: dict[str, object]) -> str:
    return f"{row['file']}:{row['function']}:{row['operator']}:{row['old']}".replace("\n", " ")


if __name__ == "__main__":
    main()
