"""``make mutate``: plant wrong lines, run the tests that should see them, and keep every survivor by name.

Mutants are drawn by the commit's hash: a package, then a function of it, then a place in the function, each uniformly,
so that a long function weighs no more than an equation of one line. First the tests run once under a tracer
(``traced.py``), which says which test enters which function. A mutant then meets, until one goes red: the quickest
tests that enter its function; the other tests of those files (a shared fixture may have entered for them); and the
tests of its package that start processes or compile the world, which the tracer cannot see into. What passes all three
has survived.

    python bench/mutation/run.py --count 400 --workers 2
    python bench/mutation/run.py --again            the survivors of the record, after tests were written for them

What survives is written to bench/RESULTS-mutation.md; a survivor that changes no answer is an equivalent and is listed
in bench/mutation/equivalents.txt with its reason.
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
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

from report import name_of, write
from sites import Mutant, mutants

ROOT = Path(__file__).resolve().parents[2]
HERE = ROOT / "bench" / "mutation"
RECORD = HERE / "record.json"
# Packages, and the beginnings of the names of the tests that should see a wrong line in them.
TESTS: dict[str, tuple[str, ...]] = {
    "core": ("core", "deals_laws", "deals_golden"),
    "figures": ("figures", "refresh"),
    "equations": ("equations", "machine"),
    "world": ("world",),
    "deals": ("deal",),
    "decisions": ("decide",),
    "gateway": ("gateway",),
    "engine": ("engine",),
    "claims": ("claims",),
    "skill": ("skill", "manias", "docs_skill"),
    "service": ("service", "deal_", "presets"),
    "story": ("story", "report"),
    "agent": ("agent",),
    "cli": ("cli", "claims_command", "deal_command"),
}
KINDS = ("unit", "laws", "golden", "corners", "docs")  # folders of tests, quick ones first
UNSEEN = ("subprocess", "Popen", "gateway_server", "gateway_crash", "world_runs")  # words of such files
SKIPPED = (".git", ".venv*", "node_modules", "site", "__pycache__", ".hypothesis")
SLOWER, LEAST_S = 4, 90  # a batch that takes four times its usual time and some minutes does not end
LONGEST_S = 60.0  # files of tests that take longer are not asked: what only they would see counts as survived
BRIEF_S, ENTERING_S, BESIDE_S = (
    15.0,
    60.0,
    90.0,
)  # tests that enter a function, quickest first; others of their files
FIRST, MOST_TESTS = 12, 200
LATE = -1  # an endless loop is noticed by whoever waits for it


@dataclass(frozen=True)
class Map:
    """Which tests enter a place, quickest first, and the tests of each file."""

    entering: dict[str, list[tuple[float, str]]]
    of_file: dict[str, list[tuple[float, str]]]
    seconds: dict[str, float]

    @staticmethod
    def read(file: Path) -> Map:
        """A map from what the tracer wrote."""
        entering: dict[str, list[tuple[float, str]]] = {}
        of_file: dict[str, list[tuple[float, str]]] = {}
        cost: dict[str, float] = {}
        for line in file.read_text(encoding="utf-8").splitlines():
            test, seconds, places = json.loads(line)
            of_file.setdefault(test.split("::")[0], []).append((seconds, test))
            cost[test] = seconds
            for place in places:
                entering.setdefault(place, []).append((seconds, test))
        return Map({place: sorted(tests) for place, tests in entering.items()}, of_file, cost)

    def of(self, mutant: Mutant) -> list[tuple[float, str]]:
        """The tests that enter the mutant's function."""
        return self.entering.get(f"{mutant.file}:{mutant.first}", [])


def within(tests: list[tuple[float, str]], seconds: float) -> list[str]:
    """The quickest tests, as far as the time goes; at least one."""
    chosen, spent = list[str](), 0.0
    for cost, test in sorted(tests)[:MOST_TESTS]:
        if chosen and spent + cost > seconds:
            break
        chosen.append(test)
        spent += cost
    return chosen


def drawn(count: int, seed: str, packages: list[str]) -> list[Mutant]:
    """The mutants of a commit: as many from each package as the count allows."""
    draw = random.Random(seed)
    by_package = {
        name: [
            sites
            for file in sorted((ROOT / "src" / "supercycle" / name).rglob("*.py"))
            for sites in mutants(ROOT, file).values()
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


def pytest_in(tree: Path, *words: str, timeout: float | None, **env: str) -> int:
    """Run tests in a copy of the tree, with the same examples each time: the exit code, or LATE without an end."""
    given = {"HYPOTHESIS_PROFILE": "ci", "SUPERCYCLE_CACHE": str(tree / ".cache"), **env}
    paths = os.pathsep.join((str(tree / "src"), str(tree / "bench" / "mutation")))
    command = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", *words]
    environment = {**os.environ, **given, "PYTHONPATH": paths}
    try:
        return subprocess.run(
            command, cwd=tree, capture_output=True, timeout=timeout, check=False, env=environment
        ).returncode
    except subprocess.TimeoutExpired:
        return LATE


def unseen(mutant: Mutant, tree: Path) -> list[str]:
    """Files of the package's tests whose work the tracer cannot see into."""
    files = [
        file
        for kind in KINDS
        for name in TESTS[mutant.file.split("/")[2]]
        for file in sorted((tree / "tests" / kind).glob(f"test_{name}*.py"))
    ]
    return [
        str(f.relative_to(tree)) for f in files if any(w in f.read_text(encoding="utf-8") for w in UNSEEN)
    ]


def batches(mutant: Mutant, tree: Path, seen: Map, brief: bool) -> Iterator[list[str]]:
    """What a mutant meets, batch by batch."""
    entering = seen.of(mutant)
    quick = within(entering, BRIEF_S if brief else ENTERING_S)
    yield quick[:FIRST]  # most mutants end here
    yield quick[FIRST:]
    if brief:
        return
    files = dict.fromkeys(test.split("::")[0] for test in quick)
    asked = set(quick)
    yield within([one for file in files for one in seen.of_file[file] if one[1] not in asked], BESIDE_S)
    entered = {test.split("::")[0] for _, test in entering}
    for file in unseen(mutant, tree):
        if file not in entered:
            yield [file]


def tried(mutant: Mutant, tree: Path, seen: Map, sound: dict[str, float], brief: bool) -> str:
    """killed, survived or undecided. A file of tests that is red without the mutant says nothing and is left out."""
    target = tree / mutant.file
    right = target.read_text(encoding="utf-8")
    try:
        for batch in batches(mutant, tree, seen, brief):
            for file in (b for b in batch if "::" not in b and b not in sound):
                target.write_text(right, encoding="utf-8")
                begun = time.monotonic()
                green = pytest_in(tree, "-x", file, timeout=2 * LONGEST_S) in (0, 5)
                took = time.monotonic() - begun
                sound[file] = took if green and took < LONGEST_S else -1.0
            asked = [test for test in batch if sound.get(test, 0.0) >= 0.0]
            usual = sum(sound[test] if test in sound else seen.seconds[test] for test in asked)
            target.write_text(mutant.apply(right), encoding="utf-8")
            if not asked:
                continue
            code = pytest_in(tree, "-x", *asked, timeout=LEAST_S + SLOWER * usual)
            if code == LATE:
                return (
                    "undecided" if brief else "killed"
                )  # a busy machine may be late without an endless loop
            if code not in (0, 5):
                return "killed"
        return "survived"
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
    parser.add_argument("--map", type=Path, help="what traced.py wrote on this tree; made first unless given")
    parser.add_argument(
        "--brief", action="store_true", help="a quarter of a minute of tests a mutant, on a busy machine"
    )
    parser.add_argument("--again", action="store_true", help="try the survivors of the record once more")
    given = parser.parse_args()
    head = ["git", "rev-parse", "HEAD"]
    seed = (
        given.seed
        or subprocess.run(head, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
    )
    record = json.loads(RECORD.read_text(encoding="utf-8"))
    if record["seed"] != seed and not given.again:
        record = {"seed": seed, "mutants": []}  # else what was begun is gone on with
    rows: list[dict[str, object]] = record["mutants"]
    done = {name_of(row) + str(row["new"]) for row in rows}
    chosen = [] if given.again else drawn(given.count, seed, given.packages)
    chosen = [mutant for mutant in chosen if mutant.name + mutant.new not in done]
    left = [row for row in rows if row["fate"] == "survived"]
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        trees = [Path(folder) / str(i) for i in range(given.workers)]
        for tree in trees:
            shutil.copytree(ROOT, tree, ignore=shutil.ignore_patterns(*SKIPPED))
        made = given.map or Path(folder) / "map.jsonl"
        if not given.map:
            print("which test enters which function: every test but the browser's, once", flush=True)
            folders = [f"tests/{kind}" for kind in (*KINDS, "arch")]
            pytest_in(trees[0], "-p", "traced", *folders, "src", timeout=None, MUTATION_MAP=str(made))
        seen = Map.read(made)
        free, sound = list(trees), dict[str, float]()

        def one(mutant: Mutant) -> None:
            tree = free.pop()
            start = time.monotonic()
            try:
                fate = tried(mutant, tree, seen, sound, given.brief)
            finally:
                free.append(tree)
            found = (mutant.file, mutant.start, mutant.new)
            row = next((r for r in left if (r["file"], r["start"], r["new"]) == found), None)
            if row is None:
                rows.append(row := {**asdict(mutant), "fate": fate})
            elif fate == "killed":
                row["fate"] = "killed since"
            RECORD.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
            place = f"{mutant.file}:{mutant.line} {mutant.function} {mutant.operator}"
            print(f"{len(rows)}/{len(chosen)} {fate} {time.monotonic() - start:.0f} s {place}", flush=True)

        if given.again:
            chosen = [found for row in left if (found := still(row)) is not None]
        with ThreadPoolExecutor(given.workers) as pool:
            list(pool.map(one, chosen))
    record["minutes"] = record.get("minutes", 0) + round((time.monotonic() - begun) / 60)
    RECORD.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    write(record, list(TESTS))


def still(row: dict[str, object]) -> Mutant | None:
    """A survivor of the record where it stands in the file of today, or None where its line is gone."""
    file = ROOT / str(row["file"])
    today = [m for sites in (mutants(ROOT, file).values() if file.exists() else ()) for m in sites]
    found = next((m for m in today if m.name == name_of(row) and m.new == row["new"]), None)
    if found is not None:
        row.update(asdict(found))
    return found


if __name__ == "__main__":
    main()
