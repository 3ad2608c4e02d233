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
TESTS = (
    "tests/unit/test_world_meaning.py",
    "tests/unit/test_cli_commands.py",
    "tests/unit/engine_toy.py",
    "tests/golden/test_claims_values.py",
)
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
        for name in TESTS:
            (root / name).parent.mkdir(exist_ok=True)
            shutil.copy(ROOT / name, root / name)
        (root / "docs" / "blocks").mkdir(parents=True)
        for name in (
            "docs/blocks.py",
            "docs/responses.py",
            "docs/svg_chart.py",
            "docs/claims.md",
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


PYTEST = ("-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider")


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    return Copy(tmp_path_factory.mktemp("extended"))


def test_every_recipe_is_executed_here() -> None:
    recipes = re.findall(r"^## An? (.+)$", PAGE, re.MULTILINE)
    assert recipes == [
        "figure", "parameter", "block", "output", "preset", "deal", "step of deals", "claim", "provider", "command",
    ], "execute a new recipe in this file"  # fmt: skip


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


# What owners get of one deal in four waterfalls.
OWNERS = """
import json
from pathlib import Path
from supercycle.service.deal import deal
text = Path("my.yaml").read_text()
last = "  - {do: distribute}\\n"
half, sweep = "  - {do: advance, share: 50 %}\\n", "  - {do: sweep, of: loan}\\n"
for name, steps in {"plain": "", "half": half, "swept": sweep, "half first": half + sweep}.items():
    Path("tried.yaml").write_text(text.replace(last, steps + last))
    print(json.dumps([name, float(deal("tried.yaml").run["equity_out"][1:12].sum())]))
"""


def test_a_step_of_deals(copy: Copy) -> None:
    """A step that advances a share of what is left to owners: an unknown word before; with it the books close.

    Half and then the rest is all; half before a sweep is more for owners in the first year than a sweep of everything.
    """
    shutil.copy(copy.package / "deals" / "examples" / "chip_lease.yaml", copy.root / "my.yaml")
    with pytest.raises(AssertionError, match="advance"):
        copy.python("-c", OWNERS)
    copy.edit(
        "src/supercycle/deals/document/schema.py",
        '"release", "distribute")',
        '"release", "advance", "distribute")',
    )
    checks = "src/supercycle/deals/document/checks_waterfall.py"
    copy.edit(
        checks,
        'step.share != 1 and step.do != "sweep"',
        'step.share != 1 and step.do not in ("sweep", "advance")',
    )
    copy.edit("src/supercycle/deals/engine/till.py", "                free = free if mask is None else free * mask\n"
              "                self.equity_out", "                free = free if mask is None else free * mask\n"
              "                free = free * step.share\n                self.equity_out")  # fmt: skip
    owners = dict(json.loads(line) for line in copy.python("-c", OWNERS).splitlines())
    assert owners["half"] == pytest.approx(owners["plain"], rel=1e-12)
    assert owners["swept"] < owners["half first"] < owners["plain"]


CLAIM = """
        Entry(
            "half_of_six", "macro", "Three of six", "Somebody", "2026", "a document, page 1", 50, "percent", 1,
            "inputs", "3 over 6.", (stated("part", 3.0, "USD_bn", "page 1"), stated("whole", 6.0, "USD_bn", "page 1")),
            percent_of,
        ),
"""


def test_a_claim_a_provider_and_a_command(copy: Copy) -> None:
    """A claim is refused without its worked answer; a provider answers by its kind; a command has help and a test."""
    copy.edit(
        "src/supercycle/claims/economy.py",
        "    return (\n        of_row(",
        f"    return ({CLAIM}        of_row(",
    )
    values = (*PYTEST, "tests/golden/test_claims_values.py", "-k", "half_of_six or every_claim")
    with pytest.raises(AssertionError, match="half_of_six"):
        copy.python(*values)
    copy.edit(
        "tests/golden/test_claims_values.py",
        "EXPECTED: dict[str, tuple[float | None, str]] = {",
        'EXPECTED: dict[str, tuple[float | None, str]] = {\n    "half_of_six": (100 * 3 / 6, SUM),',
    )
    hall = '        "hall": _kind("https://hall.example/v1", limit_field="max_tokens"),\n'
    mock = '        "mock": _kind('
    copy.edit("src/supercycle/gateway/routes/providers.py", mock, hall + mock)
    (copy.root / "gateway.yaml").write_text(
        "providers:\n  hall: {key: $HALL_KEY}\nmodels:\n  big: {targets: [{provider: hall, model: big-1}]}\n",
        encoding="utf-8",
    )
    (copy.package / "cli" / "commands_hello.py").write_text(
        '"""``supercycle hello``: a trial."""\n\n\ndef hello(name: str = "you", /) -> int:\n'
        '    """Greet."""\n    print(f"hello {name}")\n    return 0\n',
        encoding="utf-8",
    )
    row = '    "hello": ("supercycle.cli.commands_hello:hello", "Greet.", ("supercycle hello world",)),\n'
    copy.edit("src/supercycle/cli/__init__.py", '    "merge": (\n', row + '    "merge": (\n')
    said = copy.commands(["claims", "half_of_six"], ["hello", "world"], ["hello", "--help"])
    assert "adds up" in said[0]
    assert said[1] == "hello world\n"
    assert "supercycle hello world" in said[2]
    kind = "from supercycle.gateway.routes.providers import provider_of as of"
    address = copy.python("-c", f"{kind}; print(of('hall', 'hall').url('openai.chat'))")
    assert address == "https://hall.example/v1/chat/completions\n"
    with pytest.raises(AssertionError, match="hall/big-1 has no price") as told:
        copy.commands(["gateway", "check", "--config", "gateway.yaml"])
    assert "HALL_KEY is not set" in str(told.value)
    copy.python("-m", "supercycle.claims.page", "docs/claims.md")
    assert "half_of_six" in (copy.root / "docs" / "claims.md").read_text(encoding="utf-8")
    copy.python(
        *values[:-2],
        "tests/unit/test_cli_commands.py",
        "-k",
        "half_of_six or every_claim or (help and hello)",
    )


def test_a_parameter_a_block_and_an_output(copy: Copy) -> None:
    """A tax on tokens: refused while it has no case; then a page, an explanation, books that close, a column kept."""
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
    meaning = (*PYTEST, "tests/unit/test_world_meaning.py")
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
        ["run", "--paths", "4", "--kernel", "numpy", "--csv", "kept.csv"],
    )
    assert "token_tax_usd_bn" in (copy.root / "kept.csv").read_text(encoding="utf-8")
    assert "token_tax_usd_bn" in said[0]
    assert "token_tax" in said[1]
