"""Responses that are fetched later: which provider made them and for whom, and background jobs until they are booked.

A background job answers at once and works on. Its attempt stays open with its reserve until the job is over; the
gateway asks the provider itself, so the call is booked whether or not the client ever comes back. If the process dies
first, the attempt is orphaned and its reserve held, like any other.
"""

# The JSON of other people's dialects has no types.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false, reportUnknownMemberType=false
from __future__ import annotations

import asyncio
import logging
import re
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from supercycle.gateway.door.exchange import Exchange
from supercycle.gateway.door.problem import Problem
from supercycle.gateway.door.responses import decoded, facts_of, passed_on, plain_body, read_response
from supercycle.gateway.door.upstream import Failure, redacted
from supercycle.gateway.routes.providers import Provider

__all__ = ["Responses", "follow", "is_background", "retrieve"]

_LOG = logging.getLogger("supercycle.gateway")
_REMEMBERED: Final = 20_000
_RUNNING: Final = frozenset({"queued", "in_progress"})
# How often a job is asked after: from one second on, each time half as long again, at most every half minute; and for
# how long. Judgements: a job of minutes is booked within its last third.
FIRST_S: Final = 1.0
LONGEST_S: Final = 30.0
GIVE_UP_S: Final = 6 * 3600.0
_PATH: Final = re.compile(r"/v1/responses/([A-Za-z0-9_-]{1,128})(/cancel)?")


class _Made(NamedTuple):
    key_id: str
    provider: Provider


class Responses:
    """Who made which Response, for whom: the newest 20,000, in memory."""

    def __init__(self) -> None:
        self._made: OrderedDict[str, _Made] = OrderedDict()

    def note(self, response_id: object, key_id: str, provider: Provider) -> None:
        """A provider made this Response for a key."""
        if isinstance(response_id, str) and response_id:
            self._made[response_id] = _Made(key_id, provider)
            if len(self._made) > _REMEMBERED:
                self._made.popitem(last=False)

    def provider_of(self, response_id: str, key_id: str) -> Provider | None:
        """Where it is; None for one that is unknown or another key's, which the caller cannot tell apart."""
        made = self._made.get(response_id)
        return made.provider if made is not None and made.key_id == key_id else None


def is_background(answer: Mapping[str, Any] | None, fields: Mapping[str, Any]) -> bool:
    """Whether an answer is a job that still runs.

    >>> is_background({"status": "queued"}, {"background": True}), is_background({"status": "completed"}, {})
    (True, False)
    """
    return answer is not None and answer.get("status") in _RUNNING and bool(fields.get("background"))


async def follow(context: Any, booking: Any, provider: Provider, response_id: str) -> None:
    """Ask after a job until it is over, then book it."""
    pause, waited = FIRST_S, 0.0
    while waited < GIVE_UP_S:
        await asyncio.sleep(pause)
        waited += pause
        pause = min(pause * 1.5, LONGEST_S)
        try:
            response = await context.upstream.fetch(provider, "GET", f"/responses/{response_id}")
            raw = await read_response(response, context.config.bounds.answer_bytes)
        except Failure as failure:
            _LOG.warning("background job %s: %s", response_id, failure.reason)
            continue
        answer = decoded(
            plain_body(response, raw or b"", context.config.bounds.answer_bytes), "openai.responses"
        )
        if response.status == 404:
            break  # the provider keeps it no longer
        if response.status >= 300 or answer is None or answer.get("status") in _RUNNING:
            continue
        booking.facts += facts_of(response.headers)
        booking.tally.feed(answer)
        usage = booking.tally.usage()
        booking.settle("settled" if usage else "estimated", usage or booking.estimate(), response.status)
        return
    # Nobody knows what it cost: what is known is charged, the rest of its reserve is held.
    booking.unknown("a background job whose end was not seen")


async def retrieve(context: Any, x: Exchange, path: str, method: str) -> bool:
    """Answer ``GET /v1/responses/ID`` and ``POST /v1/responses/ID/cancel``; False when the path is neither."""
    match = _PATH.fullmatch(path)
    if match is None or (method, bool(match[2])) not in (("GET", False), ("POST", True)):
        return False
    provider = context.responses.provider_of(match[1], x.principal.key_id)
    if provider is None:
        raise Problem(404, f"no response {match[1]!r} of this key; ids are kept in memory", "not_found")
    try:
        response = await context.upstream.fetch(provider, method, path.removeprefix("/v1"))
        raw = await read_response(response, context.config.bounds.answer_bytes)
    except Failure as failure:
        raise Problem(502, f"{provider.name}: {failure.reason}", "upstream_error") from None
    body = redacted(
        plain_body(response, raw or b"", context.config.bounds.answer_bytes),
        context.upstream.secret(provider),
    )
    headers = [h for h in passed_on(response.headers) if h[0] != b"content-encoding"]
    await x.whole(response.status, headers, body)
    return True
