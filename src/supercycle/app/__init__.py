"""The app: the model under your hand, in a browser, served from this machine to this machine only."""

from __future__ import annotations

__all__: list[str] = []
