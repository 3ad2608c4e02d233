"""Write docs/blocks/*.md from the source: mechanism, levers, what is left out, equations as they run,
parameters with sources.

Run after a change of the model (`python docs/blocks.py`); a test compares the pages with what this makes.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

from supercycle.equations.explain import documentation
from supercycle.equations.graph import plan
from supercycle.world import levers, world

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs" / "blocks"
SOURCE = ROOT / "src" / "supercycle" / "world"


def pages() -> dict[str, str]:
    """File name to text, one page a block."""
    model = world.world_model()
    resolved = plan(model)
    told, gaps = mechanisms(), left_out()
    out: dict[str, str] = {}
    for name, block in sorted(model.blocks.items(), key=lambda item: item[1].number):
        head, _, rest = documentation(resolved, name).partition("\n## ")
        parts = [
            head.rstrip(),
            "## Mechanism",
            *told[name],
            "## What it leaves out",
            gaps[block.number] + ".",
        ]
        moved = [lever for lever in levers.LEVERS if lever.block == name]
        if moved:
            parts += [
                "## Levers",
                "What moving a lever up must do, path by path (sizes: [levers.md](../levers.md)).",
                _table(moved),
            ]
        out[f"{block.number:02d}-{name}.md"] = "\n\n".join([*parts, "## " + rest])
    return out


def mechanisms() -> dict[str, list[str]]:
    """The docstrings of a block's files, in the order of a step, without the line that names the block."""
    out: dict[str, list[str]] = {}
    for name in world.BLOCKS:
        text = (SOURCE / f"{name}.py").read_text(encoding="utf-8")
        doc = ast.get_docstring(ast.parse(text)) or ""
        owner = re.search(r'model\.block\("(\w+)"', text) or re.search(
            r"from supercycle\.world\.(\w+) import .*\bblock\b", text
        )
        assert owner, name
        block = {"leases": "funding"}.get(owner[1], owner[1])
        out.setdefault(block, []).append(re.sub(r"^Block \d+[.,] (\w)", lambda m: m[1].upper(), doc))
    return out


def left_out() -> dict[int, str]:
    """The last column of the table in docs/world.md, by block number."""
    rows = re.findall(
        r"^\| (\d+) \|.*\| ([^|]+) \|$",
        (ROOT / "docs" / "world.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    return {int(number): text.strip()[:1].upper() + text.strip()[1:] for number, text in rows}


def _table(moved: list[levers.Lever]) -> str:
    rows = ["| mechanism | lever | output | goes |", "|---|---|---|---|"]
    for one in moved:
        named = ", ".join(f"`{id}`" for id in one.moves)
        rows.append(
            f"| {one.mechanism} | {named} | `{one.output}` | {('down', 'nowhere', 'up')[one.sign + 1]} |"
        )
    return "\n".join(rows)


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.md"):
        old.unlink()
    for file, text in pages().items():
        (FOLDER / file).write_text(text, encoding="utf-8")
