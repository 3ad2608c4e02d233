"""A synthetic load for first use: two weeks of a large assistant, with days, nights, weekends and one lost hour.

Made from sines and named draws, not from anyone's traffic; a run on it says so.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import numpy as np

from supercycle.core.profile import DemandHour, DemandProfile
from supercycle.core.random import normals

__all__ = ["SOURCE", "example_profile"]

SOURCE = "synthetic example, not anyone's traffic"
_HOURS = 336
_REQUESTS = 300_000.0  # an hour on average
_PROMPT, _ANSWER, _CACHED = 2400.0, 420.0, 0.35
_LOST = 77


def example_profile(provider: str = "openai", model: str = "gpt-5-mini") -> DemandProfile:
    """The example as a profile; equal on every machine.

    >>> profile = example_profile()
    >>> len(profile.hours), sum(hour.missing for hour in profile.hours)
    (336, 1)
    """
    start = datetime(2026, 11, 2, tzinfo=UTC)  # a Monday
    noise = normals(2026, "decide example", np.arange(_HOURS))
    rows: list[DemandHour] = []
    for hour in range(_HOURS):
        when = start + timedelta(hours=hour)
        if hour == _LOST:
            none = {
                name: None
                for name in (
                    "input_tokens",
                    "cached_tokens",
                    "cache_write_tokens",
                    "output_tokens",
                    "reasoning_tokens",
                    "requests",
                    "concurrency",
                )
            }
            rows.append(DemandHour(when, provider, model, **none, missing=True))  # pyright: ignore[reportArgumentType]
            continue
        daily = 1 + 0.6 * math.sin(2 * math.pi * (when.hour - 9) / 24)
        weekly = 0.55 if when.weekday() >= 5 else 1.18
        requests = round(_REQUESTS * daily * weekly * math.exp(0.08 * float(noise[hour])))
        prompt, answer = requests * _PROMPT, requests * _ANSWER
        rows.append(
            DemandHour(
                when,
                provider,
                model,
                round(prompt * (1 - _CACHED)),
                round(prompt * _CACHED),
                0,
                round(answer),
                0,
                requests,
                requests * 9.0 / 3600,
                420.0,
                900.0,
            )
        )
    return DemandProfile(tuple(rows), source=SOURCE)
