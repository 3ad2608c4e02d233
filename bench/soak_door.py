"""Wrong inputs through every door a user has, and what each door says: one line, never a traceback, never a wrong yes.

    python bench/soak_door.py [--trials 3000] [--flips 500] [--edits 100] [--seed 1]

Single bits of result folders and edited manifests; then settings, counts, scenario, deal, decision and gateway files,
and requests of the app. A trial that must be refused (NaN, infinity, a fraction of a path, a key written twice) and is
taken, or any trial that ends in an unexpected error, is printed with its input and makes the exit code 1.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import random
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from supercycle import cli
from supercycle.app.asked import asked
from supercycle.core.errors import SupercycleError
from supercycle.service.the_world import subject

FEW = ("--kernel", "numpy", "--paths", "8", "--until", "2026Q4", "--json")
NOT_NUMBERS = (
    "nan",
    "NaN",
    ".nan",
    "inf",
    "-inf",
    ".inf",
    "1e999",
    "Infinity",
    "",
    "one",
    "12,5",
    "1.2.3",
    "--",
    "0x1g",
)
NOT_COUNTS = ("1.5", "nan", "-3", "", "inf", "1e-3", "ten", "0.0001", "8.0000001")


@dataclass
class Door:
    """One trial: what was typed, and whether it must be refused."""

    name: str
    words: tuple[str, ...]
    must_refuse: bool
    note: str = ""


def answer(words: tuple[str, ...]) -> tuple[int, str]:
    """(exit code, standard error) of a command in this process."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = cli._guarded(list(words))
    return code, err.getvalue()


def settings(draw: random.Random) -> Iterator[Door]:
    names = sorted(subject().model.registry)
    while True:
        name = draw.choice(names)
        value = draw.choice(NOT_NUMBERS)
        yield Door("--set, no number", ("run", *FEW, "--set", f"{name}={value}"), True)
        harmed = list(name)
        harmed[draw.randrange(len(harmed))] = draw.choice("qzx_9")
        wrong = "".join(harmed)
        yield Door("--set, unknown name", ("run", *FEW, "--set", f"{wrong}=1"), wrong not in names)
        unit = draw.choice(("parsec", "USDD", "GW/", "%%", "m/s", "°"))
        yield Door("--set, unknown unit", ("run", *FEW, "--set", f"{name}=1{unit}"), True)
        yield Door("--set twice", ("run", *FEW, "--set", f"{name}=1", "--set", f"{name}=1"), True)


def counts(draw: random.Random) -> Iterator[Door]:
    while True:
        option = draw.choice(("--paths", "--seed"))
        yield Door(
            f"{option}, no count",
            ("run", "--kernel", "numpy", "--until", "2026Q4", option, draw.choice(NOT_COUNTS)),
            True,
        )
        yield Door(
            "--until",
            (
                "run",
                "--kernel",
                "numpy",
                "--paths",
                "8",
                "--until",
                draw.choice(("2026", "2026Q5", "1990Q1", "nan", "2026-12", "")),
            ),
            True,
        )


def harmed_files(
    draw: random.Random, folder: Path, kind: str, sources: list[Path], words: tuple[str, ...]
) -> Iterator[Door]:
    """A valid file with one harm: a key twice, a number that is none, a byte, a cut, a tab, a wrong type."""
    target = folder / f"{kind}.yaml"
    while True:
        text = draw.choice(sources).read_text(encoding="utf-8")
        lines = text.splitlines()
        # Text that may say anything (names, stories, titles) is no place for a harm that has to be refused.
        free = _free(lines)
        keyed = [
            n
            for n, line in enumerate(lines)
            if n not in free
            and ":" in line
            and line.strip()[:1] not in "#-{"
            and not line.rstrip().endswith(("|", ">"))
        ]
        valued = [n for n in keyed if _number(lines[n].partition(":")[2])]
        harm = draw.choice(("twice", "not a number", "byte", "cut", "tab", "type", "unknown key"))
        must = harm in {"twice", "not a number", "unknown key"}
        at = draw.choice(valued if harm in {"twice", "not a number", "type"} and valued else keyed)
        if harm == "twice":
            lines.insert(at, lines[at])
        elif harm == "not a number":
            key = lines[at].partition(":")[0]
            lines[at] = f"{key}: {draw.choice(('.nan', '.inf', '-.inf', 'nan', '1e999', '1.2.3'))}"
        elif harm == "type":
            key = lines[at].partition(":")[0]
            lines[at] = (
                f"{key}: {draw.choice(('[]', '{}', 'true', '[1, 2]', '{a: 1}', 'null', '2026-02-30'))}"
            )
        elif harm == "unknown key":
            key = lines[at].partition(":")[0]
            lines.insert(at, f"{key}_zz: 1")
        elif harm == "tab":
            lines[at] = "\t" + lines[at]
        elif harm == "cut":
            lines = lines[: max(1, at)]
        raw = bytearray("\n".join(lines).encode())
        if harm == "byte":
            raw[draw.randrange(len(raw))] = draw.randrange(256)
        target.write_bytes(raw)
        yield Door(
            f"{kind} file, {harm}",
            (*words, str(target)),
            must,
            "" if harm == "byte" else lines[min(at, len(lines) - 1)],
        )


def _free(lines: list[str]) -> set[int]:
    """Lines of free text: names, titles, and what stands under a block such as ``story: >``."""
    free, inside = set[int](), -1
    for n, line in enumerate(lines):
        indent = len(line) - len(line.lstrip())
        if inside >= 0 and (indent > inside or not line.strip()):
            free.add(n)
            continue
        inside = indent if line.rstrip().endswith((">", "|", ">-")) else -1
        if line.split(":")[0].strip("- ") in ("name", "title", "story", "note", "says"):
            free.add(n)
    return free


def _number(text: str) -> bool:
    try:
        float(text.split("#", maxsplit=1)[0].strip().strip("%"))
    except ValueError:
        return False
    return True


def requests(draw: random.Random) -> Iterator[dict[str, object]]:
    """Bodies of the app's request for a run, each wrong in one place."""
    names = sorted(subject().model.registry)
    odd: tuple[object, ...] = (float("nan"), float("inf"), "1", None, [], {}, True, 1.5, -1, 10**30)
    while True:
        yield {draw.choice(("paths", "seed", "samples")): draw.choice(odd)}
        yield {
            "set": {draw.choice(names): draw.choice((float("nan"), float("inf"), None, [], {}, True, "nan"))}
        }
        yield {"set": draw.choice(odd)}
        yield {"outputs": draw.choice((*odd, ["no_such_output"], [1], "ai_capex"))}
        yield {"preset": draw.choice((*odd, "../base", "base.yaml", "nope", ""))}
        yield {"whole": draw.choice(("no", "false", 0, 1, None, [], float("nan")))}
        yield {draw.choice(("pahts", "sede", "x", "")): 1}


def folder_trials(draw: random.Random, folder: Path, flips: int, edits: int) -> Counter[str]:
    """Single bits and edited manifests of a result folder: how many were refused in one line."""
    seen: Counter[str] = Counter()
    made, copy = folder / "made", folder / "copy"
    code, said = answer(("run", *FEW, "--out", str(made)))
    assert code == 0, said
    shutil.copytree(made, copy)
    files = sorted(made.iterdir())
    for _ in range(flips):
        file = draw.choice(files)
        raw = bytearray(file.read_bytes())
        raw[draw.randrange(len(raw))] ^= 1 << draw.randrange(8)
        (copy / file.name).write_bytes(raw)
        seen[_judged(("run", "--preset", str(copy)), "one bit")] += 1
        (copy / file.name).write_bytes(file.read_bytes())
    manifest = json.loads((made / "manifest.json").read_text(encoding="utf-8"))
    for _ in range(edits):
        changed = json.loads(json.dumps(manifest))
        key = draw.choice(sorted(changed))
        old = changed[key]
        changed[key] = (
            old + 1
            if isinstance(old, int | float)
            else (old[::-1] + "x" if isinstance(old, str) else [old, 1])
        )
        if draw.random() < 0.2:
            del changed[key]
        (copy / "manifest.json").write_text(json.dumps(changed), encoding="utf-8")
        seen[_judged(("run", "--preset", str(copy)), "edited manifest")] += 1
    return seen


def _judged(words: tuple[str, ...], name: str, must_refuse: bool = True, note: str = "") -> str:
    code, said = answer(words)
    one_line = said.count("\n") <= 1 or code == 0
    bad = "This is a defect" in said or "Traceback" in said or not one_line or (must_refuse and code == 0)
    if bad:
        print(
            f"WRONG {name}: {' '.join(words[-2:])!r} {note!r}: code {code}: {said.strip()[:300]!r}",
            flush=True,
        )
    return f"{name}: " + ("wrong" if bad else "refused" if code else "taken, as it may be")


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name, default in (("trials", 3000), ("flips", 500), ("edits", 100), ("seed", 1)):
        words.add_argument(f"--{name}", type=int, default=default)
    given = words.parse_args()
    draw = random.Random(given.seed)
    tally: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tally += folder_trials(draw, folder, given.flips, given.edits)
        source = Path(cli.__file__).resolve().parents[1]
        decision, gateway = folder / "decision0.yaml", folder / "gateway0.yaml"
        assert answer(("decide", "init", str(decision)))[0] == 0
        gateway.write_text(GATEWAY, encoding="utf-8")
        presets = [
            p
            for p in sorted((source / "world" / "presets").glob("*.yaml"))
            if ": " in p.read_text(encoding="utf-8")
        ]
        doors: list[Iterator[Door]] = [
            settings(draw),
            counts(draw),
            harmed_files(draw, folder, "scenario", presets, ("run", *FEW, "--preset")),
            harmed_files(
                draw,
                folder,
                "deal",
                sorted((source / "deals" / "examples").glob("*.yaml")),
                ("deal", "check"),
            ),
            harmed_files(draw, folder, "decision", [decision], ("decide", "run", "--quick", "--paths", "16")),
            harmed_files(draw, folder, "gateway", [gateway], ("gateway", "check", "--config")),
        ]
        bodies = requests(draw)
        for turn in range(given.trials):
            kind = turn % (len(doors) + 1)
            if kind < len(doors):
                door = next(doors[kind])
                tally[_judged(door.words, door.name, door.must_refuse, door.note)] += 1
            else:
                tally[_request(next(bodies))] += 1
            if sys.stderr.isatty() and turn % 100 == 0:
                print(f"{turn} of {given.trials}", file=sys.stderr)
    for name, count in sorted(tally.items()):
        print(f"{count:6d}  {name}")
    wrong = sum(count for name, count in tally.items() if name.endswith("wrong"))
    print(f"{sum(tally.values())} trials, {wrong} wrong")
    return 1 if wrong else 0


def _request(body: dict[str, object]) -> str:
    try:
        asked(body)
    except SupercycleError:
        return "request of the app: refused"
    except Exception as error:  # any other kind is the fault that is looked for
        print(f"WRONG request {body}: {type(error).__name__}: {error}", flush=True)
        return "request of the app: wrong"
    if body in ({"paths": 1}, {"seed": 1}, {"set": {}}, {"outputs": []}, {"whole": True}, {"samples": 1}):
        return "request of the app: taken, as it may be"
    print(f"WRONG request taken: {body}", flush=True)
    return "request of the app: wrong"


GATEWAY = """\
listen: 127.0.0.1:4000
providers:
  rack: {kind: vllm, base_url: "http://127.0.0.1:8000/v1"}
  mock: {kind: mock}
models:
  small:
    quality_floor: 60
    targets:
      - provider: rack
        model: qwen3-8b
        quality: 64
        own:
          gpus: 8
          input_per_gpu_hour: 3.0e6
          output_per_gpu_hour: 1.0e6
"""

if __name__ == "__main__":
    sys.exit(main())
