"""The world, made ready for the engine once per process."""

from __future__ import annotations

import threading
from functools import cache

from supercycle.engine.kernels import SHIPPED
from supercycle.engine.prior import read_prior
from supercycle.engine.subject import Subject
from supercycle.equations.machine import cache as code_cache
from supercycle.service import kept_world
from supercycle.service.kept_world import PACKAGE, tables_checksum

__all__ = ["PACKAGE", "built", "subject", "tables_checksum"]


_BUILDING = threading.RLock()


def subject() -> Subject:
    """The world with its presets, correlations, opening test, derived outputs and the prior fitted to the past.

    It is read back where these very sources were built before (in the package, or in the cache), else built from
    them. One thread makes it and the others wait: two that build at once would declare every name twice.
    """
    with _BUILDING:
        return _subject()


@cache
def _subject() -> Subject:
    key = kept_world.fingerprint()
    found = kept_world.read(key, SHIPPED, built)
    if found is None:
        found = built()
        if found.model.code:
            code_cache.keep(kept_world.world_file(SHIPPED, key).name, kept_world.write(found))
    return found


def built() -> Subject:
    """The world built from its sources, with functions that can be called.

    ``model.code`` is their hash, or empty when one of them was changed while this process ran: what was imported is
    then not what the files say, and nothing is kept under their name.
    """
    with _BUILDING:
        return _built()


@cache
def _built() -> Subject:
    from supercycle.world.correlations import PAIRS
    from supercycle.world.derived import DERIVED
    from supercycle.world.headline import headline
    from supercycle.world.opening_test import accept
    from supercycle.world.world import START, world_model

    fitted = PACKAGE / "skill" / "posterior.json"
    registry = world_model().registry
    made = Subject(
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
    made.model.code = kept_world.fingerprint() if kept_world.is_settled() else ""
    return made
