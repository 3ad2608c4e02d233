"""What people ask of a financing: returns, break-evens, losses by holder, the lessee's books.

May use run, engine, document and calendar.
"""

from __future__ import annotations

__all__: list[str] = []
