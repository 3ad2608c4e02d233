"""A financing as data: its schema, the reader with line-precise errors, the checks.

May use calendar.
"""

from __future__ import annotations

__all__: list[str] = []
