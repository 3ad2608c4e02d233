"""A roofline of serving: seconds per decode step and per prefill from bytes, arithmetic and four efficiencies.

For c requests in flight on g GPUs, prompts of ISL and answers of OSL tokens:

    prefill  = (2 active ISL + attention) / (g peak e_compute)
    decode   = max(weights / (g bandwidth e_weights) + cache / (g bandwidth e_cache), 2 active c / (g peak e_compute))
               + layers overhead
    step     = decode + c / OSL * prefill            prefills of newcomers are mixed into the steps of the others
    rate     = c OSL / (OSL step + prefill) / g       output tokens a second and GPU (Little's law)

The efficiencies are fitted by ``bench/decide_throughput.py`` to measured serving points, for dense and
mixture-of-experts models, by precision and engine; ``tables/roofline.csv`` holds them with the error on points
that were held out.
Source of the form: Williams, Waterman and Patterson, Roofline, CACM 52(4), 2009; Pope et al., Efficiently Scaling
Transformer Inference, MLSys 2023.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from supercycle.core.errors import InputError
from supercycle.decisions.inputs.hardware import Gpu
from supercycle.decisions.inputs.weights import Weights

__all__ = [
    "BYTES",
    "MICROSECOND",
    "Efficiency",
    "Serving",
    "Work",
    "efficiencies",
    "efficiency",
    "error_sd",
    "serve",
    "work",
]

# Bytes a parameter takes; four-bit formats carry one scale byte for every sixteen.
BYTES = {"bf16": 2.0, "fp8": 1.0, "fp4": 0.5625}
_CACHE_BYTES = {"bf16": 2.0, "fp8": 1.0, "fp4": 1.0}
MICROSECOND = 1e-6
_UNFITTED = (
    0.75  # judgement: a maker without a measured point reaches three quarters of the fitted efficiencies
)
_UNFITTED_SD = 0.35  # judgement: and may be off by a third


@dataclass(frozen=True, slots=True)
class Efficiency:
    """Fitted shares of peak, and overhead per layer; errors are logs on held-out points."""

    family: str
    precision: str
    engine: str
    weights: float
    compute: float
    cache: float
    overhead_us_per_layer: float
    points: int
    held_out: int
    median_error: float
    sd_error: float
    first_token_ratio: float


@dataclass(frozen=True, slots=True)
class Work:
    """What a step asks of one GPU, in seconds at peak: weight reads, cache reads, decode and prefill arithmetic."""

    weights_s: float
    cache_s: float
    decode_s: float
    prefill_s: float
    layers: int


@dataclass(frozen=True, slots=True)
class Serving:
    """A configuration's speed: output tokens/s per GPU, seconds per token of a user, seconds to the first token."""

    output_tok_s_gpu: float
    tpot_s: float
    ttft_s: float
    prefill_share: float
    concurrency: float
    gpus: int
    engine: str
    precision: str


def work(
    model: Weights, part: Gpu, precision: str, isl: float, osl: float, concurrency: float, gpus: int
) -> Work:
    """The seconds at peak of one step and one prefill."""
    touched = model.touched_bn(concurrency)
    context = isl + osl / 2
    cache_gb = concurrency * context * model.cache_values * _CACHE_BYTES[precision] / 1e9
    bandwidth = part.bandwidth_tb_s * 1e3 * gpus  # GB/s
    peak = part.peak(precision) * gpus  # TFLOP/s
    attention = 2 * model.layers * model.hidden * isl**2 / 1e12  # scores and values, half of them masked
    return Work(
        weights_s=touched * BYTES[precision] / bandwidth,
        cache_s=cache_gb / bandwidth,
        decode_s=2 * model.active_bn * concurrency / 1e3 / peak,
        prefill_s=(2 * model.active_bn * isl / 1e3 + attention) / peak,
        layers=model.layers,
    )


def serve(
    model: Weights,
    part: Gpu,
    precision: str,
    isl: float,
    osl: float,
    concurrency: float,
    gpus: int,
    fit: Efficiency,
) -> Serving:
    """The speed of one configuration; the module's equations.

    Limits: one request on one GPU is bound by reading the weights once a token; many are bound by arithmetic.
    Errors: InputError when a length, the concurrency or the GPUs are not positive.
    """
    for name, value in (("ISL", isl), ("OSL", osl), ("concurrency", concurrency), ("GPUs", gpus)):
        if not value > 0:
            raise InputError(name, expected="more than 0", got=value)
    asked = work(model, part, precision, isl, osl, concurrency, gpus)
    scale = 1.0 if part.fitted else _UNFITTED
    prefill = asked.prefill_s / (fit.compute * scale)
    memory = asked.weights_s / (fit.weights * scale) + asked.cache_s / (fit.cache * scale)
    decode = max(memory, asked.decode_s / (fit.compute * scale))
    decode += model.layers * fit.overhead_us_per_layer * MICROSECOND
    mixed = concurrency / osl * prefill
    step = decode + mixed
    return Serving(
        output_tok_s_gpu=concurrency * osl / (osl * step + prefill) / gpus,
        tpot_s=step,
        # Prompts queue behind each other; the fit holds how much longer the first token took than one prefill and
        # step.
        ttft_s=(prefill + step) * fit.first_token_ratio,
        prefill_share=(osl * mixed + prefill) / (osl * step + prefill),
        concurrency=concurrency,
        gpus=gpus,
        engine=fit.engine,
        precision=precision,
    )


@cache
def efficiencies() -> tuple[Efficiency, ...]:
    """The fitted table, in the order of the file."""
    text = (files("supercycle.decisions.inputs") / "tables" / "roofline.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    return tuple(
        Efficiency(
            row["family"],
            row["precision"],
            row["engine"],
            float(row["weights"]),
            float(row["compute"]),
            float(row["cache"]),
            float(row["overhead_us_per_layer"]),
            int(row["points"]),
            int(row["held_out"]),
            float(row["median_error"]),
            float(row["sd_error"]),
            float(row["first_token_ratio"]),
        )
        for row in rows
    )


def efficiency(family: str, precision: str, engine: str = "") -> Efficiency:
    """The fit for a family and precision: the named engine's, else the one with the most points.

    Errors: InputError when nothing was fitted for the pair.
    """
    found = [e for e in efficiencies() if e.family == family and e.precision == precision]
    chosen = [e for e in found if e.engine == engine] or sorted(found, key=lambda e: -e.points)
    if not chosen:
        known = sorted({f"{e.family} {e.precision}" for e in efficiencies()})
        raise InputError(
            "no roofline is fitted",
            expected=", ".join(known),
            got=f"{family} {precision}",
            hint="Give performance.output_tok_s_gpu as measured.",
        )
    return chosen[0]


def error_sd(part: Gpu, fit: Efficiency) -> float:
    """Standard deviation of the log error to carry: of the held-out points, or the judgement for an unfitted
    maker.
    """
    return fit.sd_error if part.fitted else max(fit.sd_error, _UNFITTED_SD)
