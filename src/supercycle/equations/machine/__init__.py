"""The compiler: from a plan to machine code for several processors, and how that code is kept and called."""

from __future__ import annotations

__all__: list[str] = []
