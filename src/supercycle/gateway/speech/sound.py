"""How long a sound file can last, by walking it: the bound of a transcription that is billed by the second.

A header may say anything, so what it says of the length is never believed. Plain WAV has as many seconds as its bytes
divided by what a second takes. MP3 is walked frame by frame; bytes that are no frame count at the least rate there is.
Other formats pack silence into nothing, so their size bounds nothing and their lengths are what they say: not measured.
"""

from __future__ import annotations

import mmap
from math import ceil
from pathlib import Path
from typing import Final

__all__ = ["seconds_most"]

# ISO 11172-3 and 13818-3: kbit/s by (MPEG-1?, layer), and samples a second of MPEG-1; 2 has half, 2.5 a quarter.
_RATES: Final = {
    (True, 1): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (True, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (True, 3): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (False, 1): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (False, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (False, 3): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_HERTZ: Final = (44100, 48000, 32000)
_LEAST_BYTES_PER_S: Final = 1000  # 8 kbit/s, the least of the tables above
_STRAY: Final = 64 * 1024  # bytes between frames; a file with more is something else
_PLAIN: Final = (1, 3, 0xFFFE)  # formats of WAV whose samples have a fixed size


def seconds_most(path: Path) -> int | None:
    """The most whole seconds a file can sound; None for one that is neither plain WAV nor MP3."""
    if path.stat().st_size < 64:
        return None
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        found = _wav(data) if data[:4] == b"RIFF" and data[8:12] == b"WAVE" else _mp3(data)
    return None if found is None else ceil(round(found, 6))


def _wav(data: mmap.mmap) -> float | None:
    at = data.find(b"fmt ", 12, 4096)
    if at < 0 or at + 24 > len(data) or data.find(b"fmt ", at + 4, 64 * 1024) >= 0:
        return None
    fields = data[at + 8 : at + 24]
    kind, channels = int.from_bytes(fields[:2], "little"), int.from_bytes(fields[2:4], "little")
    hertz, block = int.from_bytes(fields[4:8], "little"), int.from_bytes(fields[12:14], "little")
    bits = int.from_bytes(fields[14:16], "little")
    # Decoders go by different ones of these, so they must agree.
    if (
        kind not in _PLAIN
        or not hertz
        or bits not in (8, 16, 24, 32, 64)
        or block * 8 != channels * bits
        or not block
    ):
        return None
    return len(data) / (hertz * block)


def _mp3(data: mmap.mmap) -> float | None:
    at = 0
    if data[:3] == b"ID3":
        at = 10 + sum((byte & 127) << 7 * (3 - n) for n, byte in enumerate(data[6:10]))
    seconds, frames, stray = 0.0, 0, min(at, len(data))
    # What stands before the first frame may be skipped by one decoder and read by another.
    tag = stray
    size = len(data)
    while at + 4 <= size:
        length, lasts = _frame(data[at : at + 4])
        if length:
            at, seconds, frames = at + length, seconds + lasts, frames + 1
            continue
        following = data.find(b"\xff", at + 1)
        following = size if following < 0 else following
        stray += following - at
        if stray - tag > _STRAY:
            return None
        at = following
    return seconds + stray / _LEAST_BYTES_PER_S if frames > 1 else None


def _frame(head: bytes) -> tuple[int, float]:
    """Bytes and seconds of the frame that begins with these four bytes; (0, 0) when none does."""
    word = int.from_bytes(head, "big")
    version, layer = word >> 19 & 3, 4 - (word >> 17 & 3)
    rate, hertz = word >> 12 & 15, word >> 10 & 3
    if word >> 21 != 0x7FF or version == 1 or layer == 4 or rate in (0, 15) or hertz == 3:
        return 0, 0.0
    first = version == 3
    bits = _RATES[first, layer][rate - 1] * 1000
    per_second = _HERTZ[hertz] // {3: 1, 2: 2, 0: 4}[version]
    samples = 384 if layer == 1 else 1152 if layer == 2 or first else 576
    slot = 4 if layer == 1 else 1
    length = (samples // 8 // slot * bits // per_second + (word >> 9 & 1)) * slot
    return length, samples / per_second
