"""The routes of batches: every line is bounded and reserved before the provider gets any, and settled on its output.

A batch costs what the book says of its tier ``batch``; a line whose model has no such price is refused on a path with a
budget. The reserve is that of the dearer of that tier and the standard one.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, Final

import orjson

from supercycle.gateway.door.context import Context
from supercycle.gateway.door.exchange import Exchange, read_body
from supercycle.gateway.door.memory import Held
from supercycle.gateway.door.problem import Problem, of_refusal
from supercycle.gateway.door.shelf import Shelf
from supercycle.gateway.door.stored.files import found_file
from supercycle.gateway.door.stored.follow import RUNNING, follow_batch, job, never_began
from supercycle.gateway.door.stored.lines import ENDPOINTS, Line, lines_of
from supercycle.gateway.door.stored.manifest import Row, append, manifest_of
from supercycle.gateway.door.upstream import Failure
from supercycle.gateway.ledger.entries import Ask, Attempt, Begin, Refused, new_request_id
from supercycle.gateway.prices.bounds import Bound, Capacity, reserve_of
from supercycle.gateway.routes.providers import ModelEntry, Provider

__all__ = ["answer_batches"]

_PATH: Final = re.compile(r"/v1/batches(?:/([A-Za-z0-9_-]{1,128})(/cancel)?)?")
_JSON: Final = ((b"content-type", b"application/json"),)
_AT_ONCE: Final = 256  # lines booked in one go: they share a commit
_BODY: Final = 64 * 1024
EntryOf = Callable[[str], ModelEntry | None]


async def answer_batches(context: Context, shelf: Shelf, x: Exchange, method: str, entry_of: EntryOf) -> bool:
    """Answer a route of batches; False when the path is none. Raises Problem."""
    match = _PATH.fullmatch(x.route)
    if match is None:
        return False
    batch_id, cancel = match[1], bool(match[2])
    if batch_id is None and method == "POST":
        shown = await _create(context, shelf, x, entry_of)
    elif batch_id is None and method == "GET":
        listed = shelf.of(x.principal.key_id, "batch")
        shown = {"object": "list", "data": listed, "has_more": False}
    elif batch_id is not None and (method, cancel) in (("GET", False), ("POST", True)):
        held = shelf.get(batch_id, x.principal.key_id)
        if held is None or held["object"]["object"] != "batch":
            raise Problem(404, f"no batch {batch_id!r} of this key", "not_found")
        shown = await _cancel(context, shelf, held) if cancel else held["object"]
    else:
        return False
    await x.whole(200, list(_JSON), orjson.dumps(shown))
    return True


async def _create(context: Context, shelf: Shelf, x: Exchange, entry_of: EntryOf) -> dict[str, Any]:
    """Reserve, then send; what each step leaves on disk is enough for the next process to end it (`follow.py`)."""
    x.memory = Held(context.bodies, x.principal.key_id)
    raw = await read_body(x.receive, _BODY, x.headers.get(b"content-length"), x.memory)
    try:
        asked: Any = orjson.loads(raw)
        endpoint, file_id = str(asked["endpoint"]), str(asked["input_file_id"])
    except (orjson.JSONDecodeError, KeyError, TypeError):
        raise Problem(400, "expected an object with input_file_id and endpoint", "invalid_request") from None
    if endpoint not in ENDPOINTS:
        raise Problem(
            400, f"endpoint: expected one of {', '.join(ENDPOINTS)}, got {endpoint[:80]!r}", "bad_endpoint"
        )
    found_file(shelf, file_id, x.principal.key_id)
    batch_id, key_id = shelf.new_id("batch"), x.principal.key_id
    window = str(asked.get("completion_window") or "24h")
    shown: dict[str, Any] = {
        "id": batch_id,
        "object": "batch",
        "endpoint": endpoint,
        "errors": None,
        "input_file_id": file_id,
        "completion_window": window,
        "status": "validating",
        "output_file_id": None,
        "error_file_id": None,
        "created_at": x.received_us // 10**6,
        "request_counts": {"total": 0, "completed": 0, "failed": 0},
        "metadata": asked.get("metadata"),
    }
    shelf.put(key_id, shown, stage="reserving")
    rewritten = shelf.path(batch_id)
    uploaded = ""
    try:
        source = (shelf.path(file_id), endpoint, entry_of)
        provider, total = await _reserve(context, shelf, x, source, batch_id)
        shown["request_counts"] = {"total": total, "completed": 0, "failed": 0}
        answer = await context.upstream.upload(provider, provider.paths["openai.files"], rewritten, "batch")
        uploaded = str(answer["id"])
        body = {"input_file_id": uploaded, "endpoint": endpoint, "completion_window": window}
        shelf.put(key_id, shown, stage="sending", provider=provider.name, uploaded=uploaded)
        upstream = await job(context, provider, "POST", provider.paths["openai.batches"], body)
        upstream_id = str(upstream["id"])
    except BaseException as error:
        if uploaded and not (isinstance(error, Failure) and not error.sent):
            # Nobody knows whether it began: the follower looks for it at the provider.
            context.start(follow_batch(context, shelf, batch_id, key_id))
        else:
            await never_began(context, shelf, batch_id)
        if isinstance(error, Failure | KeyError):
            reason = error.reason if isinstance(error, Failure) else f"an answer without {error}"
            raise Problem(502, f"the provider did not take the batch: {reason}", "upstream_error") from None
        raise
    finally:
        rewritten.unlink(missing_ok=True)
    shown["status"] = str(upstream.get("status") or "validating")
    shelf.put(key_id, shown, stage="running", provider=provider.name, upstream_id=upstream_id)
    context.start(follow_batch(context, shelf, batch_id, key_id))
    return shown


async def _reserve(
    context: Context, shelf: Shelf, x: Exchange, source: tuple[Path, str, EntryOf], batch_id: str
) -> tuple[Provider, int]:
    """Book every line before any is sent: (who gets them, how many); the lines go to the batch's own file."""
    path, endpoint, entry_of = source
    provider: Provider | None = None
    at = datetime.now(UTC)
    waiting: list[Line] = []
    total = 0
    with shelf.path(batch_id).open("xb") as out, manifest_of(shelf, batch_id).open("xb") as manifest:
        for line in lines_of(path, endpoint, context.config.bounds, entry_of):
            if provider is None:
                provider = line.target.provider
                # The next process must know whose prices the lines have, should this one end here.
                shown = shelf.get(batch_id, x.principal.key_id)
                assert shown is not None
                shelf.put(x.principal.key_id, shown["object"], stage="reserving", provider=provider.name)
            if line.target.provider != provider:
                both = f"{provider.name} and {line.target.provider.name}"
                raise Problem(
                    400, f"line {line.number} of the batch: {both} cannot share one", "invalid_batch"
                )
            out.write(line.sent)
            waiting.append(line)
            total += 1
            if len(waiting) >= _AT_ONCE:
                await _admit(context, x, waiting, at, manifest)
                waiting.clear()
        await _admit(context, x, waiting, at, manifest)
    if provider is None:
        raise Problem(400, "the file of the batch has no lines", "invalid_batch")
    return provider, total


async def _admit(context: Context, x: Exchange, lines: list[Line], at: datetime, manifest: BinaryIO) -> None:
    asked = [
        context.ledger.admit_and_begin(
            Ask(
                new_request_id(),
                x.principal,
                x.route,
                line.call.model,
                tags=x.tags,
                received_us=x.received_us,
            ),
            _begin(context, line, at),
        )
        for line in lines
    ]
    booked = asyncio.gather(*asked, return_exceptions=True)
    try:
        answers = await asyncio.shield(booked)
    except asyncio.CancelledError:
        _kept(manifest, lines, await booked)
        raise
    _kept(manifest, lines, answers)
    for line, got in zip(lines, answers, strict=True):
        if isinstance(got, BaseException):
            raise got
        if isinstance(got, Refused):
            problem = of_refusal(got)
            problem.message = f"line {line.number} of the batch: {problem.message}"
            raise problem


def _kept(manifest: BinaryIO, lines: list[Line], answers: list[Any]) -> None:
    """The lines that were admitted go into the manifest, whatever became of the others."""
    append(
        manifest,
        [
            Row(line.custom_id, line.call.size, got)
            for line, got in zip(lines, answers, strict=True)
            if isinstance(got, Attempt)
        ],
    )


def _begin(context: Context, line: Line, at: datetime) -> Begin:
    target, call = line.target, line.call
    bound = reserve_of(
        context.book, target.provider.prices, target.model, call.bound, call.max_output,
        Capacity(target.context_tokens, target.max_output_tokens), at,
        tier="batch", cache_writes=call.writes_cache,
    )  # fmt: skip
    if not isinstance(bound, Bound):
        return Begin(target.provider.name, target.model, None, unbounded=bound.reason)
    expected = context.router.input_tokens(call, target) * bound.input_pico
    return Begin(target.provider.name, target.model, bound.pico, bound.price_ids, expected_pico=expected)


async def _cancel(context: Context, shelf: Shelf, held: dict[str, Any]) -> dict[str, Any]:
    shown: dict[str, Any] = held["object"]
    if shown["status"] not in RUNNING:
        raise Problem(409, f"the batch is {shown['status']}", "batch_over")
    if held.get("stage") != "running":
        raise Problem(409, "the batch has not begun yet", "batch_not_begun")
    provider = context.config.providers.get(held["provider"])
    if provider is None:
        raise Problem(502, f"the provider {held['provider']} is not configured any more", "upstream_error")
    try:
        path = f"{provider.paths['openai.batches']}/{held['upstream_id']}/cancel"
        found = await job(context, provider, "POST", path, {})
    except Failure as failure:
        raise Problem(502, f"{provider.name}: {failure.reason}", "upstream_error") from None
    inside = {name: value for name, value in held.items() if name not in ("key_id", "object")}
    shown = {**shown, "status": str(found.get("status") or "cancelling")}
    shelf.put(held["key_id"], shown, **inside)
    return shown
