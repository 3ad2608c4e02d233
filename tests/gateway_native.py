"""Requests of Gemini and Converse read back into the canonical form, by readers of the tests' own."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from supercycle.gateway.canon.form import (
    Call,
    Choice,
    Contract,
    Media,
    Name,
    Request,
    Result,
    Text,
    Tool,
    Turn,
)

__all__ = ["read_converse", "read_gemini"]


def dumped(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def inline(held: Any) -> Media:
    kind: Any = "image" if held["mimeType"].startswith("image/") else "file"
    return Media(kind, held["mimeType"], held["data"])


def gemini_part(part: Any) -> Any:
    if "functionCall" in part:
        call = part["functionCall"]
        return Call(call["id"], Name(call["name"]), dumped(call["args"]))
    if "functionResponse" in part:
        held = part["functionResponse"]
        ((word, text),) = held["response"].items()
        pictures = tuple(inline(p["inlineData"]) for p in held.get("parts") or [])
        return Result(held["id"], (Text(text), *pictures), word == "error")
    return inline(part["inlineData"]) if "inlineData" in part else Text(part["text"])


def read_gemini(body: Any, _: Any) -> Request:
    turns = []
    if "systemInstruction" in body:
        turns.append(Turn("system", tuple(Text(p["text"]) for p in body["systemInstruction"]["parts"])))
    for content in body["contents"]:
        role: Any = "assistant" if content["role"] == "model" else "user"
        turns.append(Turn(role, tuple(gemini_part(p) for p in content["parts"])))
    tools = [d for t in body.get("tools") or [] for d in t["functionDeclarations"]]
    calling = (body.get("toolConfig") or {}).get("functionCallingConfig") or {}
    mode: Any = {"AUTO": "auto", "ANY": "required", "NONE": "none"}.get(calling.get("mode"), "")
    choice = Choice(mode)
    if calling.get("allowedFunctionNames"):
        choice = Choice("tool", Name(calling["allowedFunctionNames"][0]))
    config = body.get("generationConfig") or {}
    schema = config.get("responseJsonSchema")
    return Request(
        "m", tuple(turns),
        tuple(Tool(Name(t["name"]), t.get("description", ""), dumped(t["parametersJsonSchema"])) for t in tools),
        choice,
        contract=Contract(dumped(schema), "answer") if schema is not None else None,
        effort=(config.get("thinkingConfig") or {}).get("thinkingLevel", "").lower(),
        max_output=config.get("maxOutputTokens"), stop=tuple(config.get("stopSequences") or ()),
        temperature=config.get("temperature"), top_p=config.get("topP"),
    )  # fmt: skip


def marked(blocks: list[Any], read: Any) -> list[Any]:
    """Blocks with the mark that follows each."""
    found: list[Any] = []
    for block in blocks:
        if "cachePoint" in block:
            found[-1] = replace(found[-1], cache=block["cachePoint"].get("ttl", "5m"))
        else:
            found.append(read(block))
    return found


def converse_block(block: Any) -> Any:
    if "toolUse" in block:
        use = block["toolUse"]
        return Call(use["toolUseId"], Name(use["name"]), dumped(use["input"]))
    if "toolResult" in block:
        held = block["toolResult"]
        inner = tuple(converse_block(b) for b in held["content"])
        return Result(held["toolUseId"], inner, held.get("status") == "error")
    if "image" in block:
        return Media("image", f"image/{block['image']['format']}", block["image"]["source"]["bytes"])
    if "document" in block:
        held = block["document"]
        return Media("file", f"application/{held['format']}", held["source"]["bytes"], name=held["name"])
    return Text(block["text"])


def read_converse(body: Any, _: Any) -> Request:
    turns = []
    if "system" in body:
        turns.append(Turn("system", tuple(marked(body["system"], converse_block))))
    for message in body["messages"]:
        turns.append(Turn(message["role"], tuple(marked(message["content"], converse_block))))

    def tool(block: Any) -> Tool:
        spec = block["toolSpec"]
        schema = dumped(spec["inputSchema"]["json"])
        return Tool(Name(spec["name"]), spec.get("description", ""), schema, spec.get("strict"))

    held = body.get("toolConfig") or {}
    ((mode, named),) = (held.get("toolChoice") or {"": {}}).items()
    word: Any = {"any": "required"}.get(mode, mode)
    form = (body.get("outputConfig") or {}).get("textFormat")
    inner = form["structure"]["jsonSchema"] if form else None
    config = body.get("inferenceConfig") or {}
    return Request(
        "m", tuple(turns), tuple(marked(held.get("tools") or [], tool)),
        Choice(word, Name(named["name"])) if mode == "tool" else Choice(word),
        contract=Contract(inner["schema"], inner["name"]) if inner else None,
        effort=(body.get("outputConfig") or {}).get("effort", ""),
        max_output=config.get("maxTokens"), stop=tuple(config.get("stopSequences") or ()),
        temperature=config.get("temperature"), top_p=config.get("topP"),
    )  # fmt: skip
