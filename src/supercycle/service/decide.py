"""``decide`` as a user asks for it: a file or a metered load, a world for background, one answer.

The world's runs become arrays here, and files become text and profiles; ``supercycle.decide`` (the package) computes.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from supercycle.core.errors import EnvironmentProblem, InputError
from supercycle.core.profile import DemandProfile
from supercycle.core.quarters import Quarter
from supercycle.decisions.capacity.throughput import throughput as throughput_of
from supercycle.decisions.choice.decision import Decision, Told
from supercycle.decisions.choice.decision import decide as computed
from supercycle.decisions.choice.forward import forward
from supercycle.decisions.choice.setting import Setting, setting
from supercycle.decisions.choice.shopping import Shopping, candidates, shop
from supercycle.decisions.inputs.case import Case
from supercycle.decisions.inputs.example import example_profile
from supercycle.decisions.inputs.file import read_case
from supercycle.decisions.inputs.hardware import GPUS
from supercycle.decisions.inputs.hardware import gpu as gpu_of
from supercycle.decisions.inputs.promise import Sla, Throughput
from supercycle.decisions.inputs.quotes import (
    Quote,
    electricity,
    figure_quote,
    gpu_capital,
    rental_on_demand,
)
from supercycle.decisions.inputs.template import template
from supercycle.decisions.inputs.weights import weights
from supercycle.decisions.money.prices import Background
from supercycle.service.decide_load import EXAMPLE, profile_of, text_of

__all__ = [
    "SCENARIOS",
    "background",
    "buy",
    "case_of",
    "decide",
    "decide_text",
    "forward_curves",
    "init",
    "profile_of",
    "throughput",
]

Floats = NDArray[np.float64]

SCENARIOS = ("base", "crunch-2027", "efficiency-shock")
_WORLD_PATHS = 1000
_OUTPUTS = ("spot_price", "service_price_log", "efficiency_log")


def decide(
    file: str | Path | None = None,
    *,
    usage: str | Path | None = None,
    gateway: str | None = None,
    profile: DemandProfile | None = None,
    shape: str = "",
    preset: str = "base",
    scenarios: Sequence[str] = SCENARIOS,
    set: Mapping[str, float | str] | Sequence[str] = (),
    paths: int = 10_000,
    seed: int = 1,
    changes: bool = True,
    levers: Mapping[str, float | str] | None = None,
    told: Told | None = None,
) -> Decision:
    """Own, lease, reserve or call an API: the answer for a decision file and a load, in a world.

    ``file`` is a decision file (without it the template's inputs stand); the load is ``profile``, ``usage`` (a
    metered Parquet, CSV or JSON profile, or a provider's export), a running ``gateway``'s, or the file's own ``load``
    or ``usage``. Nobody's load is ever put in its place: ``usage="example"`` is the synthetic example by its name.
    ``shape`` spreads totals of days or months. ``set`` changes inputs by path. ``scenarios`` are presets to compare;
    "all" is every one that is shipped. ``levers`` move the world's parameters on top of ``preset``, not of the others.

    Errors: InputError and its kinds for anything wrong in the inputs; EnvironmentProblem when the gateway does not
    answer.

    >>> answer = decide(usage="example", paths=200, scenarios=(), changes=False)
    >>> answer.found.best.levelised_usd_per_mtok > 0
    True
    """
    case = case_of(file, set)
    load, notes = (profile, ()) if profile is not None else profile_of(case, file, usage, gateway, shape)
    case = case.with_notes(notes)
    from supercycle.service import presets

    every = [one["name"] for one in presets()] if "all" in scenarios else list(scenarios)
    names = list(dict.fromkeys((preset, *every)))
    worlds = {
        name: background(name, case, seed=seed, progress=told)
        for name in names
        if not levers or name != preset
    }
    if levers:  # the first is the decision's own; the preset without them stays among the others
        own = {f"{preset} with levers": background(preset, case, levers=levers, seed=seed, progress=told)}
        beside = {preset: background(preset, case, seed=seed)} if preset in every else {}
        worlds = {**own, **beside, **worlds}
    return computed(case, load, worlds, paths=paths, seed=seed, changes=changes, told=told)


def decide_text(
    text: str,
    *,
    set: Mapping[str, float | str] | Sequence[str] = (),
    paths: int = 1000,
    seed: int = 1,
) -> Decision:
    """The answer for the text of a decision file whose load is typed in it, or is the example by its name.

    Errors: those of decide.
    """
    case = read_case(text, origin="text", today=_today(), settings=_settings(set))
    if case.usage not in ("", EXAMPLE):  # a text names no files of the machine that reads it
        raise InputError("usage", expected=f"a section load, or {EXAMPLE}", got=case.usage)
    profile, notes = profile_of(case, "text", None, None)
    worlds = {"base": background("base", case, seed=seed)}
    return computed(case.with_notes(notes), profile, worlds, paths=paths, seed=seed, changes=False)


def buy(
    file: str | Path,
    *,
    usage: str | Path | None = None,
    gateway: str | None = None,
    shape: str = "",
    gpus: Sequence[str] = (),
    models: Sequence[str] = (),
    precisions: Sequence[str] = (),
    preset: str = "base",
    set: Mapping[str, float | str] | Sequence[str] = (),
    paths: int = 64,
    seed: int = 1,
    told: Told | None = None,
) -> Shopping:
    """What to buy: GPUs, open models and precisions ranked for a load, each by its cheapest way that hosts.

    Without names every GPU of the tables is compared with the file's model at each precision it has units for.
    Errors: those of decide.
    """
    case = case_of(file, set)
    load, _ = profile_of(case, file, usage, gateway, shape)
    wanted = candidates(case, gpus, models, precisions)
    return shop(
        case,
        load,
        background(preset, case, seed=seed, progress=told),
        wanted,
        paths=paths,
        seed=seed,
        told=told,
    )


def init(file: str | Path) -> Path:
    """Write the commented template; refuses a file that exists."""
    place = Path(file)
    if place.exists():
        raise EnvironmentProblem(f"{place} exists", hint="Name another file, or remove it.")
    _write(place, template())
    return place


def throughput(
    model: str,
    gpu: str,
    *,
    tokens_per_s_user: float,
    ttft_p95_s: float,
    isl: float = 1024,
    osl: float = 1024,
    precision: str = "fp8",
    method: str = "best",
) -> Throughput:
    """Tokens a second from one GPU at an SLA."""
    return throughput_of(
        weights(model),
        gpu_of(gpu),
        Sla(tokens_per_s_user, ttft_p95_s),
        isl=isl,
        osl=osl,
        precision=precision,
        method=method,
    )


def forward_curves(
    file: str | Path | None = None,
    *,
    preset: str = "base",
    set: Mapping[str, float | str] | Sequence[str] = (),
    paths: int = 2000,
    seed: int = 1,
) -> dict[str, Any]:
    """Quantiles by month of rent, API price and hardware in a world, and the tables of prices with dates and
    staleness.
    """
    case = case_of(file, set)
    # Prices do not depend on whose load it is; without one, the example stands for its models and is not shown.
    load = profile_of(case, file, None, None)[0] if file is not None else example_profile()
    place = setting(case, load, background(preset, case, seed=seed), paths=paths, seed=seed)
    return {
        "schema": "supercycle.decide-prices/1",
        "background": preset,
        "start": case.start,
        "today": case.today.isoformat(),
        "deflator": case.word("api.deflator"),
        "forward": {name: values.tolist() for name, values in forward(place).items()},
        "tables": [*_tables(case.today), *_api_rows(place, case.today)],
    }


def _api_rows(place: Setting, today: dt.date) -> list[dict[str, Any]]:
    """List prices of the models in the load and of the hosts; a price without a date counts as stale."""
    found: list[dict[str, Any]] = []
    for one in (*place.load.prices, *((place.ready.open_price,) if place.ready.open_price else ())):
        for kind in ("input", "cached", "output"):
            found.append(
                {
                    "what": f"{one.provider} {one.model}, {kind}",
                    "value": one.rate(kind),
                    "unit": "USD/Mtok",
                    "low": None,
                    "high": None,
                    "tier": "B",
                    "evidence": "published",
                    "day": None if one.day is None else one.day.isoformat(),
                    "stale": one.stale(today),
                    "source": one.source,
                }
            )
    return found


def _tables(today: dt.date) -> list[dict[str, Any]]:
    quotes: list[tuple[str, Quote]] = []
    for name in GPUS:
        for what, of in (("rent", rental_on_demand), ("buy", gpu_capital)):
            try:
                quotes.append((f"{what} {name}", of(name)))
            except InputError:
                continue  # nobody prints it: the input has to be given
    quotes += [(f"electricity {where}", electricity(where)) for where in ("Iowa", "Ohio", "Pennsylvania")]
    colo = figure_quote("colo_rate_250_500kW", "US primary markets avg asking", "USD/kW/month", "site")
    return [
        {
            "what": what,
            "value": q.value,
            "unit": q.unit,
            "low": q.low,
            "high": q.high,
            "tier": q.tier,
            "evidence": q.evidence,
            "day": None if q.day is None else q.day.isoformat(),
            "stale": q.stale(today),
            "source": q.source,
        }
        for what, q in [*quotes, ("colocation", colo)]
    ]


def case_of(file: str | Path | None, settings: Mapping[str, float | str] | Sequence[str] = ()) -> Case:
    """The case of a decision file, or of the template, with settings on top."""
    if file is None:
        text, origin = template(), "template"
    else:
        text, origin = text_of(Path(file)), str(file)
    return read_case(text, origin=origin, today=_today(), settings=_settings(settings))


def _settings(given: Mapping[str, float | str] | Sequence[str]) -> dict[str, float | str]:
    if isinstance(given, Mapping):
        return dict(given)
    found: dict[str, float | str] = {}
    for one in given:
        path, equals, value = one.partition("=")
        if not equals or not path or not value:
            raise InputError("bad --set", expected="section.name=value", got=one)
        found[path.strip()] = value.strip()
    return found


def background(
    preset: str,
    case: Case,
    *,
    levers: Mapping[str, float | str] | None = None,
    seed: int = 1,
    progress: Told | None = None,
) -> Background:
    """A world's paths of the price of compute, the service price and efficiency from the decision's quarter on.

    Departures are from the median of the base case on the same draws. Errors: InputError when the quarter of the
    decision lies outside the world.
    """
    from supercycle.service import model as service

    start = str(Quarter.parse(case.start))
    run = service.run(
        preset, set=levers or (), paths=_WORLD_PATHS, seed=seed, outputs=_OUTPUTS, progress=progress
    )
    base = (
        run
        if preset == "base" and not levers
        else service.run("base", paths=_WORLD_PATHS, seed=seed, outputs=_OUTPUTS)
    )
    quarters = list(run.run.quarters)
    if start not in quarters:
        raise InputError("start", expected=f"{quarters[0]} to {quarters[-1]}", got=case.start)
    first = quarters.index(start)
    last = first + 4 * case.years + 2
    here, median = _relative(run, first, last), _relative(base, first, last)
    years = (here["spot"].shape[0] - 1) / 4
    trend = float(np.median(median["spot"][-1])) / years
    return Background(
        preset,
        here["spot"],
        here["service"] - np.median(median["service"], axis=1, keepdims=True),
        here["efficiency"] - np.median(median["efficiency"], axis=1, keepdims=True),
        trend,
    )


def _relative(run: Any, first: int, last: int) -> dict[str, Floats]:
    """Logs relative to the first quarter on the paths that are sound, up to a quarter or the end."""
    sound = run.run.ok
    spot, service_log, efficiency = (run.value(name)[first:last, sound] for name in _OUTPUTS)
    return {
        "spot": np.log(spot / spot[0]),
        "service": service_log - service_log[0],
        "efficiency": efficiency - efficiency[0],
    }


def _write(place: Path, text: str) -> None:
    part = place.with_name(f".{place.name}.part")
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(place)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise EnvironmentProblem(f"cannot write {place} ({error.strerror})") from None


def _today() -> dt.date:
    """Today, or the day SOURCE_DATE_EPOCH names, so that an answer can be made again."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    moment = dt.datetime.fromtimestamp(int(epoch), dt.UTC) if epoch else dt.datetime.now(dt.UTC)
    return moment.date()
