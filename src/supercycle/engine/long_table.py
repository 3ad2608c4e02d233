"""The numbers of a result folder as one long table, for tools that read Parquet (extra ``notebook``)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from supercycle.core.errors import EnvironmentProblem

if TYPE_CHECKING:
    import polars as pl

    from supercycle.engine.store import Stored

__all__ = ["long_table", "write_parquet"]


def long_table(stored: Stored) -> pl.LazyFrame:
    """Rows of output, entity, quarter, path and value, made output by output as they are read.

    Derived outputs have no quarter; a path without numbers has no value. Errors: EnvironmentProblem without polars.
    """
    try:
        import polars as pl
        from polars.io.plugins import register_io_source
    except ImportError as error:
        raise EnvironmentProblem(
            "polars is not installed", hint="pip install 'supercycle[notebook]'."
        ) from error
    schema = {
        "output": pl.String,
        "entity": pl.String,
        "quarter": pl.String,
        "path": pl.Int32,
        "value": pl.Float64,
    }
    count = len(stored.status)
    paths = np.arange(count, dtype=np.int32)

    def rows(key: str, quarters: list[str] | None, values: Any) -> pl.DataFrame:
        name, colon, entity = key.partition(":")
        when = pl.Series("quarter", quarters or [None], dtype=pl.String)
        size = len(when) * count
        return pl.DataFrame(
            {
                "output": pl.Series([name], dtype=pl.String).new_from_index(0, size),
                "entity": pl.Series([entity if colon else None], dtype=pl.String).new_from_index(0, size),
                "quarter": when.gather(np.repeat(np.arange(len(when)), count)),
                "path": np.tile(paths, len(when)),
                "value": pl.Series("value", np.array(values).reshape(-1)).fill_nan(None),
            },
            schema=schema,
        )

    def source(*_: Any, **__: Any) -> Iterator[pl.DataFrame]:
        for place, key in enumerate(stored.outputs):
            yield rows(key, list(stored.quarters), stored.values[place])
        for name, entities in stored.manifest["stored"]["derived"].items():
            for entity, values in zip(entities, stored.derived[name], strict=True):
                yield rows(f"{name}:{entity}", None, values)

    return register_io_source(source, schema=schema)


def write_parquet(stored: Stored, path: Path) -> None:
    """The long table as Parquet, streamed. Errors: EnvironmentProblem when the disk does not take it."""
    from polars.exceptions import PolarsError

    try:
        long_table(stored).sink_parquet(path, compression="zstd", compression_level=1, statistics=False)
    except (OSError, PolarsError) as error:
        raise EnvironmentProblem(f"cannot write {path} ({error})", where="--parquet") from None
