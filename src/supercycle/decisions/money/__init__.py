"""What each way costs: prices, ownership, leases, tax, statements.

May use inputs; beside capacity.
"""

from __future__ import annotations

__all__: list[str] = []
