"""Which model the numbers of a page are of: one line in the page, compared with today's model by a test."""

from __future__ import annotations

import re

from supercycle.service.the_world import subject

LINE = re.compile(r"^Numbers of model `[0-9a-f]{12}`\.$", re.MULTILINE)


def stamped(text: str) -> str:
    """The page with its line naming today's model.

    Errors: ValueError when the page has no such line or several.
    """
    text, count = LINE.subn(f"Numbers of model `{subject().model_hash[:12]}`.", text)
    if count != 1:
        raise ValueError(f"{count} lines 'Numbers of model `...`.', expected one")
    return text
