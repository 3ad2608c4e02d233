"""The same case with another GPU, model or precision: what was given for the stated ones stays with them."""

from __future__ import annotations

from collections.abc import Mapping

from supercycle.decisions.inputs.case import Case, build
from supercycle.decisions.inputs.hosts import NO_HOST

__all__ = ["case_for"]

_OF_THE_GPU = (
    "rental.on_demand_usd_per_gpu_hour", "rental.spot_usd_per_gpu_hour", "rental.reserved_1y_usd_per_gpu_hour",
    "rental.reserved_3y_usd_per_gpu_hour", "rental.block_usd_per_gpu_hour", "hardware.capital_usd_per_gpu",
    "hardware.server_kw", "hardware.gpus_per_server",
)  # fmt: skip
_OF_THE_MODEL = ("model.quality_gap", "model.rework_share", "model.output_ratio", "api.host")


def case_for(
    case: Case,
    part: str,
    model: str,
    precision: str,
    source: str = "candidate",
    prices: Mapping[str, float] | None = None,
) -> Case:
    """The same case with another GPU, model and precision; what was given for the stated ones stays with them."""
    dropped: set[str] = {"hardware.gpu", "model.open_weights", "model.precision"}
    if part != case.word("hardware.gpu"):
        dropped |= {*_OF_THE_GPU}
    if model != case.word("model.open_weights"):
        dropped |= {*_OF_THE_MODEL}
    if (part, model, precision) != tuple(
        case.word(p) for p in ("hardware.gpu", "model.open_weights", "model.precision")
    ):
        dropped |= {path for path in case.ledger if path.startswith("performance.") and "share" not in path}
    if case.optional_word("api.host") == NO_HOST:
        dropped.discard("api.host")  # work that may not leave may not leave with another model either
    given: dict[str, tuple[float | str, str]] = {
        path: (line.value, line.source)
        for path, line in case.ledger.items()
        if line.given and line.value is not None and path not in dropped
    }
    given |= {
        "hardware.gpu": (part, source),
        "model.open_weights": (model, source),
        "model.precision": (precision, source),
        **{path: (value, source) for path, value in (prices or {}).items()},
    }
    return build(
        given, title=case.title, start=case.start, horizon_months=case.horizon_months, today=case.today,
        own_gpu=case.own_gpu, own_model=case.own_model,
    )  # fmt: skip
