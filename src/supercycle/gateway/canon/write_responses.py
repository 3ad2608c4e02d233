"""A canonical request in the words of Responses: nothing is stored there, reasoning comes back sealed."""

from __future__ import annotations

from typing import Any, Final

from supercycle.gateway.canon.form import Call, Media, Part, Request, Result, Text, Thinking, Tool, Turn
from supercycle.gateway.canon.loss import Loss
from supercycle.gateway.canon.names import legal_id, wire
from supercycle.gateway.canon.writing import (
    EMPTY_SCHEMA,
    USUAL_TIERS,
    Way,
    Written,
    data_url,
    identity,
    knobs,
    limit,
    loaded,
    no_prefill,
    the_others,
    unlike,
)

__all__ = ["write_responses"]

_CAN: Final = frozenset({"verbosity", "cache_key", "user", "tier", "parallel"})


def write_responses(request: Request, way: Way, loss: Loss, *, own: bool = False) -> Written:
    """A body for Responses. ``own``: the client speaks Responses too. Raises Untranslatable."""
    no_prefill(request, loss)
    the_others(request, way, loss, can=_CAN)
    body: dict[str, Any] = {"model": way.model, "input": [], "store": False}
    for turn in request.turns:
        body["input"] += _items(turn, way, loss, own=own)
    if request.stop:
        loss.lose("stop")
    most = limit(request, way, loss)
    if most is not None:
        body["max_output_tokens"] = most
    for name, value in (("temperature", request.temperature), ("top_p", request.top_p)):
        if value is not None:
            body[name] = value
    body |= knobs(request, {}, loss)
    reasoning: dict[str, Any] = {}
    if request.effort:
        reasoning["effort"] = request.effort
        body["include"] = ["reasoning.encrypted_content"]
    if request.thoughts:
        reasoning["summary"] = "auto"
    if reasoning:
        body["reasoning"] = reasoning
    text: dict[str, Any] = {}
    if request.verbosity:
        text["verbosity"] = request.verbosity
    contract = request.contract
    if contract is not None:
        text["format"] = {"type": "json_object"}
        if contract.schema:
            text["format"] = {"type": "json_schema", "name": contract.name, "schema": loaded(contract.schema)}
            if contract.strict is not None:
                text["format"]["strict"] = contract.strict
            if contract.description:
                text["format"]["description"] = contract.description
    if text:
        body["text"] = text
    if request.tools:
        body["tools"] = [_tool(tool) for tool in request.tools]
        if request.choice.mode == "tool":
            kind = "custom" if request.choice.tool.custom else "function"
            body["tool_choice"] = {"type": kind, "name": wire(request.choice.tool)}
        elif request.choice.mode:
            body["tool_choice"] = request.choice.mode
        if request.parallel is not None:
            body["parallel_tool_calls"] = request.parallel
    if request.user:
        body["safety_identifier"] = identity(request, loss)
    if request.cache_key:
        body["prompt_cache_key"] = request.cache_key
    if request.tier not in USUAL_TIERS:
        body["service_tier"] = request.tier
    if request.stream:
        body["stream"] = True
    return Written(body)


def _tool(tool: Tool) -> dict[str, Any]:
    told: dict[str, Any] = {"type": "custom" if tool.tool.custom else "function", "name": wire(tool.tool)}
    if tool.description:
        told["description"] = tool.description
    if tool.tool.custom:
        return told | ({"format": loaded(tool.grammar)} if tool.grammar else {})
    # Without a word the server would hold a foreign schema to its strict rules.
    return told | {"parameters": loaded(tool.schema or EMPTY_SCHEMA), "strict": bool(tool.strict)}


def _items(turn: Turn, way: Way, loss: Loss, *, own: bool) -> list[dict[str, Any]]:
    """A turn as items in its own order; texts and pictures in a row are one message."""
    items: list[dict[str, Any]] = []
    said: list[dict[str, Any]] = []
    role = "developer" if turn.role == "system" else turn.role

    def close() -> None:
        if said:
            items.append({"type": "message", "role": role, "content": list(said)})
            said.clear()

    for part in turn.parts:
        if isinstance(part, Text | Media):
            said += _content(part, loss, out=turn.role == "assistant")
            continue
        close()
        items += _item(part, way, loss, own=own)
    close()
    return items


def _content(part: Text | Media, loss: Loss, *, out: bool) -> list[dict[str, Any]]:
    if isinstance(part, Text):
        kind = "output_text" if out else "input_text"
        return [{"type": kind, "text": part.text, **({"annotations": []} if out else {})}]
    if out:
        loss.lose("a picture said by the assistant")
        return []
    if part.file_id:
        loss.never(f"{part.kind} {part.file_id}: a file's id is known to the provider that keeps it only")
    if part.kind == "image":
        detail = {"detail": part.detail} if part.detail else {}
        return [{"type": "input_image", "image_url": data_url(part), **detail}]
    if part.url:
        return [{"type": "input_file", "file_url": part.url}]
    return [{"type": "input_file", "filename": part.name or "document.pdf", "file_data": data_url(part)}]


def _item(part: Part, way: Way, loss: Loss, *, own: bool) -> list[dict[str, Any]]:
    if isinstance(part, Thinking):
        if unlike(part, way, own) or not part.sealed:
            return []
        summary = [{"type": "summary_text", "text": part.text}] if part.text else []
        return [{"type": "reasoning", "summary": summary, "encrypted_content": part.sealed}]
    if isinstance(part, Call):
        call = {"call_id": legal_id(part.id), "name": wire(part.tool)}
        if part.tool.custom:
            return [{"type": "custom_tool_call", **call, "input": part.arguments}]
        return [{"type": "function_call", **call, "arguments": part.arguments}]
    if isinstance(part, Result):
        kind = "custom_tool_call_output" if part.custom else "function_call_output"
        given = [one for inner in part.parts for one in _content(inner, loss, out=False)]
        if part.is_error:
            given.insert(0, {"type": "input_text", "text": "Error:"})
        plain = len(given) == 1 and given[0]["type"] == "input_text"
        output = given[0]["text"] if plain else given
        return [{"type": kind, "call_id": legal_id(part.call_id), "output": output if given else ""}]
    return []
