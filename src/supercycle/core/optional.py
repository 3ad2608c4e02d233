"""A library that an extra brings, missed in one clear line."""

from __future__ import annotations

from typing import Any

from supercycle.core.errors import EnvironmentProblem

__all__ = ["polars_for"]


def polars_for(what: str) -> Any:
    """The module polars (extra ``notebook``), for ``what`` is to be read or written.

    Errors: EnvironmentProblem that names the extra, when it is not installed.
    """
    try:
        import polars
    except ImportError:
        raise EnvironmentProblem(
            f"{what} needs polars", hint="pip install 'supercycle[notebook]', or use .csv or .json."
        ) from None
    return polars
