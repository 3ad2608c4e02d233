"""The dialects of the providers: requests, streams, and the usage they report.

The bottom room: it uses no other room of the gateway.
"""

from __future__ import annotations

__all__: list[str] = []
