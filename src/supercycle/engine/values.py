"""The values of a run, output by output: recorded when they are first read, in passes that fit in memory.

A pass over the paths costs a few microseconds a path and gives the same bits every time, so what nobody reads is never
computed, and what does not fit in memory is computed again instead of being written to a disk.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import overload

import numpy as np
from numpy.typing import NDArray

__all__ = ["IN_MEMORY", "Values"]

Floats = NDArray[np.float64]

IN_MEMORY = 500_000_000  # bytes that a pass may fill beyond what is held for good


class Values(Sequence[Floats]):
    """An array [output, quarter, path] of which only what is read is made; one that is read in order is read ahead.

    ``record(places)`` gives the outputs at some places [place, quarter, path].

    >>> values = Values(lambda places: np.array([[[float(p)]] for p in places]), (3, 1, 1))
    >>> values[2].tolist(), len(values), values.held
    ([[2.0]], 3, (2,))
    """

    def __init__(self, record: Callable[[Sequence[int]], Floats], shape: tuple[int, int, int]) -> None:
        self.shape, self._record = shape, record
        self._held: dict[int, Floats] = {}
        self._window: dict[int, Floats] = {}
        self._following, self._ahead = (
            -1,
            1,
        )  # where a reader in order comes next, and how far it is read ahead

    @property
    def held(self) -> tuple[int, ...]:
        """The places of the outputs in memory."""
        return tuple(sorted({*self._held, *self._window}))

    def hold(self, places: Sequence[int], values: Floats | None = None) -> None:
        """Keep the outputs at some places for good; those that are not in memory are recorded unless given."""
        missing = [place for place in places if place not in self._held]
        if missing:
            made = self._record(missing) if values is None else values
            self._held.update(zip(missing, made, strict=True))

    @overload
    def __getitem__(self, place: int, /) -> Floats: ...
    @overload
    def __getitem__(self, place: slice, /) -> Sequence[Floats]: ...
    def __getitem__(self, place: int | slice, /) -> Floats | Sequence[Floats]:
        outputs, quarters, paths = self.shape
        if isinstance(place, slice):
            return [self[i] for i in range(*place.indices(outputs))]
        if not -outputs <= place < outputs:
            raise IndexError(place)
        place %= outputs
        if place in self._held:
            return self._held[place]
        if place not in self._window:
            fits = max(IN_MEMORY // max(8 * quarters * paths, 1), 1)
            self._ahead = min(2 * self._ahead if place == self._following else 1, fits)
            missing = [i for i in range(place, outputs) if i not in self._held][: self._ahead]
            self._following = missing[-1] + 1
            while self._following in self._held:
                self._following += 1
            self._window = {}  # what is in it makes room first
            self._window = dict(zip(missing, self._record(missing), strict=True))
        return self._window[place]

    def __len__(self) -> int:
        return self.shape[0]

    def __iter__(self) -> Iterator[Floats]:
        return (self[i] for i in range(len(self)))
