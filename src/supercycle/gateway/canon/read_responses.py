"""A Responses request as a canonical one, with the habits of Codex: namespaces, custom tools, reasoning items."""

# The JSON of other people's dialects has no types.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false, reportUnknownMemberType=false
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from supercycle.gateway.canon import carrier
from supercycle.gateway.canon.form import (
    Call,
    Choice,
    Media,
    Name,
    Part,
    Request,
    Result,
    Role,
    Text,
    Thinking,
    Tool,
    Turn,
)
from supercycle.gateway.canon.loss import Loss
from supercycle.gateway.canon.read_chat import contract_of, effort_word
from supercycle.gateway.canon.reading import dumped, knobs_of, media_of, objects, the_rest

__all__ = ["read_responses"]

_KNOWN: Final = frozenset({
    "model", "input", "instructions", "max_output_tokens", "max_tokens", "parallel_tool_calls", "reasoning", "text",
    "stream", "include", "prompt_cache_key", "safety_identifier", "user", "temperature", "top_p", "tools",
    "tool_choice", "service_tier", "background", "previous_response_id", "conversation", "prompt",
})  # fmt: skip
# What only the provider that made it can look up: without it the request would be another one.
_STATE: Final = ("previous_response_id", "conversation", "prompt", "background")
_TEXTS: Final = ("input_text", "output_text", "text", "refusal", "summary_text", "reasoning_text")
_OWN_RESULTS: Final = (
    "web_search_call",
    "file_search_call",
    "code_interpreter_call",
    "image_generation_call",
)


def read_responses(fields: Mapping[str, Any], loss: Loss) -> Request:
    """A decoded body as a request. Raises InputError for odd types, Untranslatable for what has no equal."""
    the_rest(fields, _KNOWN, loss)
    for name in _STATE:
        if fields.get(name):
            loss.never(f"{name} is kept by the provider that made it; {loss.dialect} has no equal for it")
    if fields.get("store") is True:  # who says so means to ask for it again, and nobody keeps it
        loss.lose("store: true (a translated Response is kept nowhere)")
    for what in fields.get("include") or []:
        if "logprobs" in str(what):
            loss.lose(f"include {what}"[:80])
        elif what != "reasoning.encrypted_content":
            loss.note(f"include {what} left out"[:80])
    given = fields.get("input")
    items = [{"role": "user", "content": given}] if isinstance(given, str) else objects(given, "input")
    lifted = [tool for item in items if item.get("type") == "additional_tools" for tool in item["tools"]]
    tools = _tools([*objects(fields.get("tools"), "tools"), *objects(lifted, "additional_tools")], "", loss)
    turns = _turns(items, loss)
    instructions = fields.get("instructions")
    if instructions:
        turns.insert(0, Turn("system", (Text(str(instructions)),)))
    reasoning, text = fields.get("reasoning") or {}, fields.get("text") or {}
    tools, choice = _choice(fields.get("tool_choice"), tools, loss)
    summary = reasoning.get("summary") or reasoning.get("generate_summary")
    limits = [fields[name] for name in ("max_output_tokens", "max_tokens") if fields.get(name)]
    return Request(
        model=str(fields.get("model")),
        turns=tuple(turns),
        tools=tools,
        choice=choice,
        parallel=fields.get("parallel_tool_calls"),
        contract=contract_of(text.get("format"), "text.format", loss),
        effort=effort_word(reasoning.get("effort"), "reasoning.effort", loss),
        thoughts=True if summary and summary != "none" else None,
        max_output=max(limits, default=None),
        temperature=fields.get("temperature"),
        top_p=fields.get("top_p"),
        knobs=knobs_of(fields),
        stream=bool(fields.get("stream")),
        user=str(fields.get("safety_identifier") or fields.get("user") or ""),
        tier=str(fields.get("service_tier") or ""),
        verbosity=str(text.get("verbosity") or ""),
        cache_key=str(fields.get("prompt_cache_key") or ""),
    )


def _turns(items: list[dict[str, Any]], loss: Loss) -> list[Turn]:
    """Items as turns: all that the assistant said in a row is one turn, so are results in a row."""
    turns: list[Turn] = []
    for item in items:
        kind = item.get("type", "message")
        if kind == "additional_tools":
            continue
        role, parts = _item(kind, item, loss)
        if not parts and kind != "message":
            continue
        before = turns[-1] if turns else None
        joins = before is not None and before.role == role
        if joins and before is not None and role == "user":
            joins = all(isinstance(part, Result) for part in (*before.parts, *parts))
        if before is not None and joins and role != "system":
            turns[-1] = Turn(role, before.parts + parts)
        else:
            turns.append(Turn(role, parts))
    return turns


def _item(kind: str, item: Mapping[str, Any], loss: Loss) -> tuple[Role, tuple[Part, ...]]:
    if kind == "message":
        role = item.get("role")
        parts = tuple(_parts(item.get("content"), loss))
        if role in ("system", "developer"):
            return "system", parts
        return ("assistant" if role == "assistant" else "user"), parts
    if kind == "function_call":
        name = Name(str(item.get("name")), str(item.get("namespace") or ""))
        return "assistant", (Call(str(item.get("call_id")), name, str(item.get("arguments") or "{}")),)
    if kind == "custom_tool_call":
        name = Name(str(item.get("name")), str(item.get("namespace") or ""), custom=True)
        return "assistant", (Call(str(item.get("call_id")), name, str(item.get("input") or "")),)
    if kind in ("function_call_output", "custom_tool_call_output"):
        inner = [p for p in _parts(item.get("output"), loss) if isinstance(p, Text | Media)]
        custom = kind.startswith("custom")
        return "user", (Result(str(item.get("call_id")), tuple(inner), custom=custom),)
    if kind == "reasoning":
        return "assistant", _reasoning(item)
    if kind in _OWN_RESULTS:
        loss.note(f"an earlier {kind} left out")
        return "assistant", ()
    if kind in ("item_reference", "compaction", "compaction_trigger"):
        loss.never(
            f"input item {kind} is kept by the provider that made it; {loss.dialect} has no equal for it"
        )
    loss.lose(f"input item {kind}"[:80])
    return "assistant", ()


def _reasoning(item: Mapping[str, Any]) -> tuple[Part, ...]:
    told = [*objects(item.get("summary"), "summary"), *objects(item.get("content"), "content")]
    text = "\n\n".join(str(part.get("text") or "") for part in told)
    slot = str(item.get("encrypted_content") or "")
    carried = carrier.unpack(slot)
    if carried is not None:
        return (Thinking(carried.text or text, carried.sealed, carried.origin, carried.redacted),)
    if not slot and not text:
        return ()
    return (Thinking(text, slot),)


def _parts(content: object, loss: Loss) -> list[Part]:
    if content is None or content == "":
        return []
    if isinstance(content, str):
        return [Text(content)]
    found: list[Part] = []
    for part in objects(content, "content"):
        kind = part.get("type")
        if kind in _TEXTS:
            found.append(Text(str(part.get("text") or part.get("refusal") or "")))
        elif kind == "input_image":
            detail = str(part.get("detail") or "")
            if part.get("file_id"):
                found.append(Media("image", file_id=str(part["file_id"]), detail=detail))
            else:
                found.append(media_of("image", str(part.get("image_url") or ""), detail=detail))
        elif kind == "input_file":
            name = str(part.get("filename") or "")
            if part.get("file_id"):
                found.append(Media("file", file_id=str(part["file_id"]), name=name))
            else:
                address = str(part.get("file_data") or part.get("file_url") or "")
                found.append(media_of("file", address, name=name))
        else:
            loss.lose(f"content of type {kind!r}"[:80])
    return found


def _tools(given: list[dict[str, Any]], namespace: str, loss: Loss) -> tuple[Tool, ...]:
    found: list[Tool] = []
    for tool in given:
        kind, name = tool.get("type"), str(tool.get("name") or "")
        description = str(tool.get("description") or "")
        if kind == "function":
            schema = tool.get("parameters")
            text = dumped(schema) if isinstance(schema, dict) else ""
            found.append(Tool(Name(name, namespace), description, text, tool.get("strict")))
        elif kind == "custom":
            form = tool.get("format")
            grammar = dumped(form) if isinstance(form, dict) and form.get("type") != "text" else ""
            found.append(Tool(Name(name, namespace, custom=True), description, grammar=grammar))
        elif kind == "namespace":
            found += _tools(objects(tool.get("tools"), "tools"), name, loss)
        else:
            loss.note(f"tool {kind} left out")  # offered, and nobody else can run it
    return tuple(found)


def _choice(given: object, tools: tuple[Tool, ...], loss: Loss) -> tuple[tuple[Tool, ...], Choice]:
    if given is None:
        return tools, Choice()
    if given in ("auto", "none", "required"):
        return tools, Choice(given)
    if isinstance(given, dict):
        if given.get("type") == "allowed_tools":
            names = {str(one.get("name")) for one in objects(given.get("tools"), "tool_choice.tools")}
            kept = tuple(tool for tool in tools if tool.tool.name in names)
            return kept, Choice("required" if given.get("mode") == "required" else "auto")
        found = next((tool.tool for tool in tools if tool.tool.name == given.get("name")), None)
        if found is not None:
            return tools, Choice("tool", found)
    loss.lose(f"tool_choice {dumped(given)}"[:80])
    return tools, Choice()
