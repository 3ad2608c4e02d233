"""Names that a request of each dialect may hold and that bound themselves: all they carry stands in the body.

A part, block or item that is missing here makes the request unbounded by its body, so that the model's context is
reserved instead of the length of the text. A field that is missing leaves it without any bound, so that a path with a
budget refuses it by name. Both are the safe reading of what is not known.
"""

from __future__ import annotations

from typing import Final

__all__ = ["BLOCKS", "FIELDS", "INLINE_TOOLS", "ITEMS", "LIMITS", "MESSAGE_FIELDS", "PARTS"]

# What limits an answer. Providers differ in which of the names they read, so the larger of those present counts.
LIMITS: Final = {
    "openai.chat": ("max_completion_tokens", "max_tokens"),
    "openai.responses": ("max_output_tokens", "max_tokens"),
    "anthropic.messages": ("max_tokens",),
    "openai.embeddings": (),
}

_COMMON: Final = frozenset({
    "model", "stream", "temperature", "top_p", "metadata", "service_tier", "tools", "tool_choice", "provider", "user",
    "speed",
})  # fmt: skip
FIELDS: Final[dict[str, frozenset[str]]] = {
    "openai.chat": _COMMON | frozenset({
        "messages", "max_tokens", "max_completion_tokens", "n", "best_of", "stream_options", "stop",
        "presence_penalty", "frequency_penalty", "logit_bias", "logprobs", "top_logprobs", "seed",
        "parallel_tool_calls", "functions", "function_call", "response_format", "reasoning_effort", "verbosity",
        "store", "prompt_cache_key", "prompt_cache_retention", "safety_identifier", "prediction", "modalities",
        "audio", "web_search_options", "models", "fallbacks", "route", "plugins", "reasoning", "thinking",
        "enable_thinking", "thinking_budget", "chat_template_kwargs", "min_p", "top_k", "top_a",
        "repetition_penalty", "ignore_eos", "min_tokens", "guided_json", "guided_regex", "guided_choice",
        "guided_grammar", "structured_outputs", "usage", "include_reasoning", "tool_stream", "safe_prompt",
        "random_seed", "prompt_mode", "reasoning_format", "keep_alive",
    }),
    "openai.responses": _COMMON | frozenset({
        "input", "instructions", "max_output_tokens", "max_tokens", "max_tool_calls", "parallel_tool_calls",
        "reasoning", "text", "store", "stream_options", "include", "prompt_cache_key", "prompt_cache_retention",
        "safety_identifier", "top_logprobs", "truncation", "client_metadata", "background", "previous_response_id",
        "conversation", "prompt", "context_management", "verbosity",
    }),
    "openai.embeddings": frozenset({
        "model", "input", "encoding_format", "dimensions", "user", "provider", "input_type", "task", "truncate",
    }),
    "anthropic.messages": _COMMON | frozenset({
        "messages", "max_tokens", "system", "top_k", "stop_sequences", "thinking", "output_config", "output_format",
        "context_management", "cache_control", "container", "mcp_servers", "safeguards", "inference_geo",
    }),
}  # fmt: skip

MESSAGE_FIELDS: Final = frozenset({
    "role", "content", "name", "tool_calls", "tool_call_id", "refusal", "audio", "function_call",
    "reasoning_content", "reasoning", "reasoning_details", "thinking_blocks", "prefix", "annotations", "tool_name",
    "cache_control",
})  # fmt: skip

# Parts of chat messages and Responses items that are text.
PARTS: Final = frozenset({
    "text", "refusal", "input_text", "output_text", "summary_text", "reasoning_text", "thinking",
})  # fmt: skip
# Blocks of messages that are text, or text sealed by the provider: what is sealed is no shorter than what it holds.
BLOCKS: Final = frozenset(
    {"text", "thinking", "redacted_thinking", "tool_use", "search_result", "tool_reference"}
)
# Items of Responses input that are text or sealed text.
ITEMS: Final = frozenset({
    "function_call", "custom_tool_call", "reasoning", "local_shell_call", "local_shell_call_output", "shell_call",
    "shell_call_output", "apply_patch_call", "apply_patch_call_output", "computer_call",
})  # fmt: skip
# Tools that the client runs and describes in full.
INLINE_TOOLS: Final = frozenset({"function", "custom", "namespace"})
