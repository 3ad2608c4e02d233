"""Own, lease, reserve or call an API: cost after tax at a measured load, its uncertainty, and when to act.

Four rooms, from top to bottom: choice, then money and capacity side by side, then inputs. The package computes on
objects and arrays; the public function ``supercycle.decide(...)`` (service/decide.py) also reads files and runs the
world.
"""

from __future__ import annotations

__all__: list[str] = []
