"""Every parameter moved from 5 to 95 %: writes RESULTS-parameters.md with what each moves and which move nothing.

Run ``python bench/parameters.py [--paths 512] [--only WORD]``. A test takes a sample.
"""

from __future__ import annotations

import argparse
import datetime
import time
from collections import Counter
from pathlib import Path

from supercycle.service.moved import ERRORS, ERRORS_OF_MANY, HEADLINES, movable, moved
from supercycle.service.the_world import subject

TABLE = Path(__file__).parent / "RESULTS-parameters.md"


def main() -> None:
    """Move, count, write."""
    ask = argparse.ArgumentParser()
    ask.add_argument("--paths", type=int, default=512)
    ask.add_argument("--only", default="")
    args = ask.parse_args()
    world = subject()
    ids = [id for id in movable() if args.only in id]
    started = time.process_time()
    found = moved(ids, paths=args.paths)
    kinds = Counter(one.kind for one in found)
    fixed = len(list(world.model.registry)) - len(movable())
    day = datetime.datetime.now(datetime.UTC).date().isoformat()
    registry = world.model.registry
    none = [one for one in found if one.kind == "none"]
    made = (
        f"`python bench/parameters.py` on {day}, model {world.model_hash[:12]}, {args.paths} paired paths, "
        f"{time.process_time() - started:.0f} CPU-seconds."
    )
    counted = (
        f"{len(found)} parameters have a range and were moved from their 5 to their 95 % point (switches, fixed: "
        f"over their range; parameters of an imposed event: while it is on); {fixed} have none. An effect counts above "
        f"{ERRORS:g} standard errors of the paired mean, {ERRORS_OF_MANY:g} where any reported output is asked. "
        f"A headline feels {kinds['headline']}, an output registered by a lever {kinds['registered']}, "
        f"another reported output {kinds['reported']}; nothing feels {kinds['none']}."
    )
    lines = [
        "# Every parameter moved",
        "",
        made,
        "",
        counted,
        "",
        f"Headlines: {', '.join(f'`{t}`' for t in HEADLINES)}.",
    ]
    lines += [
        "",
        "## No effect above the error",
        "",
        "| parameter | distribution | nearest output | errors | paths moved |",
    ]
    lines += ["|---|---|---|---|---|"]
    for one in none:
        kind = registry[one.parameter].distribution
        lines += [f"| `{one.parameter}` | {kind} | `{one.output}` | {one.errors:.1f} | {one.moved:.1%} |"]
    lines += ["", "## What each moves most", ""]
    lines += [
        "| parameter | felt by | output | before | after | errors | paths moved |",
        "|---|---|---|---|---|---|---|",
    ]
    for one in found:
        if one.kind != "none":
            sizes = f"{one.before:.4g} | {one.after:.4g} | {min(one.errors, 999):.0f} | {one.moved:.0%}"
            lines += [f"| `{one.parameter}` | {one.kind} | `{one.output}` | {sizes} |"]
    lines += [""]
    if args.only:
        print("\n".join(lines))
    else:
        TABLE.write_text("\n".join(lines), encoding="utf-8")
        print(kinds)


if __name__ == "__main__":
    main()
