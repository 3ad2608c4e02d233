"""Own GPUs for a replay, from a YAML file."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

from supercycle.core.errors import InputError
from supercycle.core.ownership import Ownership
from supercycle.gateway.config.yaml_lines import read_yaml
from supercycle.gateway.reports.replay import OwnRack

__all__ = ["rack_of", "read_rack"]


def read_rack(file: Path) -> OwnRack:
    """Read own GPUs: gpus, weighted_per_gpu_hour, perhaps models, weights, and fields of `core.ownership.Ownership`.

    Raises InputError with file and line.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("cannot read own GPUs", where=file, got=error) from None
    return rack_of(text, file.name)


def rack_of(text: str, file: str = "rack.yaml") -> OwnRack:
    """Own GPUs from text.

    >>> rack_of("{gpus: 8, weighted_per_gpu_hour: 5.0e6, models: [small], capital_usd: 30000}").gpus
    8
    """
    root = read_yaml(text, file)
    hardware: dict[str, float] = {}
    for field in fields(Ownership):
        found = root.item(field.name)
        if found is not None:
            hardware[field.name] = found.as_(float, field.name)
    weights: dict[str, Any] = {}
    for name in ("output_weight", "cached_weight"):
        found = root.item(name)
        if found is not None:
            weights[name] = found.as_(float, name)
    gpus = root.take("gpus", int)
    capacity = root.take("weighted_per_gpu_hour", float)
    models = root.words("models")
    root.done()
    try:
        return OwnRack(Ownership(**hardware), gpus, capacity, models, **weights)
    except InputError as error:
        raise InputError(error.message, where=file, expected=error.expected, got=error.got) from None
