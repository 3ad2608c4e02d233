"""What a token costs: the price book, the settling of a call, money in whole pico-dollars.

May use speech.
"""

from __future__ import annotations

__all__: list[str] = []
