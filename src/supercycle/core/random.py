"""Draws that depend on nothing but their own name: seed, stream, path, quarter and entity.

A draw is a hash of its name, so it is the same whatever else is drawn, in whatever order, in chunks of
whatever size, on any processor. Adding a parameter changes no other parameter's draw, 1,000 paths are the
first 1,000 of 10,000, and two scenarios on the same seed are paired path by path.

    base  = mix(path * G + seed key)                                 one per path
    key   = mix(mix(stream key + quarter * G) + entity * G)          one per row of paths
    bits  = mix(base + key)
    u     = (top 52 bits of bits + 1/2) / 2^52                       inside (0, 1), never an end

``mix`` is the finaliser of SplitMix64 and G its odd constant, the golden ratio in 64 bits (G. L. Steele, D.
Lea and C. H. Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014); the seed and stream keys
are BLAKE2b digests, so that names which differ by one letter are unrelated.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from supercycle.core.copula import correlate
from supercycle.core.normal import normal_quantile

__all__ = ["correlate", "digest", "normal_matrix", "normals", "row_keys", "uniform_matrix", "uniforms"]

Floats = NDArray[np.float64]
Paths = NDArray[np.int64]
_Bits = NDArray[np.uint64]

_MASK = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15
MULTIPLIERS = (0xBF58476D1CE4E5B9, 0x94D049BB133111EB)
SHIFTS = (30, 27, 31)
ONE = 0x3FF0000000000000  # the bits of 1.0, under which 52 random bits make a number in [1, 2)
_TILE = 16384  # paths hashed at once, so that the dozen passes over them run in the second-level cache


def uniforms(seed: int, stream: str, paths: Paths, quarter: int = 0, entity: int = 0) -> Floats:
    """Uniform draws in the open interval (0, 1), one for each path index, same shape as ``paths``.

    >>> few = uniforms(7, "capex_growth", np.arange(3))
    >>> many = uniforms(7, "capex_growth", np.arange(10_000))
    >>> bool((few == many[:3]).all()), bool(((0 < many) & (many < 1)).all())
    (True, True)
    """
    return uniform_matrix(seed, stream, np.reshape(paths, -1), (quarter,), entity).reshape(np.shape(paths))


def normals(seed: int, stream: str, paths: Paths, quarter: int = 0, entity: int = 0) -> Floats:
    """Standard normal draws: the inverse of the normal distribution at ``uniforms`` of the same name.

    >>> z = normals(7, "capex_growth", np.arange(10_000))
    >>> bool(abs(z.mean()) < 0.04), bool(abs(z.std() - 1) < 0.03)
    (True, True)
    """
    return normal_quantile(uniforms(seed, stream, paths, quarter, entity))


def uniform_matrix(seed: int, stream: str, paths: Paths, quarters: Iterable[int], entity: int = 0) -> Floats:
    """``uniforms`` for many quarters, ``[quarter, path]``: row i is ``uniforms`` at ``quarters[i]`` exactly.

    >>> u = uniform_matrix(7, "shock", np.arange(5), range(3))
    >>> bool((u[2] == uniforms(7, "shock", np.arange(5), quarter=2)).all())
    True
    """
    index = np.ascontiguousarray(paths, dtype=np.int64)
    keys = [_row_key(seed, stream, int(quarter), int(entity)) for quarter in quarters]
    bits = np.empty((len(keys), index.size), dtype=np.uint64)
    spare = np.empty(min(_TILE, index.size), dtype=np.uint64)
    for start in range(0, index.size, _TILE):
        base = _path_base(seed, index[start : start + _TILE])
        for quarter, key in enumerate(keys):
            tile = bits[quarter, start : start + _TILE]
            np.add(base, np.uint64(key), out=tile)
            _mix(tile, spare[: tile.size])
            tile >>= np.uint64(12)
            tile |= np.uint64(ONE)
    # [1, 2) less (1 - 2^-53) is exact in double precision and lies strictly between 0 and 1.
    u = bits.view(np.float64)
    u -= 1.0 - 2.0**-53
    return u


def normal_matrix(seed: int, stream: str, paths: Paths, quarters: Iterable[int], entity: int = 0) -> Floats:
    """``normals`` for many quarters, ``[quarter, path]``."""
    return normal_quantile(uniform_matrix(seed, stream, paths, quarters, entity))


def row_keys(seed: int, streams: Sequence[str]) -> NDArray[np.uint64]:
    """The keys of some streams' rows outside any quarter: what ``uniforms`` adds to a path's base."""
    kind = f"stream of {int(seed)}"
    keys = np.array([digest(kind, stream) for stream in streams], dtype=np.uint64)
    spare = np.empty_like(keys)
    _mix(keys, spare)
    _mix(keys, spare)
    return keys


def _path_base(seed: int, index: Paths) -> _Bits:
    base = index.astype(np.uint64)
    base *= np.uint64(GOLDEN)
    base += np.uint64(digest("seed", str(int(seed))))
    _mix(base, np.empty_like(base))
    return base


def _mix(bits: _Bits, spare: _Bits) -> None:
    """The finaliser of SplitMix64, in place."""
    for shift, multiplier in zip(SHIFTS, (*MULTIPLIERS, 1), strict=True):
        np.right_shift(bits, np.uint64(shift), out=spare)
        bits ^= spare
        if multiplier != 1:
            bits *= np.uint64(multiplier)


@lru_cache(maxsize=65536)
def _row_key(seed: int, stream: str, quarter: int, entity: int) -> int:
    key = digest(f"stream of {int(seed)}", stream)
    return _mix_one(_mix_one((key + quarter * GOLDEN) & _MASK) + entity * GOLDEN & _MASK)


@lru_cache(maxsize=4096)
def digest(kind: str, name: str) -> int:
    """64 bits of the BLAKE2b digest of a kind and a name: seed keys and stream keys."""
    return int.from_bytes(hashlib.blake2b(f"{kind}\0{name}".encode(), digest_size=8).digest(), "little")


def _mix_one(bits: int) -> int:
    for shift, multiplier in zip(SHIFTS, (*MULTIPLIERS, 1), strict=True):
        bits = (bits ^ (bits >> shift)) * multiplier & _MASK
    return bits
