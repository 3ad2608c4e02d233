"""The engine: scenarios in, sampled paths through a kernel, quantiles out. It knows no economics."""

from __future__ import annotations

__all__: list[str] = []
