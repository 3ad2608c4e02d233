"""What refreshes have brought: the vintages of a series, and what the last refresh moved."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

__all__ = ["last_refresh", "vintages"]

_SHOWN = 20  # points and refused readings on the page; the command gives all


def last_refresh() -> dict[str, Any]:
    """The refreshes so far; points the last one moved, parameters they feed, readings its guards refused.

    ``moved`` counts points whose chosen value changed, appeared or went; ``points`` holds the largest relative
    changes first. Before a first refresh ``refreshes`` is empty and so is all else. Errors: EnvironmentProblem when
    the store cannot be read.
    """
    from supercycle.figures.refresh import changes
    from supercycle.figures.refresh.folder import store_folder
    from supercycle.figures.refresh.reading import QUARANTINED
    from supercycle.figures.refresh.store import Store
    from supercycle.figures.refresh.view import view_named
    from supercycle.service.as_known import opening_inputs

    store = Store(store_folder())
    made = store.generations()
    if not made:
        return {"refreshes": [], "moved": 0, "points": [], "parameters": [], "refused": [], "stale": 0}
    old, new = view_named("before", store), view_named("latest", store)
    points = changes.moved(old, new)
    points.sort(key=lambda row: (row["change"] != "moved", -abs(row["relative"] or 0.0)))
    refused = [
        row for row in store.readings() if row.generation == made[-1].number and row.status == QUARANTINED
    ]
    late = changes.staleness(new, datetime.now(UTC).date())
    return {
        "refreshes": [
            {"number": one.number, "at": one.at, "source": one.source, "added": one.added} for one in made
        ],
        "moved": len(points),
        "points": points[:_SHOWN],
        "parameters": changes.fed(old, new, opening_inputs()),
        "refused": [
            {"series": row.series, "entity": row.entity, "period": row.period, "reason": row.reason}
            for row in refused[:_SHOWN]
        ],
        "stale": sum(row["stale"] for row in late),
    }


def vintages(series: str) -> dict[str, Any]:
    """Every refreshed reading of a series, refused ones too: when it was published, fetched, and by which refresh."""
    from supercycle.figures.refresh.folder import store_folder
    from supercycle.figures.refresh.store import Store

    rows = sorted(
        (row for row in Store(store_folder()).readings() if row.series == series),
        key=lambda row: (row.entity, row.period, row.published, row.generation),
    )
    names = (
        "entity",
        "period",
        "value",
        "unit",
        "published",
        "fetched",
        "generation",
        "status",
        "reason",
        "source_title",
    )
    return {"series": series, "rows": [{name: getattr(row, name) for name in names} for row in rows]}
