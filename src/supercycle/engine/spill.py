"""Values of a large run on disk: written chunk by chunk, read back one output at a time.

The file has no name (it goes with the process) and lies where temporary files lie, or in ``TMPDIR``. Rows are
[output, quarter], paths side by side, so that an output is one read.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from copy import copy
from typing import Protocol, overload

import numpy as np
from numpy.typing import NDArray

from supercycle.core.errors import EnvironmentProblem

__all__ = ["IN_MEMORY", "Spill", "Values"]

Floats = NDArray[np.float64]

IN_MEMORY = 1_000_000_000  # bytes of values that a run keeps in memory; above it they are spilled
WIDTH = 8  # bytes of a float64


class Values(Protocol):
    """What readers of a run use: outputs in order, each [quarter, path]."""

    def __len__(self) -> int:
        """How many outputs."""
        ...

    def __iter__(self) -> Iterator[Floats]:
        """Each output in turn."""
        ...

    def __getitem__(self, place: int, /) -> Floats:
        """One output."""
        ...


class _Unnamed:
    """A file without a name, closed when the last view of it is gone."""

    def __init__(self, size: int) -> None:
        self.descriptor, name = tempfile.mkstemp(prefix="supercycle-")
        os.unlink(name)
        os.truncate(self.descriptor, size)

    def __del__(self) -> None:
        os.close(self.descriptor)


class Spill(Sequence[Floats]):
    """An array [output, quarter, path] in an unnamed file.

    >>> held = Spill(2, 3, 4)
    >>> held.put(2, np.ones((2, 3, 2)))
    >>> held[1][0].tolist(), len(held)
    ([0.0, 0.0, 1.0, 1.0], 2)
    """

    def __init__(self, outputs: int, quarters: int, paths: int) -> None:
        self.shape = (outputs, quarters, paths)
        try:
            self._file = _Unnamed(outputs * quarters * paths * WIDTH)
        except OSError as error:
            raise EnvironmentProblem(
                f"no room for the values of {paths} paths ({error.strerror})",
                expected=f"{outputs * quarters * paths * WIDTH / 1e9:.1f} GB for temporary files",
                hint="Ask for fewer paths, or set TMPDIR to a larger place.",
            ) from None

    def put(self, start: int, block: Floats) -> None:
        """Write ``block`` [output, quarter, path] with its first path at ``start``; safe from several threads."""
        _, quarters, paths = self.shape
        rows = np.ascontiguousarray(block).reshape(-1, block.shape[-1])
        for row, values in enumerate(rows):
            written = os.pwrite(self._file.descriptor, values.tobytes(), (row * paths + start) * WIDTH)
            if written != values.nbytes:
                raise EnvironmentProblem(
                    "the disk is full", where="temporary files", hint="Set TMPDIR to a larger place."
                )
        assert len(rows) == self.shape[0] * quarters

    @overload
    def __getitem__(self, place: int, /) -> Floats: ...
    @overload
    def __getitem__(self, place: slice, /) -> Sequence[Floats]: ...
    def __getitem__(self, place: int | slice, /) -> Floats | Sequence[Floats]:
        if isinstance(place, slice):
            return [self[i] for i in range(*place.indices(len(self)))]
        outputs, quarters, paths = self.shape
        if not -outputs <= place < outputs:
            raise IndexError(place)
        size = quarters * paths * WIDTH
        found = np.empty((quarters, paths))
        done, view = 0, memoryview(found.data).cast("B")
        while done < size:  # one read may stop at 2 GB
            got = os.pread(self._file.descriptor, size - done, (place % outputs) * size + done)
            if not got:
                raise EnvironmentProblem("the values of the run are gone", where="temporary files")
            view[done : done + len(got)] = got
            done += len(got)
        return found

    def __len__(self) -> int:
        return self.shape[0]

    def first(self, outputs: int) -> Spill:
        """The same file, seen as its first outputs only."""
        seen = copy(self)
        seen.shape = (outputs, *self.shape[1:])
        return seen
