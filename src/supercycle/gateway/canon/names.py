"""Names and ids that are legal at a target, and the way back to the client's own.

A tool of a namespace becomes ``namespace__name``; what is too long or has other characters is cut and marked with a
hash, the same each time, so that a history and a list of tools agree.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from hashlib import blake2b
from typing import Final

from supercycle.gateway.canon.form import Name
from supercycle.gateway.canon.loss import Untranslatable

__all__ = ["back", "legal_id", "wire"]

# What OpenAI, Anthropic and Bedrock all accept; Gemini accepts more.
_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_OTHER: Final = re.compile(r"[^A-Za-z0-9_-]")


def wire(tool: Name) -> str:
    """The name a target is told.

    >>> wire(Name("read")), wire(Name("run", "functions")), wire(Name("a" * 80))[55:]
    ('read', 'functions__run', '_77023344')
    """
    full = f"{tool.namespace}__{tool.name}" if tool.namespace else tool.name
    return _legal(full, _NAME)


def legal_id(call_id: str) -> str:
    """An id of a call that every target accepts; one that already is stays.

    >>> legal_id("toolu_01"), legal_id("call.1:2") == legal_id("call.1:2")
    ('toolu_01', True)
    """
    return _legal(call_id, _ID)


def _legal(text: str, pattern: re.Pattern[str]) -> str:
    if pattern.fullmatch(text):
        return text
    mark = blake2b(text.encode("utf-8", "replace"), digest_size=4).hexdigest()
    return f"{_OTHER.sub('_', text)[:55]}_{mark}"


def back(tools: Iterable[Name]) -> dict[str, Name]:
    """The client's own names by those a target is told. Raises Untranslatable when two would be the same."""
    found: dict[str, Name] = {}
    for tool in tools:
        told = wire(tool)
        if found.setdefault(told, tool) != tool:
            raise Untranslatable(f"the tools {found[told]} and {tool} would both be called {told!r}")
    return found
