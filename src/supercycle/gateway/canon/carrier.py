"""One model's sealed state inside another dialect's own opaque slot, so that it comes back unchanged.

Clients return a ``signature`` (messages) or ``encrypted_content`` (Responses) byte for byte. Into that slot goes
``gw1.<origin>.<state>``, both in base64. Only the model that made it gets it back; to any other it is dropped.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from typing import Any, Final, NamedTuple

import orjson

__all__ = ["MARK", "Carried", "pack", "unpack"]

MARK: Final = "gw1."


class Carried(NamedTuple):
    """What was in a slot: whose it is, the state itself, and the text it belongs to (where the client drops that)."""

    origin: str
    sealed: str
    text: str = ""
    redacted: bool = False


def pack(origin: str, sealed: str, text: str = "", *, redacted: bool = False) -> str:
    """State for the client's slot.

    >>> unpack(pack("google.generate:gemini-3-pro", "c2ln"))
    Carried(origin='google.generate:gemini-3-pro', sealed='c2ln', text='', redacted=False)
    """
    state = urlsafe_b64encode(orjson.dumps([sealed, text, redacted])).decode()
    return f"{MARK}{urlsafe_b64encode(origin.encode()).decode()}.{state}"


def unpack(slot: str) -> Carried | None:
    """What a slot carries; None when the client's own dialect sealed it, or what is in it was changed.

    >>> unpack("EqoBCkgIAhABGAI"), unpack("gw1.%%%.x")
    (None, None)
    """
    head, dot, state = slot.removeprefix(MARK).partition(".")
    if not slot.startswith(MARK) or not dot:
        return None
    try:
        found: Any = orjson.loads(urlsafe_b64decode(state))
        sealed, text, redacted = found
        return Carried(urlsafe_b64decode(head).decode(), str(sealed), str(text), bool(redacted))
    except (Base64Error, ValueError, TypeError):
        return None
