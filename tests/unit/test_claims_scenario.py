"""Claims simulated on the world: what is read off the paths is what the paths hold."""

from __future__ import annotations

import json

import numpy as np
import pytest

from supercycle import cli, service
from supercycle.claims import catalogue
from supercycle.claims.entry import FORECAST, verdict
from supercycle.claims.scenario import SCENARIOS, simulated
from supercycle.core.errors import InputError

PATHS = 40


def test_a_total_is_the_sum_of_the_runs_quarters() -> None:
    found = simulated("capex_total_low", paths=PATHS, seed=3)
    run = service.run("base", paths=PATHS, seed=3, until="2030Q4").run
    totals = run.value("world_ai_capex_usd_bn")[:, run.ok].sum(axis=0)
    assert found["quantiles"]["q50"] == pytest.approx(float(np.median(totals)))
    assert found["probability"] == pytest.approx(float(np.mean(totals >= 5000)))
    assert found["span"] == "2026Q3 to 2030Q4"


def test_a_year_is_its_four_quarters_and_an_end_is_the_last() -> None:
    run = service.run("base", paths=PATHS, seed=3, until="2030Q4").run
    year = simulated("funding_2030", paths=PATHS, seed=3)
    assert year["quantiles"]["q95"] == pytest.approx(
        float(np.quantile(run.value("world_ai_capex_usd_bn")[-4:, run.ok].sum(axis=0), 0.95))
    )
    share = simulated("ig_index_share", paths=PATHS, seed=3)
    assert share["quantiles"]["q05"] == pytest.approx(
        100 * float(np.quantile(run.value("ai_index_share")[-1, run.ok], 0.05))
    )


def test_an_imposed_crash_is_found_in_its_quarter() -> None:
    found = simulated("bubble_peak_start", "crunch-2027", PATHS, 3)
    run = service.run("crunch-2027", paths=PATHS, seed=3).run
    crash = run.value("crash")[:, run.ok]
    inside = [run.quarters.index(name) for name in ("2027Q3", "2027Q4")]
    before = crash[: inside[0]].any(axis=0)
    assert found["probability"] == pytest.approx(float(np.mean(crash[inside].any(axis=0) & ~before)))
    assert found["defined"] == pytest.approx(float(np.mean(crash.any(axis=0))))


def test_more_is_less_likely() -> None:
    low, high = (
        simulated(name, paths=PATHS)["probability"] for name in ("capex_total_low", "capex_total_high")
    )
    assert high <= low


def test_scenarios_belong_to_claims_and_the_rest_is_refused() -> None:
    assert set(SCENARIOS) <= set(catalogue())
    forecasts = {name for name, item in catalogue().items() if verdict(item) == FORECAST}
    assert forecasts - set(SCENARIOS) == {"bubble_fall"}, (
        "docs/claims.md says which forecasts are not simulated"
    )
    with pytest.raises(InputError, match="no scenario"):
        simulated("tboats_index")


def test_the_command_runs_it(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        cli.main(["claims", "required_revenue", "--run", "--paths", str(PATHS), "--json"])
    found = json.loads(capsys.readouterr().out)
    assert stop.value.code == 0
    assert found["simulated"]["quantiles"]["q50"] > 0
    with pytest.raises(SystemExit) as stop:
        cli.main(["claims", "--run"])
    assert stop.value.code == 2
