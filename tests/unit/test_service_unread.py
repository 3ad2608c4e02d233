"""A setting that no equation reads is refused wherever a reader can make one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import supercycle
from supercycle.core.errors import InputError
from supercycle.service.the_world import subject
from supercycle.service.unread import unread

IDLE = sorted(
    id for id in unread(subject()) if subject().model.registry[id].low < subject().model.registry[id].high
)
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
def test_a_setting_that_changes_nothing_is_refused(door: int) -> None:
    assert IDLE, "every parameter is read: this test has nothing to ask"
    given = {IDLE[0]: subject().model.registry[IDLE[0]].default}
    with pytest.raises(InputError, match=f"{IDLE[0]} is read by no equation"):
        DOORS[door](given)


def test_what_is_unread_moves_no_equation() -> None:
    """By its name in every equation's arguments, the openings' and the test's included."""
    world = subject()
    read = {name for v in world.model.variables.values() for name in (*v.args, *v.opening_args, *v.bracket)}
    assert not unread(world) & read
