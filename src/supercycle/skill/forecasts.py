"""Forecasts on record: dated, hashed, one JSON file each; scored when the figures arrive.

A record holds quantiles of the outputs that a published series measures, and the probability of events. It is written
once: an existing file is never overwritten, and a file whose content no longer has its hash is refused. The hash is
SHA-256 of the record's JSON with sorted keys, without the hash itself. It proves that a file is what it was; that it
was written when it says, only a third party can: publish the hash, or commit the folder.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from supercycle.core.errors import EnvironmentProblem, InputError, UnknownNameError
from supercycle.skill.forecast_targets import EVENTS, LEVELS, TARGETS, Event, Target

if TYPE_CHECKING:
    from supercycle.service import Result

__all__ = ["SCHEMA", "answers", "digest", "list_records", "read", "record", "target_named", "write"]

SCHEMA = "supercycle.forecast/1"
_SHOWN = 10  # digits of the hash that stand in a file's name


def digest(content: Mapping[str, Any]) -> str:
    """SHA-256 of a record without its own hash, keys sorted.

    >>> digest({"b": 1, "a": 2}) == digest({"a": 2, "b": 1, "sha256": "anything"})
    True
    """
    body = {key: value for key, value in content.items() if key != "sha256"}
    return sha256(orjson.dumps(body, option=orjson.OPT_SORT_KEYS)).hexdigest()


def record(
    result: Result, folder: Path, *, made: datetime | None = None, note: str = ""
) -> tuple[Path, dict[str, Any]]:
    """Write one run's forecasts; returns the file and its content.

    Quarters whose figure was known when the record is made are left out: they are no forecast. Errors:
    InputError when nothing is left, EnvironmentProblem when the folder cannot be written.
    """
    at = (made or datetime.now(UTC)).astimezone(UTC).replace(microsecond=0)
    targets, known = _targets(result, at)
    events = [found for event in EVENTS if (found := _event(result, event)) is not None]
    if not targets and not events:
        raise InputError(
            "nothing to forecast",
            expected="a quarter that has no figure yet",
            got=f"until {result.run.quarters[-1]}",
        )
    manifest = result.manifest
    content: dict[str, Any] = {
        "schema": SCHEMA,
        "made": at.isoformat(),
        "title": str(manifest["scenario"]["preset"]),
        "note": note,
        "manifest": manifest,
        "known_already": known,
        "targets": targets,
        "events": events,
    }
    # Written as it will be read back, so that the hash of the file is the hash of the record.
    content = orjson.loads(orjson.dumps(content, option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS))
    content["sha256"] = digest(content)
    return write(content, folder), content


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
    """Every file of a folder, oldest first, each with ``intact`` or the reason why not."""
    if not folder.is_dir():
        raise InputError(
            "no folder of forecasts",
            expected="a folder",
            got=str(folder),
            hint="Try: supercycle forecast record",
        )
    rows: list[dict[str, Any]] = []
    for path in sorted(folder.glob("*.json")):
        try:
            content = read(path)
        except InputError as error:
            rows.append({"file": path.name, "made": None, "title": None, "targets": None, "events": None,
                         "sha256": None, "state": error.message})  # fmt: skip
            continue
        rows.append({
            "file": path.name, "made": content["made"], "title": content["title"],
            "targets": len(content["targets"]), "events": len(content["events"]), "sha256": content["sha256"],
            "state": "intact",
        })  # fmt: skip
    return rows


def _targets(result: Result, at: datetime) -> tuple[list[dict[str, Any]], int]:
    """Quantiles of every target quarter that no figure covered on the day, and how many were covered."""
    import numpy as np

    ok = result.run.ok
    out: list[dict[str, Any]] = []
    known = 0
    for target in TARGETS:
        values = result.value(target.output)[:, ok]
        for place, quarter in enumerate(result.run.quarters):
            if target.known(quarter, at.date()):
                known += 1
                continue
            out.append(
                {
                    "id": f"{target.id}@{quarter}",
                    "target": target.id,
                    "output": target.output,
                    "series": target.series,
                    "entities": list(target.entities),
                    "quarter": quarter,
                    "unit": target.unit,
                    "levels": list(LEVELS),
                    "values": np.quantile(values[place], LEVELS).tolist(),
                }
            )
    return out, known


def _event(result: Result, event: Event) -> dict[str, Any] | None:
    """An event's probability on the paths, or None when the run ends before its date."""
    probability = event.probability(result)
    if probability is None:
        return None
    return {
        "id": event.id, "question": event.question, "by": event.by, "resolved_by": event.resolved_by,
        "probability": probability,
    }  # fmt: skip


def target_named(id: str) -> Target:
    """The target of a record; UnknownNameError when this version knows it no more."""
    for target in TARGETS:
        if target.id == id:
            return target
    raise UnknownNameError("target of a forecast", id, [target.id for target in TARGETS])


def answers(words: Iterable[str], known: Sequence[str]) -> dict[str, bool]:
    """Read ``event=yes`` or ``event=no``; InputError or UnknownNameError otherwise.

    >>> answers(["bust-2027=no"], ["bust-2027"])
    {'bust-2027': False}
    """
    out: dict[str, bool] = {}
    for word in words:
        name, _, said = word.partition("=")
        if said not in ("yes", "no"):
            raise InputError("cannot read an answer", expected="event=yes or event=no", got=repr(word))
        if name not in known:
            raise UnknownNameError("event", name, known)
        out[name] = said == "yes"
    return out
