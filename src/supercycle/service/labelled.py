"""A result for a notebook: frames, labelled arrays and a plot, made from its paths when they are asked for.

The libraries are those of the extra ``notebook`` (polars, xarray, matplotlib; pandas comes with xarray), imported where
they are used; without them the call says which to install.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Literal, cast

import numpy as np

from supercycle.core.errors import EnvironmentProblem, InputError, UnknownNameError

if TYPE_CHECKING:
    from supercycle.service.result import Result

__all__ = ["dataset", "frame", "paths_frame", "plot"]

Library = Literal["polars", "pandas"]
LEVELS = ("mean", "q05", "q25", "q50", "q75", "q95")


def frame(result: Result, outputs: Sequence[str] | None = None, library: Library = "polars") -> Any:
    """Mean and quantiles, one row an output and quarter: output, entity, quarter, unit, mean, q05 ... q95.

    A value that no path has is missing (null). Errors: UnknownNameError for an output, EnvironmentProblem without the
    library.
    """
    names = list(result.run.outputs if outputs is None else outputs)
    rows: dict[str, list[Any]] = {k: [] for k in ("output", "entity", "quarter", "unit", *LEVELS)}
    for key in names:
        found = result[key]
        if "quarters" not in found:
            raise InputError(
                "a derived output has no quarters",
                expected="an output of the run",
                got=key,
                hint="Use result[name].",
            )
        count = len(found["quarters"])
        rows["output"] += [key.partition(":")[0]] * count
        rows["entity"] += [found["entity"]] * count
        rows["quarter"] += found["quarters"]
        rows["unit"] += [found["unit"]] * count
        for level in LEVELS:
            rows[level] += found[level]
    return _framed(rows, library)


def paths_frame(result: Result, output: str, library: Library = "polars") -> Any:
    """Every path of one output: a column ``quarter`` and one column a path; paths without numbers are missing."""
    values = _values(result, output)
    columns: dict[str, Any] = {"quarter": list(result.run.quarters)}
    columns |= {str(i): values[:, i] for i in range(values.shape[1])}
    return _framed(columns, library)


def dataset(result: Result, outputs: Sequence[str] | None = None) -> Any:
    """Every path as an xarray Dataset: dimensions path, quarter and, for what has members, its axis (firm, route ...).

    Each variable carries unit, label and meaning as attributes, the dataset the headline and how to run it again. Paths
    without numbers are NaN.
    """
    _needed("xarray", "xarray")
    import xarray

    run = result.run
    keys = list(run.outputs if outputs is None else outputs)
    by_name: dict[str, list[str]] = {}
    for key in keys:
        if key not in run.outputs:
            raise UnknownNameError("output", key, run.outputs)
        by_name.setdefault(key.partition(":")[0], []).append(key)
    arrays: dict[str, Any] = {}
    for name, members in by_name.items():
        variable = run.subject.model.variables[name]
        attributes = {
            "units": variable.unit,
            "long_name": variable.label or variable.meaning or name,
            "description": variable.meaning,
            "block": variable.block,
        }
        if members == [name]:
            arrays[name] = (("path", "quarter"), _values(result, name).T, attributes)
        else:
            stacked = np.stack([_values(result, key).T for key in members])
            axis = _axis_of(variable)
            arrays[name] = xarray.DataArray(
                stacked,
                dims=(axis, "path", "quarter"),
                coords={axis: [key.partition(":")[2] for key in members]},
                attrs=attributes,
            )
    return xarray.Dataset(
        arrays,
        coords={"path": np.arange(run.paths), "quarter": list(run.quarters)},
        attrs={
            "headline": result.headline,
            "command": result.manifest["command"],
            "model": run.subject.model_hash,
        },
    )


def plot(result: Result, output: str, *, ax: Any = None) -> Any:
    """A fan of one output: median, and the bands that hold half and nine tenths of the paths. Returns the axes."""
    _needed("matplotlib", "matplotlib")
    from matplotlib import pyplot

    found = result[output]
    if "quarters" not in found:
        raise InputError("a derived output has no course in time", got=output)
    axes: Any = ax if ax is not None else cast("Any", pyplot).subplots()[1]
    at = np.arange(len(found["quarters"]))
    series = {level: np.array([np.nan if v is None else v for v in found[level]]) for level in LEVELS}
    axes.fill_between(at, series["q05"], series["q95"], alpha=0.15, linewidth=0, label="9 in 10 paths")
    axes.fill_between(at, series["q25"], series["q75"], alpha=0.3, linewidth=0, label="half of the paths")
    axes.plot(at, series["q50"], label="median")
    ends = [i for i, quarter in enumerate(found["quarters"]) if quarter.endswith("Q4")] or [0, len(at) - 1]
    axes.set_xticks(ends, [found["quarters"][i][:4] for i in ends])
    axes.set_ylabel(found["unit"])
    axes.set_title(found["label"] + (f", {found['entity']}" if found["entity"] else ""))
    axes.legend(frameon=False)
    return axes


def _values(result: Result, key: str) -> Any:
    values = np.array(result.value(key), dtype=np.float64)
    values[:, ~result.run.ok] = np.nan
    return values


def _axis_of(variable: Any) -> str:
    axis = getattr(variable, "axis", None)
    if isinstance(axis, tuple):
        return "_".join(one.name for one in cast("tuple[Any, ...]", axis))
    return str(axis.name) if axis is not None else "member"


def _framed(columns: dict[str, Any], library: Library) -> Any:
    if library == "polars":
        _needed("polars", "polars")
        import polars

        return polars.DataFrame(columns, strict=False)
    if library == "pandas":
        _needed("pandas", "xarray")
        import pandas

        return pandas.DataFrame(columns)
    raise UnknownNameError("library", str(library), ("polars", "pandas"))


def _needed(module: str, what: str) -> None:
    if find_spec(module) is None:
        raise EnvironmentProblem(
            f"{module} is not installed", hint=f"pip install 'supercycle[notebook]' (or {what})."
        )
