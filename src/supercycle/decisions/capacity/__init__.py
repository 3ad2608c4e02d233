"""What a machine serves and how many are needed for a load.

May use inputs; beside money.
"""

from __future__ import annotations

__all__: list[str] = []
