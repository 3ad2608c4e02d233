"""What a user states and what the tables know: the case, load, quotes, hardware, weights.

The bottom room.
"""

from __future__ import annotations

__all__: list[str] = []
