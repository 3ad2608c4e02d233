"""The bridge from a deal to the world: names, quarters matched to periods, result folders, and what is refused."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supercycle import service
from supercycle.core.errors import InputError, UnknownNameError
from supercycle.deals.calendar.periods import Periods
from supercycle.deals.document.read import read_deal
from supercycle.engine.seal import sealed
from supercycle.service.deal import DealResult, deal
from supercycle.service.deal_hurt import what_hurts
from supercycle.service.deal_world import World, matched, neutral, references, weights, world_from_result

D = datetime.date
TEXT = """schema: supercycle.deal/2
name: merchant
money: USD_m
calendar: {start: 2025-10-01, periods: 28, months: 3}
assets:
  - {name: gpus, spend: {amounts: {2025-10-01: 400}},
     value: {ramp: {from: 2026-01-01, to: 2032-01-01, start: 400, end: 40}}}
contracts:
  - {name: spot, kind: compute, asset: gpus, start: 2026-01-01, term_years: 7, gpus: 10000, opex: 20,
     usd_per_gpu_hour: $world.contract_price, used_share: $world.utilisation}
facilities:
  - {name: loan, kind: delayed_draw, amount: 200, rate: 10 %, maturity: 2031-01-01,
     amortisation: {type: level_payment, from: 2026-01-01}}
enforcement: {cost: 20 %}
waterfall:
  - {do: pay, what: interest, of: loan, from: construction}
  - {do: pay, what: principal, of: loan}
  - {do: distribute}
"""


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("deal") / "merchant.yaml"
    place.write_text(TEXT)
    return place


@pytest.fixture(scope="module")
def ran(file: Path) -> DealResult:
    return deal(str(file), preset="base", paths=256)


@settings(max_examples=30)
@given(
    st.dates(D(2020, 1, 1), D(2040, 12, 28)),
    st.sampled_from([1, 3, 6, 12]),
    st.integers(1, 30),
    st.integers(1, 40),
)
def test_days_are_shared_out_whole(start: datetime.date, months: int, count: int, quarters: int) -> None:
    start = start.replace(day=min(start.day, 28))
    names = [f"{2026 + (k + 2) // 4}Q{(k + 2) % 4 + 1}" for k in range(quarters)]
    share = weights(Periods(start, count, months), names)
    assert share.sum(axis=1) == pytest.approx(1.0)
    assert share.min() >= 0


def test_a_quarterly_deal_takes_each_quarter_and_holds_the_ends() -> None:
    names = ["2026Q3", "2026Q4", "2027Q1"]
    share = weights(Periods(D(2026, 4, 1), 6, 3), names)
    assert share.tolist() == [[1, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 1], [0, 0, 1]]
    half = weights(Periods(D(2026, 7, 1), 1, 6), names)[0]
    assert half == pytest.approx([92 / 184, 92 / 184, 0])  # July to September, October to December
    monthly = weights(Periods(D(2026, 7, 1), 4, 1), names)
    assert monthly.tolist() == [[1, 0, 0], [1, 0, 0], [1, 0, 0], [0, 1, 0]]
    values = np.array([[1.0, 10.0], [2.0, 20.0], [3.0, 30.0]])
    world = World({"kind": "preset"}, tuple(names), {"contract_price": values}, 2, 0)
    found, told = matched(world, Periods(D(2026, 4, 1), 6, 3), ["contract_price"])
    assert found["contract_price"].tolist() == [[1, 10], [1, 10], [2, 20], [3, 30], [3, 30], [3, 30]]
    assert (told["periods_before"], told["periods_after"]) == (1, 2)
    assert "held" in told["rule"]


def test_every_path_of_the_deal_is_the_worlds(ran: DealResult) -> None:
    """Revenue by hand: GPUs x hours x the world's use and price of the quarter."""
    world, many = ran.world, ran.many
    assert world is not None
    assert many is not None
    assert many.paths == world.paths
    at = world.quarters.index("2027Q2")
    revenue = 10_000 * 8766 / 4 * world.outputs["utilisation"][at] * world.outputs["contract_price"][at] / 1e6
    t = ran.run.prepared.periods.index(D(2027, 4, 1))
    assert many["revenue"][t] == pytest.approx(np.where(many["revenue"][t] > 0, revenue, 0.0))
    assert (many["revenue"][t] > 0).mean() > 0.5
    assert ran.body["case"] == "medians of the world's paths"
    middle = np.median(world.outputs["contract_price"], axis=1)
    told = {row["name"]: row for row in ran.body["world"]["references"]}
    assert told["contract_price"]["median_first"] == pytest.approx(middle[0])
    assert told["contract_price"]["unit"] == "USD/H100e/h"


def test_the_price_hurts_a_merchant_most(ran: DealResult) -> None:
    found = ran.body["what_hurts"]
    assert found["status"] == "ok"
    prices = {"contract_price", "spot_price", "book_price", "utilisation", "pressure", "breakeven_price"}
    prices |= {"neocloud_price"}
    leading = [row["variable"] for row in found["variables"][:4]]
    assert prices & set(leading)
    price = next(
        row for row in found["variables"] if row["variable"] in ("contract_price", "spot_price", "book_price")
    )
    assert price["worse_when"] == "low"
    assert price["rank_correlation"] < -0.4
    assert 0.2 < found["regression"]["r2"] <= 1
    spread = ran.body["distribution"]["tranches"]["loan"]
    assert spread["loss_q95"] >= spread["loss_q50"] >= 0
    assert spread["loss_shortfall"] >= spread["loss_q95"]


def test_a_harm_made_of_one_variable_is_found_and_noise_is_called_noise() -> None:
    rng = np.random.default_rng(1)
    outputs = {f"x{k}": rng.normal(size=(3, 1000)) for k in range(40)}
    covered = np.ones(3, bool)
    harm = np.maximum(-outputs["x7"].mean(axis=0), 0)
    found = what_hurts(harm, outputs, covered, harm_is="test")
    assert found["variables"][0]["variable"] == "x7"
    assert found["variables"][0]["worse_when"] == "low"
    assert next(iter(found["regression"]["coefficients"])) == "x7"
    assert what_hurts(rng.normal(size=1000), outputs, covered, harm_is="test")["status"] == "within_noise"
    assert what_hurts(np.ones(1000), outputs, covered, harm_is="test")["status"] == "same_on_every_path"
    flat = {"x": np.ones((3, 1000))}
    assert what_hurts(harm, flat, covered, harm_is="test")["status"] == "no_variable_differs"
    assert what_hurts(np.ones(50), outputs, covered, harm_is="test")["status"] == "too_few_paths"


def test_a_result_folder_gives_what_its_preset_gives(ran: DealResult, file: Path, tmp_path: Path) -> None:
    result = service.run("base", paths=256, outputs=["contract_price", "utilisation", "hurdle_rate"])
    folder = result.save(tmp_path / "base")
    again = deal(str(file), world=str(folder))
    assert again.many is not None
    assert ran.many is not None
    assert again.many.series == pytest.approx(ran.many.series, nan_ok=True)
    assert again.body["world"]["kind"] == "result"
    fewer = deal(str(file), world=str(folder), paths=16)
    assert fewer.many is not None
    assert fewer.many["revenue"] == pytest.approx(ran.many["revenue"][:, :16])
    with pytest.raises(InputError, match="1 to 256"):
        world_from_result(folder, {}, paths=300)
    with pytest.raises(UnknownNameError, match=r"merchant.yaml:.*contract_price"):
        deal(str(file), world=str(folder), set={"contracts.spot.usd_per_gpu_hour": "$world.contract_prise"})


def test_what_moves_with_the_world_stands_still_without_one() -> None:
    found = read_deal(TEXT.replace("gpus: 10000", "gpus: {value: 10000, moves_with: $world.utilisation}"))
    assert list(references(found)) == ["contract_price", "utilisation"]
    assert neutral(found) == frozenset()  # utilisation is also used as it is
    still = TEXT.replace("usd_per_gpu_hour: $world.contract_price, used_share: $world.utilisation",
                         "usd_per_gpu_hour: {value: 2, moves_with: $world.contract_price}")  # fmt: skip
    assert neutral(read_deal(still)) == {"contract_price"}


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ({}, r"merchant.yaml:10: the deal refers to \$world.contract_price and no world was given.*--preset base"),
        ({"preset": "bse"}, "unknown preset 'bse'.*base"),
        ({"world": "nowhere"}, "not a result folder"),
        ({"preset": "base", "world": "x"}, "two worlds"),
        ({"preset": "base", "paths": 0}, "--paths: bad number of paths"),
        ({"preset": "base", "set": {"contracts.spot.gpus": "$world.utilization"}}, "did you mean 'utilisation'"),
        ({"preset": "base", "set": {"contracts.spot.gpus": "$world.firm_capex_usd_bn"}}, "has members.*:Meta"),
        ({"preset": "base", "set": ["contracts.spot.gpus"]}, "bad --set"),
        ({"preset": "base", "set": ["a.b=1", "a.b=2"]}, "set twice"),
    ],
)  # fmt: skip
def test_wrong_calls_are_told_in_a_line(file: Path, call: dict[str, Any], message: str) -> None:
    with pytest.raises(Exception, match=message):
        deal(str(file), **call)


def test_a_variable_without_numbers_on_some_paths_is_not_ranked_and_failed_paths_are_left_out(
    ran: DealResult, file: Path, tmp_path: Path
) -> None:
    import json

    outputs = {"holes": np.array([[np.nan, *range(499)]], dtype=float), "whole": np.arange(500.0)[None, :]}
    found = what_hurts(np.arange(500.0), outputs, np.ones(1, bool), harm_is="test")
    assert [row["variable"] for row in found["variables"]] == ["whole"]
    folder = service.run("base", paths=32, outputs=["contract_price", "utilisation"]).save(tmp_path / "some")
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["failed_paths"] = {"non_finite": [3, 7]}
    (folder / "manifest.json").write_text(sealed(manifest))
    world = world_from_result(folder, {"contract_price": "x"})
    assert (world.paths, world.dropped) == (30, 2)
    assert world.outputs["contract_price"].shape[1] == 30
