"""Noise inside the world: off it is nothing, on it widens what it names, its scales are the estimates they claim."""

from __future__ import annotations

import numpy as np
import pytest

from supercycle.engine.run import Run, simulate
from supercycle.engine.scenario import Scenario
from supercycle.figures.known_from import CLOSED
from supercycle.service.the_world import subject
from supercycle.skill.known import Known, day_of
from supercycle.skill.noise import fitted, pooled, shocks

SCALES = {
    "demand_shock_sd": "ai_revenue_run_rate",
    "capex_shock_sd": "five_firm_capex_usd_bn",
    "delivery_sd": "chip_spend_usd_bn",
    "core_timing_sd:Amazon": "firm_capex_usd_bn:Amazon",
    "core_shock_sd:Alphabet": "firm_ocf_usd_bn:Alphabet",
    "firm_budget_sd:Meta": "firm_capex_usd_bn:Meta",
    "price_shock_sd": "spot_price",
}
PATHS = 512
REGISTRY = subject().model.registry
ZERO = {id: 0.0 for id in REGISTRY if REGISTRY[id].block == "shocks" and "_sd" in id}


def run(outputs: list[str], **settings: float) -> Run:
    scenario = Scenario("noise", set={"crash_switch": 0.0, **settings}, beyond=tuple(settings))
    return simulate(subject(), scenario, paths=PATHS, seed=1, until="2029Q4", outputs=outputs)


@pytest.fixture(scope="module")
def silent() -> Run:
    return run(list(SCALES.values()), shock_switch=0.0)


def test_all_scales_at_zero_are_the_mechanism_alone(silent: Run) -> None:
    still = run(list(SCALES.values()), **ZERO)
    for key in SCALES.values():
        assert np.array_equal(still.value(key), silent.value(key)), key


@pytest.mark.parametrize(("scale", "key"), SCALES.items())
def test_each_scale_widens_what_it_names(scale: str, key: str, silent: Run) -> None:
    """A path's distance from its silent twin grows with the scale, in both directions."""
    sizes = []
    for size in (0.05, 0.1):
        moved = run([key], **(ZERO | {scale: size}))
        apart = np.log(moved.value(key)[6] / silent.value(key)[6])
        assert 0.2 < float(np.mean(apart > 0.0)) < 0.8
        sizes.append(float(np.std(apart)))
    assert 0.0 < 1.5 * sizes[0] < sizes[1]


def test_shocks_are_first_order_autoregressions() -> None:
    found = run(["demand_shock", "capex_shock"], demand_shock_memory=0.8, demand_shock_sd=0.2,
                capex_shock_memory=0.8, capex_shock_sd=0.05)  # fmt: skip
    for key, size, opened in (("demand_shock", 0.2, 0.0), ("capex_shock", 0.05, 1.0)):
        values = found.value(key)[:, found.ok]
        # from nothing, or stationary from the opening on
        left = (1.0 - opened) * 0.8 ** (2 * np.arange(1, 15))
        wanted = size * np.sqrt((1.0 - left) / (1.0 - 0.8**2))
        assert values.std(axis=1) == pytest.approx(wanted, rel=0.12)
        news = (values[1:] - 0.8 * values[:-1]).ravel()
        assert abs(np.corrcoef(news, values[:-1].ravel())[0, 1]) < 0.03


def test_what_slips_comes_later() -> None:
    found = run(["chip_orders", "chip_pipeline_due", "chip_pipeline_total"], delivery_sd=0.145)
    orders, due, held = (found.value(key)[:, found.ok] for key in found.outputs)
    assert np.diff(held, axis=0) == pytest.approx((orders - due)[1:], abs=1e-9)
    assert held.min() >= 0.0


def test_the_registry_holds_the_estimates() -> None:
    """Typed in shocks.py because the world reads no skill; here they are made again from all figures."""
    registry = subject().model.registry
    found = shocks(Known(CLOSED), registry["lab_share_open"].default)
    for id, (values, _, rows) in found.items():
        param = registry[id]
        assert rows, id
        assert (param.low, param.default, param.high) == pytest.approx(values, abs=0.006), id


def test_an_estimate_recovers_what_made_the_series() -> None:
    """On twenty-four quarters of its own making: the true scale lies within the points about nine times in ten."""
    generator = np.random.default_rng(3)
    held = 0
    for _ in range(40):
        size = abs(generator.normal(0.0, 0.075))
        news = size * generator.standard_normal(24)
        growth = np.zeros(24)
        for i in range(1, 24):
            growth[i] = 0.85 * growth[i - 1] + news[i]
        logs = np.cumsum(growth + 0.03) + 0.05 * generator.standard_normal(24)
        low, _, high = fitted(
            {f"{2019 + i // 4}Q{i % 4 + 1}": float(np.exp(v)) for i, v in enumerate(logs)}
        ).growth
        held += low <= size <= high
    assert 30 <= held <= 40


def test_a_calm_series_is_drawn_towards_the_pool_and_no_further() -> None:
    """Alone among wild ones a calm series may be wild too; in a pool of itself it keeps what it has."""
    generator = np.random.default_rng(5)

    def made(size: float) -> dict[str, float]:
        growth, logs, values = 0.0, 0.0, {}
        for i in range(24):
            growth = 0.85 * growth + size * generator.standard_normal()
            logs += growth
            values[f"{2019 + i // 4}Q{i % 4 + 1}"] = float(np.exp(logs))
        return values

    calm, wild = made(0.01), {str(i): made(0.12) for i in range(6)}
    alone, among = fitted(calm).growth, pooled({"calm": calm, **wild})
    assert alone[1] < among["calm"][1] < 2.0 * alone[1]
    assert among["0"][1] == pytest.approx(fitted(wild["0"]).growth[1], rel=0.3)
    few = pooled({"few": {}, **wild})
    assert few["few"][1] > fitted({}).growth[1]  # without a history the others speak


def test_scales_at_a_start_read_nothing_later() -> None:
    """Known refuses later rows by name; with fewer quarters the priors speak: wider relative to what the data say."""
    then, later = (shocks(Known(day_of(start)), 0.45) for start in ("2022Q4", "2024Q4"))
    assert then["demand_shock_sd"][0] == (0.05, 0.2, 0.4)
    assert len(then["capex_shock_sd"][2]) < len(later["capex_shock_sd"][2])
