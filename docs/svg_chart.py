"""The charts of the pages as plain SVG: text that a history of versions can show, no library."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

FOLDER = Path(__file__).resolve().parent / "img"
WIDTH, HEIGHT = 680, 320
LEFT, RIGHT, TOP, BOTTOM = 56, 20, 44, 40
INK, FAINT, BLUE, RED, GREY = "#1b1f24", "#d8dde3", "#2563a8", "#b3261e", "#69717b"


class Chart:
    """One chart: lines and bands over a numeric x axis."""

    def __init__(self, title: str, unit: str, x: tuple[float, float], y: tuple[float, float]) -> None:
        self.x, self.y = x, y
        self.parts = [
            (
                f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
                f'font-family="sans-serif" font-size="12">'
            ),
            f"<title>{escape(title)}</title>",
            f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
            f'<text x="{LEFT}" y="18" font-size="14" fill="{INK}">{escape(title)}</text>',
            f'<text x="{LEFT}" y="34" fill="{GREY}">{escape(unit)}</text>',
        ]

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Pixels of a point."""
        wide, high = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
        across = (x - self.x[0]) / (self.x[1] - self.x[0])
        up = (y - self.y[0]) / (self.y[1] - self.y[0])
        return round(LEFT + across * wide, 1), round(HEIGHT - BOTTOM - up * high, 1)

    def axes(self, ticks_x: Sequence[tuple[float, str]], ticks_y: Sequence[float]) -> None:
        """Grid lines and their numbers."""
        for value in ticks_y:
            x, y = self.place(self.x[0], value)
            self.parts.append(f'<line x1="{x}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}" stroke="{FAINT}"/>')
            self.parts.append(
                f'<text x="{x - 8}" y="{y + 4}" text-anchor="end" fill="{GREY}">{value:g}</text>'
            )
        for value, label in ticks_x:
            x, y = self.place(value, self.y[0])
            self.parts.append(f'<text x="{x}" y="{y + 18}" text-anchor="middle" fill="{GREY}">{label}</text>')

    def line(self, xs: Sequence[float], ys: Sequence[float], colour: str, dash: str = "") -> None:
        """A line through points."""
        points = " ".join("{},{}".format(*self.place(x, y)) for x, y in zip(xs, ys, strict=True))
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        self.parts.append(
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"{dashed}/>'
        )

    def band(
        self,
        xs: Sequence[float],
        low: Sequence[float],
        high: Sequence[float],
        opacity: float,
        colour: str = BLUE,
    ) -> None:
        """The area between two lines."""
        there = [self.place(x, y) for x, y in zip(xs, low, strict=True)]
        back = [self.place(x, y) for x, y in zip(xs, high, strict=True)][::-1]
        points = " ".join(f"{x},{y}" for x, y in [*there, *back])
        self.parts.append(
            f'<polygon points="{points}" fill="{colour}" fill-opacity="{opacity}" stroke="none"/>'
        )

    def dots(self, xs: Sequence[float], ys: Sequence[float], colour: str) -> None:
        """Points alone."""
        for x, y in zip(xs, ys, strict=True):
            across, down = self.place(x, y)
            self.parts.append(f'<circle cx="{across}" cy="{down}" r="3.5" fill="{colour}"/>')

    def legend(self, entries: Sequence[tuple[str, str, str]]) -> None:
        """Colour, dash and words, from the left, above the frame on the right."""
        x = WIDTH - RIGHT
        for colour, dash, words in reversed(entries):
            x -= 7 * len(words)
            dashed = f' stroke-dasharray="{dash}"' if dash else ""
            self.parts.append(f'<text x="{x}" y="34" fill="{INK}">{escape(words)}</text>')
            self.parts.append(
                f'<line x1="{x - 24}" x2="{x - 4}" y1="30" y2="30" stroke="{colour}" stroke-width="3"{dashed}/>'
            )
            x -= 34

    def text(self) -> str:
        """The picture as a file's text."""
        return "\n".join([*self.parts, "</svg>"]) + "\n"

    def save(self, name: str) -> None:
        """Write the file."""
        (FOLDER / name).write_text(self.text(), encoding="utf-8")
        print(f"wrote img/{name}")
