"""Memory for the bodies of requests: what all of them may hold together, and what those of one key may.

A body counts from its first byte until its answer begins, when it is let go. What does not fit is refused with 503
at once, so that a few clients with large or half-sent bodies cannot fill the machine.
"""

from __future__ import annotations

from supercycle.gateway.door.problem import Problem

__all__ = ["BodyMemory", "Held"]


class BodyMemory:
    """Bytes held, in all and by key. ``most_per_key`` is as much as one body may have."""

    __slots__ = ("_by_key", "held", "most", "most_per_key")

    def __init__(self, most: int, most_per_key: int) -> None:
        self.most = most
        self.most_per_key = most_per_key
        self.held = 0
        self._by_key: dict[str, int] = {}

    def take(self, key: str, size: int) -> bool:
        """Count so many bytes more; False, and nothing counted, when they do not fit.

        >>> memory = BodyMemory(100, 60)
        >>> memory.take("a", 60), memory.take("a", 1), memory.take("b", 41), memory.take("b", 40)
        (True, False, False, True)
        """
        of_key = self._by_key.get(key, 0) + size
        if self.held + size > self.most or of_key > self.most_per_key:
            return False
        self.held += size
        self._by_key[key] = of_key
        return True

    def give_back(self, key: str, size: int) -> None:
        """They are free again."""
        self.held -= size
        left = self._by_key.get(key, 0) - size
        if left > 0:
            self._by_key[key] = left
        else:
            self._by_key.pop(key, None)


class Held:
    """What one request holds; it can be released once."""

    __slots__ = ("_key", "_memory", "_size")

    def __init__(self, memory: BodyMemory, key: str) -> None:
        self._memory = memory
        self._key = key
        self._size = 0

    def add(self, size: int) -> None:
        """So many bytes came. Raises Problem (503) when there is no room for them."""
        if not self._memory.take(self._key, size):
            raise Problem(
                503,
                f"no memory for this body now: {self._memory.held:,} of {self._memory.most:,} bytes are held, and one "
                f"key may hold {self._memory.most_per_key:,}",
                "body_memory_full",
                retry_after_s=1.0,
            )
        self._size += size

    def release(self) -> None:
        """The body is let go."""
        if self._size:
            self._memory.give_back(self._key, self._size)
            self._size = 0
