"""Whom an account's limit would hold: one that is misspelt holds nobody, without a word from the books."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from supercycle.core.errors import UnknownNameError

__all__ = ["told_account"]


def told_account(account: str, keys: Iterable[Mapping[str, Any]], providers: Iterable[str]) -> str:
    """What to say about an account that is to be limited: nothing when it is known.

    A key or a provider that is not known is refused. A project or an organisation may be limited before its first key
    is made, so that is told.

    >>> keys = [{"key_id": "k1", "project": "project:search", "org": None}]
    >>> told_account("project:search", keys, ["openai"]), told_account("project:serach", keys, ["openai"])
    ('', 'no key belongs to project:serach yet (known: project:search)')
    >>> told_account("provider:opnai", keys, ["openai"])
    Traceback (most recent call last):
    ...
    supercycle.core.errors.UnknownNameError: unknown account 'provider:opnai': did you mean 'provider:openai'?
    """
    level = account.partition(":")[0]
    if level == "provider":
        known = [f"provider:{name}" for name in providers]
    elif level == "key":
        known = [f"key:{row['key_id']}" for row in keys]
    elif level in ("project", "org"):
        known = sorted({str(row[level]) for row in keys if row[level]})
    else:
        return ""  # the books refuse it
    if account in known:
        return ""
    if level in ("key", "provider"):
        raise UnknownNameError("account", account, known)
    return f"no key belongs to {account} yet (known: {', '.join(known) or 'none'})"
