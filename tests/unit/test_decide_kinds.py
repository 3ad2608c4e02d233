"""Two kinds of GPU in one plan: the parts add up to the load, and the cheapest pair is that of brute force."""

from __future__ import annotations

import importlib
import os
import random
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from supercycle.core.errors import InputError
from supercycle.decisions.choice.decision import decide
from supercycle.decisions.choice.evaluate import evaluate
from supercycle.decisions.choice.kinds import CUTS, cut, parts_of, second_case
from supercycle.decisions.choice.record import record
from supercycle.decisions.choice.setting import Setting, placed, prepare, prepared
from supercycle.decisions.inputs.case import build

ROOT = Path(__file__).resolve().parents[1]
sys.path += [str(ROOT), str(ROOT / "laws"), str(ROOT / "readings")]
cases = importlib.import_module("decide_cases")
slow = importlib.import_module("decide_slow")
laws = importlib.import_module("test_decide_identities")

CENT = 0.01
TRIED = 40 if os.environ.get("HYPOTHESIS_PROFILE") == "soak" else 2
RACKS: dict[str, float | str] = {
    "second__gpu": "GB200",
    "second__capital_usd_per_gpu": 40_000.0,
    "second__on_demand_usd_per_gpu_hour": 6.0,
}


def test_the_parts_add_up_to_the_load_in_every_hour_and_the_base_is_cut_at_its_share() -> None:
    here = cases.placed(cases.case(), paths=2)
    load = here.load
    for share in CUTS:
        low, high = cut(load, share)
        for name in ("uncached", "cached", "output", "api_usd"):
            assert getattr(low, name) + getattr(high, name) == pytest.approx(getattr(load, name))
        assert low.requests + high.requests == pytest.approx(load.requests)
        size = load.uncached + load.cached + load.output
        kept = low.uncached + low.cached + low.output
        assert kept == pytest.approx(np.minimum(size, share * size.max()))
    for bad in (0.0, 1.0, 1.5):
        with pytest.raises(InputError, match="cut of the load"):
            cut(load, bad)


def random_place(seed: int) -> Setting:
    rng = random.Random(seed)
    case = laws.inputs(rng, months=24, quotes="")
    given = {
        path: (one.value, one.source)
        for path, one in case.ledger.items()
        if one.given and one.value is not None
    }
    given |= {
        "second.gpu": (rng.choice(["GB200", "H200"]), "random"),
        "second.precision": (rng.choice(["fp4", "fp8"]), "random"),
        "second.capital_usd_per_gpu": (rng.uniform(8_000.0, 60_000.0), "random"),
        "second.on_demand_usd_per_gpu_hour": (rng.uniform(1.0, 10.0), "random"),
        "people.usd_per_engineer_year": (0.0, "random"),  # staff is shared: another test counts it
        # An API that never pays, so that the fleets are what is compared.
        "api.input_usd_per_mtok": (rng.uniform(0.2, 0.5), "random"),
        "api.output_usd_per_mtok": (rng.uniform(1.0, 2.5), "random"),
    }
    case = build(given, horizon_months=24, today=case.today)
    load = laws.profile(rng, 24, rng.choice([3e4, 1e5]))
    return placed(case, prepare(case, load), laws.world(24), paths=2, seed=seed)


def brute(here: Setting) -> float:
    """The cheapest plan that hosts, of every plan of the set, hour by hour in plain Python."""
    tops = ["api", *(["api_open"] if here.ready.open_price is not None else []), "on_demand"]
    reading = slow.Slow(here)
    plans = slow.plans(tops, len(here.machines), quoted=(False, False, False, ()))
    hosted = [p for p in plans if p["own"] > 0 or p["top"] == "on_demand"]
    return min(reading.cost(SimpleNamespace(**plan)) for plan in hosted)


def whole_on(here: Setting, other: Any) -> Setting:
    """All of the load on the second kind."""
    return placed(other, prepared(other, here.load), laws.world(24), paths=2, seed=here.seed)


def small(here: Setting) -> bool:
    """Whether no height is refined beyond the set that brute force tries."""
    peaks = [m.lumps(np.array([m.mean_busy * m.shape.peak * here.growth[0]])) for m in here.machines]
    return max(float(n[0]) for n in peaks) <= 4


def test_the_cheapest_pair_of_fleets_is_that_of_brute_force() -> None:
    """Every cut, both orders, all plans of both fleets, and all on the second kind: to the cent. A rack of 72 is
    bought whole.
    """
    tried = seed = split = 0
    while tried < TRIED:
        seed += 1
        here = random_place(seed)
        other: Any = second_case(here.case)
        parts = parts_of(here, other)
        whole = whole_on(here, other)
        if not all(small(one) for *_, a, b in parts for one in (a, b)) or not small(whole):
            continue
        try:
            pairs = [brute(first) + brute(second) for *_, first, second in parts]
            least = min(*pairs, brute(whole))
        except ValueError:
            continue  # more than the reading's 32 replicas
        tried += 1
        found = evaluate(here)
        two: Any = found.kinds
        assert two.costs.npv.mean() == pytest.approx(least, abs=CENT), seed
        split += two.first is not None
        if two.second.ready.part.name == "GB200":
            assert two.costs.choice.get("owned GPUs, second kind", two.costs.choice["owned GPUs"]) % 72 == 0
    assert split >= TRIED // 8  # a true pair is the cheaper one at times


def test_a_second_kind_never_makes_the_answer_dearer_and_is_named() -> None:
    plain = evaluate(cases.placed(cases.case(), paths=4))
    here = cases.placed(cases.case(**RACKS), paths=4)
    both = evaluate(here)
    assert plain.kinds is None
    assert {m.name: m.mean for m in plain.ranking} == {
        m.name: m.mean for m in both.ranking if m.name != "two_kinds"
    }
    assert both.best.mean <= plain.best.mean
    answer = decide(here.case, cases.profile(), {"calm": cases.STILL}, paths=4, changes=False)
    said = record(answer)
    assert said["two_kinds"]["second_gpu"] == "GB200"
    if answer.found.best.name == "two_kinds":
        assert "GB200" in answer.headline


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"second__gpu": "B200"}, "another kind"),
        ({"second__capital_usd_per_gpu": 4e4}, "second.gpu"),
        ({"second__gpu": "GB20"}, "GB200"),
    ],
)
def test_what_a_second_kind_cannot_be(given: dict[str, float | str], said: str) -> None:
    with pytest.raises(InputError, match=said):
        evaluate(cases.placed(cases.case(**given), paths=2))
