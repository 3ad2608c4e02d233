"""The world: blocks from the grid to the token, each a file, written in the language of ``equations``."""

from __future__ import annotations

__all__: list[str] = []
