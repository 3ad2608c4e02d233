"""A provider's invoice against the ledger: what differs, and corrections as new postings.

An invoice that names requests corrects each of them. One by day (or month) and model is compared with the sum of the
ledger's attempts; a difference is put first on those whose cost was never known (unpriced), then on those that were
estimated, and only then on all of them, each in proportion to what it was charged or had reserved. The corrections of
a group add up to its difference exactly, and applying an invoice again posts nothing.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation

from supercycle.core.errors import InputError
from supercycle.gateway.ledger.attempts import AttemptRow, read_attempts
from supercycle.gateway.ledger.ledger import Ledger
from supercycle.gateway.prices.money import PICO
from supercycle.gateway.prices.pricebook import PriceBook

__all__ = ["Correction", "Group", "InvoiceLine", "apply_corrections", "compare", "read_invoice"]

# What the columns of an invoice may be called.
_NAMES = {
    "day": ("day", "date", "usage_date", "usage_date_utc", "start_date", "month"),
    "model": ("model", "line_item", "model_name", "model_version"),
    "usd": ("usd", "cost_usd", "cost", "amount", "amount_usd"),
    "request_id": ("request_id", "x_requestid"),
}
_CHARGED = ("settled", "estimated", "orphaned")


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """One line: what a model cost on a day or in a month (``period`` 2026-11-21 or 2026-11), or one request."""

    line: int
    period: str
    model: str
    pico: int
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class Correction:
    """What an attempt really cost, and what the ledger has for it now (None: no price)."""

    request_id: str
    n: int
    actual_pico: int
    booked_pico: int | None


@dataclass(frozen=True, slots=True)
class Group:
    """The lines of a period and model beside the ledger: both sums, and the corrections that would close the gap.

    ``note`` says why nothing can be corrected: no attempts to put the difference on.
    """

    period: str
    model: str
    invoiced_pico: int
    booked_pico: int
    attempts: int
    corrections: tuple[Correction, ...]
    note: str = ""

    @property
    def difference_pico(self) -> int:
        """Invoice less ledger."""
        return self.invoiced_pico - self.booked_pico


def read_invoice(text: str, file: str = "invoice.csv") -> tuple[InvoiceLine, ...]:
    r"""An invoice as CSV with a header: day (or month), model, cost in USD, and perhaps request_id.

    Amounts finer than a pico-USD are rounded half even to it. Raises InputError with file and line.

    >>> read_invoice("date,model,cost_usd\n2026-11-21,gpt-5,1.25\n")[0].pico
    1250000000000
    """
    reader = csv.DictReader(io.StringIO(text))
    found = {name.strip().lower(): name for name in reader.fieldnames or ()}
    columns = {
        wanted: next((found[name] for name in names if name in found), None)
        for wanted, names in _NAMES.items()
    }
    lacking = [name for name in ("day", "model", "usd") if columns[name] is None]
    if columns["request_id"] and columns["usd"]:
        lacking = []
    if lacking:
        raise InputError(
            f"invoice without a column for {' and '.join(lacking)}",
            where=f"{file}:1",
            expected="; ".join(f"{name}: {', '.join(_NAMES[name])}" for name in lacking),
            got=", ".join(reader.fieldnames or ()) or "an empty file",
        )
    lines: list[InvoiceLine] = []
    for number, row in enumerate(reader, 2):
        cells = {name: (row.get(column) or "").strip() if column else "" for name, column in columns.items()}
        if not any(cells.values()):
            continue
        where = f"{file}:{number}"
        period = "" if cells["request_id"] and not cells["day"] else _period(cells["day"], where)
        lines.append(
            InvoiceLine(number, period, cells["model"], _pico(cells["usd"], where), cells["request_id"])
        )
    return tuple(lines)


async def compare(
    ledger: Ledger,
    provider: str,
    lines: Sequence[InvoiceLine],
    book: PriceBook | None = None,
    prices: str = "",
) -> tuple[Group, ...]:
    """Each period and model of the invoice beside the ledger's attempts of that provider.

    Names of models are compared as the price book knows them (``prices`` is the provider's name there), so a dated
    name is its model.
    """
    book = book or PriceBook()

    def known(name: str) -> str:
        model = book.find(prices or provider, name)
        return model.name if model is not None else name

    groups: list[Group] = []
    for line in lines:
        if line.request_id:
            groups.append(await _one(ledger, line))
    summed: dict[tuple[str, str], int] = {}
    for line in lines:
        if not line.request_id:
            key = (line.period, known(line.model))
            summed[key] = summed.get(key, 0) + line.pico
    for period in sorted({period for period, _ in summed}):
        since, until = _bounds(period)
        attempts: dict[str, list[AttemptRow]] = {}
        async for attempt in read_attempts(ledger.reads, since, until):
            if attempt.provider == provider and attempt.state in _CHARGED:
                attempts.setdefault(known(attempt.upstream_model), []).append(attempt)
        # What the ledger has and the invoice does not name is shown, but an invoice may cover only some models.
        for model in sorted({m for p, m in summed if p == period} | set(attempts)):
            mine = attempts.get(model, [])
            booked = sum(a.cost_pico or 0 for a in mine)
            invoiced = summed.get((period, model))
            if invoiced is None:
                note = "not on the invoice: left as it is"
                groups.append(Group(period, model, booked, booked, len(mine), (), note))
            else:
                corrections = spread(invoiced - booked, mine)
                note = "" if corrections or invoiced == booked else "no attempts to put the difference on"
                groups.append(Group(period, model, invoiced, booked, len(mine), corrections, note))
    return tuple(groups)


def spread(difference_pico: int, attempts: Sequence[AttemptRow]) -> tuple[Correction, ...]:
    """Corrections that add up to the difference exactly, on the least certain attempts first."""
    if difference_pico == 0 or not attempts:
        return ()
    sets: list[list[AttemptRow]] = [
        [a for a in attempts if a.cost_pico is None],
        [a for a in attempts if a.state != "settled"],
        list(attempts),
    ]
    for chosen in sets:
        if not chosen:
            continue
        room = sum(a.cost_pico or 0 for a in chosen)
        # A cost below nothing is no cost: a larger credit has to be carried by more attempts.
        if difference_pico < 0 and room < -difference_pico and chosen is not sets[-1]:
            continue
        if difference_pico < 0:
            weights = [a.cost_pico or 0 for a in chosen]
        else:
            weights = [a.cost_pico or a.reserve_pico or 0 for a in chosen]
        parts = _shares(difference_pico, weights if any(weights) else [1] * len(chosen))
        return tuple(
            Correction(a.request_id, a.n, (a.cost_pico or 0) + part, a.cost_pico)
            for a, part in zip(chosen, parts, strict=True)
            if part
        )
    return ()


async def apply_corrections(ledger: Ledger, groups: Iterable[Group], source: str) -> int:
    """Post every correction; returns the sum of what was posted, 0 when all of it already was."""
    posted = 0
    for group in groups:
        for correction in group.corrections:
            posted += await ledger.adjust(correction.request_id, correction.n, correction.actual_pico, source)
    return posted


async def _one(ledger: Ledger, line: InvoiceLine) -> Group:
    """A line that names a request: its last charged attempt is corrected, for the invoice knows no attempts."""
    from supercycle.gateway.ledger.attempts import attempts_of

    request: Mapping[str, object] | None = await ledger.reads.request(line.request_id)
    rows = [a for a in attempts_of(request) if a.state in _CHARGED] if request is not None else []
    if not rows:
        note = "the ledger knows no such request" if request is None else "the request has nothing charged"
        return Group(line.request_id, line.model, line.pico, 0, 0, (), note)
    booked = sum(a.cost_pico or 0 for a in rows)
    last = rows[-1]
    actual = (last.cost_pico or 0) + line.pico - booked
    same = line.pico == booked and all(a.cost_pico is not None for a in rows)
    corrections = () if same else (Correction(last.request_id, last.n, actual, last.cost_pico),)
    return Group(line.request_id, last.upstream_model, line.pico, booked, len(rows), corrections)


def _shares(total: int, weights: Sequence[int]) -> list[int]:
    """Whole parts of ``total`` in proportion to ``weights`` that add up to it: largest remainders get the rest.

    >>> _shares(10, [1, 1, 1]), _shares(-10, [1, 1, 1])
    ([4, 3, 3], [-4, -3, -3])
    """
    sign, whole, of = (-1 if total < 0 else 1), abs(total), sum(weights)
    parts = [whole * weight // of for weight in weights]
    order = sorted(range(len(weights)), key=lambda i: (-(whole * weights[i] % of), i))
    for i in order[: whole - sum(parts)]:
        parts[i] += 1
    return [sign * part for part in parts]


def _period(text: str, where: str) -> str:
    """A day or a month, as ISO; a time behind the day is cut off."""
    try:
        if len(text) == 7:
            return f"{date.fromisoformat(f'{text}-01'):%Y-%m}"
        return date.fromisoformat(text[:10]).isoformat()
    except ValueError:
        raise InputError("day", where=where, expected="2026-11-21 or 2026-11", got=repr(text)) from None


def _bounds(period: str) -> tuple[int, int]:
    """Start and end of a day or month in microseconds UTC."""
    first = datetime.fromisoformat(period if len(period) == 10 else f"{period}-01").replace(tzinfo=UTC)
    after = first + timedelta(days=1) if len(period) == 10 else (first + timedelta(days=31)).replace(day=1)
    return int(first.timestamp()) * 1_000_000, int(after.timestamp()) * 1_000_000


def _pico(text: str, where: str) -> int:
    try:
        value = Decimal(text.removeprefix("$").replace(",", "")) * PICO
    except InvalidOperation:
        raise InputError("cost", where=where, expected="USD such as 12.34", got=repr(text)) from None
    if not value.is_finite():
        raise InputError("cost", where=where, expected="a finite amount", got=repr(text))
    return int(value.to_integral_value())
