"""A mapping whose values are computed when they are read, once each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar

__all__ = ["OnDemand"]

T = TypeVar("T")


class OnDemand(Mapping[str, T]):
    """Keys that are known beforehand, and a function that finds the value of one.

    >>> squares = OnDemand(("2", "3"), lambda key: int(key) ** 2)
    >>> squares["3"], squares.computed, dict(squares)
    (9, ('3',), {'2': 4, '3': 9})
    """

    def __init__(self, keys: Sequence[str], compute: Callable[[str], T]) -> None:
        self._keys, self._compute = dict.fromkeys(keys), compute
        self._known: dict[str, T] = {}

    @property
    def computed(self) -> tuple[str, ...]:
        """The keys whose values were read."""
        return tuple(self._known)

    def __getitem__(self, key: str) -> T:
        if key not in self._known:
            if key not in self._keys:
                raise KeyError(key)
            self._known[key] = self._compute(key)
        return self._known[key]

    def __contains__(self, key: object) -> bool:
        return key in self._keys

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)
