"""Compiled kernels: the equations' own source, with loads in place of arguments, compiled block by block.

``source`` prints what is compiled (``kernels/source.py`` writes it). Each part is one function of at most ``PART``
equations (compile time grows faster than a function does), in which an equation reads as its author wrote it:

    connected = _load(_w, 384 + _k)
    energised = minimum(backlog_prev + due, connected * exp(connection_growth * t))
    _store(_w, 416 + _k, energised)

The scalar kernel takes a path at a time; the tile kernel takes ``TILE`` paths at a time, eight to an instruction.
Both release the interpreter's lock, so the engine runs chunks of paths in threads.
"""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from supercycle.core.errors import UsageError
from supercycle.equations.graph import Plan
from supercycle.equations.kernels import cache as kernel_cache
from supercycle.equations.kernels.source import Parts, parts

__all__ = ["KINDS", "compiled", "is_cached", "source"]

Floats = NDArray[np.float64]
Progress = Callable[[int, int], None]
Kernel = Callable[[Floats, Floats, NDArray[np.int64]], tuple[Floats, Floats]]

TILE = 32
KINDS = {"scalar": 1, "tile": TILE}
_lock = threading.Lock()


def source(plan: Plan, kind: str = "scalar") -> str:
    """The generated source of every part: the opening, what is found once, and a quarter in its order."""
    return "\n\n".join(parts(plan, _lanes(kind)).texts)


def is_cached(plan: Plan, kind: str = "scalar") -> bool:
    """Whether ``compiled`` will load and not compile."""
    files = [kernel_cache.place(text, kind) for text in parts(plan, _lanes(kind)).texts]
    return all(map(kernel_cache.is_built, [*files, kernel_cache.place(_driver_text(), "driver")]))


def compiled(plan: Plan, kind: str = "scalar", on_progress: Progress | None = None) -> Kernel:
    """The kernel ``simulate(params, draws, record) -> (out, residual)``, as ``emit_numpy.simulate``.

    kind: "scalar" or "tile". ``on_progress(done, total)`` is called after each part.
    Errors: ModelError for an equation outside the language, with file and line.
    """
    lanes = _lanes(kind)
    written = parts(plan, lanes)
    texts = written.texts
    with _lock:
        keep: list[Any] = []
        for done, text in enumerate(texts):
            keep.append(kernel_cache.load(kernel_cache.place(text, kind), text).part)
            if on_progress:
                on_progress(done + 1, len(texts) + 1)
        text = _driver_text()
        drive = kernel_cache.load(kernel_cache.place(text, "driver"), text).drive
        if on_progress:
            on_progress(len(texts) + 1, len(texts) + 1)
    return _kernel(plan, written, lanes, drive, keep)


def _kernel(plan: Plan, written: Parts, lanes: int, drive: Any, keep: list[Any]) -> Kernel:
    layout = written.layout
    addresses = _whole([part.address for part in keep])
    cuts = len(written.opening), len(written.opening) + len(written.once)
    fixed = (*np.split(addresses, cuts), lanes, layout.count, _whole(list(layout.carried)), _pairs(layout.param_pairs),
             _pairs(layout.draw_pairs))

    def simulate(params: Floats, draws: Floats, record: NDArray[np.int64]) -> tuple[Floats, Floats]:
        assert len(keep) == len(addresses)  # the compiled code lives as long as its owners
        params, draws = np.ascontiguousarray(params, dtype=float), np.ascontiguousarray(draws, dtype=float)
        out = np.empty((len(record), draws.shape[1] + 1, params.shape[1]))
        residual = np.empty(params.shape[1])
        rows, opens = ([of[int(slot)] for slot in record] for of in (layout.rows, plan.opens))
        drive(*fixed, _whole(rows), _whole([int(o) for o in opens]), params, draws, out, residual)
        return out, residual

    return simulate


def _whole(values: list[int]) -> NDArray[np.int64]:
    return np.array(values, dtype=np.int64)


def _pairs(values: list[tuple[int, int]]) -> NDArray[np.int64]:
    return np.array(values, dtype=np.int64).reshape(-1, 2)


def _lanes(kind: str) -> int:
    if kind not in KINDS:
        raise UsageError("unknown kernel", expected=" or ".join(KINDS), got=repr(kind))
    return KINDS[kind]


def _driver_text() -> str:
    from supercycle.equations.kernels import driver

    flat, table, square, cube = "int64[::1]", "int64[:, ::1]", "float64[:, ::1]", "float64[:, :, ::1]"
    kinds = [flat, flat, flat, "int64", "int64", flat, table, table, flat, flat, square, cube, cube, "float64[::1]"]
    return (f"from typing import Any\n\nimport numpy as np\nfrom numba import njit\n\n"
            f"from supercycle.equations.kernels.lanes import call, move\n\n\n"
            f"@njit('void({', '.join(kinds)})', cache=True, nogil=True, error_model='numpy')\n"
            f"{inspect.getsource(driver.drive)}")
