"""How many tokens a picture or a sound can cost at most, by the documented rule of the model that reads it.

A picture's bound is the cap of its model's family at the level of detail asked for; a family that is not known has the
largest cap of all families. Numbers are those of the vendors' pages as read on 2026-12-01 (docs/gateway.md names them);
where the page and measurements differ the larger counts.
"""

from __future__ import annotations

from math import ceil
from typing import Final, NamedTuple

__all__ = ["AUDIO_TOKENS_PER_S", "Picture", "audio_seconds_most", "picture_tokens_most", "png_or_jpeg_size"]

# Tokens of a second of sound: Gemini states 32; OpenAI's audio models use fewer.
AUDIO_TOKENS_PER_S: Final = 32
# The least bytes of a second of sound in a format that a chat accepts: MP3 at 8 kbit/s. Opus can be smaller still.
_AUDIO_BYTES_PER_S: Final = {"mp3": 1000, "wav": 8000, "pcm16": 8000}

# Where no family matches: the largest stated cap, that of gpt-4o-mini's tiles (2,833 + 8 x 5,667).
_ANY_PICTURE: Final = 2833 + 8 * 5667

# OpenAI, tiles: a picture is fitted into 2,048 pixels and its short side to 768, so at most 8 tiles of 512:
# (name, base, tile); "low" costs the base. https://developers.openai.com/api/docs/guides/images-vision
_TILES: Final = (
    ("gpt-4o-mini", 2833, 5667),
    ("gpt-4o", 85, 170),
    ("gpt-4.1-mini", 0, 0),  # patches, below
    ("gpt-4.1-nano", 0, 0),
    ("gpt-4.1", 85, 170),
    ("gpt-4.5", 85, 170),
    ("o1", 75, 150),
    ("o3", 75, 150),
    ("computer-use", 65, 129),
)
# OpenAI, patches of 32 pixels: (name, most patches, most tokens a patch in hundredths). The same page.
_PATCHES: Final = (
    ("gpt-4.1-nano", 1536, 246),
    ("gpt-4.1-mini", 1536, 162),
    ("o4-mini", 1536, 172),
    ("gpt-5.6", None, 246),  # "original" and "auto" have no cap: the picture's own size counts
    ("gpt-5.5", 10_000, 246),
    ("gpt-5.4", 10_000, 246),
    ("gpt-5", 10_000, 246),
    ("gpt-6", None, 246),
)
_LOW_PATCHES: Final = 256
# Anthropic: 1,568 tokens up to 4.6, 4,784 from 4.7 on; https://platform.claude.com/docs/en/build-with-claude/vision
_CLAUDE: Final = 4784
# Gemini: 258 a tile of 768 pixels (2.x), 2,240 at the finest level (3 and later); ai.google.dev media resolution.
_GEMINI_TILE: Final = 258
_GEMINI: Final = 2240
_QWEN: Final = 16_384  # Qwen-VL: patches of 28 pixels, at most that many


class Picture(NamedTuple):
    """A picture as the request has it: its level of detail, and its pixels where the data says them."""

    detail: str = "auto"
    size: tuple[int, int] | None = None


def picture_tokens_most(model: str, picture: Picture) -> int | None:
    """The most tokens a picture can cost at a model; None when its size is not known and the model has no cap.

    >>> picture_tokens_most("gpt-4o", Picture("low")), picture_tokens_most("gpt-4o", Picture())
    (85, 1445)
    >>> picture_tokens_most("gpt-5.6-sol", Picture("original", (3200, 3200)))
    24600
    >>> picture_tokens_most("gpt-5.6-sol", Picture("original")) is None
    True
    """
    name = model.lower().rpartition("/")[2]
    if "claude" in name:
        return _CLAUDE
    if "gemini" in name:
        if picture.size is None or "gemini-2" not in name:
            # Without a size a 2.x picture is bounded by the largest that is accepted: 3,072 pixels a side.
            return max(_GEMINI, 16 * _GEMINI_TILE)
        across, down = (max(1, ceil(side / 768)) for side in picture.size)
        return max(_GEMINI, across * down * _GEMINI_TILE)
    if "qwen" in name:
        return _QWEN
    for stem, most, hundredths in _PATCHES:
        if name.startswith(stem):
            return _patched(picture, most, hundredths)
    for stem, base, tile in _TILES:
        if name.startswith(stem):
            return base if picture.detail == "low" else base + 8 * tile
    return _ANY_PICTURE


def _patched(picture: Picture, most: int | None, hundredths: int) -> int | None:
    if picture.detail == "low":
        return ceil(_LOW_PATCHES * hundredths / 100)
    if picture.detail == "high" and most != 1536:
        most = 2500
    if picture.size is not None:
        patches = ceil(picture.size[0] / 32) * ceil(picture.size[1] / 32)
        most = patches if most is None else min(most, patches)
    return None if most is None else ceil(most * hundredths / 100)


def audio_seconds_most(kind: str, size: int) -> float | None:
    """The longest that so many bytes of a format can sound; None for a format whose least rate is not known.

    >>> audio_seconds_most("mp3", 60_000), audio_seconds_most("opus", 10) is None
    (60.0, True)
    """
    rate = _AUDIO_BYTES_PER_S.get(kind)
    return None if rate is None else size / rate


def png_or_jpeg_size(head: bytes) -> tuple[int, int] | None:
    r"""Width and height in the head of a PNG or JPEG; None for anything else, or when the head is cut.

    >>> png_or_jpeg_size(b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + b"\0\0\2\0" + b"\0\0\1\0")
    (512, 256)
    """
    if head[:8] == b"\x89PNG\r\n\x1a\n" and head[12:16] == b"IHDR" and len(head) >= 24:
        return int.from_bytes(head[16:20], "big"), int.from_bytes(head[20:24], "big")
    if head[:2] != b"\xff\xd8":
        return None
    at = 2
    while at + 9 < len(head) and head[at] == 0xFF:
        marker, length = head[at + 1], int.from_bytes(head[at + 2 : at + 4], "big")
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            return int.from_bytes(head[at + 7 : at + 9], "big"), int.from_bytes(head[at + 5 : at + 7], "big")
        at += 2 + length
    return None
