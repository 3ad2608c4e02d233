"""The small language in which a model is written once."""

from __future__ import annotations

from supercycle.equations.block import Block

__all__ = ["Block"]
