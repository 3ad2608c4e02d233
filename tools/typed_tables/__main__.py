"""Make a typed table from a raw one: `PYTHONPATH=tools python -m typed_tables RAW.csv NAME > NAME.csv`.

Raw tables carry what the source prints (series, entity, period, value, unit, tier, source, published, note; network
tables from, to, kind, amount). Everything a reader would otherwise guess at load time is decided here, once, and
written into columns that a person can correct: canonical unit and basis, kind, tier and the weakest input's tier,
evidence, known_from, vintage, licence. A row of unknown licence is not shipped; what becomes of every row is counted
on standard error, so that none disappears in silence.
"""

from __future__ import annotations

import csv
import re
import sys
from collections import Counter
from datetime import date
from pathlib import Path

from supercycle.figures.periods import parse_period
from supercycle.figures.row import FIGURE_COLUMNS, figure_of
from typed_tables import hosts, kinds, known_from, licences, spellings, tiers

# The first tables were closed earlier; rows without a day of publication were known by then.
FIRST = frozenset({"companies", "demand", "macro", "buyers", "network", "history"})
CLOSED = {True: date(2026, 11, 20), False: date(2026, 12, 1)}
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][-+]?\d+)?")
_SETTING = re.compile(r"^\w+=\S")
_VINTAGE = re.compile(r"vintage \d+")
_REPOSITORY = re.compile(r"^([\w.-]+/[\w.-]+)@([0-9a-f]{7,40}):([^\s(]*)(.*)$")
_GITHUB = re.compile(r"^github\.com/([\w.-]+/[\w.-]+):([^\s(]*)(.*)$")
_PYPI = re.compile(r"^PyPI ([\w.-]+):(.*)$")


def address(url: str, title: str) -> str:
    """The source as a public address, or the words that it was not kept."""
    if not url.strip():
        return "address not kept"
    for pattern, made in (
        (_REPOSITORY, r"https://github.com/\1/blob/\2/\3\4"),
        (_GITHUB, r"https://github.com/\1/blob/HEAD/\2\3"),
        (_PYPI, r"package \1: \2"),
    ):
        if pattern.match(url):
            return pattern.sub(made, url)
    if url == "packages named in the title":
        package = re.match(r"([\w-]+)[ -]?([\d.]+\d)", title)
        return f"package {package[1]} {package[2]}" if package else url
    return url


def standard(row: dict[str, str]) -> dict[str, str]:
    """A row of a network table in the columns of the others."""
    if "from" not in row:
        return row
    return {
        "series": row["kind"], "entity": f"{row['from']} -> {row['to']}", "period": row["period"],
        "value": row["amount_usd_bn"], "unit": "USD_bn", "tier": row["tier"], "source_title": row["source_title"],
        "source_url": row["source_url"], "published": "", "note": row["note"],
    }  # fmt: skip


def typed(table: str, raw: dict[str, str], where: str) -> dict[str, str]:
    """One raw row with every typed column filled; errors name ``where``."""
    row = {name: cell.strip() for name, cell in standard(raw).items()}
    row["source_url"] = address(row["source_url"], row["source_title"])
    row["published"] = "" if row["published"] == "undated" else row["published"]
    printed = row["tier"]
    unit, basis = spellings.unit_of(table, row["series"], row["unit"], where)
    tier = tiers.tier_of(printed, row["source_title"], row["note"], where)
    tier = tiers.cleaned_tier(tier, row["source_title"], row["source_url"], row["note"])
    if _SETTING.match(row["note"]):  # "isl=8192; osl=1024; engine=vllm 0.11": what was measured, not a remark
        parts = row["note"].split("; ")
        basis = "; ".join([*([basis] if basis else []), *(part for part in parts if _SETTING.match(part))])
        row["note"] = "; ".join(part for part in parts if not _SETTING.match(part))
    vintage = _VINTAGE.search(row["source_title"]) if row["series"] == "plan_to_outturn_ratio" else None
    basis = f"of {vintage[0]}" if vintage else basis
    period = parse_period(row["period"], row["entity"])
    number = _NUMBER.fullmatch(row["value"]) is not None
    first = table in FIRST
    inputs = tiers.inputs_tier_of(
        tier, row["source_title"], row["source_url"], row["note"], unsaid="B" if first else "D"
    )
    known = known_from.known_from(
        row["series"],
        row["entity"],
        period,
        inputs or tier,
        row["published"],
        row["note"],
        CLOSED[first],
        where,
    )
    return {
        **row,
        "unit": unit,
        "unit_printed": "" if row["unit"] == unit else row["unit"],
        "basis": basis,
        "kind": kinds.kind_of(table, row["series"], unit, number=number, dated=period.dated),
        "tier": tier,
        "inputs_tier": inputs,
        "evidence": tiers.evidence_of(tier, inputs, row["note"]),
        "known_from": known.isoformat(),
        "vintage": known_from.vintage_of(row["source_title"], row["note"]),
        "licence": licences.licence_of(row["source_title"], row["source_url"]),
    }


def canonical_units(source: str, table: str) -> None:
    """Tables with readers of their own (claims, parameters): the same table with canonical units."""
    with Path(source).open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        names = list(reader.fieldnames or [])
        if table == "claims":
            names.insert(names.index("unit") + 1, "unit_printed")
        out = csv.DictWriter(sys.stdout, names, lineterminator="\n")
        out.writeheader()
        for line, row in enumerate(reader, start=2):
            name = row["id"] if "id" in row else row["parameter"]
            unit, _ = spellings.unit_of(table, name, row["unit"], f"{source}:{line}")
            printed = (
                {"unit_printed": "" if row["unit"] == unit else row["unit"]} if table == "claims" else {}
            )
            out.writerow({**row, "unit": unit, **printed})


def main(source: str, table: str) -> None:
    """Write the typed table to standard output and what became of the rows to standard error."""
    if table in ("claims", "parameters"):
        canonical_units(source, table)
        return
    with Path(source).open(encoding="utf-8", newline="") as file:
        raw = list(csv.DictReader(file))
    if table == "model_hosts":
        writer = csv.DictWriter(sys.stdout, hosts.HOST_COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(hosts.host_row(row, CLOSED[False]) for row in raw)
        print(f"{table}: {len(raw)} rows read and shipped", file=sys.stderr)
        return
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(FIGURE_COLUMNS)
    fate: Counter[str] = Counter()
    seen: set[tuple[str, ...]] = set()
    for line, cells in enumerate(raw, start=2):
        row = typed(table, cells, f"{source}:{line}")
        content = tuple(row[name].replace("\n", " ") for name in FIGURE_COLUMNS)
        if row["licence"] not in licences.SHIPPED:
            fate[f"not shipped, licence unknown: {row['source_title']}"] += 1
        elif content in seen:
            fate["exact duplicate"] += 1
        else:
            figure_of(table, line, content)
            seen.add(content)
            out.writerow(content)
            fate["shipped"] += 1
    print(
        f"{table}: {len(raw)} rows read",
        *(f"{n} {what}" for what, n in fate.most_common()),
        sep="; ",
        file=sys.stderr,
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
