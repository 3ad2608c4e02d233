"""The command as a shell sees it: exit codes, one line on stderr, pipes, signals, and how quickly help comes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from supercycle import cli
from supercycle.cli.render import MAIN_OUTPUTS
from supercycle.service.the_world import subject

COMMAND = [sys.executable, "-W", "error", "-m", "supercycle"]
SOURCE = Path(__file__).resolve().parents[2] / "src"
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(SOURCE)}  # the tree under test, installed or not
FEW = ["--kernel", "numpy", "--paths", "32", "--until", "2026Q4"]


def shell(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *words], cwd=cwd, env=ENVIRONMENT, capture_output=True, text=True, timeout=120, check=False
    )


def opened(*words: str, cwd: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*COMMAND, *words],
        cwd=cwd,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_run_is_json_on_stdout_and_nothing_on_stderr(tmp_path: Path) -> None:
    done = shell("run", *FEW, "--json", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    body = json.loads(done.stdout)
    assert body["status_counts"]["ok"] == 32
    assert body["books"]["residual_max"] < 1e-9
    assert body["headline"]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["run", "--paths", "x"], 2, "Try: supercycle run --help"),
        (["frobnicate"], 2, "Unknown command"),
        (["run", "--preset", "bsae"], 3, "did you mean 'base'?"),
        (["run", "--set", "utilisation_target=1"], 3, "unknown parameter"),
        (["run", "--set", "marginal_share=1.2.3"], 3, "two numbers"),
        (["run", "--until", ""], 3, "until"),
        (["run", *FEW, "--out", "file/out"], 5, "cannot write"),
        (["run", *FEW, "--report", "missing/page.html"], 5, "cannot write"),
    ],
)
def test_exit_codes(tmp_path: Path, words: list[str], code: int, said: str) -> None:
    (tmp_path / "file").write_text("")
    done = shell(*words, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1
    assert said in done.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_a_result_folder_is_whole(tmp_path: Path) -> None:
    done = shell("run", *FEW, "--out", "mine", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["mine"]
    again = shell("diff", "base", "mine", "--json", cwd=tmp_path)
    assert json.loads(again.stdout)["differences"] == []


def test_a_reader_that_leaves_is_no_error(tmp_path: Path) -> None:
    """`supercycle figures coverage | head -1`, with output larger than a pipe holds."""
    with opened("figures", "coverage", cwd=tmp_path) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        assert running.stdout.readline()
        running.stdout.close()
        said = running.stderr.read()
        assert (running.wait(60), said) == (0, "")


def test_an_interrupt_is_130_and_leaves_nothing(tmp_path: Path) -> None:
    words = ["run", "--kernel", "numpy", "--paths", "20000", "--out", "mine"]
    with opened(*words, cwd=tmp_path) as running:
        for _ in range(600):
            if any(tmp_path.iterdir()):  # the temporary folder: the run has begun
                break
            time.sleep(0.05)
        time.sleep(1.0)
        os.kill(running.pid, signal.SIGINT)
        out, said = running.communicate(timeout=120)
    assert (running.returncode, out, said) == (130, "", "error: interrupted\n")
    assert list(tmp_path.iterdir()) == []


def test_bash_finishes_commands_and_options(tmp_path: Path) -> None:
    """The printed script, sourced by a real bash, offers what the command has; an unknown shell is refused."""
    script = shell("completion", "bash", cwd=tmp_path)
    assert script.returncode == 0, script.stderr
    (tmp_path / "completion.bash").write_text(script.stdout, encoding="utf-8")
    asked = (
        'source completion.bash; finish() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _supercycle;'
        ' echo "${COMPREPLY[@]}"; }; finish supercycle rep; finish supercycle run --pre; finish supercycle figures ci'
    )
    offered = subprocess.run(["bash", "-c", asked], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert offered.stdout.split() == ["reproduce", "--preset", "cite"]
    refused = shell("completion", "bsh", cwd=tmp_path)
    assert (refused.returncode, refused.stderr.strip()) == (
        3,
        "error: unknown shell 'bsh': did you mean 'bash' or 'zsh'?",
    )


def test_help_loads_nothing_heavy(tmp_path: Path) -> None:
    """What makes help slow is what it imports; seconds are measured in bench/, where a busy machine harms nobody."""
    code = (
        "import sys; from supercycle.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "print(sorted({'numpy', 'numba', 'scipy', 'polars', 'llvmlite', 'pydantic', 'aiohttp'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]", done.stdout[-300:]


def test_the_main_outputs_exist_in_the_world() -> None:
    assert set(MAIN_OUTPUTS) <= set(subject().reported)


def test_the_examples_name_what_exists() -> None:
    world = subject()
    calls = [call.split() for _, _, examples in cli.COMMANDS.values() for call in examples]
    named = [(words[words.index("--set") + 1], "--beyond" in words) for words in calls if "--set" in words]
    assert named
    for setting, beyond in named:
        world.model.registry.assign(setting, beyond=beyond)
    for words in calls:
        if words[1] == "explain":
            assert words[2] in world.model.variables or words[2] in world.model.registry


def test_every_preset_of_the_world_is_read() -> None:
    from supercycle import service

    assert next(preset["name"] for preset in service.presets()) == "base"
