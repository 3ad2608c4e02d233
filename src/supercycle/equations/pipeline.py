"""Erlang pipelines: what enters leaves after a mean delay, by stages that each pass on a share of their content."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from supercycle.equations.functions import total
from supercycle.equations.variable import Axis, member_key
from supercycle.equations.written import Function

if TYPE_CHECKING:
    from supercycle.equations.block import Block, Opening

__all__ = ["declare"]


def content(content_prev: Any, content_left_prev: Any, inflow: Any, lead: Any, is_first: Any, stages: Any,
            one_quarter: Any) -> Any:
    """What is in a stage: it passes on stages / lead of what it held and takes what the stage before passes on."""
    return (content_prev - content_prev * (stages / lead) * one_quarter + content_left_prev * (stages / lead) * one_quarter
            + is_first * inflow * one_quarter)


def held_content(content_prev: Any, content_left_prev: Any, inflow: Any, lead: Any, is_first: Any, stages: Any,
                 one_quarter: Any, hold: Any) -> Any:
    """The same, with a share of what is passed on held back."""
    return (content_prev - content_prev * (stages / lead) * (1 - hold) * one_quarter
            + content_left_prev * (stages / lead) * (1 - hold) * one_quarter + is_first * inflow * one_quarter)


def due(last_prev: Any, lead: Any, stages: Any) -> Any:
    """What the last stage passes on."""
    return last_prev * (stages / lead)


def held_due(last_prev: Any, lead: Any, stages: Any, hold: Any) -> Any:
    """What the last stage passes on, less the share held back."""
    return last_prev * (stages / lead) * (1 - hold)


def declare(block: Block, name: str, *, inflow: str, lead: str, unit: str, flow_unit: str, stages: int, meaning: str,
            opening: Opening, hold: str, axis: Axis | None, reads: Mapping[str, str], source: str, mechanism: str) -> None:
    """Declare the pipeline of ``Block.pipeline``."""
    stage = Axis(f"{name}_stage", tuple(f"stage {i + 1}" for i in range(stages)))
    block.count(f"{name}_stages", stage, f"number of stages of {name}")
    names = {"content": name, "inflow": inflow, "lead": lead, "stages": f"{name}_stages",
             "last": f"{name}__{member_key(stage.members[-1])}"} | ({"hold": hold} if hold else {})
    stock: Function = held_content if hold else content
    out: Function = held_due if hold else due
    only = {k: names[k] for k in ("content", "inflow", "lead", "stages", *(["hold"] if hold else []))}
    block.equation(unit, axis=stage if axis is None else (axis, stage), opening=opening, name=name, meaning=meaning,
                   reads=only | dict(reads), source=source, mechanism=mechanism)(stock)
    only = {k: names[k] for k in ("last", "lead", "stages", *(["hold"] if hold else []))}
    block.equation(flow_unit, axis=axis, name=f"{name}_due", meaning=f"outflow of: {meaning}", reads=only, source=source, mechanism=mechanism)(out)
    if axis is None:
        block.total(f"{name}_total", of=name, unit=unit, meaning=f"all stages of: {meaning}", opening=True)
    else:
        def in_all_stages(content: Any) -> Any:
            """The content of all stages."""
            return total(content, over=stage)

        block.equation(unit, axis=axis, name=f"{name}_total", meaning=f"all stages of: {meaning}", opening=in_all_stages,
                       reads={"content": name}, mechanism="identity: a sum over stages")(in_all_stages)
