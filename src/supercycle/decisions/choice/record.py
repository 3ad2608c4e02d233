"""A decision as plain data: what ``supercycle decide run --json`` prints; numbers are finite or null with a reason
beside.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from supercycle.decisions.choice.breakeven import hired_today
from supercycle.decisions.choice.evaluate import Evaluated
from supercycle.decisions.choice.forward import forward
from supercycle.decisions.choice.sentence import holding, load_words, tiers
from supercycle.decisions.inputs.case import Case
from supercycle.decisions.inputs.quotes import ApiPrice
from supercycle.decisions.money.costs import LABELS
from supercycle.decisions.money.statements import Statements

if TYPE_CHECKING:
    from supercycle.decisions.choice.decision import Decision

__all__ = ["SCHEMA", "ledger", "record"]

SCHEMA = "supercycle.decide/2"


def record(decision: Decision) -> dict[str, Any]:
    """Everything about a decision, ready for JSON."""
    case, place, found = decision.case, decision.place, decision.found
    load, best = place.load, found.best_plan
    machine = place.machines[best.machine]
    rate, waits = machine.rate, decision.waiting
    hourly = (
        np.quantile(machine.shape.load, np.linspace(1.0, 0.0, 101), method="inverted_cdf") * machine.mean_busy
    )
    steps = machine.tables.ladder
    curve = (steps.rungs[steps.needed(hourly)] * rate.gpus_per_replica).astype(np.float64)
    return _finite(
        {
            "schema": SCHEMA,
            "headline": decision.headline,
            "title": case.title,
            "case": {
                "start": case.start,
                "horizon_months": case.horizon_months,
                "today": case.today.isoformat(),
                "background": decision.background,
                "paths": place.frame.paths.paths,
            },
            "load": {
                "words": load_words(place),
                "source": load.source or "given in Python",
                "example": load.example,
                "hours": load.hours,
                "missing_hours": load.missing_hours,
                "requests_per_hour": load.requests / load.hours,
                "mtok_per_month": load.mtok_per_month,
                "cached_share_of_prompts": load.cached_share,
                "uncached_tokens_per_request": load.isl,
                "output_tokens_per_request": load.osl,
                "api_usd_per_month": load.api_usd_per_month,
                "models": [{"provider": p, "model": m, "share_of_cost": s} for p, m, s in load.models],
                "prices": [
                    _price(one)
                    for one in (*load.prices, *((place.ready.open_price,) if place.ready.open_price else ()))
                ],
                "requests_per_month": load.requests_per_month,
                "peak_over_mean": machine.shape.peak,
            },
            "throughput": {
                **asdict(rate),
                "model": case.word("model.open_weights"),
                "gpu": place.ready.part.name,
                "promise": f"{case.number('sla.tokens_per_s_user'):g} tokens/s to each user, first token within "
                f"{case.number('sla.ttft_p95_s'):g} s (95th percentile)",
                "busy_gpus": machine.mean_busy,
                "gpus_at_the_peak": float(curve[0]),
                "hired_gpus": hired_today(place, machine),
                "usd_per_mtok_basis": "all tokens: prompts with caches and answers",
            },
            "ranking": _ranking(found),
            "break_even": _break_even(decision),
            "quality": {
                "gap": found.gate.gap,
                "accepted": found.gate.accepted,
                "source": found.gate.source,
                "barred": found.gate.reason,
                "words": found.gate.note,
            },
            "plan": {
                "words": holding(found, found.best),
                "is_mix": found.best.name == "mix",
                "top": LABELS[best.top],
                "heights": {
                    "own": best.own,
                    "three_years": best.three_years,
                    "one_year": best.one_year,
                    "blocks": best.blocks,
                    "savings": best.savings,
                    "savings_years": best.savings_years,
                },
                **found.options[found.best.name].choice,
                "by_year": [
                    {"year": y + 1, "owned_or_reserved_gpus": float(v)}
                    for y, v in enumerate(found.options[found.best.name].gpus.mean(axis=1))
                ],
                "load_duration_gpus": curve.tolist(),
            },
            "routed": _routed(found),
            "two_kinds": _kinds(found),
            "act_or_wait": None
            if waits is None
            else {
                "flexible": tiers(waits.flexible),
                "buying": tiers(waits.buying),
                "verdict": waits.verdict,
                "act_now": asdict(waits.act_now),
                "rule": asdict(waits.rule),
                "upper_bound": asdict(waits.upper),
                "regret_usd": waits.regret,
                "never_share": waits.never_share,
                "boundary": [asdict(one) for one in waits.boundary],
            },
            "leasing": asdict(decision.leasing),
            "flips": [
                {
                    "lever": f.lever.label,
                    "input": f.lever.name,
                    "unit": f.lever.unit,
                    "now": f.lever.now,
                    "low": f.lever.low,
                    "high": f.lever.high,
                    "flips_at": f.value,
                    "from": LABELS[f.best],
                    "to": None if f.becomes is None else LABELS[f.becomes],
                    "residual": f.residual,
                    "status": f.status,
                }
                for f in decision.flips
            ],
            "tornado": [
                {
                    "lever": b.lever.label,
                    "input": b.lever.name,
                    "low": b.lever.low,
                    "high": b.lever.high,
                    "saving_at_low_usd": b.at_low,
                    "saving_at_high_usd": b.at_high,
                    "best_at_low": LABELS[b.best_at_low],
                    "best_at_high": LABELS[b.best_at_high],
                }
                for b in decision.tornado
            ],
            "evidence": _evidence(decision),
            "map": None
            if decision.map is None
            else {
                "across": decision.map.across.label,
                "down": decision.map.down.label,
                "columns": list(decision.map.columns),
                "rows": list(decision.map.rows),
                "best": [[LABELS[name] for name in row] for row in decision.map.best],
            },
            "worlds": [
                {"name": decision.background, "because": "", "ranking": _ranking(found)},
                *(
                    {
                        "name": w.name,
                        "because": w.because,
                        "rent_log": w.rent,
                        "api_log": w.api,
                        "efficiency_log": w.efficiency,
                        "resale_log": w.resale,
                        "ranking": _ranking(w.found),
                    }
                    for w in decision.worlds
                ),
            ],
            "forward": {name: values.tolist() for name, values in forward(place).items()},
            "statements": {name: _in_usd(made) for name, made in decision.statements.items()},
            "assumptions": ledger(case),
            "notes": list(decision.notes),
        }
    )


def _break_even(decision: Decision) -> dict[str, Any] | None:
    even = decision.break_even
    if even is None:
        return None
    return {
        "measured_use": even.measured,
        "gpus": even.gpus,
        "own_gpu_hour_usd": {
            **asdict(even.hour),
            "total_usd": even.hour.total_usd,
        },
        "rivals": [
            {
                "rival": name,
                "usd_per_gpu_hour_of_work": usd,
                "usd_per_mtok": mtok,
                "break_even_use": use,
                "status": _never(use),
            }
            for name, usd, mtok, use in even.rivals
        ],
        "curve": [{"use": u, "usd_per_mtok": v} for u, v in even.curve],
    }


def ledger(case: Case) -> list[dict[str, Any]]:
    """Every input with value, unit, origin, date, evidence and staleness."""
    return [
        {**asdict(line), "day": None if line.day is None else line.day.isoformat()}
        for line in case.ledger.values()
    ]


def _evidence(decision: Decision) -> dict[str, Any] | None:
    """Which evidence carries the spread of the saving: squared width of each tornado bar over their sum, by kind.

    An input that the user stated counts as given. None without a tornado.
    """
    if not decision.tornado:
        return None
    widths = {bar.lever.name: (bar.at_high - bar.at_low) ** 2 for bar in decision.tornado}
    total = sum(widths.values()) or 1.0
    kinds: dict[str, float] = {}
    for path, width in widths.items():
        kind = decision.case.ledger[path].evidence
        kinds[kind] = kinds.get(kind, 0.0) + width / total
    return {"shares": kinds, "inputs": {path: width / total for path, width in widths.items()}}


def _ranking(found: Evaluated) -> list[dict[str, Any]]:
    return [{**asdict(one), "choice": found.options[one.name].choice} for one in found.ranking]


def _routed(found: Evaluated) -> dict[str, Any] | None:
    """The two fleets of routing; None where nothing is routed."""
    pair = found.routed
    if pair is None:
        return None
    small = pair.small
    rate = small.machines[pair.small_plan.machine].rate
    return {
        "easy_share": pair.easy_share,
        "pass_rate": pair.pass_rate,
        "small_model": small.case.word("model.open_weights"),
        "small_gpu": small.ready.part.name,
        "small_plan": tiers(pair.small_plan),
        "hard_plan": tiers(pair.plan),
        "small_throughput": asdict(rate),
        "choice": pair.costs.choice,
    }


def _kinds(found: Evaluated) -> dict[str, Any] | None:
    """The two fleets of two kinds of GPU; None where no second kind is stated."""
    two = found.kinds
    if two is None:
        return None
    return {
        "cut": two.cut,
        "below": two.below,
        "first_gpu": None if two.first is None else two.first.ready.part.name,
        "second_gpu": two.second.ready.part.name,
        "first_plan": None if two.first is None else tiers(two.plan),
        "second_plan": tiers(two.second_plan),
        "second_throughput": asdict(two.second.machines[two.second_plan.machine].rate),
        "choice": two.costs.choice,
    }


def _price(price: ApiPrice) -> dict[str, Any]:
    return {**asdict(price), "day": None if price.day is None else price.day.isoformat()}


def _never(use: float) -> str:
    if math.isinf(use):
        return "never: running alone costs more"
    return "never: above 1" if use > 1 else "reached above this use"


def _in_usd(made: Statements) -> dict[str, Any]:
    def usd(rows: Mapping[str, list[int]]) -> dict[str, list[float]]:
        return {name: [cents / 100 for cents in row] for name, row in rows.items()}

    return {
        "cash": usd(made.cash),
        "profit": usd(made.profit),
        "balance": usd(made.balance),
        "kpis": made.kpis,
    }


def _finite(value: Any) -> Any:
    """The same with null for what is not finite."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(inner) for key, inner in value.items()}  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, list | tuple):
        return [_finite(inner) for inner in value]  # pyright: ignore[reportUnknownVariableType]
    return value
