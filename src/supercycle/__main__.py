"""``python -m supercycle`` is the command ``supercycle``."""

from __future__ import annotations

__all__: list[str] = []

if __name__ == "__main__":
    from supercycle.cli import main

    main()
