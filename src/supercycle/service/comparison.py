"""A comparison as a user sees it: per output both sides' medians and the paired difference's bands."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

import numpy as np

from supercycle.engine.compare import Comparison, Difference
from supercycle.engine.quantiles import quantiles
from supercycle.service.manifest import manifest
from supercycle.service.result import level_names, listed

__all__ = ["SCHEMA", "ComparisonResult"]

SCHEMA = "supercycle.compare/1"
NOISE = 3.0  # standard errors of a paired mean


class ComparisonResult:
    """The answer of ``supercycle.compare``; ``comparison[key]`` gives one output's difference b - a."""

    def __init__(self, comparison: Comparison) -> None:
        self.comparison = comparison

    def __repr__(self) -> str:
        a, b = (side.scenario.name for side in (self.comparison.a, self.comparison.b))
        return (
            f"<Comparison of {b!r} with {a!r}: {len(self)} outputs, paired on {self.comparison.pairs} paths>"
        )

    def __getitem__(self, key: str) -> dict[str, Any]:
        self.comparison.difference(key)  # an unknown name is refused with the nearest
        return self.outputs[key]

    def keys(self) -> tuple[str, ...]:
        """Names of the outputs: what ``comparison[...]`` takes."""
        return self.comparison.a.outputs

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())

    def __len__(self) -> int:
        return len(self.keys())

    def __contains__(self, key: object) -> bool:
        return key in self.keys()

    @cached_property
    def outputs(self) -> dict[str, dict[str, Any]]:
        """Per output: medians of a and b, the paired difference's mean, quantiles and standard error."""
        a, b = self.comparison.a, self.comparison.b
        both = a.ok & b.ok
        found: dict[str, dict[str, Any]] = {}
        for i, key in enumerate(a.outputs):
            name, _, entity = key.partition(":")
            variable = a.subject.model.variables[name]
            medians = [quantiles(side.values[i], (0.5,), both)[0] for side in (a, b)]
            found[key] = {
                "label": variable.label or variable.meaning or name,
                "unit": variable.unit,
                "block": variable.block,
                "entity": entity or None,
                "quarters": list(a.quarters),
                "a": {"q50": listed(medians[0])},
                "b": {"q50": listed(medians[1])},
                "difference": _difference(self.comparison.differences[key]),
            }
        return found

    @cached_property
    def moves(self) -> list[dict[str, Any]]:
        """Outputs whose paired mean difference is above three standard errors, the largest first.

        Each at the quarter in which |mean difference| over the spread of both sides is largest (``size``, in
        standard deviations over paths; None where neither side has any).
        """
        a, b = self.comparison.a, self.comparison.b
        both = a.ok & b.ok
        found: list[dict[str, Any]] = []
        for i, key in enumerate(a.outputs):
            change = self.comparison.differences[key]
            variance = [side.values[i][:, both].var(axis=-1) for side in (a, b)]
            spread, size = np.sqrt((variance[0] + variance[1]) / 2.0), np.abs(change.mean)
            ratio = np.divide(size, spread, out=np.where(size > 0, np.inf, 0.0), where=spread > 0)
            place = int(ratio.argmax())
            if size[place] <= NOISE * change.standard_error[place]:
                continue
            told = self.outputs[key]
            found.append(
                {
                    "output": key,
                    **{fact: told[fact] for fact in ("label", "unit", "block", "entity")},
                    "quarter": a.quarters[place],
                    "size": listed(ratio[place : place + 1])[0],
                    "a": told["a"]["q50"][place],
                    "b": told["b"]["q50"][place],
                    "difference": {n: told["difference"][n][place] for n in ("mean", *level_names())},
                }
            )
        return sorted(found, key=lambda move: -(move["size"] if move["size"] is not None else np.inf))

    @property
    def variance_reduction(self) -> float | None:
        """Median over outputs, last quarter, of (var a + var b) / var (b - a); None if nothing differs."""
        last = np.array([d.variance_reduction[-1] for d in self.comparison.differences.values()])
        known = last[np.isfinite(last)]
        return float(np.median(known)) if len(known) else None

    def to_dict(self) -> dict[str, Any]:
        """The whole comparison, ready for JSON; equal for equal seeds apart from ``timings_s``."""
        a, b = self.comparison.a, self.comparison.b
        return {
            "schema": SCHEMA,
            "a": {"manifest": manifest(a), "status_counts": a.status_counts},
            "b": {"manifest": manifest(b), "status_counts": b.status_counts},
            "pairs": self.comparison.pairs,
            "redrawn": self.comparison.redrawn,
            "variance_reduction": self.variance_reduction,
            "books": {
                "residual_max": max(a.residual_max, b.residual_max),
                "checked": a.checked + b.checked,
            },
            "timings_s": {
                key: a.timings_s[key] + b.timings_s[key]
                for key in ("prepare", "sample", "simulate", "derive")
            },
            "outputs": self.outputs,
        }


def _difference(difference: Difference) -> dict[str, Any]:
    found: dict[str, Any] = {
        "mean": listed(difference.mean),
        "standard_error": listed(difference.standard_error),
        "variance_reduction": listed(difference.variance_reduction),
    }
    return found | {n: listed(row) for n, row in zip(level_names(), difference.quantiles, strict=True)}
