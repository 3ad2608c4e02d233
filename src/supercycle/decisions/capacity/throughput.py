"""Tokens a second from one GPU at a promised latency: measured, else from the table of measurements, else the
roofline.

The promise (SLA) decides: published cost per token on one GPU differs eightfold with the latency target alone. A
table point of another prompt and answer length is moved by the roofline's ratio of the two shapes; the label says so.
The error of the answer is a lognormal and travels into every cost that uses it.
"""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from supercycle.core.errors import InputError
from supercycle.decisions.capacity.roofline import BYTES, efficiency, error_sd, serve
from supercycle.decisions.inputs.hardware import Gpu
from supercycle.decisions.inputs.promise import Sla, Throughput
from supercycle.decisions.inputs.weights import Weights

__all__ = ["Point", "measured_points", "replica_sizes", "throughput"]

MEASURED_SD = 0.05  # judgement: a week's mean rate through one's own gateway repeats within a twentieth
TABLE_SD = 0.12  # error of the compared calibrated tools on published points (issue's reference: 9.6-12 %)
TTFT_TAIL = 2.0  # judgement: 95th percentile of time to first token over its mean at the stated load
_REPLICAS = (1, 2, 4, 8)
_MEMORY_SHARE = 0.9  # of a GPU's memory is weights and cache; the rest is the engine's
# Requests in flight of a replica, half an octave apart; 95 of 100 measured points have 160 or less.
_CONCURRENCY = tuple(round(2 ** (k / 2)) for k in range(17))
_BOUND = 3.0  # a table point far faster than the SLA was never loaded enough to say what the SLA allows


@dataclass(frozen=True, slots=True)
class Point:
    """One measured configuration that no other of its shape beats in speed per user and rate per GPU."""

    model: str
    gpu: str
    precision: str
    engine: str
    isl: int
    osl: int
    gpus: int
    concurrency: int
    ttft_s: float
    tpot_s: float
    output_tok_s_gpu: float
    measured: str


@cache
def measured_points() -> tuple[Point, ...]:
    """The compact table, in the order of the file."""
    text = (files("supercycle.decisions.inputs") / "tables" / "measured.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    return tuple(
        Point(
            row["model"],
            row["gpu"],
            row["precision"],
            row["engine"],
            int(row["isl"]),
            int(row["osl"]),
            int(row["gpus"]),
            int(row["concurrency"]),
            float(row["ttft_ms"]) / 1e3,
            float(row["tpot_ms"]) / 1e3,
            float(row["output_tok_s_gpu"]),
            row["measured"],
        )
        for row in rows
    )


def replica_sizes(model: Weights, part: Gpu, precision: str) -> tuple[int, ...]:
    """Replica sizes (GPUs) whose memory holds the weights; InputError when eight GPUs do not."""
    need = model.total_bn * BYTES[precision]
    sizes = tuple(n for n in _REPLICAS if n * part.memory_gb * _MEMORY_SHARE > need)
    if not sizes:
        raise InputError(
            f"{model.name} at {precision} does not fit",
            expected=f"at most {8 * part.memory_gb * _MEMORY_SHARE:.0f} GB in eight {part.name}",
            got=f"{need:.0f} GB of weights",
            hint="Choose a lower precision, a larger GPU or a smaller model.",
        )
    return sizes


def throughput(
    model: Weights,
    part: Gpu,
    sla: Sla,
    *,
    isl: float,
    osl: float,
    precision: str = "fp8",
    measured_output_tok_s_gpu: float | None = None,
    method: str = "best",
) -> Throughput:
    """The best rate per GPU that keeps the SLA at prompts of ``isl`` and answers of ``osl`` tokens.

    ``method`` is best (measured, else table, else roofline) or one of the three. Limits: a looser SLA never lowers
    the rate of the roofline; a measured rate is taken as it is.
    Errors: InputError when nothing keeps the SLA (it says what would), or the wanted method has no data.

    >>> from supercycle.decisions.inputs.hardware import gpu
    >>> from supercycle.decisions.inputs.weights import weights
    >>> found = throughput(weights("llama-3.1-70b"), gpu("H100"), Sla(30.0, 2.0), isl=1024, osl=1024)
    >>> found.method, 500 < found.output_tok_s_gpu < 2000
    ('table', True)
    """
    for name, value in (("ISL", isl), ("OSL", osl)):
        if not value >= 1:
            raise InputError(name, expected="1 token or more", got=value)
    if precision not in BYTES:
        raise InputError("precision", expected=", ".join(BYTES), got=precision)
    if method not in ("best", "measured", "table", "roofline"):
        raise InputError("throughput method", expected="best, measured, table or roofline", got=method)
    by_model = None
    if method in ("best", "roofline", "measured"):
        # The split between prompts and answers of a measured rate is the roofline's too.
        by_model = _roofline(model, part, sla, isl, osl, precision, need=method == "roofline")
    if method in ("best", "measured") and measured_output_tok_s_gpu is not None:
        return _measured(measured_output_tok_s_gpu, by_model, sla, isl, osl, precision)
    if method == "measured":
        raise InputError("no measured rate", hint="Give performance.output_tok_s_gpu.")
    if method in ("best", "table"):
        found = _table(model, part, sla, isl, osl, precision)
        if found is not None:
            return found
        if method == "table":
            raise InputError(
                "the table has no such point",
                expected="a measured model, GPU and precision within the SLA",
                got=f"{model.name} on {part.name} at {precision}",
                hint="Use the roofline.",
            )
    return by_model if by_model is not None else _roofline(model, part, sla, isl, osl, precision, need=True)  # pyright: ignore[reportReturnType]


def _measured(
    rate: float, by_model: Throughput | None, sla: Sla, isl: float, osl: float, precision: str
) -> Throughput:
    if not rate > 0:
        raise InputError("performance.output_tok_s_gpu", expected="more than 0 tokens/s", got=rate)
    share = (
        by_model.prefill_share if by_model else 0.5
    )  # judgement: half, when not even the roofline has the pair
    size, requests = (by_model.gpus_per_replica, by_model.concurrency) if by_model else (1, 1.0)
    return Throughput(
        rate,
        "measured",
        MEASURED_SD,
        precision,
        "own",
        size,
        requests,
        sla.tokens_per_s_user,
        sla.ttft_p95_s,
        share,
        isl,
        osl,
        "measured through one's own gateway, at its own SLA",
    )


def _roofline(
    model: Weights, part: Gpu, sla: Sla, isl: float, osl: float, precision: str, *, need: bool
) -> Throughput | None:
    best: Throughput | None = None
    fastest = quickest = 0.0
    # One engine, the one with the most points: the best of several fits would be the luckiest.
    for fit in (efficiency(model.family, precision),):
        for size in replica_sizes(model, part, precision):
            room = size * part.memory_gb * _MEMORY_SHARE - model.total_bn * BYTES[precision]
            per_request = (
                (isl + osl) * model.cache_values * BYTES["fp8" if precision != "bf16" else "bf16"] / 1e9
            )
            for requests in _CONCURRENCY:
                if requests * per_request > room:
                    break
                one = serve(model, part, precision, isl, osl, requests, size, fit)
                fastest = max(fastest, 1 / one.tpot_s)
                quickest = min(quickest or math.inf, one.ttft_s * TTFT_TAIL)
                if 1 / one.tpot_s < sla.tokens_per_s_user or one.ttft_s * TTFT_TAIL > sla.ttft_p95_s:
                    continue
                if best is None or one.output_tok_s_gpu > best.output_tok_s_gpu:
                    maker = (
                        ""
                        if part.fitted
                        else f"; no measured point of {part.maker}, so three quarters of the fit"
                    )
                    best = Throughput(
                        one.output_tok_s_gpu,
                        "roofline",
                        error_sd(part, fit),
                        precision,
                        fit.engine,
                        size,
                        requests,
                        1 / one.tpot_s,
                        one.ttft_s,
                        one.prefill_share,
                        isl,
                        osl,
                        f"{model.family} roofline of {fit.engine}{maker}",
                    )
    if best is None and need:
        raise InputError(
            f"no configuration of {model.name} on {part.name} keeps the SLA",
            expected=f"{sla.tokens_per_s_user:g} tokens/s/user and TTFT p95 {sla.ttft_p95_s:g} s",
            got=f"at best {fastest:.0f} tokens/s/user, TTFT p95 {quickest:.2g} s",
            hint="Loosen sla, or choose a faster GPU or a smaller model.",
        )
    return best


def _table(model: Weights, part: Gpu, sla: Sla, isl: float, osl: float, precision: str) -> Throughput | None:
    points = [
        p for p in measured_points() if (p.model, p.gpu, p.precision) == (model.name, part.name, precision)
    ]
    shapes = sorted({(p.isl, p.osl) for p in points}, key=lambda s: _distance(s, isl, osl))
    for shape in shapes:
        fit_for: list[tuple[float, Point, float, float, float]] = []
        for point in points:
            if (point.isl, point.osl) != shape:
                continue
            fit = efficiency(model.family, precision, point.engine)
            here = serve(model, part, precision, *shape, point.concurrency, point.gpus, fit)
            there = serve(model, part, precision, isl, osl, point.concurrency, point.gpus, fit)
            tpot = point.tpot_s * there.tpot_s / here.tpot_s
            ttft = point.ttft_s * there.ttft_s / here.ttft_s
            if 1 / tpot >= sla.tokens_per_s_user and ttft * TTFT_TAIL <= sla.ttft_p95_s:
                rate = point.output_tok_s_gpu * there.output_tok_s_gpu / here.output_tok_s_gpu
                fit_for.append((rate, point, tpot, ttft, there.prefill_share))
        if not fit_for:
            continue
        if max(fit_for, key=lambda one: one[0])[2] * _BOUND * sla.tokens_per_s_user >= 1:
            rate, point, tpot, ttft, share = max(fit_for, key=lambda one: one[0])
            moved = _distance(shape, isl, osl)
            return Throughput(
                rate,
                "table",
                TABLE_SD,
                precision,
                point.engine,
                point.gpus,
                point.concurrency,
                1 / tpot,
                ttft,
                share,
                isl,
                osl,
                f"measured {point.measured or '2025-26'} at {shape[0]} in, {shape[1]} out"
                + (f"; moved to {isl:.0f} in, {osl:.0f} out by the roofline" if moved > 1e-9 else ""),
            )
    return None


def _distance(shape: tuple[int, int], isl: float, osl: float) -> float:
    return abs(math.log(shape[0] / isl)) + abs(math.log(shape[1] / osl))
