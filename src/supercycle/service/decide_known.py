"""The commented decision file, and what its main fields may be."""

from __future__ import annotations

from typing import Any

from supercycle.decisions.inputs.hardware import GPUS
from supercycle.decisions.inputs.quotes import electricity, electricity_regions
from supercycle.decisions.inputs.template import template
from supercycle.decisions.inputs.weights import models

__all__ = ["known"]


def known() -> dict[str, Any]:
    """Template, models, chips, and regions with their power prices in USD per kWh."""
    regions = {name: electricity(name) for name in electricity_regions()}
    return {
        "decide": template(),
        "models": list(models()),
        "gpus": list(GPUS),
        "regions": [
            {"name": name, "usd_per_kwh": one.value, "source": one.source} for name, one in regions.items()
        ],
    }
