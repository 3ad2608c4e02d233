"""What the mutants came to, as bench/RESULTS-mutation.md."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sites import Mutant

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "bench" / "RESULTS-mutation.md"
EQUIVALENTS = ROOT / "bench" / "mutation" / "equivalents.txt"

HEAD = """\
# Mutations

{count} wrong lines tried of those drawn by commit {seed}, in {minutes} minutes. A package is drawn in turn,
then a function or an opening of it, then a place in it, each uniformly (bench/mutation/run.py). "Seen at first" are the
mutants that a test noticed as the tests stood at that commit; "seen since" survived then, and a test written for them
notices them now; an equivalent changes no answer and stands with its reason in bench/mutation/equivalents.txt; of the
undecided some tests were still to run when the time of a mutant was up. The last column counts them as not seen: it
is an upper bound.

| package | tried | seen at first | seen since | equivalent | not seen | undecided | survival at most |
|---|---|---|---|---|---|---|---|
"""
NOTES = "\n## How it was run"  # written by hand: what stands below it is kept
FATES = ("killed", "killed since", "equivalent", "survived", "undecided")
LISTS = {
    "Not seen by any test": "survived",
    "Seen since": "killed since",
    "Equivalent": "equivalent",
    "Undecided": "undecided",
}


def write(record: dict[str, Any], packages: list[str]) -> None:
    """The table of survival by package, and every survivor with its fate."""
    rows: list[dict[str, Any]] = record["mutants"]
    reasons = equivalents()
    for row in rows:
        if row["fate"] in ("survived", "undecided") and name_of(row) in reasons:
            row["fate"] = "equivalent"
    text = HEAD.format(count=len(rows), seed=record["seed"][:12], minutes=record.get("minutes", "?"))
    for package in [*packages, "all"]:
        mine = [r for r in rows if package in ("all", r["file"].split("/")[2])]
        fates = [sum(r["fate"] == fate for r in mine) for fate in FATES]
        if mine:
            survival = (fates[1] + fates[3] + fates[4]) / len(mine)
            text += f"| {package} | {len(mine)} | {' | '.join(map(str, fates))} | {survival:.0%} |\n"
    for title, fate in LISTS.items():
        some = [
            f"- `{name_of(r)}` became `{' '.join(r['new'].split())}`"
            + (f": {reasons[name_of(r)]}" if fate == "equivalent" else "")
            for r in rows
            if r["fate"] == fate
        ]
        text += f"\n## {title}\n\n" + ("\n".join(some) or "None.") + "\n"
    kept = RESULTS.read_text(encoding="utf-8").partition(NOTES)[2] if RESULTS.exists() else ""
    RESULTS.write_text(text + (NOTES + kept if kept else ""), encoding="utf-8")
    print(text.split("\n## ")[0])


def equivalents() -> dict[str, str]:
    """Mutants that change no answer, by name, with the reason."""
    lines = EQUIVALENTS.read_text(encoding="utf-8").splitlines()
    return dict(line.split(" # ", 1) for line in lines if line and not line.startswith("#"))


def name_of(row: dict[str, Any]) -> str:
    """The name of a mutant in the record."""
    return Mutant(**{k: v for k, v in row.items() if k in Mutant.__dataclass_fields__}).name
