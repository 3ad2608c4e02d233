"""The promise to a user, the rate at which a machine keeps it, and the shape of the load: what every room shares."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from supercycle.core.errors import InputError

__all__ = ["Shape", "Sla", "Throughput"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Shape:
    """Hours in order: ``load`` over its mean, and each hour's part of the API's and of the host's bill (sums 1)."""

    load: Floats
    api: Floats
    host: Floats

    @property
    def peak(self) -> float:
        """The busiest hour over the mean."""
        return float(self.load.max())


@dataclass(frozen=True, slots=True)
class Sla:
    """What is promised: output tokens/s to each user, seconds to the first token (95th percentile), availability."""

    tokens_per_s_user: float
    ttft_p95_s: float
    availability: float = 0.999

    def __post_init__(self) -> None:
        if not self.tokens_per_s_user > 0 or not self.ttft_p95_s > 0:
            raise InputError(
                "sla",
                expected="tokens/s/user and TTFT above 0",
                got=f"{self.tokens_per_s_user:g} and {self.ttft_p95_s:g} s",
            )
        if not 0 <= self.availability < 1:
            raise InputError("sla.availability", expected="0 to below 1", got=self.availability)


@dataclass(frozen=True, slots=True)
class Throughput:
    """The answer: rate, how it was found (``method``), the log error's sd, and the configuration behind it.

    ``gpu_s_per_input_token`` and ``gpu_s_per_output_token`` split the GPU's time between prompts and answers, so
    that no comparison can leave out the prompts: isl x input + osl x output = one request's GPU seconds.
    """

    output_tok_s_gpu: float
    method: str
    sd_log: float
    precision: str
    engine: str
    gpus_per_replica: int
    concurrency: float
    tokens_per_s_user: float
    ttft_s: float
    prefill_share: float
    isl: float
    osl: float
    note: str

    @property
    def request_gpu_s(self) -> float:
        """GPU seconds of one request."""
        return self.osl / self.output_tok_s_gpu

    @property
    def gpu_s_per_input_token(self) -> float:
        """GPU seconds of one prompt token that no cache holds."""
        return self.request_gpu_s * self.prefill_share / self.isl

    @property
    def gpu_s_per_output_token(self) -> float:
        """GPU seconds of one answer token."""
        return self.request_gpu_s * (1 - self.prefill_share) / self.osl
