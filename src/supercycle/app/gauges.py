"""What the lights read: a share of paths, and from where on it is a warning or bad.

One table for the server and for a page with the model in it (``app/published.py``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["GAUGES", "MORE", "NOTED", "Gauge", "as_data"]

NEVER = 2.0  # no share is larger
MORE = 0.1  # a tenth of the paths more than in the base case is news
NOTED = "as in the base case"


@dataclass(frozen=True, slots=True)
class Gauge:
    """A light: ``how`` turns ``key`` [quarter, path] into a share.

    mean   of all path-quarters up to ``until``; below  of paths that are below ``level`` in some quarter;
    last   of paths in the last quarter. What the base case itself is above is no warning (``MORE``).

    ``warn`` and ``bad``: above which share the light is one or the other.
    """

    id: str
    title: str
    key: str
    how: str
    detail: str
    warn: float
    bad: float
    level: float = 0.0
    until: str = ""

    def share(self, values: NDArray[np.float64], quarters: Sequence[str]) -> float:
        """The share, from the paths that have numbers."""
        if self.how == "mean":
            return float(values[: sum(quarter <= self.until for quarter in quarters)].mean())
        if self.how == "below":
            return float((values < self.level).any(axis=0).mean())
        return float(values[-1].mean())

    def state(self, share: float, base: float) -> str:
        """Good, a warning or bad; "note" for what is so in the base case too, by design, and not much worse here."""
        if base > self.warn and share <= base + MORE:
            return "note"
        return "bad" if share > self.bad else "warn" if share > self.warn else "good"


GAUGES = (
    Gauge("power", "Power binds", "binds_power", "mean",
          "in {share} of path-quarters to 2028", 0.5, NEVER, until="2028Q4"),
    Gauge("cover", "Cover", "neocloud_cover", "below",
          "neoclouds' cash flow below debt service at some time on {share} of paths", 0.1, 0.5, level=1.0),
    Gauge("funding", "Funding", "funded_share", "below",
          "more than a twentieth of plans unfunded at some time on {share} of paths", 0.25, 0.9, level=0.95),
    Gauge("bust", "Bust", "busted", "last", "by {until} on {share} of paths", 0.25, 0.75),
)  # fmt: skip


def as_data() -> list[dict[str, Any]]:
    """The table as JSON holds it."""
    return [asdict(gauge) for gauge in GAUGES]
