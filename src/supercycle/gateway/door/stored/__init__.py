"""What is kept between requests: clients' files, and batches that a provider works through in its own time."""

from __future__ import annotations

__all__: list[str] = []
