"""The tools: plain functions over the service, each answer bounded in size and with the sources it rests on.

A tool never simulates more than ``MOST_PATHS`` paths and never writes a file. A mistake in its arguments comes back
as a sentence an assistant can act on, with the nearest name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from supercycle import claims as claim_book
from supercycle import service
from supercycle.agent.bounded import bounded
from supercycle.core.errors import InputError
from supercycle.service import figures as figure_book
from supercycle.service.arguments import whole_argument

__all__ = [
    "TOOLS",
    "cite",
    "claims",
    "compare",
    "deal",
    "decide",
    "explain",
    "find_figures",
    "presets",
    "run",
]

MOST_PATHS = 4000
PATHS = 1000
FIRST_OUTPUTS = (
    "world_ai_capex_usd_bn", "five_firm_capex_usd_bn", "fleet_it_gw", "contract_price", "ai_revenue_run_rate",
    "required_user_cost", "ai_debt_usd_bn", "credit_loss_usd_bn", "busted",
)  # fmt: skip
LEVELS = ("q05", "q50", "q95")

Answer = dict[str, Any]


def presets() -> Answer:
    """Scenarios that come with the model: name, title, story and the questions each answers."""
    return bounded(
        {"presets": [{k: one[k] for k in ("name", "title", "story", "answers")} for one in service.presets()]}
    )


def run(
    preset: str = "base",
    settings: list[str] | None = None,
    outputs: list[str] | None = None,
    paths: int = PATHS,
    seed: int = 1,
    until: str | None = None,
    beyond: bool = False,
) -> Answer:
    """Simulate a scenario: the headline, and 5 %, 50 % and 95 % quantiles of outputs by year end.

    settings are texts such as "grid_lead_months=84" or "hurdle_base=12%". outputs are ids or labels; the main ones
    unless given. The answer names the rows of figures and the judgements that each output rests on.
    """
    result = service.run(
        preset, set=settings or [], paths=_paths(paths), seed=seed, until=until, beyond=beyond,
        outputs=None,
    )  # fmt: skip
    chosen = (
        [_id(name) for name in outputs] if outputs else [n for n in FIRST_OUTPUTS if n in result.run.outputs]
    )
    return bounded(
        {
            "headline": result.headline,
            "outputs": {name: _by_year(result[name]) for name in chosen},
            "sources": {name: _sources(name) for name in chosen[:3]},
            "reproduce": {"command": result.manifest["command"], "python": result.manifest["python"]},
            "model_hash": result.manifest["model_hash"],
            "note": "Quantiles over simulated paths; not a forecast of one future, and not advice.",
        }
    )


def compare(
    a: str, b: str, settings: list[str] | None = None, paths: int = PATHS, seed: int = 1, beyond: bool = False
) -> Answer:
    """Two scenarios on the same random numbers: what moves, paired path by path (B less A), by year end."""
    found = service.compare(a, b, set=settings or [], paths=_paths(paths), seed=seed, beyond=beyond).to_dict()
    outputs = {name: found["outputs"][name] for name in FIRST_OUTPUTS if name in found["outputs"]}
    return bounded(
        {
            "a": found["a"]["manifest"]["scenario"],
            "b": found["b"]["manifest"]["scenario"],
            "pairs": found["pairs"],
            "outputs": {
                name: {
                    "label": one["label"],
                    "unit": one["unit"],
                    "by_year": {
                        quarter: {
                            "a": one["a"]["q50"][i],
                            "b": one["b"]["q50"][i],
                            **{f"difference_{level}": one["difference"][level][i] for level in LEVELS},
                        }
                        for i, quarter in _year_ends(one["quarters"])
                    },
                }
                for name, one in outputs.items()
            },
            "sources": {name: _sources(name) for name in list(outputs)[:2]},
        }
    )


def explain(name: str) -> Answer:
    """An output's equation, inputs and evidence, or a parameter's range, source and use; ids and labels both work."""
    return bounded(service.explain(name))


def cite(id: str) -> Answer:
    """One row of the figures, one claim or one published range: value, source and its address, tier, rivals."""
    return bounded(figure_book.cite(id))


def find_figures(text: str) -> Answer:
    """Series of sourced figures whose name has the words, with their span; cite takes the ids of their rows."""
    return bounded(figure_book.list_series(match=text))


def claims(id: str | None = None, settings: list[str] | None = None) -> Answer:
    """Famous statements about the AI build-out with verdicts; with an id one in full and what it would take to hold."""
    if id is None:
        found = claim_book.list_claims()
        keep = ("id", "statement", "who", "published", "ours", "unit", "verdict")
        return bounded({**found, "claims": [{k: one[k] for k in keep} for one in found["claims"]]})
    return bounded(claim_book.describe(id, settings or []))


def deal(name: str, settings: list[str] | None = None) -> Answer:
    """One financing that comes with the model, on its base case: sizes, cover, returns, losses and what it rests on."""
    from supercycle.service import deal as deals

    known = [one["name"] for one in deals.examples_listed()]
    if name not in known:
        raise InputError(
            "only deals that come with the model can be asked for here", expected=", ".join(known), got=name
        )
    found = deals.deal(name, set=settings or [])
    return bounded({**found.to_dict(), "sources": found.sourced()})


def decide(text: str, settings: list[str] | None = None, paths: int = PATHS) -> Answer:
    """Own, lease, reserve or call an API, for the text of a decision file (YAML) that says whose load it is.

    text has the sections load (provider, model, users and requests_per_user_day or requests_per_day, input_tokens,
    output_tokens, cached_share, shape such as "9-18 mon-fri Europe/Zurich"), sla (tokens_per_s_user, ttft_p95_s) and
    model (open_weights, precision, accepted_quality_gap). "usage: example" in place of a load is nobody's traffic.
    settings are texts such as "workload.growth_per_year=0.5".
    """
    from supercycle.service.decide import decide_text

    return bounded(decide_text(text, set=settings or [], paths=_paths(paths)).to_dict())


def _paths(paths: int) -> int:
    return whole_argument("paths", paths, 1, MOST_PATHS)


def _id(name: str) -> str:
    return str(service.explain(name)["name"])


def _year_ends(quarters: Sequence[str]) -> list[tuple[int, str]]:
    return [(i, q) for i, q in enumerate(quarters) if q.endswith("Q4") or i in (0, len(quarters) - 1)]


def _by_year(output: Mapping[str, Any]) -> Answer:
    quarters = {q: {level: output[level][i] for level in LEVELS} for i, q in _year_ends(output["quarters"])}
    return {"label": output["label"], "unit": output["unit"], "by_year": quarters}


def _sources(name: str) -> Answer:
    rests = service.explain(name)["rests_on"]
    rows = [row for of_tier in rests["by_tier"].values() for row in of_tier]
    return {
        "rows": rests["rows"],
        "published_ranges": len(rests["priors"]),
        "judgements": len(rests["judgements"]),
        "first_rows": [{"id": row["id"], "citation": row["citation"]} for row in rows[:3]],
        "more": f"explain {name!r} lists them all; cite takes an id",
    }


TOOLS: dict[str, Callable[..., Answer]] = {
    "presets": presets,
    "run": run,
    "compare": compare,
    "explain": explain,
    "cite": cite,
    "find_figures": find_figures,
    "claims": claims,
    "deal": deal,
    "decide": decide,
}
