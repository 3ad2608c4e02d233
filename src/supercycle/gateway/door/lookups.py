"""What costs nothing: which models there are, how long a prompt is about, whether anybody is there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import orjson

from supercycle.gateway.door.context import Context
from supercycle.gateway.door.exchange import Exchange
from supercycle.gateway.door.problem import Problem
from supercycle.gateway.routes.providers import ModelEntry
from supercycle.gateway.speech.dialects import Call
from supercycle.gateway.speech.media import picture_tokens_most

__all__ = ["COUNTED", "JSON", "count_tokens", "hello", "models"]

JSON: Final = ((b"content-type", b"application/json"),)
# Paths that ask how long a prompt is, and the dialect of their bodies.
COUNTED: Final = {
    b"/v1/messages/count_tokens": "anthropic.messages",
    b"/v1/responses/input_tokens": "openai.responses",
}
_BEGAN: Final = "1970-01-01T00:00:00Z"  # when a configured name was made is nothing anybody knows
_PICTURE: Final = 1600  # tokens of a picture to expect where its model's cap is higher; judgement


async def hello(x: Exchange, path: bytes, method: str) -> bool:
    """Answer what asks only whether anybody is there; False for any other path."""
    if path == b"/healthz" and method == "GET":
        await x.whole(200, list(JSON), b'{"status":"ok"}')
    elif path == b"/api/hello" and method in ("HEAD", "GET"):  # how Claude Code begins
        await x.whole(200, list(JSON), b"" if method == "HEAD" else b"{}")
    elif path == b"/v1/responses" and method == "GET":
        # A WebSocket is asked for: 426 makes Codex fall back at once, any other answer after several tries.
        raise Problem(426, "there is no WebSocket here: ask with POST", "upgrade_required")
    else:
        return False
    return True


async def models(x: Exchange, names: list[str], wanted: str) -> None:
    """The list of models a key may ask for, or one of them, in the words of who asks. Raises Problem: no such model."""
    anthropic = b"anthropic-version" in x.headers
    if wanted:
        if wanted not in names:
            raise Problem(404, f"no model {wanted!r} for this key; /v1/models lists them", "model_not_found")
        await x.whole(200, list(JSON), orjson.dumps(_model(wanted, anthropic=anthropic)))
        return
    listed = [_model(name, anthropic=anthropic) for name in names]
    body: dict[str, Any] = {"data": listed}
    if anthropic:
        ends = {"first_id": names[0] if names else None, "last_id": names[-1] if names else None}
        body |= {"has_more": False, **ends}
    else:
        body["object"] = "list"
    await x.whole(200, list(JSON), orjson.dumps(body))


def _model(name: str, *, anthropic: bool) -> dict[str, Any]:
    if anthropic:
        return {"type": "model", "id": name, "display_name": name, "created_at": _BEGAN}
    return {"id": name, "object": "model", "created": 0, "owned_by": "supercycle"}


async def count_tokens(
    context: Context, x: Exchange, call: Call, entry_of: Callable[[str], ModelEntry | None]
) -> None:
    """About how many tokens a prompt is, by the ratio learnt of the model's first target; it says it is an estimate."""
    entry = entry_of(call.model)
    if entry is None:
        raise Problem(404, f"no model {call.model!r} for this key; /v1/models lists them", "model_not_found")
    target = entry.targets[0]
    count = context.router.ratios.expected(target.model, max(0, call.bound.text_bytes), context.clock())
    for picture in call.bound.pictures:
        count += min(picture_tokens_most(target.model, picture) or _PICTURE, _PICTURE)
    body: dict[str, Any] = {"input_tokens": count}
    if x.dialect == "openai.responses":
        body["object"] = "response.input_tokens"
    headers = [*JSON, (b"x-supercycle-estimate", b"tokens by the bytes of the text")]
    await x.whole(200, headers, orjson.dumps(body))
