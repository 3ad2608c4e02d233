"""Live figures: readings fetched from their sources, guarded, kept with the day they were published and fetched.

Nothing here is imported by a run of the model, and nothing reaches the network but ``refresh``. The store holds every
reading ever fetched; a later one never replaces an earlier one, so ``as_of`` gives what was known on a day.
"""

from __future__ import annotations

__all__: list[str] = []
