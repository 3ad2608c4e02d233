"""An entry made from a row of claims.csv: the row says what was claimed, the caller how it is tested."""

from __future__ import annotations

from supercycle.claims.entry import Entry, Formula, Input, Reading
from supercycle.figures.claims import claim

__all__ = ["of_row"]


def of_row(
    id: str,
    basis: str,
    why: str,
    *,
    digit: float,
    formula: Formula | None = None,
    inputs: tuple[Input, ...] = (),
    reading: str = "",
    readings: tuple[Reading, ...] = (),
) -> Entry:
    """The entry of a row; statement, author, date, document, value, unit and how it was printed are the row's."""
    row = claim(id)
    return Entry(
        id=id,
        topic=row.topic,
        statement=row.statement,
        who=row.attributed_to,
        when=row.period.printed,
        document=row.document,
        published=row.value,
        unit=row.unit_printed,
        digit=digit,
        basis=basis,
        why=why,
        inputs=inputs,
        formula=formula,
        relation=row.relation,
        reading=reading,
        readings=readings,
        printed=row.printed,
        span=None if row.low is None or row.high is None else (row.low, row.high),
    )
