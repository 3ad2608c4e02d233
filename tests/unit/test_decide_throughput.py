"""The throughput surface: monotone in the promise, and the error that it states is that of held-out answers."""

from __future__ import annotations

import itertools
import math
import random
import statistics
from collections import defaultdict

import pytest

from supercycle.core.errors import InputError
from supercycle.decisions.capacity import throughput as surface
from supercycle.decisions.capacity.points import Point, left_out, measured_points
from supercycle.decisions.capacity.throughput import throughput, throughputs
from supercycle.decisions.inputs.hardware import GPUS, gpu
from supercycle.decisions.inputs.promise import Sla
from supercycle.decisions.inputs.weights import WEIGHTS, weights


def groups() -> dict[tuple[str, str, str, int, int], list[Point]]:
    found = defaultdict(list)
    for point in measured_points():
        found[(point.model, point.gpu, point.precision, point.isl, point.osl)].append(point)
    return {key: points for key, points in found.items() if len(points) >= 4}


def alike(a: Point, b: Point) -> bool:
    """The same configuration, printed twice."""
    return (
        abs(math.log(a.output_tok_s_gpu / b.output_tok_s_gpu)) < 0.02
        and abs(math.log(a.tpot_s / b.tpot_s)) < 0.02
    )


def beaten(point: Point, points: list[Point]) -> bool:
    return any(
        q.tpot_s <= point.tpot_s and q.ttft_s <= point.ttft_s and q.output_tok_s_gpu > point.output_tok_s_gpu
        for q in points
    )


def answers(*, points_of_the_pair: bool) -> list[tuple[float, float, str]]:
    """(log error, stated sd, method) of the answer to the promise that each best point just keeps, without it."""
    found = []
    for (name, part, precision, isl, osl), points in groups().items():
        for point in points:
            if beaten(point, points):
                continue
            rest = tuple(q for q in points if not alike(q, point)) if points_of_the_pair else ()
            sla = Sla((1 - 1e-9) / point.tpot_s, point.ttft_s * surface.TTFT_TAIL * (1 + 1e-9))
            try:
                rates = surface._sizes(weights(name), gpu(part), sla, isl, osl, precision, rest)
            except InputError:
                continue  # faster than anything left: no answer is no wrong answer
            best = max(rates, key=lambda one: one.output_tok_s_gpu)
            found.append((math.log(best.output_tok_s_gpu / point.output_tok_s_gpu), best.sd_log, best.method))
    return found


def test_the_error_stated_is_that_of_the_held_out_answer() -> None:
    """Known pairs: median error 12 %, bias within 5 %, four in five inside the band, half of the bands within x/1.6."""
    found = answers(points_of_the_pair=True)
    errors = [error for error, _, _ in found]
    assert len(found) > 500
    assert statistics.median(abs(e) for e in errors) <= 0.125
    assert abs(statistics.fmean(errors)) <= 0.05
    inside = sum(abs(error) <= 1.2816 * sd for error, sd, _ in found) / len(found)
    assert 0.78 <= inside <= 0.90
    assert math.exp(1.2816 * statistics.median(sd for _, sd, _ in found)) <= 1.6


def test_a_pair_without_a_point_states_how_wide_it_may_be() -> None:
    """The roofline alone: four in five inside the band for dense models and for mixtures of experts apart."""
    found = answers(points_of_the_pair=False)
    for sd in surface.UNMEASURED_SD.values():
        mine = [error for error, stated, _ in found if stated == sd]
        assert len(mine) > 200
        inside = sum(abs(error) <= 1.2816 * sd for error in mine) / len(mine)
        assert 0.75 <= inside <= 0.90


def test_ten_thousand_steps_of_the_promise_hold_no_contradiction() -> None:
    """A tighter speed or first token never raises the rate of any size; a looser one never fails."""
    rng = random.Random(7)
    pairs = [(m, g, p) for m in WEIGHTS.values() for g in GPUS.values() for p in ("bf16", "fp8", "fp4")]
    speeds = [10 * 1.25**k for k in range(14)]
    firsts = [0.3 * 1.6**k for k in range(9)]
    steps = 0
    while steps < 10_000:
        model, part, precision = rng.choice(pairs)
        isl, osl = rng.choice([(1024, 1024), (8192, 1024), (1500, 400), (300, 900)])
        best: dict[tuple[float, float], float] = {}
        for speed, first in itertools.product(speeds, firsts):
            try:
                one = throughput(model, part, Sla(speed, first), isl=isl, osl=osl, precision=precision)
                best[speed, first] = one.output_tok_s_gpu
            except InputError:
                best[speed, first] = 0.0
        for (i, speed), (j, first) in itertools.product(enumerate(speeds), enumerate(firsts)):
            for tighter in ((i + 1, j), (i, j - 1)):
                if tighter[0] < len(speeds) and tighter[1] >= 0:
                    rate = best[speeds[tighter[0]], firsts[tighter[1]]]
                    assert rate <= best[speed, first] * (1 + 1e-9), (
                        model.name,
                        part.name,
                        precision,
                        speed,
                        first,
                    )
                    steps += 1


def test_larger_replicas_are_listed_only_where_they_are_better() -> None:
    found = throughputs(
        weights("gpt-oss-120b"), gpu("B200"), Sla(80.0, 2.0), isl=1024, osl=1024, precision="fp4"
    )
    sizes = [one.gpus_per_replica for one in found]
    rates = [one.output_tok_s_gpu for one in found]
    assert sizes == sorted(sizes)
    assert rates == sorted(rates)
    for one in found:  # Little's law at the promise
        residence = one.ttft_s + one.osl / one.tokens_per_s_user
        requests = one.output_tok_s_gpu * one.gpus_per_replica / one.osl * residence
        assert one.concurrency == pytest.approx(max(requests, 1.0))


def test_a_precision_without_units_or_points_takes_the_wider_one_s_speed_and_says_so() -> None:
    """The findings' case: dense fp4 on an H100 was faster than fp8, with the smallest error of all."""
    llama, h100 = weights("llama-3.1-70b"), gpu("H100")
    claim = throughput(llama, h100, Sla(30.0, 5.0), isl=1024, osl=1024, precision="fp4", method="roofline")
    wider = throughput(llama, h100, Sla(30.0, 5.0), isl=1024, osl=1024, precision="fp8", method="roofline")
    assert claim.output_tok_s_gpu == pytest.approx(wider.output_tok_s_gpu)
    assert "has no fp4 units" in claim.note
    assert claim.sd_log >= wider.sd_log


def test_what_is_left_out_of_the_published_points_is_counted_by_reason() -> None:
    reasons = left_out()
    assert {"another unit", "speculative decoding", "a frontier, or flattened runs"} <= set(reasons)
    assert {p.gpu for p in measured_points()} >= {"B300", "GB200", "GB300", "MI355X"}
    assert len({p.isl for p in measured_points()}) >= 2
