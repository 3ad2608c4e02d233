"""``supercycle manias`` and ``supercycle forecast``: the mechanisms on past booms, and forecasts on record."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, cast

from cyclopts import App, Parameter

from supercycle.cli import examples
from supercycle.cli.numbers import MOST_PATHS, MOST_SEED, whole
from supercycle.cli.progress import progress_bar
from supercycle.cli.render import print_json

__all__ = ["app", "list_forecasts", "manias", "record", "score", "show"]

Json = Annotated[bool, Parameter(negative=(), help="Print one JSON object.")]
Folder = Annotated[Path, Parameter(help="The folder of records.")]
FOLDER = Path("forecasts")
EVENTS_TO = "2030Q4"  # the last quarter an event is asked about

app = App(
    name="forecast",
    help="Forecasts on record: dated, hashed, scored when the figures arrive.",
    help_format="plaintext",
    help_epilogue=examples(
        "supercycle forecast show",
        "supercycle forecast record --paths 10000 --note before-q3",
        "supercycle forecast list",
        "supercycle forecast score --answer bust-2027=no --json",
    ),
    result_action="return_value",
)


def manias(
    episode: Annotated[str | None, Parameter(help="One episode; without it, all of them.")] = None,
    /,
    *,
    paths: Annotated[
        int, Parameter(converter=whole(1, MOST_PATHS), help="How many draws of the world's priors.")
    ] = 4000,
    seed: Annotated[int, Parameter(converter=whole(0, MOST_SEED), help="Seed of the draws.")] = 1,
    json: Json = False,
) -> int:
    """Run the world's unwind and credit equations on past booms: what they get right, what they miss."""
    from supercycle.core.errors import UsageError
    from supercycle.skill.manias import describe, list_episodes

    if paths < 100:
        raise UsageError("too few paths for a band", expected="100 or more", got=paths)
    found = list_episodes(paths, seed) if episode is None else describe(episode, paths, seed)
    if json:
        print_json(_keys_as_text(found))
    elif episode is None:
        from supercycle.cli.render import records

        kept = ("episode", "title", "kind", "verdict")
        records([{key: row[key] for key in kept} for row in found["episodes"]], f"{found['count']} episodes")
    else:
        _one(found)
    return 0


@app.command(name="record", help_epilogue=examples("supercycle forecast record --paths 10000"))
def record(
    *,
    preset: Annotated[
        str, Parameter(help="The scenario: a preset, a .yaml file or a result folder.")
    ] = "base",
    set: Annotated[
        tuple[str, ...],
        Parameter(
            name="--set",
            negative=(),
            allow_leading_hyphen=False,
            help="A parameter's value on every path, id=value[unit]; repeat for more.",
        ),
    ] = (),
    paths: Annotated[int, Parameter(converter=whole(1, MOST_PATHS), help="How many paths.")] = 10_000,
    seed: Annotated[int, Parameter(converter=whole(0, MOST_SEED), help="Seed of the draws.")] = 1,
    first: Annotated[
        str | None,
        Parameter(
            name="--from", help="First quarter on record; refused where a series is printed or due already."
        ),
    ] = None,
    until: Annotated[str, Parameter(help="Last quarter on record.")] = "2030Q4",
    folder: Folder = FOLDER,
    note: Annotated[str, Parameter(help="Anything a later reader should know.")] = "",
    json: Json = False,
) -> int:
    """Run a scenario and write its quantiles and probabilities of events as one dated, hashed file."""
    from supercycle import service
    from supercycle.skill import forecasts

    with progress_bar() as progress:
        result = service.run(
            preset, set=set, paths=paths, seed=seed, until=max(until, EVENTS_TO), progress=progress
        )
    path, content = forecasts.record(result, folder, first=first, last=until, note=note)
    told = {
        "file": str(path), "sha256": content["sha256"], "made": content["made"],
        "targets": len(content["targets"]), "events": len(content["events"]),
        "left_out_as_due": len(content["left_out"]), "previous": content["previous"] or "none",
    }  # fmt: skip
    if json:
        print_json(told)
    else:
        from supercycle.cli.render import facts

        facts(told)
    return 0


@app.command(name="show", help_epilogue=examples("supercycle forecast show --until 2027Q4"))
def show(
    *,
    preset: Annotated[
        str, Parameter(help="The scenario: a preset, a .yaml file or a result folder.")
    ] = "base",
    paths: Annotated[int, Parameter(converter=whole(1, MOST_PATHS), help="How many paths.")] = 4000,
    seed: Annotated[int, Parameter(converter=whole(0, MOST_SEED), help="Seed of the draws.")] = 1,
    until: Annotated[str, Parameter(help="Last quarter shown.")] = "2027Q4",
    json: Json = False,
) -> int:
    """Model, pool of rules and what is published of both, series by series, with their past scores."""
    from datetime import UTC, datetime

    from supercycle import service
    from supercycle.skill.scored.present import forecasts as made
    from supercycle.skill.scored.recorded import advice, past_scores

    with progress_bar() as progress:
        result = service.run(preset, paths=paths, seed=seed, until=until, progress=progress)
    rows = [one.to_dict() for one in made(result, datetime.now(UTC).date())]
    scores = list(past_scores())
    said = advice(scores, result.run.subject.bare_hash)
    if json:
        print_json({"forecasts": rows, "past_scores": scores, "advice": said})
        return 0
    from supercycle.cli.render import number, records

    def band(found: dict[str, float] | None) -> str:
        return f"{number(found['q50'])} ({number(found['q05'])} to {number(found['q95'])})" if found else "-"

    told = [
        {
            "target": row["target"], "quarter": row["quarter"], "unit": row["unit"],
            "published (5 to 95 %)": band(row["published"]), "model": band(row["model"]),
            "pool of rules": band(row["pool of rules"]),
        }
        for row in rows
    ]  # fmt: skip
    records(told, "from each series' last figure")
    records(
        [
            {
                key: number(row[key])
                for key in ("ahead", "points", "coverage_90", "published", "model", "rules")
            }
            for row in scores
        ],
        "past scores by quarters ahead: CRPS on logs, smaller is better",
    )
    print(said)
    return 0


@app.command(name="score", help_epilogue=examples("supercycle forecast score --answer bust-2027=no"))
def score(
    *,
    folder: Folder = FOLDER,
    answer: Annotated[
        list[str] | None,
        Parameter(
            consume_multiple=False,
            negative=(),
            help="event=yes or event=no, for what no figure says; repeat.",
        ),
    ] = None,
    json: Json = False,
) -> int:
    """Score every record against figures published since: CRPS on logs, coverage; Brier for events."""
    from supercycle.skill.forecast_scores import score_folder

    found = score_folder(folder, answer or ())
    if json:
        print_json(found)
        return 0
    from supercycle.cli.render import records

    rows = [
        {
            **{key: row[key] for key in ("made", "title", "scored", "waiting")},
            "refused": len(row["refused"]),
            **{f"CRPS {who}": row["crps"].get(who) for who in ("published", "model", "pool of rules")},
            **{key: row[key] for key in ("coverage_90", "brier", "brier_base_rate")},
        }
        for row in found["forecasts"]
    ]
    records(rows, f"{found['count']} on record; scores on logs, smaller is better")
    for row in found["forecasts"]:
        for one in row["refused"]:
            print(f"{row['file']}: {one['id']} is not scored: {one['why']}")
        if row["targets"]:
            kept = ("id", "unit", "actual", "median", "q05", "q95", "inside_90")
            told = [
                {**{key: item[key] for key in kept}, "CRPS": item["crps"]["published"]}
                for item in row["targets"]
            ]
            records(told, row["file"])
    return 0


@app.command(name="list", help_epilogue=examples("supercycle forecast list"))
def list_forecasts(*, folder: Folder = FOLDER, json: Json = False) -> int:
    """List what is on record, and whether each file is what was written."""
    from supercycle.core.errors import InputError
    from supercycle.skill.forecasts import list_records

    rows = list_records(folder)
    intact = all(row["state"] == "intact" for row in rows)
    if json:
        print_json({"folder": str(folder), "count": len(rows), "intact": intact, "forecasts": rows})
    else:
        from supercycle.cli.render import records

        kept = ("made", "title", "targets", "events", "state", "file")
        records([{key: row[key] for key in kept} for row in rows], f"{len(rows)} on record")
    return 0 if intact else InputError.exit_code


def _one(found: dict[str, Any]) -> None:
    from supercycle.cli.render import facts, number, records

    def told(row: dict[str, Any], key: str) -> str:
        """A number for reading; a year has no thousands."""
        return f"{row[key]:.0f}" if row["unit"] == "year" else number(row[key])

    kept = ("title", "kind", "fit_window", "predicted", "verdict")
    facts({key: found[key] for key in kept})
    if found["checks"]:
        rows = [
            {
                "what": row["what"], "unit": row["unit"], "median": told(row, "q50"),
                "5 % to 95 %": f"{told(row, 'q05')} to {told(row, 'q95')}", "was": told(row, "actual"),
                "inside": row["inside_90"],
            }
            for row in found["checks"]
        ]  # fmt: skip
        records(rows, "against what happened")
    for name, targets in cast("dict[str, Any]", found.get("readings", {})).items():
        rows = [
            {
                "series": target["label"], "unit": target["unit"],
                **{f"CRPS {who}": number(value) for who, value in target["crps"].items()},
                "inside 90 %": f"{target['inside_90']} of {target['scored']}",
            }
            for target in targets.values()
        ]  # fmt: skip
        records(rows, f"reading: {name}")
    for text in found["statement"]:
        print(text)
    for text in found["cautions"]:
        print(f"caution: {text}")


def _keys_as_text(value: Any) -> Any:
    """The same record with every key as text: JSON has no other, and years are numbers here."""
    if isinstance(value, dict):
        return {str(key): _keys_as_text(item) for key, item in cast("dict[Any, Any]", value).items()}
    if isinstance(value, list):
        return [_keys_as_text(item) for item in cast("list[Any]", value)]
    return value
