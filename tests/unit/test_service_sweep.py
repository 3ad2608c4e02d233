"""Sweeps: every scenario is the run it names, on the same draws; plans that make no sense are refused first."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import supercycle
from supercycle.cli import main
from supercycle.core.errors import EnvironmentProblem, InputError, ScenarioError, UnknownNameError
from supercycle.service.sweep import points, sweep

GRID = {"grid_lead_months": [48, "7 years"], "hurdle_base": ["9%", "12%"]}
PLAN: dict[str, Any] = {
    "paths": 40,
    "seed": 3,
    "until": "2028Q4",
    "outputs": ["fleet_it_gw:2028Q4", "busted:last"],
    "grid": GRID,
}


def test_each_row_is_the_run_it_names() -> None:
    found = sweep(PLAN)
    assert found["scenarios"] == 4
    assert len(found["rows"]) == 8
    row = next(r for r in found["rows"] if r["scenario"] == 3 and r["output"].startswith("fleet"))
    assert (row["set.grid_lead_months"], row["set.hurdle_base"]) == ("7 years", "12%")
    alone = supercycle.run(
        set={"grid_lead_months": 84, "hurdle_base": 0.12}, paths=40, seed=3, until="2028Q4"
    )
    assert row["q50"] == alone["fleet_it_gw"]["q50"][-1]
    assert row["mean"] == pytest.approx(alone["fleet_it_gw"]["mean"][-1], rel=1e-12)


def test_a_latin_hypercube_has_one_point_in_each_slice_of_each_range() -> None:
    plan = {"latin": {"grid_lead_months": [36, 84], "hurdle_base": [0.085, 0.12]}, "size": 25, "seed": 4}
    found = points(plan)
    for id, (low, high) in plan["latin"].items():
        slices = [int((point[id] - low) / (high - low) * 25) for point in found]
        assert sorted(slices) == list(range(25))
    assert (
        np.corrcoef([[p["grid_lead_months"] for p in found], [p["hurdle_base"] for p in found]])[0, 1] < 0.9
    )
    assert found == points(plan)


@pytest.mark.parametrize(
    ("change", "kind", "told"),
    [
        ({"grid": {"grid_lead": [48]}}, UnknownNameError, "did you mean 'grid_lead_months'"),
        ({"grid": {"grid_lead_months": 48}}, ScenarioError, "expected a list such as"),
        ({"grid": {"grid_lead_months": [480]}}, InputError, "out of range"),
        ({"grid": {}}, ScenarioError, "bad grid"),
        ({"grid": None}, ScenarioError, "one plan"),
        ({"latin": {"grid_lead_months": [36, 84]}, "size": 2}, ScenarioError, "one plan"),
        ({"grid": None, "latin": {"grid_lead_months": [84, 36]}, "size": 2}, ScenarioError, "low, high"),
        ({"grid": None, "latin": {"grid_lead_months": [36, 84]}}, InputError, "size: not a whole number"),
        ({"outputs": ["fleet_gw:2028Q4"]}, UnknownNameError, "did you mean"),
        ({"paths": 1.5}, InputError, "paths: not a whole number"),
        ({"pahts": 10}, UnknownNameError, "did you mean 'paths'"),
        ({"schema": "supercycle.sweep/9"}, ScenarioError, "unknown schema"),
        (
            {"grid": {"grid_lead_months": [48] * 400, "hurdle_base": ["9%"] * 400}},
            ScenarioError,
            "too many scenarios",
        ),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused(
    change: dict[str, Any], kind: type[Exception], told: str
) -> None:
    with pytest.raises(kind, match=told):
        sweep({**PLAN, **change})


def test_two_workers_and_one_that_dies_give_the_same_answer() -> None:
    """A worker is killed while it works; Dask hands its scenarios to the other and nothing in the answer changes."""
    distributed = pytest.importorskip("distributed")
    here = sweep(PLAN)
    cluster = distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1"
    )
    with cluster:
        import threading

        worker = next(iter(cluster.workers.values())).process.pid
        timer = threading.Timer(1.0, os.kill, (worker, signal.SIGKILL))
        timer.start()
        there = sweep(PLAN, cluster=cluster.scheduler_address)
        timer.join()
    assert there["rows"] == here["rows"]


def test_a_cluster_that_is_not_there_is_one_line() -> None:
    pytest.importorskip("distributed")
    with pytest.raises(EnvironmentProblem, match="no Dask scheduler answers"):
        sweep(PLAN, cluster="tcp://127.0.0.1:9")


def test_the_command_writes_a_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "plan.yaml"
    file.write_text(
        "paths: 20\nuntil: 2027Q4\noutputs: ['fleet_it_gw:2027Q4', 'busted:last']\ngrid: {grid_lead_months: [48, 84]}\n"
    )
    with pytest.raises(SystemExit) as stopped:
        main(["sweep", str(file), "--csv", str(tmp_path / "out.csv")])
    assert stopped.value.code in (0, None)
    rows = (tmp_path / "out.csv").read_text().splitlines()
    assert rows[0].startswith("scenario,set.grid_lead_months,output")
    assert len(rows) == 1 + 2 * 2
    with pytest.raises(SystemExit):
        main(["sweep", str(file)])
    shown = capsys.readouterr().out
    assert "% of paths" in shown
    assert "2 scenarios of 20 paths" in shown
