"""The same workload in three worlds of the model: other numbers, another ranking, and the reason in words."""

from __future__ import annotations

import importlib
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import numpy as np
import pytest

from supercycle.core.errors import EnvironmentProblem, InputError
from supercycle.decisions.choice.decision import Decision
from supercycle.decisions.choice.evaluate import PURE, evaluate
from supercycle.decisions.choice.setting import setting
from supercycle.decisions.choice.thresholds import Lever, Trial, flips
from supercycle.decisions.inputs.quotes import rental_on_demand
from supercycle.service.decide import SCENARIOS, background, case_of, decide, forward_curves, profile_of

sys.path.append(str(Path(__file__).resolve().parents[1]))
cases = importlib.import_module("decide_cases")


@pytest.fixture(scope="module")
def decision() -> Decision:
    return decide(usage="example", paths=2000, changes=False, set={"api.deflator": "constant_quality"})


def test_base_crunch_and_shock_give_different_explained_answers(decision: Decision) -> None:
    base = decision.found
    crunch, shock = decision.worlds
    assert (decision.background, crunch.name, shock.name) == SCENARIOS
    # A crunch takes revenue before it takes gigawatts: to 2030 rents are lower than in base, so renting costs less.
    assert crunch.rent < -0.05
    assert crunch.found.of("on_demand").mean < base.of("on_demand").mean
    # A jump of efficiency lowers API prices and the GPUs one needs: the mix owns fewer, or none.
    assert shock.api < -0.2
    assert shock.efficiency > 0.2
    assert shock.found.of("api").mean < 0.9 * base.of("api").mean
    owned = [
        min(found.ranking, key=lambda one: one.score) for found in (shock.found, base)
    ]  # the cheapest plan of each world
    in_shock, in_base = (
        found.options[one.name].choice["owned GPUs"]
        for found, one in zip((shock.found, base), owned, strict=True)
    )
    assert in_shock <= in_base
    for world in (crunch, shock):
        assert "rents" in world.because
        assert "the cheapest plan owns" in world.because
        assert "against base" in world.because


def test_the_ranking_flips_between_worlds_at_the_base_case_s_threshold() -> None:
    """A capital cost just below base's threshold: owning wins in base, renting where a glut comes."""
    case = case_of(None)
    load, _ = profile_of(case, None, "example", None)
    worlds = {name: background(name, case) for name in ("base", "dark-fibre")}
    trial = Trial(case, load, worlds["base"], paths=1000, seed=1)
    (flip,) = flips(
        trial, [Lever("hardware.capital_usd_per_gpu", "capital", "USD", 50_000.0, 20_000.0, 60_000.0)]
    )
    assert (flip.best, flip.becomes, flip.status) == ("on_demand", "own_colo", "solved")
    edge = case.with_value("hardware.capital_usd_per_gpu", flip.value * 0.998)
    winners = {
        name: evaluate(setting(edge, load, world, paths=1000, seed=1), PURE).best.name
        for name, world in worlds.items()
    }
    assert winners == {"base": "own_colo", "dark-fibre": "on_demand"}
    # Where owning is cheap, a jump of efficiency leaves fewer GPUs to own for the whole load, no more in the mix.
    cheap = case.with_value("hardware.capital_usd_per_gpu", 20_000.0)
    base, shock = (
        evaluate(setting(cheap, load, worlds.get(name) or background(name, case), paths=1000, seed=1)).options
        for name in ("base", SCENARIOS[2])
    )
    assert shock["own_colo"].choice["owned GPUs"] < base["own_colo"].choice["owned GPUs"]
    assert 0 < shock["mix"].choice["owned GPUs"] <= base["mix"].choice["owned GPUs"]


def test_the_background_is_relative_and_the_base_case_departs_from_itself_by_nothing() -> None:
    base = background("base", case_of(None))
    assert np.all(base.spot_log[0] == 0)
    assert np.median(base.service_dev, axis=1) == pytest.approx(
        np.zeros(base.service_dev.shape[0]), abs=1e-12
    )
    assert -0.4 < base.trend_per_year < 0.1
    with pytest.raises(InputError, match="start"):
        background(
            "base",
            cases.build(
                {p: (line.value, "t") for p, line in case_of(None).ledger.items() if line.given},
                start="2020Q1",
                today=cases.TODAY,
            ),
        )


def test_the_package_is_the_public_function_too() -> None:
    import supercycle.decisions.choice.risk
    from supercycle import decide as called

    assert called(usage="example", paths=20, scenarios=(), changes=False).found.best.mean > 0
    assert supercycle.decisions.choice.risk.cvar(np.array([1.0]), 0.0) == 1.0


def test_forward_curves_and_tables_carry_dates_and_staleness() -> None:
    body = forward_curves(paths=300)
    low, median, high = (body["forward"]["rent_usd_per_gpu_hour"][k] for k in (0, 2, 4))
    today = rental_on_demand("B200").value
    assert low[0] == median[0] == high[0] == today
    assert low[-1] < median[-1] < high[-1]
    assert max(high) > today  # rents also rise
    stale = {one["what"]: one["stale"] for one in body["tables"]}
    assert stale["buy MI300X"]
    assert not stale["rent H100"]
    assert all(one["source"] for one in body["tables"])


def test_a_running_gateway_is_asked_for_its_load(monkeypatch: pytest.MonkeyPatch) -> None:
    """The admin listener's profile, with the key from the environment; a refusal is told."""
    asked: list[tuple[str, str | None]] = []

    class Admin(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append((self.path, self.headers.get("Authorization")))
            good = self.headers.get("Authorization") == "Bearer mine"
            body = cases.profile().to_json().encode() if good else b"{}"
            self.send_response(200 if good else 401)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Admin)
    Thread(target=server.serve_forever, daemon=True).start()
    place = f"http://127.0.0.1:{server.server_port}/"
    try:
        monkeypatch.setenv("SUPERCYCLE_GATEWAY_KEY", "mine")
        assert profile_of(case_of(None), None, None, place)[0] == cases.profile()
        monkeypatch.setenv("SUPERCYCLE_GATEWAY_KEY", "other")
        with pytest.raises(EnvironmentProblem, match="401"):
            profile_of(case_of(None), None, None, place)
    finally:
        server.shutdown()
        server.server_close()
    assert asked[0] == ("/api/dashboard/profile.json", "Bearer mine")
    with pytest.raises(InputError, match="two loads"):
        profile_of(case_of(None), None, "a.csv", place)


def test_the_bridge_a_profile_runs_as_it_is(tmp_path: Path) -> None:
    """A demand profile as the gateway writes it, by file in each of its forms and as an object."""
    profile = cases.profile()
    profile.to_frame().write_parquet(tmp_path / "d.parquet")
    (tmp_path / "d.csv").write_text(profile.to_csv())
    (tmp_path / "d.json").write_text(profile.to_json())
    means = [
        decide(usage=tmp_path / name, paths=50, scenarios=(), changes=False).found.best.mean
        for name in ("d.parquet", "d.csv", "d.json")
    ]
    means.append(decide(profile=profile, paths=50, scenarios=(), changes=False).found.best.mean)
    assert means == [means[0]] * 4
    (tmp_path / "mine.yaml").write_text(
        "usage: d.csv\nsla: {tokens_per_s_user: 30, ttft_p95_s: 2}\n"
        "model: {accepted_quality_gap: 60, quality_gap: 40, precision: fp4}\nhardware: {gpu: B200}\n"
    )
    assert decide(
        tmp_path / "mine.yaml", paths=50, scenarios=(), changes=False
    ).found.best.mean == pytest.approx(means[0])
