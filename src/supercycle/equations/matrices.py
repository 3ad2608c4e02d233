"""The two matrices of stock-flow consistent modelling, read from a ledger and one quarter of a run.

``balance_sheet``: who holds what against whom; every row sums to zero, since each claim is somebody's debt (deposits: to
the opening imbalance, which is not hidden in any column); a column's sum is the sector's net financial worth. ``transactions_flow``: who paid whom in the quarter; every row and
every column sums to zero, deposits being the last row. Revaluations (write-offs, accruals without cash, changes of price) move no cash
and stand apart. ``structure`` is the same with signs in place of numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from supercycle.core.errors import UnknownNameError
from supercycle.equations.graph import Plan
from supercycle.equations.ledger import NO_CASH, Entry, Ledger, Sector

__all__ = ["Table", "balance_sheet", "structure", "transactions_flow"]

Values = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Table:
    """A labelled table; ``cells[row][column]``. ``unit`` is that of every cell."""

    title: str
    unit: str
    columns: tuple[str, ...]
    rows: tuple[str, ...]
    cells: tuple[tuple[float, ...], ...]

    def row_sums(self) -> tuple[float, ...]:
        """The sum over sectors of each row: zero where every claim has two sides."""
        return tuple(sum(row) for row in self.cells)

    def column_sums(self) -> tuple[float, ...]:
        """The sum of each sector's column."""
        return tuple(sum(row[i] for row in self.cells) for i in range(len(self.columns)))

    def cell(self, row: str, column: str) -> float:
        """One cell by its labels; rows of the same label are added up."""
        for kind, name, known in (("row", row, self.rows), ("column", column, self.columns)):
            if name not in known:
                raise UnknownNameError(kind, name, known)
        place = self.columns.index(column)
        return sum(cells[place] for label, cells in zip(self.rows, self.cells, strict=True) if label == row)

    def markdown(self, show: Callable[[float], str] = lambda x: f"{x:,.1f}" if x else "") -> str:
        """The table with its sums, for a page."""
        lines = [f"| {self.title} ({self.unit}) | {' | '.join(self.columns)} | sum |",
                 "|---|" + "---:|" * (len(self.columns) + 1)]
        for label, cells, total in zip(self.rows, self.cells, self.row_sums(), strict=True):
            lines.append(f"| {label} | {' | '.join(map(show, cells))} | {show(total)} |")
        return "\n".join(lines) + "\n"


def balance_sheet(plan: Plan, ledger: Ledger, values: Values) -> Table:
    """Deposits and claims at the end of a quarter; assets positive, liabilities negative.

    values: slot key (``name`` or ``name:Member``) -> value, of one path and quarter. Rows sum to zero, and
    that of deposits to ``books_opening_imbalance_usd_bn``.
    """
    sectors = list(ledger.sectors.values())
    rows = {"Deposits": [_amount(plan, ledger.deposits_name(s.name), values) for s in sectors]}
    for claim in ledger.claims.values():
        size = _amount(plan, claim.name, values)
        _add(rows, claim.instrument, sectors, (claim.holder, size), (claim.issuer, -size))
    return _table("Balance sheet", ledger.unit, sectors, rows)


def transactions_flow(plan: Plan, ledger: Ledger, values: Values, before: Values) -> tuple[Table, Table]:
    """The quarter's payments (sources positive, uses negative) and, apart, its revaluations.

    values, before: as in ``balance_sheet``, at the end of the quarter and of the one before. In the first table every
    row sums to zero and, by its last row (the change in deposits), every column too. In the second, claims that rose
    or fell without cash, rows sum to zero.
    """
    sectors = list(ledger.sectors.values())
    rows: dict[str, list[float]] = {}
    apart: dict[str, list[float]] = {}
    for e in ledger.entries:
        size = _amount(plan, e.flow, values)
        if e.kind in NO_CASH:
            holder, issuer = _sides(ledger, e)
            rise = -size if e.kind == "write_off" else size
            _add(apart, e.label, sectors, (holder, rise), (issuer, -rise))
        else:
            _add(rows, e.label, sectors, (e.payer, -size), (e.payee, size))
    names = [ledger.deposits_name(s.name) for s in sectors]
    change = [-(_amount(plan, n, values) - _amount(plan, n, before)) for n in names]
    rows["Change in deposits"] = [x + 0.0 for x in change]  # a rise of deposits is a use of funds
    return (_table("Transactions", f"{ledger.unit}/q", sectors, rows),
            _table("Revaluations", f"{ledger.unit}/q", sectors, apart))


def structure(ledger: Ledger) -> dict[str, tuple[tuple[str, ...], dict[str, tuple[str, ...]]]]:
    """Both matrices with signs only: title -> (sectors, {row label: sign per sector}).

    A sector that both pays and receives on a line shows ``+/-``.
    """
    sectors = list(ledger.sectors.values())
    sheet: dict[str, list[str]] = {"Deposits": ["-" if s.name == ledger.residual_sector else "+" for s in sectors]}
    flows: dict[str, list[str]] = {}
    apart: dict[str, list[str]] = {}
    for claim in ledger.claims.values():
        _sign(sheet, claim.instrument, sectors, claim.holder, claim.issuer)
    for e in ledger.entries:
        if e.kind in NO_CASH:
            holder, issuer = _sides(ledger, e)
            up, down = (issuer, holder) if e.kind == "write_off" else (holder, issuer)
            _sign(apart, e.label, sectors, up, down)
        else:
            _sign(flows, e.label, sectors, e.payee, e.payer)
    columns = tuple(s.label for s in sectors)
    tables = {"Balance sheet": sheet, "Transactions": flows, "Revaluations": apart}
    return {title: (columns, {k: tuple(v) for k, v in rows.items()}) for title, rows in tables.items()}


def _sides(ledger: Ledger, e: Entry) -> tuple[str, str]:
    claim = ledger.claims[e.claim]
    return claim.holder, claim.issuer


def _amount(plan: Plan, name: str, values: Values) -> float:
    """A variable's value, summed over its members."""
    total = 0.0
    for key in plan.keys(name):
        if key not in values:
            raise UnknownNameError("recorded value", key, values)
        total += float(values[key])
    return total


def _add(rows: dict[str, list[float]], label: str, sectors: list[Sector], *amounts: tuple[str, float]) -> None:
    row = rows.setdefault(label, [0.0] * len(sectors))
    for i, s in enumerate(sectors):
        row[i] += sum(amount for name, amount in amounts if name == s.name)  # within one sector nothing moves


def _sign(rows: dict[str, list[str]], label: str, sectors: list[Sector], plus: str, minus: str) -> None:
    row = rows.setdefault(label, [""] * len(sectors))
    for i, s in enumerate(sectors):
        for name, sign in ((plus, "+"), (minus, "-")):
            if s.name == name:
                row[i] = sign if row[i] in ("", sign) else "+/-"


def _table(title: str, unit: str, sectors: list[Sector], rows: dict[str, list[float]]) -> Table:
    return Table(title, unit, tuple(s.label for s in sectors), tuple(rows), tuple(tuple(r) for r in rows.values()))
