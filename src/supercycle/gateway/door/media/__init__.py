"""Pictures, speech and transcriptions: passed on as they are, each bounded before it is sent and metered after."""

from __future__ import annotations

__all__: list[str] = []
