"""A provider that bills as much as its documentation allows, and imports nothing of the gateway.

It reads the decoded request by itself: every character is a token per byte, every picture costs its model's cap, every
file, address, id, earlier answer or hosted tool fills the context in every round, and every answer is as long as the
longest limit in the request. Its document (`RULES`) is what a gateway's bound may rest on, and nothing else.
"""

from __future__ import annotations

import json
from typing import Any

__all__ = ["CONTEXT", "LONGEST", "PICTURE_CAP", "bill"]

CONTEXT = 200_000
LONGEST = 64_000
PICTURE_CAP = 48_169  # gpt-4o-mini's tiles, the dearest documented picture
TEMPLATE = 100
TOOL_PROMPT = 804
TOOLSETS = {"bash_20": 325, "text_editor_20": 700, "computer_20": 4500}
ROUNDS = 10  # of hosted tools where the request names no limit

TEXT_TYPES = {
    "text",
    "input_text",
    "output_text",
    "refusal",
    "thinking",
    "summary_text",
    "tool_use",
    "tool_result",
}
REFERENCES = {
    "document", "file", "input_file", "container_upload", "item_reference", "mcp_tool_result", "video_url",
    "server_tool_use", "web_search_tool_result", "compaction",
}  # fmt: skip
STORED = {
    "previous_response_id",
    "conversation",
    "prompt",
    "container",
    "mcp_servers",
    "attachments",
    "cached_content",
}
LIMITS = ("max_tokens", "max_completion_tokens", "max_output_tokens")


def bill(fields: dict[str, Any]) -> dict[str, int]:
    """Tokens in and out, and searches, for a request: the most that the documentation allows."""
    text, pictures, fills = _read({k: v for k, v in fields.items() if k != "tools"})
    rounds, searches = 1, 0
    tools = fields.get("tools") or []
    for tool in tools:
        size, _, filled = _read(tool)
        text += size
        fills = fills or filled
        kind = str(tool.get("type", "custom"))
        if kind in ("custom", "function", "namespace"):
            continue
        toolset = next((tokens for stem, tokens in TOOLSETS.items() if kind.startswith(stem)), None)
        if toolset is not None:
            text += toolset
            continue
        fills = True
        stated = tool.get("max_uses", fields.get("max_tool_calls"))
        calls = stated if isinstance(stated, int) else ROUNDS
        rounds += calls
        searches += calls if "search" in kind else 0
    if fields.get("mcp_servers") or fields.get("container"):
        rounds += ROUNDS
    if any(fields.get(name) for name in STORED):
        fills = True
    reads = (
        CONTEXT
        if fills
        else min(CONTEXT, text + pictures * PICTURE_CAP + TEMPLATE + TOOL_PROMPT * bool(tools))
    )
    limits = [fields[name] for name in LIMITS if isinstance(fields.get(name), int)]
    if "max_new_tokens" in fields:  # a name of its own for the limit
        limits.append(fields["max_new_tokens"])
    writes = min([LONGEST, max(limits)] if limits else [LONGEST]) * int(fields.get("n") or 1)
    if fields.get("prediction"):
        writes += _read(fields["prediction"])[0]
    return {"input": rounds * reads, "output": rounds * writes, "searches": searches}


def _read(value: Any, key: str = "") -> tuple[int, int, bool]:
    """Bytes of text, pictures, and whether something is fetched from elsewhere, anywhere in a value."""
    if isinstance(value, str):
        if value.startswith("data:image/"):
            return 0, 0, False
        return len(value.encode("utf-8", "surrogatepass")), 0, False
    if isinstance(value, list):
        return _sum(_read(item, key) for item in value)
    if not isinstance(value, dict):
        return len(json.dumps(value)), 0, False
    kind = value.get("type")
    if kind in ("image_url", "input_image", "image"):
        if value.get("file_id") or (value.get("source") or {}).get("type") == "file":
            return 0, 0, True
        return 0, 1, False
    if kind in REFERENCES and (value.get("source") or {}).get("type") not in ("text", "content"):
        return 0, 0, True
    total = _sum(_read(item, name) for name, item in value.items())
    return total[0] + sum(len(name) for name in value), total[1], total[2]


def _sum(parts: Any) -> tuple[int, int, bool]:
    text, pictures, fills = 0, 0, False
    for size, count, filled in parts:
        text, pictures, fills = text + size, pictures + count, fills or filled
    return text, pictures, fills
