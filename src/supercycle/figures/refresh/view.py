"""What is known with the refreshed readings: the package's tables and the store together, as of a day or a generation.

A run of the model and a back-test read the package's tables only; whoever wants the refreshed readings asks for a view.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from supercycle.core.errors import FigureError, InputError, UnknownNameError
from supercycle.figures.fiscal import fiscal_quarters, remaining_quarter
from supercycle.figures.known_from import published_by
from supercycle.figures.load import Figure, figures
from supercycle.figures.refresh.reading import OK, Reading, as_figure
from supercycle.figures.refresh.store import Store
from supercycle.figures.refresh.vocabularies import is_flow
from supercycle.figures.series import quarter_of
from supercycle.figures.tiers import rank

__all__ = ["Quarter", "View", "view_named"]


@dataclass(frozen=True, slots=True)
class Quarter:
    """The chosen value of a calendar quarter and the rows it rests on."""

    value: float
    unit: str
    known_from: date
    rows: tuple[Figure, ...]

    @property
    def refreshed(self) -> bool:
        """Whether it rests on a refreshed reading."""
        return any(row.table == "refreshed" for row in self.rows)


@dataclass(frozen=True)
class View:
    """Rows known by a day: the package's, and the usable ones of the store up to a generation."""

    name: str
    stored: Sequence[Reading] = ()
    as_of: date | None = None
    package: bool = True

    @cached_property
    def rows(self) -> tuple[Figure, ...]:
        """Every row that may be used; none published after ``as_of``, none that a guard refused."""
        refreshed = (
            as_figure(row, line) for line, row in enumerate(self.stored, start=1) if row.status == OK
        )
        both: Iterable[Figure] = (*figures(), *refreshed) if self.package else refreshed
        return tuple(row for row in both if self.as_of is None or row.known_from <= self.as_of)

    @cached_property
    def _index(self) -> dict[tuple[str, str], list[Figure]]:
        out: dict[tuple[str, str], list[Figure]] = {}
        for row in self.rows:
            out.setdefault((row.series, row.entity), []).append(row)
        return out

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Every series and entity that has a row."""
        return sorted(self._index)

    def readings(self, series: str, entity: str) -> list[Figure]:
        """Every row of a series and entity, best first; UnknownNameError for a name without rows."""
        if (series, entity) not in self._index:
            names = sorted({name for name, _ in self._index})
            if series not in names:
                raise UnknownNameError("series", series, names)
            raise UnknownNameError(f"entity of {series}", entity, [e for s, e in self._index if s == series])
        return sorted(self._index[series, entity], key=preference)

    def quarters(self, series: str, entity: str) -> dict[str, Quarter]:
        """Calendar quarters, oldest first; a flow's one missing quarter of a fiscal year is the year less three."""
        rows = self._index.get((series, entity), [])
        best: dict[str, Figure] = {}
        for row in sorted(rows, key=preference, reverse=True):  # the best comes last and stays
            name = quarter_of(row)
            if name is not None:
                best[name] = row
        out = {
            name: Quarter(row.value, row.unit, row.known_from, (row,))
            for name, row in best.items()
            if row.value is not None
        }
        for year in sorted((r for r in rows if r.period.kind == "fiscal_year"), key=preference):
            if is_flow(series) and year.value is not None and year.period.end is not None:
                names = fiscal_quarters(entity, year.period.end.year)
                missing = [name for name in names if name not in best]
                parts = [best[name] for name in names if name in best]
                if len(missing) == 1 and all((r.unit, r.basis) == (year.unit, year.basis) for r in parts):
                    first, second, third = (r.value or 0.0 for r in parts)
                    value = remaining_quarter(year.value, (first, second, third))
                    known = max(r.known_from for r in (year, *parts))
                    out.setdefault(missing[0], Quarter(value, year.unit, known, (year, *parts)))
        return dict(sorted(out.items()))


def preference(row: Figure) -> tuple[bool, int, int, str]:
    """The choosing rule of ``series.ranking``, for dates past the day the tables were closed as well."""
    if row.table == "refreshed":
        appeared = row.known_from.toordinal()
    else:
        appeared = published_by(row.published, row.where).toordinal() if row.published else 0
    return row.value is None, rank(row.standing), -appeared, row.id


def view_named(text: str, store: Store) -> View:
    """A view by name: ``package``, ``latest``, ``before`` (the latest refresh), a refresh's number, or a day.

    A day gives what was known then, whenever it was fetched. Errors: InputError for any other word,
    UnknownNameError for a refresh that never was.
    """
    stored = store.readings()
    numbers = [made.number for made in store.generations()]
    if text == "package":
        return View("package")
    if text == "latest":
        return View("latest", stored)
    if text == "before":
        if not numbers:
            raise FigureError(
                "nothing was refreshed yet", expected="a refresh", hint="Try: supercycle figures refresh sec"
            )
        return View("before", [row for row in stored if row.generation < numbers[-1]])
    if text.isdigit():
        if int(text) not in numbers:
            raise UnknownNameError("refresh", text, [str(number) for number in numbers])
        return View(text, [row for row in stored if row.generation <= int(text)])
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise InputError(
            "no such state of the figures", expected="package, latest, before, a refresh's number or a day",
            got=repr(text),
        ) from None  # fmt: skip
    return View(text, stored, as_of=day)
