"""Every mechanism answers to its lever: in the right direction on 95 % of paths, visibly where it is at work."""

from __future__ import annotations

import pytest

from supercycle.core.errors import InputError
from supercycle.service.levers import FEWEST_SEEN, MOST_WRONG, levers
from supercycle.service.the_world import subject
from supercycle.world.levers import LEVERS


@pytest.fixture(scope="module")
def found() -> list[dict]:
    return levers(paths=512)


def test_every_block_with_a_behaviour_has_a_lever() -> None:
    """Books and returns of vintages only add up, noise has no direction (test_world_shocks.py); the rest moves."""
    blocks = set(subject().model.blocks) - {"books", "returns", "shocks"}
    assert blocks == {lever.block for lever in LEVERS}


def test_levers_move_what_they_must(found: list[dict]) -> None:
    wrong = [
        f"{one['output']} by {list(one['lever'])}: wrong on {one['wrong']:.3f}, seen on {one['seen']:.2f}"
        for one in found
        if not one["passed"]
    ]
    assert not wrong


def test_the_rule_itself_is_strict(found: list[dict]) -> None:
    """At most one path in twenty may go the wrong way, half must show; both ends of the range are really run."""
    assert (MOST_WRONG, FEWEST_SEEN) == (0.05, 0.5)
    for one in found:
        assert one["pairs"] > 200, one["output"]
        assert one["sign"] == 0 or one["wrong"] <= MOST_WRONG
        assert one["sign"] != 0 or one["right"] == 1.0, one["output"]
        if one["sign"]:
            assert one["before"] != one["after"] or one["at_work"] < 0.5, one["output"]


def test_a_lever_out_of_its_range_is_refused() -> None:
    from supercycle.engine.preset import value_of

    with pytest.raises(InputError, match="out of range"):
        value_of(subject().model.registry, "spend_share", 0.9, "lever")
