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
        Parameter(negative=(), help="A start from 2022Q4 to 2025Q4; repeat for more. All by default."),
    ] = (),
    series: Annotated[
        tuple[str, ...],
        Parameter(
            negative=(),
            help="capex, cash flow, debt (all firms; capex:Oracle is one), nvidia, labs or chips; repeat for more.",
        ),
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
            negative=(), help="Draw from the model fitted, at each start, to what had come by then (minutes)."
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
    """Open the world at past quarters with figures known then, and score it at 1, 2, 4 and 8 quarters."""
    from supercycle.core.errors import UnknownNameError
    from supercycle.skill.origins import OPENED
    from supercycle.skill.series import SCORED, kind_of

    kinds = dict.fromkeys(kind_of(name) for name in SCORED)
    for kind, given, known in (
        ("start of a back-test", start, OPENED),
        ("series of a back-test", series, (*kinds, *SCORED)),
    ):
        for name in given:
            if name not in known:
                raise UnknownNameError(kind, name, known)
    starts = tuple(start) or OPENED
    names = tuple(n for n in SCORED if not series or n in series or kind_of(n) in series)
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
    if base or save:
        found["base"] = kept.base_under(found["posterior"])
    if save:
        kept.save({**found["posterior"], "base": found["base"]["rows"]})
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

    def table(rows: dict[str, Any], first: str, told: str) -> None:
        shown = [
            {
                first: name, "points": str(row["points"]),
                "in 50 %": _share(row["coverage_50"]), "in 90 %": _share(row["coverage_90"]),
                **{f"CRPS {who}": number(row["crps"].get(who)) for who in ("published", "model", "pool of rules")},
            }
            for name, row in rows.items()
        ]  # fmt: skip
        records(shown, told)

    table(result["by_horizon"], "quarters ahead", "on the natural log of the figure; smaller CRPS is better")
    table(result["by_series"], "series", "by series")
    events = result["events"]
    if events:
        rows = [
            {
                "event": name, "asked": str(row["questions"]), "came": str(row["happened"]),
                "Brier": number(row["brier"]), "base rate's": number(row["brier_reference"]),
                "log score": number(row["log_score"]), "its ": number(row["log_score_reference"]),
            }
            for name, row in events["by_event"].items()
        ]  # fmt: skip
        records(rows, "events")
    facts(_told(result["summary"]))


def _told(summary: dict[str, Any]) -> dict[str, str]:
    """The summary in a few lines for a reader."""
    from supercycle.cli.render import number

    def pair(key: str) -> str:
        found = summary[key]
        return "-" if found is None else f"{number(found[0])} to {number(found[1])}"

    said = {
        "points": f"{summary['points']}, worth about {number(summary['independent_points'])} independent ones",
        "in the 90 % band": f"{_share(summary['coverage_90'])}, by blocks of starts {pair('coverage_90_interval')}",
        "in the 50 % band": _share(summary["coverage_50"]),
        "CRPS": f"published {number(summary['crps_published'])}, model {number(summary['crps_model'])}, "
        f"pool of rules {number(summary['crps_pool_of_rules'])}",
        "published less rules, 5-95 %": pair("paired_interval"),
    }
    for name, suffix in (("bust, Brier", ""), ("with past manias", "_with_manias")):
        if "bust_brier" in summary:
            model, rate, never = (
                number(summary[f"bust_brier{who}{suffix}"]) for who in ("", "_reference", "_never")
            )
            said[name] = f"{model}; five per cent a year {rate}; never {never}"
    return said


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
