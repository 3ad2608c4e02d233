"""What ``supercycle figures list|show|cite|verify|coverage`` prints, as plain dictionaries ready for JSON.

Pure functions of the package's tables: no printing, no paths, no clock. Dates are ISO text, unknown is None.
"""

from __future__ import annotations

from collections.abc import Sequence

from supercycle.core.errors import UnknownNameError
from supercycle.core.quarters import Quarter
from supercycle.figures.claims import claims
from supercycle.figures.load import TABLES, Figure, figures, is_flow, rows_of
from supercycle.figures.priors import priors
from supercycle.figures.records import Json, citation, claim_record, prior_record, row_record, tier_counts
from supercycle.figures.search import find, label, series_matching
from supercycle.figures.series import entities, quarterly, ranking, readings, series_names
from supercycle.figures.verification import verify

__all__ = ["cite", "coverage", "find", "list_series", "show", "verify"]

_A_YEAR = 4


def list_series(table: str | None = None, match: str | None = None) -> Json:
    """Every series with its label, tables, entities, span and tiers.

    ``match`` keeps names that contain the text or that its words describe ("capital expenditure").

    Raises UnknownNameError for an unknown table, and for a ``match`` that finds nothing, with the nearest
    series.
    """
    if table is not None and table not in TABLES:
        raise UnknownNameError("table of figures", table, TABLES)
    grouped: dict[str, list[Figure]] = {}
    described = series_matching(match) if match is not None else frozenset[str]()
    for row in figures(table):
        if match is None or match.lower() in row.series.lower() or row.series in described:
            grouped.setdefault(row.series, []).append(row)
    if match is not None and not grouped:
        raise UnknownNameError("series", match, sorted({row.series for row in figures(table)}))
    listed = [
        {
            "series": name,
            "label": label(name),
            "tables": sorted({row.table for row in rows}),
            "entities": len({row.entity for row in rows}),
            "rows": len(rows),
            "first": _edge(rows, earliest=True),
            "last": _edge(rows, earliest=False),
            "units": sorted({row.unit for row in rows}),
            "tiers": tier_counts(rows),
        }
        for name, rows in sorted(grouped.items())
    ]
    return {"table": table, "match": match, "count": len(listed), "series": listed}


def show(series: str, entity: str | None = None) -> Json:
    """Every reading of a series, the chosen one first at each point, and its calendar quarters.

    Raises UnknownNameError with the nearest series or entity.
    """
    who = [entity] if entity is not None else list(entities(series))
    shown: list[Json] = []
    for name in who:
        points: dict[str, list[Figure]] = {}
        for row in readings(series, name):
            points.setdefault(row.period.key, []).append(row)
        ordered = sorted(points.values(), key=lambda rows: (_order(rows[0]), rows[0].period.printed))
        shown.append(
            {
                "entity": name,
                "points": [
                    {
                        "period": best[0].period.printed,
                        "chosen": row_record(best[0]),
                        "rivals": [row_record(row) for row in best[1:]],
                    }
                    for best in (sorted(rows, key=ranking) for rows in ordered)
                ],
                "quarters": {
                    quarter: {
                        "value": reading.value,
                        "unit": reading.unit,
                        "tier": reading.tier,
                        "evidence": reading.evidence,
                        "how": reading.how,
                        "ids": list(reading.ids),
                        "known_from": reading.known_from.isoformat(),
                    }
                    for quarter, reading in quarterly(series, name).items()
                },
            }
        )
    return {"series": series, "label": label(series), "flow": is_flow(series), "entities": shown}


def cite(id: str) -> Json:
    """Source, tier, dates and rivals of one figure, claim or prior; UnknownNameError suggests the nearest id.

    >>> cite("required_revenue")["kind"], cite("leadtime_grid")["kind"]
    ('claim', 'prior')
    """
    for row in rows_of(id.split(":")[1]) if id.count(":") >= 3 else ():
        if row.id == id:
            others = [
                other for other in readings(row.series, row.entity) if other.period.key == row.period.key
            ]
            best = sorted(others, key=ranking)
            return {
                "kind": "figure",
                **row_record(row),
                "citation": citation(row),
                "chosen": best[0].id == row.id,
                "rivals": [row_record(other) for other in best if other.id != row.id],
            }
    if id in claims():
        return {"kind": "claim", **claim_record(claims()[id])}
    if id in priors():
        return {"kind": "prior", **prior_record(priors()[id])}
    stem = ":".join(id.split(":")[:2])
    series = id.split(":")[1] if ":" in id else ""
    near = [row.id for row in rows_of(series) if row.id.startswith(f"{stem}:")]  # all ids would take a second
    if id in series_names():
        near = [row.id for row in rows_of(id)]  # a series has readings; each is cited by its own id
    raise UnknownNameError("figure", id, near or [*claims(), *priors(), *series_names()])


def coverage() -> Json:
    """For every series and entity: span, tiers, share that may be calibrated on, quarters missing."""
    rows_out: list[Json] = []
    for name in series_names():
        for entity in entities(name):
            rows = readings(name, entity)
            quarters = list(quarterly(name, entity))
            missing: list[str] = []
            span = map(str, Quarter.parse(quarters[0]).until(Quarter.parse(quarters[-1]))) if quarters else ()
            if len(quarters) >= _A_YEAR:  # fewer are single prints, not a quarterly series with holes
                missing = [name for name in span if name not in set(quarters)]
            usable = sum(row.calibratable for row in rows)
            rows_out.append(
                {
                    "series": name,
                    "entity": entity,
                    "rows": len(rows),
                    "first": _edge(rows, earliest=True),
                    "last": _edge(rows, earliest=False),
                    "tiers": tier_counts(rows),
                    "calibratable_share": round(usable / len(rows), 4),
                    "quarters": len(quarters),
                    "missing_quarters": missing,
                }
            )
    everything = figures()
    usable = sum(row.calibratable for row in everything)
    return {
        "series": len(series_names()),
        "pairs": len(rows_out),
        "rows": len(everything),
        "calibratable_share": round(usable / len(everything), 4),
        "coverage": rows_out,
    }


def _order(row: Figure) -> str:
    day = row.period.end or row.period.start
    return day.isoformat() if day else ""


def _edge(rows: Sequence[Figure], *, earliest: bool) -> str | None:
    dated = [row for row in rows if row.period.end is not None]
    if not dated:
        return None
    return (min if earliest else max)(dated, key=_order).period.printed
