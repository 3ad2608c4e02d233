"""The world, made ready for the engine once per process."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from supercycle.engine.prior import read_prior
from supercycle.engine.subject import Subject

__all__ = ["subject", "tables_checksum"]

PACKAGE = Path(__file__).resolve().parents[1]


@cache
def subject() -> Subject:
    """The world with its presets, correlations, opening test, derived outputs and the prior fitted to the past."""
    from supercycle.world.correlations import PAIRS
    from supercycle.world.derived import DERIVED
    from supercycle.world.headline import headline
    from supercycle.world.world import START, accept, world_model

    fitted = PACKAGE / "skill" / "posterior.json"
    registry = world_model().registry
    return Subject(
        model=world_model(),
        start=START,
        presets=PACKAGE / "world" / "presets",
        pairs=tuple(PAIRS),
        accept=accept,
        derived=tuple(DERIVED),
        headline=headline,
        tables=tables_checksum(),
        priors={"posterior": read_prior(fitted.read_text("utf-8"), registry, fitted.name)}
        if fitted.is_file()
        else {},
    )


def tables_checksum() -> str:
    """SHA-256 over the names and contents of the figures' tables."""
    digest = hashlib.sha256()
    for table in sorted((PACKAGE / "figures" / "tables").glob("*.csv")):
        digest.update(table.name.encode() + b"\0")
        digest.update(hashlib.sha256(table.read_bytes()).digest())
    return digest.hexdigest()
