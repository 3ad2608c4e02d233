"""What an answer's writers are told beside the answer itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from supercycle.gateway.speech.usage import Usage

__all__ = ["Told"]


class Told(NamedTuple):
    """``usage`` gives what was used, once it is known: the same that is booked. ``id`` and ``model`` stand in where the
    target says none, ``input_estimate`` where a stream must say its input before it is known. ``origin`` names whose
    sealed state the answer carries; ``thinks``: the client is to see what was thought.
    """

    id: str
    model: str
    created: int
    origin: str
    usage: Callable[[], Usage]
    input_estimate: int = 0
    thinks: bool = True
