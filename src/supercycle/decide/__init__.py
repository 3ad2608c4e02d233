"""Own, lease, reserve or call an API: cost after tax at a measured load, its uncertainty, and when to act.

The package computes on objects and arrays. Called, it is the public function ``supercycle.decide(...)``, which
also reads files and runs the world:

>>> import supercycle.decide
>>> callable(supercycle.decide)
True
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import Any

__all__: list[str] = []


class _Callable(ModuleType):
    """A package and a function of one name: whichever is imported first, both work."""

    def __call__(self, *words: Any, **options: Any) -> Any:
        """``supercycle.service.decide.decide``, found by name when called: nothing here imports it."""
        return import_module("supercycle.service.decide").decide(*words, **options)


sys.modules[__name__].__class__ = _Callable
