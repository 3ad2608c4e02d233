"""``supercycle figures``: the sourced numbers, each with its citation."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import Parameter

from supercycle.cli.numbers import MOST_PATHS, MOST_SEED, whole
from supercycle.cli.progress import progress_bar
from supercycle.cli.render import print_json

__all__ = [
    "cite",
    "coverage",
    "diff",
    "export",
    "find",
    "inputs",
    "list_series",
    "refresh",
    "show",
    "stale",
    "verify",
]

Json = Annotated[bool, Parameter(negative=(), help="Print one JSON object.")]
Folder = Annotated[
    Path | None, Parameter(help="The store's folder; the user's data folder, or $SUPERCYCLE_DATA.")
]
SHOWN = 30


def list_series(
    *,
    table: Annotated[str | None, Parameter(help="Only this table.")] = None,
    match: Annotated[
        str | None, Parameter(help="Only names that contain this text or are described by it.")
    ] = None,
    json: Json = False,
) -> int:
    """List every series with its span and the quality of its sources."""
    from supercycle.service import figures

    found = figures.list_series(table, match)
    if json:
        print_json(found)
    else:
        from supercycle.cli.render import records

        records(found["series"], f"{found['count']} series")
    return 0


def find(
    *words: Annotated[str, Parameter(help="What you look for, in plain words: capital expenditure oracle.")],
    json: Json = False,
) -> int:
    """Find figures by plain words, the best match first, with the newest reading of each."""
    from supercycle.service import figures

    found = figures.find(" ".join(words))
    if json:
        print_json(found)
    else:
        from supercycle.cli.render import number, records

        rows = [
            {
                "series": row["series"], "what": row["label"], "entity": row["entity"], "newest": row["period"] or "",
                "value": "" if row["value"] is None else f"{number(row['value'])} {row['unit']}", "rows": row["rows"],
            }
            for row in found["matches"]
        ]  # fmt: skip
        some = "" if found["all_words"] else "; none has all the words, these have most of them"
        records(rows, f"{found['count']} found, the best {len(rows)}{some}")
    return 0


def inputs(
    *,
    as_of: Annotated[
        str | None, Parameter(help="A day; without one, everything in the tables is known.")
    ] = None,
    json: Json = False,
) -> int:
    """List the opening's inputs that read otherwise on a day, were not known yet, or are older than the newest
    print.
    """
    from supercycle.service.as_known import inputs as as_known

    found = as_known(as_of)
    if json:
        print_json(found)
        return 0
    from supercycle.cli.render import facts, records

    facts(
        {
            "as of": as_of or "the newest known",
            "read from figures and unchanged": found["held"],
            "newest row known from": found["newest_row_known_from"],
        }
    )
    for name, title in (
        ("changed", "read otherwise then"),
        ("unknown", "not known then"),
        ("stale", "a newer period was known"),
    ):
        if found[name]:
            records(found[name], f"{len(found[name])} {title}")
    return 0


def show(
    series: Annotated[str, Parameter(help="The series.")],
    /,
    *,
    entity: Annotated[str | None, Parameter(help="Only this company or place.")] = None,
    json: Json = False,
) -> int:
    """Show a series quarter by quarter, with the reading that was chosen and its rivals."""
    from supercycle.service import figures

    found = figures.show(series, entity)
    if json:
        print_json(found)
    else:
        from supercycle.cli.render import series_table

        series_table(found)
    return 0


def cite(id: Annotated[str, Parameter(help="A figure, claim or prior.")], /, *, json: Json = False) -> int:
    """Cite one figure: source, tier, dates and the readings that disagree with it."""
    from supercycle.service import figures

    found = figures.cite(id)
    if json:
        print_json(found)
    else:
        from supercycle.cli.render import facts

        facts(found)
    return 0


def verify(*, json: Json = False) -> int:
    """Read every table again and check it against its rules and its checksum."""
    from supercycle.core.errors import FigureError
    from supercycle.service import figures

    found = figures.verify()
    if json:
        print_json(found)
    else:
        from supercycle.cli.render import verify_table

        verify_table(found)
    return 0 if found["ok"] else FigureError.exit_code


def coverage(*, json: Json = False) -> int:
    """Say how far each series reaches, how good its sources are and which quarters are missing."""
    from supercycle.service import figures

    found = figures.coverage()
    if json:
        print_json(found)
    else:
        from supercycle.cli.render import records

        records(found["coverage"], f"{found['rows']} rows in {found['series']} series")
    return 0


def refresh(
    source: Annotated[
        Literal["sec", "prices", "fred", "file"],
        Parameter(
            help="sec: company facts; prices: list prices of models; fred: series by your key; file: a CSV."
        ),
    ],
    /,
    *names: Annotated[str, Parameter(help="Filers, FRED series, or files; without any, all that are known.")],
    agent: Annotated[
        str | None, Parameter(help="Who is calling, for the SEC: a name and an e-mail address.")
    ] = None,
    base_url: Annotated[str, Parameter(help="Another server with the same interface (a mirror).")] = "",
    folder: Folder = None,
    json: Json = False,
) -> int:
    """Fetch figures from their source and add what is new to the store. Only sec and fred use the network."""
    from supercycle.service import figures

    with progress_bar() as progress:
        found = figures.refresh(
            source, names, agent=agent, base_url=base_url, folder=folder, progress=progress
        )
    if json:
        print_json(found)
        return 0
    from supercycle.cli.render import facts, records

    kept = (
        "number",
        "source",
        "at",
        "fetched",
        "added",
        "known_already",
        "quarantined",
        "requests",
        "folder",
    )
    facts({key: found[key] for key in kept})
    facts({"new readings": found["series"], "not used, by reason": found["reasons"]})
    if found["refused"]:
        records(found["refused"], f"{found['quarantined']} not used, the first {len(found['refused'])}")
    facts({"not found": found["not_found"], "mind": found.get("words", [])})
    if found["gaps"]:
        records(found["gaps"], f"{len(found['gaps'])} did not come; the rest is kept")
    return 0


def diff(
    old: Annotated[str, Parameter(help="package, latest, before, a refresh's number, or a day.")] = "before",
    new: Annotated[str, Parameter(help="The other state.")] = "latest",
    /,
    *,
    paths: Annotated[
        int, Parameter(converter=whole(0, MOST_PATHS), help="Paths of the paired run; 0 for none.")
    ] = 1000,
    seed: Annotated[int, Parameter(converter=whole(0, MOST_SEED), help="Seed of the draws.")] = 1,
    folder: Folder = None,
    json: Json = False,
) -> int:
    """Show which figures moved between two states, which parameters they feed, and which outputs change."""
    from supercycle.service import figures

    told = figures.difference(old, new, folder)
    rows, feeds = told["points"], told["parameters"]
    outputs: list[dict[str, Any]] = []
    if feeds and paths:
        from supercycle.skill.refreshed import outputs_moved

        with progress_bar() as progress:
            outputs = outputs_moved(feeds, paths=paths, seed=seed, progress=progress)
    found = {**told, "outputs": outputs}
    if json:
        print_json(found)
        return 0
    from supercycle.cli.render import records

    kept = ("series", "entity", "period", "change", "old", "new", "unit", "relative", "known_from")
    shown = sorted(rows, key=lambda row: (row["change"] != "moved", -abs(row["relative"] or 0.0)))[:SHOWN]
    records(
        [{key: row[key] for key in kept} for row in shown], f"{len(rows)} points differ, {len(shown)} shown"
    )
    records(feeds, f"{len(feeds)} parameters of the world rest on them")
    if outputs:
        records(outputs, f"outputs, {new} less {old}, on the same {paths} paths")
    elif not feeds:
        print("no output changes: the opening rests on figures that did not move")
    print(f"{told['stale']} series are stale: supercycle figures stale")
    return 0


def stale(
    *,
    match: Annotated[str, Parameter(help="Only names that contain this text.")] = "",
    on: Annotated[str | None, Parameter(help="As of this day; today.")] = None,
    all: Annotated[bool, Parameter(negative=(), help="Series in time as well.")] = False,
    folder: Folder = None,
    json: Json = False,
) -> int:
    """List series whose next publication was expected by now, or with --all when each one's is."""
    from datetime import UTC, datetime

    from supercycle.service import figures

    day = _day(on) if on else datetime.now(UTC).date()
    rows = figures.stale(day, match, folder)
    kept = [row for row in rows if all or row["stale"]]
    if json:
        print_json(
            {
                "on": day.isoformat(),
                "series": len(rows),
                "stale": sum(row["stale"] for row in rows),
                "rows": kept,
            }
        )
    else:
        from supercycle.cli.render import records

        records(kept, f"{len(kept)} of {len(rows)} series on {day}")
    return 0


def export(
    path: Annotated[Path, Parameter(help="A .csv, .json or .parquet file.")],
    /,
    *,
    as_of: Annotated[str | None, Parameter(help="Only what was published by this day.")] = None,
    all: Annotated[bool, Parameter(negative=(), help="Quarantined readings as well.")] = False,
    folder: Folder = None,
    json: Json = False,
) -> int:
    """Write the refreshed readings with the day each was published and fetched."""
    from supercycle.service import figures

    count = figures.export(path, as_of=_day(as_of) if as_of else None, everything=all, folder=folder)
    if json:
        print_json({"path": str(path), "readings": count})
    else:
        print(f"{count} readings written to {path}")
    return 0


def _day(text: str) -> date:
    from supercycle.core.errors import UsageError

    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError("not a day", expected="2024-12-31", got=repr(text)) from None
