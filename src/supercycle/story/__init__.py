"""The report's story: which numbers go on the first screen, which charts follow, and where each comes from."""

from __future__ import annotations

from supercycle.story.data import report_data

__all__ = ["report_data"]
