"""``supercycle figures``: the sourced numbers, each with its citation."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from supercycle.cli.render import print_json

__all__ = ["cite", "coverage", "list_series", "show", "verify"]

Json = Annotated[bool, Parameter(negative=(), help="Print one JSON object.")]


def list_series(
    *,
    table: Annotated[str | None, Parameter(help="Only this table.")] = None,
    match: Annotated[str | None, Parameter(help="Only names that contain this text.")] = None,
    json: Json = False,
) -> int:
    """List every series with its span and the quality of its sources."""
    from supercycle.figures import query

    found = query.list_series(table, match)
    if json:
        print_json(found)
    else:
        from supercycle.cli.render import records

        records(found["series"], f"{found['count']} series")
    return 0


def show(
    series: Annotated[str, Parameter(help="The series.")],
    /,
    *,
    entity: Annotated[str | None, Parameter(help="Only this company or place.")] = None,
    json: Json = False,
) -> int:
    """Show a series quarter by quarter, with the reading that was chosen and its rivals."""
    from supercycle.figures import query

    found = query.show(series, entity)
    if json:
        print_json(found)
    else:
        from supercycle.cli.render import series_table

        series_table(found)
    return 0


def cite(id: Annotated[str, Parameter(help="A figure, claim or prior.")], /, *, json: Json = False) -> int:
    """Cite one figure: source, tier, dates and the readings that disagree with it."""
    from supercycle.figures import query

    found = query.cite(id)
    if json:
        print_json(found)
    else:
        from supercycle.cli.render import facts

        facts(found)
    return 0


def verify(*, json: Json = False) -> int:
    """Read every table again and check it against its rules and its checksum."""
    from supercycle.core.errors import FigureError
    from supercycle.figures import query

    found = query.verify()
    if json:
        print_json(found)
    else:
        from supercycle.cli.render import verify_table

        verify_table(found)
    return 0 if found["ok"] else FigureError.exit_code


def coverage(*, json: Json = False) -> int:
    """Say how far each series reaches, how good its sources are and which quarters are missing."""
    from supercycle.figures import query

    found = query.coverage()
    if json:
        print_json(found)
    else:
        from supercycle.cli.render import records

        records(found["coverage"], f"{found['rows']} rows in {found['series']} series")
    return 0
