"""Deals: structured and project finance as data, run by one engine on one path or on many.

Text in, objects and arrays out; reading files belongs to the layers around (docs/deals.md).
"""

from __future__ import annotations

__all__: list[str] = []
