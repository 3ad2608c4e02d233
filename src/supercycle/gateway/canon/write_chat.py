"""A canonical request in the words of chat completions."""

from __future__ import annotations

from typing import Any, Final

from supercycle.gateway.canon.form import (
    Call,
    Contract,
    Media,
    Name,
    Request,
    Result,
    Text,
    Thinking,
    Tool,
    Turn,
    merged,
)
from supercycle.gateway.canon.loss import Loss
from supercycle.gateway.canon.names import legal_id, wire
from supercycle.gateway.canon.writing import (
    EMPTY_SCHEMA,
    USUAL_TIERS,
    Way,
    Written,
    data_url,
    hoisted,
    identity,
    knobs,
    limit,
    loaded,
    nearest,
    no_prefill,
    the_others,
    unlike,
)

__all__ = ["JSON_ONLY", "custom_schema", "write_chat"]

_OPENAI: Final = ("seed", "frequency_penalty", "presence_penalty", "logit_bias")
_WIDER: Final = ("top_k", "min_p", "repetition_penalty")
# Servers that document more settings of sampling than OpenAI has; others may pass over them in silence.
_WIDE: Final = frozenset({"vllm", "sglang", "openrouter", "together", "fireworks"})
# Kinds that read no json_schema: the schema is asked for as the one tool that must be called.
JSON_ONLY: Final = frozenset({"deepseek"})
_PARTS: Final = frozenset({"openai", "azure", "mock", "google", "openrouter", "vllm"})
_CAN: Final = frozenset({"verbosity", "cache_key", "user", "tier", "parallel"})
_STOPS: Final = 4


def write_chat(request: Request, way: Way, loss: Loss, *, own: bool = False) -> Written:
    """A body for chat completions. ``own``: the client speaks chat too. Raises Untranslatable."""
    hosted = way.kind in ("openai", "azure", "mock")
    no_prefill(request, loss)
    the_others(request, way, loss, can=_CAN if hosted else _CAN - {"verbosity", "cache_key"})
    messages: list[dict[str, Any]] = []
    for turn in request.turns if hosted else _for_templates(request.turns, loss):
        messages += _turn(turn, way, loss, own=own)
    out: dict[str, Any] = {"model": way.model, "messages": messages}
    most = limit(request, way, loss)
    if most is not None:
        out["max_completion_tokens"] = most
    if request.stop:
        if len(request.stop) > _STOPS:
            loss.lose(f"more than {_STOPS} stop sequences")
        out["stop"] = list(request.stop[:_STOPS])
    for name, value in (("temperature", request.temperature), ("top_p", request.top_p)):
        if value is not None:
            out[name] = value
    names = _OPENAI + (_WIDER if way.kind in _WIDE else ())
    out |= knobs(request, {name: name for name in names}, loss)
    if request.stream:
        out["stream"] = True
        out["stream_options"] = {"include_usage": True}
    if request.user:
        out["user"] = identity(request, loss)
    if request.tier not in USUAL_TIERS:
        out["service_tier"] = request.tier
    if hosted and request.verbosity:
        out["verbosity"] = request.verbosity
    if hosted and request.cache_key:
        out["prompt_cache_key"] = request.cache_key
    _think(request, way, out, loss)
    if request.tools:
        out["tools"] = [_tool(tool, way) for tool in request.tools]
        choice = request.choice
        if choice.mode == "tool":
            out["tool_choice"] = {"type": "function", "function": {"name": wire(choice.tool)}}
        elif choice.mode:
            out["tool_choice"] = choice.mode
        if request.parallel is not None:
            out["parallel_tool_calls"] = request.parallel
    unwrap = _promise(request.contract, way, out, loss) if request.contract is not None else ""
    return Written(out, unwrap)


def _for_templates(turns: tuple[Turn, ...], loss: Loss) -> tuple[Turn, ...]:
    """Turns for servers of open models: their templates know one system message, first, and turns in turn."""
    head, rest = hoisted(turns, loss)
    return ((Turn("system", head),) if head else ()) + merged(rest)


def _think(request: Request, way: Way, out: dict[str, Any], loss: Loss) -> None:
    if not request.effort:
        return
    if way.kind == "deepseek":
        # Thinking is on unless it is switched off; a word of effort beside the switch is refused.
        if request.effort == "none":
            out["thinking"] = {"type": "disabled"}
        else:
            words = {"minimal": "low", "low": "low", "max": "max"}
            out["reasoning_effort"] = word = words.get(request.effort, "high")
            if word != request.effort:
                loss.note(f"effort {request.effort} told as {word}")
    elif way.kind in ("openai", "azure"):
        out["reasoning_effort"] = request.effort
    elif request.effort == "none":
        loss.note("thinking: disabled is not said to this server")
    else:
        out["reasoning_effort"] = nearest(request.effort, ("low", "medium", "high"), loss)


def _promise(contract: Contract, way: Way, out: dict[str, Any], loss: Loss) -> str:
    """The shape of the answer; the name of the tool it is asked for as, if it is."""
    if not contract.schema:
        out["response_format"] = {"type": "json_object"}
        return ""
    if way.kind in JSON_ONLY:
        if "tools" in out:
            loss.lose("a json_schema beside tools")
            return ""
        name = wire(Name(contract.name))
        function = {"name": name, "parameters": loaded(contract.schema)}
        out["tools"] = [{"type": "function", "function": function}]
        out["tool_choice"] = {"type": "function", "function": {"name": name}}
        out.pop("reasoning_effort", None)
        out["thinking"] = {"type": "disabled"}  # a tool cannot be forced on a model that thinks
        loss.note("json_schema asked for as a forced tool, thinking off")
        return name
    inner: dict[str, Any] = {"name": contract.name, "schema": loaded(contract.schema)}
    if contract.strict is not None:
        inner["strict"] = contract.strict
    if contract.description:
        inner["description"] = contract.description
    out["response_format"] = {"type": "json_schema", "json_schema": inner}
    return ""


def custom_schema(tool: Tool) -> tuple[str, str]:
    """(Description, schema) of a tool that takes free text, as a function of one text."""
    grammar = loaded(tool.grammar).get("definition") if tool.grammar else None
    said = (
        f"{tool.description}\n\nThe input must follow this grammar:\n{grammar}"
        if grammar
        else tool.description
    )
    return (
        said,
        '{"type":"object","properties":{"input":{"type":"string"}},"required":["input"],"additionalProperties":false}',
    )


def _tool(tool: Tool, way: Way) -> dict[str, Any]:
    description, schema = (
        custom_schema(tool) if tool.tool.custom else (tool.description, tool.schema or EMPTY_SCHEMA)
    )
    function: dict[str, Any] = {"name": wire(tool.tool), "parameters": loaded(schema)}
    if description:
        function["description"] = description
    if tool.strict is not None and way.kind in ("openai", "azure", "mock"):
        function["strict"] = tool.strict
    return {"type": "function", "function": function}


def _turn(turn: Turn, way: Way, loss: Loss, *, own: bool) -> list[dict[str, Any]]:
    """A turn as messages: each result of a tool is one of its own, and their pictures follow them."""
    if turn.role == "assistant":
        return _assistant(turn, way, loss, own=own)
    found: list[dict[str, Any]] = []
    shown: list[dict[str, Any]] = []
    for part in turn.parts:
        if isinstance(part, Result):
            texts = [one.text for one in part.parts if isinstance(one, Text)]
            if part.is_error:
                texts = [f"Error: {texts[0] if texts else ''}", *texts[1:]]
            content = _texts(texts, way, "\n")
            found.append({"role": "tool", "tool_call_id": legal_id(part.call_id), "content": content})
            media = [one for one in part.parts if isinstance(one, Media)]
            if media:
                shown.append({"type": "text", "text": f"[of the result of {legal_id(part.call_id)}]"})
                shown += [one for one in (_media(m, way, loss) for m in media) if one is not None]
    for part in turn.parts:
        if isinstance(part, Text):
            shown.append({"type": "text", "text": part.text})
        elif isinstance(part, Media):
            one = _media(part, way, loss)
            shown += [one] if one is not None else []
    if shown or not found:
        plain = all(one["type"] == "text" for one in shown)
        content = _texts([str(one["text"]) for one in shown], way, "\n\n") if plain else shown
        found.append({"role": turn.role, "content": content})
    return found


def _texts(texts: list[str], way: Way, between: str) -> str | list[dict[str, Any]]:
    """One text as it is; several as parts where the server reads parts, else as one."""
    if len(texts) < 2 or way.kind not in _PARTS:
        return between.join(texts)
    return [{"type": "text", "text": text} for text in texts]


def _assistant(turn: Turn, way: Way, loss: Loss, *, own: bool) -> list[dict[str, Any]]:
    text = "".join(part.text for part in turn.parts if isinstance(part, Text))
    message: dict[str, Any] = {"role": "assistant", "content": text or None}
    calls = [part for part in turn.parts if isinstance(part, Call)]
    if calls:
        message["tool_calls"] = [_call(call) for call in calls]
    thoughts = [part.text for part in turn.parts if isinstance(part, Thinking) and not unlike(part, way, own)]
    if calls and thoughts:
        message["reasoning_content"] = "\n\n".join(thoughts)
    elif calls and way.kind == "deepseek":
        message["reasoning_content"] = ""  # refused when it is missing beside calls
    if any(isinstance(part, Media) for part in turn.parts):
        loss.lose("a picture said by the assistant")
    return [message] if text or calls else []


def _call(call: Call) -> dict[str, Any]:
    given = call.arguments
    if call.tool.custom:
        from orjson import dumps

        given = dumps({"input": call.arguments}).decode()
    function = {"name": wire(call.tool), "arguments": given}
    return {"id": legal_id(call.id), "type": "function", "function": function}


def _media(part: Media, way: Way, loss: Loss) -> dict[str, Any] | None:
    if part.file_id:
        loss.never(f"{part.kind} {part.file_id}: a file's id is known to the provider that keeps it only")
    if part.kind == "image":
        image = {"url": data_url(part)}
        return {"type": "image_url", "image_url": image | ({"detail": part.detail} if part.detail else {})}
    if part.url or way.kind not in ("openai", "azure", "google", "openrouter", "mock"):
        loss.lose("a document by address" if part.url else "a document")
        return None
    return {"type": "file", "file": {"filename": part.name or "document.pdf", "file_data": data_url(part)}}
