"""Which way is cheapest, what mix, and whether to act or wait.

The top room: it may use money, capacity and inputs.
"""

from __future__ import annotations

__all__: list[str] = []
