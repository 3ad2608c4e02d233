"""Alerts of budgets as JSON to one configured address: marks passed, a burn rate, a budget that was closed.

Alerts are in the ledger whether or not the address answers. A post is tried three times; what is lost is logged.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Any, Final

from supercycle.gateway.door.context import Context
from supercycle.gateway.ledger.entries import Alert
from supercycle.gateway.prices.money import usd_text

__all__ = ["message_of_alert", "post_alerts"]

_LOG = logging.getLogger("supercycle.gateway")
_TRIES: Final = 3
_PAUSE_S: Final = 1.0  # before the second try; doubles
_TIMEOUT_S: Final = 10.0


def message_of_alert(alert: Alert) -> Mapping[str, Any]:
    """What is posted: a sentence in ``text`` (as chat services read it), and the numbers.

    >>> alert = Alert("project:p", "month", 0, "share", 0.8, 8 * 10**11, 10**12, 0)
    >>> message_of_alert(alert)["text"]
    'project:p has spent 80 % of its budget of 1 USD (month)'
    """
    limit = usd_text(alert.limit_pico)
    if alert.kind == "share":
        text = f"{alert.account} has spent {alert.mark:.0%} of its budget of {limit} USD ({alert.window})"
        text = text.replace("%", " %")
    elif alert.kind == "burn":
        pace = f"{alert.mark:g} times the even pace"
        text = f"{alert.account} spends at {pace} of its {alert.window} budget of {limit} USD"
    else:
        text = f"the budget of {alert.account} ({alert.window}) is closed: {alert.extra.get('why', '')}"
    return {
        "text": text,
        "account": alert.account,
        "period": alert.window,
        "kind": alert.kind,
        "mark": alert.mark,
        "spent_usd": usd_text(alert.spent_pico),
        "limit_usd": limit,
        "at_us": alert.at_us,
    }


async def post_alerts(context: Context, address: str) -> None:
    """Post every alert from now on, until cancelled."""
    import aiohttp

    timeout = aiohttp.ClientTimeout(total=_TIMEOUT_S)
    async with aiohttp.ClientSession(timeout=timeout, trust_env=False) as session:
        async for event in context.ledger.events():
            if isinstance(event, Alert):
                await _post(session, address, message_of_alert(event))


async def _post(session: Any, address: str, message: Mapping[str, Any]) -> None:
    import aiohttp

    reason = ""
    for turn in range(_TRIES):
        try:
            async with session.post(address, json=message, allow_redirects=False) as response:
                if response.status < 300:
                    return
                reason = f"answered {response.status}"
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            reason = type(error).__name__
        if turn + 1 < _TRIES:
            await asyncio.sleep(_PAUSE_S * 2**turn)
    _LOG.error("an alert was not posted (%s): %s", reason, message["text"])
