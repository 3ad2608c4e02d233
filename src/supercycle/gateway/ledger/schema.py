"""The tables, written once for both databases, and the steps from one version of them to the next.

`BIGINT` becomes INTEGER in SQLite. ``SUM_PICO name`` is a sum of money, which outgrows 64 bits: NUMERIC in PostgreSQL,
two integers in SQLite (``name_hi`` x 10^9 + ``name_lo``). Rows of the append-only tables carry the block of the hash
chain they were committed in, and triggers refuse to change or delete them.
"""

from __future__ import annotations

import re
from typing import Literal

__all__ = ["APPEND_ONLY", "MIGRATIONS", "SPLIT", "Dialect", "statements"]

Dialect = Literal["sqlite", "postgres"]

SPLIT = 10**9  # what divides a sum of money into two integers

# What can never be changed, with the columns that the hash chain covers (block excluded: it names the link).
APPEND_ONLY = ("request", "attempt", "outcome", "usage", "posting", "price", "block", "hold", "fact")

_FIRST = """
CREATE TABLE run (
    run_id BIGINT PRIMARY KEY,
    started_us BIGINT NOT NULL,
    process TEXT NOT NULL,
    heads TEXT NOT NULL
);
CREATE TABLE block (
    block BIGINT PRIMARY KEY,
    run_id BIGINT NOT NULL REFERENCES run,
    seq BIGINT NOT NULL,
    at_us BIGINT NOT NULL,
    prev TEXT NOT NULL,
    hash TEXT NOT NULL,
    UNIQUE (run_id, seq)
);
CREATE TABLE virtual_key (
    key_id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    hmac TEXT NOT NULL UNIQUE,
    hint TEXT NOT NULL,
    project TEXT,
    org TEXT,
    scopes TEXT NOT NULL,
    models TEXT NOT NULL,
    rpm BIGINT,
    tpm BIGINT,
    concurrency BIGINT,
    created_us BIGINT NOT NULL,
    revoked_us BIGINT
);
CREATE TABLE upstream_secret (
    provider TEXT PRIMARY KEY,
    sealed TEXT NOT NULL,
    updated_us BIGINT NOT NULL
);
CREATE TABLE request (
    request_id TEXT PRIMARY KEY,
    received_us BIGINT NOT NULL,
    key_id TEXT NOT NULL,
    project TEXT,
    org TEXT,
    route TEXT NOT NULL,
    model TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    idempotency_key TEXT,
    tags TEXT NOT NULL,
    decision TEXT NOT NULL,
    block BIGINT NOT NULL REFERENCES block
) WITHOUT_ROWID;
CREATE UNIQUE INDEX request_once ON request (key_id, idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE TABLE attempt (
    request_id TEXT NOT NULL REFERENCES request,
    n BIGINT NOT NULL CHECK (n >= 1),
    begun_us BIGINT NOT NULL,
    provider TEXT NOT NULL,
    upstream_model TEXT NOT NULL,
    reserve_pico BIGINT CHECK (reserve_pico >= 0),
    price_ids TEXT NOT NULL,
    run_id BIGINT NOT NULL REFERENCES run,
    block BIGINT NOT NULL REFERENCES block,
    PRIMARY KEY (request_id, n)
) WITHOUT_ROWID;
CREATE INDEX attempt_begun ON attempt (begun_us);
CREATE TABLE open_attempt (
    request_id TEXT NOT NULL,
    n BIGINT NOT NULL,
    run_id BIGINT NOT NULL,
    sent_us BIGINT,
    PRIMARY KEY (request_id, n),
    FOREIGN KEY (request_id, n) REFERENCES attempt
) WITHOUT_ROWID;
CREATE TABLE outcome (
    request_id TEXT NOT NULL,
    n BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('settled', 'estimated', 'void', 'orphaned')),
    final BIGINT NOT NULL CHECK (final IN (0, 1)),
    at_us BIGINT NOT NULL,
    cost_pico BIGINT,
    tier TEXT,
    note TEXT,
    http_status BIGINT,
    ttft_ms DOUBLE PRECISION,
    duration_ms DOUBLE PRECISION,
    block BIGINT NOT NULL REFERENCES block,
    PRIMARY KEY (request_id, n),
    FOREIGN KEY (request_id, n) REFERENCES attempt,
    CHECK (cost_pico IS NOT NULL OR note IS NOT NULL)
) WITHOUT_ROWID;
CREATE TABLE usage (
    request_id TEXT NOT NULL,
    n BIGINT NOT NULL,
    kind TEXT NOT NULL,
    count BIGINT NOT NULL CHECK (count >= 0),
    rate_pico BIGINT,
    price_id TEXT,
    pico BIGINT,
    block BIGINT NOT NULL REFERENCES block,
    PRIMARY KEY (request_id, n, kind),
    FOREIGN KEY (request_id, n) REFERENCES attempt,
    CHECK ((rate_pico IS NULL) = (pico IS NULL)),
    CHECK (pico = count * rate_pico)
) WITHOUT_ROWID;
CREATE TABLE posting (
    request_id TEXT NOT NULL,
    n BIGINT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('reserve', 'release', 'charge', 'adjust')),
    seq BIGINT NOT NULL DEFAULT 0,
    pico BIGINT NOT NULL,
    at_us BIGINT NOT NULL,
    source TEXT NOT NULL,
    block BIGINT NOT NULL REFERENCES block,
    PRIMARY KEY (request_id, n, kind, seq),
    FOREIGN KEY (request_id, n) REFERENCES attempt,
    CHECK (seq = 0 OR kind = 'adjust'),
    CHECK (kind = 'adjust' OR (kind = 'release' AND pico <= 0) OR (kind IN ('reserve', 'charge') AND pico >= 0))
) WITHOUT_ROWID;
CREATE TABLE price (
    price_id TEXT PRIMARY KEY,
    provider TEXT NOT NULL,
    model TEXT NOT NULL,
    tier TEXT NOT NULL,
    region TEXT NOT NULL,
    starts TEXT,
    ends TEXT,
    minutes TEXT,
    rates TEXT NOT NULL,
    status TEXT NOT NULL,
    seen TEXT,
    source TEXT NOT NULL,
    agrees TEXT NOT NULL
);
CREATE TABLE budget (
    account TEXT NOT NULL,
    period TEXT NOT NULL CHECK (period IN ('day', 'month', 'total')),
    SUM_PICO limit_pico,
    shares TEXT NOT NULL,
    burn DOUBLE PRECISION,
    created_us BIGINT NOT NULL,
    PRIMARY KEY (account, period)
);
CREATE TABLE balance (
    account TEXT NOT NULL,
    period TEXT NOT NULL,
    start_us BIGINT NOT NULL,
    SUM_PICO spent,
    SUM_PICO reserved,
    PRIMARY KEY (account, period, start_us)
) WITHOUT_ROWID;
CREATE TABLE alert (
    account TEXT NOT NULL,
    period TEXT NOT NULL,
    start_us BIGINT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('share', 'burn')),
    mark_milli BIGINT NOT NULL,
    at_us BIGINT NOT NULL,
    SUM_PICO spent,
    SUM_PICO limit_pico,
    PRIMARY KEY (account, period, start_us, kind, mark_milli)
);
CREATE TABLE rollup (
    hour_us BIGINT NOT NULL,
    model TEXT NOT NULL,
    key_id TEXT NOT NULL,
    provider TEXT NOT NULL,
    requests BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    estimated BIGINT NOT NULL,
    orphaned BIGINT NOT NULL,
    void BIGINT NOT NULL,
    unpriced BIGINT NOT NULL,
    input BIGINT NOT NULL,
    cached BIGINT NOT NULL,
    cache_write BIGINT NOT NULL,
    output BIGINT NOT NULL,
    reasoning BIGINT NOT NULL,
    ttft_n BIGINT NOT NULL,
    ttft_ms DOUBLE PRECISION NOT NULL,
    duration_ms DOUBLE PRECISION NOT NULL,
    SUM_PICO spent,
    PRIMARY KEY (hour_us, model, key_id, provider)
) WITHOUT_ROWID;
CREATE TABLE rollup_day (
    day_us BIGINT NOT NULL,
    model TEXT NOT NULL,
    key_id TEXT NOT NULL,
    provider TEXT NOT NULL,
    requests BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    estimated BIGINT NOT NULL,
    orphaned BIGINT NOT NULL,
    void BIGINT NOT NULL,
    unpriced BIGINT NOT NULL,
    input BIGINT NOT NULL,
    cached BIGINT NOT NULL,
    cache_write BIGINT NOT NULL,
    output BIGINT NOT NULL,
    reasoning BIGINT NOT NULL,
    ttft_n BIGINT NOT NULL,
    ttft_ms DOUBLE PRECISION NOT NULL,
    duration_ms DOUBLE PRECISION NOT NULL,
    SUM_PICO spent,
    PRIMARY KEY (day_us, model, key_id, provider)
) WITHOUT_ROWID;
CREATE TABLE rollup_tag (
    hour_us BIGINT NOT NULL,
    tag TEXT NOT NULL,
    requests BIGINT NOT NULL,
    SUM_PICO spent,
    PRIMARY KEY (hour_us, tag)
) WITHOUT_ROWID;
CREATE VIEW attempt_account AS
    SELECT a.request_id, a.n, a.begun_us, 'key:' || r.key_id AS account
        FROM attempt a JOIN request r ON r.request_id = a.request_id
    UNION ALL SELECT a.request_id, a.n, a.begun_us, r.project
        FROM attempt a JOIN request r ON r.request_id = a.request_id WHERE r.project IS NOT NULL
    UNION ALL SELECT a.request_id, a.n, a.begun_us, r.org
        FROM attempt a JOIN request r ON r.request_id = a.request_id WHERE r.org IS NOT NULL
    UNION ALL SELECT request_id, n, begun_us, 'provider:' || provider FROM attempt;
CREATE VIEW attempt_state AS
    SELECT a.request_id, a.n,
        COALESCE(o.state, CASE WHEN w.sent_us IS NULL THEN 'open' ELSE 'sent' END) AS state
    FROM attempt a
    LEFT JOIN outcome o ON o.request_id = a.request_id AND o.n = a.n
    LEFT JOIN open_attempt w ON w.request_id = a.request_id AND w.n = a.n;
"""

# 0.2.0: what a crash leaves unknown is held on the account; how far an answer had come; what a provider said of a call
# beside its usage (its id, the model that answered, its own price); budgets that an overrun closed; keys that expire.
_SECOND = """
CREATE TABLE hold (
    request_id TEXT NOT NULL,
    n BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    pico BIGINT NOT NULL,
    at_us BIGINT NOT NULL,
    source TEXT NOT NULL,
    block BIGINT NOT NULL REFERENCES block,
    PRIMARY KEY (request_id, n, seq),
    FOREIGN KEY (request_id, n) REFERENCES attempt,
    CHECK ((seq = 0 AND pico > 0) OR (seq = 1 AND pico < 0))
) WITHOUT_ROWID;
CREATE TABLE fact (
    request_id TEXT NOT NULL,
    n BIGINT NOT NULL,
    name TEXT NOT NULL,
    text TEXT NOT NULL,
    pico BIGINT,
    block BIGINT NOT NULL REFERENCES block,
    PRIMARY KEY (request_id, n, name),
    FOREIGN KEY (request_id, n) REFERENCES attempt
) WITHOUT_ROWID;
CREATE TABLE setting (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL,
    updated_us BIGINT NOT NULL
);
CREATE TABLE rollup_market (
    hour_us BIGINT NOT NULL,
    key_id TEXT NOT NULL,
    reason TEXT NOT NULL,
    calls BIGINT NOT NULL,
    SUM_PICO excess,
    PRIMARY KEY (hour_us, key_id, reason)
) WITHOUT_ROWID;
ALTER TABLE open_attempt ADD COLUMN progress_pico BIGINT;
ALTER TABLE budget ADD COLUMN closed_us BIGINT;
ALTER TABLE budget ADD COLUMN closed_why TEXT;
ALTER TABLE virtual_key ADD COLUMN expires_us BIGINT;
ALTER TABLE virtual_key ADD COLUMN previous_hmac TEXT;
ALTER TABLE virtual_key ADD COLUMN previous_until_us BIGINT;
CREATE INDEX key_previous ON virtual_key (previous_hmac);
ALTER TABLE virtual_key ADD COLUMN policy TEXT NOT NULL DEFAULT '{}';
"""

# Step k takes version k - 1 to version k. A step that was released is never edited: the next change is a new step.
MIGRATIONS: tuple[str, ...] = (_FIRST, _SECOND)

_LOCK = {
    "sqlite": """
CREATE TRIGGER {table}_never_{verb} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END
""",
    "postgres": """
CREATE TRIGGER {table}_never_{verb} BEFORE {verb} ON {table} FOR EACH STATEMENT EXECUTE FUNCTION append_only()
""",
}
_REFUSE = """
CREATE OR REPLACE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$
"""
_TABLE = re.compile(r"CREATE TABLE (\w+)")


def statements(version: int, dialect: Dialect) -> list[str]:
    r"""The statements of one step in a database's own words, with the triggers of the append-only tables it makes.

    >>> statements(1, "sqlite")[0].startswith("CREATE TABLE run (\n    run_id INTEGER PRIMARY KEY")
    True
    """
    text = MIGRATIONS[version - 1]
    made = [table for table in _TABLE.findall(text) if table in APPEND_ONLY]
    if dialect == "sqlite":
        text = re.sub(r"SUM_PICO (\w+)", r"\1_hi BIGINT NOT NULL,\n    \1_lo BIGINT NOT NULL", text)
        text = text.replace("BIGINT", "INTEGER").replace("DOUBLE PRECISION", "REAL")
        text = text.replace(") WITHOUT_ROWID;", ") STRICT, WITHOUT ROWID;").replace("\n);", "\n) STRICT;")
        verbs = ("UPDATE", "DELETE")
    else:
        text = re.sub(r"SUM_PICO (\w+)", r"\1 NUMERIC(48, 0) NOT NULL", text).replace(" WITHOUT_ROWID;", ";")
        verbs = ("UPDATE", "DELETE", "TRUNCATE")
    found = [part.strip() for part in text.split(";") if part.strip()]
    if dialect == "postgres" and made:
        found.append(_REFUSE.strip())
    if dialect == "postgres" and "block" in made:
        found.append("CREATE SEQUENCE block_number")  # SQLite, with one writer, takes the next number itself
    return found + [_LOCK[dialect].format(table=t, verb=v).strip() for t in made for v in verbs]
