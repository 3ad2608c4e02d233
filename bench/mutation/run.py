"""``make mutate``: plant wrong lines, run the tests that execute them, and keep every survivor by name.

Mutants are drawn by the commit's hash: a package, then a function of it, then a place in the function, each uniformly,
so that a long function weighs no more than an equation of one line. Four steps, each of which goes on where it was
stopped, in a folder of work (``.mutation/``):

1. the map (``traced.py``): which test executes which line, made once and renewed where a file has changed;
2. equations of the world meet their cases (``equations.py``), in milliseconds;
3. the others meet the tests that execute their line, cheapest first, in copies of one warm process (``warm.py``);
4. what is left meets them again in a new process with the wrong line on disk (a table may have been filled, or code
   compiled, when modules were imported), and then the tests of its package that start processes, which no tracer sees.

What passes all of them has survived.

    python bench/mutation/run.py --count 420
    python bench/mutation/run.py --again            the survivors of the record, after tests were written for them

What survives is written to bench/RESULTS-mutation.md; a survivor that changes no answer is an equivalent and is listed
in bench/mutation/equivalents.txt with its reason.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from known import LineMap
from report import name_of, write
from sites import Mutant, mutants

ROOT = Path(__file__).resolve().parents[2]
HERE = ROOT / "bench" / "mutation"
RECORD = HERE / "record.json"
# Packages, and the beginnings of the names of the tests that start processes which run them.
TESTS: dict[str, tuple[str, ...]] = {
    "core": ("core",),
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
    "app": ("app",),
}
FOLDERS = ("tests/unit", "src", "tests/golden", "tests/corners", "tests/laws")
UNSEEN = ("subprocess", "Popen", "gateway_server", "gateway_crash", "world_runs")  # words of such files
SKIPPED = (".git", ".venv*", "node_modules", "site", "__pycache__", ".hypothesis", ".mutation")
MOST_CPU_S, MOST_TESTS = 40.0, 400  # what a mutant meets, by the map's seconds
MOST_FILES = 8  # of tests that the map does not know
LONGEST_S = 400.0  # of a file of tests that starts processes


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


def lines_of(mutant: Mutant, known: LineMap) -> tuple[list[str], bool]:
    """The tests that execute the mutant's place, and whether importing did."""
    first, last = mutant.line, mutant.line + mutant.old.count("\n")
    for start in range(first, mutant.first - 1, -1):  # else the lines above it in its function
        tests = known.executing(mutant.file, range(start, last + 1))
        if tests:
            break
    else:
        tests = []
    return tests, bool(known.imported.get(mutant.file, set()) & set(range(first, last + 1)))


def within(tests: Iterable[str], known: LineMap) -> list[tuple[str, float]]:
    """The first tests, as far as the time goes; at least one."""
    chosen, spent = list[tuple[str, float]](), 0.0
    for test in tests:
        seconds = known.tests[test].seconds
        if chosen and (spent + seconds > MOST_CPU_S or len(chosen) >= MOST_TESTS):
            break
        chosen.append((test, seconds))
        spent += seconds
    return chosen


def pytest_in(tree: Path, work: Path, *words: str, timeout: float | None = None, **env: str) -> int:
    """Run tests of a tree with the same examples each time: the exit code, or -1 without an end."""
    mutation = str(ROOT / "bench" / "mutation")
    environment = {
        **os.environ,
        "HYPOTHESIS_PROFILE": "ci",
        "SUPERCYCLE_CACHE": str(work / "cache"),
        "PYTHONPATH": os.pathsep.join((str(tree / "src"), mutation)),
        "OPENBLAS_NUM_THREADS": "1",
        "POLARS_MAX_THREADS": "1",
        **env,
    }
    command = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", *words]
    with (work / "pytest.log").open("ab") as log:
        try:
            return subprocess.run(
                command, cwd=tree, stdout=log, stderr=log, timeout=timeout, check=False, env=environment
            ).returncode
        except subprocess.TimeoutExpired:
            return -1


def naming(mutant: Mutant, texts: dict[str, str]) -> list[str]:
    """Files of tests that name the mutant's function or its module, those that name both first."""
    module = mutant.file.removeprefix("src/").removesuffix(".py").removesuffix("/__init__").split("/")
    function = re.compile(rf"\b{re.escape(mutant.function.split(',')[0])}\b")
    whole, stem = ".".join(module), re.compile(rf"\b{re.escape(module[-1])}\b")
    ranks: list[tuple[int, int, str]] = []
    for file, text in texts.items():
        rank = 3 * bool(function.search(text)) + 2 * (whole in text) + bool(stem.search(text))
        if rank:
            ranks.append((-rank, len(text), file))
    own = [file for word in TESTS[module[1]] for file in texts if f"/test_{word}" in file]
    return list(dict.fromkeys([*(file for *_, file in sorted(ranks)), *own]))[:MOST_FILES]


def mapped(work: Path, maps: list[Path]) -> LineMap:
    """The map of this tree, renewed unless one is given."""
    if not maps:
        maps = [work / "map.jsonl"]
        print("which test executes which line: what is not known yet", flush=True)
        pytest_in(ROOT, work, "-p", "traced", *FOLDERS, MUTATION_MAP=str(maps[0]))
    return LineMap.read(*maps)


def by_cases(some: list[Mutant]) -> dict[str, bool]:
    """Of equations of the world: whether a case sees the mutant."""
    from equations import cases_of, planted, seen

    cases, found = cases_of(), dict[str, bool]()
    for mutant in some:
        mine = cases.get((str(ROOT / mutant.file), mutant.first))
        if mine:
            text = (ROOT / mutant.file).read_text(encoding="utf-8")
            functions = list(planted(mutant, text))
            if functions:
                found[key(asdict(mutant))] = all(seen(wrong, mine) for wrong in functions)
    return found


def key(row: dict[str, Any]) -> str:
    """What tells a mutant from the others of a draw."""
    return f"{row['file']}:{row['start']}:{row['operator']}:{row['new']}"


def in_warm_copies(some: list[Mutant], known: LineMap, work: Path, workers: int, budget: float) -> None:
    """Step 3: all that have no result yet, in as many warm processes as there are workers."""
    out = work / "warm.jsonl"
    done = {key(row) for row in _rows(out)}
    texts = {
        str(file.relative_to(ROOT)): file.read_text(encoding="utf-8")
        for folder in FOLDERS
        if folder.startswith("tests")
        for file in sorted((ROOT / folder).glob("test_*.py"))
    }
    jobs = [
        {
            "mutant": asdict(mutant),
            "wrong": mutant.apply((ROOT / mutant.file).read_text(encoding="utf-8")),
            "tests": within(lines_of(mutant, known)[0], known),
            "files": naming(mutant, texts),
        }
        for mutant in some
        if key(asdict(mutant)) not in done
    ]
    running: list[subprocess.Popen[bytes]] = []
    packages = sorted({job["mutant"]["file"].split("/")[2] for job in jobs})
    for i in range(workers):  # a worker has packages of its own, and so fewer tests to collect
        its = packages[i * len(packages) // workers : (i + 1) * len(packages) // workers]
        mine = [job for job in jobs if job["mutant"]["file"].split("/")[2] in its]
        if not mine:
            continue
        (work / f"jobs{i}.json").write_text(json.dumps(mine), encoding="utf-8")
        files = sorted(
            {
                file
                for job in mine
                for file in (*job["files"], *(test.split("::")[0] for test, _ in job["tests"]))
            }
            | {job["mutant"]["file"] for job in mine}
        )
        environment = {
            **os.environ, "MUTATION_JOBS": str(work / f"jobs{i}.json"), "MUTATION_OUT": str(out),
            "MUTATION_BUDGET_S": str(budget), "HYPOTHESIS_PROFILE": "ci", "SUPERCYCLE_CACHE": str(work / "cache"),
            "OPENBLAS_NUM_THREADS": "1", "POLARS_MAX_THREADS": "1",
            "PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(HERE))),
        }  # fmt: skip
        command = [sys.executable, "-m", "pytest", "-p", "warm", "-q", "-n", "0", "-p", "no:cacheprovider",
                   "--capture=sys", *files]  # fmt: skip
        log = (work / f"warm{i}.log").open("wb")
        running.append(subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log))
    for process in running:
        process.wait()


def in_a_new_process(mutant: Mutant, known: LineMap, tree: Path, work: Path, again: bool) -> tuple[str, str]:
    """Step 4: the wrong line on disk. A file of tests that is red without it says nothing and is left out."""
    target, right = tree / mutant.file, (ROOT / mutant.file).read_text(encoding="utf-8")
    tests, _ = lines_of(mutant, known)
    entered = {test.split("::")[0] for test in tests}
    batches = [[test for test, _ in within(tests, known)]] if again and tests else []
    words = TESTS[mutant.file.split("/")[2]]
    for kind in ("unit", "laws", "golden", "corners", "docs"):
        for file in sorted(
            file for word in words for file in (tree / "tests" / kind).glob(f"test_{word}*.py")
        ):
            name = str(file.relative_to(tree))
            if name not in entered and any(word in file.read_text(encoding="utf-8") for word in UNSEEN):
                batches.append([name])
    try:
        for batch in batches:
            target.write_text(mutant.apply(right), encoding="utf-8")
            code = pytest_in(tree, work, "-x", *batch, timeout=LONGEST_S)
            if code in (0, 5):
                continue
            target.write_text(right, encoding="utf-8")
            if pytest_in(tree, work, "-x", *batch, timeout=LONGEST_S) in (0, 5):
                return ("killed", batch[0]) if code != -1 else ("late", batch[0])
        return "survived", ""
    finally:
        target.write_text(right, encoding="utf-8")


def main() -> None:
    """Draw, try, write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=420)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--packages", nargs="*", default=list(TESTS))
    parser.add_argument("--seed", default="", help="a commit; HEAD unless given")
    parser.add_argument("--work", type=Path, default=ROOT / ".mutation", help="what is begun is gone on with")
    parser.add_argument(
        "--map", type=Path, nargs="*", default=[], help="what traced.py wrote on this tree, whole or not"
    )
    parser.add_argument(
        "--budget", type=float, default=40.0, help="CPU-seconds after which a mutant meets no further test"
    )
    parser.add_argument(
        "--no-processes", action="store_true", help="leave out step 4: an upper bound of survival"
    )
    parser.add_argument("--again", action="store_true", help="try the survivors of the record once more")
    given = parser.parse_args()
    head = ["git", "rev-parse", "HEAD"]
    seed = (
        given.seed
        or subprocess.run(head, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
    )
    record = json.loads(RECORD.read_text(encoding="utf-8"))
    given.work.mkdir(parents=True, exist_ok=True)
    if given.again:
        (given.work / "warm.jsonl").unlink(missing_ok=True)
        rows = [
            row
            for row in record["mutants"]
            if row["fate"] in ("survived", "undecided", "late") and still(row)
        ]
    else:
        kept = {key(row): row for row in record["mutants"]} if record["seed"] == seed else {}
        chosen = [asdict(mutant) for mutant in drawn(given.count, seed, given.packages)]
        rows = [kept.get(key(row), row) for row in chosen]
        record = {"seed": seed, "mutants": rows}
    todo = [row for row in rows if given.again or row.get("fate") is None]
    begun = time.monotonic()
    try_all(todo, given, lambda: RECORD.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8"))
    record["minutes"] = record.get("minutes", 0) + round((time.monotonic() - begun) / 60)
    RECORD.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    write(record, list(TESTS))


def try_all(todo: list[dict[str, Any]], given: argparse.Namespace, keep: Any) -> None:
    """Every step for the mutants of some rows."""
    some = [mutant_of(row) for row in todo]
    rows = {key(row): row for row in todo}

    def told(name: str, fate: str, by: str) -> None:
        was = rows[name].get("fate")
        rows[name] |= {"fate": "killed since" if was and fate == "killed" else fate, "by": by}

    for name, sees in by_cases(some).items():
        told(name, "killed" if sees else "survived", "its case" if sees else "")
    rest = [mutant for mutant in some if not rows[key(asdict(mutant))].get("by")]
    known = mapped(given.work, given.map)
    in_warm_copies(rest, known, given.work, given.workers, given.budget)
    warm = {key(row): row for row in _rows(given.work / "warm.jsonl")}
    for mutant in rest:
        row = warm.get(key(asdict(mutant)))
        if row:
            told(key(row), row["fate"], row["by"])
        elif not given.again:
            told(key(asdict(mutant)), "survived", "")
    keep()
    left = [mutant for mutant in rest if rows[key(asdict(mutant))]["fate"] in ("survived", "undecided")]
    if given.no_processes or not left:
        return
    tree = given.work / "tree"
    shutil.rmtree(tree, ignore_errors=True)
    shutil.copytree(ROOT, tree, ignore=shutil.ignore_patterns(*SKIPPED))
    for count, mutant in enumerate(left, 1):
        again = lines_of(mutant, known)[1] or mutant.file.split("/")[2] in ("equations", "world")
        again |= rows[key(asdict(mutant))]["fate"] == "undecided"
        fate, by = in_a_new_process(mutant, known, tree, given.work, again)
        told(key(asdict(mutant)), fate, by)
        print(f"{count}/{len(left)} {fate} {mutant.name} {by}", flush=True)
        keep()


def mutant_of(row: dict[str, Any]) -> Mutant:
    """The mutant of a row of the record."""
    return Mutant(**{k: v for k, v in row.items() if k in Mutant.__dataclass_fields__})


def _rows(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()] if file.exists() else []


def still(row: dict[str, Any]) -> bool:
    """Bring a survivor of the record to where it stands in the file of today; False where its line is gone."""
    file = ROOT / str(row["file"])
    today = [m for sites in (mutants(ROOT, file).values() if file.exists() else ()) for m in sites]
    found = next((m for m in today if m.name == name_of(row) and m.new == row["new"]), None)
    if found is not None:
        row.update(asdict(found))
    return found is not None


if __name__ == "__main__":
    main()
