"""Pages for people: an example on every long page, sentences that can be read, the words of the field.

The limits are where the pages are today, rounded up; they may only go down.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LONG_PAGE_LINES = 40
MEAN_WORDS = 24.0
LONG_SENTENCE_WORDS, LONG_SENTENCES_SHARE = 35, 0.18
IDIOMS_PER_1000 = 11.0
# Words of a private language where the field has its own (response, usage, progress, cache, scenario, ...).
IDIOM = re.compile(r"\b(found|told|said|asked|kept|whole|made|gone)\b", re.IGNORECASE)
EXAMPLE = re.compile(r"^(```| {4,}\S|!\[|> )", re.MULTILINE)
# Written by people; the pages of the blocks, the change log and the results of the benches are made or are lists.
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


def prose(text: str) -> str:
    """What is read as sentences: no code, no tables, no headings, no marks."""
    text = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    text = re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)
    lines = [line for line in text.splitlines() if not re.match(r"\s*[|#>!]|    ", line)]
    text = re.sub(r"`[^`]*`", "0", "\n".join(lines))  # a name is no word
    return re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)


def sentences(text: str) -> list[int]:
    """Words of each sentence."""
    parts = re.split(r"\n\s*\n|\n(?=\s*(?:[-*]|\d+\.) )", prose(text))
    split = [s for part in parts for s in re.split(r"(?<=[.!?:;])\s+(?=[A-Z0\"*(])", " ".join(part.split()))]
    counts = [len(re.findall(r"[A-Za-z][A-Za-z'-]*", sentence)) for sentence in split]
    return [count for count in counts if count > 2]


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_a_page_can_be_read(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    counts = sentences(text)
    assert counts
    mean = sum(counts) / len(counts)
    assert mean <= MEAN_WORDS, f"{mean:.1f} words a sentence"
    share = sum(count > LONG_SENTENCE_WORDS for count in counts) / len(counts)
    assert share <= LONG_SENTENCES_SHARE, (
        f"{share:.0%} of the sentences have more than {LONG_SENTENCE_WORDS} words"
    )
    rate = 1000 * len(IDIOM.findall(prose(text))) / max(sum(counts), 500)
    assert rate <= IDIOMS_PER_1000, (
        f"{rate:.1f} idioms in 1,000 words: {sorted(set(IDIOM.findall(prose(text))))}"
    )
    if text.count("\n") > LONG_PAGE_LINES:
        assert EXAMPLE.search(text), f"{text.count(chr(10))} lines without an example or a picture"


def test_what_cannot_be_read_is_seen() -> None:
    assert sentences("One two three four. Five six seven eight `nine ten`.") == [4, 4]
    assert sentences("| a | table |\n\n```\ncode that is no sentence at all\n```\n\nIt is short.") == [3]
    assert IDIOM.findall(prose("What was told is kept; `told` is code.")) == ["told", "kept"]
    assert not EXAMPLE.search("plain words\nand more")
