"""Required revenue step by step: from 10 % of five trillion to what would carry the whole fleet.

The public readings are arithmetic on published numbers (500, 650, 1,100). The model's two are read off a run: what
its own
build-out would have to earn from those who pay cash (external), and from everybody including the owners' own use (whole
fleet). Each step says what it adds and why; the steps add up to the last value.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any, NamedTuple

from supercycle.claims.catalogue import entry

__all__ = ["Step", "bridge", "model_steps", "steps_table"]

_READ_AT = "2030Q4"


class Step(NamedTuple):
    """One reading: its value in USD bn a year, with a 5-95 % band where it is the model's, and what it says."""

    label: str
    value: float
    low: float | None
    high: float | None
    why: str


def bridge() -> tuple[Step, ...]:
    """The three public readings, smallest first.

    >>> [round(step.value) for step in bridge()]
    [500, 650, 1095]
    """
    claim, recovery = entry("required_revenue"), entry("required_revenue_recovery")
    ten, repaid = claim.value(), recovery.value()
    assert ten is not None
    assert repaid is not None
    return (
        Step(
            "10 % of 5 trillion, for ever", ten, None, None,
            "the stated return on the stated amount; nothing wears out",
        ),
        Step("the print", claim.published, None, None, "13 % of 5 trillion, or 10 % of 6.5: neither is published"),
        Step(
            "repaid within its lives", repaid, None, None,
            "10 % and the capital back, IT in 5 years and facilities in 14; before any operating cost",
        ),
    )  # fmt: skip


def model_steps(preset: str = "base", paths: int = 1000, seed: int = 1) -> tuple[Step, ...]:
    """The model's own two readings at the end of 2030: median and 5-95 % band over the paths of a run."""
    import numpy as np

    from supercycle import service

    names = ["required_user_cost", "external_share"]
    run = service.run(preset, paths=paths, seed=seed, until=_READ_AT, outputs=names).run
    whole, share = (run.value(name)[-1, run.ok] for name in names)

    def step(label: str, values: Any, why: str) -> Step:
        low, middle, high = (float(np.quantile(values, level)) for level in (0.05, 0.5, 0.95))
        return Step(label, middle, low, high, why)

    return (
        step(
            "the model, external", whole * share,
            "user cost of the model's own fleet over the compute share of revenue, the part that earns cash",
        ),
        step("the model, whole fleet", whole, "the same with the owners' own use, which nobody pays for in cash"),
    )  # fmt: skip


def steps_table(steps: tuple[Step, ...]) -> list[dict[str, Any]]:
    """Steps as rows with what each adds to the one before: the first value and the additions sum to the last value.

    >>> rows = steps_table(bridge())
    >>> round(sum(row["adds"] for row in rows)) == round(rows[-1]["value"])
    True
    """
    rows = [{**steps[0]._asdict(), "adds": steps[0].value}]
    rows += [{**step._asdict(), "adds": step.value - before.value} for before, step in pairwise(steps)]
    return rows
