"""The catalogue: which hosts serve the same weights, at what price, how much they read and write, how good they are.

`hosts.csv` has a row per canonical model, serving variant and host, read by aggregators (evidence tier D: a list price
as others list it, not checked at each host). A variant is the same weights served another way (fp8, batch, a region);
it is never mixed with the plain one unless it is named. `ratings.csv` has dated ratings of models on named scales;
what has none is unrated, and passes no floor. Both files are read when somebody first asks.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from supercycle.core.errors import InputError, UnknownNameError

__all__ = ["Catalogue", "Host", "Rating", "catalogue", "read_ratings"]

_FOLDER: Final = Path(__file__).with_name("catalogue_data")
# What this gateway calls a provider, where the catalogue has another word for the host.
_HOSTS: Final[Mapping[str, str]] = {
    "google": "google-ai-studio",
    "x-ai": "xai",
    "openrouter": "openrouter (reseller)",
    "azure": "azure-openai",
    "aws": "amazon-bedrock",
    "bedrock": "amazon-bedrock",
    "vertex": "google-vertex",
    "moonshotai": "moonshot",
}
_VERSION = re.compile(r"(?:[-@](?:20\d\d-\d\d-\d\d|20\d{6}|latest))$")


class Host(NamedTuple):
    """One host of a model. Prices in USD per million tokens; None: not stated."""

    canonical: str
    variant: str
    host: str
    model_id: str
    input: float
    output: float
    cached: float | None
    cache_write: float | None
    context: int | None
    max_output: int | None
    source: str
    published: str
    doubtful: bool

    def entry(self) -> dict[str, Any]:
        """Its price as the price book reads one, with who says so."""
        row: dict[str, Any] = {
            "input": repr(self.input),
            "output": repr(self.output),
            "status": "first observed",
        }
        if self.cached is not None:
            row["cached"] = repr(self.cached)
        if self.cache_write is not None:
            row["cache_write"] = repr(self.cache_write)
        return row


class Rating(NamedTuple):
    """How good a model is on a scale, by whom, as of when."""

    canonical: str
    scale: str
    value: float
    dated: date
    source: str


class Catalogue:
    """The rows by model and by host."""

    def __init__(self, hosts: Iterable[Host], ratings: Iterable[Rating]) -> None:
        self.models: dict[str, list[Host]] = {}
        self._by_host: dict[tuple[str, str], Host] = {}
        for row in hosts:
            self.models.setdefault(row.canonical, []).append(row)
            self._by_host.setdefault((row.host, row.model_id.lower()), row)
        self._ratings: dict[tuple[str, str], Rating] = {}
        for rating in ratings:  # of several, the newest
            known = self._ratings.get((rating.canonical, rating.scale))
            if known is None or known.dated <= rating.dated:
                self._ratings[rating.canonical, rating.scale] = rating

    def hosts(self, canonical: str, variants: Iterable[str] = ("",)) -> list[Host]:
        """Who serves a model in these variants, cheapest first by input + output. UnknownNameError for no such model.

        >>> rows = catalogue().hosts("gpt-oss-120b")
        >>> len({row.host for row in rows}) > 10, rows[0].input + rows[0].output < rows[-1].input + rows[-1].output
        (True, True)
        """
        if canonical not in self.models:
            raise UnknownNameError("model of the catalogue", canonical, self.models)
        wanted = set(variants)
        rows = [row for row in self.models[canonical] if row.variant in wanted]
        return sorted(rows, key=lambda row: (row.input + row.output, row.host))

    @property
    def host_names(self) -> tuple[str, ...]:
        """Every host there is a row of."""
        return tuple(sorted({host for host, _ in self._by_host}))

    @staticmethod
    def host_name(provider: str) -> str:
        """What the catalogue calls a host that this gateway calls ``provider``."""
        return _HOSTS.get(provider, provider)

    def at(self, provider: str, model_id: str) -> Host | None:
        """The row of a host for its own name of a model; a date or ``-latest`` behind the name does not matter."""
        host = self.host_name(provider)
        name = model_id.lower()
        return self._by_host.get((host, name)) or self._by_host.get((host, _VERSION.sub("", name)))

    def canonical(self, provider: str, model_id: str) -> str | None:
        """Which model that is; None when the catalogue does not know."""
        row = self.at(provider, model_id)
        if row is not None:
            return row.canonical
        name = _VERSION.sub("", model_id.lower().rpartition("/")[2])
        return name if name in self.models else None

    def rating(self, canonical: str, scale: str) -> Rating | None:
        """The newest rating on a scale; None: unrated."""
        return self._ratings.get((canonical, scale))

    def scales(self) -> tuple[str, ...]:
        """The scales there are ratings on."""
        return tuple(sorted({scale for _, scale in self._ratings}))

    def with_ratings(self, more: Iterable[Rating]) -> Catalogue:
        """The same with own ratings beside them; on a scale of the same name the newest counts."""
        rows = (row for rows in self.models.values() for row in rows)
        return Catalogue(rows, [*self._ratings.values(), *more])


@lru_cache(maxsize=1)
def catalogue() -> Catalogue:
    """The shipped catalogue."""
    sources = {row["id"]: f"{row['title']}, {row['url']}" for row in _rows(_FOLDER / "sources.csv")}
    hosts = [
        Host(
            row["canonical_model"],
            row["serving_variant"],
            row["host"],
            row["host_model_id"],
            float(row["input"]),
            float(row["output"]),
            _number(row["cached_read"]),
            _number(row["cache_write"]),
            int(row["context_tokens"]) if row["context_tokens"] else None,
            int(row["max_output_tokens"]) if row["max_output_tokens"] else None,
            sources[row["source"]],
            row["published"],
            row["doubtful"] == "1",
        )
        for row in _rows(_FOLDER / "hosts.csv")
    ]
    return Catalogue(hosts, read_ratings(_FOLDER / "ratings.csv"))


def read_ratings(path: Path) -> list[Rating]:
    """Ratings of a CSV with the columns model, scale, rating, dated, source: own evaluations in the same form."""
    found: list[Rating] = []
    for line, row in enumerate(_rows(path), 2):
        where = f"{path.name}:{line}"
        try:
            value, dated = float(row["rating"]), date.fromisoformat(row["dated"])
        except (KeyError, ValueError) as error:
            raise InputError(
                "rating",
                where=where,
                expected="columns model, scale, rating, dated (2026-12-01), source",
                got=str(error),
            ) from None
        if not row.get("model") or not row.get("scale"):
            raise InputError("rating", where=where, expected="a model and a scale", got=str(dict(row)))
        found.append(Rating(row["model"], row["scale"], value, dated, row.get("source") or path.name))
    return found


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _number(text: str) -> float | None:
    return float(text) if text else None
