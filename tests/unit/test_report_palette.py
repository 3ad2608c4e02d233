"""The colours of series are told apart by every common kind of colour vision."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest

TOKENS = Path(__file__).resolve().parents[2] / "web" / "src" / "style" / "tokens.css"

# What each kind of dichromacy makes of linear RGB: Machado, Oliveira and Fernandes, "A physiologically-based model
# for simulation of color vision deficiency", IEEE TVCG 15(6), 2009, severity 1.0.
VISION = {
    "usual": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
# Distances in OKLab times 100; about 2 is a difference one can just see side by side.
ANY_TWO, NEIGHBOURS = 6.0, 10.0


def linear(colour: str) -> list[float]:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    return [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]


def oklab(rgb: list[float]) -> tuple[float, float, float]:
    """Ottosson, "A perceptual color space for image processing", 2020."""
    r, g, b = (max(0.0, c) for c in rgb)
    long = (0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b) ** (1 / 3)
    middle = (0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b) ** (1 / 3)
    short = (0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short,
    )


def seen(colour: str, vision: str) -> tuple[float, float, float]:
    rgb = linear(colour)
    return oklab([sum(weight * c for weight, c in zip(row, rgb, strict=True)) for row in VISION[vision]])


def distance(first: str, second: str, vision: str) -> float:
    pairs = zip(seen(first, vision), seen(second, vision), strict=True)
    return 100 * sum((a - b) ** 2 for a, b in pairs) ** 0.5


def palettes() -> dict[str, list[str]]:
    light, dark = TOKENS.read_text(encoding="utf-8").split("prefers-color-scheme: dark")
    return {
        "light": re.findall(r"--c\d: (#\w{6});", light),
        "dark": re.findall(r"--c\d: (#\w{6});", dark),
    }


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_series_are_told_apart(scheme: str, vision: str) -> None:
    colours = palettes()[scheme]
    assert len(colours) == 9
    for first, second in itertools.combinations(colours, 2):
        assert distance(first, second, vision) >= ANY_TWO, (first, second)
    for first, second in itertools.pairwise(colours):
        assert distance(first, second, vision) >= NEIGHBOURS, (first, second)


def test_the_measure_knows_red_from_green() -> None:
    assert distance("#c0392b", "#4f7d1f", "usual") > 3 * distance("#c0392b", "#4f7d1f", "deuteranopia")
