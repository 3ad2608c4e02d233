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
    from supercycle.figures import query

    found = query.list_series(table, match)
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
    from supercycle.figures import query

    found = query.find(" ".join(words))
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
    from supercycle.figures import query

    found = query.show(series, entity)
    if json:
        print_json(found)
    else:
        from supercycle.cli.render import series_table

        series_table(found)
    return 0


def cite(id: Annotated[str, Parameter(help="A figure, claim or prior.")], /, *, json: Json = False) -> int:
    """Cite one figure: source, tier, dates and the readings that disagree with it."""
    from supercycle.figures import query

    found = query.cite(id)
    if json:
        print_json(found)
    else:
        from supercycle.cli.render import facts

        facts(found)
    return 0


def verify(*, json: Json = False) -> int:
    """Read every table again and check it against its rules and its checksum."""
    from supercycle.core.errors import FigureError
    from supercycle.figures import query

    found = query.verify()
    if json:
        print_json(found)
    else:
        from supercycle.cli.render import verify_table

        verify_table(found)
    return 0 if found["ok"] else FigureError.exit_code


def coverage(*, json: Json = False) -> int:
    """Say how far each series reaches, how good its sources are and which quarters are missing."""
    from supercycle.figures import query

    found = query.coverage()
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
    from supercycle.core.errors import UsageError
    from supercycle.figures.refresh import run

    with progress_bar() as progress:
        if source == "sec":
            found = run.refresh_sec(names, agent=agent, base=base_url, folder=folder, progress=progress)
        elif source == "fred":
            found = run.refresh_fred(names, base=base_url, folder=folder, progress=progress)
        elif source == "prices":
            found = run.refresh_prices(_price_tables(names), folder=folder)
        elif len(names) != 1:
            raise UsageError("refresh file takes one file", expected="a path", got=f"{len(names)} words")
        else:
            found = run.refresh_file(Path(names[0]), folder=folder)
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
    facts({"not found": found["not_found"]})
    if found["gaps"]:
        records(found["gaps"], f"{len(found['gaps'])} did not come; the rest is kept")
    return 0


def _price_tables(names: tuple[str, ...]) -> list[tuple[str, Any]]:
    """Compiled price tables of a folder, or the gateway's own."""
    from importlib.resources import files

    import orjson

    from supercycle.core.errors import InputError

    folder = Path(names[0]) if names else Path(str(files("supercycle.gateway.prices").joinpath("tables")))
    paths = sorted(path for path in folder.glob("*.json") if not path.stem.endswith("-decisions"))
    if not paths:
        raise InputError("no compiled price tables", expected="a folder of .json files", got=str(folder))
    try:
        return [(path.name, orjson.loads(path.read_bytes())) for path in paths]
    except (OSError, orjson.JSONDecodeError) as error:
        raise InputError("a price table cannot be read", got=str(error), where=str(folder)) from None


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
    from datetime import UTC, datetime

    from supercycle.figures.refresh import changes
    from supercycle.figures.refresh.folder import store_folder
    from supercycle.figures.refresh.store import Store
    from supercycle.figures.refresh.view import view_named
    from supercycle.service.as_known import opening_inputs

    store = Store(folder or store_folder())
    a, b = view_named(old, store), view_named(new, store)
    rows, feeds = changes.moved(a, b), changes.fed(a, b, opening_inputs())
    outputs: list[dict[str, Any]] = []
    if feeds and paths:
        from supercycle.skill.refreshed import outputs_moved

        with progress_bar() as progress:
            outputs = outputs_moved(feeds, paths=paths, seed=seed, progress=progress)
    late = [row for row in changes.staleness(b, datetime.now(UTC).date()) if row["stale"]]
    found = {
        "old": old, "new": new, "moved": len(rows), "points": rows, "parameters": feeds, "outputs": outputs,
        "stale": len(late),
    }  # fmt: skip
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
    print(f"{len(late)} series are stale: supercycle figures stale")
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

    from supercycle.figures.refresh.changes import staleness
    from supercycle.figures.refresh.folder import store_folder
    from supercycle.figures.refresh.store import Store
    from supercycle.figures.refresh.view import view_named

    day = _day(on) if on else datetime.now(UTC).date()
    rows = staleness(view_named("latest", Store(folder or store_folder())), day, match)
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
    from supercycle.figures.refresh.export import export as write
    from supercycle.figures.refresh.folder import store_folder
    from supercycle.figures.refresh.store import Store

    count = write(Store(folder or store_folder()), path, as_of=_day(as_of) if as_of else None, everything=all)
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
