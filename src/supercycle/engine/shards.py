"""Shards of one run, made anywhere, put together: the same bits as if one machine had run all paths.

A shard is a result folder of paths ``first`` to ``first + paths`` of a scenario (``run --first``). Path k depends on
the seed and k alone, so the merged folder is the folder of the single run, files and manifest, as long as every shard
was made on one kind of processor.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib.format import open_memmap

from supercycle.core.errors import EnvironmentProblem, InputError
from supercycle.engine.run import ATTEMPTS, STATUSES
from supercycle.engine.seal import MANIFEST, sealed, sum_of
from supercycle.engine.store import DERIVED, PATHS, VALUES, Stored, load

__all__ = ["merge", "shards"]

# What must be the same in every shard; the rest (paths, first, sums of files, books) is that of the shard.
_SHARED = (
    "schema", "folder", "model", "model_hash", "tables", "scenario", "seed", "start", "until", "kernel", "stored",
    "processor",
)  # fmt: skip


def shards(folders: Sequence[Path]) -> list[Stored]:
    """The shards in the order of their paths, checked to be pieces of one run without gap or overlap.

    Errors: InputError for fewer than two, for a damaged folder, for shards of different runs (it says in what), and for
    paths that are missing or there twice (it says which).
    """
    if len(folders) < 2:
        raise InputError("too few shards", expected="two result folders or more", got=len(folders))
    found = sorted((load(folder) for folder in folders), key=_first)
    for other in found[1:]:
        for key in _SHARED:
            if other.manifest.get(key) != found[0].manifest.get(key):
                raise InputError(
                    f"shards of different runs: {key} differs",
                    expected=f"that of {found[0].folder}",
                    got=_brief(other.manifest.get(key)),
                    where=other.folder,
                )
    for one, other in pairwise(found):
        end, begin = _first(one) + len(one.status), _first(other)
        if begin != end:
            kind, low, high = ("are missing", end, begin) if begin > end else ("are there twice", begin, end)
            raise InputError(
                f"paths {low} to {high - 1} {kind}",
                expected=f"a shard that begins with path {end}",
                got=f"one that begins with {begin}",
                where=other.folder,
            )
    return found


def merge(pieces: Sequence[Stored], told: Mapping[str, Any], folder: Path) -> None:
    """Write the whole run into an existing, empty folder (``store.reserve``), one output at a time.

    ``told`` replaces entries of the manifest that name the run's own command. Errors: EnvironmentProblem when the disk
    does not take it.
    """
    head = pieces[0].manifest
    status = np.concatenate([piece.status for piece in pieces])
    refused = np.concatenate([piece.refused for piece in pieces])
    count, total = len(status), int(refused.sum())
    try:
        shape = (len(pieces[0].outputs), len(pieces[0].quarters), count)
        values = open_memmap(folder / VALUES, mode="w+", dtype=np.float64, shape=shape)
        for output in range(shape[0]):
            values[output] = np.concatenate([piece.values[output] for piece in pieces], axis=1)
        values.flush()
        del values
        np.save(
            folder / DERIVED, np.concatenate([np.load(piece.folder / DERIVED) for piece in pieces], axis=1)
        )
        np.save(folder / PATHS, np.array([status.astype(np.int64), refused]))
        books = [piece.manifest["books"] for piece in pieces]
        kept = {
            **head,
            "paths": count,
            "rejection_rate": total / (total + int(np.count_nonzero(refused < ATTEMPTS))),
            **told,
            "failed_paths": {
                name: np.flatnonzero(status == code).tolist() for code, name in enumerate(STATUSES) if code
            },
            "books": {
                "residual_max": max(book["residual_max"] for book in books),
                "checked": sum(book["checked"] for book in books),
            },
            "files": {name: sum_of(folder / name) for name in (VALUES, DERIVED, PATHS)},
        }
        (folder / MANIFEST).write_text(sealed(kept), "utf-8")
    except OSError as error:
        raise EnvironmentProblem(
            f"cannot write the result ({error.strerror or error})", where=folder
        ) from None


def _first(piece: Stored) -> int:
    return int(piece.manifest["first"])


def _brief(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 100 else f"{text[:97]}..."
