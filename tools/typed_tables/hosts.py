"""model_hosts.csv: the price's start, the model's end and the row's standing leave the note and become columns."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from supercycle.figures.known_from import latest_day
from supercycle.figures.model_hosts import HOST_COLUMNS
from typed_tables.licences import licence_of

__all__ = ["host_row"]

_RESELLER = " (reseller)"
_FROM = re.compile(r"in force from (\d{4}-\d\d-\d\d)")
_ENDS = re.compile(r"deprecation (\d{4}-\d\d-\d\d)")
_LINEAGE = re.compile(r"lineage: ([^;]*)")
_PRICES = ("input", "output", "cached_read", "cache_write")
_PLACES, _SMALL = (
    4,
    0.01,
)  # USD per Mtok: aggregators multiply prices per token, which leaves noise in the fifth digit


def _price(text: str) -> str:
    """A price to 1e-4 USD per Mtok; below a cent to four significant digits, where 1e-4 would move it."""
    if not text:
        return ""
    value = float(text)
    return f"{value:.4g}" if 0 < value < _SMALL else f"{round(value, _PLACES):.10g}"


def _standing(note: str) -> str:
    if "older snapshot" in note:
        return "older"
    return "outlier" if "outlier:" in note else "current"


def host_row(raw: Mapping[str, str], closed: date) -> dict[str, str]:
    """One row with every column filled."""
    note = raw["note"]
    starts, ends, lineage = _FROM.search(note), _ENDS.search(note), _LINEAGE.search(note)
    row = {name: raw.get(name, "").strip() for name in HOST_COLUMNS}
    row |= {name: _price(raw[name]) for name in _PRICES}
    row |= {
        "host": raw["host"].removesuffix(_RESELLER),
        "reseller": "yes" if raw["host"].endswith(_RESELLER) else "no",
        "unit": "USD/Mtok",
        "in_force_from": starts[1] if starts else "",
        "ends": ends[1] if ends else "",
        "standing": _standing(note),
        "lineage": lineage[1].strip() if lineage else "",
        "known_from": min(latest_day(raw["published"]), closed).isoformat(),
        "licence": licence_of(raw["source_title"], ""),
    }
    return row
