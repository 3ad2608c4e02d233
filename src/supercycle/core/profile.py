"""DemandProfile v1: hourly use of models, as metered by the gateway or written by hand, read by the own, lease or
API decision.

One row per UTC hour, provider and model. The three kinds of input are disjoint, so prompt tokens are their sum and
the cached share is cached / prompt; reasoning is inside output. A row with ``missing`` says that nothing is known of
that hour (the meter was down): its counts are None, never 0. An hour without a row had no traffic.
"""

from __future__ import annotations

import csv
import io
import itertools
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

from supercycle.core.errors import InputError
from supercycle.core.optional import polars_for

if TYPE_CHECKING:
    import polars

__all__ = ["COLUMNS", "VERSION", "DemandHour", "DemandProfile"]

VERSION = 1
_KIND = "supercycle.demand_profile"
_COUNTS = (
    "input_tokens",
    "cached_tokens",
    "cache_write_tokens",
    "output_tokens",
    "reasoning_tokens",
    "requests",
)
_REALS = ("concurrency", "ttft_p50_ms", "ttft_p95_ms")


@dataclass(frozen=True, slots=True)
class DemandHour:
    """What one model of one provider was asked in one UTC hour.

    ``input_tokens`` were neither read from a cache nor written to one; ``concurrency`` is the mean number of requests
    in flight (the sum of their seconds / 3600); TTFT is the time to first token of those that streamed, None if none.
    """

    hour: datetime
    provider: str
    model: str
    input_tokens: int | None
    cached_tokens: int | None
    cache_write_tokens: int | None
    output_tokens: int | None
    reasoning_tokens: int | None
    requests: int | None
    concurrency: float | None
    ttft_p50_ms: float | None = None
    ttft_p95_ms: float | None = None
    missing: bool = False

    def __post_init__(self) -> None:
        where = f"hour {self.hour.isoformat()} {self.provider}/{self.model}"
        if (
            self.hour.utcoffset() != timedelta(0)
            or self.hour.replace(minute=0, second=0, microsecond=0) != self.hour
        ):
            raise InputError(
                "hour", expected="a whole UTC hour such as 2026-11-01T13:00:00Z", got=self.hour.isoformat()
            )
        for name in (*_COUNTS, *_REALS):
            value = getattr(self, name)
            if value is None:
                if not self.missing and not name.startswith("ttft"):
                    raise InputError(name, where=where, expected="a number, or missing=true", got="nothing")
            elif self.missing:
                raise InputError(name, where=where, expected="nothing in a missing hour", got=value)
            elif not 0 <= value < float("inf"):
                raise InputError(name, where=where, expected="0 or more", got=value)
        if (self.reasoning_tokens or 0) > (self.output_tokens or 0):
            raise InputError(
                "reasoning_tokens",
                where=where,
                expected=f"at most output_tokens {self.output_tokens}",
                got=self.reasoning_tokens,
            )
        if (
            self.ttft_p50_ms is not None
            and self.ttft_p95_ms is not None
            and self.ttft_p50_ms > self.ttft_p95_ms
        ):
            raise InputError(
                "ttft_p50_ms", where=where, expected=f"at most p95 {self.ttft_p95_ms}", got=self.ttft_p50_ms
            )

    @property
    def prompt_tokens(self) -> int | None:
        """All input tokens; None in a missing hour."""
        if self.input_tokens is None or self.cached_tokens is None or self.cache_write_tokens is None:
            return None
        return self.input_tokens + self.cached_tokens + self.cache_write_tokens


COLUMNS = tuple(field.name for field in fields(DemandHour))


@dataclass(frozen=True, slots=True)
class DemandProfile:
    """Demand by hour, sorted by hour, provider and model; ``source`` says who metered it.

    >>> from datetime import UTC
    >>> hour = DemandHour(datetime(2026, 11, 1, 13, tzinfo=UTC), "openai", "gpt-5", 30, 60, 10, 50, 20, 2, 0.5)
    >>> profile = DemandProfile((hour,), source="by hand")
    >>> DemandProfile.from_csv(profile.to_csv(), source="by hand") == profile
    True
    >>> DemandProfile.from_json(profile.to_json()) == profile
    True
    """

    hours: tuple[DemandHour, ...]
    source: str = ""

    def __post_init__(self) -> None:
        def key(row: DemandHour) -> tuple[datetime, str, str]:
            return (row.hour, row.provider, row.model)

        ordered = tuple(sorted(self.hours, key=key))
        for before, after in itertools.pairwise(ordered):
            if key(before) == key(after):
                raise InputError(
                    "demand profile",
                    expected="one row per hour, provider and model",
                    got=f"two for {before.hour.isoformat()} {before.provider}/{before.model}",
                )
        object.__setattr__(self, "hours", ordered)

    def to_json(self) -> str:
        """The profile as JSON: kind, version, source and rows; hours as 2026-11-01T13:00:00Z."""
        head = {"kind": _KIND, "version": VERSION, "source": self.source}
        return (
            json.dumps({**head, "hours": [_row(hour) for hour in self.hours]}, allow_nan=False, indent=1)
            + "\n"
        )

    @classmethod
    def from_json(cls, text: str, *, where: object = "demand profile") -> DemandProfile:
        """Read what `to_json` writes; refuses another kind or version."""
        try:
            data = json.loads(text)
        except ValueError as error:
            raise InputError("not JSON", where=where, expected="a demand profile", got=error) from None
        if not isinstance(data, dict) or cast("dict[str, Any]", data).get("kind") != _KIND:
            raise InputError("not a demand profile", where=where, expected=f'"kind": "{_KIND}"')
        document = cast("dict[str, Any]", data)
        if document.get("version") != VERSION:
            raise InputError(
                "version of a demand profile", where=where, expected=VERSION, got=document.get("version")
            )
        rows = document.get("hours")
        if not isinstance(rows, list):
            raise InputError("hours", where=where, expected="a list of rows", got=type(rows).__name__)
        read = (_hour(row, f"{where}: hours[{n}]") for n, row in enumerate(cast("list[object]", rows)))
        return cls(tuple(read), source=str(document.get("source", "")))

    def to_csv(self) -> str:
        """The rows as CSV with a header; what is not known is an empty cell."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(COLUMNS)
        for hour in self.hours:
            cells = _row(hour)
            cells["missing"] = "true" if hour.missing else "false"
            writer.writerow(["" if cells[name] is None else cells[name] for name in COLUMNS])
        return out.getvalue()

    @classmethod
    def from_csv(cls, text: str, *, source: str = "", where: object = "demand profile") -> DemandProfile:
        """Read what `to_csv` writes; columns are found by name, unknown and lacking ones are refused."""
        reader = csv.DictReader(io.StringIO(text))
        found = tuple(reader.fieldnames or ())
        if set(found) != set(COLUMNS):
            odd = sorted(set(found) ^ set(COLUMNS))
            raise InputError(
                "columns", where=where, expected=", ".join(COLUMNS), got=f"a difference in {', '.join(odd)}"
            )
        return cls(tuple(_hour(row, f"{where}:{n}") for n, row in enumerate(reader, 2)), source=source)

    def to_frame(self) -> polars.DataFrame:
        """The rows as a polars table, for Parquet (loads polars)."""
        polars = polars_for("Parquet")
        whole, real = polars.Int64, polars.Float64
        types: dict[str, Any] = {
            "hour": polars.Datetime("us", "UTC"),
            "provider": polars.String,
            "model": polars.String,
        }
        types |= dict.fromkeys(_COUNTS, whole) | dict.fromkeys(_REALS, real) | {"missing": polars.Boolean}
        return polars.DataFrame([asdict(hour) for hour in self.hours], schema=types)

    @classmethod
    def from_frame(cls, frame: polars.DataFrame, *, source: str = "") -> DemandProfile:
        """Read what `to_frame` makes, for instance out of a Parquet file."""
        return cls(
            tuple(_hour(row, f"row {n}") for n, row in enumerate(frame.iter_rows(named=True))), source=source
        )


def _row(hour: DemandHour) -> dict[str, Any]:
    return {**asdict(hour), "hour": hour.hour.strftime("%Y-%m-%dT%H:%M:%SZ")}


def _hour(row: object, where: str) -> DemandHour:
    """One row from JSON, CSV or a table, with the types it must have."""
    if not isinstance(row, Mapping):
        raise InputError("row", where=where, expected="an object", got=type(row).__name__)
    cells = cast("Mapping[str, Any]", row)
    odd = sorted(set(cells) ^ set(COLUMNS), key=str)
    if odd:
        raise InputError("row", where=where, expected=", ".join(COLUMNS), got=f"a difference in {odd[0]}")
    read: dict[str, Any] = {"provider": str(cells["provider"]), "model": str(cells["model"])}
    try:
        hour = cells["hour"]
        read["hour"] = hour if isinstance(hour, datetime) else datetime.fromisoformat(str(hour))
        for name, kind in (*((n, int) for n in _COUNTS), *((n, float) for n in _REALS)):
            read[name] = None if cells[name] in (None, "") else kind(cells[name])
    except ValueError as error:
        raise InputError("row", where=where, expected="an hour and numbers", got=error) from None
    read["missing"] = _flag(cells["missing"], where)
    return DemandHour(**read)


def _flag(value: object, where: str) -> bool:
    flags = {True: True, False: False, "true": True, "false": False, "True": True, "False": False}
    if not isinstance(value, bool | str) or value not in flags:
        raise InputError("missing", where=where, expected="true or false", got=repr(value))
    return flags[value]
