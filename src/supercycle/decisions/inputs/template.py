"""The commented file that ``decide init`` writes: it runs as it is, and shows every input a first user asks about."""

from __future__ import annotations

from importlib.resources import files

__all__ = ["template"]


def template() -> str:
    """The text of the file.

    >>> "tokens_per_s_user" in template()
    True
    """
    return (files("supercycle.decisions.inputs") / "tables" / "template.yaml").read_text(encoding="utf-8")
