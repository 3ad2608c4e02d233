"""Scenario arguments, preset files and settings: what is accepted, and how a mistake is told."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest

from supercycle.core.errors import InputError, ScenarioError, SupercycleError, UnitError, UnknownNameError
from supercycle.engine.scenario import Range, preset_names, resolve, with_settings


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


GOOD = """\
schema: supercycle.preset/1
name: mine
title: My scenario
story: >
  Two lines
  of story.
answers: ["Why?"]
set:
  growth: 0.12
  price: "12000 USD_m/q"
  idle: {low: 0.2, default: 0.3, high: 0.4}
until: 2030Q4
"""


@pytest.fixture
def subject(tmp_path: Path) -> Any:
    return toy.toy_subject(tmp_path / "presets")


@pytest.fixture
def read(subject: Any, tmp_path: Path) -> Any:
    def of(text: str | bytes) -> Any:
        path = tmp_path / "mine.yaml"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return resolve(str(path), subject.model.registry, subject.presets)

    return of


def test_a_file_is_read_with_units_and_ranges(read: Any) -> None:
    found = read(GOOD)
    assert found.set == {"growth": 0.12, "price": 12.0}
    assert found.ranges == {"idle": Range(0.2, 0.3, 0.4)}
    assert (found.until, found.answers, found.story) == ("2030Q4", ("Why?",), "Two lines of story.")


def test_base_comes_first(subject: Any) -> None:
    assert preset_names(subject.presets) == ["base", "fast"]


def test_a_preset_by_name(subject: Any) -> None:
    assert resolve("fast", subject.model.registry, subject.presets).set == {"growth": 0.15}


def test_an_unknown_preset_suggests_the_nearest(subject: Any) -> None:
    with pytest.raises(UnknownNameError, match=r"unknown preset 'fsat': did you mean 'fast'\?"):
        resolve("fsat", subject.model.registry, subject.presets)


def test_a_missing_file_is_named(subject: Any) -> None:
    with pytest.raises(ScenarioError, match=r"no such scenario file .*nowhere\.yaml"):
        resolve("nowhere.yaml", subject.model.registry, subject.presets)


def test_an_ambiguous_name_is_refused(subject: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "fast").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ScenarioError, match=r"ambiguous scenario 'fast'.*\./fast"):
        resolve("fast", subject.model.registry, subject.presets)


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("growth: 0.12", "grwoth: 0.12", 9, "unknown parameter 'grwoth': did you mean 'growth'"),
        ("growth: 0.12", "growth: 0.5", 9, "out of range: expected 0.02 to 0.18 1/year, got 0.5 1/year"),
        ("growth: 0.12", "growth: yes please", 9, "cannot read a value for growth"),
        ("growth: 0.12", "growth: true", 9, 'expected a number, or "number unit", got true'),
        ("growth: 0.12", "growth: [1, 2]", 9, "got a list"),
        ("growth: 0.12", "growth:", 9, "got nothing"),
        ("12000 USD_m/q", "12 GW_it", 10, "USD_bn/q"),
        ("default: 0.3", "default: 0.9", 11, "bad range of idle"),
        ("default: 0.3, ", "", 11, "incomplete range of idle"),
        ("default:", "centre:", 11, "unknown range key 'centre'"),
        ("  idle:", "  leak:", 11, "parameter leak is not sampled"),
        ("until: 2030Q4", "until: 2030-Q4", 12, "Did you mean 2030Q4"),
        ("until: 2030Q4", "untill: 2030Q4", 12, "unknown preset key 'untill': did you mean 'until'"),
        ('answers: ["Why?"]', "answers: why", 7, "bad answers"),
        ("title: My scenario", "title: [My]", 3, "bad title: expected a text"),
        ("name: mine", "name: My Scenario", 2, "bad preset name"),
        ("preset/1", "preset/2", 1, "unknown schema: expected supercycle.preset/1"),
        ("title: My scenario\n", "", 1, "missing key 'title'"),
        ('answers: ["Why?"]', 'answers: ["Why?"', 8, "malformed YAML"),
        ("growth: 0.12", "growth: 0.12\n  growth: 0.13", 10, "malformed YAML: found duplicate key"),
        ("title: My", "title: 'My", 3, "malformed YAML"),
    ],
)
def test_a_mistake_is_told_with_its_line(read: Any, old: str, new: str, line: int, said: str) -> None:
    assert old in GOOD
    with pytest.raises(SupercycleError) as caught:
        read(GOOD.replace(old, new))
    told = str(caught.value)
    assert f"mine.yaml:{line}: " in told, told
    assert said in told
    assert "\n" not in told
    assert caught.value.exit_code == 3


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "expected a mapping of keys to values, got nothing"),
        ("- a\n- b\n", "got a list"),
        (b"schema: \xff\xfe\n", "expected UTF-8"),
        ("a: !!python/object/apply:os.system ['true']\n", "unknown preset key 'a'"),
        ("[" * 500, "malformed YAML"),
        ("a: b: c\n", "malformed YAML"),
        ("\t- x", "malformed YAML"),
    ],
)
def test_what_is_no_preset_is_refused_in_one_line(read: Any, text: str | bytes, said: str) -> None:
    with pytest.raises(InputError) as caught:
        read(text)
    assert said in str(caught.value)
    assert "mine.yaml:1: " in str(caught.value)


def test_a_preset_is_named_as_its_file(subject: Any) -> None:
    (subject.presets / "odd.yaml").write_text(toy.PRESET.format(name="even", title="x", set="{}"))
    with pytest.raises(ScenarioError, match=r"odd\.yaml:2: name differs .*expected odd, got even"):
        resolve("odd", subject.model.registry, subject.presets)


def test_settings_override_the_preset(subject: Any) -> None:
    registry = subject.model.registry
    found = with_settings(
        resolve("fast", registry, subject.presets), ["growth=0.1", "price=12000USD_m/q"], registry
    )
    assert found.set == {"growth": 0.1, "price": 12.0}
    assert found.added == {"growth": 0.1, "price": 12.0}


def test_settings_may_be_a_mapping(subject: Any) -> None:
    registry = subject.model.registry
    found = with_settings(toy.BASE, {"growth": 0.1, "weight:Beta Co": "30 percent"}, registry)
    assert found.set == {"growth": 0.1, "weight:Beta Co": 0.3}


def test_a_setting_replaces_a_range(read: Any, subject: Any) -> None:
    assert with_settings(read(GOOD), ["idle=0.9"], subject.model.registry).ranges == {}


@pytest.mark.parametrize(
    ("settings", "error", "said"),
    [
        (["growth"], InputError, "--set: not a setting"),
        (["groth=0.1"], UnknownNameError, "--set: unknown parameter 'groth': did you mean 'growth'"),
        (["growth=9"], InputError, "expected 0.02 to 0.18 1/year"),
        (["growth=1GW_it"], UnitError, "growth"),
        (["growth=nan"], InputError, "cannot read a value"),
        (["growth=0.1", "growth=0.12"], InputError, "growth is set twice"),
    ],
)
def test_a_bad_setting_is_refused(
    subject: Any, settings: list[str], error: type[Exception], said: str
) -> None:
    with pytest.raises(error) as caught:
        with_settings(toy.BASE, settings, subject.model.registry)
    assert said in str(caught.value)
