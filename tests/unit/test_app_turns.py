"""Four tabs in one line: a lever first, then each tab in turn; long work steps aside; the end cancels what waits."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from typing import Any

from supercycle.app.turns import Turns


def held(turns: Turns) -> threading.Event:
    """The thread is busy until the event is set, so that what comes after waits in line."""
    gate = threading.Event()
    turns.submit("gate", gate.wait, urgent=False)
    return gate


def test_each_tab_in_its_turn() -> None:
    turns, order = Turns("t"), list[str]()
    gate = held(turns)
    waiting: list[Future[Any]] = [
        turns.submit(tab, lambda one=f"{tab}{n}": order.append(one), urgent=False)
        for tab, count in (("a", 6), ("b", 1), ("c", 1), ("d", 1))
        for n in range(count)
    ]
    gate.set()
    for one in waiting:
        one.result(10)
    turns.shutdown()
    assert order[:4] == ["a0", "b0", "c0", "d0"]
    assert order[4:] == ["a1", "a2", "a3", "a4", "a5"]


def test_a_lever_goes_first_and_inside_of_long_work() -> None:
    turns, order = Turns("t"), list[str]()
    begun, asked = threading.Event(), threading.Event()

    def long() -> None:
        for piece in range(3):
            order.append(f"piece {piece}")
            begun.set()
            assert asked.wait(10)
            turns.step_aside()

    whole = turns.submit("a", long, urgent=False)
    after = turns.submit("a", lambda: order.append("next"), urgent=False)
    assert begun.wait(10)
    lever = turns.submit("b", lambda: order.append("lever"), urgent=True)
    asked.set()
    for one in (whole, lever, after):
        one.result(10)
    turns.shutdown()
    assert order == ["piece 0", "lever", "piece 1", "piece 2", "next"]


def test_an_error_is_the_asker_s_and_the_line_goes_on() -> None:
    turns = Turns("t")

    def wrong() -> None:
        raise ValueError("one")

    assert isinstance(turns.submit("a", wrong, urgent=True).exception(10), ValueError)
    assert turns.submit("a", lambda: 2, urgent=False).result(10) == 2
    gate = held(turns)
    left = turns.submit("a", lambda: 3, urgent=False)
    turns.shutdown()
    gate.set()
    assert left.cancelled()
