"""One API for every model, budgets that hold, and a ledger that is right.

Started with ``supercycle gateway``, or from Python: ``await serve(config)``. Nothing here loads the simulation's
dependencies, and names are loaded when they are first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from supercycle.gateway.config.config import Config, mock_config, read_config
    from supercycle.gateway.door.server import Running, run, serve, start

__all__ = ["Config", "Running", "mock_config", "read_config", "run", "serve", "start"]

_MODULE_OF = {
    "Config": "supercycle.gateway.config.config",
    "Running": "supercycle.gateway.door.server",
    "mock_config": "supercycle.gateway.config.config",
    "read_config": "supercycle.gateway.config.config",
    "run": "supercycle.gateway.door.server",
    "serve": "supercycle.gateway.door.server",
    "start": "supercycle.gateway.door.server",
}


def __getattr__(name: str) -> object:
    """Load a public name the first time it is asked for."""
    if name in _MODULE_OF:
        value: object = getattr(import_module(_MODULE_OF[name]), name)
        globals()[name] = value  # the next look-up does not come here
        return value
    raise AttributeError(
        f"module 'supercycle.gateway' has no attribute {name!r}; it has {', '.join(__all__)}"
    )
