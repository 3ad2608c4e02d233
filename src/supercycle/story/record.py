"""What the bands held in the past, and both medians, said where bands are shown: under fans of scored outputs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from supercycle.skill.both_priors import told_beside
from supercycle.skill.past_bands import told_of

__all__ = ["with_record"]


def with_record(sections: Sequence[dict[str, Any]], model: str) -> list[dict[str, Any]]:
    """The sections with the record of its own series under each scored fan, and of all series under the first other.

    ``model`` is the hash of the model that made the bands (``Subject.bare_hash``).
    """
    made: list[dict[str, Any]] = []
    said = False
    for section in sections:
        charts: list[dict[str, Any]] = []
        for chart in section["charts"]:
            told = ""
            if chart["kind"] == "fan":
                key = str(chart["series"][0]["key"])
                told = told_of(model, key)
                if not told and not said:
                    told, said = told_of(model), True
                told = f"{told} {told_beside(model, key)}".strip()
            charts.append({**chart, "note": f"{chart['note']} {told}".strip()} if told else chart)
        made.append({**section, "charts": charts})
    return made
