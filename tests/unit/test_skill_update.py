"""Learning from a print: what is known, what is refused, what moves, and that nothing moves without news."""

from __future__ import annotations

import json
import math
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from supercycle.cli import main
from supercycle.core.errors import InputError
from supercycle.skill.nowcast.learn import errors
from supercycle.skill.nowcast.news import News, news, opened_on
from supercycle.skill.nowcast.particles import Particles
from supercycle.skill.nowcast.update import update

DAY = "2026-12-01"
HEADER = "series,entity,period,value,unit,tier,source_title,source_url,published,note\n"


@pytest.fixture(autouse=True)
def no_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The figures of the package alone."""
    monkeypatch.setenv("SUPERCYCLE_DATA", str(tmp_path / "data"))


@pytest.fixture(scope="module")
def oracle() -> dict[str, Any]:
    return update(as_of=DAY, particles=768)


def test_oracles_prints_lie_inside_the_band_of_a_run_opened_without_them(oracle: dict[str, Any]) -> None:
    found = {row["id"]: row for row in oracle["readings"]}
    assert set(found) >= {"capex-Oracle@2026Q3", "operating-cash-Oracle@2026Q3"}
    for row in found.values():
        assert row["quarter"] > oracle["opening"]
        assert row["inside_90"] == (row["q05"] <= row["value"] <= row["q95"])
    assert found["operating-cash-Oracle@2026Q3"]["inside_90"]
    # the median after lies nearer to the print than the one before
    for row in found.values():
        assert abs(row["after"] - row["value"]) < abs(row["expected"] - row["value"])


def test_the_headline_moves_towards_the_print(oracle: dict[str, Any]) -> None:
    by = {row["id"]: row for row in oracle["headline"]}
    firm = by["capex-Oracle-2027"]
    assert firm["after"]["q50"] > firm["before"]["q50"]
    assert by["capex-2027"]["after"] != by["capex-2027"]["before"]
    assert oracle["news"][0]["entity"] == "Oracle"
    assert len(oracle["sentences"]) == 3
    assert all(math.isfinite(row["surprise_sd"]) for row in oracle["readings"])
    assert json.loads(json.dumps(oracle, allow_nan=False))["schema"] == "supercycle.update/1"


def test_a_day_without_news_changes_nothing() -> None:
    found = update(as_of="2026-09-09")
    assert (found["readings"], found["headline"], found["moved"]) == ([], [], [])
    assert "No figure" in found["sentences"][0]


def test_a_replay_opens_what_its_day_could_open_and_sees_nothing_later() -> None:
    opened = opened_on(date(2024, 8, 15))
    assert opened.start == "2024Q1"
    found = news(opened)
    assert found
    assert all(one.known <= date(2024, 8, 15) and one.quarter > "2024Q1" for one in found)
    with pytest.raises(InputError, match="no world was open on this day"):
        opened_on(date(2022, 6, 1))
    with pytest.raises(InputError, match="not a day"):
        update(as_of="yesterday")


def test_a_file_brings_news_and_a_later_row_of_it_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "prints.csv"
    path.write_text(HEADER + "capex_cash,Meta,2026Q3,41,USD_bn,A,10-Q,,2026-10-29,\n")
    found = {one.id: one.value for one in news(opened_on(date(2026, 12, 1), path))}
    assert found["capex-Meta@2026Q3"] == 41.0
    with pytest.raises(InputError, match=r"was not known then.*published by 2026-10-01"):
        opened_on(date(2026, 10, 1), path)


def test_particles_are_the_run_and_do_not_change_their_normals() -> None:
    from supercycle import service

    particles = Particles(opened_on(date(2026, 12, 1)).world, "judged", 2)
    z = np.random.default_rng(7).standard_normal((particles.unknowns, 1500))
    kept = z.copy()
    for quarters in (1, 2):
        values, _, fine = particles.paths(z, ["firm_capex_usd_bn:Oracle", "crash_hazard"], quarters)
        assert np.array_equal(z, kept)
    run = service.run("base", paths=1500, until="2026Q4")
    mine = values["firm_capex_usd_bn:Oracle"][1, fine]
    theirs = run.value("firm_capex_usd_bn:Oracle")[1, run.run.ok]
    for level in (0.1, 0.5, 0.9):
        assert np.mean(mine < np.quantile(theirs, level)) == pytest.approx(level, abs=0.05)


def test_a_print_no_path_reaches_is_named_a_surprise_and_not_obeyed(monkeypatch: pytest.MonkeyPatch) -> None:
    from supercycle.skill.nowcast import update as module

    real = news(opened_on(date(2026, 12, 1)))
    far = [News(one.target, one.quarter, 1e6, one.known) for one in real]
    monkeypatch.setattr(module, "news", lambda _: far)
    for row in update(as_of=DAY, particles=256)["readings"]:
        assert not row["inside_90"]
        assert row["surprise_sd"] > 3.0
        assert row["after"] < 0.01 * row["value"]


def test_a_path_without_a_log_is_as_wrong_as_a_hundredth() -> None:
    assert errors(10.0, np.array([10.0, 0.0, -5.0])) == pytest.approx([0.0, math.log(100), math.log(100)])


def test_the_command_says_it_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["update", "--as-of", "2026-09-09"])
    assert stop.value.code in (0, None)
    assert "No figure of a quarter after 2026Q2" in capsys.readouterr().out
    with pytest.raises(SystemExit) as stop:
        main(["update", "--as-of", "nonsense"])
    assert stop.value.code == 3
