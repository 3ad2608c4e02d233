"""Write docs/blocks/*.md from the source: mechanism, levers, what is left out, equations as they run,
parameters with sources.

Run after a change of the model (`python docs/blocks.py`); a test compares the pages with what this makes.
"""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

from supercycle.equations.explain import documentation
from supercycle.equations.graph import plan
from supercycle.world import levers, world

sys.path.insert(0, str(Path(__file__).parent))
from responses import PATHS, caption, chosen

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs" / "blocks"
SOURCE = ROOT / "src" / "supercycle" / "world"


def pages() -> dict[str, str]:
    """File name to text, one page a block."""
    model = world.world_model()
    resolved = plan(model)
    told, gaps = mechanisms(), left_out()
    out: dict[str, str] = {}
    for number, name in enumerate(model.blocks, 1):
        head, _, rest = documentation(resolved, name).partition("\n## ")
        parts = [
            head.rstrip(),
            "## Mechanism",
            *told[name],
            "## What it leaves out",
            _gap(gaps, name),
        ]
        moved = [lever for lever in levers.LEVERS if lever.block == name]
        if moved:
            parts += [
                "## Levers",
                "What moving a lever up must do, path by path (sizes: [levers.md](../levers.md)).",
                _table(moved),
            ]
        if shown := chosen(name):
            parts += [
                "## Response",
                told_of(shown),
                f"![{name}: {shown.mechanism}](../img/response-{name}.svg)",
            ]
        out[f"{number:02d}-{name}.md"] = "\n\n".join([*parts, "## " + rest])
    return out


def told_of(lever: levers.Lever) -> str:
    """What a block's picture shows."""
    what = lever.mechanism[:1].upper() + lever.mechanism[1:]
    return f"{what}. {caption(lever)}, on the same {PATHS} paths. Lines are medians, bands the middle half."


def mechanisms() -> dict[str, list[str]]:
    """The docstring of each block's file, without the word that names the block."""
    out: dict[str, list[str]] = {}
    for block in world.BLOCKS:
        text = (SOURCE / f"{block.name}.py").read_text(encoding="utf-8")
        doc = ast.get_docstring(ast.parse(text)) or ""
        out[block.name] = [re.sub(r"^[A-Z][\w ]+: (\w)", lambda m: m[1].upper(), doc)]
    return out


def left_out() -> dict[str, str]:
    """The last column of the table in docs/world.md, by block name."""
    rows = re.findall(
        r"^\| (\w+) \|.*\| ([^|]+) \|$",
        (ROOT / "docs" / "world.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    return {name: text.strip()[:1].upper() + text.strip()[1:] for name, text in rows}


def _gap(gaps: dict[str, str], name: str) -> str:
    if name not in gaps:
        raise SystemExit(
            f"docs/world.md: the table has no row for block {name!r} (block, mechanism, leaves out)"
        )
    return gaps[name] + "."


def _table(moved: list[levers.Lever]) -> str:
    rows = ["| mechanism | lever | output | goes |", "|---|---|---|---|"]
    for one in moved:
        named = ", ".join(f"`{id}`" for id in one.moves)
        rows.append(
            f"| {one.mechanism} | {named} | `{one.output}` | {('down', 'nowhere', 'up')[one.sign + 1]} |"
        )
    return "\n".join(rows)


if __name__ == "__main__":
    made = pages()  # before anything is deleted: what cannot be made must leave what is there
    FOLDER.mkdir(exist_ok=True)
    for old in set(FOLDER.glob("*.md")) - {FOLDER / file for file in made}:
        old.unlink()
    for file, text in made.items():
        (FOLDER / file).write_text(text, encoding="utf-8")
