"""Forecasts on record: dated, hashed, chained, one JSON file each; scored when the figures arrive.

A record holds quantiles of the log of every figure that was not due yet, by forecaster: what is published, the model,
the pool of rules and each rule; and events with the rule that resolves them and the day they close. It is written once:
an existing file is never overwritten, and a file whose content no longer has its hash is refused. The hash is SHA-256
of the record's JSON with sorted keys, without the hash itself; ``previous`` is the hash of the record before it in the
folder, so that none can be taken out or slipped in unseen. Hashes prove order and content; the day, only a third party
can prove: commit the folder, or publish the newest hash.

A quarter whose usual publication day has passed is no forecast and is refused, whether the tables hold it or not.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from supercycle.core.errors import EnvironmentProblem, InputError
from supercycle.skill.forecast_events import EVENTS
from supercycle.skill.forecast_targets import LEVELS, TARGETS
from supercycle.skill.scored.present import forecasts as forecasts_of

if TYPE_CHECKING:
    from supercycle.service import Result

__all__ = ["SCHEMA", "chain", "digest", "list_records", "read", "record", "write"]

SCHEMA = "supercycle.forecast/2"
_SHOWN = 10  # digits of the hash that stand in a file's name


def digest(content: Mapping[str, Any]) -> str:
    """SHA-256 of a record without its own hash, keys sorted.

    >>> digest({"b": 1, "a": 2}) == digest({"a": 2, "b": 1, "sha256": "anything"})
    True
    """
    body = {key: value for key, value in content.items() if key != "sha256"}
    return sha256(orjson.dumps(body, option=orjson.OPT_SORT_KEYS)).hexdigest()


def record(
    result: Result,
    folder: Path,
    *,
    made: datetime | None = None,
    first: str | None = None,
    last: str | None = None,
    note: str = "",
) -> tuple[Path, dict[str, Any]]:
    """Write one run's forecasts; returns the file and its content.

    ``first`` and ``last`` are the quarters asked for; without a first, quarters that are due already are left out and
    counted; events go as far as the run does.
    Errors: InputError when a quarter asked for is due or known for any series, when nothing is left, or when a record
    of the folder was changed; EnvironmentProblem when the folder cannot be written.
    """
    at = (made or datetime.now(UTC)).astimezone(UTC).replace(microsecond=0)
    previous = _newest(folder)
    if previous is not None and previous["made"] >= at.isoformat():
        raise InputError(
            "a record must be younger than the one before it", expected=f"after {previous['made']}",
            got=at.isoformat(), where=str(folder),
        )  # fmt: skip
    targets, left_out = _targets(result, at, first, last)
    events = [found for event in EVENTS if (found := event.told(result)) is not None]
    if not targets:
        raise InputError(
            "nothing to forecast",
            expected="a quarter whose publication day is still to come",
            got=f"until {result.run.quarters[-1]}",
        )
    manifest = result.manifest
    content: dict[str, Any] = {
        "schema": SCHEMA,
        "made": at.isoformat(),
        "title": str(manifest["scenario"]["preset"]),
        "note": note,
        "previous": None if previous is None else previous["sha256"],
        "manifest": manifest,
        "pool": "published = half model, half equal mixture of the rules; beyond eight quarters the model alone",
        "scale": "natural log of the figure in its unit",
        "left_out": left_out,
        "targets": targets,
        "events": events,
    }
    # Written as it will be read back, so that the hash of the file is the hash of the record.
    content = orjson.loads(orjson.dumps(content, option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS))
    content["sha256"] = digest(content)
    return write(content, folder), content


def _newest(folder: Path) -> dict[str, Any] | None:
    """The record no other builds on. Errors: InputError for a file that was changed or a chain that is broken."""
    found = [read(path) for path in sorted(folder.glob("*.json"))] if folder.is_dir() else []
    bad = [row for row in chain(found) if row is not None]
    if bad:
        raise InputError("the chain of records is broken", got=bad[0], where=str(folder),
                         hint="Restore the file that is missing, or begin a new folder.")  # fmt: skip
    return max(found, key=lambda content: content["made"], default=None)


def chain(contents: Sequence[Mapping[str, Any]]) -> list[str | None]:
    """For each record what is wrong with its link to the one before it, or None.

    >>> chain([{"made": "1", "sha256": "a", "previous": None}, {"made": "2", "sha256": "b", "previous": "a"}])
    [None, None]
    """
    order = sorted(contents, key=lambda content: str(content["made"]))
    wrong: dict[str, str] = {}
    for before, content in zip([None, *order], order, strict=False):
        wanted = None if before is None else before["sha256"]
        if content["previous"] != wanted:
            wrong[content["sha256"]] = (
                f"builds on {_short(content['previous'])}, found {_short(wanted)} before it"
            )
    return [wrong.get(content["sha256"]) for content in contents]


def _short(hash: str | None) -> str:
    return "none" if hash is None else hash[:_SHOWN]


def write(content: Mapping[str, Any], folder: Path) -> Path:
    """Write a record under its date, title and hash; InputError when that file exists."""
    title = "".join(c if c.isalnum() or c in "-_" else "-" for c in str(content["title"]))
    path = folder / f"{str(content['made'])[:10]}_{title}_{str(content['sha256'])[:_SHOWN]}.json"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=folder, suffix=".part")
    except OSError as error:
        raise EnvironmentProblem(
            "the folder of forecasts cannot be written", got=error.strerror, where=str(folder)
        ) from error
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(orjson.dumps(content, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2))
            out.flush()
            os.fsync(out.fileno())
        os.link(name, path)  # unlike a rename, a link never replaces what is there
    except FileExistsError:
        raise InputError(
            "this forecast is on record already", expected="a new file", got=path.name, where=str(folder),
            hint="A record is never overwritten; a new one needs a new day or other content.",
        ) from None  # fmt: skip
    except OSError as error:
        raise EnvironmentProblem(
            "a forecast cannot be written", got=error.strerror, where=str(path)
        ) from error
    finally:
        Path(name).unlink(missing_ok=True)
    return path


def read(path: Path) -> dict[str, Any]:
    """Read one record. Errors: InputError when it is no record, or was changed after it was written."""
    try:
        content: dict[str, Any] = orjson.loads(path.read_bytes())
    except OSError as error:
        raise InputError(
            "no such forecast", expected="a .json file", got=error.strerror, where=str(path)
        ) from None
    except orjson.JSONDecodeError as error:
        raise InputError("not readable as JSON", got=str(error), where=str(path)) from None
    schema = content.get("schema") if isinstance(content, dict) else None  # pyright: ignore[reportUnnecessaryIsInstance]
    if schema != SCHEMA:
        raise InputError("not a forecast on record", expected=SCHEMA, got=repr(schema), where=str(path))
    found = digest(content)
    if content.get("sha256") != found or not path.stem.endswith(found[:_SHOWN]):
        raise InputError(
            "the record was changed after it was written",
            expected=f"SHA-256 {content.get('sha256')}", got=found, where=str(path),
            hint="It cannot be scored; restore the file that was recorded.",
        )  # fmt: skip
    return content


def list_records(folder: Path) -> list[dict[str, Any]]:
    """Every file of a folder by name, each with ``intact`` or the reason why not: its content or its link."""
    if not folder.is_dir():
        raise InputError(
            "no folder of forecasts",
            expected="a folder",
            got=str(folder),
            hint="Try: supercycle forecast record",
        )
    rows: list[dict[str, Any]] = []
    read_back: list[dict[str, Any]] = []
    for path in sorted(folder.glob("*.json")):
        try:
            content = read(path)
        except InputError as error:
            rows.append({"file": path.name, "made": None, "title": None, "targets": None, "events": None,
                         "sha256": None, "previous": None, "state": error.message})  # fmt: skip
            continue
        read_back.append(content)
        rows.append({
            "file": path.name, "made": content["made"], "title": content["title"],
            "targets": len(content["targets"]), "events": len(content["events"]), "sha256": content["sha256"],
            "previous": content["previous"], "state": "intact",
        })  # fmt: skip
    for content, wrong in zip(read_back, chain(read_back), strict=True):
        row = next(row for row in rows if row["sha256"] == content["sha256"])
        row["state"] = "intact" if wrong is None else f"the chain is broken: {wrong}"
    return rows


def _targets(
    result: Result, at: datetime, first: str | None, last: str | None
) -> tuple[list[dict[str, Any]], list[dict[str, str]]]:
    """Quantiles of every target quarter that is still to be printed, and what is left out, with the day it was due."""
    out: list[dict[str, Any]] = []
    left: list[dict[str, str]] = []
    day = at.date()
    for one in forecasts_of(result, day):
        target, quarter = one.target, one.quarter
        due = target.due(quarter)
        if (first is not None and quarter < first) or (last is not None and quarter > last):
            continue
        if due <= day:
            left.append({"id": f"{target.id}@{quarter}", "due": due.isoformat()})
            continue
        out.append(
            {
                "id": f"{target.id}@{quarter}", "target": target.id, "output": target.output,
                "series": target.series, "entity": target.entity, "quarter": quarter, "unit": target.unit,
                "due": due.isoformat(), "ahead": one.ahead, "scored_so_far_ahead": one.scored,
                "levels": list(LEVELS),
                "log_values": {
                    who: [round(float(v), 6) for v in mixture.quantiles(LEVELS)]
                    for who, mixture in one.by.items()
                },
            }
        )  # fmt: skip
    if first is not None:
        known = [f"{target.id}@{first}" for target in TARGETS if target.reading(first, day) is not None] + [
            row["id"] for row in left if row["id"].endswith(first)
        ]
        if known:
            raise InputError(
                f"{first} is no forecast any more",
                expected="a quarter whose usual publication day is still to come for every series",
                got=f"{len(known)} series printed or due: {', '.join(known[:4])}",
                hint="Leave --from out: what is due is left out and counted.",
            )
    return out, left
