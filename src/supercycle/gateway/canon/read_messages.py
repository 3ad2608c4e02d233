"""A messages request as a canonical one, with the habits of Claude Code: what is only for Anthropic is left out."""

# The JSON of other people's dialects has no types.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false, reportUnknownMemberType=false
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

from supercycle.gateway.canon import carrier
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

__all__ = ["read_messages"]

_KNOWN: Final = frozenset({
    "model", "messages", "system", "max_tokens", "metadata", "stop_sequences", "stream", "temperature", "top_p",
    "tools", "tool_choice", "thinking", "output_config", "output_format", "service_tier", "context_management",
    "cache_control", "inference_geo",
})  # fmt: skip
_BILLING: Final = "x-anthropic-billing-header:"  # a line of Claude Code's for its own service
# Edits that only clear what was said before: a target that never saw it has nothing to clear.
_CLEARS: Final = "clear_thinking_"
_SERVER_RESULTS: Final = ("web_search_tool_result", "web_fetch_tool_result", "code_execution_tool_result")


def read_messages(fields: Mapping[str, Any], loss: Loss) -> Request:
    """A decoded body as a request. Raises InputError for odd types, Untranslatable for what has no equal."""
    the_rest(fields, _KNOWN, loss)
    _habits(fields, loss)
    system = _content(fields.get("system"), loss)
    kept = tuple(p for p in system if not (isinstance(p, Text) and p.text.startswith(_BILLING)))
    if len(kept) < len(system):
        loss.note("billing header left out")
    turns = [Turn("system", kept)] if kept else []
    turns += [_turn(message, loss) for message in objects(fields.get("messages"), "messages")]
    tools = _tools(objects(fields.get("tools"), "tools"), loss)
    choice = fields.get("tool_choice") or {}
    effort, budget, thoughts = _thinking(fields, loss)
    metadata = fields.get("metadata")
    return Request(
        model=str(fields.get("model")),
        turns=tuple(turns),
        tools=tools,
        choice=_choice(choice, tools, loss),
        parallel=False if choice.get("disable_parallel_tool_use") else None,
        contract=_contract(fields, loss),
        effort=effort,
        budget=budget,
        thoughts=thoughts,
        max_output=fields.get("max_tokens"),
        stop=words(fields.get("stop_sequences"), "stop_sequences"),
        temperature=fields.get("temperature"),
        top_p=fields.get("top_p"),
        knobs=knobs_of(fields),
        stream=bool(fields.get("stream")),
        user=str(metadata.get("user_id") or "") if isinstance(metadata, dict) else "",
        tier={"standard_only": "default"}.get(tier := str(fields.get("service_tier") or ""), tier),
    )


def _habits(fields: Mapping[str, Any], loss: Loss) -> None:
    for edit in objects((fields.get("context_management") or {}).get("edits"), "context_management.edits"):
        kind = str(edit.get("type"))
        if kind.startswith(_CLEARS):
            loss.note(f"context_management {kind} left out")
        else:
            loss.lose(f"context_management {kind}"[:80])
    geo = fields.get("inference_geo")
    if geo not in (None, "global"):
        loss.lose(f"inference_geo {geo}"[:80])
    if fields.get("cache_control"):
        loss.note("cache_control of the whole request left out")


def _thinking(fields: Mapping[str, Any], loss: Loss) -> tuple[str, int | None, bool | None]:
    """(effort, budget, whether thoughts are shown) of ``thinking`` and ``output_config.effort``."""
    thinking = fields.get("thinking") or {}
    config = fields.get("output_config") or {}
    effort = config.get("effort")
    if effort is not None and effort not in LADDER:
        loss.lose(f"output_config.effort {effort!r}"[:80])
        effort = None
    kind = thinking.get("type")
    thoughts = None if kind is None else kind != "disabled" and thinking.get("display") != "omitted"
    if kind == "disabled":
        return "none", None, thoughts
    budget = thinking.get("budget_tokens") if kind == "enabled" else None
    if budget is not None and effort is None:
        effort = effort_of(budget)
    return effort or "", budget, thoughts


def _contract(fields: Mapping[str, Any], loss: Loss) -> Contract | None:
    form = (fields.get("output_config") or {}).get("format") or fields.get("output_format")
    if form is None:
        return None
    if form.get("type") == "json_schema" and isinstance(form.get("schema"), dict):
        return Contract(dumped(form["schema"]), "answer")
    loss.lose(f"output_config.format of type {form.get('type')!r}"[:80])
    return None


def _turn(message: Mapping[str, Any], loss: Loss) -> Turn:
    role = message.get("role")
    parts = tuple(_content(message.get("content"), loss))
    if role == "system":
        return Turn("system", parts)
    if role not in ("user", "assistant"):
        loss.lose(f"a message of role {role!r}"[:80])
    found: Literal["user", "assistant"] = "assistant" if role == "assistant" else "user"
    return Turn(found, parts)


def _content(content: object, loss: Loss) -> list[Part]:
    if content is None or content == "":
        return []
    if isinstance(content, str):
        return [Text(content)]
    found: list[Part] = []
    for block in objects(content, "content"):
        found += _block(block, loss)
    return found


def _cache(block: Mapping[str, Any]) -> str:
    mark = block.get("cache_control")
    return str(mark.get("ttl") or "5m") if isinstance(mark, dict) else ""


def _block(block: Mapping[str, Any], loss: Loss) -> list[Part]:
    kind, cache = block.get("type"), _cache(block)
    if kind == "text":
        if block.get("citations"):
            loss.note("citations of an earlier answer left out")
        return [Text(str(block.get("text") or ""), cache)]
    if kind == "thinking":
        slot = str(block.get("signature") or "")
        carried = carrier.unpack(slot)
        text = str(block.get("thinking") or "")
        if carried is not None:
            return [Thinking(text, carried.sealed, carried.origin, carried.redacted)]
        return [Thinking(text, slot)]
    if kind == "redacted_thinking":
        return [Thinking("", str(block.get("data") or ""), redacted=True)]
    if kind == "tool_use":
        name = Name(str(block.get("name")))
        return [Call(str(block.get("id")), name, dumped(block.get("input") or {}), cache)]
    if kind == "tool_result":
        inner = [p for p in _content(block.get("content"), loss) if isinstance(p, Text | Media)]
        is_error = bool(block.get("is_error"))
        return [Result(str(block.get("tool_use_id")), tuple(inner), is_error, cache=cache)]
    if kind in ("image", "document"):
        return _media(block, cache, loss)
    if kind == "tool_reference":
        return [Text(f"Tool: {block.get('tool_name') or block.get('name')}", cache)]
    if kind == "search_result":
        inner = [p.text for p in _content(block.get("content"), loss) if isinstance(p, Text)]
        return [Text("\n".join([f"{block.get('title')} ({block.get('source')})", *inner]), cache)]
    if kind == "server_tool_use" or kind in _SERVER_RESULTS:
        loss.lose(f"an earlier {kind} of Anthropic's")
        return []
    loss.lose(f"content of type {kind!r}"[:80])
    return []


def _media(block: Mapping[str, Any], cache: str, loss: Loss) -> list[Part]:
    kind = "image" if block.get("type") == "image" else "file"
    source = block.get("source") or {}
    how, name = source.get("type"), str(block.get("title") or "")
    if how == "base64":
        return [
            Media(kind, str(source.get("media_type")), str(source.get("data") or ""), name=name, cache=cache)
        ]
    if how == "url":
        return [media_of(kind, str(source.get("url") or ""), name=name, cache=cache)]
    if how == "file":
        return [Media(kind, file_id=str(source.get("file_id")), name=name, cache=cache)]
    if how == "text":
        return [Text("\n".join(filter(None, (name, str(source.get("data") or "")))), cache)]
    if how == "content":
        return _content(source.get("content"), loss)
    loss.lose(f"a {block.get('type')} by {how!r}"[:80])
    return []


def _tools(given: list[dict[str, Any]], loss: Loss) -> tuple[Tool, ...]:
    found: list[Tool] = []
    for at, tool in enumerate(given):
        kind = tool.get("type", "custom")
        if kind != "custom":
            stem = str(kind).partition("_20")[0]
            if stem in ("web_search", "web_fetch", "code_execution") or stem.startswith("tool_search"):
                loss.note(f"tool {kind} left out")  # merely offered
            else:
                loss.lose(f"a tool of type {kind!r}"[:80])
            continue
        if tool.get("defer_loading"):
            # Anthropic's own sentence: Claude Code then sends all tools in full.
            loss.never(f"tools.{at}.defer_loading: Extra inputs are not permitted")
        schema = tool.get("input_schema")
        found.append(
            Tool(
                Name(str(tool.get("name"))),
                str(tool.get("description") or ""),
                dumped(schema) if isinstance(schema, dict) else "",
                tool.get("strict"),
                cache=_cache(tool),
            )
        )
    return tuple(found)


def _choice(given: Mapping[str, Any], tools: tuple[Tool, ...], loss: Loss) -> Choice:
    kind = given.get("type")
    if kind is None:
        return Choice()
    if kind == "auto":
        return Choice("auto")
    if kind == "none":
        return Choice("none")
    if kind == "any":
        return Choice("required")
    name = str(given.get("name"))
    if kind == "tool" and any(tool.tool.name == name for tool in tools):
        return Choice("tool", Name(name))
    loss.lose(f"tool_choice {dumped(dict(given))}"[:80])
    return Choice()
