"""The one door: what the command line, the app and a notebook may ask of supercycle; they import nothing below it.

Names are loaded when they are first used, so that a look into a table does not wait for the engine.

>>> from supercycle import service
>>> sorted(set(service.__all__) & {"run", "compare", "diff", "explain", "presets"})
['compare', 'diff', 'explain', 'presets', 'run']
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from supercycle.service.folders import load, merge, reproduce
    from supercycle.service.model import (
        PATHS,
        SEED,
        compare,
        diff,
        doctor,
        explain,
        preset,
        presets,
        run,
        schema,
        sources_of,
    )
    from supercycle.service.result import EVENTS, Result

__all__ = [
    "EVENTS",
    "PATHS",
    "SEED",
    "Result",
    "compare",
    "diff",
    "doctor",
    "explain",
    "load",
    "merge",
    "preset",
    "presets",
    "reproduce",
    "run",
    "schema",
    "sources_of",
]

_HOME = {
    "EVENTS": "result",
    "Result": "result",
    "load": "folders",
    "merge": "folders",
    "reproduce": "folders",
}


def __getattr__(name: str) -> object:
    """Load a public name the first time it is asked for."""
    if name in __all__:
        return getattr(import_module(f"{__name__}.{_HOME.get(name, 'model')}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """Public names only."""
    return sorted(__all__)
