"""The stored posterior: a file beside this module, how it becomes a prior, and what the base case is under it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from supercycle.core.errors import InputError
from supercycle.core.files import whole_file
from supercycle.engine.prior import read_prior
from supercycle.engine.run import Run, simulate
from supercycle.engine.scenario import Scenario
from supercycle.engine.subject import Subject
from supercycle.service.result import Result
from supercycle.service.the_world import subject

__all__ = ["FILE", "base_under", "manifest", "save", "stored", "with_posterior"]

FILE = Path(__file__).with_name("posterior.json")
_SHOWN = (
    ("five_firm_capex_usd_bn", "2027"), ("five_firm_capex_usd_bn", "2030"),
    ("world_ai_capex_usd_bn", "2027"), ("world_ai_capex_usd_bn", "2030"),
    ("fleet_it_gw", "2027"), ("fleet_it_gw", "2030"),
    ("ai_revenue_run_rate", "2027"), ("ai_revenue_run_rate", "2030"),
    ("contract_price", "2030"), ("utilisation", "2027"), ("ai_debt_usd_bn", "2030"),
)  # fmt: skip
_FLOWS = ("five_firm_capex_usd_bn", "world_ai_capex_usd_bn")


def manifest(file: Path = FILE) -> dict[str, Any]:
    """What the stored posterior was fitted with, and whether the model has changed since (``stale``).

    Errors: InputError when there is none.
    """
    kept: dict[str, Any] = stored(file)["posterior"]["manifest"]
    return {**kept, "stale": kept["model_hash"] != subject().bare_hash}


def stored(file: Path = FILE) -> dict[str, Any]:
    """The file's content under the key ``posterior``. Errors: InputError when there is none or it is not JSON."""
    try:
        return {"posterior": json.loads(file.read_text("utf-8"))}
    except FileNotFoundError:
        raise InputError(
            "no posterior is stored", where=file.name, hint="Run supercycle calibrate --save."
        ) from None
    except ValueError as error:
        raise InputError(f"not a stored posterior ({error})", where=file.name) from None


def with_posterior(base: Subject, file: Path = FILE) -> Subject:
    """The world with the stored posterior as a prior a scenario may name.

    Errors: InputError when none is stored or it does not fit the registry any more. One that was fitted to another
    model is read, and refused by ``Subject.prior`` when a run asks for it.
    """
    manifest(file)
    return replace(
        base, priors={"posterior": read_prior(file.read_text("utf-8"), base.model.registry, file.name)}
    )


def save(posterior: Mapping[str, Any], file: Path = FILE) -> None:
    """Write a posterior whole or not at all. Errors: EnvironmentProblem when the folder is not writable."""
    text = json.dumps(posterior, indent=1, allow_nan=False) + "\n"
    with whole_file(file, "the posterior") as temporary:
        temporary.write_text(text, encoding="utf-8")


def base_under(posterior: Mapping[str, Any], paths: int = 4000, seed: int = 1) -> dict[str, Any]:
    """The base case under the registry's priors and under a posterior, on the same random numbers.

    ``rows`` holds medians and 5-95 % of a few outputs (sums of the year for flows); ``headlines`` the two sentences.
    """
    base = subject()
    prior = read_prior(json.dumps(posterior), base.model.registry, "posterior")
    runs = {
        name: simulate(
            replace(base, priors={"posterior": prior}), Scenario("base", prior=name), paths=paths, seed=seed
        )
        for name in ("judged", "posterior")
    }
    rows = [
        {"output": key, "year": year, **{name: _spread(run, key, year) for name, run in runs.items()}}
        for key, year in _SHOWN
    ]
    headlines = {name: Result(run).to_dict()["headline"] for name, run in runs.items()}
    rejection = {name: run.rejection_rate for name, run in runs.items()}
    return {"paths": paths, "seed": seed, "rows": rows, "headlines": headlines, "rejection_rate": rejection}


def _spread(run: Run, key: str, year: str) -> dict[str, float]:
    values = run.value(key)[:, run.ok]
    inside = [i for i, quarter in enumerate(run.quarters) if quarter.startswith(year)]
    found = values[inside].sum(axis=0) if key in _FLOWS else values[inside[-1]]
    low, middle, high = (float(v) for v in np.quantile(found, [0.05, 0.5, 0.95]))
    return {"q05": low, "q50": middle, "q95": high}
