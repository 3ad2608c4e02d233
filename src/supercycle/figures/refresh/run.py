"""One refresh: fetch, guard, append. What comes is kept; what does not come is named, and loses nothing else.

A filer or a series is whole or absent: its readings are appended only when all its documents came and could be read.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from supercycle.core.errors import EnvironmentProblem, SupercycleError, UnitError, UnknownNameError, nearest
from supercycle.figures.load import figures
from supercycle.figures.periods import parse_period
from supercycle.figures.refresh.fetch import Client, declared_agent
from supercycle.figures.refresh.folder import store_folder
from supercycle.figures.refresh.guards import guarded
from supercycle.figures.refresh.reading import QUARANTINED, Reading
from supercycle.figures.refresh.spellings import canonical
from supercycle.figures.refresh.store import Store
from supercycle.figures.refresh.vocabularies import is_flow
from supercycle.figures.series import entities, readings, series_names
from supercycle.figures.units import convert

__all__ = ["SOURCES", "refresh_file", "refresh_fred", "refresh_prices", "refresh_sec"]

SOURCES = ("sec", "prices", "fred", "file")
Progress = Callable[[str, int, int], None] | None
Gap = dict[str, str]
_SHOWN = 20
# What a document that did not come, or is not of its shape, raises; a defect of ours (NameError ...) is not among them.
_UNREADABLE = (SupercycleError, ValueError, KeyError, TypeError, AttributeError, OSError)


def refresh_sec(
    names: Sequence[str] = (),
    *,
    agent: str | None = None,
    base: str = "",
    folder: Path | None = None,
    client: Client | None = None,
    progress: Progress = None,
) -> dict[str, Any]:
    """Company facts and submissions of the filers named, or of all in the vocabulary.

    A filer that does not come is a gap with its reason in the answer; the others are kept. Errors: EnvironmentProblem
    when no filer came at all.
    """
    from supercycle.figures.refresh.instance import ARCHIVES_URL, fetch_segments
    from supercycle.figures.refresh.sec import SEC_URL, all_filers, fetch_documents, readings_of

    asked = all_filers(tuple(names))
    where = folder or store_folder()
    # Who is calling is asked only of the real server: a mirror or a test has its own rules.
    caller = declared_agent(agent) if not base or agent else "supercycle"
    fetcher = client or Client(caller, where / "cache")
    fetched: list[Reading] = []
    missing: list[str] = []
    at = _now()
    gaps: list[Gap] = []
    parted: list[Gap] = []  # filings whose segments did not come; the filer itself did
    for place, filer in enumerate(asked):
        try:
            facts, about = fetch_documents(fetcher, filer, base=base.rstrip("/") or SEC_URL)
            found = readings_of(facts, about, filer, at)
            parts, lost = fetch_segments(
                fetcher, filer, about, base=base.rstrip("/") or ARCHIVES_URL, fetched=at
            )
        except _UNREADABLE as problem:
            gaps.append(_gap(filer.entity, problem))
        else:
            fetched += [*found, *parts]
            parted += [{"name": name, "reason": reason} for name, reason in lost]
            missing += _missing(filer.entity, found)
        if progress is not None:
            progress("fetch", place + 1, len(asked))
    _something_came(gaps, len(asked))
    return _kept(fetched, "sec", at, where) | {
        "requests": fetcher.requests, "not_found": missing, "gaps": [*gaps, *parted],
    }  # fmt: skip


def refresh_fred(
    names: Sequence[str] = (),
    *,
    key: str | None = None,
    base: str = "",
    folder: Path | None = None,
    client: Client | None = None,
    progress: Progress = None,
) -> dict[str, Any]:
    """Every vintage of the FRED series named, or of all in the vocabulary, by the user's key."""
    from supercycle.figures.refresh.fred import FRED_URL, fetch_series, fred_key
    from supercycle.figures.refresh.vocabularies import fred_series

    known = {series.id: series for series in fred_series()}
    for name in names:
        if name not in known:
            raise UnknownNameError("series of FRED", name, known)
    where, secret, at = folder or store_folder(), fred_key(key), _now()
    fetcher = client or Client("supercycle", where / "cache", per_second=2.0)
    fetched: list[Reading] = []
    asked = [known[name] for name in names or known]
    gaps: list[Gap] = []
    for place, series in enumerate(asked):
        try:
            fetched += fetch_series(fetcher, series, secret, base=base.rstrip("/") or FRED_URL, fetched=at)
        except _UNREADABLE as problem:
            gaps.append(_gap(series.id, problem))
        if progress is not None:
            progress("fetch", place + 1, len(asked))
    _something_came(gaps, len(asked))
    return _kept(fetched, "fred", at, where) | {"requests": fetcher.requests, "not_found": [], "gaps": gaps}


def refresh_prices(tables: Sequence[tuple[str, Any]] = (), *, folder: Path | None = None) -> dict[str, Any]:
    """List prices of the installed genai-prices, and of compiled price tables when given."""
    from supercycle.figures.refresh.price_book import of_book, of_package

    at, where = _now(), folder or store_folder()
    # A list price holds until it changes: the installed package is asked every day and tells news only.
    last = {
        (row.series, row.entity): row.value
        for row in sorted(Store(where).readings(), key=lambda row: (row.period, row.published))
        if row.source == "prices"
    }
    today = [row for row in of_package(at) if last.get((row.series, row.entity)) != row.value]
    return _kept([*today, *of_book(tables, at)], "prices", at, where) | {
        "requests": 0,
        "not_found": [],
        "gaps": [],
    }


def refresh_file(path: Path, *, folder: Path | None = None) -> dict[str, Any]:
    """The rows of a CSV in the figures' schema."""
    from supercycle.figures.refresh.hand_made import read_file

    at = _now()
    rows = [_in_the_tables_unit(row) for row in read_file(path, at)]
    kept = _kept(rows, "file", at, folder or store_folder())
    return kept | {"requests": 0, "not_found": [], "gaps": [], "words": _words_on(rows)}


def _in_the_tables_unit(row: Reading) -> Reading:
    """The reading in the unit the tables have its series and entity in, the printed one in its note.

    A total in dollars beside totals in billions would be read as billions by whoever looks at the numbers alone.
    """
    if row.value is None or row.series not in series_names() or row.entity not in entities(row.series):
        return row
    printed, basis = canonical(row.unit, row.series, "")
    have = {known.unit for known in readings(row.series, row.entity) if known.value is not None}
    if basis or printed in have or len(have) != 1:
        return row
    (usual,) = have
    try:
        value = convert(row.value, printed, usual)
    except UnitError:
        return row
    note = f"{row.note}; printed as {row.value:.15g} {row.unit}".removeprefix("; ")
    return replace(row, value=float(f"{value:.15g}"), unit=usual, note=note)


def _words_on(rows: Sequence[Reading]) -> list[str]:
    """What a reader should know of a hand-made file: names the tables do not have, months that stay months."""
    known, out = series_names(), dict[str, None]()
    for row in rows:
        if row.series not in known:
            out[f"no table has a series {row.series!r}{_near(row.series, known)}; it is kept beside them"] = (
                None
            )
        elif row.entity not in entities(row.series):
            out[
                f"{row.series} has no entity {row.entity!r}{_near(row.entity, entities(row.series))}; it is another one"
            ] = None
        if is_flow(row.series) and parse_period(row.period, row.entity).kind == "month":
            out[f"{row.series} of {row.entity}: months are kept as months and not added up to quarters"] = (
                None
            )
    return list(out)


def _near(name: str, known: Iterable[str]) -> str:
    near = nearest(name, known)
    return f": did you mean {near[0]!r}?" if near else ""


def _kept(fetched: list[Reading], source: str, at: str, folder: Path) -> dict[str, Any]:
    """Guard what was fetched against what is known, append it, and tell."""
    store = Store(folder)
    checked = guarded(fetched, store.readings(), figures(), date.fromisoformat(at[:10]))
    made, added = store.append(checked, source=source, at=at)
    refused = [row for row in added if row.status == QUARANTINED]
    return {
        **asdict(made),
        "folder": str(folder),
        "fetched": len(fetched),
        "known_already": len(fetched) - len(added),
        "series": dict(sorted(Counter(row.series for row in added if row.status != QUARANTINED).items())),
        "reasons": dict(Counter(_short(row.reason) for row in refused).most_common()),
        "refused": [
            {
                "series": row.series, "entity": row.entity, "period": row.period, "value": row.value,
                "source": row.source_title, "reason": row.reason,
            }
            for row in refused[:_SHOWN]
        ],
    }  # fmt: skip


def _gap(name: str, problem: BaseException) -> Gap:
    """What did not come, and why, in words for a person."""
    told = str(problem) if isinstance(problem, SupercycleError) else f"{type(problem).__name__}: {problem}"
    return {"name": name, "reason": told}


def _something_came(gaps: Sequence[Gap], asked: int) -> None:
    if asked and len(gaps) == asked:
        first = f"{gaps[0]['name']}: {gaps[0]['reason']}"
        raise EnvironmentProblem(
            "nothing came", expected="at least one answer", got=f"none of {asked}; {first}",
            hint="Nothing was changed; try again later.",
        )  # fmt: skip


def _missing(entity: str, found: Sequence[Reading]) -> list[str]:
    """Series the vocabulary expects of a filer and that no fact was found for."""
    from supercycle.figures.refresh.vocabularies import concepts

    have = {row.series for row in found if row.status != QUARANTINED}
    wanted = {row.series for row in concepts(entity) if row.use == "use" and row.entity == entity}
    return [f"{entity}: no usable fact for {name}" for name in sorted(wanted - have)]


def _short(reason: str) -> str:
    """A reason without its numbers, so that like reasons count together."""
    return re.split(r" \(|: ", reason, maxsplit=1)[0]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
