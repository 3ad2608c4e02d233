"""The configuration file, and the files of other proxies read into it.

May use routes, ledger, prices and speech.
"""

from __future__ import annotations

__all__: list[str] = []
