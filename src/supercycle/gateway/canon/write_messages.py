"""A canonical request in the words of messages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, cast

from supercycle.gateway.canon.claude import generation, sampling, thinking
from supercycle.gateway.canon.form import (
    Call,
    Choice,
    Contract,
    Media,
    Part,
    Request,
    Result,
    Text,
    Thinking,
    Tool,
)
from supercycle.gateway.canon.loss import Loss
from supercycle.gateway.canon.names import legal_id, wire
from supercycle.gateway.canon.write_chat import custom_schema
from supercycle.gateway.canon.writing import (
    EMPTY_SCHEMA,
    USUAL_TIERS,
    Way,
    Written,
    alternating,
    hoisted,
    knobs,
    limit,
    loaded,
    no_prefill,
    the_others,
    unlike,
)

__all__ = ["arguments_of", "write_messages"]

# Where the upstream must be told a limit, the client set none and the model's own is not known.
_MOST: Final = 4096
_CAN: Final = frozenset({"user", "parallel", "cache"})


def write_messages(request: Request, way: Way, loss: Loss, *, own: bool = False) -> Written:
    """A body for messages. ``own``: the client speaks messages too. Raises Untranslatable."""
    the_others(request, way, loss, can=_CAN)
    if not own:
        no_prefill(request, loss)
    system, turns = hoisted(request.turns, loss)
    most = limit(request, way, loss) or way.max_output or _MOST
    body: dict[str, Any] = {"model": way.model, "messages": [], "max_tokens": most}
    for turn in alternating(turns, loss):
        body["messages"].append({"role": turn.role, "content": _blocks(turn.parts, way, loss, own=own)})
    if system:
        body["system"] = [_marked({"type": "text", "text": part.text}, part.cache) for part in system]
    _tools(request, body)
    unwrap = _promise(request.contract, way, body, loss) if request.contract is not None else ""
    forced = bool(unwrap) or request.choice.mode in ("required", "tool")
    thought, effort = thinking(request, way, most, loss, forced=forced, own=own)
    if thought is not None:
        body["thinking"] = thought
    if effort:
        body.setdefault("output_config", {})["effort"] = effort
    thinks = thought is not None and thought["type"] != "disabled"
    body |= sampling(request, way, loss, thinks=thinks)
    body |= knobs(request, {} if thinks else {"top_k": "top_k"}, loss)
    if request.stop:
        body["stop_sequences"] = list(request.stop)
    if request.user:
        body["metadata"] = {"user_id": request.user}
    if request.tier not in USUAL_TIERS:
        loss.note(f"service_tier {request.tier} left out")
    if request.stream:
        body["stream"] = True
    return Written(body, unwrap)


def _marked(block: dict[str, Any], cache: str) -> dict[str, Any]:
    if cache:
        block["cache_control"] = {"type": "ephemeral", **({"ttl": cache} if cache != "5m" else {})}
    return block


def _tools(request: Request, body: dict[str, Any]) -> None:
    if not request.tools:
        return
    body["tools"] = [_tool(tool) for tool in request.tools]
    choice = _choice(request.choice)
    if request.parallel is not None and request.choice.mode != "none":
        choice = {**(choice or {"type": "auto"}), "disable_parallel_tool_use": not request.parallel}
    if choice:
        body["tool_choice"] = choice


def _choice(choice: Choice) -> dict[str, Any] | None:
    if not choice.mode:
        return None
    if choice.mode == "tool":
        return {"type": "tool", "name": wire(choice.tool)}
    return {"type": "any" if choice.mode == "required" else choice.mode}


def _tool(tool: Tool) -> dict[str, Any]:
    description, schema = (
        custom_schema(tool) if tool.tool.custom else (tool.description, tool.schema or EMPTY_SCHEMA)
    )
    told: dict[str, Any] = {"name": wire(tool.tool), "input_schema": loaded(schema)}
    if description:
        told["description"] = description
    if tool.strict is not None:
        told["strict"] = tool.strict
    return _marked(told, tool.cache)


def _promise(contract: Contract, way: Way, body: dict[str, Any], loss: Loss) -> str:
    """The shape of the answer; the name of the tool it is asked for as, where the model knows no shapes."""
    version = generation(way.model)
    if contract.schema and (version is None or version >= (4, 5)):
        form = {"type": "json_schema", "schema": loaded(contract.schema)}
        body.setdefault("output_config", {})["format"] = form
        return ""
    if "tools" in body:
        loss.lose("a shape of the answer beside tools")
        return ""
    name = "answer"
    schema = loaded(contract.schema) if contract.schema else {"type": "object", "additionalProperties": True}
    body["tools"] = [{"name": name, "description": "Give the answer with this tool.", "input_schema": schema}]
    body["tool_choice"] = {"type": "tool", "name": name}
    loss.note("the shape of the answer asked for as a forced tool")
    return name


def arguments_of(call: Call) -> dict[str, Any]:
    """The arguments of a call as an object; text that is no JSON object is kept under ``_raw``.

    >>> from supercycle.gateway.canon.form import Name
    >>> arguments_of(Call("1", Name("f"), '{"a":1}')), arguments_of(Call("1", Name("f"), '{"a":'))
    ({'a': 1}, {'_raw': '{"a":'})
    """
    if call.tool.custom:
        return {"input": call.arguments}
    try:
        given = loaded(call.arguments or "{}")
    except ValueError:
        given = None
    return cast("dict[str, Any]", given) if isinstance(given, dict) else {"_raw": call.arguments}


def _blocks(parts: Sequence[Part], way: Way, loss: Loss, *, own: bool) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for part in parts:
        if isinstance(part, Text):
            if part.text:  # an empty one is refused
                found.append(_marked({"type": "text", "text": part.text}, part.cache))
        elif isinstance(part, Media):
            found.append(_marked(_media(part, loss), part.cache))
        elif isinstance(part, Thinking):
            if unlike(part, way, own):
                continue
            if part.redacted:
                found.append({"type": "redacted_thinking", "data": part.sealed})
            elif part.sealed:
                found.append({"type": "thinking", "thinking": part.text, "signature": part.sealed})
        elif isinstance(part, Call):
            block = {"type": "tool_use", "id": legal_id(part.id), "name": wire(part.tool)}
            found.append(_marked({**block, "input": arguments_of(part)}, part.cache))
        else:
            found.append(_result(part, way, loss, own=own))
    return found


def _result(part: Result, way: Way, loss: Loss, *, own: bool) -> dict[str, Any]:
    block: dict[str, Any] = {"type": "tool_result", "tool_use_id": legal_id(part.call_id)}
    block["content"] = _blocks(part.parts, way, loss, own=own)
    if part.is_error:
        block["is_error"] = True
    return _marked(block, part.cache)


def _media(part: Media, loss: Loss) -> dict[str, Any]:
    if part.file_id:
        loss.never(f"{part.kind} {part.file_id}: a file's id is known to the provider that keeps it only")
    source: dict[str, Any]
    if part.url:
        source = {"type": "url", "url": part.url}
    else:
        source = {"type": "base64", "media_type": part.media_type, "data": part.data}
    block: dict[str, Any] = {"type": "image" if part.kind == "image" else "document", "source": source}
    if part.name and part.kind == "file":
        block["title"] = part.name
    if part.detail not in ("", "auto", "high"):
        loss.note(f"detail {part.detail} of a picture left out")
    return block
