"""Rows as plain dictionaries ready for JSON: dates are ISO text, unknown is None, nothing is rounded away."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from supercycle.figures.claims import Claim
from supercycle.figures.conflicts import Conflict
from supercycle.figures.load import Figure
from supercycle.figures.priors import Prior
from supercycle.figures.tiers import TIERS

__all__ = [
    "Json",
    "citation",
    "claim_record",
    "conflict_record",
    "prior_record",
    "row_record",
    "tier_counts",
]

Json = dict[str, Any]


def tier_counts(rows: Sequence[Figure]) -> dict[str, int]:
    """How many rows each tier has, best tier first."""
    counted = Counter(row.tier for row in rows)
    return {tier: counted[tier] for tier in TIERS if counted[tier]}


def row_record(row: Figure) -> Json:
    """A figure with its reading, source, dates and evidence."""
    return {
        "id": row.id,
        "where": row.where,
        "series": row.series,
        "entity": row.entity,
        "period": row.period.printed,
        "period_kind": row.period.kind,
        "start": row.period.start.isoformat() if row.period.start else None,
        "end": row.period.end.isoformat() if row.period.end else None,
        "value": row.value,
        "text": row.text,
        "unit": row.unit,
        "unit_printed": row.unit_printed,
        "basis": row.basis,
        "kind": row.kind,
        "tier": row.tier,
        "inputs_tier": row.inputs_tier or None,
        "evidence": row.evidence,
        "calibratable": row.calibratable,
        "source_title": row.source_title,
        "source_url": row.source_url,
        "published": row.published or None,
        "known_from": row.known_from.isoformat(),
        "vintage": row.vintage,
        "licence": row.licence,
        "note": row.note,
    }


def citation(row: Figure) -> str:
    """One line a reader can check: what, who, when, value as printed, tier, source."""
    published = f", {row.published}" if row.published else ""
    url = f", {row.source_url}" if row.source_url else ""
    value = row.text if row.value is None else f"{row.value:g}"
    return (
        f"{row.series}, {row.entity}, {row.period.printed or 'undated'}: {value} {row.unit_printed}"
        f" (tier {row.tier}). {row.source_title}{published}{url}."
    )


def claim_record(row: Claim) -> Json:
    """A claim with where it was read."""
    return {
        "id": row.id,
        "where": f"claims.csv:{row.line}",
        "statement": row.statement,
        "value": row.value,
        "unit": row.unit,
        "unit_printed": row.unit_printed,
        "period": row.period.printed,
        "attributed_to": row.attributed_to,
        "citation": f"{row.attributed_to}, read in: {row.document}",
        "note": row.note,
    }


def prior_record(row: Prior) -> Json:
    """A prior with its bounds, evidence and source."""
    return {
        "id": row.name,
        "where": f"parameters.csv:{row.line}",
        "block": row.block,
        "meaning": row.meaning,
        "low": row.low,
        "central": row.central,
        "high": row.high,
        "unit": row.unit,
        "evidence": row.evidence,
        "citation": f"{row.source}, {row.year}. {row.citation}",
        "note": row.note,
    }


def conflict_record(conflict: Conflict) -> Json:
    """A point whose readings disagree, best reading first."""
    return {
        "series": conflict.series,
        "entity": conflict.entity,
        "period": conflict.period,
        "spread": None if conflict.spread is None else round(conflict.spread, 4),
        "readings": [
            {
                "id": row.id,
                "value": row.value,
                "unit": row.unit,
                "tier": row.tier,
                "published": row.published or None,
            }
            for row in conflict.readings
        ],
    }
