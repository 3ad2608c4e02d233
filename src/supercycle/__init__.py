"""supercycle: an open, sourced, stress-testable model of the AI capital cycle, from the grid to the token.

The public interface mirrors the commands: ``supercycle.run(...)`` is ``supercycle run ...``. Names are loaded
when they are first used, so that ``import supercycle`` costs next to nothing.

>>> import supercycle
>>> supercycle.__version__
'0.2.0'
"""

from __future__ import annotations

import time
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from supercycle import claims, figures
    from supercycle.service import (
        compare,
        diff,
        doctor,
        explain,
        load,
        merge,
        presets,
        reproduce,
        run,
    )
    from supercycle.service.deal import deal
    from supercycle.service.decide import decide
    from supercycle.service.discover import discover
    from supercycle.service.own_world import the_world
    from supercycle.service.sensitivity import sensitivity
    from supercycle.service.stress import reverse, stress
    from supercycle.service.sweep import sweep
    from supercycle.skill.backtest import backtest
    from supercycle.skill.calibrate import calibrate
    from supercycle.skill.forecasts import record as forecast
    from supercycle.skill.manias import describe as manias

__all__ = [
    "__version__",
    "backtest",
    "calibrate",
    "claims",
    "compare",
    "deal",
    "decide",
    "diff",
    "discover",
    "doctor",
    "explain",
    "figures",
    "forecast",
    "load",
    "manias",
    "merge",
    "presets",
    "reproduce",
    "reverse",
    "run",
    "sensitivity",
    "stress",
    "sweep",
    "the_world",
]

__version__ = "0.2.0"
# When this process began: a source that changed later may not be the one that was imported.
BEGAN = time.time()

# Name, and where it is: a function, or a package whose functions are the subcommands of its name.
_HOME = {
    "backtest": "supercycle.skill.backtest:backtest",
    "calibrate": "supercycle.skill.calibrate:calibrate",
    "claims": "supercycle.claims",
    "compare": "supercycle.service:compare",
    "deal": "supercycle.service.deal:deal",
    "decide": "supercycle.service.decide:decide",
    "diff": "supercycle.service:diff",
    "discover": "supercycle.service.discover:discover",
    "doctor": "supercycle.service:doctor",
    "explain": "supercycle.service:explain",
    "figures": "supercycle.figures",
    "forecast": "supercycle.skill.forecasts:record",
    "load": "supercycle.service:load",
    "merge": "supercycle.service:merge",
    "manias": "supercycle.skill.manias:describe",
    "presets": "supercycle.service:presets",
    "reproduce": "supercycle.service:reproduce",
    "reverse": "supercycle.service.stress:reverse",
    "run": "supercycle.service:run",
    "sensitivity": "supercycle.service.sensitivity:sensitivity",
    "stress": "supercycle.service.stress:stress",
    "sweep": "supercycle.service.sweep:sweep",
    "the_world": "supercycle.service.own_world:the_world",
}


def __getattr__(name: str) -> object:
    """Load a public name the first time it is asked for."""
    if name in _HOME:
        module, _, attribute = _HOME[name].partition(":")
        value: object = import_module(module)
        if attribute:
            value = getattr(value, attribute)
            globals()[name] = value  # the next look-up does not come here
        return value
    raise AttributeError(f"module 'supercycle' has no attribute {name!r}; it has {', '.join(__all__)}")


def __dir__() -> list[str]:
    return sorted(__all__)
