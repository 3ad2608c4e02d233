"""What a translation cannot carry: refused by name, or dropped and listed; and habits that are left out with a note."""

from __future__ import annotations

from supercycle.core.errors import InputError

__all__ = ["Loss", "Untranslatable"]

_WORDS = {
    "openai.chat": "chat completions",
    "openai.responses": "Responses",
    "anthropic.messages": "messages",
    "google.generate": "Gemini",
    "bedrock.converse": "Converse",
}
_NOTES = 20  # of one request: a header has room for no more


class Untranslatable(InputError):
    """A request says something the other dialect has no words for."""


class Loss:
    """Collects what one translation leaves out. ``allow``: the key's policy is to drop what has no equal.

    >>> loss = Loss("messages", allow=True)
    >>> loss.lose("seed"); loss.dropped
    ['seed']
    >>> Loss("messages").lose("seed")
    Traceback (most recent call last):
        ...
    supercycle.gateway.canon.loss.Untranslatable: seed has no equal in messages. Leave it out, or use a key with \
`lossy: allow`, which drops it and lists it in a header
    """

    __slots__ = ("allow", "dialect", "dropped", "notes")

    def __init__(self, dialect: str, *, allow: bool = False) -> None:
        self.dialect = _WORDS.get(dialect, dialect)
        self.allow = allow
        self.dropped: list[str] = []
        self.notes: list[str] = []

    def lose(self, what: str) -> None:
        """Something that can change the answer has no equal. Raises Untranslatable unless the policy allows it."""
        if not self.allow:
            raise Untranslatable(
                f"{what} has no equal in {self.dialect}",
                hint="Leave it out, or use a key with `lossy: allow`, which drops it and lists it in a header",
            )
        if what not in self.dropped and len(self.dropped) < _NOTES:
            self.dropped.append(what)

    def note(self, what: str) -> None:
        """Something that cannot change the answer is left out, or said another way."""
        if what not in self.notes and len(self.notes) < _NOTES:
            self.notes.append(what)

    def never(self, sentence: str) -> None:
        """Something without which the request is another one: refused in these words, whatever the policy."""
        raise Untranslatable(sentence)
