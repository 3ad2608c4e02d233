"""A scan of promises over every pair of model and GPU: no step contradicts another."""

from __future__ import annotations

import itertools
import os
import random

from supercycle.core.errors import InputError
from supercycle.decisions.capacity.throughput import throughput
from supercycle.decisions.inputs.hardware import GPUS
from supercycle.decisions.inputs.promise import Sla
from supercycle.decisions.inputs.weights import models

STEPS = 10_000 if os.environ.get("HYPOTHESIS_PROFILE") == "soak" else 2_000


def test_steps_of_the_promise_hold_no_contradiction() -> None:
    """A tighter speed or first token never raises the rate of any size; a looser one never fails: 10,000 steps
    in `make soak`, 2,000 in every suite.
    """
    rng = random.Random(7)
    pairs = [(m, g, p) for m in models().values() for g in GPUS.values() for p in ("bf16", "fp8", "fp4")]
    speeds = [10 * 1.25**k for k in range(14)]
    firsts = [0.3 * 1.6**k for k in range(9)]
    steps = 0
    while steps < STEPS:
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
