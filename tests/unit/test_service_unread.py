"""A setting that no equation reads is refused wherever a reader can make one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import supercycle
from supercycle.core.errors import InputError
from supercycle.equations import Block
from supercycle.service.the_world import subject
from supercycle.service.unread import unread

SETTING = "grid_lead_months"
DOORS: tuple[Callable[[dict[str, float]], Any], ...] = (
    lambda given: supercycle.run(set=given, paths=8, until="2026Q4"),
    lambda given: supercycle.compare("base", "power-wall", set=given, paths=8, until="2026Q4"),
    lambda given: supercycle.stress(["demand-miss"], set=given, paths=8),
    lambda given: supercycle.sensitivity("fleet_it_gw", set=given, paths=200),
    lambda given: supercycle.discover("busted", set=given, paths=200),
    lambda given: supercycle.sweep(
        {"schema": "supercycle.sweep/1", "grid": {next(iter(given)): list(given.values())}}
    ),
)


@pytest.mark.parametrize("door", range(len(DOORS)))
def test_every_door_asks_whether_a_setting_is_read(door: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The shipped world reads all its parameters, so one is called unread here."""
    monkeypatch.setattr("supercycle.service.unread.unread", lambda world: frozenset({SETTING}))
    given = {SETTING: subject().model.registry[SETTING].default}
    with pytest.raises(InputError, match=f"{SETTING} is read by no equation"):
        DOORS[door](given)


def test_an_idle_parameter_of_a_world_of_ones_own_is_refused() -> None:
    block = Block("idle", "Idle", "A parameter that nothing reads.")
    block.param("idle", "Idle", "1", 0.2, 0.0, 0.5, "uniform", "nothing", reason="an example")
    world = supercycle.the_world().with_block(block)
    with pytest.raises(InputError, match="idle is read by no equation"):
        supercycle.run(model=world, set={"idle": 0.3}, paths=8, until="2026Q4", kernel="numpy")


def test_the_shipped_world_reads_every_parameter_that_can_be_set() -> None:
    registry = subject().model.registry
    assert [id for id in unread(subject()) if registry[id].low < registry[id].high] == []


def test_what_is_unread_moves_no_equation() -> None:
    """By its name in every equation's arguments, the openings' and the test's included."""
    world = subject()
    read = {name for v in world.model.variables.values() for name in (*v.args, *v.opening_args, *v.bracket)}
    assert not unread(world) & read
