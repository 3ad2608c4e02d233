"""Checksums: whether the tables on disk are the tables that were committed."""

from __future__ import annotations

from hashlib import sha256
from importlib.resources import files

from supercycle.core.errors import FigureError
from supercycle.figures.load import COLUMNS, table_text

__all__ = ["CHECKSUM_FILE", "committed", "of_table", "render"]

CHECKSUM_FILE = "SHA256SUMS"


def of_table(name: str) -> str:
    """sha256 of a table's UTF-8 text, in hex."""
    return sha256(table_text(name).encode()).hexdigest()


def render() -> str:
    """The checksum file for the tables as they are, one ``hash  name.csv`` a line (as sha256sum prints)."""
    return "".join(f"{of_table(name)}  {name}.csv\n" for name in sorted(COLUMNS))


def committed() -> dict[str, str]:
    """Table name -> committed sha256; FigureError for a line that is not ``hash  name.csv``."""
    text = files("supercycle.figures").joinpath("tables", CHECKSUM_FILE).read_text(encoding="utf-8")
    out: dict[str, str] = {}
    for line, content in enumerate(text.splitlines(), start=1):
        digest, gap, name = content.partition("  ")
        if len(digest) != 64 or not gap or not name.endswith(".csv"):
            raise FigureError(
                "checksum line", expected="64 hex digits, two spaces, name.csv", got=repr(content),
                where=f"{CHECKSUM_FILE}:{line}",
            )  # fmt: skip
        out[name.removesuffix(".csv")] = digest
    return out
