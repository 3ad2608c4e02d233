"""A deal as live formulas: inputs on one sheet, every period's model on another, a check against the engine."""

from __future__ import annotations

__all__: list[str] = []
