"""What runs behind the requests: notes of how far streams have come, and the router's memory in the ledger."""

from __future__ import annotations

import asyncio
import logging
from typing import Any, Final

import orjson

from supercycle.core.errors import SupercycleError
from supercycle.gateway.door.context import Context
from supercycle.gateway.ledger.entries import now_us

__all__ = ["keep_noting", "restore_router", "save_router"]

_LOG = logging.getLogger("supercycle.gateway")
# How often a stream's progress is noted, which is what a crash leaves unknown of it; and the router's memory.
NOTE_S: Final = 0.25
SAVE_S: Final = 60.0
_ROUTER: Final = "router"


async def keep_noting(context: Context) -> None:
    """Note progress and save the router's memory until cancelled."""
    saved = context.clock()
    while True:
        await asyncio.sleep(NOTE_S)
        if context.streams:
            context.note_progress()
        if context.clock() - saved >= SAVE_S:
            saved = context.clock()
            await save_router(context)


async def save_router(context: Context) -> None:
    """Put what the router has learnt into the ledger's settings; without it the next process learns anew."""
    state = orjson.dumps(context.router.saved()).decode()
    try:
        await context.ledger.put_setting(_ROUTER, state)
    except SupercycleError as error:
        _LOG.warning("the router's memory was not saved: %s", error)


async def restore_router(context: Context) -> None:
    """Take up what the last process had learnt, as much older as it was away."""
    row = await context.ledger.setting(_ROUTER)
    if row is None:
        return
    try:
        state: Any = orjson.loads(row["value"])
        context.router.restore(state, max(0.0, (now_us() - row["updated_us"]) / 1e6))
    except (ValueError, TypeError, AttributeError) as error:
        _LOG.warning("the router's memory cannot be read and is left out: %s", error)
