"""Which hosts serve the same weights, at what dated price, context and maximum output.

A key is (canonical model, serving variant, host, the host's own name for it). Readings of one key that differ stay
side by side: sources disagree, and none is chosen in silence. ``standing`` says what the aggregator says of the row:
current, older (a newer row exists for the host) or outlier (more than eight times the hosts' median).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cache
from typing import NamedTuple

from supercycle.core.errors import FigureError, UnknownNameError
from supercycle.figures.load import COLUMNS, read_rows, table_text
from supercycle.figures.tiers import TIERS

__all__ = [
    "HOST_COLUMNS",
    "ModelHost",
    "OutputLimit",
    "hosts_of",
    "model_hosts",
    "output_limit",
    "parse_model_hosts",
]

HOST_COLUMNS = COLUMNS["model_hosts"]
_WORDS = {
    "weights": ("open", "proprietary", "unverified"),
    "reseller": ("yes", "no"),
    "unit": ("USD/Mtok",),
    "standing": ("current", "older", "outlier"),
    "tier": TIERS,
}


class ModelHost(NamedTuple):
    """One reading: what a host charges for a model, USD per million tokens; None where the source says nothing."""

    line: int
    model: str
    weights: str
    variant: str
    lineage: str
    host: str
    reseller: bool
    host_model: str
    input_usd_per_mtok: float | None
    output_usd_per_mtok: float | None
    cached_read_usd_per_mtok: float | None
    cache_write_usd_per_mtok: float | None
    context_tokens: int | None
    max_output_tokens: int | None
    in_force_from: date | None
    ends: date | None
    standing: str
    known_from: date
    tier: str
    source_title: str
    source_url: str
    published: str
    note: str

    @property
    def key(self) -> tuple[str, str, str, str]:
        """Rows with the same key are readings of one offer."""
        return self.model, self.variant, self.host, self.host_model


class OutputLimit(NamedTuple):
    """The most tokens one answer can have; ``basis`` is maker, host, context or unknown (then ``tokens`` is None)."""

    tokens: int | None
    basis: str


def _number(row: dict[str, str], column: str, where: str) -> float | None:
    text = row[column]
    try:
        value = float(text) if text else None
    except ValueError:
        value = -1.0
    if value is not None and not 0.0 <= value < float("inf"):
        raise FigureError(column, expected="a number from 0 up, or nothing", got=repr(text), where=where)
    return value


def _tokens(row: dict[str, str], column: str, where: str) -> int | None:
    if not row[column]:
        return None
    if not row[column].isdigit() or int(row[column]) == 0:
        raise FigureError(
            column, expected="a whole number of tokens, or nothing", got=repr(row[column]), where=where
        )
    return int(row[column])


def _day(row: dict[str, str], column: str, where: str) -> date | None:
    try:
        return date.fromisoformat(row[column]) if row[column] else None
    except ValueError:
        raise FigureError(column, expected="a day, or nothing", got=repr(row[column]), where=where) from None


def parse_model_hosts(text: str) -> tuple[ModelHost, ...]:
    """Read model_hosts.csv; refuses an unknown word, a negative price and a day that is none, with the line."""
    out: list[ModelHost] = []
    for line, row in read_rows("model_hosts", text):
        where = f"model_hosts.csv:{line}"
        for column, words in _WORDS.items():
            if row[column] not in words:
                raise UnknownNameError(column, row[column], words, where=where)
        known = _day(row, "known_from", where)
        if not row["canonical_model"] or not row["host"] or known is None:
            raise FigureError(
                "model, host and known_from", expected="all three", got="an empty cell", where=where
            )
        out.append(
            ModelHost(
                line, row["canonical_model"], row["weights"], row["serving_variant"], row["lineage"], row["host"],
                row["reseller"] == "yes", row["host_model_id"],
                _number(row, "input", where), _number(row, "output", where),
                _number(row, "cached_read", where), _number(row, "cache_write", where),
                _tokens(row, "context_tokens", where), _tokens(row, "max_output_tokens", where),
                _day(row, "in_force_from", where), _day(row, "ends", where),
                row["standing"], known, row["tier"], row["source_title"], row["source_url"], row["published"],
                row["note"],
            )
        )  # fmt: skip
    return tuple(out)


@cache
def model_hosts() -> tuple[ModelHost, ...]:
    """Every reading of the table, in its order.

    >>> len({row.model for row in model_hosts()})
    219
    """
    return parse_model_hosts(table_text("model_hosts"))


@cache
def _by_model() -> dict[str, tuple[ModelHost, ...]]:
    found: dict[str, list[ModelHost]] = {}
    for row in model_hosts():
        found.setdefault(row.model, []).append(row)
    return {model: tuple(rows) for model, rows in found.items()}


def hosts_of(model: str) -> tuple[ModelHost, ...]:
    """Every reading of a model over all hosts; UnknownNameError suggests the nearest model.

    >>> sorted({row.host for row in hosts_of("gpt-4o") if not row.reseller})
    ['azure-openai', 'gmi', 'openai']
    """
    if model not in _by_model():
        raise UnknownNameError("model", model, _by_model())
    return _by_model()[model]


@cache
def _makers() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for _, row in read_rows("model_makers", table_text("model_makers")):
        found.setdefault(row["family"], set()).add(row["host"])
    return {family: frozenset(hosts) for family, hosts in found.items()}


def output_limit(model: str, host: str | None = None) -> OutputLimit:
    """The most tokens an answer can have: what the maker states, else the smaller of the host's value and the context.

    The maker's readings may differ; the largest counts, because the limit bounds what may be billed. Where nobody
    states a maximum the context is the bound; where no context is known either, the answer is ``unknown``.

    >>> output_limit("gpt-4.1"), output_limit("deepseek-v4-pro").tokens
    (OutputLimit(tokens=32768, basis='maker'), 393216)
    """
    rows = hosts_of(model)
    makers = _makers().get(_family(model), frozenset[str]())
    maker = _largest(row.max_output_tokens for row in rows if row.host in makers)
    if maker is not None:
        return OutputLimit(maker, "maker")
    if host is not None and all(row.host != host for row in rows):
        raise UnknownNameError(f"host of {model}", host, sorted({row.host for row in rows}))
    there = [row for row in rows if host is None or row.host == host]
    stated = _largest(row.max_output_tokens for row in there)
    context = _largest(row.context_tokens for row in there) or _largest(row.context_tokens for row in rows)
    if stated is not None and (context is None or stated <= context):
        return OutputLimit(stated, "host")
    return OutputLimit(context, "context" if context is not None else "unknown")


def _family(model: str) -> str:
    name = model.split("-", 1)[0]
    return name.rstrip("0123456789.") or name


def _largest(values: Iterable[int | None]) -> int | None:
    return max((value for value in values if value is not None), default=None)
