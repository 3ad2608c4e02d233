"""`kill -9` at random moments: nothing upstream saw is missing, nothing stays reserved, the books balance."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest

TRIALS = 5  # of each kind on each database, 20 in all; `make soak` runs 200 on each database


@pytest.mark.parametrize("kind", ["child", "server"])
def test_killed_at_any_moment_the_ledger_is_right(place: Any, crash: Any, kind: str) -> None:
    async def go() -> None:
        rng = random.Random(20261121)
        seen = orphaned = 0
        for _ in range(TRIALS):
            calls, cut_off = await crash.trial(place, rng, kind)
            seen += calls
            orphaned += cut_off
        # The trial is worth something only if kills hit calls that were under way.
        assert seen > 10 * TRIALS
        assert orphaned > TRIALS

    asyncio.run(go())
