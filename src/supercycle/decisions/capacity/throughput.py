"""Tokens a second from one GPU at a promised latency: measured, else from the table of measurements, else the
roofline.

The promise (SLA) decides: published cost per token on one GPU differs eightfold with the latency target alone. A
table point of another prompt and answer length is moved by the roofline's ratio of the two shapes; the label says so.
The error of the answer is a lognormal and travels into every cost that uses it.
"""

from __future__ import annotations

import math
from functools import cache
from statistics import median

from supercycle.core.errors import InputError
from supercycle.decisions.capacity.points import Point, measured_points
from supercycle.decisions.capacity.roofline import BYTES, efficiency, error_sd, serve
from supercycle.decisions.capacity.surface import Spot, Surface
from supercycle.decisions.inputs.hardware import Gpu, gpu
from supercycle.decisions.inputs.promise import Sla, Throughput
from supercycle.decisions.inputs.weights import Weights, weights

__all__ = ["replica_sizes", "throughput", "throughputs"]

MEASURED_SD = 0.05  # judgement: a week's mean rate through one's own gateway repeats within a twentieth
# Errors of answers to a held-out promise (tests/unit/test_decide_throughput.py): four in five lie inside
# exp(+-1.28 sd). Inside the measured points, beyond the fastest of them, and for a pair without a point.
TABLE_SD = 0.22
BEYOND_SD = 0.52
UNMEASURED_SD = {"dense": 0.34, "moe": 0.90}
SIBLING_SD = 0.70  # a mixture of experts that was measured at this precision on another GPU
# Judgement: half of what sets a model apart on other GPUs is taken along. Of none, half and all, half has the least
# error and bias (-1 %) when a whole GPU is held out.
_SIBLING_WEIGHT = 0.5
# Judgement: a maker whose parts were not fitted. DeepSeek on MI300X is within 4 % of three quarters of the fit,
# gpt-oss-120b on MI325X is two to five times below it.
UNFITTED_SD = 0.9
TTFT_TAIL = 2.0  # judgement: 95th percentile of time to first token over its mean at the stated load
_REPLICAS = (1, 2, 4, 8)
_MEMORY_SHARE = 0.9  # of a GPU's memory is weights and cache; the rest is the engine's
# Requests in flight of a replica, half an octave apart; 95 of 100 measured points have 160 or less.
_CONCURRENCY = tuple(round(2 ** (k / 2)) for k in range(17))
_FASTEST = 3  # measured points, the fastest, whose error the roofline beyond them is shifted by
# Judgement: fewer points than this are no curve. Two points at few requests in flight made qwen3-235b four times slower
# on an H200 than on an H100.
_FEW = 4
# Speed and rate enter the surface by their square roots: between logs, whose envelope lies a tenth below held-out
# points, and plain numbers, whose envelope lies above them (bench/decide_throughput.py holds points out).
_POWER = 0.5
_TABLE_WEIGHT = 0.5  # an answer is the table's when measured points carry at least half of its weight


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
    method: str = "best",
) -> Throughput:
    """The best rate per GPU that keeps the SLA at prompts of ``isl`` and answers of ``osl`` tokens, over all sizes of
    replica. Errors: those of throughputs.

    >>> from supercycle.decisions.inputs.hardware import gpu
    >>> from supercycle.decisions.inputs.weights import weights
    >>> found = throughput(weights("llama-3.1-70b"), gpu("H100"), Sla(60.0, 2.0), isl=1024, osl=1024)
    >>> found.method, 500 < found.output_tok_s_gpu < 2000
    ('table', True)
    """
    found = throughputs(model, part, sla, isl=isl, osl=osl, precision=precision, method=method)
    return max(found, key=lambda one: one.output_tok_s_gpu)


def throughputs(
    model: Weights,
    part: Gpu,
    sla: Sla,
    *,
    isl: float,
    osl: float,
    precision: str = "fp8",
    measured_output_tok_s_gpu: float | None = None,
    measured_gpus: float | None = None,
    measured_concurrency: float | None = None,
    method: str = "best",
) -> tuple[Throughput, ...]:
    """The rate of each size of replica that keeps the SLA, the smallest first; a size that is no better than a
    smaller one is left out.

    ``method`` is best (measured here, else the table's surface, else the roofline's) or one of the three. Limits: a
    looser SLA never lowers a rate and never fails; a measured rate is sized as it was measured.
    Errors: InputError when nothing keeps the SLA (it says what would), or the wanted method has no data.
    """
    for name, value in (("ISL", isl), ("OSL", osl)):
        if not value >= 1:
            raise InputError(name, expected="1 token or more", got=value)
    if precision not in BYTES:
        raise InputError("precision", expected=", ".join(BYTES), got=precision)
    if method not in ("best", "measured", "table", "roofline"):
        raise InputError("throughput method", expected="best, measured, table or roofline", got=method)
    if method in ("best", "measured") and measured_output_tok_s_gpu is not None:
        return (
            _measured(
                model,
                part,
                measured_output_tok_s_gpu,
                measured_gpus,
                measured_concurrency,
                sla,
                isl,
                osl,
                precision,
            ),
        )
    if method == "measured":
        raise InputError("no measured rate", hint="Give performance.output_tok_s_gpu.")
    points = () if method == "roofline" else _nearest(model, part, precision, isl, osl)
    if method == "table" and not points:
        raise InputError(
            "the table has no such point",
            expected="a measured model, GPU and precision",
            got=f"{model.name} on {part.name} at {precision}",
            hint="Use the roofline.",
        )
    return _sizes(model, part, sla, isl, osl, precision, points)


def _measured(
    model: Weights,
    part: Gpu,
    rate: float,
    gpus: float | None,
    concurrency: float | None,
    sla: Sla,
    isl: float,
    osl: float,
    precision: str,
) -> Throughput:
    """A measured rate on the machine that it was measured on; which that was is asked, never guessed."""
    if not rate > 0:
        raise InputError("performance.output_tok_s_gpu", expected="more than 0 tokens/s", got=rate)
    if gpus is None or concurrency is None or gpus != int(gpus):
        raise InputError(
            "a measured rate needs its machine",
            expected="performance.measured_gpus (whole) and performance.measured_concurrency of one replica",
            got=f"{gpus} GPUs, {concurrency} requests in flight",
            hint="They decide how many GPUs a small load takes.",
        )
    # The split of a GPU's time between prompts and answers is the roofline's; half where it has no such pair.
    try:
        fit = efficiency(model.family, precision)
        share = serve(model, part, precision, isl, osl, concurrency, int(gpus), fit).prefill_share
    except InputError:
        share = 0.5
    return Throughput(
        rate,
        "measured",
        MEASURED_SD,
        precision,
        "own",
        int(gpus),
        concurrency,
        sla.tokens_per_s_user,
        sla.ttft_p95_s / TTFT_TAIL,
        share,
        isl,
        osl,
        "measured through one's own gateway, at its own SLA",
    )


def _nearest(model: Weights, part: Gpu, precision: str, isl: float, osl: float) -> tuple[Point, ...]:
    """The measured points of the shape nearest to the asked one, whatever the promise."""
    points = [
        p
        for p in measured_points()
        if (p.model, p.gpu, p.precision) == (model.measured_as, part.name, precision)
    ]
    if not points:
        return ()
    shape = min({(p.isl, p.osl) for p in points}, key=lambda s: (_distance(s, isl, osl), s))
    return tuple(p for p in points if (p.isl, p.osl) == shape)


def _sizes(
    model: Weights,
    part: Gpu,
    sla: Sla,
    isl: float,
    osl: float,
    precision: str,
    points: tuple[Point, ...],
) -> tuple[Throughput, ...]:
    moved = [_moved(model, part, precision, p, isl, osl) for p in points]
    computed = _roofline_spots(model, part, isl, osl, precision)
    others = () if moved else _on_other_parts(model, part, precision)
    if moved:
        computed = _beyond(computed, moved, points)
    elif others:
        speed, first, more = _sibling_shift(others)
        computed = [(v + speed, t + first, r + more, g) for v, t, r, g in computed]
    sizes = sorted({size for *_, size in moved} | {size for *_, size in computed})
    target = sla.tokens_per_s_user**_POWER, math.log(sla.ttft_p95_s)
    found: list[Throughput] = []
    for size in sizes:
        # A replica of this size is as good as two of half of it: smaller points count as well.
        spots = [
            Spot(math.exp(_POWER * v), t, math.exp(_POWER * r), n)
            for n, (v, t, r, g) in enumerate(moved)
            if g <= size
        ]
        spots += [
            Spot(math.exp(_POWER * v), t, math.exp(_POWER * r), -1 - n)
            for n, (v, t, r, g) in enumerate(computed)
            if g <= size
        ]
        answer = Surface.over(spots).rate(*target)
        if answer is None:
            continue
        rate = answer[0] ** (1 / _POWER)
        if found and rate <= found[-1].output_tok_s_gpu * (1 + 1e-9):
            continue
        weight = sum(w for tag, w in answer[1] if tag >= 0)
        found.append(_answer(model, part, sla, isl, osl, precision, size, rate, weight, points, others))
    if not found:
        fastest = max((math.exp(v) for v, *_ in (*moved, *computed)), default=0.0)
        quickest = min((math.exp(t) for _, t, *_ in (*moved, *computed)), default=math.inf)
        raise InputError(
            f"no configuration of {model.name} on {part.name} keeps the SLA",
            expected=f"{sla.tokens_per_s_user:g} tokens/s/user and TTFT p95 {sla.ttft_p95_s:g} s",
            got=f"at best {fastest:.0f} tokens/s/user, TTFT p95 {quickest:.2g} s",
            hint="Loosen sla, or choose a faster GPU or a smaller model.",
        )
    return tuple(found)


_Row = tuple[float, float, float, int]  # logs of speed, first token and rate; GPUs of the replica


def _moved(model: Weights, part: Gpu, precision: str, point: Point, isl: float, osl: float) -> _Row:
    """A measured point at another prompt and answer length, by the roofline's ratio of the two."""
    at = computed_at(part, precision)
    fit = efficiency(model.family, at, point.engine)
    here = serve(model, part, at, point.isl, point.osl, point.concurrency, point.gpus, fit)
    there = serve(model, part, at, isl, osl, point.concurrency, point.gpus, fit)
    return (
        math.log(there.tpot_s**-1 * here.tpot_s / point.tpot_s),
        math.log(point.ttft_s * TTFT_TAIL * there.ttft_s / here.ttft_s),
        math.log(point.output_tok_s_gpu * there.output_tok_s_gpu / here.output_tok_s_gpu),
        point.gpus,
    )


def computed_at(part: Gpu, precision: str) -> str:
    """The precision whose speed is computed: the next wider one where a part has no units for the stated one.

    Weights of four bits take less memory anywhere; that they also run faster without units for them has to be
    measured.
    """
    order = ("fp4", "fp8", "bf16")
    return next(wider for wider in order[order.index(precision) :] if wider in part.tflops)


def _roofline_spots(model: Weights, part: Gpu, isl: float, osl: float, precision: str) -> list[_Row]:
    """Every size and concurrency that fits the memory, as the roofline has it."""
    precision = computed_at(part, precision)
    # One engine, the one with the most points: the best of several fits would be the luckiest.
    fit = efficiency(model.family, precision)
    found: list[_Row] = []
    for size in replica_sizes(model, part, precision):
        room = size * part.memory_gb * _MEMORY_SHARE - model.total_bn * BYTES[precision]
        each = (isl + osl) * model.cache_values * BYTES["fp8" if precision != "bf16" else "bf16"] / 1e9
        for requests in _CONCURRENCY:
            if requests * each > room:
                break
            one = serve(model, part, precision, isl, osl, requests, size, fit)
            found.append(
                (
                    -math.log(one.tpot_s),
                    math.log(one.ttft_s * TTFT_TAIL),
                    math.log(one.output_tok_s_gpu),
                    size,
                )
            )
    return found


def _beyond(computed: list[_Row], moved: list[_Row], points: tuple[Point, ...]) -> list[_Row]:
    """The roofline where users are promised more speed than any point gave, shifted by its median error; slower
    promises keep the best measured rate, unless points are so few that they say little of more requests in flight.
    """
    quickest = tuple(sorted(points, key=lambda one: one.tpot_s)[:_FASTEST])
    speed, first, rate = _shift(quickest)
    fastest = max(v for v, *_ in moved)
    shifted = [(v + speed, t + first, r + rate, g) for v, t, r, g in computed]
    return shifted if len(points) < _FEW else [row for row in shifted if row[0] > fastest]


def _on_other_parts(model: Weights, part: Gpu, precision: str) -> tuple[Point, ...]:
    """Points of a mixture of experts at this precision on other GPUs; dense models gain nothing by them.

    How far such a model is from its family's roofline lies in its kernels, which it takes along from part to part.
    """
    if model.family != "moe" or not part.fitted:
        return ()
    return tuple(
        p
        for p in measured_points()
        if (p.model, p.precision) == (model.measured_as, precision)
        and p.gpu != part.name
        and gpu(p.gpu).fitted
    )


@cache
def _sibling_shift(points: tuple[Point, ...]) -> tuple[float, float, float]:
    """Half the median over GPUs of what their points exceed the roofline by."""
    parts = sorted({p.gpu for p in points})
    found = [_shift(tuple(p for p in points if p.gpu == name)) for name in parts]
    speed, first, rate = (_SIBLING_WEIGHT * median(column) for column in zip(*found, strict=True))
    return speed, first, rate


@cache
def _shift(points: tuple[Point, ...]) -> tuple[float, float, float]:
    """Median logs by which measured speed, first token and rate exceed the roofline's."""
    found: list[tuple[float, float, float]] = []
    for point in points:
        model, part = weights(point.model), gpu(point.gpu)
        at = computed_at(part, point.precision)
        one = serve(
            model, part, at, point.isl, point.osl, point.concurrency, point.gpus, efficiency(model.family, at)
        )
        found.append(
            (
                math.log(one.tpot_s / point.tpot_s),
                math.log(point.ttft_s / one.ttft_s),
                math.log(point.output_tok_s_gpu / one.output_tok_s_gpu),
            )
        )
    speed, first, rate = (median(column) for column in zip(*found, strict=True))
    return speed, first, rate


def _answer(
    model: Weights,
    part: Gpu,
    sla: Sla,
    isl: float,
    osl: float,
    precision: str,
    size: int,
    rate: float,
    measured: float,
    points: tuple[Point, ...],
    others: tuple[Point, ...],
) -> Throughput:
    """The rate at the promise itself; requests in flight by Little's law.

    ``concurrency = rate GPUs / OSL (TTFT + OSL / speed)``.
    """
    first = sla.ttft_p95_s / TTFT_TAIL
    requests = rate * size / osl * (first + osl / sla.tokens_per_s_user)
    at = computed_at(part, precision)
    fit = efficiency(model.family, at)
    share = serve(model, part, at, isl, osl, max(requests, 1.0), size, fit).prefill_share
    if measured > _TABLE_WEIGHT:
        shape = (points[0].isl, points[0].osl)
        newest = max(p.measured for p in points)
        how, sd = "table", TABLE_SD
        engine = points[0].engine
        note = f"surface of {len(points)} points measured up to {newest or '2025-26'} at {shape[0]} in, {shape[1]} out"
        if _distance(shape, isl, osl) > 1e-9:
            note += f"; moved to {isl:.0f} in, {osl:.0f} out by the roofline"
    else:
        how, sd, engine = "roofline", error_sd(part, fit), fit.engine
        note = f"{model.family} roofline of {fit.engine}"
        wider = computed_at(part, precision)
        if wider != precision:
            note += f"; {part.name} has no {precision} units and nothing was measured, so {wider} speed"
        sd = max(sd, BEYOND_SD)
        if not points:
            sd = UNMEASURED_SD[model.family] if part.fitted else UNFITTED_SD
            if others:
                sd = SIBLING_SD
                note += f"; shifted to its points on {', '.join(sorted({p.gpu for p in others}))}"
            note += f"; no point of {model.name} on {part.name} at {precision} was measured"
        note += "" if part.fitted else f"; no measured point of {part.maker}, so three quarters of the fit"
        if points:
            note += "; shifted to the measured points, beyond which the promise lies"
    return Throughput(
        rate, how, sd, precision, engine, size, max(requests, 1.0), sla.tokens_per_s_user, first, share, isl, osl, note
    )  # fmt: skip


def _distance(shape: tuple[int, int], isl: float, osl: float) -> float:
    return abs(math.log(shape[0] / isl)) + abs(math.log(shape[1] / osl))
