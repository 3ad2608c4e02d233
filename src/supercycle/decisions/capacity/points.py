"""Measured serving points: the compact table of the package and the points that were published since.

A published point counts when its model, GPU, precision, lengths, GPU count and speed are given, its unit is tokens
(in and out, or out only) for each GPU, and nothing was guessed for it by a draft model. What is left out is counted by
reason. A missing time to the first token follows from Little's law where the requests in flight are given.
"""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from supercycle.core.errors import UnknownNameError
from supercycle.decisions.inputs.hardware import gpu
from supercycle.decisions.inputs.weights import weights
from supercycle.figures.load import Figure, figures

__all__ = ["Point", "left_out", "measured_points"]

_UNITS = {"total tok/s/GPU": True, "output tok/s/GPU": False}  # whether the prompt's tokens are counted


_BEYOND_PEAK = "faster than the GPU's arithmetic"


@dataclass(frozen=True, slots=True)
class Point:
    """One measured configuration. ``gpus`` are those of the whole configuration, prefill and decode together."""

    model: str
    gpu: str
    precision: str
    engine: str
    isl: int
    osl: int
    gpus: int
    concurrency: float
    ttft_s: float
    tpot_s: float
    output_tok_s_gpu: float
    measured: str


@cache
def measured_points() -> tuple[Point, ...]:
    """All points: the table first, in the order of the file, then the published ones."""
    return (
        *(one for one in _table() if _possible(one)),
        *(one for one in _published() if isinstance(one, Point)),
    )


def _possible(point: Point) -> bool:
    """Whether a GPU can do that at all: ``rate 2 active (ISL + OSL) / OSL`` is within its peak of dense arithmetic.

    A point above it counted prompts that a cache held, or GPUs that were not.
    """
    asked = (
        2 * weights(point.model).active_bn * (point.isl + point.osl) / point.osl / 1e3
    )  # TFLOP an output token
    return point.output_tok_s_gpu * asked <= gpu(point.gpu).peak(point.precision)


def left_out() -> dict[str, int]:
    """How many points are not used, by reason.

    >>> sum(left_out().values()) > 0
    True
    """
    reasons = Counter(one for one in _published() if isinstance(one, str))
    return {**reasons, _BEYOND_PEAK: reasons[_BEYOND_PEAK] + sum(not _possible(one) for one in _table())}


@cache
def _table() -> tuple[Point, ...]:
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
            float(row["concurrency"]),
            float(row["ttft_ms"]) / 1e3,
            float(row["tpot_ms"]) / 1e3,
            float(row["output_tok_s_gpu"]),
            row["measured"],
        )
        for row in rows
    )


@cache
def _published() -> tuple[Point | str, ...]:
    return tuple(
        _read(row) for row in figures() if row.table == "hardware" and row.series == "throughput_point"
    )


def _read(row: Figure) -> Point | str:
    """The point of a row, or why it is not used."""
    said = dict(part.strip().split("=", 1) for part in f"{row.basis};{row.note}".split(";") if "=" in part)
    if row.unit_printed not in _UNITS or row.value is None:
        return "another unit"
    if said.get("spec", "none") != "none":
        return "speculative decoding"
    if "caution" in said or said.get("mode") not in ("agg", "disagg"):
        return "a frontier, or flattened runs"
    try:
        isl, osl, gpus = (int(said[key]) for key in ("isl", "osl", "gpus"))
        speed = float(said["tok_s_user"])
        model, part = weights(said["model"]), gpu(said["gpu"].removesuffix(" NVL72"))
    except UnknownNameError:
        return "a model or GPU whose shape is not known"
    except (KeyError, ValueError):
        return "length, GPU count or speed not given"
    precision = said.get("precision", "")
    if precision not in ("bf16", "fp8", "fp4"):
        return "precision not given, or another"
    tpot = float(said["tpot_ms"]) / 1e3 if "tpot_ms" in said else 1 / speed
    rate = row.value * (osl / (isl + osl) if _UNITS[row.unit_printed] else 1.0)
    if "concurrency" in said:
        requests = float(said["concurrency"])
        first = requests * osl / (rate * gpus) - (osl - 1) * tpot
        first = float(said["ttft_ms"]) / 1e3 if "ttft_ms" in said else first
    elif "ttft_ms" in said:
        first = float(said["ttft_ms"]) / 1e3
        requests = rate * gpus / osl * (first + (osl - 1) * tpot)
    else:
        return "neither first token nor requests in flight"
    if not first > 0:
        return "its numbers contradict Little's law"
    if first > _OVERLOADED_S:
        return "an overloaded queue"
    engine = said.get("engine", "vllm").split()[0].removeprefix("dynamo-")
    day = row.period.end
    found = Point(
        model.measured_as, part.name, precision, engine, isl, osl, gpus, max(requests, 1.0), first, tpot, rate,
        "" if day is None else day.isoformat(),
    )  # fmt: skip
    return found if _possible(found) else _BEYOND_PEAK


_OVERLOADED_S = 10.0  # judgement: a mean first token beyond this was a queue that grew, not a service
