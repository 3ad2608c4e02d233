"""Guards over readings of any source: what fails one is quarantined with the reason and never used.

Sign, currency and wrong concept are guarded where a concept is read (``sec``), year to date where it is
differenced. Here stand the guards that need more than one reading, and those a hand-made file must pass too.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache
from heapq import nsmallest
from statistics import median

from supercycle.core.errors import SupercycleError
from supercycle.core.units import parse_unit
from supercycle.figures.known_from import reported_end
from supercycle.figures.load import Figure
from supercycle.figures.periods import Period, parse_period
from supercycle.figures.refresh.reading import OK, Reading, as_figure
from supercycle.figures.refresh.spellings import canonical
from supercycle.figures.refresh.vocabularies import Concept, concepts, filers, is_flow, rules
from supercycle.figures.units import convertible

__all__ = ["guarded"]

_SCALE = 200.0  # times its neighbours: a print in thousands is read a thousand times too large or too small
_NEIGHBOURS = 4
_FEW = 2  # neighbours of a reading typed by hand
_LEASES = "finance_lease_additions"
_POSITIVE = frozenset(
    {"capex_cash", "capex_incl_finance_leases", "depreciation_ppe", "depreciation_amortisation", "revenue", "rpo",
     "commercial_rpo", "finance_lease_principal_payments", "finance_lease_additions"}
)  # fmt: skip
_LONG = re.compile(
    r"\b(\d+)[- ](?:months?|quarters?)\b.*\b(?:ended|to date)\b|\byear[- ]to[- ]date\b|\bYTD\b", re.I
)
_LESS = re.compile(r"\b(?:less|minus)\b", re.I)  # "nine months less six": differenced already


def guarded(
    fetched: Iterable[Reading], stored: Sequence[Reading], package: Sequence[Figure], today: date
) -> list[Reading]:
    """The readings, those that fail a guard quarantined. ``stored`` and ``package`` are what they must agree with."""
    rows = [_alone(row, today) for row in fetched]
    for relation in (
        _two_series,
        _whole_and_part,
        _one_concept_twice,
        _said_twice,
        _other_measure,
        _out_of_scale,
    ):
        usable = [row for row in rows if row.status == OK]
        known = _Known([*usable, *(row for row in stored if row.status == OK)], package)
        reasons: dict[str, str] = relation(usable, known)
        if reasons:
            rows = [_refuse(row, reasons) for row in rows]
    return rows


def _refuse(row: Reading, reasons: dict[str, str]) -> Reading:
    reason = reasons.get(row.key)
    return row if reason is None else row.quarantined(reason)


class _Known:
    """What a reading is compared with: usable readings by point, the newest last, and the package's figures."""

    def __init__(self, context: Sequence[Reading], package: Sequence[Figure]) -> None:
        self.context, self.package = context, package
        self.by: dict[tuple[str, str, str], Reading] = {}
        self.by_day: dict[tuple[str, str, str, str], Reading] = {}
        for row in sorted(context, key=lambda r: r.published):
            self.by[row.point] = row
            self.by_day[*row.point, row.published] = row
        self.printed = {(f.series, f.entity, f.period.printed): f.value for f in reversed(package)}

    def latest(self, series: str, row: Reading) -> float | None:
        """The newest known value of another series at the same point."""
        point = (series, row.entity, row.period)
        return self.by[point].value if point in self.by else self.printed.get(point)


def _alone(row: Reading, today: date) -> Reading:
    """Guards of one reading by itself."""
    if row.status != OK:
        return row
    try:
        figure = as_figure(row, 0)
    except (SupercycleError, ValueError) as error:
        return row.quarantined(str(error))
    if row.published and row.published > today.isoformat():
        return row.quarantined(f"published on {row.published}, after the day it was fetched ({today})")
    if figure.value is not None and not math.isfinite(figure.value):
        return row.quarantined("the value is not finite")
    last = reported_end(figure.period, row.entity)
    end = row.end or (last.isoformat() if last else "")
    if is_flow(row.series) and row.published and end and row.published < end:
        return row.quarantined(f"published on {row.published}, before the period ended ({end})")
    if row.series in _POSITIVE and row.value is not None and row.value < 0:
        return row.quarantined(f"{row.series} is negative ({row.value:g})")
    if row.entity in filers() and is_flow(row.series) and not figure.unit.startswith("USD"):
        return row.quarantined(f"reported in {figure.unit_printed}, not in {filers()[row.entity].currency}")
    refused = _refused(row)
    if refused is not None:
        return row.quarantined(f"wrong concept: {refused.note}")
    if figure.period.kind == "quarter" and _LONG.search(row.note) and not _LESS.search(row.note):
        return row.quarantined("a year-to-date amount stands as a quarter")
    if row.start and row.end and figure.period.kind == "quarter" and row.source == "file":
        days = (date.fromisoformat(row.end) - date.fromisoformat(row.start)).days
        if days > 105:
            return row.quarantined(f"a span of {days + 1} days stands as a quarter")
    return row


def _refused(row: Reading) -> Concept | None:
    """The vocabulary's row that refuses this concept for this series, if one does."""
    if row.entity not in filers():
        return None
    for concept in concepts(row.entity):
        tagged = row.concept == concept.concept or f"({concept.tag[1]})" in row.source_title
        if concept.use == "refuse" and concept.series == row.series and tagged:
            return concept
    return None


def _two_series(rows: Sequence[Reading], known: _Known) -> dict[str, str]:
    """One number that stands for two things in one filing: neither is used."""
    out: dict[str, str] = {}
    for rule in rules():
        if rule.rule != "one_of":
            continue
        for row in rows:
            if row.series not in (rule.series, rule.other) or not row.value:
                continue
            name = rule.other if row.series == rule.series else rule.series
            other = known.by_day.get((name, row.entity, row.period, row.published))
            if other is not None and other.value == row.value:
                out[row.key] = f"the same number stands for {rule.series} and {rule.other}: {rule.note}"
    return out


def _whole_and_part(rows: Sequence[Reading], known: _Known) -> dict[str, str]:
    """A total below its part, or capex "with" finance leases that is the cash part although leases were added."""
    out: dict[str, str] = {}
    for rule in rules():
        if rule.rule != "whole_above_part":
            continue
        for row in rows:
            if row.series not in (rule.series, rule.other) or row.value is None:
                continue
            is_whole = row.series == rule.series
            other = known.latest(rule.other if is_whole else rule.series, row)
            if other is None:
                continue
            whole, part = (row.value, other) if is_whole else (other, row.value)
            if rule.series == "capex_incl_finance_leases":
                leases = known.latest(_LEASES, row)
                if leases is None:
                    leases = known.latest("finance_lease_principal_payments", row)
                if is_whole and leases and whole <= part:
                    out[row.key] = f"finance leases are left out: {whole:g} with them, {part:g} in cash"
            elif whole <= part:
                out[row.key] = f"{rule.series} ({whole:g}) is not above {rule.other} ({part:g}): {rule.note}"
    return out


def _one_concept_twice(rows: Sequence[Reading], known: _Known) -> dict[str, str]:
    """One tag of one filing that was read as two series: neither is used."""
    used: dict[tuple[str, str, str, str], set[str]] = {}
    for row in known.context:
        if row.concept:
            used.setdefault((row.entity, row.concept, row.period, row.source_url), set()).add(row.series)
    return {
        row.key: f"{row.concept} is used for {' and '.join(sorted(names))}"
        for row in rows
        if row.concept and len(names := used[row.entity, row.concept, row.period, row.source_url]) > 1
    }


def _said_twice(rows: Sequence[Reading], known: _Known) -> dict[str, str]:
    """One source of a hand-made file that says two numbers for one point on one day: neither is used."""
    said: dict[tuple[str, ...], dict[float | None, list[str]]] = {}
    for row in rows:
        if row.source == "file":
            point = (*row.point, row.published, row.source_title, row.source_url, row.concept)
            said.setdefault(point, {}).setdefault(_in_common(row.value, row.unit, row.series)[0], []).append(
                row.key
            )
    return {
        key: f"two numbers for one point from one source ({len(values)} of them)"
        for values in said.values()
        if len(values) > 1
        for keys in values.values()
        for key in keys
    }


def _in_common(value: float | None, unit: str, series: str) -> tuple[float | None, str]:
    """A value at the scale of its dimension's base, and the dimension: USD_m and USD_bn are compared as dollars."""
    scale, dimension = _dimension(unit, series)
    return (None if value is None else value * scale), dimension


@lru_cache(maxsize=4096)
def _dimension(unit: str, series: str) -> tuple[float, str]:
    try:
        plain = canonical(unit, series, "")[0]
        found = parse_unit(plain) if convertible(plain) else None
    except SupercycleError:
        found = None
    return (1.0, unit) if found is None else (found.scale, repr(found.dims))


def _other_measure(rows: Sequence[Reading], known: _Known) -> dict[str, str]:
    """A hand-made reading in a currency or dimension that no reading of its series and entity has."""
    units: dict[tuple[str, str], dict[str, str]] = {}
    asked = {(row.series, row.entity) for row in rows if row.source == "file"}
    for figure in known.package:
        if figure.value is not None and (figure.series, figure.entity) in asked:
            _, dimension = _in_common(1.0, figure.unit, figure.series)
            units.setdefault((figure.series, figure.entity), {})[dimension] = figure.unit
    out: dict[str, str] = {}
    for row in rows:
        have = units.get((row.series, row.entity), {})
        if row.source == "file" and have and _in_common(1.0, row.unit, row.series)[1] not in have:
            usual = ", ".join(have.values())
            out[row.key] = f"another measure: in {row.unit}, and the tables have {row.entity} in {usual}"
    return out


def _out_of_scale(rows: Sequence[Reading], known: _Known) -> dict[str, str]:
    """A value hundreds of times its neighbours in time, of the same kind of period, is in another unit than it says.

    A hand-made reading is held against as few as two neighbours and whatever its series; a filing's, which says its
    unit itself, against four and only if a flow.
    """
    series: dict[tuple[str, str, str, str], dict[str, tuple[date, float]]] = {}

    def place(name: str, entity: str, period: Period, value: float | None, unit: str) -> None:
        level, dimension = _in_common(value, unit, name)
        if level and period.end is not None:
            series.setdefault((name, entity, period.kind, dimension), {})[period.printed] = (
                period.end,
                level,
            )

    asked = {(row.series, row.entity) for row in rows}
    for figure in known.package:
        if (figure.series, figure.entity) in asked:
            place(figure.series, figure.entity, figure.period, figure.value, figure.unit)
    for row in known.context:
        if (row.series, row.entity) in asked:
            place(row.series, row.entity, parse_period(row.period, row.entity), row.value, row.unit)
    out: dict[str, str] = {}
    for row in rows:
        by_hand = row.source == "file"
        period = parse_period(row.period, row.entity)
        level, dimension = _in_common(row.value, row.unit, row.series)
        end = period.end
        if not level or end is None or not (by_hand or (is_flow(row.series) and period.kind == "quarter")):
            continue
        others = series.get((row.series, row.entity, period.kind, dimension), {})
        rest = [pair for printed, pair in others.items() if printed != row.period]
        if len(rest) < (_FEW if by_hand else _NEIGHBOURS):
            continue
        near = nsmallest(_NEIGHBOURS, rest, key=lambda pair, at=end: abs((pair[0] - at).days))
        usual = median(abs(value) for _, value in near)
        ratio = abs(level) / usual if usual else 1.0
        if ratio > _SCALE or ratio < 1.0 / _SCALE:
            out[row.key] = f"{ratio:.3g} times its neighbours: not in {row.unit}"
    return out
