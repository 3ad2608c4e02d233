"""The commands on a toy world: what they print, where they write, how they refuse."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from supercycle import cli, service
from supercycle.core.errors import EnvironmentProblem
from supercycle.service import model


def _load_toy() -> Any:
    """The toy world beside the unit tests; tests are files, not a package, so it is loaded by its place."""
    place = Path(__file__).resolve().parents[1] / "unit" / "engine_toy.py"
    spec = importlib.util.spec_from_file_location("engine_toy", place)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


toy = _load_toy()


@pytest.fixture(autouse=True)
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The toy in place of the world, and an empty folder to stand in."""
    subject = toy.toy_subject(tmp_path / "presets")
    monkeypatch.setattr(model, "subject", lambda: subject)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return subject


@pytest.fixture
def call(capfd: pytest.CaptureFixture[str]) -> Any:
    def of(*words: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            cli.main(words)
        out, err = capfd.readouterr()
        return int(left.value.code or 0), out, err

    return of


RUN = ("run", "--kernel", "numpy", "--until", "2027Q2", "--paths", "200")


def test_run_prints_headline_outputs_and_how_to_repeat_it(call: Any) -> None:
    code, out, err = call(*RUN)
    assert (code, err) == (0, "")
    assert out.rstrip().endswith("Capex grows.")
    assert "Peak capex" in out
    assert "medians of 200 of 200 paths" in out
    assert "again: supercycle run --preset base --paths 200 --seed 1 --until 2027Q2 --kernel numpy" in out


def test_a_setting_that_moves_nothing_is_refused(call: Any) -> None:
    code, out, err = call(*RUN, "--set", "idle=0.5")
    assert (code, out) == (3, "")
    assert "idle is read by no equation of the model: setting it changes nothing" in err


def test_run_json_is_one_object_with_the_contract_keys(call: Any) -> None:
    code, out, _ = call(*RUN, "--json", "--set", "growth=0.12")
    body = json.loads(out)
    assert code == 0
    assert body["schema"] == "supercycle.result/1"
    assert body["headline"] == "Capex grows."
    assert body["status_counts"] == {"ok": 200, "non_finite": 0, "rejected": 0, "exploded": 0}
    assert body["books"] == {"residual_max": 0.0, "checked": 800}
    manifest = body["manifest"]
    assert manifest["scenario"] == {
        "preset": "base",
        "title": "Base case",
        "set": {"growth": 0.12},
    }
    assert (manifest["start"], manifest["until"], manifest["kernel"]) == ("2026Q2", "2027Q2", "numpy")
    assert "--set growth=0.12 --paths 200" in manifest["command"]
    assert "set={'growth': 0.12}" in manifest["python"]
    found = body["outputs"]["capex:Beta Co"]
    assert (found["label"], found["entity"], found["unit"]) == ("Capex by firm", "Beta Co", "USD_bn/q")
    assert found["quarters"] == ["2026Q3", "2026Q4", "2027Q1", "2027Q2"]
    assert all(len(found[level]) == 4 for level in ("q05", "q25", "q50", "q75", "q95", "mean"))
    assert sum(body["evidence"]["capex_all"].values()) == pytest.approx(1.0)
    assert body["derived"]["peak"]["defined"] == [1.0]


def test_equal_seeds_give_equal_json_apart_from_timings(call: Any) -> None:
    bodies = [json.loads(call(*RUN, "--json")[1]) for _ in range(2)]
    timings = [body.pop("timings_s") for body in bodies]
    assert bodies[0] == bodies[1]
    assert timings[0].keys() == timings[1].keys()
    assert json.loads(call(*RUN, "--json", "--seed", "2")[1])["outputs"] != bodies[0]["outputs"]


def test_the_printed_python_repeats_the_command(call: Any) -> None:
    body = json.loads(call(*RUN, "--json", "--set", "growth=0.12")[1])
    import supercycle

    again = eval(body["manifest"]["python"], {"supercycle": supercycle})
    assert again.to_dict()["outputs"] == body["outputs"]


def test_out_writes_a_result_that_is_a_scenario(call: Any) -> None:
    assert call(*RUN, "--set", "growth=0.12", "--out", "results/mine")[0] == 0
    assert sorted(p.name for p in Path("results/mine").iterdir()) == [
        "derived.npy",
        "manifest.json",
        "paths.npy",
        "values.npy",
    ]
    code, out, _ = call("presets", "show", "results/mine", "--json")
    assert code == 0
    assert json.loads(out)["set"][0]["value"] == 0.12


def test_report_is_told_by_the_story(call: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[Any] = []
    story, report = ModuleType("story"), ModuleType("live_report")
    story.report_data = lambda body, result: {**body, "report": {"paths": result.run.paths}}  # type: ignore[attr-defined]
    report.write_live = lambda data, run, path: written.append((data["report"], path))  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "supercycle.story", story)
    monkeypatch.setitem(sys.modules, "supercycle.app.live_report", report)
    code, out, _ = call(*RUN, "--report", "page.html")
    assert code == 0
    assert written == [({"paths": 200}, Path("page.html"))]
    assert "report written to page.html" in out


def test_a_report_that_fails_leaves_no_result_either(call: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise EnvironmentProblem("the disk is full")

    story, report = ModuleType("story"), ModuleType("live_report")
    story.report_data = lambda body, result: body  # type: ignore[attr-defined]
    report.write_live = refuse  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "supercycle.story", story)
    monkeypatch.setitem(sys.modules, "supercycle.app.live_report", report)
    code, out, err = call(*RUN, "--report", "page.html", "--out", "kept")
    assert (code, out, err) == (5, "", "error: the disk is full\n")
    assert list(Path().iterdir()) == []


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("run", "--preset", "fsat"), 3, "unknown preset 'fsat': did you mean 'fast'?"),
        (("run", "--preset", "lost.yaml"), 3, "no such scenario file or result folder 'lost.yaml'"),
        (("run", "--set", "groth=0.1"), 3, "--set: unknown parameter 'groth': did you mean 'growth'?"),
        (("run", "--set", "growth=7"), 3, "expected 0.02 to 0.18 1/year, got 7 1/year"),
        (("run", "--set", "growth=1GW_it"), 3, "growth is in 1/year"),
        (("run", "--set", "growth"), 3, "not a setting: expected id=value"),
        (("run", "--paths", "0"), 2, "expected a whole number from 1 to 10000000, got '0'"),
        (("run", "--paths", "1.5"), 2, "expected a whole number from 1 to 10000000, got '1.5'"),
        (("run", "--paths", "1e3"), 2, "got '1e3'"),
        (("run", "--paths", "1,000"), 2, "got '1,000'"),
        (("run", "--seed", "1.7"), 2, "expected a whole number from 0 to"),
        (("run", "--seed", "nan"), 2, "got 'nan'"),
        (("run", "--seed", "-1"), 2, "expected a whole number from 0 to 9223372036854775807, got '-1'"),
        (("run", "--until", "2026Q1"), 3, "expected a quarter from 2026Q3 on, got 2026Q1"),
        (("run", "--until", "q4"), 3, "cannot read a quarter"),
        (("run", "--set", "leak=1", "--kernel", "numpy"), 4, "the books do not close"),
        (("run", "--set", "floor=-1", "--kernel", "numpy"), 4, "no path has numbers"),
        (("compare", "base", "fsat"), 3, "unknown preset 'fsat'"),
        (("diff", "base", "fsat"), 3, "unknown preset 'fsat'"),
        (("explain", "capx"), 3, "did you mean 'capex'"),
        (("presets", "show", "fsat"), 3, "unknown preset 'fsat'"),
        (("presets", "show"), 2, "a preset's name belongs to show"),
        (("figures", "show", "capex_cahs"), 3, "did you mean 'capex_cash'"),
        (("figures", "cite", "required_revenu"), 3, "did you mean 'required_revenue'"),
        (("runn",), 2, 'Unknown command "runn". Did you mean "run"?'),
        (("run", "--pats", "3"), 2, "Did you mean --paths? Try: supercycle run --help"),
        (("run", "--paths", "many"), 2, "expected a whole number from 1 to 10000000, got 'many'"),
        (("run", "--outputs", "capex_al"), 3, "did you mean 'capex_all'"),
        (("run", "--outputs", ""), 3, "unknown output ''"),
        (("run", "--kernel", "gpu"), 2, 'Choose from: "auto", "machine", "numpy"'),
        (("compare", "base"), 2, "Try: supercycle compare --help"),
        (("explain",), 2, "requires an argument"),
    ],
)
def test_bad_input_is_one_line_and_a_code(call: Any, words: tuple[str, ...], code: int, said: str) -> None:
    got, out, err = call(*words)
    assert (got, out) == (code, "")
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    assert said in err
    assert list(Path().iterdir()) == []


def test_malformed_yaml_is_told_with_its_line(call: Any) -> None:
    Path("mine.yaml").write_text("schema: supercycle.preset/1\nname: mine\ntitle: 'x\n")
    code, _, err = call("run", "--preset", "mine.yaml")
    assert code == 3
    assert err.startswith("error: mine.yaml:3: malformed YAML")


@pytest.mark.parametrize("option", ["--out", "--report"])
def test_a_place_that_cannot_be_written_is_told_before_the_run(call: Any, option: str) -> None:
    Path("file").write_text("")
    code, _, err = call("run", option, "file/below.html", "--preset", "no-such-preset")
    assert code == 5, "the place is looked at before anything else"
    assert f"error: {option}: cannot write" in err
    assert [p.name for p in Path().iterdir()] == ["file"]


def test_a_report_is_not_written_over_a_folder(call: Any) -> None:
    Path("folder").mkdir()
    code, _, err = call("run", "--report", "folder")
    assert (code, err) == (5, "error: --report: cannot write folder: it is a folder\n")


def test_a_taken_result_folder_is_refused(call: Any) -> None:
    Path("taken").mkdir()
    Path("taken/mine").write_text("")
    code, _, err = call(*RUN, "--out", "taken")
    assert code == 3
    assert "taken exists" in err


def test_compare_shows_paired_differences(call: Any) -> None:
    code, out, _ = call("compare", "base", "fast", *RUN[1:])
    assert code == 0
    assert "paired on 200 paths" in out
    body = json.loads(call("compare", "base", "fast", *RUN[1:], "--json")[1])
    assert body["schema"] == "supercycle.compare/1"
    assert body["outputs"]["capex_all"]["difference"]["mean"][-1] > 0
    assert body["outputs"]["depth"]["difference"]["variance_reduction"] == [None] * 4
    assert body["b"]["manifest"]["scenario"]["set"] == {"growth": 0.15}


def test_diff_shows_assumptions(call: Any) -> None:
    code, out, _ = call("diff", "base", "fast")
    assert code == 0
    assert "Growth (growth)" in out
    assert "1 parameters differ, 8 are the same" in out
    body = json.loads(call("diff", "base", "fast", "--json")[1])
    assert body["differences"][0]["a"] == {
        "sampled": True, "low": 0.02, "default": 0.1, "high": 0.18, "distribution": "normal",
    }  # fmt: skip
    assert body["differences"][0]["b"] == {"sampled": False, "value": 0.15}
    assert json.loads(call("diff", "fast", "fast", "--json")[1])["differences"] == []


def test_explain_a_parameter_an_output_and_a_derived_output(call: Any) -> None:
    found = json.loads(call("explain", "growth", "--json")[1])
    assert (found["kind"], found["used_by"], found["high"]) == ("parameter", ["capex"], 0.18)
    assert json.loads(call("explain", "weight:Alpha", "--json")[1])["used_by"] == ["capex"]
    assert json.loads(call("explain", "peak", "--json")[1])["inputs_by_path"] == ["capex_all"]
    for name in ("capex", "capex:Beta Co"):
        assert json.loads(call("explain", name, "--json")[1])["kind"] == "equation"
    assert "growth" in call("explain", "capex")[1]


def test_presets_are_listed_and_shown(call: Any) -> None:
    assert "Fast growth" in call("presets")[1]
    assert "Growth (growth)" in call("presets", "show", "fast")[1]
    listed = json.loads(call("presets", "list", "--json")[1])["presets"]
    assert [preset["name"] for preset in listed] == ["base", "fast"]
    assert json.loads(call("presets", "show", "fast", "--json")[1])["set"][0]["value"] == 0.15


@pytest.mark.parametrize(
    "words",
    [("list",), ("list", "--match", "capex"), ("show", "capex_cash"), ("cite", "required_revenue"), ("verify",),
     ("coverage",)],
)  # fmt: skip
def test_figures_print_tables_and_json(call: Any, words: tuple[str, ...]) -> None:
    code, out, err = call("figures", *words)
    assert (code, err) == (0, "")
    assert len(out.splitlines()) > 3
    code, out, _ = call("figures", *words, "--json")
    assert code == 0
    assert isinstance(json.loads(out), dict)


def test_labels_in_brackets_are_not_markup(call: Any, world: Any) -> None:
    (world.presets / "odd.yaml").write_text(
        toy.PRESET.format(name="odd", title='"[red]odd[/nope]"', set="{}")
    )
    code, out, _ = call("presets")
    assert code == 0
    assert "[red]odd[/nope]" in out


def test_no_command_prints_help(call: Any) -> None:
    code, out, err = call()
    assert (code, err) == (0, "")
    assert "Examples:" in out


@pytest.mark.parametrize(
    "words", [(), *((name,) for name in cli.COMMANDS), *(("figures", n) for n in cli.FIGURES)]
)
def test_every_command_has_help_with_an_example_that_parses(call: Any, words: tuple[str, ...]) -> None:
    code, out, _ = call(*words, "--help")
    assert code == 0
    shown = [line.strip() for line in out.split("Examples:")[1].splitlines() if line.strip()]
    assert shown
    for line in shown:
        tokens = line.split()[1:]
        cli.build().parse_args(tokens, exit_on_error=False, print_error=False)


def test_version(call: Any) -> None:
    assert call("--version")[1] == "0.2.0\n"


def test_an_interrupt_is_told(call: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(service, "run", interrupt)
    assert call(*RUN) == (130, "", "error: interrupted\n")


def test_a_defect_is_one_line_unless_debugging(call: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("two\nlines")

    monkeypatch.setattr(service, "run", fail)
    monkeypatch.delenv("SUPERCYCLE_DEBUG", raising=False)
    code, out, err = call(*RUN)
    assert (code, out) == (4, "")
    assert err.startswith("error: unexpected RuntimeError: two lines.")
    assert err.count("\n") == 1
    monkeypatch.setenv("SUPERCYCLE_DEBUG", "1")
    assert "Traceback" in call(*RUN)[2]
