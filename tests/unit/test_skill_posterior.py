"""A fitted prior: read from its file, drawn by name, refused when it no longer fits the model."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from supercycle import service
from supercycle.core.errors import InputError, UnknownNameError
from supercycle.engine.cube import Cube
from supercycle.engine.preset import load_preset_file
from supercycle.engine.prior import Prior, read_prior
from supercycle.engine.reading import reading
from supercycle.engine.run import simulate
from supercycle.engine.sample import sample_params
from supercycle.engine.scenario import Range, Scenario, scenario_from_manifest
from supercycle.service.the_world import subject
from supercycle.skill import posterior

BASE = subject()
REGISTRY = BASE.model.registry
PATHS = np.arange(2048)


def fitted(**tables: tuple[float, ...]) -> Prior:
    return Prior("posterior", levels=(0.0, 0.5, 1.0), tables=tables)


def column(params: Any, id: str) -> Any:
    return params[BASE.plan.param_slots[id]]


def test_the_stored_posterior_is_read_and_says_what_it_was_fitted_with() -> None:
    world = posterior.with_posterior(BASE)
    manifest = posterior.manifest()
    prior = world.priors["posterior"]
    assert prior.tables
    assert manifest["figures"] >= 50
    assert manifest["particles"] >= 4096
    assert min(manifest["effective"]) >= 0.4 * manifest["particles"]
    moved = {row["id"] for row in posterior.stored()["posterior"]["moved"]}
    assert moved == set(prior.tables)


def test_judged_draws_are_the_same_with_and_without_a_posterior_beside_them() -> None:
    world = replace(BASE, priors={"posterior": fitted(it_cost_fade=(0.1, 0.12, 0.25))})
    plain, beside = (sample_params(of, Scenario("base"), 1, PATHS[:64]).params for of in (BASE, world))
    assert np.array_equal(plain, beside)


def test_a_table_replaces_one_marginal_and_no_other_draw() -> None:
    free = replace(BASE, accept=None)
    world = replace(free, priors={"posterior": fitted(it_cost_fade=(0.1, 0.12, 0.25))})
    judged = sample_params(free, Scenario("base"), 1, PATHS).params
    after = sample_params(world, Scenario("base", prior="posterior"), 1, PATHS).params
    changed = [id for row, id in enumerate(REGISTRY) if not np.array_equal(judged[row], after[row])]
    assert changed == ["it_cost_fade"]
    assert np.median(column(after, "it_cost_fade")) == pytest.approx(0.12, abs=0.004)
    # the same uniform number goes through both: order is kept
    assert np.array_equal(
        np.argsort(column(judged, "it_cost_fade")), np.argsort(column(after, "it_cost_fade"))
    )


def test_a_fit_to_another_model_is_refused_with_the_command_that_fits_again() -> None:
    """A fit to another model's past would be drawn without a word: on every way in, a preset's file included."""
    kept = fitted(it_cost_fade=(0.1, 0.12, 0.25))
    other = replace(BASE, priors={"posterior": replace(kept, fitted_to="0" * 64)})
    for ask in (
        lambda: other.prior("posterior"),
        lambda: simulate(other, Scenario("base", prior="posterior"), paths=32, seed=1, until="2026Q3"),
    ):
        with pytest.raises(InputError, match=r"another model.*0{12}.*supercycle calibrate --save"):
            ask()
    same = replace(BASE, priors={"posterior": replace(kept, fitted_to=BASE.bare_hash)})
    assert same.prior("posterior") is same.priors["posterior"]
    assert other.prior("judged") is None


def test_the_stored_fit_is_drawn_only_by_the_model_it_was_fitted_to() -> None:
    kept = posterior.manifest()
    assert BASE.priors["posterior"].fitted_to == kept["model_hash"]
    if kept["stale"]:
        with pytest.raises(InputError, match="fitted to another model"):
            service.run("base", prior="posterior", paths=32)
    else:
        assert service.run("base", prior="posterior", paths=32).run.scenario.prior == "posterior"


def test_the_hash_of_a_fit_knows_nothing_of_the_fit() -> None:
    other = replace(BASE, priors={"posterior": fitted(it_cost_fade=(0.1, 0.12, 0.25))})
    assert other.bare_hash == BASE.bare_hash == replace(BASE, priors={}).model_hash
    assert replace(BASE, tables="other").bare_hash != BASE.bare_hash


def test_a_draw_is_a_function_of_seed_stream_and_path() -> None:
    world = posterior.with_posterior(BASE)
    drawn = replace(
        world.priors["posterior"], fitted_to=""
    )  # its tables are drawn from here, whatever it was fitted to
    world = replace(world, priors={"posterior": drawn})
    scenario = Scenario("base", prior="posterior")
    many = sample_params(world, scenario, 5, PATHS[:256]).params
    few = sample_params(world, scenario, 5, PATHS[64:96]).params
    assert np.array_equal(many[:, 64:96], few)


def test_pairs_tie_what_they_name() -> None:
    prior = replace(fitted(), pairs=(("expectation_gain", "hurdle_base", 0.7),))
    world = replace(BASE, accept=None, priors={"posterior": prior})
    params = sample_params(world, Scenario("base", prior="posterior"), 1, np.arange(8192)).params
    ranks = [np.argsort(np.argsort(column(params, id))) for id in ("expectation_gain", "hurdle_base")]
    assert np.corrcoef(ranks)[0, 1] == pytest.approx(0.7, abs=0.03)


def test_a_range_of_the_scenario_wins_over_the_table() -> None:
    world = replace(BASE, accept=None, priors={"posterior": fitted(it_cost_fade=(0.1, 0.12, 0.25))})
    asked = Scenario("base", prior="posterior", ranges={"it_cost_fade": Range(0.2, 0.21, 0.22)})
    drawn = column(sample_params(world, asked, 1, PATHS).params, "it_cost_fade")
    assert drawn.min() >= 0.2
    assert drawn.max() <= 0.22


def test_the_cube_of_sensitivities_goes_through_the_table_too() -> None:
    world = replace(BASE, priors={"posterior": fitted(it_cost_fade=(0.1, 0.12, 0.25))})
    asked = reading(world, "ai_revenue_run_rate:last")
    cube = Cube(
        world, Scenario("base", prior="posterior"), asked, seed=1, until="2026Q4", inputs=["it_cost_fade"]
    )
    assert np.allclose(
        column(cube.params(np.array([[0.25, 0.5, 0.75]])), "it_cost_fade"), [0.11, 0.12, 0.185]
    )


def test_an_unknown_prior_is_refused_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="judged"):
        simulate(BASE, Scenario("base", prior="judgde"), paths=32, seed=1, until="2026Q3")


def test_a_preset_names_its_prior_and_a_manifest_keeps_it(tmp_path: Path) -> None:
    file = tmp_path / "fitted.yaml"
    file.write_text(
        "schema: supercycle.preset/1\nname: fitted\ntitle: Fitted\nprior: posterior\n", encoding="utf-8"
    )
    scenario = load_preset_file(file, REGISTRY, origin=str(file))
    assert scenario.prior == "posterior"
    kept = json.loads(json.dumps({"scenario": scenario.to_dict(), "until": "2035Q4"}))
    assert scenario_from_manifest(kept, "manifest.json", REGISTRY).prior == "posterior"
    assert "prior" not in Scenario("base").to_dict()


def test_the_hash_of_the_model_knows_its_priors() -> None:
    world = replace(BASE, priors={"posterior": fitted(it_cost_fade=(0.1, 0.12, 0.25))})
    assert world.model_hash != BASE.model_hash
    assert replace(world, priors={}).model_hash == replace(BASE, priors={}).model_hash


def text(**changes: Any) -> str:
    kept = {"levels": [0, 1], "tables": {"it_cost_fade": [0.1, 0.25]}, "pairs": []}
    return json.dumps({**kept, **changes})


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("{", "not a fitted prior"),
        (text(pairs=3), "not a fitted prior"),
        (text(tables={"it_cost_fad": [0.1, 0.25]}), "did you mean 'it_cost_fade'"),
        (text(pairs=[["it_cost_fade", "expectation_gian", 0.2]]), "did you mean 'expectation_gain'"),
        (text(tables={"it_cost_fade": [0.01, 0.25]}), "leaves its range.*0.1 to 0.25"),
        (text(tables={"it_cost_fade": [0.25, 0.1]}), "do not fall"),
        (text(tables={"it_cost_fade": [0.1]}), "2 values"),
    ],
)
def test_a_file_that_does_not_fit_is_one_line(content: str, told: str) -> None:
    with pytest.raises(InputError, match=told) as caught:
        read_prior(content, REGISTRY, "posterior.json")
    assert "\n" not in str(caught.value)


def test_saving_is_whole_or_not_at_all(tmp_path: Path) -> None:
    file = tmp_path / "posterior.json"
    with pytest.raises(InputError, match="no posterior is stored"):
        posterior.manifest(file)
    posterior.save({"levels": [0, 1]}, file)
    with pytest.raises(ValueError, match="JSON"):
        posterior.save({"levels": [float("nan")]}, file)
    assert json.loads(file.read_text("utf-8")) == {"levels": [0, 1]}
    assert [path.name for path in tmp_path.iterdir()] == ["posterior.json"]
    file.write_text("{", encoding="utf-8")
    with pytest.raises(InputError, match="not a stored posterior"):
        posterior.stored(file)
