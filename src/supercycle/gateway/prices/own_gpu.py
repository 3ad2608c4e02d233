"""The price of a token from one's own GPUs: what an hour of a GPU costs, over the tokens it was measured to serve.

    weighted tokens per GPU-hour = input + cached_weight x cached + output_weight x output
    price per input token        = cost of a GPU-hour / weighted tokens per GPU-hour

so what the ledger charges for an hour at the measured load is what the hour costs. The cost of the hour is that of
`core.ownership`, the number the decision between owning and leasing uses.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from supercycle.core.errors import InputError, UnknownNameError
from supercycle.core.ownership import Ownership
from supercycle.core.profile import DemandProfile
from supercycle.gateway.prices.money import PICO, usd_text

__all__ = ["CACHED_WEIGHT", "OUTPUT_WEIGHT", "OwnGpus", "measured_per_hour", "own_entry"]

# Judgement: an output token takes about four times the GPU time of an input token. Hosts of open weights price it so:
# the median of output over input price is 4.0 at Fireworks, 3.4 at Baseten, 3.0 at Novita (genai-prices 0.2.3).
OUTPUT_WEIGHT = 4.0
# Judgement: a cached token skips the prefill but holds memory; the same hosts ask a tenth to a fifth of an input token.
CACHED_WEIGHT = 0.1


@dataclass(frozen=True, slots=True)
class OwnGpus:
    """A group of one's own GPUs that serves one model, and what it was measured to serve per GPU and clock hour.

    Idle hours are part of the measurement: half the load is twice the price. The weights say how much GPU time a
    cached and an output token take, in input tokens.

    >>> rack = OwnGpus(Ownership(), gpus=8, input_per_gpu_hour=3e6, output_per_gpu_hour=1e6)
    >>> entry = rack.entry()
    >>> weighted = 3e6 + 4 * 1e6
    >>> abs(float(entry["input"]) / 1e6 * weighted / Ownership().hour().total_usd - 1) < 1e-5
    True
    """

    ownership: Ownership
    gpus: int
    input_per_gpu_hour: float
    output_per_gpu_hour: float
    cached_per_gpu_hour: float = 0.0
    output_weight: float = OUTPUT_WEIGHT
    cached_weight: float = CACHED_WEIGHT
    where: object = field(default=None, compare=False)

    def __post_init__(self) -> None:
        for name in ("input_per_gpu_hour", "output_per_gpu_hour", "cached_per_gpu_hour", "cached_weight"):
            value = getattr(self, name)
            if not 0 <= value < math.inf:
                raise InputError(name, where=self.where, expected="0 or more", got=f"{value:g}")
        if self.gpus < 1:
            raise InputError("gpus", where=self.where, expected="1 or more", got=self.gpus)
        if not 0 < self.output_weight < math.inf:
            raise InputError("output_weight", where=self.where, expected="above 0", got=self.output_weight)
        if self.weighted_per_gpu_hour <= 0:
            raise InputError(
                "no measured tokens",
                where=self.where,
                expected="input_per_gpu_hour or output_per_gpu_hour above 0",
                hint="Without load a token has no price; measure some first",
            )

    @property
    def weighted_per_gpu_hour(self) -> float:
        """Tokens per GPU and hour in units of input tokens."""
        return (
            self.input_per_gpu_hour
            + self.cached_weight * self.cached_per_gpu_hour
            + self.output_weight * self.output_per_gpu_hour
        )

    def rates_pico(self) -> dict[str, int]:
        """Pico-USD per token by kind, rounded up to whole ones, so that the hour is never undercharged."""
        unit = self.ownership.hour().total_usd * PICO / self.weighted_per_gpu_hour
        weights = {"input": 1.0, "cached": self.cached_weight, "output": self.output_weight}
        return {kind: math.ceil(unit * weight) for kind, weight in weights.items()}

    def entry(self) -> dict[str, Any]:
        """A row for the price book, in USD per million tokens."""
        return {**{k: usd_text(rate * 10**6) for k, rate in self.rates_pico().items()}, "status": "own"}


def own_entry(given: Mapping[str, Any], where: object = None) -> dict[str, Any]:
    """A price entry from ``own: {...}`` of the configuration: fields of `OwnGpus` and of `core.ownership.Ownership`.

    What is not said of the hardware is that part's default (an H100 in a server of eight).
    """
    mine = [f.name for f in fields(OwnGpus) if f.name not in ("ownership", "where")]
    theirs = [f.name for f in fields(Ownership)]
    numbers: dict[str, float] = {}
    for name, value in given.items():
        if name not in (*mine, *theirs):
            raise UnknownNameError("field of own", str(name), (*mine, *theirs), where=where)
        try:
            numbers[name] = math.nan if isinstance(value, bool) else float(value)
        except (TypeError, ValueError):
            numbers[name] = math.nan
        if not math.isfinite(numbers[name]):
            raise InputError(name, where=where, expected="a finite number", got=repr(value))
    for name in ("gpus", "input_per_gpu_hour", "output_per_gpu_hour"):
        if name not in numbers:
            raise InputError(f"{name} is missing", where=where, expected="the measured load of your own GPUs")
    try:
        owned = Ownership(**{k: v for k, v in numbers.items() if k in theirs})
    except InputError as error:
        raise InputError(error.message, where=where, expected=error.expected, got=error.got) from None
    rest: dict[str, Any] = {name: value for name, value in numbers.items() if name in mine}
    if not rest["gpus"].is_integer():
        raise InputError("gpus", where=where, expected="a whole number", got=rest["gpus"])
    rest |= {"gpus": int(rest["gpus"]), "ownership": owned, "where": where}
    return OwnGpus(**rest).entry()


def measured_per_hour(profile: DemandProfile, provider: str, model: str, gpus: int) -> dict[str, float]:
    """The tokens per GPU and clock hour a provider was metered to serve, over the hours from first to last.

    Hours the meter missed are left out of both tokens and hours; hours without traffic count as idle. Raises
    InputError when the profile has none of it.
    """
    rows = [
        row for row in profile.hours if row.provider == provider and row.model == model and not row.missing
    ]
    if not rows:
        raise InputError(
            "nothing metered",
            expected=f"hours of {provider}/{model}",
            got="none",
            hint="Send it some traffic first",
        )
    missed = {row.hour for row in profile.hours if row.missing}
    first, last = rows[0].hour, rows[-1].hour
    hours = int((last - first).total_seconds()) // 3600 + 1 - sum(first <= hour <= last for hour in missed)
    gpu_hours = hours * gpus
    return {
        "input_per_gpu_hour": sum((r.prompt_tokens or 0) - (r.cached_tokens or 0) for r in rows) / gpu_hours,
        "cached_per_gpu_hour": sum(r.cached_tokens or 0 for r in rows) / gpu_hours,
        "output_per_gpu_hour": sum(r.output_tokens or 0 for r in rows) / gpu_hours,
    }
