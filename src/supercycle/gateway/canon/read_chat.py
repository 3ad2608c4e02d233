"""A chat completion request as a canonical one."""

# The JSON of other people's dialects has no types.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false, reportUnknownMemberType=false
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from supercycle.core.errors import InputError
from supercycle.gateway.canon.effort import LADDER, effort_of
from supercycle.gateway.canon.form import (
    Call,
    Choice,
    Contract,
    Media,
    Name,
    Part,
    Request,
    Result,
    Text,
    Thinking,
    Tool,
    Turn,
)
from supercycle.gateway.canon.loss import Loss
from supercycle.gateway.canon.reading import dumped, knobs_of, media_of, objects, the_rest, words

__all__ = ["contract_of", "effort_word", "read_chat"]

_KNOWN: Final = frozenset({
    "model", "messages", "max_tokens", "max_completion_tokens", "stop", "stream", "temperature", "top_p", "tools",
    "tool_choice", "parallel_tool_calls", "response_format", "reasoning_effort", "reasoning", "thinking", "user",
    "safety_identifier", "service_tier", "verbosity", "prompt_cache_key", "modalities",
})  # fmt: skip


def read_chat(fields: Mapping[str, Any], loss: Loss) -> Request:
    """A decoded body as a request. Raises InputError for odd types, Untranslatable for what has no equal."""
    the_rest(fields, _KNOWN, loss)
    if fields.get("modalities") not in (None, ["text"]):
        loss.lose("modalities other than text")
    limits = [fields[name] for name in ("max_completion_tokens", "max_tokens") if fields.get(name)]
    tools = _tools(fields.get("tools"), loss)
    return Request(
        model=str(fields.get("model")),
        turns=_turns(objects(fields.get("messages"), "messages"), loss),
        tools=tools,
        choice=_choice(fields.get("tool_choice"), tools, loss),
        parallel=fields.get("parallel_tool_calls"),
        contract=contract_of(fields.get("response_format"), "response_format", loss),
        effort=_effort(fields, loss),
        max_output=max(limits, default=None),
        stop=words(fields.get("stop"), "stop"),
        temperature=fields.get("temperature"),
        top_p=fields.get("top_p"),
        knobs=knobs_of(fields),
        stream=bool(fields.get("stream")),
        user=str(fields.get("safety_identifier") or fields.get("user") or ""),
        tier=str(fields.get("service_tier") or ""),
        verbosity=str(fields.get("verbosity") or ""),
        cache_key=str(fields.get("prompt_cache_key") or ""),
    )


def _effort(fields: Mapping[str, Any], loss: Loss) -> str:
    """reasoning_effort, or how OpenRouter (``reasoning``) and DeepSeek (``thinking``) say it."""
    said = fields.get("reasoning_effort")
    other = fields.get("reasoning")
    if said is None and isinstance(other, dict):
        if other.get("enabled") is False:
            said = "none"
        elif isinstance(other.get("max_tokens"), int):
            said = effort_of(other["max_tokens"])
        else:
            said = other.get("effort")
    thinking = fields.get("thinking")
    if said is None and isinstance(thinking, dict) and thinking.get("type") == "disabled":
        said = "none"
    return effort_word(said, "reasoning_effort", loss)


def effort_word(said: object, where: str, loss: Loss) -> str:
    """A rung of the ladder; what is no rung is lost by name."""
    if said is None:
        return ""
    if said not in LADDER:
        loss.lose(f"{where} {said!r}"[:80])
        return ""
    return str(said)


def contract_of(given: object, where: str, loss: Loss) -> Contract | None:
    """What the answer must look like, as chat and Responses say it."""
    if given is None:
        return None
    if not isinstance(given, dict):
        raise InputError(where, expected="an object", got=type(given).__name__)
    kind = given.get("type")
    if kind == "text":
        return None
    if kind == "json_object":
        return Contract()
    inner = given.get("json_schema", given)
    if kind == "json_schema" and isinstance(inner, dict) and isinstance(inner.get("schema"), dict):
        return Contract(
            dumped(inner["schema"]),
            str(inner.get("name") or "answer"),
            inner.get("strict"),
            str(inner.get("description") or ""),
        )
    loss.lose(f"{where} of type {kind!r}"[:80])
    return None


def _turns(messages: list[dict[str, Any]], loss: Loss) -> tuple[Turn, ...]:
    turns: list[Turn] = []
    results: list[Part] = []
    custom: set[str] = set()  # ids of calls of custom tools: their results do not say so
    for message in messages:
        role = message.get("role")
        if role == "tool":
            content = [p for p in _parts(message.get("content"), loss) if isinstance(p, Text | Media)]
            call_id = str(message.get("tool_call_id"))
            results.append(Result(call_id, tuple(content), custom=call_id in custom))
            continue
        if results:
            turns.append(Turn("user", tuple(results)))
            results = []
        parts = _parts(message.get("content"), loss)
        if role in ("system", "developer"):
            turns.append(Turn("system", tuple(parts)))
        elif role == "user":
            turns.append(Turn("user", tuple(parts)))
        elif role == "assistant":
            said = _said(message, parts, loss)
            custom |= {part.id for part in said if isinstance(part, Call) and part.tool.custom}
            turns.append(Turn("assistant", said))
        else:
            loss.lose(f"a message of role {role!r}"[:80])
        if message.get("name"):
            loss.lose("name of a message")  # the model reads it
    if results:
        turns.append(Turn("user", tuple(results)))
    return tuple(turns)


def _said(message: Mapping[str, Any], parts: list[Part], loss: Loss) -> tuple[Part, ...]:
    thought = message.get("reasoning_content") or message.get("reasoning")
    if isinstance(thought, str) and thought:
        parts.insert(0, Thinking(thought))
    if message.get("refusal"):
        parts.append(Text(str(message["refusal"])))
    if message.get("audio"):
        loss.lose("audio of an earlier answer")
    if message.get("function_call"):
        loss.lose("function_call")
    for call in objects(message.get("tool_calls"), "tool_calls"):
        if call.get("type") == "custom":
            custom = call.get("custom") or {}
            name = Name(str(custom.get("name")), custom=True)
            parts.append(Call(str(call.get("id")), name, str(custom.get("input") or "")))
            continue
        function = call.get("function") or {}
        given = function.get("arguments")
        parts.append(Call(str(call.get("id")), Name(str(function.get("name"))), str(given or "{}")))
    return tuple(parts)


def _parts(content: object, loss: Loss) -> list[Part]:
    if content is None or content == "":
        return []
    if isinstance(content, str):
        return [Text(content)]
    found: list[Part] = []
    for part in objects(content, "content"):
        kind = part.get("type")
        if kind in ("text", "refusal"):
            found.append(Text(str(part.get(kind) or "")))
        elif kind == "image_url":
            image = part.get("image_url")
            image = image if isinstance(image, dict) else {"url": image}
            address = str(image.get("url") or "")
            found.append(media_of("image", address, detail=str(image.get("detail") or "")))
        elif kind == "file":
            file = part.get("file") or {}
            name = str(file.get("filename") or "")
            if file.get("file_id"):
                found.append(Media("file", file_id=str(file["file_id"]), name=name))
            else:
                found.append(media_of("file", str(file.get("file_data") or ""), name=name))
        else:
            loss.lose(f"content of type {kind!r}"[:80])
    return found


def _tools(given: object, loss: Loss) -> tuple[Tool, ...]:
    found: list[Tool] = []
    for tool in objects(given, "tools"):
        kind = tool.get("type", "function")
        if kind == "function":
            function = tool.get("function") or {}
            schema = function.get("parameters")
            found.append(
                Tool(
                    Name(str(function.get("name"))),
                    str(function.get("description") or ""),
                    dumped(schema) if isinstance(schema, dict) else "",
                    function.get("strict"),
                )
            )
        elif kind == "custom":
            custom = tool.get("custom") or {}
            form = custom.get("format")
            grammar = dumped(form) if isinstance(form, dict) and form.get("type") != "text" else ""
            name = Name(str(custom.get("name")), custom=True)
            found.append(Tool(name, str(custom.get("description") or ""), grammar=grammar))
        else:
            loss.lose(f"a tool of type {kind!r}"[:80])
    return tuple(found)


def _choice(given: object, tools: tuple[Tool, ...], loss: Loss) -> Choice:
    if given in ("auto", "none", "required"):
        return Choice(given)
    if given is None:
        return Choice()
    if isinstance(given, dict):
        inner = given.get("function") or given.get("custom")
        name = str(inner.get("name")) if isinstance(inner, dict) else ""
        found = next((tool.tool for tool in tools if tool.tool.name == name), None)
        if found is not None:
            return Choice("tool", found)
    loss.lose(f"tool_choice {dumped(given)}"[:80])
    return Choice()
