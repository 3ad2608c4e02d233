"""Priors of the world's blocks, typed: low, central and high with source and evidence.

``distribution_hint`` is a hint for a reader; the registry writes its distributions from low, central and
high.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from supercycle.core.errors import FigureError, UnknownNameError
from supercycle.figures.claims import number
from supercycle.figures.evidence import EVIDENCE
from supercycle.figures.load import read_rows, table_text
from supercycle.figures.units import checked

__all__ = ["Prior", "parse_priors", "prior", "priors"]


@dataclass(frozen=True, slots=True)
class Prior:
    """One prior: ``low <= central <= high`` in ``unit``; ``block`` as numbered in the table ("4 power")."""

    name: str
    line: int
    block: str
    meaning: str
    unit: str
    low: float
    central: float
    high: float
    distribution_hint: str
    source: str
    citation: str
    year: str
    evidence: str
    note: str

    @property
    def block_number(self) -> int:
        """Number of the block, 1 to 16."""
        return int(self.block.split(" ", 1)[0])


def parse_priors(text: str) -> dict[str, Prior]:
    """Read parameters.csv; refuses a repeated name, disordered bounds, unknown evidence, a missing source."""
    out: dict[str, Prior] = {}
    for line, row in read_rows("parameters", text):
        where = f"parameters.csv:{line}"
        name = row["parameter"]
        if not name or name in out:
            raise FigureError("parameter name", expected="a new, non-empty name", got=repr(name), where=where)
        low, central, high = (number(row, column, where) for column in ("low", "central", "high"))
        if not low <= central <= high:
            raise FigureError(
                "bounds out of order",
                expected="low <= central <= high",
                got=f"{low}, {central}, {high}",
                where=where,
            )
        if row["evidence"] not in EVIDENCE:
            raise FigureError(
                "evidence", expected=" or ".join(EVIDENCE), got=repr(row["evidence"]), where=where
            )
        if not row["source_title"]:
            raise FigureError("no source", expected="a source title", got="an empty cell", where=where)
        out[name] = Prior(
            name=name,
            line=line,
            block=row["block"],
            meaning=row["meaning"],
            unit=checked(row["unit"], where),
            low=low,
            central=central,
            high=high,
            distribution_hint=row["distribution_hint"],
            source=row["source_title"],
            citation=row["source_url_or_citation"],
            year=row["year"],
            evidence=row["evidence"],
            note=row["note"],
        )
    return out


@cache
def priors() -> dict[str, Prior]:
    """Every prior by name, in the order of the table."""
    return parse_priors(table_text("parameters"))


def prior(name: str) -> Prior:
    """One prior; UnknownNameError suggests the nearest name.

    >>> prior("leadtime_grid").central, prior("leadtime_grid").unit
    (60.0, 'month')
    """
    known = priors()
    if name not in known:
        raise UnknownNameError("prior", name, known)
    return known[name]
