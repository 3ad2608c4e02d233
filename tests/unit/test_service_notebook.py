"""A result as a notebook sees it: a mapping, frames, labelled arrays, a plot, a pickle."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest

import supercycle
from supercycle.core.errors import InputError, UnknownNameError
from supercycle.service import result as result_module
from supercycle.service import the_world

polars = pytest.importorskip("polars")
xarray = pytest.importorskip("xarray")
MEMBERS = ["firm_capex_usd_bn:Meta", "firm_capex_usd_bn:Oracle"]


@pytest.fixture(scope="module")
def result() -> Any:
    return supercycle.run(paths=48, kernel="numpy", until="2029Q4", set=["grid_lead_months=60"])


def test_a_result_is_a_mapping_of_its_outputs(result: Any) -> None:
    assert "fleet_it_gw" in result
    assert 0 not in result
    assert "fleet" not in result
    assert list(result) == list(result.keys())
    assert len(result) == len(result.run.outputs) + len(result.derived)
    assert dict(result)["fleet_it_gw"] == result["fleet_it_gw"]
    with pytest.raises(KeyError, match="did you mean 'fleet"):
        result["fleet"]
    with pytest.raises(UnknownNameError):
        result[0]


@pytest.mark.parametrize("library", ["polars", "pandas"])
def test_a_frame_holds_the_quantiles_of_the_mapping(result: Any, library: Any) -> None:
    frame = result.frame(["fleet_it_gw", MEMBERS[0]], library=library)
    rows = frame.to_dicts() if library == "polars" else frame.to_dict("records")
    assert len(rows) == 2 * len(result.run.quarters)
    assert [row["q50"] for row in rows[: len(result.run.quarters)]] == result["fleet_it_gw"]["q50"]
    assert rows[-1]["entity"] == "Meta"
    assert rows[-1]["quarter"] == "2029Q4"
    with pytest.raises(InputError, match="no quarters"):
        result.frame(["vintage_irr_external"])


def test_paths_as_a_frame_are_the_values(result: Any) -> None:
    frame = result.paths("fleet_it_gw")
    assert frame.columns[0] == "quarter"
    assert np.array_equal(frame.drop("quarter").to_numpy(), result.value("fleet_it_gw"))


def test_a_dataset_is_labelled_by_path_quarter_and_member(result: Any) -> None:
    data = result.dataset(["fleet_it_gw", *MEMBERS])
    assert data["fleet_it_gw"].attrs["units"] == "GW_it"
    capex = data["firm_capex_usd_bn"]
    assert capex.dims == ("firm", "path", "quarter")
    assert np.array_equal(capex.sel(firm="Oracle", quarter="2028Q4"), result.value(MEMBERS[1])[9])
    median = data["fleet_it_gw"].quantile(0.5, "path").sel(quarter="2029Q4").item()
    assert median == pytest.approx(result["fleet_it_gw"]["q50"][-1], rel=1e-12)
    assert data.attrs["command"] == result.manifest["command"]


def test_a_path_without_numbers_is_missing_in_frames_and_not_zero(result: Any) -> None:
    import dataclasses

    status = result.run.status.copy()
    status[3] = 1
    broken = result_module.Result(dataclasses.replace(result.run, status=status))
    assert np.isnan(broken.dataset(["fleet_it_gw"])["fleet_it_gw"].sel(path=3)).all()
    assert broken.paths("fleet_it_gw")["3"].is_nan().all()


def test_a_plot_shows_the_band_and_the_unit(result: Any) -> None:
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    axes = result.plot("fleet_it_gw")
    assert axes.get_ylabel() == "GW_it"
    assert axes.get_title() == result["fleet_it_gw"]["label"]
    assert np.array_equal(axes.lines[0].get_ydata(), result["fleet_it_gw"]["q50"])


def test_a_pickle_comes_back_whole_and_only_into_the_same_model(
    result: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = pickle.dumps(result)
    again = pickle.loads(kept)
    assert again.headline == result.headline
    assert again.to_dict()["outputs"] == result.to_dict()["outputs"]
    assert np.array_equal(again.value("fleet_it_gw"), result.value("fleet_it_gw"))

    class Other:
        model_hash = "0" * 64

    monkeypatch.setattr(the_world, "subject", Other)
    with pytest.raises(InputError, match="made with another model"):
        pickle.loads(kept)


def test_what_a_cell_prints_is_short(result: Any) -> None:
    assert len(repr(result)) < 1500
    assert len(repr(result.run)) < 1500


def test_a_comparison_and_a_deal_print_short_too() -> None:
    from supercycle.service.deal import deal

    compared = supercycle.compare("base", "crunch-2027", paths=16, kernel="numpy", until="2028Q4")
    assert "fleet_it_gw" in compared
    assert list(compared) == list(compared.comparison.a.outputs)
    assert "paired on" in repr(compared)
    assert len(repr(compared)) < 300
    assert len(repr(deal("hyperion"))) < 300
