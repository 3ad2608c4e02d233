"""What may be asked of the sourced tables, and of the store that refreshes fill.

``list_series``, ``find``, ``show``, ``cite``, ``verify`` and ``coverage`` are the tables' own; the rest reads or adds
to the store in the data folder, or in ``folder``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from supercycle.core.errors import InputError, UsageError
from supercycle.figures.query import cite, coverage, find, list_series, show, verify

if TYPE_CHECKING:
    from supercycle.engine.run import Progress
    from supercycle.figures.refresh.store import Store

__all__ = [
    "cite",
    "coverage",
    "difference",
    "export",
    "find",
    "known_until",
    "last_refresh",
    "list_series",
    "refresh",
    "show",
    "stale",
    "verify",
    "vintages",
]

Json = dict[str, Any]
_SHOWN = 20  # points and refused readings of the last refresh; ``difference`` gives all
_VINTAGE = (
    "entity", "period", "value", "unit", "published", "fetched", "generation", "status", "reason", "source_title",
)  # fmt: skip


def known_until() -> str:
    """The day the newest row of the tables was known."""
    from supercycle.figures.load import figures

    return max(row.known_from for row in figures()).isoformat()


def refresh(
    source: str,
    names: Sequence[str] = (),
    *,
    agent: str | None = None,
    base_url: str = "",
    folder: Path | None = None,
    progress: Progress | None = None,
) -> Json:
    """Fetch figures from a source (sec, fred, prices, file) and add what is new to the store."""
    from supercycle.figures.refresh import run

    if source == "sec":
        return run.refresh_sec(names, agent=agent, base=base_url, folder=folder, progress=progress)
    if source == "fred":
        return run.refresh_fred(names, base=base_url, folder=folder, progress=progress)
    if source == "prices":
        return run.refresh_prices(_price_tables(names), folder=folder)
    if len(names) != 1:
        raise UsageError("refresh file takes one file", expected="a path", got=f"{len(names)} words")
    return run.refresh_file(Path(names[0]), folder=folder)


def difference(old: str = "before", new: str = "latest", folder: Path | None = None) -> Json:
    """Points that differ between two states (package, latest, before, a refresh's number, a day), and what they feed.

    ``parameters`` are those of the world that rest on the points; ``stale`` counts series that are late.
    """
    from supercycle.figures.refresh import changes
    from supercycle.figures.refresh.view import view_named
    from supercycle.service.as_known import opening_inputs

    store = _store(folder)
    a, b = view_named(old, store), view_named(new, store)
    points = changes.moved(a, b)
    feeds = changes.fed(a, b, opening_inputs())
    late = sum(row["stale"] for row in changes.staleness(b, datetime.now(UTC).date()))
    return {
        "old": old,
        "new": new,
        "moved": len(points),
        "points": points,
        "parameters": feeds,
        "stale": late,
    }


def stale(day: date, match: str = "", folder: Path | None = None) -> list[Json]:
    """Every series with the day its next publication was expected, and whether it is late."""
    from supercycle.figures.refresh.changes import staleness
    from supercycle.figures.refresh.view import view_named

    return staleness(view_named("latest", _store(folder)), day, match)


def export(
    path: Path, *, as_of: date | None = None, everything: bool = False, folder: Path | None = None
) -> int:
    """Write the refreshed readings to a .csv, .json or .parquet file; how many they are."""
    from supercycle.figures.refresh.export import export as write

    return write(_store(folder), path, as_of=as_of, everything=everything)


def last_refresh() -> Json:
    """The refreshes so far; points the last one moved, parameters they feed, readings its guards refused.

    ``moved`` counts points whose chosen value changed, appeared or went; ``points`` holds the largest relative
    changes first. Before a first refresh ``refreshes`` is empty and so is all else. Errors: EnvironmentProblem when
    the store cannot be read.
    """
    from supercycle.figures.refresh.reading import QUARANTINED

    store = _store(None)
    made = store.generations()
    if not made:
        return {"refreshes": [], "moved": 0, "points": [], "parameters": [], "refused": [], "stale": 0}
    found = difference()
    points = sorted(found["points"], key=lambda row: (row["change"] != "moved", -abs(row["relative"] or 0.0)))
    refused = [
        {"series": row.series, "entity": row.entity, "period": row.period, "reason": row.reason}
        for row in store.readings()
        if row.generation == made[-1].number and row.status == QUARANTINED
    ]
    kept = [{"number": one.number, "at": one.at, "source": one.source, "added": one.added} for one in made]
    return {
        "refreshes": kept,
        "moved": found["moved"],
        "points": points[:_SHOWN],
        "parameters": found["parameters"],
        "refused": refused[:_SHOWN],
        "stale": found["stale"],
    }


def vintages(series: str) -> Json:
    """Every refreshed reading of a series, refused ones too: when it was published, fetched, and by which refresh."""
    rows = sorted(
        (row for row in _store(None).readings() if row.series == series),
        key=lambda row: (row.entity, row.period, row.published, row.generation),
    )
    return {"series": series, "rows": [{name: getattr(row, name) for name in _VINTAGE} for row in rows]}


def _store(folder: Path | None) -> Store:
    from supercycle.figures.refresh.folder import store_folder
    from supercycle.figures.refresh.store import Store

    return Store(folder or store_folder())


def _price_tables(names: Sequence[str]) -> list[tuple[str, Any]]:
    """Compiled price tables of a folder, or the gateway's own."""
    from importlib.resources import files

    import orjson

    folder = Path(names[0]) if names else Path(str(files("supercycle.gateway.prices").joinpath("tables")))
    paths = sorted(path for path in folder.glob("*.json") if not path.stem.endswith("-decisions"))
    if not paths:
        raise InputError("no compiled price tables", expected="a folder of .json files", got=str(folder))
    try:
        return [(path.name, orjson.loads(path.read_bytes())) for path in paths]
    except (OSError, orjson.JSONDecodeError) as error:
        raise InputError("a price table cannot be read", got=str(error), where=str(folder)) from None
