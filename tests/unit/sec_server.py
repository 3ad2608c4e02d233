"""A local server that answers as the SEC and FRED do, with small files in their format, and that can misbehave.

``Filing`` writes facts as company facts have them: year-to-date cash flows in 10-Q, the year in 10-K, last year's
amounts beside this year's, one entry a filing.
"""

from __future__ import annotations

import gzip
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Json = dict[str, Any]


def month_end(year: int, month: int) -> date:
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def fiscal_quarters(end_month: int, first: int, last: int) -> list[tuple[int, int, date, date]]:
    """(fiscal year, quarter, first day, last day) of the fiscal years first..last."""
    out = []
    for year in range(first, last + 1):
        for k in range(4):
            index = year * 12 + (end_month - 1) - 9 + 3 * k
            end = month_end(index // 12, index % 12 + 1)
            begin_index = index - 2
            start = date(begin_index // 12, begin_index % 12 + 1, 1)
            out.append((year, k + 1, start, end))
    return out


def flow_facts(
    cik: int, end_month: int, amounts: Mapping[tuple[int, int], float], *, with_quarters: bool = False
) -> list[Json]:
    """Facts of a flow: every 10-Q prints the year to date and last year's, every 10-K the year."""
    years = sorted({year for year, _ in amounts})
    spans = {
        (year, k): (start, end) for year, k, start, end in fiscal_quarters(end_month, years[0], years[-1])
    }
    out: list[Json] = []
    for (year, k), (_start, end) in spans.items():
        if (year, k) not in amounts:
            continue
        form = "10-K" if k == 4 else "10-Q"
        filed = end + timedelta(days=35 if k == 4 else 27)
        accession = f"{cik:010d}-{filed:%y}-{filed:%m%d}{k:02d}"
        for of in (year - 1, year):
            if any((of, j) not in amounts for j in range(1, k + 1)):
                continue
            begin = spans[of, 1][0]
            total = sum(amounts[of, j] for j in range(1, k + 1))
            common = {
                "accn": accession,
                "fy": year,
                "fp": "FY" if k == 4 else f"Q{k}",
                "form": form,
                "filed": filed.isoformat(),
            }
            out.append(
                {
                    "start": begin.isoformat(),
                    "end": spans[of, k][1].isoformat(),
                    "val": round(total),
                    **common,
                }
            )
            if with_quarters and k in (2, 3):
                out.append(
                    {
                        "start": spans[of, k][0].isoformat(),
                        "end": spans[of, k][1].isoformat(),
                        "val": round(amounts[of, k]),
                        **common,
                    }
                )
    return out


def stock_facts(cik: int, end_month: int, amounts: Mapping[tuple[int, int], float]) -> list[Json]:
    """Facts of a balance: one entry a filing, at its quarter's end."""
    years = sorted({year for year, _ in amounts})
    out: list[Json] = []
    for year, k, _, end in fiscal_quarters(end_month, years[0], years[-1]):
        if (year, k) in amounts:
            filed = end + timedelta(days=27)
            out.append(
                {
                    "end": end.isoformat(),
                    "val": round(amounts[year, k]),
                    "accn": f"{cik:010d}-{filed:%y}-{filed:%m%d}{k:02d}",
                    "fy": year,
                    "fp": "FY" if k == 4 else f"Q{k}",
                    "form": "10-K" if k == 4 else "10-Q",
                    "filed": filed.isoformat(),
                }
            )
    return out


def company(cik: int, name: str, concepts: Mapping[str, Sequence[Json]], unit: str = "USD") -> Json:
    """A company-facts document."""
    gaap = {
        concept: {"label": concept, "description": "", "units": {unit: list(facts)}}
        for concept, facts in concepts.items()
    }
    return {"cik": cik, "entityName": name, "facts": {"dei": {}, "us-gaap": gaap}}


def submissions(cik: int, name: str, fiscal_year_end: str) -> Json:
    """A submissions document, as far as it is read."""
    return {
        "cik": f"{cik:010d}",
        "name": name,
        "fiscalYearEnd": fiscal_year_end,
        "tickers": [],
        "exchanges": [],
        "filings": {
            "recent": {"accessionNumber": [], "filingDate": [], "reportDate": [], "form": []},
            "files": [],
        },
    }


@dataclass
class Behaviour:
    """What the next answers to a path are: a status, a body cut short, a pause, or a broken connection."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int | None = None  # bytes of the body that are sent
    claim_whole: bool = True  # say the length of the whole body while sending a part
    pause_s: float = 0.0
    drip_s: float = 0.0
    drop: bool = False


@dataclass
class Server:
    """Documents by path, misbehaviour by path (used up one by one), and what was asked."""

    url: str
    documents: dict[str, Any] = field(default_factory=dict)
    misbehaves: dict[str, list[Behaviour]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    packed: bool = True

    def add(self, document: Json, about: Json) -> None:
        cik = int(document["cik"])
        self.documents[f"/api/xbrl/companyfacts/CIK{cik:010d}.json"] = document
        self.documents[f"/submissions/CIK{cik:010d}.json"] = about

    def counts(self) -> Counter[str]:
        return Counter(path for path, _ in self.asked)


@contextmanager
def serving() -> Iterator[Server]:
    """A server on this machine until the block ends."""
    state = Server("")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            state.asked.append((self.path, dict(self.headers)))
            waiting = state.misbehaves.get(path) or []
            how = waiting.pop(0) if waiting else Behaviour()
            time.sleep(how.pause_s)
            if how.drop:
                self.connection.close()
                self.close_connection = True
                return
            found = state.documents.get(path)
            status = 404 if found is None and how.status == 200 else how.status
            body = found if isinstance(found, bytes) else json.dumps(found).encode()
            tag = f'"{abs(hash(body))}"'
            if status == 200 and self.headers.get("If-None-Match") == tag:
                status, body = 304, b""
            if status != 200:
                body = b""
            packed = status == 200 and state.packed and how.cut is None
            body = gzip.compress(body) if packed else body
            sent = body if how.cut is None else body[: how.cut]
            self.send_response(status)
            for name, value in how.headers.items():
                self.send_header(name, value)
            if packed:
                self.send_header("Content-Encoding", "gzip")
            self.send_header("ETag", tag)
            self.send_header("Content-Length", str(len(body if how.claim_whole else sent)))
            self.end_headers()
            try:
                if how.drip_s:
                    for start in range(0, len(sent), 64):
                        self.wfile.write(sent[start : start + 64])
                        self.wfile.flush()
                        time.sleep(how.drip_s)
                else:
                    self.wfile.write(sent)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True
            if len(sent) != len(body) and how.claim_whole:
                self.close_connection = True

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    state.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
