"""The small language in which a model is written once."""

from __future__ import annotations

__all__: list[str] = []
