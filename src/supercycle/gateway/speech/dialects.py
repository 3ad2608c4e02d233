"""What the gateway must know of a request: which model, how much at most, what it needs, what bounds it."""

# The JSON of other people's dialects has no types.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false, reportUnknownMemberType=false
from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final, cast

import orjson

from supercycle.core.errors import InputError
from supercycle.gateway.speech.bounds import InputBound, bound_of
from supercycle.gateway.speech.fields import LIMITS
from supercycle.gateway.speech.stream import BYTES_PER_TOKEN

__all__ = ["ROUTES", "Call", "read_call"]

# The paths clients ask, exactly; anything else is 404.
ROUTES: Final = {
    b"/v1/chat/completions": "openai.chat",
    b"/v1/responses": "openai.responses",
    b"/v1/embeddings": "openai.embeddings",
    b"/v1/messages": "anthropic.messages",
}

_MODEL_CHARS = 200
_PREFIX_BYTES = 4096  # what of a prompt's beginning identifies it for stickiness

_TIERS = {"flex": "flex", "priority": "priority", "batch": "batch", "auto": "auto", "scale": "scale"}


@dataclass(slots=True)
class Call:
    """One request as read. ``max_output`` is the larger of the limits it sets on one answer, None when it sets none."""

    dialect: str
    body: bytes
    fields: dict[str, Any]
    model: str
    stream: bool
    max_output: int | None
    bound: InputBound
    tier: str
    writes_cache: bool
    wants_usage: bool
    preference: dict[str, Any] | None
    size: int  # bytes of the body, which is let go once an answer begins
    used_tokens: int = 0  # known when an attempt is over
    beginning: str = ""  # its prefix, once somebody asked for it

    @property
    def input_expected(self) -> int:
        """Tokens of input to expect: bytes / 4."""
        return -(-self.size // BYTES_PER_TOKEN)

    def let_go(self) -> None:
        """Free the memory of what nobody reads any more: the answer has begun, so nothing is sent again."""
        self.body, self.fields = b"", {}

    def needs(self) -> frozenset[str]:
        """Capabilities a model must have for this request: tools, vision, json_schema, web_search."""
        found: set[str] = set()
        if self.fields.get("tools"):
            found.add("tools")
        if self.bound.pictures:
            found.add("vision")
        if b'"json_schema"' in self.body:
            found.add("json_schema")
        if self.bound.searches:
            found.add("web_search")
        return frozenset(found)

    def prefix(self, key_id: str) -> str:
        """A name for the beginning of the prompt: calls that share it can share a provider's prompt cache."""
        if self.beginning:
            return self.beginning
        said = self.fields.get("messages") or self.fields.get("input")
        first = said[:2] if isinstance(said, list) else said
        beginning = [
            key_id,
            self.model,
            self.fields.get("prompt_cache_key"),
            self.fields.get("system") or self.fields.get("instructions"),
            first,
        ]
        self.beginning = blake2b(orjson.dumps(beginning)[:_PREFIX_BYTES], digest_size=9).hexdigest()
        return self.beginning


def read_call(dialect: str, body: bytes, known_fields: frozenset[str] = frozenset()) -> Call:
    """The request in a body. Raises InputError: no JSON object, no model, limits that are no counts, odd types."""
    try:
        return _read_call(dialect, body, known_fields)
    except (TypeError, AttributeError, RecursionError) as error:
        raise InputError(
            "the body",
            expected=f"the types of {dialect}",
            got=f"a field of another type or too deep ({error})"[:200],
        ) from None


def _read_call(dialect: str, body: bytes, known_fields: frozenset[str]) -> Call:
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
    if not isinstance(fields.get("stream"), bool | None):
        raise InputError("stream", expected="true or false", got=_short(fields["stream"]))
    options = fields.get("stream_options")
    embeds = dialect == "openai.embeddings"
    bound = bound_of(dialect, fields, len(body), known_fields)
    return Call(
        dialect=dialect,
        body=body,
        fields=cast("dict[str, Any]", fields),
        model=model,
        stream=fields.get("stream") is True and not embeds,
        max_output=0 if embeds else _max_output(dialect, fields),
        bound=bound,
        tier="fast"
        if fields.get("speed") == "fast"
        else _TIERS.get(str(fields.get("service_tier")), "standard"),
        # An escape may spell the name another way.
        writes_cache=dialect != "anthropic.messages" or b'"cache_control"' in body or b"\\u" in body,
        wants_usage=isinstance(options, dict) and options.get("include_usage") is True,
        preference=preference,
        size=len(body),
    )


def _max_output(dialect: str, fields: dict[str, Any]) -> int | None:
    """The larger of the limits that are set. Raises InputError for one that is no count."""
    most: int | None = None
    for name in LIMITS[dialect]:
        limit = fields.get(name)
        if limit is None:
            continue
        if isinstance(limit, bool) or not isinstance(limit, int) or not 0 < limit < 2**31:
            raise InputError(name, expected="a whole number above 0", got=_short(limit))
        most = limit if most is None else max(most, limit)
    for name in ("n", "best_of") if dialect == "openai.chat" else ():
        count = fields.get(name, 1)
        if count is not None and (
            isinstance(count, bool) or not isinstance(count, int) or not 0 < count <= 128
        ):
            raise InputError(name, expected="a whole number from 1 to 128", got=_short(count))
    return most


def _short(value: object) -> str:
    return repr(value)[:60]
