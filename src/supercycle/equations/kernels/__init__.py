"""Compiled kernels: from a plan to source text, to vector code, to a cached function."""

from __future__ import annotations

__all__: list[str] = []
