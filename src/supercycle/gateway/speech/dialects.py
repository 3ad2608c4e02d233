"""What the gateway must know of a request: which model, how much at most, what it needs. Nothing else is read.

Upper bounds rest on one fact: a token is at least one byte of text. So the bytes of the body bound the tokens of
text in it, and pictures by address are bounded by a stated number each.
"""

# The JSON of other people's dialects has no types.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false, reportUnknownMemberType=false
from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final, cast

import orjson

from supercycle.core.errors import InputError
from supercycle.gateway.speech.stream import BYTES_PER_TOKEN

__all__ = ["ROUTES", "Call", "read_call"]

# The paths clients ask, exactly; anything else is 404.
ROUTES: Final = {
    b"/v1/chat/completions": "openai.chat",
    b"/v1/responses": "openai.responses",
    b"/v1/embeddings": "openai.embeddings",
    b"/v1/messages": "anthropic.messages",
}

# Most tokens a picture given by its address can cost. OpenAI: 1,536 patches x 2.46; Anthropic: about 1,600. Rounded up.
_IMAGE_TOKENS = 4000
# Searches a request may cause when it sets no limit: judgement, ten times the usual one.
_SEARCHES = 10
_MODEL_CHARS = 200
_PREFIX_BYTES = 4096  # what of a prompt's beginning identifies it for stickiness

_LIMITS = {
    "openai.chat": ("max_completion_tokens", "max_tokens"),
    "openai.responses": ("max_output_tokens",),
    "anthropic.messages": ("max_tokens",),
    "openai.embeddings": (),
}
_TIERS = {"flex": "flex", "priority": "priority", "batch": "batch"}


@dataclass(slots=True)
class Call:
    """One request as read. ``max_output`` None: the caller set no limit; ``input_upper`` None: not in the body."""

    dialect: str
    body: bytes
    fields: dict[str, Any]
    model: str
    stream: bool
    max_output: int | None
    input_upper: int | None
    tier: str
    searches: int
    writes_cache: bool
    wants_usage: bool
    preference: dict[str, Any] | None
    used_tokens: int = 0  # known when an attempt is over

    @property
    def input_expected(self) -> int:
        """Tokens of input to expect: bytes / 4."""
        return -(-len(self.body) // BYTES_PER_TOKEN)

    def needs(self) -> frozenset[str]:
        """Capabilities a model must have for this request: tools, vision, json_schema, web_search."""
        found: set[str] = set()
        if self.fields.get("tools"):
            found.add("tools")
        if _images(self.body):
            found.add("vision")
        if b'"json_schema"' in self.body:
            found.add("json_schema")
        if self.searches:
            found.add("web_search")
        return frozenset(found)

    def prefix(self, key_id: str) -> str:
        """A name for the beginning of the prompt: calls that share it can share a provider's prompt cache."""
        said = self.fields.get("messages") or self.fields.get("input")
        first = said[:2] if isinstance(said, list) else said
        beginning = [
            key_id,
            self.model,
            self.fields.get("prompt_cache_key"),
            self.fields.get("system") or self.fields.get("instructions"),
            first,
        ]
        return blake2b(orjson.dumps(beginning)[:_PREFIX_BYTES], digest_size=9).hexdigest()


def read_call(dialect: str, body: bytes) -> Call:
    """The request in a body. Raises InputError: no JSON object, no model, limits that are no counts."""
    try:
        fields: Any = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise InputError("the body is no JSON", got=str(error)[:120]) from None
    if not isinstance(fields, dict):
        raise InputError("the body", expected="a JSON object", got=type(fields).__name__)
    model = fields.get("model")
    if not isinstance(model, str) or not 0 < len(model) <= _MODEL_CHARS or not model.isprintable():
        raise InputError("model", expected=f"a name of at most {_MODEL_CHARS} characters", got=_short(model))
    preference = fields.get("provider")
    if preference is not None and not isinstance(preference, dict):
        raise InputError("provider", expected='an object such as {"order": [...]}', got=_short(preference))
    options = fields.get("stream_options")
    embeds = dialect == "openai.embeddings"
    stored = dialect == "openai.responses" and any(
        fields.get(name) for name in ("previous_response_id", "conversation", "prompt")
    )
    return Call(
        dialect=dialect,
        body=body,
        fields=cast("dict[str, Any]", fields),
        model=model,
        stream=fields.get("stream") is True and not embeds,
        max_output=0 if embeds else _max_output(dialect, fields),
        input_upper=None if stored else len(body) + _IMAGE_TOKENS * _images(body),
        tier="fast"
        if fields.get("speed") == "fast"
        else _TIERS.get(str(fields.get("service_tier")), "standard"),
        searches=_searches(fields),
        writes_cache=dialect != "anthropic.messages" or b'"cache_control"' in body,
        wants_usage=isinstance(options, dict) and options.get("include_usage") is True,
        preference=preference,
    )


def _max_output(dialect: str, fields: dict[str, Any]) -> int | None:
    for name in _LIMITS[dialect]:
        limit = fields.get(name)
        if limit is None:
            continue
        if isinstance(limit, bool) or not isinstance(limit, int) or not 0 < limit < 2**31:
            raise InputError(name, expected="a whole number above 0", got=_short(limit))
        count = fields.get("n", 1) if dialect == "openai.chat" else 1
        if isinstance(count, bool) or not isinstance(count, int) or not 0 < count <= 128:
            raise InputError("n", expected="a whole number from 1 to 128", got=_short(count))
        return limit * count
    return None


def _searches(fields: dict[str, Any]) -> int:
    if fields.get("web_search_options") is not None:
        return 1
    for tool in fields.get("tools") or ():
        if isinstance(tool, dict) and str(tool.get("type", "")).startswith("web_search"):
            limit = tool.get("max_uses") or fields.get("max_tool_calls")
            return limit if isinstance(limit, int) and limit > 0 else _SEARCHES
    return 0


def _images(body: bytes) -> int:
    if b"image" not in body:
        return 0
    return body.count(b'"image_url"') + body.count(b'"input_image"') + body.count(b'"image"')


def _short(value: object) -> str:
    return repr(value)[:60]
