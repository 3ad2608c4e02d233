"""Learning from a print on the day it comes: which new figures there are, what they say, and what they change."""

from __future__ import annotations

__all__: list[str] = []
