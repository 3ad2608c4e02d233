"""What people read afterwards: the overview, exports, reconciliation, savings, metrics.

May use config, routes, ledger, prices and speech; never the door.
"""

from __future__ import annotations

__all__: list[str] = []
