"""Put today's numbers into README.md: what the base case says, and how often past bands held. Run by hand.

They stand between `<!-- says -->` and `<!-- wrong -->` and their ends; a test asks that the model they name is today's.
"""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import supercycle
from supercycle.service.the_world import subject
from supercycle.skill.past_bands import recorded_bands

PAGE = Path(__file__).resolve().parents[1] / "README.md"
PATHS = 10_000


def said() -> str:
    """The headline of the base case and the model it is of."""
    headline = supercycle.run("base", paths=PATHS, seed=1, outputs=None).headline
    words = (
        f"**What the base case says today** ({PATHS:,} paths, seed 1, brackets hold nine tenths of them): "
        f"{headline}"
    )
    return f"\n{textwrap.fill(words, 116)}\n\nNumbers of model `{subject().model_hash[:12]}`.\n"


def wrong() -> str:
    """How much of what came the bands of a plain run held."""
    row = recorded_bands()["all", "all"]
    return (
        f"Of {row['points']} outcomes, the band that is named 90 % held {100 * row['inside_90']:.0f} %, "
        f"and the one named 50 % held {100 * row['inside_50']:.0f} %."
    )


def filled(text: str, name: str, words: str) -> str:
    """The page with ``words`` between the marks of ``name``.

    >>> filled("a <!-- x -->old<!-- /x --> b", "x", "new")
    'a <!-- x -->new<!-- /x --> b'
    """
    pattern = f"(<!-- {name} -->).*?(<!-- /{name} -->)"
    made, count = re.subn(pattern, lambda match: match[1] + words + match[2], text, flags=re.DOTALL)
    if count != 1:
        raise ValueError(f"{count} places for {name!r}, expected one")
    return made


if __name__ == "__main__":
    page = filled(filled(PAGE.read_text(encoding="utf-8"), "says", said()), "wrong", wrong())
    PAGE.write_text(page, encoding="utf-8")
