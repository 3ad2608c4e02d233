"""Libraries that an extra brings: asked for by name, and missed in one clear line."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from supercycle.core.errors import EnvironmentProblem

__all__ = ["has", "needed"]


def has(library: str) -> bool:
    """Whether a library is installed; it is not imported.

    >>> has("json"), has("a_library_of_nobody")
    (True, False)
    """
    return find_spec(library) is not None


def needed(library: str, what: str, extra: str) -> Any:
    """A library, imported. Errors: EnvironmentProblem that names the extra which brings it.

    >>> needed("a_library_of_nobody", "Parquet", "notebook")
    Traceback (most recent call last):
    ...
    supercycle.core.errors.EnvironmentProblem: Parquet needs a_library_of_nobody. pip install 'supercycle[notebook]'
    """
    try:
        return import_module(library)
    except ImportError:
        raise EnvironmentProblem(
            f"{what} needs {library}", hint=f"pip install 'supercycle[{extra}]'"
        ) from None
