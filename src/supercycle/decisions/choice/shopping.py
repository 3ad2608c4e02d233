"""What to buy: every GPU, open model and precision that keeps promise and quality, each with its cheapest way.

All candidates serve the same load on the same draws. Prices and measurements that were given belong to the GPU and
model they were given for; every other candidate takes those of the figures. What cannot be ranked is listed with its
reason, and a candidate without a measured point stands in the list but not at its head.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from supercycle.core.errors import InputError
from supercycle.core.profile import DemandProfile
from supercycle.decisions.choice.evaluate import ONE_MODEL, evaluate
from supercycle.decisions.choice.sentence import holding, usd
from supercycle.decisions.choice.setting import placed, prepare
from supercycle.decisions.inputs.case import Case
from supercycle.decisions.inputs.hardware import GPUS, gpu
from supercycle.decisions.inputs.variant import case_for
from supercycle.decisions.inputs.weights import weights
from supercycle.decisions.money.prices import Background

__all__ = ["Candidate", "Shopping", "candidates", "shop"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """One GPU, model and precision with its cheapest way that hosts. Money is USD after tax, the mean over paths."""

    gpu: str
    model: str
    precision: str
    way: str
    words: str
    mean: float
    usd_per_mtok: float
    owned_gpus: float
    output_tok_s_gpu: float
    method: str
    sd_log: float
    gap: float | None


@dataclass(frozen=True, slots=True)
class Shopping:
    """Candidates, the cheapest first; the API in use and its cost; what could not be ranked, and why."""

    ranked: tuple[Candidate, ...]
    api_mean: float
    left_out: tuple[tuple[str, str], ...]
    example: bool

    @property
    def best(self) -> Candidate | None:
        """The cheapest whose throughput was measured."""
        return next((one for one in self.ranked if one.method != "roofline"), None)

    @property
    def headline(self) -> str:
        """The answer in one sentence."""
        best = self.best
        mark = "EXAMPLE LOAD, nobody's traffic: " if self.example else ""
        if best is None or best.mean >= self.api_mean:
            more = (
                ""
                if best is None
                else f"; the cheapest hosted way would cost {usd(best.mean - self.api_mean)} more"
            )
            return f"{mark}Keep calling the API in use: {usd(self.api_mean)}{more}."
        saved = usd(self.api_mean - best.mean)
        said = f"{mark}{best.words}. It costs {usd(best.mean)}, {saved} less than the API in use."
        first = self.ranked[0]
        if first is not best:
            said += (
                f" {first.model} at {first.precision} on {first.gpu} may be cheaper ({usd(first.mean)}), but nobody "
                "measured it: try it before buying."
            )
        return said


def candidates(
    case: Case, gpus: Sequence[str] = (), names: Sequence[str] = (), precisions: Sequence[str] = ()
) -> list[tuple[str, str, str]]:
    """GPUs, models and precisions to compare; the stated model and every GPU and precision where none is named."""
    stated = case.word("model.open_weights")
    own = {one.name: one for one in (case.own_gpu,) if one is not None}
    chosen = [name if name == stated else weights(name).name for name in names] or [stated]
    parts = [own.get(name) or gpu(name) for name in gpus] or [*own.values(), *GPUS.values()]
    return [
        (part.name, model, precision)
        for part in parts
        for model in chosen
        for precision in (precisions or [p for p in ("bf16", "fp8", "fp4") if p in part.tflops])
    ]


def shop(
    case: Case,
    profile: DemandProfile,
    background: Background,
    wanted: Sequence[tuple[str, str, str]],
    *,
    paths: int = 64,
    seed: int = 1,
    told: Callable[[str, int, int], None] | None = None,
) -> Shopping:
    """Rank the wanted candidates. Errors: those of the load; what a candidate lacks is a reason, not an error."""
    ranked: list[Candidate] = []
    out: list[tuple[str, str]] = []
    api = 0.0
    for at, (part, model, precision) in enumerate(wanted):
        if told is not None:
            told("candidates", at, len(wanted))
        name = f"{model} at {precision} on {part}"
        try:
            one = case_for(case, part, model, precision)
            ready = prepare(one, profile)
            if ready.unhosted:
                raise InputError(ready.unhosted)
            place = placed(one, ready, background, paths=paths, seed=seed)
        except InputError as problem:
            out.append((name, str(problem)))
            continue
        found = evaluate(place, ONE_MODEL)
        api = found.of("api").mean
        if found.gate.reason:
            out.append((name, found.gate.reason))
            continue
        hosting = [m for m in found.ranking if found.plans[m.name].hosts]
        best = hosting[0]
        plan = found.plans[best.name]
        rate = place.machines[plan.machine].rate
        ranked.append(
            Candidate(
                part, model, precision, best.label, holding(found, best), best.mean, best.levelised_usd_per_mtok,
                found.options[best.name].choice["owned GPUs"], rate.output_tok_s_gpu, rate.method, rate.sd_log,
                found.gate.gap,
            )
        )  # fmt: skip
    if not ranked and not api:
        raise InputError(
            "nothing to compare", expected="a GPU, model and precision that can be ranked",
            got="; ".join(f"{name}: {why}" for name, why in out[:3]) or "none",
        )  # fmt: skip
    ranked.sort(key=lambda one: (one.mean, one.gpu, one.model, one.precision))
    return Shopping(tuple(ranked), api, tuple(out), profile.source.startswith("synthetic"))
