"""The waterfall and its parts, on one path or on many.

May use document and calendar.
"""

from __future__ import annotations

__all__: list[str] = []
