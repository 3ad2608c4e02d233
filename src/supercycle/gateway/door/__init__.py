"""What a client meets: the listener, one request's life, the mock provider, the admin side.

The top room: it may use every other room of the gateway.
"""

from __future__ import annotations

__all__: list[str] = []
