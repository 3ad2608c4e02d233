"""supercycle: an open, sourced, stress-testable model of the AI capital cycle, from the grid to the token.

The public interface mirrors the commands: ``supercycle.run(...)`` is ``supercycle run ...``. Names are loaded
when they are first used, so that ``import supercycle`` costs next to nothing.

>>> import supercycle
>>> supercycle.__version__
'0.1.0'
"""

from __future__ import annotations

import time
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType

    from supercycle import figures
    from supercycle.service import compare, explain, load, presets, reproduce, run
    from supercycle.service.deal import deal
    from supercycle.service.decide import decide
    from supercycle.skill.backtest import backtest
    from supercycle.skill.calibrate import calibrate

__all__ = [
    "__version__",
    "backtest",
    "calibrate",
    "compare",
    "deal",
    "decide",
    "explain",
    "figures",
    "load",
    "presets",
    "reproduce",
    "run",
]

__version__ = "0.1.0"
BEGAN = (
    time.time()
)  # when this process began: a source that changed later may not be the one that was imported

_MODULE_OF = {
    "backtest": "supercycle.skill.backtest",
    "calibrate": "supercycle.skill.calibrate",
    "compare": "supercycle.service",
    "deal": "supercycle.service.deal",
    "decide": "supercycle.service.decide",
    "explain": "supercycle.service",
    "load": "supercycle.service",
    "presets": "supercycle.service",
    "reproduce": "supercycle.service",
    "run": "supercycle.service",
}


def __getattr__(name: str) -> object:
    """Load a public name the first time it is asked for."""
    if name == "figures":  # a package, whose functions are the subcommands of `supercycle figures`
        module: ModuleType = import_module("supercycle.figures")
        return module
    if name in _MODULE_OF:
        value: object = getattr(import_module(_MODULE_OF[name]), name)
        globals()[name] = value  # the next look-up does not come here
        return value
    raise AttributeError(f"module 'supercycle' has no attribute {name!r}; it has {', '.join(__all__)}")


def __dir__() -> list[str]:
    return sorted(__all__)
