"""What is owed and by whom: entries, budgets, keys, and the two stores that keep them.

May use prices and speech.
"""

from __future__ import annotations

__all__: list[str] = []
