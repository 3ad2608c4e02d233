"""Search in plain words: "capital expenditure oracle" finds capex_cash of Oracle.

``words.csv`` says what the words of series names mean and how people say them. A query is turned into those words
(longest phrase first); a series and entity matches when every word of the query is among its own: in the name, the
label, the entity or the unit. The best are those whose names the query covers most, then those with most and newest
rows.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from supercycle.core.errors import InputError, nearest
from supercycle.figures.load import all_series, figures, read_rows, table_text
from supercycle.figures.records import Json
from supercycle.figures.series import latest_of
from supercycle.figures.tiers import TIERS

__all__ = ["find", "label", "series_matching"]

_TOKEN = re.compile(r"[a-z0-9&+.]+")
_IDLE = frozenset(
    ("a", "an", "and", "at", "by", "for", "from", "in", "is", "of", "on", "the", "to", "what", "how", "much")
)
_SHORTEST_STEM = 4  # letters from which the beginning of a word stands for it
_SHOWN = 25


class _Words(NamedTuple):
    labels: dict[str, str]  # word of a series name -> what it means
    phrases: tuple[tuple[str, str], ...]  # (as people say it, word), longest first


@cache
def _words() -> _Words:
    labels: dict[str, str] = {}
    phrases: list[tuple[str, str]] = []
    for _, row in read_rows("words", table_text("words")):
        labels[row["word"]] = row["label"]
        phrases += [(said.strip(), row["word"]) for said in row["said"].split(";") if said.strip()]
    return _Words(labels, tuple(sorted(phrases, key=lambda pair: -len(pair[0]))))


@cache
def label(series: str) -> str:
    """A series in plain English.

    >>> label("capex_incl_finance_leases"), label("ppe_net")
    ('capital expenditure including finance leases', 'property, plant and equipment net')
    """
    return " ".join(_words().labels.get(word, word) for word in series.split("_"))


def _stem(word: str) -> str:
    """The word without a plural's ending; words of three letters stay."""
    if len(word) > _SHORTEST_STEM and word.endswith("ies"):
        return word[:-3] + "y"
    return (
        word[:-1] if len(word) >= _SHORTEST_STEM and word.endswith("s") and not word.endswith("ss") else word
    )


def _query(text: str) -> list[str]:
    """The words of a query, phrases first; what people say becomes the word of the tables."""
    lowered = f" {' '.join(_TOKEN.findall(text.lower().replace('_', ' ')))} "
    for said, word in _words().phrases:
        plain = " ".join(_TOKEN.findall(said))
        lowered = lowered.replace(f" {plain} ", f" {word} ")
    return [word for word in lowered.split() if word not in _IDLE]


@cache
def _tokens(text: str) -> frozenset[str]:
    return frozenset(_stem(word) for word in _TOKEN.findall(text.lower().replace("_", " ")))


@cache
def _own(series: str) -> frozenset[str]:
    """The words that name a series: of its name, of its label, and what its phrases stand for."""
    return _tokens(series) | _tokens(label(series)) | _phrases(series)


@cache
def _phrases(series: str) -> frozenset[str]:
    """The name's words, each phrase as one."""
    return frozenset(_stem(word) for word in _query(series.replace("_", " ")))


@cache
def _named(entity: str) -> frozenset[str]:
    """The words that name an entity, and what its words stand for ("Google" is Alphabet)."""
    return _tokens(entity) | frozenset(_stem(word) for word in _query(entity))


def _has(word: str, own: frozenset[str]) -> bool:
    stem = _stem(word)
    return stem in own or (len(stem) >= _SHORTEST_STEM and any(token.startswith(stem) for token in own))


class _Match(NamedTuple):
    hits: int
    covered: float
    best_tier: int
    rows: int
    last: str


def find(text: str, *, limit: int = _SHOWN) -> Json:
    """Series and entities that the words describe, best first, with the newest reading of each.

    Where none has all the words, those that have most of them come, and ``all_words`` is False.

    Errors: InputError for a query without words, and for a word that describes nothing, with the nearest that do.

    >>> best = find("capital expenditure oracle")["matches"][0]
    >>> best["series"], best["entity"], best["label"]
    ('capex_cash', 'Oracle', 'capital expenditure cash')
    """
    words = _query(text)
    if not words:
        raise InputError(
            "nothing to look for", expected="words such as capital expenditure oracle", got=repr(text)
        )
    found: dict[tuple[str, str], _Match] = {}
    known = {word: False for word in words}
    for row in figures():
        own, named = _own(row.series), _named(row.entity)
        hits = [word for word in words if _has(word, own) or _has(word, named)]
        for word in hits:
            known[word] = True
        if not hits:
            continue
        in_name = sum(_has(word, own) for word in hits)
        length = len(_phrases(row.series)) + (len(_tokens(row.entity)) if in_name < len(hits) else 0)
        before = found.get((row.series, row.entity), _Match(0, 0.0, len(TIERS), 0, ""))
        end = row.period.end.isoformat() if row.period.end and row.value is not None else ""
        found[row.series, row.entity] = _Match(
            len(hits),
            len(hits) / length,
            min(before.best_tier, TIERS.index(row.standing)),
            before.rows + 1,
            max(before.last, end),
        )
    unknown = [word for word in words if not known[word]]
    if unknown:
        near = nearest(unknown[0], _vocabulary())
        raise InputError(
            f"nothing is described by {unknown[0]!r}", expected="words that name a series, company or place",
            got=repr(text), hint=f"Nearest: {', '.join(near)}." if near else None,
        )  # fmt: skip
    most = max(match.hits for match in found.values())
    whole = {pair: match for pair, match in found.items() if match.hits == most}
    ordered = sorted(whole.items(), key=lambda pair: (_rank(pair[1]), pair[0]))
    return {
        "query": text,
        "words": words,
        "count": len(ordered),
        "all_words": most == len(words),
        "matches": [_record(series, entity, match) for (series, entity), match in ordered[:limit]],
    }


def _rank(match: _Match) -> tuple[float, int, int]:
    """Covered most first, in steps of a quarter, so that a well-kept series goes before a slightly shorter name."""
    return -round(4 * match.covered), -match.rows, match.best_tier


def _record(series: str, entity: str, match: _Match) -> Json:
    newest = latest_of(series, entity)
    return {
        "series": series,
        "label": label(series),
        "entity": entity,
        "rows": match.rows,
        "best_tier": TIERS[match.best_tier],
        "period": newest.period.printed if newest else None,
        "value": newest.value if newest else None,
        "unit": newest.unit if newest else None,
        "id": newest.id if newest else None,
    }


@cache
def _vocabulary() -> tuple[str, ...]:
    words = {token for series in all_series() for token in _own(series)}
    words |= {token for row in figures() for token in _named(row.entity)}
    return tuple(sorted(words))


def series_matching(text: str) -> frozenset[str]:
    """Names of the series that every word of a text describes, whatever the entity; none for text without words.

    >>> "capex_cash" in series_matching("capital expenditure")
    True
    """
    words = _query(text)
    return frozenset(name for name in all_series() if words and all(_has(word, _own(name)) for word in words))
