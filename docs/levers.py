"""Write docs/levers.md: every lever moved from end to end on 1,000 paired paths. Run by hand (`python
docs/levers.py`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from supercycle.service.levers import FEWEST_SEEN, MOST_WRONG, levers

PAGE = Path(__file__).resolve().parent / "levers.md"
HEAD = f"""# Levers

What each mechanism must do when its lever is moved, and what it does: 1,000 paths, seed 1, the same parameters
and events on both
sides, no crash unless one is imposed. *Wrong* is the share of paths on which the output went the other way (at
most {100 * MOST_WRONG:.0f} %);
*seen* the share on which it moved by a thousandth or more, among paths where the mechanism is at work (at
least {100 * FEWEST_SEEN:.0f} %).
*No move* means exactly none. Made by `docs/levers.py`; a test asks the same of 512 paths.

Numbers of model `000000000000`.

One of them by hand, on the same random numbers on both sides:

```bash
supercycle compare base power-wall --paths 1000
```

![Connected power under short and long leads](img/response-power.svg)

Read with care: more elastic demand turns the same efficiency jump from stranded compute into less of it.
"""


def row(one: dict[str, Any]) -> str:
    """One line of the table."""
    moved = ", ".join(f"`{id}` {low:g} to {high:g}" for id, (low, high) in list(one["lever"].items())[:2])
    more = len(one["lever"]) - 2
    moved += f" and {more} more" if more > 0 else ""
    given = ", ".join(f"`{id}` = {value:g}" for id, value in one["given"].items())
    sign = ("down", "no move", "up")[one["sign"] + 1]
    seen = "" if one["sign"] == 0 else f"{100 * one['seen']:.0f} %"
    return (
        f"| {one['mechanism']} | {moved} | {given} | {one['label']} (`{one['output']}`) | {sign} | "
        f"{one['before']:.4g} | {one['after']:.4g} | {100 * one['wrong']:.1f} % | {seen} | "
        f"{100 * one['at_work']:.0f} % |"
    )


if __name__ == "__main__":
    from made_with import stamped

    found = levers(paths=1000)
    parts = [HEAD]
    for block in dict.fromkeys(one["block"] for one in found):
        parts += [
            f"## {block.capitalize()}\n",
            "| mechanism | lever | with | output | must go | first end | second end | wrong | seen | at work |",
            "|---|---|---|---|---|---|---|---|---|---|",
            *(row(one) for one in found if one["block"] == block),
            "",
        ]
    PAGE.write_text(stamped("\n".join(parts)), encoding="utf-8")
    failed = [one["output"] for one in found if not one["passed"]]
    print(f"{len(found)} levers, failed: {failed or 'none'}")
