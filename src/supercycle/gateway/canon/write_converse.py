"""A canonical request in the words of Bedrock's Converse."""

from __future__ import annotations

import re
from typing import Any, Final

from supercycle.gateway.canon.claude import generation, sampling, thinking
from supercycle.gateway.canon.form import Call, Media, Part, Request, Result, Text, Thinking, Tool, Turn
from supercycle.gateway.canon.loss import Loss
from supercycle.gateway.canon.names import legal_id, wire
from supercycle.gateway.canon.write_chat import custom_schema
from supercycle.gateway.canon.write_messages import arguments_of
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

__all__ = ["write_converse"]

_MOST: Final = 4096  # where thinking needs a limit, the client set none and the model's own is not known
_STUB: Final[dict[str, Any]] = {
    "name": "unavailable",
    "description": "Not available; do not call it.",
    "inputSchema": {"json": {"type": "object", "properties": {}}},
}
_FORMATS: Final = {
    "image/png": "png", "image/jpeg": "jpeg", "image/jpg": "jpeg", "image/gif": "gif", "image/webp": "webp",
    "application/pdf": "pdf", "text/plain": "txt", "text/csv": "csv", "text/html": "html", "text/markdown": "md",
}  # fmt: skip
_NOT_NAME: Final = re.compile(r"[^A-Za-z0-9 \-()\[\]]+")


def write_converse(request: Request, way: Way, loss: Loss, *, own: bool = False) -> Written:
    """A body for Converse; the model and whether it streams stand in the path. Raises Untranslatable."""
    no_prefill(request, loss)
    the_others(request, way, loss, can=frozenset({"tier", "cache"}))
    claude = generation(way.model) is not None
    system, turns = hoisted(request.turns, loss)
    body: dict[str, Any] = {"messages": []}
    for turn in alternating(turns, loss):
        body["messages"].append({"role": turn.role, "content": _blocks(turn, way, loss, own=own)})
    if system:
        body["system"] = []
        for part in system:
            body["system"] += [{"text": part.text}, *_mark(part.cache)]
    _tools(request, body)
    config: dict[str, Any] = {}
    more: dict[str, Any] = {}
    most = limit(request, way, loss)
    if most is not None:
        config["maxTokens"] = most
    forced = request.choice.mode in ("required", "tool")
    if claude:
        thought, effort = thinking(
            request, way, most or way.max_output or _MOST, loss, forced=forced, own=own
        )
        if thought is not None:
            more["thinking"] = thought
        if effort:
            body.setdefault("outputConfig", {})["effort"] = effort
        thinks = thought is not None and thought["type"] != "disabled"
    else:
        thinks = False
        if request.effort:
            loss.note(f"effort {request.effort} is not said to {way.model}")
    found = sampling(request, way, loss, thinks=thinks)
    config |= {{"top_p": "topP"}.get(name, name): value for name, value in found.items()}
    more |= knobs(request, {"top_k": "top_k"} if claude and not thinks else {}, loss)
    if request.stop:
        config["stopSequences"] = list(request.stop)
    if config:
        body["inferenceConfig"] = config
    if more:
        body["additionalModelRequestFields"] = more
    if request.contract is not None:
        _promise(request, body, loss)
    if request.tier not in USUAL_TIERS:
        body["serviceTier"] = {"type": request.tier}
    return Written(body)


def _promise(request: Request, body: dict[str, Any], loss: Loss) -> None:
    contract = request.contract
    assert contract is not None
    if not contract.schema:
        loss.lose("an answer of any JSON object (say a json_schema)")
        return
    schema = {"schema": contract.schema, "name": contract.name}
    if contract.description:
        schema["description"] = contract.description
    form = {"type": "json_schema", "structure": {"jsonSchema": schema}}
    body.setdefault("outputConfig", {})["textFormat"] = form


def _mark(cache: str) -> list[dict[str, Any]]:
    if not cache:
        return []
    return [{"cachePoint": {"type": "default", **({"ttl": cache} if cache != "5m" else {})}}]


def _tools(request: Request, body: dict[str, Any]) -> None:
    history = any(isinstance(part, Call | Result) for turn in request.turns for part in turn.parts)
    mode = request.choice.mode
    if not request.tools or mode == "none":
        # There is no "none"; a history with tools in it needs some, so one that does nothing stands in.
        if history:
            body["toolConfig"] = {"tools": [{"toolSpec": _STUB}]}
        return
    listed: list[dict[str, Any]] = []
    for tool in request.tools:
        listed += [{"toolSpec": _tool(tool)}, *_mark(tool.cache)]
    config: dict[str, Any] = {"tools": listed}
    body["toolConfig"] = config
    if mode == "tool":
        config["toolChoice"] = {"tool": {"name": wire(request.choice.tool)}}
    elif mode:
        config["toolChoice"] = {"any" if mode == "required" else "auto": {}}


def _tool(tool: Tool) -> dict[str, Any]:
    description, schema = (
        custom_schema(tool) if tool.tool.custom else (tool.description, tool.schema or EMPTY_SCHEMA)
    )
    told: dict[str, Any] = {"name": wire(tool.tool), "inputSchema": {"json": loaded(schema)}}
    if description:
        told["description"] = description
    if tool.strict is not None:
        told["strict"] = tool.strict
    return told


def _blocks(turn: Turn, way: Way, loss: Loss, *, own: bool) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for at, part in enumerate(turn.parts):
        block = _block(part, at, way, loss, own=own)
        if block is not None:
            found.append(block)
        if not isinstance(part, Thinking):
            found += _mark(part.cache)
    return found


def _block(part: Part, at: int, way: Way, loss: Loss, *, own: bool) -> dict[str, Any] | None:
    if isinstance(part, Text):
        return {"text": part.text} if part.text.strip() else None  # an empty one is refused
    if isinstance(part, Media):
        return _media(part, at, loss)
    if isinstance(part, Thinking):
        if unlike(part, way, own) or not part.sealed:
            return None
        if part.redacted:
            return {"reasoningContent": {"redactedContent": part.sealed}}
        return {"reasoningContent": {"reasoningText": {"text": part.text, "signature": part.sealed}}}
    if isinstance(part, Call):
        call = {"toolUseId": legal_id(part.id), "name": wire(part.tool), "input": arguments_of(part)}
        return {"toolUse": call}
    content = [one for inner in part.parts if (one := _block(inner, at, way, loss, own=own)) is not None]
    result: dict[str, Any] = {
        "toolUseId": legal_id(part.call_id),
        "content": content or [{"text": "(empty)"}],
    }
    return {"toolResult": result | ({"status": "error"} if part.is_error else {})}


def _media(part: Media, at: int, loss: Loss) -> dict[str, Any] | None:
    if part.file_id:
        loss.never(f"{part.kind} {part.file_id}: a file's id is known to the provider that keeps it only")
    what = "a picture" if part.kind == "image" else "a document"
    if part.url:
        loss.lose(f"{what} by address")
        return None
    form = _FORMATS.get(part.media_type)
    if form is None:
        loss.lose(f"{what} of type {part.media_type}")
        return None
    if part.kind == "image":
        return {"image": {"format": form, "source": {"bytes": part.data}}}
    name = _NOT_NAME.sub(" ", part.name).strip() or f"document {at}"
    return {"document": {"format": form, "name": name, "source": {"bytes": part.data}}}
