"""Compile the gateway's catalogue of hosts from a table of hosts, and its ratings from the table of figures.

    python tools/compile_catalogue.py hosts.csv

The table has the columns canonical_model, serving_variant, host, host_model_id, input, output, cached_read,
cache_write, context_tokens, max_output_tokens, source_title, source_url, published, note. Ratings are matched to
canonical names by their words; a rating that matches no model is left out and printed.
"""

from __future__ import annotations

import csv
import re
import sys
from pathlib import Path

from supercycle.figures.prices import model_prices

FOLDER = Path(__file__).resolve().parents[1] / "src" / "supercycle" / "gateway" / "prices" / "catalogue_data"
KEPT = (
    "canonical_model", "serving_variant", "host", "host_model_id", "input", "output", "cached_read", "cache_write",
    "context_tokens", "max_output_tokens", "source", "published", "doubtful",
)  # fmt: skip


def main(table: Path) -> None:
    """Write hosts.csv, sources.csv and ratings.csv."""
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    sources: dict[tuple[str, str], str] = {}
    for row in rows:
        key = (row["source_title"], row["source_url"])
        row["source"] = sources.setdefault(key, str(len(sources) + 1))
        row["doubtful"] = "1" if "outlier" in row["note"] else ""
    rows.sort(
        key=lambda row: (row["canonical_model"], row["serving_variant"], row["host"], row["host_model_id"])
    )
    _write("hosts.csv", KEPT, rows)
    _write(
        "sources.csv",
        ("id", "title", "url"),
        [{"id": n, "title": t, "url": u} for (t, u), n in sources.items()],
    )
    names = {row["canonical_model"] for row in rows}
    ratings: dict[str, dict[str, str]] = {}
    for price in model_prices():
        if price.arena_rating is None or price.arena_snapshot is None:
            continue
        name = _match(price.model, names)
        if name is None:
            print(f"no canonical model for {price.provider} {price.model}")
            continue
        source = f"Arena text rating of {price.arena_name}, CC BY, by the table of figures"
        ratings[name] = {
            "model": name, "scale": "arena", "rating": f"{price.arena_rating:g}",
            "dated": price.arena_snapshot.isoformat(), "source": source,
        }  # fmt: skip
    _write(
        "ratings.csv",
        ("model", "scale", "rating", "dated", "source"),
        [ratings[name] for name in sorted(ratings)],
    )
    print(f"{len(rows)} rows, {len(names)} models, {len(ratings)} ratings")


def _match(printed: str, names: set[str]) -> str | None:
    plain = re.sub(r"\s*\(.*\)", "", printed).lower().replace(" ", "-")
    for stem in (plain, plain.replace(".", "-")):
        for name in (stem, f"{stem}-instruct", f"{stem}-it"):
            if name in names:
                return name
    return None


def _write(name: str, columns: tuple[str, ...], rows: list[dict[str, str]]) -> None:
    with (FOLDER / name).open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, columns, extrasaction="ignore", lineterminator="\n")
        out.writeheader()
        out.writerows(rows)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
