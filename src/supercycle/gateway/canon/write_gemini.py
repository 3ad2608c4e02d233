"""A canonical request in the words of Gemini's generateContent (also on Vertex)."""

from __future__ import annotations

import re
from typing import Any, Final

from supercycle.gateway.canon.effort import budget_of
from supercycle.gateway.canon.form import Call, Media, Request, Result, Text, Thinking, Tool, Turn
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
    nearest,
    no_prefill,
    the_others,
    unlike,
)

__all__ = ["write_gemini"]

_SETTINGS: Final = {
    "top_k": "topK",
    "seed": "seed",
    "frequency_penalty": "frequencyPenalty",
    "presence_penalty": "presencePenalty",
}
_STOPS: Final = 5
_MOST_BUDGET: Final = 24_576  # of 2.5 Flash; Pro thinks up to 32,768
_LEVELS: Final = ("minimal", "low", "medium", "high")
_OLD: Final = re.compile(r"gemini-[12]\b")  # budgets, not levels; signatures are not asked for
# What stands in for a signature that another model's calls do not have (the vendor's own word for it).
NO_SIGNATURE: Final = "skip_thought_signature_validator"


def write_gemini(request: Request, way: Way, loss: Loss, *, own: bool = False) -> Written:
    """A body for generateContent; the model and whether it streams stand in the path. Raises Untranslatable."""
    no_prefill(request, loss)
    the_others(request, way, loss, can=frozenset({"tier"}))
    system, turns = hoisted(request.turns, loss)
    body: dict[str, Any] = {"contents": []}
    names: dict[str, str] = {}
    for turn in alternating(turns, loss):
        parts = _parts(turn, way, names, loss, own=own)
        if parts:
            body["contents"].append({"role": "model" if turn.role == "assistant" else "user", "parts": parts})
    if system:
        body["systemInstruction"] = {"parts": [{"text": part.text} for part in system]}
    if request.tools:
        body["tools"] = [{"functionDeclarations": [_tool(tool) for tool in request.tools]}]
        choice = _choice(request)
        if choice is not None:
            body["toolConfig"] = {"functionCallingConfig": choice}
    config = _config(request, way, loss)
    if config:
        body["generationConfig"] = config
    if request.tier not in USUAL_TIERS:
        body["serviceTier"] = request.tier
    return Written(body)


def _choice(request: Request) -> dict[str, Any] | None:
    mode = request.choice.mode
    if mode == "tool":
        return {"mode": "ANY", "allowedFunctionNames": [wire(request.choice.tool)]}
    words = {"auto": "AUTO", "none": "NONE", "required": "ANY"}
    return {"mode": words[mode]} if mode in words else None


def _tool(tool: Tool) -> dict[str, Any]:
    description, schema = (
        custom_schema(tool) if tool.tool.custom else (tool.description, tool.schema or EMPTY_SCHEMA)
    )
    told: dict[str, Any] = {"name": wire(tool.tool), "parametersJsonSchema": loaded(schema)}
    return told | ({"description": description} if description else {})


def _config(request: Request, way: Way, loss: Loss) -> dict[str, Any]:
    config: dict[str, Any] = {}
    most = limit(request, way, loss)
    if most is not None:
        config["maxOutputTokens"] = most
    if request.temperature is not None:
        config["temperature"] = request.temperature
    if request.top_p is not None:
        config["topP"] = request.top_p
    if request.stop:
        if len(request.stop) > _STOPS:
            loss.lose(f"more than {_STOPS} stop sequences")
        config["stopSequences"] = list(request.stop[:_STOPS])
    config |= knobs(request, _SETTINGS, loss)
    if request.contract is not None:
        config["responseMimeType"] = "application/json"
        if request.contract.schema:
            config["responseJsonSchema"] = loaded(request.contract.schema)
    thinking: dict[str, Any] = {}
    if request.effort and _OLD.search(way.model):
        budget = request.budget if request.budget is not None else budget_of(request.effort)
        thinking["thinkingBudget"] = min(budget, _MOST_BUDGET)
    elif request.effort:
        if request.effort == "none":
            loss.note("this model always thinks: at its least level")
        word = nearest(request.effort if request.effort != "none" else "minimal", _LEVELS, loss)
        thinking["thinkingLevel"] = word.upper()
    if request.thoughts:
        thinking["includeThoughts"] = True
    if thinking:
        config["thinkingConfig"] = thinking
    return config


def _parts(turn: Turn, way: Way, names: dict[str, str], loss: Loss, *, own: bool) -> list[dict[str, Any]]:
    """The parts of a turn. ``names`` collects which tool each call was of, for its result."""
    found: list[dict[str, Any]] = []
    sealed = ""  # waits for the part it belongs to, which follows it
    calls = 0
    for part in turn.parts:
        if isinstance(part, Thinking):
            sealed = part.sealed if part.sealed and not unlike(part, way, own) else sealed
            continue
        if isinstance(part, Result):
            found += _result(part, way, names, loss)
            continue
        if isinstance(part, Text):
            if not part.text:
                continue
            one: dict[str, Any] = {"text": part.text}
        elif isinstance(part, Call):
            names[part.id] = wire(part.tool)
            call: dict[str, Any] = {"name": wire(part.tool), "args": arguments_of(part)}
            if way.kind == "gemini":
                call["id"] = legal_id(part.id)
            one = {"functionCall": call}
            if calls == 0 and not sealed and not _OLD.search(way.model):
                one["thoughtSignature"] = NO_SIGNATURE
            calls += 1
        else:
            media = _media(part, loss)
            if media is None:
                continue
            one = media
        if sealed:
            one["thoughtSignature"] = sealed
            sealed = ""
        found.append(one)
    return found


def _result(part: Result, way: Way, names: dict[str, str], loss: Loss) -> list[dict[str, Any]]:
    text = "\n".join(one.text for one in part.parts if isinstance(one, Text))
    response: dict[str, Any] = {"name": names.get(part.call_id, "unknown")}
    response["response"] = {"error" if part.is_error else "result": text}
    if way.kind == "gemini":
        response["id"] = legal_id(part.call_id)
    media = [m for one in part.parts if isinstance(one, Media) and (m := _media(one, loss)) is not None]
    if not media:
        return [{"functionResponse": response}]
    if _OLD.search(way.model):
        return [{"functionResponse": response}, *media]
    return [{"functionResponse": {**response, "parts": media}}]


def _media(part: Media, loss: Loss) -> dict[str, Any] | None:
    if part.file_id:
        loss.never(f"{part.kind} {part.file_id}: a file's id is known to the provider that keeps it only")
    if part.url:
        # The gateway does not fetch: it would reach what the caller cannot, and nothing would bound the tokens.
        loss.lose(f"{'a picture' if part.kind == 'image' else 'a document'} by address")
        return None
    if part.detail not in ("", "auto", "high"):
        loss.note(f"detail {part.detail} of a picture left out")
    return {"inlineData": {"mimeType": part.media_type, "data": part.data}}
