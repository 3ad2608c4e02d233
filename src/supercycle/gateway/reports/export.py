"""The ledger as a table for the finance department: columns named as in the FOCUS specification, one row per charge.

Money is exact: USD with up to twelve decimals in CSV, decimals in Parquet. A call that has no price has an empty cost,
not a 0; an invoice's correction is a row of its own.
"""

from __future__ import annotations

import csv
import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, TextIO

from supercycle.core.errors import EnvironmentProblem, InputError
from supercycle.core.optional import polars_for
from supercycle.gateway.ledger.attempts import AttemptRow, read_attempts
from supercycle.gateway.ledger.reads import Reads
from supercycle.gateway.prices.money import usd

__all__ = ["COLUMNS", "charge_rows", "export_ledger"]

_TEXT = (
    "BillingCurrency",
    "BillingPeriodStart",
    "ChargePeriodStart",
    "ChargePeriodEnd",
    "ChargeCategory",
    "ChargeClass",
    "ChargeDescription",
    "ProviderName",
    "ServiceCategory",
    "ServiceName",
    "SkuId",
    "SkuPriceId",
    "PricingUnit",
    "SubAccountId",
    "Tags",
    "x_RequestId",
    "x_State",
    "x_Tier",
    "x_Model",
    "x_Route",
    "x_Project",
    "x_Organisation",
    "x_Note",
)
_MONEY = ("ListUnitPrice", "ListCost", "ContractedCost", "EffectiveCost", "BilledCost")
_WHOLE = ("PricingQuantity", "x_Attempt")
COLUMNS = (*_TEXT[:13], "PricingQuantity", *_MONEY, *_TEXT[13:16], "x_Attempt", *_TEXT[16:])
_CALLS = {
    "web_search": "searches",
    "request": "requests",
    "picture": "pictures",
    "character": "characters",
    "audio_second": "seconds",
}
_CHUNK = 50_000

Row = dict[str, Any]


def charge_rows(attempt: AttemptRow) -> list[Row]:
    """The rows of one attempt: a line per charged kind, else one for the whole; and one per correction.

    Reasoning is inside output and has no row. Their BilledCost adds up to what the ledger has for the attempt.
    """
    begun = datetime.fromtimestamp(attempt.begun_us / 1e6, UTC)
    end = datetime.fromtimestamp((attempt.begun_us + (attempt.duration_ms or 0) * 1000) / 1e6, UTC)
    common: Row = {
        "BillingCurrency": "USD",
        "BillingPeriodStart": f"{begun:%Y-%m-01T00:00:00Z}",
        "ChargePeriodStart": f"{begun:%Y-%m-%dT%H:%M:%S.%fZ}",
        "ChargePeriodEnd": f"{end:%Y-%m-%dT%H:%M:%S.%fZ}",
        "ChargeCategory": "Usage",
        "ChargeClass": "",
        "ProviderName": attempt.provider,
        "ServiceCategory": "AI and Machine Learning",
        "ServiceName": attempt.upstream_model,
        "SubAccountId": attempt.key_id,
        "Tags": json.dumps(dict(attempt.tags), sort_keys=True),
        "x_RequestId": attempt.request_id,
        "x_Attempt": attempt.n,
        "x_State": attempt.state,
        "x_Tier": attempt.tier,
        "x_Model": attempt.model,
        "x_Route": attempt.route,
        "x_Project": attempt.project or "",
        "x_Organisation": attempt.org or "",
        "x_Note": attempt.note,
    }
    rows: list[Row] = []
    charged = None if attempt.cost_pico is None else attempt.cost_pico - attempt.adjusted_pico
    lines = attempt.charged
    if lines:
        for line in lines:
            cost = usd(line.pico)
            row: Row = {
                **common,
                "ChargeDescription": f"{line.kind} of {attempt.upstream_model}",
                "SkuId": f"{attempt.provider}/{attempt.upstream_model}/{line.kind}",
                "SkuPriceId": line.price_id,
                "PricingUnit": _CALLS.get(line.kind.partition(" ")[0], "tokens"),
                "PricingQuantity": line.count,
                "ListUnitPrice": usd(line.rate_pico),
            }
            rows.append(row | dict.fromkeys(_MONEY[1:], cost))
    else:
        cost = None if charged is None else usd(charged)
        rows.append(
            {**common, "ChargeDescription": f"call of {attempt.upstream_model}"}
            | dict.fromkeys(_MONEY[1:], cost)
        )
    if attempt.adjusted_pico:
        cost = usd(attempt.adjusted_pico)
        more = {
            "ChargeCategory": "Adjustment",
            "ChargeClass": "Correction",
            "ChargeDescription": "by invoice",
        }
        rows.append({**common, **more} | dict.fromkeys(_MONEY[1:], cost))
    return rows


async def export_ledger(
    reads: Reads,
    out: Path | TextIO,
    since_us: int,
    until_us: int,
    progress: Callable[[int], None] | None = None,
) -> int:
    """Write a period to a .csv or .parquet file (under a temporary name until whole) or as CSV to an open stream.

    Returns the number of rows. Raises InputError for another suffix, EnvironmentProblem when it cannot be written.
    """
    rows = _rows(reads, since_us, until_us, progress)
    if not isinstance(out, Path):
        return await _csv(rows, out)
    if out.suffix not in (".csv", ".parquet"):
        raise InputError("file to export to", expected=".csv or .parquet", got=out.name)
    part = out.with_name(f".{out.name}.part")
    try:
        if out.suffix == ".parquet":
            count = await _parquet(rows, part)
        else:
            with part.open("w", newline="", encoding="utf-8") as stream:
                count = await _csv(rows, stream)
        part.replace(out)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise EnvironmentProblem("cannot write the export", where=out, got=error.strerror) from None
    return count


async def _rows(
    reads: Reads, since_us: int, until_us: int, progress: Callable[[int], None] | None
) -> AsyncIterator[Row]:
    seen = 0
    async for attempt in read_attempts(reads, since_us, until_us):
        seen += 1
        if progress is not None and seen % 1000 == 0:
            progress(seen)
        for row in charge_rows(attempt):
            yield row


async def _csv(rows: AsyncIterator[Row], stream: TextIO) -> int:
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    count = 0
    async for row in rows:
        cells = (row.get(name) for name in COLUMNS)
        # A decimal's own text may be 1E-7; a table wants 0.0000001.
        writer.writerow(
            "" if c is None else f"{c.normalize():f}" if isinstance(c, Decimal) else c for c in cells
        )
        count += 1
    return count


async def _parquet(rows: AsyncIterator[Row], file: Path) -> int:
    polars = polars_for("Parquet")
    schema: dict[str, Any] = {
        name: polars.Decimal(38, 12) if name in _MONEY else polars.Int64 if name in _WHOLE else polars.String
        for name in COLUMNS
    }
    frames = [polars.DataFrame(schema=schema)]
    chunk: list[Row] = []
    async for row in rows:
        chunk.append(row)
        if len(chunk) == _CHUNK:
            frames.append(polars.DataFrame(chunk, schema=schema))
            chunk = []
    if chunk:
        frames.append(polars.DataFrame(chunk, schema=schema))
    frame = polars.concat(frames)
    frame.write_parquet(file)
    return frame.height
