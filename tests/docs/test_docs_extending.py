"""The recipes of docs/extending.md, done step by step in a copy of the package: each ends with what the page promises.

One copy serves all; commands of one recipe run in one process of their own, from the copy.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "extending.md").read_text(encoding="utf-8")
# Runs commands one after the other and prints [exit code, what was said] of each.
DRIVER = """
import contextlib, io, json, sys
from supercycle.cli import main
told = []
for words in json.loads(sys.argv[1]):
    said = io.StringIO()
    sys.argv = ["supercycle", *words]
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        try:
            code = main()
        except SystemExit as end:
            code = end.code
    told.append([int(code or 0), said.getvalue()])
print(json.dumps(told))
"""


class Copy:
    """A copy of what the recipes touch."""

    def __init__(self, root: Path) -> None:
        self.root = root
        leave = shutil.ignore_patterns("_machine", "_static", "__pycache__")
        shutil.copytree(ROOT / "src", root / "src", ignore=leave)
        shutil.copytree(ROOT / "tests" / "meaning", root / "tests" / "meaning", ignore=leave)
        (root / "tests" / "unit").mkdir()
        shutil.copy(ROOT / "tests" / "unit" / "test_world_meaning.py", root / "tests" / "unit")
        (root / "docs" / "blocks").mkdir(parents=True)
        for name in (
            "docs/blocks.py",
            "docs/responses.py",
            "docs/svg_chart.py",
            "docs/world.md",
            "pyproject.toml",
        ):
            shutil.copy(ROOT / name, root / name)
        self.package = root / "src" / "supercycle"

    def edit(self, name: str, old: str, new: str) -> None:
        """Put a text in the place of another, once."""
        file = self.root / name
        text = file.read_text(encoding="utf-8")
        assert old in text, f"{name} has no {old!r}"
        file.write_text(text.replace(old, new, 1), encoding="utf-8")

    def python(self, *words: str) -> str:
        """Run Python in the copy and give what it printed."""
        env = {**os.environ, "PYTHONPATH": str(self.root / "src"), "NO_COLOR": "1", "COLUMNS": "200"}
        done = subprocess.run(
            [sys.executable, *words], cwd=self.root, env=env, capture_output=True, text=True, timeout=300, check=False
        )  # fmt: skip
        assert done.returncode == 0, f"{words}\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
        return done.stdout

    def commands(self, *commands: list[str]) -> list[str]:
        """What some commands say; each must end well."""
        told = json.loads(self.python("-c", DRIVER, json.dumps(commands)).splitlines()[-1])
        for words, (code, said) in zip(commands, told, strict=True):
            assert code == 0, f"supercycle {' '.join(words)}\n{said}"
        return [said for _, said in told]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    return Copy(tmp_path_factory.mktemp("extended"))


def test_every_recipe_is_executed_here() -> None:
    recipes = re.findall(r"^## An? (.+)$", PAGE, re.MULTILINE)
    assert recipes == ["figure", "parameter", "block", "preset", "deal"], "execute a new recipe in this file"


def test_a_figure_a_preset_and_a_deal(copy: Copy) -> None:
    """A rival reading of Meta's capex with its checksums; a scenario; a deal of one's own."""
    table = copy.package / "figures" / "tables" / "companies.csv"
    text = table.read_text(encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO(text)))
    row = next(r for r in rows if (r["series"], r["entity"], r["period"]) == ("capex_cash", "Meta", "2026Q2"))
    row |= {
        "value": "33.3",
        "tier": "D",
        "source_title": "A newspaper",
        "source_url": "https://example.org/meta",
    }
    line = io.StringIO()
    csv.DictWriter(line, list(row), lineterminator="\n").writerow(row)
    table.write_text(text + line.getvalue(), encoding="utf-8")
    sums = re.search(r'python -c "(from supercycle\.figures\.checksums.*)" > sums', PAGE)
    assert sums
    (table.parent / "SHA256SUMS").write_text(copy.python("-c", sums[1]), encoding="utf-8")

    preset = (copy.package / "world" / "presets" / "no-bust.yaml").read_text(encoding="utf-8")
    preset = preset.replace("name: no-bust", "name: dear-money").replace(
        "title: No bust", "title: Dear money"
    )
    preset = preset.replace("crash_switch: 0", "hurdle_base: 0.115")
    (copy.package / "world" / "presets" / "dear-money.yaml").write_text(preset, encoding="utf-8")

    example = copy.package / "deals" / "examples" / "chip_lease.yaml"
    shutil.copy(example, copy.root / "my.yaml")
    said = copy.commands(
        ["figures", "verify"],
        ["figures", "cite", "companies:capex_cash:Meta:2026Q2:573d"],
        ["presets", "show", "dear-money"],
        ["deal", "check", "my.yaml"],
        ["deal", "run", "my.yaml"],
    )
    assert "A newspaper" in said[1]
    assert "hurdle_base" in said[2]
    assert "ok: yes" in said[3]
    assert "Chip" in said[4] or "chip" in said[4]


def test_a_parameter_and_a_block(copy: Copy) -> None:
    """A tax on tokens: refused while it has no case; then a page, an explanation, books that close."""
    (copy.package / "world" / "tax.py").write_text(
        '"""Tax: a tax on tokens."""\n\n'
        "from __future__ import annotations\n\n"
        "from supercycle.world.frame import Block, judged\n\n"
        'block = Block("tax", "Tax", "A tax on tokens.", mechanism="judged: a trial")\n'
        'judged(block, "token_tax", "Tax on tokens", "1", 0.02, 0.0, 0.1, "triangular", '
        '"part of revenue", "a trial")\n\n\n'
        '@block.equation("USD_bn/q", label="Tax on tokens", report=True)\n'
        "def token_tax_usd_bn(token_tax, ai_revenue_usd_bn):\n"
        '    """A part of what customers pay."""\n'
        "    return token_tax * ai_revenue_usd_bn\n",
        encoding="utf-8",
    )
    copy.edit("src/supercycle/world/world.py", "    statements,\n", "    statements,\n    tax,\n")
    copy.edit("src/supercycle/world/world.py", "    books.block)", "    tax.block, books.block)")
    meaning = ("-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", "tests/unit/test_world_meaning.py")
    with pytest.raises(AssertionError, match="without a case: token_tax_usd_bn"):
        copy.python(*meaning, "-k", "every_hand_written")
    (copy.root / "tests" / "meaning" / "cases_tax.py").write_text(
        "from cases import case\n\n"
        'CASES = [case("token_tax_usd_bn", 0.6, token_tax=0.02, ai_revenue_usd_bn=30.0)]\n',
        encoding="utf-8",
    )
    copy.python(*meaning, "-k", "every_hand_written or token_tax")
    copy.edit("docs/world.md", "| books |", "| tax | a tax on tokens | who bears it |\n| books |")
    copy.python("docs/blocks.py")
    assert "Who bears it." in (copy.root / "docs" / "blocks" / "33-tax.md").read_text(encoding="utf-8")
    said = copy.commands(
        ["explain", "token_tax"],
        ["explain", "token_tax_usd_bn"],
        ["run", "--paths", "4", "--kernel", "numpy"],
    )
    assert "token_tax_usd_bn" in said[0]
    assert "token_tax" in said[1]
