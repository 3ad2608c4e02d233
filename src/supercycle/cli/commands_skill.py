"""``supercycle backtest`` and ``supercycle calibrate``: how good the model was, and what the past says about it."""

from __future__ import annotations

from typing import Annotated, Any

from cyclopts import Parameter

from supercycle.cli.numbers import MOST_PATHS, MOST_SEED, whole
from supercycle.cli.progress import progress_bar
from supercycle.cli.render import print_json

__all__ = ["backtest", "calibrate"]

Json = Annotated[bool, Parameter(negative=(), help="Print one JSON object.")]


def backtest(
    *,
    start: Annotated[
        tuple[str, ...],
        Parameter(negative=(), help="A start: 2022Q4, 2023Q4 or 2024Q4; repeat for more. All by default."),
    ] = (),
    series: Annotated[
        tuple[str, ...],
        Parameter(negative=(), help="capex, nvidia, labs, debt or chips; repeat for more. All by default."),
    ] = (),
    paths: Annotated[
        int, Parameter(converter=whole(50, MOST_PATHS), help="How many paths from each start, 50 or more.")
    ] = 4000,
    seed: Annotated[
        int, Parameter(converter=whole(0, MOST_SEED), help="Random seed: equal seeds give equal numbers.")
    ] = 1,
    fitted: Annotated[
        bool,
        Parameter(
            negative=(), help="Add the model fitted at each start to what had come by then (a minute)."
        ),
    ] = False,
    opening: Annotated[
        bool,
        Parameter(
            negative=(), help="Show what was known at the starts, parameter by parameter, and do not score."
        ),
    ] = False,
    json: Json = False,
) -> int:
    """Open the world at past dates with figures known then, predict to 2026Q2, score against simple rivals."""
    from supercycle.core.errors import UnknownNameError
    from supercycle.skill.series import NAMES, STARTS

    for kind, given, known in (
        ("start of a back-test", start, STARTS),
        ("series of a back-test", series, NAMES),
    ):
        for name in given:
            if name not in known:
                raise UnknownNameError(kind, name, known)
    starts, names = tuple(start) or STARTS, tuple(series) or NAMES
    if opening:
        found = _openings(starts)
        if json:
            print_json(found)
        else:
            _show_openings(found)
        return 0
    from supercycle.skill.backtest import backtest as scored

    with progress_bar() as progress:
        result = scored(paths=paths, seed=seed, starts=starts, names=names, fitted=fitted, progress=progress)
    if json:
        print_json(result)
    else:
        _show_scores(result)
    return 0


def calibrate(
    *,
    particles: Annotated[
        int, Parameter(converter=whole(2, 10_000_000), help="How many particles carry the fit.")
    ] = 16384,
    seed: Annotated[
        int, Parameter(converter=whole(0, MOST_SEED), help="Random seed: equal seeds give equal numbers.")
    ] = 1,
    stored: Annotated[bool, Parameter(negative=(), help="Show the stored fit and do not fit again.")] = False,
    save: Annotated[bool, Parameter(negative=(), help="Store the posterior beside the package.")] = False,
    base: Annotated[bool, Parameter(negative=(), help="Also run the base case under the posterior.")] = False,
    json: Json = False,
) -> int:
    """Fit the structural parameters to the past; say which of them the data moved, and what is lost in keeping it."""
    from supercycle.core.errors import InputError, UsageError
    from supercycle.skill import posterior as kept

    if stored and save:
        raise UsageError("--stored shows what was saved before", hint="Leave one of the two out.")
    if not 256 <= particles <= 1_000_000:
        raise InputError(
            "bad number of particles", expected="256 to 1000000", got=str(particles), where="--particles"
        )
    if stored:
        found: dict[str, Any] = {"manifest": kept.manifest(), **kept.stored()}
    else:
        from supercycle.skill.calibrate import calibrate as fitted

        with progress_bar() as progress:
            found = fitted(particles=particles, seed=seed, told=progress)
    if base:
        found["base"] = kept.base_under(found["posterior"])
    if save:
        kept.save(found["posterior"])
    if json:
        print_json(found)
    else:
        _show_fit(found, saved=save)
    return 0


def _openings(starts: tuple[str, ...]) -> dict[str, Any]:
    from supercycle.skill.known import VARIANTS
    from supercycle.skill.past import world_at

    return {"openings": [world_at(start, variant)[1].to_dict() for start in starts for variant in VARIANTS]}


def _show_openings(found: dict[str, Any]) -> None:
    from supercycle.cli.render import number, records

    for opening in found["openings"]:
        rows = [
            {
                "parameter": row["id"],
                "low": number(row["low"]),
                "central": number(row["central"]),
                "high": number(row["high"]),
                "basis": row["basis"],
                "figures": str(len(row["rows"])) if row["rows"] else "",
                "why": row["reason"],
            }
            for row in opening["parameters"]
        ]
        records(rows, f"{opening['start']}, {opening['variant']}, known by {opening['known_by']}")


def _show_scores(result: dict[str, Any]) -> None:
    from supercycle.cli.render import facts, number, records

    rows: list[dict[str, str]] = []
    for case in result["cases"]:
        if case["variant"] != result["tally"]["series"][case["series"]]["variant"]:
            continue
        for name, scores in case["scores"].items():
            rows.append(
                {
                    "series": case["series"],
                    "start": case["start"],
                    "quarters": str(case["points"]),
                    "forecast": name,
                    "CRPS": number(scores["crps"]),
                    "in 50 %": _share(scores["coverage_50"]),
                    "in 90 %": _share(scores["coverage_90"]),
                    "bias": number(scores["bias"]),
                }
            )
    records(rows, "scores on the natural log of the figure; smaller CRPS is better")
    means = [
        {
            "series": name,
            "variant": row["variant"],
            "quarters": str(row["points"]),
            "supercycle": number(row["forecasters"].get("supercycle", {}).get("crps")),
            "best rival": row["best_rival"] or "-",
            "its CRPS": number(row["forecasters"][row["best_rival"]]["crps"]) if row["best_rival"] else "-",
            "better": "yes" if row["won"] else "no",
        }
        for name, row in result["tally"]["series"].items()
    ]
    records(means, "means over starts")
    facts({"result": result["result"]["sentence"]})


def _share(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.0f} %"


def _show_fit(found: dict[str, Any], *, saved: bool) -> None:
    from supercycle.cli.render import facts, number, records

    moved = found["posterior"]["moved"]
    rows = [
        {
            "parameter": row["id"],
            "unit": row["unit"],
            "prior": f"{number(row['prior']['q50'])} ({number(row['prior']['q05'])} to {number(row['prior']['q95'])})",
            "posterior": f"{number(row['posterior']['q50'])}"
            f" ({number(row['posterior']['q05'])} to {number(row['posterior']['q95'])})",
            "sd": number(row["sd_ratio"]),
            "overlap": number(row["overlap"]),
            "KL": number(row["divergence"]),
        }
        for row in moved
    ]
    manifest = found["manifest"]
    records(rows, f"moved by the data: {len(moved)} of {manifest['structural']} structural parameters")
    told: dict[str, Any] = {
        "figures": manifest["figures"],
        "particles": manifest["particles"],
        "effective sample at each step": ", ".join(f"{size:.0f}" for size in manifest["effective"]),
        "short paths": f"{manifest['short_paths']:,}",
        "KL of a parameter the data leave alone": number(manifest["noise"]),
        "correlations added": "; ".join(
            f"{a} and {b} {size:+.2f}" for a, b, size in found["posterior"]["pairs"]
        )
        or "none",
    }
    if manifest.get("stale"):
        told["stale"] = "the model has changed since this fit: run supercycle calibrate --save"
    for name, fit in found.get("fit", {}).items():
        told[f"mean log likelihood, {name}"] = number(fit["log_likelihood_mean"])
    if "base" in found:
        told |= {f"base case, {name}": sentence for name, sentence in found["base"]["headlines"].items()}
    if saved:
        told["stored"] = "yes"
    facts(told)
