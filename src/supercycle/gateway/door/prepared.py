"""The request in a target's words: the client's own bytes where nothing must change."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import orjson

from supercycle.gateway.canon import carrier
from supercycle.gateway.canon.foreign import without_foreign
from supercycle.gateway.canon.translation import Translation, translate
from supercycle.gateway.canon.write_chat import JSON_ONLY
from supercycle.gateway.canon.writing import Way
from supercycle.gateway.door.exchange import Exchange
from supercycle.gateway.routes.providers import Target
from supercycle.gateway.speech.bounds import InputBound
from supercycle.gateway.speech.bounds_native import limit_in, sent_bound

__all__ = ["LOSSY", "Prepared", "prepared"]

LOSSY: Final = "lossy"  # the scope of a key that lets go of what a target has no words for
_MARK: Final = carrier.MARK.encode()
_VERTEX: Final = "vertex-2023-10-16"  # of messages on Vertex, instead of the header
_CACHES: Final = {"anthropic.messages": b'"cache_control"', "bedrock.converse": b'"cachePoint"'}


class Prepared(NamedTuple):
    """A body as it goes to a target. ``hide``: usage was asked for behind the client's back.

    ``bound``, ``max_output``, ``tier`` and ``writes_cache`` are those of what is sent: the reserve rests on them.
    """

    body: bytes
    hide: bool
    dialect: str
    bound: InputBound
    max_output: int | None
    tier: str
    writes_cache: bool
    translation: Translation | None = None


def prepared(x: Exchange, target: Target, max_output: int | None) -> Prepared:
    """The body as it goes to a target.

    It is written anew from what was read, so that what the budget was held to is what the provider reads: a name that
    stands twice in the client's bytes is sent once. ``max_output`` is the longest answer of the model. Raises
    Untranslatable.
    """
    call = x.call
    dialect = target.provider.speaks_to(x.dialect)
    assert dialect is not None  # the router leaves out who cannot
    fields = call.fields
    shaped = target.provider.kind in JSON_ONLY and b'"json_schema"' in call.body
    if dialect != x.dialect or shaped:
        return _translated(x, target, dialect, target.max_output_tokens or max_output)
    hide = call.stream and dialect == "openai.chat" and target.provider.asks_usage and not call.wants_usage
    changed = {**fields, "model": target.model}
    changed.pop("provider", None)
    if _MARK in call.body:
        changed = without_foreign(dialect, changed)
    if hide:
        changed["stream_options"] = {**(fields.get("stream_options") or {}), "include_usage": True}
    if dialect == "openai.chat" and call.max_output is not None:
        _limit_name(changed, target)
    _in_the_path(changed, target)
    return Prepared(
        orjson.dumps(changed), hide, dialect, call.bound, call.max_output, call.tier, call.writes_cache
    )


def _translated(x: Exchange, target: Target, dialect: str, most: int | None) -> Prepared:
    call = x.call
    plain = {name: value for name, value in call.fields.items() if name != "provider"}
    way = Way(dialect, target.provider.kind, target.model, most)
    made = translate(x.dialect, plain, way, lossy=LOSSY in x.principal.scopes)
    body = made.body
    if dialect == "openai.chat":
        _limit_name(body, target)
    sent = orjson.dumps(body)
    bound = sent_bound(dialect, body, len(sent))
    limit = limit_in(dialect, body)
    _in_the_path(body, target)
    mark = _CACHES.get(dialect)
    tier = call.tier if "service_tier" in body or "serviceTier" in body else "standard"
    return Prepared(
        orjson.dumps(body), False, dialect, bound, limit, tier, mark is None or mark in sent, made
    )


def _limit_name(body: dict[str, Any], target: Target) -> None:
    """The limit under the name that the provider reads."""
    reads = target.provider.limit_field
    if reads == "max_tokens" and body.get(reads) is None and "max_completion_tokens" in body:
        body[reads] = body.pop("max_completion_tokens")


def _in_the_path(body: dict[str, Any], target: Target) -> None:
    """Messages on Vertex: the model stands in the path, the version in the body."""
    if target.provider.kind == "vertex-claude":
        del body["model"]
        body["anthropic_version"] = _VERTEX
