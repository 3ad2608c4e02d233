"""Where refreshed figures are kept: the user's data folder, or ``SUPERCYCLE_DATA``."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["store_folder"]


def store_folder() -> Path:
    """``$SUPERCYCLE_DATA/figures``, else ``$XDG_DATA_HOME/supercycle/figures``, else under ``~/.local/share``."""
    said = os.environ.get("SUPERCYCLE_DATA")
    if said:
        return Path(said) / "figures"
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "supercycle" / "figures"
