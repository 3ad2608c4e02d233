"""What a call for a picture, speech or a transcription can cost at most, and what it did cost.

Only what can be counted is bounded: pictures by how many are asked for, their size and quality; speech by the
characters to be read; a transcription by the seconds that its file can last. A model whose price is of something else,
such as tokens of sound, has no bound here: a path with a budget refuses it, any other books it by what the provider
says, or as unpriced.
"""

# The JSON of other people's dialects has no types.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false, reportUnknownMemberType=false
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from math import ceil
from pathlib import Path
from typing import Any, Final

from supercycle.core.errors import InputError
from supercycle.gateway.prices.bounds import Bound
from supercycle.gateway.prices.pricebook import PriceBook, Rate
from supercycle.gateway.prices.settle import Unpriced, no_price
from supercycle.gateway.routes.providers import Target
from supercycle.gateway.speech.bounds import TEMPLATE_TOKENS
from supercycle.gateway.speech.usage import Usage, read_usage

__all__ = ["Asked", "asked_of", "bound_of_media", "counts_of", "measured", "most_counts"]

# Fields that cost nothing beyond what is counted; any other leaves a call without a bound.
_KNOWN: Final = {
    "openai.images": frozenset({
        "model", "prompt", "n", "size", "quality", "style", "response_format", "output_format", "output_compression",
        "background", "moderation", "user", "stream",
    }),
    "openai.speech": frozenset({"model", "input", "voice", "response_format", "speed", "stream_format"}),
    "openai.transcriptions": frozenset({
        "model", "language", "prompt", "response_format", "temperature", "timestamp_granularities[]", "include[]",
        "stream",
    }),
}  # fmt: skip
_PICTURES_MOST: Final = 10  # of one request: what OpenAI takes


@dataclass(slots=True)
class Asked:
    """One call as read: ``units`` are exact counts of what was asked for, ``endless`` what has no bound."""

    dialect: str
    model: str
    units: dict[str, int] = field(default_factory=dict[str, int])
    prompt_bytes: int = 0
    file: Path | None = None
    endless: tuple[str, ...] = ()


def asked_of(
    dialect: str, fields: Mapping[str, Any], known_fields: frozenset[str], file: Path | None
) -> Asked:
    """Read the fields of a call. Raises InputError: no model, a count that is none, a stream."""
    model = fields.get("model")
    if not isinstance(model, str) or not 0 < len(model) <= 200 or not model.isprintable():
        raise InputError("model", expected="a name of at most 200 characters", got=repr(model)[:60])
    asked = Asked(dialect, model, file=file)
    for name, value in fields.items():
        if value is not None and name not in _KNOWN[dialect] and name not in known_fields:
            asked.endless += (
                f"field {name[:60]} is not known (bounds.known_fields lists what costs nothing)",
            )
    if fields.get("stream") not in (None, False, "false") or fields.get("stream_format") not in (
        None,
        "audio",
    ):
        raise InputError(
            "stream", expected="false: this route passes whole answers", got="a stream of events"
        )
    if dialect == "openai.images":
        asked.units[_picture(fields)] = _count(fields)
        asked.prompt_bytes = len(_text(fields, "prompt").encode())
    elif dialect == "openai.speech":
        asked.units["character"] = len(_text(fields, "input"))
        asked.prompt_bytes = len(_text(fields, "input").encode())
    return asked


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str):
        raise InputError(name, expected="text", got=type(value).__name__)
    return value


def _count(fields: Mapping[str, Any]) -> int:
    count = fields.get("n", 1)
    count = 1 if count is None else count
    if type(count) is not int or not 1 <= count <= _PICTURES_MOST:
        raise InputError("n", expected=f"a whole number from 1 to {_PICTURES_MOST}", got=repr(count)[:60])
    return count


def _picture(fields: Mapping[str, Any]) -> str:
    """The kind that a picture is priced by: its size and quality as they are said, ``auto`` where only one is."""
    size, quality = fields.get("size"), fields.get("quality")
    for name, value in (("size", size), ("quality", quality)):
        if not isinstance(value, str | None) or (value is not None and not 0 < len(value) <= 20):
            raise InputError(name, expected="a word such as 1024x1024 or high", got=repr(value)[:60])
    said = ["picture", *([size or "auto"] if size or quality else []), *([quality] if quality else [])]
    return " ".join(said).replace("\n", " ")


def most_counts(asked: Asked, seconds: int | None) -> dict[str, int]:
    """What is counted beforehand, at most. ``seconds`` are those of the file; None: it could not be measured."""
    most = dict(asked.units)
    if asked.dialect == "openai.speech":
        most["character"] = (
            asked.prompt_bytes
        )  # however a provider counts them, none counts more than the bytes
    if asked.dialect == "openai.transcriptions" and seconds is not None:
        most["audio_second"] = seconds
    return most


def bound_of_media(
    book: PriceBook, target: Target, asked: Asked, most: Mapping[str, int], at: datetime
) -> Bound | Unpriced:
    """The most a call can cost; Unpriced says what has no bound."""
    provider, model = target.provider.prices, target.model
    if asked.endless:
        return Unpriced(f"the request has no bound: {asked.endless[0]}")
    rates = _rates(book, target, at)
    if isinstance(rates, Unpriced):
        return rates
    unit = _unit(asked)
    request = rates["request"].at(0) if "request" in rates else 0
    if unit in rates:
        if unit not in most:
            return Unpriced("the length of this file cannot be measured: plain WAV and MP3 can")
        return Bound(most[unit] * rates[unit].at(0) + request, _ids(rates))
    if asked.dialect == "openai.images" and {"input", "picture_output"} <= rates.keys():
        if target.max_output_tokens is None:
            return Unpriced(f"{provider}/{model}: say max_output_tokens, the most that one picture takes")
        writes = target.max_output_tokens * asked.units[unit]
        reads = asked.prompt_bytes + TEMPLATE_TOKENS
        return Bound(
            reads * rates["input"].at(reads) + writes * rates["picture_output"].at(reads) + request,
            _ids(rates),
        )
    return Unpriced(f"{provider}/{model} has no price for {unit}")


def _unit(asked: Asked) -> str:
    return "audio_second" if asked.dialect == "openai.transcriptions" else next(iter(asked.units))


def _ids(rates: Mapping[str, Rate]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(rate.price_id for rate in rates.values()))


def _rates(book: PriceBook, target: Target, at: datetime) -> Mapping[str, Rate] | Unpriced:
    provider, model = target.provider.prices, target.model
    known = book.find(provider, model)
    if known is None:
        return Unpriced(f"{provider}/{model} is not in the price book")
    return known.rates(at) or no_price(known, at, "standard", "")


def measured(
    book: PriceBook,
    target: Target,
    asked: Asked,
    most: Mapping[str, int],
    answer: Mapping[str, Any] | None,
    at: datetime,
) -> Usage:
    """What a call used. The provider's word counts where it gives one, else what was asked for or can be heard at most.

    A model with a price by picture, character or second is charged by it, whatever tokens the answer names besides.
    """
    rates = _rates(book, target, at)
    unit = _unit(asked)
    by_unit = not isinstance(rates, Unpriced) and unit in rates
    said = counts_of(asked.dialect, answer)
    source = "provider" if said is not None else "estimated"
    if said is not None and not (by_unit and unit not in said.counts):
        if by_unit:
            return Usage({unit: said.of(unit), "request": 1}, said.tier)
        return said
    counts = dict(asked.units) if asked.units else dict(most)
    pictures = (answer or {}).get("data")
    if asked.dialect == "openai.images" and isinstance(pictures, list):
        counts = {unit: len(pictures)}  # as many as came, should they be fewer or more
    if not counts or not by_unit:
        # Nobody said, and it cannot be counted: it must not pass for nothing.
        return Usage({"request": 1}, source=source, unmetered={unit: counts.get(unit, 1)})
    exact = asked.dialect != "openai.transcriptions"
    return Usage({**counts, "request": 1}, source="provider" if exact else "estimated")


def counts_of(dialect: str, answer: Mapping[str, Any] | None) -> Usage | None:
    """The usage that an answer says; None when it says none, or what cannot be."""
    usage: Any = (answer or {}).get("usage")
    if not isinstance(usage, dict):
        lasts = (answer or {}).get("duration")  # of verbose_json
        if dialect != "openai.transcriptions" or not isinstance(lasts, int | float) or not 0 <= lasts < 1e6:
            return None
        usage = {"type": "duration", "seconds": lasts}
    if usage.get("type") == "duration":
        seconds = usage.get("seconds")
        if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds < 1e6:
            return None
        return Usage({"audio_second": ceil(seconds), "request": 1})
    try:
        read = read_usage("openai.chat", {"usage": usage})
    except InputError:
        return None
    if read is None:
        return None
    # Tokens of sound and of pictures have prices of their own: none of them may pass for text.
    details: Any = usage.get("input_tokens_details") or usage.get("input_token_details")
    details = details if isinstance(details, dict) else {}
    apart = {"audio_input": details.get("audio_tokens"), "image_tokens": details.get("image_tokens")}
    found = {name: count for name, count in apart.items() if type(count) is int and count > 0}
    counts = dict(read.counts)
    counts["input"] = read.of("input") - sum(found.values())
    if counts["input"] < 0:
        return None
    if dialect == "openai.images":
        counts["picture_output"] = counts.pop("output", 0)
    unmetered = {"image_tokens": found.pop("image_tokens")} if "image_tokens" in found else {}
    return Usage({**counts, **found}, read.tier, unmetered=unmetered)
