"""Dates, periods, day counts, and paths on them.

The bottom room: it uses no other room of deals.
"""

from __future__ import annotations

__all__: list[str] = []
