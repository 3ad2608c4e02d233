"""The README's tour does what it says: its commands and snippets run, in order, in an empty folder.

The tour is what stands between ``<!-- tour -->`` and ``<!-- /tour -->``; its ```bash and ```python blocks are
run one after the other, so that a later block may read what an earlier one wrote.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import supercycle

ROOT = Path(__file__).resolve().parents[2]
README, PYTHON_PAGE = ROOT / "README.md", ROOT / "docs" / "python.md"
TOUR = re.compile(r"<!-- tour -->(.*?)<!-- /tour -->", re.DOTALL)
BLOCK = re.compile(r"^```(bash|python)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def blocks(text: str) -> list[tuple[int, str, str]]:
    """(line, language, code) of every block of the tour."""
    return [
        (text.count("\n", 0, part.start(1) + block.start()) + 1, block[1], block[2])
        for part in TOUR.finditer(text)
        for block in BLOCK.finditer(part[1])
    ]


def run_block(language: str, code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run one block with the project's commands first on PATH; bash stops at the first command that fails."""
    file = folder / "block.py"  # from a file, as equations are: their source is read
    file.write_text(code, encoding="utf-8")
    command = [sys.executable, "-W", "error", str(file)]
    if language == "bash":
        command = ["bash", "-euo", "pipefail", "-c", code]
    here = Path(sys.executable).parent
    environment = {**os.environ, "PATH": f"{here}{os.pathsep}{os.environ['PATH']}"}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False
    )


def test_the_tour_runs(tmp_path: Path) -> None:
    tour = blocks(README.read_text(encoding="utf-8"))
    assert {language for _, language, _ in tour} == {"bash", "python"}, "it shows command and API"
    for line, language, code in tour:
        done = run_block(language, code, tmp_path)
        said = f"{code}\n{done.stdout}{done.stderr}"
        assert done.returncode == 0, f"README.md:{line}: {language} block failed\n{said}"


def test_the_python_page_runs(tmp_path: Path) -> None:
    tour = blocks(PYTHON_PAGE.read_text(encoding="utf-8"))
    assert len(tour) >= 7
    for line, language, code in tour:
        done = run_block(language, code, tmp_path)
        assert done.returncode == 0, (
            f"docs/python.md:{line}: block failed\n{code}\n{done.stdout}{done.stderr}"
        )


def test_the_python_page_names_the_whole_interface() -> None:
    text = PYTHON_PAGE.read_text(encoding="utf-8")
    missing = [
        name for name in supercycle.__all__ if name != "__version__" and f"supercycle.{name}" not in text
    ]
    assert missing == []
    named = set(re.findall(r"supercycle\.([a-z_]+)", text)) - {"equations"}
    assert named <= set(supercycle.__all__)


def test_only_marked_blocks_are_run() -> None:
    text = "```bash\nfalse\n```\n<!-- tour -->\ntext\n```bash\ntrue\n```\n```json\n{}\n```\n<!-- /tour -->\n"
    assert blocks(text) == [(6, "bash", "true\n")]


@pytest.mark.parametrize(("language", "code"), [("bash", "false\ntrue"), ("python", "assert 1 + 1 == 3")])
def test_a_block_that_fails_is_seen(language: str, code: str, tmp_path: Path) -> None:
    assert run_block(language, code, tmp_path).returncode != 0
