"""How much of what came the bands of a run held at past openings: the number to read beside "nine tenths of the paths".

The bands are the world's own, as any run prints them; outcomes, openings and horizons are the back-test's. The record
is kept in a table so that a run need not repeat the back-test; it names the model it was made with.

    python -m supercycle.skill.past_bands [backtest.json]    makes the record again, from a back-test's output if given
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from supercycle.core.errors import InputError

__all__ = ["KINDS_OF", "bands_of", "past_bands", "recorded_bands", "shown_model", "told_of"]

RECORD = Path(__file__).parent / "tables" / "past_bands.csv"
ALL = "all"
COLUMNS: tuple[str, ...] = ("series", "horizon", "points", "inside_50", "inside_90", "starts", "model")
# Which outputs of a run are what a series measures.
KINDS_OF: Mapping[str, tuple[str, str]] = {
    "five_firm_capex_usd_bn": ("capex", "capex of single firms"),
    "firm_bonds_usd_bn_all": ("debt", "long-term notes of single firms"),
    "ai_revenue_run_rate": ("labs", "the labs' run rates"),
    "fleet_it_gw": ("chips", "chips shipped"),
    "chip_spend_usd_bn": ("nvidia", "NVIDIA's data-centre revenue"),
}


def past_bands(
    *, paths: int = 4000, seed: int = 1, starts: Sequence[str] | None = None
) -> list[dict[str, Any]]:
    """Shares of outcomes inside the world's 50 and 90 % bands, by kind of series and horizon, "all" of each included.

    ``starts`` are the back-test's unless given. Deterministic in its arguments.
    """
    from supercycle.skill.backtest import backtest
    from supercycle.skill.origins import OPENED

    chosen = OPENED if starts is None else starts
    return bands_of(backtest(paths=paths, seed=seed, starts=chosen))


def bands_of(result: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The same shares from a back-test already made."""
    from supercycle.skill.backtest import HORIZONS
    from supercycle.skill.series import kind_of

    points = result["points"]
    kinds = (ALL, *dict.fromkeys(kind_of(point["series"]) for point in points))
    rows: list[dict[str, Any]] = []
    for kind in kinds:
        for horizon in (ALL, *HORIZONS):
            mine = [
                point
                for point in points
                if kind in (ALL, kind_of(point["series"])) and horizon in (ALL, point["horizon"])
            ]
            if mine:
                rows.append(
                    {
                        "series": kind,
                        "horizon": str(horizon),
                        "points": len(mine),
                        "inside_50": sum(0.25 <= point["pit_model"] <= 0.75 for point in mine) / len(mine),
                        "inside_90": sum(point["inside_90_model"] for point in mine) / len(mine),
                        "starts": len({point["start"] for point in mine}),
                        "model": str(result["model_hash"])[:12],
                    }
                )
    return rows


@cache
def recorded_bands() -> dict[tuple[str, str], dict[str, Any]]:
    """``past_bands`` as recorded, by kind of series and horizon. Errors: InputError when the record is damaged."""
    with RECORD.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        if tuple(reader.fieldnames or ()) != COLUMNS:
            raise InputError(
                "not a record of past bands",
                expected=", ".join(COLUMNS),
                got=str(reader.fieldnames),
                where=RECORD,
            )
        rows = [dict(row) for row in reader]
    whole, shares = ("points", "starts"), ("inside_50", "inside_90")
    return {
        (row["series"], row["horizon"]): {
            **row, **{key: int(row[key]) for key in whole}, **{key: float(row[key]) for key in shares}
        }
        for row in rows
    }  # fmt: skip


def told_of(model: str, output: str = "") -> str:
    """What the 90 % bands held in the past, as a sentence: of all that is scored, or of what an output is scored by.

    ``model`` is the hash of the model whose bands are shown, without its fitted priors. Another model than the
    record's is told, and so is a model of one's own, which has no past here. Empty for an output that is not scored.
    """
    rows = recorded_bands()
    kind, name = KINDS_OF.get(output, ("", "")) if output else (ALL, "outcomes")
    if (kind, ALL) not in rows:
        return ""
    row = rows[kind, ALL]
    if row["model"] != model[:12]:
        return (
            "No back-test of this model is on record, so nobody knows what share of outcomes its bands hold "
            f"(record: model {row['model']}; supercycle backtest makes one)."
        )
    ends = [rows[kind, h] for h in ("1", "8") if (kind, h) in rows]
    spans = " and ".join(
        f"{100 * end['inside_90']:.0f} % at {end['horizon']} {'quarter' if end['horizon'] == '1' else 'quarters'}"
        for end in ends
    )
    what = f"of {row['points']} outcomes" if kind == ALL else f"of {row['points']} outcomes of {name}"
    return (
        f"At {row['starts']} past openings the 90 % bands of this model held {100 * row['inside_90']:.0f} % {what}"
        f" ({spans}): read 90 % as that."
    )


def shown_model(result: Any) -> str:
    """The hash of the model that made a result, fitted priors aside; of one kept from another model, what it says."""
    made, subject = str(result.manifest["model_hash"]), result.run.subject
    return str(subject.bare_hash) if made == subject.model_hash else made


def main() -> int:
    """Write the record."""
    given = sys.argv[1:]
    rows = bands_of(json.loads(Path(given[0]).read_text("utf-8"))) if given else past_bands()
    with RECORD.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        for row in rows:
            writer.writerow(row | {key: f"{row[key]:.4f}" for key in ("inside_50", "inside_90")})
    print(told_of(rows[0]["model"]))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
