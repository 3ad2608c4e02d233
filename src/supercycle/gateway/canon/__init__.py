"""One canonical request: every dialect is read into one typed form and written from it, both ways.

A request goes client's words -> `form.Request` -> target's words, an answer goes target's words -> `events` -> client's
words. Nothing is lost silently: what the target has no words for is refused by name, or dropped and listed where the
key allows it (`loss`).
"""

from __future__ import annotations

__all__: list[str] = []
