"""Which host answers a request, and how healthy each host is.

May use ledger, prices and speech.
"""

from __future__ import annotations

__all__: list[str] = []
