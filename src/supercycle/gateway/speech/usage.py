"""What a provider says a call used, in one vocabulary for every dialect.

The counts of input are disjoint: ``input`` is what was neither read from a cache nor written to one, whatever the
dialect (OpenAI's prompt count includes both, Anthropic's excludes both). ``output`` includes ``reasoning``, which is
information and is never charged a second time. What cannot be priced yet (audio, images) is kept apart in
``unmetered``, so that the settlement can say so instead of charging text prices for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal, cast

from supercycle.core.errors import InputError, UnknownNameError

__all__ = [
    "DIALECTS",
    "INPUT_KINDS",
    "KINDS",
    "MEDIA_KINDS",
    "Usage",
    "UsageTally",
    "estimated",
    "read_usage",
]

INPUT_KINDS = ("input", "cached", "cache_write_5m", "cache_write_30m", "cache_write_1h", "cache_write_12h")
# What pictures and sound are billed by, beside tokens: a picture, a token of one, a character read out, a second heard.
MEDIA_KINDS = ("picture", "picture_output", "character", "audio_second", "audio_input", "audio_output")
KINDS = (*INPUT_KINDS, "output", "reasoning", "web_search", "request", *MEDIA_KINDS)
DIALECTS = (
    "openai.chat",
    "openai.responses",
    "openai.embeddings",
    "anthropic.messages",
    "google.generate",
    "bedrock.converse",
    "openai.images",
    "openai.speech",
    "openai.transcriptions",
)

# What the answer calls the way it was served, and the name the price book has for it. A tier that is not here
# (a prepaid one, a new one) keeps its own name and so finds no price.
_TIERS = {"default": "standard", "auto": "standard", "on_demand": "standard", "fast": "priority"}
# Hosted tools of the Responses dialect that cost extra in units the gateway does not count yet.
_UNMETERED_CALLS = frozenset({"file_search_call", "code_interpreter_call", "image_generation_call"})
_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Usage:
    """What one attempt used: ``counts`` by kind (only kinds above zero), how it was served, and who says so.

    ``tier`` is standard, flex, priority, batch, fast (Anthropic's speed), or the provider's own word; ``region`` is
    a data residency that has its own price; ``source`` is "provider" or "estimated".
    """

    counts: Mapping[str, int]
    tier: str = "standard"
    source: Literal["provider", "estimated"] = "provider"
    region: str = ""
    unmetered: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))

    def of(self, kind: str) -> int:
        """The count of a kind; a kind that was not used is 0."""
        return self.counts.get(kind, 0)

    @property
    def prompt(self) -> int:
        """All input tokens, cached or not: what a long-context threshold looks at."""
        return sum(self.counts.get(kind, 0) for kind in INPUT_KINDS)


def estimated(input_tokens: int, output_tokens: int, tier: str = "standard") -> Usage:
    """The usage of a call whose provider never said: the gateway's own counts, marked as estimated.

    >>> estimated(100, 20).counts["output"], estimated(100, 20).source
    (20, 'estimated')
    """
    counts = {"input": input_tokens, "output": output_tokens, "request": 1}
    return Usage(_checked(counts, "estimate"), tier=tier, source="estimated")


def read_usage(dialect: str, payload: Mapping[str, Any]) -> Usage | None:
    """The usage in a whole response, or in the stream event that carries it; None when it carries none.

    ``openai.*``: {"usage": ..., "service_tier": ...}, or the event {"response": {...}} of a Responses stream.
    ``anthropic.messages``: {"usage": ...} or {"message": {"usage": ...}}. A stream that says it in two events is
    read with `UsageTally`. ``google.generate``: {"usageMetadata": ...}; ``bedrock.converse``: {"usage": ...} or
    {"metadata": {"usage": ...}}. Raises InputError for counts that cannot be (negative, more cached than prompt).

    >>> use = read_usage("openai.chat", {"usage": {"prompt_tokens": 100, "completion_tokens": 5,
    ...                                            "prompt_tokens_details": {"cached_tokens": 60}}})
    >>> use.of("input"), use.of("cached"), use.of("output")
    (40, 60, 5)
    """
    tally = UsageTally(dialect)
    tally.feed(payload)
    return tally.read()


class UsageTally:
    """The usage of a stream, event by event: later counts replace earlier ones, missing ones leave them.

    ``feed`` never raises, because by then the client has its answer; what is wrong with the counts is in
    ``problem``, and ``usage`` is None: the call is settled by estimate.
    """

    __slots__ = ("_body", "_dialect", "_usage", "problem")

    def __init__(self, dialect: str) -> None:
        if dialect not in DIALECTS:
            raise UnknownNameError("dialect", dialect, DIALECTS)
        self._dialect = dialect
        self._usage: dict[str, Any] = {}
        self._body: dict[str, Any] = {}
        self.problem = ""

    def feed(self, event: object) -> None:
        """Take a whole response or one decoded stream event; anything that holds no usage is passed over."""
        body = _mapping(event)
        if self._dialect == "google.generate":
            self._body["model"] = body.get("modelVersion") or self._body.get("model")
            usage = _mapping(body.get("usageMetadata"))
        elif self._dialect == "bedrock.converse":
            body = _mapping(body.get("metadata")) or body
            self._body["service_tier"] = _mapping(body.get("serviceTier")).get("type")
            usage = _mapping(body.get("usage"))
        else:
            for inner in ("response", "message"):
                if inner in body and (within := _mapping(body[inner])):
                    body = within
            for key in ("service_tier", "output", "model", "id"):
                if body.get(key) is not None:
                    self._body[key] = body[key]
            usage = _mapping(body.get("usage"))
        if not self._usage:
            self._usage = {key: value for key, value in usage.items() if value is not None}
        elif usage:
            self._later(usage)

    def _later(self, usage: Mapping[str, Any]) -> None:
        """Counts that come after others."""
        before = self._usage.get("input_tokens")
        cached = _cached(self._usage)
        _update(self._usage, usage)
        # A messages stream says its input twice; the larger counts, unless the second also says what was cached.
        if self._dialect == "anthropic.messages" and _is_count(before) and _cached(self._usage) == cached:
            after = self._usage.get("input_tokens")
            self._usage["input_tokens"] = max(_number(before), _number(after))

    @property
    def model(self) -> str:
        """The model that answered, by its own word; empty when it did not say."""
        model = self._body.get("model")
        return model if isinstance(model, str) else ""

    @property
    def response_id(self) -> str:
        """The answer's own id; empty when it did not say."""
        found = self._body.get("id")
        return found if isinstance(found, str) else ""

    @property
    def stated_usd(self) -> float | None:
        """What the provider says the call cost, in USD; None when it does not say.

        OpenRouter: ``cost``, with the upstream's own beside it for a customer's own key. xAI: 10^10 ticks a dollar.
        Perplexity: ``cost.total_cost``.
        """
        if "cost" not in self._usage and "cost_in_usd_ticks" not in self._usage:
            return None
        cost: Any = self._usage.get("cost")
        if type(cost) is dict:
            cost = _mapping(cast("object", cost)).get("total_cost")
        ticks = self._usage.get("cost_in_usd_ticks")
        if cost is None and _is_count(ticks):
            cost = _number(ticks) / 1e10
        if isinstance(cost, bool) or not isinstance(cost, int | float) or not 0 <= cost < 1e6:
            return None
        if self._usage.get("is_byok") is True:
            upstream = _mapping(self._usage.get("cost_details")).get("upstream_inference_cost")
            if isinstance(upstream, int | float) and not isinstance(upstream, bool) and 0 <= upstream < 1e6:
                return float(cost + upstream)
        return float(cost)

    def read(self) -> Usage | None:
        """The usage so far; None when none was said. Raises InputError for counts that cannot be."""
        if not self._usage:
            return None
        if self._dialect == "anthropic.messages":
            return _anthropic(self._usage)
        if self._dialect == "google.generate":
            return _gemini(self._usage)
        if self._dialect == "bedrock.converse":
            return _converse(self._usage, self._body)
        return _openai(self._usage, self._body)

    def usage(self) -> Usage | None:
        """The usage so far; None when none was said or it cannot be true (then ``problem`` says why)."""
        try:
            return self.read()
        except InputError as error:
            self.problem = str(error)
            return None


def _openai(usage: Mapping[str, Any], body: Mapping[str, Any]) -> Usage:
    """Chat, Responses and embeddings: the prompt count includes what was cached and what was written."""
    into = _mapping(usage.get("prompt_tokens_details") or usage.get("input_tokens_details"))
    out = _mapping(usage.get("completion_tokens_details") or usage.get("output_tokens_details"))
    prompt = _count(usage, "prompt_tokens", "input_tokens")
    output = _count(usage, "completion_tokens", "output_tokens")
    reasoning = _count(out, "reasoning_tokens")
    # Some providers count reasoning beside the completion, or say it in the total alone: the total is a floor.
    output = max(output, _count(usage, "total_tokens") - prompt)
    cached = _count(into, "cached_tokens") or _count(usage, "prompt_cache_hit_tokens", "cached_tokens")
    lives = _mapping(into.get("cache_write_tokens_details"))
    written = _count(into, "cache_write_tokens")
    half_day = _count(lives, "ttl_12h_tokens")
    beyond = {"audio_input": _count(into, "audio_tokens"), "audio_output": _count(out, "audio_tokens")}
    counts = {
        "input": prompt - cached - written,
        "cached": cached,
        "cache_write_30m": written - half_day,
        "cache_write_12h": half_day,
        "output": output,
        "reasoning": reasoning,
        "web_search": _count(_mapping(usage.get("server_tool_use")), "web_search_requests"),
        "request": 1,
    }
    items = body.get("output")
    for item in cast("list[object]", items) if isinstance(items, list) else ():
        kind = str(_mapping(item).get("type"))
        # Only a search is charged; opening a page it found is not.
        if (
            kind == "web_search_call"
            and _mapping(_mapping(item).get("action")).get("type", "search") == "search"
        ):
            counts["web_search"] += 1
        elif kind in _UNMETERED_CALLS:
            beyond[kind] = beyond.get(kind, 0) + 1
    unmetered = _checked(beyond, "usage") if any(beyond.values()) else _NOTHING
    return Usage(_checked(counts, "usage"), tier=_tier(body.get("service_tier")), unmetered=unmetered)


def _anthropic(usage: Mapping[str, Any]) -> Usage:
    """Messages: the input count excludes the cache, whose writes are split by how long they live."""
    written = _count(usage, "cache_creation_input_tokens")
    lives = _mapping(usage.get("cache_creation"))
    hour = _count(lives, "ephemeral_1h_input_tokens")
    counts = {
        "input": _count(usage, "input_tokens"),
        "cached": _count(usage, "cache_read_input_tokens"),
        "cache_write_5m": max(written, _count(lives, "ephemeral_5m_input_tokens") + hour) - hour,
        "cache_write_1h": hour,
        "output": _count(usage, "output_tokens"),
        "reasoning": _count(_mapping(usage.get("output_tokens_details")), "thinking_tokens"),
        "web_search": _count(_mapping(usage.get("server_tool_use")), "web_search_requests"),
        "request": 1,
    }
    speed = usage.get("speed")
    tier = _tier(usage.get("service_tier"))
    geo = str(usage.get("inference_geo") or "")
    return Usage(
        _checked(counts, "usage"),
        tier="fast" if speed == "fast" else tier,
        region="" if geo in ("global", "not_available") else geo,
    )


def _gemini(usage: Mapping[str, Any]) -> Usage:
    """Gemini: the prompt includes what was cached, prompts of tools and thoughts stand beside; the total is a floor."""
    prompt = _count(usage, "promptTokenCount") + _count(usage, "toolUsePromptTokenCount")
    thoughts = _count(usage, "thoughtsTokenCount")
    output = _count(usage, "candidatesTokenCount") + thoughts
    output = max(output, _count(usage, "totalTokenCount") - prompt)
    cached = _count(usage, "cachedContentTokenCount")
    counts = {
        "input": prompt - cached,
        "cached": cached,
        "output": output,
        "reasoning": thoughts,
        "request": 1,
    }
    beyond = {
        "audio_input": _sound(usage.get("promptTokensDetails")),
        "audio_output": _sound(usage.get("candidatesTokensDetails")),
    }
    unmetered = _checked(beyond, "usage") if any(beyond.values()) else _NOTHING
    return Usage(_checked(counts, "usage"), unmetered=unmetered)


def _sound(details: object) -> int:
    listed = cast("list[object]", details) if isinstance(details, list) else []
    return sum(
        _count(_mapping(one), "tokenCount") for one in listed if _mapping(one).get("modality") == "AUDIO"
    )


def _converse(usage: Mapping[str, Any], body: Mapping[str, Any]) -> Usage:
    """Converse: the input excludes the cache, as in messages; how long writes live is a list."""
    written = _count(usage, "cacheWriteInputTokens")
    details = usage.get("cacheDetails")
    listed = cast("list[object]", details) if isinstance(details, list) else []
    hour = sum(_count(_mapping(one), "inputTokens") for one in listed if _mapping(one).get("ttl") == "1h")
    read, fresh = _count(usage, "cacheReadInputTokens"), _count(usage, "inputTokens")
    total = _count(usage, "totalTokens")
    counts = {
        "input": fresh,
        "cached": read,
        "cache_write_5m": max(written, hour) - hour,
        "cache_write_1h": hour,
        "output": max(_count(usage, "outputTokens"), total - fresh - read - written),
        "request": 1,
    }
    return Usage(_checked(counts, "usage"), tier=_tier(body.get("service_tier")))


def _tier(said: object) -> str:
    word = str(said) if said else "standard"
    return _TIERS.get(word, word)


def _is_count(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _number(value: Any) -> int | float:
    return value if _is_count(value) else 0


def _cached(usage: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(usage.get(name) for name in ("cache_read_input_tokens", "cache_creation_input_tokens"))


def _update(known: dict[str, Any], later: Mapping[str, Any]) -> None:
    """Later counts replace earlier ones; null, and zero after a count, are no update."""
    for key, value in later.items():
        if value is None:
            continue
        before = known.get(key)
        if type(value) is dict:
            within: dict[str, Any] = dict(_mapping(before))
            _update(within, _mapping(cast("object", value)))
            known[key] = within
        elif value != 0 or before is None:
            known[key] = value


def _mapping(value: object) -> Mapping[str, Any]:
    # The type first: asking whether something is a Mapping is slow, and parsed JSON has nothing but dicts.
    if type(value) is dict or isinstance(value, Mapping):
        return cast("Mapping[str, Any]", value)
    return _NOTHING


def _count(where: Mapping[str, Any], *names: str) -> int:
    """The first of the names that is present, as a count; absent or null is 0."""
    for name in names:
        value = where.get(name)
        if value is None:
            continue
        if type(value) is float and value.is_integer():  # some servers write 10.0
            value = int(value)
        if type(value) is not int or value < 0:
            raise InputError("usage", expected=f"a count in {name}", got=repr(value))
        return value
    return 0


def _checked(counts: dict[str, int], where: str) -> Mapping[str, int]:
    """Only what was used; refuses a part larger than its whole."""
    for kind, count in counts.items():
        if count < 0:
            raise InputError(
                where, expected=f"parts within the total, {kind} of 0 or more", got=f"{kind} of {count}"
            )
    if counts.get("reasoning", 0) > counts.get("output", 0):
        raise InputError(
            where, expected="reasoning within output", got=f"{counts['reasoning']} in {counts['output']}"
        )
    return MappingProxyType({kind: count for kind, count in counts.items() if count})
